"""Folders in folders with long names, deeper than any path may be written: a clean-up that walks would be lost."""
import os

depth = 0
os.chdir("/box")
try:
    while depth < 3000:
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
        depth += 1
except OSError as error:
    print("refused:", error.errno)
print("deep" if depth > 500 else "shallow", flush=True)
