import fcntl
import os
import termios

from probe import denied

print("terminals:", [fd for fd in (0, 1, 2) if os.isatty(fd)])
denied("a controlling terminal", lambda: os.open("/dev/tty", os.O_RDWR))
denied("its process group", lambda: os.tcgetpgrp(0))
for fd in (0, 1, 2):
    denied(f"push input into {fd}", lambda: fcntl.ioctl(fd, termios.TIOCSTI, b"x"))
    denied(f"paste into {fd}", lambda: fcntl.ioctl(fd, 0x541C, b"\x03"))
# A compiler of 64-bit constants would let this one pass.
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
result = libc.syscall(ctypes.c_long(16), ctypes.c_long(0), ctypes.c_long(1 << 32 | termios.TIOCSTI), ctypes.c_char_p(b"x"))
print("with upper bits:", os.strerror(ctypes.get_errno()) if result == -1 else "BREACH")
try:
    leader, follower = os.openpty()
    print("a terminal of its own: made")
    denied("push into one's own", lambda: fcntl.ioctl(follower, termios.TIOCSTI, b"x"))
except OSError:
    print("a terminal of its own: none")
print("session:", "own" if os.getsid(0) == os.getpid() == os.getpgrp() else "BREACH")
print("done")
