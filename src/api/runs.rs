//! `POST /api/v1/runs`: a program in, and what became of it out, at once or as it happens.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use poem::{Body, IntoResponse, Response, http::HeaderMap};
use poem_openapi::{
    OpenApi, ResponseContent,
    payload::{Json, Payload},
    registry::{MetaSchemaRef, Registry},
    types::Type,
};
use tokio::time::timeout;

use super::{
    Tag, accept,
    allowed::{Allowed, RunProgram},
    answers::answers,
    body::JsonBody,
    problem::{Kind, Problem},
    wire::{event::RunEvent, request::RunRequest, run::Run},
};
use crate::{
    access::Grant,
    metrics::{Connection, Metrics, Open},
    run::{self, Event, Rejection},
};

const JSON: &str = "application/json";
const EVENT_STREAM: &str = "text/event-stream";

/// The events of a run. Dropping them cancels the run.
pub(crate) type Events = BoxStream<'static, Event>;

/// Starts runs.
pub(crate) type StartRun = Arc<dyn Fn(Grant, run::RunRequest) -> Result<Events, Rejection> + Send + Sync>;

/// The operations on runs.
pub(crate) struct RunsApi {
    pub(crate) start: StartRun,
    /// How long an event stream may be silent before a comment shows that it lives.
    pub(crate) keep_alive: Duration,
    pub(crate) metrics: Arc<Metrics>,
}

#[OpenApi]
impl RunsApi {
    /// Run a program
    ///
    /// Runs the files in a fresh sandbox and answers what became of them. A program that fails is an answer, not an
    /// error: look at `outcome`.
    ///
    /// With `Accept: text/event-stream` the answer comes as server-sent events while it happens: each event's name
    /// is its `type`, its data is JSON on one line. The last is `done`, whose data is the whole run, or `problem`.
    /// What is wrong with the request is answered as a problem before any event.
    ///
    /// Hanging up cancels the run.
    #[oai(path = "/api/v1/runs", method = "post", operation_id = "createRun", tag = "Tag::Runs")]
    async fn create(
        &self,
        allowed: Allowed<RunProgram>,
        headers: &HeaderMap,
        body: JsonBody<RunRequest>,
    ) -> CreateRun {
        match self.answer(headers, allowed.grant, body.0).await {
            Ok(answer) => CreateRun::Ok(answer),
            Err(problem) => problem.into(),
        }
    }

    /// Run a program and watch it
    ///
    /// The same as running it with `Accept: text/event-stream`, for generated clients: they choose by the operation
    /// what they make of an answer.
    #[oai(path = "/api/v1/runs/stream", method = "post", operation_id = "streamRun", tag = "Tag::Runs")]
    async fn stream(
        &self,
        allowed: Allowed<RunProgram>,
        headers: &HeaderMap,
        body: JsonBody<RunRequest>,
    ) -> StreamRun {
        match self.watched(headers, allowed.grant, body.0) {
            Ok(events) => StreamRun::Ok(events),
            Err(problem) => problem.into(),
        }
    }
}

impl RunsApi {
    async fn answer(
        &self,
        headers: &HeaderMap,
        grant: Grant,
        request: RunRequest,
    ) -> Result<RunAnswer, Problem> {
        let form = form(headers, &[JSON, EVENT_STREAM])?;
        let events = (self.start)(grant, request.try_into()?)?;
        if form == EVENT_STREAM {
            return Ok(RunAnswer::Events(self.event_stream(events)));
        }
        report(events).await.map(|run| RunAnswer::Run(Json(run)))
    }

    fn watched(
        &self,
        headers: &HeaderMap,
        grant: Grant,
        request: RunRequest,
    ) -> Result<EventStream, Problem> {
        form(headers, &[EVENT_STREAM])?;
        let events = (self.start)(grant, request.try_into()?)?;
        Ok(self.event_stream(events))
    }

    fn event_stream(&self, events: Events) -> EventStream {
        let open = self.metrics.connection_opened(Connection::EventStream);
        EventStream { events, keep_alive: self.keep_alive, metrics: self.metrics.clone(), _open: open }
    }
}

/// The form that the caller likes best of those that the answer has.
fn form(headers: &HeaderMap, forms: &[&'static str]) -> Result<&'static str, Problem> {
    accept::preferred(headers, forms).ok_or_else(|| {
        let named: Vec<String> = forms.iter().map(|form| format!("`{form}`")).collect();
        let detail = format!("`Accept` must have room for {}", named.join(" or "));
        Problem::new(Kind::NotAcceptable, detail).known(forms.iter().copied())
    })
}

/// Waits for the end of a run.
pub(super) async fn report(mut events: Events) -> Result<Run, Problem> {
    while let Some(event) = events.next().await {
        match event {
            Event::Done(report) => return Ok((*report).into()),
            Event::Refused(busy) => return Err(busy.into()),
            Event::Queued { .. }
            | Event::Started { .. }
            | Event::StageBegun { .. }
            | Event::Warning { .. }
            | Event::Output(_)
            | Event::Artifact(_)
            | Event::StageEnded(_) => {}
        }
    }
    Err(abandoned())
}

/// A run always ends with an event that says so; one that does not was lost inside the server.
pub(super) fn abandoned() -> Problem {
    tracing::error!("a run's events ended without its end");
    Problem::new(Kind::Internal, "the run was lost")
}

/// What the run is answered with.
#[derive(ResponseContent)]
enum RunAnswer {
    /// The whole run at its end.
    Run(Json<Run>),
    /// What happens, while it happens.
    Events(EventStream),
}

/// Answers of operations that run a program.
macro_rules! run_answers {
    ($(#[$doc:meta])* $name:ident($ok:ty)) => {
        answers! {
            $name {
                $(#[$doc])*
                #[oai(status = 200)]
                Ok($ok),
            }
            /// The body is not JSON, or cannot be read.
            400 BadRequest,
            /// `Accept` rules out every form of the answer.
            406 NotAcceptable,
            /// The body did not arrive in time.
            408 Timeout,
            /// The body, the files or the arguments are too large.
            413 TooLarge,
            /// The body is not `application/json`, or is compressed.
            415 UnsupportedMediaType,
            /// A field is wrong: `field` says which, `known` what it may be.
            422 Unprocessable,
            /// As many programs run and wait as may, of all callers or of this one.
            429 TooMany "Retry-After",
            /// The server's fault. Its log has more under the request id.
            500 Internal,
            /// The runtime or the server cannot serve it now.
            503 Unavailable "Retry-After",
            else Internal
        }
    };
}

run_answers!(
    /// The run is over (`application/json`), or has begun (`text/event-stream`).
    CreateRun(RunAnswer)
);
run_answers!(
    /// The run has begun.
    StreamRun(EventStream)
);

/// A run's events as `text/event-stream`.
struct EventStream {
    events: Events,
    keep_alive: Duration,
    metrics: Arc<Metrics>,
    /// Counts it as long as it is open.
    _open: Open,
}

impl EventStream {
    /// Each item is written to the client at once.
    fn into_frames(self) -> impl stream::Stream<Item = Result<Bytes, io::Error>> {
        stream::unfold(Some(self), |state| async {
            let mut state = state?;
            let event = match timeout(state.keep_alive, state.events.next()).await {
                Err(_) => return Some((Ok(Bytes::from_static(b": keep-alive\n\n")), Some(state))),
                Ok(Some(event)) => event,
                Ok(None) => return Some((Ok(RunEvent::from(abandoned()).to_frame().into()), None)),
            };
            if let Event::Refused(busy) = &event {
                let kind = Problem::from(busy.clone()).kind;
                state.metrics.rejected(kind.slug(), kind.status().as_u16());
            }
            let last = matches!(event, Event::Done(_) | Event::Refused(_));
            Some((Ok(RunEvent::from(event).to_frame().into()), (!last).then_some(state)))
        })
    }
}

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type(EVENT_STREAM)
            // nginx gathers answers before it sends them on, unless it is told not to.
            .header("x-accel-buffering", "no")
            .body(Body::from_bytes_stream(self.into_frames()))
    }
}

impl Payload for EventStream {
    const CONTENT_TYPE: &'static str = EVENT_STREAM;

    /// One event: OpenAPI 3.0 has no word for a stream of them.
    fn schema_ref() -> MetaSchemaRef {
        RunEvent::schema_ref()
    }

    fn register(registry: &mut Registry) {
        RunEvent::register(registry);
    }
}
