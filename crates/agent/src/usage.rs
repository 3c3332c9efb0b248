//! What was used: by the cell's cgroup, in version 1 and version 2 (read-only: nobody in a cell may write there), and by
//! processes that still live.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use nix::libc;

use crate::kernel_file::read_now;

/// The cell's counters, open: they are looked at several times in each run.
#[derive(Debug)]
pub(crate) enum Counters {
    /// One hierarchy for each controller.
    V1 {
        /// `cpuacct.usage`.
        usage: File,
        /// `memory.oom_control`.
        oom: File,
    },
    /// One hierarchy.
    V2 {
        /// `cpu.stat`.
        usage: File,
        /// `memory.events`.
        oom: File,
    },
}

impl Counters {
    /// The counters of the cgroup that this process is in, when they can be read.
    pub(crate) fn find() -> Option<Self> {
        let membership = fs::read_to_string("/proc/self/cgroup").ok()?;
        Self::find_in(Path::new("/sys/fs/cgroup"), &membership)
    }

    fn find_in(mount: &Path, membership: &str) -> Option<Self> {
        let v1 = |controller: &str, file: &str| {
            let path = v1_path(membership, controller)?;
            // In a container the mount's root may be the cgroup itself, whatever the path says.
            [mount.join(controller).join(path.trim_start_matches('/')), mount.join(controller)]
                .into_iter()
                .find_map(|folder| File::open(folder.join(file)).ok())
        };
        if let (Some(usage), Some(oom)) = (v1("cpuacct", "cpuacct.usage"), v1("memory", "memory.oom_control"))
        {
            return Some(Self::V1 { usage, oom });
        }
        let path = membership.lines().find_map(|line| line.strip_prefix("0::"))?;
        [mount.join(path.trim_start_matches('/')), mount.to_owned()].into_iter().find_map(|folder| {
            let open = |file| File::open(folder.join(file)).ok();
            Some(Self::V2 { usage: open("cpu.stat")?, oom: open("memory.events")? })
        })
    }

    /// Microseconds of CPU time of all processes that were ever in the cgroup.
    pub(crate) fn cpu_us(&self) -> Option<u64> {
        match self {
            Self::V1 { usage, .. } => {
                let nanoseconds: u64 = now_in(usage)?.trim().parse().ok()?;
                Some(nanoseconds / 1000)
            }
            Self::V2 { usage, .. } => field(&now_in(usage)?, "usage_usec"),
        }
    }

    /// How many processes the kernel has ended because the cgroup's memory ran out.
    pub(crate) fn oom_kills(&self) -> Option<u64> {
        let (Self::V1 { oom, .. } | Self::V2 { oom, .. }) = self;
        field(&now_in(oom)?, "oom_kill")
    }
}

/// What a counter's file says now.
fn now_in(file: &File) -> Option<String> {
    let mut text = Vec::new();
    read_now(file, &mut text).ok()?;
    String::from_utf8(text).ok()
}

/// The threads at which a look through a family of processes ends, so that a kill never waits for it.
const FAMILY_MAX: usize = 256;

/// The peak of resident memory of the largest among a process and all that come from it, in bytes. 0 where the kernel does not tell.
pub(crate) fn peak_of_family(first: libc::pid_t) -> u64 {
    let mut processes = vec![first];
    let (mut threads, mut peak_kib) = (0, 0);
    while let Some(process) = processes.pop() {
        let folder = PathBuf::from(format!("/proc/{process}"));
        let status = fs::read_to_string(folder.join("status")).unwrap_or_default();
        peak_kib = peak_kib.max(resident_peak_kib(&status).unwrap_or(0));
        let Ok(tasks) = fs::read_dir(folder.join("task")) else { continue };
        for task in tasks.flatten() {
            threads += 1;
            if threads > FAMILY_MAX {
                return peak_kib * 1024;
            }
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            processes.extend(children.split_whitespace().filter_map(|id| id.parse::<libc::pid_t>().ok()));
        }
    }
    peak_kib * 1024
}

/// The peak in `/proc/…/status`, which says `VmHWM:     2012 kB`.
fn resident_peak_kib(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// The path of a controller in `/proc/self/cgroup`, whose lines are `4:cpu,cpuacct:/docker/…`.
fn v1_path<'a>(membership: &'a str, controller: &str) -> Option<&'a str> {
    membership.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let controllers = parts.next()?;
        let path = parts.next()?;
        controllers.split(',').any(|name| name == controller).then_some(path)
    })
}

/// The number behind `name` in lines of `name number`.
fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_of_a_family_is_found_among_children_of_children() {
        const LARGE: usize = 64 << 20;
        // The last process holds all of it, because nobody takes what it writes.
        let script = format!("(head -c {LARGE} /dev/zero | tail -c {LARGE}; true); true");
        let mut child = std::process::Command::new("sh")
            .args(["-c", &script])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let id = libc::pid_t::try_from(child.id()).unwrap();
        let mut peak = 0;
        for _ in 0..200 {
            peak = peak.max(peak_of_family(id));
            if peak > LARGE as u64 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        drop(child.stdout.take());
        child.wait().unwrap();
        assert!(peak > LARGE as u64, "{peak}");
        assert_eq!(peak_of_family(0), 0);
    }

    fn write(root: &Path, file: &str, text: &str) {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn version_1_is_read_where_the_path_leads() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "cpuacct/polyground/c1/cpuacct.usage", "1500000\n");
        let oom = "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n";
        write(root.path(), "memory/polyground/c1/memory.oom_control", oom);
        let membership = "9:memory:/polyground/c1\n4:cpu,cpuacct:/polyground/c1\n0::/\n";
        let counters = Counters::find_in(root.path(), membership).unwrap();
        assert_eq!(counters.cpu_us(), Some(1500));
        assert_eq!(counters.oom_kills(), Some(3));
    }

    #[test]
    fn version_1_is_read_at_the_mount_when_the_path_is_the_hosts() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "cpuacct/cpuacct.usage", "7000\n");
        write(root.path(), "memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n");
        let membership = "9:memory:/docker/abc\n4:cpuacct:/docker/abc\n";
        let counters = Counters::find_in(root.path(), membership).unwrap();
        assert_eq!((counters.cpu_us(), counters.oom_kills()), (Some(7), Some(0)));
    }

    #[test]
    fn version_2_is_read() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "cpu.stat", "usage_usec 420\nuser_usec 400\nsystem_usec 20\n");
        let events = "low 0\nhigh 0\nmax 5\noom 2\noom_kill 1\noom_group_kill 0\n";
        write(root.path(), "memory.events", events);
        let counters = Counters::find_in(root.path(), "0::/\n").unwrap();
        assert_eq!((counters.cpu_us(), counters.oom_kills()), (Some(420), Some(1)));
    }

    #[test]
    fn nothing_is_found_where_there_is_nothing() {
        let root = tempfile::tempdir().unwrap();
        assert!(Counters::find_in(root.path(), "0::/\n").is_none());
        assert!(Counters::find_in(root.path(), "nonsense").is_none());
    }
}
