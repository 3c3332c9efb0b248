//! PostgreSQL over TLS: what is asked of its certificate is checked, and what is wrong with it is told.

use std::path::Path;

use sqlx::{ConnectOptions, postgres::PgConnectOptions};

use super::{Store, draft, postgres::Postgres};
use crate::store::PostgresStore;

#[tokio::test]
async fn a_postgresql_is_spoken_to_over_tls_and_only_with_the_certificate_that_is_asked_for() {
    let server = tokio::task::spawn_blocking(Postgres::start_with_tls).await.unwrap();
    let [authority, stranger] = server.authorities();
    let url = |host: &str, mode: &str, authority: &Path| {
        let port = server.port();
        format!("postgres://tests@{host}:{port}/postgres?sslmode={mode}&sslrootcert={}", authority.display())
    };
    // The certificate is for `localhost`: `verify-ca` does not mind where it is.
    for (host, mode) in [("127.0.0.1", "verify-ca"), ("localhost", "verify-ca"), ("localhost", "verify-full")]
    {
        let store = PostgresStore::open(&url(host, mode, &authority)).await.unwrap();
        let saved = store.save(draft("1"), None, None).await.unwrap();
        assert_eq!(store.find(&saved.id).await.unwrap().draft, draft("1"));
        assert!(connections(server.port(), true).await > 0, "{host}, {mode}: not encrypted");
        assert_eq!(connections(server.port(), false).await, 0, "{host}, {mode}: not encrypted");
        store.close().await;
    }
    for (host, mode, authority, says) in [
        ("127.0.0.1", "verify-full", &authority, "127.0.0.1"),
        ("127.0.0.1", "verify-ca", &stranger, "sslrootcert=FILE"),
        ("localhost", "verify-full", &stranger, "sslrootcert=FILE"),
        (
            "localhost",
            "verify-full",
            &server.authorities()[0].with_extension("gone"),
            "URL names is not there",
        ),
    ] {
        let error = PostgresStore::open(&url(host, mode, authority)).await.err().unwrap().to_string();
        assert!(error.contains(says), "{host}, {mode}: {error}");
        assert!(!error.contains(&*authority.to_string_lossy()), "{error}");
    }
}

/// How many of the store's connections are encrypted, or are not.
async fn connections(port: u16, encrypted: bool) -> i64 {
    let options = PgConnectOptions::new().host("127.0.0.1").port(port).username("tests").database("postgres");
    let mut connection = options.connect().await.unwrap();
    sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
         WHERE application_name = 'polyground' AND ssl = $1",
    )
    .bind(encrypted)
    .fetch_one(&mut connection)
    .await
    .unwrap()
}
