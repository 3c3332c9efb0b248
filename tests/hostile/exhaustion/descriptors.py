"""Open files until there are no more, in several processes at once, all of which keep what they have."""
import errno
import os
import time


def exhaust():
    kept = []
    try:
        while len(kept) < 1000000:
            kept.append(os.open("/dev/null", os.O_RDONLY))
    except OSError as error:
        return errno.errorcode[error.errno] + (" early" if len(kept) < 5000 else " LATE")
    return "NO END"


for _ in range(8):
    if os.fork() == 0:
        exhaust()
        time.sleep(60)
        os._exit(0)
time.sleep(0.3)
os.write(1, (exhaust() + "\n").encode())
os._exit(0)
