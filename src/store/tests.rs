use std::{fs, path::Path};

use super::{Draft, Program, SqliteStore, Store, StoreError, StoredFile, Visibility};

fn draft(source: &str) -> Draft {
    Draft {
        program: Program {
            language: "x".into(),
            version: Some("^1".into()),
            files: vec![
                StoredFile { name: "main.x".into(), content: source.into() },
                StoredFile { name: "bytes".into(), content: vec![0xff, 0, 1] },
            ],
            stdin: "ü".into(),
            args: vec!["one".into()],
            title: "A title".into(),
            description: String::new(),
            run: Some(serde_json::json!({"outcome": "succeeded"})),
        },
        visibility: Visibility::Unlisted,
        expires_at_ms: None,
        parent: None,
    }
}

async fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(&folder.join("deep/polyground.db")).await.unwrap()
}

#[tokio::test]
async fn what_is_saved_is_found_as_it_was_also_by_the_next_server() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let saved = store.save(draft("print(1)"), None).await.unwrap();
    assert_eq!(saved.id.len(), 11);
    let found = store.find(&saved.id).await.unwrap();
    assert_eq!((found.draft, found.created_at_ms), (draft("print(1)"), saved.created_at_ms));
    store.close().await;
    let store = open(folder.path()).await;
    assert_eq!(store.find(&saved.id).await.unwrap().draft, draft("print(1)"));
    for id in ["", "x", "' OR 1=1--", "\0", &"x".repeat(10_000)] {
        assert!(matches!(store.find(id).await, Err(StoreError::NotFound)), "{id:?}");
    }
}

#[tokio::test]
async fn the_same_key_with_the_same_program_is_one_snippet() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let first = store.save(draft("1"), Some("key")).await.unwrap();
    let again = store.save(draft("1"), Some("key")).await.unwrap();
    assert_eq!((&again.id, again.edit_token), (&first.id, None));
    assert!(matches!(store.save(draft("2"), Some("key")).await, Err(StoreError::KeyReused)));
    let other = store.save(draft("1"), Some("other")).await.unwrap();
    let keyless = store.save(draft("1"), None).await.unwrap();
    assert!(other.id != first.id && keyless.id != first.id);
    let same = futures_util::future::join_all((0..8).map(|_| store.save(draft("3"), Some("race")))).await;
    let ids: std::collections::BTreeSet<_> = same.into_iter().map(|saved| saved.unwrap().id).collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn only_its_token_removes_a_snippet() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let saved = store.save(draft("1"), None).await.unwrap();
    assert!(matches!(store.remove(&saved.id, "wrong").await, Err(StoreError::WrongToken)));
    assert!(matches!(store.remove("nothing", "wrong").await, Err(StoreError::NotFound)));
    store.remove(&saved.id, &saved.edit_token.unwrap()).await.unwrap();
    assert!(matches!(store.find(&saved.id).await, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn what_has_expired_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let past = Draft { expires_at_ms: Some(1), visibility: Visibility::Public, ..draft("1") };
    let future = Draft { expires_at_ms: Some(i64::MAX), visibility: Visibility::Public, ..draft("1") };
    let (past, future) = (store.save(past, None).await.unwrap(), store.save(future, None).await.unwrap());
    assert!(matches!(store.find(&past.id).await, Err(StoreError::NotFound)));
    assert!(store.find(&future.id).await.is_ok());
    let listed: Vec<_> = store.list(None, 10).await.unwrap().into_iter().map(|summary| summary.id).collect();
    assert_eq!(listed, [future.id]);
}

#[tokio::test]
async fn public_snippets_are_listed_page_by_page_and_forks_by_their_parent() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let mut ids = Vec::new();
    for index in 0..7 {
        let public = Draft { visibility: Visibility::Public, ..draft(&index.to_string()) };
        ids.push(store.save(public, None).await.unwrap().id);
    }
    store.save(draft("unlisted"), None).await.unwrap();
    let mut seen = Vec::new();
    let mut after = None;
    for _ in 0..4 {
        let page = store.list(after.as_deref(), 3).await.unwrap();
        seen.extend(page.iter().map(|summary| summary.id.clone()));
        after = page.last().map(|summary| summary.id.clone()).or(after);
    }
    seen.sort();
    ids.sort();
    assert_eq!(seen, ids);
    let fork = Draft { parent: Some(ids[0].clone()), ..draft("fork") };
    let fork = store.save(fork, None).await.unwrap();
    let forks = store.forks(&ids[0], 10).await.unwrap();
    assert_eq!(forks.iter().map(|summary| &summary.id).collect::<Vec<_>>(), [&fork.id]);
    assert_eq!(store.find(&fork.id).await.unwrap().draft.parent.as_ref(), Some(&ids[0]));
}

#[tokio::test]
async fn what_is_no_database_of_ours_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db");
    let garbage = "This is not a database. ".repeat(200);
    fs::write(&file, &garbage).unwrap();
    let reason = SqliteStore::open(&file).await.err().unwrap().to_string();
    assert!(reason.contains("no SQLite database"), "{reason}");
    assert_eq!(fs::read_to_string(&file).unwrap(), garbage);

    let newer = folder.path().join("newer.db");
    let store = SqliteStore::open(&newer).await.unwrap();
    store.pretend_newer().await;
    store.close().await;
    let reason = SqliteStore::open(&newer).await.err().unwrap().to_string();
    assert!(reason.contains("schema 9999 of a newer server"), "{reason}");
}

#[tokio::test]
async fn a_database_that_another_holds_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let saved = store.save(draft("1"), None).await.unwrap();
    let lock = store.hold_lock_elsewhere().await;
    let begun = std::time::Instant::now();
    let error = store.save(draft("2"), None).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable(reason) if reason.contains("locked")), "{error}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    assert!(store.find(&saved.id).await.is_ok(), "reading goes on");
    drop(lock);
    store.save(draft("2"), None).await.unwrap();
}
