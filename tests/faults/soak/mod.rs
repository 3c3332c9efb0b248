//! Everything at once, for as many minutes as `SOAK_MINUTES` says: honest clients on all runtimes, hostile programs, slow
//! readers, clients that vanish, snippets, and faults under all of them, on both engines. Nothing may be wrong, nothing left
//! over, and the servers must not grow.

mod clients;
mod injected;
mod programs;
mod report;

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    os::unix::process::CommandExt,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::{Failed, Trial};
use nix::sys::signal::{SigHandler, Signal, signal};
use serde_json::Value;

use self::report::Samples;
use crate::{
    server::{Server, containers_of, eventually},
    tools::{HEALED, LONGEST, Watched, descriptors, resident_kib},
};

/// How long it takes without being told.
const MINUTES: f64 = 1.0;

/// Cells that a server may have.
const CELLS: usize = 16;

/// How often it says how it goes.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// Whether somebody has typed Ctrl-C.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("soak::everything_at_once", soak)]
}

/// What the clients of one server share.
pub(super) struct Ground {
    pub(super) engine: &'static str,
    pub(super) server: Server,
    /// The runtimes that can be used.
    pub(super) ready: Vec<Value>,
    pub(super) end: Instant,
    /// When something was broken under the server.
    pub(super) faults: Mutex<Vec<Instant>>,
    pub(super) right: AtomicUsize,
    /// Right answers of each runtime, by its id.
    by_runtime: Mutex<BTreeMap<String, usize>>,
    /// What the processes of hostile programs have in their environment.
    pub(super) marks: Mutex<BTreeSet<String>>,
    pub(super) wrong: Mutex<Vec<String>>,
    samples: Mutex<Samples>,
}

impl Ground {
    fn new(engine: &'static str, end: Instant) -> Self {
        let server = Server::start_with(&["--engine", engine], |command| {
            command
                .env("POLYGROUND_MAX_RUNNING", "4")
                .env("POLYGROUND_MAX_CELLS", CELLS.to_string())
                // A terminal's Ctrl-C is ours, not the server's.
                .process_group(0);
        });
        server.wait_until_settled();
        let (ready, others): (Vec<_>, Vec<_>) =
            server.runtimes().into_iter().partition(|runtime| runtime["status"] == "ready");
        // The local engine has what this machine has, and a registry may be out of reach; an image that is made can always be had.
        let excused = |runtime: &Value| {
            engine == "local"
                || runtime["reason"].as_str().is_some_and(|why| why.contains(" cannot be pulled: "))
        };
        let missing: Vec<_> = others.iter().filter(|runtime| !excused(runtime)).collect();
        assert!(missing.is_empty() && !ready.is_empty(), "{engine}: not ready: {missing:#?}");
        others
            .iter()
            .for_each(|runtime| eprintln!("soak: {engine} without {}: {}", runtime["id"], runtime["reason"]));
        Self {
            engine,
            server,
            ready,
            end,
            faults: Mutex::default(),
            right: AtomicUsize::new(0),
            by_runtime: Mutex::default(),
            marks: Mutex::default(),
            wrong: Mutex::default(),
            samples: Mutex::default(),
        }
    }

    /// Whether it goes on.
    pub(super) fn goes_on(&self) -> bool {
        Instant::now() < self.end && !INTERRUPTED.load(Ordering::SeqCst)
    }

    /// Whether anything was broken between then and now, or so shortly before that it may still be felt.
    pub(super) fn was_disturbed_since(&self, begun: Instant) -> bool {
        let felt = begun.checked_sub(Duration::from_secs(2)).unwrap_or(begun);
        self.faults.lock().unwrap().iter().any(|at| *at >= felt)
    }

    /// A runtime has given a right answer.
    pub(super) fn answered(&self, id: &Value) {
        *self.by_runtime.lock().unwrap().entry(id.as_str().unwrap().to_owned()).or_default() += 1;
    }

    pub(super) fn note(&self, result: Result<(), String>) {
        match result {
            Ok(()) => {
                self.right.fetch_add(1, Ordering::SeqCst);
            }
            Err(why) => {
                eprintln!("soak: {}: WRONG: {why}", self.engine);
                self.tell_log();
                self.wrong.lock().unwrap().push(why);
            }
        }
    }

    /// What the server has said last, without what it says of each run and request that went well.
    fn tell_log(&self) {
        const LINES: usize = 40;
        let log = self.server.log.lock().unwrap();
        let lines: Vec<_> = log.lines().filter(|line| !line.contains(" INFO ")).collect();
        for line in &lines[lines.len().saturating_sub(LINES)..] {
            eprintln!("soak: {}: log: {line}", self.engine);
        }
    }

    fn sample(&self) {
        let (kib, open) = (resident_kib(&self.server), descriptors(&self.server));
        self.samples.lock().unwrap().add(kib, open);
    }

    fn tell(&self, begun: Instant) {
        eprintln!(
            "soak: {:>4} s  {:<6} {} right, {} wrong, {} faults, {} KiB, {} descriptors",
            begun.elapsed().as_secs(),
            self.engine,
            self.right.load(Ordering::SeqCst),
            self.wrong.lock().unwrap().len(),
            self.faults.lock().unwrap().len(),
            resident_kib(&self.server),
            descriptors(&self.server),
        );
    }

    /// What must hold once all clients have gone.
    fn leftovers(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let at_rest = || {
            let status: serde_json::Value = self.server.get("/api/v1/status").json().unwrap();
            status["running"] == 0 && status["waiting"] == 0
        };
        if !eventually(HEALED, at_rest) {
            wrong.push("something is still counted as running or waiting".into());
        }
        let few = || containers_of(self.server.pid()).len() <= CELLS;
        if !eventually(HEALED, few) {
            wrong.push(format!("more containers than cells: {:#?}", containers_of(self.server.pid())));
        }
        let marks = self.marks.lock().unwrap();
        if !eventually(HEALED, || programs::alive(&marks).is_empty()) {
            wrong.push(format!("programs live on: {:#?}", programs::alive(&marks)));
        }
        let by_runtime = self.by_runtime.lock().unwrap();
        let silent =
            self.ready.iter().filter(|runtime| !by_runtime.contains_key(runtime["id"].as_str().unwrap()));
        wrong.extend(silent.map(|runtime| format!("no right answer of {}", runtime["id"])));
        eprintln!("soak: {}: {} hostile programs; right answers {by_runtime:?}", self.engine, marks.len());
        wrong.extend(self.samples.lock().unwrap().growth());
        self.server.signal("TERM");
        let (code, _) = self.server.wait(Duration::from_secs(30));
        if code != Some(0) {
            wrong.push(format!("it ended with {code:?}"));
        }
        if !eventually(HEALED, || containers_of(self.server.pid()).is_empty()) {
            wrong.push(format!("containers are left: {:#?}", containers_of(self.server.pid())));
        }
        let log = self.server.log.lock().unwrap();
        if let Some(line) = log.lines().find(|line| line.contains("panicked")) {
            wrong.push(line.to_owned());
        }
        wrong.iter().map(|why| format!("{}: {why}", self.engine)).collect()
    }
}

extern "C" fn interrupted(_: i32) {
    INTERRUPTED.store(true, Ordering::SeqCst);
}

/// How long it shall take.
fn minutes() -> Result<f64, Failed> {
    let Ok(text) = env::var("SOAK_MINUTES") else { return Ok(MINUTES) };
    let minutes = text.parse().ok().filter(|minutes: &f64| (0.1..=10_000.0).contains(minutes));
    minutes.ok_or_else(|| format!("SOAK_MINUTES: `{text}` is no number of minutes, from 0.1 to 10000").into())
}

fn soak() -> Result<(), Failed> {
    // SAFETY: the handler only stores into an atomic.
    unsafe { signal(Signal::SIGINT, SigHandler::Handler(interrupted)) }?;
    let minutes = minutes()?;
    let lasts = Duration::from_secs_f64(minutes * 60.0);
    let _watched = Watched::start("soak".into(), lasts + LONGEST);
    // The end is set when both have settled.
    let mut grounds = ["docker", "local"].map(|engine| Ground::new(engine, Instant::now()));
    let begun = Instant::now();
    grounds.iter_mut().for_each(|ground| ground.end = begun + lasts);
    eprintln!(
        "soak: {minutes} minutes, runtimes on each engine: {:?}",
        grounds.each_ref().map(|ground| (ground.engine, ground.ready.len()))
    );
    thread::scope(|scope| {
        for ground in &grounds {
            let honest = if ground.engine == "docker" { 3 } else { 1 };
            for number in 0..honest {
                scope.spawn(move || clients::honest(ground, number));
            }
            scope.spawn(move || clients::hostile(ground));
            scope.spawn(move || clients::slow(ground));
            scope.spawn(move || clients::vanishing(ground));
            scope.spawn(move || clients::saving(ground));
            scope.spawn(move || injected::faults(ground));
        }
        let mut told = Instant::now();
        while grounds[0].goes_on() {
            thread::sleep((lasts / 120).min(Duration::from_secs(5)));
            grounds.iter().for_each(Ground::sample);
            if told.elapsed() >= TELL_EVERY {
                told = Instant::now();
                grounds.iter().for_each(|ground| ground.tell(begun));
            }
        }
    });
    grounds.iter().for_each(|ground| ground.tell(begun));
    let mut wrong = Vec::new();
    for ground in &grounds {
        clients::each_runtime(ground);
        let mut answers = ground.wrong.lock().unwrap().clone();
        answers.truncate(10);
        wrong.extend(answers);
        wrong.extend(ground.leftovers());
        eprintln!("soak: {}: {}", ground.engine, ground.samples.lock().unwrap());
    }
    if INTERRUPTED.load(Ordering::SeqCst) {
        return Err("interrupted: everything that was started has been ended".into());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}
