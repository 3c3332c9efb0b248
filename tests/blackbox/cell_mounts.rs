//! What is mounted where a program runs: in a container exactly this and nothing else, with the image of Python. The local engine shows whatever this
//! machine has of what it may show, so that there only the kind of each mount is known.

use std::{collections::BTreeSet, path::Path};

use libtest_mimic::Failed;

use crate::{cells::said, server::Server};

/// Prints every mount: where, what kind, which part of it, how.
const MOUNTS: &str = "for line in open('/proc/self/mountinfo'):
    before, after = line.rstrip('\\n').split(' - ')
    print(before.split()[4], after.split()[0], before.split()[5], sep='|')
";

/// The mounts of a nested sandbox that are there whatever the image is.
const NESTED_MOUNTS: &[&str] = &[
    "/|tmpfs|ro,nosuid,nodev",
    "/box|tmpfs|rw,nosuid,nodev",
    "/build|tmpfs|rw,nosuid,nodev",
    "/dev|tmpfs|ro,nosuid,nodev,noexec",
    "/dev/shm|tmpfs|rw,nosuid,nodev,noexec",
    "/home/user|tmpfs|rw,nosuid,nodev",
    "/proc|proc|rw,nosuid,nodev,noexec",
    "/proc/sys|proc|ro,nosuid,nodev,noexec",
    "/tmp|tmpfs|rw,nosuid,nodev",
];

/// The others of a nested sandbox in a container: the image's folders, the files of `/etc` that Docker puts over the image's with ours over
/// those, the cell's devices, and the run's own `/proc`, below the stage's. `stored` is whatever the engine keeps images and files in.
const NESTED_IN_CONTAINER: &[&str] = &[
    "/boot|stored|ro,nosuid,nodev",
    "/dev/full|tmpfs|rw,nosuid",
    "/dev/null|tmpfs|rw,nosuid",
    "/dev/random|tmpfs|rw,nosuid",
    "/dev/tty|tmpfs|rw,nosuid",
    "/dev/urandom|tmpfs|rw,nosuid",
    "/dev/zero|tmpfs|rw,nosuid",
    "/etc/group|tmpfs|ro,nosuid,nodev",
    "/etc/hostname|stored|ro,nosuid,nodev",
    "/etc/hostname|tmpfs|ro,nosuid,nodev",
    "/etc/hosts|stored|ro,nosuid,nodev",
    "/etc/hosts|tmpfs|ro,nosuid,nodev",
    "/etc/passwd|tmpfs|ro,nosuid,nodev",
    "/etc/resolv.conf|stored|ro,nosuid,nodev",
    "/etc/resolv.conf|tmpfs|ro,nosuid,nodev",
    "/etc|stored|ro,nosuid,nodev",
    "/media|stored|ro,nosuid,nodev",
    "/opt|stored|ro,nosuid,nodev",
    "/proc|proc|rw,nosuid,nodev,noexec",
    "/root|stored|ro,nosuid,nodev",
    "/srv|stored|ro,nosuid,nodev",
    "/usr|stored|ro,nosuid,nodev",
    "/var|stored|ro,nosuid,nodev",
];

/// What a nested stage covers of `/proc`, where the kernel has it: all files.
const NESTED_MASKED: &[&str] = &[
    "/proc/cmdline",
    "/proc/config.gz",
    "/proc/interrupts",
    "/proc/kallsyms",
    "/proc/kcore",
    "/proc/key-users",
    "/proc/keys",
    "/proc/kmsg",
    "/proc/locks",
    "/proc/sysrq-trigger",
    "/proc/timer_list",
];

/// The mounts of a single-use cell, but for its control groups: whose hierarchies are the machine's.
const SINGLE_USE_MOUNTS: &[&str] = &[
    "/box|tmpfs|rw,nosuid,nodev",
    "/build|tmpfs|rw,nosuid,nodev",
    "/dev/mqueue|mqueue|rw,nosuid,nodev,noexec",
    "/dev/pts|devpts|rw,nosuid,noexec",
    "/dev/shm|tmpfs|rw,nosuid,nodev,noexec",
    "/dev|tmpfs|rw,nosuid",
    "/etc/hostname|stored|ro",
    "/etc/hosts|stored|ro",
    "/etc/resolv.conf|stored|ro",
    "/home/user|tmpfs|rw,nosuid,nodev",
    "/polyground|stored|ro",
    "/proc|proc|rw,nosuid,nodev,noexec",
    "/sys|sysfs|ro,nosuid,nodev,noexec",
    "/tmp|tmpfs|rw,nosuid,nodev",
    "/|stored|ro",
];

/// What Docker makes read-only there, where the kernel has it.
const SINGLE_USE_READ_ONLY: &[&str] =
    &["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/// What it covers, where the kernel has it: files with `/dev/null`, folders with an empty one.
const SINGLE_USE_MASKED: &[&str] = &[
    "/proc/acpi",
    "/proc/asound",
    "/proc/cmdline",
    "/proc/config.gz",
    "/proc/interrupts",
    "/proc/kallsyms",
    "/proc/kcore",
    "/proc/key-users",
    "/proc/keys",
    "/proc/kmsg",
    "/proc/latency_stats",
    "/proc/locks",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
];

/// Where the control groups are.
const CONTROL_GROUPS: &str = "/sys/fs/cgroup";

/// File systems that are the kernel's own. All others store something.
const KERNELS: [&str; 7] = ["cgroup", "cgroup2", "devpts", "mqueue", "proc", "sysfs", "tmpfs"];

pub(crate) fn mounts_are_these(server: &Server, mode: &str) -> Result<(), Failed> {
    let text = said(server, MOUNTS);
    match mode {
        "local" => are_of_known_kinds(&text),
        "single-use" => are_exactly(&text, single_use()),
        _ => are_exactly(&text, nested()),
    }
}

/// This machine's kernel is the containers', so that it knows which parts of `/proc` and `/sys` there are.
fn there<'a>(paths: &[&'a str]) -> impl Iterator<Item = &'a str> {
    paths.iter().copied().filter(|path| Path::new(path).exists())
}

fn covered(path: &str) -> String {
    let how = if Path::new(path).is_dir() { "ro" } else { "rw,nosuid" };
    format!("{path}|tmpfs|{how}")
}

fn nested() -> Vec<String> {
    let fixed = NESTED_MOUNTS.iter().chain(NESTED_IN_CONTAINER).map(|line| (*line).to_owned());
    fixed.chain(there(NESTED_MASKED).map(covered)).collect()
}

fn single_use() -> Vec<String> {
    let fixed = SINGLE_USE_MOUNTS.iter().map(|line| (*line).to_owned());
    let read_only = there(SINGLE_USE_READ_ONLY).map(|path| format!("{path}|proc|ro,nosuid,nodev,noexec"));
    fixed.chain(read_only).chain(there(SINGLE_USE_MASKED).map(covered)).collect()
}

/// Each mount as often as it must be there, and no other. Control groups are there to be read, at most.
fn are_exactly(text: &str, mut expected: Vec<String>) -> Result<(), Failed> {
    let (groups, others): (Vec<_>, Vec<_>) =
        text.lines().map(named).partition(|line| line.starts_with(CONTROL_GROUPS));
    let mut seen = others;
    seen.sort();
    expected.sort();
    let lacks = |of: &[String], in_other: &[String]| -> Vec<String> {
        let count = |all: &[String], line: &String| all.iter().filter(|other| *other == line).count();
        of.iter().filter(|line| count(of, line) > count(in_other, line)).cloned().collect()
    };
    let (missing, surplus) = (lacks(&expected, &seen), lacks(&seen, &expected));
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "missing {missing:#?}, surplus {surplus:#?} in\n{text}"
    );
    // Of version 1 they stand in a folder of their own.
    let folder = format!("{CONTROL_GROUPS}|tmpfs|");
    let readable = |line: &&String| line.starts_with(&folder) || line.ends_with("|ro,nosuid,nodev,noexec");
    let wrong: Vec<_> = groups.iter().filter(|line| !readable(line)).collect();
    assert!(wrong.is_empty(), "{wrong:?} in\n{text}");
    Ok(())
}

/// A line without what differs from engine to engine: its storage, and which times of access are kept.
fn named(line: &str) -> String {
    let line = without_times(line);
    let [point, kind, options] = line.split('|').collect::<Vec<_>>()[..] else { panic!("{line:?}") };
    format!("{point}|{}|{options}", if KERNELS.contains(&kind) { kind } else { "stored" })
}

/// The mounts of a nested sandbox over this machine.
fn are_of_known_kinds(text: &str) -> Result<(), Failed> {
    let mut fixed = BTreeSet::new();
    let mut wrong = Vec::new();
    for line in text.lines() {
        let line = without_times(line);
        let [point, kind, options] = line.split('|').collect::<Vec<_>>()[..] else { panic!("{line:?}") };
        let options: BTreeSet<&str> = options.split(',').collect();
        if NESTED_MOUNTS.iter().any(|fixed| fixed.split('|').next() == Some(point)) {
            fixed.insert(line.clone());
        } else if let Some(device) = point.strip_prefix("/dev/") {
            if !["null", "zero", "full", "random", "urandom", "tty"].contains(&device) {
                wrong.push(format!("a device: {line}"));
            }
        } else if point.starts_with("/proc/") {
            // A covered part of /proc is /dev/null.
            if kind == "proc" {
                wrong.push(format!("a part of /proc: {line}"));
            }
        } else if !["ro", "nosuid", "nodev"].iter().all(|option| options.contains(option)) {
            wrong.push(format!("a part of the image: {line}"));
        }
    }
    let expected: BTreeSet<String> = NESTED_MOUNTS.iter().map(|line| (*line).to_owned()).collect();
    let missing: Vec<_> = expected.difference(&fixed).collect();
    let surplus: Vec<_> = fixed.difference(&expected).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "missing {missing:?}, surplus {surplus:?} in\n{text}");
    // A later mount covers an earlier one at the same place: that of the stage's /proc is such a one, no other is.
    for line in NESTED_MOUNTS {
        let point = format!("{}|", line.split('|').next().unwrap());
        let count = text.lines().filter(|other| other.starts_with(&point)).count();
        assert_eq!(count, if point == "/proc|" { 2 } else { 1 }, "{point} in\n{text}");
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{}\nin\n{text}", wrong.join("\n")).into()) }
}

/// Which times of access the kernel keeps follows the machine and protects nothing.
fn without_times(line: &str) -> String {
    line.replace(",relatime", "").replace(",noatime", "").replace(",nodiratime", "")
}
