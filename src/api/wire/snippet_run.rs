//! A snippet that is run again, as it travels.

use poem_openapi::{Enum, Object};
use serde::Deserialize;

use super::run::Run;

/// How to run a snippet again.
#[derive(Debug, Default, Deserialize, Object)]
#[oai(rename = "RunSnippet")]
#[serde(deny_unknown_fields)]
pub(crate) struct RunSnippet {
    /// A range of versions to run it on, in place of its own.
    pub(crate) version: Option<String>,
}

/// A snippet that has been run again.
#[derive(Debug, Object)]
#[oai(rename = "SnippetRun")]
pub(crate) struct SnippetRun {
    /// What became of it now.
    pub(crate) run: Run,
    /// Whether that is what was recorded with it.
    pub(crate) comparison: Comparison,
}

/// Whether a run gave what another one had given.
#[derive(Debug, Object)]
#[oai(rename = "Comparison")]
pub(crate) struct Comparison {
    /// The answer in one word.
    pub(crate) result: Verdict,
    /// What differs. Times and memory never count.
    pub(crate) differences: Vec<Difference>,
}

/// Whether it is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "Verdict", rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// It ended alike and wrote the same.
    Same,
    /// It did not.
    Different,
    /// No run was saved with the snippet.
    NothingRecorded,
}

/// One thing that differs.
#[derive(Debug, Object)]
#[oai(rename = "Difference", skip_serializing_if_is_none)]
pub(crate) struct Difference {
    /// In which stage. Absent: in the run as a whole.
    pub(crate) stage: Option<String>,
    /// `outcome`, `stages`, `exit_code`, `signal`, `stdout` or `stderr`.
    pub(crate) what: String,
    /// As it was, shortened where it is long.
    pub(crate) recorded: String,
    /// As it is now, shortened where it is long.
    pub(crate) now: String,
    /// The lines that differ, as `diff -u` writes them.
    pub(crate) diff: Option<String>,
}
