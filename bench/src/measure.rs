//! One sitting: every number that the report has.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use bytes::Bytes;
use polyground::runtime::Runtime;
use tokio::time::sleep;

use crate::{
    Effort, Options, Peer, docker,
    http::Client,
    load::{self, Overload},
    long::{self, Long},
    machine::{idle_cells, resident_bytes, wait_for_cells},
    program::{HELLO, LANGUAGES, Program, Stage, definitions},
    server::{self, Listed, Ready, Server},
    snippets::Scale,
    stats::{Times, millis},
    tool,
};

/// Columns of the tables of times.
pub(crate) const PACED: &str = "service";
pub(crate) const BACK_TO_BACK: &str = "service, without pause";
pub(crate) const COLD: &str = "service, --warm off";
pub(crate) const TWO: &str = "service, each of 2 clients";
/// The least pause before a request, in native starts: so long the processes of the next run may start and practise.
pub(crate) const STARTS_TO_REFILL: f64 = 8.0;
/// No process takes longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
pub(crate) const NATIVE: &str = "native";
pub(crate) const PLAIN: &str = "native, plain";
pub(crate) const EXEC: &str = "docker exec";
pub(crate) const RUN: &str = "docker run";

/// Languages whose throughput is measured.
const LOADED: [&str; 2] = ["bash", "python"];

/// How often more is asked for than can be done.
const OVERLOAD: f64 = 4.0;

/// How long an idle server is left alone before its memory is looked at.
const SETTLE: Duration = Duration::from_secs(2);

pub(crate) struct Sitting<'a> {
    pub(crate) options: &'a Options,
    pub(crate) effort: Effort,
    pub(crate) repository: PathBuf,
    pub(crate) scratch: &'a Path,
    pub(crate) native_loop: PathBuf,
}

/// All that was measured.
#[derive(Default)]
pub(crate) struct Results {
    pub(crate) facts: Vec<(String, String)>,
    pub(crate) notes: Vec<String>,
    pub(crate) programs: Vec<ProgramResult>,
    pub(crate) loads: Vec<LoadResult>,
    pub(crate) overloads: Vec<(&'static str, Overload, f64)>,
    pub(crate) single_use: Option<(Times, f64)>,
    pub(crate) ready: Option<(f64, f64)>,
    /// Resident bytes of the idle server.
    pub(crate) server_bytes: f64,
    /// Bytes of one idle cell of each runtime: as it is, and without a warm process where that was measured.
    pub(crate) cells: BTreeMap<String, (f64, Option<f64>)>,
    pub(crate) long: Option<Long>,
    pub(crate) scales: Vec<Scale>,
}

pub(crate) struct ProgramResult {
    pub(crate) column: &'static str,
    pub(crate) title: &'static str,
    /// By column, in the order of measurement. `None`: a peer that did not give the right answer.
    pub(crate) times: Vec<(String, Option<Times>)>,
}

pub(crate) struct LoadResult {
    pub(crate) column: &'static str,
    pub(crate) clients: usize,
    pub(crate) service: f64,
    pub(crate) native: f64,
}

/// One language, ready to be measured.
struct Subject {
    image: String,
    listed: Listed,
    definition: Runtime,
    container: docker::Container,
}

impl Sitting<'_> {
    pub(crate) async fn measure(&self, results: &mut Results) -> anyhow::Result<()> {
        let binary = &self.options.server;
        let data = self.scratch.join("data");
        self.say("first start: images and samples are proven");
        let first = Server::start(binary, &data, &[])?;
        first.ready().await?;
        drop(first);
        let server = Server::start(binary, &data, &[])?;
        let ready = server.ready().await?;
        results.ready = Some((ready.first_ms, ready.all_ms));
        wait_for_cells(&server, &ready).await?;
        sleep(SETTLE).await;
        results.server_bytes = resident_bytes(server.pid())?;
        let warm_cells = idle_cells(server.pid())?;

        let cold = if server::knows(binary, "--warm")? {
            let cold = Server::start(binary, &data, &["--warm", "off"])?;
            wait_for_cells(&cold, &cold.ready().await?).await?;
            sleep(SETTLE).await;
            Some(cold)
        } else {
            results
                .notes
                .push("This server has no `--warm off`: nothing is told of cold starts in it.".into());
            None
        };
        let cold_cells = cold.as_ref().map(|cold| idle_cells(cold.pid())).transpose()?;
        for (runtime, bytes) in warm_cells {
            let cold = cold_cells.as_ref().and_then(|cells| cells.get(&runtime).copied());
            results.cells.insert(runtime, (bytes, cold));
        }

        let mut subjects = BTreeMap::new();
        for index in self.languages() {
            match self.subject(index, &ready, server.pid())? {
                Some(subject) => drop(subjects.insert(index, subject)),
                None => {
                    results.notes.push(format!("{} is not ready here and was left out.", LANGUAGES[index].0))
                }
            }
        }
        let addresses: Vec<_> = [Some((PACED, &server)), cold.as_ref().map(|cold| (COLD, cold))]
            .into_iter()
            .flatten()
            .map(|(column, server)| (column, server.address))
            .collect();
        for (index, subject) in &subjects {
            for program in [Program::hello(*index), Program::real(&self.repository, *index)?] {
                let result = self.program(program, subject, &addresses, &mut results.notes).await?;
                results.programs.push(result);
            }
        }
        drop(cold);
        for (index, subject) in &subjects {
            if LOADED.contains(&LANGUAGES[*index].0) {
                self.loads(*index, subject, server.address, results).await?;
            }
        }
        if self.options.long {
            results.long = Some(self.long(&subjects, &server).await?);
        }
        drop(server);
        if self.options.quick {
            results.notes.push(
                "Single-use cells are only measured in full: every sample is proven in them first.".into(),
            );
        } else if let Some(subject) = subjects.get(&0) {
            results.single_use = self.single_use(subject, &data).await?;
        }
        Ok(())
    }

    fn languages(&self) -> impl Iterator<Item = usize> {
        let only = &self.options.only;
        (0..LANGUAGES.len())
            .filter(move |index| only.is_empty() || only.iter().any(|name| name == LANGUAGES[*index].0))
    }

    /// The highest version of a language that is ready, its image, and a container of that.
    fn subject(&self, index: usize, ready: &Ready, server: u32) -> anyhow::Result<Option<Subject>> {
        let (column, language, _, _) = LANGUAGES[index];
        // The service lists the highest version first.
        let Some(listed) = ready.runtimes.iter().find(|runtime| runtime.language == language) else {
            return Ok(None);
        };
        let image = docker::images(server)?.remove(&listed.id);
        let Some(image) = image else { bail!("{column}: no cell of {} is there", listed.id) };
        let mut definitions = definitions(self.repository.join("runtimes"))?;
        let definition = definitions.remove(&listed.id).with_context(|| listed.id.clone())?;
        let container = docker::Container::start(&image)?;
        Ok(Some(Subject { image, listed: listed.clone(), definition, container }))
    }

    async fn program(
        &self,
        mut program: Program,
        subject: &Subject,
        servers: &[(&'static str, SocketAddr)],
        notes: &mut Vec<String>,
    ) -> anyhow::Result<ProgramResult> {
        self.say(&format!("{} {}", program.column, program.title));
        let stages = program.stages(&subject.definition);
        subject.container.load(&program, &self.native_loop)?;
        if program.expected.is_empty() {
            // What the same commands write in the same image is what the service must give.
            (program.expected, _) = subject.container.exec(&stages)?;
            subject.container.load(&program, &self.native_loop)?;
        }
        let body = program.request(subject.listed.version.as_deref().unwrap_or_default());
        let count = self.effort.samples + self.effort.warm_ups;
        let mut native = subject.container.native(&stages, count)?;
        let native = some(native.split_off(self.effort.warm_ups))?;
        let refill = Duration::from_secs_f64(native.median() / 1000.0 * STARTS_TO_REFILL);
        let pause = self.effort.pause.max(refill.min(LONGEST_PAUSE));
        let mut times = Vec::new();
        for (column, address) in servers {
            let Effort { samples, cold_samples, .. } = self.effort;
            if *column == PACED {
                let paced = self.service(*address, &program, &body, samples, pause).await?;
                times.push((PACED.to_owned(), Some(paced)));
                if program.title == HELLO {
                    let one = || self.service(*address, &program, &body, samples, pause);
                    let (first, second) = tokio::try_join!(one(), one())?;
                    times.push((TWO.to_owned(), Some(first.with(second))));
                } else {
                    times.push((TWO.to_owned(), None));
                }
                let hurried = self.service(*address, &program, &body, samples, Duration::ZERO).await?;
                times.push((BACK_TO_BACK.to_owned(), Some(hurried)));
            } else {
                let cold = self.service(*address, &program, &body, cold_samples, Duration::ZERO).await?;
                times.push(((*column).to_owned(), Some(cold)));
            }
        }
        times.push((NATIVE.to_owned(), Some(native)));
        let plain = match program.plain_stages(&subject.definition) {
            Some(stages) => Some(some(subject.container.native(&stages, self.effort.cold_samples)?)?),
            None => None,
        };
        times.push((PLAIN.to_owned(), plain));
        let exec = || subject.container.exec(&stages);
        times.push((EXEC.to_owned(), Some(self.commands(&program, exec)?)));
        let run = || docker::run(&subject.image, &program, &stages);
        times.push((RUN.to_owned(), Some(self.commands(&program, run)?)));
        for peer in &self.options.peer {
            let measured = self.commands(&program, self.peer(peer, &program)?);
            // A peer that is wrong is told of; it does not make wrong what was measured here.
            if let Err(error) = &measured {
                let shown: String = format!("{error:#}").chars().take(200).collect();
                notes.push(format!(
                    "{} has no time for {} {}: {shown}",
                    peer.name, program.column, program.title
                ));
            }
            times.push((peer.name.clone(), measured.ok()));
        }
        Ok(ProgramResult { column: program.column, title: program.title, times })
    }

    async fn service(
        &self,
        address: SocketAddr,
        program: &Program,
        body: &Bytes,
        samples: usize,
        pause: Duration,
    ) -> anyhow::Result<Times> {
        let mut client = Client::connect(address, None).await?;
        let mut times = Vec::new();
        for index in 0..self.effort.warm_ups + samples {
            sleep(pause).await;
            let answer = client.post(body.clone()).await?;
            answer.check(program)?;
            if index >= self.effort.warm_ups {
                times.push(millis(answer.took));
            }
        }
        some(times)
    }

    fn commands(
        &self,
        program: &Program,
        mut once: impl FnMut() -> anyhow::Result<(String, Duration)>,
    ) -> anyhow::Result<Times> {
        let mut times = Vec::new();
        for index in 0..=self.effort.slow_samples {
            let (said, took) = once()?;
            if said != program.expected {
                bail!("{} {}: a wrong answer: {said:?}", program.column, program.title);
            }
            if index > 0 {
                times.push(millis(took));
            }
        }
        some(times)
    }

    /// Runs a program by another engine's command.
    fn peer<'a>(
        &self,
        peer: &'a Peer,
        program: &Program,
    ) -> anyhow::Result<impl FnMut() -> anyhow::Result<(String, Duration)> + 'a> {
        let folder = self.scratch.join("peer").join(program.language).join(program.title);
        fs::create_dir_all(&folder)?;
        for (name, content) in &program.files {
            fs::write(folder.join(name), content)?;
        }
        let stdin = folder.with_extension("stdin");
        fs::write(&stdin, &program.stdin)?;
        let main = program.files.first().map(|(name, _)| name.clone()).unwrap_or_default();
        let column = program.column;
        Ok(move || {
            let mut command = Command::new("sh");
            command
                .args(["-c", &peer.command])
                .current_dir(&folder)
                .env("LANGUAGE", column)
                .env("FOLDER", &folder)
                .env("MAIN", &main)
                .env("STDIN", &stdin)
                .stdin(fs::File::open(&stdin)?)
                .stderr(Stdio::inherit());
            let begun = Instant::now();
            let output = command.output()?;
            let took = begun.elapsed();
            if !output.status.success() {
                bail!("{}: {}", peer.name, output.status);
            }
            Ok((String::from_utf8(output.stdout)?, took))
        })
    }

    async fn loads(
        &self,
        index: usize,
        subject: &Subject,
        address: SocketAddr,
        results: &mut Results,
    ) -> anyhow::Result<()> {
        let program = Program::hello(index);
        let stages: Vec<Stage> = program.stages(&subject.definition);
        subject.container.load(&program, &self.native_loop)?;
        let body = program.request(subject.listed.version.as_deref().unwrap_or_default());
        let script = self.repository.join("bench/wrk.lua");
        let mut peak = 0.0_f64;
        for &clients in self.effort.clients {
            self.say(&format!("{} by {clients} clients", program.column));
            let service = if tool::is_there() {
                let tool = tool::Tool { script: &script, scratch: self.scratch };
                tool.closed(address, &program, &body, clients, self.effort.load)?
            } else {
                load::closed(address, &program, &body, clients, self.effort.load).await?
            };
            let native = subject.container.native_load(&stages, clients, self.effort.load)?;
            peak = peak.max(service);
            results.loads.push(LoadResult { column: program.column, clients, service, native });
        }
        self.say(&format!("{} overloaded", program.column));
        let overload = load::open(address, &program, &body, peak * OVERLOAD, self.effort.load).await?;
        results.overloads.push((program.column, overload, peak));
        Ok(())
    }

    async fn long(&self, subjects: &BTreeMap<usize, Subject>, server: &Server) -> anyhow::Result<Long> {
        let programs: Vec<_> = subjects
            .iter()
            .map(|(index, subject)| {
                let program = Program::hello(*index);
                let body = program.request(subject.listed.version.as_deref().unwrap_or_default());
                (program, body)
            })
            .collect();
        let (program, body) = programs.first().context("no language is measured")?;
        self.say("many runs");
        let many = long::many(server, program, body).await?;
        self.say("twice as many runtimes");
        let ids: Vec<_> = subjects.values().map(|subject| subject.listed.id.clone()).collect();
        let definitions = self.repository.join("runtimes");
        let binary = &self.options.server;
        let runtimes = long::runtimes(binary, self.scratch, &definitions, &ids, (program, body)).await?;
        self.say("all languages at once");
        let mixed = long::mixed(server.address, programs.clone()).await?;
        Ok(Long { many, mixed, runtimes })
    }

    /// Hello world in cells that serve a single run, with pauses in which the pool can fill up.
    async fn single_use(&self, subject: &Subject, data: &Path) -> anyhow::Result<Option<(Times, f64)>> {
        self.say("single-use cells");
        let single_use = self.spaced(subject, data, &["--isolation", "single-use"]).await?;
        let nested = self.spaced(subject, data, &["--isolation", "nested"]).await?;
        Ok(Some((single_use, nested.median())))
    }

    /// Hello world on a server of its own, each with the same long pause before it.
    async fn spaced(&self, subject: &Subject, data: &Path, flags: &[&str]) -> anyhow::Result<Times> {
        let server = Server::start(&self.options.server, data, flags)?;
        server.ready().await?;
        sleep(SETTLE).await;
        let program = Program::hello(0);
        let body = program.request(subject.listed.version.as_deref().unwrap_or_default());
        let pause = self.effort.pause.max(Duration::from_secs(2));
        let samples = self.effort.slow_samples.max(3);
        self.service(server.address, &program, &body, samples, pause).await
    }

    fn say(&self, step: &str) {
        eprintln!("bench: {step}");
    }
}

fn some(times: Vec<f64>) -> anyhow::Result<Times> {
    Times::of(times).context("nothing was measured")
}
