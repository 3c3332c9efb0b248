//! Runs a battery: the programs as a caller's, one language after the other, and then a look at the machine from outside.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use bytes::Bytes;
use polyground_protocol::{Frame, FromAgent, Isolation, RunId, StageEnd, encode};
use tokio::time::{interval, timeout};
use uuid::Uuid;

use super::{
    Finding, Verdict,
    battery::{Battery, Check, Given, Program},
    host,
    judge::judge,
};
use crate::{
    app::App,
    catalog::State,
    engine::{EngineKind, ImageState},
    prepare::{image_request, isolation_name},
    run::{Event, LimitsAsked, Purpose, RunReport, RunRequest, SourceFile, Stdin, WarmStart},
    runtime::{ExactVersion, Runtime, names},
};

/// How long one run may take before it counts as one that does not end. Far above every runtime's own bounds.
const RUN_PATIENCE: Duration = Duration::from_secs(90);

/// How often is looked whether a running program can be seen from outside.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Told how it goes.
pub trait Audience {
    /// A check begins; so many of so many are done.
    fn begins(&self, done: usize, total: usize, check: &str);
    /// A check has ended.
    fn ended(&self, finding: &Finding);
}

/// What is left to be done once everything has been stopped, and what was found until then.
pub struct Conducted<'a> {
    pub(super) app: &'a App,
    audience: &'a dyn Audience,
    /// What was found, in order.
    pub(super) findings: Vec<Finding>,
    pub(super) settings: BTreeMap<&'static str, Vec<u8>>,
    pub(super) token: String,
    /// Whether a running program has been seen from outside: else that none is seen says nothing.
    pub(super) visible: bool,
    total: usize,
}

/// Runs every check on a runtime of each language that the battery knows: the highest that is ready, or `asked` (a runtime's id,
/// or a language).
///
/// # Errors
/// When no runtime is `asked`, or the battery has no program for it.
pub async fn conduct<'a>(
    app: &'a App,
    battery: &Battery,
    runtimes: &[Runtime],
    asked: Option<&str>,
    audience: &'a dyn Audience,
) -> Result<Conducted<'a>, String> {
    let languages = languages(battery, runtimes, asked)?;
    let checks: usize = languages.iter().map(|language| battery.of(language).count()).sum();
    let mut conducted = Conducted {
        app,
        audience,
        findings: Vec::new(),
        settings: host::settings(Path::new("/")),
        token: format!("selftest-{}", Uuid::now_v7().simple()),
        visible: false,
        total: checks + 4,
    };
    for language in languages {
        conducted.language(battery, language, candidates(runtimes, language, asked)).await;
    }
    conducted.cells_while_running().await;
    Ok(conducted)
}

/// The battery's languages that are meant.
fn languages<'b>(
    battery: &'b Battery,
    runtimes: &[Runtime],
    asked: Option<&str>,
) -> Result<Vec<&'b str>, String> {
    let all = battery.languages();
    let Some(asked) = asked else { return Ok(all) };
    let language = match runtimes.iter().find(|runtime| runtime.id == asked) {
        Some(runtime) => runtime.language.clone(),
        None => names::find(runtimes, asked)
            .map_err(|error| error.to_string())?
            .first()
            .map(|runtime| runtime.language.clone())
            .unwrap_or_default(),
    };
    match all.iter().find(|known| **known == language) {
        Some(known) => Ok(vec![known]),
        None => Err(format!("the battery has no program in {language}, only in {}", all.join(", "))),
    }
}

/// The runtimes of a language that may be taken, the highest first.
fn candidates<'r>(runtimes: &'r [Runtime], language: &str, asked: Option<&str>) -> Vec<&'r Runtime> {
    let mut candidates: Vec<_> = runtimes.iter().filter(|runtime| runtime.language == language).collect();
    if let Some(exact) = candidates.iter().find(|runtime| Some(runtime.id.as_str()) == asked) {
        candidates = vec![exact];
    }
    candidates.sort_by_key(|runtime| std::cmp::Reverse(ExactVersion::parse(&runtime.line)));
    candidates
}

impl Conducted<'_> {
    /// Runs the checks of a language on the first of these runtimes that becomes ready.
    async fn language(&mut self, battery: &Battery, language: &str, candidates: Vec<&Runtime>) {
        let mut ready = Err(format!("there is no runtime of {language}"));
        for (tried, runtime) in candidates.into_iter().enumerate() {
            self.audience.begins(self.findings.len(), self.total, &format!("preparing {}", runtime.id));
            match self.prepare(runtime).await {
                Ok(()) => {
                    ready = Ok(runtime.clone());
                    break;
                }
                // Of several reasons, that of the highest version.
                Err(reason) if tried == 0 => ready = Err(format!("{}: {reason}", runtime.id)),
                Err(_) => {}
            }
        }
        for (check, programs) in battery.of(language) {
            self.audience.begins(self.findings.len(), self.total, &check.name);
            let begun = Instant::now();
            let (verdict, seen) = match &ready {
                Ok(runtime) => self.check(battery, runtime, programs).await,
                Err(reason) => (Verdict::Skipped(reason.clone()), Vec::new()),
            };
            let runtime = ready.as_ref().map_or(language, |runtime| runtime.id.as_str());
            self.found(check, Some(runtime), seen, verdict, begun);
        }
        if let Ok(runtime) = ready {
            self.app.preparer.withdraw(&runtime.id);
        }
    }

    /// Makes a runtime ready, if it has an image.
    async fn prepare(&self, runtime: &Runtime) -> Result<(), String> {
        let id = &runtime.id;
        match self.app.engine.image_state(&image_request(runtime)).await {
            Ok(ImageState::Current(_)) => {}
            Ok(ImageState::Outdated(_) | ImageState::Missing) => {
                return Err(format!("it has no current image; polyground images build {id}"));
            }
            Err(error) => return Err(error.to_string()),
        }
        self.app.prepare_one(runtime.clone()).await;
        let listing = self.app.catalog.list().into_iter().find(|listing| listing.id() == id);
        match listing.map(|listing| listing.state) {
            Some(State::Ready { .. }) => Ok(()),
            Some(State::Unavailable { reason }) => Err(reason),
            _ => Err("it did not become ready".into()),
        }
    }

    async fn check(
        &mut self,
        battery: &Battery,
        runtime: &Runtime,
        programs: &[Program],
    ) -> (Verdict, Vec<String>) {
        let mut seen = Vec::new();
        for program in programs {
            let stdin = program.stdin.map(given).unwrap_or_default();
            let request = self.request(battery, runtime, program, stdin.clone());
            let judged = match self.run(request).await {
                Ok(report) => judge(program, &stdin, &report),
                Err(reason) => Err((reason, Vec::new())),
            };
            match judged {
                Ok(held) => seen.extend(held),
                Err((reason, held)) => {
                    seen.extend(held);
                    return (Verdict::Failed(reason), seen);
                }
            }
        }
        (Verdict::Passed, seen)
    }

    fn request(&self, battery: &Battery, runtime: &Runtime, program: &Program, stdin: Vec<u8>) -> RunRequest {
        let isolation = self.app.preparer.isolation().map_or(Isolation::Nested, |found| found.mode);
        let engine = match self.app.engine.info().kind {
            EngineKind::Docker => "docker",
            EngineKind::Local => "local",
        };
        let env = [
            ("SELFTEST_TOKEN", self.token.clone()),
            ("SELFTEST_ISOLATION", isolation_name(isolation).to_owned()),
            ("SELFTEST_ENGINE", engine.to_owned()),
            ("SELFTEST_NAMESPACES", own_namespaces()),
        ];
        RunRequest {
            language: runtime.language.clone(),
            version: None,
            files: vec![SourceFile {
                name: runtime.editor.file.clone(),
                content: battery.text(&runtime.language, program).into(),
            }],
            stdin: Stdin::Whole(Bytes::from(stdin)),
            args: vec![self.token.clone()],
            env: env.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            limits: program.limits(&runtime.run.limits),
            ceilings: LimitsAsked::default(),
            purpose: Purpose::Run,
            warm: WarmStart::IfStarted,
            interactive: None,
        }
    }

    /// Runs a program as a caller would, and looks meanwhile whether it can be seen from outside.
    async fn run(&mut self, request: RunRequest) -> Result<RunReport, String> {
        let mut running = self.app.runner.start(request).map_err(|rejection| rejection.to_string())?;
        let mut looks = interval(LOOK_EVERY);
        let (visible, token) = (&mut self.visible, &self.token);
        let ended = async {
            loop {
                tokio::select! {
                    event = running.events.recv() => match event {
                        Some(Event::Done(report)) => return Ok(*report),
                        Some(Event::Refused(busy)) => return Err(busy.to_string()),
                        Some(_) => {}
                        None => return Err("the run ended without a result".into()),
                    },
                    _ = looks.tick(), if !*visible => {
                        *visible = !host::processes_with(Path::new("/"), token).is_empty();
                    }
                }
            }
        };
        match timeout(RUN_PATIENCE, ended).await {
            Ok(ended) => ended,
            Err(_) => Err(format!("it had not ended after {} s", RUN_PATIENCE.as_secs())),
        }
    }

    fn found(
        &mut self,
        check: &Check,
        runtime: Option<&str>,
        seen: Vec<String>,
        verdict: Verdict,
        begun: Instant,
    ) {
        let finding = Finding {
            name: check.name.clone(),
            runtime: runtime.map(str::to_owned),
            tries: check.tries.trim().to_owned(),
            held_by: check.held_by.trim().to_owned(),
            seen,
            verdict,
            took: begun.elapsed(),
        };
        self.add(finding);
    }

    pub(super) fn add(&mut self, finding: Finding) {
        self.audience.ended(&finding);
        self.findings.push(finding);
    }
}

/// What a program reads.
fn given(what: Given) -> Vec<u8> {
    match what {
        Given::ForgedFrames => forged_frames(),
    }
}

/// Frames as an agent sends them at the end of a run that went well, for the cell and for runs whose numbers can be guessed.
fn forged_frames() -> Vec<u8> {
    let end = StageEnd {
        exit_code: Some(0),
        signal: None,
        stop: None,
        truncated: false,
        wall_us: 1,
        cpu_us: 1,
        peak_memory_bytes: 1,
    };
    let mut bytes = Vec::new();
    for run in [RunId::NONE, RunId(1), RunId(2), RunId(u64::MAX)] {
        let messages = [FromAgent::StageEnded(end), FromAgent::RunEnded, FromAgent::Armed];
        for message in messages {
            // Small messages always fit.
            let _ = encode(&Frame { run, message }, &mut bytes);
        }
    }
    bytes
}

/// This process's own namespaces: `ipc=ipc:[4026531839] …`.
fn own_namespaces() -> String {
    let Ok(entries) = fs::read_dir("/proc/self/ns") else { return String::new() };
    let name = |entry: fs::DirEntry| {
        let target = fs::read_link(entry.path()).ok()?;
        Some(format!("{}={}", entry.file_name().to_str()?, target.to_str()?))
    };
    entries.flatten().filter_map(name).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use polyground_protocol::Decoder;

    use super::*;

    #[test]
    fn what_is_forged_are_real_frames() {
        let mut decoder = Decoder::new();
        decoder.push(&forged_frames());
        let mut ends = 0;
        while let Some(frame) = decoder.next::<FromAgent>().unwrap() {
            ends += usize::from(matches!(frame.message, FromAgent::StageEnded(_)));
        }
        assert_eq!((ends, decoder.is_mid_frame()), (4, false));
    }

    #[test]
    fn the_servers_namespaces_are_told_by_kind() {
        let told = own_namespaces();
        let pid = told.split(' ').find(|each| each.starts_with("pid=")).unwrap();
        assert!(pid.starts_with("pid=pid:["), "{told}");
    }
}
