//! The first process of a run's namespaces: builds the root, starts stages and counts what they used.
//! Runs with all capabilities of its own user namespace and none outside.

use std::{
    fs,
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use nix::{
    errno::Errno,
    fcntl::{OFlag, open},
    libc,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::stat::Mode,
    unistd::{Gid, Uid},
};
use polyground_protocol::{CellConfig, TerminalSize, WarmCommand};

use super::{
    super::{
        Ended, HOST_NAME, INSIDE_ID,
        channel::{Channel, Down, Up},
        mounts::doing,
        seccomp::Filters,
        warm,
    },
    root, set_dumpable, stage,
};
use crate::sys;

/// Namespaces that a stage's own init needs the holder to be allowed to make.
const STAGE_NAMESPACES: [&str; 3] = ["pid", "mnt", "ipc"];

/// Namespaces that nobody needs once the sandbox stands.
const OTHER_NAMESPACES: [&str; 4] = ["user", "net", "uts", "cgroup"];

/// The agent's user and group. Only the agent can say: in the new user namespace they have no number yet.
pub(super) type OutsideIds = (Uid, Gid);

/// The holder's life. Gives its exit code.
pub(super) fn run(config: &CellConfig, filters: &Filters, channel: &Channel, ids: OutsideIds) -> i32 {
    match set_up(config, ids).and_then(|work| serve(config, filters, channel, &work)) {
        Ok(()) => 0,
        Err(reason) => {
            let _ = channel.send(&Up::Failed(reason), &[]);
            1
        }
    }
}

fn set_up(config: &CellConfig, ids: OutsideIds) -> Result<OwnedFd, String> {
    doing("prctl", sys::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong))?;
    become_inside_user(ids)?;
    set_dumpable(false)?;
    doing("naming the machine", nix::unistd::sethostname(HOST_NAME))?;
    doing("bringing up the loopback device", sys::loopback_up())?;
    root::build(config)?;
    allow_namespaces(&OTHER_NAMESPACES, 0)?;
    let flags = OFlag::O_DIRECTORY | OFlag::O_RDONLY | OFlag::O_CLOEXEC;
    doing("opening the work folder", open(root::WORK_FOLDER, flags, Mode::empty()))
}

/// Maps the one user and group that this process has outside to [`INSIDE_ID`]: all that it is allowed to map.
fn become_inside_user((uid, gid): OutsideIds) -> Result<(), String> {
    doing("setgroups", fs::write("/proc/self/setgroups", "deny"))?;
    doing("uid_map", fs::write("/proc/self/uid_map", format!("{INSIDE_ID} {uid} 1")))?;
    doing("gid_map", fs::write("/proc/self/gid_map", format!("{INSIDE_ID} {gid} 1")))
}

/// How many namespaces of these kinds may still be made in the run's user namespace.
fn allow_namespaces(kinds: &[&str], most: u32) -> Result<(), String> {
    kinds.iter().try_for_each(|kind| {
        let path = format!("/proc/sys/user/max_{kind}_namespaces");
        match fs::write(&path, most.to_string()) {
            // A kernel without this kind of namespace has nothing to forbid.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            result => doing(path, result),
        }
    })
}

/// A stage that has been started and not been waited for.
struct Held {
    id: u32,
    init: libc::pid_t,
    handle: OwnedFd,
    /// Where init tells how the program ended.
    status: OwnedFd,
}

/// Starts the stages that the agent asks for and tells it of their ends, until the agent has gone.
fn serve(config: &CellConfig, filters: &Filters, channel: &Channel, work: &OwnedFd) -> Result<(), String> {
    channel.send(&Up::Built, &[work.as_fd()])?;
    let mut held: Vec<Held> = Vec::new();
    loop {
        let (asked, ended) = wait(channel, &held)?;
        for index in ended.into_iter().rev() {
            let stage = held.swap_remove(index);
            let id = stage.id;
            channel.send(&Up::Ended { id, ended: bury(stage)? }, &[])?;
        }
        if asked {
            match channel.receive()? {
                Some((Down::Prepare { id, warm, terminal }, descriptors)) => {
                    let start = Start::new(warm, terminal, descriptors)?;
                    held.push(hold_stage(config, filters, id, start)?);
                }
                Some((Down::Go(_), _)) => return Err("the holder was given a stage's command".into()),
                None => return Ok(()),
            }
        }
    }
}

/// Waits until the agent says something, and for the end of stages: gives their indices, in order.
fn wait(channel: &Channel, held: &[Held]) -> Result<(bool, Vec<usize>), String> {
    let mut set = vec![PollFd::new(channel.as_fd(), PollFlags::POLLIN)];
    set.extend(held.iter().map(|stage| PollFd::new(stage.handle.as_fd(), PollFlags::POLLIN)));
    match poll(&mut set, PollTimeout::NONE) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(errno) => return Err(format!("poll: {errno}")),
    }
    let ready: Vec<bool> =
        set.iter().map(|fd| fd.revents().is_some_and(|events| !events.is_empty())).collect();
    let ended = (0..held.len()).filter(|index| ready[index + 1]).collect();
    Ok((ready[0], ended))
}

/// What a stage is made with.
struct Start {
    channel: Channel,
    warm: Option<(WarmCommand, warm::Theirs)>,
    terminal: Option<TerminalSize>,
}

impl Start {
    /// With the descriptors that came with [`Down::Prepare`].
    fn new(
        warm: Option<WarmCommand>,
        terminal: Option<TerminalSize>,
        descriptors: Vec<OwnedFd>,
    ) -> Result<Self, String> {
        let mut descriptors = descriptors.into_iter();
        let channel = Channel::from_fd(descriptors.next().ok_or("a stage came without its channel")?);
        let warm = match warm {
            Some(command) => Some((command, warm::Theirs::try_from(descriptors.collect::<Vec<_>>())?)),
            None => None,
        };
        Ok(Self { channel, warm, terminal })
    }
}

/// Makes one stage, which tells the agent by its own channel that it waits.
fn hold_stage(config: &CellConfig, filters: &Filters, id: u32, start: Start) -> Result<Held, String> {
    allow_namespaces(&STAGE_NAMESPACES, 8)?;
    let (status_reader, status_writer) = doing("a pipe", nix::unistd::pipe2(OFlag::O_CLOEXEC))?;
    // The child owns copies of everything that the closure owns; the holder's own end with it.
    let init = sys::spawn(sys::namespaces::STAGE, move || {
        let forbid = || allow_namespaces(&STAGE_NAMESPACES, 0);
        let Start { channel, warm, terminal } = start;
        let ends = stage::Ends { channel, status: status_writer, warm, terminal };
        stage::run_init(config, filters, ends, forbid)
    });
    let init = doing("making a stage's namespaces", init)?;
    let handle = doing("a process handle", sys::pidfd_open(init))?;
    Ok(Held { id, init, handle, status: status_reader })
}

/// Waits for a stage that has ended. Gives how.
fn bury(stage: Held) -> Result<Ended, String> {
    let waited = sys::wait(stage.init, 0).ok_or("a stage's first process vanished")?;
    let mut status = [0; 4];
    let told = nix::unistd::read(&stage.status, &mut status);
    Ok(Ended {
        status: (told == Ok(4)).then(|| i32::from_ne_bytes(status)),
        cpu_us: waited.cpu_us,
        max_rss_bytes: waited.max_rss_bytes,
    })
}

/// Where the run's own proc file system stands while the root is built.
pub(super) fn proc_folder(root: &Path) -> std::path::PathBuf {
    root.join("proc")
}
