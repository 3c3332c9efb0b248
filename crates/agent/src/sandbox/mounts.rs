//! The few kinds of mount that a sandbox is made of.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::Path,
};

use nix::{
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
    if path.exists() { bind(Path::new("/dev/null"), path) } else { Ok(()) }
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
