//! What a server takes of the machine, and which machine it is.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use tokio::time::sleep;

use crate::{
    docker,
    server::{Ready, Server},
    tool,
};

/// How long it may take until every runtime has a cell.
const CELLS: Duration = Duration::from_secs(120);

/// Waits until every runtime that is listed has a cell: a runtime whose proof is known is listed before.
pub(crate) async fn wait_for_cells(server: &Server, ready: &Ready) -> anyhow::Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < CELLS {
        let there = docker::images(server.pid())?;
        if ready.runtimes.iter().all(|runtime| there.contains_key(&runtime.id)) {
            return Ok(());
        }
        sleep(Duration::from_millis(100)).await;
    }
    bail!("not every runtime had a cell within {} s", CELLS.as_secs())
}

/// The memory of one idle cell of each runtime, in bytes.
pub(crate) fn idle_cells(server: u32) -> anyhow::Result<BTreeMap<String, f64>> {
    let cells = docker::cells(server)?;
    let names: Vec<_> = cells.iter().map(|cell| cell.name.clone()).collect();
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let memory = docker::memory(&names)?;
    let one = |cell: docker::CellContainer| Some((cell.runtime, *memory.get(&cell.name)?));
    Ok(cells.into_iter().filter_map(one).collect())
}

pub(crate) fn resident_bytes(pid: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    let kib: f64 = line.split_whitespace().next().context("VmRSS")?.parse()?;
    Ok(kib * 1024.0)
}

pub(crate) fn facts() -> anyhow::Result<Vec<(String, String)>> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu_info = read("/proc/cpuinfo");
    let model = cpu_info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let load = read("/proc/loadavg");
    Ok(vec![
        ("processors".into(), format!("{processors} × {}", model.map_or("unknown", |(_, model)| model))),
        ("kernel".into(), read("/proc/sys/kernel/osrelease").trim().to_owned()),
        ("Docker".into(), docker::version().unwrap_or_else(|_| "none".into())),
        (
            "load tool".into(),
            if tool::is_there() { tool::NAME.into() } else { "the bench's own loop".into() },
        ),
        ("load before".into(), load.split(' ').take(3).collect::<Vec<_>>().join(" ")),
    ])
}
