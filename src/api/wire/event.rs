//! What happens in a run, as its caller sees it happen: over server-sent events now, over a WebSocket alike.

use poem_openapi::{Enum, Object, Union, types::ToJSON};
use polyground_protocol::Stream;
use uuid::Uuid;

use super::{
    Nullable,
    request::Encoding,
    run::{Artifact, Run, RuntimeRef, piece},
};
use crate::{
    api::problem::{Problem, ProblemBody},
    run,
};

/// Something that happened in a run. `type` is also the name of the server-sent event.
#[derive(Debug, Union)]
#[oai(rename = "RunEvent", discriminator_name = "type", one_of)]
pub(crate) enum RunEvent {
    /// It waits.
    #[oai(mapping = "queued")]
    Queued(Queued),
    /// It has a place.
    #[oai(mapping = "started")]
    Started(Started),
    /// A stage began.
    #[oai(mapping = "stage")]
    Stage(StageBegun),
    /// The program wrote to its standard output.
    #[oai(mapping = "stdout")]
    Stdout(Output),
    /// The program wrote to its standard error.
    #[oai(mapping = "stderr")]
    Stderr(ErrorOutput),
    /// A limit of an interactive program strikes soon.
    #[oai(mapping = "warning")]
    Warning(Warning),
    /// A stage ended.
    #[oai(mapping = "stage_end")]
    StageEnd(StageEnd),
    /// The program left a file that its runtime lets out.
    #[oai(mapping = "artifact")]
    Artifact(Artifact),
    /// The run is over; nothing follows.
    #[oai(mapping = "done")]
    Done(Run),
    /// The run could not be served after all: nothing follows. In an interactive run also: a message could not be understood.
    #[oai(mapping = "problem")]
    Refused(Refused),
}

/// The run waits for a place. Comes again whenever the position changes; far back in a long queue only now and then.
#[derive(Debug, Object)]
#[oai(rename = "Queued")]
pub(crate) struct Queued {
    /// 1: next.
    position: u64,
}

/// The run has a place and begins.
#[derive(Debug, Object)]
#[oai(rename = "Started")]
pub(crate) struct Started {
    /// The run's id.
    id: Uuid,
    /// What runs it.
    runtime: RuntimeRef,
}

/// A stage began.
#[derive(Debug, Object)]
#[oai(rename = "StageBegun")]
pub(crate) struct StageBegun {
    /// `compile`, `run` or `format`.
    name: String,
}

/// The program wrote to its standard output. No character is ever cut in two.
#[derive(Debug, Object)]
#[oai(rename = "Stdout", skip_serializing_if_is_none)]
pub(crate) struct Output {
    /// What it wrote.
    text: String,
    /// Milliseconds since the stage began.
    at_ms: u64,
    /// There when `text` is in base64, because it is not valid UTF-8.
    encoding: Option<Encoding>,
}

/// The program wrote to its standard error. No character is ever cut in two.
#[derive(Debug, Object)]
#[oai(rename = "Stderr", skip_serializing_if_is_none)]
pub(crate) struct ErrorOutput {
    /// What it wrote.
    text: String,
    /// Milliseconds since the stage began.
    at_ms: u64,
    /// There when `text` is in base64, because it is not valid UTF-8.
    encoding: Option<Encoding>,
}

/// A limit of an interactive program strikes soon.
#[derive(Debug, Object)]
#[oai(rename = "Warning")]
pub(crate) struct Warning {
    /// Which.
    reason: Reason,
    /// Milliseconds until then.
    remaining_ms: u64,
}

/// A limit of interactive programs.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename = "WarningReason", rename_all = "lowercase")]
pub(crate) enum Reason {
    /// It may not be without input and output for so long. Either takes the warning back.
    Idle,
    /// It may not run for so long.
    Time,
}

/// A stage ended.
#[derive(Debug, Object)]
#[oai(rename = "StageEnd")]
pub(crate) struct StageEnd {
    /// `compile`, `run` or `format`.
    name: String,
    /// What the main process exited with; `null` when a signal ended it.
    exit_code: Nullable<i32>,
    /// The number of the signal that ended the main process; `null` when it exited.
    signal: Nullable<i32>,
    /// Whether output was cut off because it was too much.
    truncated: bool,
    /// Milliseconds from start to end.
    wall_ms: f64,
    /// Milliseconds of CPU time, all processes together.
    cpu_ms: f64,
    /// The most memory that it had at a time.
    peak_memory_bytes: u64,
}

/// The run waited, and could not be served after all: nothing ran. In an interactive run also: a message could not be
/// understood, and the run goes on.
#[derive(Debug, Object)]
#[oai(rename = "Refused", skip_serializing_if_is_none)]
pub(crate) struct Refused {
    /// What the same request would be answered with, had it been refused at once.
    problem: ProblemBody,
    /// Seconds after which to try again.
    retry_after: Option<u64>,
    /// As in `problem`.
    title: String,
    /// As in `problem`.
    status: u16,
    /// As in `problem`.
    detail: String,
    /// As in `problem`.
    field: Option<String>,
    /// As in `problem`.
    known: Option<Vec<String>>,
}

impl From<Problem> for RunEvent {
    fn from(problem: Problem) -> Self {
        let retry_after = problem.retry_after_seconds();
        let body = problem.body();
        let (title, detail, status) = (body.title.clone(), body.detail.clone(), body.status);
        let (field, known) = (body.field.clone(), body.known.clone());
        RunEvent::Refused(Refused { problem: body, retry_after, title, status, detail, field, known })
    }
}

impl From<run::Event> for RunEvent {
    fn from(event: run::Event) -> Self {
        match event {
            run::Event::Queued { position } => RunEvent::Queued(Queued { position: position as u64 }),
            run::Event::Started { id, runtime } => RunEvent::Started(Started { id, runtime: runtime.into() }),
            run::Event::StageBegun { name } => RunEvent::Stage(StageBegun { name: name.to_owned() }),
            run::Event::Output(output) => {
                let ((text, encoding), at_ms) = (piece(&output.data), output.at_ms);
                match output.stream {
                    Stream::Stdout => RunEvent::Stdout(Output { text, at_ms, encoding }),
                    Stream::Stderr => RunEvent::Stderr(ErrorOutput { text, at_ms, encoding }),
                }
            }
            run::Event::Warning { strike, remaining } => RunEvent::Warning(Warning {
                reason: match strike {
                    run::Strike::Idle => Reason::Idle,
                    run::Strike::Time => Reason::Time,
                },
                remaining_ms: u64::try_from(remaining.as_millis()).unwrap_or(u64::MAX),
            }),
            run::Event::StageEnded(report) => RunEvent::StageEnd(StageEnd {
                name: report.name.to_owned(),
                exit_code: Nullable(report.exit_code),
                signal: Nullable(report.signal),
                truncated: report.truncated,
                wall_ms: report.wall_ms,
                cpu_ms: report.cpu_ms,
                peak_memory_bytes: report.peak_memory_bytes,
            }),
            run::Event::Artifact(artifact) => RunEvent::Artifact(artifact.into()),
            run::Event::Done(report) => RunEvent::Done((*report).into()),
            run::Event::Refused(busy) => Problem::from(busy).into(),
        }
    }
}

impl RunEvent {
    /// The event as a frame of `text/event-stream`: its name, and its JSON on one line.
    pub(crate) fn to_frame(&self) -> String {
        let data = self.to_json().unwrap_or_default();
        let name = data["type"].as_str().unwrap_or("message");
        format!("event: {name}\ndata: {data}\n\n")
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn events_are_framed_on_one_line() {
        let output = |stream, data| run::Event::Output(run::Output { stream, at_ms: 7, data });
        for (event, expected) in [
            (
                run::Event::Queued { position: 2 },
                "event: queued\ndata: {\"position\":2,\"type\":\"queued\"}\n\n",
            ),
            (
                run::Event::StageBegun { name: "run" },
                "event: stage\ndata: {\"name\":\"run\",\"type\":\"stage\"}\n\n",
            ),
            (
                output(Stream::Stdout, Bytes::from_static(b"a\r\nb\n\ndata: x\xe2\x80\xa8")),
                "event: stdout\ndata: {\"text\":\"a\\r\\nb\\n\\ndata: x\u{2028}\",\"at_ms\":7,\"type\":\"stdout\"}\n\n",
            ),
            (
                output(Stream::Stderr, Bytes::from_static(b"\xff")),
                "event: stderr\ndata: {\"text\":\"/w==\",\"at_ms\":7,\"encoding\":\"base64\",\"type\":\"stderr\"}\n\n",
            ),
        ] {
            assert_eq!(RunEvent::from(event).to_frame(), expected);
        }
    }
}
