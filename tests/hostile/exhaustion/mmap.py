"""Anonymous mappings, written page by page, in many processes: no single one is large."""
import mmap
import os
import time

for _ in range(16):
    if os.fork() == 0:
        area = mmap.mmap(-1, 16 << 20)
        for page in range(0, len(area), 4096):
            area[page] = 1
        time.sleep(60)
        os._exit(0)
while True:
    pid, status = os.wait()
    if os.WIFSIGNALED(status):
        print("a child was killed by", os.WTERMSIG(status), flush=True)
        os._exit(3)
