//! A Docker Engine of the tests' own, which may be stopped, killed and frozen. The machine's own is never touched.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::server::{BINARY, docker, ended, eventually};

/// How long an engine may take until it answers.
const START: Duration = Duration::from_secs(30);

/// How long one may take to end when asked to.
const STOP: Duration = Duration::from_secs(30);

/// An engine beside the machine's. Dropping it ends it and removes all that it had.
pub(crate) struct Daemon {
    child: Option<Child>,
    folder: PathBuf,
}

impl Daemon {
    /// Starts an engine without images or networks. It keeps its data on a real disk: overlays cannot lie on one another.
    pub(crate) fn start() -> Self {
        let folder =
            tempfile::Builder::new().prefix("polyground-dockerd-").tempdir_in("/var/tmp").unwrap().keep();
        let mut daemon = Self { child: None, folder };
        daemon.start_again();
        daemon
    }

    /// Starts it on the data that it has.
    pub(crate) fn start_again(&mut self) {
        assert!(self.child.is_none());
        let at = |name: &str| self.folder.join(name);
        let _ = fs::remove_file(at("pid"));
        let log = File::options().create(true).append(true).open(at("log")).unwrap();
        // In a network namespace of its own: a daemon without a bridge removes `docker0`, which is the other daemon's.
        let child = Command::new("unshare")
            .args(["--net", "--", "dockerd"])
            .args(["--bridge=none", "--iptables=false", "--ip6tables=false", "--storage-driver=overlay2"])
            .args(["--host", &self.host(), "--data-root"])
            .arg(at("data"))
            .arg("--exec-root")
            .arg(at("exec"))
            .arg("--pidfile")
            .arg(at("pid"))
            .env_remove("DOCKER_HOST")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
        assert!(eventually(START, || self.answers()), "the engine did not start:\n{}", self.log());
    }

    fn answers(&self) -> bool {
        let mut asked = self.docker(&["version"]);
        asked.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Its address.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.folder.join("docker.sock").display())
    }

    /// The command line client of this engine.
    pub(crate) fn docker(&self, args: &[&str]) -> Command {
        let mut command = docker();
        command.args(["--host", &self.host()]).args(args);
        command
    }

    /// Copies an image from the machine's engine.
    pub(crate) fn take_over(&self, image: &str) {
        let mut save = docker().args(["save", image]).stdout(Stdio::piped()).spawn().unwrap();
        let load = self.docker(&["load"]).stdin(save.stdout.take().unwrap()).stdout(Stdio::null()).status();
        assert!(load.unwrap().success() && save.wait().unwrap().success(), "{image} could not be copied");
    }

    /// The images that runtimes of a folder are started from, as the machine's engine has them.
    pub(crate) fn take_over_images_of(&self, runtimes: &Path) {
        let args = ["images", "list", "--json", "--engine", "docker", "--runtimes"];
        let (listed, _) = ended(Command::new(BINARY).args(args).arg(runtimes));
        let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
        for image in images(&listed) {
            self.take_over(&image);
        }
    }

    /// Containers of servers, in whatever state.
    pub(crate) fn containers(&self) -> Vec<String> {
        let args = ["ps", "--all", "--filter", "label=polyground", "--format", "{{.Names}} {{.Status}}"];
        let output = self.docker(&args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Ends it as an operator does.
    pub(crate) fn stop(&mut self) {
        self.signal("TERM");
        assert!(self.ends(), "it does not end:\n{}", self.log());
    }

    /// Ends it as a crash does.
    pub(crate) fn kill(&mut self) {
        self.signal("KILL");
        assert!(self.ends(), "it does not end:\n{}", self.log());
    }

    /// Makes it answer no more, without an error.
    pub(crate) fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.signal("CONT");
    }

    /// Waits for its end, and then for that of what is killed. Whether it came.
    fn ends(&mut self) -> bool {
        let mut child = self.child.take().unwrap();
        let ended = |child: &mut Child| eventually(STOP, || child.try_wait().unwrap().is_some());
        ended(&mut child) || (child.kill().is_ok() && ended(&mut child))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.thaw();
            if let Ok(output) = self.docker(&["ps", "--all", "--quiet"]).output() {
                let all = String::from_utf8_lossy(&output.stdout).into_owned();
                let all: Vec<_> = all.split_whitespace().collect();
                if !all.is_empty() {
                    let _ = self.docker(&[&["rm", "--force", "--volumes"], &all[..]].concat()).output();
                }
            }
            self.signal("TERM");
            if !self.ends() {
                eprintln!("an engine does not end:\n{}", self.log());
            }
        }
        // What it mounted outlives it where it was killed.
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let ours = mounts.lines().filter_map(|line| line.split(' ').nth(1));
        let mut ours: Vec<_> = ours.filter(|at| Path::new(at).starts_with(&self.folder)).collect();
        ours.sort_by_key(|at| std::cmp::Reverse(at.len()));
        for at in ours {
            let _ = Command::new("umount").args(["--lazy", at]).status();
        }
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("{} could not be removed: {error}", self.folder.display());
        }
    }
}

/// The images of a listing, by all their names at the machine's engine.
fn images(listed: &serde_json::Value) -> Vec<String> {
    let mut names = Vec::new();
    for runtime in listed.as_array().unwrap() {
        let id = runtime["image"].as_str().unwrap_or_else(|| panic!("no image: {listed:#}"));
        let format = "{{range .RepoTags}}{{.}} {{end}}";
        let output = docker().args(["image", "inspect", "--format", format, id]).output().unwrap();
        names.extend(String::from_utf8(output.stdout).unwrap().split_whitespace().map(str::to_owned));
    }
    names
}
