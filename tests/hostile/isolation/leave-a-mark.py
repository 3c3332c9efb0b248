"""Leaves a mark by every channel that one run could reach another by. `look-for-marks.py` looks for each of them.

Says of each channel `LEFT`, or how it was refused. A daemon holds what ends with its process.
"""

import ctypes
import fcntl
import os
import resource
import signal
import socket
import struct
import threading
import time

from places import ABSTRACT, FLOCK, KEY, PORT, PRIORITY, QUEUE, writable_folders
from probe import LIBC, call, name_of, pids, readable

MARK = "@MARK@"
SECRET = f"mark-{MARK}"


def leave(channel, attempt):
    try:
        problem = attempt()
    except OSError as error:
        problem = name_of(error.errno)
    print(f"{channel}: {problem or 'LEFT'}", flush=True)


def file_in(folder):
    def attempt():
        os.makedirs(f"{folder}/{SECRET}.folder")
        for name in (SECRET, f".{SECRET}", "sitecustomize.py", ".profile", ".bashrc"):
            with open(f"{folder}/{name}", "w") as file:
                file.write(f"# {SECRET}\n")
        os.mkfifo(f"{folder}/{SECRET}.fifo")
        socket.socket(socket.AF_UNIX).bind(f"{folder}/{SECRET}.socket")
        os.symlink(f"/{SECRET}", f"{folder}/{SECRET}.link")
        os.utime(folder, (0, 0))

    return attempt


def shared_memory():
    identifier, error = call("shmget", KEY, 4096, 0o1666)
    if error:
        return error
    LIBC.shmat.restype = ctypes.c_void_p
    ctypes.memmove(LIBC.shmat(identifier, None, 0), SECRET.encode(), len(SECRET))


def semaphores():
    identifier, error = call("semget", KEY, 8, 0o1666)
    return error or call("semctl", identifier, 0, 16, 77)[1]


def messages():
    identifier, error = call("msgget", KEY, 0o1666)
    text = struct.pack("q", 1) + SECRET.encode()
    return error or call("msgsnd", identifier, ctypes.create_string_buffer(text), len(SECRET), 0o4000)[1]


def queue():
    return call("mq_open", QUEUE, os.O_RDWR | os.O_CREAT, 0o666, None)[1]


def key():
    return call("add_key", b"user", SECRET.encode(), b"secret", 6, -4)[1]


def setting(path, text):
    def attempt():
        fd = os.open(path, os.O_WRONLY)
        os.write(fd, text.encode())
        os.close(fd)

    return attempt


def serve(listener):
    while True:
        peer, _ = listener.accept()
        peer.sendall(SECRET.encode())
        peer.close()


def be_a_daemon(ready):
    """Holds sockets, locks and watches, and hides as well as it can."""
    os.setsid()
    if os.fork():
        os._exit(0)
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGPIPE, signal.SIGCHLD):
        signal.signal(number, signal.SIG_IGN)
    # While there is one thread.
    if os.fork() == 0:
        os.execv("/bin/sleep", [SECRET, "60"])
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind(ABSTRACT)
    loopback = socket.socket()
    loopback.bind(("127.0.0.1", PORT))
    everywhere = socket.socket(socket.AF_INET6)
    everywhere.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    everywhere.bind(("::", PORT))
    for listener in (abstract, loopback, everywhere):
        listener.listen()
        threading.Thread(target=serve, args=[listener], daemon=True).start()
    lock = os.open(FLOCK, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    watches = [LIBC.inotify_init1(0) for _ in range(40)]
    for watch in watches:
        LIBC.inotify_add_watch(watch, b"/usr/bin", 0xFFF)
    LIBC.prctl(15, SECRET.encode(), 0, 0, 0)
    os.write(ready, b"1" if min(watches) >= 0 else b"0")
    time.sleep(60)
    os._exit(0)


def connected(family, address):
    def attempt():
        with socket.socket(family) as client:
            client.settimeout(3)
            client.connect(address)
            return None if client.recv(100).decode() == SECRET else "no answer"

    return attempt


def named():
    """A process that can be told by its command line, from outside as well."""
    for _ in range(100):
        if any(SECRET.encode() in (readable(f"/proc/{pid}/cmdline") or b"") for pid in pids()):
            return None
        time.sleep(0.02)
    return "not seen"


for folder in writable_folders():
    leave(folder, file_in(folder))
leave("shared memory", shared_memory)
leave("semaphores", semaphores)
leave("messages", messages)
leave("queue", queue)
leave("key", key)
reader, writer = os.pipe()
first = os.fork()
if first == 0:
    be_a_daemon(writer)
os.waitpid(first, 0)
leave("daemon", lambda: None if os.read(reader, 1) == b"1" else "not all of it")
leave("named process", named)
leave("abstract socket", connected(socket.AF_UNIX, ABSTRACT))
leave("loopback", connected(socket.AF_INET, ("127.0.0.1", PORT)))
leave("loopback by IPv6", connected(socket.AF_INET6, ("::1", PORT)))


def locked():
    with open(FLOCK) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return "not locked"
        except BlockingIOError:
            return None


leave("lock", locked)
for path in ["/proc/sys/kernel/hostname", "/proc/sys/kernel/domainname", "/proc/sys/kernel/shmmni", "/proc/sys/net/ipv4/ip_default_ttl",
             "/proc/sys/net/core/somaxconn", "/proc/sys/fs/mqueue/queues_max", "/proc/sys/kernel/ns_last_pid", "/proc/1/comm",
             "/proc/1/oom_score_adj", "/dev/mqueue/mark", "/proc/self/loginuid"]:
    leave(path, setting(path, "77"))
leave("host name", lambda: call("sethostname", b"marked", 6)[1])
leave("bound of init", lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (77, 77)) and None)
leave("priority of init", lambda: os.setpriority(os.PRIO_PROCESS, 1, 7))
leave("flags of a stream", lambda: fcntl.fcntl(0, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND) and None)
# What only this process has, which nobody is to inherit.
os.environ["LEFT_BEHIND"] = SECRET
os.umask(0o077)
os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
resource.setrlimit(resource.RLIMIT_NOFILE, (77, 77))
resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 1 << 20))
LIBC.personality(0x0040000)
setting("/proc/self/oom_score_adj", "999")()
setting("/proc/self/coredump_filter", "0")()
os.chdir("/tmp")
print("everything is marked", flush=True)
