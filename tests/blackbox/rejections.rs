//! What is wrong with a request is said: status, problem body, the field, and what would be right. Never a 500.

use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::server::Server;

/// A request body and what must come back.
struct Case {
    name: &'static str,
    body: String,
    status: u16,
    /// `field` of the problem.
    field: Option<&'static str>,
    /// Parts of `detail`.
    says: &'static [&'static str],
}

pub(crate) fn trials(engine: &'static str, server: &Arc<Server>) -> Vec<Trial> {
    cases()
        .into_iter()
        .map(|case| {
            let server = server.clone();
            Trial::test(format!("{engine}::refused_{}", case.name.replace(' ', "_")), move || {
                check(&server, &case)
            })
        })
        .collect()
}

fn with(changes: Value) -> String {
    let mut body = json!({"language": "shell", "files": [{"name": "main.sh", "content": "echo hi"}]});
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    body.to_string()
}

fn named(names: &[&str]) -> String {
    let files: Vec<_> = names.iter().map(|name| json!({"name": name, "content": ""})).collect();
    with(json!({"files": files}))
}

#[rustfmt::skip]
fn cases() -> Vec<Case> {
    let case = |name, body: String, status, field, says| Case { name, body, status, field, says };
    let many: Vec<String> = (0..101).map(|n| format!("f{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    vec![
        case("no json", "{".into(), 400, None, &[]),
        case("empty body", String::new(), 400, None, &[]),
        case("deep json", "[".repeat(100_000), 400, None, &[]),
        case("not utf-8 escapes", r#"{"language": "\ud800"}"#.into(), 400, None, &[]),
        case("no object", "[]".into(), 422, None, &[]),
        case("no language", r#"{"files": []}"#.into(), 422, Some("language"), &[]),
        case("no files", r#"{"language": "sh"}"#.into(), 422, Some("files"), &[]),
        case("empty files", with(json!({"files": []})), 422, Some("files"), &["first file"]),
        case("language of wrong type", with(json!({"language": 7})), 422, Some("language"), &[]),
        case("unknown field", with(json!({"stdinn": ""})), 422, Some("stdinn"), &["stdin"]),
        case("unknown language", with(json!({"language": "shel"})), 422, Some("language"), &["shel", "shell"]),
        case("unknown language far from any", with(json!({"language": "zzzzzzzz"})), 422, Some("language"), &["zzzzzzzz"]),
        case("empty language", with(json!({"language": ""})), 422, Some("language"), &[]),
        case("no such version", with(json!({"version": "99"})), 422, Some("version"), &["99", "5."]),
        case("nonsense version", with(json!({"version": "one point two"})), 422, Some("version"), &[]),
        case("long version", with(json!({"version": "1".repeat(1000)})), 422, Some("version"), &[]),
        case("file name up", named(&["../x"]), 422, Some("files[0].name"), &[".."]),
        case("file name absolute", named(&["main.sh", "/etc/passwd"]), 422, Some("files[1].name"), &["absolute"]),
        case("file name empty", named(&[""]), 422, Some("files[0].name"), &["empty"]),
        case("file name dot", named(&["."]), 422, Some("files[0].name"), &[]),
        case("file name with nul", named(&["a\0b"]), 422, Some("files[0].name"), &["control"]),
        case("file name with newline", named(&["a\nb"]), 422, Some("files[0].name"), &["control"]),
        case("file name that is an option", named(&["-x"]), 422, Some("files[0].name"), &["-"]),
        case("file name that is a response file", named(&["@x"]), 422, Some("files[0].name"), &["@"]),
        case("file name long", named(&[&"x".repeat(300)]), 422, Some("files[0].name"), &["255"]),
        case("file name deep", named(&[&["d"; 40].join("/")]), 422, Some("files[0].name"), &[]),
        case("file name twice", named(&["a", "a"]), 422, Some("files[1].name"), &["twice"]),
        case("file name that is a folder", named(&["a", "a/b"]), 422, Some("files[1].name"), &["which is a file"]),
        case("too many files", named(&many), 413, Some("files"), &["100"]),
        case("bad base64", with(json!({"files": [{"name": "a", "content": "?", "encoding": "base64"}]})), 422, Some("files[0].content"), &[]),
        case("bad encoding", with(json!({"files": [{"name": "a", "content": "", "encoding": "latin-1"}]})), 422, Some("files[0].encoding"), &["utf-8"]),
        case("nul in an argument", with(json!({"args": ["a\0"]})), 422, Some("args[0]"), &["NUL"]),
        case("nul in a variable", with(json!({"env": {"A": "\0"}})), 422, Some("env.A"), &["NUL"]),
        case("bad variable name", with(json!({"env": {"A=B": ""}})), 422, Some("env.A=B"), &[]),
        case("arguments too large", with(json!({"args": ["x".repeat(40_000)]})), 413, Some("args"), &["32768"]),
        case("too many arguments", with(json!({"args": vec!["x"; 300]})), 413, Some("args"), &["256"]),
        case("limit above its ceiling", with(json!({"limits": {"wall_ms": 999_999_999}})), 422, Some("limits.wall_ms"), &["ceiling"]),
        case("limit of zero", with(json!({"limits": {"cpu_ms": 0}})), 422, Some("limits.cpu_ms"), &["least"]),
        case("limit negative", with(json!({"limits": {"wall_ms": -1}})), 422, Some("limits.wall_ms"), &[]),
        case("limit not a number", with(json!({"limits": {"wall_ms": "1s"}})), 422, Some("limits.wall_ms"), &[]),
        case("limit huge", r#"{"language": "sh", "files": [{"name": "a", "content": ""}], "limits": {"wall_ms": 1e308}}"#.into(), 422, Some("limits.wall_ms"), &[]),
        case("limit on memory too low", with(json!({"limits": {"memory_bytes": 1000}})), 422, Some("limits.memory_bytes"), &["least"]),
        case("unknown limit", with(json!({"limits": {"wall": 1}})), 422, Some("limits.wall"), &["wall_ms"]),
        case("unknown stage", with(json!({"stage": "lint"})), 422, Some("stage"), &["run", "format"]),
        case("no formatter", with(json!({"stage": "format"})), 422, Some("stage"), &["formatter"]),
        case("body too large", with(json!({"stdin": "x".repeat(20 << 20)})), 413, None, &[]),
    ]
}

fn check(server: &Server, case: &Case) -> Result<(), Failed> {
    let response = reqwest::blocking::Client::new()
        .post(format!("{}/api/v1/runs", server.address))
        .header("content-type", "application/json")
        .body(case.body.clone())
        .send()?;
    let status = response.status().as_u16();
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let text = response.text()?;
    let problem: Value = serde_json::from_str(&text).map_err(|_| format!("{status}, no problem: {text}"))?;
    let mut wrong = Vec::new();
    if status != case.status || problem["status"] != case.status {
        wrong.push(format!("the status is {status}, not {}", case.status));
    }
    if kind.as_deref() != Some("application/problem+json") {
        wrong.push(format!("the content type is {kind:?}"));
    }
    for member in ["type", "title", "detail"] {
        if problem[member].as_str().is_none_or(str::is_empty) {
            wrong.push(format!("there is no `{member}`"));
        }
    }
    if case.field.is_some() && problem["field"].as_str() != case.field {
        wrong.push(format!("the field is {}, not {:?}", problem["field"], case.field));
    }
    for part in case.says {
        if !text.contains(part) {
            wrong.push(format!("it does not say {part:?}"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{}\n{problem:#}", wrong.join("\n")).into()) }
}
