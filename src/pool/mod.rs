//! Cells that stand ready, one line for each runtime. A cell is leased to one run at a time, wiped by its agent, and
//! comes back; one in doubt is destroyed and replaced.
//!
//! Architecture invariant: `pool` knows `engine`; it knows no language and nobody who asks.

mod admission;
mod fair;
mod line;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use polyground_protocol::Isolation;
use tokio_util::task::TaskTracker;

pub use admission::{Admission, AdmissionLimits, Claim, Full, Load, Place, Ticket};
pub use fair::Caller;
pub use line::{Lease, LineSpec};

use self::line::Line;
use crate::engine::{CellSpec, Engine, EngineError};

/// How long a new cell may take until its agent is armed.
const ARM_TIMEOUT: Duration = Duration::from_secs(10);

/// Bounds on all lines together.
#[derive(Debug, Clone, Copy)]
pub struct PoolLimits {
    /// Cells of all runtimes.
    pub max_cells: usize,
}

/// All lines of cells of one server.
pub struct Pool {
    shared: Arc<Shared>,
    lines: Mutex<HashMap<String, Arc<Line>>>,
}

/// What all lines have in common.
struct Shared {
    engine: Arc<dyn Engine>,
    limits: PoolLimits,
    /// Cells that are live or being made, of all lines.
    cells: AtomicUsize,
    closed: AtomicBool,
    tasks: TaskTracker,
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
            cells: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            tasks: TaskTracker::new(),
        };
        Self { shared: Arc::new(shared), lines: Mutex::new(HashMap::new()) }
    }

    /// Opens the line of a runtime, or replaces it: the old one's cells go as they become free.
    pub fn open_line(&self, spec: LineSpec) {
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
    /// When none can be made.
    pub async fn lease(&self, runtime: &str) -> Result<Lease, PoolError> {
        let line = self.lock().get(runtime).cloned().ok_or_else(|| PoolError::NoLine(runtime.to_owned()))?;
        line.lease(|| self.lock().values().any(|other| other.give_up_idle())).await
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

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Line>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which isolation this engine gives, found out by making one cell of each kind, the strongest first.
///
/// # Errors
/// The reasons of both, when neither works.
pub async fn probe_isolation(
    engine: &dyn Engine,
    spec: &CellSpec,
    allowed: &[Isolation],
) -> Result<(Isolation, Option<String>), String> {
    let mut reasons = Vec::new();
    for &isolation in allowed {
        let spec = CellSpec { isolation, ..spec.clone() };
        match line::open_armed(engine, &spec).await {
            Ok(_) => return Ok((isolation, reasons.pop())),
            Err(error) => reasons.push(error.to_string()),
        }
    }
    Err(reasons.join("; "))
}
