//! The cell itself as the sandbox, for one run, where the host allows no namespaces inside it.
//!
//! The agent is root in the cell with the few capabilities that it takes to become another user and to end that
//! user's processes; programs run as that other user, for which the agent cannot be touched. The container's own
//! bounds hold the run, and the container goes after it.

use std::{
    convert::Infallible,
    fs::File,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use nix::{
    libc,
    sys::signal::{Signal, kill},
    unistd::{Gid, Pid, Uid, setgid, setgroups, setsid, setuid},
};
use polyground_protocol::{Begin, CellConfig, StageSpec, TerminalSize, WarmCommand};

use super::{
    Ended, Report, Started,
    channel::{Channel, Up},
    landlock::Fence,
    mounts::doing,
    program::{self, Command},
    seccomp::Filters,
    warm,
};
use crate::{
    pipes::{Pipes, pipes},
    sys,
    terminal::Terminal,
};

/// What the agent keeps: it becomes the program's user, and ends that user's processes.
const CAPABILITIES: [sys::Capability; 3] = [sys::CAP_KILL, sys::CAP_SETGID, sys::CAP_SETUID];

/// The one run's surroundings.
pub(crate) struct SingleUse {
    uid: u32,
    work: File,
    filters: Filters,
    /// The process that waits for the first stage, where the cell has one.
    warm: Option<Warm>,
    /// Whether that process has still to be started.
    is_cold: bool,
    fence: Fence,
    /// Folders that the run sees writable.
    overlay: Vec<String>,
    stage: Option<Stage>,
}

struct Warm {
    stage: Stage,
    ours: warm::Ours,
    /// The bound on processes that it was started with.
    processes: u32,
}

struct Stage {
    program: libc::pid_t,
    handle: OwnedFd,
    /// The program's process tells here why it could not execute the command.
    channel: Channel,
    told: bool,
    /// A warm process's.
    _control: Option<OwnedFd>,
}

impl SingleUse {
    /// Checks that the cell is what this mode needs.
    pub(crate) fn arm(config: &CellConfig, filters: Filters) -> Result<Self, String> {
        if config.single_use_uid == 0 {
            return Err("programs must not run as root".into());
        }
        if !nix::unistd::geteuid().is_root() || nix::unistd::getpid().as_raw() != 1 {
            return Err("a single-use cell needs the agent as root and as its first process".into());
        }
        // What takes the bounding set away has served its purpose with that: programs inherit an empty one.
        sys::drop_bounding_set();
        doing("giving up capabilities", sys::keep_capabilities(&CAPABILITIES))?;
        let work = doing("/box", File::open("/box"))?;
        Ok(Self {
            uid: config.single_use_uid,
            work,
            filters,
            fence: Fence::new(&config.overlay, None)?,
            overlay: config.overlay.clone(),
            warm: None,
            is_cold: !config.warm.is_empty(),
            stage: None,
        })
    }

    pub(crate) fn is_cold(&self) -> bool {
        self.is_cold
    }

    /// Starts the process that waits for the first stage. Others would end with it: what ends a stage here ends everything in
    /// the cell.
    pub(crate) fn warm_up(&mut self, commands: &[WarmCommand]) -> Result<(), String> {
        self.is_cold = false;
        self.warm = commands.first().map(|command| self.start_warm(command)).transpose()?;
        Ok(())
    }

    pub(crate) fn work_folder(&self) -> BorrowedFd<'_> {
        self.work.as_fd()
    }

    pub(crate) fn uid(&self) -> u32 {
        self.uid
    }

    pub(crate) fn wake(&self) -> Option<BorrowedFd<'_>> {
        self.stage.as_ref().map(|stage| stage.handle.as_fd())
    }

    fn start_warm(&self, command: &WarmCommand) -> Result<Warm, String> {
        // The program must own its pipes to open them again as `/dev/stdout`.
        let (ours, theirs) = sys::as_user(Some(self.uid), warm::ends)?;
        let stage = self.spawn(&command.into(), &theirs.as_fds(), &self.fence)?;
        Ok(Warm { stage, ours, processes: command.limits.processes })
    }

    pub(crate) fn begin(&mut self, commands: &[WarmCommand], begin: &Begin) -> Result<(), String> {
        let wanted = begin.warm.contains(&0);
        if self.is_cold && wanted && begin.insists {
            self.warm_up(commands)?;
        }
        self.is_cold = false;
        if let Some(warm) = self.warm.take_if(|_| !wanted) {
            warm.stage.end();
        }
        Ok(())
    }

    pub(crate) fn start(&mut self, spec: &StageSpec) -> Result<Started, String> {
        if let (Some(warm), Some(call)) = (self.warm.take(), &spec.warm) {
            // Another user's bounds cannot be changed: what was set at its start must do.
            let fits = call.index == 0 && spec.limits.processes >= warm.processes;
            let handed =
                fits.then(|| warm.ours.hand_over_as_it_is(warm.stage.handle.as_fd(), call)).flatten();
            if let Some(cpu_us) = handed {
                self.stage = Some(Stage { _control: Some(warm.ours.control), ..warm.stage });
                return Ok(Started { pipes: warm.ours.pipes, cpu_us_before: Some(cpu_us) });
            }
            warm.stage.end();
        }
        if let Some(size) = spec.terminal {
            return self.start_on_terminal(spec, size);
        }
        let (pipes, stdio) = doing("pipes", sys::as_user(Some(self.uid), pipes))?;
        let streams = [stdio.stdin.as_fd(), stdio.stdout.as_fd(), stdio.stderr.as_fd()];
        self.stage = Some(self.spawn(&spec.into(), &streams, &self.fence)?);
        Ok(Started { pipes, cpu_us_before: None })
    }

    /// Starts a stage on a terminal. The container's own mount has room for thousands; where Landlock is, the program can open
    /// this one and make none.
    fn start_on_terminal(&mut self, spec: &StageSpec, size: TerminalSize) -> Result<Started, String> {
        let terminal = doing("a terminal", sys::as_user(Some(self.uid), || Terminal::open(size)))?;
        let path = doing("a terminal", terminal.path())?;
        let fence = Fence::new(&self.overlay, Some(&path))?;
        self.stage = Some(self.spawn(&spec.into(), &[terminal.theirs.as_fd(); 3], &fence)?);
        let pipes = doing("a terminal", Pipes::over_terminal(terminal.ours))?;
        Ok(Started { pipes, cpu_us_before: None })
    }

    fn spawn(
        &self,
        command: &Command<'_>,
        descriptors: &[BorrowedFd<'_>],
        fence: &Fence,
    ) -> Result<Stage, String> {
        let (channel, theirs) = doing("a socket pair", Channel::pair())?;
        let program = sys::spawn(0, || {
            let Ok(theirs) = program::out_of_the_way(theirs.as_fd()).map(Channel::from_fd) else {
                return 127;
            };
            let failure = match self.become_program(command, descriptors, fence) {
                Ok(never) => match never {},
                Err(reason) => Up::NotExecuted(reason),
            };
            let _ = theirs.send(&failure, &[]);
            127
        });
        let program = doing("starting the program's process", program)?;
        let handle = doing("a process handle", sys::pidfd_open(program))?;
        Ok(Stage { program, handle, channel, told: false, _control: None })
    }

    fn become_program(
        &self,
        command: &Command<'_>,
        descriptors: &[BorrowedFd<'_>],
        fence: &Fence,
    ) -> Result<Infallible, String> {
        doing("a session", setsid())?;
        doing("the work folder", nix::unistd::chdir("/box"))?;
        doing("oom_score_adj", std::fs::write("/proc/self/oom_score_adj", "1000"))?;
        doing("groups", setgroups(&[]))?;
        doing("the group", setgid(Gid::from_raw(self.uid)))?;
        doing("the user", setuid(Uid::from_raw(self.uid)))?;
        doing("giving up capabilities", sys::keep_capabilities(&[]))?;
        fence.apply()?;
        self.filters.apply()?;
        program::become_program(command, descriptors, 0)
    }

    /// The next thing to tell of the running stage. Its program has ended when this is called.
    pub(crate) fn report(&mut self) -> Report {
        if let Some(stage) = &mut self.stage
            && !stage.told
        {
            stage.told = true;
            if let Ok(Some((Up::NotExecuted(reason), _))) = stage.channel.receive() {
                return Report::NotExecuted(reason);
            }
        }
        let program = self.stage.take().map(|stage| stage.program);
        Self::kill_everything();
        let mut ended = Ended { status: None, cpu_us: 0, max_rss_bytes: 0 };
        // Every process of the cell but the agent is its child by now or becomes one.
        while let Some(waited) = sys::wait(-1, 0) {
            if Some(waited.pid) == program {
                ended.status = Some(waited.status);
            }
            ended.cpu_us += waited.cpu_us;
            ended.max_rss_bytes = ended.max_rss_bytes.max(waited.max_rss_bytes);
        }
        Report::Ended(ended)
    }

    pub(crate) fn signal(&self, signal: i32) {
        if let Some(stage) = &self.stage {
            let _ = sys::pidfd_send_signal(stage.handle.as_fd(), signal);
        }
    }

    /// Ends every process of the cell but the agent, which is its first.
    pub(crate) fn kill_everything() {
        if nix::unistd::getpid().as_raw() == 1 {
            let _ = kill(Pid::from_raw(-1), Signal::SIGKILL);
        }
    }
}

impl Stage {
    /// Ends a process that has not been given a stage.
    fn end(&self) {
        let _ = sys::pidfd_send_signal(self.handle.as_fd(), libc::SIGKILL);
        let _ = sys::wait(self.program, 0);
    }
}
