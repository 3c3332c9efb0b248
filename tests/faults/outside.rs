//! What a machine does to a server: its disk fills up, somebody holds its database, its clock jumps.

use std::{
    fs,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use sqlx::{ConnectOptions, Connection, Executor, sqlite::SqliteConnectOptions};

use crate::{
    server::{Server, eventually},
    tools::{Disk, HEALED, Seen, Small, only_shell, open, remove, save, trial},
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("disk::a_full_disk_is_named_and_heals_when_there_is_room", full_disk),
        trial("database::a_lock_of_somebody_else_is_named_and_heals_when_it_goes", locked),
        trial("clock::docker::a_clock_that_jumps_ends_nothing_and_delays_nothing", || clock("docker")),
        trial("clock::local::a_clock_that_jumps_ends_nothing_and_delays_nothing", || clock("local")),
    ]
}

fn full_disk() {
    let disk = Disk::in_memory("size=2m");
    let database = format!("sqlite://{}/small.db", disk.path().display());
    let small = Small::start(&["--engine", "local", "--database", &database]);
    let save = |source: String| (save(&small.server, &source), source);
    let (first, _) = save("echo kept".into());
    // Incompressible, or thousands would fit into the last page.
    let noise = || -> String { (0..400).map(|_| uuid::Uuid::now_v7().simple().to_string()).collect() };
    let mut kept: Vec<_> = (0..10).map(|_| save(format!("echo {}", noise()))).collect();
    let filler = disk.path().join("filler");
    // As much as there is, however much that be.
    let _ = fs::write(&filler, vec![b'x'; 4 << 20]);
    let mut refused = None;
    for index in 0..200 {
        let (seen, source) = save(format!("echo {index} {}", noise()));
        if seen.status != 201 {
            refused = Some(seen);
            break;
        }
        kept.push((seen, source));
    }
    let refused = refused.expect("the disk is full");
    assert_eq!((refused.status, refused.kind()), (507, "storage-full"), "{refused:?}");
    // Removing writes, too: what it says must be true, and no server's fault.
    let removed: Vec<_> = kept.iter().map(|(saved, _)| remove(&small.server, &saved.body)).collect();
    let full = (507, "storage-full".to_owned());
    assert!(removed.contains(&full), "{removed:?}");
    assert!(removed.iter().all(|answer| *answer == full || answer.0 == 200), "{removed:?}");
    let is_there = |saved: &Seen| open(&small.server, saved.body["id"].as_str().unwrap()).ok();
    let as_said = || {
        assert_eq!(is_there(&first).as_deref(), Some("echo kept"));
        for ((saved, source), answer) in kept.iter().zip(&removed) {
            assert_eq!(is_there(saved).as_ref(), Some(source).filter(|_| *answer == full), "{answer:?}");
        }
    };
    small.assert_works(3);
    as_said();
    fs::remove_file(&filler).unwrap();
    let heals = || save("echo healed".into()).0.status == 201;
    assert!(eventually(HEALED, heals), "{}", small.log());
    as_said();
    assert_eq!(remove(&small.server, &first.body).0, 200);
    drop(small);
}

fn locked() {
    let small = Small::start(&["--engine", "local"]);
    let id = save(&small.server, "echo kept").body["id"].as_str().unwrap().to_owned();
    let path = small.server.data().path().join("polyground.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut other = runtime.block_on(async {
        let mut other = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
        other.execute("BEGIN EXCLUSIVE").await.unwrap();
        other
    });
    let refused = save(&small.server, "echo lost");
    refused.assert_unavailable(&["store-unavailable"]);
    assert!(refused.took < Duration::from_secs(15), "{refused:?}");
    small.assert_works(2);
    assert_eq!(open(&small.server, &id).unwrap(), "echo kept");
    runtime.block_on(async {
        other.execute("ROLLBACK").await.unwrap();
        other.close().await.unwrap();
    });
    let heals = || save(&small.server, "echo healed").status == 201;
    assert!(eventually(HEALED, heals), "{}", small.log());
}

/// Shows the process another time of day: so many seconds more as a file says. The clocks that only ever go forward are left as
/// they are, as the kernel leaves them when somebody sets its clock.
const SHIFT: &str = r#"
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long shift(void) {
    long seconds = 0;
    FILE *file = fopen(getenv("CLOCK_SHIFT"), "r");
    if (file) {
        if (fscanf(file, "%ld", &seconds) != 1) seconds = 0;
        fclose(file);
    }
    return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += shift();
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}
"#;

fn clock(engine: &str) {
    const YEAR: i64 = 365 * 24 * 3600;
    let folder = tempfile::tempdir().unwrap();
    let (source, library, shift) =
        (folder.path().join("shift.c"), folder.path().join("shift.so"), folder.path().join("seconds"));
    fs::write(&source, SHIFT).unwrap();
    fs::write(&shift, "0").unwrap();
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status();
    assert!(compiled.unwrap().success());
    let runtimes = only_shell();
    let args = ["--engine", engine, "--runtimes", runtimes.path().to_str().unwrap()];
    let data = Arc::new(tempfile::tempdir().unwrap());
    let server = Server::start_in(data, &args, |command| {
        command.env("LD_PRELOAD", &library).env("CLOCK_SHIFT", &shift);
    });
    let small = Small { server, runtimes };
    small.wait_until_ready();
    small.assert_works(1);
    let mut ids = vec![save(&small.server, "echo 0")];
    let set = |seconds: i64| fs::write(&shift, seconds.to_string()).unwrap();
    for (index, seconds) in [YEAR, -YEAR, 0, 3600, -3600, 0].into_iter().enumerate() {
        // Under a run, whose bounds are not the clock's.
        let begun = Instant::now();
        let mut events = small.server.stream(&crate::tools::program("echo begun; sleep 1; echo finished"));
        assert!(events.any(|(name, _)| name == "stdout"));
        set(seconds);
        let (name, done) = events.last().unwrap();
        assert_eq!(
            (name.as_str(), done["outcome"].as_str()),
            ("done", Some("succeeded")),
            "{seconds}: {done}"
        );
        assert!(begun.elapsed() < Duration::from_secs(5), "{seconds}: {:?}", begun.elapsed());
        let total = done["total_ms"].as_f64().unwrap();
        assert!((900.0..5000.0).contains(&total), "{seconds}: {done}");
        small.assert_works(3);
        assert_eq!(small.server.get("/readyz").status(), 200);
        let saved = save(&small.server, &format!("echo {}", index + 1));
        let year = saved.body["created_at"].as_str().unwrap()[..4].parse::<i64>().unwrap();
        let now = 1970
            + (std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64 + seconds) / 31_556_952;
        assert!((year - now).abs() <= 1, "the clock was not shifted by {seconds}: {saved:?}");
        ids.push(saved);
    }
    for (index, saved) in ids.iter().enumerate() {
        let id = saved.body["id"].as_str().unwrap();
        assert_eq!(open(&small.server, id).unwrap(), format!("echo {index}"));
    }
}
