//! Names that two definitions claim: only one can have them.

use super::Runtime;
use super::load::{BrokenDefinition, Loaded};
use super::problem::{Problem, quoted};
use super::tree::Node;
use super::version::ExactVersion;

/// Breaks every definition that claims what one before it, in this order, has already.
pub(super) fn settle(
    loaded: Vec<Result<Loaded, BrokenDefinition>>,
) -> Vec<Result<Runtime, BrokenDefinition>> {
    let mut settled: Vec<Result<Runtime, BrokenDefinition>> = Vec::with_capacity(loaded.len());
    for each in loaded {
        let outcome = each.and_then(|loaded| {
            let problems: Vec<Problem> =
                settled.iter().flatten().flat_map(|before| claimed_twice(&loaded, before)).collect();
            let Loaded { runtime, .. } = loaded;
            if problems.is_empty() {
                return Ok(runtime);
            }
            Err(BrokenDefinition { id: runtime.id, folder: runtime.folder, problems })
        });
        settled.push(outcome);
    }
    settled
}

/// What a definition claims that `before` has.
fn claimed_twice(loaded: &Loaded, before: &Runtime) -> Vec<Problem> {
    let Loaded { runtime, source, root } = loaded;
    if runtime.language == before.language {
        return same_line(loaded, before).into_iter().collect();
    }
    let help = format!("a name stands for one language: remove it here or in {}", before.folder.display());
    let mut problems = Vec::new();
    if let Some(node) = root.get("language").filter(|_| before.aliases.contains(&runtime.language)) {
        let language = quoted(&runtime.language);
        let message = format!("{language} is an alias of {} already, in `{}`", before.language, before.id);
        problems.push(source.problem(node.span, message).with_help(&help));
    }
    for node in root.get("aliases").into_iter().flat_map(Node::items) {
        let Some(alias) = node.text() else { continue };
        let whose = if alias == before.language {
            format!("is the language of `{}`", before.id)
        } else if before.aliases.iter().any(|other| other == alias) {
            format!("is an alias of {} already, in `{}`", before.language, before.id)
        } else {
            continue;
        };
        problems.push(source.problem(node.span, format!("{} {whose}", quoted(alias))).with_help(&help));
    }
    problems
}

fn same_line(loaded: &Loaded, before: &Runtime) -> Option<Problem> {
    let Loaded { runtime, source, root } = loaded;
    if ExactVersion::parse(&runtime.line)? != ExactVersion::parse(&before.line)? {
        return None;
    }
    let message = format!("{} {} is `{}` already", runtime.language, runtime.line, before.id);
    let help = format!("change the version, or remove one: {} is the other", before.folder.display());
    Some(source.problem(root.get("version")?.span, message).with_help(help))
}
