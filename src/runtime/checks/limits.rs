//! Ceilings that are zero, out of all proportion or at odds with each other; the pool's size.

use super::super::limits::DEFAULT;
use super::super::problem::quoted;
use super::super::tree::Node;
use super::super::units::{Bytes, Millis};
use super::{Report, at};

/// Least and most that a ceiling may be, in milliseconds.
const DURATIONS: [(&str, u64, u64); 2] = [("wall", 1, 30 * 60_000), ("cpu", 1, 300 * 60_000)];
/// Least and most that a ceiling may be, in bytes.
const SIZES: [(&str, u64, u64); 4] = [
    ("memory", 16 << 20, 256 << 30),
    ("output", 1 << 10, 64 << 20),
    ("files", 64 << 10, 16 << 30),
    ("file_size", 1 << 10, 16 << 30),
];

/// The most that a definition may let out of one run, in bytes: answers are held in memory.
const MAX_ARTIFACT_BYTES: u64 = 64 << 20;

pub(super) fn check(report: &mut Report<'_>, root: &Node) {
    for path in [&["limits"][..], &["compile", "limits"], &["run", "limits"], &["format", "limits"]] {
        if let Some(limits) = at(root, path) {
            let name = path.join(".");
            ranges(report, limits, &name);
            one_file(report, limits, root);
        }
    }
    if let Some(artifacts) = root.get("artifacts") {
        let range = (Bytes(1), Bytes(MAX_ARTIFACT_BYTES));
        in_range(report, artifacts, ("artifacts", "bytes"), range, Bytes::parse);
    }
    pool(report, root);
}

fn ranges(report: &mut Report<'_>, limits: &Node, name: &str) {
    for (key, least, most) in DURATIONS {
        let range = (Millis(least), Millis(most));
        in_range(report, limits, (name, key), range, Millis::parse);
    }
    for (key, least, most) in SIZES {
        let range = (Bytes(least), Bytes(most));
        in_range(report, limits, (name, key), range, Bytes::parse);
    }
}

/// Reports a value that is out of its range. One that cannot be parsed is too large for 64 bits when it has digits only up
/// to its unit, and of the wrong shape otherwise.
fn in_range<T: Ord + std::fmt::Display>(
    report: &mut Report<'_>,
    limits: &Node,
    (name, key): (&str, &str),
    (least, most): (T, T),
    parse: impl Fn(&str) -> Option<T>,
) {
    let Some(node) = limits.get(key) else { return };
    let Some(text) = node.text() else { return };
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let overflows = parse(text).is_none() && unit.len() < text.len() && parse(&format!("0{unit}")).is_some();
    let label = match parse(text) {
        Some(value) if value < least => format!("at least {least}"),
        Some(value) if value > most => format!("at most {most}"),
        None if overflows => format!("at most {most}"),
        Some(_) | None => return,
    };
    let message = format!("`{name}.{key}` cannot be {}", quoted(text));
    let problem = report.add(node.span, message);
    if let Some(frame) = &mut problem.frame {
        frame.label = Some(label);
    }
    problem.help = Some(format!("write a value from {least} to {most}"));
}

/// One file larger than all files together.
fn one_file(report: &mut Report<'_>, limits: &Node, root: &Node) {
    let size = |limits: &Node, key: &str| limits.get(key).and_then(Node::text).and_then(Bytes::parse);
    let Some(node) = limits.get("file_size") else { return };
    let Some(file_size) = node.text().and_then(Bytes::parse) else { return };
    let of_runtime = root.get("limits").and_then(|limits| size(limits, "files"));
    let files = size(limits, "files").or(of_runtime).unwrap_or(Bytes(DEFAULT.files_bytes));
    if file_size > files {
        let message = format!("one file of {file_size} cannot be, where all `files` have {files} together");
        report.add(node.span, message).help = Some("raise `files`, or lower `file_size`".to_owned());
    }
}

fn pool(report: &mut Report<'_>, root: &Node) {
    let count = |key| {
        let node = at(root, &["pool", key])?;
        Some((node, node.text()?.parse::<u32>().ok()?))
    };
    if let (Some((node, min)), Some((_, max))) = (count("min"), count("max"))
        && min > max
    {
        report.add(node.span, format!("`pool.min` is {min}, more than `pool.max`, which is {max}"));
    }
}
