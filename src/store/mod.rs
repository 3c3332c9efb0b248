//! Saved programs, and the keys of those who may ask for something. A snippet never changes after it is made; it can be removed by whoever made it, or expire.
//!
//! Architecture invariant: only this module knows SQL.

mod content;
mod failure;
mod keys;
mod postgres;
mod queries;
mod record;
mod sqlite;
mod timed;

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub use keys::{KEY_PREFIX, Key, KeyCeilings, KeyDraft, KeyHash, KeyStore, Scope};
pub use postgres::PostgresStore;
pub use record::{Position, Record, is_token, now_ms};
pub use sqlite::SqliteStore;
pub use timed::TimedStore;

/// A program as it is saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// Name or alias, as the caller wrote it.
    pub language: String,
    /// The range of versions that was asked for.
    pub version: Option<String>,
    /// The first is the main file.
    pub files: Vec<StoredFile>,
    /// What the program reads.
    pub stdin: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// One line for people.
    pub title: String,
    /// More for people.
    pub description: String,
    /// A run of it as the API answered it, if one was saved with it.
    pub run: Option<serde_json::Value>,
}

/// One file of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// Relative path.
    pub name: String,
    /// Its bytes.
    #[serde(with = "content::bytes")]
    pub content: Vec<u8>,
}

/// Who finds a snippet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Whoever has its link.
    Unlisted,
    /// Everyone: it is listed.
    Public,
}

/// What a snippet is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The program.
    pub program: Program,
    /// Who finds it.
    pub visibility: Visibility,
    /// After how long it goes by itself, in milliseconds from when it is made.
    pub lifetime_ms: Option<i64>,
    /// The snippet that it is forked from. [`Store::find`] gives it only where that one is public and still there: whoever has
    /// a fork's link has not been given that of an unlisted parent.
    pub parent: Option<String>,
}

/// A saved program.
#[derive(Debug, Clone, PartialEq)]
pub struct Snippet {
    /// Short, fit for a link, not to be guessed.
    pub id: String,
    /// When it was made, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// What it was made from.
    pub draft: Draft,
}

impl Snippet {
    /// When it goes by itself, in milliseconds since 1970.
    pub fn expires_at_ms(&self) -> Option<i64> {
        self.draft.lifetime_ms.map(|lifetime_ms| self.created_at_ms.saturating_add(lifetime_ms))
    }
}

/// Names a request to save, so that it can be sent again without saving twice.
#[derive(Debug, Clone, Copy)]
pub struct RequestKey<'a> {
    /// As the caller made it.
    pub key: &'a str,
    /// Whose it is, where that is known: others may have the same.
    pub caller: Option<&'a str>,
}

/// What lists show of a snippet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its id.
    pub id: String,
    /// When it was made, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// Its language.
    pub language: String,
    /// Its title.
    pub title: String,
}

impl Summary {
    /// Where a list goes on behind it, also when it has been removed.
    pub fn cursor(&self) -> String {
        record::cursor(self.created_at_ms, &self.id)
    }
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The snippet's id.
    pub id: String,
    /// When it was made, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// Removes it. Told once: not for a request that is repeated.
    pub edit_token: Option<String>,
}

/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The idempotency key belongs to another request.
    #[error(
        "this key has been used for another program, or for the same with another visibility, time or owner"
    )]
    KeyReused,
    /// The token is not the snippet's.
    #[error("the token is not that of this snippet")]
    WrongToken,
    /// There is no such snippet.
    #[error("there is no such snippet")]
    NotFound,
    /// Nothing more can be written.
    #[error("the disk is full")]
    Full,
    /// It cannot be used now.
    #[error("the database cannot be used: {0}")]
    Unavailable(String),
}

/// Why a store cannot be opened. The text says what to do.
#[derive(Debug, thiserror::Error)]
#[error("the database {url}: {reason}")]
pub struct OpenError {
    /// Which.
    pub url: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Keeps snippets, and API keys.
#[async_trait]
pub trait Store: KeyStore {
    /// Saves a program. The same `key` with the same draft gives the same snippet, as long as it is there. `token` is one that an
    /// earlier save gave, where this one shall belong to the same.
    async fn save(
        &self,
        draft: Draft,
        key: Option<RequestKey<'_>>,
        token: Option<&str>,
    ) -> Result<Saved, StoreError>;

    /// The snippet with this id.
    async fn find(&self, id: &str) -> Result<Snippet, StoreError>;

    /// Whether [`Store::find`] would find it, without what that costs. Gives when it goes by itself, in milliseconds since 1970.
    async fn is_there(&self, id: &str) -> Result<Option<i64>, StoreError>;

    /// Removes a snippet.
    async fn remove(&self, id: &str, token: &str) -> Result<(), StoreError>;

    /// The public forks of a snippet, the oldest first, at most `limit`.
    async fn forks(&self, id: &str, limit: u32) -> Result<Vec<Summary>, StoreError>;

    /// Public snippets, the newest first, at most `limit`, after this one: a [`Summary::cursor`], or the id of one that is there.
    async fn list(&self, after: Option<&str>, limit: u32) -> Result<Vec<Summary>, StoreError>;

    /// The snippets of this token, as [`Store::list`] gives them.
    async fn owned(&self, token: &str, after: Option<&str>, limit: u32) -> Result<Vec<Summary>, StoreError>;

    /// All snippets with what belongs to them, the oldest first, at most `limit`, after this one.
    async fn export(&self, after: &Position, limit: u32) -> Result<Vec<Record>, StoreError>;

    /// Takes snippets of another store: all, or none where that fails. Gives how many were not there already.
    async fn import(&self, records: &[Record]) -> Result<u64, StoreError>;

    /// Removes what has expired. Gives how many.
    async fn sweep(&self) -> Result<u64, StoreError>;

    /// Ends what is under way and lets the database go.
    async fn close(&self);
}

/// Where snippets are kept. Shown without a password.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database's URL.
    Postgres(String),
}

impl Location {
    /// Opens the store there, and brings it up to date.
    ///
    /// # Errors
    /// When it cannot be used; it is left as it is then.
    pub async fn open(&self) -> Result<Arc<dyn Store>, OpenError> {
        Ok(match self {
            Self::Sqlite(path) => Arc::new(SqliteStore::open(path).await?),
            Self::Postgres(url) => Arc::new(PostgresStore::open(url).await?),
        })
    }
}

impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

/// A database's URL as it may be shown: without its password and its parameters.
pub fn without_password(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    match rest.rsplit_once('@') {
        Some((user, place)) => format!("{scheme}{}@{place}", user.split(':').next().unwrap_or_default()),
        None => format!("{scheme}{rest}"),
    }
}

/// Keeps nothing.
pub struct NoStore;

#[async_trait]
impl Store for NoStore {
    async fn save(&self, _: Draft, _: Option<RequestKey<'_>>, _: Option<&str>) -> Result<Saved, StoreError> {
        Err(StoreError::Unavailable("there is none".into()))
    }

    async fn find(&self, _: &str) -> Result<Snippet, StoreError> {
        Err(StoreError::NotFound)
    }

    async fn is_there(&self, _: &str) -> Result<Option<i64>, StoreError> {
        Err(StoreError::NotFound)
    }

    async fn remove(&self, _: &str, _: &str) -> Result<(), StoreError> {
        Err(StoreError::NotFound)
    }

    async fn forks(&self, _: &str, _: u32) -> Result<Vec<Summary>, StoreError> {
        Ok(Vec::new())
    }

    async fn list(&self, _: Option<&str>, _: u32) -> Result<Vec<Summary>, StoreError> {
        Ok(Vec::new())
    }

    async fn owned(&self, _: &str, _: Option<&str>, _: u32) -> Result<Vec<Summary>, StoreError> {
        Ok(Vec::new())
    }

    async fn export(&self, _: &Position, _: u32) -> Result<Vec<Record>, StoreError> {
        Ok(Vec::new())
    }

    async fn import(&self, _: &[Record]) -> Result<u64, StoreError> {
        Err(StoreError::Unavailable("there is none".into()))
    }

    async fn sweep(&self) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn close(&self) {}
}

#[async_trait]
impl KeyStore for NoStore {
    async fn create_key(&self, _: KeyDraft) -> Result<(Key, String), StoreError> {
        Err(StoreError::Unavailable("there is none".into()))
    }

    async fn key(&self, _: &KeyHash) -> Result<Option<Key>, StoreError> {
        Ok(None)
    }

    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        Ok(Vec::new())
    }

    async fn revoke_key(&self, _: &str) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn note_key_use(&self, _: &str) -> Result<(), StoreError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
