//! Runtimes that are added, changed and removed while the server runs.

mod built;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::server::{Server, containers_of, eventually};

/// How long a change may take until it shows: the machine is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(90);

/// A test of one engine.
type Test = fn(&'static str);

pub(crate) fn trials() -> Vec<Trial> {
    let tests: [(&str, Test); 6] = [
        ("a_folder_dropped_in_serves_and_its_edits_swap_under_load", drops_in_and_swaps),
        ("what_cannot_be_used_says_why_and_heals", says_why_and_heals),
        ("a_folder_that_goes_is_withdrawn_and_its_runs_finish", goes),
        ("a_second_folder_overrides_and_uncovers_again", overrides),
        ("a_storm_of_edits_ends_in_the_last_state", storm),
        ("a_folder_of_runtimes_that_is_away_takes_none_with_it", is_away),
    ];
    let mut trials = Vec::new();
    for engine in ["docker", "local"] {
        for (name, test) in tests {
            trials.push(Trial::test(format!("{engine}::plugins::{name}"), move || {
                test(engine);
                Ok(())
            }));
        }
    }
    trials.push(built::trial());
    trials
}

/// A definition whose programs see `EDITION`, and whose sample demands `demanded`.
pub(crate) fn definition(edition: &str, demanded: &str) -> String {
    format!(
        r#"language: plug
version: "5"
name: Plug
extensions: [plug]
editor: {{mode: text, file: main.plug, template: "echo hello"}}
image: {{ref: "polyground/base:trixie"}}
host: {{requires: [bash]}}
detect: {{command: [bash, --version], pattern: 'version (\d+\.\d+\.\d+)'}}
env: {{EDITION: "{edition}"}}
run: {{command: [bash, "{{main}}"]}}
limits: {{memory: 128MiB, wall: 20s}}
pool: {{min: 1, max: 2}}
samples:
  - {{name: hello, files: {{main.plug: 'echo "$EDITION"'}}, stdout: "{demanded}\n"}}
"#
    )
}

/// A folder of runtimes with one that nobody touches, and a server that has it.
struct Bench {
    server: Arc<Server>,
    root: tempfile::TempDir,
    engine: &'static str,
}

impl Bench {
    fn start(engine: &'static str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let other = definition("other", "other").replace("plug", "other");
        write(&root.path().join("other-5"), &other);
        let server = Server::start(&["--engine", engine, "--runtimes", root.path().to_str().unwrap()]);
        server.wait_until_settled();
        Self { server: Arc::new(server), root, engine }
    }

    fn folder(&self) -> PathBuf {
        self.root.path().join("plug-5")
    }

    fn write(&self, edition: &str, demanded: &str) {
        write(&self.folder(), &definition(edition, demanded));
    }

    fn listed(&self) -> Option<Value> {
        self.server.runtimes().into_iter().find(|runtime| runtime["id"] == "plug-5")
    }

    /// Waits until our runtime is listed as `is_so` says.
    fn wait_until(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let found = eventually(PATIENCE, || self.listed().is_some_and(|runtime| is_so(&runtime)));
        let listed = self.listed().unwrap_or_default();
        assert!(found, "{what}: {listed:#}\n{}", log(&self.server));
        listed
    }

    fn wait_until_ready(&self) {
        let listed =
            self.wait_until("ready", |runtime| runtime["status"] == "ready" && runtime["pending"].is_null());
        let start_ms = listed["measured"]["start_ms"].as_f64();
        assert!(start_ms.is_some_and(|start_ms| start_ms > 0.0), "its start was not measured: {listed:#}");
    }

    /// What a program of our language says of the version that it runs on.
    fn edition(&self) -> String {
        edition(&self.server)
    }

    fn wait_until_edition(&self, wanted: &str) {
        let seen = eventually(PATIENCE, || self.edition() == wanted);
        assert!(seen, "{} serves, not {wanted}\n{}", self.edition(), log(&self.server));
    }

    /// How many cells our runtime has.
    fn cells(&self) -> usize {
        match self.engine {
            "docker" => {
                containers_of(self.server.pid()).iter().filter(|line| line.contains("plug-5")).count()
            }
            // Agents are children of the server; what they are for is not told.
            _ => children_of(self.server.pid()),
        }
    }
}

/// What the server has logged, without what it says of each request.
fn log(server: &Server) -> String {
    let log = server.log.lock().unwrap();
    let lines = log.lines().filter(|line| !line.contains("INFO request") && !line.contains("run ended"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Runs a program, which must be served at once: none of these servers has so many callers that one has to come back.
fn served(server: &Server, body: &Value) -> Value {
    let response = server.post(body);
    let (status, text) = (response.status(), response.text().unwrap());
    assert_eq!(status, 200, "{text}\nfor {body}");
    serde_json::from_str(&text).unwrap()
}

fn edition(server: &Server) -> String {
    said(server, "echo \"$EDITION\"")
}

/// What a program of our language writes.
fn said(server: &Server, content: &str) -> String {
    let file = json!({"name": "main.plug", "content": content});
    let run = served(server, &json!({"language": "plug", "files": [file]}));
    assert_eq!(run["outcome"], "succeeded", "{run:#}");
    run["stages"][0]["stdout"].as_str().unwrap().trim().to_owned()
}

fn children_of(pid: u32) -> usize {
    let output = Command::new("pgrep").args(["--parent", &pid.to_string()]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).lines().count()
}

/// Writes as many editors do: a new file, which is then renamed.
pub(crate) fn write(folder: &Path, text: &str) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("runtime.yaml.new"), text).unwrap();
    fs::rename(folder.join("runtime.yaml.new"), folder.join("runtime.yaml")).unwrap();
}

/// Clients that run programs one after another for as long as this lives. A request that fails makes them panic.
struct Load {
    stop: Arc<AtomicBool>,
    runs: Arc<AtomicUsize>,
    clients: Vec<thread::JoinHandle<()>>,
}

impl Load {
    fn start(server: &Arc<Server>, clients: usize, one: impl Fn(&Server) + Send + Clone + 'static) -> Self {
        let (stop, runs) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let client = |_| {
            let (server, stop, runs, one) = (server.clone(), stop.clone(), runs.clone(), one.clone());
            thread::spawn(move || {
                let end = Instant::now() + 4 * PATIENCE;
                while !stop.load(Ordering::SeqCst) && Instant::now() < end {
                    one(&server);
                    runs.fetch_add(1, Ordering::SeqCst);
                }
            })
        };
        Self { clients: (0..clients).map(client).collect(), stop, runs }
    }

    /// Ends it. Gives how many runs there were; none has failed.
    fn end(self) -> usize {
        self.stop.store(true, Ordering::SeqCst);
        for client in self.clients {
            client.join().expect("a request failed under load");
        }
        self.runs.load(Ordering::SeqCst)
    }
}

/// A program of a language that nobody touches.
fn run_other(server: &Server) {
    let file = json!({"name": "a.other", "content": "echo $((6 * 7))"});
    let run = served(server, &json!({"language": "other", "files": [file]}));
    assert_eq!(
        (&run["outcome"], &run["stages"][0]["stdout"]),
        (&json!("succeeded"), &json!("42\n")),
        "{run:#}"
    );
}

fn drops_in_and_swaps(engine: &'static str) {
    let bench = Bench::start(engine);
    let others = Load::start(&bench.server, 4, run_other);
    // Half of it first, as a slow copy would.
    let text = definition("1", "1");
    fs::create_dir(bench.folder()).unwrap();
    fs::write(bench.folder().join("runtime.yaml"), &text[..text.len() / 2]).unwrap();
    let half = bench.wait_until("half is there", |runtime| runtime["status"] == "unavailable");
    assert!(half["reason"].as_str().unwrap().contains("plug-5/runtime.yaml:"), "{half:#}");
    fs::write(bench.folder().join("runtime.yaml"), &text).unwrap();
    bench.wait_until_ready();
    assert_eq!(bench.edition(), "1");
    // No cache on the way may show what was.
    assert_eq!(bench.server.get("/api/v1/runtimes").headers()["cache-control"], "no-store");
    let runs = others.end();
    assert!(runs > 10, "{runs} runs beside it");

    // Now those who use it are many, and it changes under them.
    let users = Load::start(&bench.server, 4, |server| {
        let edition = edition(server);
        assert!(["1", "2", "3"].contains(&edition.as_str()), "{edition}");
    });
    for edition in ["2", "3"] {
        bench.write(edition, edition);
        bench.wait_until_edition(edition);
        bench.wait_until_ready();
        // Nobody gets the one before any more.
        assert!((0..5).all(|_| bench.edition() == edition));
    }
    // A file beside the definition counts too: it may be what an image is made of.
    let proofs = || log(&bench.server).matches("runtime ready runtime=\"plug-5\"").count();
    let before = proofs();
    fs::write(bench.folder().join("notes"), "anything").unwrap();
    assert!(eventually(PATIENCE, || proofs() > before), "{}", log(&bench.server));
    // What is written again as it was does not.
    let before = proofs();
    bench.write("3", "3");
    thread::sleep(Duration::from_secs(3));
    assert_eq!(proofs(), before);
    assert!(users.end() > 10);
    let most = if engine == "docker" { 2 } else { usize::MAX };
    assert!(eventually(PATIENCE, || bench.cells() <= most), "{} cells", bench.cells());
}

fn says_why_and_heals(engine: &'static str) {
    let bench = Bench::start(engine);
    // From the start: it is quarantined.
    bench.write("1", "another");
    let listed = bench.wait_until("quarantined", |runtime| runtime["status"] == "unavailable");
    let reason = listed["reason"].as_str().unwrap();
    assert!(reason.starts_with("sample `hello`: should write \"another\\n\""), "{reason}");
    let refused =
        bench.server.post(&json!({"language": "plug", "files": [{"name": "a.plug", "content": ""}]}));
    assert_eq!(refused.status(), 503);
    bench.write("1", "1");
    bench.wait_until_ready();
    assert_eq!(bench.edition(), "1");

    // Later: the one before serves on, and the listing says what is wrong with the change.
    let users = Load::start(&bench.server, 2, |server| assert_eq!(edition(server), "1"));
    let text = definition("2", "2").replace("run: {command", "run: {comand");
    write(&bench.folder(), &text);
    let listed = bench.wait_until("a bad edit", |runtime| runtime["pending"]["status"] == "unavailable");
    assert_eq!(listed["status"], "ready");
    let reason = listed["pending"]["reason"].as_str().unwrap();
    assert!(reason.contains("plug-5/runtime.yaml:10:7: `comand` is not a key"), "{reason}");
    assert!(log(&bench.server).contains("plug-5/runtime.yaml:10:7: `comand` is not a key"));
    bench.write("2", "another");
    bench.wait_until("a bad sample", |runtime| {
        let reason = runtime["pending"]["reason"].as_str().unwrap_or_default();
        runtime["status"] == "ready" && reason.contains("should write \"another\\n\"")
    });
    // Taken back: nothing is pending, and nothing had to be proven again.
    bench.write("1", "1");
    bench.wait_until_ready();
    users.end();
    bench.write("2", "2");
    bench.wait_until_edition("2");
    bench.wait_until_ready();
}

fn goes(engine: &'static str) {
    let bench = Bench::start(engine);
    let before = bench.cells();
    bench.write("1", "1");
    bench.wait_until_ready();
    let slow = json!({
        "language": "plug",
        "files": [{"name": "main.plug", "content": "echo begun; sleep 6; echo \"ended $EDITION\""}],
    });
    let server = bench.server.clone();
    let running = thread::spawn(move || served(&server, &slow));
    let runs = || bench.server.get("/api/v1/status").json::<Value>().unwrap()["running"] == 1;
    assert!(eventually(Duration::from_secs(20), runs), "it does not run");
    fs::rename(bench.folder(), bench.root.path().join(".plug-5")).unwrap();
    assert!(eventually(Duration::from_secs(5), || bench.listed().is_none()), "it is listed still");
    let refused =
        bench.server.post(&json!({"language": "plug", "files": [{"name": "a.plug", "content": ""}]}));
    assert_eq!(refused.status(), 422);
    assert!(refused.text().unwrap().contains("no language is called `plug`"));
    assert!(!running.is_finished(), "the run should still be under way");
    let run = running.join().unwrap();
    assert_eq!(
        (&run["outcome"], &run["stages"][0]["stdout"]),
        (&json!("succeeded"), &json!("begun\nended 1\n"))
    );
    let left = |bench: &Bench| bench.cells() > before;
    assert!(eventually(PATIENCE, || !left(&bench)), "{} cells are left", bench.cells());
    // The id again, for something else: it is not mistaken for what was there before.
    bench.write("another", "another");
    bench.wait_until_ready();
    assert_eq!(bench.edition(), "another");
}

fn overrides(engine: &'static str) {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(&first.path().join("plug-5"), &definition("first", "first"));
    let paths = [first.path().to_str().unwrap(), second.path().to_str().unwrap()];
    let server = Server::start(&["--engine", engine, "--runtimes", paths[0], "--runtimes", paths[1]]);
    server.wait_until_settled();
    assert_eq!(edition(&server), "first");
    let seen = |wanted: &str| {
        let seen = eventually(PATIENCE, || edition(&server) == wanted);
        assert!(seen, "{wanted} does not serve\n{}", log(&server));
    };
    write(&second.path().join("plug-5"), &definition("second", "second"));
    seen("second");
    // What is covered changes without anybody noticing.
    write(&first.path().join("plug-5"), &definition("third", "third"));
    thread::sleep(Duration::from_secs(2));
    assert_eq!(edition(&server), "second");
    fs::remove_dir_all(second.path().join("plug-5")).unwrap();
    seen("third");
}

/// As a mount that goes and comes: nothing tells of what is in a folder that is another than before, it is found at the next look.
fn is_away(engine: &'static str) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("runtimes");
    write(&folder.join("plug-5"), &definition("1", "1"));
    let server = Server::start(&["--engine", engine, "--runtimes", folder.to_str().unwrap()]);
    server.wait_until_settled();
    assert_eq!(edition(&server), "1");

    fs::rename(&folder, root.path().join("away")).unwrap();
    fs::write(root.path().join("away/anything"), "wakes whoever watches it still").unwrap();
    let told = || log(&server).matches("the runtimes stay as they are").count();
    assert!(eventually(PATIENCE, || told() > 0), "{}", log(&server));
    assert_eq!(edition(&server), "1");
    // What is there instead cannot be read as a folder.
    fs::write(&folder, "no folder").unwrap();
    fs::write(root.path().join("away/anything"), "again").unwrap();
    thread::sleep(Duration::from_secs(2));
    assert_eq!(edition(&server), "1");
    assert_eq!(server.runtimes().len(), 1);

    fs::remove_file(&folder).unwrap();
    // Until that has been noticed: then nothing is there to be watched.
    thread::sleep(Duration::from_secs(2));
    assert_eq!(edition(&server), "1");
    write(&folder.join("plug-5"), &definition("2", "2"));
    let seen = eventually(PATIENCE, || edition(&server) == "2");
    assert!(seen, "what came back does not serve\n{}", log(&server));
    // From now on it is watched: the next change need not wait for a look.
    let begun = Instant::now();
    write(&folder.join("plug-5"), &definition("3", "3"));
    let seen = eventually(PATIENCE, || edition(&server) == "3");
    assert!(seen && begun.elapsed() < Duration::from_secs(25), "{:?}\n{}", begun.elapsed(), log(&server));
}

fn storm(engine: &'static str) {
    let bench = Bench::start(engine);
    let before = bench.cells();
    bench.write("0", "0");
    bench.wait_until_ready();
    let others = Load::start(&bench.server, 2, |server| {
        edition(server);
    });
    for number in 1..=200 {
        let number = number.to_string();
        bench.write(&number, &number);
        thread::sleep(Duration::from_millis(25));
    }
    bench.wait_until_edition("200");
    bench.wait_until_ready();
    others.end();
    let log = log(&bench.server);
    let proofs = log.matches("runtime ready runtime=\"plug-5\"").count();
    assert!((2..=8).contains(&proofs), "{proofs} proofs\n{log}");
    let most = before + 2;
    assert!(eventually(PATIENCE, || bench.cells() <= most), "{} cells, {before} before", bench.cells());
}
