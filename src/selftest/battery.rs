//! The battery as it is written: `selftest/battery.yaml`, or a file of the same form.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use indexmap::IndexMap;
use serde::Deserialize;

use crate::run::{LimitsAsked, Outcome};

/// The battery that comes with this server.
const OWN: &str = include_str!("../../selftest/battery.yaml");

/// All checks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Battery {
    /// What each program of a language begins with.
    #[serde(default)]
    preludes: IndexMap<String, String>,
    /// In the order in which they are tried.
    pub(super) checks: Vec<Check>,
}

/// One check.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    pub(super) name: String,
    pub(super) tries: String,
    pub(super) held_by: String,
    /// By language; run in order.
    pub(super) programs: IndexMap<String, Vec<Program>>,
}

/// One program, and what must come of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Program {
    pub(super) source: String,
    /// The ways in which it may end; without: `succeeded`.
    #[serde(default)]
    outcome: Vec<String>,
    pub(super) exit_code: Option<i32>,
    held: Option<usize>,
    #[serde(default)]
    limits: Limits,
    pub(super) stdin: Option<Given>,
    /// Whether its stdout must begin with its stdin, byte for byte.
    #[serde(default)]
    pub(super) echoes: bool,
}

/// What a program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Given {
    /// Frames of an agent, which say that a run has ended well.
    ForgedFrames,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Limits {
    wall_ms: Option<u64>,
    cpu_ms: Option<u64>,
}

/// Why a battery cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BatteryError {
    /// The file cannot be read.
    #[error("{}: {error}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is no battery.
    #[error("{place}: {error}")]
    Parse {
        /// Which.
        place: String,
        /// Where and why.
        error: serde_yaml::Error,
    },
    /// It says something that means nothing.
    #[error("{place}: {reason}")]
    Wrong {
        /// Which.
        place: String,
        /// What.
        reason: String,
    },
}

impl Battery {
    /// The battery that comes with this server.
    ///
    /// # Errors
    /// Never in a build that has passed its tests.
    pub fn own() -> Result<Self, BatteryError> {
        Self::parse("the battery", OWN)
    }

    /// A battery of one's own.
    ///
    /// # Errors
    /// When the file cannot be read, or is no battery.
    pub fn read(path: &Path) -> Result<Self, BatteryError> {
        let text =
            fs::read_to_string(path).map_err(|error| BatteryError::Read { path: path.to_owned(), error })?;
        Self::parse(&path.display().to_string(), &text)
    }

    fn parse(place: &str, text: &str) -> Result<Self, BatteryError> {
        let place = place.to_owned();
        let battery: Self = serde_yaml::from_str(text)
            .map_err(|error| BatteryError::Parse { place: place.clone(), error })?;
        battery.examine().map_err(|reason| BatteryError::Wrong { place, reason })?;
        Ok(battery)
    }

    fn examine(&self) -> Result<(), String> {
        let mut names = HashSet::new();
        for check in &self.checks {
            if !names.insert(&check.name) {
                return Err(format!("two checks have the name `{}`", check.name));
            }
            if check.programs.values().any(Vec::is_empty) || check.programs.is_empty() {
                return Err(format!("the check `{}` has no program", check.name));
            }
            for word in check.programs.values().flatten().flat_map(|program| &program.outcome) {
                if outcome(word).is_none() {
                    return Err(format!("the check `{}`: no run ends as `{word}`", check.name));
                }
            }
        }
        Ok(())
    }

    /// The languages that there are programs in, in the order in which they come up.
    pub fn languages(&self) -> Vec<&str> {
        let mut languages: Vec<&str> = Vec::new();
        for language in self.checks.iter().flat_map(|check| check.programs.keys()) {
            if !languages.contains(&language.as_str()) {
                languages.push(language);
            }
        }
        languages
    }

    /// The checks that have programs in this language.
    pub(super) fn of<'a>(&'a self, language: &'a str) -> impl Iterator<Item = (&'a Check, &'a [Program])> {
        self.checks.iter().filter_map(move |check| Some((check, check.programs.get(language)?.as_slice())))
    }

    /// A program's whole text.
    pub(super) fn text(&self, language: &str, program: &Program) -> String {
        let prelude = self.preludes.get(language).map(String::as_str).unwrap_or_default();
        format!("{prelude}\n{}", program.source)
    }
}

impl Program {
    /// The ways in which it may end.
    pub(super) fn outcomes(&self) -> Vec<Outcome> {
        if self.outcome.is_empty() {
            return vec![Outcome::Succeeded];
        }
        self.outcome.iter().filter_map(|word| outcome(word)).collect()
    }

    /// How many of its tries must have been held, at least.
    pub(super) fn least_held(&self) -> usize {
        self.held.unwrap_or_else(|| usize::from(self.outcome.is_empty()))
    }

    /// Its bounds, where they are lower than the runtime's.
    pub(super) fn limits(&self, ceilings: &crate::runtime::Limits) -> LimitsAsked {
        LimitsAsked {
            wall_ms: self.limits.wall_ms.map(|asked| asked.min(ceilings.wall_ms)),
            cpu_ms: self.limits.cpu_ms.map(|asked| asked.min(ceilings.cpu_ms)),
            ..LimitsAsked::default()
        }
    }
}

fn outcome(word: &str) -> Option<Outcome> {
    Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_battery_that_comes_with_the_server_holds() {
        let battery = Battery::own().unwrap();
        assert!(battery.checks.len() >= 20, "{}", battery.checks.len());
        for language in battery.languages() {
            assert!(battery.preludes.contains_key(language), "{language}");
        }
        for program in battery.checks.iter().flat_map(|check| check.programs.values()).flatten() {
            let can_fail = program.least_held() > 0 || !program.outcome.is_empty();
            assert!(can_fail, "it passes whatever comes: {}", program.source);
        }
    }

    #[test]
    fn what_means_nothing_is_named() {
        let check = |more: &str| {
            format!("checks: [{{name: a, tries: b, held_by: c, programs: {{x: [{{source: '', {more}}}]}}}}]")
        };
        let told = |text: &str| Battery::parse("x.yaml", text).unwrap_err().to_string();
        assert_eq!(told(&check("outcome: [perished]")), "x.yaml: the check `a`: no run ends as `perished`");
        assert!(told(&check("hold: 3")).contains("hold"));
        let empty = "checks: [{name: a, tries: b, held_by: c, programs: {}}]";
        assert_eq!(told(empty), "x.yaml: the check `a` has no program");
    }
}
