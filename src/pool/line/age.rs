//! Cells that have served for long are replaced.

use std::{sync::Arc, time::Duration};

use super::{Line, Ready};
use crate::metrics::CellEnd;

/// From how many runs on, and from what age on when it has served one, a cell is replaced when nobody wants it, so that nothing
/// slowly adds up in one (SECURITY.md §4.6).
const OLD: (u32, Duration) = (100, Duration::from_secs(600));

/// How long nobody must have wanted it. Making a cell costs as much as a hundred runs: under load that would be taken from those who
/// wait.
const REST: Duration = Duration::from_secs(1);

/// From how many runs on, and from what age on, a cell is replaced that somebody always wants.
const OVERDUE: (u32, Duration) = (10_000, Duration::from_secs(6000));

impl Ready {
    /// Whether another should take its place.
    fn is_old(&self) -> bool {
        let has_served_long = self.runs >= OLD.0 || (self.runs > 0 && self.born.elapsed() >= OLD.1);
        has_served_long && self.idle_since.elapsed() >= REST
    }

    /// Whether it may not serve again.
    pub(in crate::pool) fn must_go(&self) -> bool {
        self.runs >= OVERDUE.0 || self.born.elapsed() >= OVERDUE.1
    }
}

impl Line {
    /// Replaces one idle cell that is old: the new one is made first, where there is room for both.
    pub(super) fn replace_old(self: &Arc<Self>) {
        let mut state = self.lock();
        if state.replacing || !state.idle.iter().any(Ready::is_old) {
            return;
        }
        state.replacing = true;
        drop(state);
        let line = self.clone();
        self.shared.tasks.spawn(async move {
            if line.count_in() {
                match line.make().await {
                    Ok(ready) => line.put_back(ready),
                    Err(error) => {
                        line.count_out();
                        tracing::warn!(runtime = line.runtime(), %error, "an old cell could not be replaced");
                    }
                }
            }
            let mut state = line.lock();
            state.replacing = false;
            let old = state.idle.iter().position(Ready::is_old).map(|index| state.idle.remove(index));
            drop(state);
            if let Some(old) = old {
                drop(old);
                line.tell_end(CellEnd::Old);
                line.count_out();
                line.refill();
            }
        });
    }
}
