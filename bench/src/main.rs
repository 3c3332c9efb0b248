//! Measures a server in one sitting and side by side: against the same commands started cold in the same images, against
//! Docker, and against other engines. Every answer is checked; a wrong one ends it all without a result.

mod docker;
mod http;
mod load;
mod long;
mod machine;
mod measure;
mod paced;
mod program;
mod report;
mod report_long;
mod report_snippets;
mod server;
mod snippets;
mod stats;
mod tool;

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

use anyhow::{Context, bail};
use clap::Parser;

use crate::measure::{Results, Sitting};

/// Measure a Polyground server and print how it compares.
#[derive(Debug, Parser)]
#[command(
    after_help = "A peer is a shell command that runs one program and prints its stdout. It finds LANGUAGE (bash, python, node, \
java, c#, go, c++), FOLDER (the program's files, current folder too), MAIN (the main file) and STDIN (a file, also its \
stdin) in its environment:
  --peer 'other=curl -s --data-binary @\"$MAIN\" \"localhost:5050/$LANGUAGE\"'"
)]
struct Options {
    /// Few samples, under two minutes: shows that it works, not how fast it is
    #[arg(long)]
    quick: bool,
    /// Also what only shows after a while: 100,000 runs, twice as many runtimes, five minutes of all languages at once
    #[arg(long)]
    long: bool,
    /// So many samples of each start [default: 60]; of Docker's and peers' commands a quarter
    #[arg(long, conflicts_with = "quick", value_parser = clap::value_parser!(u16).range(4..))]
    samples: Option<u16>,
    /// The server's binary
    #[arg(long, default_value = "target/release/polyground")]
    server: PathBuf,
    /// Another engine: NAME=COMMAND. May be given several times
    #[arg(long, value_parser = peer, value_name = "NAME=COMMAND")]
    peer: Vec<Peer>,
    /// Only these: languages (bash, python, node, java, c#, go, c++), or the store (snippets)
    #[arg(long, value_delimiter = ',', value_parser = part)]
    only: Vec<String>,
    /// Also the store on PostgreSQL, which is started for it
    #[arg(long)]
    postgres: bool,
    /// Where the result is written
    #[arg(long, default_value = "bench/RESULTS.md")]
    out: PathBuf,
    /// Print the result, write no file
    #[arg(long)]
    print_only: bool,
}

/// The part of a sitting that is no language.
const SNIPPETS: &str = "snippets";

fn part(text: &str) -> Result<String, String> {
    let known = || program::LANGUAGES.iter().map(|(column, ..)| *column).chain([SNIPPETS]);
    if known().any(|name| name == text) {
        return Ok(text.to_owned());
    }
    Err(format!("one of {} is expected", known().collect::<Vec<_>>().join(", ")))
}

/// Another engine.
#[derive(Debug, Clone)]
struct Peer {
    name: String,
    command: String,
}

fn peer(text: &str) -> Result<Peer, String> {
    let (name, command) = text.split_once('=').ok_or("NAME=COMMAND is expected")?;
    Ok(Peer { name: name.to_owned(), command: command.to_owned() })
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Effort {
    /// Of everything that starts in the server or natively.
    samples: usize,
    /// Of starts in a server whose processes are not warm: they need no pause.
    cold_samples: usize,
    /// Of `docker exec`, `docker run` and peers: slow, and steady enough.
    slow_samples: usize,
    warm_ups: usize,
    /// Between two requests, so that the second one too finds an armed cell.
    pause: Duration,
    /// Of each load.
    load: Duration,
    clients: &'static [usize],
}

const FULL: Effort = Effort {
    samples: 60,
    cold_samples: 30,
    slow_samples: 20,
    warm_ups: 3,
    pause: Duration::from_millis(400),
    load: Duration::from_secs(6),
    clients: &[1, 2, 4, 8, 32],
};

const QUICK: Effort = Effort {
    samples: 4,
    cold_samples: 4,
    slow_samples: 1,
    warm_ups: 1,
    pause: Duration::from_millis(50),
    load: Duration::from_millis(1000),
    clients: &[1, 4],
};

fn main() -> ExitCode {
    let options = Options::parse();
    // One thread: what it takes away from the server is the same in every sitting.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.context("starting").and_then(|runtime| runtime.block_on(bench(&options))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}\nbench: no result is written");
            ExitCode::FAILURE
        }
    }
}

async fn bench(options: &Options) -> anyhow::Result<()> {
    let mut effort = if options.quick { QUICK } else { FULL };
    if let Some(samples) = options.samples.map(usize::from) {
        effort = Effort { samples, cold_samples: samples / 2, slow_samples: samples.div_ceil(4), ..effort };
    }
    if !options.server.is_file() {
        bail!("{} is missing: `make build`", options.server.display());
    }
    let repository = std::env::current_dir()?;
    let scratch = tempfile::tempdir()?;
    let only = |name: &str| options.only.is_empty() || options.only.iter().any(|only| only == name);
    let mut results = Results { facts: machine::facts()?, ..Results::default() };
    if only(SNIPPETS) {
        let extent = if options.quick { snippets::QUICK } else { snippets::FULL };
        let asked = snippets::Asked {
            binary: &options.server,
            repository: &repository,
            extent,
            postgres: options.postgres,
        };
        results.scales = snippets::measure(&asked).await?;
    }
    if program::LANGUAGES.iter().any(|(column, ..)| only(column)) {
        let native_loop = build_native_loop(&repository, scratch.path())?;
        let sitting = Sitting { options, effort, repository, scratch: scratch.path(), native_loop };
        sitting.measure(&mut results).await?;
    }
    let text = report::markdown(&results, &effort, options.quick);
    {
        use std::io::Write;
        std::io::stdout().write_all(text.as_bytes())?;
    }
    if !options.print_only {
        std::fs::write(&options.out, &text).with_context(|| options.out.display().to_string())?;
        eprintln!("bench: written to {}", options.out.display());
    }
    Ok(())
}

/// Static, so that it runs in any image.
fn build_native_loop(repository: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    let (source, program) = (repository.join("bench/native-loop.c"), folder.join("native-loop"));
    let output = Command::new("cc")
        .args(["-O2", "-static", "-o"])
        .args([&program, &source])
        .output()
        .context("`cc` is needed to build the native loop")?;
    if !output.status.success() {
        bail!("the native loop: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(program)
}
