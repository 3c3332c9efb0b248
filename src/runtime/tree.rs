//! YAML as a tree in which every key and value knows where it stands, for checks that point at the exact place.
//!
//! Values keep how they are written: `3.10` without quotes is told from `"3.10"`. Aliases share the node of their anchor,
//! so that a small file cannot become a large tree; how large it would be is counted and bounded.

use std::collections::HashMap;
use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::problem::{MOST_PROBLEMS, Problem, quoted};
use super::source::{Source, Span};

/// Lists and mappings within each other.
const MAX_DEPTH: usize = 32;
/// Values of a definition, aliases counted as often as they are used.
const MAX_NODES: usize = 20_000;

/// A value.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) kind: Kind,
    /// Values in it and itself, with aliases expanded.
    nodes: usize,
}

/// What a value is, as written.
#[derive(Debug)]
pub(super) enum Kind {
    /// `plain`: without quotes, so that it may be a number, a truth value or nothing.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Rc<Node>>),
    Mapping(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) value: Rc<Node>,
}

impl Node {
    /// The entry of a mapping.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value of a mapping's key.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &*entry.value)
    }

    /// A mapping's entries in their order; empty for anything else.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Mapping(entries) => entries,
            Kind::Scalar { .. } | Kind::List(_) => &[],
        }
    }

    /// A list's items; empty for anything else.
    pub(super) fn items(&self) -> impl Iterator<Item = &Node> {
        let items: &[Rc<Node>] = match &self.kind {
            Kind::List(items) => items,
            Kind::Scalar { .. } | Kind::Mapping(_) => &[],
        };
        items.iter().map(|item| &**item)
    }

    /// A value made of others. Values in it are counted with it.
    pub(super) fn made(span: Span, kind: Kind) -> Self {
        let inner = match &kind {
            Kind::Scalar { .. } => 0,
            Kind::List(items) => items.iter().map(|item| item.nodes).sum(),
            Kind::Mapping(entries) => entries.iter().map(|entry| entry.value.nodes).sum(),
        };
        Self { span, kind, nodes: 1 + inner }
    }

    /// An entry's key as a value of its own.
    pub(super) fn of_key(entry: &Entry) -> Self {
        let kind = Kind::Scalar { text: entry.key.clone(), plain: false };
        Self { span: entry.key_span, kind, nodes: 1 }
    }

    /// The text of a scalar, whatever it stands for.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            Kind::List(_) | Kind::Mapping(_) => None,
        }
    }
}

/// Reads the one document of a file. A tree comes with problems that do not prevent further checks.
///
/// # Errors
/// What prevents a tree: bad syntax, no document or several, values that refer to themselves, too deep, too many.
pub(super) fn compose(source: &Source) -> Result<(Rc<Node>, Vec<Problem>), Vec<Problem>> {
    let mut composer = Composer::new(source);
    for event in Parser::new_from_str(source.text()) {
        let step = match event {
            Ok((event, span)) => {
                composer.take(event, Span { start: span.start.index(), end: span.end.index() })
            }
            Err(error) => Err(syntax_problem(source, &error)),
        };
        if composer.problems.len() >= MOST_PROBLEMS {
            return Err(composer.problems);
        }
        if let Err(problem) = step {
            composer.problems.push(problem);
            return Err(composer.problems);
        }
    }
    match composer.root {
        Some(root) if root.text() != Some("") => Ok((root, composer.problems)),
        Some(_) | None => Err(vec![empty_problem(source)]),
    }
}

fn empty_problem(source: &Source) -> Problem {
    Problem::of_file(source.file(), "the definition is empty")
        .with_help("`polyground schema` and runtimes/README.md say what belongs in it")
}

/// A list or mapping that has not ended yet.
struct Open {
    span: Span,
    anchor: usize,
    nodes: usize,
    inside: Inside,
}

enum Inside {
    List(Vec<Rc<Node>>),
    /// With the key whose value comes next.
    Mapping(Vec<Entry>, Option<(String, Span)>),
}

struct Composer<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    root: Option<Rc<Node>>,
}

impl<'a> Composer<'a> {
    fn new(source: &'a Source) -> Self {
        Self { source, problems: Vec::new(), open: Vec::new(), anchors: HashMap::new(), root: None }
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) if self.root.is_some() => Err(self
                .source
                .problem(span, "a second document begins here")
                .with_help("a definition is one document: remove the `---` and what follows, or give it its own folder")),
            Event::DocumentStart(_) => Ok(()),
            Event::Scalar(text, style, anchor, tag) => {
                self.check_tag(tag.as_deref(), span);
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let kind = Kind::Scalar { text: text.into_owned(), plain };
                self.add(Rc::new(Node { span, kind, nodes: 1 }), anchor)
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) => self.add(Rc::clone(node), 0),
                None => Err(self.source.problem(span, "this alias stands inside what it refers to")),
            },
            Event::SequenceStart(anchor, tag) => self.enter(span, anchor, tag.as_deref(), Inside::List(Vec::new())),
            Event::MappingStart(anchor, tag) => {
                self.enter(span, anchor, tag.as_deref(), Inside::Mapping(Vec::new(), None))
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(span),
        }
    }

    fn check_tag(&mut self, tag: Option<&Tag>, span: Span) {
        if let Some(Tag { handle, suffix }) = tag
            && !(handle == "tag:yaml.org,2002:" && suffix == "str")
        {
            let handle = if handle == "tag:yaml.org,2002:" { "!!" } else { handle };
            let name = quoted(&format!("{handle}{suffix}"));
            self.problems
                .push(self.source.problem(span, format!("the tag {name} means nothing here: remove it")));
        }
    }

    fn enter(&mut self, span: Span, anchor: usize, tag: Option<&Tag>, inside: Inside) -> Result<(), Problem> {
        self.check_tag(tag, span);
        if self.open.len() >= MAX_DEPTH {
            return Err(self
                .source
                .problem(span, format!("values are nested deeper than {MAX_DEPTH} levels")));
        }
        self.open.push(Open { span, anchor, nodes: 1, inside });
        Ok(())
    }

    fn leave(&mut self, end: Span) -> Result<(), Problem> {
        let Some(Open { span, anchor, nodes, inside }) = self.open.pop() else { return Ok(()) };
        let kind = match inside {
            Inside::List(items) => Kind::List(items),
            Inside::Mapping(entries, _) => Kind::Mapping(entries),
        };
        let span = Span { start: span.start, end: end.end.max(span.end) };
        self.add(Rc::new(Node { span, kind, nodes }), anchor)
    }

    fn add(&mut self, node: Rc<Node>, anchor: usize) -> Result<(), Problem> {
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        parent.nodes = parent.nodes.saturating_add(node.nodes);
        if parent.nodes > MAX_NODES {
            let message = format!("more than {MAX_NODES} values, aliases counted as often as they are used");
            return Err(self.source.problem(node.span, message));
        }
        match &mut parent.inside {
            Inside::List(items) => items.push(node),
            Inside::Mapping(entries, key) => match key.take() {
                None => *key = Some(key_of(&node, self.source)?),
                Some((key, key_span)) => match entries.iter().find(|entry| entry.key == key) {
                    Some(first) => self.problems.push(duplicate(self.source, &key, key_span, first.key_span)),
                    None => entries.push(Entry { key, key_span, value: node }),
                },
            },
        }
        Ok(())
    }
}

fn key_of(node: &Node, source: &Source) -> Result<(String, Span), Problem> {
    match &node.kind {
        Kind::Scalar { text, .. } => Ok((text.clone(), node.span)),
        Kind::List(_) | Kind::Mapping(_) => Err(source.problem(node.span, "a key must be text")),
    }
}

fn duplicate(source: &Source, key: &str, second: Span, first: Span) -> Problem {
    let line = source.problem(first, "").line;
    source
        .problem(second, format!("the key {} is written twice", quoted(key)))
        .with_label(format!("first on line {line}"))
        .with_help("remove one of them")
}

/// A syntax error in words that say what to do.
fn syntax_problem(source: &Source, error: &ScanError) -> Problem {
    let at = error.marker().index();
    let problem = source.problem(Span { start: at, end: at + 1 }, "");
    let line = source.text().lines().nth(problem.line.saturating_sub(1)).unwrap_or_default();
    let indent: String = line.chars().take_while(|letter| letter.is_whitespace()).collect();
    let info = error.info().trim_start_matches("while parsing ").trim_start_matches("while scanning ");
    let (message, help) = if info.contains("tab") && indent.contains('\t') {
        ("a tab cannot indent YAML", Some("indent with spaces"))
    } else if info.contains("mapping values are not allowed") {
        ("a `:` that begins a value cannot stand here", Some("put a text that contains `: ` in quotes"))
    } else if info.contains("unknown anchor") {
        ("this alias refers to no anchor", Some("put a text that begins with `*` in quotes"))
    } else if info.contains("unexpected character") {
        ("a text cannot begin with this character", Some("put the text in quotes"))
    } else if info.contains("a quoted scalar, found unexpected end") || info.contains("in quoted scalar") {
        ("a text in quotes does not end", Some("close the quotes"))
    } else if info.contains("unknown escape") {
        ("an unknown escape in double quotes", Some("write `\\\\` for a backslash, or use single quotes"))
    } else if info.contains("flow sequence")
        || info.contains("flow mapping")
        || info.contains("illegal placement")
    {
        (
            "a list or mapping does not end where it should",
            Some("close it, and put texts that begin with `{`, `[` or a quote in quotes as a whole"),
        )
    } else if info.contains("block mapping")
        || info.contains("block collection")
        || info.contains("indentation")
    {
        ("this line is indented unlike its neighbours, or the one before is not complete", None)
    } else {
        (info, None)
    };
    let problem = Problem { message: format!("not YAML: {message}"), ..problem };
    match help {
        Some(help) => problem.with_help(help),
        None => problem,
    }
}
