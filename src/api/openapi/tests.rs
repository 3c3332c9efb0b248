use std::path::Path;

use super::*;

/// Run with `POLYGROUND_UPDATE=1` to write the file anew.
#[test]
fn the_committed_description_is_the_served_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let served = format!("{}\n", serde_json::to_string_pretty(document()).unwrap());
    if std::env::var_os("POLYGROUND_UPDATE").is_some() {
        std::fs::write(&path, &served).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == served, "openapi/openapi.json is stale: POLYGROUND_UPDATE=1 cargo test openapi");
}

fn operations() -> impl Iterator<Item = (String, &'static Value)> {
    let paths = document()["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

#[test]
fn every_operation_is_described_with_examples() {
    for (name, operation) in operations() {
        for field in ["summary", "description", "operationId"] {
            assert!(!operation[field].as_str().unwrap_or_default().is_empty(), "{name} has no {field}");
        }
        let answers = operation["responses"].as_object().unwrap();
        let answers = answers.iter().map(|(status, answer)| (status.as_str(), answer));
        // One that says that nothing has changed has no body.
        let answers = answers.filter(|(status, _)| *status != "304");
        for (part, body) in answers.chain(operation.get("requestBody").map(|body| ("request", body))) {
            let content = body["content"].as_object().unwrap_or_else(|| panic!("{name}, {part}: no body"));
            for (media_type, media) in content {
                assert!(media["schema"].is_object(), "{name}, {part}, {media_type}: no schema");
                let examples = media["examples"].as_object().map_or(0, |examples| examples.len());
                assert!(examples > 0, "{name}, {part}, {media_type}: no example");
            }
            if part != "request" {
                assert!(!body["description"].as_str().unwrap().is_empty(), "{name}, {part}: no description");
                assert!(body["headers"]["X-Request-Id"].is_object(), "{name}, {part}: no request id");
            }
        }
    }
}

#[test]
fn example_requests_are_good_requests() {
    let examples = &document()["paths"]["/api/v1/runs"]["post"]["requestBody"]["content"]["application/json"]
        ["examples"];
    for (name, example) in examples.as_object().unwrap() {
        let body = example["value"].to_string();
        let decoded = crate::api::decode::decode::<crate::api::wire::request::RunRequest>(body.as_bytes());
        let run = decoded.and_then(crate::run::RunRequest::try_from);
        assert!(run.is_ok(), "{name}: {run:?}");
    }
}

#[test]
fn every_schema_and_field_has_a_description() {
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name}");
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            assert!(property["description"].is_string(), "{name}.{field}");
        }
    }
}

#[test]
fn paths_know_their_methods() {
    let paths = paths();
    assert!(paths.contains(&("/api/v1/runs".to_owned(), "POST".to_owned())));
    assert!(paths.contains(&("/healthz".to_owned(), "GET, HEAD".to_owned())));
}

/// What is open to everyone for ever; every other operation asks who asks.
const OPEN: [&str; 5] =
    ["get /api/v1/runtimes", "get /api/v1/status", "get /healthz", "get /readyz", "get /version"];

#[test]
fn every_operation_is_open_by_name_or_says_which_key_it_needs() {
    let keys = serde_json::json!([{"ApiKey": []}, {"ApiKeyAsBearer": []}]);
    for (name, operation) in operations() {
        if OPEN.contains(&name.as_str()) {
            assert_eq!(operation["security"], serde_json::json!([]), "{name}");
            continue;
        }
        let description = operation["description"].as_str().unwrap();
        assert!(description.contains("an API key with the scope"), "{name}: {description}");
        assert_eq!(name.contains("/admin/"), operation["security"] == keys, "{name}");
        for status in ["401", "403", "429", "503"] {
            assert!(operation["responses"][status]["content"].is_object(), "{name}: {status}");
        }
        assert!(operation["responses"]["401"]["headers"]["WWW-Authenticate"].is_object(), "{name}");
    }
    for scheme in document()["components"]["securitySchemes"].as_object().unwrap().keys() {
        assert!(["ApiKey", "ApiKeyAsBearer", "EditToken"].contains(&scheme.as_str()), "{scheme}");
    }
}
