//! How long interactive programs may last, and how many there may be. On servers of their own, whose limits are small.

use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use serde_json::json;

use super::{
    Case,
    session::{Session, pipes, terminal},
};
use crate::server::Server;

pub(super) fn trials() -> Vec<Trial> {
    vec![Trial::test("local::interactive::limits", || {
        let flags = ["--engine", "local", "--max-running", "2", "--max-interactive", "4"];
        let limits = ["--interactive-idle", "4", "--interactive-time", "12"];
        let server = Server::start(&[&flags[..], &limits[..]].concat());
        server.wait_until_settled();
        let table: [Case; 4] = [
            ("idle", who_says_nothing_is_warned_and_ended),
            ("time", the_end_of_time_is_told),
            ("seats", seats_are_few_and_hold_up_nobody),
            ("limits", other_limits_hold),
        ];
        // One after the other: they are about all seats.
        for (name, body) in table {
            eprintln!("limits: {name}");
            body(&server);
        }
        Ok(())
    })]
}

fn who_says_nothing_is_warned_and_ended(server: &Server) {
    let mut session = Session::on_terminal(server, "shell", "echo ready; while read -r x; do echo $x; done");
    session.expect("ready");
    let begun = Instant::now();
    let warning = session.until("a warning", |message| message["type"] == "warning");
    assert_eq!(warning["reason"], "idle");
    let remaining = warning["remaining_ms"].as_u64().unwrap();
    assert!((1000..=2000).contains(&remaining), "{warning}");
    session.type_in("awake\n");
    session.expect("awake\r\nawake");
    session.until("another warning", |message| message["type"] == "warning");
    let done = session.done();
    assert_eq!(done["outcome"], "timed_out", "{done}");
    assert!(begun.elapsed() >= Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(11), "{:?}", begun.elapsed());
}

fn the_end_of_time_is_told(server: &Server) {
    let mut session = Session::start(server, &pipes("shell", "while :; do echo here; sleep 1; done"));
    let begun = Instant::now();
    let warning = session.until("a warning", |message| message["type"] == "warning");
    assert_eq!(warning["reason"], "time");
    assert!((4000..=6000).contains(&warning["remaining_ms"].as_u64().unwrap()), "{warning}");
    let done = session.done();
    assert_eq!(done["outcome"], "timed_out", "{done}");
    let took = begun.elapsed();
    assert!((Duration::from_secs(11)..Duration::from_secs(16)).contains(&took), "{took:?}");
    assert_eq!(session.heard.iter().filter(|message| message["type"] == "warning").count(), 1);
}

fn seats_are_few_and_hold_up_nobody(server: &Server) {
    // One caller has half of four.
    let held: Vec<_> =
        (0..2).map(|_| Session::on_terminal(server, "shell", "while :; do echo; sleep 1; done")).collect();
    let mut third = Session::connect(server, None).unwrap();
    third.say(&terminal("shell", "echo never"));
    let problem = third.until("a problem", |message| message["type"] == "problem");
    assert_eq!(problem["problem"]["type"], "/problems/interactive-full", "{problem}");
    assert_eq!(third.closed(), Some(1013));
    // As many as processors' places there are, and both are free.
    let status: serde_json::Value = server.get("/api/v1/status").json().unwrap();
    assert_eq!(status["running"], 0, "{status}");
    for _ in 0..6 {
        let begun = Instant::now();
        let run =
            server.run(&json!({"language": "shell", "files": [{"name": "a.sh", "content": "echo fine"}]}));
        assert_eq!(run["outcome"], "succeeded");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
    drop(held);
    let mut session = Session::on_terminal(server, "shell", "echo again");
    session.expect("again");
    session.done();
}

fn other_limits_hold(server: &Server) {
    let mut start = pipes("shell", "while :; do :; done");
    start["limits"] = json!({"cpu_ms": 1000});
    let mut session = Session::start(server, &start);
    let begun = Instant::now();
    assert_eq!(session.done()["outcome"], "timed_out");
    assert!(begun.elapsed() < Duration::from_secs(4), "by CPU time: {:?}", begun.elapsed());

    let mut start = terminal("shell", "yes");
    start["limits"] = json!({"output_bytes": 1000, "wall_ms": 9000});
    let mut session = Session::start(server, &start);
    assert_eq!(session.done()["outcome"], "output_limit");
    assert_eq!(session.output.len(), 1000);
}
