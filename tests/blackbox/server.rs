//! A server of the real binary, and a client of it.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_polyground");

/// How long a server may take until it prints its address.
const START_PATIENCE: Duration = Duration::from_secs(30);

/// How long all runtimes may take until each is ready or unavailable. The images are there already.
const SETTLE_PATIENCE: Duration = Duration::from_secs(300);

/// How long a command may take that must end by itself.
const PATIENCE: Duration = Duration::from_secs(180);

/// What the first servers have proven: file names in their data folders, and contents. Later ones need not prove it again.
static PROVEN: Mutex<Vec<(String, Vec<u8>)>> = Mutex::new(Vec::new());

/// A running server. Dropping it ends it as Ctrl-C does.
pub(crate) struct Server {
    child: Mutex<Child>,
    pub(crate) address: String,
    pub(crate) log: Arc<Mutex<String>>,
    client: Client,
    data: Arc<tempfile::TempDir>,
}

impl Server {
    /// Starts a server on a free port.
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::start_with(args, |_| {})
    }

    /// Starts a server on a free port, with a say in how its process is made.
    pub(crate) fn start_with(args: &[&str], prepare: impl FnOnce(&mut Command)) -> Self {
        let data = tempfile::tempdir().unwrap();
        for (name, proven) in PROVEN.lock().unwrap().iter() {
            fs::write(data.path().join(name), proven).unwrap();
        }
        Self::start_in(Arc::new(data), args, prepare)
    }

    /// Starts a server on a free port and on a folder that an earlier one may have left.
    pub(crate) fn start_in(
        data: Arc<tempfile::TempDir>,
        args: &[&str],
        prepare: impl FnOnce(&mut Command),
    ) -> Self {
        let mut command = Command::new(BINARY);
        command
            .args(["serve", "--data"])
            .arg(data.path())
            .args(if args.contains(&"--listen") { &[][..] } else { &["--listen", "127.0.0.1:0"] })
            .args(if args.contains(&"--log-format") { &[][..] } else { &["--log-format", "text"] })
            .args(args)
            .env("POLYGROUND_MAX_WAITING", "16")
            .current_dir(repository())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        prepare(&mut command);
        let mut child = command.spawn().unwrap();
        let (sender, address) = mpsc::channel();
        let log = Arc::new(Mutex::new(String::new()));
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let kept = log.clone();
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("Polyground is up:") {
                    let _ = sender.send(address.trim().to_owned());
                }
                let mut kept = kept.lock().unwrap();
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        let address = address.recv_timeout(START_PATIENCE).unwrap_or_else(|_| {
            let _ = child.kill();
            panic!("the server did not start:\n{}", log.lock().unwrap());
        });
        let client = Client::builder().timeout(Duration::from_secs(60)).build().unwrap();
        Self { child: Mutex::new(child), address, log, client, data }
    }

    pub(crate) fn wait_until_settled(&self) {
        let end = Instant::now() + SETTLE_PATIENCE;
        while Instant::now() < end {
            let runtimes = self.runtimes();
            if !runtimes.is_empty() && runtimes.iter().all(|runtime| runtime["status"] != "preparing") {
                return;
            }
            thread::sleep(Duration::from_millis(200));
        }
        panic!("not settled: {:#}\n{}", Value::from(self.runtimes()), self.log.lock().unwrap());
    }

    /// Lets servers that start from now on take over what this one has proven of its runtimes.
    pub(crate) fn share_proofs(&self) {
        for entry in fs::read_dir(self.data.path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name.starts_with("proven-") {
                PROVEN.lock().unwrap().push((name, fs::read(path).unwrap()));
            }
        }
    }

    pub(crate) fn runtimes(&self) -> Vec<Value> {
        let answer: Value = self.get("/api/v1/runtimes").json().unwrap();
        answer.as_array().unwrap().clone()
    }

    /// The ids of this language's runtimes that are ready.
    pub(crate) fn ready(&self, language: &str) -> Vec<Value> {
        let of_language = |runtime: &Value| runtime["language"] == language && runtime["status"] == "ready";
        self.runtimes().into_iter().filter(of_language).collect()
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.address)).send().unwrap()
    }

    /// `POST /runs`, whatever comes back.
    pub(crate) fn post(&self, body: &Value) -> Response {
        self.client.post(format!("{}/api/v1/runs", self.address)).json(body).send().unwrap()
    }

    /// `POST /runs` that must give a run.
    pub(crate) fn run(&self, body: &Value) -> Value {
        for _ in 0..40 {
            let response = self.post(body);
            let status = response.status().as_u16();
            let text = response.text().unwrap();
            match status {
                200 => return serde_json::from_str(&text).unwrap(),
                // Tests run side by side: the queue may be full for a moment.
                429 => thread::sleep(Duration::from_millis(250)),
                _ => panic!("{status}: {text}\nfor {body}"),
            }
        }
        panic!("the queue stayed full");
    }

    /// `POST /runs` as an event stream.
    pub(crate) fn stream(&self, body: &Value) -> Events {
        let request = self.client.post(format!("{}/api/v1/runs", self.address)).json(body);
        let response = request.header("accept", "text/event-stream").send().unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events::of(response)
    }

    /// The status of a `POST /runs` as an event stream, which is left at once.
    pub(crate) fn stream_status(&self, body: &Value) -> u16 {
        let request = self.client.post(format!("{}/api/v1/runs", self.address)).json(body);
        request.header("accept", "text/event-stream").send().unwrap().status().as_u16()
    }

    /// The cells that the server says it has, in whatever state.
    pub(crate) fn counted_cells(&self) -> usize {
        let text = self.get("/metrics").text().unwrap();
        let counts = text.lines().filter_map(|line| line.strip_prefix("polyground_cells{"));
        counts.map(|line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap()).sum()
    }

    /// The folder for what outlives the server.
    pub(crate) fn data(&self) -> Arc<tempfile::TempDir> {
        self.data.clone()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.lock().unwrap().id()
    }

    /// Sends the server a signal.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Waits for the server's end. Gives its exit code and how long that took.
    pub(crate) fn wait(&self, longest: Duration) -> (Option<i32>, Duration) {
        let begun = Instant::now();
        while begun.elapsed() < longest {
            if let Some(status) = self.child.lock().unwrap().try_wait().unwrap() {
                return (status.code(), begun.elapsed());
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the server did not end:\n{}", self.log.lock().unwrap());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap();
        if child.try_wait().unwrap().is_none() {
            let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
            for _ in 0..300 {
                if child.try_wait().unwrap().is_some() {
                    return;
                }
                thread::sleep(Duration::from_millis(10));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Server-sent events as they come.
pub(crate) struct Events {
    lines: BufReader<Box<dyn Read + Send>>,
}

impl Events {
    pub(crate) fn of(response: Response) -> Self {
        Self { lines: BufReader::new(Box::new(response)) }
    }
}

impl Iterator for Events {
    type Item = (String, Value);

    fn next(&mut self) -> Option<Self::Item> {
        let (mut name, mut data) = (String::new(), String::new());
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end_matches(['\r', '\n']);
            if let Some(value) = line.strip_prefix("event:") {
                name = value.trim().to_owned();
            } else if let Some(value) = line.strip_prefix("data:") {
                data.push_str(value.trim_start());
            } else if line.is_empty() && !name.is_empty() {
                return Some((name, serde_json::from_str(&data).unwrap_or(json!(data))));
            }
        }
    }
}

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a command ends with, and when; it must end by itself.
pub(crate) fn ended(command: &mut Command) -> (Output, Duration) {
    let begun = Instant::now();
    let mut child = command
        .current_dir(repository())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while begun.elapsed() < PATIENCE {
        if child.try_wait().unwrap().is_some() {
            return (child.wait_with_output().unwrap(), begun.elapsed());
        }
        thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    panic!("it did not end: {}", String::from_utf8_lossy(&child.wait_with_output().unwrap().stderr));
}

/// Docker's command line. It waits for ever for an engine that hangs, so it is ended after a minute.
pub(crate) fn docker() -> Command {
    let mut command = Command::new("timeout");
    command.args(["--foreground", "--kill-after=5", "60", "docker"]).stdin(Stdio::null());
    command
}

/// Names of the containers of this server.
pub(crate) fn containers_of(server_pid: u32) -> Vec<String> {
    let output = docker()
        .args([
            "ps",
            "--all",
            "--filter",
            "label=polyground",
            "--format",
            "{{.Label \"polyground\"}} {{.Names}}",
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "docker ps: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let of_server = format!("-{server_pid}-");
    text.lines().filter(|line| line.contains(&of_server)).map(str::to_owned).collect()
}

/// Waits until something is so.
pub(crate) fn eventually(longest: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + longest;
    while Instant::now() < end {
        if is_so() {
            return true;
        }
        thread::sleep(Duration::from_millis(50));
    }
    is_so()
}
