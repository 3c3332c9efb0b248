//! The server itself is killed, and started again on the same folder.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;

use crate::{
    server::{Server, containers_of, eventually},
    tools::{ENGINES, Raise, Small, open, program, save, trial},
};

/// How long a server that is started again may take until it runs programs.
const READY_AGAIN: Duration = Duration::from_secs(10);

pub(crate) fn trials() -> Vec<Trial> {
    ENGINES
        .map(|engine| {
            trial(format!("restart::{engine}::a_killed_server_comes_back_with_all_it_had"), move || {
                killed(engine)
            })
        })
        .into()
}

fn killed(engine: &str) {
    let small = Small::start(&["--engine", engine]);
    let folder = small.runtimes.path().display().to_string();
    let (args, data) = (["--engine", engine, "--runtimes", &folder], small.server.data());
    small.assert_works(1);
    let mut events = small.server.stream(&program("echo begun; sleep 20"));
    assert!(events.any(|(name, _)| name == "stdout"));
    let stop = AtomicBool::new(false);
    let saved = thread::scope(|scope| {
        let over = Raise(&stop);
        let saves = scope.spawn(|| {
            let mut saved = Vec::new();
            while !stop.load(Ordering::SeqCst) {
                let source = format!("echo {}", saved.len());
                let request = reqwest::blocking::Client::new()
                    .post(format!("{}/api/v1/snippets", small.server.address))
                    .json(&program(&source));
                // Only what has been acknowledged counts.
                let Ok(answer) = request.send() else { break };
                let Ok(answer) = answer.json::<serde_json::Value>() else { break };
                saved.push((answer["id"].as_str().unwrap().to_owned(), source));
            }
            saved
        });
        thread::sleep(Duration::from_millis(700));
        small.server.signal("KILL");
        drop(over);
        saves.join().unwrap()
    });
    assert!(!saved.is_empty());
    small.server.wait(Duration::from_secs(5));
    let (first_pid, begun) = (small.server.pid(), Instant::now());
    // Its client hears of the end, even though nobody is left to tell it.
    events.for_each(drop);

    let server = Server::start_in(data, &args, |_| {});
    let small = Small { server, runtimes: small.runtimes };
    small.wait_until_ready();
    small.assert_works(2);
    let took = begun.elapsed();
    assert!(took < READY_AGAIN, "{took:?}\n{}", small.log());
    for (id, source) in &saved {
        assert_eq!(open(&small.server, id).expect("an acknowledged snippet is there"), *source);
    }
    assert_eq!(save(&small.server, "echo new").status, 201);
    let swept = || containers_of(first_pid).is_empty();
    assert!(eventually(Duration::from_secs(5), swept), "{:?}", containers_of(first_pid));
}
