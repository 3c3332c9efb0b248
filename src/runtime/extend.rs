//! Definitions that say only what is different from another: `extends`.
//!
//! The other's tree is laid under this one's. What comes from there stands, for every message, where `extends` does; so the checks
//! need not know of it.

use std::rc::Rc;

use super::definition::Definition;
use super::scalar::Scalar;
use super::source::Span;
use super::tree::{Entry, Kind, Node};

/// The key that names the other definition.
pub(super) const KEY: &str = "extends";

/// Keys whose mappings are joined.
const JOINED: [&str; 3] = ["env", "limits", "pool"];

/// `own` with everything from `base` that it does not say itself. `at` is where the base is named.
pub(super) fn merged(own: &Node, base: &Node, at: Span) -> Node {
    let renamed = own.get("language").is_some();
    let mut entries: Vec<Entry> = Vec::new();
    for entry in own.entries() {
        let value = match base.get(&entry.key) {
            Some(below) => with_below(&entry.key, &entry.value, below, at),
            None => Rc::clone(&entry.value),
        };
        entries.push(Entry { key: entry.key.clone(), key_span: entry.key_span, value });
    }
    for entry in base.entries() {
        // Other names of another language are not this one's.
        let is_foreign = renamed && entry.key == "aliases";
        if own.get(&entry.key).is_none() && !is_foreign {
            entries.push(moved_entry(entry, at));
        }
    }
    Node::made(own.span, Kind::Mapping(entries))
}

/// The value of one key, with what is below it where they are joined.
fn with_below(key: &str, own: &Rc<Node>, below: &Node, at: Span) -> Rc<Node> {
    match (&own.kind, &below.kind) {
        (Kind::Mapping(_), Kind::Mapping(_)) if JOINED.contains(&key) => Rc::new(joined(own, below, at)),
        (Kind::Mapping(_), Kind::Mapping(_)) if key == "packages" => Rc::new(packages(own, below, at)),
        (Kind::List(items), Kind::List(others)) if key == "samples" => {
            let name = |sample: &Node| sample.get("name").and_then(Node::text).map(str::to_owned);
            let again = |other: &&Rc<Node>| items.iter().any(|own| name(own) == name(other));
            let kept = others.iter().filter(|other| !again(other)).map(|other| moved(other, at));
            Rc::new(Node::made(own.span, Kind::List(kept.chain(items.iter().cloned()).collect())))
        }
        _ => Rc::clone(own),
    }
}

fn joined(own: &Node, below: &Node, at: Span) -> Node {
    let missing = below.entries().iter().filter(|entry| own.get(&entry.key).is_none());
    let missing: Vec<Entry> = missing.map(|entry| moved_entry(entry, at)).collect();
    let own_entries = own.entries().iter().map(copied);
    Node::made(own.span, Kind::Mapping(missing.into_iter().chain(own_entries).collect()))
}

/// Lists of the same key one after the other.
fn packages(own: &Node, below: &Node, at: Span) -> Node {
    let mut all = joined(own, below, at);
    if let Kind::Mapping(entries) = &mut all.kind {
        for entry in entries {
            let lists =
                (own.get(&entry.key).map(|node| &node.kind), below.get(&entry.key).map(|node| &node.kind));
            if let (Some(Kind::List(items)), Some(Kind::List(others))) = lists {
                let both = others.iter().map(|item| moved(item, at)).chain(items.iter().cloned());
                entry.value = Rc::new(Node::made(entry.value.span, Kind::List(both.collect())));
            }
        }
    }
    Node::made(own.span, all.kind)
}

fn copied(entry: &Entry) -> Entry {
    Entry { key: entry.key.clone(), key_span: entry.key_span, value: Rc::clone(&entry.value) }
}

fn moved_entry(entry: &Entry, at: Span) -> Entry {
    Entry { key: entry.key.clone(), key_span: at, value: moved(&entry.value, at) }
}

/// The same value, standing elsewhere. The number of values was bounded when the tree was made.
fn moved(node: &Node, at: Span) -> Rc<Node> {
    let kind = match &node.kind {
        Kind::Scalar { text, plain } => Kind::Scalar { text: text.clone(), plain: *plain },
        Kind::List(items) => Kind::List(items.iter().map(|item| moved(item, at)).collect()),
        Kind::Mapping(entries) => Kind::Mapping(entries.iter().map(|entry| moved_entry(entry, at)).collect()),
    };
    Rc::new(Node::made(at, kind))
}

/// A tree as a definition.
///
/// # Errors
/// What the checks let through and should not have, in a sentence.
pub(super) fn typed(root: &Node) -> Result<Definition, String> {
    serde_yaml::from_value(value(root)).map_err(|error| error.to_string())
}

fn value(node: &Node) -> serde_yaml::Value {
    use serde_yaml::Value;
    match &node.kind {
        Kind::Scalar { text, plain } => match Scalar::of_plain(text) {
            Scalar::Text => Value::String(text.clone()),
            _ if !plain => Value::String(text.clone()),
            _ => serde_yaml::from_str(text).unwrap_or_else(|_| Value::String(text.clone())),
        },
        Kind::List(items) => Value::Sequence(items.iter().map(|item| value(item)).collect()),
        Kind::Mapping(entries) => {
            let pairs = entries.iter().map(|entry| (Value::String(entry.key.clone()), value(&entry.value)));
            Value::Mapping(pairs.collect())
        }
    }
}
