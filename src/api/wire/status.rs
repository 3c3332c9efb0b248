//! The server's state as the API tells it.

use poem_openapi::Object;

use crate::api::status::StatusReport;

/// How the server does.
#[derive(Debug, Object)]
#[oai(rename = "Status")]
pub(crate) struct Status {
    /// The server's version.
    version: String,
    /// Seconds since it started.
    uptime_seconds: u64,
    /// Where programs run.
    engine: Engine,
    /// How programs are kept apart.
    isolation: Isolation,
    /// How many runtimes there are in each state.
    runtimes: RuntimeCounts,
    /// Programs that run now.
    running: u64,
    /// Requests that wait for a place.
    waiting: u64,
}

/// Where programs run.
#[derive(Debug, Object)]
#[oai(rename = "Engine", skip_serializing_if_is_none)]
pub(crate) struct Engine {
    /// `docker` or `local`
    kind: String,
    /// Its version.
    version: String,
    /// Where it answers.
    address: String,
    /// Why it does not answer, when it does not.
    problem: Option<String>,
}

/// How programs are kept apart.
#[derive(Debug, Object)]
#[oai(rename = "Isolation")]
pub(crate) struct Isolation {
    /// `nested` or `single-use`
    mode: String,
    /// Why this one.
    reason: String,
    /// The version of the kernel's Landlock that holds programs besides; 0 when there is none, or it is not known yet.
    landlock_abi: u32,
}

/// How many runtimes there are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Object)]
#[oai(rename = "RuntimeCounts")]
pub(crate) struct RuntimeCounts {
    /// Usable.
    pub(crate) ready: u64,
    /// Being prepared.
    pub(crate) preparing: u64,
    /// Not usable.
    pub(crate) unavailable: u64,
}

impl Status {
    pub(crate) fn new(report: StatusReport, runtimes: RuntimeCounts) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            uptime_seconds: report.uptime.as_secs(),
            engine: Engine {
                kind: report.engine.kind,
                version: report.engine.version,
                address: report.engine.address,
                problem: report.engine.problem,
            },
            isolation: Isolation {
                mode: report.isolation.mode,
                reason: report.isolation.reason,
                landlock_abi: report.isolation.landlock_abi,
            },
            runtimes,
            running: report.running,
            waiting: report.waiting,
        }
    }
}

/// What answers here.
#[derive(Debug, Object)]
#[oai(rename = "Version", skip_serializing_if_is_none)]
pub(crate) struct Version {
    /// `polyground`
    pub(crate) name: String,
    /// The server's version.
    pub(crate) version: String,
    /// The commit that it was built from, where known.
    pub(crate) commit: Option<String>,
}

/// All is well.
#[derive(Debug, Object)]
#[oai(rename = "Health")]
pub(crate) struct Health {
    /// `ok`
    pub(crate) status: String,
}
