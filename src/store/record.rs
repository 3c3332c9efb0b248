//! Snippets as they move between stores, and what both stores do alike.

use std::time::{SystemTime, UNIX_EPOCH};

use nanoid::nanoid;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Draft, Program, RequestKey, Visibility, content};

/// Letters of ids and tokens: none that people confuse.
pub(super) const LETTERS: [char; 56] = [
    '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N',
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j',
    'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
];

/// Letters of an id: 133 bits, for it is all that opens an unlisted snippet. Earlier servers gave eleven; those stay what they are.
const ID_LETTERS: usize = 23;

/// Letters of a token: 185 bits.
pub(super) const TOKEN_LETTERS: usize = 32;

/// The id of a new snippet.
pub(super) fn new_id() -> String {
    nanoid!(ID_LETTERS, &LETTERS)
}

/// One snippet with all that a store keeps of it. Tokens and keys are there as hashes only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its id.
    pub id: String,
    /// When it was made, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it goes by itself, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at_ms: Option<i64>,
    /// Who finds it.
    pub visibility: Visibility,
    /// The snippet that it was forked from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// SHA-256 of the token that may remove it.
    #[serde(with = "base64_bytes")]
    pub token_hash: Vec<u8>,
    /// SHA-256 of the caller's idempotency key.
    #[serde(default, with = "optional_bytes", skip_serializing_if = "Option::is_none")]
    pub request_hash: Option<Vec<u8>>,
    /// The program.
    pub program: Program,
}

/// Where an export goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// When the last one was made.
    pub created_at_ms: i64,
    /// Its id.
    pub id: String,
}

/// A place in a list, as callers keep it. No id has a dot.
pub(super) fn cursor(created_at_ms: i64, id: &str) -> String {
    format!("{created_at_ms}.{id}")
}

impl Position {
    /// Before the newest.
    pub(super) fn newest() -> Self {
        Self { created_at_ms: i64::MAX, id: String::new() }
    }

    /// The place in a [`cursor`]. `None`: it is none.
    pub(super) fn of_cursor(cursor: &str) -> Option<Self> {
        let (created_at_ms, id) = cursor.split_once('.')?;
        Some(Self { created_at_ms: created_at_ms.parse().ok()?, id: id.replace('\0', "") })
    }
}

impl Record {
    /// What is wrong with one that comes from outside.
    ///
    /// # Errors
    /// With a text that says what.
    pub fn check(&self) -> Result<(), String> {
        let is_word = |text: &str| {
            (1..=64).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        if !is_word(&self.id) {
            return Err("`id` must be 1 to 64 letters, digits, `-` or `_`".into());
        }
        if self.parent.as_deref().is_some_and(|parent| !is_word(parent)) {
            return Err("`parent` must be 1 to 64 letters, digits, `-` or `_`".into());
        }
        if self.token_hash.len() != 32 || self.request_hash.as_ref().is_some_and(|hash| hash.len() != 32) {
            return Err("`token_hash` and `request_hash` must be 32 bytes in base64".into());
        }
        if self.program.files.is_empty() {
            return Err("`program.files` is empty".into());
        }
        let bytes = content::json_bytes(&self.program);
        if bytes > content::MAX_BYTES {
            return Err(format!(
                "`program` has {bytes} bytes as JSON, at most {} are allowed",
                content::MAX_BYTES
            ));
        }
        if [&self.program.language, &self.program.title].iter().any(|text| text.contains('\0')) {
            return Err("`program.language` and `program.title` must not contain NUL".into());
        }
        Ok(())
    }
}

/// Whether this could be a token that a store has given.
pub fn is_token(text: &str) -> bool {
    text.len() == TOKEN_LETTERS && text.chars().all(|letter| LETTERS.contains(&letter))
}

/// SHA-256 over parts, told apart by their lengths.
pub(super) fn hash(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

/// The hash of an idempotency key. Those without an API key share theirs, as all did once.
pub(super) fn request_hash(RequestKey { key, caller }: RequestKey<'_>) -> Vec<u8> {
    match caller {
        Some(caller) => hash(&[key.as_bytes(), caller.as_bytes()]),
        None => hash(&[key.as_bytes()]),
    }
}

/// What a request to save asked for: by this a repeated one is told from another with the same key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) content_hash: Vec<u8>,
    pub(super) visibility: Visibility,
    pub(super) lifetime_ms: Option<i64>,
    pub(super) token_hash: Option<Vec<u8>>,
}

impl Asked {
    pub(super) fn of(draft: &Draft, json: &[u8], token: Option<&str>) -> Self {
        Self {
            content_hash: content_hash(json, draft.parent.as_deref()),
            visibility: draft.visibility,
            lifetime_ms: draft.lifetime_ms,
            token_hash: token.map(|token| hash(&[token.as_bytes()])),
        }
    }
}

/// How long a snippet stays from when it is made.
pub(super) fn lifetime_ms(created_at_ms: i64, expires_at_ms: Option<i64>) -> Option<i64> {
    expires_at_ms.map(|at| at.saturating_sub(created_at_ms))
}

/// The hash of a program and its parent.
pub(super) fn content_hash(json: &[u8], parent: Option<&str>) -> Vec<u8> {
    hash(&[json, parent.unwrap_or_default().as_bytes()])
}

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Visibility {
    /// As it is stored.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Unlisted => "unlisted",
            Self::Public => "public",
        }
    }

    pub(super) fn of(name: &str) -> Self {
        if name == "public" { Self::Public } else { Self::Unlisted }
    }
}

/// Bytes in base64.
mod base64_bytes {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        STANDARD.encode(bytes).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// Bytes in base64, or nothing.
mod optional_bytes {
    use serde::{Deserializer, Serializer};

    #[allow(clippy::ref_option)] // serde gives it so
    pub(super) fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, to: S) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => super::base64_bytes::serialize(bytes, to),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<u8>>, D::Error> {
        super::base64_bytes::deserialize(from).map(Some)
    }
}
