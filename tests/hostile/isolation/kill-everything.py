import os
import signal
import time

from probe import call, pids

others = [pid for pid in pids() if pid != os.getpid()]
for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGSEGV, signal.SIGABRT, 34, 64):
    for pid in others + [os.getppid() or 1]:
        try:
            os.kill(pid, number)
        except (PermissionError, ProcessLookupError):
            pass
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    children.append(child)
try:
    os.kill(-1, signal.SIGKILL)
except (PermissionError, ProcessLookupError) as error:
    print("kill -1:", type(error).__name__)
ended = sum(os.waitpid(child, 0)[1] == 9 for child in children)
print("children ended:", ended)
for group in (0, 1, -1):
    try:
        os.killpg(group if group > 0 else 1, 0)
    except (PermissionError, ProcessLookupError):
        pass
time.sleep(0.2)
print("still here, and so is init:", "yes" if os.path.exists("/proc/self") and 1 in pids() else "no")
for pid in range(1, 65536):
    if pid != os.getpid():
        try:
            os.kill(pid, signal.SIGKILL)
        except (PermissionError, ProcessLookupError):
            pass
for who in range(1, 300):
    handle, error = call("pidfd_open", who, 0)
    if handle >= 0 and who != os.getpid():
        call("pidfd_send_signal", handle, 9, 0, 0)
print("done")
