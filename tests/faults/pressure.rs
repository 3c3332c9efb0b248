//! Little memory: what the kernel ends first must not be the server.

use std::{
    fs,
    io::Write,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process,
    sync::Arc,
    thread,
    time::Duration,
};

use libtest_mimic::Trial;
use reqwest::blocking::Client;

use crate::{
    server::{Events, Server, eventually},
    tools::{HEALED, Small, only_shell, program, trial},
};

/// What the server has, and nothing beyond it.
const MEMORY_BYTES: u64 = 256 << 20;

/// Callers at once whose programs write without end.
const FLOODS: usize = 200;

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("memory::two_hundred_floods_on_a_server_with_little_of_it", floods)]
}

/// A bound on memory for whatever is put into it. Dropping it removes it.
struct Bound(PathBuf);

impl Bound {
    /// `None`: this machine lets nobody make one, as in a container without rights.
    fn make() -> Option<Self> {
        // The second and the first version of the kernel's interface.
        let places = [("/sys/fs/cgroup", "memory.max"), ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")];
        places.iter().find_map(|(root, file)| {
            let bound = Self(Path::new(root).join(format!("polyground-faults-{}", process::id())));
            fs::create_dir(&bound.0).ok()?;
            // Not created: where no cgroups are mounted, it would be a file like any other.
            let mut file = fs::File::options().write(true).open(bound.0.join(file)).ok()?;
            write!(file, "{MEMORY_BYTES}").ok()?;
            Some(bound)
        })
    }

    fn most_used(&self) -> String {
        let read = |file| fs::read_to_string(self.0.join(file)).ok();
        read("memory.peak")
            .or_else(|| read("memory.max_usage_in_bytes"))
            .unwrap_or_default()
            .trim()
            .to_owned()
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        // Possible as soon as the last process has gone.
        if !eventually(Duration::from_secs(5), || fs::remove_dir(&self.0).is_ok()) {
            eprintln!("{} could not be removed", self.0.display());
        }
    }
}

/// The server's own memory is bounded, not that of its cells, which have their bounds.
fn floods() {
    let Some(bound) = Bound::make() else {
        eprintln!("skipped: no cgroup for memory can be made here");
        return;
    };
    let runtimes = only_shell();
    let folder = runtimes.path().display().to_string();
    let many = FLOODS.to_string();
    let args =
        ["--engine", "docker", "--max-running", "4", "--max-waiting", &many, "--max-waiting-of-one", &many];
    let args = [&args[..], &["--queue-timeout", "300", "--runtimes", &folder]].concat();
    let place = bound.0.join("cgroup.procs");
    let server = Server::start_in(Arc::new(tempfile::tempdir().unwrap()), &args, |command| {
        // SAFETY: between fork and exec, only a file is opened and written.
        unsafe { command.pre_exec(move || fs::write(&place, "0")) };
    });
    let small = Small { server, runtimes };
    small.wait_until_ready();
    let pid = small.server.pid().to_string();
    let held = fs::read_to_string(bound.0.join("cgroup.procs")).unwrap();
    assert!(held.lines().any(|line| line == pid), "the server is not bound: {held}");

    let outcomes: Vec<String> = thread::scope(|scope| {
        let flood = |number: usize| flood(&small.server, number.is_multiple_of(2));
        let clients: Vec<_> = (0..FLOODS).map(|number| scope.spawn(move || flood(number))).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    eprintln!("{FLOODS} floods: at most {} bytes of {MEMORY_BYTES}", bound.most_used());
    let wrong: Vec<_> = outcomes.iter().filter(|outcome| *outcome != "output_limit").collect();
    assert!(wrong.is_empty(), "{wrong:?}\n{}", small.log());
    small.assert_heals();
    small.assert_works(3);
    let status = || small.server.get("/api/v1/status").json::<serde_json::Value>().unwrap();
    assert!(eventually(HEALED, || status()["running"] == 0 && status()["waiting"] == 0), "{}", status());
    drop(small);
}

/// Its outcome, or what came instead.
fn flood(server: &Server, as_stream: bool) -> String {
    let client = Client::builder().timeout(Duration::from_secs(300)).build().unwrap();
    let accept = if as_stream { "text/event-stream" } else { "application/json" };
    let request = client.post(format!("{}/api/v1/runs", server.address)).header("accept", accept);
    let answer = match request.json(&program("yes yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy")).send() {
        Ok(answer) => answer,
        Err(error) => return error.to_string(),
    };
    let body = if as_stream {
        Events::of(answer).last().map(|(_, data)| data).unwrap_or_default()
    } else {
        answer.json::<serde_json::Value>().unwrap_or_default()
    };
    body["outcome"].as_str().map_or_else(|| body.to_string(), str::to_owned)
}
