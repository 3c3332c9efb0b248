import ctypes
import os

from probe import absent, refused

buffer = ctypes.create_string_buffer(4096)
refused("bpf map", "bpf", 0, buffer, 72)
refused("bpf program", "bpf", 5, buffer, 144)
refused("perf_event_open", "perf_event_open", buffer, 0, -1, -1, 0)
refused("userfaultfd", "userfaultfd", 0)
refused("userfaultfd for user faults", "userfaultfd", 1)
refused("io_uring_setup", "io_uring_setup", 8, buffer)
refused("io_uring_enter", "io_uring_enter", 0, 0, 0, 0, None)
refused("io_uring_register", "io_uring_register", 0, 0, None, 0)
refused("fanotify_init", "fanotify_init", 0, 0)
refused("kexec_load", "kexec_load", 0, 0, None, 0)
absent("kexec_file_load", "kexec_file_load", 0, 0, 0, None, 0)
refused("init_module", "init_module", buffer, 4096, b"")
refused("finit_module", "finit_module", os.open("/box/main.py", os.O_RDONLY), b"", 0)
refused("delete_module", "delete_module", b"overlay", 0)
refused("vmsplice", "vmsplice", 1, None, 0, 0)
refused("memfd_secret", "memfd_secret", 0)
absent("iopl", "iopl", 3)
absent("ioperm", "ioperm", 0, 1024, 1)
absent("lookup_dcookie", "lookup_dcookie", 0, buffer, 64)
refused("vhangup", "vhangup")
refused("quotactl", "quotactl", 0x800007 << 8, b"/dev/vda", 0, buffer)
absent("quotactl_fd", "quotactl_fd", 0, 0x800007 << 8, 0, buffer)
refused("acct", "acct", b"/tmp/acct")
refused("swapon", "swapon", b"/tmp/swap", 0)
refused("swapoff", "swapoff", b"/tmp/swap")
refused("reboot", "reboot", 0xFEE1DEAD, 672274793, 0, None)
refused("syslog", "syslog", 3, buffer, 4096)
refused("syslog size", "syslog", 10, None, 0)
refused("migrate_pages", "migrate_pages", 1, 64, buffer, buffer)
refused("move_pages", "move_pages", 1, 1, buffer, None, buffer, 0)
for device in ["mem", "kmem", "port", "kmsg", "kvm", "fuse", "net/tun", "loop-control", "mapper/control", "vhost-net", "vsock",
               "userfaultfd", "sda", "vda", "console", "dri", "input", "rtc", "hpet", "cpu_dma_latency"]:
    if os.path.exists(f"/dev/{device}"):
        print(f"BREACH: /dev/{device} is there")
print("done")
