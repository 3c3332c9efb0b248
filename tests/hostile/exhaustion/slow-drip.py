"""One byte at a time, without a line's end, for ever."""
import os
import time

while True:
    os.write(1, b".")
    time.sleep(0.005)
