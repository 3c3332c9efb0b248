//! What a schema cannot say: whether the parts of a definition make sense, and fit each other and their folder.
//!
//! The checks read the tree, not the typed definition, so that they work beside mistakes of shape and point at the exact
//! place. A value of the wrong shape is passed over here: [`super::shape`] reports it.

mod commands;
mod limits;
mod names;
mod paths;
mod patterns;
mod samples;

use std::path::Path;

use super::problem::{MOST_PROBLEMS, Problem};
use super::source::{Source, Span};
use super::tree::Node;

/// Checks a whole definition that stands in `folder`.
pub(super) fn check(source: &Source, root: &Node, folder: &Path) -> Vec<Problem> {
    let mut report = Report { source, problems: Vec::new(), beyond: None };
    names::check(&mut report, root);
    paths::check(&mut report, root, folder);
    commands::check(&mut report, root);
    patterns::check(&mut report, root);
    limits::check(&mut report, root);
    samples::check(&mut report, root);
    report.problems
}

/// Where the checks leave what they find.
struct Report<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
    /// The last one beyond [`MOST_PROBLEMS`], which nobody will read.
    beyond: Option<Problem>,
}

impl Report<'_> {
    /// A problem at `span`.
    fn add(&mut self, span: Span, message: impl Into<String>) -> &mut Problem {
        let problem = if self.problems.len() < MOST_PROBLEMS {
            self.source.problem(span, message)
        } else {
            Problem::of_file(self.source.file(), "")
        };
        self.push(problem)
    }

    /// A problem with `fragment`, which stands in the value `node`.
    fn add_within(&mut self, node: &Node, fragment: &str, message: impl Into<String>) -> &mut Problem {
        self.add(self.source.find(node.span, fragment), message)
    }

    fn push(&mut self, problem: Problem) -> &mut Problem {
        let index = self.problems.len();
        if index >= MOST_PROBLEMS {
            return self.beyond.insert(problem);
        }
        self.problems.push(problem);
        &mut self.problems[index]
    }
}

/// The value at the end of a path of keys.
fn at<'a>(root: &'a Node, keys: &[&str]) -> Option<&'a Node> {
    keys.iter().try_fold(root, |node, key| node.get(key))
}

/// Whether a text can be part of a command or environment: the kernel ends it at a NUL.
fn has_nul(node: &Node) -> bool {
    node.text().is_some_and(|text| text.contains('\0'))
}
