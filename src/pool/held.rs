//! A line as one run holds it: from its request to its end, whatever becomes of the runtime meanwhile.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    Caller, Claim, LEASE_TIMEOUT, Lease, Lines, PoolError,
    line::{Line, Which},
};
use crate::engine::EngineError;

/// A line that one run can have its cells of. A line that drains ends with the last of these.
pub struct Held {
    line: Arc<Line>,
    lines: Arc<Mutex<Lines>>,
}

impl Held {
    /// For a run that has been counted in by [`Line::enter`].
    pub(super) fn new(line: Arc<Line>, lines: Arc<Mutex<Lines>>) -> Self {
        Self { line, lines }
    }

    /// What a run in these cells asks a place for.
    pub fn claim(&self, caller: Caller) -> Claim {
        let (most, memory_bytes) = self.line.bounds();
        Claim { caller, line: self.line.key().into(), most, memory_bytes }
    }

    /// Takes a cell for one run; makes one, or waits for one, as need be.
    ///
    /// # Errors
    /// When none can be made, or none became free in time.
    pub async fn lease(&self) -> Result<Lease, PoolError> {
        let lease = self.line.lease(|| self.make_room());
        tokio::time::timeout(LEASE_TIMEOUT, lease).await.unwrap_or_else(|_| {
            let what = format!("a cell of {}", self.line.runtime());
            Err(EngineError::Timeout { what, limit: LEASE_TIMEOUT }.into())
        })
    }

    /// Destroys the idle cells of the line: something has happened to one, and may have to them too.
    pub fn distrust_idle(&self) {
        while self.line.give_up_idle(Which::Any) {}
        self.line.refill();
    }

    /// Destroys the cell of another line that has been idle longest: one beyond those that its line keeps ready, or, where
    /// there is none, one of those. Whether there was one.
    fn make_room(&self) -> bool {
        let mut lines: Vec<_> = self.lock().values().cloned().collect();
        lines.retain(|line| !Arc::ptr_eq(line, &self.line));
        [Which::Spare, Which::Any].into_iter().any(|which| {
            let idle = lines.iter().filter_map(|line| Some((line.idle_longest(which)?, line)));
            idle.min_by_key(|(since, _)| *since).is_some_and(|(_, line)| line.give_up_idle(which))
        })
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.line.leave() {
            return;
        }
        let mut lines = self.lock();
        // Its key may have been given to another line.
        if lines.get(self.line.key()).is_some_and(|line| Arc::ptr_eq(line, &self.line)) {
            lines.remove(self.line.key());
        }
        drop(lines);
        self.line.close();
    }
}
