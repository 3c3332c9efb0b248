//! Snippets in one SQLite file: one connection that writes, several that read.

use std::{
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use nanoid::nanoid;
use sha2::{Digest, Sha256};
use sqlx::{
    Row, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};

use super::{Draft, OpenError, Saved, Snippet, Store, StoreError, Summary, Visibility, content};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// Letters of ids and tokens: none that people confuse.
const LETTERS: [char; 56] = [
    '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N',
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j',
    'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
];

/// Letters of an id: 64 bits, which nobody guesses over a network.
const ID_LETTERS: usize = 11;

/// Letters of a token: 185 bits.
const TOKEN_LETTERS: usize = 32;

/// How long a connection waits for another's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections that read.
const READERS: u32 = 4;

/// Snippets in SQLite.
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens a file, which is made when it is not there, and brings it up to date.
    ///
    /// # Errors
    /// When it is no database, belongs to a newer server, or cannot be read. It is left as it is then.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let failed = |reason: String| OpenError { url: format!("sqlite://{}", path.display()), reason };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What has been acknowledged must outlive the machine's power, not only the process.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BUSY_TIMEOUT)
            .connect_with(options.clone())
            .await
            .map_err(|error| failed(explain(&error)))?;
        MIGRATIONS.run(&writer).await.map_err(|error| failed(explain_migration(&error)))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(BUSY_TIMEOUT)
            .connect_lazy_with(options.create_if_missing(false));
        Ok(Self { writer, readers })
    }

    /// Closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn saved_before(&self, key: &[u8], content: &[u8]) -> Result<Option<Saved>, StoreError> {
        let found = sqlx::query("SELECT id, created_at, content_hash FROM snippets WHERE request_hash = $1")
            .bind(key)
            .fetch_optional(&self.writer)
            .await?;
        let Some(row) = found else { return Ok(None) };
        if row.get::<Vec<u8>, _>("content_hash") != content {
            return Err(StoreError::KeyReused);
        }
        Ok(Some(Saved { id: row.get("id"), created_at_ms: row.get("created_at"), edit_token: None }))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn save(&self, draft: Draft, key: Option<&str>) -> Result<Saved, StoreError> {
        let json = content::to_json(&draft.program)?;
        let content_hash = hash(&[&json, draft.parent.as_deref().unwrap_or_default().as_bytes()]);
        let request_hash = key.map(|key| hash(&[key.as_bytes()]));
        if let Some(request_hash) = &request_hash
            && let Some(saved) = self.saved_before(request_hash, &content_hash).await?
        {
            return Ok(saved);
        }
        let (id, token) = (nanoid!(ID_LETTERS, &LETTERS), nanoid!(TOKEN_LETTERS, &LETTERS));
        let created_at_ms = now_ms();
        let inserted = sqlx::query(
            "INSERT INTO snippets (id, created_at, expires_at, visibility, language, title, parent, token_hash, \
             request_hash, content_hash, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (request_hash) DO NOTHING",
        )
        .bind(&id)
        .bind(created_at_ms)
        .bind(draft.expires_at_ms)
        .bind(visibility_name(draft.visibility))
        .bind(&draft.program.language)
        .bind(&draft.program.title)
        .bind(&draft.parent)
        .bind(hash(&[token.as_bytes()]))
        .bind(&request_hash)
        .bind(&content_hash)
        .bind(content::pack(&json)?)
        .execute(&self.writer)
        .await?;
        if inserted.rows_affected() == 0 {
            // Another request with the same key was faster.
            let before = self.saved_before(&request_hash.unwrap_or_default(), &content_hash).await?;
            return before.ok_or_else(|| StoreError::Unavailable("a snippet vanished".into()));
        }
        Ok(Saved { id, created_at_ms, edit_token: Some(token) })
    }

    async fn find(&self, id: &str) -> Result<Snippet, StoreError> {
        let row = sqlx::query(
            "SELECT id, created_at, expires_at, visibility, parent, content FROM snippets \
             WHERE id = $1 AND (expires_at IS NULL OR expires_at > $2)",
        )
        .bind(id)
        .bind(now_ms())
        .fetch_optional(&self.readers)
        .await?
        .ok_or(StoreError::NotFound)?;
        let visibility = match row.get::<String, _>("visibility").as_str() {
            "public" => Visibility::Public,
            _ => Visibility::Unlisted,
        };
        Ok(Snippet {
            id: row.get("id"),
            created_at_ms: row.get("created_at"),
            draft: Draft {
                program: content::unpack(&row.get::<Vec<u8>, _>("content"))?,
                visibility,
                expires_at_ms: row.get("expires_at"),
                parent: row.get("parent"),
            },
        })
    }

    async fn remove(&self, id: &str, token: &str) -> Result<(), StoreError> {
        // By the token's hash: how long a comparison takes tells nothing of the token.
        let removed = sqlx::query("DELETE FROM snippets WHERE id = $1 AND token_hash = $2")
            .bind(id)
            .bind(hash(&[token.as_bytes()]))
            .execute(&self.writer)
            .await?;
        if removed.rows_affected() == 1 {
            return Ok(());
        }
        let there = sqlx::query("SELECT 1 FROM snippets WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.readers)
            .await?;
        Err(if there.is_some() { StoreError::WrongToken } else { StoreError::NotFound })
    }

    async fn forks(&self, id: &str, limit: u32) -> Result<Vec<Summary>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, created_at, language, title FROM snippets \
             WHERE parent = $1 AND (expires_at IS NULL OR expires_at > $2) ORDER BY created_at, id LIMIT $3",
        )
        .bind(id)
        .bind(now_ms())
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.iter().map(summary).collect())
    }

    async fn list(&self, after: Option<&str>, limit: u32) -> Result<Vec<Summary>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, created_at, language, title FROM snippets \
             WHERE visibility = 'public' AND (expires_at IS NULL OR expires_at > $1) \
             AND ($2 IS NULL OR (created_at, id) < (SELECT created_at, id FROM snippets WHERE id = $2)) \
             ORDER BY created_at DESC, id DESC LIMIT $3",
        )
        .bind(now_ms())
        .bind(after)
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.iter().map(summary).collect())
    }
}

fn summary(row: &SqliteRow) -> Summary {
    Summary {
        id: row.get("id"),
        created_at_ms: row.get("created_at"),
        language: row.get("language"),
        title: row.get("title"),
    }
}

fn visibility_name(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Unlisted => "unlisted",
        Visibility::Public => "public",
    }
}

fn hash(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// SQLite's own numbers (<https://sqlite.org/rescode.html>), without the extended part.
mod code {
    pub(super) const FULL: i64 = 13;
    pub(super) const NOT_A_DATABASE: i64 = 26;
    pub(super) const CORRUPT: i64 = 11;
}

fn primary_code(error: &sqlx::Error) -> Option<i64> {
    let code = error.as_database_error()?.code()?;
    code.parse::<i64>().ok().map(|code| code & 0xff)
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match primary_code(&error) {
            Some(code::FULL) => Self::Full,
            _ => Self::Unavailable(explain(&error)),
        }
    }
}

fn explain(error: &sqlx::Error) -> String {
    match primary_code(error) {
        Some(code::NOT_A_DATABASE) => {
            "it is no SQLite database; it was left as it is: move it away, or name another file".into()
        }
        Some(code::CORRUPT) => {
            "it is damaged; it was left as it is: restore a backup, or move it away".into()
        }
        _ => error.to_string(),
    }
}

fn explain_migration(error: &MigrateError) -> String {
    match error {
        MigrateError::VersionMissing(version) => format!(
            "it has the schema {version} of a newer server, which this one does not know: start that server, or name another file"
        ),
        MigrateError::Execute(error) => explain(error),
        other => other.to_string(),
    }
}

#[cfg(test)]
impl SqliteStore {
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

    /// Another process in the middle of writing. It ends when what is given is dropped.
    pub(super) async fn hold_lock_elsewhere(&self) -> sqlx::SqliteConnection {
        use sqlx::{ConnectOptions, Executor};
        let options = self.writer.connect_options();
        let mut other = options.as_ref().clone().connect().await.unwrap();
        other.execute("BEGIN IMMEDIATE").await.unwrap();
        other
    }
}
