//! Bounds on a whole cell, where this server may make cgroups: version 1 and version 2.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::engine::CellSpec;

/// Where the kernel shows them.
const MOUNT: &str = "/sys/fs/cgroup";

/// The folder of all Polyground servers of this machine.
const FAMILY: &str = "polyground";

/// Controllers of version 1, each with a hierarchy of its own.
const V1_CONTROLLERS: [&str; 3] = ["memory", "cpuacct", "pids"];

/// Processes and threads that a cell has beside those of its program.
const AGENT_PROCESSES: u32 = 64;

/// How often removing a cgroup is tried: its last process may take a moment to vanish.
const REMOVAL_TRIES: u32 = 40;

/// The cgroups of one server.
#[derive(Debug)]
pub(super) struct Cgroups {
    /// One folder in version 2; one for each of [`V1_CONTROLLERS`] in version 1.
    folders: Vec<PathBuf>,
}

/// The cgroup of one cell.
#[derive(Debug)]
pub(super) struct Cgroup {
    folders: Vec<PathBuf>,
}

impl Cgroups {
    /// Makes this server's folders. Gives why not, where it may not.
    pub(super) fn new(instance: &str) -> Result<Self, String> {
        Self::in_mount(Path::new(MOUNT), instance)
    }

    fn in_mount(mount: &Path, instance: &str) -> Result<Self, String> {
        let error = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
        let roots = if mount.join("cgroup.controllers").exists() {
            let family = mount.join(FAMILY);
            fs::create_dir_all(&family).map_err(|e| error(&family, e))?;
            for parent in [mount, &family] {
                let file = parent.join("cgroup.subtree_control");
                fs::write(&file, "+memory +pids +cpu").map_err(|e| error(&file, e))?;
            }
            vec![family.join(instance)]
        } else {
            V1_CONTROLLERS.iter().map(|name| mount.join(name).join(FAMILY).join(instance)).collect()
        };
        for root in &roots {
            let hierarchy = root.parent().and_then(Path::parent).unwrap_or(mount);
            if !hierarchy.is_dir() {
                return Err(format!("{} is not there", hierarchy.display()));
            }
            fs::create_dir_all(root).map_err(|e| error(root, e))?;
        }
        if let [root] = roots.as_slice() {
            let file = root.join("cgroup.subtree_control");
            fs::write(&file, "+memory +pids +cpu").map_err(|e| error(&file, e))?;
        }
        Ok(Self { folders: roots })
    }

    /// 1 or 2.
    pub(super) fn version(&self) -> u8 {
        if self.folders.len() == 1 { 2 } else { 1 }
    }

    /// A cgroup with a cell's bounds.
    pub(super) fn make(&self, name: &str, spec: &CellSpec) -> io::Result<Cgroup> {
        self.make_by(name, spec, |folder| fs::create_dir(folder))
    }

    /// The same, where a new folder is made by `mkdir`: a kernel fills it with files.
    fn make_by(
        &self,
        name: &str,
        spec: &CellSpec,
        mkdir: impl Fn(&Path) -> io::Result<()>,
    ) -> io::Result<Cgroup> {
        let cgroup = Cgroup { folders: self.folders.iter().map(|folder| folder.join(name)).collect() };
        cgroup.folders.iter().try_for_each(|folder| mkdir(folder))?;
        cgroup.set_memory(spec.memory_bytes)?;
        cgroup.write("pids.max", &(spec.processes + AGENT_PROCESSES).to_string())?;
        Ok(cgroup)
    }
}

impl Drop for Cgroups {
    fn drop(&mut self) {
        for folder in &self.folders {
            let _ = fs::remove_dir(folder);
        }
    }
}

impl Cgroup {
    /// Moves a process here, with all that it will start.
    pub(super) fn take_in(&self, pid: u32) -> io::Result<()> {
        self.folders.iter().try_for_each(|folder| fs::write(folder.join("cgroup.procs"), pid.to_string()))
    }

    /// Bounds memory, and with it swap to none.
    pub(super) fn set_memory(&self, bytes: u64) -> io::Result<()> {
        let bytes = bytes.to_string();
        if self.folders.len() == 1 {
            self.write("memory.max", &bytes)?;
            // Not there on a kernel without swap accounting.
            let _ = self.write("memory.swap.max", "0");
            return Ok(());
        }
        // Each of the two must never pass the other: lowering goes one way round, raising the other.
        let swap = |cgroup: &Self| cgroup.write("memory.memsw.limit_in_bytes", &bytes);
        let before = swap(self);
        self.write("memory.limit_in_bytes", &bytes)?;
        match before.or_else(|_| swap(self)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Writes to the hierarchy that has this file.
    fn write(&self, file: &str, value: &str) -> io::Result<()> {
        let controller = file.split('.').next().unwrap_or(file);
        let folder = match self.folders.as_slice() {
            [only] => only,
            several => V1_CONTROLLERS
                .iter()
                .position(|name| *name == controller)
                .and_then(|index| several.get(index))
                .ok_or(io::ErrorKind::NotFound)?,
        };
        fs::OpenOptions::new().write(true).open(folder.join(file))?;
        fs::write(folder.join(file), value)
    }

    /// Removes it once it is empty.
    pub(super) async fn remove(self) {
        for _ in 0..REMOVAL_TRIES {
            let left =
                self.folders.iter().filter(|folder| folder.exists() && fs::remove_dir(folder).is_err());
            if left.count() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        tracing::warn!(folder = ?self.folders.first(), "a cell's cgroup could not be removed");
    }
}

#[cfg(test)]
mod tests {
    use polyground_protocol::Isolation;

    use super::*;
    use crate::engine::Image;

    fn spec() -> CellSpec {
        CellSpec {
            runtime: "x".into(),
            image: Image { id: "host".into(), size_bytes: None },
            isolation: Isolation::Nested,
            memory_bytes: 1 << 20,
            processes: 10,
            files_bytes: 1 << 20,
            overlay: Vec::new(),
            warm: Vec::new(),
        }
    }

    /// Folders and files as the kernel would make them.
    fn touch(root: &Path, files: &[&str]) {
        for file in files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
    }

    /// The folders of a server on a fake version 2.
    fn version_2(mount: &Path) -> Cgroups {
        touch(mount, &["cgroup.controllers", "cgroup.subtree_control"]);
        touch(mount, &["polyground/cgroup.subtree_control", "polyground/me/cgroup.subtree_control"]);
        Cgroups::in_mount(mount, "me").unwrap()
    }

    #[test]
    fn version_2_has_one_folder_with_all_bounds() {
        let mount = tempfile::tempdir().unwrap();
        let cgroups = version_2(mount.path());
        assert_eq!(cgroups.version(), 2);
        // Without its controllers a folder would have none of the files below.
        for folder in ["", "polyground", "polyground/me"] {
            let file = mount.path().join(folder).join("cgroup.subtree_control");
            assert_eq!(fs::read_to_string(file).unwrap(), "+memory +pids +cpu", "{folder:?}");
        }
        let files = ["memory.max", "memory.swap.max", "pids.max", "cgroup.procs"];
        let kernels = |folder: &Path| {
            touch(folder, &files);
            Ok(())
        };
        let cgroup = cgroups.make_by("c", &spec(), kernels).unwrap();
        cgroup.take_in(4321).unwrap();
        let written = || {
            let folder = mount.path().join("polyground/me/c");
            files.map(|file| fs::read_to_string(folder.join(file)).unwrap())
        };
        assert_eq!(written(), ["1048576", "0", "74", "4321"]);
        cgroup.set_memory(4096).unwrap();
        assert_eq!(written(), ["4096", "0", "74", "4321"]);
    }

    #[test]
    fn version_2_makes_no_cell_whose_bounds_it_cannot_set() {
        let mount = tempfile::tempdir().unwrap();
        let cgroups = version_2(mount.path());
        let with = |name: &str, files: &[&str]| {
            let made = cgroups.make_by(name, &spec(), |folder| {
                touch(folder, files);
                Ok(())
            });
            made.map(drop).map_err(|error| error.kind())
        };
        // A kernel without swap accounting has no bound on it.
        assert_eq!(with("no-swap", &["memory.max", "pids.max"]), Ok(()));
        assert_eq!(with("no-memory", &["pids.max"]), Err(io::ErrorKind::NotFound));
        assert_eq!(with("no-pids", &["memory.max"]), Err(io::ErrorKind::NotFound));
    }

    #[test]
    fn version_1_has_a_folder_for_each_controller() {
        let mount = tempfile::tempdir().unwrap();
        touch(mount.path(), &["memory/x", "cpuacct/x", "pids/x"]);
        let cgroups = Cgroups::in_mount(mount.path(), "me").unwrap();
        assert_eq!(cgroups.version(), 1);
        // No kernel makes the files of the new folder here, so the first bound is refused rather than invented.
        assert!(cgroups.make("c", &spec()).is_err());
        assert!(mount.path().join("memory/polyground/me/c").is_dir());
        let kernels = |folder: &Path| {
            touch(folder, &["memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "pids.max"]);
            Ok(())
        };
        cgroups.make_by("d", &spec(), kernels).unwrap();
        let read = |file| fs::read_to_string(mount.path().join(file)).unwrap();
        assert_eq!(read("memory/polyground/me/d/memory.limit_in_bytes"), "1048576");
        assert_eq!(read("memory/polyground/me/d/memory.memsw.limit_in_bytes"), "1048576");
        assert_eq!(read("pids/polyground/me/d/pids.max"), "74");
    }

    #[test]
    fn without_the_hierarchies_there_are_no_cgroups() {
        let mount = tempfile::tempdir().unwrap();
        assert!(Cgroups::in_mount(mount.path(), "me").is_err());
    }
}
