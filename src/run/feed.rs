//! A program's input on its way to the agent, never more than it has room for.

use bytes::Bytes;
use polyground_protocol::{CHUNK_BYTES, RunId, STDIN_WINDOW_BYTES, ToAgent};

use super::Stdin;
use crate::engine::{LinkError, LinkSender};

/// How far stdin has got.
pub(super) struct Feed {
    run: RunId,
    sent: usize,
    window: usize,
    ended: bool,
}

impl Feed {
    /// Of a stage that begins.
    pub(super) fn new(run: RunId) -> Self {
        Self { run, sent: 0, window: STDIN_WINDOW_BYTES, ended: false }
    }

    /// Whether more may be sent.
    pub(super) fn is_open(&self) -> bool {
        !self.ended && self.window > 0
    }

    /// The program took so many bytes.
    pub(super) fn taken(&mut self, bytes: usize) {
        self.window = (self.window + bytes).min(STDIN_WINDOW_BYTES);
    }

    /// Queues the end.
    pub(super) fn end(&mut self, sender: &mut LinkSender) -> Result<(), LinkError> {
        self.ended = true;
        sender.queue(self.run, ToAgent::StdinEnd)
    }

    /// Queues a piece that has come, or the end where there are no more. A piece may be larger than the window.
    pub(super) fn live(&mut self, sender: &mut LinkSender, piece: Option<Bytes>) -> Result<(), LinkError> {
        let Some(piece) = piece else { return self.end(sender) };
        self.window = self.window.saturating_sub(piece.len());
        for part in piece.chunks(CHUNK_BYTES) {
            sender.queue(self.run, ToAgent::Stdin(part.to_vec()))?;
        }
        Ok(())
    }

    /// Queues what the window allows of a stdin that is all known, and its end when that is reached.
    pub(super) fn whole(&mut self, sender: &mut LinkSender, whole: &Bytes) -> Result<(), LinkError> {
        while !self.ended {
            let rest = &whole[self.sent..];
            if rest.is_empty() {
                self.end(sender)?;
            } else if self.window == 0 {
                break;
            } else {
                let part = &rest[..rest.len().min(self.window).min(CHUNK_BYTES)];
                sender.queue(self.run, ToAgent::Stdin(part.to_vec()))?;
                self.sent += part.len();
                self.window -= part.len();
            }
        }
        Ok(())
    }
}

/// The next piece of a stdin that comes as the program runs. Never, for one that is all known.
pub(super) async fn next_live(stdin: &mut Stdin) -> Option<Bytes> {
    match stdin {
        Stdin::Live(pieces) => pieces.recv().await,
        Stdin::Whole(_) => std::future::pending().await,
    }
}
