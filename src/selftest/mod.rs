//! Attacks on this server's own sandboxes, by programs, with what each must come to.
//!
//! ```text
//! battery (YAML: programs and what is expected) ─▶ conduct (runs them as a caller would) ─▶ judge ─▶ Finding
//!                                                     └─ outside: what is left behind on the host
//! ```
//!
//! Knows no language: the battery names the ones that it has programs in.

mod battery;
mod conduct;
mod host;
mod judge;
mod outside;

pub use battery::{Battery, BatteryError};
pub use conduct::{Audience, Conducted, conduct};

use std::time::Duration;

/// What one check came to.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The check's name.
    pub name: String,
    /// The runtime that its programs ran on; `None` for what is looked at from outside.
    pub runtime: Option<String>,
    /// What was tried.
    pub tries: String,
    /// What has to stop it.
    pub held_by: String,
    /// What stopped it, as its programs saw it.
    pub seen: Vec<String>,
    /// How it ended.
    pub verdict: Verdict,
    /// How long it took.
    pub took: Duration,
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was held.
    Passed,
    /// Something was not, or could not be shown to be: what.
    Failed(String),
    /// It was not tried: why.
    Skipped(String),
}
