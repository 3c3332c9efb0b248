//! From run to run nothing may be left: a program marks every place that it can, later ones look for the marks.

use std::{collections::BTreeSet, path::PathBuf};

use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::{
    LEFTOVER_PATIENCE,
    answer::{shown, text},
    machine::processes_of,
    manifest::request,
    mark,
};
use crate::server::{Server, eventually, repository};

/// How often the leak is looked for.
const ROUNDS: usize = 4;

/// By which a sandbox lets a program leave a mark, all of which must have been left: without these a look for marks shows nothing.
const CHANNELS: [&str; 13] = [
    "/box",
    "/build",
    "/dev/shm",
    "/home/user",
    "/tmp",
    "abstract socket",
    "daemon",
    "lock",
    "loopback",
    "messages",
    "named process",
    "semaphores",
    "shared memory",
];

/// Only where the machine has it. Docker takes it from its containers, in which a nested sandbox has a network of its own.
const BY_IPV6: &str = "loopback by IPv6";

fn folder() -> PathBuf {
    repository().join("tests/hostile/isolation")
}

/// The programs have the mark in their source and not in their environment, which would have each start anew: so they run in processes that
/// have waited, on a server that insists on these (`warm`).
fn run(server: &Server, file: &str, mark: &str, warm: bool) -> Result<(Value, String), Failed> {
    let helpers = ["probe.py", "places.py"].map(str::to_owned);
    let mut body = request(&folder(), "python", file, &helpers, mark);
    body["env"] = json!({});
    let run = server.run(&body);
    if warm && run["warm"] != true {
        return Err(format!("no waiting process took {file}\n{}", shown(&run)).into());
    }
    let said = text(&run["stages"][0], "stdout");
    Ok((run, said))
}

/// One run leaves a mark wherever it can, the next ones look for it.
pub(super) fn nothing_leaks(server: &Server, warm: bool) -> Result<(), Failed> {
    let status: Value = server.get("/api/v1/status").json()?;
    let nested = status["isolation"]["mode"] == "nested";
    let has_ipv6 = nested && std::path::Path::new("/proc/net/if_inet6").exists();
    for round in 0..ROUNDS {
        let mark = mark();
        let (left, said) = run(server, "leave-a-mark.py", &mark, warm)?;
        if !said.ends_with("everything is marked\n") {
            return Err(format!("round {round}: the marks were not left\n{}", shown(&left)).into());
        }
        let marked: BTreeSet<&str> = said.lines().filter_map(|line| line.strip_suffix(": LEFT")).collect();
        let expected = CHANNELS.into_iter().chain(has_ipv6.then_some(BY_IPV6));
        let missing: Vec<_> = expected.filter(|channel| !marked.contains(channel)).collect();
        if !missing.is_empty() {
            return Err(format!("round {round}: no mark by {missing:?}\n{}", shown(&left)).into());
        }
        for _ in 0..2 {
            let (look, said) = run(server, "look-for-marks.py", &mark, warm)?;
            if !said.ends_with("looked everywhere\n") || said.contains("FOUND") {
                return Err(format!("round {round}: a mark was found\n{}\nleft: {said}", shown(&look)).into());
            }
        }
        if !eventually(LEFTOVER_PATIENCE, || processes_of(&mark).is_empty()) {
            return Err(format!("round {round}: left behind: {:?}", processes_of(&mark)).into());
        }
    }
    Ok(())
}
