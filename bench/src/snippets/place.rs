//! Where a store that is measured is kept.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;

use super::{Asked, fill};
use crate::server::Server;

/// Counted up when other snippets are made, so that those of before are not taken for them.
const MADE: u32 = 1;

/// A filled database of one sitting's own. It goes with this.
pub(super) struct Place {
    database: String,
    folder: TempDir,
    _postgres: Option<Postgres>,
}

impl Place {
    /// A copy of a file that an earlier sitting has filled, or that is filled now.
    pub(super) fn sqlite(asked: &Asked<'_>, size: u32) -> anyhow::Result<Self> {
        let cache = cache()?;
        let filled = cache.join(format!("snippets-{}-{MADE}-{size}.db", schema(asked.repository)?));
        if !filled.is_file() {
            let unfinished = tempfile::tempdir_in(&cache)?;
            let file = unfinished.path().join("filling.db");
            fill(asked.binary, &format!("sqlite://{}", file.display()), size)?;
            // What an import that has ended leaves is the one file.
            ensure!(!file.with_extension("db-wal").exists(), "the import has left its log");
            fs::rename(file, &filled)?;
        }
        // On the same disk as the cache: what stands for temporary files is a memory in places, which syncs nothing.
        let folder = tempfile::tempdir_in(&cache)?;
        let copy = folder.path().join("polyground.db");
        fs::copy(&filled, &copy)?;
        fs::File::open(&copy)?.sync_all()?;
        Ok(Self { database: format!("sqlite://{}", copy.display()), folder, _postgres: None })
    }

    /// In a PostgreSQL of its own.
    pub(super) fn postgres(asked: &Asked<'_>, size: u32) -> anyhow::Result<Self> {
        // On a disk, and where PostgreSQL's own user comes to.
        let folder = tempfile::tempdir_in("/var/tmp")?;
        let postgres = Postgres::start(asked.repository)?;
        let database = format!("postgres://tests@127.0.0.1:{}/postgres", postgres.port);
        fill(asked.binary, &database, size)?;
        Ok(Self { database, folder, _postgres: Some(postgres) })
    }

    /// A server on it, without any language: snippets need none.
    pub(super) fn serve(&self, binary: &Path) -> anyhow::Result<Server> {
        let runtimes = self.folder.path().join("runtimes");
        fs::create_dir_all(&runtimes)?;
        let runtimes = runtimes.display().to_string();
        let more = ["--database", &self.database, "--runtimes", &runtimes];
        Server::start_on("local", binary, &self.folder.path().join("data"), &more)
    }
}

/// Kept between sittings.
fn cache() -> anyhow::Result<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set")?;
    let cache = base.join("polyground/bench");
    fs::create_dir_all(&cache).with_context(|| cache.display().to_string())?;
    Ok(cache)
}

/// The name of the last migration, without its ending.
fn schema(repository: &Path) -> anyhow::Result<String> {
    let folder = repository.join("migrations/sqlite");
    let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let stems = paths.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
    stems.max().with_context(|| format!("{} is empty", folder.display()))
}

/// A PostgreSQL as the tests start it.
struct Postgres {
    child: Child,
    port: u16,
}

impl Postgres {
    fn start(repository: &Path) -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        // The script removes the folder at its end.
        let folder = tempfile::Builder::new().prefix("polyground-bench-").tempdir_in("/var/tmp")?.keep();
        let mut child = Command::new(repository.join("tests/postgres.sh"))
            .arg(folder)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let postgres = Self { child, port };
        if line != "ready\n" {
            bail!("PostgreSQL did not start");
        }
        Ok(postgres)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
