//! Takes requests to events.

use tokio::sync::mpsc;

use super::{Event, Rejection, RunRequest};

/// Runs programs.
#[derive(Debug, Default)]
pub struct Runner {}

/// A run under way. Dropping it cancels the run: its program is dead within a second.
#[derive(Debug)]
pub struct Running {
    /// What happens, ending with [`Event::Done`].
    pub events: mpsc::Receiver<Event>,
}

impl Runner {
    /// Checks the request and starts it; the run goes on in a task of its own.
    ///
    /// # Errors
    /// When it cannot be run as asked, or not now. Nothing has been started then.
    pub async fn start(&self, _request: RunRequest) -> Result<Running, Rejection> {
        Err(Rejection::Busy(super::Busy::ShuttingDown))
    }
}
