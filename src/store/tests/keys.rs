//! API keys, in every store.

use super::{Opened, stores};
use crate::store::{Key, KeyCeilings, KeyDraft, KeyHash, Scope};

fn draft(name: &str) -> KeyDraft {
    KeyDraft {
        name: name.into(),
        scopes: vec![Scope::Run, Scope::Admin],
        rate: Some(60),
        concurrency: None,
        ceilings: KeyCeilings { wall_ms: Some(1_000), ..KeyCeilings::default() },
    }
}

#[tokio::test]
async fn a_key_is_found_by_its_hash_alone_also_by_the_next_server() {
    for Opened { store, location, .. } in &stores().await {
        let (key, secret) = store.create_key(draft("\"ü' --")).await.unwrap();
        assert!(secret.starts_with("pg_") && secret.len() == 35, "{location}");
        let other = store.create_key(draft("\"ü' --")).await.unwrap();
        assert!(other.0.id != key.id && other.1 != secret);
        store.close().await;
        let store = location.open().await.unwrap();
        let found = store.key(&KeyHash::of(&secret).unwrap()).await.unwrap().unwrap();
        assert_eq!(found, key, "{location}");
        let Key { scopes, rate, concurrency, ceilings, last_used_at_ms, revoked_at_ms, .. } = found;
        assert_eq!((scopes, rate, concurrency), (vec![Scope::Run, Scope::Admin], Some(60), None));
        assert_eq!((ceilings.wall_ms, ceilings.cpu_ms), (Some(1_000), None));
        assert_eq!((last_used_at_ms, revoked_at_ms), (None, None));
        let unknown = format!("pg_{}", "2".repeat(32));
        assert_eq!(store.key(&KeyHash::of(&unknown).unwrap()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_key_is_revoked_once_and_stays_in_the_list() {
    for Opened { store, location, .. } in &stores().await {
        let (key, secret) = store.create_key(draft("one")).await.unwrap();
        let (other, _) = store.create_key(draft("other")).await.unwrap();
        store.note_key_use(&key.id).await.unwrap();
        assert!(store.revoke_key(&key.id).await.unwrap(), "{location}");
        for id in [key.id.as_str(), "nothing", "\0", "' OR 1=1--"] {
            assert!(!store.revoke_key(id).await.unwrap(), "{location}: {id:?}");
        }
        let found = store.key(&KeyHash::of(&secret).unwrap()).await.unwrap().unwrap();
        assert!(found.revoked_at_ms.is_some() && found.last_used_at_ms.is_some());
        let mut listed = store.keys().await.unwrap();
        listed.sort_by(|one, other| one.name.cmp(&other.name));
        assert_eq!(listed, [found, other]);
    }
}

#[test]
fn what_could_never_be_a_key_is_not_asked_for() {
    let letters = "k".repeat(32);
    assert!(KeyHash::of(&format!("pg_{letters}")).is_some());
    for sent in ["", "pg_", &letters, &format!("PG_{letters}"), &format!("pg_{letters}k"), "pg_' OR 1=1--"] {
        assert!(KeyHash::of(sent).is_none(), "{sent:?}");
    }
    assert!(!format!("{:?}", KeyHash::of(&format!("pg_{letters}"))).contains('1'));
}
