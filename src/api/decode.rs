//! JSON to types, with errors that say where and what would be right.
//!
//! Straight from the bytes into the types: memory stays near the body's own size, whatever its shape, and nesting
//! deeper than the types is never followed.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::error::Category;

use super::problem::{Kind, Problem};

/// Characters of what was sent that a message repeats.
const QUOTED_CHARS: usize = 80;

/// Unknown names further than this from a known one are no typing mistakes.
const NEAR: f64 = 0.75;

/// Reads a whole body.
///
/// # Errors
/// `malformed-json` when it is none, else what is wrong with which field.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let decoded = serde_path_to_error::deserialize::<_, ObjectOnly<T>>(&mut json);
    match decoded {
        Ok(ObjectOnly(value)) => json.end().map(|()| value).map_err(|error| malformed(&error)),
        Err(error) => Err(explain(&error, bytes)),
    }
}

fn explain(error: &serde_path_to_error::Error<serde_json::Error>, bytes: &[u8]) -> Problem {
    let inner = error.inner();
    if inner.classify() != Category::Data {
        return malformed(inner);
    }
    // What is wrong with a field matters only if the rest is JSON at all.
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(bytes) {
        return malformed(&error);
    }
    let path = error.path().to_string();
    let complaint = Complaint::read(&message(inner));
    let field = complaint.field(&path);
    let name =
        field.as_deref().map_or_else(|| "the body".to_owned(), |field| format!("`{}`", quotable(field)));
    let detail = format!("{} (line {}, column {})", complaint.detail(&name), inner.line(), inner.column());
    let kind =
        if matches!(complaint, Complaint::Unknown { .. }) { Kind::UnknownField } else { Kind::InvalidField };
    let mut problem = Problem::new(kind, detail);
    problem.field = field;
    if let Complaint::Unknown { known, .. } | Complaint::Variant { known, .. } = complaint {
        problem.known = Some(known);
    }
    problem
}

fn malformed(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    Problem::new(
        Kind::MalformedJson,
        format!("the body is not JSON: {} at line {line}, column {column}", message(error)),
    )
}

/// The error without the place that serde_json appends.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// What serde says about a value, taken apart.
enum Complaint {
    Missing(String),
    Twice(String),
    Unknown { name: String, known: Vec<String> },
    Variant { name: String, known: Vec<String> },
    Type { found: String, expected: String },
    Other(String),
}

impl Complaint {
    fn read(text: &str) -> Complaint {
        let quoted = |rest: &str| rest.strip_suffix('`').unwrap_or(rest).to_owned();
        if let Some(rest) = text.strip_prefix("missing field `") {
            return Complaint::Missing(quoted(rest));
        }
        if let Some(rest) = text.strip_prefix("duplicate field `") {
            return Complaint::Twice(quoted(rest));
        }
        if let Some((name, known)) = text.strip_prefix("unknown field `").and_then(name_and_known) {
            return Complaint::Unknown { name, known };
        }
        if let Some((name, known)) = text.strip_prefix("unknown variant `").and_then(name_and_known) {
            return Complaint::Variant { name, known };
        }
        let rest = text.strip_prefix("invalid type: ").or_else(|| text.strip_prefix("invalid value: "));
        match rest.and_then(|rest| rest.rsplit_once(", expected ")) {
            Some((found, expected)) => {
                Complaint::Type { found: quotable(found), expected: plainly(expected).to_owned() }
            }
            None => Complaint::Other(text.to_owned()),
        }
    }

    /// The field that is meant, when the error was met at `path`.
    fn field(&self, path: &str) -> Option<String> {
        let parent = if path == "." { "" } else { path };
        match self {
            Complaint::Missing(name) | Complaint::Twice(name) | Complaint::Unknown { name, .. } => {
                // serde_path_to_error may or may not have counted the key itself as part of the path.
                let parent =
                    parent.strip_suffix(name.as_str()).map_or(parent, |rest| rest.trim_end_matches('.'));
                Some(if parent.is_empty() { name.clone() } else { format!("{parent}.{name}") })
            }
            Complaint::Variant { .. } | Complaint::Type { .. } | Complaint::Other(_) => {
                (!parent.is_empty()).then(|| parent.to_owned())
            }
        }
    }

    fn detail(&self, field: &str) -> String {
        match self {
            Complaint::Missing(_) => format!("{field} is missing"),
            Complaint::Twice(_) => format!("{field} is there twice"),
            Complaint::Unknown { name, known } => {
                format!("unknown field `{}`{}", quotable(name), nearest(name, known))
            }
            Complaint::Variant { name, known } => {
                format!("{field} cannot be `{}`{}", quotable(name), nearest(name, known))
            }
            Complaint::Type { found, expected } => format!("{field} must be {expected}, not {found}"),
            Complaint::Other(text) => format!("{field}: {text}"),
        }
    }
}

/// What was sent, short enough to leave room for what would be right.
fn quotable(text: &str) -> String {
    let mut shown: String = text.chars().take(QUOTED_CHARS).collect();
    if text.chars().nth(QUOTED_CHARS).is_some() {
        shown.push('…');
    }
    shown
}

/// From ``stdinn`, expected one of `a`, `b` `` to the name and what is known.
fn name_and_known(rest: &str) -> Option<(String, Vec<String>)> {
    let (name, expected) = rest.rsplit_once("`, expected ")?;
    Some((name.to_owned(), expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()))
}

fn nearest(name: &str, known: &[String]) -> String {
    let name: String = name.chars().take(QUOTED_CHARS).collect();
    let near = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(&name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > NEAR)
        .max_by(|left, right| left.0.total_cmp(&right.0));
    match near {
        Some((_, candidate)) => format!("; did you mean `{candidate}`?"),
        None => format!("; it is one of {}", known.join(", ")),
    }
}

/// serde names Rust's types; callers write JSON.
fn plainly(expected: &str) -> &str {
    match expected {
        "u64" => "a whole number from 0 to 18446744073709551615",
        "u32" => "a whole number from 0 to 4294967295",
        "a sequence" => "an array",
        "a map" => "an object",
        other => other,
    }
}

/// An object, and not the array of its fields' values that serde would take as well.
pub(crate) struct ObjectOnly<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ObjectOnly<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_map(Fields(PhantomData)).map(ObjectOnly)
    }
}
