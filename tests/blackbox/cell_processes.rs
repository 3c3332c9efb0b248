//! Every process of every cell, seen from the machine: whose it is, and what it may. Not only programs, which cannot tell of others.

use std::{collections::BTreeSet, fs, process::Command, sync::Arc, thread, time::Duration};

use libtest_mimic::{Failed, Trial};
use serde_json::json;

use crate::{
    processes::{agents_of, family, parent_of, started, status_of},
    server::{Server, containers_of, eventually},
};

/// The lowest user id of a cell.
const LOWEST_UID: u32 = 100_000;

/// What a single-use cell's agent keeps, as the kernel writes it: KILL (bit 5), SETGID (6) and SETUID (7).
const SINGLE_USE_CAPABILITIES: &str = "00000000000000e0";

/// No capability.
const NONE: &str = "0000000000000000";

/// The cell's own filter.
const OUTER_FILTERS: usize = 1;

/// The filters that the holder can bear, which makes stages: what is forbidden, what is absent, and on x86-64 the calls of x32.
const HOLDER_FILTERS: usize = if cfg!(target_arch = "x86_64") { 3 } else { 2 };

/// The filters that a program is given by its agent: those, and what stages are made with.
const INNER_FILTERS: usize = HOLDER_FILTERS + 1;

/// How long a process may be on its way: what it is born with, it gives up first.
const SETTLED: Duration = Duration::from_secs(1);

pub(crate) fn trials(mode: &'static str, server: &Arc<Server>) -> Vec<Trial> {
    let server = server.clone();
    let name = format!("cells::{mode}::each_process_has_only_what_it_needs");
    vec![Trial::test(name, move || each_process_has_only_what_it_needs(&server, mode))]
}

/// What a process of a cell is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Agent,
    /// Nested cells: holds the run's namespaces.
    Holder,
    /// Init, the program, and what the program starts.
    Below,
}

fn each_process_has_only_what_it_needs(server: &Server, mode: &str) -> Result<(), Failed> {
    let source = "sleep 20 & sleep 20";
    let body = json!({"language": "shell", "files": [{"name": "main.sh", "content": source}], "limits": {"wall_ms": 4000}});
    thread::scope(|scope| {
        let run = scope.spawn(|| server.run(&body));
        let sleeps = || processes(server, mode).iter().any(|(_, pid, _)| name_of(*pid) == "sleep");
        let seen = eventually(Duration::from_secs(3), sleeps);
        let found = lasting(server, mode);
        let outcome = run.join().unwrap()["outcome"].clone();
        assert!(seen && outcome == "timed_out", "the running program was not looked at: {outcome}");
        found
    })
}

/// What is wrong now and was so a second ago.
fn lasting(server: &Server, mode: &str) -> Result<(), Failed> {
    let (first, roles) = look(server, mode);
    let expected: &[Role] = if mode == "single-use" {
        &[Role::Agent, Role::Below]
    } else {
        &[Role::Agent, Role::Holder, Role::Below]
    };
    assert!(expected.iter().all(|role| roles.contains(role)), "only {roles:?} were seen");
    if first.is_empty() {
        return Ok(());
    }
    thread::sleep(SETTLED);
    let (second, _) = look(server, mode);
    let wrong: Vec<_> = first.intersection(&second).cloned().collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn look(server: &Server, mode: &str) -> (BTreeSet<String>, BTreeSet<Role>) {
    let (mut wrong, mut roles) = (BTreeSet::new(), BTreeSet::new());
    for (agent, pid, role) in processes(server, mode) {
        let born = started(pid);
        let found = differences(agent, pid, role, mode);
        // One that has ended meanwhile has told nothing.
        if born.is_some() && started(pid) == born {
            roles.insert(role);
            wrong.extend(found.into_iter().map(|what| format!("{role:?} {pid} ({}): {what}", name_of(pid))));
        }
    }
    (wrong, roles)
}

/// Every process of this server's cells, with the agent of its cell.
fn processes(server: &Server, mode: &str) -> Vec<(u32, u32, Role)> {
    let agents = if mode == "local" { agents_of(server.pid()) } else { first_processes(server) };
    let of_cell = |agent: u32| {
        family(agent).into_iter().map(move |pid| {
            let role = match parent_of(pid) {
                _ if pid == agent => Role::Agent,
                Some(parent) if parent == agent && mode != "single-use" => Role::Holder,
                _ => Role::Below,
            };
            (agent, pid, role)
        })
    };
    agents.into_iter().flat_map(of_cell).collect()
}

/// The first process of each of this server's containers, as the machine numbers it.
fn first_processes(server: &Server) -> Vec<u32> {
    let pid_of = |line: &String| {
        let name = line.rsplit(' ').next()?;
        let output =
            Command::new("docker").args(["inspect", "--format", "{{.State.Pid}}", name]).output().ok()?;
        String::from_utf8_lossy(&output.stdout).trim().parse().ok().filter(|pid| *pid != 0)
    };
    containers_of(server.pid()).iter().filter_map(pid_of).collect()
}

fn name_of(pid: u32) -> String {
    status_of(pid, "Name").unwrap_or_default()
}

/// What is not as it must be.
fn differences(agent: u32, pid: u32, role: Role, mode: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut must = |what: &str, is_so: bool| {
        if !is_so {
            wrong.push(format!("{what}: {:?}", status_of(pid, what)));
        }
    };
    let is = |what: &str, expected: &str| status_of(pid, what).as_deref() == Some(expected);
    let single_use = mode == "single-use";
    let is_root = single_use && role == Role::Agent;

    let ids = status_of(pid, "Uid").unwrap_or_default();
    let allowed = |id: u32| if is_root { id == 0 } else { id >= LOWEST_UID };
    must("Uid", ids.split_whitespace().all(|id| id.parse().is_ok_and(allowed)) && !ids.is_empty());
    must("NoNewPrivs", is("NoNewPrivs", "1"));
    // The local engine's agent has no container, and so no filter, around it.
    let outer = if mode == "local" { 0 } else { OUTER_FILTERS };
    let inner = match role {
        Role::Agent => 0,
        Role::Holder => HOLDER_FILTERS,
        Role::Below => INNER_FILTERS,
    };
    must("Seccomp", is("Seccomp", if outer + inner == 0 { "0" } else { "2" }));
    // A kernel before 5.9 does not tell how many there are.
    if status_of(pid, "Seccomp_filters").is_some() {
        must("Seccomp_filters", is("Seccomp_filters", &(outer + inner).to_string()));
    }

    // The holder mounts for later stages: in a user namespace of its own, where its capabilities mean nothing outside.
    let kept = if is_root { SINGLE_USE_CAPABILITIES } else { NONE };
    for set in ["CapPrm", "CapEff"] {
        must(set, role == Role::Holder || is(set, kept));
    }
    for set in ["CapInh", "CapAmb"] {
        must(set, is(set, NONE));
    }
    must("CapBnd", (mode == "local" && role == Role::Agent) || is("CapBnd", NONE));
    let users = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/user")).ok();
    let (own, of_agent) = (users(&pid.to_string()), users(&agent.to_string()));
    let shares = single_use || role == Role::Agent;
    if own.is_none() || (own == of_agent) != shares || of_agent != users("self") {
        wrong.push(format!("user namespace {own:?}, the agent's {of_agent:?}"));
    }
    wrong
}
