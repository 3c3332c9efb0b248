//! What can be looked at from outside of the sandboxes, during and after: cells, processes, the kernel's settings.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use super::{Conducted, Finding, Verdict, host};

/// How long cells and processes may take to go.
const GOING_PATIENCE: Duration = Duration::from_secs(5);

/// How often is looked whether something has gone.
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl Conducted<'_> {
    /// Whether anything was run at all.
    fn ran(&self) -> bool {
        self.findings.iter().any(|finding| !matches!(finding.verdict, Verdict::Skipped(_)))
    }

    /// Adds what was looked at from outside; `looked` gives what was seen, or why the check is failed or skipped.
    fn outside(
        &mut self,
        [name, tries, held_by]: [&str; 3],
        begun: Instant,
        looked: Result<String, Verdict>,
    ) {
        let looked = if self.ran() { looked } else { Err(Verdict::Skipped("no program was run".into())) };
        let (seen, verdict) = match looked {
            Ok(seen) => (vec![seen], Verdict::Passed),
            Err(verdict) => (Vec::new(), verdict),
        };
        let [name, tries, held_by] = [name, tries, held_by].map(str::to_owned);
        self.add(Finding { name, runtime: None, tries, held_by, seen, verdict, took: begun.elapsed() });
    }

    /// Looks for cells after the last run, while the engine still works.
    pub(super) async fn cells_while_running(&mut self) {
        let begun = Instant::now();
        let looked = self.cells_gone().await;
        let texts = [
            "cells counted back",
            "closes the line of cells after all these runs, and counts those that are still there",
            "cells that are destroyed when nobody needs them",
        ];
        self.outside(texts, begun, looked);
    }

    async fn cells_gone(&self) -> Result<String, Verdict> {
        let begun = Instant::now();
        loop {
            match self.app.engine.count_cells().await {
                Ok(0) => return Ok("cells: none".into()),
                Ok(count) if begun.elapsed() >= GOING_PATIENCE => {
                    return Err(Verdict::Failed(format!("cells are left: {count}")));
                }
                Ok(_) => sleep(LOOK_EVERY).await,
                Err(error) => return Err(Verdict::Failed(error.to_string())),
            }
        }
    }

    /// Looks at what is left. To be called when everything has been stopped. Gives all that was found.
    pub async fn after_stop(mut self) -> Vec<Finding> {
        let begun = Instant::now();
        let looked = self.cells_gone().await;
        let texts = [
            "no cell left",
            "counts the cells after the end",
            "cells that end with the server and remove themselves",
        ];
        self.outside(texts, begun, looked);

        let begun = Instant::now();
        let looked = self.no_process().await;
        let texts = [
            "no process left",
            "looks on this machine for a process that a program has left",
            "the end of the namespaces and the container that it was in",
        ];
        self.outside(texts, begun, looked);

        let begun = Instant::now();
        let looked = self.same_settings();
        let texts = [
            "host unchanged",
            "compares the kernel's settings that the programs tried to change with those before",
            "read-only /proc/sys, no capability",
        ];
        self.outside(texts, begun, looked);
        self.findings
    }

    async fn no_process(&self) -> Result<String, Verdict> {
        if !self.visible {
            let reason = "the processes of cells cannot be seen from here, also while they run";
            return Err(Verdict::Skipped(reason.into()));
        }
        let begun = Instant::now();
        loop {
            let left = host::processes_with(Path::new("/"), &self.token);
            if left.is_empty() {
                return Ok("processes: none, and they were seen while they ran".into());
            }
            if begun.elapsed() >= GOING_PATIENCE {
                return Err(Verdict::Failed(format!("processes are left: {}", left.join(", "))));
            }
            sleep(LOOK_EVERY).await;
        }
    }

    fn same_settings(&self) -> Result<String, Verdict> {
        if !self.app.engine.info().is_here {
            return Err(Verdict::Skipped("the engine is on another machine".into()));
        }
        let now = host::settings(Path::new("/"));
        let keys = self.settings.keys().chain(now.keys());
        let mut changed: Vec<_> = keys.filter(|key| self.settings.get(*key) != now.get(*key)).collect();
        changed.dedup();
        match changed.first() {
            None => Ok(format!("settings: {} are as they were", now.len())),
            Some(_) => Err(Verdict::Failed(format!("these are not as they were: {changed:?}"))),
        }
    }
}
