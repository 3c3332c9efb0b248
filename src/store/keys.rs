//! API keys: who may ask for what, and how much of it. The key itself is told once; what is kept is its SHA-256.

use std::{fmt, str::FromStr};

use async_trait::async_trait;
use nanoid::nanoid;
use serde::{Deserialize, Serialize};

use super::{
    StoreError,
    record::{self, LETTERS, TOKEN_LETTERS},
};

/// Letters of a key's id. It is no secret.
const ID_LETTERS: usize = 11;

/// What every key begins with, by which it is told from other tokens.
pub const KEY_PREFIX: &str = "pg_";

/// What a key lets its holder do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Run programs.
    Run,
    /// Save, list, open and remove snippets.
    Snippets,
    /// Manage the server.
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Run, Self::Snippets, Self::Admin];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Snippets => "snippets",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        known.ok_or_else(|| format!("`{text}` is no scope; there are run, snippets and admin"))
    }
}

/// What the programs of a key may use at most, below their runtime's own ceilings. `None`: these alone hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyCeilings {
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_ms: Option<u64>,
    /// Milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_ms: Option<u64>,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Processes and threads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<u32>,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_bytes: Option<u64>,
}

/// What a key is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDraft {
    /// For people.
    pub name: String,
    /// What it is for.
    pub scopes: Vec<Scope>,
    /// Requests in a minute.
    pub rate: Option<u32>,
    /// Programs at a time.
    pub concurrency: Option<u32>,
    /// Of its programs.
    pub ceilings: KeyCeilings,
}

/// An API key, without what its holder sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Key {
    /// Names it in lists and logs.
    pub id: String,
    /// For people.
    pub name: String,
    /// What it is for.
    pub scopes: Vec<Scope>,
    /// Requests in a minute; `None`: as many as its holder likes.
    pub rate: Option<u32>,
    /// Programs at a time; `None`: the same.
    pub concurrency: Option<u32>,
    /// Of its programs.
    pub ceilings: KeyCeilings,
    /// When it was made, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it was used last, in milliseconds since 1970, not more exact than a minute.
    pub last_used_at_ms: Option<i64>,
    /// When it was revoked, in milliseconds since 1970; `None`: it holds.
    pub revoked_at_ms: Option<i64>,
}

/// SHA-256 of a key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct KeyHash(pub(super) Vec<u8>);

impl KeyHash {
    /// Of what a caller sends. `None`: it could never be a key of ours.
    pub fn of(sent: &str) -> Option<Self> {
        let letters = sent.strip_prefix(KEY_PREFIX)?;
        record::is_token(letters).then(|| Self(record::hash(&[sent.as_bytes()])))
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(…)")
    }
}

/// Keeps API keys.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// Makes a key. The text is what its holder sends; it is told only here.
    async fn create_key(&self, draft: KeyDraft) -> Result<(Key, String), StoreError>;

    /// The key with this hash, also one that is revoked.
    async fn key(&self, hash: &KeyHash) -> Result<Option<Key>, StoreError>;

    /// All keys, the oldest first, also those that are revoked.
    async fn keys(&self) -> Result<Vec<Key>, StoreError>;

    /// Revokes a key by its id. `false`: there is none that holds.
    async fn revoke_key(&self, id: &str) -> Result<bool, StoreError>;

    /// Notes that a key was used now.
    async fn note_key_use(&self, id: &str) -> Result<(), StoreError>;
}

/// Makes a type with the pools `writer` and `readers` of one database a [`KeyStore`], in SQL that both databases understand.
macro_rules! key_store {
    ($store:ty) => {
        #[async_trait]
        impl $crate::store::KeyStore for $store {
            async fn create_key(
                &self,
                draft: $crate::store::KeyDraft,
            ) -> Result<($crate::store::Key, String), StoreError> {
                let (id, secret) = $crate::store::keys::new_key();
                let created_at_ms = $crate::store::record::now_ms();
                sqlx::query(
                    "INSERT INTO api_keys (id, name, key_hash, scopes, rate, concurrency, ceilings, created_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                )
                .bind(&id)
                .bind(&draft.name)
                .bind($crate::store::record::hash(&[secret.as_bytes()]))
                .bind($crate::store::keys::scopes_to_text(&draft.scopes))
                .bind(draft.rate.map(i64::from))
                .bind(draft.concurrency.map(i64::from))
                .bind($crate::store::keys::ceilings_to_text(&draft.ceilings)?)
                .bind(created_at_ms)
                .execute(&self.writer)
                .await?;
                let $crate::store::KeyDraft { name, scopes, rate, concurrency, ceilings } = draft;
                let (last_used_at_ms, revoked_at_ms) = (None, None);
                let key = $crate::store::Key {
                    id, name, scopes, rate, concurrency, ceilings, created_at_ms, last_used_at_ms, revoked_at_ms,
                };
                Ok((key, secret))
            }

            async fn key(
                &self,
                hash: &$crate::store::KeyHash,
            ) -> Result<Option<$crate::store::Key>, StoreError> {
                let row = sqlx::query($crate::store::keys::ONE_KEY)
                    .bind(&hash.0)
                    .fetch_optional(&self.readers)
                    .await?;
                row.map(|row| $crate::store::keys::key!(&row)).transpose()
            }

            async fn keys(&self) -> Result<Vec<$crate::store::Key>, StoreError> {
                let rows = sqlx::query($crate::store::keys::ALL_KEYS).fetch_all(&self.readers).await?;
                rows.iter().map(|row| $crate::store::keys::key!(row)).collect()
            }

            async fn revoke_key(&self, id: &str) -> Result<bool, StoreError> {
                let revoked = sqlx::query(
                    "UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL",
                )
                .bind($crate::store::record::now_ms())
                .bind(id.replace('\0', ""))
                .execute(&self.writer)
                .await?;
                Ok(revoked.rows_affected() == 1)
            }

            async fn note_key_use(&self, id: &str) -> Result<(), StoreError> {
                sqlx::query("UPDATE api_keys SET last_used_at = $1 WHERE id = $2")
                    .bind($crate::store::record::now_ms())
                    .bind(id)
                    .execute(&self.writer)
                    .await?;
                Ok(())
            }
        }
    };
}

pub(super) const ONE_KEY: &str = "SELECT id, name, scopes, rate, concurrency, ceilings, created_at, last_used_at, revoked_at \
                                  FROM api_keys WHERE key_hash = $1";

pub(super) const ALL_KEYS: &str = "SELECT id, name, scopes, rate, concurrency, ceilings, created_at, last_used_at, revoked_at \
                                   FROM api_keys ORDER BY created_at, id";

/// A row of keys.
macro_rules! key {
    ($row:expr) => {{
        let count = |name: &str| {
            let count: Option<i64> = sqlx::Row::get($row, name);
            count.map(|count| u32::try_from(count).unwrap_or(u32::MAX))
        };
        $crate::store::keys::ceilings_from_text(&sqlx::Row::get::<String, _>($row, "ceilings")).map(
            |ceilings| $crate::store::Key {
                id: sqlx::Row::get($row, "id"),
                name: sqlx::Row::get($row, "name"),
                scopes: $crate::store::keys::scopes_from_text(&sqlx::Row::get::<String, _>($row, "scopes")),
                rate: count("rate"),
                concurrency: count("concurrency"),
                ceilings,
                created_at_ms: sqlx::Row::get($row, "created_at"),
                last_used_at_ms: sqlx::Row::get($row, "last_used_at"),
                revoked_at_ms: sqlx::Row::get($row, "revoked_at"),
            },
        )
    }};
}

pub(super) use {key, key_store};

/// The id and the text of a new key.
pub(super) fn new_key() -> (String, String) {
    let id = nanoid!(ID_LETTERS, &LETTERS);
    (id, format!("{KEY_PREFIX}{}", nanoid!(TOKEN_LETTERS, &LETTERS)))
}

pub(super) fn scopes_to_text(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// A scope of a newer server gives nothing here.
pub(super) fn scopes_from_text(text: &str) -> Vec<Scope> {
    text.split_whitespace().filter_map(|scope| scope.parse().ok()).collect()
}

pub(super) fn ceilings_to_text(ceilings: &KeyCeilings) -> Result<String, StoreError> {
    serde_json::to_string(ceilings).map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// What cannot be read must not count as no ceilings.
pub(super) fn ceilings_from_text(text: &str) -> Result<KeyCeilings, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Unavailable(format!("a key's ceilings: {error}")))
}
