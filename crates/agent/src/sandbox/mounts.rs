//! The few kinds of mount that a sandbox is made of.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::{
        ffi::OsStringExt,
        fs::{DirBuilderExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

use nix::{
    errno::Errno,
    mount::{MntFlags, MsFlags, mount, umount2},
    sys::statvfs::{FsFlags, statvfs},
};

/// Says what was being done when something failed.
pub(crate) fn doing<T, E: std::fmt::Display>(
    what: impl std::fmt::Display,
    result: Result<T, E>,
) -> Result<T, String> {
    result.map_err(|error| format!("{what}: {error}"))
}

/// Keeps what is mounted from here on from being seen elsewhere.
pub(crate) fn make_private() -> Result<(), String> {
    let flags = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    doing("making mounts private", mount(None::<&str>, "/", None::<&str>, flags, None::<&str>))
}

/// A folder, unless it is there.
pub(crate) fn folder(path: &Path, mode: u32) -> Result<(), String> {
    match fs::DirBuilder::new().mode(mode).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(format!("making {}: {error}", path.display()))
        }
        // The umask has had its say on the mode.
        Ok(()) => doing(path.display(), fs::set_permissions(path, fs::Permissions::from_mode(mode))),
        Err(_) => Ok(()),
    }
}

/// How large a tmpfs may get.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub bytes: u64,
    pub files: u64,
}

/// A fresh tmpfs at `path`. Nothing in it is a device or gives a user's rights.
pub(crate) fn tmpfs(path: &Path, size: Size, mode: u32, flags: MsFlags) -> Result<(), String> {
    let data = format!("size={},nr_inodes={},mode={mode:o}", size.bytes, size.files);
    let flags = flags | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    doing(
        format_args!("mounting a tmpfs at {}", path.display()),
        mount(Some("tmpfs"), path, Some("tmpfs"), flags, Some(data.as_str())),
    )
}

/// Shows `source`, with everything mounted below it, at `target`.
pub(crate) fn bind(source: &Path, target: &Path) -> Result<(), String> {
    doing(
        format_args!("binding {} at {}", source.display(), target.display()),
        mount(Some(source), target, None::<&str>, MsFlags::MS_BIND | MsFlags::MS_REC, None::<&str>),
    )
}

/// Makes the mount at `path` read-only, without device files and set-user-id programs.
pub(crate) fn read_only(path: &Path) -> Result<(), String> {
    let flags = MsFlags::MS_REMOUNT
        | MsFlags::MS_BIND
        | MsFlags::MS_RDONLY
        | MsFlags::MS_NOSUID
        | MsFlags::MS_NODEV
        | kept_flags(path)?;
    doing(
        format_args!("making {} read-only", path.display()),
        mount(None::<&str>, path, None::<&str>, flags, None::<&str>),
    )
}

/// Whether this process, and so a program, which has fewer rights, can get to `path`.
pub(crate) fn is_reachable(path: &Path) -> bool {
    statvfs(path).is_ok()
}

/// Where something is mounted below `root`, in the order of mounting.
pub(crate) fn mounts_below(root: &Path) -> Result<Vec<PathBuf>, String> {
    const TABLE: &str = "/proc/self/mountinfo";
    let table = doing(TABLE, fs::read(TABLE))?;
    let points =
        table.split(|byte| *byte == b'\n').filter_map(|line| line.split(|byte| *byte == b' ').nth(4));
    let points = points.map(|point| PathBuf::from(OsString::from_vec(unescape(point))));
    Ok(points.filter(|point| point.starts_with(root) && point != root).collect())
}

/// Undoes the `\040` that the kernel writes for a space in a path, and its like.
fn unescape(point: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(point.len());
    let mut rest = point;
    while let [byte, tail @ ..] = rest {
        let (decoded, after) = match rest {
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] => {
                (((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0'), after)
            }
            _ => (*byte, tail),
        };
        plain.push(decoded);
        rest = after;
    }
    plain
}

/// Flags of the mount that the kernel has locked: leaving them out of a remount is refused.
fn kept_flags(path: &Path) -> Result<MsFlags, String> {
    let now = doing(path.display(), statvfs(path))?.flags();
    let pairs = [
        (FsFlags::ST_NOEXEC, MsFlags::MS_NOEXEC),
        (FsFlags::ST_NOATIME, MsFlags::MS_NOATIME),
        (FsFlags::ST_NODIRATIME, MsFlags::MS_NODIRATIME),
        (FsFlags::ST_RELATIME, MsFlags::MS_RELATIME),
    ];
    Ok(pairs.into_iter().filter(|(has, _)| now.contains(*has)).map(|(_, flag)| flag).collect())
}

/// Covers one file with `/dev/null`, where there is such a file.
pub(crate) fn mask(path: &Path) -> Result<(), String> {
    match mount(Some("/dev/null"), path, None::<&str>, MsFlags::MS_BIND, None::<&str>) {
        Err(Errno::ENOENT) => Ok(()),
        result => doing(format_args!("covering {}", path.display()), result),
    }
}

/// Takes the old root, on which the new one was stacked, out of sight.
pub(crate) fn enter(root: &Path) -> Result<(), String> {
    doing("entering the new root", nix::unistd::chdir(root))?;
    doing("changing the root", nix::unistd::pivot_root(".", "."))?;
    doing("leaving the old root", umount2(".", MntFlags::MNT_DETACH))?;
    doing("going to the root", nix::unistd::chdir("/"))
}

/// Unmounts at once, even where it is in use.
pub(crate) fn detach(path: &Path) -> Result<(), String> {
    doing(format_args!("unmounting {}", path.display()), umount2(path, MntFlags::MNT_DETACH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_the_kernels_table_are_read_as_they_are() {
        assert_eq!(unescape(b"/a\\040b\\134c"), b"/a b\\c");
        assert_eq!(unescape(b"/plain\\04"), b"/plain\\04");
    }

    #[test]
    fn mounts_are_listed_below_a_folder_and_not_beside_it() {
        let below = mounts_below(Path::new("/")).unwrap();
        assert!(below.iter().any(|path| path == Path::new("/proc")), "{below:?}");
        assert!(!below.iter().any(|path| path == Path::new("/")));
        assert!(mounts_below(Path::new("/pro")).unwrap().is_empty());
    }
}
