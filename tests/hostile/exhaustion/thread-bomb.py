"""Threads until the kernel refuses one; then counts them."""
import threading
import time

count = 0
try:
    while count < 100000:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        count += 1
except RuntimeError:
    print("refused", "early" if count < 128 else f"after {count}", flush=True)
time.sleep(60)
