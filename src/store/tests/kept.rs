//! What is written to the database, and what never is.

use std::str::FromStr;

use sqlx::{ConnectOptions, Executor, Row, postgres::PgConnectOptions, sqlite::SqliteConnectOptions};

use super::{Draft, Location, Opened, Program, StoredFile, draft, of_all, stores};
use crate::store::{KeyCeilings, KeyDraft, Scope, content};

/// All rows of both tables: of SQLite the whole file, of PostgreSQL each row as text, where bytes stand in hexadecimal digits.
async fn everything(location: &Location) -> Vec<u8> {
    match location {
        Location::Sqlite(path) => std::fs::read(path).unwrap(),
        Location::Postgres(url) => {
            let mut connection = PgConnectOptions::from_str(url).unwrap().connect().await.unwrap();
            let rows = "SELECT snippets::text FROM snippets UNION ALL SELECT api_keys::text FROM api_keys";
            let rows = connection.fetch_all(rows).await.unwrap();
            rows.iter().flat_map(|row| row.get::<String, _>(0).into_bytes()).collect()
        }
    }
}

fn hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn tokens_and_keys_are_in_no_column() {
    for Opened { store, location, .. } in &stores().await {
        let saved = store.save(draft("1"), of_all("a caller's own key"), None).await.unwrap();
        let ceilings = KeyCeilings::default();
        let key = KeyDraft {
            name: "Name".into(),
            scopes: vec![Scope::Run],
            rate: None,
            concurrency: None,
            ceilings,
        };
        let (_, key) = store.create_key(key).await.unwrap();
        // What was written ahead comes into the file.
        store.close().await;
        let kept = everything(location).await;
        let has = |text: &str| kept.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(has(&saved.id) && has("A title") && has("Name"), "{location}: looked at the wrong thing");
        let token = saved.edit_token.unwrap();
        for secret in [&*token, &key, key.trim_start_matches("pg_"), "a caller's own key"] {
            assert!(!has(secret) && !has(&hexadecimal(secret)), "{location}: {secret} is kept");
        }
    }
}

/// Bytes of the content of the only snippet.
async fn content_bytes(location: &Location) -> i64 {
    let query = "SELECT CAST(length(content) AS BIGINT) FROM snippets";
    match location {
        Location::Sqlite(path) => {
            let mut connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
            connection.fetch_one(query).await.unwrap().get(0)
        }
        Location::Postgres(url) => {
            let mut connection = PgConnectOptions::from_str(url).unwrap().connect().await.unwrap();
            connection.fetch_one(query).await.unwrap().get(0)
        }
    }
}

#[tokio::test]
async fn programs_are_kept_compressed() {
    for Opened { store, location, .. } in &stores().await {
        let source = "for index in range(10):\n    print(index)\n".repeat(10_000);
        let saved = store.save(draft(&source), None, None).await.unwrap();
        let kept = content_bytes(location).await;
        assert!(kept < 10_000, "{location}: {kept} bytes of {}", source.len());
        assert_eq!(store.find(&saved.id).await.unwrap().draft, draft(&source), "{location}");
    }
}

/// What is taken must be read again: a program that would not be unpacked is refused before it is stored.
#[test]
fn a_program_that_would_not_be_read_again_is_refused() {
    let of = |bytes: usize| {
        let Draft { program, .. } = draft("");
        Program { files: vec![StoredFile { name: "x".into(), content: vec![b'x'; bytes] }], ..program }
    };
    let most = usize::try_from(content::MAX_BYTES).unwrap();
    let frame = usize::try_from(content::json_bytes(&of(0))).unwrap();
    let record = |program| {
        let line = serde_json::json!({
            "id": "abc", "created_at_ms": 1, "visibility": "public", "token_hash": "A".repeat(43) + "=",
            "program": program,
        });
        serde_json::from_value::<crate::store::Record>(line).unwrap()
    };
    let largest = record(of(most - frame));
    largest.check().unwrap();
    let packed = content::pack(&content::to_json(&largest.program).unwrap()).unwrap();
    assert!(content::unpack(&packed).unwrap() == largest.program);
    let error = record(of(most - frame + 1)).check().unwrap_err();
    assert!(error.contains("67108865 bytes as JSON, at most 67108864"), "{error}");
}
