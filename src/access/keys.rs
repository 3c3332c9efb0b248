//! The keys of the store, remembered for a moment, so that not every request costs a question to the database.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use moka::future::Cache;

use crate::store::{Key, KeyHash, KeyStore, StoreError};

/// How long what the store said of a key is believed: a key that is revoked holds so long at most.
pub const KEY_MEMORY: Duration = Duration::from_secs(5);

/// Keys, known and unknown ones, that are remembered at a time.
const REMEMBERED: u64 = 10_000;

/// How exactly the store knows when a key was used last, in milliseconds.
const USE_GRAIN_MS: i64 = 60_000;

/// Finds keys.
pub(super) struct Keys {
    store: Arc<dyn KeyStore>,
    found: Cache<KeyHash, Option<Arc<Key>>>,
}

impl Keys {
    pub(super) fn new(store: Arc<dyn KeyStore>) -> Self {
        let found = Cache::builder().max_capacity(REMEMBERED).time_to_live(KEY_MEMORY).build();
        Self { store, found }
    }

    /// The key that a caller has sent; `None` where it is none that holds.
    pub(super) async fn find(&self, sent: &str) -> Result<Option<Arc<Key>>, StoreError> {
        let Some(hash) = KeyHash::of(sent) else { return Ok(None) };
        let asked = self.found.try_get_with(hash.clone(), self.ask(&hash)).await;
        asked.map_err(|error| match &*error {
            StoreError::Unavailable(reason) => StoreError::Unavailable(reason.clone()),
            other => StoreError::Unavailable(other.to_string()),
        })
    }

    async fn ask(&self, hash: &KeyHash) -> Result<Option<Arc<Key>>, StoreError> {
        let key = self.store.key(hash).await?.filter(|key| key.revoked_at_ms.is_none());
        if let Some(key) = &key {
            self.note_use(key);
        }
        Ok(key.map(Arc::new))
    }

    /// In the background: the request that it is for does not wait.
    fn note_use(&self, key: &Key) {
        if key.last_used_at_ms.is_some_and(|at| now_ms() - at < USE_GRAIN_MS) {
            return;
        }
        let (store, id) = (self.store.clone(), key.id.clone());
        tokio::spawn(async move {
            if let Err(error) = store.note_key_use(&id).await {
                tracing::warn!(key = id, %error, "when the key was used could not be noted");
            }
        });
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
