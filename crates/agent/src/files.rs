//! Writes a run's files into its working folder, before anything of the run has been executed.
//!
//! Names are checked again although the server has, and every open is held beneath the folder by the kernel: the
//! agent trusts neither the server nor the tree.

use std::os::fd::{BorrowedFd, OwnedFd};

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
    for (end, _) in path.match_indices('/') {
        match mkdirat(folder, &path[..end], Mode::from_bits_retain(0o755)) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(errno) => return Err(format!("the folder of `{path}` could not be made: {errno}")),
        }
    }
    let how = OpenHow::new()
        .flags(OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC)
        .mode(Mode::from_bits_retain(0o644))
        .resolve(
            ResolveFlag::RESOLVE_BENEATH
                | ResolveFlag::RESOLVE_NO_SYMLINKS
                | ResolveFlag::RESOLVE_NO_MAGICLINKS
                | ResolveFlag::RESOLVE_NO_XDEV,
        );
    openat2(folder, path, how).map_err(|errno| format!("`{path}` could not be made: {errno}"))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::fd::AsFd};

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
        std::os::unix::fs::symlink(elsewhere.path(), root.path().join("link")).unwrap();
        let absolute = elsewhere.path().join("x").display().to_string();
        for name in ["../x", absolute.as_str(), "", "a/../../x", "link/x", "link"] {
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
}
