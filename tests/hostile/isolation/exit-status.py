"""Pretends an exit status: on every descriptor, for init and with the help of orphans. The true one is 9."""

import os
import signal
import struct
import time

for fd in range(3, 1024):
    for status in (0, 7 << 8, 9):
        try:
            os.write(fd, struct.pack("i", status))
            print(f"BREACH: {fd} takes a status")
        except OSError:
            pass
# An orphan of the same number cannot be made; one that ends first and one that outlives the program can.
if os.fork() == 0:
    if os.fork() == 0:
        os._exit(0)
    os._exit(0)
os.wait()
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    time.sleep(5)
    print("BREACH: outlived the program", flush=True)
    os._exit(0)
for number in (signal.SIGCHLD, signal.SIGUSR1, signal.SIGPIPE, signal.SIGHUP, signal.SIGTERM, signal.SIGCONT, signal.SIGSTOP):
    for pid in (1, os.getppid()):
        try:
            if pid:
                os.kill(pid, number)
        except PermissionError:
            pass
print("ends with 9", flush=True)
os._exit(9)
