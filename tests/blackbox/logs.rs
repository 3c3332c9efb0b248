//! The log of a server: each line says which request and which run it belongs to, and none says what is nobody's business.

use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::server::{Server, eventually};

/// In what a caller sends, and nowhere else.
const MARKER: &str = "yellow-submarine-4711";

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("logs::carry_ids_and_no_secrets", ids_and_secrets)]
}

fn ids_and_secrets() -> Result<(), Failed> {
    let server = Server::start_with(&["--engine", "local", "--log-format", "json"], |command| {
        command.env("RUST_LOG", "debug");
    });
    server.wait_until_settled();
    let client = reqwest::blocking::Client::new();
    let program = json!({
        "language": "shell",
        "files": [{"name": "main.sh", "content": format!("echo {MARKER}; cat")}],
        "stdin": MARKER,
    });
    let request = client.post(format!("{}/api/v1/runs", server.address)).header("x-request-id", "mine-1");
    let answer = request.json(&program).send()?;
    assert_eq!(answer.headers()["x-request-id"], "mine-1");
    let run: Value = answer.json()?;
    assert!(run["stages"].to_string().contains(MARKER), "{run}");
    let id = run["id"].as_str().unwrap().to_owned();
    let saved: Value =
        client.post(format!("{}/api/v1/snippets", server.address)).json(&program).send()?.json()?;
    let token = saved["edit_token"].as_str().unwrap().to_owned();
    let snippet = format!("{}/api/v1/snippets/{}", server.address, saved["id"].as_str().unwrap());
    let removed = client.delete(snippet).bearer_auth(&token).header("x-request-id", "mine-2").send()?;
    assert!(removed.status().is_success(), "{removed:?}");

    assert!(eventually(Duration::from_secs(5), || server.log.lock().unwrap().contains("mine-2")));
    let log = server.log.lock().unwrap().clone();
    assert!(!log.contains(MARKER), "the log has what a program says or is");
    assert!(!log.contains(&token), "the log has an edit token");
    let is_of = |line: &Value, field: &str, value: &str| {
        line["spans"].as_array().is_some_and(|spans| spans.iter().any(|span| span[field] == value))
    };
    let lines: Vec<Value> = log
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let ended: Vec<_> = lines.iter().filter(|line| is_of(line, "run_id", &id)).collect();
    let end = ended.iter().find(|line| line["message"] == "run ended").unwrap();
    assert!(end["outcome"] == "succeeded" && ended.iter().all(|line| is_of(line, "request_id", "mine-1")));
    let answered =
        lines.iter().find(|line| line["message"] == "request" && is_of(line, "request_id", "mine-2"));
    assert_eq!(answered.unwrap()["method"], "DELETE");
    Ok(())
}
