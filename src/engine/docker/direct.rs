//! The short way to an agent: a socket that it holds for us, taken out of its process. Where that can be had, no byte of a run
//! goes through the engine, whose every write wakes a chain of its processes. It takes an engine on this machine and the right
//! to trace its processes, which root has; else frames go through the engine's attached streams.

use std::{
    fs, io,
    os::fd::AsRawFd,
    os::unix::net::UnixStream as StdUnixStream,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use nix::{
    libc,
    sys::socket::{UnixAddr, getsockname},
};
use polyground_protocol::{Direct, PROOF_BYTES};
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
use tokio::{io::AsyncReadExt, net::UnixStream, time::timeout};

/// How long the bytes that prove whose socket it is may take. The agent has written them before it told of it.
const PROOF_PATIENCE: Duration = Duration::from_secs(1);

/// Whether cells are reached that way.
#[derive(Debug)]
pub(super) struct Shortcut {
    usable: AtomicBool,
}

/// The process of an agent, as the engine names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct AgentProcess {
    /// Its number in the engine's namespace, which may be another one than ours.
    pub(super) pid: i64,
    /// The user that it runs as, in the container.
    pub(super) uid: u32,
}

impl Shortcut {
    /// To be tried where `wanted`.
    pub(super) fn new(wanted: bool) -> Self {
        Self { usable: AtomicBool::new(wanted) }
    }

    /// Whether it is worth trying.
    pub(super) fn is_usable(&self) -> bool {
        self.usable.load(Ordering::Relaxed)
    }

    /// Takes the socket. `None`: the engine's streams must do. Where this server cannot have any, others are not tried.
    pub(super) async fn take(&self, agent: AgentProcess, offered: &Direct) -> Option<UnixStream> {
        match take(agent, offered).await {
            Ok(stream) => Some(stream),
            Err(error) => {
                // A process that has ended meanwhile says nothing of the next one.
                let has_gone = matches!(error.raw_os_error(), Some(libc::ESRCH | libc::ENOENT));
                if !has_gone && self.usable.swap(false, Ordering::Relaxed) {
                    tracing::info!(
                        "cells are reached through the engine, not directly, which is slower: {error}. \
                         A server that runs as root (or with CAP_SYS_PTRACE) beside the engine reaches them directly"
                    );
                }
                None
            }
        }
    }
}

async fn take(agent: AgentProcess, offered: &Direct) -> io::Result<UnixStream> {
    let pid = i32::try_from(agent.pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| io::Error::other("the engine names no process"))?;
    let process = pidfd_open(pid, PidfdFlags::empty())?;
    // Looked at while the descriptor keeps the number from being used again. A stranger's sockets must not even be read from.
    if !is_first_of_its_namespace(pid, agent.uid)? {
        return Err(io::Error::other("the engine's process numbers are not those of this machine"));
    }
    let socket = pidfd_getfd(&process, offered.descriptor, PidfdGetfdFlags::empty())?;
    getsockname::<UnixAddr>(socket.as_raw_fd())?;
    let socket = StdUnixStream::from(socket);
    socket.set_nonblocking(true)?;
    let mut stream = UnixStream::from_std(socket)?;
    let mut proof = [0; PROOF_BYTES];
    timeout(PROOF_PATIENCE, stream.read_exact(&mut proof)).await??;
    if proof != offered.proof {
        return Err(io::Error::other("the socket is another one than was offered"));
    }
    Ok(stream)
}

/// Whether a process runs as this user and is the first of a pid namespace below ours, as agents do and are (proc_pid_status(5)).
fn is_first_of_its_namespace(pid: Pid, uid: u32) -> io::Result<bool> {
    let status = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero()))?;
    Ok(field(&status, "Uid:").next() == Some(&uid.to_string())
        && field(&status, "NSpid:").count() > 1
        && field(&status, "NSpid:").last() == Some("1"))
}

fn field<'a>(status: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_default().split_whitespace()
}

#[cfg(test)]
mod tests {
    use std::os::{fd::AsFd, unix::net::UnixStream as Std};

    use super::*;

    #[test]
    fn a_process_that_is_no_agent_is_left_alone() {
        let own = Pid::from_raw(std::process::id().cast_signed()).unwrap();
        let uid = nix::unistd::getuid().as_raw();
        assert!(!is_first_of_its_namespace(own, uid).unwrap());
        assert_eq!(field("Uid:\t100003\t100003\nNSpid:\t81\t1\n", "NSpid:").last(), Some("1"));
        assert_eq!(field("Uid:\t1\n", "NSpid:").count(), 0);
    }

    #[tokio::test]
    async fn what_cannot_be_had_is_not_tried_again() {
        let shortcut = Shortcut::new(true);
        let (_near, far) = Std::pair().unwrap();
        let offered = Direct { descriptor: far.as_fd().as_raw_fd(), proof: [0; PROOF_BYTES] };
        let agent = AgentProcess { pid: i64::from(std::process::id()), uid: 0 };
        assert!(shortcut.take(agent, &offered).await.is_none());
        assert!(!shortcut.is_usable());
    }
}
