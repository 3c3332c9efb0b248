"""Where `leave-a-mark.py` leaves its marks, and `look-for-marks.py` looks."""

import os

KEY = 0x31415926
PORT = 47113
ABSTRACT = "\0mark"
QUEUE = b"mark"
PRIORITY = 17
FLOCK = os.path.realpath("/usr/bin/env")


def writable_folders():
    """Every folder that takes files, to a depth of three, links left out."""
    found = []
    for folder, names, _ in os.walk("/"):
        if folder.count("/") >= 3 or folder in ("/proc", "/sys"):
            names[:] = []
            continue
        names.sort()
        try:
            os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600))
            found.append(folder)
        except OSError:
            pass
    return found
