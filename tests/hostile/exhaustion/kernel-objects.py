"""Pipes, inotify watches, epoll sets, event descriptors, timers: what the kernel counts for a user, not for a process."""
import ctypes
import errno
import os
import select

libc = ctypes.CDLL(None, use_errno=True)


def made(make):
    result = make()
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result


def pipe():
    ends = os.pipe()
    try:
        # As much memory of the kernel as a pipe may hold.
        libc.fcntl(ends[1], 1031, 1 << 20)
        os.set_blocking(ends[1], False)
        os.write(ends[1], b"x" * (1 << 20))
    except BlockingIOError:
        pass


kinds = {
    "inotify": lambda: made(lambda: libc.inotify_init1(0)),
    "epoll": lambda: made(lambda: libc.epoll_create1(0)),
    "eventfd": lambda: made(lambda: libc.eventfd(0, 0)),
    "timerfd": lambda: made(lambda: libc.timerfd_create(1, 0)),
    "pipe": pipe,
}
for name, make in kinds.items():
    children = []
    for _ in range(4):
        child = os.fork()
        if child:
            children.append(child)
            continue
        why = "NO END"
        try:
            for _ in range(1000000):
                make()
        except OSError as error:
            why = errno.errorcode.get(error.errno, error.errno)
        os._exit(0 if why in ("EMFILE", "ENFILE", "EPERM", "ENOMEM") else 1)
    codes = [os.waitpid(child, 0)[1] for child in children]
    print(name, "bounded" if all(code == 0 for code in codes) else codes, flush=True)
