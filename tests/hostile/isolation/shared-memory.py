import ctypes
import os

from probe import call, readable

for table in ["shm", "sem", "msg"]:
    lines = (readable(f"/proc/sysvipc/{table}") or b"").decode().splitlines()[1:]
    print(f"{table} of others:", len(lines))
found = 0
for key in [0, 1, 42, 0x1234, 0xDEADBEEF, 0x6D61726B, 0x4F524131, 0x0052E2C1]:
    if key:
        for name, args in [("shmget", (key, 0, 0o600)), ("semget", (key, 0, 0o600)), ("msgget", (key, 0o600))]:
            if call(name, *args)[0] >= 0:
                print(f"BREACH: {name} {key:#x}")
for number in range(0, 4096):
    # By number, without any key.
    found += call("shmat", number, None, 0o10000)[0] != -1
    found += call("semctl", number, 0, 12, 0)[0] >= 0
print("found by number:", found)
for name in [b"mark", b"polyground", b"a"]:
    if call("mq_open", name, os.O_RDWR, 0, None)[0] >= 0:
        print("BREACH: a queue of others")
print("a queue of its own:", call("mq_open", b"own", os.O_RDWR | os.O_CREAT, 0o600, None)[1] or "made")
print("/dev/shm:", os.listdir("/dev/shm"))
print("/dev/mqueue:", os.listdir("/dev/mqueue") if os.path.isdir("/dev/mqueue") else "absent")
identifier, error = call("shmget", 0x31777, 4096, 0o1600)
print("a segment of its own:", error or "made")
segment = call("shmget", 0x31778, 64 << 20, 0o3600 | 0o4000)
print("huge pages:", segment[1] or "made" if segment[0] < 0 else "BREACH")
print("done")
