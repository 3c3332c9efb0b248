//! When a cell may start processes ahead of their run: while a processor has nothing else to do. Starting one costs as much as a
//! run; on a busy machine it would take that from the programs of those who wait, only to be asked for before it is done.

use std::{
    fs,
    time::{Duration, Instant},
};

use nix::unistd::{SysconfVar, sysconf};

/// How long an armed cell waits before it looks: a request that comes at once starts its command itself.
const PAUSE: Duration = Duration::from_millis(2);

/// How often it looks again.
const AGAIN: Duration = Duration::from_millis(10);

/// After how long it does not look any more. A cell that nobody wants for so long is not what keeps the machine busy.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a cell waits for.
#[derive(Debug)]
pub(crate) struct Warming {
    next: Instant,
    gives_up: Instant,
}

impl Warming {
    pub(crate) fn begin() -> Self {
        let now = Instant::now();
        Self { next: now + PAUSE, gives_up: now + PATIENCE }
    }

    /// When to ask [`Warming::may_go_on`].
    pub(crate) fn next(&self) -> Instant {
        self.next
    }

    /// Whether to start one now. When not, the time of the next look is set.
    pub(crate) fn may_go_on(&mut self) -> bool {
        let now = Instant::now();
        if now < self.next {
            return false;
        }
        let may = now >= self.gives_up || has_room();
        self.next = now + AGAIN;
        may
    }
}

/// Whether a processor has nothing to do. True where that cannot be known.
fn has_room() -> bool {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    // Of the machine: what this cell may use of them does not say whether one is free.
    let processors = sysconf(SysconfVar::_NPROCESSORS_ONLN).ok().flatten();
    let processors = processors.and_then(|count| usize::try_from(count).ok()).unwrap_or(1);
    runnable(&load).is_none_or(|runnable| runnable <= processors)
}

/// How many threads of this machine run or could run, the caller among them (proc_loadavg(5)).
fn runnable(load: &str) -> Option<usize> {
    load.split(' ').nth(3)?.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_read_from_the_load() {
        assert_eq!(runnable("0.20 0.18 0.12 3/80 11206\n"), Some(3));
        assert_eq!(runnable(""), None);
        assert_eq!(runnable("0 0 0 x/80 1"), None);
        assert!(
            runnable(&fs::read_to_string("/proc/loadavg").unwrap()).is_some_and(|runnable| runnable >= 1)
        );
    }

    #[test]
    fn nobody_looks_at_once_and_nobody_waits_for_ever() {
        let mut warming = Warming::begin();
        assert!(!warming.may_go_on());
        assert!(warming.next() > Instant::now());
        let long_ago = Instant::now() - Duration::from_secs(2);
        let mut warming = Warming { next: long_ago, gives_up: long_ago };
        assert!(warming.may_go_on());
    }
}
