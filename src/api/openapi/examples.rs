//! Examples for every operation. Answers are made through the same conversions as real ones, so that they cannot
//! say what the API does not.

use std::{sync::LazyLock, time::Duration};

use bytes::Bytes;
use poem_openapi::types::ToJSON;
use polyground_protocol::Stream;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    api::{
        problem::{Kind, Problem},
        status::{EngineReport, IsolationReport, StatusReport},
        wire::{
            event::RunEvent,
            run::Run,
            runtime::RuntimeInfo,
            status::{RuntimeCounts, Status},
        },
    },
    catalog::{Listing, State, Subject},
    run::{Artifact, Busy, Event, Outcome, Output, Rejection, RunReport, RuntimeRef, StageReport},
};

const ID: Uuid = Uuid::from_u128(0x0193_5a3c_0c00_7000_8000_0000_0000_0001);
pub(super) const JSON: &str = "application/json";
pub(super) const PROBLEM: &str = "application/problem+json";

/// Puts examples beside the schemas of every operation's request and answers.
pub(super) fn add(document: &mut Value) {
    for path in ["/api/v1/runs", "/api/v1/runs/stream"] {
        add_runs(&mut document["paths"][path]["post"]);
    }
    for (change, status) in [("rebuild", "202"), ("enable", "202"), ("disable", "200")] {
        let answers =
            &mut document["paths"][format!("/api/v1/admin/runtimes/{{id}}/{change}")]["post"]["responses"];
        let listed = runtimes()[0].clone();
        set(&mut answers[status]["content"], JSON, vec![("example", "As it is listed then.", listed)]);
        let disabled = Problem::new(Kind::RuntimeDisabled, Kind::RuntimeDisabled.explanation());
        let example = ("example", disabled.kind.title(), disabled.to_value());
        if let Some(conflict) = answers.get_mut("409") {
            set(&mut conflict["content"], PROBLEM, vec![example]);
        }
    }
    let mut answer = |path: &str, status: &str, media_type: &str, summary: &'static str, value: Value| {
        let content = &mut document["paths"][path]["get"]["responses"][status]["content"];
        set(content, media_type, vec![("example", summary, value)]);
    };
    answer("/api/v1/runtimes", "200", JSON, "Two runtimes, one of them ready.", runtimes());
    answer("/api/v1/status", "200", JSON, "A server at work.", status());
    for path in ["/healthz", "/readyz"] {
        answer(path, "200", JSON, "Fine.", json!({"status": "ok"}));
    }
    let not_ready =
        Problem::new(Kind::NotReady, "no runtime is ready: 2 are being prepared, 0 are unavailable");
    answer("/readyz", "503", "application/problem+json", "Starting.", not_ready.to_value());
    answer(
        "/version",
        "200",
        JSON,
        "A release.",
        json!({"name": "polyground", "version": env!("CARGO_PKG_VERSION")}),
    );
}

fn add_runs(runs: &mut Value) {
    set(&mut runs["requestBody"]["content"], JSON, requests());
    set(
        &mut runs["responses"]["200"]["content"],
        JSON,
        vec![
            ("succeeded", "It printed and exited with 0.", to_json(Run::from(report(Outcome::Succeeded)))),
            (
                "timed_out",
                "It was still running when its time was up.",
                to_json(Run::from(report(Outcome::TimedOut))),
            ),
        ],
    );
    set(&mut runs["responses"]["200"]["content"], "text/event-stream", events());
    for (status, name, problem) in problems() {
        let content = &mut runs["responses"][status]["content"];
        set(content, "application/problem+json", vec![(name, problem.kind.title(), problem.to_value())]);
    }
}

/// Does nothing where there is no such content: an example alone would make an invalid document.
pub(super) fn set(content: &mut Value, media_type: &str, examples: Vec<(&str, &str, Value)>) {
    let Some(media) = content.get_mut(media_type) else { return };
    let named = examples
        .into_iter()
        .map(|(name, summary, value)| (name.to_owned(), json!({"summary": summary, "value": value})));
    media["examples"] = named.collect::<Map<_, _>>().into();
}

pub(super) fn to_json(value: impl ToJSON) -> Value {
    value.to_json().unwrap_or_default()
}

fn requests() -> Vec<(&'static str, &'static str, Value)> {
    [
        ("hello", "The least there can be."),
        ("everything", "A version's range, input, arguments, environment and limits."),
        ("format", "Formats the main file instead of running it."),
    ]
    .map(|(name, summary)| (name, summary, words()["requests"][name].clone()))
    .into()
}

/// What names languages stands in a file beside this one: no Rust code does.
pub(super) fn words() -> &'static Value {
    static WORDS: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).unwrap_or_default());
    &WORDS
}

fn word(pointer: &str) -> String {
    words().pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn runtime() -> RuntimeRef {
    let [id, language, version, name] =
        ["id", "language", "version", "name"].map(|key| word(&format!("/runtime/{key}")));
    RuntimeRef { id, language, version, name }
}

fn stage(outcome: Outcome) -> StageReport {
    let timed_out = outcome == Outcome::TimedOut;
    StageReport {
        name: "run",
        exit_code: (!timed_out).then_some(0),
        signal: timed_out.then_some(9),
        stdout: Bytes::from_static(if timed_out { b"" } else { b"hello\n" }),
        stderr: Bytes::new(),
        truncated: false,
        wall_ms: if timed_out { 10_001.2 } else { 9.8 },
        cpu_ms: if timed_out { 9_874.0 } else { 7.1 },
        peak_memory_bytes: 9_437_184,
    }
}

/// A run as it may be recorded.
pub(super) fn recorded() -> Run {
    Run::from(report(Outcome::Succeeded))
}

fn report(outcome: Outcome) -> RunReport {
    let stage = stage(outcome);
    let total_ms = stage.wall_ms + 1.5;
    RunReport {
        id: ID,
        runtime: runtime(),
        outcome,
        stages: vec![stage],
        artifacts: Vec::new(),
        artifacts_left_out: 0,
        queue_ms: 0.1,
        total_ms,
        warm: true,
    }
}

fn events() -> Vec<(&'static str, &'static str, Value)> {
    let output = Output { stream: Stream::Stdout, at_ms: 8, data: Bytes::from_static(b"hello\n") };
    let artifact = Artifact { name: "table.csv".into(), content: Bytes::from_static(b"x,y\n1,2\n") };
    let events = [
        ("queued", "It waits.", Event::Queued { position: 2 }),
        ("started", "It has a place.", Event::Started { id: ID, runtime: runtime() }),
        ("stage", "A stage began.", Event::StageBegun { name: "run" }),
        ("stdout", "The program wrote something.", Event::Output(output)),
        ("stage_end", "A stage ended.", Event::StageEnded(stage(Outcome::Succeeded))),
        ("artifact", "It left a file.", Event::Artifact(artifact)),
        ("done", "The run is over.", Event::Done(Box::new(report(Outcome::Succeeded)))),
        (
            "problem",
            "It waited in vain.",
            Event::Refused(Busy::QueueTimeout {
                waited: Duration::from_secs(30),
                retry_after: Duration::from_secs(5),
            }),
        ),
    ];
    events.into_iter().map(|(name, summary, event)| (name, summary, to_json(RunEvent::from(event)))).collect()
}

fn problems() -> Vec<(&'static str, &'static str, Problem)> {
    let known =
        words()["languages"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    let unknown = Rejection::UnknownLanguage {
        asked: word("/misspelt"),
        nearest: Some(word("/runtime/language")),
        known: known.collect(),
    };
    let full = Busy::QueueFull { running: 2, waiting: 64, retry_after: Duration::from_secs(3) };
    let preparing = Busy::Preparing {
        runtime: word("/runtime/id"),
        step: "building the image".into(),
        retry_after: Duration::from_secs(20),
    };
    let forms = "`Accept` must have room for `application/json` or `text/event-stream`";
    let plain = |kind, detail: &str| Problem::new(kind, detail);
    vec![
        (
            "400",
            "malformed_json",
            plain(
                Kind::MalformedJson,
                "the body is not JSON: EOF while parsing a string at line 1, column 24",
            ),
        ),
        ("406", "not_acceptable", plain(Kind::NotAcceptable, forms).known([JSON, "text/event-stream"])),
        ("408", "request_timeout", plain(Kind::Timeout, "the body did not arrive within 30 s")),
        ("413", "too_large", plain(Kind::TooLarge, "the body is larger than 4194304 bytes")),
        (
            "415",
            "unsupported_media_type",
            plain(
                Kind::UnsupportedMediaType,
                "`Content-Type` must be `application/json`; it is `text/plain`",
            )
            .known([JSON]),
        ),
        ("422", "unknown_language", unknown.into()),
        ("429", "queue_full", full.into()),
        ("500", "internal_error", plain(Kind::Internal, "the server's log has more under the request id")),
        ("503", "runtime_preparing", preparing.into()),
    ]
}

fn runtimes() -> Value {
    let listing = |id: &str, state| RuntimeInfo::from(Listing::new(Subject::Broken { id: id.into() }, state));
    let mut ready = listing(&word("/runtime/id"), State::Ready { start_ms: 6.2 });
    ready.version = word("/runtime/version");
    let reason = "runtime.yaml:3:1: unknown field `lenguage`".to_owned();
    let broken = listing(&word("/broken"), State::Unavailable { reason });
    to_json(vec![ready, broken])
}

fn status() -> Value {
    let report = StatusReport {
        engine: EngineReport {
            kind: "docker".into(),
            version: "28.1.1".into(),
            address: "unix:///var/run/docker.sock".into(),
            problem: None,
        },
        isolation: IsolationReport {
            mode: "nested".into(),
            reason: "the strongest that works here".into(),
            landlock_abi: 7,
        },
        stopping: false,
        uptime: Duration::from_secs(3600),
        running: 1,
        waiting: 0,
    };
    to_json(Status::new(report, RuntimeCounts { ready: 6, preparing: 1, unavailable: 0 }))
}
