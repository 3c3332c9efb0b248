//! Snippets in one SQLite file: one connection that writes, several that read.

use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use nanoid::nanoid;
use sqlx::{
    ConnectOptions, Connection, Row, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio_util::task::AbortOnDropHandle;

use super::{
    Draft, OpenError, Position, Record, RequestKey, Saved, Snippet, Store, StoreError, Summary, Visibility,
    content,
    failure::{explain, explain_migration},
    keys::key_store,
    queries::{get, store, summaries},
    record::{self, LETTERS, TOKEN_LETTERS},
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// How long a connection waits for another's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections that read.
const READERS: u32 = 4;

/// How often what has been written ahead is brought into the file, beside the saves: by default SQLite makes every two hundredth
/// save wait for that, the longer the larger the file is.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(5);

/// Pages that are written ahead at most, 64 MiB, where saves come too fast for that: then a save does it after all.
const PAGES_AHEAD: &str = "16384";

/// Snippets in SQLite.
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    path: PathBuf,
    /// The file's device and number there.
    identity: Option<(u64, u64)>,
    _checkpoints: AbortOnDropHandle<()>,
}

store!(SqliteStore, sqlx::Sqlite);
key_store!(SqliteStore);

impl SqliteStore {
    /// Opens a file, which is made when it is not there, and brings it up to date.
    ///
    /// # Errors
    /// When it is no database, belongs to a newer server, or cannot be read and written. It is left as it is then.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let failed = |reason: String| OpenError { url: format!("sqlite://{}", path.display()), reason };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| {
                failed(format!("its folder cannot be made: {error}; name another with --data or --database"))
            })?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What has been acknowledged must outlive the machine's power, not only the process.
            .synchronous(SqliteSynchronous::Full)
            .pragma("wal_autocheckpoint", PAGES_AHEAD)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BUSY_TIMEOUT)
            // A file is not lost from one moment to the next as a connection over a network is.
            .test_before_acquire(false)
            .connect_with(options.clone())
            .await
            .map_err(|error| failed(explain(&error)))?;
        MIGRATIONS.run(&writer).await.map_err(|error| failed(explain_migration(&error)))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(BUSY_TIMEOUT)
            .test_before_acquire(false)
            .connect_lazy_with(options.create_if_missing(false));
        let checkpoints = AbortOnDropHandle::new(tokio::spawn(checkpoint(readers.clone())));
        Ok(Self {
            writer,
            readers,
            path: path.to_owned(),
            identity: identity(path),
            _checkpoints: checkpoints,
        })
    }

    /// Whether the file that is open still is the one at its path. What would be written to another one, or to one that has
    /// been removed, would be gone with this process; and none is opened instead, for the log beside it is not its own.
    fn in_place(&self) -> Result<(), StoreError> {
        if identity(&self.path) == self.identity {
            return Ok(());
        }
        Err(StoreError::Unavailable(format!(
            "{} was moved, removed or exchanged while the server ran: put it back, or restart the server on the one that is \
             there",
            self.path.display()
        )))
    }

    /// Copies the whole database in the file `from`, as it is at one moment, into a new file, while a server goes on with it. It is only
    /// read: a backup before an update must not be the update.
    ///
    /// # Errors
    /// When `to` is there already or cannot be written, or `from` is no database.
    pub async fn backup(from: &Path, to: &Path) -> Result<(), StoreError> {
        if to.exists() {
            return Err(StoreError::Unavailable(format!("{} is there already", to.display())));
        }
        let options = SqliteConnectOptions::new().filename(from).read_only(true).busy_timeout(BUSY_TIMEOUT);
        let mut live = options.connect().await?;
        sqlx::query("VACUUM INTO $1").bind(to.to_string_lossy().as_ref()).execute(&mut live).await?;
        live.close().await?;
        Ok(())
    }
}

/// Brings what has been written ahead into the file, again and again, until the pool is closed. Nobody waits for it.
async fn checkpoint(pool: SqlitePool) {
    let mut failed = false;
    while !pool.is_closed() {
        tokio::time::sleep(CHECKPOINT_EVERY).await;
        let failure = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&pool).await.err();
        // Told once, not every few seconds.
        if let Some(error) = failure.as_ref().filter(|_| !failed && !pool.is_closed()) {
            tracing::warn!(%error, "what has been saved stays in the database's log for now");
        }
        failed = failure.is_some();
    }
}

/// Tells a file from another that takes its name.
fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(test)]
impl SqliteStore {
    /// What brings a file up to date.
    pub(super) fn migrations() -> &'static Migrator {
        &MIGRATIONS
    }

    /// As a server of a later version leaves a file.
    pub(super) async fn pretend_newer(&self) {
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (9999, 'later', 1, x'00', 0)",
        )
        .execute(&self.writer)
        .await
        .unwrap();
    }

    /// Whether SQLite finds nothing wrong with its file.
    pub(super) async fn is_sound(&self) -> bool {
        let row = sqlx::query("PRAGMA integrity_check").fetch_one(&self.readers).await.unwrap();
        row.get::<String, _>(0) == "ok"
    }

    /// Another process in the middle of writing. It ends when what is given is dropped.
    pub(super) async fn hold_lock_elsewhere(&self) -> sqlx::SqliteConnection {
        use sqlx::Executor;
        let options = self.writer.connect_options();
        let mut other = options.as_ref().clone().connect().await.unwrap();
        other.execute("BEGIN IMMEDIATE").await.unwrap();
        other
    }
}
