//! What every store does is tested with each of them.

mod forks;
mod kept;
mod keys;
mod migrations;
#[path = "../../../tests/blackbox/postgres.rs"]
mod postgres;
mod postgres_server;
mod repeats;
mod sqlite;
mod tls;

use std::{collections::BTreeSet, sync::Arc};

use super::{
    Draft, Location, Position, PostgresStore, Program, Record, RequestKey, Store, StoreError, StoredFile,
    Summary, Visibility, is_token, record::new_id,
};

fn draft(source: &str) -> Draft {
    Draft {
        program: Program {
            language: "x".into(),
            version: Some("^1".into()),
            files: vec![
                StoredFile { name: "main.x".into(), content: source.into() },
                StoredFile { name: "bytes".into(), content: vec![0xff, 0, 1] },
            ],
            stdin: "ü\0".into(),
            args: vec!["one".into()],
            title: "A title".into(),
            description: String::new(),
            run: Some(serde_json::json!({"outcome": "succeeded"})),
        },
        visibility: Visibility::Unlisted,
        lifetime_ms: None,
        parent: None,
    }
}

/// The key of a request of somebody who has no API key.
fn of_all(key: &str) -> Option<RequestKey<'_>> {
    Some(RequestKey { key, caller: None })
}

/// A store with the place where it is.
struct Opened {
    store: Arc<dyn Store>,
    location: Location,
    _folder: tempfile::TempDir,
}

/// An empty store of each kind.
async fn stores() -> Vec<Opened> {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Location::Sqlite(folder.path().join("deep/polyground.db"));
    let postgres = Location::Postgres(postgres_server::new_database().await);
    let mut opened = Vec::new();
    for (location, folder) in [(sqlite, folder), (postgres, tempfile::tempdir().unwrap())] {
        opened.push(Opened { store: location.open().await.unwrap(), location, _folder: folder });
    }
    opened
}

#[tokio::test]
async fn what_is_saved_is_found_as_it_was_also_by_the_next_server() {
    for Opened { store, location, .. } in &stores().await {
        let saved = store.save(draft("print(1)"), None, None).await.unwrap();
        assert_eq!(saved.id.len(), 23);
        let found = store.find(&saved.id).await.unwrap();
        assert_eq!((found.draft, found.created_at_ms), (draft("print(1)"), saved.created_at_ms));
        store.close().await;
        let store = location.open().await.unwrap();
        assert_eq!(store.find(&saved.id).await.unwrap().draft, draft("print(1)"));
        for id in ["", "x", "' OR 1=1--", "\0", "é", &"x".repeat(10_000)] {
            assert!(matches!(store.find(id).await, Err(StoreError::NotFound)), "{location}: {id:?}");
            assert!(matches!(store.is_there(id).await, Err(StoreError::NotFound)), "{location}: {id:?}");
            assert!(matches!(store.remove(id, "\0").await, Err(StoreError::NotFound)), "{location}: {id:?}");
            assert!(store.list(Some(id), 3).await.unwrap().is_empty(), "{location}: {id:?}");
        }
    }
}

#[tokio::test]
async fn a_token_removes_and_lists_its_snippets_and_no_others() {
    for Opened { store, .. } in &stores().await {
        let first = store.save(draft("1"), None, None).await.unwrap();
        let token = first.edit_token.unwrap();
        assert!(is_token(&token) && !is_token("' OR 1=1--") && !is_token(&"!".repeat(32)));
        let second = store.save(draft("2"), None, Some(&token)).await.unwrap();
        let strange = store.save(draft("3"), None, None).await.unwrap();
        let mut own = store.owned(&token, None, 10).await.unwrap();
        own.sort_by_key(|summary| summary.id != first.id);
        assert_eq!(own.iter().map(|summary| &summary.id).collect::<Vec<_>>(), [&first.id, &second.id]);
        let page = store.owned(&token, None, 1).await.unwrap();
        let next = store.owned(&token, Some(&page[0].cursor()), 10).await.unwrap();
        assert!(next.len() == 1 && next[0].id != page[0].id);
        assert!(store.owned("\0", None, 10).await.unwrap().is_empty());
        assert!(matches!(store.remove(&strange.id, &token).await, Err(StoreError::WrongToken)));
        assert!(matches!(store.remove("nothing", &token).await, Err(StoreError::NotFound)));
        for id in [&first.id, &second.id] {
            store.remove(id, &token).await.unwrap();
            assert!(matches!(store.find(id).await, Err(StoreError::NotFound)));
        }
    }
}

#[tokio::test]
async fn what_has_expired_is_not_found_and_is_swept() {
    for Opened { store, .. } in &stores().await {
        let expires = |at| Draft { lifetime_ms: at, visibility: Visibility::Public, ..draft("1") };
        let past = store.save(expires(Some(-1)), None, None).await.unwrap();
        let future = store.save(expires(Some(i64::MAX)), None, None).await.unwrap();
        let never = store.save(expires(None), None, None).await.unwrap();
        assert!(matches!(store.find(&past.id).await, Err(StoreError::NotFound)));
        assert!(matches!(store.is_there(&past.id).await, Err(StoreError::NotFound)));
        assert_eq!(store.is_there(&future.id).await.unwrap(), Some(i64::MAX));
        assert_eq!(store.is_there(&never.id).await.unwrap(), None);
        let listed = store.list(None, 10).await.unwrap();
        assert_eq!(listed.len(), 2);
        let start = Position { created_at_ms: i64::MIN, id: String::new() };
        assert_eq!(store.export(&start, 10).await.unwrap().len(), 3);
        assert_eq!((store.sweep().await.unwrap(), store.sweep().await.unwrap()), (1, 0));
        assert_eq!(store.export(&start, 10).await.unwrap().len(), 2);
        assert!(store.find(&future.id).await.is_ok() && store.find(&never.id).await.is_ok());
    }
}

#[tokio::test]
async fn public_snippets_are_listed_page_by_page_and_forks_by_their_parent() {
    for Opened { store, .. } in &stores().await {
        // Some were made in the same millisecond.
        let mut ids = Vec::new();
        for index in 0..7 {
            let public = Draft { visibility: Visibility::Public, ..draft(&index.to_string()) };
            ids.push(store.save(public, None, None).await.unwrap().id);
        }
        let twin = |id: &str| Record {
            id: id.into(),
            created_at_ms: 1,
            expires_at_ms: None,
            visibility: Visibility::Public,
            parent: None,
            token_hash: vec![0; 32],
            request_hash: None,
            program: draft("twin").program,
        };
        for id in ["a", "B", "b", "-", "_"] {
            assert_eq!(store.import(&[twin(id)]).await.unwrap(), 1);
            ids.push(id.into());
        }
        store.save(draft("unlisted"), None, None).await.unwrap();
        let mut seen = Vec::new();
        let mut after = None;
        for _ in 0..6 {
            let page = store.list(after.as_deref(), 3).await.unwrap();
            seen.extend(page.iter().map(|summary| summary.id.clone()));
            after = page.last().map(Summary::cursor).or(after);
        }
        // Byte by byte, whatever the database's language.
        assert_eq!(seen[7..], ["b", "a", "_", "B", "-"]);
        seen.sort();
        ids.sort();
        assert_eq!(seen, ids);
    }
}

#[tokio::test]
async fn a_list_goes_on_behind_one_that_has_been_removed() {
    for Opened { store, location, .. } in &stores().await {
        let public = Draft { visibility: Visibility::Public, ..draft("1") };
        let first = store.save(public.clone(), None, None).await.unwrap();
        let token = first.edit_token.unwrap();
        for _ in 1..5 {
            store.save(public.clone(), None, Some(&token)).await.unwrap();
        }
        let all = store.list(None, 10).await.unwrap();
        assert_eq!(store.list(Some(&all[1].id), 10).await.unwrap(), all[2..], "{location}: by an id");
        store.remove(&all[1].id, &token).await.unwrap();
        let after = all[1].cursor();
        assert_eq!(store.list(Some(&after), 10).await.unwrap(), all[2..], "{location}");
        assert_eq!(store.owned(&token, Some(&after), 2).await.unwrap(), all[2..4], "{location}");
        assert!(store.list(Some(&all[1].id), 10).await.unwrap().is_empty(), "nobody knows where it was");
        for wrong in [".", "1.", ".x", "x.1", "99999999999999999999.x", "1.\0", "-1.-"] {
            assert!(store.list(Some(wrong), 10).await.unwrap().is_empty(), "{location}: {wrong:?}");
        }
    }
}

#[tokio::test]
async fn what_is_exported_is_the_same_in_another_store() {
    let stores = stores().await;
    let [one, other] = &stores[..] else { panic!("two stores") };
    for index in 0..5 {
        let parent = Some("Parent_1".to_owned());
        let draft = Draft { lifetime_ms: Some(1_000_000), parent, ..draft(&index.to_string()) };
        one.store.save(draft, of_all(&format!("key {index}")), None).await.unwrap();
    }
    let all = async |store: &Arc<dyn Store>| {
        let start = Position { created_at_ms: i64::MIN, id: String::new() };
        let lines = store.export(&start, 100).await.unwrap();
        lines.iter().map(|record| serde_json::to_string(record).unwrap()).collect::<Vec<_>>()
    };
    let lines = all(&one.store).await;
    let records: Vec<Record> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    records.iter().for_each(|record| record.check().unwrap());
    for (part, added) in [(&records[..2], 2), (&records[..], 3), (&records[..], 0), (&[][..], 0)] {
        assert_eq!(other.store.import(part).await.unwrap(), added);
    }
    assert_eq!(all(&other.store).await, lines);
    // A request that was answered before is answered alike after.
    let parent = Some("Parent_1".to_owned());
    let again = Draft { lifetime_ms: Some(1_000_000), parent, ..draft("0") };
    let (before, after) = (
        one.store.save(again.clone(), of_all("key 0"), None).await.unwrap(),
        other.store.save(again, of_all("key 0"), None).await.unwrap(),
    );
    assert_eq!(before.id, after.id);
}

/// SECURITY C4: an id that opens an unlisted snippet has 128 bits at least, and goes into a link as it is.
#[test]
fn nobody_guesses_an_id() {
    let ids: BTreeSet<String> = (0..10_000).map(|_| new_id()).collect();
    assert_eq!(ids.len(), 10_000);
    let letters: BTreeSet<char> = ids.iter().flat_map(|id| id.chars()).collect();
    assert!(letters.iter().all(char::is_ascii_alphanumeric), "{letters:?}");
    let bits = f64::from(u32::try_from(letters.len()).unwrap()).log2();
    for id in ids {
        assert!(f64::from(u32::try_from(id.len()).unwrap()) * bits >= 128.0, "{id}");
    }
}

#[test]
fn a_record_from_outside_is_checked() {
    let good = serde_json::json!({
        "id": "abc", "created_at_ms": 1, "visibility": "public", "token_hash": "A".repeat(43) + "=",
        "program": serde_json::to_value(draft("1").program).unwrap(),
    });
    serde_json::from_value::<Record>(good.clone()).unwrap().check().unwrap();
    for (key, value, says) in [
        ("id", serde_json::json!(""), "`id`"),
        ("id", serde_json::json!("a/b"), "`id`"),
        ("id", serde_json::json!("x".repeat(65)), "`id`"),
        ("parent", serde_json::json!("\0"), "`parent`"),
        ("token_hash", serde_json::json!("AAAA"), "32 bytes"),
        ("request_hash", serde_json::json!("AAAA"), "32 bytes"),
    ] {
        let mut bad = good.clone();
        bad[key] = value;
        let error = serde_json::from_value::<Record>(bad).unwrap().check().unwrap_err();
        assert!(error.contains(says), "{error}");
    }
    for bad in ["{}", "[]", "null", "{\"id\": 1}"] {
        assert!(serde_json::from_str::<Record>(bad).is_err(), "{bad}");
    }
}

#[tokio::test]
async fn a_postgresql_is_shared_by_servers_and_refused_when_it_is_of_a_later_schema() {
    let url = postgres_server::new_database().await;
    let store = PostgresStore::open(&url).await.unwrap();
    let second = PostgresStore::open(&url).await.unwrap();
    let saved = second.save(draft("1"), None, None).await.unwrap();
    assert_eq!(store.find(&saved.id).await.unwrap().draft, draft("1"), "two servers share it");
    store.pretend_newer().await;
    let reason = PostgresStore::open(&url).await.err().unwrap().to_string();
    assert!(reason.contains("schema 9999 of a newer server"), "{reason}");
}

#[tokio::test]
async fn servers_that_start_at_once_do_not_get_in_each_others_way() {
    let url = postgres_server::new_database().await;
    let opened = futures_util::future::join_all((0..4).map(|_| PostgresStore::open(&url))).await;
    opened.into_iter().for_each(|store| drop(store.unwrap()));
}

#[tokio::test]
async fn a_postgresql_that_does_not_answer_is_told_without_its_password() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for url in [
        format!("postgres://me:geheim@127.0.0.1:{free}/db?password=geheim"),
        "postgres://me:geheim@127.0.0.1:notaport/db".to_owned(),
    ] {
        let error = Location::Postgres(url).open().await.err().unwrap().to_string();
        assert!(
            error.starts_with("the database postgres://me@127.0.0.1") && !error.contains("geheim"),
            "{error}"
        );
    }
}
