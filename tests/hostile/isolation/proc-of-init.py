import os

from probe import denied, readable, unwritable

SECRETS = ["mem", "environ", "maps", "auxv", "stack", "syscall", "io", "pagemap", "wchan", "personality", "timers"]
for name in SECRETS:
    seen = readable(f"/proc/1/{name}")
    # wchan gives "0" to those it tells nothing.
    if seen not in (None, b"", b"0"):
        print(f"BREACH: {name} of init gives {seen!r:.80}")
for name in ["root", "cwd", "exe", "ns/user", "ns/pid", "ns/mnt", "ns/net", "fd/0", "fd/1", "fd/2", "fd/10", "fd/11"]:
    path = f"/proc/1/{name}"
    try:
        print(f"BREACH: {name} leads to {os.readlink(path)}")
    except OSError:
        pass
    for flags in (os.O_RDONLY, os.O_WRONLY | os.O_NONBLOCK, os.O_PATH):
        try:
            os.close(os.open(path, flags))
            if flags != os.O_PATH:
                print(f"BREACH: {name} opens with {flags}")
        except OSError:
            pass
denied("folder of descriptors", lambda: os.listdir("/proc/1/fd"))
denied("folder of open files", lambda: os.listdir("/proc/1/map_files"))
denied("files below its root", lambda: os.listdir("/proc/1/root/etc"))
for name, text in [("oom_score_adj", "-1000"), ("comm", "x"), ("clear_refs", "1"), ("uid_map", "0 0 1"),
                   ("coredump_filter", "0"), ("attr/current", "x"), ("autogroup", "1"), ("timerslack_ns", "1")]:
    unwritable(f"/proc/1/{name}", text)
print("done")
