//! From a stage's description to the running command: the last steps before `execve`, common to all sandboxes.

use std::{
    convert::Infallible,
    ffi::{CString, OsString},
    os::{
        fd::{BorrowedFd, FromRawFd, OwnedFd},
        unix::ffi::OsStringExt,
    },
};

use nix::{
    errno::Errno,
    fcntl::{FcntlArg, fcntl},
    libc,
    sys::{
        resource::{Resource, rlim_t, setrlimit},
        signal::{SigHandler, Signal, signal},
        stat::{Mode, umask},
    },
};
use polyground_protocol::{StageLimits, StageSpec, WarmCommand};

use super::mounts::doing;
use crate::{sys, terminal};

/// Where commands are looked for when the image does not say.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Variables of the agent's own process that say nothing about the image.
const NOT_THE_IMAGES: &[&str] = &["HOME", "HOSTNAME", "PWD", "OLDPWD", "SHLVL", "TERM", "_"];

/// CPU seconds that a warm process may use before it is given a stage. Those of the stage are counted from there.
const WARM_START_CPU_SECONDS: u64 = 30;

/// The image's own environment, as the engine gave it to the agent.
fn base_environment() -> Vec<(OsString, OsString)> {
    let mut environment: Vec<_> =
        std::env::vars_os().filter(|(name, _)| !NOT_THE_IMAGES.iter().any(|other| name == other)).collect();
    for (name, value) in [("PATH", DEFAULT_PATH), ("LANG", "C.UTF-8")] {
        if !environment.iter().any(|(known, _)| known == name) {
            environment.push((name.into(), value.into()));
        }
    }
    environment.push(("HOME".into(), "/home/user".into()));
    environment
}

/// What a process is to become.
pub(crate) struct Command<'a> {
    pub argv: &'a [String],
    pub env: &'a [(String, String)],
    pub limits: &'a StageLimits,
    /// Whether it starts before it is known what it shall run.
    pub is_warm: bool,
    /// Whether its stdin is to be its controlling terminal.
    pub has_terminal: bool,
}

impl<'a> From<&'a StageSpec> for Command<'a> {
    fn from(stage: &'a StageSpec) -> Self {
        Self {
            argv: &stage.argv,
            env: &stage.env,
            limits: &stage.limits,
            is_warm: false,
            has_terminal: stage.terminal.is_some(),
        }
    }
}

impl<'a> From<&'a WarmCommand> for Command<'a> {
    fn from(warm: &'a WarmCommand) -> Self {
        Self { argv: &warm.argv, env: &warm.env, limits: &warm.limits, is_warm: true, has_terminal: false }
    }
}

/// Makes this process the command. It keeps `descriptors` as 0, 1, 2 and so on, and nothing else. `extra_processes` are those
/// of the sandbox itself that count against its bound.
///
/// Gives why it could not; the process must end then.
pub(crate) fn become_program(
    command: &Command<'_>,
    descriptors: &[BorrowedFd<'_>],
    extra_processes: u64,
) -> Result<Infallible, String> {
    let argv =
        command.argv.iter().map(|part| c_string(part.clone().into())).collect::<Result<Vec<_>, _>>()?;
    let name = command.argv.first().ok_or("the command is empty")?;
    let environment = merge(command.env);
    let path = environment.iter().find(|(name, _)| name == "PATH").map(|(_, path)| path.clone());
    let env = environment
        .into_iter()
        .map(|(name, value)| {
            let mut pair = name;
            pair.push("=");
            pair.push(value);
            c_string(pair)
        })
        .collect::<Result<Vec<_>, _>>()?;
    set_limits(command, extra_processes)?;
    umask(Mode::from_bits_retain(0o022));
    // Ignored signals stay ignored over `execve`; the agent ignores this one.
    // SAFETY: SIG_DFL is not a handler: no code runs.
    doing("SIGPIPE", unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) })?;
    for (number, fd) in (0..).zip(descriptors) {
        doing("a descriptor", sys::become_fd(*fd, number))?;
    }
    if command.has_terminal {
        doing("the controlling terminal", terminal::take_control())?;
    }
    let first_unknown = i32::try_from(descriptors.len()).unwrap_or(i32::MAX);
    doing("closing descriptors", sys::close_on_exec_from(first_unknown))?;
    let mut last = Errno::ENOENT;
    for candidate in candidates(name, path) {
        match sys::exec(&c_string(candidate)?, &argv, &env) {
            Errno::ENOENT | Errno::ENOTDIR => {}
            errno => last = errno,
        }
    }
    Err(format!("`{name}` could not be executed: {}", last.desc()))
}

/// The lowest number that a descriptor may have which must outlive [`become_program`]'s renumbering.
const KEPT_FROM: libc::c_int = 16;

/// A copy of a descriptor that [`become_program`] does not overwrite.
pub(crate) fn out_of_the_way(fd: BorrowedFd<'_>) -> Result<OwnedFd, String> {
    let copy = doing("a descriptor", fcntl(fd, FcntlArg::F_DUPFD_CLOEXEC(KEPT_FROM)))?;
    // SAFETY: the kernel has just made this descriptor for us.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

/// The image's environment with the stage's on top; later entries win.
fn merge(on_top: &[(String, String)]) -> Vec<(OsString, OsString)> {
    let mut environment = base_environment();
    for (name, value) in on_top {
        environment.retain(|(known, _)| known != name.as_str());
        environment.push((name.into(), value.into()));
    }
    environment
}

/// The files that a command's name may mean, in order.
fn candidates(command: &str, path: Option<OsString>) -> Vec<OsString> {
    if command.contains('/') {
        return vec![command.into()];
    }
    std::env::split_paths(&path.unwrap_or_else(|| DEFAULT_PATH.into()))
        .map(|folder| folder.join(command).into_os_string())
        .collect()
}

fn c_string(text: OsString) -> Result<CString, String> {
    CString::new(text.into_vec()).map_err(|_| "a NUL byte stands in an argument or variable".into())
}

/// The kernel's own bounds on each process (SECURITY.md §4.3). Not on address space: several runtimes reserve far more than they use.
fn set_limits(command: &Command<'_>, extra_processes: u64) -> Result<(), String> {
    let limits = command.limits;
    let processes = rlim_t::from(limits.processes) + extra_processes;
    // One second more than the stage's own bound, which the agent watches for all processes together.
    let starting = if command.is_warm { WARM_START_CPU_SECONDS } else { 0 };
    let cpu_seconds = limits.cpu_ms.div_ceil(1000) + 1 + starting;
    let mut bounds = vec![
        (Resource::RLIMIT_NPROC, processes),
        (Resource::RLIMIT_NOFILE, rlim_t::from(limits.open_files)),
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_FSIZE, limits.file_bytes),
        (Resource::RLIMIT_MEMLOCK, 64 << 10),
        (Resource::RLIMIT_MSGQUEUE, 0),
        (Resource::RLIMIT_SIGPENDING, 256),
        (Resource::RLIMIT_RTPRIO, 0),
        (Resource::RLIMIT_NICE, 0),
        (Resource::RLIMIT_CPU, cpu_seconds),
    ];
    if let Some(data_bytes) = limits.data_bytes {
        bounds.push((Resource::RLIMIT_DATA, data_bytes));
    }
    for (resource, bound) in bounds {
        doing(format_args!("the bound {resource:?}"), lower(resource, bound))?;
    }
    doing("the bound on the stack", soften(Resource::RLIMIT_STACK, 8 << 20))
}

/// Sets a bound that the process cannot raise again, or keeps a lower one that it has already.
fn lower(resource: Resource, bound: rlim_t) -> nix::Result<()> {
    let (_, hard) = nix::sys::resource::getrlimit(resource)?;
    let bound = bound.min(hard);
    setrlimit(resource, bound, bound)
}

/// Sets a bound that the process may raise up to the hard one.
fn soften(resource: Resource, bound: rlim_t) -> nix::Result<()> {
    let (_, hard) = nix::sys::resource::getrlimit(resource)?;
    setrlimit(resource, bound.min(hard), hard)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_for_on_the_path_and_a_path_is_taken_as_it_is() {
        assert_eq!(candidates("sh", Some("/a:/b".into())), ["/a/sh", "/b/sh"]);
        assert_eq!(candidates("/build/program", Some("/a".into())), ["/build/program"]);
        assert_eq!(candidates("./x", None), ["./x"]);
    }

    #[test]
    fn later_variables_win() {
        let merged = merge(&[("HOME".into(), "/one".into()), ("HOME".into(), "/two".into())]);
        let homes: Vec<_> = merged.iter().filter(|(name, _)| name == "HOME").collect();
        assert_eq!(homes, [&("HOME".into(), "/two".into())]);
    }
}
