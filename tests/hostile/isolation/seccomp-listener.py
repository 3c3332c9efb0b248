import ctypes
import os

from probe import LIBC, call, refused


class Filter(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint32)]


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.POINTER(Filter))]


SET_MODE_FILTER, NEW_LISTENER, TSYNC_ESRCH, GET_SIZES = 1, 1 << 3, 1 << 4, 3
# A filter of its own may only take away. This one allows all: the outer ones must still hold.
everything = (Filter * 1)(Filter(6, 0, 0, 0x7FFF0000))
program = Program(1, everything)
refused("a listener", "seccomp", SET_MODE_FILTER, NEW_LISTENER, ctypes.byref(program))
refused("a listener that waits", "seccomp", SET_MODE_FILTER, NEW_LISTENER | 1 << 5, ctypes.byref(program))
refused("a listener in all threads", "seccomp", SET_MODE_FILTER, NEW_LISTENER | 1 | TSYNC_ESRCH, ctypes.byref(program))
refused("a listener with upper bits", "seccomp", SET_MODE_FILTER, 1 << 32 | NEW_LISTENER, ctypes.byref(program))
print("a filter that allows all:", call("seccomp", SET_MODE_FILTER, 0, ctypes.byref(program))[1] or "installed")
refused("mount after it", "mount", b"x", b"/tmp", b"tmpfs", 0, None)
refused("ptrace after it", "ptrace", 16, 1, 0, 0)
# Nothing takes the bit back, nor the filters.
print("no_new_privs cleared:", "no" if LIBC.prctl(38, 0, 0, 0, 0) == -1 and LIBC.prctl(39, 0, 0, 0, 0) == 1 else "BREACH")
print("seccomp off:", "no" if LIBC.prctl(22, 0, 0, 0, 0) == -1 and LIBC.prctl(21, 0, 0, 0, 0) == 2 else "BREACH")
status = dict(line.split(":\t") for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
print("Seccomp:", status["Seccomp"], "NoNewPrivs:", status["NoNewPrivs"])
child = os.fork()
if child == 0:
    os.execv("/bin/sh", ["sh", "-c", "grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status"])
os.waitpid(child, 0)
print("done")
