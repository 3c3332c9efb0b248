//! The two processes of one stage: init, the first of its pid namespace, and the program-to-be.

use std::{
    fs,
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use nix::{libc, mount::MsFlags};
use polyground_protocol::{CellConfig, WarmCommand};

use super::{
    super::{
        EXTRA_PROCESSES,
        channel::{Channel, Down, Up},
        landlock::Fence,
        mounts::{Size, doing, mask, read_only, tmpfs},
        program,
        seccomp::Filters,
        warm,
    },
    root::run_size,
    set_dumpable,
};
use crate::sys;

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

/// What a stage's processes have besides their surroundings.
pub(super) struct Ends {
    /// To the agent.
    pub channel: Channel,
    /// Where init tells how the program ended.
    pub status: OwnedFd,
    /// What a warm stage starts with, and its descriptors.
    pub start: Option<(WarmCommand, warm::Theirs)>,
}

/// Init's life: finishes the stage's surroundings, starts the program-to-be, reaps. Gives its exit code.
///
/// `forbid` forbids new namespaces, once this stage's own stand.
pub(super) fn run_init(
    config: &CellConfig,
    filters: &Filters,
    ends: Ends,
    forbid: impl FnOnce() -> Result<(), String>,
) -> i32 {
    let Ends { channel, status, start } = ends;
    let started = set_up(config, forbid).and_then(|()| {
        let program = sys::spawn(0, || run_program(config, filters, &channel, start.as_ref()));
        doing("starting the program's process", program)
    });
    // Whoever reads the program's output must see its end when the program's own descriptors are closed.
    drop(start);
    match started {
        Ok(program) => {
            drop(channel);
            reap_until_ended(program, &status);
            0
        }
        Err(reason) => {
            let _ = channel.send(&Up::Failed(reason), &[]);
            1
        }
    }
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

/// Reaps everything that becomes init's child, until the program has ended; leaving then ends all the rest.
fn reap_until_ended(program: libc::pid_t, status: &OwnedFd) {
    while let Some(waited) = sys::wait(-1, 0) {
        if waited.pid == program {
            let _ = nix::unistd::write(status, &waited.status.to_ne_bytes());
            return;
        }
    }
}

/// The program-to-be: gives up everything, says that it is ready, and becomes its command: at once where it has a warm one,
/// else when it is told.
fn run_program(
    config: &CellConfig,
    filters: &Filters,
    channel: &Channel,
    start: Option<&(WarmCommand, warm::Theirs)>,
) -> i32 {
    let channel = match program::out_of_the_way(channel.as_fd()) {
        Ok(copy) => Channel::from_fd(copy),
        Err(_) => return 127,
    };
    match wait_and_become(config, filters, &channel, start) {
        Ok(never) => match never {},
        Err(failure) => {
            let _ = channel.send(&failure, &[]);
            127
        }
    }
}

fn wait_and_become(
    config: &CellConfig,
    filters: &Filters,
    channel: &Channel,
    start: Option<&(WarmCommand, warm::Theirs)>,
) -> Result<std::convert::Infallible, Up> {
    prepare(config, filters).map_err(Up::Failed)?;
    let handle = |pid| doing("a process handle", sys::pidfd_open(pid)).map_err(Up::Failed);
    let init = handle(1)?;
    let this = handle(nix::unistd::getpid().as_raw())?;
    channel.send(&Up::Ready, &[init.as_fd(), this.as_fd()]).map_err(Up::Failed)?;
    drop((init, this));
    if let Some((command, ends)) = start {
        return program::become_program(&command.into(), &ends.as_fds(), EXTRA_PROCESSES)
            .map_err(Up::NotExecuted);
    }
    let Some((Down::Go(stage), descriptors)) = channel.receive().map_err(Up::Failed)? else {
        return Err(Up::Failed("the stage was not told what to run".into()));
    };
    let Ok([stdin, stdout, stderr]) = <[OwnedFd; 3]>::try_from(descriptors) else {
        return Err(Up::Failed("the stage did not get its three streams".into()));
    };
    let streams = [stdin.as_fd(), stdout.as_fd(), stderr.as_fd()];
    program::become_program(&(&stage).into(), &streams, EXTRA_PROCESSES).map_err(Up::NotExecuted)
}

/// Gives up what the program must not have. In this order: each step needs what the next one takes.
fn prepare(config: &CellConfig, filters: &Filters) -> Result<(), String> {
    doing("prctl", sys::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong))?;
    doing("a session", nix::unistd::setsid())?;
    doing("the work folder", nix::unistd::chdir(super::root::WORK_FOLDER))?;
    // The kernel takes the program first when memory runs out. Only a process that may be inspected may say so.
    set_dumpable(true)?;
    doing("oom_score_adj", fs::write("/proc/self/oom_score_adj", "1000"))?;
    doing("giving up capabilities", sys::drop_capabilities())?;
    Fence::new(&config.overlay)?.apply()?;
    filters.apply()
}
