//! The system calls that a program may not make, on top of what the cell itself forbids (SECURITY.md §4.2).
//!
//! Runtimes probe for features, so what is forbidden gives an error and does not kill; only another architecture's
//! calls do. Several filters are stacked: each gives one answer, and what makes a sandbox can bear all but one of them.

use std::collections::BTreeMap;

use nix::libc;
use seccompiler::{
    BpfProgram, SeccompAction,
    SeccompCmpArgLen::{Dword, Qword},
    SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch, sock_filter,
};

/// Calls that give EPERM whatever their arguments, and that a sandbox is made with.
const MAKING: &[libc::c_long] = &[libc::SYS_unshare, libc::SYS_mount, libc::SYS_umount2];

/// Calls that give EPERM whatever their arguments.
const FORBIDDEN: &[libc::c_long] = &[
    libc::SYS_setns,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_mount_setattr,
    SYS_OPEN_TREE_ATTR,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_vmsplice,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_reboot,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_acct,
    libc::SYS_syslog,
    libc::SYS_memfd_secret,
    libc::SYS_fanotify_init,
];

/// `open_tree_attr` of linux/unistd.h, which has this number on every architecture.
const SYS_OPEN_TREE_ATTR: libc::c_long = 467;

/// Calls that do not exist here, so that callers fall back on older ones.
const ABSENT: &[libc::c_long] =
    &[libc::SYS_clone3, libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register];

/// The bits of `clone`'s flags that ask for a new namespace.
const NEW_NAMESPACES: &[libc::c_int] = &[
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWCGROUP,
    CLONE_NEWTIME,
];

/// `CLONE_NEWTIME` of linux/sched.h.
const CLONE_NEWTIME: libc::c_int = 0x80;

/// The socket families that a program may use.
const FAMILIES: &[libc::c_int] = &[libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// What no program may do to a terminal: push input into one that others read (STI, LINUX), take the console's output
/// (CONS), or have the kernel drive it by another protocol, of which many have had holes (SETD).
const TERMINAL_REQUESTS: &[libc::c_ulong] = &[libc::TIOCSTI, libc::TIOCLINUX, libc::TIOCCONS, libc::TIOCSETD];

/// `SECCOMP_FILTER_FLAG_NEW_LISTENER` of linux/seccomp.h.
const NEW_LISTENER: u64 = 1 << 3;

/// The filters of a program, ready to be put in force. Making them takes longer than arming a sandbox should.
#[derive(Clone)]
pub(crate) struct Filters {
    /// What whoever makes sandboxes can bear, once the root stands. The kernel compiles a filter when it is put in force, and a
    /// process is born with those of its parent.
    standing: Vec<BpfProgram>,
    /// The rest.
    last: BpfProgram,
}

impl Filters {
    /// Makes the filters for this machine's architecture.
    pub(crate) fn new() -> Result<Self, String> {
        let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
        let forbidden = filter(forbidden_rules()?, libc::EPERM, arch)?;
        let absent = filter(ABSENT.iter().map(|call| (*call, Vec::new())).collect(), libc::ENOSYS, arch)?;
        let mut standing = vec![forbidden, absent];
        standing.extend(no_x32());
        Ok(Self { standing, last: filter(making_rules()?, libc::EPERM, arch)? })
    }

    /// Puts all of them in force for this process and all that it will start.
    pub(crate) fn apply(&self) -> Result<(), String> {
        self.apply_standing()?;
        self.apply_last()
    }

    /// Puts those in force that leave this process able to make sandboxes.
    pub(crate) fn apply_standing(&self) -> Result<(), String> {
        self.standing.iter().try_for_each(put_in_force)
    }

    /// Puts the rest in force, where the others are already.
    pub(crate) fn apply_last(&self) -> Result<(), String> {
        put_in_force(&self.last)
    }
}

fn put_in_force(program: &BpfProgram) -> Result<(), String> {
    seccompiler::apply_filter(program).map_err(|error| format!("seccomp: {error}"))
}

type Rules = BTreeMap<libc::c_long, Vec<SeccompRule>>;

fn filter(rules: Rules, errno: libc::c_int, arch: TargetArch) -> Result<BpfProgram, String> {
    let answer = SeccompAction::Errno(errno.unsigned_abs());
    SeccompFilter::new(rules, SeccompAction::Allow, answer, arch)
        .and_then(BpfProgram::try_from)
        .map_err(|error| error.to_string())
}

fn making_rules() -> Result<Rules, String> {
    let mut rules: Rules = MAKING.iter().map(|call| (*call, Vec::new())).collect();
    let namespaces: Vec<u64> = NEW_NAMESPACES.iter().map(|flag| u64::from(flag.unsigned_abs())).collect();
    rules.insert(libc::SYS_clone, any_of(0, &namespaces)?);
    Ok(rules)
}

/// Rules of which each holds when one of these bits is set in the argument.
fn any_of(argument: u8, bits: &[u64]) -> Result<Vec<SeccompRule>, String> {
    bits.iter().map(|bit| rule(&[(argument, SeccompCmpOp::MaskedEq(*bit), *bit)])).collect()
}

fn forbidden_rules() -> Result<Rules, String> {
    let mut rules: Rules = FORBIDDEN.iter().map(|call| (*call, Vec::new())).collect();
    rules.insert(libc::SYS_seccomp, any_of(1, &[NEW_LISTENER])?);

    let not_a_family: Vec<_> =
        FAMILIES.iter().map(|family| (0, SeccompCmpOp::Ne, u64::from(family.unsigned_abs()))).collect();
    let netlink = u64::from(libc::AF_NETLINK.unsigned_abs());
    let not_route = [(0, SeccompCmpOp::Eq, netlink), (2, SeccompCmpOp::Ne, 0)];
    rules.insert(libc::SYS_socket, vec![rule(&not_a_family)?, rule(&not_route)?]);
    let requests = TERMINAL_REQUESTS.iter().map(|request| rule(&[(1, SeccompCmpOp::Eq, *request)]));
    rules.insert(libc::SYS_ioctl, requests.collect::<Result<_, _>>()?);
    // Its own init has the same user, so the kernel would let a program bound it, and end it by that.
    rules.insert(libc::SYS_prlimit64, vec![rule(&[(0, SeccompCmpOp::Eq, 1)])?]);
    Ok(rules)
}

/// A rule that holds when all of these (argument, comparison, value) do.
fn rule(conditions: &[(u8, SeccompCmpOp, u64)]) -> Result<SeccompRule, String> {
    let conditions = conditions.iter().map(|(argument, comparison, value)| {
        // The kernel reads flags whole; families, protocols and ioctl requests are 32-bit.
        let width = if matches!(comparison, SeccompCmpOp::MaskedEq(_)) { Qword } else { Dword };
        SeccompCondition::new(*argument, width, comparison.clone(), *value)
    });
    conditions.collect::<Result<_, _>>().and_then(SeccompRule::new).map_err(|error| error.to_string())
}

/// On x86-64 the same architecture carries a second table of calls, x32, which the rules above would not see:
/// those calls do not exist here. Hand-written because seccompiler has no word for it.
#[cfg(target_arch = "x86_64")]
fn no_x32() -> Option<BpfProgram> {
    const LOAD_WORD: u16 = 0x20;
    const JUMP_IF_AT_LEAST: u16 = 0x35;
    const RETURN: u16 = 0x06;
    const NUMBER_OFFSET: u32 = 0;
    const X32_BIT: u32 = 0x4000_0000;
    const ALLOW: u32 = 0x7fff_0000;
    const ERRNO: u32 = 0x0005_0000;
    let enosys = ERRNO | libc::ENOSYS.unsigned_abs();
    Some(vec![
        sock_filter { code: LOAD_WORD, jt: 0, jf: 0, k: NUMBER_OFFSET },
        sock_filter { code: JUMP_IF_AT_LEAST, jt: 0, jf: 1, k: X32_BIT },
        sock_filter { code: RETURN, jt: 0, jf: 0, k: enosys },
        sock_filter { code: RETURN, jt: 0, jf: 0, k: ALLOW },
    ])
}

#[cfg(not(target_arch = "x86_64"))]
fn no_x32() -> Option<BpfProgram> {
    None
}
