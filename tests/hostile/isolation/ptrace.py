import ctypes
import os

from probe import call, pids, refused

SEIZE, ATTACH, TRACEME = 0x4206, 16, 0
others = [pid for pid in pids() if pid != os.getpid()]
print("others: init" if others == [1] else f"others: {others}")
refused("attach to init", "ptrace", ATTACH, 1, 0, 0)
refused("seize init", "ptrace", SEIZE, 1, 0, 0)
refused("attach to the parent", "ptrace", ATTACH, os.getppid() or 1, 0, 0)
for pid in others:
    result, error = call("ptrace", SEIZE, pid, 0, 0)
    if not error:
        print(f"BREACH: traces {pid}")
child = os.fork()
if child == 0:
    _, error = call("ptrace", TRACEME, 0, 0, 0)
    os._exit(0 if error == "EPERM" else 1)
print("a child lets itself be traced:", "no" if os.waitpid(child, 0)[1] == 0 else "BREACH")
child = os.fork()
if child == 0:
    ctypes.CDLL(None).pause()
refused("attach to a child", "ptrace", ATTACH, child, 0, 0)
os.kill(child, 9)
print("done")
