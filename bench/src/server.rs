//! The server that is measured: its real binary, on a free port of loopback.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use serde::Deserialize;
use tokio::time::sleep;

use crate::http::Client;

/// How long a server may take until it prints its address, until all runtimes are proven, and until it has ended.
const START: Duration = Duration::from_secs(30);
const PREPARE: Duration = Duration::from_secs(300);
const STOP: Duration = Duration::from_secs(10);

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    begun: Instant,
}

/// How long a start took, in milliseconds.
pub(crate) struct Ready {
    pub(crate) first_ms: f64,
    pub(crate) all_ms: f64,
    pub(crate) runtimes: Vec<Listed>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) language: String,
    #[serde(default)]
    pub(crate) version: Option<String>,
    status: String,
}

impl Server {
    /// One with Docker.
    pub(crate) fn start(binary: &Path, data: &Path, more: &[&str]) -> anyhow::Result<Self> {
        Self::start_on("docker", binary, data, more)
    }

    /// One with this engine.
    pub(crate) fn start_on(engine: &str, binary: &Path, data: &Path, more: &[&str]) -> anyhow::Result<Self> {
        let begun = Instant::now();
        let mut child = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--engine", engine, "--log-format", "text", "--data"])
            .arg(data)
            .args(more)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", binary.display()))?;
        let Some(stderr) = child.stderr.take() else { bail!("the server has no stderr") };
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            // To its end, or the server would wait for somebody to read.
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut said = String::new();
        while let Some(left) = START.checked_sub(begun.elapsed())
            && let Ok(line) = lines.recv_timeout(left)
        {
            if let Some((_, address)) = line.split_once("Polyground is up:") {
                let address = address.trim().trim_start_matches("http://").parse()?;
                return Ok(Self { child, address, begun });
            }
            said.push_str(&line);
            said.push('\n');
        }
        let _ = child.kill();
        let _ = child.wait();
        bail!("the server did not start:\n{said}")
    }

    /// Waits until every runtime is ready or unavailable.
    pub(crate) async fn ready(&self) -> anyhow::Result<Ready> {
        let mut client = Client::connect(self.address, None).await?;
        let mut first_ms = None;
        while self.begun.elapsed() < PREPARE {
            let answer = client.get("/api/v1/runtimes").await?;
            let mut runtimes: Vec<Listed> = serde_json::from_slice(&answer.body)?;
            let now_ms = crate::stats::millis(self.begun.elapsed());
            if first_ms.is_none() && runtimes.iter().any(|runtime| runtime.status == "ready") {
                first_ms = Some(now_ms);
            }
            if let Some(first_ms) = first_ms
                && runtimes.iter().all(|runtime| runtime.status != "preparing")
            {
                runtimes.retain(|runtime| runtime.status == "ready");
                return Ok(Ready { first_ms, all_ms: now_ms, runtimes });
            }
            sleep(Duration::from_millis(10)).await;
        }
        bail!("the runtimes were not prepared within {} s", PREPARE.as_secs())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-INT", &self.pid().to_string()]).status();
        let begun = Instant::now();
        while begun.elapsed() < STOP {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether this binary's `serve` knows an option.
pub(crate) fn knows(binary: &Path, option: &str) -> anyhow::Result<bool> {
    let help = Command::new(binary).args(["serve", "--help"]).output()?;
    let text = String::from_utf8_lossy(&help.stdout).into_owned();
    Ok(text.split_whitespace().any(|word| word == option))
}
