//! What only a file can suffer.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    process::Command,
    time::Instant,
};

use super::draft;
use crate::store::{SqliteStore, Store, StoreError};

async fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(&folder.join("polyground.db")).await.unwrap()
}

#[tokio::test]
async fn what_is_no_database_of_ours_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db");
    let garbage = "This is not a database. ".repeat(200);
    fs::write(&file, &garbage).unwrap();
    let reason = SqliteStore::open(&file).await.err().unwrap().to_string();
    assert!(reason.contains("no SQLite database"), "{reason}");
    assert_eq!(fs::read_to_string(&file).unwrap(), garbage);

    let newer = folder.path().join("newer.db");
    let store = SqliteStore::open(&newer).await.unwrap();
    store.pretend_newer().await;
    store.close().await;
    let reason = SqliteStore::open(&newer).await.err().unwrap().to_string();
    assert!(reason.contains("schema 9999 of a newer server"), "{reason}");
}

#[tokio::test]
async fn a_database_that_another_holds_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let saved = store.save(draft("1"), None, None).await.unwrap();
    let lock = store.hold_lock_elsewhere().await;
    let begun = Instant::now();
    let error = store.save(draft("2"), None, None).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable(reason) if reason.contains("locked")), "{error}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    assert!(store.find(&saved.id).await.is_ok(), "reading goes on");
    drop(lock);
    store.save(draft("2"), None, None).await.unwrap();
}

#[tokio::test]
async fn a_backup_is_a_copy_of_one_moment_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let saved = store.save(draft("1"), None, None).await.unwrap();
    let copy = folder.path().join("copy.db");
    let writing = async {
        for index in 0..50 {
            store.save(draft(&index.to_string()), None, None).await.unwrap();
        }
    };
    let live = folder.path().join("polyground.db");
    let (copied, ()) = tokio::join!(SqliteStore::backup(&live, &copy), writing);
    copied.unwrap();
    let copied = SqliteStore::open(&copy).await.unwrap();
    assert!(copied.is_sound().await);
    assert_eq!(copied.find(&saved.id).await.unwrap().draft, draft("1"));
    let error = SqliteStore::backup(&live, &copy).await.unwrap_err().to_string();
    assert!(error.contains("is there already"), "{error}");
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_told_with_the_cure() {
    let error = SqliteStore::open(Path::new("/proc/polyground/x.db")).await.err().unwrap().to_string();
    assert!(error.contains("folder cannot be made") && error.contains("--data"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.close().await;
    // Root may write everywhere but on what is mounted read-only.
    let Some(_mounted) = Mounted::read_only(folder.path()) else {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        let error = SqliteStore::open(&folder.path().join("new.db")).await.err().unwrap().to_string();
        assert!(error.contains("must be able to write"), "{error}");
        return;
    };
    for file in ["polyground.db", "new.db"] {
        let error = SqliteStore::open(&folder.path().join(file)).await.err().unwrap().to_string();
        assert!(error.contains("must be able to write"), "{file}: {error}");
    }
}

#[tokio::test]
async fn what_is_written_ahead_comes_into_the_file_while_the_store_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let saved = store.save(draft("1"), None, None).await.unwrap();
    // A copy without the log has only what is in the file.
    let in_the_file = async || {
        let copied = tempfile::tempdir().unwrap();
        std::fs::copy(folder.path().join("polyground.db"), copied.path().join("polyground.db")).unwrap();
        match SqliteStore::open(&copied.path().join("polyground.db")).await {
            Ok(copy) => copy.find(&saved.id).await.is_ok(),
            // Copied while it was being written.
            Err(_) => false,
        }
    };
    assert!(!in_the_file().await);
    for _ in 0..60 {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        if in_the_file().await {
            return;
        }
    }
    panic!("still not after a minute");
}

#[tokio::test]
async fn a_full_disk_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_mounted) = Mounted::small(folder.path()) else {
        assert_ne!(fs::metadata("/proc/self").unwrap().uid(), 0, "root must be able to mount a small disk");
        eprintln!("only root can mount a small disk: not tested");
        return;
    };
    let store = open(folder.path()).await;
    let large: String = (0..200_000_u64).map(|n| char::from(b'a' + (n * n % 26) as u8)).collect();
    let mut saved = Vec::new();
    let mut full = None;
    for index in 0..2000 {
        match store.save(draft(&format!("{index}{large}{}", nanoid::nanoid!(20_000))), None, None).await {
            Ok(one) => saved.push(one),
            Err(error) => {
                full = Some(error);
                break;
            }
        }
    }
    assert!(matches!(full, Some(StoreError::Full)), "{full:?}");
    assert!(saved.len() > 2);
    for one in &saved {
        assert!(store.find(&one.id).await.is_ok());
    }
    assert!(store.is_sound().await);
    // Room is made: it goes on.
    assert!(
        Command::new("mount").args(["-o", "remount,size=32m"]).arg(folder.path()).status().unwrap().success()
    );
    let after = store.save(draft("after"), None, None).await.unwrap();
    assert_eq!(store.find(&after.id).await.unwrap().draft, draft("after"));
    store.close().await;
}

/// Something mounted on a folder until it is dropped. `None` for those who may not mount.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    fn small(folder: &'a Path) -> Option<Self> {
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(folder).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }

    fn read_only(folder: &'a Path) -> Option<Self> {
        let bound = Command::new("mount").arg("--bind").args([folder, folder]).output();
        bound.is_ok_and(|output| output.status.success()).then_some(())?;
        let mounted = Self(folder);
        let output = Command::new("mount").args(["-o", "remount,bind,ro"]).arg(folder).output();
        output.is_ok_and(|output| output.status.success()).then_some(mounted)
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}
