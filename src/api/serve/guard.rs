//! A socket that protects the parser behind it: messages that can be read in two ways become errors, and a
//! client that is slow to send a head or to take an answer is cut.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::oneshot,
    time::{Instant, Sleep},
};

use super::inspect::Inspector;

/// What the parser is given instead of a violation: no part of a message may hold a NUL, and the head's end
/// makes hyper look at what it has.
const REFUSAL: &[u8] = b"\0\r\n\r\n";

/// One connection's socket.
#[derive(Debug)]
pub(super) struct Guarded {
    stream: Option<TcpStream>,
    give_back: Option<oneshot::Sender<TcpStream>>,
    inspector: Inspector,
    /// What is left to hand out of [`REFUSAL`], once there was a violation.
    refusal: Option<&'static [u8]>,
    ended: bool,
    head_timeout: Duration,
    write_timeout: Duration,
    head: Deadline,
    write: Deadline,
}

impl Guarded {
    /// Guards a socket. It comes back through the receiver when hyper is done, unless the client has gone.
    pub(super) fn new(
        stream: TcpStream,
        head_timeout: Duration,
        write_timeout: Duration,
    ) -> (Self, oneshot::Receiver<TcpStream>) {
        let (give_back, back) = oneshot::channel();
        let mut head = Deadline::default();
        head.arm(head_timeout);
        let guarded = Self {
            stream: Some(stream),
            give_back: Some(give_back),
            inspector: Inspector::new(),
            refusal: None,
            ended: false,
            head_timeout,
            write_timeout,
            head,
            write: Deadline::default(),
        };
        (guarded, back)
    }

    fn read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.refusal.is_some() {
            self.refuse(buf);
            return Poll::Ready(Ok(()));
        }
        let Some(stream) = &mut self.stream else { return Poll::Ready(Err(gone())) };
        let before = buf.filled().len();
        match Pin::new(stream).poll_read(cx, buf) {
            Poll::Ready(Ok(())) if buf.filled().len() == before => {
                self.ended = true;
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Ok(())) => {
                if let Some(at) = self.inspector.inspect(&buf.filled()[before..]) {
                    buf.set_filled(before + at);
                    self.refusal = Some(REFUSAL);
                    self.refuse(buf);
                }
                self.await_head();
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending if self.head.passed(cx) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }

    /// The first head must come soon after the connection, and every head soon after its first byte.
    fn await_head(&mut self) {
        if self.inspector.inside_head() {
            self.head.arm(self.head_timeout);
        } else if self.inspector.heads() > 0 || self.refusal.is_some() {
            self.head.disarm();
        }
    }

    fn refuse(&mut self, buf: &mut ReadBuf<'_>) {
        let left = self.refusal.unwrap_or_default();
        let (now, later) = left.split_at(left.len().min(buf.remaining()));
        buf.put_slice(now);
        self.refusal = Some(later);
    }

    fn written(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if poll.is_ready() {
            self.write.disarm();
            return poll;
        }
        self.write.arm(self.write_timeout);
        if self.write.passed(cx) { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { Poll::Pending }
    }

    fn notice_upgrade(&mut self, bytes: &[u8]) {
        if bytes.starts_with(b"HTTP/1.1 101") {
            self.inspector.stop();
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let (false, Some(stream), Some(give_back)) =
            (self.ended, self.stream.take(), self.give_back.take())
        {
            // Nobody waits for it when the server is stopping.
            let _ = give_back.send(stream);
        }
    }
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.read(cx, buf)
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.notice_upgrade(bytes);
        let Some(stream) = &mut self.stream else { return Poll::Ready(Err(gone())) };
        let poll = Pin::new(stream).poll_write(cx, bytes);
        self.written(cx, poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.notice_upgrade(slices.first().map_or(&[], |slice| slice));
        let Some(stream) = &mut self.stream else { return Poll::Ready(Err(gone())) };
        let poll = Pin::new(stream).poll_write_vectored(cx, slices);
        self.written(cx, poll)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().map_or(Poll::Ready(Err(gone())), |stream| Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().map_or(Poll::Ready(Err(gone())), |stream| Pin::new(stream).poll_shutdown(cx))
    }
}

fn gone() -> io::Error {
    io::ErrorKind::NotConnected.into()
}

/// A moment by which something must have happened, while it is armed.
#[derive(Debug, Default)]
struct Deadline {
    armed: bool,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    /// Starts the clock, unless it runs.
    fn arm(&mut self, after: Duration) {
        if std::mem::replace(&mut self.armed, true) {
            return;
        }
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(Instant::now() + after),
            None => self.sleep = Some(Box::pin(tokio::time::sleep(after))),
        }
    }

    fn disarm(&mut self) {
        self.armed = false;
    }

    /// Whether it has passed; wakes the task when it does.
    fn passed(&mut self, cx: &mut Context<'_>) -> bool {
        self.armed && self.sleep.as_mut().is_some_and(|sleep| sleep.as_mut().poll(cx).is_ready())
    }
}
