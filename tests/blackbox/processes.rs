//! Processes as this machine's kernel sees them, in whatever namespace they are.

use std::fs;

/// A process with all that descend from it, as the machine numbers them. What a container's processes leave behind becomes a child of
/// another of the container, so the family of its first process is all of it.
pub(crate) fn family(first: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, parent_of(pid)?)))
        .collect();
    let mut family = vec![first];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| pid));
        next += 1;
    }
    family
}

/// Whose child a process is.
pub(crate) fn parent_of(pid: u32) -> Option<u32> {
    status_of(pid, "PPid")?.parse().ok()
}

/// A line of what the kernel says of a process. `None` where the process has gone.
pub(crate) fn status_of(pid: u32, name: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.map(|value| value.trim().to_owned())
}

/// When a process began, in the kernel's own unit: its number can be another's later.
pub(crate) fn started(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in brackets, may hold spaces; the 22nd field of all is the 20th after it.
    stat.rsplit(')').next()?.split_whitespace().nth(19).map(str::to_owned)
}

/// The agents of a server of the local engine: its children.
pub(crate) fn agents_of(server: u32) -> Vec<u32> {
    let is_agent = |pid: &u32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.starts_with(b"polyground-agent") && parent_of(*pid) == Some(server)
    };
    family(server).into_iter().filter(is_agent).collect()
}
