//! Traces: what a collector of OpenTelemetry receives from a real server, and that one that is away holds nothing up.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on shall panic

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

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

/// A server that sends its traces there, and where it listens.
fn server(endpoint: &str, data: &tempfile::TempDir) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_polyground"))
        .args(["serve", "--engine", "local", "--listen", "127.0.0.1:0", "--log-format", "text", "--data"])
        .arg(data.path())
        .args(["--otlp-endpoint", endpoint])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let address = lines.find_map(|line| Some(line.split_once("Polyground is up:")?.1.trim().to_owned()));
    thread::spawn(move || lines.for_each(drop));
    (child, address.expect("the server did not start"))
}

fn ask(address: &str) -> Duration {
    let begun = Instant::now();
    let answer = reqwest::blocking::get(format!("{address}/api/v1/status")).unwrap();
    assert_eq!(answer.status(), 200);
    begun.elapsed()
}

/// Asks it to end. How long that takes.
fn end(mut child: Child) -> Duration {
    let begun = Instant::now();
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    while begun.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return begun.elapsed();
        }
        thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    panic!("it did not end");
}

#[test]
fn a_collector_receives_each_request() {
    let data = tempfile::tempdir().unwrap();
    let (endpoint, received) = collector();
    let (child, address) = server(&endpoint, &data);
    ask(&address);
    end(child);
    let mut bodies = Vec::new();
    while let Ok((path, body)) = received.recv_timeout(Duration::from_secs(2)) {
        assert_eq!(path, "/v1/traces");
        bodies.extend(body);
    }
    // Names stand in the protobuf as they are.
    let has = |text: &str| bodies.windows(text.len()).any(|window| window == text.as_bytes());
    for text in ["service.name", "polyground", "request", "request_id", "service.version"] {
        assert!(has(text), "{text} is not in {} bytes", bodies.len());
    }
}

#[test]
fn a_collector_that_is_away_holds_nothing_up() {
    let data = tempfile::tempdir().unwrap();
    // Takes connections and answers nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (child, address) = server(&format!("http://{}", silent.local_addr().unwrap()), &data);
    for _ in 0..50 {
        assert!(ask(&address) < Duration::from_secs(2));
    }
    assert!(end(child) < Duration::from_secs(20));
}

#[test]
fn an_address_that_cannot_be_used_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_polyground"))
        .args([
            "serve",
            "--engine",
            "local",
            "--listen",
            "127.0.0.1:0",
            "--otlp-endpoint",
            "https://collector:4318",
            "--data",
        ])
        .arg(data.path())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("otlp_endpoint: `https://collector:4318` cannot be used: it must begin with http://"),
        "{said}"
    );
}
