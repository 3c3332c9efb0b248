//! API keys, in the form that generators understand: what the extractor [`Allowed`](crate::api::allowed::Allowed) leaves at an
//! operation becomes security schemes, words in its description, and the answers that it may give.

use serde_json::{Map, Value, json};

use super::examples::PROBLEM;
use crate::{
    access::Right,
    api::{
        allowed::NAMES,
        problem::{Kind, Problem},
    },
};

const KEY: &str = "ApiKey";
const KEY_AS_BEARER: &str = "ApiKeyAsBearer";

/// Describes keys, and what each operation needs.
///
/// What is open unless the operator closes it stands at the document alone: with it at an operation, generators would demand
/// a key there.
pub(super) fn add(document: &mut Value) {
    if let Some(schemes) = document["components"]["securitySchemes"].as_object_mut() {
        schemes.retain(|name, _| !NAMES.iter().any(|(ours, _)| ours == name));
        let described =
            "An API key (`pg_…`), made with `polyground keys create`. What is open to everyone needs none.";
        schemes.insert(
            KEY.into(),
            json!({"type": "apiKey", "in": "header", "name": "X-API-Key", "description": described}),
        );
        let described = "The same key as a bearer token, for clients that know no other way.";
        schemes.insert(
            KEY_AS_BEARER.into(),
            json!({"type": "http", "scheme": "bearer", "description": described}),
        );
        schemes.sort_keys();
    }
    document["security"] = json!([{}, {KEY: []}, {KEY_AS_BEARER: []}]);
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for operation in paths.values_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        describe(operation);
    }
}

fn describe(operation: &mut Value) {
    let schemes: Vec<String> = operation["security"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .flat_map(|scheme| scheme.keys().cloned())
        .collect();
    let found = schemes.iter().find_map(|scheme| NAMES.iter().find(|(name, _)| name == scheme));
    let Some((name, rights)) = found else {
        operation["security"] = json!([]);
        return;
    };
    let other = schemes.iter().find(|scheme| scheme != name);
    let is_admin = rights.contains(&Right::Admin);
    if let Some(other) = other {
        operation["security"] = json!([{other: []}, {other: [], KEY: []}]);
    } else if is_admin {
        operation["security"] = json!([{KEY: []}, {KEY_AS_BEARER: []}]);
    } else if let Some(operation) = operation.as_object_mut() {
        operation.remove("security");
    }
    let mut scopes: Vec<_> = rights.iter().map(|right| format!("`{}`", right.scope())).collect();
    scopes.dedup();
    let (scopes, plural) = (scopes.join(" and "), if scopes.len() > 1 { "s" } else { "" });
    let words = if is_admin {
        format!("Always needs an API key with the scope {scopes}.")
    } else {
        format!("Needs an API key with the scope{plural} {scopes} where the operator has not left it open.")
    };
    let said = operation["description"].as_str().unwrap_or_default();
    operation["description"] = format!("{said}\n\n{words}").into();
    add_answers(&mut operation["responses"]);
}

/// What may be answered before anything but the head is read.
fn add_answers(answers: &mut Value) {
    let Some(answers) = answers.as_object_mut() else { return };
    for (status, kind, described) in [
        ("401", Kind::KeyRequired, "An API key is missing, or is not known."),
        ("403", Kind::ScopeMissing, "The API key does not have the scope."),
        (
            "429",
            Kind::RateLimited,
            "The API key or the address asks too often, or the key has as many programs as it may.",
        ),
        ("503", Kind::StoreUnavailable, "The database that has the API keys cannot be used now."),
    ] {
        match answers.get_mut(status) {
            Some(answer) => {
                let said = answer["description"].as_str().unwrap_or_default().to_owned();
                answer["description"] =
                    format!("{said} Or: {}{}", described[..1].to_lowercase(), &described[1..]).into();
                add_challenge(status, answer);
            }
            None => {
                let mut answer = answer(status, kind, described);
                add_challenge(status, &mut answer);
                answers.insert(status.into(), answer);
            }
        }
    }
    answers.sort_keys();
}

fn add_challenge(status: &str, answer: &mut Value) {
    if status == "401" {
        let described = "Says that a bearer token would do.";
        answer["headers"]["WWW-Authenticate"] =
            json!({"required": true, "schema": {"type": "string"}, "description": described});
    }
}

fn answer(status: &str, kind: Kind, described: &str) -> Value {
    let problem = Problem::new(kind, kind.explanation()).to_value();
    let mut headers = json!({"X-Request-Id": {
        "required": true, "schema": {"type": "string"},
        "description": "The id under which the server's log has the request.",
    }});
    if matches!(status, "429" | "503") {
        headers["Retry-After"] = json!({
            "required": true, "schema": {"type": "integer", "format": "uint64"},
            "description": "Seconds after which to try again.",
        });
    }
    json!({
        "description": described,
        "content": {PROBLEM: {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "examples": {"example": {"summary": kind.title(), "value": problem}},
        }},
        "headers": headers,
    })
}
