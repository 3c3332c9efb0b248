"""Memory behind a descriptor that no file system shows."""
import os

descriptor = os.memfd_create("hidden")
block = b"x" * (1 << 20)
written = 0
try:
    while written < 1 << 34:
        written += os.write(descriptor, block)
except OSError as error:
    # A file's size is bounded too: go on with more of them.
    print("refused:", error.errno, flush=True)
    kept = []
    while True:
        kept.append(os.memfd_create("more"))
        for _ in range(32):
            os.write(kept[-1], block)
