//! Runs over HTTP, whole and as events.

use super::*;
use crate::run::Busy;

#[tokio::test]
async fn a_run_is_answered_whole() {
    let server = Server::start(Setup::default()).await;
    let response = server.post(HELLO).await;
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("application/json"));
    assert_eq!(response.headers()["cache-control"], "no-store");
    let run: Value = response.json().await.unwrap();
    assert_eq!(
        run,
        serde_json::json!({
            "id": "00000000-0000-0000-0000-000000000001",
            "runtime": {"id": "x-1", "language": "x", "version": "1.2", "name": "X"},
            "outcome": "succeeded",
            "stages": [{"name": "run", "exit_code": 0, "signal": null, "stdout": "hi\n", "stderr": "",
                "encoding": "utf-8", "truncated": false, "wall_ms": 1.0, "cpu_ms": 0.5, "peak_memory_bytes": 1024}],
            "artifacts": [], "artifacts_left_out": 0, "queue_ms": 0.0, "total_ms": 2.0, "warm": false,
        })
    );
}

#[tokio::test]
async fn a_run_is_answered_as_it_happens() {
    let server = Server::start(Setup::default()).await;
    let answer =
        server.raw(post("Accept: text/event-stream\r\nConnection: close\r\n", HELLO).as_bytes()).await;
    let (head, _) = answer.split_once("\r\n\r\n").unwrap();
    for header in ["content-type: text/event-stream", "x-accel-buffering: no", "cache-control: no-store"] {
        assert!(head.contains(header), "{header} is not in {head}");
    }
    let response =
        reqwest::Client::new().post(server.url("/api/v1/runs")).header("accept", "text/event-stream");
    let events = response.header("content-type", "application/json").body(HELLO).send().await.unwrap();
    let events = events.text().await.unwrap();
    let frames: Vec<&str> = events.split_terminator("\n\n").collect();
    let names: Vec<&str> =
        frames.iter().map(|frame| frame.lines().next().unwrap().strip_prefix("event: ").unwrap()).collect();
    assert_eq!(names, ["queued", "started", "stage", "stdout", "stage_end", "done"]);
    for (frame, name) in frames.iter().zip(names) {
        let data: Value =
            serde_json::from_str(frame.lines().nth(1).unwrap().strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(data["type"], name);
        assert_eq!(frame.lines().count(), 2);
    }
    assert!(events.contains(r#"data: {"text":"hi\n","at_ms":1,"type":"stdout"}"#));
    assert!(frames[5].contains(r#""outcome":"succeeded""#) && frames[5].contains(r#""stdout":"hi\n""#));
}

#[tokio::test]
async fn each_event_comes_at_once_and_silence_is_filled() {
    let api = ApiLimits { keep_alive: Duration::from_millis(50), ..ApiLimits::default() };
    let act = |_| Ok(hello().into_iter().take(3).collect());
    let server = Server::start(Setup { api, act, stay: true, ..Setup::default() }).await;
    let mut socket = server.connect().await;
    socket.write_all(post("Accept: text/event-stream\r\n", HELLO).as_bytes()).await.unwrap();
    let said = until(&mut socket, ": keep-alive\n\n").await;
    assert!(said.contains("event: stage\n"), "{said}");
}

#[tokio::test]
async fn accept_decides_the_form() {
    let server = Server::start(Setup::default()).await;
    for (accept, expected) in [
        ("*/*", "application/json"),
        ("text/event-stream", "text/event-stream"),
        ("text/html, text/event-stream;q=0.9, */*;q=0.1", "text/event-stream"),
        ("text/html", "application/problem+json"),
    ] {
        let request = reqwest::Client::new().post(server.url("/api/v1/runs")).header("accept", accept);
        let response = request.header("content-type", "application/json").body(HELLO).send().await.unwrap();
        let found = response.headers()["content-type"].to_str().unwrap();
        assert!(found.starts_with(expected), "{accept}: {found}");
        assert_eq!(response.status(), if expected.contains("problem") { 406 } else { 200 });
    }
}

#[tokio::test]
async fn a_refusal_before_the_start_is_a_problem_also_for_listeners() {
    let act = |_| {
        Err(Rejection::Busy(Busy::QueueFull { running: 2, waiting: 9, retry_after: Duration::from_secs(7) }))
    };
    let server = Server::start(Setup { act, ..Setup::default() }).await;
    for accept in ["application/json", "text/event-stream"] {
        let request = reqwest::Client::new().post(server.url("/api/v1/runs")).header("accept", accept);
        let response = request.header("content-type", "application/json").body(HELLO).send().await.unwrap();
        assert_eq!(response.headers()["retry-after"], "7");
        assert_eq!(problem(response, 429).await["type"], "/problems/queue-full");
    }
}

#[tokio::test]
async fn a_refusal_after_waiting_is_a_problem_or_the_last_event() {
    let act = |_| {
        let busy = Busy::QueueTimeout { waited: Duration::from_secs(9), retry_after: Duration::from_secs(3) };
        Ok(vec![Event::Queued { position: 1 }, Event::Refused(busy)])
    };
    let server = Server::start(Setup { act, ..Setup::default() }).await;
    let response = server.post(HELLO).await;
    assert_eq!(response.headers()["retry-after"], "3");
    assert_eq!(problem(response, 503).await["type"], "/problems/queue-timeout");
    let events =
        server.raw(post("Accept: text/event-stream\r\nConnection: close\r\n", HELLO).as_bytes()).await;
    assert!(events.contains("event: problem\n") && events.contains(r#""retry_after":3"#), "{events}");
}

#[tokio::test]
async fn a_run_that_is_lost_is_our_fault() {
    let server = Server::start(Setup { act: |_| Ok(Vec::new()), ..Setup::default() }).await;
    assert_eq!(problem(server.post(HELLO).await, 500).await["type"], "/problems/internal-error");
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_run_with_it() {
    let server = Server::start(Setup { act: |_| Ok(Vec::new()), stay: true, ..Setup::default() }).await;
    for (round, accept) in ["application/json", "text/event-stream"].iter().cycle().take(20).enumerate() {
        let mut socket = server.connect().await;
        socket.write_all(post(&format!("Accept: {accept}\r\n"), HELLO).as_bytes()).await.unwrap();
        server.begun(round + 1).await;
        drop(socket);
        assert!(server.dropped(round + 1).await, "{accept}: the run went on");
    }
}

#[tokio::test]
async fn a_stream_that_is_reset_takes_its_run_with_it() {
    let server = Server::start(Setup { act: |_| Ok(Vec::new()), stay: true, ..Setup::default() }).await;
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    for round in 1..=4 {
        let request =
            client.post(server.url("/api/v1/runs")).header("content-type", "application/json").body(HELLO);
        let pending = tokio::spawn(request.send());
        server.begun(round).await;
        pending.abort();
        assert!(server.dropped(round).await, "the run went on");
    }
}
