use serde_json::{Value, json};

use super::*;
use crate::api::decode::decode;

fn program(body: &str) -> Result<run::RunRequest, Problem> {
    decode::<RunRequest>(body.as_bytes()).and_then(TryInto::try_into)
}

#[test]
fn a_full_request_becomes_a_run() {
    let run = program(
        r#"{"language": "Py", "version": "^3", "files": [
            {"name": "main.py", "content": "print('é')"},
            {"name": "data", "content": "AP8K\n/w", "encoding": "base64"}],
            "stdin": "in\u0000put", "args": ["a", ""], "env": {"B": "2", "A": "1"},
            "limits": {"wall_ms": 5, "memory_bytes": 18446744073709551615}, "stage": "format"}"#,
    )
    .unwrap();
    assert_eq!((run.language.as_str(), run.version.as_deref()), ("Py", Some("^3")));
    assert_eq!(run.files[0].content, "print('é')");
    assert_eq!(&run.files[1].content[..], b"\0\xff\n\xff");
    assert!(matches!(&run.stdin, run::Stdin::Whole(bytes) if bytes == "in\0put"));
    assert_eq!(run.args, ["a", ""]);
    assert_eq!(run.env.len(), 2);
    assert_eq!(
        (run.limits.wall_ms, run.limits.cpu_ms, run.limits.memory_bytes),
        (Some(5), None, Some(u64::MAX))
    );
    assert_eq!(run.purpose, run::Purpose::Format);
}

#[test]
fn what_is_left_out_or_null_is_as_if_empty() {
    let nulls = r#"{"language": "go", "files": [{"name": "a", "content": "", "encoding": null}], "version": null,
        "stdin": null, "args": null, "env": null, "limits": null, "stage": null}"#;
    for body in [nulls, r#"{"language": "go", "version": "", "files": [{"name": "a", "content": ""}]}"#] {
        let run = program(body).unwrap();
        assert_eq!(run.version, None);
        assert!(run.args.is_empty() && run.env.is_empty());
        assert_eq!(run.limits, run::LimitsAsked::default());
        assert_eq!(run.purpose, run::Purpose::Run);
    }
}

#[test]
fn each_mistake_is_named_with_its_place() {
    let files = r#""files": [{"name": "a", "content": ""}]"#;
    let good = |more: &str| format!(r#"{{"language": "go", {files}, {more}}}"#);
    for (body, status, field, words) in [
        ("", 400, "", "EOF while parsing a value at line 1, column 0"),
        ("{", 400, "", "line 1, column 1"),
        ("{\n  \"language\": go\n}", 400, "", "line 2, column 15"),
        (r#"{"language": 5, "#, 400, "", "not JSON"),
        (r#"{} {}"#, 400, "", "trailing characters"),
        (&format!("{} x", good(r#""stdin": "a""#)), 400, "", "trailing characters"),
        (&good(r#""stdin": "\ud800""#), 400, "", "not JSON"),
        (&good(r#""stdin": NaN"#), 400, "", "not JSON"),
        (&"[".repeat(100_000), 400, "", "not JSON"),
        (&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)), 422, "", "the body must be an object"),
        (&good(&format!(r#""env": {}1{}"#, "[".repeat(5000), "]".repeat(5000))), 422, "env", "an object"),
        ("[]", 422, "", "the body must be an object, not sequence"),
        ("null", 422, "", "the body must be an object, not null"),
        ("{}", 422, "language", "`language` is missing"),
        (r#"{"language": "go"}"#, 422, "files", "`files` is missing"),
        (r#"{"language": 5, "files": []}"#, 422, "language", "`language` must be a string, not integer `5`"),
        (r#"{"language": "go", "files": {}}"#, 422, "files", "must be an array"),
        (r#"{"language": "go", "files": [["a", "b"]]}"#, 422, "files[0]", "must be an object"),
        (
            r#"{"language": "go", "files": [{"name": "a", "content": ""}, {"content": ""}]}"#,
            422,
            "files[1].name",
            "`files[1].name` is missing",
        ),
        (
            r#"{"language": "go", "files": [{"name": "a", "content": null}]}"#,
            422,
            "files[0].content",
            "a string",
        ),
        (
            r#"{"language": "go", "files": [{"name": "a", "content": "", "encoding": "base46"}]}"#,
            422,
            "files[0].encoding",
            "did you mean `base64`?",
        ),
        (
            r#"{"language": "go", "files": [{"name": "a", "content": "é", "encoding": "base64"}]}"#,
            422,
            "files[0].content",
            "not base64",
        ),
        (r#"{"language": "go", "files": [{"nam": "a", "content": ""}]}"#, 422, "files[0].nam", "`name`"),
        (&good(r#""stdinn": "a""#), 422, "stdinn", "unknown field `stdinn`; did you mean `stdin`?"),
        (&good(r#""zzz": 1"#), 422, "zzz", "it is one of language, version, files"),
        (&good(r#""args": ["a", 1]"#), 422, "args[1]", "must be a string"),
        (&good(r#""env": {"A": 1}"#), 422, "env.A", "must be a string"),
        (&good(r#""limits": [1]"#), 422, "limits", "must be an object"),
        (&good(r#""limits": {"wall_ms": -1}"#), 422, "limits.wall_ms", "a whole number from 0"),
        (&good(r#""limits": {"wall_ms": 1e308}"#), 422, "limits.wall_ms", "a whole number from 0"),
        (&good(r#""limits": {"wall_ms": "5"}"#), 422, "limits.wall_ms", "a whole number from 0"),
        (&good(r#""limits": {"wall_ms": 99999999999999999999}"#), 422, "limits.wall_ms", "a whole number"),
        (&good(r#""limits": {"processes": 4294967296}"#), 422, "limits.processes", "4294967295"),
        (&good(r#""limits": {"wall": 5}"#), 422, "limits.wall", "did you mean `wall_ms`?"),
        (
            &good(r#""stage": "compile""#),
            422,
            "stage",
            "`stage` cannot be `compile`; it is one of run, format",
        ),
        (&good(r#""stdin": "a", "stdin": "b""#), 422, "stdin", "`stdin` is there twice"),
        (
            &good(&format!(r#""args": [{}""]"#, "\"\",".repeat(20_000))),
            422,
            "args",
            "more than 10000 entries",
        ),
    ] {
        let problem = program(body).expect_err(body);
        let shown = format!("{}: {problem:?}", &body[..body.len().min(200)]);
        assert_eq!(problem.kind.status().as_u16(), status, "{shown}");
        assert_eq!(problem.field.as_deref().unwrap_or_default(), field, "{shown}");
        assert!(problem.detail.contains(words), "{words:?} is not in {shown}");
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_malformed() {
    let problem = decode::<RunRequest>(b"{\"language\": \"\xff\"}").expect_err("not UTF-8");
    assert_eq!(problem.kind, Kind::MalformedJson);
}

#[test]
fn unknown_fields_and_values_list_the_known_ones() {
    let known = |body: Value| program(&body.to_string()).expect_err("wrong").known.unwrap();
    assert!(known(json!({"stdinn": ""})).contains(&"stdin".to_owned()));
    assert_eq!(known(json!({"stage": "x"})), ["run", "format"]);
}
