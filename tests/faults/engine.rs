//! The Docker Engine is stopped, killed and frozen under a server and its callers, and comes back.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;

use crate::{
    daemon::Daemon,
    server::eventually,
    tools::{HEALED, Raise, Seen, Small, only_shell, open, program, save, trial},
};

/// Callers at a time.
const CALLERS: usize = 6;

/// How long the engine is away.
const AWAY: Duration = Duration::from_secs(9);

/// How soon the server must have noticed that the engine is away: it asks every 2 s and waits 5 s for the answer.
const NOTICED: Duration = Duration::from_secs(9);

/// How long any caller may have to wait, whatever becomes of the engine: its program's 10 s, and 5 s for its agent.
const DEADLINE: Duration = Duration::from_secs(15);

/// The most cells of the runtime.
const CELLS: usize = 4;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("engine::restarted_under_load", || outage(Daemon::stop, Daemon::start_again)),
        trial("engine::killed_under_load", || outage(Daemon::kill, Daemon::start_again)),
        trial("engine::frozen_under_load", || outage(|daemon| daemon.freeze(), |daemon| daemon.thaw())),
    ]
}

/// A server on an engine of its own. The server ends first.
pub(crate) struct Own {
    pub(crate) small: Small,
    pub(crate) daemon: Daemon,
}

impl Own {
    pub(crate) fn start() -> Self {
        let daemon = Daemon::start();
        daemon.take_over_images_of(only_shell().path());
        let small =
            Small::start(&["--engine", "docker", "--docker-host", &daemon.host(), "--max-running", "4"]);
        Self { small, daemon }
    }
}

/// Every answer that callers may get while the engine is away.
fn is_named(seen: &Seen) -> bool {
    match seen.status {
        200 if seen.outcome() == "succeeded" => seen.stdout() == "42\n",
        // Its program's first output had come when the cell went.
        200 => seen.outcome() == "internal_error",
        503 => {
            let kinds = ["engine-unavailable", "runtime-unavailable", "queue-timeout"];
            kinds.contains(&seen.kind()) && seen.retry_after.is_some()
        }
        429 => seen.kind() == "queue-full" && seen.retry_after.is_some(),
        _ => false,
    }
}

fn outage(begin: fn(&mut Daemon), end: fn(&mut Daemon)) {
    let Own { small, mut daemon } = Own::start();
    small.assert_works(3);
    let kept = save(&small.server, "echo kept").body["id"].as_str().unwrap().to_owned();
    let (stop, all) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let (healed, away) = thread::scope(|scope| {
        let over = Raise(&stop);
        for caller in 0..CALLERS {
            let (small, stop, all) = (&small, &stop, &all);
            scope.spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    let sleep = if caller % 2 == 0 { "" } else { "sleep 1; " };
                    let source = format!("{sleep}echo $((6 * 7))");
                    let seen = if caller == 0 {
                        watched(small, &source)
                    } else {
                        Seen::of(&small.server, &program(&source))
                    };
                    if seen.status != 200 {
                        thread::sleep(Duration::from_millis(100));
                    }
                    all.lock().unwrap().push(seen);
                }
            });
        }
        thread::sleep(Duration::from_secs(1));
        begin(&mut daemon);
        let gone = Instant::now();
        let noticed = eventually(NOTICED, || {
            let ready = small.server.get("/readyz");
            ready.status() == 503 && ready.text().unwrap().contains("does not answer")
        });
        let refused = Seen::of(&small.server, &program("echo"));
        // What is saved needs no engine, and what is new can be saved.
        let opened = open(&small.server, &kept);
        let saved = save(&small.server, "echo saved meanwhile");
        thread::sleep(AWAY.saturating_sub(gone.elapsed()));
        end(&mut daemon);
        let back = Instant::now();
        let healed =
            eventually(HEALED, || small.works().is_ok() && small.server.get("/readyz").status() == 200);
        let took = back.elapsed();
        drop(over);
        assert!(noticed, "not noticed\n{}", small.log());
        assert_eq!(opened.as_deref(), Ok("echo kept"));
        assert_eq!(saved.status, 201, "{saved:?}");
        let saved = saved.body["id"].as_str().unwrap();
        assert_eq!(open(&small.server, saved).as_deref(), Ok("echo saved meanwhile"));
        assert_eq!(open(&small.server, &kept).as_deref(), Ok("echo kept"));
        refused.assert_unavailable(&["engine-unavailable"]);
        assert!(refused.took < Duration::from_secs(1), "{refused:?}");
        (healed.then_some(took), gone.elapsed())
    });
    let all = all.into_inner().unwrap();
    let wrong: Vec<_> = all.iter().filter(|seen| !is_named(seen) || seen.took > DEADLINE).collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", small.log());
    assert!(healed.is_some(), "not healed\n{}", small.log());
    let right = all.iter().filter(|seen| seen.outcome() == "succeeded").count();
    eprintln!("{} answers, {right} right, healed after {healed:?}, {away:?} in all", all.len());
    small.assert_works(5);
    // Every container is one that the server knows of, in the end.
    let none_left = || {
        let containers = daemon.containers();
        containers.len() <= CELLS && containers.iter().all(|line| line.contains(" Up "))
    };
    assert!(eventually(HEALED, none_left), "{:#?}\n{}", daemon.containers(), small.log());
    let pid = small.server.pid();
    drop(small);
    assert!(eventually(HEALED, || daemon.containers().is_empty()), "of {pid}: {:#?}", daemon.containers());
}

/// The same as an event stream: what its last event says.
fn watched(small: &Small, source: &str) -> Seen {
    let begun = Instant::now();
    let client = reqwest::blocking::Client::builder().timeout(Duration::from_secs(60)).build().unwrap();
    let request = client.post(format!("{}/api/v1/runs", small.server.address)).json(&program(source));
    let response = request.header("accept", "text/event-stream").send().unwrap();
    if response.status() != 200 {
        return Seen::in_answer(response, begun);
    }
    let (name, body) = crate::server::Events::of(response).last().expect("a stream has an end");
    let (status, retry_after, body) = match name.as_str() {
        "problem" => {
            (body["status"].as_u64().unwrap(), body["retry_after"].as_u64(), body["problem"].clone())
        }
        _ => (200, None, body),
    };
    Seen { status: u16::try_from(status).unwrap(), retry_after, body, took: begun.elapsed() }
}
