"""One file that takes all there is, then many."""
import errno
import os

block = b"x" * (1 << 20)


def fill(name):
    written = 0
    with open(name, "wb", buffering=0) as file:
        try:
            while written < 1 << 34:
                written += file.write(block)
        except OSError as error:
            return errno.errorcode[error.errno]
    return "NO END"


import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
seen = [fill(f"/box/{n}") for n in range(8)]
print("the end:", "NO END" in seen, "full:", seen[-1], flush=True)
for n in range(8):
    os.remove(f"/box/{n}")
with open("/box/after", "w") as file:
    file.write("room again")
print(open("/box/after").read())
