//! What is open without a key: to whom, how often, and to which pages.

use std::process::Command;

use reqwest::blocking::Response;

use super::{Bench, PATIENCE, hello, ok, refused};
use crate::server::{BINARY, ended, eventually};

/// Lists snippets, as one who says this of its way here.
fn ask(bench: &Bench, headers: &[(&str, &str)]) -> Response {
    let mut request = bench.client.get(bench.url("/api/v1/snippets"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().unwrap()
}

pub(super) fn forwarded() {
    let nobody = Bench::empty(&["--rate", "4"]);
    for index in 0..4 {
        ok(ask(&nobody, &[("x-forwarded-for", &format!("192.0.2.{index}"))]));
    }
    for headers in [
        &[("x-forwarded-for", "192.0.2.9")][..],
        &[("forwarded", "for=192.0.2.9")],
        &[("x-real-ip", "192.0.2.9")],
        &[],
    ] {
        let problem = refused(ask(&nobody, headers), 429, "rate-limited");
        assert!(problem["detail"].as_str().unwrap().contains("from one address"), "{problem}");
    }
    // A key has its own rate, here none.
    let key = nobody.key(&["--scope", "snippets"]);
    ok(ask(&nobody, &[("x-api-key", &key)]));
    // What needs no right is not counted.
    assert_eq!(nobody.get("/healthz", "").status(), 200);

    let proxied = Bench::empty(&["--rate", "2", "--trusted-proxies", "127.0.0.0/8,10.0.0.1"]);
    for client in ["192.0.2.1", "192.0.2.2", "2001:db8::1"] {
        for _ in 0..2 {
            ok(ask(&proxied, &[("x-forwarded-for", client)]));
        }
        refused(ask(&proxied, &[("x-forwarded-for", client)]), 429, "rate-limited");
    }
    // Who writes addresses of its own before that which the proxy adds gains nothing; nor do two proxies, or the other header.
    let spoofed: [&[(&str, &str)]; 4] = [
        &[("x-forwarded-for", "203.0.113.7, 192.0.2.1")],
        &[("x-forwarded-for", "203.0.113.7"), ("x-forwarded-for", "192.0.2.1")],
        &[("x-forwarded-for", "203.0.113.7, 192.0.2.1, 10.0.0.1")],
        &[("x-forwarded-for", "2001:db8::2")],
    ];
    for headers in spoofed {
        refused(ask(&proxied, headers), 429, "rate-limited");
    }
    // Two headers that name different clients count for the proxy itself.
    let different = [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=203.0.113.8")];
    ok(ask(&proxied, &different));
    ok(ask(&proxied, &[("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=203.0.113.9")]));
    refused(ask(&proxied, &different), 429, "rate-limited");
}

pub(super) fn chosen() {
    let bench = Bench::start(&["--anonymous", "run,links"]);
    ok(bench.run(&hello(), ""));
    refused(bench.post("/api/v1/snippets", &hello(), ""), 401, "api-key-required");
    let key = bench.key(&["--scope", "snippets"]);
    let saved = ok(bench.post("/api/v1/snippets", &hello(), &key));
    let link = format!("/api/v1/snippets/{}", saved["id"].as_str().unwrap());
    let opened = bench.get(&link, "");
    assert_eq!(opened.headers()["cache-control"], "public, max-age=300");
    ok(opened);
    // What is open to everyone is open to who has a key for something else.
    ok(bench.run(&hello(), &key));
    ok(bench.post(&format!("{link}/runs"), &serde_json::json!({}), ""));
}

pub(super) fn cors() {
    let bench = Bench::empty(&["--cors-origins", "https://blog.example,http://localhost:3000"]);
    let preflight = |origin: &str, path: &str| {
        let request =
            bench.client.request(reqwest::Method::OPTIONS, bench.url(path)).header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        request.header("access-control-request-headers", "content-type, x-api-key").send().unwrap()
    };
    let allowed = preflight("https://blog.example", "/api/v1/runs");
    assert_eq!(allowed.status(), 204);
    let said = |response: &Response, name: &str| {
        response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    assert_eq!(said(&allowed, "access-control-allow-origin"), "https://blog.example");
    assert!(said(&allowed, "access-control-allow-headers").contains("x-api-key"));
    assert!(said(&allowed, "access-control-allow-methods").contains("POST"));
    assert_eq!(said(&allowed, "vary"), "origin");
    assert_eq!(said(&allowed, "access-control-allow-credentials"), "");
    for (origin, path) in [
        ("https://evil.example", "/api/v1/runs"),
        ("https://blog.example.evil.example", "/api/v1/runs"),
        ("http://blog.example", "/api/v1/runs"),
        ("null", "/api/v1/runs"),
        ("https://blog.example", "/"),
    ] {
        let denied = preflight(origin, path);
        assert_eq!(denied.status(), 405, "{origin}");
        assert_eq!(said(&denied, "access-control-allow-origin"), "", "{origin}");
    }
    let read = ask(&bench, &[("origin", "http://localhost:3000")]);
    assert_eq!(said(&read, "access-control-allow-origin"), "http://localhost:3000");
    assert!(said(&read, "access-control-expose-headers").contains("x-request-id"));
    // A page must be able to read why it was refused.
    let refusal = ask(&bench, &[("origin", "https://blog.example"), ("x-api-key", "pg_x")]);
    assert_eq!(said(&refusal, "access-control-allow-origin"), "https://blog.example");
    refused(refusal, 401, "api-key-unknown");
    assert_eq!(said(&ask(&bench, &[("origin", "https://evil.example")]), "access-control-allow-origin"), "");

    let usual = Bench::empty(&[]);
    assert_eq!(said(&ask(&usual, &[("origin", "https://blog.example")]), "access-control-allow-origin"), "");
    // What other people's pages embed goes on as it is: the script may be loaded from anywhere.
    assert_eq!(said(&usual.get("/embed.js", ""), "access-control-allow-origin"), "*");
}

/// On all addresses of this machine for a moment, and without any language: there is nothing that anybody could run.
pub(super) fn said_at_the_start() {
    let said = |args: &[&str]| {
        let bench = Bench::empty(args);
        // The table of languages comes last.
        let log = || bench.server.log.lock().unwrap().clone();
        assert!(eventually(PATIENCE, || log().contains("LANGUAGE")), "{}", log());
        log()
    };
    let all = said(&["--listen", "0.0.0.0:0"]);
    for part in [
        "Polyground is up:  http://0.0.0.0:",
        "Open to everybody: running programs; saving, listing and removing snippets; opening links to snippets",
        "without a key, 120 requests a minute of each address (--rate)",
        "--anonymous none closes it, `polyground keys create` makes keys",
    ] {
        assert!(all.contains(part), "{part}: {all}");
    }
    let closed = said(&["--listen", "0.0.0.0:0", "--anonymous", "none"]);
    assert!(closed.contains("only with an API key") && !closed.contains("Open to everybody"), "{closed}");
    let near = said(&[]);
    assert!(!near.contains("Open to everybody") && !near.contains("only with an API key"), "{near}");
}

pub(super) fn wrong_settings() {
    for (args, says) in [
        (["--anonymous", "everything"], "possible values: run, snippets, links, none"),
        (["--anonymous", "run,none"], "`none` stands alone"),
        (["--trusted-proxies", "10.0.0.0/40"], "`10.0.0.0/40` is no network"),
        (["--cors-origins", "blog.example"], "`blog.example` is no origin"),
        (["--rate", "many"], "invalid value 'many'"),
    ] {
        let data = tempfile::tempdir().unwrap();
        let mut command = Command::new(BINARY);
        command.args(["serve", "--engine", "local", "--listen", "127.0.0.1:0", "--data"]).arg(data.path());
        let (output, _) = ended(command.args(args));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains(says), "{args:?}: {text}");
    }
}
