import ctypes
import os
import struct

from probe import call, denied

root = os.stat("/")


def same(path):
    status = os.stat(path)
    return (status.st_dev, status.st_ino) == (root.st_dev, root.st_ino)


for path in ["/..", "/../..", "/../../../../../../..", "/proc/self/root", "/proc/self/root/..", "/proc/self/root/../..",
             "/proc/thread-self/root/..", "/proc/self/task/%d/root/.." % os.getpid(), "/box/../..", "/tmp/../../..", "/usr/../.."]:
    print(f"{path.replace(str(os.getpid()), 'PID')}: {'the root' if same(path) else 'BREACH ' + str(os.listdir(path))}")
os.chdir("/")
for _ in range(50):
    os.chdir("..")
print("fifty steps up:", "the root" if same(".") else "BREACH")
fd = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
for _ in range(50):
    fd = os.open("..", os.O_RDONLY | os.O_DIRECTORY, dir_fd=fd)
print("by descriptors:", "the root" if (os.fstat(fd).st_dev, os.fstat(fd).st_ino) == (root.st_dev, root.st_ino) else "BREACH")
for flags, label in [(0, "plain"), (0x10, "in root"), (0x08, "beneath")]:
    how = struct.pack("QQQ", os.O_PATH, 0, flags)
    got, error = call("openat2", fd, b"../../../..", how, 24)
    if got >= 0:
        status = os.fstat(got)
        print(f"openat2 {label}:", "the root" if (status.st_dev, status.st_ino) == (root.st_dev, root.st_ino) else "BREACH")
    else:
        print(f"openat2 {label}: {error}")
for name in ["polyground", "old", "oldroot", "put_old", "host", "rootfs", ".dockerenv", ".old", "mnt/box", "run/secrets", "var/run/docker.sock"]:
    if os.path.lexists(f"/{name}"):
        print(f"there is a /{name}")
# The parent of the root's mount is hidden: the kernel shows only what can be reached.
points = [line.split()[4] for line in open("/proc/self/mountinfo")]
print("first mount:", points[0], "roots:", points.count("/"))
denied("chroot out", lambda: os.chroot("/tmp"))
denied("folder of no path", lambda: os.open("/proc/1/cwd/..", os.O_PATH) if os.readlink("/proc/1/cwd") else None)
print("done")
