//! A client that hangs up ends its program, whatever form the answer would have had.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::server::{Server, eventually};

/// How soon after the client has left its program must be dead.
const PATIENCE: Duration = Duration::from_secs(1);

pub(crate) fn trials(engine: &'static str, server: &Arc<Server>) -> Vec<Trial> {
    [("application/json", "json"), ("text/event-stream", "events")]
        .into_iter()
        .map(|(accept, form)| {
            let server = server.clone();
            Trial::test(format!("{engine}::hanging_up_ends_the_program_{form}"), move || {
                hang_up(&server, accept);
                Ok(())
            })
        })
        .collect()
}

/// Processes on this machine, in whatever namespace, whose command line has this word. The programs are ours to see.
pub(crate) fn processes_with(word: &str) -> usize {
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| std::fs::read(entry.ok()?.path().join("cmdline")).ok())
        .filter(|line| String::from_utf8_lossy(line).contains(word))
        .count()
}

fn hang_up(server: &Server, accept: &str) {
    // A number that nobody else sleeps for.
    let seconds = format!("31{}", std::process::id() * 10 + u32::from(accept.len() > 16));
    let script = format!("echo begun; sleep {seconds}");
    let limits: Value = json!({});
    let body =
        json!({"language": "shell", "files": [{"name": "main.sh", "content": script}], "limits": limits})
            .to_string();
    let address = server.address.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    write!(
        stream,
        "POST /api/v1/runs HTTP/1.1\r\nhost: x\r\naccept: {accept}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let sleep = format!("sleep\0{seconds}");
    assert!(eventually(Duration::from_secs(20), || processes_with(&sleep) > 0), "the program did not start");
    let _ = stream.read(&mut [0; 4096]);
    drop(stream);
    let left = Instant::now();
    while processes_with(&sleep) > 0 {
        assert!(left.elapsed() < PATIENCE, "the program lives {:?} after its client left", left.elapsed());
        thread::sleep(Duration::from_millis(10));
    }
}
