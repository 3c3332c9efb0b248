//! What `deploy/compose.yaml` has the socket's proxy pass, and what the server really asks the engine for: nothing beyond it.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    net::Shutdown,
    os::unix::{
        fs::symlink,
        net::{UnixListener, UnixStream},
    },
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use libtest_mimic::Trial;
use serde_json::json;

use crate::{
    plugins::{definition, write},
    server::{Server, containers_of, docker, eventually, repository},
};

/// Methods and the first part of paths.
type Asked = Arc<Mutex<BTreeSet<(String, String)>>>;

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("allow_list::the_compose_files_proxy_passes_all_that_the_server_asks_for", || {
        all_is_passed();
        Ok(())
    })]
}

/// An engine that remembers what it is asked for, at a socket in this folder.
fn engine(folder: &Path) -> (String, Asked) {
    let (socket, asked) = (folder.join("docker.sock"), Asked::default());
    let listener = UnixListener::bind(&socket).unwrap();
    let kept = asked.clone();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let engine = UnixStream::connect("/var/run/docker.sock").unwrap();
            let (up, up_to, asked) = (client.try_clone().unwrap(), engine.try_clone().unwrap(), kept.clone());
            thread::spawn(move || pass_on(up, up_to, |piece| note(piece, &asked)));
            thread::spawn(move || pass_on(engine, client, |_| {}));
        }
    });
    (format!("unix://{}", socket.display()), asked)
}

fn pass_on(mut from: UnixStream, mut to: UnixStream, seen: impl Fn(&[u8])) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        seen(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// The request whose head begins a piece, if one does: `GET /v1.41/containers/json?all=1 HTTP/1.1`. Each begins one, because none is
/// sent before the last was answered.
fn note(piece: &[u8], asked: &Asked) {
    let line = piece.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let Some((method, rest)) = std::str::from_utf8(line).ok().and_then(|line| line.split_once(' ')) else {
        return;
    };
    let Some(path) = rest.strip_suffix(" HTTP/1.1") else { return };
    let path = path.split('?').next().unwrap_or_default();
    let is_version =
        |part: &&str| part.starts_with('v') && part[1..].starts_with(|c: char| c.is_ascii_digit());
    let first = path.split('/').find(|part| !part.is_empty() && !is_version(part)).unwrap_or_default();
    asked.lock().unwrap().insert((method.to_owned(), first.to_owned()));
}

/// Names of the proxy's variables that are 1: each lets a part of the paths pass, `POST` every method beside GET and HEAD.
fn passed() -> BTreeSet<String> {
    let text = fs::read_to_string(repository().join("deploy/compose.yaml")).unwrap();
    let proxy = text.split_once("\n  socket-proxy:\n").expect("a proxy").1;
    let proxy = proxy.split_once("\n\n").expect("something behind it").0;
    let names = proxy.lines().filter_map(|line| line.trim().strip_suffix(": 1"));
    names.map(str::to_owned).collect()
}

fn all_is_passed() {
    let (place, runtimes) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (host, asked) = engine(place.path());
    // One image that is there, and one that has to be made.
    symlink(repository().join("runtimes/bash-5.2"), runtimes.path().join("bash-5.2")).unwrap();
    let made = runtimes.path().join("allowed-5");
    let text = definition("any", "any").replace("plug", "allowed");
    write(&made, &text.replace(r#"{ref: "polyground/base:trixie"}"#, "{build: .}"));
    let stamp = std::process::id();
    fs::write(made.join("Dockerfile"), format!("FROM polyground/base:trixie\nLABEL stamp={stamp}\n"))
        .unwrap();

    let folder = runtimes.path().to_str().unwrap();
    let server = Server::start(&["--engine", "docker", "--docker-host", &host, "--runtimes", folder]);
    let built = || docker().args(["images", "--quiet", "polyground/allowed-5"]).output().unwrap().stdout;
    assert!(eventually(Duration::from_secs(180), || !built().is_empty()), "{}", server.log.lock().unwrap());
    server.wait_until_settled();
    let program = json!({"language": "shell", "files": [{"name": "main.sh", "content": "echo passed"}]});
    assert_eq!(server.run(&program)["stages"][0]["stdout"], "passed\n");
    assert_eq!(server.get("/readyz").status(), 200);
    let pid = server.pid();
    drop(server);
    assert!(eventually(Duration::from_secs(10), || containers_of(pid).is_empty()));
    let image = String::from_utf8(built()).unwrap();
    assert!(docker().args(["rmi", "--force", image.trim()]).output().unwrap().status.success());

    let (asked, passed) = (asked.lock().unwrap(), passed());
    let is_passed = |(method, part): &(String, String)| {
        let reads = ["GET", "HEAD"].contains(&method.as_str());
        passed.contains(&part.trim_start_matches('_').to_uppercase()) && (reads || passed.contains("POST"))
    };
    let refused: Vec<_> = asked.iter().filter(|one| !is_passed(one)).collect();
    assert!(refused.is_empty(), "the proxy of deploy/compose.yaml refuses {refused:?}, of {asked:?}");
    // And the other way round: what nobody asks for need not be open.
    let mut needless = passed.clone();
    needless.remove("POST");
    for (_, part) in asked.iter() {
        needless.remove(&part.trim_start_matches('_').to_uppercase());
    }
    assert!(needless.is_empty(), "nobody asks for {needless:?}: {asked:?}");
}
