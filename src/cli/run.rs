//! `polyground run FILE`: one program, in the same sandbox as over HTTP, without a server.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use bytes::Bytes;
use clap::Args;
use polyground_protocol::Stream;
use tokio::{io::AsyncReadExt, sync::mpsc};

use super::{Common, progress::Board};
use crate::{
    app::App,
    catalog::State,
    config::{self, EngineConfig, ServeArgs},
    pool::PoolLimits,
    run::{
        Artifact, Event, LimitsAsked, Outcome, Purpose, QueueLimits, RunReport, RunRequest, Running,
        SourceFile, Stdin, WarmStart,
    },
    runtime::{ExactVersion, Runtime, Selector, load_all, names},
};

/// Exit codes for what is not the program's own end: as `timeout` and shells use them.
mod exit {
    pub(super) const WRONG_USE: u8 = 2;
    pub(super) const TIMED_OUT: u8 = 124;
    pub(super) const OUR_FAULT: u8 = 125;
    pub(super) const INTERRUPTED: u8 = 130;
    pub(super) const KILLED: u8 = 137;
}

/// How many bytes of stdin are read at a time.
const STDIN_BYTES: usize = 32 << 10;

/// Run a program in a sandbox; no server is needed.
///
/// stdout and stderr pass through; the exit code is the program's (124: time ran out, 137: memory ran out, 125: our
/// fault). What is typed or piped in reaches the program.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  polyground run hello.py
  polyground run solve.cpp --stdin input.txt -- --fast 10
  polyground run main.py --with lib/util.py --with data.txt
  echo 'puts 1' | polyground run --language shell script --version '>=5'")]
pub(super) struct RunArgs {
    /// The program's main file
    file: PathBuf,
    /// Its language [default: guessed from the file's name]
    #[arg(long, short, value_name = "NAME")]
    language: Option<String>,
    /// A range of versions: 3.12, ^3.11, '>=3.10 <3.13' [default: the highest]
    #[arg(long, value_name = "RANGE")]
    version: Option<String>,
    /// A further file of the program; its name stays relative to the main file's folder. May be given several times
    #[arg(long, value_name = "FILE")]
    with: Vec<PathBuf>,
    /// A file that the program reads as its stdin [default: this command's own stdin]
    #[arg(long, value_name = "FILE")]
    stdin: Option<PathBuf>,
    /// A variable for the program. May be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    env: Vec<String>,
    /// Milliseconds that the program may take [default: its runtime's ceiling]
    #[arg(long, value_name = "MS")]
    wall_ms: Option<u64>,
    /// A folder for the files that the program leaves in its folder `out` [default: they are only counted]
    #[arg(long, value_name = "DIR")]
    artifacts: Option<PathBuf>,
    /// The program's arguments
    #[arg(last = true)]
    args: Vec<String>,
    #[command(flatten)]
    common: Common,
}

/// Runs the program. Gives the exit code to end with.
pub(super) async fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    let (engine, _) =
        config::load(args.common.config.as_deref(), args.common.engine.clone(), ServeArgs::default())?;
    let runtime = match choose(&engine, &args) {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("polyground: {error:#}");
            return Ok(ExitCode::from(exit::WRONG_USE));
        }
    };
    let request = request(&args, &runtime)?;
    let queue = QueueLimits::for_one_run(Duration::from_secs(60));
    let app =
        App::build(&engine.for_one_run(), PoolLimits::for_one_run(), queue, Arc::new(Board::for_one_run()))
            .await?;
    if let Some(note) = &app.engine_note {
        eprintln!("polyground: using this machine's own toolchains, because {note}");
    }
    let ended = tokio::select! {
        ended = carry_out(&app, runtime, request, args.artifacts.as_deref()) => ended,
        _ = tokio::signal::ctrl_c() => Ok(exit::INTERRUPTED),
    };
    app.stop().await;
    ended.map(ExitCode::from)
}

async fn carry_out(
    app: &App,
    runtime: Runtime,
    request: RunRequest,
    artifacts: Option<&Path>,
) -> anyhow::Result<u8> {
    let id = runtime.id.clone();
    app.prepare_one(runtime).await;
    let listing = app.catalog.list().into_iter().find(|listing| listing.id() == id);
    if let Some(State::Unavailable { reason }) = listing.map(|listing| listing.state) {
        bail!("{id} is unavailable: {reason}");
    }
    match app.runner.start(request) {
        Ok(running) => pass_through(running, artifacts).await,
        Err(rejection) => {
            eprintln!("polyground: {rejection}");
            Ok(exit::WRONG_USE)
        }
    }
}

async fn pass_through(mut running: Running, artifacts: Option<&Path>) -> anyhow::Result<u8> {
    while let Some(event) = running.events.recv().await {
        match event {
            Event::Output(output) => {
                let written = match output.stream {
                    Stream::Stdout => write_all(io::stdout().lock(), &output.data),
                    Stream::Stderr => write_all(io::stderr().lock(), &output.data),
                };
                if let Err(error) = written {
                    // Whoever read our output has left, as `head` does: so does the program.
                    return if error.kind() == io::ErrorKind::BrokenPipe { Ok(0) } else { Err(error.into()) };
                }
            }
            Event::Artifact(artifact) => {
                if let Some(folder) = artifacts {
                    save(folder, &artifact)?;
                }
            }
            Event::Done(report) => {
                tell_of_artifacts(&report, artifacts.is_some());
                return Ok(exit_code(&report));
            }
            Event::Refused(busy) => bail!("{busy}"),
            Event::Queued { .. }
            | Event::Started { .. }
            | Event::StageBegun { .. }
            | Event::Warning { .. }
            | Event::StageEnded(_) => {}
        }
    }
    bail!("the run ended without a result");
}

/// Writes a file that the program left. Its name has been checked: it leads nowhere else.
fn save(folder: &Path, artifact: &Artifact) -> anyhow::Result<()> {
    let path = folder.join(&artifact.name);
    let parent = path.parent().unwrap_or(folder);
    fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
    fs::write(&path, &artifact.content).with_context(|| path.display().to_string())?;
    eprintln!("polyground: {}", path.display());
    Ok(())
}

/// Says what of the program's files the user does not have.
fn tell_of_artifacts(report: &RunReport, saved: bool) {
    if !saved && !report.artifacts.is_empty() {
        eprintln!(
            "polyground: the program left {} in out/; --artifacts DIR keeps them",
            report.artifacts.len()
        );
    }
    if report.artifacts_left_out > 0 {
        eprintln!(
            "polyground: {} in out/ do not come back: too many, too large, or not plain files",
            report.artifacts_left_out
        );
    }
}

fn write_all(mut stream: impl Write, data: &[u8]) -> io::Result<()> {
    stream.write_all(data)?;
    stream.flush()
}

/// The exit code for a run's end; says on stderr what the program itself could not.
fn exit_code(report: &RunReport) -> u8 {
    let say = |what: &str| eprintln!("polyground: {what}");
    let stage = report.stages.last();
    let own = stage.map_or(exit::OUR_FAULT, |stage| match (stage.exit_code, stage.signal) {
        (Some(code), _) => u8::try_from(code).unwrap_or(1),
        (None, Some(signal)) => u8::try_from(128 + signal).unwrap_or(exit::KILLED),
        (None, None) => exit::OUR_FAULT,
    });
    match report.outcome {
        Outcome::Succeeded => 0,
        Outcome::Failed => {
            if let Some(signal) = stage.and_then(|stage| stage.signal) {
                say(&format!("the program was ended by signal {signal}"));
            }
            own
        }
        Outcome::CompileFailed => own.max(1),
        Outcome::TimedOut => {
            let ms = stage.map_or(0.0, |stage| stage.wall_ms);
            say(&format!("time ran out after {:.1} s", ms / 1000.0));
            exit::TIMED_OUT
        }
        Outcome::OutOfMemory => {
            say("memory ran out");
            exit::KILLED
        }
        Outcome::OutputLimit => {
            say("the program wrote more than it may and was stopped");
            exit::KILLED
        }
        Outcome::Cancelled => exit::INTERRUPTED,
        Outcome::InternalError => {
            say("the sandbox failed; this is not the program's fault. `polyground doctor` may tell more");
            exit::OUR_FAULT
        }
    }
}

/// The runtime that the arguments mean: by name or by the file's ending, the highest in the range.
fn choose(config: &EngineConfig, args: &RunArgs) -> anyhow::Result<Runtime> {
    let mut runtimes: Vec<Runtime> = load_all(&config.runtimes)?.into_iter().filter_map(Result::ok).collect();
    let language = match &args.language {
        Some(name) => names::find(&runtimes, name)?.first().map(|runtime| runtime.language.clone()),
        None => {
            let file = args.file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            match names::guess(&runtimes, file).as_slice() {
                [] => bail!("`{}` does not tell its language; say --language NAME", args.file.display()),
                [language] => Some((*language).to_owned()),
                several => bail!("`{file}` may be {}; say --language NAME", several.join(" or ")),
            }
        }
    };
    runtimes.retain(|runtime| Some(&runtime.language) == language.as_ref());
    let range = args.version.as_deref().unwrap_or_default();
    let selector = Selector::parse(range)?;
    let line = |runtime: &Runtime| ExactVersion::parse(&runtime.line);
    let known: Vec<String> = runtimes.iter().map(|runtime| runtime.line.clone()).collect();
    runtimes.retain(|runtime| {
        // A range may name a patch release, of which only the line is known before the image is asked.
        line(runtime)
            .is_some_and(|version| selector.matches(&version) || selector.may_match_in(&runtime.line))
    });
    // With several, those that can be had without pulling an image come first.
    runtimes.sort_by_key(|runtime| {
        let pulled = matches!(runtime.image, crate::runtime::ImageSpec::Reference(_));
        (std::cmp::Reverse(pulled), line(runtime))
    });
    runtimes.pop().with_context(|| format!("no version satisfies `{range}`; there are {}", known.join(", ")))
}

fn request(args: &RunArgs, runtime: &Runtime) -> anyhow::Result<RunRequest> {
    let folder = args.file.parent().unwrap_or(Path::new(""));
    let mut files = vec![source(&args.file, folder)?];
    for path in &args.with {
        files.push(source(path, folder)?);
    }
    let env = args.env.iter().map(|pair| {
        let (name, value) =
            pair.split_once('=').with_context(|| format!("--env {pair}: write NAME=VALUE"))?;
        Ok((name.to_owned(), value.to_owned()))
    });
    let stdin = match &args.stdin {
        Some(path) => Stdin::Whole(fs::read(path).with_context(|| path.display().to_string())?.into()),
        None => Stdin::Live(own_stdin()),
    };
    Ok(RunRequest {
        language: runtime.language.clone(),
        version: None,
        files,
        stdin,
        args: args.args.clone(),
        env: env.collect::<anyhow::Result<_>>()?,
        limits: LimitsAsked { wall_ms: args.wall_ms, ..LimitsAsked::default() },
        ceilings: LimitsAsked::default(),
        purpose: Purpose::Run,
        warm: WarmStart::IfStarted,
        interactive: None,
    })
}

/// A file with the name that it has for the program: relative to the main file's folder where it lies in there.
fn source(path: &Path, folder: &Path) -> anyhow::Result<SourceFile> {
    let content = fs::read(path).with_context(|| path.display().to_string())?;
    let inner = path.strip_prefix(folder).ok().or_else(|| path.file_name().map(Path::new)).unwrap_or(path);
    let name = inner.to_str().with_context(|| format!("{}: the name is not UTF-8", path.display()))?;
    Ok(SourceFile { name: name.to_owned(), content: content.into() })
}

/// This command's stdin, piece by piece, as it comes.
fn own_stdin() -> mpsc::Receiver<Bytes> {
    let (sender, pieces) = mpsc::channel(4);
    tokio::spawn(async move {
        let mut stdin = tokio::io::stdin();
        let mut buffer = vec![0; STDIN_BYTES];
        while let Ok(length @ 1..) = stdin.read(&mut buffer).await {
            if sender.send(Bytes::copy_from_slice(&buffer[..length])).await.is_err() {
                break;
            }
        }
    });
    pieces
}
