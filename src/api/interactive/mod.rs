//! `GET /api/v1/runs/ws`: a program that its caller talks to while it runs, over a WebSocket.

mod hear;
mod socket;
mod tell;
mod upgrade;

use std::{sync::Arc, time::Duration};

use poem::Request;
use poem_openapi::OpenApi;
use tokio::sync::Semaphore;

use super::{
    Tag,
    allowed::{Allowed, RunProgram},
    answers::answers,
    cors::CorsOrigins,
    problem::{Kind, Problem},
    runs::StartRun,
};
use crate::{
    access::{Counts, Grant},
    metrics::{Connection, Metrics},
};
use upgrade::Upgrade;

/// Bounds of the WebSockets of interactive runs, apart from the runs' own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InteractiveBounds {
    /// Open at a time; most of them are about to begin or to end.
    pub sockets: usize,
    /// Of them, those of one caller.
    pub sockets_of_one: usize,
    /// How long a client may take to say what it wants to run.
    pub start_timeout: Duration,
    /// How often a client is asked whether it is still there.
    pub ping_every: Duration,
    /// How long a client may say nothing, not even that it is there.
    pub silence: Duration,
    /// Bytes of the first message.
    pub first_bytes: usize,
    /// Bytes of each later one.
    pub message_bytes: usize,
    /// Bytes of input that may wait for the run; then nothing more is read from the client.
    pub pending_bytes: usize,
    /// Messages that are read in one second; more wait.
    pub messages_per_second: u32,
    /// Messages that could not be understood before the client is given up.
    pub mistakes: u32,
}

impl Default for InteractiveBounds {
    fn default() -> Self {
        Self {
            sockets: 64,
            sockets_of_one: 32,
            start_timeout: Duration::from_secs(10),
            ping_every: Duration::from_secs(20),
            silence: Duration::from_secs(50),
            first_bytes: 4 << 20,
            message_bytes: 256 << 10,
            pending_bytes: 256 << 10,
            messages_per_second: 500,
            mistakes: 100,
        }
    }
}

/// The operation on interactive runs.
pub(crate) struct InteractiveApi {
    start: StartRun,
    cors: CorsOrigins,
    bounds: InteractiveBounds,
    sockets: Arc<Semaphore>,
    callers: Arc<Counts>,
    metrics: Arc<Metrics>,
}

impl InteractiveApi {
    pub(crate) fn new(
        start: StartRun,
        cors: CorsOrigins,
        bounds: InteractiveBounds,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            start,
            cors,
            bounds,
            sockets: Arc::new(Semaphore::new(bounds.sockets)),
            callers: Counts::new(bounds.sockets_of_one),
            metrics,
        }
    }

    fn upgrade(&self, request: &Request, grant: Grant) -> Result<Upgrade, Problem> {
        upgrade::check_origin(request.headers(), request.uri(), &self.cors)?;
        let asked = upgrade::asked(request)?;
        let full = |most: usize, whose: &str| {
            let detail =
                format!("{most} connections to interactive programs{whose} are open, as many as may");
            Problem::new(Kind::InteractiveFull, detail).retry_after(self.bounds.start_timeout)
        };
        let own = self.callers.take(grant.caller.clone());
        let own = own.ok_or_else(|| full(self.bounds.sockets_of_one, " of this caller"))?;
        let place = Arc::clone(&self.sockets).try_acquire_owned();
        let place = place.map_err(|_| full(self.bounds.sockets, ""))?;
        let (start, bounds, metrics) = (Arc::clone(&self.start), self.bounds, Arc::clone(&self.metrics));
        Ok(asked.answer(bounds.first_bytes, move |socket| async move {
            let open = metrics.connection_opened(Connection::WebSocket);
            if let Some(kind) = socket::serve(socket, &start, grant, &bounds).await {
                metrics.rejected(kind.slug(), kind.status().as_u16());
            }
            drop(open);
            drop((place, own));
        }))
    }
}

#[OpenApi]
impl InteractiveApi {
    /// Run a program and talk to it
    ///
    /// A WebSocket of JSON text messages. The client's first is `start` (within 10 s): the fields of a `RunRequest`, and
    /// `terminal` when the program shall have a pseudo-terminal as its three streams and as its controlling terminal; else it
    /// has three pipes. Then `stdin`, `stdin_end`, `signal` and `resize` as it likes: schema `ClientMessage`.
    ///
    /// The server says what `POST /api/v1/runs` says as events, as one message each: schema `RunEvent`. A terminal's output
    /// is all `stdout`. `warning` is told 10 s (or half of a shorter limit) before the program has run, or was without input
    /// and output, for as long as it may; then it ends as `timed_out`. `problem` says which message could not be understood;
    /// the run goes on.
    ///
    /// The runtime's ceilings hold but for wall time, in whose place the server's limits for interactive programs stand; on a
    /// terminal, four times its output may be written. Closing the connection cancels the run.
    ///
    /// The server closes with 1000 after `done`, with 1008 when the first message is wrong, 1009 when a message is too large,
    /// 1013 when the run cannot be served now; a `problem` comes before. Pages of other origins are refused.
    #[oai(path = "/api/v1/runs/ws", method = "get", operation_id = "interactWithRun", tag = "Tag::Runs")]
    async fn interact(&self, allowed: Allowed<RunProgram>, request: &Request) -> Interact {
        match self.upgrade(request, allowed.grant) {
            Ok(upgrade) => Interact::Switching(upgrade),
            Err(problem) => problem.into(),
        }
    }
}

answers! {
    Interact {
        /// The connection is a WebSocket from here on: the client says `ClientMessage`s, the server `RunEvent`s.
        #[oai(status = 101)]
        Switching(Upgrade),
    }
    /// The request comes from a page of another origin.
    403 Forbidden,
    /// The request does not ask for a WebSocket.
    426 UpgradeRequired,
    /// As many such connections are open as may.
    429 TooMany "Retry-After",
    else UpgradeRequired
}
