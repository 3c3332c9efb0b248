//! `polyground keys`: who may ask this server for what.

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::bail;
use bytesize::ByteSize;
use clap::{Args, Subcommand};
use comfy_table::{ContentArrangement, Table, presets::NOTHING};

use super::{out::print, store::must_be_there};
use crate::{
    access::KEY_MEMORY,
    config::{self, DatabaseArgs},
    store::{Key, KeyCeilings, KeyDraft, Location, Scope, Store},
};

/// The most letters of a name.
const NAME_LETTERS: usize = 100;

/// Make, list and revoke API keys
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  polyground keys create --name blog --scope run --rate 60 --concurrency 2 --wall 5s
  polyground keys create --name ops --scope admin
  polyground keys list
  polyground keys revoke blog

The server may go on meanwhile: a new key holds at once, a revoked one for 5 seconds at most.
A key is sent as `X-API-Key: pg_…` or `Authorization: Bearer pg_…`. docs/access.md has more.")]
pub(super) struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    Create(CreateArgs),
    List(ListArgs),
    Revoke(RevokeArgs),
}

/// Make a key. It is printed once: only its hash is kept
#[derive(Debug, Args)]
struct CreateArgs {
    /// Whom or what it is for
    #[arg(long, value_parser = name)]
    name: String,
    /// What it is for: run, snippets, admin
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', required = true)]
    scopes: Vec<Scope>,
    /// Requests in a minute [default: as many as its holder likes]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// Programs at a time, with those that wait [default: as many as of any caller]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    concurrency: Option<u32>,
    /// Wall time of a program, as 5s [default: its runtime's]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    wall: Option<Duration>,
    /// CPU time of a program, as 2s [default: its runtime's]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    cpu: Option<Duration>,
    /// Memory of a program, as 128MiB [default: its runtime's]
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,
    /// Processes and threads of a program [default: its runtime's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    processes: Option<u32>,
    /// Output of a program, as 64KiB [default: its runtime's]
    #[arg(long, value_name = "SIZE")]
    output: Option<ByteSize>,
    /// Print JSON, the key in it, instead of the key alone
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// List the keys, without what their holders send
#[derive(Debug, Args)]
struct ListArgs {
    /// Those that are revoked, too
    #[arg(long)]
    all: bool,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Revoke a key: it holds for 5 seconds at most
#[derive(Debug, Args)]
struct RevokeArgs {
    /// Its id, or its name where only one has it
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

fn name(text: &str) -> Result<String, String> {
    let letters = text.chars().count();
    if text.trim().is_empty() || letters > NAME_LETTERS || text.chars().any(char::is_control) {
        return Err(format!("a name has 1 to {NAME_LETTERS} letters, none of them a control character"));
    }
    Ok(text.to_owned())
}

pub(super) async fn command(args: KeysArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        KeysCommand::Create(args) => create(args).await,
        KeysCommand::List(args) => list(args).await,
        KeysCommand::Revoke(args) => revoke(args).await,
    }
}

async fn create(args: CreateArgs) -> anyhow::Result<ExitCode> {
    let milliseconds =
        |time: Option<Duration>| time.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1));
    let mut scopes = args.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    let draft = KeyDraft {
        name: args.name,
        scopes,
        rate: args.rate,
        concurrency: args.concurrency,
        ceilings: KeyCeilings {
            wall_ms: milliseconds(args.wall),
            cpu_ms: milliseconds(args.cpu),
            memory_bytes: args.memory.map(|size| size.as_u64()),
            processes: args.processes,
            output_bytes: args.output.map(|size| size.as_u64()),
        },
    };
    let store = config::database_of(args.database)?.open().await?;
    let created = store.create_key(draft).await;
    store.close().await;
    let (key, secret) = created?;
    if args.json {
        let mut object = serde_json::to_value(&key)?;
        object["key"] = secret.into();
        print(&format!("{}\n", serde_json::to_string_pretty(&object)?))?;
    } else {
        eprintln!("`{}` ({}), scopes {}. It is not shown again:", key.name, key.id, words(&key.scopes));
        print(&format!("{secret}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(args: ListArgs) -> anyhow::Result<ExitCode> {
    let store = existing(args.database).await?;
    let keys = store.keys().await;
    store.close().await;
    let mut keys = keys?;
    keys.retain(|key| args.all || key.revoked_at_ms.is_none());
    let text = if args.json {
        format!("{}\n", serde_json::to_string_pretty(&keys)?)
    } else if keys.is_empty() {
        "no keys; `polyground keys create --help` says how to make one\n".to_owned()
    } else {
        table(&keys)
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

async fn revoke(args: RevokeArgs) -> anyhow::Result<ExitCode> {
    let store = existing(args.database).await?;
    let revoked = revoke_in(store.as_ref(), &args.key).await;
    store.close().await;
    let key = revoked?;
    let seconds = KEY_MEMORY.as_secs();
    eprintln!("`{}` ({}) is revoked; servers take it for {seconds} seconds more at most", key.name, key.id);
    Ok(ExitCode::SUCCESS)
}

/// The store, which must be there already.
async fn existing(args: DatabaseArgs) -> anyhow::Result<Arc<dyn Store>> {
    let location = config::database_of(args)?;
    if let Location::Sqlite(path) = &location {
        must_be_there(path)?;
    }
    Ok(location.open().await?)
}

async fn revoke_in(store: &dyn Store, wanted: &str) -> anyhow::Result<Key> {
    let mut keys = store.keys().await?;
    keys.retain(|key| key.revoked_at_ms.is_none() && (key.id == wanted || key.name == wanted));
    if let Some(at) = keys.iter().position(|key| key.id == wanted) {
        keys = vec![keys.swap_remove(at)];
    }
    match keys.len() {
        0 => bail!("no key that holds has the id or the name `{wanted}`; `polyground keys list` shows them"),
        1 => {
            let key = keys.remove(0);
            store.revoke_key(&key.id).await?;
            Ok(key)
        }
        _ => {
            let ids: Vec<_> = keys.iter().map(|key| key.id.as_str()).collect();
            bail!("{} keys have the name `{wanted}`; name one by its id: {}", ids.len(), ids.join(", "))
        }
    }
}

fn words(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ")
}

fn table(keys: &[Key]) -> String {
    let mut table = Table::new();
    table.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["ID", "NAME", "SCOPES", "PER MINUTE", "AT A TIME", "CEILINGS", "CREATED", "LAST USED"]);
    let number = |count: Option<u32>| count.map_or_else(|| "any".to_owned(), |count| count.to_string());
    for key in keys {
        let used = match (key.revoked_at_ms, key.last_used_at_ms) {
            (Some(at), _) => format!("revoked {}", moment(at)),
            (None, Some(at)) => moment(at),
            (None, None) => "never".to_owned(),
        };
        table.add_row([
            key.id.clone(),
            key.name.clone(),
            words(&key.scopes),
            number(key.rate),
            number(key.concurrency),
            ceilings(&key.ceilings),
            moment(key.created_at_ms),
            used,
        ]);
    }
    format!("{table}\n")
}

fn ceilings(ceilings: &KeyCeilings) -> String {
    let time = |name: &str, ms: Option<u64>| {
        ms.map(|ms| format!("{name} {}", humantime::format_duration(Duration::from_millis(ms))))
    };
    let size = |name: &str, bytes: Option<u64>| bytes.map(|bytes| format!("{name} {}", ByteSize::b(bytes)));
    let said = [
        time("wall", ceilings.wall_ms),
        time("cpu", ceilings.cpu_ms),
        size("memory", ceilings.memory_bytes),
        ceilings.processes.map(|count| format!("processes {count}")),
        size("output", ceilings.output_bytes),
    ];
    let said: Vec<_> = said.into_iter().flatten().collect();
    if said.is_empty() { "each runtime's".to_owned() } else { said.join(", ") }
}

/// A moment as `2026-01-31T12:00:00Z`.
fn moment(ms: i64) -> String {
    let since = Duration::from_secs(u64::try_from(ms / 1000).unwrap_or_default());
    humantime::format_rfc3339_seconds(std::time::UNIX_EPOCH + since).to_string()
}
