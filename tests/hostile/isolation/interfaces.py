import fcntl
import os
import socket
import struct

from probe import denied, readable

names = sorted(name for _, name in socket.if_nameindex())
listed = sorted(line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line)
print("interfaces:", *names, "listed:", *listed)
print("routes:", len(open("/proc/net/route").read().splitlines()) - 1)
for table in ["tcp", "tcp6", "udp", "udp6", "raw", "raw6", "icmp", "packet", "netlink", "arp", "unix"]:
    lines = (readable(f"/proc/net/{table}") or b"").decode().splitlines()[1:]
    if table == "unix":
        # Sockets without a name cannot be connected to.
        lines = [line for line in lines if len(line.split()) > 7]
    if lines and table != "netlink":
        print(f"BREACH: {table}: {lines}")
# Whoever set the network up may still hold a socket here. Programs cannot speak to it.
for port in {int(line.split()[2]) for line in open("/proc/net/netlink").read().splitlines()[1:]} - {0, os.getpid()}:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        try:
            netlink.sendto(bytes(16), (port, 0))
            print("BREACH: spoke to a socket of others")
        except OSError:
            pass


def message(kind, flags, body):
    return struct.pack("IHHII", 16 + len(body), kind, flags, 1, 0) + body


def ask(kind, flags, body):
    """Sends one request to the kernel's network side; gives the error number of the answer."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.settimeout(2)
        netlink.send(message(kind, flags, body))
        answer = netlink.recv(65536)
        length, answered = struct.unpack_from("IH", answer)
        return -struct.unpack_from("i", answer, 16)[0] if answered == 2 else None


REQUEST, ACK, CREATE = 1, 4, 0x400
attempts = {
    "a new link": (16, CREATE, struct.pack("BxHiII", 0, 0, 0, 1, 1) + struct.pack("HH5sxxx", 9, 3, b"evil\0")),
    "lo down": (16, 0, struct.pack("BxHiII", 0, 0, 1, 0, 1)),
    "a new address": (20, CREATE, struct.pack("BBBBI", 2, 24, 0, 0, 1) + struct.pack("HH4s", 8, 2, bytes([10, 0, 0, 1]))),
    "a new route": (24, CREATE, struct.pack("BBBBBBBBI", 2, 0, 0, 0, 254, 3, 253, 1, 0) + struct.pack("HHI", 8, 4, 1)),
    "another namespace": (16, 0, struct.pack("BxHiII", 0, 0, 1, 0, 0) + struct.pack("HHI", 8, 19, 1)),
}
for label, (kind, flags, body) in attempts.items():
    error = ask(kind, REQUEST | ACK | flags, body)
    print(f"{label}:", {1: "EPERM", 0: "BREACH"}.get(error, error))
control = socket.socket()
for label, request in {"flags": 0x8914, "address": 0x8916, "mtu": 0x8922, "name": 0x8923, "bridge": 0x89A0}.items():
    denied(f"ioctl {label}", lambda: fcntl.ioctl(control, request, struct.pack("16sH22x", b"lo", 0)))
with socket.socket(socket.AF_UNIX) as unix:
    for path in ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/systemd/private",
                 "/run/dbus/system_bus_socket", "/tmp/.X11-unix/X0"]:
        try:
            unix.connect(path)
            print(f"BREACH: {path}")
        except OSError:
            pass
for name in ["\0/containerd-shim", "\0docker", "\0/tmp/.X11-unix/X0", "\0polyground"]:
    with socket.socket(socket.AF_UNIX) as unix:
        denied(f"abstract {name[1:]}", lambda: unix.connect(name))
print("/sys/class/net:", *(os.listdir("/sys/class/net") if os.path.isdir("/sys/class/net") else ["absent"]))
print("done")
