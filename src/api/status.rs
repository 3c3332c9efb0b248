//! How the server does: for people (`/status`), for what watches over it (`/healthz`, `/readyz`), and who it is.

use std::{sync::Arc, time::Duration};

use poem_openapi::{ApiResponse, OpenApi, payload::Json};

use super::{
    Tag,
    answers::answers,
    problem::{Kind, Problem},
    runtimes::ListRuntimes,
    wire::status::{Health, RuntimeCounts, Status, Version},
};
use crate::catalog::State;

/// What the API cannot know by itself; asked for at each request, so it must not block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusReport {
    /// Where programs run.
    pub engine: EngineReport,
    /// How programs are kept apart.
    pub isolation: IsolationReport,
    /// Whether the server takes no more requests, because it is about to end.
    pub stopping: bool,
    /// Since the server started.
    pub uptime: Duration,
    /// Programs that run now.
    pub running: u64,
    /// Requests that wait for a cell.
    pub waiting: u64,
}

/// Where programs run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineReport {
    /// `docker` or `local`.
    pub kind: String,
    /// Its version.
    pub version: String,
    /// Where it answers.
    pub address: String,
    /// Why it does not answer, when it does not.
    pub problem: Option<String>,
}

/// How programs are kept apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IsolationReport {
    /// `nested` or `single-use`.
    pub mode: String,
    /// Why this one.
    pub reason: String,
    /// The version of Landlock that the kernel has in a cell; 0 for none.
    pub landlock_abi: u32,
}

/// Tells how the server does.
pub type StatusSource = Arc<dyn Fn() -> StatusReport + Send + Sync>;

/// When a server that starts may be ready.
const READY_RETRY: Duration = Duration::from_secs(2);
const FINE: &str = "ok";

/// The operations on the server itself.
pub(crate) struct StatusApi {
    pub(crate) report: StatusSource,
    pub(crate) list: ListRuntimes,
}

#[OpenApi]
impl StatusApi {
    /// How the server does
    ///
    /// Its engine, how programs are kept apart and why so, its runtimes, and how busy it is.
    #[oai(path = "/api/v1/status", method = "get", operation_id = "getStatus", tag = "Tag::Server")]
    async fn status(&self) -> StatusAnswer {
        StatusAnswer::Ok(Json(Status::new((self.report)(), self.counts())))
    }

    /// Whether the server lives
    ///
    /// Answers as long as the process does. Says nothing of whether programs can run: that is `/readyz`.
    #[oai(path = "/healthz", method = "get", operation_id = "getHealth", tag = "Tag::Server")]
    async fn health(&self) -> HealthAnswer {
        HealthAnswer::Ok(Json(Health { status: FINE.to_owned() }))
    }

    /// Whether programs can run
    ///
    /// Ready means that the engine answers, at least one runtime is ready, and the server has not been asked to stop.
    #[oai(path = "/readyz", method = "get", operation_id = "getReadiness", tag = "Tag::Server")]
    async fn ready(&self) -> ReadyAnswer {
        match self.obstacle() {
            None => ReadyAnswer::Ok(Json(Health { status: FINE.to_owned() })),
            Some(obstacle) => Problem::new(Kind::NotReady, obstacle).retry_after(READY_RETRY).into(),
        }
    }

    /// Which server this is
    ///
    /// Its name, its version, and the commit that it was built from where that is known.
    #[oai(path = "/version", method = "get", operation_id = "getVersion", tag = "Tag::Server")]
    async fn version(&self) -> VersionAnswer {
        VersionAnswer::Ok(Json(Version {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: option_env!("POLYGROUND_COMMIT").map(str::to_owned),
        }))
    }
}

impl StatusApi {
    fn counts(&self) -> RuntimeCounts {
        let mut counts = RuntimeCounts::default();
        for listing in (self.list)() {
            match listing.state {
                State::Ready { .. } => counts.ready += 1,
                State::Preparing { .. } => counts.preparing += 1,
                State::Unavailable { .. } => counts.unavailable += 1,
            }
        }
        counts
    }

    /// Why programs cannot run, when they cannot.
    fn obstacle(&self) -> Option<String> {
        let report = (self.report)();
        if report.stopping {
            return Some("the server is shutting down".to_owned());
        }
        if let Some(problem) = report.engine.problem {
            return Some(format!("the engine does not answer: {problem}"));
        }
        let RuntimeCounts { ready, preparing, unavailable } = self.counts();
        (ready == 0).then(|| {
            format!("no runtime is ready: {preparing} are being prepared, {unavailable} are unavailable")
        })
    }
}

#[derive(ApiResponse)]
enum StatusAnswer {
    /// The server's state.
    #[oai(status = 200)]
    Ok(Json<Status>),
}

#[derive(ApiResponse)]
enum HealthAnswer {
    /// It lives.
    #[oai(status = 200)]
    Ok(Json<Health>),
}

answers! {
    ReadyAnswer {
        /// Programs can run.
        #[oai(status = 200)]
        Ok(Json<Health>),
    }
    /// They cannot; `detail` says why.
    503 NotReady "Retry-After",
    else NotReady
}

#[derive(ApiResponse)]
enum VersionAnswer {
    /// Name and version.
    #[oai(status = 200)]
    Ok(Json<Version>),
}
