//! Which server a container belongs to, and whether that server is still alive.

use std::{fs, time::Duration};

use uuid::Uuid;

/// A container of another machine that is older than this belongs to no server any more.
const MAX_AGE: Duration = Duration::from_secs(24 * 3600);

/// The process ids of the initial namespace (`PROC_PID_INIT_INO` of the kernel).
const INITIAL_PID_NAMESPACE: &str = "pid:[4026531836]";

/// Names this process among all that may use one engine: `<host>-<pid>-<start in clock ticks>-<random>`. The host is the
/// machine's name and, in a container, which process ids are meant.
pub fn instance_id() -> String {
    let pid = std::process::id();
    let start = start_ticks(pid).unwrap_or(0);
    let random = Uuid::now_v7().simple().to_string();
    format!("{}-{pid}-{start}-{}", here(), &random[24..])
}

/// What [`is_left_over`] needs to know of a container.
pub(super) struct Owned<'a> {
    /// The instance in its label.
    pub(super) instance: &'a str,
    /// How long it has been there.
    pub(super) age: Duration,
}

/// Whether a container's server has died without its container noticing. In doubt it is alive: another server's cells are
/// never touched.
pub(super) fn is_left_over(owned: &Owned<'_>, here: &str, start_ticks: impl Fn(u32) -> Option<u64>) -> bool {
    // By the time of day, which may jump: it counts only for those of whom nothing better is known.
    let is_old = owned.age > MAX_AGE;
    // The host's name may hold dashes: the parts are told from the end.
    let mut parts = owned.instance.rsplitn(4, '-');
    let (Some(_random), Some(start), Some(pid), Some(host)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return is_old;
    };
    let (Ok(start), Ok(pid)) = (start.parse::<u64>(), pid.parse::<u32>()) else { return is_old };
    if host == here { start_ticks(pid) != Some(start) } else { is_old }
}

/// This machine, and whose process ids are meant.
pub(super) fn here() -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim().to_owned();
    let namespace = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    match namespace.to_str() {
        Some(INITIAL_PID_NAMESPACE) | None => host,
        Some(other) => {
            let number: String = other.chars().filter(char::is_ascii_digit).collect();
            format!("{host}~{number}")
        }
    }
}

/// When a process of this machine began, in clock ticks since the machine did; `None` when there is none.
pub(super) fn start_ticks(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the name in parentheses, with anything in it. The start is the 22nd, the 20th after it.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_over(instance: &str, hours: u64, alive: Option<u64>) -> bool {
        let age = Duration::from_secs(hours * 3600);
        is_left_over(&Owned { instance, age }, "my-host", |pid| {
            assert_eq!(pid, 42);
            alive
        })
    }

    #[test]
    fn a_dead_servers_container_is_left_over() {
        assert!(left_over("my-host-42-1000-ab12", 0, None), "the process has gone");
        assert!(left_over("my-host-42-1000-ab12", 0, Some(2000)), "another process has its id");
    }

    #[test]
    fn another_servers_container_is_never_touched() {
        assert!(!left_over("my-host-42-1000-ab12", 23, Some(1000)), "it lives");
        assert!(!left_over("other-host-42-1000-ab12", 23, None), "it lives elsewhere, perhaps");
        assert!(!left_over("my-host~4026532000-42-1000-ab12", 23, None), "its process ids are not ours");
        for odd in ["", "true", "a-b", "my-host-x-1000-ab12", "my-host-42-x-ab12"] {
            assert!(!left_over(odd, 23, None), "{odd:?} is not of ours");
        }
    }

    #[test]
    fn a_clock_that_jumps_takes_no_cell_from_a_server_that_lives() {
        assert!(!left_over("my-host-42-1000-ab12", 24 * 365, Some(1000)));
        assert!(left_over("my-host-42-1000-ab12", 24 * 365, None));
    }

    #[test]
    fn of_a_server_elsewhere_nothing_is_kept_for_more_than_a_day() {
        assert!(left_over("other-host-42-1000-ab12", 25, Some(1000)));
    }

    #[test]
    fn this_process_sees_itself_alive() {
        let instance = instance_id();
        let owned = Owned { instance: &instance, age: Duration::ZERO };
        assert!(!is_left_over(&owned, &here(), start_ticks));
        assert!(is_left_over(&owned, &here(), |_| None));
        assert_ne!(instance, instance_id());
    }
}
