//! Requests that are due at a constant rate, whatever becomes of those before. A time is counted from the moment at which its
//! request was due: one that waits behind a slow one shows what its caller would have seen.

use std::{
    cell::RefCell,
    net::SocketAddr,
    rc::Rc,
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::{
    sync::{Mutex, mpsc},
    task::{LocalSet, spawn_local},
};

use crate::{
    http::{Answer, Ask, Client},
    stats::{Times, millis},
};

/// Connections of one load. Where all are in use, what is due waits.
const CONNECTIONS: usize = 32;

/// What is asked for at a constant rate.
pub(crate) trait Load {
    /// The request with this number.
    fn ask(&self, number: u32) -> Ask;

    /// Whether its answer is right.
    ///
    /// # Errors
    /// With what is wrong.
    fn check(&self, number: u32, answer: &Answer) -> anyhow::Result<()>;
}

/// Asks so often each second for so long.
///
/// # Errors
/// When an answer is wrong.
pub(crate) async fn at_rate(
    server: SocketAddr,
    load: Rc<dyn Load>,
    per_second: u32,
    time: Duration,
) -> anyhow::Result<Times> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(server, None).await?);
    }
    let (sender, due) = mpsc::unbounded_channel::<(u32, Instant)>();
    // A thread of its own, because the runtime's timers are no finer than a millisecond.
    let clock = thread::spawn(move || {
        let (begun, step) = (Instant::now(), Duration::from_secs(1) / per_second);
        let mut at = Duration::ZERO;
        for number in 0.. {
            if at >= time {
                break;
            }
            thread::sleep((begun + at).saturating_duration_since(Instant::now()));
            if sender.send((number, begun + at)).is_err() {
                break;
            }
            at += step;
        }
    });
    let due = Rc::new(Mutex::new(due));
    let times = Rc::new(RefCell::new(Vec::new()));
    let ended = LocalSet::new()
        .run_until(async {
            let tasks: Vec<_> = clients
                .into_iter()
                .map(|client| spawn_local(ask_what_is_due(client, load.clone(), due.clone(), times.clone())))
                .collect();
            for task in tasks {
                task.await??;
            }
            anyhow::Ok(())
        })
        .await;
    drop(due);
    let _ = clock.join();
    ended?;
    let times = std::mem::take(&mut *times.borrow_mut());
    Times::of(times).context("nothing was asked")
}

async fn ask_what_is_due(
    mut client: Client,
    load: Rc<dyn Load>,
    due: Rc<Mutex<mpsc::UnboundedReceiver<(u32, Instant)>>>,
    times: Rc<RefCell<Vec<f64>>>,
) -> anyhow::Result<()> {
    loop {
        let next = due.lock().await.recv().await;
        let Some((number, at)) = next else { return Ok(()) };
        let answer = client.ask(load.ask(number)).await?;
        times.borrow_mut().push(millis(at.elapsed()));
        load.check(number, &answer)?;
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use bytes::Bytes;
    use hyper::{Method, StatusCode};

    use super::*;

    struct Get;

    impl Load for Get {
        fn ask(&self, number: u32) -> Ask {
            Ask { method: Method::GET, path: format!("/{number}"), body: Bytes::new() }
        }

        fn check(&self, _: u32, answer: &Answer) -> anyhow::Result<()> {
            anyhow::ensure!(answer.status == StatusCode::OK);
            Ok(())
        }
    }

    /// A server that answers each connection from a thread, and everything only after `stall` has passed since it began.
    fn server(stall: Duration) -> SocketAddr {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let begun = Instant::now();
        thread::spawn(move || {
            for stream in listener.incoming().take(CONNECTIONS) {
                let mut stream = stream.unwrap();
                thread::spawn(move || {
                    let mut buffer = [0; 1024];
                    while stream.read(&mut buffer).is_ok_and(|read| read > 0) {
                        thread::sleep(stall.saturating_sub(begun.elapsed()));
                        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
                    }
                });
            }
        });
        address
    }

    #[tokio::test]
    async fn times_count_from_when_a_request_was_due() {
        // For the first 600 ms nothing is answered: with 32 connections and 100 requests a second, those due in between wait too.
        let address = server(Duration::from_millis(600));
        let times = at_rate(address, Rc::new(Get), 100, Duration::from_secs(1)).await.unwrap();
        assert_eq!(times.count(), 100);
        assert!(times.quantile(1.0) >= 500.0, "{times:?}");
        // Evenly spread over the stall, so half of them waited more than a quarter of a second.
        assert!(times.quantile(0.75) >= 250.0, "{times:?}");
        assert!(times.quantile(0.1) < 250.0, "{times:?}");
    }
}
