//! From run to run nothing may be left: a program marks every place that it can, later ones look for the marks.

use std::path::PathBuf;

use libtest_mimic::Failed;

use super::{
    LEFTOVER_PATIENCE,
    answer::{shown, text},
    machine::processes_of,
    manifest::request,
    mark,
};
use crate::server::{Server, eventually, repository};

/// How often the leak is looked for. A line has several cells: the next run need not be on the cell of the last.
const ROUNDS: usize = 6;

/// Without these a look for marks shows nothing.
const CHANNELS: [&str; 6] = ["/tmp", "/dev/shm", "/box", "abstract socket", "loopback", "daemon"];

fn folder() -> PathBuf {
    repository().join("tests/hostile/isolation")
}

/// One run leaves a mark wherever it can, the next ones look for it.
pub(super) fn nothing_leaks(server: &Server) -> Result<(), Failed> {
    let helpers = ["probe.py", "places.py"].map(str::to_owned);
    for round in 0..ROUNDS {
        let mark = mark();
        let left = server.run(&request(&folder(), "python", "leave-a-mark.py", &helpers, &mark));
        let said = text(&left["stages"][0], "stdout");
        if !said.ends_with("everything is marked\n") {
            return Err(format!("round {round}: the marks were not left\n{}", shown(&left)).into());
        }
        for channel in CHANNELS {
            if !said.contains(&format!("{channel}: LEFT")) {
                return Err(format!("round {round}: no mark by {channel}\n{}", shown(&left)).into());
            }
        }
        for _ in 0..2 {
            let look = server.run(&request(&folder(), "python", "look-for-marks.py", &helpers, &mark));
            let said = text(&look["stages"][0], "stdout");
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
