import fcntl
import os
import termios

from probe import denied

print("terminals:", [fd for fd in (0, 1, 2) if os.isatty(fd)])
# There is none, or Landlock keeps it shut; which of the two depends on the kernel.
try:
    print("a controlling terminal:", "BREACH" if os.open("/dev/tty", os.O_RDWR) else "")
except OSError:
    print("a controlling terminal: none")
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
except OSError:
    print("push into a terminal of its own: no")
else:
    try:
        fcntl.ioctl(follower, termios.TIOCSTI, b"x")
        print("push into a terminal of its own: BREACH")
    except OSError:
        print("push into a terminal of its own: no")
print("session:", "own" if os.getsid(0) == os.getpid() == os.getpgrp() else "BREACH")
print("done")
