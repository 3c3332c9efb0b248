//! What a client says in an interactive run. It is read no faster than its run takes it.

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use polyground_protocol::CHUNK_BYTES;
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    time::{Duration, Instant, sleep_until, timeout},
};
use tokio_tungstenite::tungstenite::{Error, Message, protocol::frame::coding::CloseCode};

use super::{
    InteractiveBounds,
    socket::{Farewell, Source, not_text},
};
use crate::{
    api::{
        problem::{Kind, Problem},
        wire::interactive::Said,
    },
    run::Control,
};

/// How a client leaves.
pub(super) enum Leave {
    /// By itself.
    Gone,
    /// Because it is told to.
    Told(Farewell),
}

/// Takes what one client says to its run.
pub(super) struct Ear<'a> {
    /// To the program; `None` after the end.
    input: Option<mpsc::Sender<Bytes>>,
    controls: mpsc::Sender<Control>,
    problems: mpsc::Sender<Problem>,
    bounds: &'a InteractiveBounds,
    /// Input that the run has no room for yet.
    pending: BytesMut,
    /// Whether the end comes after that.
    ends: bool,
    mistakes: u32,
    rate: Rate,
}

impl<'a> Ear<'a> {
    /// `before` is what the program reads first.
    pub(super) fn new(
        input: mpsc::Sender<Bytes>,
        controls: mpsc::Sender<Control>,
        problems: mpsc::Sender<Problem>,
        before: &[u8],
        bounds: &'a InteractiveBounds,
    ) -> Self {
        Self {
            input: Some(input),
            controls,
            problems,
            bounds,
            pending: BytesMut::from(before),
            ends: false,
            mistakes: 0,
            rate: Rate::new(bounds.messages_per_second),
        }
    }

    /// Hears the client until it leaves.
    pub(super) async fn hear(mut self, source: &mut Source) -> Leave {
        loop {
            let has_room = self.pending.len() < self.bounds.pending_bytes;
            let has_input = !self.pending.is_empty();
            let heard = tokio::select! {
                taken = has_taker(&self.input), if has_input => Heard::Taker(taken),
                message = next(source, &self.rate, self.bounds.silence), if has_room => Heard::Message(message),
            };
            match heard {
                Heard::Taker(taken) => self.pass_on(taken),
                Heard::Message(message) => {
                    self.rate.count();
                    if let Err(leave) = self.take(message).await {
                        return leave;
                    }
                }
            }
        }
    }

    /// Gives the run what it has room for. Where nobody takes it, the program has ended, and nobody will read it.
    fn pass_on(&mut self, taken: bool) {
        if !taken {
            self.pending.clear();
        } else if let Some(input) = &self.input {
            let piece = self.pending.split_to(self.pending.len().min(CHUNK_BYTES));
            // There is room, and nobody else sends.
            let _ = input.try_send(piece.freeze());
        }
        self.end_when_empty();
    }

    async fn take(&mut self, message: Option<Result<Message, Error>>) -> Result<(), Leave> {
        let heard = match message {
            Some(Ok(Message::Text(text))) if text.len() > self.bounds.message_bytes => {
                let most = self.bounds.message_bytes;
                Err(Problem::new(Kind::TooLarge, format!("a message is larger than {most} bytes")))
            }
            Some(Ok(Message::Text(text))) => Said::read(&text),
            Some(Ok(Message::Binary(_))) => Err(not_text()),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => return Ok(()),
            Some(Err(Error::Capacity(_))) => {
                return Err(Leave::Told(Farewell::too_big(self.bounds.first_bytes)));
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Leave::Gone),
        };
        match heard.and_then(|said| self.obey(said)) {
            Ok(()) => Ok(()),
            Err(problem) => self.complain(problem).await,
        }
    }

    fn obey(&mut self, said: Said) -> Result<(), Problem> {
        let wrong = |detail: &str| Err(Problem::new(Kind::InvalidField, detail).field("type"));
        match said {
            Said::Start(..) => wrong("the run has begun already; open another connection for another run"),
            Said::Input(_) if self.ends => wrong("there is no input after `stdin_end`"),
            Said::Input(bytes) => {
                // After the program's end there is nobody to tell that it came too late.
                if self.input.is_some() {
                    self.pending.extend_from_slice(&bytes);
                }
                Ok(())
            }
            Said::InputEnd => {
                self.ends = true;
                self.end_when_empty();
                Ok(())
            }
            Said::Control(control) => match self.controls.try_send(control) {
                Ok(()) | Err(TrySendError::Closed(_)) => Ok(()),
                Err(TrySendError::Full(_)) => {
                    let detail = "too many signals and sizes wait for the program to begin";
                    Err(Problem::new(Kind::Overloaded, detail))
                }
            },
        }
    }

    fn end_when_empty(&mut self) {
        if self.ends && self.pending.is_empty() {
            self.input = None;
        }
    }

    async fn complain(&mut self, problem: Problem) -> Result<(), Leave> {
        self.mistakes += 1;
        if self.mistakes > self.bounds.mistakes {
            return Err(Leave::Told(Farewell::with(CloseCode::Policy, problem)));
        }
        let _ = self.problems.send(problem).await;
        Ok(())
    }
}

/// What there is to do.
enum Heard {
    /// The run has room for input, or takes no more.
    Taker(bool),
    /// The client has said something.
    Message(Option<Result<Message, Error>>),
}

/// Waits for room in the run's input. `false`: it takes no more. Safe to cancel.
async fn has_taker(input: &Option<mpsc::Sender<Bytes>>) -> bool {
    match input {
        Some(input) => input.reserve().await.is_ok(),
        None => false,
    }
}

/// The next message, not sooner than the rate allows. A client that is silent for too long has gone. Safe to cancel.
async fn next(source: &mut Source, rate: &Rate, silence: Duration) -> Option<Result<Message, Error>> {
    rate.wait().await;
    timeout(silence, source.next()).await.unwrap_or(None)
}

/// So many messages in a second.
struct Rate {
    most: u32,
    since: Instant,
    count: u32,
}

impl Rate {
    const WINDOW: Duration = Duration::from_secs(1);

    fn new(most: u32) -> Self {
        Self { most: most.max(1), since: Instant::now(), count: 0 }
    }

    fn count(&mut self) {
        if self.since.elapsed() >= Self::WINDOW {
            (self.since, self.count) = (Instant::now(), 0);
        }
        self.count += 1;
    }

    async fn wait(&self) {
        if self.count >= self.most {
            sleep_until(self.since + Self::WINDOW).await;
        }
    }
}
