//! The JSON Schema of `runtime.yaml`: for editors as text, for [`super::shape`] as a value.
//!
//! It comes from the types of [`super::definition`]. Titles are the keys in words, examples come from `example.yaml`.

use std::collections::VecDeque;
use std::sync::LazyLock;

use schemars::Schema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::definition::Definition;

/// A definition with every key.
pub(super) const EXAMPLE: &str = include_str!("example.yaml");

static SCHEMA: LazyLock<Value> = LazyLock::new(build);

/// The schema (draft 2020-12), indented, with a newline at its end: what `runtimes/schema.json` holds.
pub fn schema() -> String {
    format!("{:#}\n", *SCHEMA)
}

/// The schema as a value.
pub(super) fn value() -> &'static Value {
    &SCHEMA
}

/// The schema that `schema` refers to, or itself; the keys beside the reference are left out.
pub(super) fn target(schema: &Value) -> &Value {
    let reference =
        schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    reference.and_then(|pointer| value().pointer(pointer)).unwrap_or(schema)
}

/// The keys that a mapping of this schema needs. What extends another has the rest from there.
pub(super) fn required(schema: &Value, extends: bool) -> impl Iterator<Item = &str> {
    let unless_extended = || schema.pointer("/else/required").filter(|_| !extends);
    let required = schema.get("required").or_else(unless_extended);
    required.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn build() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = Schema::to_value(generator.into_root_schema_for::<Definition>());
    tidy(&mut schema);
    // What extends another has the rest from there.
    if let Some(required) = schema.as_object_mut().and_then(|keys| keys.remove("required")) {
        schema["if"] = json!({"required": ["extends"]});
        schema["else"] = json!({"required": required});
    }
    let example = serde_yaml::from_str(EXAMPLE).unwrap_or(Value::Null);
    annotate(&mut schema, example);
    schema["title"] = json!("runtime.yaml of Polyground");
    in_order(schema)
}

/// What a reader looks for first stands first.
fn in_order(mut schema: Value) -> Value {
    let first = ["$schema", "title", "description"];
    let mut ordered: Map<String, Value> =
        first.iter().filter_map(|key| Some(((*key).to_owned(), schema.get(*key)?.clone()))).collect();
    if let Value::Object(keys) = &mut schema {
        ordered.extend(std::mem::take(keys));
    }
    Value::Object(ordered)
}

/// Optional keys are left out, never null (an empty one is a mistake), and descriptions are one line.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(keys) => {
            if let Some(Value::Array(kinds)) = keys.get_mut("type") {
                kinds.retain(|kind| kind != "null");
                if let [only] = &kinds[..] {
                    let only = only.clone();
                    keys.insert("type".into(), only);
                }
            }
            if let Some(Value::Array(choices)) = keys.get("anyOf") {
                let mut choices: Vec<Value> =
                    choices.iter().filter(|choice| choice["type"] != "null").cloned().collect();
                if let (1, Some(Value::Object(only))) = (choices.len(), choices.pop()) {
                    keys.remove("anyOf");
                    keys.extend(only);
                }
            }
            // Serde's defaults for what is left out are no hint for people.
            keys.remove("default");
            if let Some(Value::String(description)) = keys.get_mut("description") {
                *description = description.replace('\n', " ");
            }
            keys.values_mut().for_each(tidy);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Gives every property its title and, where the example has it, an example.
fn annotate(schema: &mut Value, example: Value) {
    let mut todo = VecDeque::from([(String::new(), example)]);
    while let Some((pointer, example)) = todo.pop_front() {
        let Some(Value::Object(properties)) = schema.pointer_mut(&format!("{pointer}/properties")) else {
            continue;
        };
        for (key, property) in properties {
            annotate_one(key, property, &example[key]);
            let of_items = property.pointer("/items/$ref").and_then(Value::as_str);
            let (reference, value) = match of_items {
                Some(reference) => (Some(reference), &example[key][0]),
                None => (property.get("$ref").and_then(Value::as_str), &example[key]),
            };
            if let Some(pointer) = reference.and_then(|reference| reference.strip_prefix('#')) {
                todo.push_back((pointer.to_owned(), value.clone()));
            }
        }
    }
}

fn annotate_one(key: &str, property: &mut Value, example: &Value) {
    let mut words = key.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    property["title"] = json!(words);
    // What several keys share is shown as the first of them has it.
    if !example.is_null() && property.get("examples").is_none() {
        property["examples"] = json!([example]);
    }
}
