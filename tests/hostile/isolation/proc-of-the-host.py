import os
import re

from probe import readable, unwritable

# Each tells of the machine; each is covered, absent or empty.
for name in ["kcore", "keys", "key-users", "kallsyms", "kmsg", "timer_list", "interrupts", "config.gz", "cmdline",
             "sched_debug", "latency_stats", "kpagecount", "kpageflags", "vmallocinfo", "slabinfo", "iomem", "ioports",
             "sysrq-trigger", "bootconfig", "pagetypeinfo", "timer_stats", "locks"]:
    seen = readable(f"/proc/{name}")
    # Addresses without their digits tell nothing.
    hidden = not seen or (name in ("iomem", "ioports") and not re.search(rb"^ *[0-9a-f]*[1-9a-f]", seen, re.M))
    print(f"{name}: {'nothing' if hidden else seen[:60]!r}")
for name in ["sysrq-trigger", "kcore", "mtrr", "kmsg", "timer_list", "kpageflags", "scsi/scsi", "acpi/wakeup", "bus/pci",
             "driver/rtc", "irq/default_smp_affinity", "fs/xfs/stat", "swaps"]:
    try:
        os.close(os.open(f"/proc/{name}", os.O_WRONLY))
        # What is covered by /dev/null takes writes and does nothing.
        null = os.stat(f"/proc/{name}").st_rdev == os.stat("/dev/null").st_rdev
        if not null:
            print(f"BREACH: {name} opens for writing")
    except OSError:
        pass
unwritable("/proc/sys/kernel/core_pattern", "|/box/escape")
unwritable("/proc/sys/kernel/modprobe", "/box/escape")
unwritable("/proc/sys/kernel/poweroff_cmd", "/box/escape")
unwritable("/proc/sys/kernel/hostname", "x")
unwritable("/proc/sys/user/max_user_namespaces", "1000")
unwritable("/proc/sys/kernel/msgmax", "1")
unwritable("/proc/sys/net/ipv4/ip_forward", "1")
unwritable("/proc/sys/fs/binfmt_misc/register", ":x:M::x::/box/escape:")
opened = 0
for folder, _, files in os.walk("/proc/sys"):
    for name in files:
        try:
            os.close(os.open(f"{folder}/{name}", os.O_WRONLY))
            print(f"BREACH: {folder}/{name} opens for writing")
            opened += 1
        except OSError:
            pass
print(f"settings that open for writing: {opened}")
print("done")
