//! The connection to a container's stdin, stdout and stderr. It is held here and lent to the link: the engine can close
//! it whoever holds the link, because a container whose output nobody reads cannot be removed (SECURITY.md §0.8).

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use bollard::container::{AttachContainerResults, LogOutput};
use bytes::Bytes;
use futures_util::Stream;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    time::timeout,
};

/// Bytes of a cell's stderr that are logged. An agent has no reason to write more; an attacker has.
const LOGGED_BYTES: usize = 16 * 1024;

/// How long the half-close of stdin may take before the connection is cut without it.
const CLOSE_PATIENCE: Duration = Duration::from_millis(200);

type Chunks = Pin<Box<dyn Stream<Item = Result<LogOutput, bollard::errors::Error>> + Send>>;
type Writer = Pin<Box<dyn AsyncWrite + Send>>;

/// One attached container.
pub(super) struct Attachment {
    /// For logs.
    cell: String,
    input: Mutex<Half<Writer>>,
    output: Mutex<Half<Chunks>>,
}

/// One direction, until it is closed.
struct Half<T> {
    inner: Option<T>,
    /// Whoever waits for it, to be told when it is closed.
    waiting: Option<Waker>,
    /// Bytes of stderr that may still be logged.
    loggable: usize,
}

impl Attachment {
    /// Takes over a connection.
    pub(super) fn new(cell: String, connection: AttachContainerResults) -> Arc<Self> {
        Arc::new(Self {
            cell,
            input: Mutex::new(Half::new(connection.input)),
            output: Mutex::new(Half::new(connection.output)),
        })
    }

    /// The way to the container's stdin.
    pub(super) fn writer(self: &Arc<Self>) -> impl AsyncWrite + Send + 'static {
        Input(self.clone())
    }

    /// What comes out of its stdout.
    pub(super) fn chunks(self: &Arc<Self>) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        Output(self.clone())
    }

    /// Ends stdin, then the connection.
    pub(super) async fn close(&self) {
        let (writer, reader) = (lock(&self.input).take(), lock(&self.output).take());
        if let Some(mut writer) = writer {
            let _ = timeout(CLOSE_PATIENCE, writer.shutdown()).await;
        }
        drop(reader);
    }

    /// What to hand on of a piece of output, if anything.
    fn sort(&self, output: LogOutput, loggable: &mut usize) -> Option<io::Result<Bytes>> {
        match output {
            LogOutput::StdOut { message } => Some(Ok(message)),
            LogOutput::StdErr { message } => {
                let shown = message.slice(..message.len().min(*loggable));
                *loggable -= shown.len();
                if !shown.is_empty() {
                    let text = String::from_utf8_lossy(&shown);
                    tracing::warn!(cell = self.cell, "the agent says: {:?}", text.trim_end());
                }
                None
            }
            LogOutput::StdIn { .. } | LogOutput::Console { .. } => Some(Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the engine sent something that is neither stdout nor stderr",
            ))),
        }
    }
}

impl<T> Half<T> {
    fn new(inner: T) -> Self {
        Self { inner: Some(inner), waiting: None, loggable: LOGGED_BYTES }
    }

    /// Closes this half for whoever uses it.
    fn take(&mut self) -> Option<T> {
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
        self.inner.take()
    }

    /// What is behind it, for one poll.
    fn get(&mut self, context: &Context<'_>) -> Option<&mut T> {
        if !self.waiting.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            self.waiting = Some(context.waker().clone());
        }
        self.inner.as_mut()
    }
}

fn lock<T>(half: &Mutex<Half<T>>) -> MutexGuard<'_, Half<T>> {
    half.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lent to [`crate::engine::LinkSender`].
struct Input(Arc<Attachment>);

impl Input {
    fn poll<T>(
        &self,
        context: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut (dyn AsyncWrite + Send)>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match lock(&self.0.input).get(context) {
            Some(writer) => poll(writer.as_mut(), context),
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }
}

impl AsyncWrite for Input {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll(context, |writer, context| writer.poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(context, |writer, context| writer.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(context, |writer, context| writer.poll_shutdown(context))
    }
}

/// Lent to [`crate::engine::LinkReceiver`].
struct Output(Arc<Attachment>);

impl Stream for Output {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut half = lock(&self.0.output);
        let mut loggable = half.loggable;
        let polled = loop {
            let Some(chunks) = half.get(context) else { break Poll::Ready(None) };
            match chunks.as_mut().poll_next(context) {
                Poll::Pending => break Poll::Pending,
                Poll::Ready(None) => break Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => break Poll::Ready(Some(Err(io::Error::other(error)))),
                Poll::Ready(Some(Ok(output))) => {
                    if let Some(item) = self.0.sort(output, &mut loggable) {
                        break Poll::Ready(Some(item));
                    }
                }
            }
        };
        half.loggable = loggable;
        polled
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, stream};

    use super::*;

    fn attachment(output: Vec<LogOutput>) -> Arc<Attachment> {
        let output = stream::iter(output.into_iter().map(Ok)).chain(stream::pending());
        let connection =
            AttachContainerResults { output: Box::pin(output), input: Box::pin(tokio::io::sink()) };
        Attachment::new("test-1".into(), connection)
    }

    fn stderr(bytes: usize) -> LogOutput {
        LogOutput::StdErr { message: vec![b'x'; bytes].into() }
    }

    #[tokio::test]
    async fn only_stdout_is_handed_on() {
        let out = LogOutput::StdOut { message: Bytes::from_static(b"frame") };
        let attachment = attachment(vec![stderr(LOGGED_BYTES - 1), stderr(10), stderr(10), out]);
        assert_eq!(attachment.chunks().next().await.unwrap().unwrap(), "frame");
        assert_eq!(lock(&attachment.output).loggable, 0);
    }

    #[tokio::test]
    async fn what_cannot_come_breaks_the_link() {
        let attachment = attachment(vec![LogOutput::Console { message: Bytes::from_static(b"?") }]);
        assert!(attachment.chunks().next().await.unwrap().is_err());
    }

    #[tokio::test]
    async fn closing_ends_a_read_that_waits_and_every_later_write() {
        let attachment = attachment(vec![]);
        let mut chunks = attachment.chunks();
        let reader = tokio::spawn(async move { chunks.next().await.is_none() });
        tokio::task::yield_now().await;
        attachment.close().await;
        assert!(reader.await.unwrap());
        assert!(attachment.writer().write_all(b"x").await.is_err());
    }
}
