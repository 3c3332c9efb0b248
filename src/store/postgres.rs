//! Snippets in PostgreSQL, for several servers that share them.

use std::{str::FromStr, time::Duration};

use async_trait::async_trait;
use nanoid::nanoid;
use sqlx::{
    PgPool, Row,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{
    Draft, OpenError, Position, Record, RequestKey, Saved, Snippet, Store, StoreError, Summary, Visibility,
    content,
    failure::{explain, explain_migration},
    keys::key_store,
    queries::{get, store, summaries},
    record::{self, LETTERS, TOKEN_LETTERS},
    without_password,
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Connections at most. Each costs the database a process.
const CONNECTIONS: u32 = 8;

/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Snippets in PostgreSQL.
pub struct PostgresStore {
    writer: PgPool,
    readers: PgPool,
}

store!(PostgresStore, sqlx::Postgres);
key_store!(PostgresStore);

impl PostgresStore {
    /// Connects to a database, which must be there, and brings its tables up to date. Servers that start at the same time wait
    /// for one another.
    ///
    /// # Errors
    /// When it cannot be reached, or belongs to a newer server. It is left as it is then.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let failed = |reason: String| OpenError { url: without_password(url), reason };
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| failed(explain(&error)))?
            .application_name("polyground");
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await
            .map_err(|error| failed(explain(&error)))?;
        MIGRATIONS.run(&pool).await.map_err(|error| failed(explain_migration(&error)))?;
        Ok(Self { writer: pool.clone(), readers: pool })
    }

    /// A database is where it was as long as it answers.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // as SQLite's, which is a file
    fn in_place(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[cfg(test)]
impl PostgresStore {
    /// What brings a database up to date.
    pub(super) fn migrations() -> &'static Migrator {
        &MIGRATIONS
    }

    /// As a server of a later version leaves a database.
    pub(super) async fn pretend_newer(&self) {
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (9999, 'later', true, '\\x00', 0)",
        )
        .execute(&self.writer)
        .await
        .unwrap();
    }
}
