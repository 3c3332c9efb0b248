//! Writes a run's files into its working folder, before anything of the run has been executed.
//!
//! Names are checked again although the server has, and every open is held beneath the folder by the kernel: the
//! agent trusts neither the server nor the tree.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::{
    errno::Errno,
    fcntl::{OFlag, OpenHow, ResolveFlag, openat2},
    sys::stat::{Mode, mkdirat},
    unistd::write,
};
use polyground_protocol::{FileChunk, check_path};

/// The files of one run as they come, part by part.
#[derive(Default)]
pub(crate) struct Writer {
    open: Option<(String, OwnedFd)>,
}

impl Writer {
    /// Writes one part beneath `folder`.
    pub(crate) fn write(&mut self, folder: BorrowedFd<'_>, part: &FileChunk) -> Result<(), String> {
        let file = match self.open.take() {
            Some((path, file)) if part.append && path == part.path => file,
            _ if part.append => return Err(format!("a later part of `{}` came first", part.path)),
            _ => create(folder, &part.path)?,
        };
        let mut rest = part.data.as_slice();
        while !rest.is_empty() {
            match write(&file, rest) {
                Ok(bytes) => rest = &rest[bytes..],
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(format!("`{}` could not be written: {errno}", part.path)),
            }
        }
        self.open = Some((part.path.clone(), file));
        Ok(())
    }
}

fn create(folder: BorrowedFd<'_>, path: &str) -> Result<OwnedFd, String> {
    check_path(path).map_err(|error| format!("the file name `{path}` {error}"))?;
    let mut inner: Option<OwnedFd> = None;
    let mut rest = path;
    while let Some((part, below)) = rest.split_once('/') {
        let at = inner.as_ref().map_or(folder, AsFd::as_fd);
        let entered = enter(at, part);
        inner = Some(entered.map_err(|errno| format!("the folder of `{path}` could not be made: {errno}"))?);
        rest = below;
    }
    let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW;
    open_beneath(inner.as_ref().map_or(folder, AsFd::as_fd), rest, flags, 0o644)
        .map_err(|errno| format!("`{path}` could not be made: {errno}"))
}

/// Opens the folder `name`, made first if need be. One part at a time: `mkdirat` itself would follow links on its way.
fn enter(folder: BorrowedFd<'_>, name: &str) -> nix::Result<OwnedFd> {
    match mkdirat(folder, name, Mode::from_bits_retain(0o755)) {
        Ok(()) | Err(Errno::EEXIST) => {}
        Err(errno) => return Err(errno),
    }
    open_beneath(folder, name, OFlag::O_PATH | OFlag::O_DIRECTORY, 0)
}

fn open_beneath(folder: BorrowedFd<'_>, name: &str, flags: OFlag, mode: u32) -> nix::Result<OwnedFd> {
    let how = OpenHow::new().flags(flags | OFlag::O_CLOEXEC).mode(Mode::from_bits_retain(mode)).resolve(
        ResolveFlag::RESOLVE_BENEATH
            | ResolveFlag::RESOLVE_NO_SYMLINKS
            | ResolveFlag::RESOLVE_NO_MAGICLINKS
            | ResolveFlag::RESOLVE_NO_XDEV,
    );
    openat2(folder, name, how)
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::symlink,
        path::{Path, PathBuf},
    };

    use proptest::prelude::*;

    use super::*;

    fn part(path: &str, append: bool, data: &[u8]) -> FileChunk {
        FileChunk { path: path.into(), append, data: data.to_vec() }
    }

    #[test]
    fn parts_become_whole_files_in_their_folders() {
        let root = tempfile::tempdir().unwrap();
        let folder = fs::File::open(root.path()).unwrap();
        let mut writer = Writer::default();
        writer.write(folder.as_fd(), &part("a/b/c.txt", false, b"one ")).unwrap();
        writer.write(folder.as_fd(), &part("a/b/c.txt", true, b"two")).unwrap();
        writer.write(folder.as_fd(), &part("a/d.txt", false, b"")).unwrap();
        assert_eq!(fs::read(root.path().join("a/b/c.txt")).unwrap(), b"one two");
        assert_eq!(fs::read(root.path().join("a/d.txt")).unwrap(), b"");
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused_whatever_the_server_said() {
        let root = tempfile::tempdir().unwrap();
        let folder = fs::File::open(root.path()).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        symlink(elsewhere.path(), root.path().join("link")).unwrap();
        let absolute = elsewhere.path().join("x").display().to_string();
        for name in ["../x", absolute.as_str(), "", "a/../../x", "link/x", "link/folder/x", "link"] {
            let result = Writer::default().write(folder.as_fd(), &part(name, false, b"x"));
            assert!(result.is_err(), "{name:?} was written");
        }
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_name_is_used_once_and_a_file_is_no_folder() {
        let root = tempfile::tempdir().unwrap();
        let folder = fs::File::open(root.path()).unwrap();
        let mut writer = Writer::default();
        writer.write(folder.as_fd(), &part("a", false, b"1")).unwrap();
        assert!(writer.write(folder.as_fd(), &part("a", false, b"2")).is_err());
        assert!(writer.write(folder.as_fd(), &part("a/b", false, b"2")).is_err());
        assert!(writer.write(folder.as_fd(), &part("c", true, b"2")).is_err());
        assert_eq!(fs::read(root.path().join("a")).unwrap(), b"1");
    }

    /// Everything below a folder, links not followed.
    fn tree(folder: &Path) -> Vec<PathBuf> {
        let mut all = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if !path.is_symlink() && path.is_dir() {
                all.extend(tree(&path));
            }
            all.push(path);
        }
        all
    }

    fn name() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            4 => prop::sample::select(vec![
                "/", "/", "..", ".", "\0", "\\", "-", "@", "a", "b", "link", "out", "file", " ", "\n", "/proc/self/root",
            ]).prop_map(str::to_owned),
            1 => any::<char>().prop_map(String::from),
        ];
        prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn nothing_is_written_but_the_named_file_in_the_folder(
            names in prop::collection::vec(name(), 1..6),
            append: bool,
        ) {
            let place = tempfile::tempdir().unwrap();
            let (root, outside) = (place.path().join("root"), place.path().join("out"));
            for folder in [&root, &outside, &root.join("a")] {
                fs::create_dir(folder).unwrap();
            }
            fs::write(outside.join("file"), "kept").unwrap();
            symlink("../out", root.join("link")).unwrap();
            symlink("../../out/file", root.join("a/link")).unwrap();
            let folder = fs::File::open(&root).unwrap();
            for name in &names {
                let before = tree(&root);
                let there = fs::symlink_metadata(root.join(name.trim_start_matches('/').replace('\0', ""))).is_ok();
                let written = Writer::default().write(folder.as_fd(), &part(name, append, b"x"));
                if written.is_ok() {
                    prop_assert_eq!(check_path(name), Ok(()));
                    prop_assert!(!append && !there, "{:?} was there", name);
                    prop_assert!(fs::symlink_metadata(root.join(name)).unwrap().is_file());
                } else {
                    let files = |tree: Vec<PathBuf>| tree.into_iter().filter(|path| !path.is_dir()).count();
                    prop_assert_eq!(files(before), files(tree(&root)), "{:?}", name);
                }
                prop_assert_eq!(tree(&outside), [outside.join("file")]);
                prop_assert_eq!(fs::read(outside.join("file")).unwrap(), b"kept");
                prop_assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
            }
        }
    }
}
