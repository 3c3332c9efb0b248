//! Messages with descriptors between the agent and the processes of one nested sandbox, which are all the agent's
//! own code: the program never holds an end of it.

use std::{
    io::{IoSlice, IoSliceMut},
    os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd},
};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::socket::{
        AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, recv, recvmsg,
        sendmsg, socketpair,
    },
};
use polyground_protocol::{StageSpec, TerminalSize, WarmCommand};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::Ended;

/// The most descriptors that one message carries.
const MAX_DESCRIPTORS: usize = 5;

/// Agent to sandbox.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Down {
    /// To the holder: prepare another stage. With the stage's end of its own channel; for a warm one also its stdin, stdout
    /// and stderr and its control socket.
    Prepare {
        /// Names the stage in [`Up::Ended`].
        id: u32,
        /// What the stage starts with, before it is known what it shall run.
        warm: Option<WarmCommand>,
        /// The size of the terminal that it gets, where it gets one.
        terminal: Option<TerminalSize>,
    },
    /// To the holder: the run is over. End all that is left of it, take its folders away, and give those of the next one.
    Wipe,
    /// To the waiting stage: become this program. With its stdin, stdout and stderr, unless it has a terminal.
    Go(StageSpec),
}

/// Sandbox to agent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Up {
    /// From the holder: everything stands for another run. With its working folder.
    Built,
    /// From a stage: it waits. With the handle of its init and of its program, and the agent's end of its terminal, where it has one.
    Ready,
    /// Something could not be set up.
    Failed(String),
    /// The command could not be executed.
    NotExecuted(String),
    /// From init, or from the holder where init was killed: every other process of the stage is dead.
    Ended {
        /// Which.
        id: u32,
        /// How.
        ended: Ended,
    },
}

/// One end.
pub(crate) struct Channel(OwnedFd);

impl Channel {
    /// Two connected ends. What is sent as one message arrives as one.
    pub(crate) fn pair() -> Result<(Self, Self), Errno> {
        let (a, b) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?;
        Ok((Self(a), Self(b)))
    }

    /// An end that came as a descriptor.
    pub(crate) fn from_fd(fd: OwnedFd) -> Self {
        Self(fd)
    }

    /// For waiting on it.
    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Sends one message.
    pub(crate) fn send<M: Serialize>(
        &self,
        message: &M,
        descriptors: &[BorrowedFd<'_>],
    ) -> Result<(), String> {
        let bytes = postcard::to_allocvec(message).map_err(|error| error.to_string())?;
        let raw: Vec<RawFd> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
        let rights = [ControlMessage::ScmRights(&raw)];
        let control = if raw.is_empty() { &[][..] } else { &rights[..] };
        sendmsg::<()>(self.0.as_raw_fd(), &[IoSlice::new(&bytes)], control, MsgFlags::MSG_NOSIGNAL, None)
            .map(drop)
            .map_err(|errno| format!("a message of {} bytes could not be sent: {errno}", bytes.len()))
    }

    /// A message that has come already.
    pub(crate) fn try_receive<M: DeserializeOwned>(&self) -> Option<M> {
        let mut wait = [PollFd::new(self.as_fd(), PollFlags::POLLIN)];
        let some = poll(&mut wait, PollTimeout::ZERO) == Ok(1);
        if some { self.receive().ok().flatten().map(|(message, _)| message) } else { None }
    }

    /// Waits for one message. Gives its length: 0 when every other end is closed.
    fn wait_for_length(&self) -> Result<usize, String> {
        let flags = MsgFlags::MSG_PEEK | MsgFlags::MSG_TRUNC;
        loop {
            match recv(self.0.as_raw_fd(), &mut [], flags) {
                Ok(length) => return Ok(length),
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(format!("a message could not be awaited: {errno}")),
            }
        }
    }

    /// Waits for one message. `None` when every other end is closed.
    pub(crate) fn receive<M: DeserializeOwned>(&self) -> Result<Option<(M, Vec<OwnedFd>)>, String> {
        // Only as much as has come: the pages of a larger buffer would be copied in each process that is made.
        let mut buffer = vec![0; self.wait_for_length()?];
        let mut control = nix::cmsg_space!([RawFd; MAX_DESCRIPTORS]);
        let mut slices = [IoSliceMut::new(&mut buffer)];
        let (length, descriptors) = loop {
            let received = recvmsg::<()>(
                self.0.as_raw_fd(),
                &mut slices,
                Some(&mut control),
                MsgFlags::MSG_CMSG_CLOEXEC,
            );
            match received {
                Ok(message) => {
                    let mut descriptors = Vec::new();
                    for part in message.cmsgs().map_err(|errno| errno.to_string())? {
                        if let ControlMessageOwned::ScmRights(raw) = part {
                            // SAFETY: the kernel has just made these descriptors for us, each once.
                            descriptors.extend(raw.into_iter().map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }));
                        }
                    }
                    break (message.bytes, descriptors);
                }
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(format!("a message could not be received: {errno}")),
            }
        };
        if length == 0 {
            return Ok(None);
        }
        let message = postcard::from_bytes(&buffer[..length]).map_err(|error| error.to_string())?;
        Ok(Some((message, descriptors)))
    }
}
