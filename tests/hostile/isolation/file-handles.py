"""Opening files by their number instead of their name leads out of every root that is only a view (the "shocker" attack)."""

import ctypes
import os
import struct

from probe import call, refused

buffer = ctypes.create_string_buffer(struct.pack("II", 128, 0) + bytes(128))
mount = ctypes.c_int()
for path in [b"/", b"/box", b"/usr", b"/tmp", b"/proc", b"/etc/passwd"]:
    refused(f"handle of {path.decode()}", "name_to_handle_at", -100, path, buffer, ctypes.byref(mount), 0)
opened = 0
for folder in ["/", "/usr", "/etc", "/box", "/tmp"]:
    fd = os.open(folder, os.O_RDONLY)
    for number in range(1, 300):
        # ext4 and overlayfs know a file by an 8-byte handle: the root's is 2.
        handle = ctypes.create_string_buffer(struct.pack("IIQ", 8, 1, number))
        opened += call("open_by_handle_at", fd, handle, os.O_RDONLY)[0] >= 0
print("files opened by number:", opened)
refused("open by handle", "open_by_handle_at", -100, ctypes.create_string_buffer(struct.pack("IIQ", 8, 1, 2)), 0)
print("done")
