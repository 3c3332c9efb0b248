//! The two processes of one stage: init, the first of its pid namespace, and the program-to-be.

use std::{
    fs,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::Path,
    time::Duration,
};

use nix::{libc, mount::MsFlags};
use polyground_protocol::{CellConfig, TerminalSize, WarmCommand};

use super::{
    super::{
        EXTRA_PROCESSES, Ended,
        channel::{Channel, Down, Up},
        landlock::Fence,
        mounts::{Size, doing, mask, read_only, tmpfs},
        program,
        seccomp::Filters,
        warm,
    },
    folders::{WORK_FOLDER, run_size},
    set_dumpable,
};
use crate::{
    sys,
    terminal::{self, Terminal},
};

/// Parts of `/proc` that tell of the host (SECURITY.md §4.3). `locks` lists the open file description locks of all
/// namespaces: runs on one machine could talk through it.
const MASKED: &[&str] = &[
    "/proc/kcore",
    "/proc/keys",
    "/proc/key-users",
    "/proc/timer_list",
    "/proc/interrupts",
    "/proc/kallsyms",
    "/proc/kmsg",
    "/proc/locks",
    "/proc/config.gz",
    "/proc/cmdline",
    "/proc/sysrq-trigger",
];

/// Terminals of a stage: its own, and a few that its program makes.
const MAX_TERMINALS: u32 = 8;

/// What a stage's processes have besides their surroundings.
pub(super) struct Ends<'a> {
    /// To the agent.
    pub channel: Channel,
    /// Where init tells how the program ended: the holder's end, to the agent.
    pub report: &'a Channel,
    /// The stage's number there.
    pub id: u32,
    /// What a warm stage starts with, and its descriptors.
    pub warm: Option<(WarmCommand, warm::Theirs)>,
    /// The size of its terminal, where it gets one.
    pub terminal: Option<TerminalSize>,
}

/// Init's life: finishes the stage's surroundings, starts the program-to-be, reaps. Gives its exit code.
///
/// `forbid` forbids new namespaces, once this stage's own stand.
pub(super) fn run_init(
    config: &CellConfig,
    filters: &Filters,
    ends: Ends<'_>,
    forbid: impl FnOnce() -> Result<(), String>,
) -> i32 {
    let Ends { channel, report, id, warm, terminal } = ends;
    let started = set_up(config, forbid).and_then(|()| {
        let start = match (warm, terminal) {
            (Some((command, ends)), _) => Start::Warm(command, ends),
            (None, Some(size)) => Start::OnTerminal(new_terminal(size)?),
            (None, None) => Start::WhenTold,
        };
        give_up_rights(filters)?;
        // What the program starts with is closed here: whoever reads its output must see the end when the program's own
        // descriptors are closed.
        let program = sys::spawn(0, || run_program(config, &channel, start));
        doing("starting the program's process", program)
    });
    match started {
        Ok(program) => {
            drop(channel);
            let ended = reap_all(program);
            let _ = report.send(&Up::Ended { id, ended }, &[]);
            // The agent was just woken, perhaps on this processor: the answer goes before the work of ending.
            std::thread::sleep(YIELD);
            0
        }
        Err(reason) => {
            let _ = channel.send(&Up::Failed(reason), &[]);
            1
        }
    }
}

/// Gives up what nobody in this stage needs once its surroundings stand: init only waits and kills from here on, and the program is born
/// without what it must not have. Whoever got hold of init would be no better off than the program is.
fn give_up_rights(filters: &Filters) -> Result<(), String> {
    doing("giving up capabilities", sys::keep_capabilities(&[]))?;
    filters.apply_last()
}

/// How long init lets others go first when it has nothing to do any more but to end.
const YIELD: Duration = Duration::from_micros(300);

/// How a program-to-be starts.
enum Start {
    /// At once, as this, with these streams.
    Warm(WarmCommand, warm::Theirs),
    /// When it is told, with the streams that it is given.
    WhenTold,
    /// When it is told, with a terminal.
    OnTerminal(Terminal),
}

/// A terminal out of a mount of the stage's own, in which there is no other.
fn new_terminal(size: TerminalSize) -> Result<Terminal, String> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
    let options = format!("newinstance,ptmxmode=0666,mode=0620,max={MAX_TERMINALS}");
    let folder = terminal::FOLDER;
    let mounted = nix::mount::mount(Some("devpts"), folder, Some("devpts"), flags, Some(options.as_str()));
    doing("mounting the stage's terminals", mounted)?;
    doing("a terminal", Terminal::open(size))
}

fn set_up(config: &CellConfig, forbid: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    doing("prctl", sys::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong))?;
    tmpfs(Path::new("/tmp"), run_size(config), 0o1777, MsFlags::empty())?;
    tmpfs(Path::new("/home/user"), run_size(config), 0o700, MsFlags::empty())?;
    let shm = Size { bytes: config.shm_bytes, files: config.files_count };
    tmpfs(Path::new("/dev/shm"), shm, 0o1777, MsFlags::MS_NOEXEC)?;
    forbid()?;
    mount_proc()
}

fn mount_proc() -> Result<(), String> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    let mounted = nix::mount::mount(Some("proc"), "/proc", Some("proc"), flags, Some("hidepid=2"));
    doing("mounting the stage's /proc", mounted)?;
    MASKED.iter().try_for_each(|path| mask(Path::new(path)))?;
    let settings = Path::new("/proc/sys");
    super::super::mounts::bind(settings, settings)?;
    read_only(settings)
}

/// Reaps everything that becomes init's child until the program has ended, then ends and reaps all the rest. Taking down the
/// namespaces comes after that and is nothing that a caller should wait for.
fn reap_all(program: libc::pid_t) -> Ended {
    let mut status = None;
    while let Some(waited) = sys::wait(-1, 0) {
        if waited.pid == program {
            status = Some(waited.status);
            // Everybody but init itself.
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(-1), nix::sys::signal::Signal::SIGKILL);
        }
    }
    let used = sys::used_by_family();
    Ended { status, cpu_us: used.cpu_us, max_rss_bytes: used.max_rss_bytes }
}

/// The program-to-be: gives up everything, says that it is ready, and becomes its command: at once where it has a warm one,
/// else when it is told.
fn run_program(config: &CellConfig, channel: &Channel, start: Start) -> i32 {
    let channel = match program::out_of_the_way(channel.as_fd()) {
        Ok(copy) => Channel::from_fd(copy),
        Err(_) => return 127,
    };
    match wait_and_become(config, &channel, start) {
        Ok(never) => match never {},
        Err(failure) => {
            let _ = channel.send(&failure, &[]);
            127
        }
    }
}

fn wait_and_become(
    config: &CellConfig,
    channel: &Channel,
    start: Start,
) -> Result<std::convert::Infallible, Up> {
    let terminals = matches!(start, Start::OnTerminal(_)).then_some(Path::new(terminal::FOLDER));
    prepare(config, terminals).map_err(Up::Failed)?;
    let handle = |pid| doing("a process handle", sys::pidfd_open(pid)).map_err(Up::Failed);
    let init = handle(1)?;
    let this = handle(nix::unistd::getpid().as_raw())?;
    let mut handles = vec![init.as_fd(), this.as_fd()];
    if let Start::OnTerminal(terminal) = &start {
        handles.push(terminal.ours.as_fd());
    }
    channel.send(&Up::Ready, &handles).map_err(Up::Failed)?;
    drop((init, this));
    let theirs = match start {
        Start::Warm(command, ends) => {
            return program::become_program(&(&command).into(), &ends.as_fds(), EXTRA_PROCESSES)
                .map_err(Up::NotExecuted);
        }
        Start::OnTerminal(Terminal { theirs, .. }) => Some(theirs),
        Start::WhenTold => None,
    };
    let Some((Down::Go(stage), descriptors)) = channel.receive().map_err(Up::Failed)? else {
        return Err(Up::Failed("the stage was not told what to run".into()));
    };
    let become_it = |streams: &[BorrowedFd<'_>]| {
        program::become_program(&(&stage).into(), streams, EXTRA_PROCESSES).map_err(Up::NotExecuted)
    };
    if let Some(theirs) = theirs {
        return become_it(&[theirs.as_fd(); 3]);
    }
    let Ok([stdin, stdout, stderr]) = <[OwnedFd; 3]>::try_from(descriptors) else {
        return Err(Up::Failed("the stage did not get its three streams".into()));
    };
    become_it(&[stdin.as_fd(), stdout.as_fd(), stderr.as_fd()])
}

/// Gives up what init needs and the program must not have. In this order: each step needs what the next one takes.
fn prepare(config: &CellConfig, terminals: Option<&Path>) -> Result<(), String> {
    doing("prctl", sys::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong))?;
    doing("a session", nix::unistd::setsid())?;
    doing("the work folder", nix::unistd::chdir(WORK_FOLDER))?;
    // The kernel takes the program first when memory runs out. Only a process that may be inspected may say so.
    set_dumpable(true)?;
    doing("oom_score_adj", fs::write("/proc/self/oom_score_adj", "1000"))?;
    Fence::new(&config.overlay, terminals)?.apply()
}
