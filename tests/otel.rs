//! Traces: what a collector of OpenTelemetry receives from a real server, and that one that is away holds nothing up.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on shall panic

#[path = "blackbox/server.rs"]
#[allow(dead_code)] // the black-box tests need more of it
mod server;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::symlink,
    process::Command,
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use server::{BINARY, Server, ended, repository};

const PATIENCE: Duration = Duration::from_secs(60);

/// A collector: takes what is sent, and says that it is well.
fn collector() -> (String, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, received) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let sender = sender.clone();
            thread::spawn(move || {
                while let Some(request) = take(&stream) {
                    if sender.send(request).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, received)
}

/// The path and body of the next request.
fn take(mut stream: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n")
        .ok()?;
    Some((path, body))
}

/// A server that sends its traces there, with one language.
fn server(endpoint: &str) -> (Server, tempfile::TempDir) {
    let runtimes = tempfile::tempdir().unwrap();
    symlink(repository().join("runtimes/bash-5.2"), runtimes.path().join("bash-5.2")).unwrap();
    let folder = runtimes.path().to_str().unwrap();
    let args = ["--engine", "local", "--runtimes", folder, "--otlp-endpoint", endpoint];
    (Server::start(&args), runtimes)
}

fn ask(server: &Server) -> Duration {
    let begun = Instant::now();
    assert_eq!(server.get("/api/v1/status").status(), 200);
    begun.elapsed()
}

/// Asks it to end. How long that takes.
fn end(server: &Server) -> Duration {
    server.signal("TERM");
    let (code, took) = server.wait(PATIENCE);
    assert_eq!(code, Some(0));
    took
}

#[test]
fn a_collector_receives_each_request() {
    let (endpoint, received) = collector();
    let (server, _runtimes) = server(&endpoint);
    ask(&server);
    server.wait_until_settled();
    let run = server.run(&json!({"language": "shell", "files": [{"name": "main.sh", "content": "echo hi"}]}));
    assert_eq!(run["outcome"], "succeeded", "{run}");
    end(&server);
    let mut bodies = Vec::new();
    while let Ok((path, body)) = received.recv_timeout(Duration::from_secs(2)) {
        assert_eq!(path, "/v1/traces");
        bodies.extend(body);
    }
    // Names stand in the protobuf as they are.
    let has = |text: &str| bodies.windows(text.len()).any(|window| window == text.as_bytes());
    // That of a run with the field and length of a name before it, or every word with `run` in it would do.
    for text in
        ["service.name", "polyground", "request", "request_id", "service.version", "*\u{3}run", "run_id"]
    {
        assert!(has(text), "{text} is not in {} bytes", bodies.len());
    }
}

#[test]
fn a_collector_that_is_away_holds_nothing_up() {
    // Takes connections and answers nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (server, _runtimes) = server(&format!("http://{}", silent.local_addr().unwrap()));
    for _ in 0..50 {
        assert!(ask(&server) < Duration::from_secs(2));
    }
    assert!(end(&server) < Duration::from_secs(20));
}

#[test]
fn an_address_that_cannot_be_used_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let args = ["serve", "--engine", "local", "--listen", "127.0.0.1:0"];
    let mut command = Command::new(BINARY);
    command.args(args).args(["--otlp-endpoint", "https://collector:4318", "--data"]).arg(data.path());
    let (output, _) = ended(&mut command);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("otlp_endpoint: `https://collector:4318` cannot be used: it must begin with http://"),
        "{said}"
    );
}
