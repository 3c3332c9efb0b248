//! The server's state as the API tells it.

use poem_openapi::Object;

use crate::api::status::StatusReport;

/// How the server does.
#[derive(Debug, Object)]
#[oai(rename = "Status")]
pub(crate) struct Status {
    /// `ready`, `preparing` (no runtime can be used yet), `unavailable` (none can), `engine_unavailable` or `stopping`.
    state: String,
    /// The same and what goes on, in a sentence for people. Its words may change.
    summary: String,
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
        let (state, summary) = told(&report, runtimes);
        Self {
            state: state.to_owned(),
            summary,
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

/// How the server does, in a word and in a sentence.
fn told(report: &StatusReport, runtimes: RuntimeCounts) -> (&'static str, String) {
    let RuntimeCounts { ready, preparing, unavailable } = runtimes;
    let (state, what) = match &report.engine.problem {
        _ if report.stopping => ("stopping", "stopping, and takes no more requests".to_owned()),
        Some(problem) => ("engine_unavailable", format!("the engine does not answer: {problem}")),
        None if ready == 0 && preparing > 0 => ("preparing", "no language is ready yet".to_owned()),
        None if ready == 0 => ("unavailable", "no language can be used".to_owned()),
        None => ("ready", "ready".to_owned()),
    };
    let mut counts = vec![format!("{ready} of {} runtimes ready", ready + preparing + unavailable)];
    let others = [(preparing, "being prepared"), (unavailable, "not usable")];
    counts.extend(
        others.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")),
    );
    let (running, waiting) = (report.running, report.waiting);
    (state, format!("{what}; {}; {running} running, {waiting} waiting", counts.join(", ")))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::status::{EngineReport, IsolationReport};

    #[test]
    fn the_state_is_a_word_and_a_sentence() {
        let told = |stopping: bool, problem: Option<&str>, runtimes: (u64, u64, u64)| {
            let report = StatusReport {
                engine: EngineReport {
                    kind: "docker".into(),
                    version: "1".into(),
                    address: "unix:///x".into(),
                    problem: problem.map(str::to_owned),
                },
                isolation: IsolationReport {
                    mode: "nested".into(),
                    reason: "it works".into(),
                    landlock_abi: 0,
                },
                stopping,
                uptime: std::time::Duration::ZERO,
                running: 2,
                waiting: 3,
            };
            let (ready, preparing, unavailable) = runtimes;
            told(&report, RuntimeCounts { ready, preparing, unavailable })
        };
        let rest = "2 running, 3 waiting";
        for (seen, state, summary) in [
            (told(false, None, (9, 0, 0)), "ready", format!("ready; 9 of 9 runtimes ready; {rest}")),
            (
                told(false, None, (7, 1, 2)),
                "ready",
                format!("ready; 7 of 10 runtimes ready, 1 being prepared, 2 not usable; {rest}"),
            ),
            (
                told(false, None, (0, 2, 0)),
                "preparing",
                format!("no language is ready yet; 0 of 2 runtimes ready, 2 being prepared; {rest}"),
            ),
            (
                told(false, None, (0, 0, 1)),
                "unavailable",
                format!("no language can be used; 0 of 1 runtimes ready, 1 not usable; {rest}"),
            ),
            (
                told(false, Some("it hangs"), (1, 0, 0)),
                "engine_unavailable",
                format!("the engine does not answer: it hangs; 1 of 1 runtimes ready; {rest}"),
            ),
            (
                told(true, Some("it hangs"), (1, 0, 0)),
                "stopping",
                format!("stopping, and takes no more requests; 1 of 1 runtimes ready; {rest}"),
            ),
        ] {
            assert_eq!(seen, (state, summary));
        }
    }
}
