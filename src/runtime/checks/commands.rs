//! Commands and their placeholders.

use super::super::placeholder::{Piece, Placeholder, pieces};
use super::super::problem::quoted;
use super::super::suggest::nearest;
use super::super::tree::Node;
use super::{Report, at, has_nul};

/// Where a command stands, which decides what may stand in it.
#[derive(Clone, Copy, PartialEq)]
enum Owner {
    /// `detect`: there are no files and no arguments.
    Detect,
    /// `compile`, `format`: the caller's arguments are not theirs.
    Stage,
    /// `run`.
    Run,
    /// `warm` of a stage: there are no files yet.
    Warm,
}

pub(super) fn check(report: &mut Report<'_>, root: &Node) {
    let owners =
        [("detect", Owner::Detect), ("compile", Owner::Stage), ("run", Owner::Run), ("format", Owner::Stage)];
    for (key, owner) in owners {
        let Some(command) = at(root, &[key, "command"]) else { continue };
        if let Some(program) = command.items().next()
            && program.text() == Some("")
        {
            report.add(program.span, format!("`{key}.command` has no program"));
        }
        for argument in command.items() {
            check_argument(report, argument, owner);
        }
    }
    warm(report, root);
}

/// The commands that are started before there is a program.
fn warm(report: &mut Report<'_>, root: &Node) {
    for key in ["compile", "run"] {
        for argument in at(root, &[key, "warm"]).into_iter().flat_map(Node::items) {
            check_argument(report, argument, Owner::Warm);
        }
    }
    for (key, word) in [("format", "warm"), ("format", "warm_args"), ("compile", "warm_args")] {
        if let Some(node) = at(root, &[key, word]) {
            let message = format!("`{word}` means nothing in `{key}`");
            report.add(node.span, message).help = Some("remove it".to_owned());
        }
    }
}

fn check_argument(report: &mut Report<'_>, node: &Node, owner: Owner) {
    let Some(argument) = node.text() else { return };
    if has_nul(node) {
        report.add(node.span, "an argument cannot have a NUL character");
    }
    let pieces = pieces(argument);
    for piece in &pieces {
        match piece {
            Piece::Text(_) => {}
            Piece::Unknown(name) => unknown(report, node, name, owner),
            Piece::Placeholder(placeholder) => {
                let written = format!("{{{}}}", placeholder.name());
                if owner == Owner::Detect {
                    report
                        .add_within(node, &written, format!("`{written}` means nothing in `detect`"))
                        .help =
                        Some("it runs before there is any program: write it without placeholders".to_owned());
                } else if owner == Owner::Warm && placeholder.stands_alone() {
                    report.add_within(node, &written, format!("`{written}` is not known to `warm`")).help =
                        Some("it is told on descriptor 3: remove it".to_owned());
                } else if *placeholder == Placeholder::Args && owner == Owner::Stage {
                    report.add_within(node, &written, "only `run` gets the caller's arguments").help =
                        Some("remove `{args}`".to_owned());
                } else if placeholder.stands_alone() && pieces.len() > 1 {
                    report
                        .add_within(node, &written, format!("`{written}` must be an argument by itself"))
                        .help = Some(format!(
                        "it becomes any number of arguments: write `\"{written}\"` as its own item"
                    ));
                }
            }
        }
    }
}

fn unknown(report: &mut Report<'_>, node: &Node, name: &str, owner: Owner) {
    let written = format!("{{{name}}}");
    let problem = report.add_within(node, &written, format!("{} is not a placeholder", quoted(&written)));
    if owner == Owner::Detect {
        problem.help = Some("`detect` has none; for a brace itself, put a space after it".to_owned());
        return;
    }
    let names = Placeholder::ALL.map(Placeholder::name);
    let known = names.map(|name| format!("`{{{name}}}`")).join(", ");
    problem.help = Some(format!("the placeholders are {known}; for a brace itself, put a space after it"));
    if let Some(meant) = nearest(name, names)
        && let Some(frame) = &mut problem.frame
    {
        frame.label = Some(format!("did you mean `{{{meant}}}`?"));
    }
}
