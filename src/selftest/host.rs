//! What can be seen of a machine from outside of the sandboxes: its settings, and processes that were left behind.

use std::{collections::BTreeMap, fs, path::Path};

/// Settings of the kernel that programs try to change, and that an escape would begin or end with.
const SETTINGS: &[&str] = &[
    "proc/sys/kernel/core_pattern",
    "proc/sys/kernel/modprobe",
    "proc/sys/kernel/hostname",
    "proc/sys/kernel/domainname",
    "proc/sys/kernel/sysrq",
    "proc/sys/kernel/panic",
    "proc/sys/kernel/randomize_va_space",
    "proc/sys/vm/overcommit_memory",
    "proc/sys/net/ipv4/ip_forward",
    "proc/sys/user/max_user_namespaces",
    "proc/swaps",
    "sys/kernel/uevent_helper",
];

/// The settings below `root` (`/` for this machine) that can be read.
pub(super) fn settings(root: &Path) -> BTreeMap<&'static str, Vec<u8>> {
    let read = |path: &&'static str| Some((*path, fs::read(root.join(path)).ok()?));
    SETTINGS.iter().filter_map(read).collect()
}

/// The processes of the machine below `root` that have this text in their arguments or variables, as `PID COMMAND`.
///
/// Variables can be read only by the process's user and root: arguments by everyone.
pub(super) fn processes_with(root: &Path, token: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(root.join("proc")) else { return Vec::new() };
    let mut found = Vec::new();
    for folder in entries.flatten().map(|entry| entry.path()) {
        let Some(pid) = folder.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()) else {
            continue;
        };
        let holds = |file: &str| {
            fs::read(folder.join(file)).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(token))
        };
        if holds("cmdline") || holds("environ") {
            let name = fs::read_to_string(folder.join("comm")).unwrap_or_default();
            found.push(format!("{pid} {}", name.trim()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_found_by_its_arguments_or_its_variables() {
        let root = tempfile::tempdir().unwrap();
        for (pid, file, content) in [
            ("1", "cmdline", "init\0"),
            ("7", "cmdline", "sh\0main.sh\0token-1\0"),
            ("8", "environ", "A=b\0T=token-1\0"),
            ("self", "cmdline", "token-1"),
        ] {
            let folder = root.path().join("proc").join(pid);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(file), content).unwrap();
            fs::write(folder.join("comm"), "sh\n").unwrap();
        }
        let mut found = processes_with(root.path(), "token-1");
        found.sort();
        assert_eq!(found, ["7 sh", "8 sh"]);
    }

    #[test]
    fn a_setting_that_was_changed_is_seen() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("proc/sys/kernel");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("core_pattern"), "core\n").unwrap();
        let before = settings(root.path());
        assert_eq!(before.len(), 1);
        assert_eq!(before, settings(root.path()));
        fs::write(folder.join("core_pattern"), "|/box/x\n").unwrap();
        assert_ne!(before, settings(root.path()));
    }
}
