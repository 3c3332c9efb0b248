//! What is read at the moment that somebody asks.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, info::Info},
    registry::{Registry, Unit},
};
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};

use super::labels::{OfBuild, OfCellState, OfState};

type Float = Gauge<f64, AtomicU64>;

/// How the server is now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Live {
    /// Whether the engine answers.
    pub engine_up: bool,
    /// Whether the server takes no more requests.
    pub stopping: bool,
    /// Programs that run.
    pub running: usize,
    /// Programs that may run at once.
    pub capacity: usize,
    /// Requests that wait.
    pub waiting: usize,
    /// Requests that may wait.
    pub max_waiting: usize,
    /// Interactive programs.
    pub interactive: usize,
    /// Cells of each runtime.
    pub cells: Vec<(String, CellCounts)>,
    /// Runtimes in each state.
    pub runtimes: RuntimeStates,
    /// Those that are not usable, by id.
    pub unavailable: Vec<String>,
    /// The commit that the server was built from, where known.
    pub commit: Option<&'static str>,
}

/// Cells of one runtime in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CellCounts {
    /// Being made.
    pub starting: usize,
    /// Idle, with a sandbox that stands ready.
    pub armed: usize,
    /// With a run, or being wiped after one.
    pub leased: usize,
}

/// How many runtimes there are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuntimeStates {
    /// Usable.
    pub ready: usize,
    /// Being prepared.
    pub preparing: usize,
    /// Not usable.
    pub unavailable: usize,
}

#[allow(clippy::cast_possible_wrap)] // what is counted here is far below 2^63
fn signed(number: usize) -> i64 {
    number as i64
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: usize) {
    let gauge = Gauge::<i64>::default();
    gauge.set(signed(value));
    registry.register(name, help, gauge);
}

impl Live {
    /// The metrics that these are.
    pub(super) fn registry(&self) -> Registry {
        let mut registry = Registry::with_prefix("polyground");
        let build = OfBuild { version: env!("CARGO_PKG_VERSION"), commit: self.commit.unwrap_or("unknown") };
        registry.register("build", "Which server this is", Info::new(build));
        gauge(&mut registry, "engine_up", "Whether the engine answers (1) or not (0)", self.engine_up.into());
        gauge(&mut registry, "stopping", "Whether the server takes no more requests", self.stopping.into());
        gauge(&mut registry, "running", "Programs that run", self.running);
        gauge(&mut registry, "running_limit", "Programs that may run at once", self.capacity);
        gauge(&mut registry, "queue_depth", "Requests that wait for a place", self.waiting);
        gauge(&mut registry, "queue_limit", "Requests that may wait", self.max_waiting);
        gauge(&mut registry, "interactive", "Interactive programs", self.interactive);
        self.cells(&mut registry);
        self.runtimes(&mut registry);
        registry
    }

    fn cells(&self, registry: &mut Registry) {
        let family = Family::<OfCellState, Gauge>::default();
        for (runtime, counts) in &self.cells {
            let states = [("starting", counts.starting), ("armed", counts.armed), ("leased", counts.leased)];
            for (state, count) in states {
                let labels = OfCellState { runtime: runtime.clone(), state };
                family.get_or_create(&labels).set(signed(count));
            }
        }
        let help = "Cells, by runtime and state: starting, armed (idle), leased (with a run, or being wiped)";
        registry.register("cells", help, family);
    }

    fn runtimes(&self, registry: &mut Registry) {
        let RuntimeStates { ready, preparing, unavailable } = self.runtimes;
        let family = Family::<OfState, Gauge>::default();
        for (state, count) in [("ready", ready), ("preparing", preparing), ("unavailable", unavailable)] {
            family.get_or_create(&OfState { state }).set(signed(count));
        }
        registry.register("runtimes", "Runtimes, by state", family);
        let family = Family::<super::labels::OfRuntime, Gauge>::default();
        for runtime in &self.unavailable {
            family.get_or_create(&super::labels::OfRuntime { runtime: runtime.clone() }).set(1);
        }
        registry.register("runtime_unavailable", "1 for each runtime that cannot be used", family);
    }
}

/// What the kernel says of this process, under the names that every Prometheus client uses.
pub(super) fn process() -> Registry {
    let mut registry = Registry::with_prefix("process");
    let Ok(pid) = sysinfo::get_current_pid() else { return registry };
    let mut system = System::new();
    let wanted = ProcessRefreshKind::nothing().with_memory().with_cpu();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, wanted);
    let Some(process) = system.process(pid) else { return registry };
    gauge(
        &mut registry,
        "resident_memory_bytes",
        "Memory of the server itself, without cells",
        bytes(process.memory()),
    );
    gauge(
        &mut registry,
        "virtual_memory_bytes",
        "Address space of the server",
        bytes(process.virtual_memory()),
    );
    if let Some(open) = process.open_files() {
        gauge(&mut registry, "open_fds", "Open files, sockets and pipes", open);
    }
    if let Some(most) = process.open_files_limit() {
        gauge(&mut registry, "max_fds", "Files, sockets and pipes that may be open", most);
    }
    let started = Float::default();
    #[allow(clippy::cast_precision_loss)] // seconds since 1970 are far below 2^52
    started.set(process.start_time() as f64);
    registry.register_with_unit("start_time", "When the server started, since 1970", Unit::Seconds, started);
    let cpu = Counter::<f64, AtomicU64>::default();
    #[allow(clippy::cast_precision_loss)] // milliseconds of a process are far below 2^52
    cpu.inc_by(process.accumulated_cpu_time() as f64 / 1000.0);
    registry.register_with_unit(
        "cpu",
        "Processor time of the server itself, without cells",
        Unit::Seconds,
        cpu,
    );
    registry
}

fn bytes(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
