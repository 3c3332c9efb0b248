import ctypes
import os

from probe import call, denied, name_of

for path in ["/", "/usr", "/usr/bin", "/usr/lib", "/usr/local", "/opt", "/etc", "/bin", "/lib", "/sbin", "/var", "/var/tmp", "/srv",
             "/run", "/mnt", "/home", "/proc", "/dev", "/polyground", "/root", "/usr/lib/python3", "/boot", "/media"]:
    for attempt in (lambda: os.close(os.open(f"{path}/mark", os.O_CREAT | os.O_WRONLY)), lambda: os.mkdir(f"{path}/mark"),
                    lambda: os.symlink("/box", f"{path}/mark"), lambda: os.chmod(path, 0o777), lambda: os.utime(path)):
        try:
            attempt()
            print(f"BREACH: {path}")
        except OSError:
            pass
for path in ["/bin/sh", "/usr/bin/env", "/etc/passwd", "/etc/hosts", "/etc/resolv.conf", "/etc/ld.so.cache", os.path.realpath("/proc/self/exe")]:
    for attempt in (lambda: os.open(path, os.O_WRONLY), lambda: os.unlink(path), lambda: os.rename(path, path + "x"),
                    lambda: os.chmod(path, 0o777), lambda: os.chown(path, os.getuid(), os.getgid()), lambda: os.truncate(path, 0),
                    lambda: os.link(path, "/box/linked"), lambda: os.setxattr(path, "user.mark", b"x")):
        try:
            attempt()
            print(f"BREACH: {path}")
        except OSError:
            pass
denied("the running program", lambda: os.open("/proc/self/exe", os.O_RDWR))
denied("the agent", lambda: os.open("/polyground/agent", os.O_RDWR))
denied("the first program", lambda: os.open("/proc/1/exe", os.O_RDWR))
read_only = total = 0
for line in open("/proc/self/mounts"):
    _, point, kind, options, *_ = line.split()
    if kind in ("ext4", "xfs", "btrfs", "overlay", "virtiofs"):
        total += 1
        read_only += "ro" in options.split(",")
print("folders of the image:", "read-only" if read_only == total else "BREACH")
# A memory file is a program of its own, not a way to change one of the image.
memory = os.memfd_create("program")
os.write(memory, open("/bin/true", "rb").read())
child = os.fork()
if child == 0:
    os.execve(memory, ["true"], {})
print("a memory file runs:", os.waitpid(child, 0)[1] == 0)
with open("/dev/shm/program", "wb") as file:
    file.write(open("/bin/true", "rb").read())
os.chmod("/dev/shm/program", 0o755)
denied("a program in /dev/shm", lambda: os.execv("/dev/shm/program", ["program"]))
print("done")
