import ctypes
import os

from probe import LIBC, call, denied, refused


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


text = ctypes.create_string_buffer(64)
here = Vector(ctypes.addressof(text), 64)
there = Vector(0x400000, 64)
for pid in (1, os.getppid() or 1):
    refused("read", "process_vm_readv", pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    refused("write", "process_vm_writev", pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
handle, error = call("pidfd_open", 1, 0)
print("handle of init:", error or "has one")
if handle >= 0:
    for fd in range(0, 40):
        _, error = call("pidfd_getfd", handle, fd, 0)
        if error != "EPERM":
            print(f"BREACH: took descriptor {fd}: {error}")
    refused("advise", "process_madvise", handle, ctypes.byref(there), 1, 4, 0)
    refused("release", "process_mrelease", handle, 0)
    # Stopping init through its handle: it ignores what its own namespace sends.
    call("pidfd_send_signal", handle, 19, 0, 0)
    call("pidfd_send_signal", handle, 9, 0, 0)
refused("compare", "kcmp", os.getpid(), 1, 0, 0, 1)
denied("mem of init", lambda: os.open("/proc/1/mem", os.O_RDWR))
# Write protection of the image holds against the way through one's own memory too.
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
target = "/bin/sh"
before = open(target, "rb").read(16)
fd = os.open(target, os.O_RDONLY)
private = LIBC.mmap(None, 4096, 1, 2, fd, 0)
with open("/proc/self/mem", "r+b", buffering=0) as memory:
    memory.seek(private)
    memory.write(b"overwritten")
print("its own copy changes:", ctypes.string_at(private, 11))
print("the file changes:", "no" if open(target, "rb").read(16) == before else "BREACH")
print("done")
