//! Storms of clients, connections that are left half open, and thousands that only stand there.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{IpAddr, SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use reqwest::blocking::Client;

use crate::{
    server::{Server, eventually},
    tools::{Raise, Small, descriptors, program, resident_kib, trial},
};

/// Clients that come at once.
const STORM: usize = 2000;

/// Threads that they share.
const ASKERS: usize = 8;

/// Clients that stand there with an event stream.
const IDLE: usize = 10_000;

/// How long one storm may take, and how long those that are left half open may stay so, on whatever machine.
const OVER: Duration = Duration::from_secs(60);

/// How long an honest client may wait for nine in ten of its answers meanwhile, and no answer five times as long. Two processors carry
/// the storm and the server, and whatever else the machine does.
const SERVED: Duration = Duration::from_secs(2);

/// How much larger the server may be while it has all the connections that it may.
const GROWTH_KIB: u64 = 96 << 10;

/// The same with ten thousand event streams: 35 KiB each were measured (a connection's task and its two buffers, a request's head and
/// body, a run that waits with its channel of events), of which half as much again is allowed.
const STREAMS_KIB: u64 = IDLE as u64 * 52;

/// How long it may take until all of those have heard of their programs.
const STREAMS_OPEN: Duration = Duration::from_secs(180);

/// Descriptors beside those of a server at rest.
const MORE_DESCRIPTORS: usize = 16;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("storms::docker::two_thousand_clients_at_once", || storm("docker")),
        trial("storms::local::two_thousand_clients_at_once", || storm("local")),
        trial("storms::connections_that_are_left_half_open", half_open),
        trial("storms::ten_thousand_idle_event_streams", idle_streams),
        trial("storms::ten_thousand_event_streams_where_fewer_may_be", too_many_streams),
    ]
}

/// Lets this process, and the server that it starts, have as many connections as a storm needs.
fn many_descriptors() {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let needed = (IDLE + 1000) as u64;
    assert!(
        hard >= needed,
        "{hard} open files (ulimit -Hn) are too few for {IDLE} connections: allow {needed}"
    );
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
}

/// An honest client from an address of its own, who asks one after the other while something goes on. Gives how long each answer
/// took.
fn meanwhile(server: &Server, something: impl FnOnce()) -> Vec<Duration> {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let over = Raise(&stop);
        let honest = scope.spawn(|| {
            let from = IpAddr::from([127, 0, 0, 2]);
            let client =
                || Client::builder().local_address(from).timeout(Duration::from_secs(30)).build().unwrap();
            let mut took = Vec::new();
            while !stop.load(Ordering::SeqCst) {
                let begun = Instant::now();
                let url = format!("{}/api/v1/runs", server.address);
                // A connection of its own each time: it must find a place, too.
                let answer = client().post(url).json(&program("echo $((6 * 7))")).send().unwrap();
                assert_eq!(answer.status(), 200);
                let answer: serde_json::Value = answer.json().unwrap();
                assert_eq!(answer["stages"][0]["stdout"], "42\n", "{answer}");
                took.push(begun.elapsed());
                thread::sleep(Duration::from_millis(50));
            }
            took
        });
        something();
        drop(over);
        honest.join().unwrap()
    })
}

/// Asserts that an honest client was served all the time, and that everything is given back.
fn assert_unharmed(
    what: &str,
    small: &Small,
    before: (usize, u64),
    (most_kib, growth_kib): (u64, u64),
    took: &[Duration],
) {
    let longest = took.iter().max().copied().unwrap_or_default();
    let (descriptors_before, kib_before) = before;
    eprintln!(
        "{what}: {} honest answers, the longest after {longest:?}; server {kib_before} KiB, then {most_kib} KiB at most",
        took.len()
    );
    assert!(took.len() >= 3, "{took:?}");
    let mut sorted = took.to_vec();
    sorted.sort_unstable();
    let nine_in_ten = sorted[(sorted.len() - 1) * 9 / 10];
    assert!(nine_in_ten < SERVED && longest < 5 * SERVED, "{took:?}");
    assert!(most_kib < kib_before + growth_kib, "{kib_before} KiB, then {most_kib} KiB");
    let freed = || descriptors(&small.server) <= descriptors_before + MORE_DESCRIPTORS;
    assert!(
        eventually(Duration::from_secs(10), freed),
        "{descriptors_before} descriptors, then {}",
        descriptors(&small.server)
    );
    let status = || small.server.get("/api/v1/status").json::<serde_json::Value>().unwrap();
    let at_rest = || status()["running"] == 0 && status()["waiting"] == 0;
    assert!(eventually(Duration::from_secs(10), at_rest), "{}", status());
    small.assert_works(3);
}

fn start(args: &[&str]) -> (Small, (usize, u64)) {
    many_descriptors();
    let small = Small::start(&[&["--max-running", "4"], args].concat());
    small.assert_works(20);
    let before = (descriptors(&small.server), resident_kib(&small.server));
    (small, before)
}

/// A connection that is made, and takes what is written to it, by then.
fn connect(server: &Server, end: Instant) -> io::Result<TcpStream> {
    let address: SocketAddr = server.address.strip_prefix("http://").unwrap().parse().unwrap();
    let stream = TcpStream::connect_timeout(&address, left(end)?)?;
    stream.set_write_timeout(Some(left(end)?))?;
    Ok(stream)
}

/// The time until then, where there is any.
fn left(end: Instant) -> io::Result<Duration> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
}

/// So many connect and ask, and only then read. Gives how many got their answer: one who had to give way to others before its
/// request was read sees the end of its connection.
fn ask_together(server: &Server, count: usize, end: Instant) -> usize {
    let ask = || {
        let mut stream = connect(server, end)?;
        stream.write_all(b"GET /api/v1/status HTTP/1.1\r\nhost: x\r\n\r\n")?;
        Ok::<_, io::Error>(stream)
    };
    let asked: Vec<_> = (0..count).filter_map(|_| ask().ok()).collect();
    let answer = |mut stream: TcpStream| {
        let mut begun = [0; 12];
        stream.set_read_timeout(Some(left(end)?))?;
        stream.read_exact(&mut begun)?;
        Ok::<_, io::Error>(begun == *b"HTTP/1.1 200")
    };
    asked.into_iter().filter_map(|stream| answer(stream).ok()).filter(|answered| *answered).count()
}

/// Two thousand connect and ask at the same moment.
fn storm(engine: &str) {
    let (small, before) = start(&["--engine", engine]);
    let mut most_kib = 0;
    let took = meanwhile(&small.server, || {
        for _ in 0..3 {
            let (server, end) = (&small.server, Instant::now() + OVER);
            let answered: usize = thread::scope(|scope| {
                let some = || scope.spawn(move || ask_together(server, STORM / ASKERS, end));
                let askers: Vec<_> = (0..ASKERS).map(|_| some()).collect();
                askers.into_iter().map(|asker| asker.join().unwrap()).sum()
            });
            most_kib = most_kib.max(resident_kib(&small.server));
            assert!(answered >= STORM / 4, "only {answered} were answered");
        }
    });
    assert_unharmed("storm", &small, before, (most_kib, GROWTH_KIB), &took);
}

/// All that a connection says until it is closed, which must be by then. One that had to give way may end with a reset.
fn rest(stream: &mut TcpStream, end: Instant) -> String {
    let mut said = Vec::new();
    let closed = left(end).and_then(|left| {
        stream.set_read_timeout(Some(left))?;
        stream.read_to_end(&mut said)
    });
    let in_time = closed.map_or_else(|error| error.kind() == ErrorKind::ConnectionReset, |_| true);
    let text = String::from_utf8_lossy(&said).into_owned();
    assert!(in_time, "left open: {text}");
    text
}

/// Half a head, half a body, or nothing; then they vanish, or stay and say no more.
fn half_open() {
    const BEGINNINGS: [&str; 4] = [
        "",
        "POST /api/v1/runs HT",
        "POST /api/v1/runs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n",
        "POST /api/v1/runs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"lang",
    ];
    let (small, before) = start(&["--engine", "local"]);
    let mut most_kib = 0;
    let mut staying: Vec<TcpStream> = Vec::new();
    let took = meanwhile(&small.server, || {
        let end = Instant::now() + OVER;
        for index in 0..1600 {
            let mut stream = connect(&small.server, end).unwrap();
            // One that had to give way cannot be written to.
            let _ = stream.write_all(BEGINNINGS[index % BEGINNINGS.len()].as_bytes());
            if index % 8 < 4 {
                staying.push(stream);
            }
        }
        most_kib = resident_kib(&small.server);
        // Each that stays is closed, or told that it was too slow, without a word from it.
        let end = Instant::now() + OVER;
        for mut stream in staying.drain(..) {
            let text = rest(&mut stream, end);
            assert!(text.is_empty() || text.starts_with("HTTP/1.1 4"), "{text}");
        }
    });
    assert_unharmed("half open", &small, before, (most_kib, GROWTH_KIB), &took);
}

/// A connection whose program waits or runs: the first event of its stream has said so.
fn stream_of(server: &Server, request: &str, end: Instant) -> io::Result<TcpStream> {
    let mut stream = connect(server, end)?;
    stream.write_all(request.as_bytes())?;
    let (mut said, mut piece) = (String::new(), [0; 1024]);
    while !said.contains("event: queued") && !said.contains("event: started") {
        stream.set_read_timeout(Some(left(end)?))?;
        let length = stream.read(&mut piece)?;
        said.push_str(&String::from_utf8_lossy(&piece[..length]));
        if length == 0 || said.len() > 4096 {
            return Err(io::Error::other(said));
        }
    }
    Ok(stream)
}

/// A program of which somebody wants the events.
fn events_of(source: &str) -> String {
    let body = program(source).to_string();
    format!(
        "POST /api/v1/runs HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Ten thousand ask for an event stream each, hear that their program waits, and then only stand there without reading any
/// more. They are one caller: four of theirs run at a time, and an honest client's take turns with them. Then others do the same:
/// the allocator keeps the memory of those who have gone, so that it is used again is what shows that none is lost.
fn idle_streams() {
    let many = (IDLE + 500).to_string();
    let args = [
        "--engine",
        "local",
        "--max-connections",
        &many,
        "--max-waiting",
        &many,
        "--max-waiting-of-one",
        &many,
    ];
    let (small, before) = start(&[&args[..], &["--queue-timeout", "600"]].concat());
    let mut kib = Vec::new();
    for _ in 0..2 {
        let took = meanwhile(&small.server, || {
            let streams = all_streams(&small.server);
            thread::sleep(Duration::from_secs(3));
            kib.push(resident_kib(&small.server));
            let status: serde_json::Value = small.server.get("/api/v1/status").json().unwrap();
            assert!(status["waiting"].as_u64().unwrap() > IDLE as u64 * 4 / 5, "{status}");
            drop(streams);
        });
        assert_unharmed("idle streams", &small, before, (*kib.last().unwrap(), STREAMS_KIB), &took);
    }
    assert!(kib[1] < kib[0] + GROWTH_KIB, "{kib:?} KiB: what the first had is not used again");
}

/// A stream for each of [`IDLE`] clients.
fn all_streams(server: &Server) -> Vec<TcpStream> {
    let (request, begun) = (&events_of("sleep 0.5"), Instant::now());
    let some = || -> Vec<_> {
        let end = begun + STREAMS_OPEN;
        (0..IDLE / ASKERS).map(|_| stream_of(server, request, end).expect("each has a stream")).collect()
    };
    let streams: Vec<_> = thread::scope(|scope| {
        let askers: Vec<_> = (0..ASKERS).map(|_| scope.spawn(some)).collect();
        askers.into_iter().flat_map(|asker| asker.join().unwrap()).collect()
    });
    eprintln!("idle streams: {} after {:?}", streams.len(), begun.elapsed());
    streams
}

/// As many, with the bounds as they are: a few get their stream, those beyond the queue are told so in a problem, those beyond the
/// bound on connections see theirs closed; none reads any of it.
fn too_many_streams() {
    let (small, before) = start(&["--engine", "local"]);
    let request = events_of("echo idle");
    let mut most_kib = 0;
    let took = meanwhile(&small.server, || {
        let end = Instant::now() + OVER;
        let mut streams = Vec::with_capacity(IDLE);
        while streams.len() < IDLE {
            let mut stream = connect(&small.server, end).unwrap();
            let _ = stream.write_all(request.as_bytes());
            streams.push(stream);
            if streams.len() % 1000 == 0 {
                most_kib = most_kib.max(resident_kib(&small.server));
            }
        }
        thread::sleep(Duration::from_secs(3));
        most_kib = most_kib.max(resident_kib(&small.server));
        drop(streams);
    });
    assert_unharmed("too many streams", &small, before, (most_kib, GROWTH_KIB), &took);
}
