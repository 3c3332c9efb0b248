//! `polyground config`: what holds, and from where.

use std::{path::PathBuf, process::ExitCode};

use clap::{ArgMatches, Args, Subcommand, parser::ValueSource};
use serde_json::json;

use super::{Common, out::print};
use crate::config::{
    self, ConfigError, DEFAULT_FILE, ServeArgs, Setting, place_in_file, settings, strangers,
};

/// How a configuration that cannot be used is told.
const UNUSABLE: u8 = 2;

/// Show the configuration that would hold, or check a configuration file. Starts nothing.
#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print every setting as a configuration file, with where it comes from; no passwords
    Print(Box<PrintArgs>),
    /// Say whether a configuration file can be used: exit code 0, or 2 with what is wrong
    Check(CheckArgs),
}

#[derive(Debug, Args)]
struct PrintArgs {
    /// For machines
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    serve: ServeArgs,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// The file [default: ./polyground.toml]
    file: Option<PathBuf>,
}

/// Does what `args` say; `matches` knows where each of them comes from.
pub(super) fn command(args: ConfigArgs, matches: Option<&ArgMatches>) -> anyhow::Result<ExitCode> {
    let done = match args.command {
        ConfigCommand::Print(args) => show(*args, matches)?,
        ConfigCommand::Check(args) => check(&args)?,
    };
    for stranger in strangers(std::env::vars().map(|(name, _)| name)) {
        eprintln!("polyground: warning: {stranger}");
    }
    Ok(done.unwrap_or_else(|error| {
        eprintln!("polyground: {error}");
        ExitCode::from(UNUSABLE)
    }))
}

type Done = Result<ExitCode, ConfigError>;

fn check(args: &CheckArgs) -> anyhow::Result<Done> {
    let file = args.file.clone().unwrap_or_else(|| DEFAULT_FILE.into());
    Ok(match config::load(Some(&file), <_>::default(), ServeArgs::default()) {
        Ok(_) => {
            print(&format!("{}: can be used\n", file.display()))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Err(error),
    })
}

fn show(args: PrintArgs, matches: Option<&ArgMatches>) -> anyhow::Result<Done> {
    let Common { config: file, engine } = args.common;
    let (engine, serve) = match config::load(file.as_deref(), engine, args.serve) {
        Ok(loaded) => loaded,
        Err(error) => return Ok(Err(error)),
    };
    let given = matches.and_then(ArgMatches::subcommand).map(|(_, matches)| matches);
    let sourced: Vec<_> = settings(&engine, &serve)
        .into_iter()
        .map(|setting| {
            let source = source(&setting, given, file.as_ref());
            (setting, source)
        })
        .collect();
    print(&if args.json { as_json(&sourced) } else { as_toml(&sourced) })?;
    Ok(Ok(ExitCode::SUCCESS))
}

/// Where a setting comes from.
fn source(setting: &Setting, given: Option<&ArgMatches>, file: Option<&PathBuf>) -> String {
    let key = setting.key;
    let variable = format!("POLYGROUND_{}", key.to_uppercase());
    match given.and_then(|given| given.value_source(key)) {
        Some(ValueSource::CommandLine) => return format!("--{}", key.replace('_', "-")),
        Some(ValueSource::EnvVariable) => return variable,
        _ => {}
    }
    let usual = ["DATABASE_URL", "DATABASE_URL_FILE"];
    if let Some(usual) = usual.into_iter().find(|name| key == "database" && std::env::var_os(name).is_some())
    {
        return usual.into();
    }
    place_in_file(file.map(PathBuf::as_path), key).unwrap_or_else(|| "default".into())
}

fn as_toml(settings: &[(Setting, String)]) -> String {
    let line = |(Setting { key, value }, source): &(Setting, String)| match value {
        Some(value) => format!("{:<50} # {source}\n", format!("{key} = {value}")),
        None => format!("{:<50} # {source}\n", format!("# {key} is not set")),
    };
    settings.iter().map(line).collect()
}

fn as_json(settings: &[(Setting, String)]) -> String {
    let one = |(Setting { key, value }, source): &(Setting, String)| {
        ((*key).to_owned(), json!({"value": value, "source": source}))
    };
    let all: serde_json::Map<_, _> = settings.iter().map(one).collect();
    format!("{:#}\n", serde_json::Value::Object(all))
}
