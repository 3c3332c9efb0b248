//! Shows how several long pieces of work come along: bars on a terminal, lines elsewhere.

use std::{
    collections::HashMap,
    io::{self, IsTerminal, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::{engine::Progress, prepare::ProgressFor};

/// How often a bar without news shows that it lives.
const TICK: Duration = Duration::from_millis(120);

/// The width of the column with names.
const NAME_WIDTH: usize = 16;

/// Where progress is shown.
pub(super) struct Board {
    look: Look,
    /// Whether what went well is said.
    tells_success: bool,
    /// The bars of work that goes on, by name.
    bars: Mutex<HashMap<String, ProgressBar>>,
}

#[derive(Clone)]
enum Look {
    /// Bars on the terminal.
    Bars(MultiProgress),
    /// One line for each step, to stderr.
    Lines,
    /// One log event for each step.
    Log,
}

impl Board {
    /// For a command: bars when stderr is a terminal, else lines on it.
    pub(super) fn for_command() -> Self {
        Self::new(if io::stderr().is_terminal() { Look::Bars(MultiProgress::new()) } else { Look::Lines })
    }

    /// For a command whose stderr belongs to a program: as [`Board::for_command`], but what went well is not said.
    pub(super) fn for_one_run() -> Self {
        Self { tells_success: false, ..Self::for_command() }
    }

    /// For a server: bars when stderr is a terminal, else log events.
    pub(super) fn for_server() -> Self {
        Self::new(if io::stderr().is_terminal() { Look::Bars(MultiProgress::new()) } else { Look::Log })
    }

    fn new(look: Look) -> Self {
        Self { look, tells_success: true, bars: Mutex::default() }
    }

    /// Whether how far work has come is shown by bars.
    pub(super) fn has_bars(&self) -> bool {
        matches!(self.look, Look::Bars(_))
    }

    /// Does something that writes to the terminal, without the bars in its way.
    pub(super) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.look {
            Look::Bars(bars) => bars.suspend(write),
            Look::Lines | Look::Log => write(),
        }
    }

    fn bars(&self) -> MutexGuard<'_, HashMap<String, ProgressBar>> {
        self.bars.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProgressFor for Board {
    fn begin(&self, name: &str) -> Arc<dyn Progress> {
        let Look::Bars(bars) = &self.look else {
            return Arc::new(Lines { name: name.to_owned(), look: self.look.clone() });
        };
        let bar = bars.add(ProgressBar::new(0).with_style(without_length()));
        bar.set_prefix(format!("{name:NAME_WIDTH$}"));
        bar.enable_steady_tick(TICK);
        self.bars().insert(name.to_owned(), bar.clone());
        Arc::new(Bar(bar))
    }

    fn ended(&self, name: &str, result: Result<&str, &str>) {
        if result.is_ok() && !self.tells_success {
            if let Some(bar) = self.bars().remove(name) {
                bar.finish_and_clear();
            }
            return;
        }
        let (sign, text) = match result {
            Ok(text) => ("✓", text),
            Err(reason) => ("✗", reason.lines().next().unwrap_or_default()),
        };
        match &self.look {
            Look::Bars(_) => {
                if let Some(bar) = self.bars().remove(name) {
                    bar.set_style(style("{msg}"));
                    bar.finish_with_message(format!("{sign} {name:NAME_WIDTH$} {text}"));
                }
            }
            Look::Lines => line(&format!("{sign} {name}: {text}")),
            Look::Log => {} // whoever did the work logs how it ended
        }
    }
}

/// Work on a terminal.
struct Bar(ProgressBar);

impl Progress for Bar {
    fn step(&self, message: &str) {
        self.0.set_style(without_length());
        self.0.set_message(message.to_owned());
    }

    fn advance(&self, done: u64, total: u64) {
        if total == 0 {
            return;
        }
        if self.0.length() != Some(total) {
            self.0.set_length(total);
        }
        self.0.set_style(style("{spinner} {prefix} {bar:20} {wide_msg} {elapsed:>4}"));
        self.0.set_position(done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if !self.0.is_finished() {
            self.0.disable_steady_tick();
        }
    }
}

/// Work elsewhere: steps are told, how much of one is done is not.
struct Lines {
    name: String,
    look: Look,
}

impl Progress for Lines {
    fn step(&self, message: &str) {
        match self.look {
            Look::Log => tracing::info!(runtime = self.name, "{message}"),
            Look::Lines | Look::Bars(_) => line(&format!("  {}: {message}", self.name)),
        }
    }

    fn advance(&self, _done: u64, _total: u64) {}
}

fn line(text: &str) {
    // Whoever closed stderr does not want to know.
    let _ = writeln!(io::stderr(), "{text}");
}

fn without_length() -> ProgressStyle {
    style("{spinner} {prefix} {wide_msg} {elapsed:>4}")
}

/// Templates are constants of this file: a wrong one shows as the plain default.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_understood() {
        for template in [
            "{msg}",
            "{spinner} {prefix} {bar:20} {wide_msg} {elapsed:>4}",
            "{spinner} {prefix} {wide_msg} {elapsed:>4}",
        ] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn a_bar_lives_from_begin_to_ended() {
        let bars = MultiProgress::with_draw_target(indicatif::ProgressDrawTarget::hidden());
        let board = Board::new(Look::Bars(bars));
        let progress = board.begin("lua-5.4");
        progress.step("step 1 of 2: FROM x");
        progress.advance(1, 2);
        let bar = board.bars()["lua-5.4"].clone();
        assert_eq!((bar.position(), bar.length()), (1, Some(2)));
        board.ended("lua-5.4", Err("it broke\nhere"));
        assert!(bar.is_finished());
        assert_eq!(bar.message(), "✗ lua-5.4          it broke");
        assert!(board.bars().is_empty());
    }
}
