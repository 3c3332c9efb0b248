//! What keeps programs in, seen from both sides: what Docker says of each cell's container, and what the kernel says
//! to a program in it. Its mounts are [`crate::cell_mounts`]', all other processes of the cell [`crate::cell_processes`]'.

use std::{collections::BTreeSet, fs, process::Command, sync::Arc};

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::{
    cell_mounts::mounts_are_these,
    server::{Server, containers_of},
};

/// What a single-use cell's agent needs to become its program's user and to end that user's processes. `SETPCAP` is there
/// so that it can take even the bounding set from the program.
const SINGLE_USE_CAPABILITIES: [&str; 4] = ["KILL", "SETGID", "SETPCAP", "SETUID"];

/// Where a program of a single-use cell may write.
const SINGLE_USE_FOLDERS: [&str; 5] = ["/box", "/build", "/dev/shm", "/home/user", "/tmp"];

/// System calls that no cell's profile may name among those it allows to everyone.
const CLOSED: [&str; 8] = [
    "add_key",
    "bpf",
    "io_uring_setup",
    "keyctl",
    "open_by_handle_at",
    "perf_event_open",
    "setns",
    "userfaultfd",
];

/// Prints what the kernel says of the program.
const STATUS: &str = "import os
for line in open('/proc/self/status'):
    if line.split(':')[0] in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp', 'Uid', 'Groups'):
        print(*line.split())
for name in sorted(os.listdir('/proc/self/ns')):
    print(name, os.readlink('/proc/self/ns/' + name))
";

/// The tests of one server, whose cells are of `mode`.
pub(crate) fn trials(mode: &'static str, server: &Arc<Server>) -> Vec<Trial> {
    type Check = fn(&Server, &str) -> Result<(), Failed>;
    let mut checks: Vec<(&str, Check)> = vec![("the_kernel_says_so", the_kernel_says_so)];
    if mode != "local" {
        checks.push(("docker_says_so", docker_says_so));
    }
    checks.push(("mounts_are_these", mounts_are_these));
    let trial = |(name, check): (&str, Check)| {
        let server = server.clone();
        Trial::test(format!("cells::{mode}::{name}"), move || check(&server, mode))
    };
    checks.into_iter().map(trial).collect()
}

/// What a program prints.
pub(crate) fn said(server: &Server, source: &str) -> String {
    let run = server.run(&json!({"language": "python", "files": [{"name": "main.py", "content": source}]}));
    assert_eq!(run["outcome"], "succeeded", "{run:#}");
    run["stages"][0]["stdout"].as_str().unwrap().to_owned()
}

/// What Docker says of this server's containers. Those that end in between are left out.
fn containers(server: &Server) -> Vec<Value> {
    let names = containers_of(server.pid());
    let names = names.iter().map(|line| line.rsplit(' ').next().unwrap());
    names
        .filter_map(|name| {
            let output =
                Command::new("docker").args(["inspect", "--type", "container", name]).output().unwrap();
            let parsed: Vec<Value> = serde_json::from_slice(&output.stdout).ok()?;
            parsed.into_iter().next()
        })
        .collect()
}

fn docker_says_so(server: &Server, mode: &str) -> Result<(), Failed> {
    said(server, "print()\n");
    let containers = containers(server);
    assert!(!containers.is_empty(), "no container to look at");
    let wrong: Vec<String> = containers.iter().flat_map(|container| differences(container, mode)).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// What of a container is not as it must be.
fn differences(container: &Value, mode: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let name = container["Name"].as_str().unwrap();
    let mut must = |what: &str, is_so: bool, seen: &Value| {
        if !is_so {
            wrong.push(format!("{name}: {what}: {seen}"));
        }
    };
    let (config, host) = (&container["Config"], &container["HostConfig"]);
    let nothing = |value: &Value| {
        value.is_null()
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(serde_json::Map::is_empty)
            || value == ""
    };
    let exactly = |value: &Value, expected: &[&str]| {
        let seen: Option<BTreeSet<&str>> =
            value.as_array().map(|all| all.iter().filter_map(Value::as_str).collect());
        seen == Some(expected.iter().copied().collect())
    };
    let nested = mode == "nested";

    let user = config["User"].as_str().unwrap();
    let numbers: Vec<u32> = user.split(':').filter_map(|part| part.parse().ok()).collect();
    let right_user =
        if nested { numbers.len() == 2 && numbers.iter().all(|id| *id >= 1000) } else { user == "0:0" };
    must("user", right_user, &config["User"]);
    must("label", config["Labels"]["polyground"].is_string(), &config["Labels"]);
    must("terminal", config["Tty"] == false, &config["Tty"]);
    must("stdin once", config["StdinOnce"] == true, &config["StdinOnce"]);

    must("capabilities dropped", exactly(&host["CapDrop"], &["ALL"]), &host["CapDrop"]);
    let added =
        if nested { nothing(&host["CapAdd"]) } else { exactly(&host["CapAdd"], &SINGLE_USE_CAPABILITIES) };
    must("capabilities added", added, &host["CapAdd"]);
    let options: Vec<&str> =
        host["SecurityOpt"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    must("no-new-privileges", options.contains(&"no-new-privileges"), &host["SecurityOpt"]);
    let profile = options.iter().find_map(|option| option.strip_prefix("seccomp="));
    let profile = profile.and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_default();
    must("seccomp's default", profile["defaultAction"] == "SCMP_ACT_ERRNO", &profile["defaultAction"]);
    for call in CLOSED {
        must("seccomp allows", !allows(&profile, call), &json!(call));
    }
    must("seccomp on mounts", allows(&profile, "mount") == nested, &json!(nested));

    for (what, expected) in [
        ("ReadonlyRootfs", json!(true)),
        ("Privileged", json!(false)),
        ("PublishAllPorts", json!(false)),
        ("AutoRemove", json!(true)),
        ("NetworkMode", json!("none")),
        ("IpcMode", json!("none")),
        ("OomScoreAdj", json!(500)),
        ("CgroupnsMode", json!("private")),
        ("LogConfig", json!({"Type": "none", "Config": {}})),
    ] {
        must(what, host[what] == expected, &host[what]);
    }
    for what in [
        "Binds",
        "Devices",
        "DeviceRequests",
        "DeviceCgroupRules",
        "VolumesFrom",
        "GroupAdd",
        "Links",
        "ExtraHosts",
        "Dns",
        "PortBindings",
        "PidMode",
        "UTSMode",
        "UsernsMode",
        "Sysctls",
    ] {
        must(what, nothing(&host[what]), &host[what]);
    }
    must(
        "restart",
        host["RestartPolicy"]["Name"] == "no" || nothing(&host["RestartPolicy"]["Name"]),
        &host["RestartPolicy"],
    );
    let memory = host["Memory"].as_i64().unwrap();
    must("memory", memory > 0 && memory <= 4 << 30, &host["Memory"]);
    must("no swap", host["MemorySwap"] == host["Memory"], &host["MemorySwap"]);
    must(
        "processes",
        host["PidsLimit"].as_i64().is_some_and(|most| (1..=1024).contains(&most)),
        &host["PidsLimit"],
    );
    must("processors", host["NanoCpus"].as_i64().is_some_and(|most| most >= 500_000_000), &host["NanoCpus"]);
    must("OOM killer", host["OomKillDisable"] != true, &host["OomKillDisable"]);

    // The one mount is the agent's volume, which nobody can write to; single-use cells have their folders in memory.
    let mounts = container["Mounts"].as_array().unwrap();
    let agent = |mount: &Value| {
        mount["Type"] == "volume" && mount["Destination"] == "/polyground" && mount["RW"] == false
    };
    must("mounts", mounts.iter().filter(|mount| mount["Type"] != "tmpfs").all(agent), &container["Mounts"]);
    if nested {
        must("no tmpfs", nothing(&host["Tmpfs"]), &host["Tmpfs"]);
        must(
            "masks",
            host["MaskedPaths"] == json!([]) && host["ReadonlyPaths"] == json!([]),
            &host["MaskedPaths"],
        );
    } else {
        let folders: BTreeSet<&str> = host["Tmpfs"].as_object().unwrap().keys().map(String::as_str).collect();
        must("tmpfs", folders == BTreeSet::from(SINGLE_USE_FOLDERS), &host["Tmpfs"]);
        let each = host["Tmpfs"].as_object().unwrap().values();
        let bounded = each.filter_map(Value::as_str).all(|options| {
            ["nosuid", "nodev", "size=", "nr_inodes="].iter().all(|part| options.contains(part))
        });
        must("bounds of tmpfs", bounded, &host["Tmpfs"]);
        let masked = host["MaskedPaths"].as_array().unwrap();
        let covered = ["/proc/kcore", "/proc/keys", "/proc/cmdline", "/proc/locks", "/sys/firmware"];
        must("masks", covered.iter().all(|path| masked.contains(&json!(path))), &host["MaskedPaths"]);
        let kept = host["ReadonlyPaths"].as_array().unwrap();
        let kept = ["/proc/sys", "/proc/sysrq-trigger"].iter().all(|path| kept.contains(&json!(path)));
        must("read-only paths", kept, &host["ReadonlyPaths"]);
    }
    wrong
}

/// Whether a profile allows this call to a process without capabilities.
fn allows(profile: &Value, call: &str) -> bool {
    profile["syscalls"].as_array().into_iter().flatten().any(|entry| {
        entry["action"] == "SCMP_ACT_ALLOW"
            && entry["includes"]["caps"].as_array().is_none_or(Vec::is_empty)
            && entry["names"].as_array().is_some_and(|names| names.contains(&json!(call)))
    })
}

fn the_kernel_says_so(server: &Server, mode: &str) -> Result<(), Failed> {
    let text = said(server, STATUS);
    let of = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).trim_start_matches(':').trim().to_owned()
    };
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert_eq!(of(set), "0000000000000000", "{set}");
    }
    assert_eq!(of("NoNewPrivs"), "1");
    assert_eq!(of("Seccomp:"), "2");
    let ids: Vec<u32> = of("Uid").split(' ').map(|id| id.parse().unwrap()).collect();
    assert!(ids.iter().all(|id| *id >= 1000 && *id == ids[0]), "{ids:?}");
    assert!(!of("Groups").split(' ').any(|group| group == "0"), "{}", of("Groups"));
    // Every namespace is another one than that of this test, which is the machine's; but single-use cells share its users.
    for (name, inside) in text.lines().filter_map(|line| line.split_once(' ')) {
        let Ok(outside) = fs::read_link(format!("/proc/self/ns/{name}")) else { continue };
        let shared = name.starts_with("time") || (mode == "single-use" && name == "user");
        assert_eq!(outside.to_str() == Some(inside), shared, "{name}: {inside}, outside {outside:?}");
    }
    Ok(())
}
