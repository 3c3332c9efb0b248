"""A hundred million bytes without a line's end."""
import os

block = b"L" * (1 << 20)
for _ in range(100):
    os.write(1, block)
