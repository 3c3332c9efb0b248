//! What service managers and container engines learn of a server: notices on its socket, and `polyground healthcheck`.

use std::{
    net::TcpListener,
    os::unix::net::UnixDatagram,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use serde_json::json;

use crate::server::{BINARY, Server, eventually};

pub(crate) fn trials() -> Vec<Trial> {
    let tests: [(&str, fn()); 4] = [
        ("the_service_manager_is_told_when_it_is_ready_and_when_it_stops", notices),
        ("a_server_that_draws_to_its_end_is_alive_but_not_healthy", draining),
        ("a_server_that_is_not_there_is_not_healthy", absent),
        ("the_version_names_target_and_commit", version),
    ];
    tests
        .map(|(name, test)| {
            Trial::test(format!("supervised::{name}"), move || {
                test();
                Ok(())
            })
        })
        .into()
}

/// `polyground healthcheck` for a server at `listen`, in a folder without a configuration file: its exit code, and what it says
/// on stdout and stderr.
fn health(args: &[&str], listen: &str) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(BINARY);
    command.arg("healthcheck").args(args).current_dir(folder.path()).env("POLYGROUND_LISTEN", listen);
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn address(server: &Server) -> &str {
    server.address.trim_start_matches("http://")
}

fn is_ready(server: &Server) -> bool {
    eventually(Duration::from_secs(60), || !server.ready("shell").is_empty())
}

/// What comes next on the socket, within `longest`.
fn notice(socket: &UnixDatagram, longest: Duration) -> String {
    let mut bytes = [0; 4096];
    socket.set_read_timeout(Some(longest)).unwrap();
    let length = socket.recv(&mut bytes).unwrap();
    String::from_utf8(bytes[..length].to_vec()).unwrap()
}

fn notices() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    let server = Server::start_with(&["--engine", "local"], |command| {
        command.env("NOTIFY_SOCKET", &path);
    });
    // Not before it can be connected to: its address is printed when it listens.
    assert_eq!(notice(&socket, Duration::from_secs(30)).trim(), "READY=1");
    assert!(server.get("/healthz").status().is_success());
    server.signal("TERM");
    assert_eq!(notice(&socket, Duration::from_secs(10)).trim(), "STOPPING=1");
    let (code, _) = server.wait(Duration::from_secs(20));
    assert_eq!(code, Some(0), "{}", server.log.lock().unwrap());
}

fn draining() {
    let server = Server::start(&["--engine", "local", "--drain-timeout", "30"]);
    assert!(is_ready(&server), "{}", server.log.lock().unwrap());
    assert_eq!(health(&[], address(&server)), (Some(0), "ok\n".into(), String::new()));
    assert_eq!(health(&["--live"], address(&server)).0, Some(0));
    // With a URL, the configured address does not matter.
    let url = format!("{}/readyz", server.address);
    assert_eq!(health(&["--url", &url], "127.0.0.1:1").0, Some(0));

    let body = json!({"language": "sh", "files": [{"name": "main.sh", "content": "echo begun; sleep 8"}]});
    let mut events = server.stream(&body);
    assert!(events.any(|(name, _)| name == "stdout"));
    server.signal("TERM");
    let refused = || health(&[], address(&server)).0 == Some(1);
    assert!(eventually(Duration::from_secs(3), refused));
    let (code, stdout, stderr) = health(&[], address(&server));
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
    assert!(stderr.contains("503 Service Unavailable: ") && stderr.contains("shutting down"), "{stderr}");
    assert_eq!(health(&["--live"], address(&server)).0, Some(0));
    let (_, done) = events.last().unwrap();
    assert_eq!(done["outcome"], "succeeded");
    assert_eq!(server.wait(Duration::from_secs(20)).0, Some(0));
}

fn absent() {
    // A port that was free a moment ago.
    let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (code, stdout, stderr) = health(&[], &listen);
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
    assert!(stderr.contains(&listen) && stderr.contains("cannot connect"), "{stderr}");

    // One that accepts and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = silent.local_addr().unwrap().to_string();
    let accepted = thread::spawn(move || silent.accept().unwrap());
    let begun = Instant::now();
    let (code, _, stderr) = health(&[], &listen);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("no answer within 3 s"), "{stderr}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    drop(accepted.join());

    let (code, _, stderr) = health(&["--url", "https://127.0.0.1/readyz"], &listen);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("only http://"), "{stderr}");
}

fn version() {
    let output = Command::new(BINARY).arg("--version").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], format!("polyground {}", env!("CARGO_PKG_VERSION")));
    assert!(lines[1].starts_with("commit: ") && lines[2].starts_with("date: "), "{text}");
    assert!(lines[3].starts_with("target: ") && lines[3].contains("linux"), "{text}");
    let short = Command::new(BINARY).arg("-V").output().unwrap();
    assert_eq!(String::from_utf8(short.stdout).unwrap(), format!("{}\n", lines[0]));
}
