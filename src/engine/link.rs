//! The two directions of frames between the server and one agent, over any byte stream.

use std::{fmt, io, pin::Pin};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use polyground_protocol::{Decoder, EncodeError, Frame, FrameError, FromAgent, RunId, ToAgent, encode};
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Frames to and from one agent.
pub struct Link {
    /// To the agent.
    pub sender: LinkSender,
    /// From the agent.
    pub receiver: LinkReceiver,
}

/// Why a link broke. There is no way back: the cell is lost.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The agent ended or its cell was destroyed.
    #[error("the agent has gone")]
    Closed,
    /// The bytes could not be carried.
    #[error("the connection to the agent broke: {0}")]
    Io(#[from] io::Error),
    /// The agent does not speak the protocol.
    #[error("the agent sent nonsense: {0}")]
    Frame(#[from] FrameError),
    /// What was to be sent does not fit.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// The way to the agent. Frames are buffered until [`LinkSender::flush`], so that several leave in one write.
pub struct LinkSender {
    writer: Pin<Box<dyn AsyncWrite + Send>>,
    buffer: Vec<u8>,
}

/// The way from the agent.
pub struct LinkReceiver {
    chunks: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>,
    decoder: Decoder,
    /// Comes before all that the chunks hold.
    greeting: Option<Frame<FromAgent>>,
}

impl Link {
    /// A link over a writer to the agent's stdin and the chunks of its stdout.
    pub fn new(
        writer: impl AsyncWrite + Send + 'static,
        chunks: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        Self {
            sender: LinkSender { writer: Box::pin(writer), buffer: Vec::new() },
            receiver: LinkReceiver { chunks: Box::pin(chunks), decoder: Decoder::new(), greeting: None },
        }
    }

    /// The same link for whoever has not seen this first frame of the agent yet.
    pub fn greeted(mut self, greeting: Frame<FromAgent>) -> Self {
        self.receiver.greeting = Some(greeting);
        self
    }
}

impl LinkSender {
    /// Puts a frame behind those not flushed yet.
    ///
    /// # Errors
    /// When it is larger than a frame may be.
    pub fn queue(&mut self, run: RunId, message: ToAgent) -> Result<(), LinkError> {
        encode(&Frame { run, message }, &mut self.buffer)?;
        Ok(())
    }

    /// Sends what was queued. Safe to cancel: what was not written is written by the next call.
    ///
    /// # Errors
    /// When the agent has gone.
    pub async fn flush(&mut self) -> Result<(), LinkError> {
        while !self.buffer.is_empty() {
            let written = self.writer.write(&self.buffer).await?;
            if written == 0 {
                return Err(LinkError::Closed);
            }
            self.buffer.drain(..written);
        }
        self.writer.flush().await?;
        Ok(())
    }

    /// Queues and flushes one frame.
    ///
    /// # Errors
    /// As [`LinkSender::queue`] and [`LinkSender::flush`].
    pub async fn send(&mut self, run: RunId, message: ToAgent) -> Result<(), LinkError> {
        self.queue(run, message)?;
        self.flush().await
    }

    /// Tells the agent that nothing more will come, so that it exits: half-closes the stream.
    pub async fn close(&mut self) {
        let _ = self.writer.shutdown().await;
    }
}

impl LinkReceiver {
    /// The next frame. Safe to cancel: no byte is lost.
    ///
    /// # Errors
    /// When the agent has gone or sent nonsense.
    pub async fn next(&mut self) -> Result<Frame<FromAgent>, LinkError> {
        if let Some(greeting) = self.greeting.take() {
            return Ok(greeting);
        }
        loop {
            if let Some(frame) = self.decoder.next()? {
                return Ok(frame);
            }
            match self.chunks.next().await {
                Some(chunk) => self.decoder.push(&chunk?),
                None => return Err(LinkError::Closed),
            }
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Link")
    }
}
