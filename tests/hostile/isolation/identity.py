import ctypes
import os
import socket
import struct

from probe import call, refused

buffer = ctypes.create_string_buffer(512)
refused("host name", "sethostname", b"evil", 4)
refused("domain name", "setdomainname", b"evil", 4)
refused("the clock", "settimeofday", struct.pack("qq", 1, 0), None)
refused("the clock, newer", "clock_settime", 0, struct.pack("qq", 1, 0))
print("read adjtimex:", call("adjtimex", ctypes.create_string_buffer(512))[1] or "allowed")
refused("adjust", "adjtimex", ctypes.create_string_buffer(struct.pack("I", 1).ljust(512, b"\0")))
refused("adjust, newer", "clock_adjtime", 0, ctypes.create_string_buffer(struct.pack("I", 1).ljust(512, b"\0")))
refused("reboot", "reboot", 0xFEE1DEAD, 672274793, 0x01234567, None)
refused("Ctrl-Alt-Del", "reboot", 0xFEE1DEAD, 85072278, 0, None)
refused("swap", "swapon", b"/tmp/swap", 0)
refused("kernel log", "syslog", 2, buffer, 512)
refused("console level", "syslog", 8, None, 1)
print("name:", socket.gethostname(), os.uname().nodename, open("/etc/hostname").read().strip())
print("domain:", open("/proc/sys/kernel/domainname").read().strip())
print("offset of the clocks:", "none of its own" if not any(
    int(line.split()[1]) for line in open("/proc/self/timens_offsets")) else "BREACH")
print("done")
