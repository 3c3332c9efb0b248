//! Reads the files that a run has left, after everything of it is dead.
//!
//! What stands there was made by the program: every open is held beneath the folder by the kernel, follows no link and
//! waits for nothing; only plain files are read, and of those only what the bounds allow.

use std::{
    collections::VecDeque,
    os::fd::{BorrowedFd, OwnedFd},
};

use nix::{
    dir::{Dir, Type},
    errno::Errno,
    fcntl::{OFlag, OpenHow, ResolveFlag, openat2},
    sys::stat::{SFlag, fstat},
    unistd::read,
};
use polyground_protocol::{CHUNK_BYTES, Collect, FileChunk, check_path};

/// Entries of all folders that are looked at; a run's file system holds no more (`CellConfig::files_count`).
const MAX_ENTRIES: usize = 8192;

/// Sends the wanted files beneath `work`, in the order of their names. Gives how many of them were left out.
///
/// # Errors
/// Only what `send` gives.
pub(crate) fn collect<E>(
    work: BorrowedFd<'_>,
    wanted: &Collect,
    mut send: impl FnMut(FileChunk) -> Result<(), E>,
) -> Result<u32, E> {
    if check_path(&wanted.folder).is_err() {
        return Ok(0);
    }
    let (mut files, mut left_out) = list(work, wanted);
    files.sort_unstable();
    let (mut sent_files, mut room) = (0, wanted.max_bytes);
    for path in files {
        let readable = if sent_files < wanted.max_files {
            open_file(work, &format!("{}/{path}", wanted.folder), room)
        } else {
            None
        };
        match readable {
            Some((file, bytes)) => {
                sent_files += 1;
                room -= bytes;
                send_file(&file, bytes, &path, &mut send)?;
            }
            None => left_out += 1,
        }
    }
    Ok(left_out)
}

/// The paths of the files with a wanted ending, relative to the wanted folder, and how many had names that are no paths.
fn list(work: BorrowedFd<'_>, wanted: &Collect) -> (Vec<String>, u32) {
    let (mut files, mut left_out, mut entries) = (Vec::new(), 0, 0);
    let mut folders = VecDeque::from([String::new()]);
    while let Some(folder) = folders.pop_front() {
        let path =
            if folder.is_empty() { wanted.folder.clone() } else { format!("{}/{folder}", wanted.folder) };
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY;
        let Ok(Ok(mut dir)) = open_beneath(work, &path, flags).map(Dir::from_fd) else { continue };
        for entry in dir.iter().filter_map(Result::ok) {
            entries += 1;
            if entries > MAX_ENTRIES {
                return (files, left_out);
            }
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let path = name.to_str().ok().map(|name| match folder.as_str() {
                "" => name.to_owned(),
                folder => format!("{folder}/{name}"),
            });
            let Some(path) = path.filter(|path| check_path(path).is_ok()) else {
                left_out += 1;
                continue;
            };
            match entry.file_type() {
                Some(Type::Directory) => folders.push_back(path),
                _ if has_ending(&path, &wanted.extensions) => files.push(path),
                _ => {}
            }
        }
    }
    (files, left_out)
}

fn has_ending(path: &str, endings: &[String]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| endings.iter().any(|wanted| wanted.eq_ignore_ascii_case(ending)))
}

/// Opens a plain file of at most `room` bytes. Gives its size as well.
fn open_file(work: BorrowedFd<'_>, path: &str, room: u64) -> Option<(OwnedFd, u64)> {
    // O_NONBLOCK: a FIFO must not make anybody wait.
    let file = open_beneath(work, path, OFlag::O_RDONLY | OFlag::O_NONBLOCK).ok()?;
    let stat = fstat(&file).ok()?;
    let bytes = u64::try_from(stat.st_size).ok()?;
    let plain = SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT == SFlag::S_IFREG;
    (plain && bytes <= room).then_some((file, bytes))
}

fn open_beneath(work: BorrowedFd<'_>, path: &str, flags: OFlag) -> Result<OwnedFd, Errno> {
    let how = OpenHow::new().flags(flags | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC).resolve(
        ResolveFlag::RESOLVE_BENEATH
            | ResolveFlag::RESOLVE_NO_SYMLINKS
            | ResolveFlag::RESOLVE_NO_MAGICLINKS
            | ResolveFlag::RESOLVE_NO_XDEV,
    );
    openat2(work, path, how)
}

/// Sends `bytes` of a file, part by part; an empty file is one empty part.
fn send_file<E>(
    file: &OwnedFd,
    bytes: u64,
    path: &str,
    send: &mut impl FnMut(FileChunk) -> Result<(), E>,
) -> Result<(), E> {
    let mut left = usize::try_from(bytes).unwrap_or(usize::MAX);
    let mut append = false;
    loop {
        let mut data = vec![0; left.min(CHUNK_BYTES)];
        // Nobody is left who could make the file shorter; one that is (a sparse end that cannot be read) ends here.
        let length = read(file, &mut data).unwrap_or(0);
        data.truncate(length);
        left -= length;
        if length > 0 || !append {
            send(FileChunk { path: path.to_owned(), append, data })?;
        }
        append = true;
        if left == 0 || length == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        convert::Infallible,
        fs,
        os::{fd::AsFd, unix::fs::PermissionsExt, unix::fs::symlink},
        path::Path,
    };

    use super::*;

    fn collected(work: &Path, max_files: u32, max_bytes: u64) -> (BTreeMap<String, Vec<u8>>, u32) {
        let folder = fs::File::open(work).unwrap();
        let wanted = Collect {
            folder: "out".into(),
            extensions: vec!["txt".into(), "png".into()],
            max_files,
            max_bytes,
        };
        let mut files = BTreeMap::<String, Vec<u8>>::new();
        let left_out = collect(folder.as_fd(), &wanted, |part| {
            assert_eq!(part.append, files.contains_key(&part.path));
            files.entry(part.path).or_default().extend(part.data);
            Ok::<_, Infallible>(())
        });
        (files, left_out.unwrap())
    }

    #[test]
    fn plain_files_with_a_wanted_ending_are_sent_whole() {
        let work = tempfile::tempdir().unwrap();
        let out = work.path().join("out");
        fs::create_dir_all(out.join("deep/er")).unwrap();
        fs::write(out.join("b.TXT"), "").unwrap();
        fs::write(out.join("deep/er/a.png"), vec![7; 3 * CHUNK_BYTES + 5]).unwrap();
        fs::write(out.join("secret"), "no").unwrap();
        fs::write(out.join("x.exe"), "no").unwrap();
        fs::write(work.path().join("outside.txt"), "no").unwrap();
        let (files, left_out) = collected(work.path(), 10, 1 << 20);
        assert_eq!(files.keys().collect::<Vec<_>>(), ["b.TXT", "deep/er/a.png"]);
        assert_eq!(files["deep/er/a.png"].len(), 3 * CHUNK_BYTES + 5);
        assert_eq!(left_out, 0);
    }

    #[test]
    fn what_is_no_plain_file_is_left_out_and_nobody_waits() {
        let work = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join("secret.txt"), "secret").unwrap();
        let out = work.path().join("out");
        fs::create_dir(&out).unwrap();
        symlink(elsewhere.path().join("secret.txt"), out.join("link.txt")).unwrap();
        symlink(elsewhere.path(), out.join("folder")).unwrap();
        symlink("/proc/self/environ", out.join("magic.txt")).unwrap();
        nix::unistd::mkfifo(&out.join("fifo.txt"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(out.join("socket.txt")).unwrap();
        fs::create_dir(out.join("folder.txt")).unwrap();
        fs::write(out.join("fine.txt"), "fine").unwrap();
        let (files, left_out) = collected(work.path(), 10, 1 << 20);
        assert_eq!(files, BTreeMap::from([("fine.txt".into(), b"fine".to_vec())]));
        assert_eq!(left_out, 4);
    }

    #[test]
    fn a_folder_that_is_a_link_or_not_there_gives_nothing() {
        let work = tempfile::tempdir().unwrap();
        assert_eq!(collected(work.path(), 10, 100), (BTreeMap::new(), 0));
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join("secret.txt"), "secret").unwrap();
        symlink(elsewhere.path(), work.path().join("out")).unwrap();
        assert_eq!(collected(work.path(), 10, 100), (BTreeMap::new(), 0));
    }

    #[test]
    fn the_bounds_hold() {
        let work = tempfile::tempdir().unwrap();
        let out = work.path().join("out");
        fs::create_dir(&out).unwrap();
        for index in 0..5 {
            fs::write(out.join(format!("{index}.txt")), "0123456789").unwrap();
        }
        let sparse = fs::File::create(out.join("0.png")).unwrap();
        sparse.set_len(1 << 40).unwrap();
        let (files, left_out) = collected(work.path(), 10, 35);
        assert_eq!((files.len(), left_out), (3, 3));
        let (files, left_out) = collected(work.path(), 2, 1000);
        assert_eq!((files.len(), left_out), (2, 4));
    }

    #[test]
    fn names_that_are_no_text_are_left_out() {
        use std::os::unix::ffi::OsStrExt;
        let work = tempfile::tempdir().unwrap();
        let out = work.path().join("out");
        fs::create_dir(&out).unwrap();
        fs::write(out.join(std::ffi::OsStr::from_bytes(b"\xff.txt")), "x").unwrap();
        fs::write(out.join("new\nline.txt"), "x").unwrap();
        fs::set_permissions(&out, fs::Permissions::from_mode(0o755)).unwrap();
        let (files, left_out) = collected(work.path(), 10, 1000);
        assert_eq!((files.len(), left_out), (0, 2));
    }
}
