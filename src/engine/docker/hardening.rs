//! What a cell's container is: every line that keeps a program in. The reasons stand in SECURITY.md §4.1.

use std::collections::HashMap;

use bollard::models::{
    ContainerCreateBody, HealthConfig, HostConfig, HostConfigCgroupnsModeEnum, HostConfigLogConfig, Mount,
    MountType, MountVolumeOptions, ResourcesUlimits,
};
use polyground_protocol::Isolation;

use super::{LABEL_INSTANCE, LABEL_RUNTIME, LABEL_SLOT, agent_volume, seccomp};
use crate::engine::{CellSpec, FILES_COUNT, SHM_BYTES};

/// Processes and threads that a cell has beyond those of the run: the agent's own, and those that build its sandboxes.
const AGENT_PROCESSES: i64 = 64;

/// And for each process that waits beside the running stage, with its threads.
const WARM_PROCESSES: i64 = 48;

/// How much sooner than others the kernel ends a cell's processes when the host's memory runs out.
const OOM_SCORE: i64 = 500;

/// What [`Isolation::SingleUse`] needs: the agent is root there, and hands the program to another user.
const SINGLE_USE_CAPABILITIES: [&str; 4] = ["KILL", "SETGID", "SETPCAP", "SETUID"];

/// Where a program may write in [`Isolation::SingleUse`]. They belong to its user: some OCI runtimes keep the mode of the
/// image's folder and ignore the one asked for, but none ignores the owner.
const SINGLE_USE_FOLDERS: [&str; 4] = ["/box", "/build", "/tmp", "/home/user"];

/// Parts of `/proc` and `/sys` that [`Isolation::SingleUse`] covers, because they tell of the host: Docker's own list, which
/// a list in the request replaces, and what nested sandboxes cover too.
const SINGLE_USE_MASKED: [&str; 18] = [
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

/// All that a cell's container depends on.
pub(super) struct Plan<'a> {
    pub(super) spec: &'a CellSpec,
    pub(super) instance: &'a str,
    pub(super) slot: u32,
    pub(super) uid: u32,
    pub(super) agent_volume: &'a str,
    /// CPUs' worth of time.
    pub(super) cpus: f64,
    /// An AppArmor profile, where the operator names one.
    pub(super) apparmor: Option<&'a str>,
    /// An OCI runtime (`runsc`), where the operator names one.
    pub(super) oci_runtime: Option<&'a str>,
}

/// The container.
pub(super) fn container(plan: &Plan<'_>) -> ContainerCreateBody {
    let user = match plan.spec.isolation {
        Isolation::Nested => format!("{0}:{0}", plan.uid),
        Isolation::SingleUse => "0:0".into(),
    };
    ContainerCreateBody {
        image: Some(plan.spec.image.id.clone()),
        hostname: Some("polyground".into()),
        user: Some(user),
        entrypoint: Some(vec![agent_volume::AGENT_PATH.into()]),
        cmd: Some(Vec::new()),
        working_dir: Some("/".into()),
        open_stdin: Some(true),
        stdin_once: Some(true),
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        tty: Some(false),
        healthcheck: Some(HealthConfig { test: Some(vec!["NONE".into()]), ..Default::default() }),
        labels: Some(HashMap::from([
            (LABEL_INSTANCE.into(), plan.instance.into()),
            (LABEL_RUNTIME.into(), plan.spec.runtime.clone()),
            (LABEL_SLOT.into(), plan.slot.to_string()),
        ])),
        host_config: Some(host_config(plan)),
        ..Default::default()
    }
}

fn host_config(plan: &Plan<'_>) -> HostConfig {
    let memory = i64::try_from(plan.spec.memory_bytes).ok();
    let mut config = HostConfig {
        cap_drop: Some(vec!["ALL".into()]),
        security_opt: Some(security_options(plan)),
        readonly_rootfs: Some(true),
        ipc_mode: Some("none".into()),
        network_mode: Some("none".into()),
        cgroupns_mode: Some(HostConfigCgroupnsModeEnum::PRIVATE),
        pids_limit: Some(pids_limit(plan.spec)),
        memory,
        memory_swap: memory,
        oom_score_adj: Some(OOM_SCORE),
        oom_kill_disable: Some(false),
        nano_cpus: Some(nano_cpus(plan.cpus)),
        ulimits: Some(vec![limit("core", 0), limit("memlock", 64 * 1024), limit("nofile", 1024)]),
        log_config: Some(HostConfigLogConfig { typ: Some("none".into()), config: None }),
        auto_remove: Some(true),
        init: Some(false),
        privileged: Some(false),
        mounts: Some(vec![agent_mount(plan.agent_volume)]),
        runtime: plan.oci_runtime.map(str::to_owned),
        ..Default::default()
    };
    match plan.spec.isolation {
        // Both lists empty, or the kernel refuses a fresh /proc to the sandbox. Safe only because the user is not root.
        Isolation::Nested => {
            config.masked_paths = Some(Vec::new());
            config.readonly_paths = Some(Vec::new());
        }
        Isolation::SingleUse => {
            config.masked_paths = Some(SINGLE_USE_MASKED.map(str::to_owned).to_vec());
            config.cap_add = Some(SINGLE_USE_CAPABILITIES.map(str::to_owned).to_vec());
            config.tmpfs = Some(single_use_folders(plan));
        }
    }
    config
}

/// The most processes and threads of a cell, the agent's own included.
fn pids_limit(spec: &CellSpec) -> i64 {
    let warm = i64::try_from(spec.warm.len()).unwrap_or_default();
    i64::from(spec.processes) + AGENT_PROCESSES + warm * WARM_PROCESSES
}

fn security_options(plan: &Plan<'_>) -> Vec<String> {
    let mut options =
        vec!["no-new-privileges".to_owned(), format!("seccomp={}", seccomp::profile(plan.spec.isolation))];
    options.extend(plan.apparmor.map(|profile| format!("apparmor={profile}")));
    options
}

/// The folder with the agent. Nothing of the image is copied into it, and nobody can change it.
fn agent_mount(volume: &str) -> Mount {
    Mount {
        typ: Some(MountType::VOLUME),
        source: Some(volume.into()),
        target: Some(agent_volume::FOLDER.into()),
        read_only: Some(true),
        volume_options: Some(MountVolumeOptions { no_copy: Some(true), ..Default::default() }),
        ..Default::default()
    }
}

fn single_use_folders(plan: &Plan<'_>) -> HashMap<String, String> {
    let own = format!("rw,nosuid,nodev,mode=0755,uid={0},gid={0}", plan.uid);
    let bytes = plan.spec.files_bytes;
    let mut folders: HashMap<_, _> = SINGLE_USE_FOLDERS
        .map(|folder| (folder.to_owned(), format!("{own},exec,size={bytes},nr_inodes={FILES_COUNT}")))
        .into();
    folders.insert("/dev/shm".into(), format!("{own},noexec,size={SHM_BYTES},nr_inodes=1024"));
    folders
}

fn limit(name: &str, value: i64) -> ResourcesUlimits {
    ResourcesUlimits { name: Some(name.into()), soft: Some(value), hard: Some(value) }
}

/// CPUs in the unit that Docker counts in.
#[allow(clippy::cast_possible_truncation)] // a handful of CPUs: far below what an i64 holds
fn nano_cpus(cpus: f64) -> i64 {
    (cpus * 1e9).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Image;

    fn spec(isolation: Isolation) -> CellSpec {
        CellSpec {
            runtime: "lua-5.4".into(),
            image: Image { id: "sha256:1234".into(), size_bytes: None },
            isolation,
            memory_bytes: 256 << 20,
            processes: 64,
            files_bytes: 64 << 20,
            overlay: vec![],
            warm: Vec::new(),
        }
    }

    fn json(isolation: Isolation) -> String {
        let spec = spec(isolation);
        let plan = Plan {
            spec: &spec,
            instance: "host-1-2-abc",
            slot: 3,
            uid: 100_003,
            agent_volume: "polyground-agent-0123456789ab",
            cpus: 2.0,
            apparmor: None,
            oci_runtime: None,
        };
        let mut value = serde_json::to_value(container(&plan)).unwrap();
        let options = value["HostConfig"]["SecurityOpt"].as_array_mut().unwrap();
        for option in options {
            if option.as_str().unwrap().starts_with("seccomp={\"defaultAction\":\"SCMP_ACT_ERRNO\"") {
                *option = "seccomp=<ours>".into();
            }
        }
        sort(&mut value);
        serde_json::to_string_pretty(&value).unwrap()
    }

    /// Hash maps come in any order.
    fn sort(value: &mut serde_json::Value) {
        if let serde_json::Value::Object(map) = value {
            map.sort_keys();
            map.values_mut().for_each(sort);
        }
    }

    #[test]
    fn a_nested_cell_has_no_right_that_is_not_listed_here() {
        insta::assert_snapshot!(json(Isolation::Nested));
    }

    #[test]
    fn a_single_use_cell_has_no_right_that_is_not_listed_here() {
        insta::assert_snapshot!(json(Isolation::SingleUse));
    }

    #[test]
    fn what_the_operator_names_is_passed_on() {
        let spec = spec(Isolation::Nested);
        let plan = Plan {
            spec: &spec,
            instance: "i",
            slot: 0,
            uid: 100_000,
            agent_volume: "v",
            cpus: 0.5,
            apparmor: Some("polyground"),
            oci_runtime: Some("runsc"),
        };
        let config = host_config(&plan);
        assert_eq!(config.security_opt.unwrap().last().unwrap(), "apparmor=polyground");
        assert_eq!(config.runtime.as_deref(), Some("runsc"));
        assert_eq!(config.nano_cpus, Some(500_000_000));
    }
}
