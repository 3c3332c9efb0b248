"""Every byte there is, NUL and halves of characters among them, without end."""
import os

block = bytes(range(256)) * 256
while True:
    os.write(1, b"\xf0\x9f\x98")
    os.write(1, block)
