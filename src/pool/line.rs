//! The cells of one runtime, as its definition and image were when the line was opened.

mod age;
mod drain;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use polyground_protocol::Isolation;
use tokio::{sync::Notify, time::Instant};

use super::{
    PoolError, Shared,
    lease::{Lease, open_armed},
};
use crate::{
    engine::{Cell, CellSpec, EngineError},
    metrics::{CellCounts, CellEnd},
};

/// The first and the longest pause between failed attempts to make a cell in the background.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(30));

/// How long a request waits for a cell that is being wiped before a new one is made for it.
const WIPE_PATIENCE: Duration = Duration::from_millis(15);

/// How often a request that waits looks around although nothing was said: another line may have made room.
const RECHECK: Duration = Duration::from_millis(50);

/// What a line is.
#[derive(Debug, Clone)]
pub struct LineSpec {
    /// Names it among all lines: a runtime that changes has two for a while.
    pub key: String,
    /// Its cells.
    pub cell: CellSpec,
    /// Kept ready.
    pub min: usize,
    /// At most.
    pub max: usize,
}

pub(super) struct Line {
    shared: Arc<Shared>,
    spec: LineSpec,
    state: Mutex<State>,
    /// Told of every cell that becomes free or ends.
    changed: Notify,
    closed: AtomicBool,
}

#[derive(Default)]
struct State {
    idle: Vec<Ready>,
    /// Idle, leased and being made.
    live: usize,
    /// Leased for long and not counted among them.
    aside: usize,
    /// Being made, for whatever reason.
    starting: usize,
    /// Being made for a request that waits.
    making: usize,
    /// Requests that wait.
    waiting: usize,
    /// How often a cell for a request could not be made, and why the last time.
    failures: u64,
    last_failure: Option<Arc<PoolError>>,
    refilling: bool,
    /// Whether an old cell is being replaced.
    replacing: bool,
    /// Runs that may want a cell, or have one.
    held: usize,
    /// Ends with those that hold it.
    draining: bool,
}

/// A cell whose agent is armed.
pub(super) struct Ready {
    pub(super) cell: Cell,
    /// The bound that is in force now.
    pub(super) memory_bytes: u64,
    pub(super) born: Instant,
    pub(super) runs: u32,
    idle_since: Instant,
}

/// Which idle cells are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// Those beyond the cells that a line keeps ready.
    Spare,
    /// All.
    Any,
}

impl Line {
    pub(super) fn new(shared: Arc<Shared>, spec: LineSpec) -> Arc<Self> {
        Arc::new(Self {
            shared,
            spec,
            state: Mutex::default(),
            changed: Notify::new(),
            closed: AtomicBool::new(false),
        })
    }

    pub(super) fn key(&self) -> &str {
        &self.spec.key
    }

    pub(super) fn runtime(&self) -> &str {
        &self.spec.cell.runtime
    }

    pub(super) fn isolation(&self) -> Isolation {
        self.spec.cell.isolation
    }

    /// The most cells, and the bound of each.
    pub(super) fn bounds(&self) -> (usize, u64) {
        (self.spec.max, self.spec.cell.memory_bytes)
    }

    pub(super) fn live(&self) -> usize {
        self.lock().live
    }

    pub(super) fn idle(&self) -> usize {
        self.lock().idle.len()
    }

    /// How many cells are in which state.
    pub(super) fn counts(&self) -> CellCounts {
        let state = self.lock();
        let (armed, starting) = (state.idle.len(), state.starting);
        CellCounts { starting, armed, leased: (state.live + state.aside).saturating_sub(armed + starting) }
    }

    /// Tells why a cell has ended.
    pub(super) fn tell_end(&self, cause: CellEnd) {
        self.shared.metrics.cell_ended(self.runtime(), cause);
    }

    /// Takes an idle cell, or waits for one: the next that comes back or, where the bounds allow it, a new one.
    ///
    /// `make_room` is called when a bound of all lines is reached; whether it could destroy a cell of another.
    pub(super) async fn lease(self: &Arc<Self>, make_room: impl Fn() -> bool) -> Result<Lease, PoolError> {
        if let Some(lease) = self.take_idle()? {
            return Ok(lease);
        }
        let mut failures_before = self.lock().failures;
        let mut was_spared = false;
        let waiting = Waiting::new(self);
        // A cell that is being wiped comes back far sooner than a new one is made.
        let mut patience = if self.live() > 0 { WIPE_PATIENCE } else { Duration::ZERO };
        loop {
            let _ = tokio::time::timeout(patience, self.changed.notified()).await;
            patience = RECHECK;
            if let Some(lease) = self.take_idle()? {
                return Ok(lease);
            }
            let state = self.lock();
            if state.failures > failures_before
                && let Some(reason) = &state.last_failure
            {
                // One agent may have been stopped or killed before it stood, perhaps in a cell that was begun for somebody else. Two
                // in a row are no accident.
                if was_spared || !matches!(**reason, PoolError::Agent(_)) {
                    return Err(PoolError::Shared(reason.clone()));
                }
                (was_spared, failures_before) = (true, state.failures);
            }
            let more = state.making < state.waiting;
            drop(state);
            if more && self.count_in_or(&make_room) {
                self.lock().making += 1;
                let line = waiting.line.clone();
                self.shared.tasks.spawn(async move { line.make_one().await });
            }
        }
    }

    /// The idle cell to use next. Where processes start in cells that wait, the one that has waited longest; else the last that
    /// was used, whose memory the processor still knows.
    fn next_idle(&self) -> Option<Ready> {
        let mut state = self.lock();
        let first = !self.spec.cell.warm.is_empty() && !state.idle.is_empty();
        if first { Some(state.idle.remove(0)) } else { state.idle.pop() }
    }

    fn take_idle(self: &Arc<Self>) -> Result<Option<Lease>, PoolError> {
        loop {
            if self.closed.load(Ordering::SeqCst) {
                return Err(if self.shared.closed.load(Ordering::SeqCst) {
                    PoolError::Closed
                } else {
                    PoolError::NoLine(self.key().to_owned())
                });
            }
            let Some(mut ready) = self.next_idle() else { return Ok(None) };
            if is_alive(&mut ready.cell) {
                return Ok(Some(Lease {
                    line: self.clone(),
                    ready: Some(ready),
                    aside: false,
                    end: CellEnd::Doubt,
                }));
            }
            self.bury(ready);
            self.refill();
        }
    }

    fn bury(&self, dead: Ready) {
        tracing::warn!(cell = dead.cell.name, "an idle cell had gone");
        drop(dead);
        self.tell_end(CellEnd::Died);
        self.count_out();
    }

    /// Buries idle cells that have died, gives up those that were idle too long, and makes those that are missing.
    pub(super) fn tend(self: &Arc<Self>, idle_timeout: Duration) {
        let mut state = self.lock();
        let dead: Vec<_> = state.idle.extract_if(.., |ready| !is_alive(&mut ready.cell)).collect();
        drop(state);
        dead.into_iter().for_each(|ready| self.bury(ready));
        while self.idle_longest(Which::Spare).is_some_and(|since| since.elapsed() >= idle_timeout)
            && self.give_up_idle(Which::Spare)
        {}
        self.refill();
        self.replace_old();
    }

    /// Makes a cell, which has been counted in, for whoever takes it.
    async fn make_one(self: Arc<Self>) {
        let made = self.make().await;
        self.lock().making -= 1;
        match made {
            Ok(ready) => self.put_back(ready),
            Err(error) => {
                let mut state = self.lock();
                state.failures += 1;
                state.last_failure = Some(Arc::new(error));
                drop(state);
                self.count_out();
            }
        }
    }

    /// Since when the cell is idle that has been so longest, as far as such a one may go.
    pub(super) fn idle_longest(&self, which: Which) -> Option<Instant> {
        let state = self.lock();
        let may_go = which == Which::Any || state.live > self.kept(&state);
        // What is taken and put back is always the last: the first has been there longest.
        state.idle.first().filter(|_| may_go).map(|ready| ready.idle_since)
    }

    /// Destroys the cell that has been idle longest. Whether there was one that may go.
    pub(super) fn give_up_idle(&self, which: Which) -> bool {
        let mut state = self.lock();
        if state.idle.is_empty() || (which == Which::Spare && state.live <= self.kept(&state)) {
            return false;
        }
        let given = state.idle.remove(0);
        drop(state);
        tracing::debug!(cell = given.cell.name, "an idle cell is given up");
        drop(given);
        self.tell_end(CellEnd::Idle);
        self.count_out();
        true
    }

    /// Makes cells in the background until as many are there as are kept ready.
    pub(super) fn refill(self: &Arc<Self>) {
        let closed = self.closed.load(Ordering::SeqCst) || self.shared.closed.load(Ordering::SeqCst);
        let mut state = self.lock();
        if closed || state.refilling || state.live >= self.kept(&state) {
            return;
        }
        state.refilling = true;
        drop(state);
        let line = self.clone();
        self.shared.tasks.spawn(async move { line.refill_now().await });
    }

    async fn refill_now(self: Arc<Self>) {
        let mut pause = BACK_OFF.0;
        loop {
            if !self.begins_refill() {
                return;
            }
            match self.make().await {
                Ok(ready) => {
                    pause = BACK_OFF.0;
                    self.put_back(ready);
                }
                Err(error) => {
                    self.count_out();
                    tracing::warn!(runtime = self.runtime(), %error, "a cell could not be made; trying again in {pause:?}");
                    pause = tokio::select! {
                        () = tokio::time::sleep(pause) => (pause * 2).min(BACK_OFF.1),
                        () = self.shared.woken.notified() => BACK_OFF.0,
                    };
                }
            }
        }
    }

    /// No more leases; what is idle goes now, what is leased when it comes back.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        self.closed.store(true, Ordering::SeqCst);
        let idle = std::mem::take(&mut state.idle);
        drop(state);
        for ready in idle {
            drop(ready);
            self.tell_end(CellEnd::Closed);
            self.count_out();
        }
        self.changed.notify_waiters();
    }

    async fn make(&self) -> Result<Ready, PoolError> {
        let (_starting, begun) = (Starting::new(self), Instant::now());
        let cell = open_armed(self.shared.engine.as_ref(), &self.spec.cell).await.inspect_err(|error| {
            self.shared.metrics.arming_failed(self.runtime());
            if let (PoolError::Engine(EngineError::ImageGone(_)), Some(told)) =
                (error, self.shared.image_lost.get())
            {
                told(self.key());
            }
        })?;
        let now = Instant::now();
        self.shared.metrics.cell_armed(self.runtime(), now - begun);
        Ok(Ready { cell, memory_bytes: self.spec.cell.memory_bytes, born: now, runs: 0, idle_since: now })
    }

    pub(super) fn put_back(&self, mut ready: Ready) {
        ready.idle_since = Instant::now();
        let mut state = self.lock();
        let has_use = !state.draining || state.idle.len() < state.held;
        if self.closed.load(Ordering::SeqCst) || !has_use {
            drop(state);
            drop(ready);
            self.tell_end(CellEnd::Closed);
            self.count_out();
            return;
        }
        state.idle.push(ready);
        drop(state);
        self.changed.notify_one();
    }

    /// Counts one more cell where the bounds of the line and of the pool allow it.
    fn count_in(&self) -> bool {
        self.count_in_below(&mut self.lock(), self.spec.max)
    }

    /// Counts one more cell, and has room made for it where only the pool's bounds are in the way.
    fn count_in_or(&self, make_room: impl Fn() -> bool) -> bool {
        loop {
            if self.count_in() {
                return true;
            }
            if self.live() >= self.spec.max || !make_room() {
                return false;
            }
        }
    }

    /// Counts in one more of the cells that are kept ready. `false`: refilling is over.
    fn begins_refill(&self) -> bool {
        let mut state = self.lock();
        let most = self.kept(&state);
        let begins = !self.closed.load(Ordering::SeqCst) && self.count_in_below(&mut state, most);
        state.refilling = begins;
        begins
    }

    fn count_in_below(&self, state: &mut State, most: usize) -> bool {
        if state.live >= most {
            return false;
        }
        let counted = self.shared.count_in(self.spec.cell.memory_bytes);
        state.live += usize::from(counted);
        counted
    }

    pub(super) fn count_out(&self) {
        self.lock().live -= 1;
        self.shared.count_out(self.spec.cell.memory_bytes);
        self.changed.notify_one();
    }

    /// Stops counting a cell that is lent for long, so that another can be made for those who wait.
    pub(super) fn let_go(self: &Arc<Self>) {
        let mut state = self.lock();
        (state.live, state.aside) = (state.live - 1, state.aside + 1);
        drop(state);
        self.changed.notify_one();
        self.refill();
    }

    /// Counts such a cell again, where the line has room for it.
    pub(super) fn take_back(&self) -> bool {
        let mut state = self.lock();
        let has_room = state.live < self.spec.max;
        state.live += usize::from(has_room);
        state.aside -= usize::from(has_room);
        has_room
    }

    /// Such a cell is gone.
    pub(super) fn count_out_aside(&self) {
        self.lock().aside -= 1;
        self.shared.count_out(self.spec.cell.memory_bytes);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that waits, counted as long as it does.
struct Waiting {
    line: Arc<Line>,
}

impl Waiting {
    fn new(line: &Arc<Line>) -> Self {
        line.lock().waiting += 1;
        Self { line: line.clone() }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.line.lock().waiting -= 1;
    }
}

/// A cell that is being made, counted as long as it is.
struct Starting<'a> {
    line: &'a Line,
}

impl<'a> Starting<'a> {
    fn new(line: &'a Line) -> Self {
        line.lock().starting += 1;
        Self { line }
    }
}

impl Drop for Starting<'_> {
    fn drop(&mut self) {
        self.line.lock().starting -= 1;
    }
}

/// Whether an idle cell's agent is still there: it says nothing while idle, so anything that comes is its end.
fn is_alive(cell: &mut Cell) -> bool {
    use futures_util::FutureExt;
    cell.link.receiver.next().now_or_never().is_none()
}
