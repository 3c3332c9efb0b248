//! `polyground backup`, `export` and `import`: snippets out of a store and into one.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    config::{self, DatabaseArgs},
    store::{Location, Position, Record, SqliteStore, Store, StoreError},
};

/// Snippets that are read at a time.
const PAGE: u32 = 200;

/// Snippets that are added in one transaction, and bytes of them at most. While they are, a server on the same SQLite file waits
/// with its own saves: that must be no time that anybody notices.
const BATCH: (usize, usize) = (250, 4 << 20);

/// Wrong lines of an import that are shown one by one.
const SHOWN_ERRORS: u64 = 20;

/// The most bytes of one line: larger than any snippet that a store takes, however its text is escaped.
const LINE_BYTES: u64 = 256 << 20;

/// Copy a live SQLite store into a new file
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  polyground backup /backups/polyground-$(date +%F).db
  polyground backup --database sqlite:///var/lib/polyground/polyground.db /backups/today.db

The server may go on while it is copied. To restore, stop the server and put the copy in the database's place.
A PostgreSQL database is copied with pg_dump.")]
pub(super) struct BackupArgs {
    /// The copy: a file that is not there yet
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Write all snippets as JSON lines
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  polyground export snippets.jsonl
  polyground export - | gzip > snippets.jsonl.gz
  polyground export --database sqlite://old.db - | polyground import --database postgres://me@db/polyground -

Ids, links, forks and edit tokens (as hashes) stay what they are.")]
pub(super) struct ExportArgs {
    /// Where to: a file that is not there yet, or `-` for stdout
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Take snippets that `polyground export` has written
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  polyground import snippets.jsonl
  zcat snippets.jsonl.gz | polyground import -

What is there already stays as it is, so an import can be repeated.")]
pub(super) struct ImportArgs {
    /// Where from, or `-` for stdin
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) async fn backup(args: BackupArgs) -> anyhow::Result<ExitCode> {
    let path = match config::database_of(args.database)? {
        Location::Sqlite(path) => path,
        location @ Location::Postgres(_) => {
            bail!("{location} is copied with PostgreSQL's own tool: `pg_dump`")
        }
    };
    must_be_there(&path)?;
    if args.file.exists() {
        bail!("{} is there already: name a new file", args.file.display());
    }
    let copied = SqliteStore::backup(&path, &args.file).await;
    copied.with_context(|| format!("copying {} to {}", path.display(), args.file.display()))?;
    let bytes = std::fs::metadata(&args.file)?.len();
    eprintln!("{} is a copy of {}, {bytes} bytes", args.file.display(), path.display());
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn export(args: ExportArgs) -> anyhow::Result<ExitCode> {
    let location = config::database_of(args.database)?;
    if let Location::Sqlite(path) = &location {
        must_be_there(path)?;
    }
    let store = location.open().await?;
    let to: Box<dyn Write> = if args.file == Path::new("-") {
        Box::new(io::stdout().lock())
    } else {
        let file = File::create_new(&args.file);
        Box::new(file.with_context(|| format!("{} must be a new file", args.file.display()))?)
    };
    let bar = counter("exported");
    let written = write_all(store.as_ref(), BufWriter::new(to), &bar).await;
    bar.finish_and_clear();
    store.close().await;
    eprintln!("{} snippets exported from {location}", written?);
    Ok(ExitCode::SUCCESS)
}

async fn write_all(store: &dyn Store, mut to: impl Write, bar: &ProgressBar) -> anyhow::Result<u64> {
    let mut after = Position { created_at_ms: i64::MIN, id: String::new() };
    let mut count = 0;
    loop {
        let page = store.export(&after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Position { created_at_ms: last.created_at_ms, id: last.id.clone() };
        for record in &page {
            serde_json::to_writer(&mut to, record)?;
            to.write_all(b"\n")?;
            count += 1;
        }
        bar.set_position(count);
    }
    to.flush()?;
    Ok(count)
}

/// What became of an import's lines.
#[derive(Debug, Default)]
struct Imported {
    added: u64,
    there: u64,
    wrong: u64,
}

pub(super) async fn import(args: ImportArgs) -> anyhow::Result<ExitCode> {
    let location = config::database_of(args.database)?;
    let from: Box<dyn io::Read> = if args.file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(&args.file).with_context(|| args.file.display().to_string())?)
    };
    let store = location.open().await?;
    let bar = counter("read");
    let imported = read_all(store.as_ref(), BufReader::new(from), &bar).await;
    bar.finish_and_clear();
    store.close().await;
    let Imported { added, there, wrong } = imported?;
    eprintln!("{added} snippets added to {location}, {there} were there already, {wrong} lines refused");
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn read_all(store: &dyn Store, mut from: impl BufRead, bar: &ProgressBar) -> anyhow::Result<Imported> {
    let mut imported = Imported::default();
    let (mut batch, mut batch_bytes) = (Vec::new(), 0);
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        if io::Read::take(&mut from, LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
            add(store, &mut batch, number, &mut imported).await?;
            break;
        }
        bar.set_position(number);
        if line.trim_ascii().is_empty() {
            continue;
        }
        let record = serde_json::from_slice::<Record>(&line).map_err(|error| error.to_string());
        match record.and_then(|record| record.check().map(|()| record)) {
            Ok(record) => {
                batch.push(record);
                batch_bytes += line.len();
                if batch.len() >= BATCH.0 || batch_bytes >= BATCH.1 {
                    add(store, &mut batch, number, &mut imported).await?;
                    batch_bytes = 0;
                }
            }
            Err(reason) => {
                imported.wrong += 1;
                if imported.wrong <= SHOWN_ERRORS {
                    bar.suspend(|| eprintln!("line {number}: {reason}"));
                }
            }
        }
    }
    Ok(imported)
}

/// Adds what has been read up to this line.
async fn add(
    store: &dyn Store,
    batch: &mut Vec<Record>,
    line: u64,
    imported: &mut Imported,
) -> anyhow::Result<()> {
    match store.import(batch).await {
        Ok(added) => {
            imported.added += added;
            imported.there += u64::try_from(batch.len())? - added;
            batch.clear();
            Ok(())
        }
        Err(error @ StoreError::Full) => bail!("up to line {line}: {error}; {imported:?} before that"),
        Err(error) => bail!("up to line {line}: {error}; repeat the import when it can be used again"),
    }
}

/// A command that only reads must not make an empty database.
pub(super) fn must_be_there(path: &Path) -> anyhow::Result<()> {
    if !path.is_file() {
        bail!("{} is not there: name the database with --database sqlite://FILE", path.display());
    }
    Ok(())
}

fn counter(what: &'static str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(&format!("{{spinner}} {{human_pos}} {what}, {{per_sec}}"));
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
