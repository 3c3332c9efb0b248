//! Requests that are sent again, with an idempotency key.

use std::{collections::BTreeSet, time::Duration};

use super::{Opened, draft, of_all, stores};
use crate::store::{Draft, RequestKey, StoreError, Visibility};

#[tokio::test]
async fn the_same_key_with_the_same_program_is_one_snippet() {
    for Opened { store, .. } in &stores().await {
        let first = store.save(draft("1"), of_all("key"), None).await.unwrap();
        let again = store.save(draft("1"), of_all("key"), None).await.unwrap();
        assert_eq!((&again.id, again.edit_token), (&first.id, None));
        assert!(matches!(store.save(draft("2"), of_all("key"), None).await, Err(StoreError::KeyReused)));
        let other = store.save(draft("1"), of_all("other"), None).await.unwrap();
        let keyless = store.save(draft("1"), None, None).await.unwrap();
        assert!(other.id != first.id && keyless.id != first.id);
        let same = (0..8).map(|_| store.save(draft("3"), of_all("race"), None));
        let same = futures_util::future::join_all(same).await;
        let ids: BTreeSet<_> = same.into_iter().map(|saved| saved.unwrap().id).collect();
        assert_eq!(ids.len(), 1);
    }
}

#[tokio::test]
async fn the_same_key_with_anything_else_is_refused() {
    for Opened { store, location, .. } in &stores().await {
        let first = store.save(draft("1"), of_all("key"), None).await.unwrap();
        let token = first.edit_token.unwrap();
        let stays = |ms| Draft { lifetime_ms: ms, ..draft("2") };
        let second = store.save(stays(Some(60_000)), of_all("other"), Some(&token)).await.unwrap();
        // Later than the first, and still the same request.
        tokio::time::sleep(Duration::from_millis(3)).await;
        for token in [None, Some(&*token)] {
            let again = store.save(stays(Some(60_000)), of_all("other"), token).await.unwrap();
            assert_eq!((again.id, again.edit_token), (second.id.clone(), None), "{location}");
        }
        let strange = "2".repeat(32);
        let public = Draft { visibility: Visibility::Public, ..draft("1") };
        let fork = Draft { parent: Some(first.id), ..draft("1") };
        for (what, draft, key, token) in [
            ("public", public, "key", None),
            ("a fork", fork, "key", None),
            ("with an end", Draft { lifetime_ms: Some(60_000), ..draft("1") }, "key", None),
            ("for ever", stays(None), "other", None),
            ("for longer", stays(Some(60_001)), "other", None),
            ("for another owner", stays(Some(60_000)), "other", Some(&*strange)),
        ] {
            let again = store.save(draft, of_all(key), token).await;
            assert!(matches!(again, Err(StoreError::KeyReused)), "{location}: {what}: {again:?}");
        }
    }
}

#[tokio::test]
async fn a_key_is_free_again_when_its_snippet_has_gone() {
    for Opened { store, location, .. } in &stores().await {
        let short = Draft { lifetime_ms: Some(-1), ..draft("1") };
        let expired = store.save(short.clone(), of_all("key"), None).await.unwrap();
        // Whoever repeats it must not be given a link to nothing.
        let again = store.save(short, of_all("key"), None).await.unwrap();
        assert!(again.id != expired.id && again.edit_token.is_some(), "{location}");
        let other = store.save(draft("2"), of_all("key"), None).await.unwrap();
        assert_eq!(store.find(&other.id).await.unwrap().draft, draft("2"), "{location}");
        store.remove(&other.id, &other.edit_token.unwrap()).await.unwrap();
        let last = store.save(draft("3"), of_all("key"), None).await.unwrap();
        assert_eq!(store.find(&last.id).await.unwrap().draft, draft("3"), "{location}");
    }
}

#[tokio::test]
async fn callers_do_not_share_their_keys() {
    for Opened { store, location, .. } in &stores().await {
        let mut ids = BTreeSet::new();
        for caller in [None, Some("key a"), Some("key b")] {
            let key = Some(RequestKey { key: "1", caller });
            let saved = store.save(draft("1"), key, None).await.unwrap();
            assert_eq!(store.save(draft("1"), key, None).await.unwrap().id, saved.id, "{location}");
            ids.insert(saved.id);
        }
        assert_eq!(ids.len(), 3, "{location}");
    }
}
