//! The root that the programs of a cell's runs see: the cell's folders read-only, and a few places of its own. It is built once
//! in a cell: nothing of it can be changed from inside. What runs write to is mounted on it anew for each ([`super::folders`]).

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Component, Path},
};

use nix::mount::MsFlags;
use polyground_protocol::{CellConfig, View};

use super::{
    super::{
        HOST_NAME, INSIDE_ID,
        mounts::{
            Size, bind, doing, enter, folder, is_reachable, make_private, mounts_below, read_only, tmpfs,
        },
    },
    folders::{RUN_FOLDERS, STAGING},
    holder::proc_folder,
};

/// The home folder's parent and the home folder.
const HOME_FOLDERS: [&str; 2] = ["/home", "/home/user"];

/// What the sandbox brings itself, and so does not take from the cell's root.
const OWN_PLACES: &[&str] =
    &["proc", "sys", "dev", "tmp", "run", "home", "box", "build", "mnt", "polyground", "lost+found"];

/// The devices that a program may use. Whoever has no controlling terminal finds none behind `tty`.
const DEVICES: &[&str] = &["null", "zero", "full", "random", "urandom", "tty"];

/// Links in `/dev` and where they lead.
const DEVICE_LINKS: &[(&str, &str)] = &[
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("ptmx", "pts/ptmx"),
];

/// A tmpfs that only holds folders to mount on.
const SKELETON: Size = Size { bytes: 1 << 20, files: 1024 };

/// Builds the root and makes it this process's own. On top of it each run has its folders mounted, and each of its stages
/// `/proc`, `/tmp`, `/dev/shm` and the home folder.
pub(super) fn build(config: &CellConfig) -> Result<(), String> {
    make_private()?;
    let root = Path::new(&config.mount_point);
    tmpfs(root, SKELETON, 0o755, MsFlags::empty())?;
    show_cell(config, root)?;
    for path in HOME_FOLDERS.iter().chain(&RUN_FOLDERS).chain(&["/tmp", "/run", "/proc", "/dev", STAGING]) {
        folder(&below(root, path), 0o755)?;
    }
    mount_proc(&proc_folder(root))?;
    make_devices(&root.join("dev"))?;
    replace_files(root)?;
    enter(root)?;
    read_only(Path::new("/"))
}

/// `path`, which is absolute, below `root`.
fn below(root: &Path, path: impl AsRef<Path>) -> std::path::PathBuf {
    let inner = path.as_ref().components().filter(|part| matches!(part, Component::Normal(_)));
    inner.fold(root.to_owned(), |joined, part| joined.join(part))
}

/// Shows what the run may see of the cell, read-only down to the last mount: a volume that the image declares would
/// otherwise be a place where one run leaves files for the next.
fn show_cell(config: &CellConfig, root: &Path) -> Result<(), String> {
    show_parts(config, root)?;
    mounts_below(root)?.iter().filter(|path| is_reachable(path)).try_for_each(|path| read_only(path))
}

fn show_parts(config: &CellConfig, root: &Path) -> Result<(), String> {
    match &config.view {
        View::Image => {
            for entry in doing("/", fs::read_dir("/"))? {
                let name = doing("/", entry)?.file_name();
                let own =
                    name.to_str().is_some_and(|name| OWN_PLACES.contains(&name) || name.starts_with('.'));
                if !own {
                    show(&Path::new("/").join(name), root)?;
                }
            }
            Ok(())
        }
        View::Paths(paths) => paths.iter().try_for_each(|path| show(Path::new(path), root)),
    }
}

/// Shows one of the cell's paths in the new root: links as links. What is not there is left out.
fn show(source: &Path, root: &Path) -> Result<(), String> {
    let Ok(metadata) = fs::symlink_metadata(source) else { return Ok(()) };
    let target = below(root, source);
    if let Some(parent) = target.parent() {
        doing(parent.display(), fs::create_dir_all(parent))?;
    }
    if metadata.is_symlink() {
        let leads_to = doing(source.display(), fs::read_link(source))?;
        return doing(source.display(), symlink(leads_to, &target));
    }
    if metadata.is_dir() {
        folder(&target, 0o755)?;
    } else if metadata.is_file() {
        doing(target.display(), fs::write(&target, ""))?;
    } else {
        return Ok(());
    }
    bind(source, &target)
}

/// A fresh proc of this process's own pid namespace. Stages can only mount theirs while a full one is in sight.
fn mount_proc(target: &Path) -> Result<(), String> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    let mounted = nix::mount::mount(Some("proc"), target, Some("proc"), flags, None::<&str>);
    mounted.map_err(|errno| {
        format!(
            "mounting a fresh /proc: {errno}; the cell's own /proc must not have masked or read-only parts \
             (MaskedPaths and ReadonlyPaths empty), and no security module may deny mounts"
        )
    })
}

fn make_devices(dev: &Path) -> Result<(), String> {
    tmpfs(dev, SKELETON, 0o755, MsFlags::MS_NOEXEC)?;
    for device in DEVICES {
        let target = dev.join(device);
        doing(target.display(), fs::write(&target, ""))?;
        bind(&Path::new("/dev").join(device), &target)?;
    }
    for (name, leads_to) in DEVICE_LINKS {
        doing(name, symlink(leads_to, dev.join(name)))?;
    }
    // A stage mounts its own on these; on `pts` only one with a terminal.
    for name in ["shm", "pts"] {
        folder(&dev.join(name), 0o755)?;
    }
    read_only(dev)
}

/// Files of `/etc` that would tell of the cell, or that toolchains miss: a user with a name, a local host.
fn replace_files(root: &Path) -> Result<(), String> {
    let id = INSIDE_ID;
    let files = [
        (
            "/etc/passwd",
            format!(
                "root:x:0:0:root:/root:/usr/sbin/nologin\nuser:x:{id}:{id}:user:/home/user:/bin/sh\n\
                 nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
            ),
        ),
        ("/etc/group", format!("root:x:0:\nuser:x:{id}:\nnogroup:x:65534:\n")),
        ("/etc/hosts", format!("127.0.0.1 localhost {HOST_NAME}\n::1 localhost\n")),
        ("/etc/hostname", format!("{HOST_NAME}\n")),
        ("/etc/resolv.conf", String::new()),
    ];
    for (path, text) in files {
        let target = below(root, path);
        // Without the file there is nothing to put this over: the folder is read-only by now.
        if target.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
            let source = root.join("replacement");
            doing(path, fs::write(&source, text))?;
            bind(&source, &target)?;
            read_only(&target)?;
            doing(path, fs::remove_file(&source))?;
        }
    }
    Ok(())
}
