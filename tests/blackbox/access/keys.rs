//! API keys, from being made to being revoked.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{Bench, PATIENCE, hello, ok, program, refused, with};
use crate::server::eventually;

pub(super) fn scopes() {
    let bench = Bench::start(&["--anonymous", "none"]);
    let run = bench.key(&["--scope", "run"]);
    let snippets = bench.key(&["--scope", "snippets"]);
    let both = bench.key(&["--scope", "run,snippets"]);
    let unknown = format!("pg_{}", "2".repeat(32));
    let problem = refused(bench.run(&hello(), ""), 401, "api-key-required");
    assert!(problem["detail"].as_str().unwrap().contains("scope `run`"), "{problem}");
    for sent in [unknown.as_str(), "nonsense", &format!("{run}x"), "pg_"] {
        refused(bench.run(&hello(), sent), 401, "api-key-unknown");
    }
    refused(bench.run(&hello(), &snippets), 403, "scope-missing");
    assert_eq!(ok(bench.run(&hello(), &run))["stages"][0]["stdout"], "hello\n");
    let bearer = bench.client.post(bench.url("/api/v1/runs")).json(&hello());
    ok(bearer.header("authorization", format!("Bearer {run}")).send().unwrap());
    // Before the body is looked at.
    let request = bench.client.post(bench.url("/api/v1/runs")).header("content-type", "application/json");
    refused(request.body("nonsense").send().unwrap(), 401, "api-key-required");

    refused(bench.post("/api/v1/snippets", &hello(), &run), 403, "scope-missing");
    refused(bench.get("/api/v1/snippets", ""), 401, "api-key-required");
    let saved = ok(bench.post("/api/v1/snippets", &hello(), &snippets));
    let link = format!("/api/v1/snippets/{}", saved["id"].as_str().unwrap());
    for path in [link.clone(), format!("{link}/raw/main.plug"), format!("{link}/history")] {
        refused(bench.get(&path, ""), 401, "api-key-required");
        refused(bench.get(&path, &run), 403, "scope-missing");
        ok(bench.get(&path, &snippets));
    }
    let opened = bench.get(&link, &snippets);
    assert_eq!(opened.headers()["cache-control"], "private, max-age=300");
    refused(bench.post(&format!("{link}/runs"), &json!({}), &run), 403, "scope-missing");
    ok(bench.post(&format!("{link}/runs"), &json!({}), &both));
    ok(bench.post(&format!("{link}/forks"), &hello(), &snippets));

    // The edit token and the key are two things: each is asked for, and neither stands for the other.
    let delete = || bench.client.delete(bench.url(&link));
    let token = format!("Bearer {}", saved["edit_token"].as_str().unwrap());
    refused(delete().header("authorization", &token).send().unwrap(), 401, "api-key-required");
    refused(with(delete(), &snippets).send().unwrap(), 401, "unauthorized");
    let twice = delete().header("authorization", format!("Bearer {snippets}")).send().unwrap();
    refused(twice, 401, "unauthorized");
    ok(with(delete(), &snippets).header("authorization", &token).send().unwrap());

    // What watches over servers, and what a page needs to be shown, is open.
    for path in ["/healthz", "/readyz", "/version", "/api/v1/status", "/api/v1/runtimes", "/"] {
        assert_eq!(bench.get(path, "").status(), 200, "{path}");
    }
}

pub(super) fn own_requests() {
    let bench = Bench::start(&[]);
    let one = bench.key_of("one", &["--scope", "snippets"]);
    let other = bench.key_of("other", &["--scope", "snippets"]);
    let save = |key: &str| {
        let request = bench.client.post(bench.url("/api/v1/snippets")).json(&hello());
        ok(with(request, key).header("idempotency-key", "1").send().unwrap())["id"].clone()
    };
    let ids = [save(&one), save(&other), save("")];
    assert_eq!([save(&one), save(&other), save("")], ids, "each is repeated");
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "{ids:?}");
}

pub(super) fn revocation() {
    let bench = Bench::start(&["--anonymous", "none"]);
    let key = bench.key(&["--scope", "run"]);
    let other = bench.key_of("other", &["--scope", "run"]);
    let mut events = bench.begun(12, &key);
    let revoked = bench.keys(&["revoke", "test"]);
    assert!(revoked.status.success(), "{revoked:?}");
    let begun = Instant::now();
    let ended = eventually(PATIENCE, || bench.run(&hello(), &key).status() == 401);
    // It says 5 seconds; the rest is what one answer may take here.
    assert!(ended && begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
    refused(bench.run(&hello(), &key), 401, "api-key-unknown");
    ok(bench.run(&hello(), &other));
    let (_, done) =
        events.find(|(name, _)| name == "done").expect("the run that had begun ends as it would have");
    assert_eq!(done["outcome"], "succeeded");
    let again = bench.keys(&["revoke", "test"]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("no key that holds"));
}

pub(super) fn rate_and_concurrency() {
    let bench = Bench::start(&["--anonymous", "none"]);
    let key = bench.key(&["--scope", "snippets", "--rate", "3"]);
    for _ in 0..3 {
        ok(bench.get("/api/v1/snippets", &key));
    }
    let problem = refused(bench.get("/api/v1/snippets", &key), 429, "rate-limited");
    assert!(problem["detail"].as_str().unwrap().starts_with("3 requests in a minute"), "{problem}");
    let other = bench.key(&["--scope", "snippets"]);
    ok(bench.get("/api/v1/snippets", &other));

    let key = bench.key(&["--scope", "run", "--concurrency", "1"]);
    let events = bench.begun(15, &key);
    let problem = refused(bench.run(&hello(), &key), 429, "concurrency-limited");
    assert!(problem["detail"].as_str().unwrap().starts_with("1 programs of this API key"), "{problem}");
    // Who hangs up gives the place back.
    drop(events);
    assert!(eventually(Duration::from_secs(10), || bench.run(&hello(), &key).status() == 200));
    // So does a run that ends, and one that is refused.
    assert_eq!(bench.run(&program("exit 1", &[]), &key).status(), 200);
    assert_eq!(bench.run(&json!({"language": "plug"}), &key).status(), 422);
    ok(bench.run(&hello(), &key));
}

pub(super) fn ceilings() {
    let bench = Bench::start(&["--anonymous", "run"]);
    let low = bench.key(&["--scope", "run", "--wall", "700ms", "--output", "1KiB"]);
    let slow = program("sleep 3; echo over", &[]);
    let run = ok(bench.run(&slow, &low));
    assert_eq!(run["outcome"], "timed_out", "{run}");
    assert!(run["stages"][0]["wall_ms"].as_f64().unwrap() < 2_500.0, "{run}");
    assert_eq!(ok(bench.run(&slow, ""))["outcome"], "succeeded", "who has no key has the definition's");
    let run = ok(bench.run(&program("head -c 5000 /dev/zero", &[]), &low));
    assert_eq!(run["outcome"], "output_limit", "{run}");
    let mut asked = hello();
    asked["limits"] = json!({"wall_ms": 1_000});
    let problem = refused(bench.run(&asked, &low), 422, "invalid-field");
    assert_eq!(problem["field"], "limits.wall_ms");
    assert!(problem["detail"].as_str().unwrap().contains("this caller's ceiling is 700"), "{problem}");
    asked["limits"] = json!({"wall_ms": 600});
    assert_eq!(bench.run(&asked, &low).status(), 200);
    let high = bench.key(&["--scope", "run", "--wall", "1h"]);
    asked["limits"] = json!({"wall_ms": 20_001});
    let problem = refused(bench.run(&asked, &high), 422, "invalid-field");
    assert!(problem["detail"].as_str().unwrap().contains("this runtime's ceiling is 20000"), "{problem}");
}

pub(super) fn secrecy() {
    let bench = Bench::start(&["--anonymous", "none"]);
    let key = bench.key(&["--scope", "run,snippets"]);
    ok(bench.run(&hello(), &key));
    refused(bench.get(&format!("/nowhere?key={key}"), &key), 404, "not-found");
    let wrong = format!("{}2", &key[..key.len() - 1]);
    bench.run(&hello(), &wrong);
    thread::sleep(Duration::from_millis(300));
    let log = bench.server.log.lock().unwrap().clone();
    for args in [&["list"][..], &["list", "--json", "--all"]] {
        let output = bench.keys(args);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("test") && text.contains("snippets"), "{text}");
        for secret in [&key[3..], &wrong[3..]] {
            assert!(!text.contains(secret) && !log.contains(secret), "{text}\n{log}");
        }
    }
    assert!(log.contains("/api/v1/runs"), "{log}");
    // Nor in the database, its journal, or anything else that is kept.
    let mut files = 0;
    for entry in fs::read_dir(bench.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            files += 1;
            let bytes = fs::read(&path).unwrap();
            assert!(!bytes.windows(32).any(|part| part == &key.as_bytes()[3..]), "{}", path.display());
        }
    }
    assert!(files > 0);
    let json = bench.keys(&["create", "--name", "json", "--scope", "run", "--json"]);
    let made: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    ok(bench.run(&hello(), made["key"].as_str().unwrap()));
    for args in [
        &["create", "--name", "x"][..],
        &["create", "--name", "x", "--scope", "all"],
        &["create", "--name", "\n", "--scope", "run"],
    ] {
        assert!(!bench.keys(args).status.success(), "{args:?}");
    }
    let nowhere = std::process::Command::new(crate::server::BINARY)
        .args(["keys", "list", "--database"])
        .arg(format!("sqlite://{}", bench.folder.path().join("nothing.db").display()))
        .output()
        .unwrap();
    assert!(!nowhere.status.success() && !bench.folder.path().join("nothing.db").exists());
}

pub(super) fn websocket() {
    let bench = Bench::start(&["--anonymous", "none"]);
    let key = bench.key(&["--scope", "run"]);
    let head = |more: &str| {
        let address = bench.server.address.strip_prefix("http://").unwrap();
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "GET /api/v1/runs/ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
        );
        socket.write_all(request.as_bytes()).unwrap();
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") && socket.read(&mut byte).unwrap() == 1 {
            head.push(byte[0]);
        }
        String::from_utf8(head).unwrap().to_lowercase()
    };
    assert!(head("").starts_with("http/1.1 401"));
    assert!(head("X-API-Key: pg_x\r\n").starts_with("http/1.1 401"));
    assert!(head(&format!("X-API-Key: {key}\r\n")).starts_with("http/1.1 101"));
    let with_protocol = head(&format!("Sec-WebSocket-Protocol: polyground, {key}\r\n"));
    assert!(with_protocol.starts_with("http/1.1 101"), "{with_protocol}");
    assert!(with_protocol.contains("sec-websocket-protocol: polyground\r\n"), "{with_protocol}");
    assert!(!with_protocol.contains(&key.to_lowercase()), "{with_protocol}");
}
