//! Programs that somebody talks to while they run: what is said to them besides their input, and how long that may last.

use std::time::Duration;

use polyground_protocol::{StageSpec, TerminalSize};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::Rejection;
use crate::runtime::Limits;

/// How long before a limit strikes the caller is told; half of a limit that is shorter than twice this.
const NOTICE: Duration = Duration::from_secs(10);

/// How many times its definition's output a program on a terminal may write: it draws its window again and again.
const TERMINAL_OUTPUT: u64 = 4;

/// The most columns, and rows, of a terminal.
const MOST_CHARACTERS: u32 = 1000;

/// The kind of terminal that programs are told they have: what browsers' terminals are.
const TERMINAL_KIND: &str = "xterm-256color";

/// How a caller talks to its program.
#[derive(Debug)]
pub struct Interactive {
    /// The size of the pseudo-terminal that the program gets; `None`: pipes.
    pub terminal: Option<TerminalSize>,
    /// What is said besides input.
    pub controls: mpsc::Receiver<Control>,
}

/// Something that is said to a program, besides its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Send its main process this signal.
    Signal(i32),
    /// Its terminal's window has another size.
    Resize(TerminalSize),
}

/// Bounds on interactive programs. Those of their definitions hold as well, but for wall time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InteractiveLimits {
    /// Programs at once.
    pub most: usize,
    /// Of them, programs of one caller.
    pub most_of_one: usize,
    /// How long each may run.
    pub time: Duration,
    /// How long each may be without input or output.
    pub idle: Duration,
}

impl InteractiveLimits {
    /// With the share of one caller: half, at least one.
    pub fn new(most: usize, time: Duration, idle: Duration) -> Self {
        Self { most, most_of_one: most.div_ceil(2).max(1), time, idle }
    }

    /// What a program may use.
    pub(super) fn of_run(&self, definition: &Limits, on_terminal: bool) -> Limits {
        let output = if on_terminal { TERMINAL_OUTPUT } else { 1 };
        Limits {
            wall_ms: u64::try_from(self.time.as_millis()).unwrap_or(u64::MAX),
            output_bytes: definition.output_bytes.saturating_mul(output),
            ..*definition
        }
    }
}

impl Default for InteractiveLimits {
    fn default() -> Self {
        Self::new(8, Duration::from_secs(600), Duration::from_secs(120))
    }
}

/// A terminal's size, where it is one.
///
/// # Errors
/// Which of the two cannot be.
pub fn terminal_size(columns: u32, rows: u32) -> Result<TerminalSize, Rejection> {
    let checked = |name: &str, count: u32| {
        let within = (1..=MOST_CHARACTERS).contains(&count);
        u16::try_from(count).ok().filter(|_| within).ok_or_else(|| Rejection::Field {
            field: name.to_owned(),
            detail: format!("`{name}` is {count}; a terminal has 1 to {MOST_CHARACTERS}"),
        })
    };
    Ok(TerminalSize { columns: checked("columns", columns)?, rows: checked("rows", rows)? })
}

impl Interactive {
    /// Makes a stage one on the terminal, with what programs look for in their environment. What the stage's own says wins.
    pub(super) fn equip(&self, spec: &mut StageSpec) {
        let Some(size) = self.terminal else { return };
        spec.terminal = Some(size);
        // Not COLUMNS and LINES: programs believe them more than the terminal, and would not see that it is resized.
        spec.env.insert(0, ("TERM".to_owned(), TERMINAL_KIND.to_owned()));
    }
}

/// Which limit is about to strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    /// [`InteractiveLimits::idle`].
    Idle,
    /// [`InteractiveLimits::time`].
    Time,
}

/// What a [`Watch`] sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// A limit strikes soon.
    Soon(Strike, Duration),
    /// The program was idle for as long as it may be.
    Idle,
}

/// Looks at the clock of one interactive stage. The end of its time is held by its agent.
#[derive(Debug)]
pub(super) struct Watch {
    idle: Duration,
    active: Instant,
    /// When its time is up, until that has been told.
    time_up: Option<(Instant, Duration)>,
    told_idle: bool,
}

impl Watch {
    /// A stage begins.
    pub(super) fn new(idle: Duration, time: Duration) -> Self {
        let now = Instant::now();
        Self { idle, active: now, time_up: Some((now + time, notice(time))), told_idle: false }
    }

    /// There was input or output.
    pub(super) fn touch(&mut self) {
        self.active = Instant::now();
        self.told_idle = false;
    }

    /// Waits for the next thing to do. Safe to cancel.
    pub(super) async fn next(&mut self) -> Notice {
        let idle_up = self.active + self.idle;
        let idle_next = if self.told_idle { idle_up } else { idle_up - notice(self.idle) };
        match self.time_up {
            Some((up, before)) if up - before <= idle_next => {
                sleep_until(up - before).await;
                self.time_up = None;
                Notice::Soon(Strike::Time, up.saturating_duration_since(Instant::now()))
            }
            _ => {
                sleep_until(idle_next).await;
                if self.told_idle {
                    return Notice::Idle;
                }
                self.told_idle = true;
                Notice::Soon(Strike::Idle, idle_up.saturating_duration_since(Instant::now()))
            }
        }
    }
}

/// How long before the end of a limit its caller is told.
fn notice(limit: Duration) -> Duration {
    NOTICE.min(limit / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn one_who_waits_is_told_before_the_end() {
        let begun = Instant::now();
        let mut watch = Watch::new(120 * SECOND, 600 * SECOND);
        assert_eq!(watch.next().await, Notice::Soon(Strike::Idle, 10 * SECOND));
        assert_eq!(watch.next().await, Notice::Idle);
        assert_eq!(begun.elapsed().as_secs(), 120);
    }

    #[tokio::test(start_paused = true)]
    async fn activity_takes_the_notice_back() {
        let mut watch = Watch::new(30 * SECOND, 600 * SECOND);
        for _ in 0..3 {
            assert_eq!(watch.next().await, Notice::Soon(Strike::Idle, 10 * SECOND));
            watch.touch();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_of_time_is_told_once_and_short_limits_halfway() {
        let mut watch = Watch::new(8 * SECOND, 4 * SECOND);
        assert_eq!(watch.next().await, Notice::Soon(Strike::Time, 2 * SECOND));
        assert_eq!(watch.next().await, Notice::Soon(Strike::Idle, 4 * SECOND));
        assert_eq!(watch.next().await, Notice::Idle);
    }

    #[test]
    fn a_terminal_has_a_sane_size() {
        assert_eq!(terminal_size(80, 24).unwrap(), TerminalSize { columns: 80, rows: 24 });
        for (columns, rows, field) in [(0, 24, "columns"), (1001, 24, "columns"), (80, 0, "rows")] {
            let rejection = terminal_size(columns, rows).unwrap_err();
            assert!(
                matches!(&rejection, Rejection::Field { field: found, .. } if found == field),
                "{rejection}"
            );
        }
    }

    #[test]
    fn no_caller_has_more_than_half() {
        for (most, of_one) in [(8, 4), (3, 2), (1, 1), (0, 1)] {
            assert_eq!(InteractiveLimits::new(most, SECOND, SECOND).most_of_one, of_one);
        }
    }

    #[test]
    fn the_stages_own_environment_wins() {
        let (_sender, controls) = mpsc::channel(1);
        let terminal = Some(TerminalSize { columns: 100, rows: 30 });
        let mut spec = StageSpec {
            argv: Vec::new(),
            env: vec![("TERM".into(), "dumb".into())],
            limits: polyground_protocol::StageLimits {
                wall_ms: 1,
                cpu_ms: 1,
                data_bytes: None,
                processes: 1,
                output_bytes: 1,
                file_bytes: 1,
                open_files: 1,
            },
            warm: None,
            terminal: None,
            collect: None,
        };
        Interactive { terminal, controls }.equip(&mut spec);
        let names: Vec<_> = spec.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(names, ["TERM=xterm-256color", "TERM=dumb"]);
        assert_eq!(spec.terminal, terminal);
    }
}
