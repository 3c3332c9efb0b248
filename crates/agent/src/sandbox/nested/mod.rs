//! A sandbox of namespaces inside the cell. Needs no capability and no help from outside.
//!
//! ```text
//! agent ── holder: user, pid, mount, net, uts, cgroup and ipc namespaces of the cell's runs; root; folders of the present run
//!            ├── init: pid, mount and ipc namespaces of one stage; fresh /proc, /tmp, /dev/shm, home
//!            │     └── program: waits with everything given up, then becomes the command
//!            └── init: of a later stage, where a warm process waits for it
//! ```
//!
//! Killing init ends a stage with every process in it: the kernel does not let a process outlive the first process of its
//! pid namespace. A run is over when the inits of all its stages have been waited for; its folders are taken away then,
//! and its network namespace, if it has used that. Init and program are made while the cell waits, so that a run's first
//! stage costs one message and one `execve`, or only a line to a process that is warm.

mod bounds;
mod folders;
mod holder;
mod network;
mod root;
mod stage;

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::{
    libc,
    poll::{PollFd, PollFlags, PollTimeout, poll},
};
use polyground_protocol::{Begin, CellConfig, StageSpec, TerminalSize, WarmCommand};

use super::{
    EXTRA_PROCESSES, Report, Started,
    channel::{Channel, Down, Up},
    mounts::doing,
    seccomp::Filters,
    warm,
};
use crate::{
    pipes::{Pipes, pipes},
    sys, usage,
};

/// How long setting up may take before the cell counts as broken, in milliseconds.
const SET_UP_TIMEOUT_MS: u16 = 5000;

/// Processes and threads that a warm process may have while another stage runs: they count against that one's bound.
const WAITING_PROCESSES: u32 = 40;

/// The agent's view of a nested sandbox, which is made once in a cell and wiped between runs.
pub(crate) struct Nested {
    channel: Channel,
    /// The present run's work folder.
    work: OwnedFd,
    next_id: u32,
    /// A stage that waits for any command.
    standby: Option<Stage>,
    /// By the index of their commands.
    warm: Vec<Warm>,
    running: Option<Stage>,
}

/// What there is for one warm command.
enum Warm {
    /// Nothing yet.
    Cold,
    /// A stage with a process that has started already.
    Waits(Stage, warm::Ours),
    /// Nothing any more.
    None,
}

impl Warm {
    fn take(&mut self) -> Option<(Stage, warm::Ours)> {
        match std::mem::replace(self, Self::None) {
            Self::Waits(stage, ours) => Some((stage, ours)),
            Self::Cold | Self::None => None,
        }
    }
}

/// The agent's view of one stage.
struct Stage {
    id: u32,
    channel: Channel,
    init: OwnedFd,
    program: OwnedFd,
    /// A warm process's.
    _control: Option<OwnedFd>,
}

impl Nested {
    /// Builds the sandbox up to the point where only the command is missing.
    pub(crate) fn arm(config: &CellConfig, filters: &Filters) -> Result<Self, String> {
        if nix::unistd::geteuid().is_root() || sys::has_capabilities() {
            return Err("the agent runs as root or with capabilities, which a nested sandbox must not have \
                        outside; start the cell as another user"
                .into());
        }
        let (channel, theirs) = doing("a socket pair", Channel::pair())?;
        // The maps of a new user namespace can only be written by a process that may be inspected.
        set_dumpable(true)?;
        let ids = (nix::unistd::geteuid(), nix::unistd::getegid());
        let holder = sys::spawn(sys::namespaces::RUN, || holder::run(config, filters, &theirs, ids));
        set_dumpable(false)?;
        let holder = holder.map_err(|errno| {
            format!("new namespaces could not be made: {errno}; does this system allow user namespaces?")
        })?;
        drop(theirs);
        let armed = wait_until_built(&channel).and_then(|work| {
            let (standby, warm, running) = (None, Vec::new(), None);
            let mut nested = Self { channel, work, next_id: 0, standby, warm, running };
            nested.stand_by(config)?;
            Ok(nested)
        });
        armed.inspect_err(|_| end(holder))
    }

    /// Ends everything of the run that is over, and takes away what it has left.
    pub(crate) fn wipe(&mut self) -> Result<(), String> {
        (self.standby, self.running) = (None, None);
        self.warm.clear();
        self.channel.send(&Down::Wipe, &[])?;
        self.work = wait_until_built(&self.channel)?;
        Ok(())
    }

    /// Has all that another run's first stage needs wait for it.
    pub(crate) fn stand_by(&mut self, config: &CellConfig) -> Result<(), String> {
        if config.warm.is_empty() {
            self.standby = Some(self.prepare(None)?);
        }
        self.warm.resize_with(config.warm.len(), || Warm::Cold);
        Ok(())
    }

    pub(crate) fn is_cold(&self) -> bool {
        self.warm.iter().any(|warm| matches!(warm, Warm::Cold))
    }

    pub(crate) fn warm_up(&mut self, commands: &[WarmCommand]) -> Result<(), String> {
        match self.warm.iter().position(|warm| matches!(warm, Warm::Cold)) {
            Some(index) => self.warm_up_at(index, commands),
            None => Ok(()),
        }
    }

    fn warm_up_at(&mut self, index: usize, commands: &[WarmCommand]) -> Result<(), String> {
        let command = commands.get(index).ok_or("there is no such warm command")?;
        let (ours, theirs) = warm::ends()?;
        let stage = self.prepare(Some((command, &theirs)))?;
        self.warm[index] = Warm::Waits(stage, ours);
        Ok(())
    }

    /// Has a stage made that waits.
    fn prepare(&mut self, warm: Option<(&WarmCommand, &warm::Theirs)>) -> Result<Stage, String> {
        let (stage, rest) = self.prepare_with(warm, None)?;
        match rest {
            None => Ok(stage),
            Some(_) => Err("a stage sent a terminal that it was not asked for".into()),
        }
    }

    /// Has a stage made that waits with a terminal. Gives the agent's end of it.
    fn prepare_on_terminal(&mut self, size: TerminalSize) -> Result<(Stage, OwnedFd), String> {
        let (stage, terminal) = self.prepare_with(None, Some(size))?;
        Ok((stage, terminal.ok_or("a stage did not send its terminal")?))
    }

    fn prepare_with(
        &mut self,
        warm: Option<(&WarmCommand, &warm::Theirs)>,
        terminal: Option<TerminalSize>,
    ) -> Result<(Stage, Option<OwnedFd>), String> {
        let id = self.next_id;
        self.next_id += 1;
        let (channel, theirs) = doing("a socket pair", Channel::pair())?;
        let mut descriptors = vec![theirs.as_fd()];
        descriptors.extend(warm.iter().flat_map(|(_, ends)| ends.as_fds()));
        let command = warm.map(|(command, _)| command.clone());
        self.channel.send(&Down::Prepare { id, warm: command, terminal }, &descriptors)?;
        drop(theirs);
        match wait_for(&channel).map_err(|reason| self.cause(reason))? {
            (Up::Ready, descriptors) => {
                let mut descriptors = descriptors.into_iter();
                let (Some(init), Some(program)) = (descriptors.next(), descriptors.next()) else {
                    return Err("the stage sent too few descriptors".into());
                };
                Ok((Stage { id, channel, init, program, _control: None }, descriptors.next()))
            }
            (other, _) => Err(format!("the stage said {other:?} before it was ready")),
        }
    }

    /// Why a stage ended at once: the holder's own reason, where it has told one.
    fn cause(&self, reason: String) -> String {
        while let Some(told) = self.channel.try_receive() {
            if let Up::Failed(cause) = told {
                return cause;
            }
        }
        reason
    }

    pub(crate) fn work_folder(&self) -> BorrowedFd<'_> {
        self.work.as_fd()
    }

    pub(crate) fn wake(&self) -> BorrowedFd<'_> {
        self.channel.as_fd()
    }

    pub(crate) fn begin(&mut self, commands: &[WarmCommand], begin: &Begin) -> Result<(), String> {
        for index in 0..self.warm.len() {
            let wanted = u32::try_from(index).is_ok_and(|index| begin.warm.contains(&index));
            match &self.warm[index] {
                Warm::Cold if wanted && begin.insists => self.warm_up_at(index, commands)?,
                Warm::Waits(..) if wanted => {}
                Warm::Cold | Warm::None => self.warm[index] = Warm::None,
                Warm::Waits(stage, _) => {
                    stage.kill();
                    self.warm[index] = Warm::None;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn start(&mut self, spec: &StageSpec) -> Result<Started, String> {
        let call = spec.warm.as_ref();
        let slot = call.and_then(|call| self.warm.get_mut(call.index as usize)).and_then(Warm::take);
        let waiting = self.warm.iter().filter(|warm| matches!(warm, Warm::Waits(..))).count();
        let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
        let mut limits = spec.limits;
        limits.processes = limits.processes.saturating_add(waiting.saturating_mul(WAITING_PROCESSES));
        if let (Some((stage, ours)), Some(call)) = (slot, call) {
            if let Some(cpu_us) = ours.hand_over(stage.program.as_fd(), call, &limits, EXTRA_PROCESSES) {
                self.running = Some(Stage { _control: Some(ours.control), ..stage });
                return Ok(Started { pipes: ours.pipes, cpu_us_before: Some(cpu_us) });
            }
            stage.kill();
        }
        let standby = self.standby.take();
        if let Some(size) = spec.terminal {
            // The one that stands by has none, and its processes would count against this one's bound.
            standby.iter().for_each(Stage::kill);
            let (stage, ours) = self.prepare_on_terminal(size)?;
            let pipes = doing("a terminal", Pipes::over_terminal(ours))?;
            stage.channel.send(&Down::Go(StageSpec { limits, ..spec.clone() }), &[])?;
            self.running = Some(stage);
            return Ok(Started { pipes, cpu_us_before: None });
        }
        let stage = match standby {
            Some(stage) => stage,
            None => self.prepare(None)?,
        };
        let (pipes, stdio) = doing("pipes", pipes())?;
        let descriptors = [stdio.stdin.as_fd(), stdio.stdout.as_fd(), stdio.stderr.as_fd()];
        stage.channel.send(&Down::Go(StageSpec { limits, ..spec.clone() }), &descriptors)?;
        self.running = Some(stage);
        Ok(Started { pipes, cpu_us_before: None })
    }

    pub(crate) fn report(&mut self) -> Result<Report, String> {
        match self.channel.receive()? {
            Some((Up::Ended { id, ended }, _)) => {
                let Some(stage) = self.running.take_if(|stage| stage.id == id) else {
                    return Ok(Report::Nothing);
                };
                match stage.channel.try_receive() {
                    Some(Up::NotExecuted(reason) | Up::Failed(reason)) => Ok(Report::NotExecuted(reason)),
                    _ => Ok(Report::Ended(ended)),
                }
            }
            Some((Up::Failed(reason), _)) => Err(reason),
            Some((other, _)) => Err(format!("the sandbox said {other:?} out of turn")),
            None => Err("the sandbox ended by itself".into()),
        }
    }

    /// How much memory the largest process has had. Asked before a kill, after which nobody knows.
    pub(crate) fn peak_memory_bytes(&self) -> u64 {
        let init = self.running.as_ref().and_then(|stage| sys::pid_of(stage.init.as_fd()));
        init.map_or(0, usage::peak_of_family)
    }

    pub(crate) fn kill_stage(&self) {
        if let Some(stage) = &self.running {
            stage.kill();
        }
    }

    pub(crate) fn signal(&self, signal: i32) {
        if let Some(stage) = &self.running {
            let _ = sys::pidfd_send_signal(stage.program.as_fd(), signal);
        }
    }
}

impl Stage {
    fn kill(&self) {
        let _ = sys::pidfd_send_signal(self.init.as_fd(), libc::SIGKILL);
    }
}

/// Waits for the first message of something that is being set up.
fn wait_for(channel: &Channel) -> Result<(Up, Vec<OwnedFd>), String> {
    let mut wait = [PollFd::new(channel.as_fd(), PollFlags::POLLIN)];
    match poll(&mut wait, PollTimeout::from(SET_UP_TIMEOUT_MS)) {
        Ok(0) => return Err(format!("setting up the sandbox took longer than {SET_UP_TIMEOUT_MS} ms")),
        Ok(_) => {}
        Err(errno) => return Err(format!("waiting for the sandbox: {errno}")),
    }
    match channel.receive()? {
        Some((Up::Failed(reason), _)) => Err(reason),
        Some(message) => Ok(message),
        None => Err("the sandbox ended while it was set up".into()),
    }
}

/// Waits until everything stands for a run. Gives its work folder. What is told of stages of the run before is not news.
fn wait_until_built(channel: &Channel) -> Result<OwnedFd, String> {
    loop {
        match wait_for(channel)? {
            (Up::Built, descriptors) => {
                return descriptors
                    .into_iter()
                    .next()
                    .ok_or("the sandbox did not show its work folder".into());
            }
            (Up::Ended { .. }, _) => {}
            (other, _) => return Err(format!("the sandbox said {other:?} before it was built")),
        }
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
