//! One WebSocket from its first message to its last: the start, then both directions side by side, then the close.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use tokio::{sync::mpsc, time::timeout};
use tokio_tungstenite::tungstenite::{
    Error, Message, Utf8Bytes,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use super::{
    InteractiveBounds,
    hear::{Ear, Leave},
    tell::{self, as_message},
    upgrade::Socket,
};
use crate::{
    access::Grant,
    api::{
        problem::{Kind, Problem},
        runs::StartRun,
        wire::{event::RunEvent, interactive::Said},
    },
    run::{self, Interactive, Stdin},
};

/// Pieces of input that lie between the client and its run.
const PIECES: usize = 4;

/// Signals and sizes that lie there.
const CONTROLS: usize = 64;

/// Problems that lie between what is heard and what is told.
const PROBLEMS: usize = 4;

/// How long a client may take to take the last message, and to say its goodbye.
const PARTING: Duration = Duration::from_secs(2);

pub(super) type Sink = SplitSink<Socket, Message>;
pub(super) type Source = SplitStream<Socket>;

/// Why a connection is closed.
pub(super) struct Farewell {
    code: CloseCode,
    reason: &'static str,
    problem: Option<Box<Problem>>,
}

impl Farewell {
    pub(super) fn done() -> Self {
        Self { code: CloseCode::Normal, reason: "", problem: None }
    }

    /// The server ends, and has ended the run.
    pub(super) fn stopping() -> Self {
        Self { code: CloseCode::Away, reason: Kind::ShuttingDown.slug(), problem: None }
    }

    pub(super) fn with(code: CloseCode, problem: Problem) -> Self {
        Self { code, reason: problem.kind.slug(), problem: Some(Box::new(problem)) }
    }

    pub(super) fn too_big(most: usize) -> Self {
        let problem = Problem::new(Kind::TooLarge, format!("a message is larger than {most} bytes"));
        Self::with(CloseCode::Size, problem)
    }

    /// A run that cannot begin.
    pub(super) fn refusal(problem: Problem) -> Self {
        let code = match problem.kind.status().as_u16() {
            413 => CloseCode::Size,
            429 | 503 => CloseCode::Again,
            _ => CloseCode::Policy,
        };
        Self::with(code, problem)
    }
}

/// Serves one client until it or its run has ended. Gives the problem that it was closed with, if any.
pub(super) async fn serve(
    socket: Socket,
    start: &StartRun,
    grant: Grant,
    bounds: &InteractiveBounds,
) -> Option<Kind> {
    let (mut sink, mut source) = socket.split();
    let first = timeout(bounds.start_timeout, first(&mut source, bounds)).await.unwrap_or_else(|_| {
        let detail =
            format!("the first message, `start`, did not come within {} s", bounds.start_timeout.as_secs());
        Err(Some(Farewell::refusal(Problem::new(Kind::Timeout, detail))))
    });
    let farewell = match first {
        Ok(started) => converse(&mut sink, &mut source, start, grant, started, bounds).await,
        Err(farewell) => farewell,
    };
    let farewell = farewell?;
    let kind = farewell.problem.as_ref().map(|problem| problem.kind);
    part(&mut sink, &mut source, farewell).await;
    kind
}

type Started = (Box<run::RunRequest>, Option<polyground_protocol::TerminalSize>);

/// The message that says what to run. `Err(None)`: the client has left.
async fn first(source: &mut Source, bounds: &InteractiveBounds) -> Result<Started, Option<Farewell>> {
    loop {
        let text = match source.next().await {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
            Some(Ok(Message::Binary(_))) => return Err(Some(Farewell::refusal(not_text()))),
            Some(Err(Error::Capacity(_))) => return Err(Some(Farewell::too_big(bounds.first_bytes))),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(None),
        };
        return match Said::read(&text) {
            Ok(Said::Start(request, terminal)) => Ok((request, terminal)),
            Ok(Said::Input(_) | Said::InputEnd | Said::Control(_)) => {
                let problem = Problem::new(Kind::InvalidField, "the first message must be of type `start`");
                Err(Some(Farewell::refusal(problem.field("type").known(["start"]))))
            }
            Err(problem) => Err(Some(Farewell::refusal(problem))),
        };
    }
}

pub(super) fn not_text() -> Problem {
    Problem::new(Kind::BadRequest, "messages are JSON, as text and not as bytes")
}

/// Starts the run and carries messages both ways until it has ended. `None`: the client has left, and so the run is cancelled.
async fn converse(
    sink: &mut Sink,
    source: &mut Source,
    start: &StartRun,
    grant: Grant,
    (mut request, terminal): Started,
    bounds: &InteractiveBounds,
) -> Option<Farewell> {
    let (input, pieces) = mpsc::channel(PIECES);
    let (controls, said) = mpsc::channel(CONTROLS);
    let (problems, to_tell) = mpsc::channel(PROBLEMS);
    let before = match std::mem::replace(&mut request.stdin, Stdin::Live(pieces)) {
        Stdin::Whole(whole) => whole,
        Stdin::Live(_) => Bytes::new(),
    };
    request.interactive = Some(Interactive { terminal, controls: said });
    let events = match start(grant, *request) {
        Ok(events) => events,
        Err(rejection) => return Some(Farewell::refusal(rejection.into())),
    };
    let ear = Ear::new(input, controls, problems, &before, bounds);
    tokio::select! {
        ended = tell::events(sink, events, to_tell, bounds.ping_every) => ended,
        left = ear.hear(source) => match left {
            Leave::Gone => None,
            Leave::Told(farewell) => Some(farewell),
        },
    }
}

/// Says goodbye, and waits a little for the client to do so too: what was said last must not be lost with the connection.
async fn part(sink: &mut Sink, source: &mut Source, farewell: Farewell) {
    let parting = async {
        let reason = Utf8Bytes::from_static(farewell.reason);
        if let Some(problem) = farewell.problem {
            sink.send(as_message(&RunEvent::from(*problem))).await.ok()?;
        }
        sink.send(Message::Close(Some(CloseFrame { code: farewell.code, reason }))).await.ok()?;
        while let Some(Ok(_)) = source.next().await {}
        Some(())
    };
    let _ = timeout(PARTING, parting).await;
}
