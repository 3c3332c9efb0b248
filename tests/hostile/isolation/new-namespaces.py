import os

from probe import call, refused, unwritable

FLAGS = {"user": 0x10000000, "pid": 0x20000000, "net": 0x40000000, "mnt": 0x20000, "uts": 0x4000000, "ipc": 0x8000000,
         "cgroup": 0x2000000, "time": 0x80}
SIGCHLD = 17
for name, flag in FLAGS.items():
    refused(f"unshare {name}", "unshare", flag)
refused("unshare all", "unshare", sum(FLAGS.values()))
for name, flag in FLAGS.items():
    # With SIGCHLD's number the lowest byte of clone's flags is taken, which is where `time` lies.
    pid, error = call("clone", flag | (SIGCHLD if name != "time" else 0), 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    print(f"clone {name}:", error or "BREACH")
    user, error = call("clone", flag | FLAGS["user"] | SIGCHLD, 0, 0, 0, 0)
    if user == 0:
        os._exit(0)
    if error != "EPERM":
        print(f"BREACH: clone of user and {name}: {error}")
# The upper half of the flags is no way around.
refused("clone with upper bits", "clone", 1 << 32 | FLAGS["user"] | SIGCHLD, 0, 0, 0, 0)
refused("unshare with upper bits", "unshare", 1 << 40 | FLAGS["user"])
refused("clone3", "clone3", bytes(88), 88)
for name in ["user", "pid", "mnt", "net", "uts", "ipc", "cgroup"]:
    path = f"/proc/self/ns/{name}"
    fd = os.open(path, os.O_RDONLY)
    _, error = call("setns", fd, 0)
    if error != "EPERM":
        print(f"BREACH: setns to {name}: {error}")
handle, _ = call("pidfd_open", 1, 0)
refused("setns to init", "setns", handle, FLAGS["mnt"] | FLAGS["net"])
for name, text in [("uid_map", "0 0 4294967295"), ("gid_map", "0 0 4294967295"), ("setgroups", "allow")]:
    unwritable(f"/proc/self/{name}", text)
print("done")
