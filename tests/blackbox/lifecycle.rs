//! How servers start and end: what they leave behind, how fast, and that none disturbs another.

use std::{
    io::{Read, Write},
    net::{IpAddr, TcpListener, TcpStream},
    os::unix::net::UnixStream,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::server::{Events, Server, containers_of, eventually};

pub(crate) fn trials() -> Vec<Trial> {
    let tests: [(&str, fn()); 7] = [
        ("a_killed_server_leaves_no_container_after_5_s", killed),
        ("ctrl_c_leaves_no_container_and_ends_soon", interrupted),
        ("sigterm_ends_the_local_engines_programs_too", local_terminated),
        ("a_second_server_does_not_disturb_the_first", second_server),
        ("a_remote_engine_needs_no_shared_files", remote),
        ("a_full_queue_says_when_to_come_back", full_queue),
        ("callers_that_wait_take_turns", turns),
    ];
    let mut trials: Vec<Trial> = tests
        .map(|(name, test)| {
            Trial::test(format!("lifecycle::{name}"), move || {
                test();
                Ok(())
            })
        })
        .into();
    trials.push(Trial::test("lifecycle::without_docker_auto_takes_the_local_engine_and_says_so", || {
        without_docker();
        Ok(())
    }));
    trials
}

fn hello() -> Value {
    json!({"language": "sh", "files": [{"name": "main.sh", "content": "echo hello"}]})
}

/// Waits until the shell can be used: the other runtimes need not be there.
fn start_and_use(args: &[&str]) -> Server {
    let server = Server::start(args);
    let ready = || !server.ready("shell").is_empty();
    assert!(eventually(Duration::from_secs(60), ready), "{}", server.log.lock().unwrap());
    assert_eq!(server.run(&hello())["stages"][0]["stdout"], "hello\n");
    server
}

/// A program that is running when this comes back, and the client that waits for it.
fn long_run(server: &Server) -> thread::JoinHandle<()> {
    let body = json!({"language": "sh", "files": [{"name": "main.sh", "content": "echo begun; sleep 8"}]});
    let mut events = server.stream(&body);
    assert!(events.any(|(name, _)| name == "stdout"));
    thread::spawn(move || events.for_each(drop))
}

fn killed() {
    let server = start_and_use(&["--engine", "docker"]);
    let client = long_run(&server);
    let pid = server.pid();
    assert!(!containers_of(pid).is_empty());
    server.signal("KILL");
    assert!(eventually(Duration::from_secs(5), || containers_of(pid).is_empty()), "{:?}", containers_of(pid));
    client.join().unwrap();
}

fn interrupted() {
    let server = start_and_use(&["--engine", "docker"]);
    let client = long_run(&server);
    let pid = server.pid();
    server.signal("INT");
    let (code, took) = server.wait(Duration::from_secs(5));
    // Alone it takes less than 2 s; other tests keep the engine busy.
    assert!(took < Duration::from_secs(4), "{took:?}\n{}", server.log.lock().unwrap());
    assert_eq!(code, Some(0));
    assert_eq!(containers_of(pid), Vec::<String>::new());
    client.join().unwrap();
}

fn local_terminated() {
    let server = start_and_use(&["--engine", "local", "--drain-timeout", "0"]);
    let client = long_run(&server);
    let children = || {
        let output = Command::new("pgrep").args(["-P", &server.pid().to_string()]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let agents = children();
    assert!(!agents.is_empty());
    server.signal("TERM");
    let (code, took) = server.wait(Duration::from_secs(5));
    assert!(code == Some(0) && took < Duration::from_secs(2), "{code:?} {took:?}");
    let gone = || agents.iter().all(|pid| !std::path::Path::new(&format!("/proc/{pid}")).exists());
    assert!(eventually(Duration::from_secs(1), gone));
    client.join().unwrap();
}

fn second_server() {
    let first = start_and_use(&["--engine", "docker"]);
    let client = long_run(&first);
    let second = start_and_use(&["--engine", "docker"]);
    let mine = containers_of(first.pid());
    second.signal("KILL");
    let pid = second.pid();
    // Other tests keep the engine busy meanwhile.
    assert!(
        eventually(Duration::from_secs(15), || containers_of(pid).is_empty()),
        "{:?}",
        containers_of(pid)
    );
    // One that starts anew sweeps what dead servers left, and nothing of the living.
    let third = start_and_use(&["--engine", "docker"]);
    let still = containers_of(first.pid());
    assert!(mine.iter().filter(|name| still.contains(name)).count() > 0, "{mine:?} {still:?}");
    assert_eq!(first.run(&hello())["stages"][0]["stdout"], "hello\n");
    client.join().unwrap();
    drop(third);
}

/// Passes connections on to the engine's socket, as a remote engine's port would.
fn proxy() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            counted.fetch_add(1, Ordering::SeqCst);
            let engine = UnixStream::connect("/var/run/docker.sock").unwrap();
            let (mut up, mut up_to) = (client.try_clone().unwrap(), engine.try_clone().unwrap());
            thread::spawn(move || {
                let _ = copy(&mut up, &mut up_to);
                let _ = up_to.shutdown(std::net::Shutdown::Write);
            });
            let (mut down, mut down_to): (UnixStream, TcpStream) = (engine, client);
            thread::spawn(move || {
                let _ = copy(&mut down, &mut down_to);
                let _ = down_to.shutdown(std::net::Shutdown::Write);
            });
        }
    });
    (address, connections)
}

fn copy(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<()> {
    let mut buffer = [0; 64 << 10];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(()),
            length => to.write_all(&buffer[..length])?,
        }
    }
}

fn remote() {
    let (address, connections) = proxy();
    let server = Server::start_with(&["--engine", "docker"], |command| {
        command.env("DOCKER_HOST", &address);
    });
    assert!(eventually(Duration::from_secs(60), || !server.ready("python").is_empty()));
    let source = "import sys; print(sys.stdin.read().upper())";
    let request =
        json!({"language": "py", "files": [{"name": "main.py", "content": source}], "stdin": "over tcp"});
    assert_eq!(server.run(&request)["stages"][0]["stdout"], "OVER TCP\n");
    assert!(connections.load(Ordering::SeqCst) > 0);
    let status: Value = server.get("/api/v1/status").json().unwrap();
    let told = status["engine"]["address"].as_str().unwrap();
    assert!(told.contains(address.trim_start_matches("tcp://")), "{told}");
    let pid = server.pid();
    drop(server);
    assert!(eventually(Duration::from_secs(5), || containers_of(pid).is_empty()));
}

fn without_docker() {
    let server = Server::start_with(&[], |command| {
        command.env("DOCKER_HOST", "unix:///nowhere/docker.sock");
    });
    assert!(eventually(Duration::from_secs(60), || !server.ready("shell").is_empty()));
    let status: Value = server.get("/api/v1/status").json().unwrap();
    assert_eq!(status["engine"]["kind"], "local", "{status:#}");
    let log = server.log.lock().unwrap().clone();
    assert!(log.contains("local") && log.contains("/nowhere/docker.sock"), "{log}");
}

fn full_queue() {
    let server = start_and_use(&["--engine", "local", "--max-running", "1", "--max-waiting", "1"]);
    let client = long_run(&server);
    let mut waiting = server.stream(&hello());
    let (name, data) = waiting.next().unwrap();
    assert_eq!((name.as_str(), &data["position"]), ("queued", &json!(1)));
    let begun = std::time::Instant::now();
    let refused = server.post(&hello());
    let took = begun.elapsed();
    assert_eq!(refused.status(), 429);
    assert!(took < Duration::from_millis(100), "{took:?}");
    let after: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..60).contains(&after));
    let problem: Value = refused.json().unwrap();
    assert_eq!(problem["status"], 429, "{problem:#}");
    // One that leaves the queue makes room at once.
    drop(waiting);
    let made_room = || server.stream_status(&hello()) == 200;
    assert!(eventually(Duration::from_secs(2), made_room));
    drop(client);
}

/// Posts a run from this address; its events.
fn stream_from(server: &Server, source: [u8; 4], seconds: &str) -> Events {
    let client = Client::builder().local_address(IpAddr::from(source)).timeout(None).build().unwrap();
    let content = format!("echo begun; sleep {seconds}");
    let body = json!({"language": "sh", "files": [{"name": "main.sh", "content": content}]});
    let request = client.post(format!("{}/api/v1/runs", server.address)).json(&body);
    let response = request.header("accept", "text/event-stream").send().unwrap();
    assert_eq!(response.status(), 200);
    Events::of(response)
}

fn turns() {
    const GREEDY: [u8; 4] = [127, 0, 0, 1];
    const MODEST: [u8; 4] = [127, 0, 0, 2];
    let server = start_and_use(&["--engine", "local", "--max-running", "1", "--max-waiting", "16"]);
    let mut running = stream_from(&server, GREEDY, "3");
    assert!(running.any(|(name, _)| name == "stdout"));
    let mut greedy: Vec<_> = (0..12).map(|_| stream_from(&server, GREEDY, "0.1")).collect();
    // Three quarters of the queue are one caller's at most.
    assert_eq!(server.post(&hello()).status(), 429);
    let arrived = Instant::now();
    let mut modest = stream_from(&server, MODEST, "0.1");
    let (name, data) = modest.next().unwrap();
    assert_eq!((name.as_str(), &data["position"]), ("queued", &json!(1)));
    let (_, done) = modest.last().unwrap();
    let waited = arrived.elapsed().as_secs_f64() * 1000.0;
    let told = done["queue_ms"].as_f64().unwrap();
    assert!(told > 500.0 && told < waited, "{told} ms told, {waited} ms seen");
    // All who are greedy were told that they stand one place further back, and are served after all.
    let first: Vec<_> = greedy[0].by_ref().take_while(|(name, _)| name == "queued").collect();
    let places: Vec<_> = first.iter().map(|(_, data)| data["position"].as_u64().unwrap()).collect();
    assert_eq!(places, [1, 2, 1]);
    for events in greedy {
        let (name, done) = events.last().unwrap();
        assert_eq!((name.as_str(), &done["outcome"]), ("done", &json!("succeeded")));
        assert!(done["queue_ms"].as_f64().unwrap() > told);
    }
}
