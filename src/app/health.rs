//! Whether the engine answers, asked for again and again; and what is done when it does again.

use std::{sync::Arc, time::Duration};

use tokio::time::{sleep, timeout};

use super::App;

/// How often the engine is asked.
const PING_EVERY: Duration = Duration::from_secs(2);

/// How long it may take. It has nothing to do for this, so that a longer silence is that of an engine that hangs.
const PING_PATIENCE: Duration = Duration::from_secs(5);

impl App {
    /// Watches the engine for ever. While it does not answer, no run is begun; when it does again, cells are made at once, and
    /// what failed or was left behind meanwhile is seen to.
    pub async fn watch_engine(self: Arc<Self>) {
        loop {
            let problem = match timeout(PING_PATIENCE, self.engine.ping()).await {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(_) => {
                    let address = &self.engine.info().address;
                    Some(format!("no answer from {address} within {} s", PING_PATIENCE.as_secs()))
                }
            };
            let before = self.runner.engine_problem();
            if before != problem {
                match &problem {
                    Some(problem) => tracing::error!(%problem, "the engine does not answer"),
                    None => tracing::info!("the engine answers again"),
                }
                self.runner.set_engine_problem(problem.clone());
                if problem.is_none() {
                    self.pool.wake();
                    self.preparer.retry_failed();
                    self.sweep();
                }
            }
            sleep(PING_EVERY).await;
        }
    }
}
