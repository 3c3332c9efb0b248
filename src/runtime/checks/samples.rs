//! The self-test, and that the main files have one of the runtime's endings.

use super::super::expand::ending;
use super::super::problem::{listed, quoted};
use super::super::tree::Node;
use super::{Report, at, has_nul, paths};

pub(super) fn check(report: &mut Report<'_>, root: &Node) {
    // One with a dot is reported already, and no reason to call every main file wrong.
    let endings = root.get("extensions").into_iter().flat_map(Node::items).filter_map(Node::text);
    let endings: Vec<&str> = endings.map(|ending| ending.trim_start_matches('.')).collect();
    if let Some(node) = at(root, &["editor", "file"]) {
        main_file(report, node.text().unwrap_or_default(), node, &endings);
    }
    let mut names: Vec<&str> = Vec::new();
    for sample in root.get("samples").into_iter().flat_map(Node::items) {
        if let Some(node) = sample.get("name")
            && let Some(name) = node.text()
        {
            if names.contains(&name) {
                report.add(node.span, format!("another sample has the name {}", quoted(name)));
            }
            names.push(name);
        }
        files(report, sample, &endings);
        expectation(report, sample);
        for node in sample.get("args").into_iter().flat_map(Node::items).filter(|node| has_nul(node)) {
            report.add(node.span, "an argument cannot have a NUL character");
        }
    }
}

fn files(report: &mut Report<'_>, sample: &Node, endings: &[&str]) {
    for (index, entry) in sample.get("files").map(Node::entries).into_iter().flatten().enumerate() {
        let key = Node::of_key(entry);
        if index == 0 {
            main_file(report, &entry.key, &key, endings);
        }
        if entry.key.is_empty() || entry.key.starts_with('/') {
            report.add(key.span, format!("{} is not a file name", quoted(&entry.key))).help =
                Some("write a path relative to the program's folder".to_owned());
        }
        paths::file_name(report, &entry.key, &key);
    }
}

fn main_file(report: &mut Report<'_>, name: &str, node: &Node, endings: &[&str]) {
    let known = ending(name).is_some_and(|ending| endings.contains(&ending));
    if !known && !endings.is_empty() && !name.is_empty() {
        let endings = endings.iter().map(|ending| format!(".{ending}"));
        report
            .add(node.span, format!("the main file {} has none of the runtime's endings", quoted(name)))
            .help = Some(format!("`extensions` has {}", listed(endings)));
    }
}

/// An exit code and an outcome that exclude each other.
fn expectation(report: &mut Report<'_>, sample: &Node) {
    let Some(node) = sample.get("exit_code") else { return };
    let code = node.text().and_then(|text| text.parse::<i32>().ok());
    match (code, sample.get("outcome").and_then(Node::text)) {
        (Some(0), Some(outcome @ ("failed" | "compile_failed"))) => {
            report.add(node.span, format!("a run that exits with 0 has not {outcome}"));
        }
        (Some(code), Some("succeeded")) if code != 0 => {
            report.add(node.span, format!("a run that exits with {code} has not succeeded"));
        }
        _ => {}
    }
}
