//! From what runs and the store refuse to problems: the one place where it gets its HTTP status.

use std::time::Duration;

use super::problem::{Kind, Problem};
use crate::{
    run::{Busy, Rejection},
    store::StoreError,
};

/// When to look again at a runtime that is broken: somebody has to mend it.
const UNAVAILABLE_RETRY: Duration = Duration::from_secs(60);
/// When somebody may have left a program that was talked to.
const SEAT_RETRY: Duration = Duration::from_secs(30);
/// When an engine that does not answer may do so again.
const ENGINE_RETRY: Duration = Duration::from_secs(5);
/// When the server that takes over may be there.
const SHUTDOWN_RETRY: Duration = Duration::from_secs(5);

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let detail = rejection.to_string();
        match rejection {
            Rejection::UnknownLanguage { known, .. } => {
                Problem::new(Kind::UnknownLanguage, detail).field("language").known(known)
            }
            Rejection::NoVersion { known, .. } => {
                Problem::new(Kind::NoSuchVersion, detail).field("version").known(known)
            }
            Rejection::Field { field, .. } => Problem::new(Kind::InvalidField, detail).field(field),
            Rejection::TooLarge { field, .. } => Problem::new(Kind::TooLarge, detail).field(field),
            Rejection::Busy(busy) => busy.into(),
        }
    }
}

impl From<Busy> for Problem {
    fn from(busy: Busy) -> Self {
        let (kind, after) = match &busy {
            Busy::QueueFull { retry_after, .. } | Busy::ShareFull { retry_after, .. } => {
                (Kind::QueueFull, *retry_after)
            }
            Busy::NoSeat { .. } => (Kind::InteractiveFull, SEAT_RETRY),
            Busy::QueueTimeout { retry_after, .. } => (Kind::QueueTimeout, *retry_after),
            Busy::Preparing { retry_after, .. } => (Kind::Preparing, *retry_after),
            Busy::Unavailable { .. } => (Kind::Unavailable, UNAVAILABLE_RETRY),
            Busy::EngineDown { .. } => (Kind::EngineUnavailable, ENGINE_RETRY),
            Busy::ShuttingDown => (Kind::ShuttingDown, SHUTDOWN_RETRY),
        };
        Problem::new(kind, busy.to_string()).retry_after(after)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let detail = error.to_string();
        match error {
            StoreError::KeyReused => Problem::new(Kind::KeyReused, detail),
            StoreError::WrongToken => Problem::new(Kind::Forbidden, detail),
            StoreError::NotFound => Problem::new(Kind::NotFound, detail),
            StoreError::Full => {
                tracing::error!("the database's disk is full");
                Problem::new(Kind::StorageFull, "nothing more can be saved: the server's disk is full")
            }
            StoreError::Unavailable(reason) => {
                tracing::error!(reason, "the database cannot be used");
                let detail = "the server's database cannot be used now; its log says why";
                Problem::new(Kind::StoreUnavailable, detail).retry_after(Duration::from_secs(5))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rejection_has_its_status_and_says_what_would_be_right() {
        let second = Duration::from_secs(1);
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let table = [
            (
                Rejection::UnknownLanguage {
                    asked: "pyton".into(),
                    nearest: Some("python".into()),
                    known: words(&["go", "python"]),
                },
                (422, "language", 2, None),
            ),
            (
                Rejection::NoVersion {
                    language: "python".into(),
                    asked: "^2".into(),
                    known: words(&["3.13.5"]),
                },
                (422, "version", 1, None),
            ),
            (Rejection::Field { field: "env.A".into(), detail: "x".into() }, (422, "env.A", 0, None)),
            (Rejection::TooLarge { field: "files".into(), detail: "x".into() }, (413, "files", 0, None)),
            (
                Rejection::Busy(Busy::QueueFull { running: 2, waiting: 9, retry_after: second * 3 }),
                (429, "", 0, Some(second * 3)),
            ),
            (
                Rejection::Busy(Busy::ShareFull { own: 9, retry_after: second * 3 }),
                (429, "", 0, Some(second * 3)),
            ),
            (Rejection::Busy(Busy::NoSeat { taken: 8, own: None }), (429, "", 0, Some(SEAT_RETRY))),
            (
                Rejection::Busy(Busy::QueueTimeout { waited: second, retry_after: second }),
                (503, "", 0, Some(second)),
            ),
            (
                Rejection::Busy(Busy::Preparing {
                    runtime: "go-1.24".into(),
                    step: "x".into(),
                    retry_after: second,
                }),
                (503, "", 0, Some(second)),
            ),
            (
                Rejection::Busy(Busy::Unavailable { runtime: "go-1.24".into(), reason: "x".into() }),
                (503, "", 0, Some(UNAVAILABLE_RETRY)),
            ),
            (Rejection::Busy(Busy::EngineDown { reason: "x".into() }), (503, "", 0, Some(ENGINE_RETRY))),
            (Rejection::Busy(Busy::ShuttingDown), (503, "", 0, Some(SHUTDOWN_RETRY))),
        ];
        for (rejection, (status, field, known, retry_after)) in table {
            let problem = Problem::from(rejection.clone());
            assert_eq!(problem.kind.status().as_u16(), status, "{rejection}");
            assert_eq!(problem.field.as_deref().unwrap_or_default(), field, "{rejection}");
            assert_eq!(problem.known.as_ref().map_or(0, Vec::len), known, "{rejection}");
            assert_eq!(problem.retry_after, retry_after, "{rejection}");
            assert_eq!(problem.detail, rejection.to_string());
        }
    }
}
