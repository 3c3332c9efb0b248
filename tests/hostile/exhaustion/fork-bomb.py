"""Every process forks as long as the kernel lets it, and children do the same."""
import os
import time

print("started", flush=True)
refused = False
while True:
    try:
        os.fork()
    except OSError as error:
        if not refused:
            refused = True
            os.write(1, f"refused: {error.errno}\n".encode())
        time.sleep(0.05)
