//! What of interactive runs OpenAPI has no words for: the messages that clients send over a WebSocket.

use poem_openapi::{OpenApi, OpenApiService, payload::Json};
use serde_json::{Value, json};

use super::{
    examples::{JSON, PROBLEM, set, to_json, words},
    normalise::normalised,
};
use crate::api::{
    problem::{Kind, Problem},
    wire::{event::RunEvent, interactive::ClientMessage},
};

const PATH: &str = "/api/v1/runs/ws";

/// Stands for the client's side, so that its messages get schemas as request bodies do.
struct ClientSide;

#[OpenApi]
impl ClientSide {
    /// Say something.
    #[oai(path = "/", method = "post")]
    async fn say(&self, _message: Json<ClientMessage>) {}
}

/// Adds the schemas of the client's messages, says which messages there are, and gives examples.
pub(super) fn add(document: &mut Value) {
    let client = OpenApiService::new(ClientSide, "", "").spec();
    let mut client = normalised(serde_json::from_str(&client).unwrap_or_default());
    let schemas = client["components"]["schemas"].take();
    for (name, schema) in schemas.as_object().into_iter().flatten() {
        if document["components"]["schemas"].get(name).is_none() {
            document["components"]["schemas"][name] = schema.clone();
        }
    }
    let schema = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let operation = &mut document["paths"][PATH]["get"];
    operation["x-websocket-messages"] = json!({
        "client": schema("ClientMessage"),
        "server": schema("RunEvent"),
        "examples": examples(),
    });
    let answers = &mut operation["responses"];
    let lost = Problem::new(Kind::InvalidField, "`rows` is 0; a terminal has 1 to 1000").field("rows");
    let said = to_json(RunEvent::from(lost));
    set(&mut answers["101"]["content"], JSON, vec![("problem", "A message that means nothing.", said)]);
    for (status, kind) in
        [("403", Kind::ForeignOrigin), ("426", Kind::UpgradeRequired), ("429", Kind::InteractiveFull)]
    {
        let problem = Problem::new(kind, kind.explanation()).to_value();
        set(&mut answers[status]["content"], PROBLEM, vec![("example", kind.title(), problem)]);
    }
}

/// What a client may say, in a likely order.
fn examples() -> [Value; 5] {
    let hello = &words()["requests"]["hello"];
    let size = json!({"columns": 80, "rows": 24});
    [
        json!({"type": "start", "language": hello["language"], "files": hello["files"], "terminal": size}),
        json!({"type": "resize", "columns": 120, "rows": 40}),
        json!({"type": "stdin", "text": "Ada\n"}),
        json!({"type": "signal", "signal": "SIGTERM"}),
        json!({"type": "stdin_end"}),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::wire::interactive::Said;

    #[test]
    fn the_examples_can_be_said() {
        for example in examples() {
            assert!(Said::read(&example.to_string()).is_ok(), "{example}");
        }
    }

    #[test]
    fn every_message_of_the_client_has_a_schema() {
        let schemas = &super::super::document()["components"]["schemas"];
        let mapping = schemas["ClientMessage"]["discriminator"]["mapping"].as_object().unwrap();
        let names: Vec<_> = mapping.keys().map(String::as_str).collect();
        assert_eq!(names, ["start", "stdin", "stdin_end", "signal", "resize"]);
        for (_, to) in mapping {
            let name = to.as_str().unwrap().rsplit('/').next().unwrap();
            assert_eq!(schemas[name]["additionalProperties"], json!(false), "{name}");
        }
        assert!(schemas["ClientMessage"].get("additionalProperties").is_none());
    }
}
