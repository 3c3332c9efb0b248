//! The third layer around a program, where the kernel has it: what a program may do to files, said once more by
//! Landlock, and that neither its signals nor its abstract sockets leave the run.
//!
//! It takes nothing away that a sandbox's mounts and permissions allow on purpose; it holds where they have a hole. Best
//! effort: other layers do not count on it. Loopback connections are a program's own affair and stay free.

use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, Scope,
};

use super::mounts::doing;
use crate::sys;

/// What this module was written against. Of a newer kernel it uses no more than this.
const KNOWN: ABI = ABI::V6;

/// Below this, files cannot be renamed from one folder to another, which programs do.
const LEAST_ABI: u32 = 2;

/// The folders that every run may write to, where there are such.
const WRITABLE: &[&str] = &["/box", "/build", "/tmp", "/dev/shm", "/home/user"];

/// Files that are written to without being changed, and one's own entries of `/proc`, for which the kernel has its own rules.
const SPECIAL: &[&str] = &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/proc"];

/// The controlling terminal, whichever that is.
const CONTROLLING_TERMINAL: &str = "/dev/tty";

/// The rules of one run, ready to be put in force.
pub(crate) struct Fence(Option<RulesetCreated>);

impl Fence {
    /// Rules for the places as they are mounted now: reading and executing everywhere, writing where runs may, and in
    /// `overlay`. A program with a terminal may also open that, and whatever is in `terminals`.
    pub(crate) fn new(overlay: &[String], terminals: Option<&Path>) -> Result<Self, String> {
        if sys::landlock_abi() < LEAST_ABI {
            return Ok(Self(None));
        }
        // Anybody may make a device with the number 0: a whiteout, which has no use here.
        let devices = AccessFs::MakeChar | AccessFs::MakeBlock;
        let read = AccessFs::from_read(KNOWN);
        let write = AccessFs::from_write(KNOWN) & !devices & !BitFlags::from(AccessFs::IoctlDev);
        let special = AccessFs::WriteFile | AccessFs::Truncate | AccessFs::IoctlDev;
        let rules = Ruleset::default().handle_access(AccessFs::from_all(KNOWN));
        let rules = rules.and_then(|rules| rules.scope(Scope::from_all(KNOWN))).and_then(Ruleset::create);
        let mut rules = doing("landlock", rules)?;
        let places = [("/", read)].into_iter();
        let places = places.chain(WRITABLE.iter().map(|path| (*path, write)));
        let places = places.chain(overlay.iter().map(|path| (path.as_str(), write)));
        let places = places.chain(SPECIAL.iter().map(|path| (*path, special)));
        let places = places.map(|(path, access)| (Path::new(path), access));
        let terminals = terminals.into_iter().flat_map(|path| [Path::new(CONTROLLING_TERMINAL), path]);
        for (path, access) in places.chain(terminals.map(|path| (path, special))) {
            // Not every cell has every place.
            let Ok(place) = PathFd::new(path) else { continue };
            let access = if path.is_dir() { access } else { access & AccessFs::from_file(KNOWN) };
            let rule = PathBeneath::new(place, access);
            rules = doing(format_args!("landlock for {}", path.display()), rules.add_rule(rule))?;
        }
        Ok(Self(Some(rules)))
    }

    /// Puts them in force for this process and all that it will start.
    pub(crate) fn apply(&self) -> Result<(), String> {
        let Some(rules) = &self.0 else { return Ok(()) };
        let rules = doing("landlock", rules.try_clone())?;
        doing("landlock", rules.restrict_self()).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs, io,
        net::{TcpListener, TcpStream},
        os::{linux::net::SocketAddrExt, unix::net},
    };

    use nix::{
        errno::Errno,
        sys::{
            signal::kill,
            stat::{Mode, SFlag, mknod},
        },
        unistd::getppid,
    };

    use super::*;

    /// Does something behind a fence. Landlock holds single threads, so the test's own process stays as it is.
    fn behind<T: Send>(overlay: &[String], body: impl FnOnce() -> T + Send) -> Option<T> {
        let fence = Fence::new(overlay, None).unwrap();
        if fence.0.is_none() {
            assert!(sys::landlock_abi() < LEAST_ABI);
            return None;
        }
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                fence.apply().unwrap();
                body()
            });
            Some(thread.join().unwrap())
        })
    }

    fn denied<T>(result: io::Result<T>) -> bool {
        result.is_err_and(|error| error.raw_os_error() == Some(Errno::EACCES as i32))
    }

    /// A folder that no run may write to although its permissions allow it.
    fn elsewhere() -> tempfile::TempDir {
        let folder = tempfile::tempdir_in("/var/tmp").unwrap();
        fs::write(folder.path().join("there"), "text").unwrap();
        folder
    }

    #[test]
    fn outside_of_a_runs_places_everything_can_be_read_and_nothing_written() {
        let folder = elsewhere();
        let (there, new) = (folder.path().join("there"), folder.path().join("new"));
        behind(&[], || {
            assert_eq!(fs::read(&there).unwrap(), b"text");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
            assert!(std::process::Command::new("/bin/sh").args(["-c", "exit 0"]).status().unwrap().success());
            assert!(denied(fs::write(&there, "other")), "written");
            assert!(denied(fs::write(&new, "")), "made");
            assert!(denied(fs::create_dir(&new)), "folder");
            assert!(denied(fs::remove_file(&there)), "removed");
            assert!(denied(std::os::unix::fs::symlink("/", &new)), "link");
        });
        assert_eq!(fs::read(&there).unwrap(), b"text");
    }

    #[test]
    fn an_overlay_can_be_written_to() {
        let folder = elsewhere();
        let overlay = folder.path().display().to_string();
        behind(&[overlay, "/nowhere".into()], || fs::write(folder.path().join("there"), "other").unwrap());
    }

    #[test]
    fn a_runs_places_are_as_free_as_before_but_for_devices() {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let at = |name: &str| folder.path().join(name);
        behind(&[], || {
            fs::create_dir(at("a")).unwrap();
            fs::write(at("a/file"), "text").unwrap();
            fs::rename(at("a/file"), at("file")).unwrap();
            fs::hard_link(at("file"), at("a/link")).unwrap();
            std::os::unix::fs::symlink("file", at("symlink")).unwrap();
            fs::File::options().write(true).truncate(true).open(at("file")).unwrap();
            let _socket = net::UnixListener::bind(at("socket")).unwrap();
            let _other = net::UnixStream::connect(at("socket")).unwrap();
            nix::unistd::mkfifo(&at("fifo"), Mode::S_IRWXU).unwrap();
            fs::remove_dir_all(at("a")).unwrap();
            fs::write("/dev/null", "gone").unwrap();
            fs::write("/proc/thread-self/comm", "named").unwrap();
            assert_eq!(mknod(&at("whiteout"), SFlag::S_IFCHR, Mode::S_IRWXU, 0), Err(Errno::EACCES));
        });
    }

    #[test]
    fn loopback_and_what_belongs_to_the_run_stay_reachable_and_nothing_else() {
        let name = |who: &str| format!("polyground-{who}-{}", std::process::id());
        let outside_name = net::SocketAddr::from_abstract_name(name("outside")).unwrap();
        let _outside = net::UnixListener::bind_addr(&outside_name).unwrap();
        behind(&[], || {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            if sys::landlock_abi() < 6 {
                return;
            }
            let inside_name = net::SocketAddr::from_abstract_name(name("inside")).unwrap();
            let _inside = net::UnixListener::bind_addr(&inside_name).unwrap();
            net::UnixStream::connect_addr(&inside_name).unwrap();
            assert!(net::UnixStream::connect_addr(&outside_name).is_err());
            assert_eq!(kill(getppid(), None), Err(Errno::EPERM));
            let mut child = std::process::Command::new("/bin/sleep").arg("60").spawn().unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
        });
        net::UnixStream::connect_addr(&outside_name).unwrap();
    }
}
