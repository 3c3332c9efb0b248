//! What a program may have left on this machine.

use std::{collections::BTreeSet, fs, path::Path, process::Command, time::Duration};

use crate::processes::status_of;

/// How often a container that seems changed is looked at again, a second apart.
const GOING_TRIES: u32 = 15;

/// What programs must not change, for all of the machine.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Machine {
    /// What crashes go to.
    core_pattern: String,
    /// Mounts but those of Docker's containers, which come and go.
    mounts: BTreeSet<String>,
}

impl Machine {
    pub(super) fn now() -> Self {
        let core_pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let ours = |line: &&str| !line.split(' ').nth(1).is_some_and(|target| target.contains("/docker/"));
        Self { core_pattern, mounts: mounts.lines().filter(ours).map(str::to_owned).collect() }
    }

    /// What is different now. Others may unmount what was theirs.
    pub(super) fn changes(&self) -> Vec<String> {
        let now = Self::now();
        let mut changes: Vec<_> =
            now.mounts.difference(&self.mounts).map(|line| format!("mounted: {line}")).collect();
        if now.core_pattern != self.core_pattern {
            changes.push(format!("core_pattern is {:?}", now.core_pattern));
        }
        changes
    }
}

/// Processes on this machine, in whatever namespace, that carry this mark in their command line or environment. The environment of
/// other users' processes is root's to read: `marks_are_seen` fails where these tests cannot.
pub(super) fn processes_of(mark: &str) -> Vec<String> {
    let own = std::process::id().to_string();
    let carries = |path: &Path, file: &str| {
        fs::read(path.join(file)).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(mark))
    };
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().is_some_and(|name| name.to_str() != Some(&own)))
        .filter(|path| carries(path, "cmdline") || carries(path, "environ"))
        .map(|path| format!("{}: {:?}", path.display(), fs::read_to_string(path.join("cmdline"))))
        .collect()
}

/// What is changed in the file system of a running container, a path in each line. Nothing where the container is gone, or goes
/// while it is looked at: Docker then answers with an error, or as if all of it were deleted.
pub(super) fn changed_files(container: &str) -> Result<String, String> {
    let mut changed = difference(container);
    for _ in 0..GOING_TRIES {
        if changed.as_ref().is_ok_and(String::is_empty) || !runs(container) {
            return Ok(String::new());
        }
        std::thread::sleep(Duration::from_secs(1));
        changed = difference(container);
    }
    changed
}

/// Whether a container is there, and not being removed.
fn runs(container: &str) -> bool {
    let format = "{{.State.Running}} {{.State.Dead}}";
    let output = Command::new("docker").args(["inspect", "--format", format, container]).output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == "true false")
}

fn difference(container: &str) -> Result<String, String> {
    let output =
        Command::new("docker").args(["diff", container]).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The most memory that a process has had, in bytes.
pub(super) fn peak_memory(pid: u32) -> Option<u64> {
    let kib: u64 = status_of(pid, "VmHWM")?.trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1024)
}
