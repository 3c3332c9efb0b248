//! How snippets are listed, how long they stay, how large they may be, and what a browser makes of their files.

use std::{
    thread,
    time::{Duration, Instant},
};

use reqwest::blocking::Client;
use serde_json::{Value, json};

use super::{Test, created, get, post, problem, program, url};
use crate::server::Server;

pub(super) const TESTS: [(&str, Test); 5] = [
    ("public_ones_are_listed_page_by_page", public_ones_are_listed_page_by_page),
    ("one_goes_when_its_time_has_come", one_goes_when_its_time_has_come),
    ("none_is_kept_past_its_time", none_is_kept_past_its_time),
    ("a_file_is_only_text_to_a_browser", a_file_is_only_text_to_a_browser),
    ("one_that_is_too_large_is_refused", one_that_is_too_large_is_refused),
];

fn public_ones_are_listed_page_by_page(server: &Server) {
    let mut body = program("echo");
    body["visibility"] = json!("public");
    let saved: Vec<Value> = (0..5).map(|_| created(post(server, "", &body))).collect();
    let page = |query: &str| -> Vec<Value> { get(server, query).json().unwrap() };
    let (mut listed, mut after, mut removed) = (Vec::new(), String::new(), false);
    // Other tests save public ones meanwhile: those are newer, and no page after the first shows them.
    for _ in 0..100 {
        let next = page(&format!("?limit=2{after}"));
        assert!(next.len() <= 2, "{next:?}");
        let Some(last) = next.last() else { break };
        after = format!("&after={}", last["cursor"].as_str().unwrap());
        // That it is gone when the next page is asked for ends no list.
        if let Some(ours) = saved.iter().find(|ours| !removed && ours["id"] == last["id"]) {
            let path = format!("/{}", ours["id"].as_str().unwrap());
            let token = ours["edit_token"].as_str().unwrap();
            let gone = Client::new().delete(url(server, &path)).bearer_auth(token).send().unwrap();
            assert_eq!(gone.status(), 200);
            removed = true;
        }
        listed.extend(next);
    }
    let ids: Vec<&Value> = listed.iter().map(|summary| &summary["id"]).collect();
    let saved: Vec<&Value> = saved.iter().rev().map(|saved| &saved["id"]).collect();
    let ours: Vec<&Value> = ids.iter().copied().filter(|id| saved.contains(id)).collect();
    assert_eq!(ours, saved, "the newest first, each once");
    assert!(removed, "none of them was the last one of a page");
    let times: Vec<&str> = listed.iter().map(|summary| summary["created_at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
}

fn one_goes_when_its_time_has_come(server: &Server) {
    let mut body = program("echo");
    (body["expires_in_s"], body["description"]) = (json!(3), json!("For a moment."));
    let begun = Instant::now();
    let saved = created(post(server, "", &body));
    let path = format!("/{}", saved["id"].as_str().unwrap());
    let opened: Value = get(server, &path).json().unwrap();
    assert_eq!(opened["description"], "For a moment.");
    assert!(opened["expires_at"].as_str().unwrap() > opened["created_at"].as_str().unwrap(), "{opened}");
    while get(server, &path).status() == 200 {
        assert!(begun.elapsed() < Duration::from_secs(30), "it is still there");
        thread::sleep(Duration::from_millis(100));
    }
    assert!(begun.elapsed() >= Duration::from_secs(3));
    for gone in [path.clone(), format!("{path}/raw/main.sh"), format!("{path}/history")] {
        problem(get(server, &gone), 404);
    }
    problem(post(server, &format!("{path}/runs"), &json!({})), 404);
    problem(post(server, &format!("{path}/forks"), &program("echo")), 404);
}

/// Caches may keep one for minutes, but no longer than it is there; also where they are told that theirs is good still.
fn none_is_kept_past_its_time(server: &Server) {
    let mut body = program("echo");
    body["expires_in_s"] = json!(60);
    let saved = created(post(server, "", &body));
    let id = saved["id"].as_str().unwrap();
    for path in [format!("/{id}"), format!("/{id}/raw/main.sh")] {
        for known in ["", "*"] {
            let request = Client::new().get(url(server, &path)).header("if-none-match", known);
            let answer = request.send().unwrap();
            assert_eq!(answer.status(), if known == "*" { 304 } else { 200 });
            let kept = answer.headers()["cache-control"].to_str().unwrap().to_owned();
            let age: u32 = kept.strip_prefix("public, max-age=").unwrap().parse().unwrap();
            assert!((30..60).contains(&age), "{path}: {kept}");
        }
    }
}

fn a_file_is_only_text_to_a_browser(server: &Server) {
    let script = "<script>alert(1)</script>";
    let names = ["page.html", "picture.svg", "code.js", "style.css"];
    let files: Vec<Value> = names.iter().map(|name| json!({"name": name, "content": script})).collect();
    let mut body = program("echo");
    body["files"] = json!(files);
    let saved = created(post(server, "", &body));
    for name in names {
        let raw = get(server, &format!("/{}/raw/{name}", saved["id"].as_str().unwrap()));
        let header = |name: &str| raw.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-type").starts_with("text/plain"), "{name}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{name}");
        let policy = header("content-security-policy");
        let rules: Vec<&str> = policy.split(';').map(str::trim).collect();
        assert!(rules.contains(&"default-src 'none'") && rules.contains(&"sandbox"), "{name}: {policy}");
        assert_eq!(raw.text().unwrap(), script);
    }
}

fn one_that_is_too_large_is_refused(server: &Server) {
    let with = |files: Value| {
        let mut body = program("echo");
        body["files"] = files;
        body
    };
    let many: Vec<Value> =
        (0..101).map(|index| json!({"name": format!("f{index}"), "content": ""})).collect();
    let large = json!([{"name": "main.sh", "content": "x".repeat((8 << 20) + 1)}]);
    for body in [with(json!(many)), with(large)] {
        problem(post(server, "", &body), 413);
    }
    let mut body = program("echo");
    body["args"] = json!(vec!["x"; 300]);
    problem(post(server, "", &body), 413);
    body = program("echo");
    body["description"] = json!("x".repeat(10_001));
    assert_eq!(problem(post(server, "", &body), 422)["field"], "description");
}
