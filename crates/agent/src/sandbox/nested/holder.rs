//! The first process of the namespaces in a cell: builds the root, and for each run its folders, starts stages and counts what
//! they used. Runs with all capabilities of its own user namespace and none outside.

use std::{
    fs,
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use nix::{
    errno::Errno,
    libc,
    poll::{PollFd, PollFlags, PollTimeout, poll},
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
    bounds::Bounds,
    folders,
    network::Network,
    root, set_dumpable, stage,
};
use crate::sys;

/// Namespaces that a stage's own init needs the holder to be allowed to make.
const STAGE_NAMESPACES: [&str; 3] = ["pid", "mnt", "ipc"];

/// Namespaces that the holder needs between runs.
const NETWORK_NAMESPACES: [&str; 1] = ["net"];

/// Namespaces that nobody needs once the root stands.
const OTHER_NAMESPACES: [&str; 3] = ["user", "uts", "cgroup"];

/// The agent's user and group. Only the agent can say: in the new user namespace they have no number yet.
pub(super) type OutsideIds = (Uid, Gid);

/// The holder's life. Gives its exit code.
pub(super) fn run(config: &CellConfig, filters: &Filters, channel: &Channel, ids: OutsideIds) -> i32 {
    match Holder::set_up(config, filters, channel, ids).and_then(|mut holder| holder.serve()) {
        Ok(()) => 0,
        Err(reason) => {
            let _ = channel.send(&Up::Failed(reason), &[]);
            1
        }
    }
}

/// Maps the one user and group that this process has outside to [`INSIDE_ID`]: all that it is allowed to map.
fn become_inside_user((uid, gid): OutsideIds) -> Result<(), String> {
    doing("setgroups", fs::write("/proc/self/setgroups", "deny"))?;
    doing("uid_map", fs::write("/proc/self/uid_map", format!("{INSIDE_ID} {uid} 1")))?;
    doing("gid_map", fs::write("/proc/self/gid_map", format!("{INSIDE_ID} {gid} 1")))
}

/// A stage that has been started and not been waited for.
struct Held {
    id: u32,
    init: libc::pid_t,
    handle: OwnedFd,
}

/// What the first process of the namespaces does its work with.
struct Holder<'a> {
    config: &'a CellConfig,
    filters: &'a Filters,
    /// To the agent.
    channel: &'a Channel,
    /// On namespaces that stages are made with.
    stages: Bounds,
    /// On network namespaces.
    networks: Bounds,
    network: Network,
    /// The stages of the present run.
    held: Vec<Held>,
}

impl<'a> Holder<'a> {
    fn set_up(
        config: &'a CellConfig,
        filters: &'a Filters,
        channel: &'a Channel,
        ids: OutsideIds,
    ) -> Result<Self, String> {
        doing("prctl", sys::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong))?;
        become_inside_user(ids)?;
        set_dumpable(false)?;
        // Nothing here executes anything before it has given up all: no `exec` shall give any of it back.
        sys::drop_bounding_set();
        doing("naming the machine", nix::unistd::sethostname(HOST_NAME))?;
        root::build(config)?;
        Bounds::on(&OTHER_NAMESPACES)?.forbid()?;
        let (stages, networks) = (Bounds::on(&STAGE_NAMESPACES)?, Bounds::on(&NETWORK_NAMESPACES)?);
        stages.forbid()?;
        networks.forbid()?;
        filters.apply_standing()?;
        Ok(Self { config, filters, channel, stages, networks, network: Network::new()?, held: Vec::new() })
    }

    /// Serves one run after the other, until the agent has gone.
    fn serve(&mut self) -> Result<(), String> {
        loop {
            let work = folders::mount(self.config)?;
            self.channel.send(&Up::Built, &[work.as_fd()])?;
            // Whoever has it keeps the run's files from going away.
            drop(work);
            match self.serve_run()? {
                Then::Wipe => self.wipe()?,
                Then::End => return Ok(()),
            }
        }
    }

    /// Starts the stages that the agent asks for and tells it of their ends, until the run is over.
    fn serve_run(&mut self) -> Result<Then, String> {
        loop {
            let (asked, ended) = wait(self.channel, &self.held)?;
            for index in ended.into_iter().rev() {
                let stage = self.held.swap_remove(index);
                let id = stage.id;
                // Init has told before how the program ended, unless it was killed.
                self.channel.send(&Up::Ended { id, ended: bury(&stage)? }, &[])?;
            }
            if asked {
                match self.channel.receive()? {
                    Some((Down::Prepare { id, warm, terminal }, descriptors)) => {
                        let start = Start::new(warm, terminal, descriptors)?;
                        let stage = self.hold_stage(id, start)?;
                        self.held.push(stage);
                    }
                    Some((Down::Wipe, _)) => return Ok(Then::Wipe),
                    Some((Down::Go(_), _)) => return Err("the holder was given a stage's command".into()),
                    None => return Ok(Then::End),
                }
            }
        }
    }

    /// Makes one stage, which tells the agent by its own channel that it waits.
    fn hold_stage(&self, id: u32, start: Start) -> Result<Held, String> {
        self.stages.lift()?;
        // The child owns copies of everything that the closure owns; the holder's own end with it.
        let init = sys::spawn(sys::namespaces::STAGE, move || {
            let Start { channel, warm, terminal } = start;
            let ends = stage::Ends { channel, report: self.channel, id, warm, terminal };
            stage::run_init(self.config, self.filters, ends, || self.stages.forbid())
        });
        let init = doing("making a stage's namespaces", init)?;
        let handle = doing("a process handle", sys::pidfd_open(init))?;
        Ok(Held { id, init, handle })
    }

    /// Ends all that is left of a run, and takes away what it has used.
    fn wipe(&mut self) -> Result<(), String> {
        for stage in &self.held {
            doing("ending a stage", sys::pidfd_send_signal(stage.handle.as_fd(), libc::SIGKILL))?;
        }
        for stage in self.held.drain(..) {
            bury(&stage)?;
        }
        folders::unmount(self.config)?;
        if self.network.is_fresh() {
            return Ok(());
        }
        self.networks.lift()?;
        self.network.renew()?;
        self.networks.forbid()
    }
}

/// What comes after a run.
enum Then {
    /// Another one.
    Wipe,
    /// Nothing: the agent has gone.
    End,
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

/// Waits for a stage that has ended. Gives how.
fn bury(stage: &Held) -> Result<Ended, String> {
    let waited = sys::wait(stage.init, 0).ok_or("a stage's first process vanished")?;
    Ok(Ended { status: None, cpu_us: waited.cpu_us, max_rss_bytes: waited.max_rss_bytes })
}

/// Where the run's own proc file system stands while the root is built.
pub(super) fn proc_folder(root: &Path) -> std::path::PathBuf {
    root.join("proc")
}
