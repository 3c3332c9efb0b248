//! Whether a definition has the shape that its JSON Schema describes: keys, kinds of values, patterns, ranges.
//!
//! The same schema serves editors and this check, so the two agree. Serde would stop at the first mistake; this reports
//! all of them, each at its place. It knows the few keywords that our schema uses.

use regex::Regex;
use serde_json::Value;

use super::extend;
use super::problem::{MOST_PROBLEMS, Problem, listed, quoted};
use super::scalar::{Scalar, rewritten};
use super::schema::{self, target};
use super::source::{Source, Span};
use super::suggest::nearest;
use super::tree::{Entry, Kind, Node};

/// Words of an enumeration that a message lists.
const LISTED_WORDS: usize = 24;
/// Characters of an example that a message shows.
const EXAMPLE_CHARS: usize = 90;

/// Checks a whole definition.
pub(super) fn check(source: &Source, root: &Node) -> Vec<Problem> {
    let mut shape = Shape { source, problems: Vec::new() };
    let whole = Place { path: String::new(), at: Span::default(), schema: schema::value() };
    shape.visit(root, &whole);
    shape.problems
}

/// What a value is for.
struct Place<'s> {
    /// `run.command[2]`.
    path: String,
    /// Its key, or the item itself.
    at: Span,
    /// With the description; what it refers to says the rest.
    schema: &'s Value,
}

impl Place<'_> {
    fn under(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// What belongs there.
    fn hint(&self) -> Option<String> {
        hint(self.schema, self.path.rsplit('.').next().unwrap_or_default())
    }

    /// `` `run.command` ``, or what the whole is called.
    fn name(&self) -> String {
        if self.path.is_empty() { "a definition".to_owned() } else { quoted(&self.path) }
    }
}

struct Shape<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
}

impl Shape<'_> {
    /// Reports a problem, with help where there is any.
    fn report(&mut self, problem: Problem, help: Option<String>) {
        self.problems.push(match help {
            Some(help) => problem.with_help(help),
            None => problem,
        });
    }

    fn visit(&mut self, node: &Node, place: &Place<'_>) {
        if self.problems.len() >= MOST_PROBLEMS {
            return;
        }
        let schema = target(place.schema);
        match &node.kind {
            Kind::Mapping(entries) if allows(schema, "object") => self.check_mapping(schema, entries, place),
            Kind::List(_) if allows(schema, "array") => self.check_list(schema, node, place),
            Kind::Scalar { text, plain } => {
                let scalar = if *plain { Scalar::of_plain(text) } else { Scalar::Text };
                match scalar {
                    Scalar::Text if allows(schema, "string") => self.check_text(schema, text, node, place),
                    Scalar::Bool if allows(schema, "boolean") => {}
                    Scalar::Integer if allows(schema, "integer") => {
                        self.check_integer(schema, text, node, place)
                    }
                    Scalar::Null => self.report_nothing(text, node, place),
                    _ => self.report_scalar(schema, text, scalar, node, place),
                }
            }
            Kind::Mapping(_) | Kind::List(_) => self.report_kind(schema, node, place),
        }
    }

    fn check_mapping(&mut self, schema: &Value, entries: &[Entry], place: &Place<'_>) {
        let mut mistyped = Vec::new();
        for Entry { key, key_span, value } in entries {
            if self.problems.len() >= MOST_PROBLEMS {
                return;
            }
            let inner = |schema| Place { path: place.under(key), at: *key_span, schema };
            match (schema["properties"].get(key), &schema["additionalProperties"]) {
                (Some(property), _) => self.visit(value, &inner(property)),
                (None, values @ Value::Object(_)) => {
                    self.check_key(&schema["propertyNames"], key, *key_span);
                    self.visit(value, &inner(values));
                }
                (None, _) => mistyped.extend(self.report_unknown(schema, entries, key, *key_span, place)),
            }
        }
        if entries.is_empty() && schema["minProperties"].as_u64() > Some(0) {
            let problem = self.source.problem(place.at, format!("{} is empty", place.name()));
            self.report(problem, place.hint());
        }
        let extends = entries.iter().any(|entry| entry.key == extend::KEY);
        for key in schema::required(schema, extends) {
            if !entries.iter().any(|entry| entry.key == key) && !mistyped.iter().any(|meant| meant == key) {
                self.report(self.missing(key, place), hint(&schema["properties"][key], key));
            }
        }
    }

    fn check_key(&mut self, names: &Value, key: &str, span: Span) {
        if let Some((what, help)) = mismatch(names, key) {
            let problem = self.source.problem(span, format!("{} is {what}", quoted(key))).with_help(help);
            self.problems.push(problem);
        }
    }

    /// Reports a key that is none, and returns the one that was meant.
    fn report_unknown(
        &mut self,
        schema: &Value,
        entries: &[Entry],
        key: &str,
        span: Span,
        place: &Place<'_>,
    ) -> Option<String> {
        let known: Vec<&str> = schema["properties"].as_object()?.keys().map(String::as_str).collect();
        let free = known.iter().copied().filter(|known| !entries.iter().any(|entry| entry.key == *known));
        let meant = nearest(key, free);
        let problem = self.source.problem(span, format!("{} is not a key of {}", quoted(key), place.name()));
        self.problems.push(match (meant, owner_of(schema, key)) {
            (Some(meant), _) => problem.with_label(format!("did you mean `{meant}`?")),
            (None, Some(owner)) => problem.with_label(format!("belongs under `{owner}`")),
            (None, None) => problem.with_help(format!("its keys are {}", listed(&known))),
        });
        meant.map(str::to_owned)
    }

    fn missing(&self, key: &str, place: &Place<'_>) -> Problem {
        let message = format!("{} is missing", quoted(&place.under(key)));
        if place.path.is_empty() {
            Problem { line: 1, column: 1, ..Problem::of_file(self.source.file(), message) }
        } else {
            self.source.problem(place.at, message)
        }
    }

    fn check_list(&mut self, schema: &Value, list: &Node, place: &Place<'_>) {
        if list.items().next().is_none() && schema["minItems"].as_u64() > Some(0) {
            let problem = self.source.problem(list.span, format!("{} is empty", place.name()));
            self.report(problem, place.hint());
        }
        if let Some(most) = schema["maxItems"].as_u64()
            && list.items().count() as u64 > most
        {
            let message = format!("{} has more than {most} items", place.name());
            self.problems.push(self.source.problem(place.at, message));
        }
        for (index, item) in list.items().enumerate() {
            let path = format!("{}[{index}]", place.path);
            self.visit(item, &Place { path, at: item.span, schema: &schema["items"] });
        }
    }

    fn check_text(&mut self, schema: &Value, text: &str, node: &Node, place: &Place<'_>) {
        if let Some(words) = schema["enum"].as_array() {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            if !words.contains(&text) {
                self.report_word(schema, &words, text, node, place);
            }
        } else if let Some((what, help)) = mismatch(schema, text) {
            let problem = if text.is_empty() {
                self.source.problem(node.span, format!("{} is empty", place.name())).with_help(help)
            } else {
                self.source.problem(node.span, format!("{} is {what}", quoted(text))).with_help(help)
            };
            let lower = text.to_lowercase();
            let lower_will_do = lower != text && mismatch(schema, &lower).is_none();
            self.problems.push(if lower_will_do {
                problem.with_label(format!("write `{lower}`"))
            } else {
                problem
            });
        }
    }

    fn report_word(&mut self, schema: &Value, words: &[&str], text: &str, node: &Node, place: &Place<'_>) {
        let mut problem = match said(schema) {
            Some((what, help)) => {
                self.source.problem(node.span, format!("{} is {what}", quoted(text))).with_help(help)
            }
            None if words.len() > LISTED_WORDS => self
                .source
                .problem(node.span, format!("{} cannot be {}", place.name(), quoted(text)))
                .with_help(format!("`polyground schema` lists the {} that it can be", words.len())),
            None => self
                .source
                .problem(node.span, format!("{} cannot be {}", place.name(), quoted(text)))
                .with_help(format!("it can be {}", listed(words))),
        };
        if let Some(meant) = nearest(text, words.iter().copied()) {
            problem = problem.with_label(format!("did you mean `{meant}`?"));
        }
        self.problems.push(problem);
    }

    fn check_integer(&mut self, schema: &Value, text: &str, node: &Node, place: &Place<'_>) {
        let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
        let most = schema["maximum"].as_i64().unwrap_or(i64::MAX);
        let number = text.parse::<i64>().ok();
        if number.is_none_or(|number| number < least || number > most) {
            let range = match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
                (Some(least), Some(most)) => format!("write a number from {least} to {most}"),
                (Some(least), None) => format!("write a number from {least} on"),
                (None, _) => "write a decimal number".to_owned(),
            };
            let message = format!("{} cannot be {}", place.name(), quoted(text));
            self.problems.push(self.source.problem(node.span, message).with_help(range));
        }
    }

    /// A key without a value.
    fn report_nothing(&mut self, text: &str, node: &Node, place: &Place<'_>) {
        let (span, state) =
            if text.is_empty() { (place.at, "has no value") } else { (node.span, "cannot be null") };
        let problem = self.source.problem(span, format!("{} {state}", place.name()));
        self.report(problem, place.hint());
    }

    /// A number or truth value where text belongs, or text where something else belongs.
    fn report_scalar(&mut self, schema: &Value, text: &str, scalar: Scalar, node: &Node, place: &Place<'_>) {
        let wanted = allows(schema, "string");
        if wanted && let Some((what, help)) = mismatch(schema, text) {
            let problem = self.source.problem(node.span, format!("{} is {what}", quoted(text)));
            self.problems.push(problem.with_help(help));
            return;
        }
        let kind = if scalar == Scalar::Text { "text" } else { scalar.noun() };
        if wanted {
            let message =
                format!("{} must be text, and {} without quotes is {kind}", place.name(), quoted(text));
            let problem =
                self.source.problem(node.span, message).with_help(format!("put it in quotes: \"{text}\""));
            let number = if scalar == Scalar::Float { rewritten(text) } else { None };
            self.problems.push(match number {
                Some(number) => problem.with_label(format!("read as {number}")),
                None => problem,
            });
        } else {
            let message = format!("{} must be {}, and this is {kind}", place.name(), wanted_noun(schema));
            let as_list = allows(schema, "array").then(|| format!("write it as a list: {}", as_list(text)));
            self.report(self.source.problem(node.span, message), as_list.or_else(|| place.hint()));
        }
    }

    /// A list or mapping where something else belongs.
    fn report_kind(&mut self, schema: &Value, node: &Node, place: &Place<'_>) {
        let kind = if matches!(node.kind, Kind::List(_)) { "a list" } else { "a mapping" };
        let written = self.source.slice(node.span).to_owned();
        // `{main}` without quotes is a mapping with a key that has no value.
        let placeholder = match node.entries() {
            [only] if only.value.text() == Some("") && written.starts_with('{') => {
                Some(format!("{{{}}}", only.key))
            }
            _ => None,
        };
        let span = if written.starts_with(['{', '[']) { node.span } else { place.at };
        match placeholder {
            Some(text) if allows(schema, "string") => {
                let message =
                    format!("{} must be text, and {} without quotes is {kind}", place.name(), quoted(&text));
                self.report(
                    self.source.problem(span, message),
                    Some(format!("put it in quotes: \"{text}\"")),
                );
            }
            _ => {
                let message = format!("{} must be {}, and this is {kind}", place.name(), wanted_noun(schema));
                self.report(self.source.problem(span, message), place.hint());
            }
        }
    }
}

/// What is wrong with `text`, and what would be right, when it does not match the schema's pattern.
fn mismatch(schema: &Value, text: &str) -> Option<(String, String)> {
    let pattern = schema["pattern"].as_str()?;
    let matches = Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text));
    if matches {
        None
    } else {
        said(schema).or_else(|| Some(("not possible here".into(), format!("it must match {pattern}"))))
    }
}

/// The two parts of a schema's own message.
fn said(schema: &Value) -> Option<(String, String)> {
    let (what, help) = schema["errorMessage"].as_str()?.split_once("; ")?;
    Some((what.to_owned(), help.to_owned()))
}

fn allows(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(|each| each == kind),
        only => only == kind,
    }
}

fn wanted_noun(schema: &Value) -> &'static str {
    let nouns = [
        ("object", "a mapping"),
        ("array", "a list"),
        ("string", "text"),
        ("integer", "a whole number"),
        ("boolean", "`true` or `false`"),
    ];
    nouns.iter().find(|(kind, _)| allows(schema, kind)).map_or("something else", |(_, noun)| noun)
}

/// What a property is for, and an example when it is short.
fn hint(property: &Value, key: &str) -> Option<String> {
    let description = property["description"].as_str()?;
    Some(match property["examples"].get(0).map(flow) {
        Some(example) if example.len() <= EXAMPLE_CHARS => {
            format!("{description}\nfor example `{key}: {example}`")
        }
        _ => description.to_owned(),
    })
}

/// The property of `schema` whose own properties have `key`.
fn owner_of<'a>(schema: &'a Value, key: &str) -> Option<&'a str> {
    let mut properties = schema["properties"].as_object()?.iter();
    let owner = properties.find(|(_, property)| target(property)["properties"].get(key).is_some());
    owner.map(|(name, _)| name.as_str())
}

/// A value in one line of YAML.
fn flow(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => flow_text(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(keys) => {
            let pairs = keys.iter().map(|(key, value)| format!("{}: {}", flow_text(key), flow(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

fn flow_text(text: &str) -> String {
    let safe = |letter: char| letter.is_alphanumeric() || "/._+-".contains(letter);
    if Scalar::of_plain(text) == Scalar::Text && text.chars().all(safe) && text != "-" {
        text.to_owned()
    } else if text.contains('\\') && !text.contains(['\'', '\n']) {
        format!("'{text}'")
    } else {
        Value::from(text).to_string()
    }
}

/// A command line as a list of its words.
fn as_list(text: &str) -> String {
    if text.contains(['"', '\'', '\n', '$', '|', '&', ';']) {
        return "[program, argument]".to_owned();
    }
    format!("[{}]", text.split_whitespace().map(flow_text).collect::<Vec<_>>().join(", "))
}
