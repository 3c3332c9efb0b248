//! Examples for the operations on snippets.

use poem::http::StatusCode;
use serde_json::{Value, json};

use super::examples::{JSON, PROBLEM, recorded, set, to_json, words};
use crate::{
    api::{
        problem::{Kind, Problem},
        wire::{
            snippet::{SavedSnippet, Snippet, SnippetHistory, SnippetSummary},
            snippet_run::{Comparison, SnippetRun, Verdict},
        },
    },
    store::{self, Draft, Program, Saved, StoredFile, Summary, Visibility},
};

const PATH: &str = "/api/v1/snippets";
const ID: &str = "h4NcWy9tRbEk2Xq7VdPm3Fs";
const PARENT: &str = "Kd7vQx2mZpAu8HjT5wYc4Gr";
const CREATED_AT_MS: i64 = 1_764_000_000_000;

/// Puts examples beside the schemas of every operation's request and answers.
pub(super) fn add(document: &mut Value) {
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for (path, operations) in paths.iter_mut().filter(|(path, _)| path.starts_with(PATH)) {
        for (_, operation) in operations.as_object_mut().into_iter().flatten() {
            if let Some(body) = operation.get_mut("requestBody") {
                let example = if path.ends_with("/runs") { json!({"version": "3"}) } else { request() };
                set(&mut body["content"], JSON, vec![("example", "As it may be.", example)]);
            }
            for (status, answer) in operation["responses"].as_object_mut().into_iter().flatten() {
                let Some(content) = answer.get_mut("content") else { continue };
                let kind = status.parse().ok().and_then(|status| StatusCode::from_u16(status).ok());
                if let Some(kind) = kind.filter(|status| !status.is_success()).map(Kind::of_status) {
                    let problem = Problem::new(kind, kind.explanation());
                    set(content, PROBLEM, vec![("example", kind.title(), problem.to_value())]);
                }
                set(content, JSON, vec![("example", "As it may be.", answered(path, status))]);
                set(content, "text/plain", vec![("example", "Text.", json!(file().content_text()))]);
                set(content, "application/octet-stream", vec![("example", "Bytes.", json!("\u{0}\u{1}"))]);
            }
        }
    }
}

fn request() -> Value {
    let mut request = words()["requests"]["hello"].clone();
    request["title"] = json!("The least there can be");
    request
}

fn answered(path: &str, status: &str) -> Value {
    match (path.strip_prefix(PATH).unwrap_or_default(), status) {
        (_, "201") => to_json(SavedSnippet::from(Saved {
            id: ID.into(),
            created_at_ms: CREATED_AT_MS,
            edit_token: Some("q7Wd5s2kYtB9xLmV4cNf8HrJ6pGzT3uA".into()),
        })),
        ("", _) => to_json(vec![SnippetSummary::from(summary(ID))]),
        (path, _) if path.ends_with("/history") => {
            to_json(SnippetHistory { parents: vec![summary(PARENT).into()], forks: Vec::new() })
        }
        (path, _) if path.ends_with("/runs") => to_json(SnippetRun {
            run: recorded(),
            comparison: Comparison { result: Verdict::Same, differences: Vec::new() },
        }),
        _ => to_json(Snippet::from(snippet())),
    }
}

fn language() -> String {
    words()["requests"]["hello"]["language"].as_str().unwrap_or_default().to_owned()
}

fn summary(id: &str) -> Summary {
    Summary {
        id: id.into(),
        created_at_ms: CREATED_AT_MS,
        language: language(),
        title: "The least there can be".into(),
    }
}

fn file() -> StoredFile {
    let file = &words()["requests"]["hello"]["files"][0];
    let text = |key: &str| file[key].as_str().unwrap_or_default();
    StoredFile { name: text("name").to_owned(), content: text("content").as_bytes().to_vec() }
}

impl StoredFile {
    fn content_text(&self) -> String {
        String::from_utf8_lossy(&self.content).into_owned()
    }
}

fn snippet() -> store::Snippet {
    store::Snippet {
        id: ID.into(),
        created_at_ms: CREATED_AT_MS,
        draft: Draft {
            program: Program {
                language: language(),
                version: None,
                files: vec![file()],
                stdin: String::new(),
                args: Vec::new(),
                title: "The least there can be".into(),
                description: String::new(),
                run: None,
            },
            visibility: Visibility::Unlisted,
            lifetime_ms: None,
            parent: Some(PARENT.into()),
        },
    }
}
