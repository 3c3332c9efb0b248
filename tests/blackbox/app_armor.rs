//! A host whose AppArmor denies mounts to containers, as stock Debian and Ubuntu do: what is said, and what is refused.
//!
//! No AppArmor is needed here: between server and engine stands something that lets the engine say that it has it, and that has
//! `/proc` of every cell protected, so that the kernel really refuses the mounts of a nested sandbox.

use std::{
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    process::Command,
    thread,
    time::Duration,
};

use libtest_mimic::Trial;
use serde_json::Value;

use crate::{
    isolation::{refusal, serve},
    server::{BINARY, Server, ended, eventually, repository},
};

/// What is put in the place of what, on the way to the engine and back. Of the same length: messages tell theirs.
const TO_ENGINE: (&str, &str) = (r#""ReadonlyPaths":[]"#, r#""ReadonlyPathz":[]"#);
const FROM_ENGINE: (&str, &str) = ("name=seccomp,profile=default", "name=apparmor,profil=default");

/// What is told wherever somebody asks why.
const TOLD: [&str; 2] = [
    "the engine's own profile (docker-default) denies every mount",
    "apparmor_parser -r -W deploy/apparmor/polyground-cell",
];

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |name: &str, test: fn()| {
        Trial::test(format!("app_armor::{name}"), move || {
            test();
            Ok(())
        })
    };
    vec![
        trial("the_status_names_the_profile_and_the_cure", status),
        trial("nested_isolation_is_refused_with_the_reason_and_the_cure", refused),
        trial("doctor_has_the_cure", doctor),
    ]
}

/// The engine of such a host, at a socket in this folder.
fn engine(folder: &Path) -> String {
    let socket = folder.join("docker.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let engine = UnixStream::connect("/var/run/docker.sock").unwrap();
            let (up, up_to) = (client.try_clone().unwrap(), engine.try_clone().unwrap());
            thread::spawn(move || pass_on(up, up_to, "POST ", TO_ENGINE));
            thread::spawn(move || pass_on(engine, client, "HTTP/1.1 200", FROM_ENGINE));
        }
    });
    format!("unix://{}", socket.display())
}

/// Passes everything on as it comes; a message that begins so and tells its length is changed as a whole.
fn pass_on(mut from: UnixStream, mut to: UnixStream, begin: &str, (old, new): (&str, &str)) {
    let (mut pending, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        pending.extend_from_slice(&buffer[..length]);
        if pending.starts_with(begin.as_bytes()) && !is_whole(&pending) {
            continue;
        }
        if pending.starts_with(begin.as_bytes()) {
            while let Some(at) = pending.windows(old.len()).position(|part| part == old.as_bytes()) {
                pending[at..at + new.len()].copy_from_slice(new.as_bytes());
            }
        }
        if to.write_all(&pending).is_err() {
            break;
        }
        pending.clear();
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// Whether the HTTP message is there to its end, as far as it tells where that is.
fn is_whole(message: &[u8]) -> bool {
    let Some(end) = message.windows(4).position(|part| part == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&message[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    message.len() >= end + 4 + length.unwrap_or(0)
}

fn status() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    let server = Server::start_with(&["--engine", "docker"], |command| {
        command.env("DOCKER_HOST", &engine);
    });
    let ready = eventually(Duration::from_secs(180), || !server.ready("shell").is_empty());
    assert!(ready, "{}", server.log.lock().unwrap());
    let status: Value = server.get("/api/v1/status").json().unwrap();
    assert_eq!(status["isolation"]["mode"], "single-use", "{status:#}");
    let reason = status["isolation"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("nested sandboxes cannot be had here: "), "{reason}");
    for part in TOLD {
        assert!(reason.contains(part), "{part}: {reason}");
    }
}

fn refused() {
    let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let engine = engine(folder.path());
    let args = serve(data.path(), &["--engine", "docker", "--require-isolation", "nested"]);
    let (output, _) = ended(Command::new(&args[0]).args(&args[1..]).env("DOCKER_HOST", engine));
    let said = refusal(&output);
    let required = "`nested` is required (--require-isolation) and only `single-use` can be had here";
    for part in [required].iter().chain(&TOLD) {
        assert!(said.contains(part), "{part}: {said}");
    }
}

fn doctor() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(BINARY);
    command.args(["doctor", "--engine", "docker"]).current_dir(repository());
    let output = command.env("DOCKER_HOST", engine(folder.path())).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("single-use works") && said.contains("nested does not"), "{said}");
    for part in TOLD {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(said.contains("→ sudo apparmor_parser -r -W"), "{said}");
}
