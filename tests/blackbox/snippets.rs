//! Programs that are kept: saved, opened, forked, removed; and none is lost that was acknowledged.

use std::{
    collections::BTreeMap,
    fs,
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

use crate::{
    postgres::Postgres,
    server::{BINARY, Server},
};

mod forks;
mod pages;
mod versions;

type Test = fn(&Server);

const TESTS: [(&str, Test); 7] = [
    ("a_saved_program_is_opened_as_it_was", a_saved_program_is_opened_as_it_was),
    ("the_same_request_saves_once", the_same_request_saves_once),
    ("only_its_token_removes_one", only_its_token_removes_one),
    ("what_is_wrong_is_told", what_is_wrong_is_told),
    ("what_is_known_is_not_sent_again", what_is_known_is_not_sent_again),
    ("one_token_may_own_several", one_token_may_own_several),
    ("one_is_run_again_and_compared", one_is_run_again_and_compared),
];

fn tests() -> impl Iterator<Item = (&'static str, Test)> {
    TESTS.into_iter().chain(pages::TESTS).chain(forks::TESTS)
}

/// `server` is asked for most; `all_versions` has every runtime.
pub(crate) fn trials(server: &Arc<Server>, all_versions: &Arc<Server>) -> Vec<Trial> {
    let mut trials: Vec<Trial> = tests()
        .map(|(name, test)| {
            let server = server.clone();
            Trial::test(format!("snippets::{name}"), move || {
                test(&server);
                Ok(())
            })
        })
        .collect();
    let more: [(&str, fn()); 4] = [
        ("sqlite::none_is_lost_when_the_server_is_killed", || {
            let data = tempfile::tempdir().unwrap();
            none_is_lost_when_the_server_is_killed(&format!(
                "sqlite://{}",
                data.path().join("kept.db").display()
            ));
        }),
        ("postgres::none_is_lost_when_the_server_is_killed", || {
            let postgres = Postgres::start();
            none_is_lost_when_the_server_is_killed(&postgres.url());
        }),
        ("postgres::it_does_all_that_sqlite_does", || {
            let postgres = Postgres::start();
            let server = Server::start(&["--engine", "local", "--database", &postgres.url()]);
            server.wait_until_settled();
            tests().for_each(|(_, test)| test(&server));
        }),
        (
            "postgres::one_that_goes_away_is_missed_until_it_is_back",
            one_that_goes_away_is_missed_until_it_is_back,
        ),
    ];
    trials.extend(more.map(|(name, test)| {
        Trial::test(format!("snippets::{name}"), move || {
            test();
            Ok(())
        })
    }));
    trials.push(versions::trial(all_versions));
    trials.push(Trial::test("snippets::they_move_between_stores", || {
        they_move_between_stores();
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

fn the_same_request_saves_once(server: &Server) {
    let send_all = |body: &Value, key: &str| {
        Client::new().post(url(server, "")).header("idempotency-key", key).json(body).send().unwrap()
    };
    let send = |text: &str, key: &str| send_all(&program(text), key);
    let first = created(send("echo once", "key-1"));
    let again = created(send("echo once", "key-1"));
    assert_eq!(first["id"], again["id"]);
    assert!(first["edit_token"].is_string() && again.get("edit_token").is_none());
    problem(send("echo other", "key-1"), 409);
    for (field, value) in [("visibility", json!("public")), ("expires_in_s", json!(60))] {
        let mut body = program("echo once");
        body[field] = value;
        problem(send_all(&body, "key-1"), 409);
    }
    // Repeated when it has expired, it is a link to something again.
    let mut short = program("echo short");
    short["expires_in_s"] = json!(1);
    let expired = created(send_all(&short, "key-2"));
    thread::sleep(Duration::from_millis(1100));
    let again = created(send_all(&short, "key-2"));
    assert_ne!(expired["id"], again["id"]);
    assert_eq!(get(server, &format!("/{}", again["id"].as_str().unwrap())).status(), 200);
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
fn none_is_lost_when_the_server_is_killed(database: &str) {
    let args = ["--engine", "local", "--database", database];
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

fn what_is_known_is_not_sent_again(server: &Server) {
    let saved = created(post(server, "", &program("echo once")));
    let id = saved["id"].as_str().unwrap();
    for path in [format!("/{id}"), format!("/{id}/raw/main.sh")] {
        let tag = get(server, &path).headers()["etag"].clone();
        for (known, status) in
            [(tag.to_str().unwrap(), 304), ("\"other\", *", 304), ("\"other\"", 200), ("", 200)]
        {
            let request = Client::new().get(url(server, &path)).header("if-none-match", known);
            let answer = request.send().unwrap();
            assert_eq!(answer.status(), status, "{path}: {known}");
            // A 304 says anew what may be kept, and how long (RFC 9110, 15.4.5).
            assert_eq!(answer.headers()["etag"], tag, "{path}: {known}");
            assert_eq!(answer.headers()["cache-control"], "public, max-age=300", "{path}: {known}");
            assert!(status == 200 || answer.bytes().unwrap().is_empty());
        }
    }
}

fn one_token_may_own_several(server: &Server) {
    let first = created(post(server, "", &program("echo 1")));
    let token = first["edit_token"].as_str().unwrap();
    let mut second = program("echo 2");
    second["edit_token"] = json!(token);
    let second = created(post(server, "", &second));
    assert_eq!(second["edit_token"], token);
    let own = |token: &str| -> Vec<String> {
        let answer = Client::new().get(url(server, "")).header("edit-token", token).send().unwrap();
        let listed: Value = answer.json().unwrap();
        listed.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let mut expected = [&first, &second].map(|saved| saved["id"].as_str().unwrap().to_owned());
    let mut listed = own(token);
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
    assert!(own("another").is_empty());
    let mut wrong = program("echo 3");
    wrong["edit_token"] = json!("mine");
    assert_eq!(problem(post(server, "", &wrong), 422)["field"], "edit_token");
}

fn one_is_run_again_and_compared(server: &Server) {
    let text = "cat; echo \"$@\"; [ ! -e lib/data.bin ] || echo there; date +%N";
    let mut steady = program("cat; echo \"$1\"");
    let run = |body: &Value| {
        let mut asked = body.clone();
        for key in ["title", "run"] {
            asked.as_object_mut().unwrap().remove(key);
        }
        server.run(&asked)
    };
    steady["run"] = run(&steady);
    assert_eq!(steady["run"]["outcome"], "succeeded", "{}", steady["run"]);
    let mut moody = program(text);
    moody["run"] = run(&moody);
    let again = |body: &Value, asked: &Value| -> Value {
        let saved = created(post(server, "", body));
        post(server, &format!("/{}/runs", saved["id"].as_str().unwrap()), asked).json().unwrap()
    };
    let same = again(&steady, &json!({}));
    assert_eq!(same["comparison"]["result"], "same", "{same}");
    assert_eq!(same["run"]["stages"][0]["stdout"], steady["run"]["stages"][0]["stdout"]);
    let other = again(&moody, &json!({"version": "*"}));
    assert_eq!(other["comparison"]["result"], "different", "{other}");
    let difference = &other["comparison"]["differences"][0];
    assert_eq!((&difference["stage"], &difference["what"]), (&json!("run"), &json!("stdout")));
    assert!(difference["diff"].as_str().unwrap().contains("@@"), "{difference}");
    let nothing = again(&program("echo"), &json!({}));
    assert_eq!(nothing["comparison"], json!({"result": "nothing_recorded", "differences": []}));
    let saved = created(post(server, "", &steady));
    let path = format!("/{}/runs", saved["id"].as_str().unwrap());
    assert_eq!(problem(post(server, &path, &json!({"version": "^999"})), 422)["field"], "version");
    problem(post(server, &path, &json!({"verzion": "1"})), 422);
    problem(post(server, "/nothing/runs", &json!({})), 404);
}

fn one_that_goes_away_is_missed_until_it_is_back() {
    let postgres = Postgres::start();
    let server = Server::start(&["--engine", "local", "--database", &postgres.url()]);
    let saved = created(post(&server, "", &program("echo kept")));
    let path = format!("/{}", saved["id"].as_str().unwrap());
    let (folder, port) = postgres.stop_but_keep();
    let answer = get(&server, &path);
    assert!(answer.headers().contains_key("retry-after"));
    problem(answer, 503);
    problem(post(&server, "", &program("echo lost")), 503);
    let _again = Postgres::start_in(folder, port);
    let begun = Instant::now();
    while get(&server, &path).status() != 200 {
        assert!(begun.elapsed() < Duration::from_secs(10), "it is back, and still missed");
        thread::sleep(Duration::from_millis(200));
    }
    created(post(&server, "", &program("echo kept too")));
}

fn polyground(args: &[&str]) -> (bool, String) {
    let output = Command::new(BINARY).args(args).env("NO_COLOR", "1").output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

/// By the commands, while a server goes on: SQLite to PostgreSQL and back.
fn they_move_between_stores() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (first, last) = (format!("sqlite://{}", at("first.db")), format!("sqlite://{}", at("last.db")));
    let postgres = Postgres::start();
    let server = Server::start(&["--engine", "local", "--database", &first]);
    let saved: Vec<Value> =
        (0..30).map(|index| created(post(&server, "", &program(&format!("echo {index}"))))).collect();
    let done = |args: &[&str], says: &str| {
        let (success, said) = polyground(args);
        assert!(success && said.contains(says), "{args:?}: {said}");
    };
    let refused = |args: &[&str], says: &str| {
        let (success, said) = polyground(args);
        assert!(!success && said.contains(says), "{args:?}: {said}");
    };
    done(&["backup", "--database", &first, &at("copy.db")], "is a copy of");
    refused(&["backup", "--database", &first, &at("copy.db")], "is there already");
    refused(&["backup", "--database", &postgres.url(), &at("x.db")], "pg_dump");
    refused(&["export", "--database", "sqlite:///nowhere/x.db", "-"], "is not there");
    done(&["export", "--database", &first, &at("one.jsonl")], "30 snippets exported");
    refused(&["export", "--database", &first, &at("one.jsonl")], "must be a new file");
    done(&["import", "--database", &postgres.url(), &at("one.jsonl")], "30 snippets added");
    done(&["import", "--database", &postgres.url(), &at("one.jsonl")], "30 were there already");
    done(&["export", "--database", &postgres.url(), &at("two.jsonl")], "30 snippets exported");
    assert_eq!(fs::read(at("one.jsonl")).unwrap(), fs::read(at("two.jsonl")).unwrap());
    let mut lines = fs::read_to_string(at("two.jsonl")).unwrap();
    lines.push_str("not JSON\n{}\n\n");
    fs::write(at("wrong.jsonl"), lines).unwrap();
    refused(&["import", "--database", &last, &at("wrong.jsonl")], "30 snippets added");
    refused(&["import", "--database", &last, &at("wrong.jsonl")], "2 lines refused");
    drop(server);
    for database in [last, format!("sqlite://{}", at("copy.db"))] {
        let server = Server::start(&["--engine", "local", "--database", &database]);
        for (index, one) in saved.iter().enumerate() {
            let path = format!("/{}", one["id"].as_str().unwrap());
            let opened: Value = get(&server, &path).json().unwrap();
            assert_eq!(opened["files"][0]["content"], format!("echo {index}"));
            assert_eq!(opened["created_at"], one["created_at"]);
        }
        let first = &saved[0];
        let path = format!("/{}", first["id"].as_str().unwrap());
        let token = first["edit_token"].as_str().unwrap();
        assert_eq!(
            Client::new().delete(url(&server, &path)).bearer_auth(token).send().unwrap().status(),
            200
        );
    }
}
