//! Raw connections: slow ones, silent ones, huge heads, and more of them than one address may have.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use super::{Bench, PATIENCE};
use crate::server::eventually;

/// As many as one address may have in this test.
const MOST: usize = 4;

fn connect(bench: &Bench) -> TcpStream {
    let socket = TcpStream::connect(bench.server.address.strip_prefix("http://").unwrap()).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// What a socket says until the server closes it, and how long that took. A reset is an end, too.
fn rest(mut socket: &TcpStream) -> (String, Duration) {
    let begun = Instant::now();
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(count) = socket.read(&mut piece) {
        if count == 0 {
            break;
        }
        all.extend_from_slice(&piece[..count]);
    }
    (String::from_utf8_lossy(&all).into_owned(), begun.elapsed())
}

/// What is answered to a short request on a connection of its own; empty where it is closed at once.
fn health(bench: &Bench) -> String {
    let mut socket = connect(bench);
    let sent = socket.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    if sent.is_err() { String::new() } else { rest(&socket).0 }
}

/// Whether there is a place for one more, at least in a moment: a connection that has ended counts until the server has seen it.
fn is_served(bench: &Bench) -> bool {
    eventually(Duration::from_secs(5), || health(bench).starts_with("HTTP/1.1 200"))
}

pub(super) fn slow_and_greedy() {
    let most = MOST.to_string();
    let bench = Bench::empty(&["--max-connections-of-one", &most]);
    assert!(is_served(&bench));

    // A head that comes drop by drop, one that never begins, a body that comes drop by drop, and room for one more.
    let mut drops = connect(&bench);
    let silent = connect(&bench);
    let mut body = connect(&bench);
    body.write_all(
        b"POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
    )
    .unwrap();
    let begun = Instant::now();
    let dripping = drops.try_clone().unwrap();
    let drip = thread::spawn(move || {
        drops.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Drops: ").unwrap();
        // Until the server has enough of it.
        for _ in 0..600 {
            thread::sleep(Duration::from_millis(100));
            if drops.write_all(b"a").is_err() {
                return;
            }
        }
    });
    assert!(is_served(&bench), "others are served meanwhile");
    // Until all places of this address are taken: that of the request before may be so for a moment, and then this one is closed.
    let mut last = Vec::new();
    let closed = (0..50).find(|_| {
        last.push(connect(&bench));
        thread::sleep(Duration::from_millis(20));
        health(&bench).is_empty()
    });
    assert!(closed.is_some(), "a fifth connection was served");
    drop(last);

    let (_, _) = rest(&dripping);
    assert!((8..20).contains(&begun.elapsed().as_secs()), "slow head: {:?}", begun.elapsed());
    rest(&silent);
    assert!((8..20).contains(&begun.elapsed().as_secs()), "silent: {:?}", begun.elapsed());
    drip.join().unwrap();
    assert!(is_served(&bench), "their places are free again");
    let (answer, _) = rest(&body);
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("/problems/request-timeout"), "{answer}");
    assert!((25..45).contains(&begun.elapsed().as_secs()), "slow body: {:?}", begun.elapsed());

    // Huge heads and bodies are refused, the latter before they are sent.
    let mut huge = connect(&bench);
    let head = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Huge: {}\r\n\r\n", "a".repeat(200_000));
    let _ = huge.write_all(head.as_bytes());
    let (answer, took) = rest(&huge);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    let mut huge = connect(&bench);
    huge.write_all(
        b"POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n",
    )
    .unwrap();
    let (answer, took) = rest(&huge);
    assert!(answer.starts_with("HTTP/1.1 413") && took < Duration::from_secs(10), "{took:?}: {answer}");
    assert!(is_served(&bench));
}
