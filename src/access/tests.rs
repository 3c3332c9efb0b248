use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;

use super::*;
use crate::store::{Key, KeyDraft, KeyHash, Location, Store};

/// A store of keys that counts how often it is asked, and can be away.
struct Counted {
    store: Arc<dyn Store>,
    asked: AtomicUsize,
    is_away: AtomicBool,
    _folder: tempfile::TempDir,
}

impl Counted {
    async fn new() -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        let store = Location::Sqlite(folder.path().join("x.db")).open().await.unwrap();
        Arc::new(Self { store, asked: 0.into(), is_away: false.into(), _folder: folder })
    }

    async fn key(&self, scopes: &[Scope], rate: Option<u32>, concurrency: Option<u32>) -> (Key, String) {
        let ceilings = KeyCeilings { wall_ms: Some(7), ..KeyCeilings::default() };
        let draft = KeyDraft { name: "x".into(), scopes: scopes.into(), rate, concurrency, ceilings };
        self.store.create_key(draft).await.unwrap()
    }
}

#[async_trait]
impl KeyStore for Counted {
    async fn create_key(&self, draft: KeyDraft) -> Result<(Key, String), StoreError> {
        self.store.create_key(draft).await
    }

    async fn key(&self, hash: &KeyHash) -> Result<Option<Key>, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.is_away.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("away".into()));
        }
        self.store.key(hash).await
    }

    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.store.keys().await
    }

    async fn revoke_key(&self, id: &str) -> Result<bool, StoreError> {
        self.store.revoke_key(id).await
    }

    async fn note_key_use(&self, id: &str) -> Result<(), StoreError> {
        self.store.note_key_use(id).await
    }
}

const RUN: &[Right] = &[Right::Run];
const ADDRESS: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));

fn rules(anonymous: Anonymous, rate: u32) -> Rules {
    Rules { anonymous, rate: NonZeroU32::new(rate), proxies: Proxies::default() }
}

#[tokio::test]
async fn who_may_do_what() {
    let store = Counted::new().await;
    let (_, run) = store.key(&[Scope::Run], None, None).await;
    let (_, snippets) = store.key(&[Scope::Snippets], None, None).await;
    let (_, admin) = store.key(&[Scope::Admin], None, None).await;
    let run_link: &[Right] = &[Right::Run, Right::Links];
    let links_only = Anonymous { links: true, ..Anonymous::NONE };
    type Case<'a> = (Anonymous, &'a [Right], Option<&'a str>, &'a str);
    let table: [Case<'_>; 16] = [
        (Anonymous::ALL, RUN, None, "192.0.2.1"),
        (Anonymous::ALL, &[Right::Admin], None, "this needs an API key with the scope `admin`"),
        (Anonymous::ALL, &[Right::Admin], Some(&run), "this API key does not have the scope `admin`"),
        (Anonymous::ALL, &[Right::Admin], Some(&admin), "key"),
        // Not on the account of the key, which has no right to it.
        (Anonymous::ALL, RUN, Some(&admin), "192.0.2.1"),
        (Anonymous::ALL, RUN, Some(&run), "key"),
        (Anonymous::NONE, RUN, None, "this needs an API key with the scope `run`"),
        (Anonymous::NONE, RUN, Some(&run), "key"),
        (Anonymous::NONE, RUN, Some(&snippets), "this API key does not have the scope `run`"),
        (Anonymous::NONE, &[Right::Links], Some(&snippets), "key"),
        (Anonymous::NONE, &[Right::Links], None, "this needs an API key with the scope `snippets`"),
        (Anonymous::NONE, run_link, Some(&run), "this API key does not have the scope `snippets`"),
        (links_only, run_link, Some(&run), "key"),
        (links_only, run_link, None, "this needs an API key with the scope `run`"),
        (links_only, &[Right::Links], None, "192.0.2.1"),
        (links_only, &[Right::Snippets], None, "this needs an API key with the scope `snippets`"),
    ];
    for (index, (anonymous, rights, sent, expected)) in table.into_iter().enumerate() {
        let access = Access::new(rules(anonymous, 0), store.clone());
        let said = match access.admit(rights, sent, ADDRESS).await {
            Ok(grant) if grant.caller.starts_with("key ") => {
                assert_eq!(grant.ceilings.wall_ms, Some(7));
                "key".to_owned()
            }
            Ok(grant) => {
                assert_eq!(grant.ceilings, KeyCeilings::default());
                grant.caller
            }
            Err(denial) => denial.to_string(),
        };
        assert_eq!(said, expected, "{index}: {rights:?}");
    }
}

#[tokio::test]
async fn the_store_is_asked_once_in_a_while_and_a_revoked_key_ends_with_that() {
    let store = Counted::new().await;
    let (key, sent) = store.key(&[Scope::Run], None, None).await;
    let access = Access::new(rules(Anonymous::NONE, 0), store.clone());
    for _ in 0..50 {
        access.admit(RUN, Some(&sent), ADDRESS).await.unwrap();
    }
    assert_eq!(store.asked.load(Ordering::SeqCst), 1);
    assert!(store.store.revoke_key(&key.id).await.unwrap());
    let begun = std::time::Instant::now();
    while access.admit(RUN, Some(&sent), ADDRESS).await.is_ok() {
        assert!(begun.elapsed() < KEY_MEMORY + Duration::from_secs(2), "it still holds");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(matches!(access.admit(RUN, Some(&sent), ADDRESS).await, Err(Denial::KeyUnknown)));
    let used = store.keys().await.unwrap()[0].last_used_at_ms;
    assert!(used.is_some(), "its use was noted");
}

#[tokio::test]
async fn unknown_keys_are_told_so_and_count_for_their_address() {
    let store = Counted::new().await;
    let access = Access::new(rules(Anonymous::ALL, 3), store.clone());
    let unknown = format!("pg_{}", "2".repeat(32));
    for sent in [unknown.as_str(), "nonsense", ""] {
        assert!(matches!(access.admit(RUN, Some(sent), ADDRESS).await, Err(Denial::KeyUnknown)), "{sent:?}");
    }
    assert_eq!(store.asked.load(Ordering::SeqCst), 1, "only what could be a key is asked for");
    let denial = access.admit(RUN, Some(&unknown), ADDRESS).await.unwrap_err();
    assert!(matches!(denial, Denial::TooOften { most: 3, of_key: false, .. }), "{denial:?}");
}

#[tokio::test]
async fn addresses_and_keys_have_rates_of_their_own() {
    let store = Counted::new().await;
    let (_, sent) = store.key(&[Scope::Run], Some(2), None).await;
    let access = Access::new(rules(Anonymous::ALL, 3), store);
    for _ in 0..3 {
        access.admit(RUN, None, ADDRESS).await.unwrap();
    }
    let Err(Denial::TooOften { most: 3, of_key: false, retry_after }) =
        access.admit(RUN, None, ADDRESS).await
    else {
        panic!("the fourth got through");
    };
    assert!(
        retry_after <= Duration::from_secs(20) && retry_after > Duration::from_secs(15),
        "{retry_after:?}"
    );
    access.admit(RUN, None, "192.0.2.2".parse().ok()).await.unwrap();
    access.admit(RUN, None, None).await.unwrap();
    for _ in 0..2 {
        access.admit(RUN, Some(&sent), ADDRESS).await.unwrap();
    }
    let denial = access.admit(RUN, Some(&sent), ADDRESS).await.unwrap_err();
    assert!(matches!(denial, Denial::TooOften { most: 2, of_key: true, .. }), "{denial:?}");
}

#[tokio::test]
async fn a_key_has_so_many_programs_at_a_time() {
    let store = Counted::new().await;
    let (_, sent) = store.key(&[Scope::Run, Scope::Snippets], None, Some(2)).await;
    let access = Access::new(rules(Anonymous::NONE, 0), store);
    let admit = async |rights| access.admit(rights, Some(&sent), ADDRESS).await;
    let first = admit(RUN).await.unwrap();
    let second = admit(RUN).await.unwrap();
    assert!(matches!(admit(RUN).await, Err(Denial::TooMany { most: 2 })));
    admit(&[Right::Snippets]).await.unwrap();
    drop(first);
    let third = admit(RUN).await.unwrap();
    assert!(matches!(admit(RUN).await, Err(Denial::TooMany { most: 2 })));
    drop((second, third));
    admit(RUN).await.unwrap();
}

#[tokio::test]
async fn without_the_store_only_what_needs_no_key_goes_on() {
    let store = Counted::new().await;
    let (_, sent) = store.key(&[Scope::Run], None, None).await;
    let access = Access::new(rules(Anonymous::ALL, 0), store.clone());
    store.is_away.store(true, Ordering::SeqCst);
    assert!(matches!(access.admit(RUN, Some(&sent), ADDRESS).await, Err(Denial::Store(_))));
    access.admit(RUN, None, ADDRESS).await.unwrap();
    store.is_away.store(false, Ordering::SeqCst);
    access.admit(RUN, Some(&sent), ADDRESS).await.unwrap();
}
