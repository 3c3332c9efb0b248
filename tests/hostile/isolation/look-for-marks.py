"""Looks for every mark that `leave-a-mark.py` leaves. Says `FOUND` with what it found."""

import ctypes
import fcntl
import os
import resource
import socket

from places import ABSTRACT, FLOCK, KEY, PORT, PRIORITY, QUEUE, writable_folders
from probe import LIBC, call, pids, readable

MARK = "@MARK@"
OWN = {"main.py", "probe.py", "places.py"}


def check(channel, found):
    print(f"{channel}: {'FOUND ' + str(found) if found else 'nothing'}", flush=True)


def listing(folder):
    seen = []
    for here, folders, files in os.walk(folder):
        for name in folders + files:
            if not (here == "/box" and name in OWN) and not os.path.ismount(f"{here}/{name}"):
                seen.append(f"{here}/{name}")
    return seen


def answers(family, address):
    with socket.socket(family) as client:
        client.settimeout(3)
        try:
            client.connect(address)
            return f"{address!r} says {client.recv(100)!r}"
        except (ConnectionRefusedError, OSError):
            return None


folders = writable_folders()
for expected in ["/tmp", "/dev/shm", "/box", "/build", os.environ["HOME"]]:
    if expected not in folders:
        print(f"{expected}: FOUND it closed")
for folder in folders:
    # /dev/shm lies below nothing that takes files.
    check(folder, listing(folder))
    check(f"time of {folder}", os.stat(folder).st_mtime < 1000)
check("shared memory", call("shmget", KEY, 0, 0)[0] >= 0)
check("semaphores", call("semget", KEY, 0, 0)[0] >= 0)
check("messages", call("msgget", KEY, 0)[0] >= 0)
for table in ["shm", "sem", "msg"]:
    check(f"table of {table}", (readable(f"/proc/sysvipc/{table}") or b"").decode().splitlines()[1:])
# The kernel numbers them upwards: the first one here has the first number.
check("numbers of shared memory", call("shmget", 0, 4096, 0o600)[0])
check("queue", call("mq_open", QUEUE, os.O_RDWR, 0, None)[0] >= 0)
check("queues", os.listdir("/dev/mqueue") if os.path.isdir("/dev/mqueue") else [])
check("key", call("request_key", b"user", f"mark-{MARK}".encode(), None, 0)[0] >= 0)
check("keys", MARK in (readable("/proc/keys", 1 << 16) or b"").decode())
check("abstract socket", answers(socket.AF_UNIX, ABSTRACT))
check("loopback", answers(socket.AF_INET, ("127.0.0.1", PORT)))
check("loopback by IPv6", answers(socket.AF_INET6, ("::1", PORT)))
for name in ["tcp", "tcp6", "udp", "udp6"]:
    check(f"table of {name}", [line for line in open(f"/proc/net/{name}").read().splitlines()[1:] if f"{PORT:04X}" in line.split()[1]])
check("names of sockets", [line for line in open("/proc/net/unix").read().splitlines() if "mark" in line])
check("packets on lo", [line for line in open("/proc/net/dev") if "lo:" in line and int(line.split()[1]) > 10000])
check("daemon", [pid for pid in pids() if pid not in (1, os.getpid())])
check("processes before", os.getpid() > 12 and os.getpid())
for pid in filter(str.isdigit, os.listdir("/proc")):
    if pid != str(os.getpid()):
        text = (readable(f"/proc/{pid}/cmdline") or b"") + (readable(f"/proc/{pid}/environ") or b"") + (readable(f"/proc/{pid}/comm") or b"")
        check(f"process {pid}", MARK in text.decode(errors="replace"))
with open(FLOCK) as file:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        check("lock", False)
    except BlockingIOError:
        check("lock", True)
check("locks", [line for line in (readable("/proc/locks") or b"").decode().splitlines() if f" {os.getpid()} " not in line])
watches = [LIBC.inotify_init1(0) for _ in range(100)]
check("quota of watches", min(watches) < 0 and f"only {sum(watch >= 0 for watch in watches)}")
check("environment", [name for name in os.environ if "LEFT" in name])
check("umask", (mask := os.umask(0o22)) != 0o22 and oct(mask))
check("folder", os.getcwd() != "/box" and os.getcwd())
check("host name", socket.gethostname() != "polyground" and socket.gethostname())
check("domain name", open("/proc/sys/kernel/domainname").read().strip() not in ("(none)", ""))
# A server that was started with a lower priority passes that on: only the mark's own value counts.
check("priority", os.getpriority(os.PRIO_PROCESS, 0) == PRIORITY)
check("open files", resource.getrlimit(resource.RLIMIT_NOFILE) != (256, 256) and resource.getrlimit(resource.RLIMIT_NOFILE))
check("stack", resource.getrlimit(resource.RLIMIT_STACK)[0] != 8 << 20)
check("personality", LIBC.personality(ctypes.c_ulong(0xFFFFFFFF)))
check("first to go", int(open("/proc/self/oom_score_adj").read()) != 1000)
check("core dumps", int(open("/proc/self/coredump_filter").read(), 16) == 0)
check("flags of stdin", fcntl.fcntl(0, fcntl.F_GETFL) & (os.O_NONBLOCK | os.O_APPEND))
check("terminals", [fd for fd in (0, 1, 2) if os.isatty(fd)])
for path, expected in {"/proc/sys/kernel/shmmni": "4096", "/proc/sys/net/ipv4/ip_default_ttl": "64"}.items():
    seen = (readable(path) or b"").decode().strip()
    check(path, seen == "77" and seen)
check("descriptors", [fd for fd in range(3, 64) if os.path.exists(f"/proc/self/fd/{fd}") and fd not in watches])
print("looked everywhere", flush=True)
