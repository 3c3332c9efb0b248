//! PostgreSQL's disk fills up.

use std::{fs, path::Path};

use libtest_mimic::Trial;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, postgres::PgConnectOptions};

use crate::{
    postgres::Postgres,
    server::eventually,
    tools::{Disk, HEALED, Small, open, save, trial},
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("postgres::a_full_disk_is_named_and_heals_when_there_is_room", full_disk)]
}

/// Makes a database whose tables are on another disk. Gives its URL.
fn database_on(postgres: &Postgres, disk: &Path) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = PgConnectOptions::new().host("127.0.0.1").port(postgres.port()).username("tests");
        let mut connection = options.database("postgres").connect().await.unwrap();
        let place = format!("CREATE TABLESPACE small LOCATION '{}'", disk.display());
        connection.execute(AssertSqlSafe(place)).await.unwrap();
        connection.execute("CREATE DATABASE small TABLESPACE small").await.unwrap();
    });
    postgres.url().replace("/postgres", "/small")
}

fn full_disk() {
    // It must be PostgreSQL's own folder. A new database has 8 MiB.
    let disk = Disk::in_memory("size=24m,mode=700,uid=postgres,gid=postgres");
    let postgres = Postgres::start();
    let small = Small::start(&["--engine", "local", "--database", &database_on(&postgres, disk.path())]);
    let kept = save(&small.server, "echo kept");
    let filler = disk.path().join("filler");
    // As much as there is, however much that be.
    let _ = fs::write(&filler, vec![b'x'; 32 << 20]);
    let (mut refused, mut saved) = (None, Vec::new());
    for index in 0..400 {
        // Incompressible: it fills pages.
        let noise: String = (0..400).map(|_| uuid::Uuid::now_v7().simple().to_string()).collect();
        let source = format!("echo {index} {noise}");
        let seen = save(&small.server, &source);
        if seen.status != 201 {
            refused = Some(seen);
            break;
        }
        saved.push((seen.body["id"].as_str().unwrap().to_owned(), source));
    }
    let refused = refused.expect("the disk is full");
    assert_eq!((refused.status, refused.kind()), (507, "storage-full"), "{refused:?}");
    small.assert_works(3);
    assert_eq!(open(&small.server, kept.body["id"].as_str().unwrap()).unwrap(), "echo kept");
    for (id, source) in &saved {
        assert_eq!(&open(&small.server, id).unwrap(), source);
    }
    fs::remove_file(&filler).unwrap();
    let heals = || save(&small.server, "echo healed").status == 201;
    assert!(eventually(HEALED, heals), "{}", small.log());
}
