//! Each way to end, in each language: `tests/outcomes.yaml`.

use std::{fs, sync::Arc};

use base64::Engine;
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    languages::is_absent,
    server::{Server, repository},
};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    language: String,
    case: String,
    file: String,
    source: String,
    outcome: String,
    stage: String,
    exit_code: Option<i64>,
    signal: Option<i64>,
    stdout: Option<String>,
    stderr: Option<String>,
    #[serde(default)]
    limits: serde_json::Map<String, Value>,
}

pub(crate) fn trials(engine: &'static str, server: &Arc<Server>) -> Vec<Trial> {
    let text = fs::read_to_string(repository().join("tests/outcomes.yaml")).unwrap();
    let cases: Vec<Case> = serde_yaml::from_str(&text).unwrap();
    cases
        .into_iter()
        .map(|case| {
            let absent = is_absent(engine, server, &case.language);
            let server = server.clone();
            let name = format!("{engine}::{}_{}", case.language, case.case.replace(' ', "_"));
            Trial::test(name, move || check(&server, &case)).with_ignored_flag(absent)
        })
        .collect()
}

fn check(server: &Server, case: &Case) -> Result<(), Failed> {
    let request = json!({
        "language": case.language, "files": [{"name": case.file, "content": case.source}], "limits": case.limits,
    });
    let run = server.run(&request);
    let stage = run["stages"].as_array().unwrap().last().ok_or_else(|| format!("no stage: {run:#}"))?;
    let text = |stream: &str| {
        let text = stage[stream].as_str().unwrap().to_owned();
        if stage["encoding"] == "base64" {
            let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
            return String::from_utf8_lossy(&bytes).into_owned();
        }
        text
    };
    let mut wrong = Vec::new();
    let mut expect = |what: &str, seen: &Value, expected: Value| {
        if *seen != expected {
            wrong.push(format!("{what} is {seen}, not {expected}"));
        }
    };
    expect("the outcome", &run["outcome"], json!(case.outcome));
    expect("the stage", &stage["name"], json!(case.stage));
    if case.exit_code.is_some() {
        expect("the exit code", &stage["exit_code"], json!(case.exit_code));
    }
    if case.signal.is_some() {
        expect("the signal", &stage["signal"], json!(case.signal));
    }
    if case.outcome == "output_limit" {
        expect("truncated", &stage["truncated"], json!(true));
    }
    for (name, part) in [("stdout", &case.stdout), ("stderr", &case.stderr)] {
        if let Some(part) = part
            && !text(name).contains(part)
        {
            wrong.push(format!("{name} lacks {part:?}"));
        }
    }
    if let Some(wall_ms) = case.limits.get("wall_ms").and_then(Value::as_f64) {
        let took = stage["wall_ms"].as_f64().unwrap();
        if took < wall_ms || took > wall_ms + 500.0 {
            wrong.push(format!("took {took} ms of {wall_ms}"));
        }
    }
    if let Some(output_bytes) = case.limits.get("output_bytes").and_then(Value::as_u64) {
        let bytes = text("stdout").len() + text("stderr").len();
        if bytes as u64 != output_bytes {
            wrong.push(format!("kept {bytes} bytes of {output_bytes}"));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let mut shown = run.clone();
    for stage in shown["stages"].as_array_mut().unwrap() {
        for stream in ["stdout", "stderr"] {
            let text: String = stage[stream].as_str().unwrap().chars().take(2000).collect();
            stage[stream] = json!(text);
        }
    }
    Err(format!("{}\n{shown:#}", wrong.join("\n")).into())
}
