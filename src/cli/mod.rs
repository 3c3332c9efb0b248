//! The command line. Each command is a file; this one only tells them apart.

mod check;
mod config;
mod descriptors;
mod doctor;
mod healthcheck;
mod images;
mod keys;
mod listen;
mod openapi;
mod out;
mod progress;
mod reload;
mod run;
mod runtimes;
mod schema;
mod selftest;
mod serve;
mod stop;
mod store;
mod version;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::EngineArgs;

/// A playground for every language: programs of strangers in fresh sandboxes, over HTTP or from here.
#[derive(Debug, Parser)]
#[command(
    name = "polyground",
    version = version::SHORT,
    long_version = version::LONG.as_str(),
    propagate_version = false,
    after_help = "Examples:
  polyground serve                         the playground at http://127.0.0.1:8080
  polyground run hello.py                  one program, no server
  polyground images build                  make every language's image
  polyground doctor                        what this machine lacks, and the cure
  polyground selftest                      attacks on its own sandboxes, and what stopped them

Settings come from flags, then POLYGROUND_* variables, then polyground.toml, then defaults: `polyground config print`.
`polyground COMMAND --help` shows each."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What every command that needs an engine or runtimes can be told.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The configuration file [default: ./polyground.toml, if there is one]
    #[arg(long, value_name = "FILE", env = "POLYGROUND_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::ServeCommand),
    Run(run::RunArgs),
    Check(check::CheckArgs),
    Images(images::ImagesArgs),
    Runtimes(runtimes::RuntimesArgs),
    /// Print the JSON Schema of runtime.yaml, for editors
    Schema,
    /// Print the OpenAPI document of the HTTP API
    Openapi,
    Backup(store::BackupArgs),
    Export(store::ExportArgs),
    Import(store::ImportArgs),
    Keys(keys::KeysArgs),
    Config(config::ConfigArgs),
    Doctor(doctor::DoctorArgs),
    Healthcheck(healthcheck::HealthcheckArgs),
    Selftest(selftest::SelftestArgs),
}

/// Does what the command line says. Gives the exit code.
pub fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let result = match cli.command {
        Command::Check(args) => check::command(&args),
        Command::Schema => schema::command(),
        Command::Openapi => openapi::command(),
        Command::Config(args) => config::command(args, matches.subcommand_matches("config")),
        Command::Serve(args) => with_runtime(serve::serve(args)),
        Command::Run(args) => quietly(run::run(args)),
        Command::Images(args) => quietly(images::command(args)),
        Command::Runtimes(args) => quietly(runtimes::list(args)),
        Command::Backup(args) => quietly(store::backup(args)),
        Command::Export(args) => quietly(store::export(args)),
        Command::Import(args) => quietly(store::import(args)),
        Command::Keys(args) => quietly(keys::command(args)),
        Command::Doctor(args) => quietly(doctor::examine(args)),
        Command::Healthcheck(args) => quietly(healthcheck::ask(args)),
        Command::Selftest(args) => quietly(selftest::selftest(args)),
    };
    result.unwrap_or_else(|error| {
        eprintln!("polyground: {error:#}");
        ExitCode::FAILURE
    })
}

/// Runs a command whose output is its own: of the log only what is wrong is shown.
fn quietly(command: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    crate::log::to_stderr("error");
    with_runtime(command)
}

fn with_runtime(command: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(command);
    // A read of the terminal that nobody answers must not hold up the end.
    runtime.shutdown_background();
    result
}
