//! What databases say when they cannot, as people and callers are told it.

use sqlx::{migrate::MigrateError, postgres::PgDatabaseError, sqlite::SqliteError};

use super::StoreError;

/// SQLite's own numbers (<https://sqlite.org/rescode.html>), without the extended part.
mod sqlite_code {
    pub(super) const READ_ONLY: i64 = 8;
    pub(super) const CORRUPT: i64 = 11;
    pub(super) const FULL: i64 = 13;
    pub(super) const CANNOT_OPEN: i64 = 14;
    pub(super) const NOT_A_DATABASE: i64 = 26;
}

/// PostgreSQL's `disk_full` (its manual's appendix A).
const POSTGRES_DISK_FULL: &str = "53100";

fn primary_sqlite_code(error: &sqlx::Error) -> Option<i64> {
    let error = error.as_database_error()?;
    error.try_downcast_ref::<SqliteError>()?;
    error.code()?.parse::<i64>().ok().map(|code| code & 0xff)
}

fn is_full(error: &sqlx::Error) -> bool {
    let postgres = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    primary_sqlite_code(error) == Some(sqlite_code::FULL)
        || postgres.is_some_and(|error| error.code() == POSTGRES_DISK_FULL)
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_full(&error) { Self::Full } else { Self::Unavailable(explain(&error)) }
    }
}

pub(super) fn explain(error: &sqlx::Error) -> String {
    match primary_sqlite_code(error) {
        Some(sqlite_code::NOT_A_DATABASE) => {
            "it is no SQLite database; it was left as it is: restore a backup, move it away, or name another file".into()
        }
        Some(sqlite_code::CORRUPT) => {
            "it is damaged; it was left as it is: restore a backup, or move it away".into()
        }
        Some(sqlite_code::READ_ONLY | sqlite_code::CANNOT_OPEN) => {
            format!("{error}: the server's user must be able to write the file and the folder that it is in")
        }
        Some(sqlite_code::FULL) => "its disk is full".into(),
        _ => match error {
            sqlx::Error::Io(inner) if inner.kind() == std::io::ErrorKind::NotFound => {
                format!("{error}: a file or a socket that its URL names is not there")
            }
            // As rustls writes it; there is no type of ours for it.
            _ if error.to_string().contains("UnknownIssuer") => format!(
                "{error}: no authority that is trusted has signed it; `sslrootcert=FILE` in the URL names the one that has"
            ),
            _ => error.to_string(),
        },
    }
}

pub(super) fn explain_migration(error: &MigrateError) -> String {
    match error {
        MigrateError::VersionMissing(version) => format!(
            "it has the schema {version} of a newer server, which this one does not know: start that server, or name another database"
        ),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => explain(error),
        other => other.to_string(),
    }
}
