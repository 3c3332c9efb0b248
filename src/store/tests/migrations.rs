//! Every earlier schema is brought up to date, and nothing that an earlier server kept is lost.
//!
//! `golden/` has a snippet as the first servers wrote it: the line of an export, and the program as it is packed in a row. It is
//! never written anew. Who adds to a program or a run what old ones do not have must say what stands in its place.

use std::str::FromStr;

use base64::{Engine, engine::general_purpose::STANDARD};
use sqlx::{
    ConnectOptions, Connection, migrate::Migrate, postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};

use super::{Position, Record, StoreError, draft, of_all, postgres_server};
use crate::store::{KeyHash, Location, PostgresStore, SqliteStore, content, record};

const LINE: &str = include_str!("golden/snippet.jsonl");
const CONTENT: &str = include_str!("golden/content.base64");

/// What its row has as a hash only.
const TOKEN: &str = "q7Wd5s2kYtB9xLmV4cNf8HrJ6pGzT3uA";

/// An API key that is there since schema 3.
const KEY: &str = "pg_q7Wd5s2kYtB9xLmV4cNf8HrJ6pGzT3uA";
const KEYS_SINCE: usize = 3;

fn golden() -> Record {
    serde_json::from_str(LINE).unwrap()
}

/// Makes a database as an earlier server left it: with its part of the migrations, a snippet and, where there were some, a key.
macro_rules! make_schema {
    ($options:expr, $migrations:expr, $schema:expr) => {{
        let (mut connection, table) = ($options.connect().await.unwrap(), "_sqlx_migrations");
        connection.ensure_migrations_table(table).await.unwrap();
        for migration in $migrations.iter().take($schema) {
            connection.apply(table, migration).await.unwrap();
        }
        let (old, content) = (golden(), STANDARD.decode(CONTENT.trim()).unwrap());
        let json = content::to_json(&old.program).unwrap();
        sqlx::query(
            "INSERT INTO snippets (id, created_at, expires_at, visibility, language, title, parent, token_hash, \
             request_hash, content_hash, content) VALUES ($1, $2, $3, 'public', $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(&old.id)
        .bind(old.created_at_ms)
        .bind(old.expires_at_ms)
        .bind(&old.program.language)
        .bind(&old.program.title)
        .bind(&old.parent)
        .bind(&old.token_hash)
        .bind(&old.request_hash)
        .bind(record::content_hash(&json, old.parent.as_deref()))
        .bind(content)
        .execute(&mut connection)
        .await
        .unwrap();
        if $schema >= KEYS_SINCE {
            sqlx::query(
                "INSERT INTO api_keys (id, name, key_hash, scopes, rate, ceilings, created_at) \
                 VALUES ('k', 'Old', $1, 'run admin', 60, '{\"wall_ms\":1000}', 1)",
            )
            .bind(record::hash(&[KEY.as_bytes()]))
            .execute(&mut connection)
            .await
            .unwrap();
        }
        connection.close().await.unwrap();
    }};
}

/// Opens what an earlier server left with so many migrations, and asserts that all of it is there and works.
async fn assert_all_is_there(location: &Location, schema: usize) {
    let store = location.open().await.unwrap();
    let (old, at) = (golden(), format!("{location}, schema {schema}"));
    let found = store.find(&old.id).await.unwrap();
    assert_eq!((&found.draft.program, found.created_at_ms), (&old.program, old.created_at_ms), "{at}");
    assert_eq!((found.draft.visibility, found.expires_at_ms()), (old.visibility, old.expires_at_ms), "{at}");
    assert_eq!(store.list(None, 10).await.unwrap()[0].id, old.id, "{at}");
    let start = Position { created_at_ms: i64::MIN, id: String::new() };
    assert_eq!(store.export(&start, 10).await.unwrap(), std::slice::from_ref(&old), "{at}");
    // A request that was answered before the update is answered alike after it.
    let again = crate::store::Draft { parent: old.parent.clone(), ..found.draft };
    let again = store.save(again, of_all("the first request"), None).await.unwrap();
    assert_eq!(again.id, old.id, "{at}");
    let saved = store.save(draft("1"), None, None).await.unwrap();
    assert_eq!(store.find(&saved.id).await.unwrap().draft, draft("1"), "{at}");
    let key = store.key(&KeyHash::of(KEY).unwrap()).await.unwrap();
    let key = key.map(|key| (key.rate, key.concurrency, key.ceilings.wall_ms));
    assert_eq!(key, (schema >= KEYS_SINCE).then_some((Some(60), None, Some(1000))), "{at}");
    assert_eq!(store.owned(TOKEN, None, 10).await.unwrap().len(), 1, "{at}");
    store.remove(&old.id, TOKEN).await.unwrap();
    assert!(matches!(store.find(&old.id).await, Err(StoreError::NotFound)), "{at}");
    store.close().await;
}

#[tokio::test]
async fn every_earlier_schema_of_sqlite_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let schemas = SqliteStore::migrations().iter().count();
    assert!(schemas > KEYS_SINCE);
    for schema in 1..=schemas {
        let path = folder.path().join(format!("{schema}.db"));
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        make_schema!(options, SqliteStore::migrations(), schema);
        assert_all_is_there(&Location::Sqlite(path.clone()), schema).await;
        assert!(SqliteStore::open(&path).await.unwrap().is_sound().await, "schema {schema}");
    }
}

#[tokio::test]
async fn every_earlier_schema_of_postgresql_is_brought_up_to_date() {
    let schemas = PostgresStore::migrations().iter().count();
    assert_eq!(schemas, SqliteStore::migrations().iter().count(), "the two have the same numbers");
    for schema in 1..=schemas {
        let url = postgres_server::new_database().await;
        let options = PgConnectOptions::from_str(&url).unwrap();
        make_schema!(options, PostgresStore::migrations(), schema);
        assert_all_is_there(&Location::Postgres(url), schema).await;
    }
}

/// A backup is made before an update: it must not be the update.
#[tokio::test]
async fn a_backup_leaves_the_file_of_an_earlier_server_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (live, copy) = (folder.path().join("live.db"), folder.path().join("copy.db"));
    let options = SqliteConnectOptions::new().filename(&live).create_if_missing(true);
    make_schema!(options, SqliteStore::migrations(), 1);
    let before = std::fs::read(&live).unwrap();
    SqliteStore::backup(&live, &copy).await.unwrap();
    assert!(std::fs::read(&live).unwrap() == before, "the live file was changed");
    assert_all_is_there(&Location::Sqlite(copy), 1).await;
    let missing = folder.path().join("missing.db");
    SqliteStore::backup(&missing, &folder.path().join("other.db")).await.unwrap_err();
    assert!(!missing.exists());
}

/// What exports had years ago is still read, whole.
#[test]
fn the_line_of_an_old_export_is_imported() {
    let old = golden();
    old.check().unwrap();
    assert_eq!(old.program.files[1].content, [0xff, 0, 1]);
    let packed = STANDARD.decode(CONTENT.trim()).unwrap();
    assert_eq!(content::unpack(&packed).unwrap(), old.program);
}
