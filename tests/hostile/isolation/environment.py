import os

from probe import readable

KNOWN = {"PATH", "LANG", "HOME", "GPG_KEY", "PYTHON_VERSION", "PYTHON_SHA256", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE",
         "HOSTILE_MARK", "LC_CTYPE"}
print("unknown variables:", *sorted(set(os.environ) - KNOWN))
print("at the start:", "the same" if set(os.environ) - {"LC_CTYPE"} <= {
    pair.split("=")[0] for pair in readable("/proc/self/environ", 65536).decode().split("\0")} else "BREACH")
for word in ["POLYGROUND", "DOCKER", "TOKEN", "SECRET", "PASSWORD", "CARGO", "SSH", "AWS", "HOSTNAME", "SUDO"]:
    if any(word in name.upper() for name in os.environ):
        print("BREACH:", word)
print("arguments:", readable("/proc/self/cmdline").decode().split("\0")[:-1][-1:])
for pid in filter(str.isdigit, os.listdir("/proc")):
    if pid != str(os.getpid()):
        seen = readable(f"/proc/{pid}/environ")
        if seen:
            print(f"BREACH: environment of {pid}: {seen!r:.80}")
        for secret in (b"server", b"listen", b"docker", b"--data"):
            if secret in (readable(f"/proc/{pid}/cmdline") or b""):
                print(f"BREACH: {pid} tells {secret.decode()}")
print("home:", os.environ["HOME"], "folder:", os.getcwd(), "umask:", oct(os.umask(0o22)))
print("signals blocked or ignored:", [
    line.split()[1].lstrip("0") or "0" for line in open("/proc/self/status") if line.startswith("SigBlk")])
print("done")
