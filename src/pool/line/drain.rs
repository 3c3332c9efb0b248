//! Who holds a line, and how one ends with those who do.

use std::sync::atomic::Ordering;

use super::{Line, State};
use crate::metrics::CellEnd;

impl Line {
    /// Counts one more run that holds the line. `false`: it takes no more.
    pub(in crate::pool) fn enter(&self) -> bool {
        let mut state = self.lock();
        let takes = !state.draining && !self.closed.load(Ordering::SeqCst);
        state.held += usize::from(takes);
        takes
    }

    /// Counts a run out. Whether it was the last one that a line which drains has waited for.
    pub(in crate::pool) fn leave(&self) -> bool {
        let mut state = self.lock();
        state.held -= 1;
        state.draining && state.held == 0
    }

    /// Takes no more runs, and keeps no more idle cells than those that hold it could use. Whether nobody holds it.
    pub(in crate::pool) fn drain(&self) -> bool {
        let mut state = self.lock();
        state.draining = true;
        let held = state.held;
        let keeps = held.min(state.idle.len());
        let surplus = state.idle.split_off(keeps);
        drop(state);
        for ready in surplus {
            drop(ready);
            self.tell_end(CellEnd::Closed);
            self.count_out();
        }
        held == 0
    }

    /// How many cells are kept ready.
    pub(super) fn kept(&self, state: &State) -> usize {
        if state.draining { 0 } else { self.spec.min }
    }
}
