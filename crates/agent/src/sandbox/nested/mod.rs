//! A sandbox of namespaces inside the cell. Needs no capability and no help from outside.
//!
//! ```text
//! agent ── holder: user, pid, mount, net, uts, cgroup and ipc namespaces of one run; root and work folder
//!            └── init: pid, mount and ipc namespaces of one stage; fresh /proc, /tmp, /dev/shm, home
//!                  └── program: waits with everything given up, then becomes the command
//! ```
//!
//! Killing init ends a stage with every process in it, killing the holder ends the run: the kernel does not let a
//! process outlive the first process of its pid namespace. Holder, init and program are made while the cell waits,
//! so that a run's first stage costs one message and one `execve`.

mod holder;
mod root;
mod stage;

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::{
    libc,
    poll::{PollFd, PollFlags, PollTimeout, poll},
};
use polyground_protocol::{CellConfig, StageSpec};

use super::{
    Report, Stdio,
    channel::{Channel, Down, Up},
    seccomp::Filters,
};
use crate::{sys, usage};

/// How long setting up may take before the cell counts as broken, in milliseconds.
const SET_UP_TIMEOUT_MS: u16 = 5000;

/// The agent's view of one nested sandbox.
pub(crate) struct Nested {
    holder: libc::pid_t,
    channel: Channel,
    work: OwnedFd,
    stage: Handles,
    /// Whether the stage behind `stage` still waits for its command.
    waiting: bool,
}

/// Handles on one stage's processes.
struct Handles {
    init: OwnedFd,
    program: OwnedFd,
}

impl Nested {
    /// Builds the sandbox up to the point where only the command is missing.
    pub(crate) fn arm(config: &CellConfig) -> Result<Self, String> {
        if nix::unistd::geteuid().is_root() || sys::has_capabilities() {
            return Err("the agent runs as root or with capabilities, which a nested sandbox must not have \
                        outside; start the cell as another user"
                .into());
        }
        let filters = Filters::new()?;
        let (channel, theirs) = Channel::pair().map_err(|errno| format!("a socket pair: {errno}"))?;
        // The maps of a new user namespace can only be written by a process that may be inspected.
        set_dumpable(true)?;
        let ids = (nix::unistd::geteuid(), nix::unistd::getegid());
        let holder = sys::spawn(sys::namespaces::RUN, || holder::run(config, &filters, &theirs, ids));
        set_dumpable(false)?;
        let holder = holder.map_err(|errno| {
            format!("new namespaces could not be made: {errno}; does this system allow user namespaces?")
        })?;
        drop(theirs);
        match wait_until_ready(&channel) {
            Ok((work, stage)) => Ok(Self { holder, channel, work, stage, waiting: true }),
            Err(reason) => {
                end(holder);
                Err(reason)
            }
        }
    }

    pub(crate) fn work_folder(&self) -> BorrowedFd<'_> {
        self.work.as_fd()
    }

    pub(crate) fn wake(&self) -> BorrowedFd<'_> {
        self.channel.as_fd()
    }

    pub(crate) fn start(&mut self, stage: &StageSpec, stdio: Stdio) -> Result<(), String> {
        if !self.waiting {
            self.channel.send(&Down::Prepare, &[])?;
            (_, self.stage) = wait_until_ready(&self.channel)?;
        }
        self.waiting = false;
        let descriptors = [stdio.stdin.as_fd(), stdio.stdout.as_fd(), stdio.stderr.as_fd()];
        self.channel.send(&Down::Go(stage.clone()), &descriptors)
    }

    pub(crate) fn report(&mut self) -> Result<Report, String> {
        match self.channel.receive()? {
            Some((Up::NotExecuted(reason), _)) => Ok(Report::NotExecuted(reason)),
            Some((Up::Ended(ended), _)) => Ok(Report::Ended(ended)),
            Some((Up::Failed(reason), _)) => Err(reason),
            Some((Up::Ready, _)) => Err("a stage was prepared that nobody asked for".into()),
            None => Err("the sandbox ended by itself".into()),
        }
    }

    /// How much memory the largest process has had. Asked before a kill, after which nobody knows.
    pub(crate) fn peak_memory_bytes(&self) -> u64 {
        usage::peak_of_family(self.holder)
    }

    pub(crate) fn kill_stage(&self) {
        let _ = sys::pidfd_send_signal(self.stage.init.as_fd(), libc::SIGKILL);
    }

    pub(crate) fn signal(&self, signal: i32) {
        let _ = sys::pidfd_send_signal(self.stage.program.as_fd(), signal);
    }

    pub(crate) fn destroy(self) {
        end(self.holder);
    }
}

/// Waits for [`Up::Ready`] and takes its descriptors.
fn wait_until_ready(channel: &Channel) -> Result<(OwnedFd, Handles), String> {
    let mut wait = [PollFd::new(channel.as_fd(), PollFlags::POLLIN)];
    match poll(&mut wait, PollTimeout::from(SET_UP_TIMEOUT_MS)) {
        Ok(0) => return Err(format!("setting up the sandbox took longer than {SET_UP_TIMEOUT_MS} ms")),
        Ok(_) => {}
        Err(errno) => return Err(format!("waiting for the sandbox: {errno}")),
    }
    match channel.receive()? {
        Some((Up::Ready, descriptors)) => match <[OwnedFd; 3]>::try_from(descriptors) {
            Ok([work, init, program]) => Ok((work, Handles { init, program })),
            Err(other) => Err(format!("the sandbox sent {} descriptors instead of 3", other.len())),
        },
        Some((Up::Failed(reason), _)) => Err(reason),
        Some((other, _)) => Err(format!("the sandbox said {other:?} before it was ready")),
        None => Err("the sandbox ended while it was set up".into()),
    }
}

/// Ends the holder and with it everything in the sandbox.
fn end(holder: libc::pid_t) {
    let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(holder), nix::sys::signal::Signal::SIGKILL);
    let _ = sys::wait(holder, 0);
}

/// Whether others of the same user may inspect this process.
fn set_dumpable(yes: bool) -> Result<(), String> {
    sys::prctl(libc::PR_SET_DUMPABLE, libc::c_ulong::from(yes)).map_err(|errno| format!("prctl: {errno}"))
}
