//! What can be chosen among.

use clap::ValueEnum;
use polyground_protocol::Isolation;
use serde::Deserialize;

/// Which engine is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineChoice {
    /// Docker when it answers, else local.
    Auto,
    /// Containers.
    Docker,
    /// This machine's own toolchains, in the same sandbox.
    Local,
}

/// Which isolation is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IsolationChoice {
    /// The strongest that works.
    Auto,
    /// A fresh sandbox of namespaces for each run; refuse to run otherwise.
    Nested,
    /// A container for each run.
    SingleUse,
}

/// Whether processes start before they are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WarmChoice {
    /// Where a runtime's definition says how, when processors have nothing else to do.
    On,
    /// The same, and a run waits for those that could not be started before it.
    Always,
    /// Every run starts its commands anew.
    Off,
}

/// Which way frames go between the server and its cells in containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellLink {
    /// Directly where the engine is on this machine and the server may, else through the engine.
    Auto,
    /// Through the engine.
    Engine,
}

/// How strongly runs must be kept apart, at least. Ordered: a later one is stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequiredIsolation {
    /// A container for each run will do.
    SingleUse,
    /// Nothing but a fresh sandbox of namespaces for each run will do.
    Nested,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line, for machines.
    Json,
}

impl IsolationChoice {
    /// The modes that may be used, the strongest first.
    pub fn allowed(self) -> Vec<Isolation> {
        match self {
            Self::Auto => vec![Isolation::Nested, Isolation::SingleUse],
            Self::Nested => vec![Isolation::Nested],
            Self::SingleUse => vec![Isolation::SingleUse],
        }
    }
}

impl RequiredIsolation {
    /// Whether this mode is at least as strong.
    pub fn is_met_by(self, mode: Isolation) -> bool {
        self <= Self::of(mode)
    }

    /// How strong a mode is.
    fn of(mode: Isolation) -> Self {
        match mode {
            Isolation::Nested => Self::Nested,
            Isolation::SingleUse => Self::SingleUse,
        }
    }

    /// As it is written on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nested => "nested",
            Self::SingleUse => "single-use",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_required_is_met_by_itself_and_by_what_is_stronger() {
        use {Isolation as Mode, RequiredIsolation as Required};
        assert!(Required::Nested > Required::SingleUse);
        for (required, mode, met) in [
            (Required::Nested, Mode::Nested, true),
            (Required::Nested, Mode::SingleUse, false),
            (Required::SingleUse, Mode::Nested, true),
            (Required::SingleUse, Mode::SingleUse, true),
        ] {
            assert_eq!(required.is_met_by(mode), met, "{required:?} by {mode:?}");
        }
    }

    #[test]
    fn the_modes_that_are_allowed_come_the_strongest_first() {
        let strengths: Vec<_> =
            IsolationChoice::Auto.allowed().into_iter().map(RequiredIsolation::of).collect();
        assert!(strengths.is_sorted_by(|one, other| one > other), "{strengths:?}");
    }
}
