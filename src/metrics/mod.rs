//! What is counted and timed, in the words of those who report it, and how Prometheus is told.
//!
//! One [`Metrics`] is handed to the parts; nothing here is global. What can be read from live state at any time (how many
//! wait, which cells there are) is not kept here but handed over when somebody asks: [`Live`].
//!
//! Architecture invariant: `metrics` knows nobody. Labels are runtimes' ids and fixed words, never what a caller sends.

mod labels;
mod live;

use std::{sync::Arc, time::Duration};

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

pub use live::{CellCounts, Live, RuntimeStates};

use labels::{
    OfAnswer, OfCause, OfCellEnd, OfKind, OfOperation, OfOutcome, OfRejection, OfRuntime, OfStage, OfWarmth,
};

/// The text that is answered to Prometheus is in this form.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds: from a millisecond, which is what a warm start takes, to the longest that stages may take.
const RUN_BUCKETS: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Seconds: what answers in memory take in tenths of a millisecond, what waits for a disk or another machine in more.
const STORE_BUCKETS: [f64; 14] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

type Times<S> = Family<S, Histogram, fn() -> Histogram>;

/// Why a cell ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellEnd {
    /// Its run broke a bound, or something went wrong under it: what it is like is in doubt.
    Doubt,
    /// It serves one run only.
    Spent,
    /// It has served as many runs, or as long, as one may.
    Old,
    /// It died while it was idle.
    Died,
    /// It was idle, and not needed or in another's way.
    Idle,
    /// Its runtime changed or went, or the server stops.
    Closed,
}

impl CellEnd {
    fn as_str(self) -> &'static str {
        match self {
            Self::Doubt => "doubt",
            Self::Spent => "spent",
            Self::Old => "old",
            Self::Died => "died",
            Self::Idle => "idle",
            Self::Closed => "closed",
        }
    }
}

/// Why a run that was let in came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotStarted {
    /// Its caller left before it had a cell.
    Left,
    /// It waited as long as it may.
    Timeout,
    /// There was no cell for it, or no engine.
    NoCell,
    /// The server stopped.
    Stopped,
}

impl NotStarted {
    fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Timeout => "timeout",
            Self::NoCell => "no_cell",
            Self::Stopped => "stopped",
        }
    }
}

/// A connection that stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Events of a run, as they happen.
    EventStream,
    /// An interactive run.
    WebSocket,
}

/// All that is counted. Its methods take well under a microsecond each.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    runs: Family<OfOutcome, Counter>,
    run_times: Times<OfRuntime>,
    stage_times: Times<OfStage>,
    warm_starts: Family<OfWarmth, Counter>,
    queue_wait: Histogram,
    not_started: Family<OfCause, Counter>,
    arming: Times<OfRuntime>,
    arming_failures: Family<OfRuntime, Counter>,
    cells_ended: Family<OfCellEnd, Counter>,
    rejections: Family<OfRejection, Counter>,
    requests: Family<OfAnswer, Counter>,
    request_times: Times<OfOperation>,
    store_times: Times<OfOperation>,
    store_errors: Family<OfOperation, Counter>,
    connections: Family<OfKind, Gauge>,
}

fn run_times() -> Histogram {
    Histogram::new(RUN_BUCKETS)
}

fn store_times() -> Histogram {
    Histogram::new(STORE_BUCKETS)
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("polyground"),
            runs: Family::default(),
            run_times: Times::new_with_constructor(run_times),
            stage_times: Times::new_with_constructor(run_times),
            warm_starts: Family::default(),
            queue_wait: run_times(),
            not_started: Family::default(),
            arming: Times::new_with_constructor(run_times),
            arming_failures: Family::default(),
            cells_ended: Family::default(),
            rejections: Family::default(),
            requests: Family::default(),
            request_times: Times::new_with_constructor(run_times),
            store_times: Times::new_with_constructor(store_times),
            store_errors: Family::default(),
            connections: Family::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let Self { registry, .. } = self;
        registry.register("runs", "Runs of callers that ended, by runtime and outcome", self.runs.clone());
        let help = "From request to end, of runs of callers";
        registry.register_with_unit("run", help, Unit::Seconds, self.run_times.clone());
        let help = "Wall time of stages (compile, run, format) of callers' runs";
        registry.register_with_unit("stage", help, Unit::Seconds, self.stage_times.clone());
        let help = "Runs of callers, by whether a process that had started already took them";
        registry.register("warm_starts", help, self.warm_starts.clone());
        let help = "From request to the cell that it got, of runs of callers";
        registry.register_with_unit("queue_wait", help, Unit::Seconds, self.queue_wait.clone());
        let help = "Requests that were let in and never got a cell, by cause";
        registry.register("runs_not_started", help, self.not_started.clone());
        let help = "Time to make a cell, until its agent has a sandbox ready";
        registry.register_with_unit("arming", help, Unit::Seconds, self.arming.clone());
        let help = "Cells that could not be made";
        registry.register("arming_failures", help, self.arming_failures.clone());
        registry.register("cells_ended", "Cells that ended, by cause", self.cells_ended.clone());
        let help = "Requests that were refused or failed, by kind of problem and its status";
        registry.register("rejections", help, self.rejections.clone());
        registry.register("http_requests", "Answers, by operation and status", self.requests.clone());
        let help = "From request to the answer's head, by operation";
        registry.register_with_unit("http_request", help, Unit::Seconds, self.request_times.clone());
        let help = "Time of the store's operations, failed ones too";
        registry.register_with_unit("store", help, Unit::Seconds, self.store_times.clone());
        let help = "Operations that failed because the database could not be used or was full";
        registry.register("store_errors", help, self.store_errors.clone());
        let help = "Open event streams and WebSockets";
        registry.register("connections", help, self.connections.clone());
    }

    /// A run of a caller ended, `total` after its request. `warm`: a process that had started already took it.
    pub fn run_ended(&self, runtime: &str, outcome: &'static str, total: Duration, warm: bool) {
        let name = || runtime.to_owned();
        self.runs.get_or_create(&OfOutcome { runtime: name(), outcome }).inc();
        self.run_times.get_or_create(&OfRuntime { runtime: name() }).observe(total.as_secs_f64());
        let warm = if warm { "yes" } else { "no" };
        self.warm_starts.get_or_create(&OfWarmth { runtime: name(), warm }).inc();
    }

    /// A stage of a caller's run took so many milliseconds.
    pub fn stage_ended(&self, runtime: &str, stage: &'static str, wall_ms: f64) {
        let labels = OfStage { runtime: runtime.to_owned(), stage };
        self.stage_times.get_or_create(&labels).observe(wall_ms / 1000.0);
    }

    /// A caller's run got its cell so long after its request.
    pub fn run_started(&self, waited: Duration) {
        self.queue_wait.observe(waited.as_secs_f64());
    }

    /// A caller's run was let in and never got a cell.
    pub fn run_not_started(&self, cause: NotStarted) {
        self.not_started.get_or_create(&OfCause { cause: cause.as_str() }).inc();
    }

    /// A cell was made in so long.
    pub fn cell_armed(&self, runtime: &str, took: Duration) {
        let labels = OfRuntime { runtime: runtime.to_owned() };
        self.arming.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// A cell could not be made.
    pub fn arming_failed(&self, runtime: &str) {
        self.arming_failures.get_or_create(&OfRuntime { runtime: runtime.to_owned() }).inc();
    }

    /// A cell ended.
    pub fn cell_ended(&self, runtime: &str, cause: CellEnd) {
        let labels = OfCellEnd { runtime: runtime.to_owned(), cause: cause.as_str() };
        self.cells_ended.get_or_create(&labels).inc();
    }

    /// Somebody was told a problem of this kind.
    pub fn rejected(&self, cause: &'static str, status: u16) {
        self.rejections.get_or_create(&OfRejection { cause, status }).inc();
    }

    /// A request was answered; what streams goes on.
    pub fn request_answered(&self, operation: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&OfAnswer { operation, status }).inc();
        self.request_times.get_or_create(&OfOperation { operation }).observe(took.as_secs_f64());
    }

    /// The store did something. `failed`: it could not be used, which is not the caller's fault.
    pub fn store_used(&self, operation: &'static str, took: Duration, failed: bool) {
        self.store_times.get_or_create(&OfOperation { operation }).observe(took.as_secs_f64());
        if failed {
            self.store_errors.get_or_create(&OfOperation { operation }).inc();
        }
    }

    /// A connection is open as long as what this gives is kept.
    pub fn connection_opened(&self, kind: Connection) -> Open {
        let kind = match kind {
            Connection::EventStream => "event_stream",
            Connection::WebSocket => "websocket",
        };
        let gauge = self.connections.get_or_create_owned(&OfKind { kind });
        gauge.inc();
        Open { gauge }
    }

    /// Everything, as OpenMetrics text ([`CONTENT_TYPE`]).
    ///
    /// # Errors
    /// When it cannot be written into memory.
    pub fn expose(&self, live: Live) -> Result<String, std::fmt::Error> {
        use prometheus_client::encoding::text;

        let mut text = String::with_capacity(64 << 10);
        text::encode_registry(&mut text, &self.registry)?;
        text::encode_registry(&mut text, &live.registry())?;
        text::encode_registry(&mut text, &live::process())?;
        text::encode_eof(&mut text)?;
        Ok(text)
    }
}

/// A connection that is counted. Dropping it ends that.
#[derive(Debug)]
pub struct Open {
    gauge: Gauge,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.gauge.dec();
    }
}

/// Tells what is so now. Asked at each scrape, so it must not block.
pub type LiveSource = Arc<dyn Fn() -> Live + Send + Sync>;

#[cfg(test)]
mod tests;
