import ctypes

from probe import absent, refused

AT_FDCWD, CLONE, RECURSIVE, EMPTY_PATH = -100, 1, 0x8000, 0x1000
for kind in [b"tmpfs", b"proc", b"overlay", b"cgroup2"]:
    refused(f"fsopen {kind.decode()}", "fsopen", kind, 0)
refused("fspick", "fspick", AT_FDCWD, b"/", 0)
refused("fsconfig", "fsconfig", 3, 6, None, None, 0)
refused("fsmount", "fsmount", 3, 0, 0)
refused("open_tree", "open_tree", AT_FDCWD, b"/", CLONE | RECURSIVE)
refused("open_tree of proc", "open_tree", AT_FDCWD, b"/proc", 0)
refused("move_mount", "move_mount", AT_FDCWD, b"/tmp", AT_FDCWD, b"/box", 0)


class Attributes(ctypes.Structure):
    _fields_ = [("set", ctypes.c_uint64), ("clear", ctypes.c_uint64), ("propagation", ctypes.c_uint64),
                ("userns", ctypes.c_uint64)]


# Clears MOUNT_ATTR_RDONLY.
writable = Attributes(0, 1, 0, 0)
for path in [b"/", b"/usr", b"/proc/sys"]:
    refused(f"mount_setattr {path.decode()}", "mount_setattr", AT_FDCWD, path, 0, ctypes.byref(writable), 32)
absent("open_tree_attr", "open_tree_attr", AT_FDCWD, b"/", CLONE | RECURSIVE, ctypes.byref(writable), 32)
print("done")
