import os
import subprocess

from probe import holds

own = {os.getpid()}
child = subprocess.Popen(["sleep", "5"])
own.add(child.pid)
listed = {int(name) for name in os.listdir("/proc") if name.isdigit()}
print("own processes are listed:", "yes" if own <= listed else "no")
print("others are listed:", sorted(listed - own))
for pid in sorted(listed - own):
    print(pid, open(f"/proc/{pid}/cmdline").read().split("\0")[0])
child.kill()
# Counting on from here shows how many processes this namespace has had.
holds("the first processes here", os.getpid() < 20)
status = open("/proc/self/status").read()
print("name in each pid namespace:", len(status.split("NSpid:")[1].split("\n")[0].split()))
print("session of its own:", "yes" if os.getsid(0) == os.getpid() else "no")
print("tracer:", status.split("TracerPid:")[1].split()[0])
print("done")
