import os

from probe import call, denied, readable, refused

os.makedirs("/tmp/cgroup")
for kind, options in [("cgroup", b"memory"), ("cgroup", b"rdma"), ("cgroup", b"none,name=x"), ("cgroup2", None)]:
    refused(f"mount {kind} {(options or b'').decode()}".strip(), "mount", b"cgroup", b"/tmp/cgroup", kind.encode(), 0, options)
found = writable = 0
for folder, names, files in os.walk("/sys/fs/cgroup"):
    for name in files:
        found += 1
        try:
            os.close(os.open(f"{folder}/{name}", os.O_WRONLY))
            writable += 1
            print(f"BREACH: {folder}/{name}")
        except OSError:
            pass
    try:
        os.mkdir(f"{folder}/own")
        print(f"BREACH: {folder}/own")
    except OSError:
        pass
print("files of cgroups that open for writing:", writable)
print("cgroups in sight:", "some" if found else "none")
paths = {line.rsplit(":", 1)[1].strip() for line in open("/proc/self/cgroup")}
print("its own place:", *sorted(paths))
denied("release agent", lambda: open("/sys/fs/cgroup/memory/release_agent", "w"))
denied("raise the bound", lambda: open("/sys/fs/cgroup/memory/memory.limit_in_bytes", "w"))
denied("leave", lambda: open("/sys/fs/cgroup/memory/cgroup.procs", "w"))
denied("devices", lambda: open("/sys/fs/cgroup/devices/devices.allow", "w"))
print("done")
