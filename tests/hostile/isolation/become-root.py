import ctypes
import os

from probe import call, denied, refused

for label, attempt in {
    "setuid": lambda: os.setuid(0), "seteuid": lambda: os.seteuid(0), "setreuid": lambda: os.setreuid(0, 0),
    "setresuid": lambda: os.setresuid(0, 0, 0), "setgid": lambda: os.setgid(0), "setresgid": lambda: os.setresgid(0, 0, 0),
    "setgroups": lambda: os.setgroups([0]), "initgroups": lambda: os.initgroups("root", 0),
}.items():
    try:
        attempt()
        print(f"{label}: BREACH")
    except OSError:
        print(f"{label}: refused")
ctypes.CDLL(None).setfsuid(0)
print("setfsuid:", "BREACH" if " 0" in [line for line in open("/proc/self/status") if line.startswith("Uid")][0].split("\t")[4] else "refused")
header = ctypes.create_string_buffer(b"\x22\x05\x08\x20" + bytes(4))
everything = ctypes.create_string_buffer(b"\xff" * 24)
refused("capset", "capset", header, everything)
LIBC = ctypes.CDLL(None)
print("ambient:", "refused" if LIBC.prctl(47, 2, 21, 0, 0) == -1 else "BREACH")
print("securebits:", "refused" if LIBC.prctl(28, 0, 0, 0, 0) == -1 else "BREACH")
print("groups:", [group for group in os.getgroups() if group == 0])
sets = {line.split()[0][:-1]: int(line.split()[1], 16) for line in open("/proc/self/status") if line.startswith("Cap")}
print("capabilities:", sets)
for path in ["/etc/shadow", "/etc/gshadow", "/root", "/root/.ssh", "/etc/sudoers"]:
    try:
        seen = os.listdir(path) if os.path.isdir(path) else open(path).read()
        print(f"BREACH: {path} gives {seen!r:.60}")
    except (FileNotFoundError, PermissionError):
        print(f"{path}: closed")
print("done")
