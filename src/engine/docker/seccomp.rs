//! The seccomp profiles of cells: what the kernel offers to everything in them. Where `seccomp.json` comes from
//! stands in `seccomp.md`.

use std::sync::LazyLock;

use polyground_protocol::Isolation;
use serde_json::Value;

/// Moby's default profile with our differences.
const PROFILE: &str = include_str!("seccomp.json");

/// The comment on the one entry that only nested sandboxes need.
const NESTED_ONLY: &str = "polyground: nested sandboxes";

static NESTED: LazyLock<String> = LazyLock::new(|| compact(|_| true));
static SINGLE_USE: LazyLock<String> = LazyLock::new(|| compact(|entry| entry["comment"] != NESTED_ONLY));

/// The profile for a cell, as JSON.
pub(super) fn profile(isolation: Isolation) -> &'static str {
    match isolation {
        Isolation::Nested => &NESTED,
        Isolation::SingleUse => &SINGLE_USE,
    }
}

/// The profile's entries that `keep` wants, without white space: it travels with each container.
fn compact(keep: impl Fn(&Value) -> bool) -> String {
    let Ok(mut profile) = serde_json::from_str::<Value>(PROFILE) else {
        // The file is part of this program and tests read it: this cannot happen. Docker refuses such a profile,
        // so that no cell would start without a filter.
        return String::from("seccomp.json is broken");
    };
    if let Some(Value::Array(entries)) = profile.get_mut("syscalls") {
        entries.retain(keep);
    }
    profile.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The entries that hold for every cell on amd64: no capability, not tied to another architecture.
    fn entries<'a>(profile: &'a Value, name: &str) -> Vec<&'a Value> {
        let all = profile["syscalls"].as_array().unwrap();
        all.iter()
            .filter(|entry| entry["names"].as_array().unwrap().iter().any(|other| other == name))
            .filter(|entry| entry["includes"]["caps"].is_null())
            .filter(|entry| {
                entry["includes"]["arches"]
                    .as_array()
                    .is_none_or(|arches| arches.iter().any(|arch| arch == "amd64"))
            })
            .filter(|entry| entry["action"] == "SCMP_ACT_ALLOW")
            .collect()
    }

    fn parsed(isolation: Isolation) -> Value {
        serde_json::from_str(profile(isolation)).unwrap()
    }

    fn is_unconditional(entry: &&Value) -> bool {
        entry["args"].as_array().is_none_or(Vec::is_empty)
    }

    #[test]
    fn only_nested_cells_may_build_sandboxes() {
        let (nested, single) = (parsed(Isolation::Nested), parsed(Isolation::SingleUse));
        for name in ["clone", "mount", "pivot_root", "sethostname", "umount2", "unshare"] {
            assert!(entries(&nested, name).iter().any(is_unconditional), "{name} in nested");
            assert!(!entries(&single, name).iter().any(is_unconditional), "{name} in single-use");
        }
        let masked = entries(&single, "clone");
        assert_eq!(masked.len(), 1, "threads and forks remain");
        assert_eq!(masked[0]["args"][0]["value"], 0x7E02_0000, "without any new namespace");
        let difference =
            nested["syscalls"].as_array().unwrap().len() - single["syscalls"].as_array().unwrap().len();
        assert_eq!(difference, 1);
    }

    #[test]
    fn neither_offers_what_a_program_never_needs_and_attackers_do() {
        for isolation in [Isolation::Nested, Isolation::SingleUse] {
            let profile = parsed(isolation);
            for name in [
                "io_uring_setup",
                "io_uring_enter",
                "io_uring_register",
                "memfd_secret",
                "socketcall",
                "setns",
                "chroot",
                "fsopen",
                "fsmount",
                "move_mount",
                "open_tree",
                "mount_setattr",
                "bpf",
                "keyctl",
                "add_key",
                "request_key",
                "perf_event_open",
                "userfaultfd",
                "kexec_load",
                "init_module",
                "umount",
                "clone3",
            ] {
                assert!(entries(&profile, name).is_empty(), "{name} in {isolation:?}");
            }
            for name in ["read", "execve", "memfd_create", "socketpair", "seccomp", "prctl", "openat2"] {
                assert!(entries(&profile, name).iter().any(is_unconditional), "{name} in {isolation:?}");
            }
            assert_eq!(profile["defaultAction"], "SCMP_ACT_ERRNO");
        }
    }

    #[test]
    fn sockets_of_the_kernels_crypto_and_of_virtual_machines_are_closed() {
        for isolation in [Isolation::Nested, Isolation::SingleUse] {
            let profile = parsed(isolation);
            let rules: Vec<_> = entries(&profile, "socket")
                .iter()
                .map(|entry| {
                    let args = entry["args"].as_array().unwrap();
                    assert_eq!((args.len(), &args[0]["index"]), (1, &Value::from(0)));
                    (args[0]["op"].as_str().unwrap().to_owned(), args[0]["value"].as_u64().unwrap())
                })
                .collect();
            // Comparing is by 64 bits, the kernel takes 32: no rule may allow an open range upwards.
            assert_eq!(rules, [("SCMP_CMP_LT".to_owned(), 38), ("SCMP_CMP_EQ".to_owned(), 39)]);
        }
    }

    #[test]
    fn clone3_is_said_not_to_exist_so_that_libraries_fall_back_on_clone() {
        for isolation in [Isolation::Nested, Isolation::SingleUse] {
            let profile = parsed(isolation);
            let refusal = profile["syscalls"].as_array().unwrap().iter().find(|entry| {
                entry["names"][0] == "clone3"
                    && entry["errnoRet"] == 38
                    && entry["action"] == "SCMP_ACT_ERRNO"
            });
            assert!(refusal.is_some());
        }
    }
}
