//! A store whose operations are timed.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;

use super::{
    Draft, Key, KeyDraft, KeyHash, KeyStore, Position, Record, RequestKey, Saved, Snippet, Store, StoreError,
    Summary,
};
use crate::metrics::Metrics;

/// Another store, each of whose operations is reported with its time.
pub struct TimedStore {
    inner: Arc<dyn Store>,
    metrics: Arc<Metrics>,
}

impl TimedStore {
    /// The same store, timed.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, metrics: Arc<Metrics>) -> Self {
        Self { inner, metrics }
    }

    async fn timed<T>(
        &self,
        operation: &'static str,
        done: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let begun = Instant::now();
        let result = done.await;
        let failed = matches!(result, Err(StoreError::Full | StoreError::Unavailable(_)));
        self.metrics.store_used(operation, begun.elapsed(), failed);
        result
    }
}

#[async_trait]
impl Store for TimedStore {
    async fn save(
        &self,
        draft: Draft,
        key: Option<RequestKey<'_>>,
        token: Option<&str>,
    ) -> Result<Saved, StoreError> {
        self.timed("save", self.inner.save(draft, key, token)).await
    }

    async fn find(&self, id: &str) -> Result<Snippet, StoreError> {
        self.timed("find", self.inner.find(id)).await
    }

    async fn is_there(&self, id: &str) -> Result<Option<i64>, StoreError> {
        self.timed("is_there", self.inner.is_there(id)).await
    }

    async fn remove(&self, id: &str, token: &str) -> Result<(), StoreError> {
        self.timed("remove", self.inner.remove(id, token)).await
    }

    async fn forks(&self, id: &str, limit: u32) -> Result<Vec<Summary>, StoreError> {
        self.timed("forks", self.inner.forks(id, limit)).await
    }

    async fn list(&self, after: Option<&str>, limit: u32) -> Result<Vec<Summary>, StoreError> {
        self.timed("list", self.inner.list(after, limit)).await
    }

    async fn owned(&self, token: &str, after: Option<&str>, limit: u32) -> Result<Vec<Summary>, StoreError> {
        self.timed("owned", self.inner.owned(token, after, limit)).await
    }

    async fn export(&self, after: &Position, limit: u32) -> Result<Vec<Record>, StoreError> {
        self.timed("export", self.inner.export(after, limit)).await
    }

    async fn import(&self, records: &[Record]) -> Result<u64, StoreError> {
        self.timed("import", self.inner.import(records)).await
    }

    async fn sweep(&self) -> Result<u64, StoreError> {
        self.timed("sweep", self.inner.sweep()).await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}

#[async_trait]
impl KeyStore for TimedStore {
    async fn create_key(&self, draft: KeyDraft) -> Result<(Key, String), StoreError> {
        self.timed("create_key", self.inner.create_key(draft)).await
    }

    async fn key(&self, hash: &KeyHash) -> Result<Option<Key>, StoreError> {
        self.timed("key", self.inner.key(hash)).await
    }

    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.timed("keys", self.inner.keys()).await
    }

    async fn revoke_key(&self, id: &str) -> Result<bool, StoreError> {
        self.timed("revoke_key", self.inner.revoke_key(id)).await
    }

    async fn note_key_use(&self, id: &str) -> Result<(), StoreError> {
        self.timed("note_key_use", self.inner.note_key_use(id)).await
    }
}
