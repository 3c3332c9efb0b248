//! What only shows after a while: many runs, many runtimes, all languages at once.

use std::{
    collections::BTreeMap,
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use bytes::Bytes;
use tokio::{
    task::{LocalSet, spawn_local},
    time::sleep,
};

use crate::{
    docker,
    http::{Client, Told},
    machine::{resident_bytes, wait_for_cells},
    program::Program,
    server::Server,
    stats::Times,
};

/// Clients that ask as fast as they are answered.
const CLIENTS: u32 = 4;

/// Runs after which the server is looked at: its memory, then the time of one run, then its memory again.
const RUNS: [u32; 3] = [1_000, 10_000, 100_000];

/// How many samples tell the time of one run, and the pause before each.
const SAMPLES: (usize, Duration) = (100, Duration::from_millis(20));

/// How long warm processes may take to start before anything is measured.
const WARM: Duration = Duration::from_secs(15);

/// What the names of copied runtimes begin with.
const TWIN: &str = "twin-";

/// How long all languages are asked for at once, and by how many clients each.
const MIXED: (Duration, u8) = (Duration::from_secs(300), 2);

/// All that was seen.
pub(crate) struct Long {
    pub(crate) many: Vec<After>,
    pub(crate) mixed: Vec<Mixed>,
    pub(crate) runtimes: [(usize, Times); 2],
}

/// What became of one language among all.
pub(crate) struct Mixed {
    pub(crate) column: &'static str,
    pub(crate) took: Times,
    pub(crate) queue: Times,
    /// What the client waited beyond the time that the server told.
    pub(crate) untold: Times,
}

/// After how many runs, the server's memory then (bytes), and the times of one run.
pub(crate) struct After {
    pub(crate) runs: u32,
    pub(crate) bytes: f64,
    pub(crate) times: Times,
}

/// The time of one run beside few idle runtimes and beside twice as many: the first of these programs.
pub(crate) async fn runtimes(
    binary: &Path,
    scratch: &Path,
    definitions: &Path,
    ids: &[String],
    (program, body): (&Program, &Bytes),
) -> anyhow::Result<[(usize, Times); 2]> {
    let (few, twice) = (scratch.join("few"), scratch.join("twice"));
    gather(definitions, ids, &few)?;
    gather(definitions, ids, &twice)?;
    add_twins(definitions, ids, &twice)?;
    let data = scratch.join("data-of-many");
    let mut seen = Vec::new();
    for folder in [few, twice] {
        let folder = folder.to_string_lossy().into_owned();
        // Proven by the first, so that the second does nothing but serve.
        Server::start(binary, &data, &["--runtimes", &folder])?.ready().await?;
        let server = Server::start(binary, &data, &["--runtimes", &folder])?;
        let ready = server.ready().await?;
        wait_for_cells(&server, &ready).await?;
        sleep(WARM).await;
        seen.push((ready.runtimes.len(), times(server.address, program, body).await?));
    }
    docker::remove_images(&format!("polyground/{TWIN}*"))?;
    seen.try_into().map_err(|_| anyhow::anyhow!("two are measured"))
}

/// Runs one program very often. Looks at the server now and then.
pub(crate) async fn many(server: &Server, program: &Program, body: &Bytes) -> anyhow::Result<Vec<After>> {
    let (mut seen, mut done) = (Vec::new(), 0);
    for runs in RUNS {
        let each = (runs - done) / CLIENTS;
        let local = LocalSet::new();
        local
            .run_until(async {
                let tasks: Vec<_> = (0..CLIENTS)
                    .map(|_| {
                        let (program, body, address) = (program.clone(), body.clone(), server.address);
                        spawn_local(async move {
                            let mut client = Client::connect(address, None).await?;
                            for _ in 0..each {
                                client.post(body.clone()).await?.check(&program)?;
                            }
                            Ok::<_, anyhow::Error>(())
                        })
                    })
                    .collect();
                for task in tasks {
                    task.await??;
                }
                Ok::<_, anyhow::Error>(())
            })
            .await?;
        done = runs;
        let times = times(server.address, program, body).await?;
        seen.push(After { runs, bytes: resident_bytes(server.pid())?, times });
    }
    Ok(seen)
}

/// The time of one run, asked by one client.
pub(crate) async fn times(address: SocketAddr, program: &Program, body: &Bytes) -> anyhow::Result<Times> {
    let mut client = Client::connect(address, None).await?;
    let (samples, pause) = SAMPLES;
    let mut times = Vec::with_capacity(samples);
    for _ in 0..samples {
        sleep(pause).await;
        times.push(client.post(body.clone()).await?.check(program)?.took_ms);
    }
    Times::of(times).context("nothing was measured")
}

/// All languages at once for minutes, each client a caller of its own. None may starve, and none may be told an error.
pub(crate) async fn mixed(
    address: SocketAddr,
    programs: Vec<(Program, Bytes)>,
) -> anyhow::Result<Vec<Mixed>> {
    let (time, clients) = MIXED;
    let begun = Instant::now();
    let mut told: BTreeMap<usize, Vec<Told>> = BTreeMap::new();
    let tasks = async {
        let mut tasks = Vec::new();
        for (index, (program, body)) in programs.iter().enumerate() {
            for number in 0..clients {
                let caller = u8::try_from(index)? * clients + number + 1;
                let from = IpAddr::V4(Ipv4Addr::new(127, 0, 1, caller));
                let (program, body) = (program.clone(), body.clone());
                let task = spawn_local(async move {
                    let mut client = Client::connect(address, Some(from)).await?;
                    let mut told = Vec::new();
                    while begun.elapsed() < time {
                        told.push(client.post(body.clone()).await?.check(&program)?);
                    }
                    Ok::<_, anyhow::Error>(told)
                });
                tasks.push((index, task));
            }
        }
        for (index, task) in tasks {
            told.entry(index).or_default().extend(task.await??);
        }
        Ok::<_, anyhow::Error>(())
    };
    LocalSet::new().run_until(tasks).await?;
    let one = |(index, told): (usize, Vec<Told>)| {
        let of = |pick: fn(&Told) -> f64| Times::of(told.iter().map(pick).collect());
        Some(Mixed {
            column: programs[index].0.column,
            took: of(|told| told.took_ms)?,
            queue: of(|told| told.queue_ms)?,
            untold: of(|told| told.took_ms - told.total_ms)?,
        })
    };
    told.into_iter().map(one).collect::<Option<_>>().context("a language starved")
}

/// Copies these definitions, and the base that they are built from.
fn gather(from: &Path, ids: &[String], into: &Path) -> anyhow::Result<()> {
    ids.iter().map(String::as_str).chain(["base"]).try_for_each(|id| copy(&from.join(id), &into.join(id)))
}

/// Copies them under names of their own, so that there are twice as many.
fn add_twins(from: &Path, ids: &[String], into: &Path) -> anyhow::Result<()> {
    for id in ids {
        let twin = into.join(format!("{TWIN}{id}"));
        copy(&from.join(id), &twin)?;
        let file = twin.join("runtime.yaml");
        let text = fs::read_to_string(&file)?;
        let lines = text.lines().filter(|line| !line.starts_with("aliases:"));
        let lines = lines.map(|line| match line.strip_prefix("language: ") {
            Some(language) => format!("language: {TWIN}{}", language.replace(['+', '#'], "p")),
            None => line.to_owned(),
        });
        fs::write(&file, lines.collect::<Vec<_>>().join("\n"))?;
    }
    Ok(())
}

fn copy(from: &Path, into: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(into)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { bail!("{} has no name", path.display()) };
        if path.is_dir() {
            copy(&path, &into.join(name))?;
        } else {
            fs::copy(&path, into.join(name))?;
        }
    }
    Ok(())
}
