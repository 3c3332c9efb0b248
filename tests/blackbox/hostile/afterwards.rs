//! What must hold once every hostile program has had its answer and nothing runs any more: on servers at rest each container is one of
//! the cells that they count, and with the servers all of it goes. These trials run one after the other.

use std::{sync::Arc, thread, time::Duration};

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::{
    BEFORE, LEFTOVER_PATIENCE, leftovers,
    machine::{changed_files, peak_memory, processes_of},
    mark,
};
use crate::{
    processes::{agents_of, family, started},
    server::{Server, containers_of, eventually},
};

/// How soon a server at rest must have replaced what it replaces, and removed what it removes.
const REST_PATIENCE: Duration = Duration::from_secs(30);

/// How soon after a server its cells must be gone.
const END_PATIENCE: Duration = Duration::from_secs(10);

/// How long the control's program lives if nobody ends it, in milliseconds.
const CONTROL_WALL_MS: u64 = 3000;

/// The most memory that a server may ever have used. Its bound on one run's output is far below that.
const SERVER_MEMORY_BYTES: u64 = 512 << 20;

/// What must hold of a server, and of what is used to look at it.
pub(crate) fn settled_trials(mode: &'static str, server: &Arc<Server>) -> Vec<Trial> {
    type Check = fn(&Server, &str) -> Result<(), Failed>;
    let checks: [(&str, Check); 4] = [
        ("a_running_mark_is_seen", marks_are_seen),
        ("what_is_left_behind_is_seen", |server, _| leftovers::are_seen(server)),
        ("each_container_is_a_cell", containers_are_cells),
        ("the_server_is_well_afterwards", |server, _| well_afterwards(server)),
    ];
    let trial = |(name, check): (&str, Check)| {
        let server = server.clone();
        Trial::test(format!("hostile::{mode}::{name}"), move || check(&server, mode))
    };
    checks.into_iter().map(trial).collect()
}

/// That no process of a program is found means something only because one that runs is found, by its environment alone.
fn marks_are_seen(server: &Server, mode: &str) -> Result<(), Failed> {
    let mark = mark();
    let body = json!({"language": "shell", "files": [{"name": "main.sh", "content": "sleep 60 & sleep 60"}],
        "env": {"HOSTILE_MARK": mark}, "limits": {"wall_ms": CONTROL_WALL_MS}});
    let run = thread::scope(|scope| {
        let run = scope.spawn(|| server.run(&body));
        let by_environment =
            || processes_of(&mark).iter().filter(|process| process.contains("sleep")).count();
        let seen = eventually(Duration::from_millis(CONTROL_WALL_MS), || by_environment() >= 2);
        (seen, run.join().unwrap())
    });
    let (seen, run) = run;
    if !seen || run["outcome"] != "timed_out" {
        return Err(format!("{mode}: its processes were not seen (are these tests root's?)\n{run:#}").into());
    }
    let gone = eventually(LEFTOVER_PATIENCE, || processes_of(&mark).is_empty());
    if gone { Ok(()) } else { Err(format!("left behind: {:?}", processes_of(&mark)).into()) }
}

/// How many cells there are outside of the server's own books: containers, or agents among the server's children.
fn cells_of(server: &Server, mode: &str) -> usize {
    if mode != "local" {
        return containers_of(server.pid()).len();
    }
    agents_of(server.pid()).len()
}

fn containers_are_cells(server: &Server, mode: &str) -> Result<(), Failed> {
    let (mut counted, mut there) = (0, 0);
    let is_so = eventually(REST_PATIENCE, || {
        (counted, there) = (server.counted_cells(), cells_of(server, mode));
        counted == there && counted > 0
    });
    if is_so {
        return Ok(());
    }
    Err(format!("the server counts {counted} cells, there are {there}: {:#?}", containers_of(server.pid()))
        .into())
}

/// What must hold of a server that has run all of them.
fn well_afterwards(server: &Server) -> Result<(), Failed> {
    let containers = containers_of(server.pid());
    for container in &containers {
        let name = container.rsplit(' ').next().unwrap_or_default();
        let changed = changed_files(name)?;
        assert!(changed.is_empty(), "{container} is changed:\n{changed}");
    }
    assert_eq!(server.get("/healthz").status(), 200);
    let status: Value = server.get("/api/v1/status").json()?;
    assert!(status["isolation"]["mode"].is_string(), "{status:#}");
    let memory = peak_memory(server.pid()).ok_or("the server's memory cannot be read")?;
    assert!(memory < SERVER_MEMORY_BYTES, "the server has used {memory} bytes");
    let log = server.log.lock().unwrap();
    assert!(!log.contains("panicked"), "{log}");
    drop(log);
    let changes = BEFORE.changes();
    if changes.is_empty() { Ok(()) } else { Err(changes.join("\n").into()) }
}

/// That nothing outlives these servers, which must have ended when the trials run. Call it while they still run: it notes what
/// belongs to them.
pub(crate) fn gone_trials<'a>(
    servers: impl IntoIterator<Item = (&'static str, &'a Arc<Server>)>,
) -> Vec<Trial> {
    let trial = |(mode, server): (&str, &Arc<Server>)| {
        let pid = server.pid();
        let processes: Vec<_> = family(pid).into_iter().map(|pid| (pid, started(pid))).collect();
        Trial::test(format!("hostile::{mode}::nothing_outlives_the_server"), move || {
            nothing_of(pid, &processes)
        })
    };
    servers.into_iter().map(trial).collect()
}

fn nothing_of(server: u32, processes: &[(u32, Option<String>)]) -> Result<(), Failed> {
    let alive = || -> Vec<u32> {
        processes
            .iter()
            .filter(|(pid, begun)| begun.is_some() && started(*pid) == *begun)
            .map(|(pid, _)| *pid)
            .collect()
    };
    if eventually(END_PATIENCE, || alive().is_empty() && containers_of(server).is_empty()) {
        return Ok(());
    }
    Err(format!("processes {:?}, containers {:#?}", alive(), containers_of(server)).into())
}
