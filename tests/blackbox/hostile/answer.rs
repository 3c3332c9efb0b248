//! What came of a program, against what must.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::manifest::Attack;

/// How much longer than its bound a program may keep its stage, on a machine that has other things to do.
const OVERTIME_MS: f64 = 3000.0;

/// The bound on output in every definition.
const OUTPUT_BYTES: u64 = 1 << 20;

/// What is not as it must be.
pub(super) fn differences(run: &Value, attack: &Attack) -> Vec<String> {
    let expect = &attack.expect;
    let mut wrong = Vec::new();
    let outcome = run["outcome"].as_str().unwrap();
    if !expect.outcome.iter().any(|allowed| allowed == outcome) {
        wrong.push(format!("the outcome is {outcome}, not one of {:?}", expect.outcome));
    }
    let Some(stage) = run["stages"].as_array().unwrap().last() else {
        wrong.push("no stage".into());
        return wrong;
    };
    let named = [
        ("name", expect.stage.as_ref().map(|name| json!(name))),
        ("exit_code", expect.exit_code.map(|code| json!(code))),
        ("signal", expect.signal.map(|signal| json!(signal))),
        ("truncated", Some(json!(outcome == "output_limit"))),
    ];
    for (what, expected) in named {
        if let Some(expected) = expected
            && stage[what] != expected
        {
            wrong.push(format!("{what} is {}, not {expected}", stage[what]));
        }
    }
    wrong.extend(differences_of_output(stage, attack));
    wrong.extend(differences_of_use(stage, attack));
    wrong
}

fn differences_of_output(stage: &Value, attack: &Attack) -> Vec<String> {
    let expect = &attack.expect;
    let (stdout, stderr) = (text(stage, "stdout"), text(stage, "stderr"));
    let lacking = expect.has.iter().filter(|part| !stdout.contains(*part));
    let mut wrong: Vec<_> = lacking.map(|part| format!("stdout lacks {part:?}")).collect();
    let present = expect.lacks.iter().filter(|part| stdout.contains(*part));
    wrong.extend(present.map(|part| format!("stdout has {part:?}")));
    let untold = expect.stderr_has.iter().filter(|part| !stderr.contains(*part));
    wrong.extend(untold.map(|part| format!("stderr lacks {part:?}")));
    if expect.stdout.as_ref().is_some_and(|whole| *whole != stdout) {
        wrong.push(format!("stdout is not {:?}", expect.stdout));
    }
    let bound = attack.limits.get("output_bytes").and_then(Value::as_u64).unwrap_or(OUTPUT_BYTES);
    let kept = (bytes(stage, "stdout").len() + bytes(stage, "stderr").len()) as u64;
    if kept > bound {
        wrong.push(format!("{kept} bytes were kept of {bound}"));
    }
    wrong
}

fn differences_of_use(stage: &Value, attack: &Attack) -> Vec<String> {
    let mut wrong = Vec::new();
    let took = stage["wall_ms"].as_f64().unwrap();
    if let Some(bound) = attack.limits.get("wall_ms").and_then(Value::as_f64)
        && took > bound + OVERTIME_MS
    {
        wrong.push(format!("took {took} ms of {bound}"));
    }
    let cpu_ms = stage["cpu_ms"].as_f64().unwrap();
    if cpu_ms < attack.expect.least_cpu_ms {
        wrong.push(format!("{cpu_ms} ms of CPU time, not at least {}", attack.expect.least_cpu_ms));
    }
    let memory = stage["peak_memory_bytes"].as_u64().unwrap();
    if memory < attack.expect.least_memory_bytes {
        wrong.push(format!("{memory} bytes of memory, not at least {}", attack.expect.least_memory_bytes));
    }
    wrong
}

fn bytes(stage: &Value, stream: &str) -> Vec<u8> {
    let text = stage[stream].as_str().unwrap();
    if stage["encoding"] == "base64" { STANDARD.decode(text).unwrap() } else { text.as_bytes().to_vec() }
}

/// What a stage wrote to one stream, with a mark for every byte that is not text.
pub(super) fn text(stage: &Value, stream: &str) -> String {
    String::from_utf8_lossy(&bytes(stage, stream)).into_owned()
}

/// The run without most of its output.
pub(super) fn shown(run: &Value) -> String {
    const LONGEST: usize = 3000;
    let mut outline = run.clone();
    let mut streams = String::new();
    for stage in outline["stages"].as_array_mut().unwrap() {
        for stream in ["stdout", "stderr"] {
            let start: String = text(stage, stream).chars().take(LONGEST).collect();
            let start = start.escape_debug().to_string().replace("\\n", "\n");
            streams += &format!("--- {} {stream}\n{start}\n", stage["name"]);
        }
        stage.as_object_mut().unwrap().retain(|key, _| !["stdout", "stderr"].contains(&key.as_str()));
    }
    format!("{outline}\n{streams}")
}
