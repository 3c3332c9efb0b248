//! Programs that are kept: saved, opened, forked, removed; and none is lost that was acknowledged.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use libtest_mimic::Trial;
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

use crate::server::Server;

type Test = fn(&Server);

pub(crate) fn trials(server: &Arc<Server>) -> Vec<Trial> {
    let tests: [(&str, Test); 5] = [
        ("a_saved_program_is_opened_as_it_was", a_saved_program_is_opened_as_it_was),
        ("a_fork_names_its_parent", a_fork_names_its_parent),
        ("the_same_request_saves_once", the_same_request_saves_once),
        ("only_its_token_removes_one", only_its_token_removes_one),
        ("what_is_wrong_is_told", what_is_wrong_is_told),
    ];
    let mut trials: Vec<Trial> = tests
        .map(|(name, test)| {
            let server = server.clone();
            Trial::test(format!("snippets::{name}"), move || {
                test(&server);
                Ok(())
            })
        })
        .into();
    trials.push(Trial::test("snippets::none_is_lost_when_the_server_is_killed", || {
        none_is_lost_when_the_server_is_killed();
        Ok(())
    }));
    trials
}

fn program(text: &str) -> Value {
    json!({"language": "shell", "version": ">=5", "stdin": "in ü", "args": ["one"], "title": "A title",
        "files": [{"name": "main.sh", "content": text}, {"name": "lib/data.bin", "content": "/wAB", "encoding": "base64"}]})
}

fn url(server: &Server, path: &str) -> String {
    format!("{}/api/v1/snippets{path}", server.address)
}

fn post(server: &Server, path: &str, body: &Value) -> Response {
    Client::new().post(url(server, path)).json(body).send().unwrap()
}

fn created(response: Response) -> Value {
    assert_eq!(response.status(), 201);
    response.json().unwrap()
}

fn get(server: &Server, path: &str) -> Response {
    Client::new().get(url(server, path)).send().unwrap()
}

fn problem(response: Response, status: u16) -> Value {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    response.json().unwrap()
}

fn a_saved_program_is_opened_as_it_was(server: &Server) {
    let run = server.run(&json!({"language": "shell", "files": [{"name": "main.sh", "content": "echo hi"}]}));
    let mut body = program("echo hi");
    body["run"] = run.clone();
    let saved = created(post(server, "", &body));
    let id = saved["id"].as_str().unwrap();
    assert_eq!(saved["url"], format!("/s/{id}"));
    let answer = get(server, &format!("/{id}"));
    assert_eq!(answer.headers()["etag"], format!("\"{id}\"").as_str());
    assert!(answer.headers()["cache-control"].to_str().unwrap().contains("max-age"));
    let opened: Value = answer.json().unwrap();
    for key in ["language", "version", "files", "stdin", "args", "title", "run"] {
        assert_eq!(opened[key], body[key], "{key}");
    }
    assert_eq!(opened["visibility"], "unlisted");
    let raw = get(server, &format!("/{id}/raw/main.sh"));
    assert_eq!(raw.headers()["x-content-type-options"], "nosniff");
    assert!(raw.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    assert!(raw.headers().contains_key("content-security-policy"));
    assert_eq!(raw.text().unwrap(), "echo hi");
    let bytes = get(server, &format!("/{id}/raw/lib%2Fdata.bin"));
    assert_eq!(bytes.headers()["content-type"], "application/octet-stream");
    assert_eq!(bytes.bytes().unwrap()[..], [0xff, 0, 1]);
    problem(get(server, &format!("/{id}/raw/missing.sh")), 404);
    let page =
        Client::new().get(format!("{}/s/{id}", server.address)).header("accept", "text/html").send().unwrap();
    assert_eq!(page.status(), 200);
    let listed: Value = get(server, "").json().unwrap();
    assert!(
        listed.as_array().unwrap().iter().all(|summary| summary["id"] != id),
        "an unlisted one is listed"
    );
}

fn a_fork_names_its_parent(server: &Server) {
    let mut public = program("echo 1");
    public["visibility"] = json!("public");
    let parent = created(post(server, "", &public));
    let parent = parent["id"].as_str().unwrap();
    let fork = created(post(server, &format!("/{parent}/forks"), &program("echo 2")));
    let fork = fork["id"].as_str().unwrap();
    let opened: Value = get(server, &format!("/{fork}")).json().unwrap();
    assert_eq!(opened["parent"], parent);
    let history: Value = get(server, &format!("/{fork}/history")).json().unwrap();
    assert_eq!(history["parents"][0]["id"], parent);
    let history: Value = get(server, &format!("/{parent}/history")).json().unwrap();
    assert_eq!(history["forks"][0]["id"], fork);
    let listed: Value = get(server, "?limit=100").json().unwrap();
    assert!(listed.as_array().unwrap().iter().any(|summary| summary["id"] == parent));
    problem(post(server, "/nothing/forks", &program("echo 3")), 404);
}

fn the_same_request_saves_once(server: &Server) {
    let send = |text: &str, key: &str| {
        Client::new()
            .post(url(server, ""))
            .header("idempotency-key", key)
            .json(&program(text))
            .send()
            .unwrap()
    };
    let first = created(send("echo once", "key-1"));
    let again = created(send("echo once", "key-1"));
    assert_eq!(first["id"], again["id"]);
    assert!(first["edit_token"].is_string() && again.get("edit_token").is_none());
    problem(send("echo other", "key-1"), 409);
    problem(send("echo other", &"k".repeat(300)), 400);
}

fn only_its_token_removes_one(server: &Server) {
    let saved = created(post(server, "", &program("echo gone")));
    let path = format!("/{}", saved["id"].as_str().unwrap());
    let remove = |token: Option<&str>| {
        let request = Client::new().delete(url(server, &path));
        match token {
            Some(token) => request.bearer_auth(token).send().unwrap(),
            None => request.send().unwrap(),
        }
    };
    problem(remove(None), 401);
    problem(remove(Some("wrong")), 403);
    assert_eq!(remove(saved["edit_token"].as_str()).status(), 200);
    problem(get(server, &path), 404);
    problem(remove(saved["edit_token"].as_str()), 404);
}

fn what_is_wrong_is_told(server: &Server) {
    let change = |key: &str, value: Value| {
        let mut body = program("echo");
        body[key] = value;
        body
    };
    let table = [
        (change("language", json!("")), "language"),
        (change("files", json!([])), "files"),
        (change("files", json!([{"name": "../x", "content": ""}])), "files[0].name"),
        (change("files", json!([{"name": "x", "content": "?", "encoding": "base64"}])), "files[0].content"),
        (change("title", json!("x".repeat(201))), "title"),
        (change("visibility", json!("secret")), "visibility"),
        (change("args", json!(["a\0"])), "args[0]"),
        (change("expires_in_s", json!(-1)), "expires_in_s"),
        (change("run", json!({"outcome": "splendid"})), "run.outcome"),
        (change("unknown", json!(1)), "unknown"),
    ];
    for (body, field) in table {
        let problem = problem(post(server, "", &body), 422);
        assert_eq!(problem["field"], field, "{problem}");
    }
    for id in ["nothing", "'%20OR%201=1--", "%00", "%ff", "..%2f..", &"x".repeat(3000)] {
        let status = get(server, &format!("/{id}")).status().as_u16();
        assert!([400, 404].contains(&status), "{id}: {status}");
    }
    let status = get(server, "?limit=0").status().as_u16();
    assert!([400, 422].contains(&status), "{status}");
}

/// Twenty clients save while the server is killed; the next server on the same folder has all that was acknowledged.
fn none_is_lost_when_the_server_is_killed() {
    let data = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", data.path().join("kept.db").display());
    let args = ["--engine", "local", "--database", database.as_str()];
    let server = Server::start(&args);
    let acknowledged = Arc::new(Mutex::new(BTreeMap::new()));
    let clients: Vec<_> = (0..20)
        .map(|client| {
            let (url, acknowledged) = (url(&server, ""), acknowledged.clone());
            thread::spawn(move || {
                let http = Client::new();
                for index in 0..1000 {
                    let text = format!("echo {client} {index}");
                    let Ok(answer) = http.post(&url).json(&program(&text)).send() else { return };
                    let Ok(saved) = answer.json::<Value>() else { return };
                    acknowledged.lock().unwrap().insert(saved["id"].as_str().unwrap().to_owned(), text);
                }
            })
        })
        .collect();
    thread::sleep(Duration::from_secs(2));
    server.signal("KILL");
    for client in clients {
        client.join().unwrap();
    }
    let acknowledged = acknowledged.lock().unwrap();
    assert!(acknowledged.len() > 20, "only {} were saved", acknowledged.len());
    let next = Server::start(&args);
    let http = Client::new();
    for (id, text) in acknowledged.iter() {
        let opened: Value = http.get(url(&next, &format!("/{id}"))).send().unwrap().json().unwrap();
        assert_eq!(opened["files"][0]["content"], *text, "{id}");
    }
}
