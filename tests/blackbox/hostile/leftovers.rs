//! Files and System V objects that a program may have left on this machine, outside of every sandbox. Containers keep theirs; where
//! a sandbox of the local engine leaks, this is where it shows.

use std::{
    collections::BTreeSet,
    fs,
    ops::RangeInclusive,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use libtest_mimic::Failed;

use crate::server::Server;

/// Where programs put what outlives them.
const PLACES: [&str; 4] = ["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue"];

/// Folders below one of those that are looked into.
const DEPTH: usize = 2;

/// The most entries that are looked at in all, on a machine where others keep much there.
const MOST_ENTRIES: usize = 50_000;

/// What the kernel lists of System V objects.
const TABLES: [&str; 3] = ["/proc/sysvipc/shm", "/proc/sysvipc/sem", "/proc/sysvipc/msg"];

/// The user ids of cells: of the local engine from 200000 on, of containers in 4096 ranges of 4096 from 100000 on. Few others' files have
/// them, and those were there before. The local engine of a server that is not root has no such ids: there only the mark tells.
const CELL_UIDS: RangeInclusive<u32> = 100_000..=16_877_215;

/// What belonged to cells' users before any of our programs has run.
static BEFORE: LazyLock<BTreeSet<String>> = LazyLock::new(|| of_cells(&PLACES.map(PathBuf::from)));

/// Looks at the machine as it is before any hostile program has run.
pub(super) fn remember() {
    LazyLock::force(&BEFORE);
}

/// What carries this mark in its name, or belongs to a cell's user and did not do so before. `data` is the server's folder.
pub(super) fn left(mark: &str, data: &Path) -> Vec<String> {
    let places: Vec<_> = PLACES.iter().map(PathBuf::from).chain([data.to_owned()]).collect();
    let marked = entries(&places).into_iter().map(|(path, _)| path.display().to_string());
    let marked = marked.filter(|path| path.contains(mark));
    marked.chain(of_cells(&places).difference(&BEFORE).cloned()).collect()
}

/// Files and System V objects of cells' users.
fn of_cells(places: &[PathBuf]) -> BTreeSet<String> {
    let files = entries(places).into_iter().filter(|(_, uid)| CELL_UIDS.contains(uid));
    let files = files.map(|(path, uid)| format!("{} of user {uid}", path.display()));
    files.chain(TABLES.iter().flat_map(|table| objects(table))).collect()
}

/// Every entry of these folders and a little way down, with its owner.
fn entries(places: &[PathBuf]) -> Vec<(PathBuf, u32)> {
    let mut found = Vec::new();
    let mut folders: Vec<_> = places.iter().map(|place| (place.clone(), 0)).collect();
    while let Some((folder, depth)) = folders.pop() {
        // Others remove what is theirs while this looks.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() && depth < DEPTH {
                folders.push((entry.path(), depth + 1));
            }
            found.push((entry.path(), metadata.uid()));
            assert!(found.len() < MOST_ENTRIES, "more than {MOST_ENTRIES} files in {places:?}: clean up");
        }
    }
    found
}

/// The rows of one of the kernel's tables that belong to a cell's user.
fn objects(table: &str) -> Vec<String> {
    let text = fs::read_to_string(table).unwrap_or_default();
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    let Some(owner) = columns.iter().position(|column| *column == "uid") else { return Vec::new() };
    let is_cells = |line: &&str| {
        let uid = line.split_whitespace().nth(owner).and_then(|uid| uid.parse().ok());
        uid.is_some_and(|uid| CELL_UIDS.contains(&uid))
    };
    // Only what tells one object from another: the rest changes with its use.
    let name = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    lines.filter(is_cells).map(|line| format!("{table}: {}", name(line))).collect()
}

/// That nothing is found means something only because what is there is found.
pub(super) fn are_seen(server: &Server) -> Result<(), Failed> {
    let mark = super::mark();
    let data = server.data();
    for folder in ["/tmp", "/var/tmp", "/dev/shm"].map(Path::new).into_iter().chain([data.path()]) {
        let file = folder.join(format!("left-{mark}"));
        fs::write(&file, "")?;
        let seen = left(&mark, data.path());
        fs::remove_file(&file)?;
        if !seen.contains(&file.display().to_string()) {
            return Err(format!("{} is not seen: {seen:?}", file.display()).into());
        }
    }
    // Only root can make something that is another user's; and only a server of root's has such users.
    let is_root = fs::metadata("/proc/self")?.uid() == 0;
    if is_root {
        others_are_seen(&mark, data.path())?;
    }
    let seen = left(&mark, data.path());
    if seen.is_empty() { Ok(()) } else { Err(format!("seen although it is gone: {seen:?}").into()) }
}

/// A file without the mark and a message queue, both of a user that no cell of ours has.
fn others_are_seen(mark: &str, data: &Path) -> Result<(), Failed> {
    let uid = *CELL_UIDS.end();
    let file = PathBuf::from(format!("/dev/shm/polyground-test-{}", std::process::id()));
    fs::write(&file, "")?;
    std::os::unix::fs::chown(&file, Some(uid), None)?;
    let as_user = ["--reuid", &uid.to_string(), "--clear-groups", "ipcmk", "-Q"];
    let made = Command::new("setpriv").args(as_user).output()?;
    let seen = left(mark, data);
    fs::remove_file(&file)?;
    let said = String::from_utf8_lossy(&made.stdout).into_owned();
    let queue = said.rsplit(' ').next().unwrap_or_default().trim();
    let removed = Command::new("ipcrm").args(["-q", queue]).status()?;
    let has = |part: &str| seen.iter().any(|what| what.contains(part));
    if removed.success() && has(&format!("of user {uid}")) && has("sysvipc/msg") {
        Ok(())
    } else {
        Err(format!("ipcmk: {made:?}; seen: {seen:?}").into())
    }
}
