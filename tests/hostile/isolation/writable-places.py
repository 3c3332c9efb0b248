import os
import stat

from probe import NUMBERS

SKIPPED = {"/proc"}
folders, files, odd = [], [], []
for folder, names, leaves in os.walk("/"):
    if folder in SKIPPED or any(folder.startswith(skipped + "/") for skipped in SKIPPED):
        names[:] = []
        continue
    if os.access(folder, os.W_OK):
        # Permission bits may promise what a read-only mount does not keep.
        try:
            os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600))
            folders.append(folder)
        except OSError:
            pass
    for name in leaves:
        path = os.path.join(folder, name)
        kind = os.lstat(path).st_mode
        if stat.S_ISLNK(kind):
            continue
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            odd.append(path)
        if os.access(path, os.W_OK) and not path.startswith("/box/"):
            files.append(path)
print("folders:", *sorted(folders))
print("files:", *sorted(files))
print("neither file nor folder:", *sorted(odd))
opened = set()
for folder in ["/proc", "/proc/self", "/proc/net", "/proc/sysvipc", "/proc/fs", "/proc/irq", "/proc/bus", "/proc/driver"]:
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        path = f"{folder}/{name}"
        try:
            if stat.S_ISREG(os.stat(path).st_mode):
                os.close(os.open(path, os.O_WRONLY))
                opened.add(path)
        except OSError:
            pass
print("of /proc:", *sorted(opened))
print("done")
