//! What several faults need: servers with one runtime, programs, and what became of them.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{self, Command},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

use crate::server::{BINARY, Server, eventually, repository};

/// How soon after its cause has gone a fault must be over.
pub(crate) const HEALED: Duration = Duration::from_secs(10);

/// How long the runtime may take until it is ready.
const READY: Duration = Duration::from_secs(60);

/// Both engines.
pub(crate) const ENGINES: [&str; 2] = ["docker", "local"];

/// How long a test may take. The longest takes two minutes where the machine has nothing else to do.
pub(crate) const LONGEST: Duration = Duration::from_secs(8 * 60);

/// A test by itself.
pub(crate) fn trial(name: impl Into<String>, test: impl FnOnce() + Send + 'static) -> Trial {
    let name = name.into();
    Trial::test(name.clone(), move || {
        let _watched = Watched::start(name, LONGEST);
        test();
        Ok(())
    })
}

/// Something that must be over, and this dropped, in time: else its name is told and the process ended, because nothing else can
/// end a thread that hangs, and a run of tests that hangs says nothing.
pub(crate) struct Watched {
    _lives: Sender<()>,
}

impl Watched {
    pub(crate) fn start(name: String, longest: Duration) -> Self {
        let (lives, over) = channel();
        thread::spawn(move || {
            if over.recv_timeout(longest) == Err(RecvTimeoutError::Timeout) {
                eprintln!("{name} hangs: it is not over after {longest:?}. All tests are given up.");
                // Its servers and engines, which would go on.
                let _ = Command::new("pkill").args(["-TERM", "-P", &process::id().to_string()]).status();
                process::abort();
            }
        });
        Self { _lives: lives }
    }
}

/// Raises a flag when it is dropped, so that threads which go on until then also end when the test that started them panics:
/// a scope waits for all of its threads before it lets a panic through.
pub(crate) struct Raise<'a>(pub(crate) &'a AtomicBool);

impl Drop for Raise<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A folder with the shell's runtime and no other, as the repository has it.
pub(crate) fn only_shell() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = fs::read_dir(repository().join("runtimes")).unwrap().map(|entry| entry.unwrap().path());
    let shell = from.filter(|path| path.join("runtime.yaml").exists()).find(|path| {
        fs::read_to_string(path.join("runtime.yaml")).unwrap().lines().any(|line| line == "language: shell")
    });
    let shell = shell.expect("the repository has a shell");
    symlink(&shell, folder.path().join(shell.file_name().unwrap())).unwrap();
    folder
}

/// A program of the shell.
pub(crate) fn program(source: &str) -> Value {
    json!({"language": "shell", "files": [{"name": "main.sh", "content": source}]})
}

/// A server with the shell only, ready.
pub(crate) struct Small {
    pub(crate) server: Server,
    /// The folder with its runtime.
    pub(crate) runtimes: tempfile::TempDir,
}

impl Small {
    pub(crate) fn start(args: &[&str]) -> Self {
        let runtimes = only_shell();
        let folder = runtimes.path().display().to_string();
        let server = Server::start(&[args, &["--runtimes", &folder]].concat());
        let small = Self { server, runtimes };
        small.wait_until_ready();
        small
    }

    pub(crate) fn wait_until_ready(&self) {
        let ready = || !self.server.ready("shell").is_empty();
        assert!(eventually(READY, ready), "{}", self.log());
    }

    pub(crate) fn log(&self) -> String {
        self.server.log.lock().unwrap().clone()
    }

    /// Whether a program gets its right answer now.
    pub(crate) fn works(&self) -> Result<(), String> {
        let seen = Seen::of(&self.server, &program("echo $((6 * 7))"));
        if seen.status == 200 && seen.outcome() == "succeeded" && seen.stdout() == "42\n" {
            Ok(())
        } else {
            Err(format!("{seen:?}"))
        }
    }

    /// Asserts that programs get their right answers within [`HEALED`]. Gives how long that took.
    pub(crate) fn assert_heals(&self) -> Duration {
        let begun = Instant::now();
        let mut last = String::new();
        let healed = eventually(HEALED, || match self.works() {
            Ok(()) => true,
            Err(why) => {
                last = why;
                false
            }
        });
        assert!(healed, "not healed after {:?}: {last}\n{}", begun.elapsed(), self.log());
        begun.elapsed()
    }

    /// Asserts that each program gets its right answer from now on.
    pub(crate) fn assert_works(&self, times: usize) {
        for _ in 0..times {
            if let Err(why) = self.works() {
                panic!("{why}\n{}", self.log());
            }
        }
    }
}

/// A file system of a test's own. Dropping it unmounts it.
pub(crate) struct Disk(tempfile::TempDir);

impl Disk {
    /// In memory, with these options of `tmpfs`.
    pub(crate) fn in_memory(options: &str) -> Self {
        let disk = Self(tempfile::tempdir().unwrap());
        disk.mount(&["-t", "tmpfs", "-o", options, "polyground-tests"]);
        disk
    }

    /// A folder as it is, mounted on itself so that it can only be read.
    pub(crate) fn read_only(folder: tempfile::TempDir) -> Self {
        let disk = Self(folder);
        let path = disk.path().display().to_string();
        disk.mount(&["--bind", &path]);
        disk.mount(&["-o", "remount,bind,ro"]);
        disk
    }

    /// Of ext4, in a file.
    pub(crate) fn in_file(file: &Path) -> Self {
        let disk = Self(tempfile::tempdir().unwrap());
        disk.mount(&["-o", "loop", &file.display().to_string()]);
        disk
    }

    /// Does what the kernel does when a disk fails: whatever is open there for writing, nothing is written any more.
    pub(crate) fn fail(&self) {
        self.mount(&["-o", "remount,abort"]);
    }

    fn mount(&self, args: &[&str]) {
        let mounted = Command::new("mount").args(args).arg(self.path()).output().unwrap();
        assert!(mounted.status.success(), "{}", String::from_utf8_lossy(&mounted.stderr));
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

/// Starts a server that must refuse to start on a database. Gives what it said.
pub(crate) fn refused_start(database: &str) -> String {
    let (runtimes, data) = (only_shell(), tempfile::tempdir().unwrap());
    let args =
        ["serve", "--listen", "127.0.0.1:0", "--engine", "local", "--database", database, "--runtimes"];
    let mut command = Command::new("timeout");
    command.args(["60", BINARY]).args(args).arg(runtimes.path()).arg("--data").arg(data.path());
    let refused = command.env("NO_COLOR", "1").output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    // 124 is `timeout`'s own: the server went on.
    assert!(!refused.status.success() && refused.status.code() != Some(124), "{:?}: {said}", refused.status);
    said
}

/// What a caller saw.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Value,
    pub(crate) took: Duration,
}

impl Seen {
    /// Runs a program, whatever comes back. A caller who gets no answer at all panics.
    pub(crate) fn of(server: &Server, request: &Value) -> Self {
        let begun = Instant::now();
        let response = server.post(request);
        Self::in_answer(response, begun)
    }

    pub(crate) fn in_answer(response: Response, begun: Instant) -> Self {
        let status = response.status().as_u16();
        let retry_after =
            response.headers().get("retry-after").map(|value| value.to_str().unwrap().parse().unwrap());
        let body = response.json().unwrap();
        Self { status, retry_after, body, took: begun.elapsed() }
    }

    pub(crate) fn outcome(&self) -> &str {
        self.body["outcome"].as_str().unwrap_or_default()
    }

    pub(crate) fn stdout(&self) -> &str {
        self.body["stages"][0]["stdout"].as_str().unwrap_or_default()
    }

    /// The kind of the problem: the end of its `type`.
    pub(crate) fn kind(&self) -> &str {
        self.body["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/")).unwrap_or_default()
    }

    /// Asserts that this is a 503 of this kind which says when to come back.
    pub(crate) fn assert_unavailable(&self, kinds: &[&str]) {
        let named = self.status == 503 && kinds.contains(&self.kind()) && self.retry_after.is_some();
        assert!(named, "none of {kinds:?}: {self:?}");
    }
}

/// Saves a program, whatever comes back.
pub(crate) fn save(server: &Server, source: &str) -> Seen {
    let begun = Instant::now();
    let url = format!("{}/api/v1/snippets", server.address);
    Seen::in_answer(Client::new().post(url).json(&program(source)).send().unwrap(), begun)
}

/// Removes a saved program by the token that came with it. Gives the status and, where it is none of success, the problem's kind.
pub(crate) fn remove(server: &Server, saved: &Value) -> (u16, String) {
    let url = format!("{}/api/v1/snippets/{}", server.address, saved["id"].as_str().unwrap());
    let answer = Client::new().delete(url).bearer_auth(saved["edit_token"].as_str().unwrap()).send().unwrap();
    let status = answer.status().as_u16();
    let problem: Value = serde_json::from_str(&answer.text().unwrap()).unwrap_or_default();
    (status, problem["type"].as_str().unwrap_or_default().replace("/problems/", ""))
}

/// The first file of a saved program, or the problem.
pub(crate) fn open(server: &Server, id: &str) -> Result<String, Seen> {
    let begun = Instant::now();
    let seen = Seen::in_answer(server.get(&format!("/api/v1/snippets/{id}")), begun);
    match seen.body["files"][0]["content"].as_str() {
        Some(content) => Ok(content.to_owned()),
        None => Err(seen),
    }
}

/// Kibibytes of a server that are in memory.
pub(crate) fn resident_kib(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Files and connections that a server has open.
pub(crate) fn descriptors(server: &Server) -> usize {
    fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count()
}
