//! Frames over the agent's own stdin and stdout, which no program ever holds.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use nix::{
    errno::Errno,
    fcntl::{FcntlArg, OFlag, fcntl},
    poll::{PollFd, PollFlags, PollTimeout, poll},
    unistd::{read, write},
};
use polyground_protocol::{Decoder, Frame, FrameError, FromAgent, MAX_PAYLOAD_BYTES, RunId, ToAgent, encode};

/// Bytes that may wait to be written before the agent stops reading what its program writes.
const MAX_PENDING_BYTES: usize = 2 * MAX_PAYLOAD_BYTES;

/// How much is read from the server at a time.
const READ_BYTES: usize = 64 * 1024;

/// The connection to the server. Never blocks.
pub(crate) struct Link {
    input: OwnedFd,
    output: OwnedFd,
    decoder: Decoder,
    pending: Vec<u8>,
    written: usize,
}

/// Why the agent must end.
#[derive(Debug)]
pub(crate) enum LinkError {
    /// The server has gone.
    Closed,
    /// Bytes could not be carried.
    Io(io::Error),
    /// The server does not speak the protocol.
    Frame(FrameError),
}

impl Link {
    /// Takes the two ends and makes them non-blocking.
    pub(crate) fn new(input: OwnedFd, output: OwnedFd) -> io::Result<Self> {
        set_nonblocking(input.as_fd())?;
        set_nonblocking(output.as_fd())?;
        Ok(Self { input, output, decoder: Decoder::new(), pending: Vec::new(), written: 0 })
    }

    /// Where frames come from.
    pub(crate) fn input(&self) -> BorrowedFd<'_> {
        self.input.as_fd()
    }

    /// Where frames go to.
    pub(crate) fn output(&self) -> BorrowedFd<'_> {
        self.output.as_fd()
    }

    /// Whether something waits to be written.
    pub(crate) fn wants_to_write(&self) -> bool {
        self.written < self.pending.len()
    }

    /// Whether more output may be taken from the program.
    pub(crate) fn has_room(&self) -> bool {
        self.pending.len() - self.written < MAX_PENDING_BYTES
    }

    /// Queues a frame and writes what goes without waiting.
    pub(crate) fn send(&mut self, run: RunId, message: FromAgent) -> Result<(), LinkError> {
        encode(&Frame { run, message }, &mut self.pending)
            .map_err(|error| LinkError::Io(io::Error::other(error.to_string())))?;
        self.write_some()
    }

    /// Writes what goes without waiting.
    pub(crate) fn write_some(&mut self) -> Result<(), LinkError> {
        while self.wants_to_write() {
            match write(&self.output, &self.pending[self.written..]) {
                Ok(bytes) => self.written += bytes,
                Err(Errno::EAGAIN) => return Ok(()),
                Err(Errno::EINTR) => {}
                Err(Errno::EPIPE | Errno::ECONNRESET) => return Err(LinkError::Closed),
                Err(errno) => return Err(LinkError::Io(errno.into())),
            }
        }
        self.pending.clear();
        self.written = 0;
        Ok(())
    }

    /// Writes out what is queued, waiting for the server a little.
    pub(crate) fn flush(&mut self) {
        const PATIENCE_MS: u16 = 1000;
        while self.wants_to_write() {
            let mut set = [PollFd::new(self.output(), PollFlags::POLLOUT)];
            if poll(&mut set, PollTimeout::from(PATIENCE_MS)) != Ok(1) || self.write_some().is_err() {
                return;
            }
        }
    }

    /// Reads what has come, once. Call [`Link::next`] until it gives `None` afterwards.
    pub(crate) fn read_some(&mut self) -> Result<(), LinkError> {
        let mut buffer = [0; READ_BYTES];
        match read(&self.input, &mut buffer) {
            Ok(0) => Err(LinkError::Closed),
            Ok(bytes) => {
                self.decoder.push(&buffer[..bytes]);
                Ok(())
            }
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(()),
            Err(errno) => Err(LinkError::Io(errno.into())),
        }
    }

    /// The next frame that has come whole.
    pub(crate) fn next(&mut self) -> Result<Option<Frame<ToAgent>>, LinkError> {
        self.decoder.next().map_err(LinkError::Frame)
    }
}

/// Makes reads and writes give `EAGAIN` where they would wait.
pub(crate) fn set_nonblocking(fd: BorrowedFd<'_>) -> io::Result<()> {
    let flags = OFlag::from_bits_retain(fcntl(fd, FcntlArg::F_GETFL)?);
    fcntl(fd, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(())
}
