//! Why a request does not become a run. Each is the caller's to mend, or says when to come back.

use std::time::Duration;

/// A request that was refused before anything ran.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No runtime has this name.
    #[error("no language is called `{asked}`{}", did_you_mean(.nearest.as_deref()))]
    UnknownLanguage {
        /// As sent.
        asked: String,
        /// The known name nearest to it.
        nearest: Option<String>,
        /// Every language there is.
        known: Vec<String>,
    },
    /// The language has no version in the range.
    #[error("{language} has no version that satisfies `{asked}`; there {} {}", if .known.len() == 1 { "is" } else { "are" }, .known.join(", "))]
    NoVersion {
        /// The language.
        language: String,
        /// As sent.
        asked: String,
        /// Every version there is.
        known: Vec<String>,
    },
    /// A field is wrong.
    #[error("{detail}")]
    Field {
        /// Which, as a path: `files[1].name`.
        field: String,
        /// What is wrong, with what would be right.
        detail: String,
    },
    /// All the files, or the arguments, are together more than a run may have.
    #[error("{detail}")]
    TooLarge {
        /// Which.
        field: String,
        /// What is too large and the most it may be.
        detail: String,
    },
    /// It cannot be done now.
    #[error("{0}")]
    Busy(Busy),
}

/// Why a good request cannot be served now, and when to come back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Busy {
    /// The queue is full.
    #[error("all {running} places are taken and {waiting} requests wait already; try again in {} s", retry_after.as_secs())]
    QueueFull {
        /// Programs running.
        running: usize,
        /// Requests waiting.
        waiting: usize,
        /// An honest guess.
        retry_after: Duration,
    },
    /// As many requests of this caller wait as may; others may still come.
    #[error("{own} requests of yours wait already; try again in {} s", retry_after.as_secs())]
    ShareFull {
        /// Requests of this caller that wait.
        own: usize,
        /// An honest guess.
        retry_after: Duration,
    },
    /// As many interactive programs run as may, of all callers or of this one.
    #[error("{} interactive programs{} run already, as many as may; end one, or try again later", own.unwrap_or(*taken), if own.is_some() { " of yours" } else { "" })]
    NoSeat {
        /// Interactive programs.
        taken: usize,
        /// Those of this caller, where that alone is as many as may.
        own: Option<usize>,
    },
    /// The run waited for a cell as long as it may.
    #[error("no cell became free within {} s", waited.as_secs())]
    QueueTimeout {
        /// How long.
        waited: Duration,
        /// An honest guess.
        retry_after: Duration,
    },
    /// The runtime is being prepared.
    #[error("{runtime} is being prepared: {step}")]
    Preparing {
        /// Its id.
        runtime: String,
        /// What is done now.
        step: String,
        /// An honest guess.
        retry_after: Duration,
    },
    /// The runtime cannot be used.
    #[error("{runtime} is unavailable: {reason}")]
    Unavailable {
        /// Its id.
        runtime: String,
        /// Why, as `GET /runtimes` says too.
        reason: String,
    },
    /// The engine, without which nothing runs, does not answer.
    #[error("programs cannot be run now, because the engine does not answer: {reason}")]
    EngineDown {
        /// What was seen.
        reason: String,
    },
    /// The server is stopping.
    #[error("the server is shutting down")]
    ShuttingDown,
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}
