import socket
import struct
import time

from probe import name_of

PLACES = {
    "a name server": ("1.1.1.1", 53), "another": ("8.8.8.8", 53), "the metadata service": ("169.254.169.254", 80),
    "ECS metadata": ("169.254.170.2", 80), "the bridge's gateway": ("172.17.0.1", 2375), "with TLS": ("172.17.0.1", 2376),
    "a gateway": ("10.0.2.2", 22), "a home router": ("192.168.0.1", 80), "carrier NAT": ("100.64.0.1", 80),
    "multicast": ("224.0.0.1", 5353), "broadcast": ("255.255.255.255", 67),
}
for label, place in PLACES.items():
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as attempt:
            attempt.settimeout(2)
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            begun = time.monotonic()
            try:
                attempt.connect(place)
                attempt.send(b"x")
                print(f"{label}: BREACH")
            except OSError as error:
                if error.errno is None or time.monotonic() - begun > 1:
                    print(f"{label}: BREACH, it took {time.monotonic() - begun:.1f} s: {error}")
                elif kind == socket.SOCK_STREAM:
                    print(f"{label}: {name_of(error.errno)}")
for label, place in {"a name server": "2606:4700:4700::1111", "metadata": "fd00:ec2::254", "a mapped address": "::ffff:1.1.1.1",
                     "all nodes": "ff02::1"}.items():
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as attempt:
        attempt.settimeout(2)
        try:
            attempt.connect((place, 80, 0, 0))
            print(f"{label}: BREACH")
        except OSError as error:
            print(f"{label} by IPv6:", "unreachable" if error.errno in (101, 99, 22, 113) else f"BREACH {error}")
for name in ["example.com", "metadata.google.internal", "host.docker.internal", "docker", "gateway.docker.internal"]:
    begun = time.monotonic()
    try:
        print(f"{name}: BREACH, {socket.gethostbyname(name)}")
    except OSError:
        print(f"{name}: unknown", "at once" if time.monotonic() - begun < 1 else f"BREACH, after {time.monotonic() - begun:.1f} s")
print("localhost:", socket.gethostbyname("localhost"))
for family, kind, protocol in [(2, 3, 1), (2, 3, 255), (10, 3, 58), (17, 3, 0x300), (17, 2, 0x300), (2, 10, 0x300)]:
    try:
        socket.socket(family, kind, protocol)
        print(f"BREACH: a raw socket {family} {kind} {protocol}")
    except OSError:
        pass
# Docker lets containers ping without rights. There is nobody to ping.
try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 1) as ping:
        ping.sendto(struct.pack("BBHHH", 8, 0, 0, 0, 1), ("1.1.1.1", 0))
        print("BREACH: a ping left")
except OSError as error:
    print("ping:", "unreachable" if error.errno in (13, 101) else f"BREACH {error}")
with socket.socket() as attempt:
    try:
        attempt.setsockopt(socket.SOL_SOCKET, 25, b"eth0")
        print("BREACH: bound to a device")
    except OSError as error:
        print("a device eth0:", name_of(error.errno))
    attempt.bind(("127.0.0.1", 0))
    attempt.listen()
    with socket.create_connection(attempt.getsockname(), 2):
        print("its own listener: works")
print("done")
