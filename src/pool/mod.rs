//! Cells that stand ready, one line for each runtime. A cell is leased to one run at a time, wiped by its agent, and
//! comes back; one in doubt is destroyed and replaced.
//!
//! Architecture invariant: `pool` knows `engine`; it knows no language and nobody who asks.

mod admission;
mod fair;
mod lease;
mod line;
mod seats;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use polyground_protocol::Isolation;
use tokio_util::task::TaskTracker;

pub use admission::{Admission, AdmissionLimits, Claim, Full, Load, Place, Ticket};
pub use fair::Caller;
pub use lease::Lease;
pub use line::LineSpec;
pub use seats::{NoSeat, Seat, SeatLimits, Seats};

use self::line::{Line, Which};
use crate::engine::{CellSpec, Engine, EngineError};

/// How long a new cell may take until its agent is armed.
const ARM_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a run that was admitted may wait for its cell until it is refused.
const LEASE_TIMEOUT: Duration = Duration::from_secs(30);

/// How often idle cells are looked after, at the longest.
const TEND_EVERY: Duration = Duration::from_secs(5);

/// Bounds on all lines together.
#[derive(Debug, Clone, Copy)]
pub struct PoolLimits {
    /// Cells of all runtimes.
    pub max_cells: usize,
    /// The cells' bounds on memory, together. A cell that is larger by itself is made when it is the only one.
    pub memory_bytes: u64,
    /// How long a cell beyond those that its line keeps ready may be idle.
    pub idle_timeout: Duration,
}

impl PoolLimits {
    /// For a command that runs one program: a cell for it and one that takes over should that fail.
    pub fn for_one_run() -> Self {
        Self { max_cells: 2, memory_bytes: u64::MAX, idle_timeout: Duration::from_secs(300) }
    }
}

/// All lines of cells of one server.
pub struct Pool {
    shared: Arc<Shared>,
    lines: Arc<Mutex<Lines>>,
}

type Lines = HashMap<String, Arc<Line>>;

/// What all lines have in common.
struct Shared {
    engine: Arc<dyn Engine>,
    limits: PoolLimits,
    used: Mutex<Used>,
    closed: AtomicBool,
    /// Whether somebody looks after idle cells.
    tended: AtomicBool,
    tasks: TaskTracker,
}

/// What the cells of all lines take that are live or being made.
#[derive(Debug, Default, Clone, Copy)]
struct Used {
    cells: usize,
    memory_bytes: u64,
}

impl Shared {
    /// Counts one more cell where the bounds allow it.
    fn count_in(&self, memory_bytes: u64) -> bool {
        let mut used = self.used();
        let sum = used.memory_bytes.saturating_add(memory_bytes);
        let fits = used.cells < self.limits.max_cells && (used.cells == 0 || sum <= self.limits.memory_bytes);
        if fits {
            *used = Used { cells: used.cells + 1, memory_bytes: sum };
        }
        fits
    }

    fn count_out(&self, memory_bytes: u64) {
        let mut used = self.used();
        used.cells -= 1;
        used.memory_bytes -= memory_bytes;
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why there is no cell.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// The engine could not make one.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The agent of a new cell could not make a sandbox.
    #[error("the agent could not make a sandbox: {0}")]
    Agent(String),
    /// The runtime is not in the pool.
    #[error("the runtime `{0}` has no cells")]
    NoLine(String),
    /// The server is stopping.
    #[error("the server is shutting down")]
    Closed,
}

impl Pool {
    /// A pool without lines.
    pub fn new(engine: Arc<dyn Engine>, limits: PoolLimits) -> Self {
        let shared = Shared {
            engine,
            limits,
            used: Mutex::default(),
            closed: AtomicBool::new(false),
            tended: AtomicBool::new(false),
            tasks: TaskTracker::new(),
        };
        Self { shared: Arc::new(shared), lines: Arc::default() }
    }

    /// Opens the line of a runtime, or replaces it: the old one's cells go as they become free.
    pub fn open_line(&self, spec: LineSpec) {
        if !self.shared.tended.swap(true, Ordering::SeqCst) {
            let every = (self.shared.limits.idle_timeout / 4).min(TEND_EVERY);
            tokio::spawn(tend(Arc::downgrade(&self.lines), self.shared.limits.idle_timeout, every));
        }
        let line = Line::new(self.shared.clone(), spec);
        let old = self.lock().insert(line.runtime().to_owned(), line.clone());
        if let Some(old) = old {
            old.close();
        }
        line.refill();
    }

    /// Closes the line of a runtime: no new leases; cells go as they become free.
    pub fn close_line(&self, runtime: &str) {
        let line = self.lock().remove(runtime);
        if let Some(line) = line {
            line.close();
        }
    }

    /// Takes a cell of a runtime for one run; makes one, or waits for one, as need be.
    ///
    /// # Errors
    /// When none can be made, or none became free in time.
    pub async fn lease(&self, runtime: &str) -> Result<Lease, PoolError> {
        let line = self.lock().get(runtime).cloned().ok_or_else(|| PoolError::NoLine(runtime.to_owned()))?;
        let lease = line.lease(|| self.make_room(runtime));
        tokio::time::timeout(LEASE_TIMEOUT, lease).await.unwrap_or_else(|_| {
            let what = format!("a cell of {runtime}");
            Err(EngineError::Timeout { what, limit: LEASE_TIMEOUT }.into())
        })
    }

    /// What a run of this runtime asks a place for. One that is not in the pool is refused when it asks for its cell.
    pub fn claim(&self, caller: Caller, runtime: &str) -> Claim {
        let line = self.lock().get(runtime).cloned();
        let bounds = line.map_or((usize::MAX, 0), |line| line.bounds());
        Claim { caller, runtime: runtime.into(), most: bounds.0, memory_bytes: bounds.1 }
    }

    /// The bounds on all lines together.
    pub fn limits(&self) -> PoolLimits {
        self.shared.limits
    }

    /// Destroys the cell of another line that has been idle longest: one beyond those that its line keeps ready, or, where
    /// there is none, one of those. Whether there was one.
    fn make_room(&self, runtime: &str) -> bool {
        let mut lines: Vec<_> = self.lock().values().cloned().collect();
        lines.retain(|line| line.runtime() != runtime);
        [Which::Spare, Which::Any].into_iter().any(|which| {
            let idle = lines.iter().filter_map(|line| Some((line.idle_longest(which)?, line)));
            idle.min_by_key(|(since, _)| *since).is_some_and(|(_, line)| line.give_up_idle(which))
        })
    }

    /// Live cells and how many of them wait, by runtime.
    pub fn census(&self) -> Vec<(String, usize, usize)> {
        let mut census: Vec<_> =
            self.lock().iter().map(|(runtime, line)| (runtime.clone(), line.live(), line.idle())).collect();
        census.sort();
        census
    }

    /// Destroys every idle cell and makes no more.
    pub fn close(&self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        for (_, line) in self.lock().drain() {
            line.close();
        }
        self.shared.tasks.close();
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks after idle cells as long as there is a pool: gives up what was idle too long, replaces what has died.
async fn tend(lines: Weak<Mutex<Lines>>, idle_timeout: Duration, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let Some(lines) = lines.upgrade() else { return };
        let lines: Vec<_> = lines.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        lines.iter().for_each(|line| line.tend(idle_timeout));
    }
}

/// What a probe of an engine's isolation found.
#[derive(Debug, Clone)]
pub struct IsolationFound {
    /// The mode that works.
    pub mode: Isolation,
    /// Why it is not a stronger one, where it is not.
    pub reason: Option<String>,
    /// The version of Landlock that the kernel has in a cell; 0 for none.
    pub landlock_abi: u32,
}

/// Which isolation this engine gives, found out by making one cell of each kind, the strongest first.
///
/// # Errors
/// The reasons of both, when neither works.
pub async fn probe_isolation(
    engine: &dyn Engine,
    spec: &CellSpec,
    allowed: &[Isolation],
) -> Result<IsolationFound, String> {
    let mut reasons = Vec::new();
    for &isolation in allowed {
        let spec = CellSpec { isolation, ..spec.clone() };
        match lease::open_greeted(engine, &spec).await {
            Ok((_, hello)) => {
                let (reason, landlock_abi) = (reasons.pop(), hello.landlock_abi);
                return Ok(IsolationFound { mode: isolation, reason, landlock_abi });
            }
            Err(error) => reasons.push(error.to_string()),
        }
    }
    Err(reasons.join("; "))
}

#[cfg(test)]
mod tests;
