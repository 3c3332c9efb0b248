//! Frames over the agent's own stdin and stdout, which no program ever holds.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    time::{Duration, Instant},
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

/// How long a frame may wait for others, and how many bytes do not wait. Each write wakes a chain of processes between here and
/// the server, which would take the processor from the program that is about to end.
const HOLD: (Duration, usize) = (Duration::from_millis(3), 16 * 1024);

/// The connection to the server. Never blocks.
pub(crate) struct Link {
    input: OwnedFd,
    output: OwnedFd,
    /// The engine's streams, where frames come and go another way. Their end is the cell's end all the same, and the engine
    /// closes our stdin as soon as our stdout has ended.
    engine: Option<(OwnedFd, OwnedFd)>,
    decoder: Decoder,
    /// Kept, so that only what has come is ever touched.
    buffer: Box<[u8]>,
    pending: Vec<u8>,
    written: usize,
    /// When what is pending is written although nothing more has come.
    held_until: Option<Instant>,
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
        Ok(Self {
            input,
            output,
            engine: None,
            decoder: Decoder::new(),
            buffer: vec![0; READ_BYTES].into(),
            pending: Vec::new(),
            written: 0,
            held_until: None,
        })
    }

    /// Uses this socket in both directions from now on. Nothing may be waiting to be written.
    pub(crate) fn turn_to(&mut self, socket: OwnedFd) -> io::Result<()> {
        set_nonblocking(socket.as_fd())?;
        let output = std::mem::replace(&mut self.output, socket.try_clone()?);
        let input = std::mem::replace(&mut self.input, socket);
        self.engine = Some((input, output));
        Ok(())
    }

    /// What ends with the engine's connection, where that is not where frames come from.
    pub(crate) fn lifeline(&self) -> Option<BorrowedFd<'_>> {
        self.engine.as_ref().map(|(input, _)| input.as_fd())
    }

    /// Where frames come from.
    pub(crate) fn input(&self) -> BorrowedFd<'_> {
        self.input.as_fd()
    }

    /// Where frames go to.
    pub(crate) fn output(&self) -> BorrowedFd<'_> {
        self.output.as_fd()
    }

    /// Whether something waits to be written as soon as it goes.
    pub(crate) fn wants_to_write(&self) -> bool {
        self.held_until.is_none() && self.has_pending()
    }

    /// When [`Link::release`] must be called at the latest.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.held_until
    }

    /// Writes what has waited for long enough.
    pub(crate) fn release(&mut self) -> Result<(), LinkError> {
        if self.held_until.is_some_and(|end| end <= Instant::now()) { self.write_some() } else { Ok(()) }
    }

    fn has_pending(&self) -> bool {
        self.written < self.pending.len()
    }

    /// Whether more output may be taken from the program.
    pub(crate) fn has_room(&self) -> bool {
        self.pending.len() - self.written < MAX_PENDING_BYTES
    }

    /// Queues a frame and writes what goes without waiting.
    pub(crate) fn send(&mut self, run: RunId, message: FromAgent) -> Result<(), LinkError> {
        self.queue(run, message)?;
        self.write_some()
    }

    /// Queues a frame that leaves with the next one, or a little later.
    pub(crate) fn send_soon(&mut self, run: RunId, message: FromAgent) -> Result<(), LinkError> {
        let waits = self.held_until.is_none() && self.has_pending();
        self.queue(run, message)?;
        if waits || self.pending.len() - self.written >= HOLD.1 {
            return self.write_some();
        }
        self.held_until.get_or_insert_with(|| Instant::now() + HOLD.0);
        Ok(())
    }

    fn queue(&mut self, run: RunId, message: FromAgent) -> Result<(), LinkError> {
        encode(&Frame { run, message }, &mut self.pending)
            .map_err(|error| LinkError::Io(io::Error::other(error.to_string())))
    }

    /// Writes what goes without waiting.
    pub(crate) fn write_some(&mut self) -> Result<(), LinkError> {
        self.held_until = None;
        while self.has_pending() {
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
        self.held_until = None;
        while self.has_pending() {
            let mut set = [PollFd::new(self.output(), PollFlags::POLLOUT)];
            if poll(&mut set, PollTimeout::from(PATIENCE_MS)) != Ok(1) || self.write_some().is_err() {
                return;
            }
        }
    }

    /// Reads what has come, once. Call [`Link::next`] until it gives `None` afterwards.
    pub(crate) fn read_some(&mut self) -> Result<(), LinkError> {
        match read(&self.input, &mut self.buffer) {
            // A socket whose other end has gone without reading everything says so.
            Ok(0) | Err(Errno::ECONNRESET) => Err(LinkError::Closed),
            Ok(bytes) => {
                self.decoder.push(&self.buffer[..bytes]);
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
