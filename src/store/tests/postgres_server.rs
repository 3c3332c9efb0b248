//! A PostgreSQL of the tests' own: started once, ended with them.

use std::sync::{
    LazyLock,
    atomic::{AtomicU32, Ordering},
};

use sqlx::{ConnectOptions, Executor, postgres::PgConnectOptions};

use super::postgres::Postgres;

// Nobody drops it: its script ends when this process does.
static SERVER: LazyLock<Postgres> = LazyLock::new(Postgres::start);

/// The URL of a database that nobody else uses.
pub(super) async fn new_database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let port = tokio::task::spawn_blocking(|| SERVER.port()).await.unwrap();
    let name = format!("store_{}", NEXT.fetch_add(1, Ordering::SeqCst));
    let options = PgConnectOptions::new().host("127.0.0.1").port(port).username("tests").database("postgres");
    let mut connection = options.connect().await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    format!("postgres://tests@127.0.0.1:{port}/{name}")
}
