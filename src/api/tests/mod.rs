//! The API over real sockets, above runs that a test acts out itself.

mod bodies;
mod fuzz;
mod hostile;
mod interactive;
mod life;
mod pages;
mod runs;
mod table;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use polyground_protocol::Stream;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::*;
use crate::{
    catalog::{Listing, State, Subject},
    run::{Event, Outcome, Output, RunReport, RunRequest, RuntimeRef, StageReport},
    store::NoStore,
};

const HELLO: &str = r#"{"language":"x","files":[{"name":"a","content":""}]}"#;

/// A served API.
struct Server {
    addr: SocketAddr,
    stop: CancellationToken,
    served: JoinHandle<()>,
    /// Runs that were begun, and that were dropped again.
    begun: Arc<AtomicUsize>,
    dropped: Arc<AtomicUsize>,
}

/// What a test changes.
struct Setup {
    /// How runs end that do not stay.
    act: fn(RunRequest) -> Result<Vec<Event>, Rejection>,
    /// Whether runs stay after their events, until they are dropped.
    stay: bool,
    api: ApiLimits,
    server: ServerLimits,
    states: Vec<State>,
    report: StatusReport,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            act: |_| Ok(hello()),
            stay: false,
            api: ApiLimits::default(),
            server: ServerLimits::default(),
            states: vec![State::Ready { start_ms: 5.0 }],
            report: StatusReport::default(),
        }
    }
}

/// Counts when it goes.
struct Held(Arc<AtomicUsize>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Server {
    async fn start(setup: Setup) -> Server {
        let (begun, dropped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let Setup { act, stay, api, server, states, report } = setup;
        let (begun_, dropped_) = (Arc::clone(&begun), Arc::clone(&dropped));
        let start: StartRun = Arc::new(move |_, request| {
            let acted = act(request);
            begun_.fetch_add(1, Ordering::SeqCst);
            let held = Held(Arc::clone(&dropped_));
            acted.map(|events| played(events, stay, held))
        });
        let list = move || {
            let subject = |index| Subject::Broken { id: format!("x-{index}") };
            let listing = |(index, state): (usize, &State)| Listing::new(subject(index), state.clone());
            states.iter().enumerate().map(listing).collect()
        };
        let sources = Sources {
            start,
            list: Arc::new(list),
            status: Arc::new(move || report.clone()),
            store: Arc::new(NoStore),
            ..Sources::none()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (addr, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let stopped = stop.clone();
        let served = tokio::spawn(async move {
            serve(listener, endpoint(sources, api), server, stopped.cancelled_owned()).await;
        });
        Server { addr, stop, served, begun, dropped }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        reqwest::get(self.url(path)).await.unwrap()
    }

    async fn post(&self, body: impl Into<reqwest::Body>) -> reqwest::Response {
        let request = reqwest::Client::new().post(self.url("/api/v1/runs")).body(body);
        request.header("content-type", "application/json").send().await.unwrap()
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.addr).await.unwrap()
    }

    /// Sends raw bytes; what comes back until the server closes.
    async fn raw(&self, bytes: &[u8]) -> String {
        let mut socket = self.connect().await;
        socket.write_all(bytes).await.unwrap();
        rest(&mut socket).await
    }

    async fn dropped(&self, count: usize) -> bool {
        for _ in 0..100 {
            if self.dropped.load(Ordering::SeqCst) >= count {
                return true;
            }
            sleep(Duration::from_millis(10)).await;
        }
        false
    }

    async fn begun(&self, count: usize) {
        while self.begun.load(Ordering::SeqCst) < count {
            sleep(Duration::from_millis(1)).await;
        }
    }
}

fn played(events: Vec<Event>, stay: bool, held: Held) -> Events {
    let tail = if stay { stream::pending().left_stream() } else { stream::empty().right_stream() };
    stream::iter(events).chain(tail).inspect(move |_| drop_with(&held)).boxed()
}

fn drop_with(_: &Held) {}

/// What a socket says until it closes.
async fn rest(socket: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let read = timeout(Duration::from_secs(5), socket.read_to_end(&mut all)).await;
    assert!(read.is_ok(), "still open after {:?}", String::from_utf8_lossy(&all));
    String::from_utf8_lossy(&all).into_owned()
}

/// What a socket says until some text is there.
async fn until(socket: &mut TcpStream, text: &str) -> String {
    let mut all = Vec::new();
    while !String::from_utf8_lossy(&all).contains(text) {
        let read = timeout(Duration::from_secs(5), socket.read_buf(&mut all)).await;
        assert!(read.unwrap().unwrap() > 0, "closed after {:?}", String::from_utf8_lossy(&all));
    }
    String::from_utf8_lossy(&all).into_owned()
}

fn post_head(more: &str) -> String {
    format!("POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{more}\r\n")
}

fn post(more: &str, body: &str) -> String {
    format!("{}{body}", post_head(&format!("Content-Length: {}\r\n{more}", body.len())))
}

fn runtime() -> RuntimeRef {
    RuntimeRef { id: "x-1".into(), language: "x".into(), version: "1.2".into(), name: "X".into() }
}

fn stage() -> StageReport {
    StageReport {
        name: "run",
        exit_code: Some(0),
        signal: None,
        stdout: Bytes::from_static(b"hi\n"),
        stderr: Bytes::new(),
        truncated: false,
        wall_ms: 1.0,
        cpu_ms: 0.5,
        peak_memory_bytes: 1024,
    }
}

/// Everything that a good run says.
fn hello() -> Vec<Event> {
    let report = RunReport {
        id: Uuid::from_u128(1),
        runtime: runtime(),
        outcome: Outcome::Succeeded,
        stages: vec![stage()],
        artifacts: vec![],
        artifacts_left_out: 0,
        queue_ms: 0.0,
        total_ms: 2.0,
        warm: false,
    };
    vec![
        Event::Queued { position: 1 },
        Event::Started { id: Uuid::from_u128(1), runtime: runtime() },
        Event::StageBegun { name: "run" },
        Event::Output(Output { stream: Stream::Stdout, at_ms: 1, data: Bytes::from_static(b"hi\n") }),
        Event::StageEnded(stage()),
        Event::Done(Box::new(report)),
    ]
}

async fn problem(response: reqwest::Response, status: u16) -> Value {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status);
    problem
}
