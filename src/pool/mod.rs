//! Cells that stand ready, one line for each runtime. A cell is leased to one run at a time, wiped by its agent, and
//! comes back; one in doubt is destroyed and replaced.
//!
//! Architecture invariant: `pool` knows `engine`; it knows no language and nobody who asks.

mod admission;
mod fair;
mod held;
mod lease;
mod line;
mod seats;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use polyground_protocol::Isolation;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

pub use admission::{Admission, AdmissionLimits, Claim, Full, Load, Place, Ticket};
pub use fair::Caller;
pub use held::Held;
pub use lease::Lease;
pub use line::LineSpec;
pub use seats::{NoSeat, Seat, SeatLimits, Seats};

use self::line::Line;
use crate::{
    engine::{CellSpec, Engine, EngineError},
    metrics::{CellCounts, Metrics},
};

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

/// By their keys.
type Lines = HashMap<String, Arc<Line>>;

/// What all lines have in common.
struct Shared {
    engine: Arc<dyn Engine>,
    limits: PoolLimits,
    metrics: Arc<Metrics>,
    used: Mutex<Used>,
    closed: AtomicBool,
    /// Whether somebody looks after idle cells.
    tended: AtomicBool,
    tasks: TaskTracker,
    /// Ends the pauses after cells that could not be made.
    woken: Notify,
    /// Told of each line whose image has gone.
    image_lost: OnceLock<ImageLost>,
}

/// Told of a line whose image has gone.
type ImageLost = Box<dyn Fn(&str) + Send + Sync>;

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
    /// It could not be made for another run that waited for it too.
    #[error("{0}")]
    Shared(Arc<PoolError>),
    /// The line is not open, or no longer.
    #[error("there are no cells `{0}`")]
    NoLine(String),
    /// The server is stopping.
    #[error("the server is shutting down")]
    Closed,
}

impl PoolError {
    /// Why the engine does not answer, if that is why there is no cell.
    pub fn engine_down(&self) -> Option<String> {
        match self {
            Self::Shared(error) => error.engine_down(),
            Self::Engine(error @ EngineError::Unreachable { .. }) => Some(error.to_string()),
            Self::Engine(_) | Self::Agent(_) | Self::NoLine(_) | Self::Closed => None,
        }
    }
}

impl Pool {
    /// A pool without lines.
    pub fn new(engine: Arc<dyn Engine>, limits: PoolLimits, metrics: Arc<Metrics>) -> Self {
        let shared = Shared {
            engine,
            limits,
            metrics,
            used: Mutex::default(),
            closed: AtomicBool::new(false),
            tended: AtomicBool::new(false),
            tasks: TaskTracker::new(),
            woken: Notify::new(),
            image_lost: OnceLock::new(),
        };
        Self { shared: Arc::new(shared), lines: Arc::default() }
    }

    /// Has this told the key of each line of which a cell could not be made because its image has gone. The first one only.
    pub fn on_image_lost(&self, told: impl Fn(&str) + Send + Sync + 'static) {
        let _ = self.shared.image_lost.set(Box::new(told));
    }

    /// Makes the cells that are missing at once: what stood against it has gone.
    pub fn wake(&self) {
        self.shared.woken.notify_waiters();
        let lines: Vec<_> = self.lock().values().cloned().collect();
        lines.iter().for_each(|line| line.tend(self.shared.limits.idle_timeout));
    }

    /// Opens a line. One that has its key already is closed.
    pub fn open_line(&self, spec: LineSpec) {
        if !self.shared.tended.swap(true, Ordering::SeqCst) {
            let every = (self.shared.limits.idle_timeout / 4).min(TEND_EVERY);
            tokio::spawn(tend(Arc::downgrade(&self.lines), self.shared.limits.idle_timeout, every));
        }
        let line = Line::new(self.shared.clone(), spec);
        let old = self.lock().insert(line.key().to_owned(), line.clone());
        if let Some(old) = old {
            old.close();
        }
        line.refill();
    }

    /// Closes a line at once: whoever holds it gets no more cells of it; those that are lent go when they come back.
    pub fn close_line(&self, key: &str) {
        let line = self.lock().remove(key);
        if let Some(line) = line {
            line.close();
        }
    }

    /// Lets a line end with those who hold it now: they still get their cells, nobody else does.
    pub fn drain_line(&self, key: &str) {
        let mut lines = self.lock();
        let ends = lines.get(key).is_some_and(|line| line.drain());
        let ended = if ends { lines.remove(key) } else { None };
        drop(lines);
        if let Some(line) = ended {
            line.close();
        }
    }

    /// Makes sure of a line for one run, from its request to its end. `None`: there is no such line, or it drains.
    pub fn hold(&self, key: &str) -> Option<Held> {
        let lines = self.lock();
        let line = lines.get(key)?;
        line.enter().then(|| Held::new(line.clone(), self.lines.clone()))
    }

    /// The bounds on all lines together.
    pub fn limits(&self) -> PoolLimits {
        self.shared.limits
    }

    /// Live cells and how many of them wait, by runtime: those of lines that drain count too.
    pub fn census(&self) -> Vec<(String, usize, usize)> {
        let mut census = BTreeMap::<String, (usize, usize)>::new();
        for line in self.lock().values() {
            let of_runtime = census.entry(line.runtime().to_owned()).or_default();
            *of_runtime = (of_runtime.0 + line.live(), of_runtime.1 + line.idle());
        }
        census.into_iter().map(|(runtime, (live, idle))| (runtime, live, idle)).collect()
    }

    /// How many cells of each runtime are in which state.
    pub fn cells(&self) -> Vec<(String, CellCounts)> {
        let mut cells = BTreeMap::<String, CellCounts>::new();
        for line in self.lock().values() {
            let (counts, sum) = (line.counts(), cells.entry(line.runtime().to_owned()).or_default());
            sum.starting += counts.starting;
            sum.armed += counts.armed;
            sum.leased += counts.leased;
        }
        cells.into_iter().collect()
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
