//! Regular expressions.

use regex::Regex;

use super::super::source::Span;
use super::super::tree::Node;
use super::{Report, at};

pub(super) fn check(report: &mut Report<'_>, root: &Node) {
    if let Some(node) = at(root, &["detect", "pattern"])
        && let Some(pattern) = check_one(report, node)
        && pattern.captures_len() < 2
    {
        report.add(node.span, "`detect.pattern` has no group 1").help =
            Some(r"put parentheses around the version: '(\d+\.\d+\.\d+)'".to_owned());
    }
    let samples = root.get("samples").into_iter().flat_map(Node::items);
    for node in root.get("out_of_memory").into_iter().chain(samples.filter_map(|sample| sample.get("stderr")))
    {
        check_one(report, node);
    }
    for node in root.get("diagnostics").into_iter().flat_map(Node::items) {
        check_place(report, node);
    }
}

/// A pattern that the playground uses: it must also be one to a browser, which knows neither flags in the pattern nor
/// all of our escapes.
fn check_place(report: &mut Report<'_>, node: &Node) {
    const FOREIGN: [&str; 9] = ["(?P", "(?i", "(?m", "(?s", "(?x", "(?-", "(?U", r"\A", r"\z"];
    let Some(pattern) = check_one(report, node) else { return };
    if let Some(found) = FOREIGN.iter().find(|foreign| pattern.as_str().contains(**foreign)) {
        report
            .add_within(node, found, format!("browsers do not know `{found}` in a regular expression"))
            .help =
            Some("write groups as `(?<line>…)`, and `^` and `$` for the line's begin and end".to_owned());
    } else if !pattern.capture_names().flatten().any(|name| name == "line" || name == "message") {
        report.add(node.span, "it finds neither a `line` nor a `message`").help =
            Some(r"name the groups: '^(?<file>\S+):(?<line>\d+): (?<message>.*)'".to_owned());
    }
}

fn check_one(report: &mut Report<'_>, node: &Node) -> Option<Regex> {
    let pattern = node.text()?;
    let (start, end, what) = match regex_syntax::parse(pattern) {
        Ok(_) => match Regex::new(pattern) {
            Ok(regex) => return Some(regex),
            Err(_) => (0, pattern.len(), "it needs too much memory".to_owned()),
        },
        Err(regex_syntax::Error::Parse(error)) => {
            (error.span().start.offset, error.span().end.offset, error.kind().to_string())
        }
        Err(regex_syntax::Error::Translate(error)) => {
            (error.span().start.offset, error.span().end.offset, error.kind().to_string())
        }
        Err(error) => (0, pattern.len(), error.to_string()),
    };
    let whole = report.source.find(node.span, pattern);
    let to_the_letter = report.source.slice(whole) == pattern;
    let chars = |to: usize| pattern.get(..to).map_or(0, |text| text.chars().count());
    let span = if to_the_letter {
        Span { start: whole.start + chars(start), end: whole.start + chars(end) }
    } else {
        node.span
    };
    report.add(span, format!("not a regular expression: {what}"));
    None
}
