//! The system calls that no crate wraps as we need them. Every `unsafe` of the agent but for `fork`-like code stands here.

use std::{
    io,
    os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd},
};

use nix::{errno::Errno, libc};

/// Namespaces that a process can be born into.
pub(crate) mod namespaces {
    use nix::libc;

    /// For the sandbox of one run.
    pub(crate) const RUN: libc::c_int = libc::CLONE_NEWUSER
        | libc::CLONE_NEWPID
        | libc::CLONE_NEWNS
        | libc::CLONE_NEWNET
        | libc::CLONE_NEWUTS
        | libc::CLONE_NEWCGROUP
        | libc::CLONE_NEWIPC;

    /// For one stage within it.
    pub(crate) const STAGE: libc::c_int = libc::CLONE_NEWPID | libc::CLONE_NEWNS | libc::CLONE_NEWIPC;
}

/// Starts a child with a copy of this process's memory, as `fork` does, in new `namespaces`; it runs `body` and never returns.
/// Gives the child's pid.
///
/// A panic in `body` ends the child, it never unwinds into the parent's frames.
pub(crate) fn spawn(namespaces: libc::c_int, body: impl FnOnce() -> i32) -> Result<libc::pid_t, Errno> {
    let flags = libc::c_long::from(namespaces | libc::SIGCHLD);
    // SAFETY: without CLONE_VM and with a null stack this is `fork`. The agent has one thread, so no lock is
    // held by another and the child's copy of the heap is consistent.
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) };
    match pid {
        0 => {
            let code = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).unwrap_or(70);
            // SAFETY: ends the process without running the parent's exit handlers a second time.
            unsafe { libc::_exit(code) }
        }
        -1 => Err(Errno::last()),
        pid => Ok(pid as libc::pid_t),
    }
}

/// A handle on a process that stays right when its number is used again.
pub(crate) fn pidfd_open(pid: libc::pid_t) -> Result<OwnedFd, Errno> {
    // SAFETY: takes two integers; the result is checked before it is owned.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    // SAFETY: the kernel has just given us this descriptor.
    Errno::result(fd).map(|fd| unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// Sends `signal` to the process behind a handle.
pub(crate) fn pidfd_send_signal(pidfd: BorrowedFd<'_>, signal: i32) -> Result<(), Errno> {
    // SAFETY: integers and a null siginfo, which the call allows.
    let result = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            signal,
            std::ptr::null::<libc::siginfo_t>(),
            0,
        )
    };
    Errno::result(result).map(drop)
}

/// Marks every descriptor from `first` on to be closed when another program is executed.
pub(crate) fn close_on_exec_from(first: libc::c_int) -> Result<(), Errno> {
    // SAFETY: only sets a flag on descriptors.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
    Errno::result(result).map(drop)
}

/// Makes `fd` be the descriptor `number`, inherited by the next program. Whatever had that number is closed.
pub(crate) fn become_fd(fd: BorrowedFd<'_>, number: libc::c_int) -> Result<(), Errno> {
    // SAFETY: integers only. The caller owns nothing under `number`.
    Errno::result(unsafe { libc::dup2(fd.as_raw_fd(), number) })?;
    // Duplicating a descriptor onto itself leaves its flag.
    // SAFETY: integers only.
    Errno::result(unsafe { libc::fcntl(number, libc::F_SETFD, 0) }).map(drop)
}

/// The number, in this process's pid namespace, of the process behind a handle. `None` when it is not to be seen from here.
pub(crate) fn pid_of(pidfd: BorrowedFd<'_>) -> Option<libc::pid_t> {
    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd())).ok()?;
    let pid: libc::pid_t = info.lines().find_map(|line| line.strip_prefix("Pid:"))?.trim().parse().ok()?;
    (pid > 0).then_some(pid)
}

/// The CPU time in microseconds that all threads of a process have used.
pub(crate) fn cpu_us_of(pid: libc::pid_t) -> Option<u64> {
    let mut clock: libc::clockid_t = 0;
    // SAFETY: writes the clock's id to a live value.
    if unsafe { libc::clock_getcpuclockid(pid, &raw mut clock) } != 0 {
        return None;
    }
    let time = nix::time::clock_gettime(nix::time::ClockId::from_raw(clock)).ok()?;
    u64::try_from(time.tv_sec() * 1_000_000 + time.tv_nsec() / 1000).ok()
}

/// Puts a bound of the kernel's on another process, where it has none that is lower.
pub(crate) fn lower_limit_of(
    pid: libc::pid_t,
    resource: libc::__rlimit_resource_t,
    bound: u64,
) -> Result<(), Errno> {
    let mut now = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: reads no new bound and writes the present one to a live value.
    Errno::result(unsafe { libc::prlimit(pid, resource, std::ptr::null(), &raw mut now) })?;
    let bound = bound.min(now.rlim_max);
    let new = libc::rlimit { rlim_cur: bound, rlim_max: bound };
    // SAFETY: reads a live value and writes nothing.
    Errno::result(unsafe { libc::prlimit(pid, resource, &raw const new, std::ptr::null_mut()) }).map(drop)
}

/// What `wait4` tells of an ended child: its status as the kernel packs it, and what it and all its waited-for children used.
pub(crate) struct Waited {
    /// Which child.
    pub pid: libc::pid_t,
    /// As `waitpid` gives it.
    pub status: libc::c_int,
    /// User and system time together.
    pub cpu_us: u64,
    /// Of the largest process.
    pub max_rss_bytes: u64,
}

/// Waits for a child (`-1`: any) with `wait4`. `None` when there is none (or none has ended, with `WNOHANG`).
pub(crate) fn wait(pid: libc::pid_t, options: libc::c_int) -> Option<Waited> {
    loop {
        let mut status = 0;
        // SAFETY: an all-zero rusage is a valid value of that plain struct.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: both pointers are to live values of the right types.
        let pid = unsafe { libc::wait4(pid, &raw mut status, options | libc::__WALL, &raw mut usage) };
        match pid {
            0 => return None,
            -1 if Errno::last() == Errno::EINTR => {}
            -1 => return None,
            pid => {
                return Some(Waited {
                    pid,
                    status,
                    cpu_us: micros(usage.ru_utime) + micros(usage.ru_stime),
                    max_rss_bytes: u64::try_from(usage.ru_maxrss).unwrap_or(0) * 1024,
                });
            }
        }
    }
}

/// What a process and its children have used.
pub(crate) struct Used {
    /// User and system time together.
    pub cpu_us: u64,
    /// Of the largest process.
    pub max_rss_bytes: u64,
}

/// What this process has used, and those that it has waited for with theirs.
pub(crate) fn used_by_family() -> Used {
    let of = |who| {
        // SAFETY: an all-zero rusage is a valid value of that plain struct.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: the pointer is to a live value of the right type.
        unsafe { libc::getrusage(who, &raw mut usage) };
        let max_rss_bytes = u64::try_from(usage.ru_maxrss).unwrap_or(0) * 1024;
        Used { cpu_us: micros(usage.ru_utime) + micros(usage.ru_stime), max_rss_bytes }
    };
    let (own, children) = (of(libc::RUSAGE_SELF), of(libc::RUSAGE_CHILDREN));
    Used {
        cpu_us: own.cpu_us + children.cpu_us,
        max_rss_bytes: own.max_rss_bytes.max(children.max_rss_bytes),
    }
}

fn micros(time: libc::timeval) -> u64 {
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000 + u64::try_from(time.tv_usec).unwrap_or(0)
}

/// How many bytes wait in a pipe or terminal to be read; 0 where nobody can tell.
pub(crate) fn waiting_bytes(fd: BorrowedFd<'_>) -> usize {
    let mut bytes: libc::c_int = 0;
    // SAFETY: this request writes one integer through the pointer, which is to a live one.
    let told = unsafe { libc::ioctl(fd.as_raw_fd(), libc::FIONREAD, &raw mut bytes) };
    if told == 0 { usize::try_from(bytes).unwrap_or(0) } else { 0 }
}

/// `prctl` with one integer argument.
pub(crate) fn prctl(option: libc::c_int, argument: libc::c_ulong) -> Result<(), Errno> {
    // SAFETY: used only with options whose arguments are integers.
    Errno::result(unsafe { libc::prctl(option, argument, 0, 0, 0) }).map(drop)
}

/// A capability by its number in linux/capability.h.
pub(crate) type Capability = u32;

/// Signals to other users' processes.
pub(crate) const CAP_KILL: Capability = 5;

/// Becoming another group.
pub(crate) const CAP_SETGID: Capability = 6;

/// Becoming another user.
pub(crate) const CAP_SETUID: Capability = 7;

/// Gives up every capability but these.
pub(crate) fn keep_capabilities(kept: &[Capability]) -> Result<(), Errno> {
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    const VERSION_3: u32 = 0x2008_0522;
    let header = Header { version: VERSION_3, pid: 0 };
    let mask = kept.iter().filter(|number| **number < 32).fold(0_u32, |mask, number| mask | 1 << number);
    // Effective, permitted and inheritable of the first 32; then of the others.
    let sets = [mask, mask, 0, 0, 0, 0];
    // SAFETY: the layout of capset(2) for version 3: a header and two triples of u32.
    Errno::result(unsafe { libc::syscall(libc::SYS_capset, &raw const header, sets.as_ptr()) }).map(drop)
}

/// Gives up the capabilities that a later `exec` could give, as far as this process may: without any of its own it
/// can gain none either, because new privileges are off.
pub(crate) fn drop_bounding_set() {
    for capability in 0..64 {
        // The first number that the kernel does not know is the end of the list.
        if prctl(libc::PR_CAPBSET_DROP, capability).is_err() {
            break;
        }
    }
}

/// Makes file accesses count as this user's (and its group's), without becoming it.
fn set_fs_ids(uid: u32) {
    // SAFETY: integers only. They do not report errors; a file that cannot be written later does.
    unsafe {
        libc::setfsgid(uid);
        libc::setfsuid(uid);
    }
}

/// Does something with files as a user, where one is named: what is made belongs to that user.
pub(crate) fn as_user<T>(user: Option<u32>, act: impl FnOnce() -> T) -> T {
    let Some(uid) = user else { return act() };
    set_fs_ids(uid);
    let result = act();
    set_fs_ids(0);
    result
}

/// Brings up the loopback device of this network namespace.
pub(crate) fn loopback_up() -> io::Result<()> {
    // SAFETY: plain integers; the result is checked before it is owned.
    let fd = unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just given us this descriptor.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: an all-zero ifreq is a valid value of that plain struct.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    request.ifr_name[0] = b'l' as libc::c_char;
    request.ifr_name[1] = b'o' as libc::c_char;
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: SIOCSIFFLAGS reads the ifreq that lives until the call returns.
    match unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The version of the kernel's Landlock interface; 0 where there is none.
pub(crate) fn landlock_abi() -> u32 {
    const VERSION: u32 = 1;
    // SAFETY: with this flag the call takes no attributes and only answers with a number.
    let answer = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<libc::c_void>(), 0_usize, VERSION)
    };
    u32::try_from(answer).unwrap_or(0)
}

/// Replaces this process. Gives why it could not.
pub(crate) fn exec(path: &std::ffi::CStr, argv: &[std::ffi::CString], env: &[std::ffi::CString]) -> Errno {
    match nix::unistd::execve(path, argv, env) {
        Ok(never) => match never {},
        Err(errno) => errno,
    }
}

/// Whether this process has any capability in effect.
pub(crate) fn has_capabilities() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| {
        status
            .lines()
            .find_map(|line| line.strip_prefix("CapEff:"))
            .is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).unwrap_or(u64::MAX) != 0)
    })
}
