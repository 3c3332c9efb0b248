//! What the server says in an interactive run. A client that does not read makes the run wait, and so its program.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use poem_openapi::types::ToJSON;
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at},
};
use tokio_tungstenite::tungstenite::Message;

use super::socket::{Farewell, Sink};
use crate::{
    api::{
        problem::Problem,
        runs::{Events, abandoned},
        wire::event::RunEvent,
    },
    run::{Event, Outcome},
};

/// Tells the events of a run as they happen, what was wrong with the client's messages, and asks every now and then whether it
/// is there. Gives the farewell after the last event; `None`: the client has gone.
pub(super) async fn events(
    sink: &mut Sink,
    mut events: Events,
    mut problems: mpsc::Receiver<Problem>,
    ping_every: Duration,
) -> Option<Farewell> {
    let mut pings = interval_at(Instant::now() + ping_every, ping_every);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            event = events.next() => match event {
                Some(Event::Refused(busy)) => return Some(Farewell::refusal(busy.into())),
                Some(Event::Done(report)) => {
                    // A client cancels by leaving: one that is still there was cancelled by a server that ends.
                    let stopping = report.outcome == Outcome::Cancelled;
                    sink.send(as_message(&Event::Done(report).into())).await.ok()?;
                    return Some(if stopping { Farewell::stopping() } else { Farewell::done() });
                }
                Some(event) => as_message(&event.into()),
                None => return Some(Farewell::refusal(abandoned())),
            },
            Some(problem) = problems.recv() => as_message(&problem.into()),
            _ = pings.tick() => Message::Ping(Default::default()),
        };
        sink.send(message).await.ok()?;
    }
}

/// An event as a message.
pub(super) fn as_message(event: &RunEvent) -> Message {
    Message::text(event.to_json().unwrap_or_default().to_string())
}
