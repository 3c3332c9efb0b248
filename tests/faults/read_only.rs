//! A database that can only be read: from the start, or from one moment to the next while the server serves.

use std::{fs, path::Path, process::Command};

use libtest_mimic::Trial;
use sqlx::{ConnectOptions, Connection, Executor, postgres::PgConnectOptions, sqlite::SqliteConnectOptions};

use crate::{
    postgres::Postgres,
    server::eventually,
    tools::{Disk, HEALED, Seen, Small, open, refused_start, remove, save, trial},
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "database::a_file_that_may_no_more_be_written_is_named_and_heals_when_it_may",
            becomes_read_only,
        ),
        trial("database::a_disk_that_the_kernel_makes_read_only_is_named_and_a_restart_has_all", disk_fails),
        trial("database::a_server_that_could_not_save_does_not_start", refused_files),
        trial("postgres::one_that_only_reads_is_named_and_heals_when_it_writes", postgres_only_reads),
    ]
}

/// Asserts that all that writes is refused by name, that what is saved can be opened, and that programs run.
fn assert_only_saving_is_missing(small: &Small, saved: &Seen) {
    save(&small.server, "echo lost").assert_unavailable(&["store-unavailable"]);
    assert_eq!(remove(&small.server, &saved.body), (503, "store-unavailable".to_owned()));
    assert_eq!(open(&small.server, saved.body["id"].as_str().unwrap()).unwrap(), "echo kept");
    small.assert_works(2);
}

fn assert_saving_heals(small: &Small, saved: &Seen) {
    let heals = || save(&small.server, "echo healed").status == 201;
    assert!(eventually(HEALED, heals), "{}", small.log());
    assert_eq!(open(&small.server, saved.body["id"].as_str().unwrap()).unwrap(), "echo kept");
    assert_eq!(remove(&small.server, &saved.body).0, 200);
}

/// Nobody can remount read-only what has a file open for writing; this refuses the same writes to the same open files.
fn set_immutable(folder: &Path, sign: char) {
    for file in ["polyground.db", "polyground.db-wal"] {
        let changed = Command::new("chattr").arg(format!("{sign}i")).arg(folder.join(file)).output().unwrap();
        assert!(changed.status.success(), "{}", String::from_utf8_lossy(&changed.stderr));
    }
}

fn becomes_read_only() {
    let small = Small::start(&["--engine", "local"]);
    let saved = save(&small.server, "echo kept");
    let data = small.server.data();
    set_immutable(data.path(), '+');
    // A panic would leave files that nobody can remove.
    let seen = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        assert_only_saving_is_missing(&small, &saved);
    }));
    set_immutable(data.path(), '-');
    if let Err(panic) = seen {
        std::panic::resume_unwind(panic);
    }
    assert_saving_heals(&small, &saved);
}

fn disk_fails() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("disk");
    fs::File::create(&image).unwrap().set_len(64 << 20).unwrap();
    let made = Command::new("mkfs.ext4").arg("-q").arg(&image).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let disk = Disk::in_file(&image);
    let url = |disk: &Disk| format!("sqlite://{}/kept.db", disk.path().display());
    let small = Small::start(&["--engine", "local", "--database", &url(&disk)]);
    let saved = save(&small.server, "echo kept");
    disk.fail();
    assert_only_saving_is_missing(&small, &saved);
    drop(small);
    drop(disk);
    // As after the machine's own restart: the disk's journal has what had been acknowledged.
    let disk = Disk::in_file(&image);
    let small = Small::start(&["--engine", "local", "--database", &url(&disk)]);
    assert_saving_heals(&small, &saved);
    drop(small);
}

fn refused_files() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let small = Small::start(&["--engine", "local"]);
    save(&small.server, "echo kept");
    let live = small.server.data().path().join("polyground.db");
    let copy = folder.path().join("kept.db");
    let url = |path: &Path| format!("sqlite://{}", path.display());
    let backup = Command::new(crate::server::BINARY)
        .args(["backup", "--database", &url(&live)])
        .arg(&copy)
        .output()
        .unwrap();
    assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));

    let newer = tempfile::tempdir().unwrap();
    let later = newer.path().join("later.db");
    fs::copy(&copy, &later).unwrap();
    runtime.block_on(async {
        let mut file = SqliteConnectOptions::new().filename(&later).connect().await.unwrap();
        let row = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                   VALUES (9999, 'later', 1, x'00', 0)";
        file.execute(row).await.unwrap();
        file.close().await.unwrap();
    });
    let said = refused_start(&url(&later));
    assert!(said.contains("later.db") && said.contains("schema 9999 of a newer server"), "{said}");

    let disk = Disk::read_only(folder);
    for file in ["kept.db", "new.db"] {
        let said = refused_start(&url(&disk.path().join(file)));
        assert!(said.contains(file) && said.contains("must be able to write"), "{said}");
    }
}

/// Whether transactions of a PostgreSQL write unless they say otherwise.
fn set_only_reads(postgres: &Postgres, only_reads: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = PgConnectOptions::new().host("127.0.0.1").port(postgres.port()).username("tests");
        let mut connection = options.database("postgres").connect().await.unwrap();
        connection.execute("SET default_transaction_read_only = off").await.unwrap();
        let setting = match only_reads {
            "on" => "ALTER SYSTEM SET default_transaction_read_only = on",
            _ => "ALTER SYSTEM SET default_transaction_read_only = off",
        };
        connection.execute(setting).await.unwrap();
        connection.execute("SELECT pg_reload_conf()").await.unwrap();
        connection.close().await.unwrap();
    });
}

/// As a database does that has been made another's standby, or whose operator keeps it still.
fn postgres_only_reads() {
    let postgres = Postgres::start();
    let small = Small::start(&["--engine", "local", "--database", &postgres.url()]);
    let saved = save(&small.server, "echo kept");
    set_only_reads(&postgres, "on");
    let begins = || save(&small.server, "echo lost").status == 503;
    assert!(eventually(HEALED, begins), "it is told that it only reads");
    assert_only_saving_is_missing(&small, &saved);
    let said = refused_start(&postgres.url());
    assert!(said.contains("read-only"), "{said}");
    set_only_reads(&postgres, "off");
    assert_saving_heals(&small, &saved);
}
