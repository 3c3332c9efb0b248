//! From what poem-openapi emits to what OpenAPI 3.0 means and generators understand.
//!
//! poem-openapi 5.1 never says that a field may be `null`, says what is beside a reference twice, puts a charset
//! into media types and upper case into header names, and misspells `byte`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

const SCHEMAS: &str = "#/components/schemas/";

/// The same description, as it should have been.
pub(super) fn normalised(mut document: Value) -> Value {
    document["openapi"] = "3.0.3".into();
    mend(&mut document);
    flatten_variants(&mut document["components"]["schemas"]);
    let types = types(&document["components"]["schemas"]);
    let answered = answered(&document);
    for name in sent_by_callers(&document) {
        if let Some(schema) = document.pointer_mut(&format!("/components/schemas/{name}")) {
            as_decoded(schema, &types);
            // What is answered may grow, and is taken back as it was answered.
            if schema.get("properties").is_some() && !answered.contains(&name) {
                schema["additionalProperties"] = false.into();
            }
        }
    }
    remove_unused(&mut document);
    document
}

/// Mends every object in the tree, whatever it is: each rule looks for a shape that only what it mends has.
fn mend(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.retain(|key, value| {
                !matches!(
                    (key.as_str(), value),
                    ("default", Value::Null) | ("deprecated", Value::Bool(false))
                )
            });
            undouble(object);
            rename_keys(object, "content", |key| key.split(';').next().unwrap_or(key).to_owned());
            rename_keys(object, "headers", train_case);
            if object.get("format").is_some_and(|format| format == "bytes") {
                object.insert("format".into(), "byte".into());
            }
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = unwrapped(text);
            }
            object.values_mut().for_each(mend);
        }
        Value::Array(array) => array.iter_mut().for_each(mend),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `{"default": 1, "allOf": [{"$ref": …}, {"default": 1}]}`: what stands beside `allOf` need not stand in it.
fn undouble(object: &mut Map<String, Value>) {
    let Some(Value::Array(mut all)) = object.remove("allOf") else { return };
    all.retain(|member| match member.as_object() {
        Some(member) => !member.iter().all(|(key, value)| object.get(key) == Some(value) || value.is_null()),
        None => true,
    });
    object.insert("allOf".into(), all.into());
}

fn rename_keys(object: &mut Map<String, Value>, of: &str, rename: fn(&str) -> String) {
    if let Some(Value::Object(inner)) = object.get_mut(of) {
        *inner = std::mem::take(inner).into_iter().map(|(key, value)| (rename(&key), value)).collect();
    }
}

/// `RETRY-AFTER` to `Retry-After`.
fn train_case(name: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + &rest.to_lowercase()
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}

/// Paragraphs without the line breaks that they have in the source.
fn unwrapped(text: &str) -> String {
    text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect::<Vec<_>>().join("\n\n")
}

/// The schemas that request bodies are made of.
fn sent_by_callers(document: &Value) -> BTreeSet<String> {
    parts(document, "requestBody")
}

/// The schemas that answers are made of.
fn answered(document: &Value) -> BTreeSet<String> {
    parts(document, "responses")
}

fn parts(document: &Value, side: &str) -> BTreeSet<String> {
    let operations = document["paths"].as_object().into_iter().flatten();
    let bodies = operations
        .flat_map(|(_, path)| path.as_object().into_iter().flatten())
        .map(|(_, operation)| &operation[side]);
    let mut open = Vec::new();
    bodies.for_each(|body| references(body, &mut open));
    reachable(document, open)
}

/// These schemas, and those that they are made of.
fn reachable(document: &Value, mut open: Vec<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop() {
        if found.insert(name.clone()) {
            references(&document["components"]["schemas"][&name], &mut open);
        }
    }
    found
}

/// The variants of a union, each an object of its own: the tag first, then the fields of what it refers to.
///
/// As `allOf` of a tag and a reference they would contradict a schema that refuses unknown fields, and few
/// generators make one type of them.
fn flatten_variants(schemas: &mut Value) {
    let Some(all) = schemas.as_object_mut() else { return };
    let before = all.clone();
    for schema in all.values_mut().filter_map(Value::as_object_mut) {
        let Some([tag, variant]) = schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) else {
            continue;
        };
        let Some(variant) = target(variant).and_then(|name| before.get(name)) else { continue };
        let fields = |of: &Value| of["properties"].as_object().cloned().unwrap_or_default();
        let required = |of: &Value| of["required"].as_array().cloned().unwrap_or_default();
        let mut tags = fields(tag);
        for tag in tags.values_mut().filter(|tag| tag.get("description").is_none()) {
            tag["description"] = "Which variant this is.".into();
        }
        let properties: Map<_, _> = tags.into_iter().chain(fields(variant)).collect();
        let required: Vec<_> = required(tag).into_iter().chain(required(variant)).collect();
        schema.remove("allOf");
        schema.insert("type".into(), "object".into());
        schema.insert("required".into(), required.into());
        schema.insert("properties".into(), properties.into());
    }
}

/// Schemas that nothing refers to any more.
fn remove_unused(document: &mut Value) {
    let mut open = Vec::new();
    references(&document["paths"], &mut open);
    let used = reachable(document, open);
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.retain(|name, _| used.contains(name));
    }
}

/// The type of each named schema that has one.
fn types(schemas: &Value) -> Map<String, Value> {
    let schemas = schemas.as_object().into_iter().flatten();
    schemas.filter_map(|(name, schema)| Some((name.clone(), schema.get("type")?.clone()))).collect()
}

/// The name of the schema that is referred to.
fn target(reference: &Value) -> Option<&str> {
    reference["$ref"].as_str()?.strip_prefix(SCHEMAS)
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            let name = object.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix(SCHEMAS));
            found.extend(name.map(str::to_owned));
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(array) => array.iter().for_each(|value| references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Says what the decoder does: what may be absent may also be `null`.
/// (In answers, what is not there is left out; what may be `null` says so itself.)
fn as_decoded(schema: &mut Value, types: &Map<String, Value>) {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    for (name, property) in properties {
        if required.contains(&json!(name)) || property.get("default").is_some() {
            continue;
        }
        let Some(property) = property.as_object_mut() else { continue };
        if let Some(reference) = property.remove("$ref") {
            property.insert("allOf".into(), json!([{ "$ref": reference }]));
        }
        // `nullable` means something only beside a `type`.
        let referred = property.get("allOf").and_then(|all| target(&all[0])).and_then(|name| types.get(name));
        if let (None, Some(referred)) = (property.get("type"), referred) {
            property.insert("type".into(), referred.clone());
        }
        property.insert("nullable".into(), true.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(mut value: Value) -> Value {
        mend(&mut value);
        value
    }

    #[test]
    fn each_oddity_is_mended() {
        for (emitted, meant) in [
            (
                json!({"default": "a", "description": "x", "allOf": [{"$ref": "#/b"}, {"default": "a", "description": "x"}]}),
                json!({"default": "a", "description": "x", "allOf": [{"$ref": "#/b"}]}),
            ),
            (
                json!({"default": null, "allOf": [{"$ref": "#/b"}, {"default": null}]}),
                json!({"allOf": [{"$ref": "#/b"}]}),
            ),
            (
                json!({"allOf": [{"type": "object", "required": ["type"]}, {"$ref": "#/b"}]}),
                json!({"allOf": [{"type": "object", "required": ["type"]}, {"$ref": "#/b"}]}),
            ),
            (json!({"type": "string", "default": null}), json!({"type": "string"})),
            (json!({"default": false, "deprecated": false}), json!({"default": false})),
            (json!({"content": {"text/plain; charset=utf-8": {}}}), json!({"content": {"text/plain": {}}})),
            (json!({"headers": {"X-REQUEST-ID": {}}}), json!({"headers": {"X-Request-Id": {}}})),
            (json!({"type": "string", "format": "bytes"}), json!({"type": "string", "format": "byte"})),
            (json!({"description": "a\nb\n\nc"}), json!({"description": "a b\n\nc"})),
            (
                json!({"properties": {"default": {"type": "string"}, "content": {"type": "string"}}}),
                json!({"properties": {"default": {"type": "string"}, "content": {"type": "string"}}}),
            ),
        ] {
            assert_eq!(mended(emitted), meant);
        }
    }

    #[test]
    fn what_callers_send_is_described_as_it_is_decoded() {
        let object = |more: Value| {
            json!({"type": "object", "required": ["a"], "properties": {
                "a": {"type": "string"}, "b": more, "c": {"type": "integer", "default": 3}}})
        };
        let body = |schema: &str| json!({"content": {"application/json": {"schema": {"$ref": format!("{SCHEMAS}{schema}")}}}});
        let document = normalised(json!({
            "paths": {"/x": {"post": {"requestBody": body("Asked"), "responses": {"200": body("Told")}}}},
            "components": {"schemas": {
                "Asked": object(json!({"$ref": "#/components/schemas/Inner"})),
                "Inner": object(json!({"type": "string"})),
                "Told": object(json!({"type": "string"})),
            }},
        }));
        let schemas = &document["components"]["schemas"];
        assert_eq!(
            schemas["Asked"]["properties"]["b"],
            json!({"allOf": [{"$ref": "#/components/schemas/Inner"}], "type": "object", "nullable": true})
        );
        assert_eq!(schemas["Inner"]["properties"]["b"], json!({"type": "string", "nullable": true}));
        assert_eq!(schemas["Inner"]["properties"]["a"], json!({"type": "string"}));
        assert_eq!(schemas["Inner"]["properties"]["c"], json!({"type": "integer", "default": 3}));
        assert_eq!(schemas["Inner"]["additionalProperties"], json!(false));
        assert_eq!(schemas["Told"], object(json!({"type": "string"})));
    }

    #[test]
    fn a_variant_is_one_object_and_takes_over_no_refusal_of_unknown_fields() {
        let tag = json!({"type": "object", "required": ["type"], "properties": {"type": {"enum": ["done"]}}});
        let paths = json!({"/x": {"get": {"schema": {"$ref": "#/components/schemas/Event_Done"}}}});
        let document = normalised(json!({"paths": paths, "components": {"schemas": {
            "Event_Done": {"description": "x", "allOf": [tag, {"$ref": "#/components/schemas/Done"}]},
            "Done": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}, "additionalProperties": false},
        }}}));
        assert_eq!(
            document["components"]["schemas"]["Event_Done"],
            json!({"description": "x", "type": "object", "required": ["type", "a"],
                "properties": {
                    "type": {"enum": ["done"], "description": "Which variant this is."}, "a": {"type": "string"}}})
        );
        assert!(document["components"]["schemas"]["Done"].is_null(), "nothing refers to it any more");
    }
}
