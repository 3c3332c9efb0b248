//! Bodies of `POST /runs` that nobody would send, above the real choice of a runtime and the real checks of a request:
//! each is run or refused, and never the server's fault. `PROPTEST_CASES` says how many.

use std::{path::Path, sync::LazyLock};

use proptest::{collection::vec, prelude::*, sample::Index, sample::select};
use serde_json::json;

use super::*;
use crate::{
    run::{InteractiveLimits, Plan},
    runtime::load_folder,
};

/// Two of the repository's runtimes, one with a compiler.
static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let catalog = Catalog::default();
    for (id, version) in [("bash-5.2", "5.2.37"), ("cpp-14", "14.2.0")] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtimes").join(id);
        let runtime = Arc::new(load_folder(&folder).unwrap());
        let state = State::Ready { start_ms: 1.0 };
        catalog.put(Listing { subject: Subject::Runtime(runtime), version: Some(version.into()), state });
    }
    catalog
});

/// Everything that the server does with a request but running it.
fn check(request: RunRequest) -> Result<Vec<Event>, Rejection> {
    let chosen = CATALOG.choose(&request.language, request.version.as_deref())?;
    Plan::new(chosen.runtime, &chosen.version, request, &InteractiveLimits::default()).map(|_| hello())
}

fn whole() -> Value {
    json!({
        "language": "bash", "version": "^5", "stdin": "in", "args": ["a", "b"], "env": {"A": "1"}, "stage": "run",
        "files": [{"name": "main.sh", "content": "echo"}, {"name": "x/y", "content": "aGk=", "encoding": "base64"}],
        "limits": {"wall_ms": 1000, "cpu_ms": 1000, "memory_bytes": 67108864, "processes": 8, "output_bytes": 9},
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        select(vec![
            "",
            "bash",
            "c++",
            "C++",
            "format",
            "run",
            "utf-8",
            "base64",
            "latest",
            "../x",
            "/etc/passwd",
            "-x",
            "a/b",
            "a",
            "\0",
            "=",
            "A=B",
            "4.x",
            ">=5 <6",
            "\u{202e}",
            "main.sh",
            "{main}",
            "{args...}",
        ])
        .prop_map(str::to_owned),
        ("[a/=%😀]", 1..5000_usize).prop_map(|(unit, times)| unit.repeat(times)),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        select(vec![0_u64, 1, u64::from(u32::MAX) + 1, u64::MAX]).prop_map(Value::from),
    ];
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => number,
        4 => text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        let key = prop_oneof![
            select(vec!["name", "content", "encoding", "wall_ms", "memory_bytes", "processes"])
                .prop_map(str::to_owned),
            text(),
        ];
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((key, inner), 0..6).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Something that happens to a body.
#[derive(Debug, Clone)]
enum Change {
    Replace(Index, Value),
    Remove(Index),
    Add(Index, String, Value),
}

/// The pointers to every value in a value.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(entries) => {
            entries.iter().for_each(|(key, value)| pointers(value, &format!("{at}/{}", escaped(key)), all));
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, value)| pointers(value, &format!("{at}/{index}"), all));
        }
        _ => {}
    }
}

impl Change {
    fn apply(self, body: &mut Value) {
        let (Self::Replace(at, _) | Self::Remove(at) | Self::Add(at, ..)) = &self;
        let mut all = Vec::new();
        pointers(body, "", &mut all);
        let pointer = at.get(&all).clone();
        match self {
            Self::Replace(_, value) => *body.pointer_mut(&pointer).unwrap() = value,
            Self::Remove(_) => {
                let Some((parent, last)) = pointer.rsplit_once('/') else { return };
                match body.pointer_mut(parent).unwrap() {
                    Value::Object(entries) => {
                        drop(entries.shift_remove(&last.replace("~1", "/").replace("~0", "~")))
                    }
                    Value::Array(items) => drop(items.remove(last.parse().unwrap())),
                    _ => {}
                }
            }
            Self::Add(_, key, value) => match body.pointer_mut(&pointer).unwrap() {
                Value::Object(entries) => drop(entries.insert(key, value)),
                Value::Array(items) => items.push(value),
                _ => {}
            },
        }
    }
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let at = any::<Index>;
    let change = prop_oneof![
        3 => (at(), value()).prop_map(|(at, value)| Change::Replace(at, value)),
        1 => at().prop_map(Change::Remove),
        1 => (at(), text(), value()).prop_map(|(at, key, value)| Change::Add(at, key, value)),
    ];
    let changed = vec(change, 0..4).prop_map(|changes| {
        let mut body = whole();
        changes.into_iter().for_each(|change| change.apply(&mut body));
        body.to_string().into_bytes()
    });
    let more = prop_oneof![
        vec(any::<u8>(), 0..5),
        select(vec![
            "[",
            "{",
            "\"",
            ",",
            ":",
            "null",
            "1e999",
            "-",
            "\\ud800",
            "\\u0000",
            "\"files\":[],",
            "\u{feff}"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        (select(vec!["[", "{\"a\":", "9"]), 1..3000_usize)
            .prop_map(|(text, times)| text.repeat(times).into_bytes()),
    ];
    let torn = (changed.clone(), at(), 0..4_usize, more).prop_map(|(mut body, at, removed, more)| {
        let from = at.index(body.len() + 1);
        let to = body.len().min(from + removed);
        body.splice(from..to, more);
        body
    });
    prop_oneof![4 => changed, 3 => torn, 1 => value().prop_map(|value| value.to_string().into_bytes())]
}

#[test]
fn whatever_is_posted_is_run_or_refused() {
    let tokio = tokio::runtime::Runtime::new().unwrap();
    let server = tokio.block_on(Server::start(Setup { act: check, ..Setup::default() }));
    let client = reqwest::Client::new();
    let post = |body: Vec<u8>| {
        let request = client.post(server.url("/api/v1/runs")).header("content-type", "application/json");
        tokio.block_on(async {
            let response = request.body(body).send().await?;
            let kind = response.headers()["content-type"].to_str().map(str::to_owned).unwrap_or_default();
            Ok::<_, reqwest::Error>((response.status().as_u16(), kind, response.bytes().await?))
        })
    };
    assert_eq!(post(whole().to_string().into_bytes()).unwrap().0, 200);
    proptest!(|(body in body())| {
        let begun = server.begun.load(Ordering::SeqCst);
        let (status, kind, answer) = post(body).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(matches!(status, 200 | 400 | 404 | 413 | 422), "{}", status);
        let answer: Value = serde_json::from_slice(&answer).map_err(|error| TestCaseError::fail(error.to_string()))?;
        if status == 200 {
            prop_assert_eq!(&answer["outcome"], "succeeded");
            prop_assert_eq!(server.begun.load(Ordering::SeqCst), begun + 1);
        } else {
            prop_assert_eq!(kind, "application/problem+json");
            prop_assert_eq!(&answer["status"], status);
            let detail = answer["detail"].as_str().unwrap_or_default();
            prop_assert!(!detail.is_empty() && detail.chars().count() < 600, "{:?}", detail);
            prop_assert!(!detail.contains(char::is_control), "{:?}", detail);
        }
    });
}
