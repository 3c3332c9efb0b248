//! What one run may write to, mounted on the cell's root before it and taken away after it with all that it left there:
//! unmounting never walks through what a program has made.

use std::{os::fd::OwnedFd, path::Path};

use nix::{
    fcntl::{OFlag, open},
    mount::MsFlags,
    sys::stat::Mode,
};
use polyground_protocol::CellConfig;

use super::super::mounts::{Size, bind, detach, doing, folder, tmpfs};

/// The working folder, with the caller's files.
pub(super) const WORK_FOLDER: &str = "/box";

/// The build folder, kept from stage to stage.
const BUILD_FOLDER: &str = "/build";

/// The folders that every run has.
pub(super) const RUN_FOLDERS: [&str; 2] = [WORK_FOLDER, BUILD_FOLDER];

/// Where file systems are mounted of which only parts are shown. Nothing stays mounted there.
pub(super) const STAGING: &str = "/mnt";

/// Mounts a run's folders. Gives its work folder.
pub(super) fn mount(config: &CellConfig) -> Result<OwnedFd, String> {
    // One tmpfs for both, so that one bound holds for both.
    tmpfs(Path::new(STAGING), run_size(config), 0o755, MsFlags::empty())?;
    for path in RUN_FOLDERS {
        let source = staged(path);
        folder(&source, 0o755)?;
        bind(&source, Path::new(path))?;
    }
    detach(Path::new(STAGING))?;
    overlays(config).try_for_each(|path| overlay(config, path))?;
    let flags = OFlag::O_DIRECTORY | OFlag::O_RDONLY | OFlag::O_CLOEXEC;
    doing("opening the work folder", open(WORK_FOLDER, flags, Mode::empty()))
}

/// Takes a run's folders away. No process may be left that has them.
pub(super) fn unmount(config: &CellConfig) -> Result<(), String> {
    overlays(config).chain(RUN_FOLDERS).try_for_each(|path| detach(Path::new(path)))
}

/// The bound of one of the run's tmpfs.
pub(super) fn run_size(config: &CellConfig) -> Size {
    Size { bytes: config.files_bytes, files: config.files_count }
}

/// The part of the staged file system that is shown at `path`.
fn staged(path: &str) -> std::path::PathBuf {
    Path::new(STAGING).join(path.trim_start_matches('/'))
}

/// The folders of the cell that runs see writable, of those that it has.
fn overlays(config: &CellConfig) -> impl Iterator<Item = &str> {
    config.overlay.iter().map(String::as_str).filter(|path| Path::new(path).is_dir())
}

/// Shows a folder of the cell writable; what is written goes to a tmpfs and ends with the run.
fn overlay(config: &CellConfig, path: &str) -> Result<(), String> {
    tmpfs(Path::new(STAGING), run_size(config), 0o755, MsFlags::empty())?;
    let (upper, work) = (staged("upper"), staged("work"));
    folder(&upper, 0o755)?;
    folder(&work, 0o755)?;
    let data = format!("lowerdir={path},upperdir={},workdir={},userxattr", upper.display(), work.display());
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    let mounted = nix::mount::mount(Some("overlay"), path, Some("overlay"), flags, Some(data.as_str()));
    doing(format_args!("mounting an overlay at {path}"), mounted)?;
    detach(Path::new(STAGING))
}
