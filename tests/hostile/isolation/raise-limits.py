import os
import resource

from probe import call, denied

for name in sorted(name for name in dir(resource) if name.startswith("RLIMIT_")):
    which = getattr(resource, name)
    soft, hard = resource.getrlimit(which)
    try:
        resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        if hard != resource.RLIM_INFINITY:
            print(f"BREACH: {name} raised from {hard}")
    except (PermissionError, ValueError):
        pass
    shown = "unbounded" if hard == resource.RLIM_INFINITY else hard
    if name in ("RLIMIT_CORE", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_MEMLOCK", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO",
                "RLIMIT_FSIZE", "RLIMIT_SIGPENDING", "RLIMIT_CPU"):
        print(f"{name}: {shown}")
score = int(open("/proc/self/oom_score_adj").read())
print("first to go when memory runs out:", score)
for lower in (-1000, 0, 500, 999):
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write(str(lower))
    except OSError:
        pass
print("afterwards:", open("/proc/self/oom_score_adj").read().strip())
denied("nice -1", lambda: os.nice(-1))
denied("nice -20", lambda: os.setpriority(os.PRIO_PROCESS, 0, -20))
denied("real time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))
denied("round robin", lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(99)))
print("real-time input and output:", call("ioprio_set", 1, 0, 1 << 13)[1] or "BREACH")
denied("another's priority", lambda: os.setpriority(os.PRIO_USER, 0, -5))
import mmap
import ctypes
print("lock memory:", "bounded" if ctypes.CDLL(None).mlock(mmap and ctypes.create_string_buffer(1 << 20), 1 << 20) == -1 else "BREACH")
print("done")
