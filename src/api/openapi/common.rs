//! What holds for every operation, said at every operation, in the form that generators understand.

use poem::http::StatusCode;
use serde_json::{Map, Value, json};

use super::examples::{JSON, PROBLEM, set};
use crate::api::{
    front,
    problem::{Kind, Problem},
};

/// Adds what every operation may answer, and an example to each problem that has none.
pub(super) fn add(document: &mut Value) {
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for operation in paths.values_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        let Some(answers) = operation["responses"].as_object_mut() else { continue };
        if !answers.contains_key("400") {
            answers.insert("400".into(), bad_request());
            answers.sort_keys();
        }
        for (status, answer) in answers {
            if answer.get("content").is_none() {
                // One that says that nothing has changed.
                continue;
            }
            describe_one_form(&mut answer["content"]);
            let status = status.parse().ok().and_then(|status| StatusCode::from_u16(status).ok());
            let kind = status.map_or(Kind::Internal, Kind::of_status);
            if answer["content"][PROBLEM]["examples"].is_null() {
                let problem = Problem::new(kind, kind.explanation());
                set(&mut answer["content"], PROBLEM, vec![("example", kind.title(), problem.to_value())]);
            }
        }
    }
}

/// Generators give an operation whose answer is JSON or an event stream one type for both, which no caller can tell
/// apart: such an answer is described as JSON, the stream at an operation of its own. The text says what `Accept` does.
fn describe_one_form(content: &mut Value) {
    if let Some(content) = content.as_object_mut().filter(|content| content.contains_key(JSON)) {
        content.remove("text/event-stream");
    }
}

/// What [`front`] answers before anything is routed.
fn bad_request() -> Value {
    json!({
        "description": "The request cannot be understood.",
        "content": {PROBLEM: {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "examples": {"example": {"summary": Kind::BadRequest.title(), "value": front::no_host().to_value()}},
        }},
        "headers": {"X-Request-Id": {
            "required": true, "schema": {"type": "string"},
            "description": "The id under which the server's log has the request.",
        }},
    })
}
