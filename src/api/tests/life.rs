//! How the server stops, and what it says about itself.

use std::time::Instant;

use super::*;
use crate::api::status::EngineReport;

#[tokio::test]
async fn stopping_lets_requests_end_and_takes_no_new_ones() {
    let server = Server::start(Setup { act: |_| Ok(Vec::new()), stay: true, ..Setup::default() }).await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    until(&mut idle, "\"ok\"}").await;
    let mut busy = server.connect().await;
    busy.write_all(post("", HELLO).as_bytes()).await.unwrap();
    server.begun(1).await;
    let begun = Instant::now();
    server.stop.cancel();
    assert_eq!(rest(&mut idle).await, "");
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert!(TcpStream::connect(server.addr).await.is_err());
    assert_eq!(server.dropped.load(Ordering::SeqCst), 0, "cut before the grace period");
    server.served.await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(server.dropped.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn stopping_with_nothing_to_do_is_immediate() {
    let server = Server::start(Setup::default()).await;
    let _silent = server.connect().await;
    assert_eq!(server.post(HELLO).await.status(), 200);
    let begun = Instant::now();
    server.stop.cancel();
    server.served.await.unwrap();
    assert!(begun.elapsed() < Duration::from_millis(1200), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn the_server_tells_how_it_does() {
    let states = vec![
        State::Ready { start_ms: 5.0 },
        State::Preparing { step: "pulling".into() },
        State::Unavailable { reason: "broken".into() },
    ];
    let report = StatusReport { running: 3, uptime: Duration::from_secs(60), ..StatusReport::default() };
    let server = Server::start(Setup { states, report, ..Setup::default() }).await;
    let status: Value = server.get("/api/v1/status").await.json().await.unwrap();
    assert_eq!(status["runtimes"], serde_json::json!({"ready": 1, "preparing": 1, "unavailable": 1}));
    assert_eq!((&status["running"], &status["uptime_seconds"]), (&3.into(), &60.into()));
    let listed: Value = server.get("/api/v1/runtimes").await.json().await.unwrap();
    assert_eq!(listed[0]["measured"]["start_ms"], 5.0);
    assert_eq!((&listed[1]["status"], &listed[1]["step"]), (&"preparing".into(), &"pulling".into()));
    assert_eq!((&listed[2]["status"], &listed[2]["reason"]), (&"unavailable".into(), &"broken".into()));
    for (language, count) in [("X", 3), ("y", 0), ("", 3)] {
        let url = format!("/api/v1/runtimes?language={language}");
        let listed: Vec<Value> = server.get(&url).await.json().await.unwrap();
        assert_eq!(listed.len(), count, "{language}");
    }
    let version: Value = server.get("/version").await.json().await.unwrap();
    assert_eq!(version["name"], "polyground");
}

#[tokio::test]
async fn ready_means_an_engine_and_a_runtime() {
    let preparing = || vec![State::Preparing { step: "pulling".into() }];
    let broken = StatusReport {
        engine: EngineReport { problem: Some("connection refused".into()), ..EngineReport::default() },
        ..StatusReport::default()
    };
    for (states, report, words) in [
        (preparing(), StatusReport::default(), "1 are being prepared"),
        (Setup::default().states, broken, "connection refused"),
    ] {
        let server = Server::start(Setup { states, report, ..Setup::default() }).await;
        let problem = problem(server.get("/readyz").await, 503).await;
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
        assert_eq!(server.get("/healthz").await.status(), 200);
    }
    let server = Server::start(Setup::default()).await;
    for path in ["/readyz", "/healthz", "/api/v1/readyz", "/api/v1/healthz", "/api/v1/version"] {
        assert_eq!(server.get(path).await.status(), 200, "{path}");
    }
}
