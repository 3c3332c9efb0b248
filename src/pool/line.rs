//! The cells of one runtime.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use polyground_protocol::{FromAgent, Hello, Isolation};
use tokio::sync::Notify;

use super::{ARM_TIMEOUT, PoolError, Shared};
use crate::engine::{Cell, CellSpec, Engine};

/// After how many runs a cell is replaced, so that nothing slowly adds up in one (SECURITY.md §4.6).
const MAX_RUNS: u32 = 100;

/// After how long a cell is replaced when it has served a run.
const MAX_AGE: Duration = Duration::from_secs(600);

/// The first and the longest pause between failed attempts to make a cell in the background.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(30));

/// How long a request waits for a cell that is being wiped before a new one is made for it.
const WIPE_PATIENCE: Duration = Duration::from_millis(15);

/// How often a request that waits looks around although nothing was said: another line may have made room.
const RECHECK: Duration = Duration::from_millis(50);

/// What a line is.
#[derive(Debug, Clone)]
pub struct LineSpec {
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
    /// Being made for a request that waits.
    making: usize,
    /// Requests that wait.
    waiting: usize,
    /// How often a cell for a request could not be made, and why the last time.
    failures: u64,
    last_failure: Option<String>,
    refilling: bool,
}

/// A cell whose agent is armed.
struct Ready {
    cell: Cell,
    /// The bound that is in force now.
    memory_bytes: u64,
    born: Instant,
    runs: u32,
}

/// A cell lent to one run. Dropping it destroys the cell; [`Lease::give_back`] does not.
pub struct Lease {
    line: Arc<Line>,
    ready: Option<Ready>,
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

    pub(super) fn runtime(&self) -> &str {
        &self.spec.cell.runtime
    }

    pub(super) fn live(&self) -> usize {
        self.lock().live
    }

    pub(super) fn idle(&self) -> usize {
        self.lock().idle.len()
    }

    /// Takes an idle cell, or waits for one: the next that comes back or, where the bounds allow it, a new one.
    ///
    /// `make_room` is called when the bound of all lines is reached; whether it could free a place.
    pub(super) async fn lease(self: &Arc<Self>, make_room: impl Fn() -> bool) -> Result<Lease, PoolError> {
        if let Some(lease) = self.take_idle()? {
            return Ok(lease);
        }
        let failures_before = self.lock().failures;
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
                return Err(PoolError::Agent(reason.clone()));
            }
            let more = state.making < state.waiting;
            drop(state);
            if more && (self.count_in() || (make_room() && self.count_in())) {
                self.lock().making += 1;
                let line = waiting.line.clone();
                self.shared.tasks.spawn(async move { line.make_one().await });
            }
        }
    }

    fn take_idle(self: &Arc<Self>) -> Result<Option<Lease>, PoolError> {
        loop {
            if self.closed.load(Ordering::SeqCst) {
                return Err(PoolError::Closed);
            }
            let Some(mut ready) = self.next_idle() else { return Ok(None) };
            if is_alive(&mut ready.cell) {
                return Ok(Some(Lease { line: self.clone(), ready: Some(ready) }));
            }
            tracing::warn!(cell = ready.cell.name, "an idle cell had gone");
            drop(ready);
            self.count_out();
        }
    }

    /// The idle cell to use next. Where processes start in cells that wait, the one that has waited longest; else the last that
    /// was used, whose memory the processor still knows.
    fn next_idle(&self) -> Option<Ready> {
        let mut state = self.lock();
        let first = !self.spec.cell.warm.is_empty() && !state.idle.is_empty();
        if first { Some(state.idle.remove(0)) } else { state.idle.pop() }
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
                state.last_failure = Some(error.to_string());
                drop(state);
                self.count_out();
            }
        }
    }

    /// Destroys one idle cell beyond those that the line keeps ready. Whether there was one.
    pub(super) fn give_up_idle(&self) -> bool {
        let mut state = self.lock();
        if state.live <= self.spec.min {
            return false;
        }
        let given = state.idle.pop();
        drop(state);
        let had = given.is_some();
        if had {
            drop(given);
            self.count_out();
        }
        had
    }

    /// Makes cells in the background until as many are there as are kept ready.
    pub(super) fn refill(self: &Arc<Self>) {
        let closed = self.closed.load(Ordering::SeqCst) || self.shared.closed.load(Ordering::SeqCst);
        let mut state = self.lock();
        if closed || state.refilling || state.live >= self.spec.min {
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
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(BACK_OFF.1);
                }
            }
        }
    }

    /// No more leases; what is idle goes now, what is leased when it comes back.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        let idle = std::mem::take(&mut self.lock().idle);
        for ready in idle {
            drop(ready);
            self.count_out();
        }
        self.changed.notify_waiters();
    }

    async fn make(&self) -> Result<Ready, PoolError> {
        let cell = open_armed(self.shared.engine.as_ref(), &self.spec.cell).await?;
        Ok(Ready { cell, memory_bytes: self.spec.cell.memory_bytes, born: Instant::now(), runs: 0 })
    }

    fn put_back(&self, ready: Ready) {
        if self.closed.load(Ordering::SeqCst) {
            drop(ready);
            self.count_out();
            return;
        }
        self.lock().idle.push(ready);
        self.changed.notify_one();
    }

    /// Counts one more cell where the bounds of the line and of the pool allow it.
    fn count_in(&self) -> bool {
        self.count_in_below(&mut self.lock(), self.spec.max)
    }

    /// Counts in one more of the cells that are kept ready. `false`: refilling is over.
    fn begins_refill(&self) -> bool {
        let mut state = self.lock();
        let begins = !self.closed.load(Ordering::SeqCst) && self.count_in_below(&mut state, self.spec.min);
        state.refilling = begins;
        begins
    }

    fn count_in_below(&self, state: &mut State, most: usize) -> bool {
        if state.live >= most {
            return false;
        }
        let bound = self.shared.limits.max_cells;
        let counted = self
            .shared
            .cells
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |cells| (cells < bound).then_some(cells + 1));
        state.live += usize::from(counted.is_ok());
        counted.is_ok()
    }

    fn count_out(&self) {
        self.lock().live -= 1;
        self.shared.cells.fetch_sub(1, Ordering::SeqCst);
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

impl Lease {
    /// The cell.
    pub fn cell(&mut self) -> &mut Cell {
        &mut self.ready().cell
    }

    /// What kind of cell it is.
    pub fn isolation(&self) -> Isolation {
        self.line.spec.cell.isolation
    }

    /// Puts a bound on the cell's memory in force. Free where it is in force already.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn bound_memory(&mut self, bytes: u64) -> Result<(), PoolError> {
        let ready = self.ready();
        if ready.memory_bytes != bytes {
            ready.cell.handle.set_memory(bytes).await?;
            ready.memory_bytes = bytes;
        }
        Ok(())
    }

    #[allow(clippy::expect_used)] // only `give_back` and `drop` take it, and both end the lease
    fn ready(&mut self) -> &mut Ready {
        self.ready.as_mut().expect("a lease has its cell")
    }

    /// Returns the cell, armed again, to its line.
    pub fn give_back(mut self) {
        if let Some(mut ready) = self.ready.take() {
            ready.runs += 1;
            if ready.runs >= MAX_RUNS || ready.born.elapsed() >= MAX_AGE {
                drop(ready);
                self.line.count_out();
                self.line.refill();
            } else {
                self.line.put_back(ready);
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Given back: the line has counted it already, or still does.
        if let Some(ready) = self.ready.take() {
            drop(ready);
            self.line.count_out();
            self.line.refill();
        }
    }
}

/// Whether an idle cell's agent is still there: it says nothing while idle, so anything that comes is its end.
fn is_alive(cell: &mut Cell) -> bool {
    use futures_util::FutureExt;
    cell.link.receiver.next().now_or_never().is_none()
}

/// Makes a cell and waits until its agent has a sandbox ready.
pub(super) async fn open_armed(engine: &dyn Engine, spec: &CellSpec) -> Result<Cell, PoolError> {
    open_greeted(engine, spec).await.map(|(cell, _)| cell)
}

/// The same, with the agent's greeting.
pub(super) async fn open_greeted(engine: &dyn Engine, spec: &CellSpec) -> Result<(Cell, Hello), PoolError> {
    let mut cell = engine.open_cell(spec).await?;
    let mut greeting = None;
    let armed = async {
        loop {
            match cell.link.receiver.next().await {
                Ok(frame) => match frame.message {
                    FromAgent::Hello(hello) => greeting = Some(hello),
                    FromAgent::Armed => match greeting {
                        Some(hello) => return Ok(hello),
                        None => return Err(PoolError::Agent("it was armed without a greeting".into())),
                    },
                    FromAgent::Failed { reason } => return Err(PoolError::Agent(reason)),
                    other => return Err(PoolError::Agent(format!("it said {other:?} before it was armed"))),
                },
                Err(error) => return Err(PoolError::Agent(error.to_string())),
            }
        }
    };
    match tokio::time::timeout(ARM_TIMEOUT, armed).await {
        Ok(Ok(hello)) => Ok((cell, hello)),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(PoolError::Agent(format!("it was not armed within {} s", ARM_TIMEOUT.as_secs()))),
    }
}
