//! How many files and connections the process may have open.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Takes as many as the system allows: shells and service managers give a process 1024 where it may have far more, and every
/// connection and every cell needs some. Where that fails, those that there are must do.
pub(super) fn take_all() {
    let taken = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| {
        if soft < hard { setrlimit(Resource::RLIMIT_NOFILE, hard, hard) } else { Ok(()) }
    });
    if let Err(error) = taken {
        tracing::debug!(%error, "the number of open files could not be raised");
    }
}
