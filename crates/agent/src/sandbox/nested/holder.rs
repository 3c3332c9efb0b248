//! The first process of a run's namespaces: builds the root, starts one stage at a time and counts what it used.
//! Runs with all capabilities of its own user namespace and none outside.

use std::{
    fs,
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use nix::{
    fcntl::{OFlag, open},
    libc,
    sys::stat::Mode,
    unistd::{Gid, Uid},
};
use polyground_protocol::CellConfig;

use super::{
    super::{
        Ended, HOST_NAME, INSIDE_ID,
        channel::{Channel, Down, Up},
        mounts::doing,
        seccomp::Filters,
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

fn serve(config: &CellConfig, filters: &Filters, channel: &Channel, work: &OwnedFd) -> Result<(), String> {
    loop {
        let ended = hold_stage(config, filters, channel, work)?;
        channel.send(&Up::Ended(ended), &[])?;
        match channel.receive()? {
            Some((Down::Prepare, _)) => {}
            Some((Down::Go(_), _)) => return Err("a stage was started that had not been prepared".into()),
            None => return Ok(()),
        }
    }
}

/// Makes one stage that waits for its command, and waits until all of it is over.
fn hold_stage(
    config: &CellConfig,
    filters: &Filters,
    channel: &Channel,
    work: &OwnedFd,
) -> Result<Ended, String> {
    allow_namespaces(&STAGE_NAMESPACES, 8)?;
    let (status_reader, status_writer) = doing("a pipe", nix::unistd::pipe2(OFlag::O_CLOEXEC))?;
    let init = sys::spawn(sys::namespaces::STAGE, || {
        let forbid = || allow_namespaces(&STAGE_NAMESPACES, 0);
        stage::run_init(
            config,
            filters,
            &stage::Ends { channel, work: work.as_fd(), status: &status_writer },
            forbid,
        )
    });
    let init = doing("making a stage's namespaces", init)?;
    drop(status_writer);
    let waited = sys::wait(init, 0).ok_or("the stage's first process vanished")?;
    let mut status = [0; 4];
    let told = nix::unistd::read(&status_reader, &mut status);
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
