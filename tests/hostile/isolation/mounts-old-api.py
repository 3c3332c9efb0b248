import os

from probe import call, refused

BIND, REC, REMOUNT, PRIVATE, MOVE, NOSUID = 4096, 16384, 32, 1 << 18, 8192, 2
os.makedirs("/tmp/target", exist_ok=True)
for kind in ["tmpfs", "proc", "sysfs", "devtmpfs", "devpts", "mqueue", "cgroup", "cgroup2", "overlay", "debugfs", "tracefs",
             "securityfs", "bpf", "fuse", "9p", "nfs", "ext4", "binfmt_misc", "hugetlbfs", "ramfs", "configfs", "efivarfs"]:
    _, error = call("mount", b"x", b"/tmp/target", kind.encode(), 0, None)
    if error != "EPERM":
        print(f"BREACH: mount of {kind}: {error}")
refused("bind", "mount", b"/", b"/tmp/target", None, BIND | REC, None)
refused("bind of proc", "mount", b"/proc/self/exe", b"/tmp/target", None, BIND, None)
refused("make the root writable", "mount", None, b"/", None, REMOUNT | BIND, None)
refused("make /usr writable", "mount", None, b"/usr", None, REMOUNT | BIND, None)
refused("make /proc/sys writable", "mount", None, b"/proc/sys", None, REMOUNT | BIND, None)
refused("share", "mount", None, b"/", None, 1 << 20 | REC, None)
refused("move", "mount", b"/tmp", b"/tmp/target", None, MOVE, None)
for path in [b"/", b"/proc", b"/proc/sys", b"/proc/kcore", b"/proc/keys", b"/tmp", b"/box", b"/dev/null", b"/etc/passwd"]:
    _, error = call("umount2", path, 2)
    if error != "EPERM":
        print(f"BREACH: umount of {path}: {error}")
refused("change the root", "pivot_root", b"/tmp", b"/tmp/target")
refused("change the root onto itself", "pivot_root", b".", b".")
refused("chroot", "chroot", b"/tmp")
refused("chroot upwards", "chroot", b"..")
print("done")
