//! SIGTERM: the server says that it goes, lets running programs end in time, and tells those whose programs it cancels.

use std::{
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use serde_json::json;

use crate::{
    server::{containers_of, eventually},
    session::{Session, pipes},
    tools::{ENGINES, Seen, Small, program, trial},
};

/// How long a server may take to end when nothing runs any more. Docker's cells take most of it.
const ENDED: Duration = Duration::from_secs(5);

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for engine in ENGINES {
        trials.push(trial(
            format!("drain::{engine}::running_programs_finish_and_nobody_else_begins"),
            move || finishes(engine),
        ));
        trials.push(trial(
            format!("drain::{engine}::what_does_not_end_in_time_is_cancelled_and_told"),
            move || cancels(engine),
        ));
        trials
            .push(trial(format!("drain::{engine}::a_second_signal_ends_it_at_once"), move || twice(engine)));
    }
    trials
}

fn finishes(engine: &str) {
    let small = Small::start(&["--engine", engine, "--max-running", "2"]);
    let mut events = small.server.stream(&program("echo begun; sleep 2; echo finished"));
    assert!(events.any(|(name, _)| name == "stdout"));
    thread::scope(|scope| {
        let whole = scope.spawn(|| Seen::of(&small.server, &program("sleep 2; echo finished")));
        thread::sleep(Duration::from_millis(500));
        // This one waits for a place, and has been told so: it is served too.
        let mut waiting = small.server.stream(&program("echo waited"));
        assert_eq!(waiting.next().unwrap().0, "queued");
        small.server.signal("TERM");
        let signalled = Instant::now();
        let goes = || {
            let ready = small.server.get("/readyz");
            ready.status() == 503 && ready.text().unwrap().contains("shutting down")
        };
        assert!(eventually(Duration::from_millis(500), goes), "{}", small.log());
        assert_eq!(small.server.get("/healthz").status(), 200);
        let refused = Seen::of(&small.server, &program("echo"));
        refused.assert_unavailable(&["shutting-down"]);
        let told: Vec<_> = events.by_ref().collect();
        assert!(told.iter().any(|(name, data)| name == "stdout" && data["text"] == "finished\n"), "{told:?}");
        assert_eq!(told.last().unwrap().1["outcome"], "succeeded", "{told:?}");
        let seen = whole.join().unwrap();
        assert_eq!((seen.outcome(), seen.stdout()), ("succeeded", "finished\n"), "{seen:?}");
        let (name, done) = waiting.last().unwrap();
        assert_eq!((name.as_str(), &done["outcome"]), ("done", &json!("succeeded")), "{done}");
        let (code, _) = small.server.wait(ENDED);
        // Not before its programs, and not as late as its patience would be.
        let took = signalled.elapsed();
        assert!(
            code == Some(0) && took > Duration::from_secs(1) && took < Duration::from_secs(9),
            "{code:?} {took:?}"
        );
    });
    assert_eq!(containers_of(small.server.pid()), Vec::<String>::new());
}

fn cancels(engine: &str) {
    let small = Small::start(&["--engine", engine, "--max-running", "3", "--drain-timeout", "1"]);
    let mut events = small.server.stream(&program("echo begun; sleep 9"));
    assert!(events.any(|(name, _)| name == "stdout"));
    let mut session = Session::start(&small.server, &pipes("shell", "echo begun; cat"));
    session.expect("begun");
    thread::scope(|scope| {
        let whole = scope.spawn(|| Seen::of(&small.server, &program("echo begun; sleep 9")));
        thread::sleep(Duration::from_millis(500));
        small.server.signal("TERM");
        let signalled = Instant::now();
        let (name, done) = events.last().unwrap();
        assert_eq!((name.as_str(), &done["outcome"]), ("done", &json!("cancelled")), "{done}");
        assert!(signalled.elapsed() > Duration::from_millis(900), "{:?}", signalled.elapsed());
        let seen = whole.join().unwrap();
        assert_eq!((seen.status, seen.outcome(), seen.stdout()), (200, "cancelled", "begun\n"), "{seen:?}");
        let done = session.until("end", |message| message["type"] == "done");
        assert_eq!(done["outcome"], "cancelled", "{done}");
        assert_eq!(session.closed(), Some(1001));
        let (code, _) = small.server.wait(ENDED);
        let took = signalled.elapsed();
        assert!(code == Some(0) && took < Duration::from_secs(1) + ENDED, "{code:?} {took:?}");
    });
    assert_eq!(containers_of(small.server.pid()), Vec::<String>::new());
}

fn twice(engine: &str) {
    let small = Small::start(&["--engine", engine]);
    let mut events = small.server.stream(&program("echo begun; sleep 9"));
    assert!(events.any(|(name, _)| name == "stdout"));
    small.server.signal("TERM");
    thread::sleep(Duration::from_millis(300));
    small.server.signal("TERM");
    let (code, took) = small.server.wait(ENDED);
    assert!(code == Some(130) && took < Duration::from_secs(1), "{code:?} {took:?}");
    events.for_each(drop);
    let gone = || containers_of(small.server.pid()).is_empty();
    assert!(eventually(Duration::from_secs(5), gone), "{:?}", containers_of(small.server.pid()));
}
