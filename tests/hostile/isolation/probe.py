"""What the attacks in Python share: system calls by name, and one line of output for each attempt.

A line says how the kernel refused (`mount: EPERM`), or `BREACH` where something was granted that must not be.
"""

import ctypes
import errno
import os
import platform

assert platform.machine() == "x86_64", "the table below holds x86-64's numbers"

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long

NUMBERS = {
    "clone": 56, "ptrace": 101, "syslog": 103, "mknod": 133, "personality": 135, "ustat": 136, "vhangup": 153,
    "modify_ldt": 154, "pivot_root": 155, "adjtimex": 159, "chroot": 161, "acct": 163, "settimeofday": 164,
    "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169, "sethostname": 170,
    "setdomainname": 171, "iopl": 172, "ioperm": 173, "init_module": 175, "delete_module": 176, "quotactl": 179,
    "lookup_dcookie": 212, "clock_settime": 227, "mbind": 237, "set_mempolicy": 238, "mq_open": 240,
    "mq_unlink": 241, "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250, "migrate_pages": 256,
    "unshare": 272, "vmsplice": 278, "move_pages": 279, "perf_event_open": 298, "fanotify_init": 300,
    "prlimit64": 302, "name_to_handle_at": 303, "open_by_handle_at": 304, "clock_adjtime": 305, "setns": 308,
    "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "finit_module": 313, "sched_setattr": 314,
    "seccomp": 317, "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323, "pidfd_send_signal": 424,
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429,
    "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_open": 434, "clone3": 435,
    "openat2": 437, "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442, "quotactl_fd": 443,
    "memfd_secret": 447, "process_mrelease": 448, "open_tree_attr": 467, "fork": 57, "vfork": 58, "wait4": 61,
    "msgget": 68, "msgsnd": 69, "msgrcv": 70, "shmget": 29, "shmat": 30, "semget": 64, "semctl": 66, "shmctl": 31,
    "msgctl": 71, "socket": 41, "ioprio_set": 251, "ioprio_get": 252, "capset": 126, "capget": 125,
}


def name_of(number):
    return errno.errorcode.get(number, str(number))


def call(name, *args):
    """The call's result and None, or -1 and the name of the error."""
    numbers = [ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args]
    ctypes.set_errno(0)
    result = LIBC.syscall(ctypes.c_long(NUMBERS[name]), *numbers)
    return (result, None) if result != -1 else (-1, name_of(ctypes.get_errno()))


def refused(label, name, *args):
    """Makes a call that must fail, and says how it did."""
    result, error = call(name, *args)
    print(f"{label}: {error}" if error else f"{label}: BREACH, gave {result}", flush=True)
    return result, error


def absent(label, name, *args):
    """Makes a call that must fail because it is forbidden or not part of this kernel."""
    _, error = call(name, *args)
    print(f"{label}: refused" if error in ("EPERM", "ENOSYS") else f"{label}: BREACH, {error}", flush=True)


def denied(label, attempt):
    """Does what must raise an OSError, and says which."""
    try:
        result = attempt()
    except OSError as error:
        print(f"{label}: {name_of(error.errno)}", flush=True)
        return None
    print(f"{label}: BREACH, gave {result!r:.200}", flush=True)
    return result


def unwritable(path, text):
    """Writes, without any buffer between, to what must not take it."""

    def attempt():
        fd = os.open(path, os.O_WRONLY)
        try:
            return os.write(fd, text.encode())
        finally:
            os.close(fd)

    denied(f"write {path}", attempt)


def holds(label, is_so, seen=""):
    """States what must be so."""
    print(f"{label}: {'yes' if is_so else 'BREACH'} {seen}".rstrip(), flush=True)


def readable(path, most=4096):
    """What a file gives, or None."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(most)
    except OSError:
        return None


def pids():
    """Every process that can be named at all: those that /proc lists, and those that it hides."""
    found = set()
    for pid in range(1, 2000):
        try:
            os.kill(pid, 0)
            found.add(pid)
        except PermissionError:
            found.add(pid)
        except ProcessLookupError:
            pass
    return sorted(found)
