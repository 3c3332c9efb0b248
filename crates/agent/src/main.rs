//! The agent: the first and only standing process of a cell.
//!
//! It speaks the protocol over its stdin and stdout, builds a throw-away sandbox before each run, starts the run's
//! stages in it, holds their bounds, and takes it down. When its stdin closes it ends, and the cell with it.
//!
//! It has one thread, because a process must be single-threaded to make copies of itself in new namespaces; it
//! never runs as root in a nested cell; it trusts neither the server's frames nor anything a program left behind.

mod artifacts;
mod cell;
mod direct;
mod files;
mod kernel_file;
mod link;
mod pipes;
mod sandbox;
mod stage;
mod sys;
mod terminal;
mod usage;
mod warming;

use std::{
    fs::OpenOptions,
    io,
    os::fd::{AsFd, OwnedFd},
    process::ExitCode,
};

use nix::{
    fcntl::{FcntlArg, fcntl},
    libc,
    unistd::{dup2_stdin, dup2_stdout},
};

use crate::{
    cell::{Cell, End},
    link::Link,
};

/// The exit code of an agent whose surroundings are not what they must be (`EX_CONFIG` of sysexits.h).
const EXIT_CONFIG: u8 = 78;

fn main() -> ExitCode {
    let link = match take_streams().and_then(|(input, output)| Link::new(input, output)) {
        Ok(link) => link,
        Err(error) => {
            eprintln!(
                "polyground-agent: {error}. This program is started by a Polyground server, not by hand."
            );
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    match Cell::serve(link) {
        End::Done => ExitCode::SUCCESS,
        End::Failed(reason) => {
            eprintln!("polyground-agent: {reason}");
            ExitCode::from(EXIT_CONFIG)
        }
    }
}

/// Moves the protocol to descriptors that no child inherits, and shuts this process to others of the same user.
fn take_streams() -> io::Result<(OwnedFd, OwnedFd)> {
    let private = |fd: &dyn AsFd| -> io::Result<OwnedFd> {
        const FROM: libc::c_int = 10;
        let copy = fcntl(fd.as_fd(), FcntlArg::F_DUPFD_CLOEXEC(FROM))?;
        // SAFETY: the kernel has just made this descriptor for us.
        Ok(unsafe { std::os::fd::FromRawFd::from_raw_fd(copy) })
    };
    let (input, output) = (private(&io::stdin())?, private(&io::stdout())?);
    let null = OpenOptions::new().read(true).write(true).open("/dev/null")?;
    dup2_stdin(&null)?;
    dup2_stdout(&null)?;
    sys::prctl(libc::PR_SET_NO_NEW_PRIVS, 1)?;
    sys::prctl(libc::PR_SET_DUMPABLE, 0)?;
    // A server that has gone must be seen as an error of the write, not end the agent halfway.
    // SAFETY: SIG_IGN is not a handler: no code runs.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
    Ok((input, output))
}
