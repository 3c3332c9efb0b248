//! A process that has started before it is known what it shall run, as the agent sees it.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::{
    errno::Errno,
    libc,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::socket::{AddressFamily, SockFlag, SockType, socketpair},
};
use polyground_protocol::{StageLimits, WarmCall};

use super::mounts::doing;
use crate::{
    link::set_nonblocking,
    pipes::{Pipes, Stdio, pipes},
    sys,
};

/// The agent's ends of a warm process.
pub(crate) struct Ours {
    pub pipes: Pipes,
    /// Stays open as long as the process lives: it may say that it has started after it was given its stage.
    pub control: OwnedFd,
}

/// The warm process's ends.
pub(crate) struct Theirs {
    pub stdio: Stdio,
    pub control: OwnedFd,
}

/// New ends for a warm process.
pub(crate) fn ends() -> Result<(Ours, Theirs), String> {
    let (pipes, stdio) = doing("pipes", pipes())?;
    let pair = socketpair(AddressFamily::Unix, SockType::Stream, None, SockFlag::SOCK_CLOEXEC);
    let (control, theirs) = doing("a socket pair", pair)?;
    doing("a socket", set_nonblocking(control.as_fd()))?;
    Ok((Ours { pipes, control }, Theirs { stdio, control: theirs }))
}

impl Theirs {
    /// All four, in the order of their later numbers.
    pub(crate) fn as_fds(&self) -> [BorrowedFd<'_>; 4] {
        [self.stdio.stdin.as_fd(), self.stdio.stdout.as_fd(), self.stdio.stderr.as_fd(), self.control.as_fd()]
    }
}

impl TryFrom<Vec<OwnedFd>> for Theirs {
    type Error = String;

    fn try_from(fds: Vec<OwnedFd>) -> Result<Self, String> {
        let [stdin, stdout, stderr, control] = <[OwnedFd; 4]>::try_from(fds)
            .map_err(|fds| format!("a warm process got {} descriptors instead of 4", fds.len()))?;
        Ok(Self { stdio: Stdio { stdin, stdout, stderr }, control })
    }
}

impl Ours {
    /// Gives the process behind `handle` its stage. It may still be starting: then it finds the line waiting.
    ///
    /// `extra_processes` are those of the sandbox itself that count against the program's bound.
    ///
    /// Gives the CPU time in microseconds that it has used so far, or `None` where it cannot take the stage: it has ended,
    /// or the line is longer than a socket holds.
    pub(crate) fn hand_over(
        &self,
        handle: BorrowedFd<'_>,
        call: &WarmCall,
        limits: &StageLimits,
        extra_processes: u64,
    ) -> Option<u64> {
        let pid = sys::pid_of(handle)?;
        // The kernel's own bound on CPU time counts what the process used before.
        let cpu_seconds = (sys::cpu_us_of(pid)? / 1000 + limits.cpu_ms).div_ceil(1000) + 1;
        sys::lower_limit_of(pid, libc::RLIMIT_CPU, cpu_seconds).ok()?;
        sys::lower_limit_of(pid, libc::RLIMIT_NPROC, u64::from(limits.processes) + extra_processes).ok()?;
        self.hand_over_as_it_is(handle, call)
    }

    /// As [`Ours::hand_over`], with the kernel's bounds that the process was started with.
    pub(crate) fn hand_over_as_it_is(&self, handle: BorrowedFd<'_>, call: &WarmCall) -> Option<u64> {
        let cpu_us = sys::pid_of(handle).and_then(sys::cpu_us_of)?;
        if has_ended(handle) {
            return None;
        }
        let line = format!("{}\n", call.line);
        match nix::unistd::write(&self.control, line.as_bytes()) {
            Ok(written) if written == line.len() => Some(cpu_us),
            Ok(_) | Err(_) => None,
        }
    }
}

/// Whether the process behind a handle has ended.
fn has_ended(handle: BorrowedFd<'_>) -> bool {
    let mut wait = [PollFd::new(handle, PollFlags::POLLIN)];
    !matches!(poll(&mut wait, PollTimeout::ZERO), Ok(0) | Err(Errno::EINTR))
}
