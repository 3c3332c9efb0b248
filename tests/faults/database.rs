//! The database file is replaced by garbage, removed, or locked by somebody else while the server serves.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use libtest_mimic::Trial;

use crate::{
    server::{BINARY, Server, ended, eventually},
    tools::{HEALED, Small, open, save, trial},
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("database::a_file_exchanged_for_garbage_loses_nothing_and_heals_when_it_is_back", || {
            exchanged(true)
        }),
        trial("database::a_file_that_is_removed_loses_nothing_and_heals_when_it_is_back", || {
            exchanged(false)
        }),
        trial("database::a_file_overwritten_by_garbage_is_named_and_a_backup_brings_all_back", overwritten),
    ]
}

fn file(small: &Small) -> PathBuf {
    small.server.data().path().join("polyground.db")
}

/// Asserts that saving and opening are refused by name, and that programs run all the same.
fn assert_only_snippets_are_missing(small: &Small, id: &str) {
    save(&small.server, "echo lost").assert_unavailable(&["store-unavailable"]);
    open(&small.server, id).expect_err("nothing can be read").assert_unavailable(&["store-unavailable"]);
    small.assert_works(2);
}

/// Another file stands where the database was, or none: whatever is saved now would be lost with the next start.
fn exchanged(by_garbage: bool) {
    let small = Small::start(&["--engine", "local"]);
    let saved = save(&small.server, "echo kept");
    let id = saved.body["id"].as_str().unwrap();
    let (file, aside) = (file(&small), file(&small).with_extension("aside"));
    fs::rename(&file, &aside).unwrap();
    if by_garbage {
        fs::write(&file, "garbage, not a database\n".repeat(1000)).unwrap();
    }
    assert_only_snippets_are_missing(&small, id);
    fs::rename(&aside, &file).unwrap();
    let heals = || save(&small.server, "echo healed").status == 201;
    assert!(eventually(HEALED, heals), "{}", small.log());
    assert_eq!(open(&small.server, id).unwrap(), "echo kept");
}

fn overwritten() {
    let small = Small::start(&["--engine", "local"]);
    let folder = small.runtimes.path().display().to_string();
    let saved = save(&small.server, "echo kept");
    let id = saved.body["id"].as_str().unwrap().to_owned();
    let (file, copy) = (file(&small), file(&small).with_extension("copy"));
    let url = format!("sqlite://{}", file.display());
    let backup = ended(Command::new(BINARY).args(["backup", "--database", &url]).arg(&copy)).0;
    assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));
    // In place, with all that belongs to it: as a failing disk does it.
    for suffix in ["", "-wal", "-shm"] {
        let mut path = file.clone().into_os_string();
        path.push(suffix);
        let length = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        let garbage = "garbage, not a database\n".repeat(usize::try_from(length).unwrap() / 24 + 1);
        fs::write(&path, garbage).unwrap();
    }
    assert_only_snippets_are_missing(&small, &id);
    let data = small.server.data();
    small.server.signal("TERM");
    small.server.wait(Duration::from_secs(20));

    // A server that starts on it refuses, says why and what to do, and leaves the file as it is.
    let before = fs::read(&file).unwrap();
    let args = ["serve", "--listen", "127.0.0.1:0", "--engine", "local", "--runtimes", &folder, "--data"];
    let refused = ended(Command::new(BINARY).args(args).arg(data.path())).0;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success());
    assert!(said.contains("left as it is") && said.contains("polyground.db"), "{said}");
    assert!(said.contains("restore a backup"), "{said}");
    assert_eq!(fs::read(&file).unwrap(), before);

    for suffix in ["-wal", "-shm"] {
        let mut path = file.clone().into_os_string();
        path.push(suffix);
        let _ = fs::remove_file(path);
    }
    fs::rename(&copy, &file).unwrap();
    let args = ["--engine", "local", "--runtimes", &folder];
    let small = Small { server: Server::start_in(data, &args, |_| {}), runtimes: small.runtimes };
    small.wait_until_ready();
    assert_eq!(open(&small.server, &id).unwrap(), "echo kept");
    assert_eq!(save(&small.server, "echo new").status, 201);
    small.assert_works(1);
}
