//! The standard streams between the agent and one program: three pipes, or a terminal.

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
};

use nix::{fcntl::OFlag, unistd::pipe2};

use crate::{link::set_nonblocking, terminal};

/// The agent's ends. None of them ever makes it wait.
pub(crate) struct Pipes {
    pub stdin: OwnedFd,
    pub stdout: OwnedFd,
    /// A terminal has one output.
    pub stderr: Option<OwnedFd>,
}

impl Pipes {
    /// Over the agent's end of a terminal.
    pub(crate) fn over_terminal(ours: OwnedFd) -> io::Result<Self> {
        let (stdin, stdout) = terminal::halves(ours)?;
        Ok(Self { stdin, stdout, stderr: None })
    }

    /// Whether they lead to a terminal.
    pub(crate) fn are_terminal(&self) -> bool {
        self.stderr.is_none()
    }
}

/// The program's ends.
pub(crate) struct Stdio {
    pub stdin: OwnedFd,
    pub stdout: OwnedFd,
    pub stderr: OwnedFd,
}

/// New streams.
pub(crate) fn pipes() -> io::Result<(Pipes, Stdio)> {
    let (stdin_reader, stdin_writer) = pipe2(OFlag::O_CLOEXEC)?;
    let (stdout_reader, stdout_writer) = pipe2(OFlag::O_CLOEXEC)?;
    let (stderr_reader, stderr_writer) = pipe2(OFlag::O_CLOEXEC)?;
    for ours in [&stdin_writer, &stdout_reader, &stderr_reader] {
        set_nonblocking(ours.as_fd())?;
    }
    Ok((
        Pipes { stdin: stdin_writer, stdout: stdout_reader, stderr: Some(stderr_reader) },
        Stdio { stdin: stdin_reader, stdout: stdout_writer, stderr: stderr_writer },
    ))
}
