//! An engine that answers, but wrongly or late: what stands between it and the server says 500 to everything, or passes nothing on
//! for a while.

use std::{
    io::{self, Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;

use crate::{
    server::{containers_of, eventually},
    tools::{HEALED, Seen, Small, open, program, save, trial},
};

/// The machine's engine. Only the cells of the test's own server are made there.
const ENGINE: &str = "/var/run/docker.sock";

/// How soon the server must have noticed: it asks every 2 s and waits 5 s for the answer.
const NOTICED: Duration = Duration::from_secs(9);

/// Later than the server waits for anything.
const TOO_LATE_MS: u64 = 60_000;

/// Late, but an answer.
const LATE_MS: u64 = 700;

/// What is told instead of milliseconds where everything is answered with an error.
const BROKEN: u64 = u64::MAX;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("engine::one_that_answers_500_is_named_and_heals", || sick(BROKEN)),
        trial("engine::one_that_answers_too_late_is_named_and_heals", || sick(TOO_LATE_MS)),
        trial("engine::one_that_answers_late_still_serves", late),
    ]
}

/// A socket before the engine. How it is, is a number of milliseconds by which each connection's first request is late, or
/// [`BROKEN`].
struct Between {
    folder: tempfile::TempDir,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    late_ms: AtomicU64,
    /// Both ends of what is open.
    open: Mutex<Vec<UnixStream>>,
}

impl Between {
    fn start() -> Self {
        let between = Self { folder: tempfile::tempdir().unwrap(), state: Arc::default() };
        let listener = UnixListener::bind(between.folder.path().join("docker.sock")).unwrap();
        let state = between.state.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let state = state.clone();
                // A client that leaves early is its own affair.
                thread::spawn(move || state.serve(client));
            }
        });
        between
    }

    fn host(&self) -> String {
        format!("unix://{}", self.folder.path().join("docker.sock").display())
    }

    /// From now on it is so. Connections end, as they do when something like this begins: those that go on would be well.
    fn becomes(&self, late_ms: u64) {
        self.state.late_ms.store(late_ms, Ordering::SeqCst);
        for stream in self.state.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl State {
    fn serve(&self, mut client: UnixStream) -> io::Result<()> {
        self.open.lock().unwrap().push(client.try_clone()?);
        let late_ms = self.late_ms.load(Ordering::SeqCst);
        if late_ms == BROKEN {
            return refuse(&mut client);
        }
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(late_ms) {
            if self.late_ms.load(Ordering::SeqCst) != late_ms {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        let engine = UnixStream::connect(ENGINE)?;
        self.open.lock().unwrap().push(engine.try_clone()?);
        let (up, up_to) = (client.try_clone()?, engine.try_clone()?);
        thread::spawn(move || pass_on(up, up_to));
        pass_on(engine, client);
        Ok(())
    }
}

fn pass_on(mut from: UnixStream, mut to: UnixStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}

/// Answers whatever is asked with an error, for as long as something is.
fn refuse(client: &mut UnixStream) -> io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut piece = [0; 16 << 10];
    let body = r#"{"message":"it is broken"}"#;
    while client.read(&mut piece)? > 0 {
        let length = body.len();
        write!(
            client,
            "HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )?;
    }
    Ok(())
}

fn start(between: &Between) -> Small {
    let small = Small::start(&["--engine", "docker", "--docker-host", &between.host()]);
    small.assert_works(2);
    small
}

fn sick(late_ms: u64) {
    let between = Between::start();
    let small = start(&between);
    let kept = save(&small.server, "echo kept").body["id"].as_str().unwrap().to_owned();
    between.becomes(late_ms);
    let named = || {
        let ready = small.server.get("/readyz");
        ready.status() == 503 && ready.text().unwrap().contains("does not answer")
    };
    assert!(eventually(NOTICED, named), "not noticed\n{}", small.log());
    let refused = Seen::of(&small.server, &program("echo"));
    refused.assert_unavailable(&["engine-unavailable"]);
    assert!(refused.took < Duration::from_secs(1), "{refused:?}");
    assert_eq!(open(&small.server, &kept).as_deref(), Ok("echo kept"));
    between.becomes(0);
    let begun = Instant::now();
    let heals = || small.works().is_ok() && small.server.get("/readyz").status() == 200;
    assert!(eventually(HEALED, heals), "not healed\n{}", small.log());
    eprintln!("healed after {:?}", begun.elapsed());
    small.assert_works(5);
    ends_clean(small);
}

fn late() {
    let between = Between::start();
    let small = start(&between);
    between.becomes(LATE_MS);
    // Its cells have lost their connections, and new ones are late.
    small.assert_heals();
    small.assert_works(5);
    assert_eq!(small.server.get("/readyz").status(), 200);
    ends_clean(small);
}

fn ends_clean(small: Small) {
    let pid = small.server.pid();
    drop(small);
    assert!(eventually(HEALED, || containers_of(pid).is_empty()), "{:?}", containers_of(pid));
}
