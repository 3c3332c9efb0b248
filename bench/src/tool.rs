//! Throughput by a load tool that others know, where it is installed.

use std::{fs, net::SocketAddr, path::Path, process::Command, time::Duration};

use anyhow::bail;
use bytes::Bytes;

use crate::program::Program;

/// The load tool that is used where it is installed.
pub(crate) const NAME: &str = "wrk";

/// Whether [`NAME`] is there.
pub(crate) fn is_there() -> bool {
    Command::new(NAME).arg("--version").output().is_ok()
}

/// [`NAME`], ready to post one program.
pub(crate) struct Tool<'a> {
    /// What checks the answers.
    pub(crate) script: &'a Path,
    /// Where files for it are written.
    pub(crate) scratch: &'a Path,
}

impl Tool<'_> {
    /// Each client asks again as soon as it has its answer. Gives runs each second.
    pub(crate) fn closed(
        &self,
        server: SocketAddr,
        program: &Program,
        body: &Bytes,
        clients: usize,
        time: Duration,
    ) -> anyhow::Result<f64> {
        let (body_file, expected_file) = (self.scratch.join("body"), self.scratch.join("expected"));
        fs::write(&body_file, body)?;
        fs::write(&expected_file, serde_json::to_string(&program.expected)?)?;
        let output = Command::new(NAME)
            .args(["--threads=1", &format!("--connections={clients}"), "--timeout=60s"])
            .arg(format!("--duration={}s", time.as_secs().max(1)))
            .arg("--script")
            .arg(self.script)
            .arg(format!("http://{server}/api/v1/runs"))
            .env("BENCH_BODY", body_file)
            .env("BENCH_EXPECTED", expected_file)
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let line = said.lines().find_map(|line| line.strip_prefix("bench: "));
        let numbers: Option<Vec<f64>> =
            line.and_then(|line| line.split(' ').map(|n| n.parse().ok()).collect());
        match numbers.as_deref() {
            Some([requests, micros, 0.0]) if *requests > 0.0 => Ok(requests / (micros / 1e6)),
            Some([_, _, wrong]) if *wrong > 0.0 => {
                bail!("{}: {wrong} wrong answers under load", program.column)
            }
            _ => bail!("{NAME}: {said}{}", String::from_utf8_lossy(&output.stderr)),
        }
    }
}
