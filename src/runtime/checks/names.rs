//! The names that callers use, and variables' values.

use super::super::problem::quoted;
use super::super::tree::Node;
use super::{Report, at, has_nul};

pub(super) fn check(report: &mut Report<'_>, root: &Node) {
    aliases(report, root);
    for keys in [&["env"][..], &["compile", "env"], &["run", "env"], &["format", "env"]] {
        for entry in at(root, keys).map(Node::entries).into_iter().flatten() {
            if has_nul(&entry.value) {
                report.add(
                    entry.value.span,
                    format!("the value of {} has a NUL character", quoted(&entry.key)),
                );
            }
        }
    }
}

fn aliases(report: &mut Report<'_>, root: &Node) {
    let language = root.get("language").and_then(Node::text).unwrap_or_default();
    let mut seen: Vec<&str> = Vec::new();
    for node in root.get("aliases").into_iter().flat_map(Node::items) {
        let Some(alias) = node.text() else { continue };
        if alias == language {
            report.add(node.span, format!("the alias {} is the language's own name", quoted(alias)));
        } else if seen.contains(&alias) {
            report.add(node.span, format!("the alias {} is written twice", quoted(alias)));
        }
        seen.push(alias);
    }
}
