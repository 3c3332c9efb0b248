//! Everything at once, for as many minutes as `SOAK_MINUTES` says: honest clients on all runtimes, hostile programs, slow
//! readers, clients that vanish, snippets, and faults under all of them, on both engines. Nothing may be wrong, nothing left
//! over, and the servers must not grow.

mod clients;
mod injected;
mod programs;
mod report;

use std::{
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

use self::report::Samples;
use crate::{
    server::{Server, containers_of, eventually},
    tools::{HEALED, descriptors, resident_kib},
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
    pub(super) end: Instant,
    /// When something was broken under the server.
    pub(super) faults: Mutex<Vec<Instant>>,
    pub(super) right: AtomicUsize,
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
        Self {
            engine,
            server,
            end,
            faults: Mutex::default(),
            right: AtomicUsize::new(0),
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

    pub(super) fn note(&self, result: Result<(), String>) {
        match result {
            Ok(()) => {
                self.right.fetch_add(1, Ordering::SeqCst);
            }
            Err(why) => {
                eprintln!("soak: {}: WRONG: {why}", self.engine);
                self.wrong.lock().unwrap().push(why);
            }
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
        if !eventually(HEALED, || programs::alive() == 0) {
            wrong.push(format!("{} programs live on", programs::alive()));
        }
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

fn soak() -> Result<(), Failed> {
    // SAFETY: the handler only stores into an atomic.
    unsafe { signal(Signal::SIGINT, SigHandler::Handler(interrupted)) }?;
    let minutes = env::var("SOAK_MINUTES").ok().and_then(|text| text.parse().ok()).unwrap_or(MINUTES);
    let lasts = Duration::from_secs_f64(minutes * 60.0);
    // The end is set when both have settled.
    let mut grounds = ["docker", "local"].map(|engine| Ground::new(engine, Instant::now()));
    let begun = Instant::now();
    grounds.iter_mut().for_each(|ground| ground.end = begun + lasts);
    eprintln!(
        "soak: {minutes} minutes on {:?}",
        grounds.each_ref().map(|ground| ground.server.runtimes().len())
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
