//! Programs that mean harm: `tests/hostile/<kind>/manifest.yaml` and the sources beside it. Each gets the answer that is named there; afterwards the
//! same server still answers honest programs, and nothing of the program is left on this machine.

use std::{
    collections::BTreeMap,
    fs,
    process::Command,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::server::{Server, containers_of, eventually, repository};

/// How long an honest program may take after a hostile one, on a machine that has other things to do.
const CANARY_PATIENCE: Duration = Duration::from_secs(10);

/// How soon every process of a program must be gone after its answer.
const LEFTOVER_PATIENCE: Duration = Duration::from_secs(3);

/// How much longer than its bound a program may keep its stage, on a machine that has other things to do.
const OVERTIME_MS: f64 = 2000.0;

/// The cells that a server has at most.
const MAX_CELLS: usize = 32;

/// How often the leak is looked for. A line has several cells: the next run need not be on the cell of the last.
const LEAK_ROUNDS: usize = 6;

/// What crashes of this machine go to, before any hostile program has run.
static CORE_PATTERN: LazyLock<String> = LazyLock::new(core_pattern);

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attack {
    id: String,
    /// Rows of the threat table in docs/security.md.
    threat: String,
    language: String,
    file: String,
    /// Further files that are sent along, under the names that they have in the manifest's folder.
    #[serde(default)]
    with: Vec<String>,
    #[serde(default)]
    stdin: String,
    #[serde(default)]
    limits: serde_json::Map<String, Value>,
    expect: Expectation,
    modes: Vec<String>,
    why: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    outcome: Vec<String>,
    stage: Option<String>,
    exit_code: Option<i64>,
    signal: Option<i64>,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
    #[serde(default)]
    stderr_has: Vec<String>,
    /// The whole of it.
    stdout: Option<String>,
}

/// Every attack on one server, whose cells are of `mode`.
pub(crate) fn trials(mode: &'static str, server: &Arc<Server>) -> Vec<Trial> {
    LazyLock::force(&CORE_PATTERN);
    let attacks = attacks();
    let mut trials = Vec::new();
    let mut add = |name: &str, test: Box<dyn FnOnce(&Server) -> Result<(), Failed> + Send>| {
        let server = server.clone();
        trials.push(Trial::test(format!("hostile::{mode}::{name}"), move || test(&server)));
    };
    if mode == "nested" {
        add("the_corpus_is_whole", Box::new(|_| the_corpus_is_whole(&self::attacks())));
    }
    // The local engine nests as Docker's cells do.
    let kind = if mode == "local" { "nested" } else { mode };
    for attack in attacks {
        let absent = mode == "local" && server.ready(&attack.language).is_empty();
        if absent || !attack.modes.iter().any(|mode| mode == kind) {
            continue;
        }
        let local = mode == "local";
        add(&attack.id.clone(), Box::new(move |server| check(server, &attack, local)));
    }
    add("leak", Box::new(nothing_leaks));
    add("the_server_is_well_afterwards", Box::new(well_afterwards));
    trials
}

/// What every folder of `tests/hostile` lists. Files are named relative to `tests/hostile`.
fn attacks() -> Vec<Attack> {
    let mut folders: Vec<_> = fs::read_dir(repository().join("tests/hostile"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("manifest.yaml").is_file())
        .collect();
    folders.sort();
    let mut attacks = Vec::new();
    for folder in folders {
        let kind = folder.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(folder.join("manifest.yaml")).unwrap();
        let listed: Vec<Attack> =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{kind}: {error}"));
        attacks.extend(listed.into_iter().map(|mut attack| {
            attack.file = format!("{kind}/{}", attack.file);
            attack
        }));
    }
    attacks
}

fn the_corpus_is_whole(attacks: &[Attack]) -> Result<(), Failed> {
    let mut ids = BTreeMap::new();
    for attack in attacks {
        *ids.entry(&attack.id).or_insert(0) += 1;
        assert!(!attack.why.is_empty() && !attack.threat.is_empty(), "{} says not what it is for", attack.id);
        let known = attack.modes.iter().all(|mode| ["nested", "single-use"].contains(&mode.as_str()));
        assert!(known && !attack.modes.is_empty(), "{} has odd modes", attack.id);
    }
    let twice: Vec<_> = ids.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    let documented = fs::read_to_string(repository().join("docs/security.md"))?;
    let missing: Vec<_> = ids.keys().filter(|id| !documented.contains(&format!("`{id}`"))).collect();
    assert!(missing.is_empty(), "docs/security.md does not name {missing:?}");
    if ids.len() >= 60 { Ok(()) } else { Err(format!("only {} programs", ids.len()).into()) }
}

/// A number that nothing else on this machine carries.
fn mark() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("31{}{:04}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// What the main file is called, where the language cares.
fn main_file(language: &str, file: &str) -> String {
    match language {
        "java" => "Main.java".into(),
        "csharp" => "Program.cs".into(),
        _ => format!("main.{}", file.rsplit('.').next().unwrap()),
    }
}

/// The request. `@MARK@` in its files is `mark`, which also stands in the program's environment.
fn request(language: &str, file: &str, with: &[String], mark: &str) -> Value {
    let file = repository().join("tests/hostile").join(file);
    let folder = file.parent().unwrap();
    let content = |name: &std::path::Path| {
        let text = fs::read_to_string(name).unwrap_or_else(|error| panic!("{}: {error}", name.display()));
        text.replace("@MARK@", mark)
    };
    let main = main_file(language, file.to_str().unwrap());
    let mut files = vec![json!({"name": main, "content": content(&file)})];
    files.extend(with.iter().map(|name| json!({"name": name, "content": content(&folder.join(name))})));
    json!({"language": language, "files": files, "env": {"HOSTILE_MARK": mark}})
}

fn check(server: &Server, attack: &Attack, local: bool) -> Result<(), Failed> {
    let mark = mark();
    let mut body = request(&attack.language, &attack.file, &attack.with, &mark);
    body["stdin"] = json!(attack.stdin);
    body["limits"] = json!(attack.limits);
    let run = server.run(&body);
    let mut wrong = differences(&run, attack);
    let honest = Instant::now();
    let (answer, expected) = canary(server, &attack.language);
    if answer != expected {
        wrong.push(format!("an honest program said {answer:?} afterwards, not {expected:?}"));
    }
    if honest.elapsed() > CANARY_PATIENCE {
        wrong.push(format!("an honest program took {:?} afterwards", honest.elapsed()));
    }
    // A cell of the local engine has no container that its processes end with, but they end all the same.
    if !eventually(LEFTOVER_PATIENCE, || processes_of(&mark).is_empty()) {
        wrong.push(format!("left behind (local: {local}): {:?}", processes_of(&mark)));
    }
    if core_pattern() != *CORE_PATTERN {
        wrong.push(format!("core_pattern is {:?}", core_pattern()));
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{}\n{}", wrong.join("\n"), shown(&run)).into()) }
}

fn differences(run: &Value, attack: &Attack) -> Vec<String> {
    let expect = &attack.expect;
    let mut wrong = Vec::new();
    let outcome = run["outcome"].as_str().unwrap();
    if !expect.outcome.iter().any(|allowed| allowed == outcome) {
        wrong.push(format!("the outcome is {outcome}, not one of {:?}", expect.outcome));
    }
    let Some(stage) = run["stages"].as_array().unwrap().last() else {
        wrong.push("no stage".into());
        return wrong;
    };
    let named = [
        ("name", expect.stage.as_ref().map(|name| json!(name))),
        ("exit_code", expect.exit_code.map(|code| json!(code))),
        ("signal", expect.signal.map(|signal| json!(signal))),
    ];
    for (what, expected) in named {
        if let Some(expected) = expected
            && stage[what] != expected
        {
            wrong.push(format!("{what} is {}, not {expected}", stage[what]));
        }
    }
    let (stdout, stderr) = (text(stage, "stdout"), text(stage, "stderr"));
    wrong.extend(
        expect.has.iter().filter(|part| !stdout.contains(*part)).map(|part| format!("lacks {part:?}")),
    );
    wrong.extend(
        expect.lacks.iter().filter(|part| stdout.contains(*part)).map(|part| format!("has {part:?}")),
    );
    let told = expect.stderr_has.iter().filter(|part| !stderr.contains(*part));
    wrong.extend(told.map(|part| format!("stderr lacks {part:?}")));
    if let Some(whole) = &expect.stdout
        && *whole != stdout
    {
        wrong.push(format!("stdout is not {whole:?}"));
    }
    let bound = attack.limits.get("wall_ms").and_then(Value::as_f64);
    let took = stage["wall_ms"].as_f64().unwrap();
    if let Some(bound) = bound
        && took > bound + OVERTIME_MS
    {
        wrong.push(format!("took {took} ms of {bound}"));
    }
    wrong
}

fn text(stage: &Value, stream: &str) -> String {
    let text = stage[stream].as_str().unwrap().to_owned();
    if stage["encoding"] == "base64" {
        return String::from_utf8_lossy(&STANDARD.decode(text).unwrap()).into_owned();
    }
    text
}

/// The run without most of its output.
fn shown(run: &Value) -> String {
    let mut shown = run.clone();
    for stage in shown["stages"].as_array_mut().unwrap() {
        for stream in ["stdout", "stderr"] {
            let text: String = text(stage, stream).chars().take(3000).collect();
            stage[stream] = json!(text.escape_debug().to_string().replace("\\n", "\n"));
        }
    }
    let mut text = String::new();
    for stage in shown["stages"].as_array().unwrap() {
        text += &format!("--- {} stdout\n{}\n", stage["name"], stage["stdout"].as_str().unwrap());
        text += &format!("--- {} stderr\n{}\n", stage["name"], stage["stderr"].as_str().unwrap());
    }
    for stage in shown["stages"].as_array_mut().unwrap() {
        stage.as_object_mut().unwrap().retain(|key, _| !["stdout", "stderr"].contains(&key.as_str()));
    }
    format!("{shown}\n{text}")
}

/// What an honest program of this language says, and what it should.
fn canary(server: &Server, language: &str) -> (String, String) {
    let (file, source) = match language {
        "python" => ("main.py", "print('honest', 6 * 7)\n"),
        "javascript" => ("main.js", "console.log('honest', 6 * 7);\n"),
        "c++" => ("main.cpp", "#include <cstdio>\nint main() { std::printf(\"honest %d\\n\", 6 * 7); }\n"),
        "go" => {
            ("main.go", "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"honest\", 6*7) }\n")
        }
        "java" => (
            "Main.java",
            "public class Main { public static void main(String[] a) { System.out.println(\"honest \" + 6 * 7); } }\n",
        ),
        "csharp" => (
            "Program.cs",
            "class Program { static void Main() { System.Console.WriteLine(\"honest \" + 6 * 7); } }\n",
        ),
        _ => ("main.sh", "echo honest $((6 * 7))\n"),
    };
    let run = server.run(&json!({"language": language, "files": [{"name": file, "content": source}]}));
    let stdout = run["stages"].as_array().unwrap().last().map(|stage| text(stage, "stdout"));
    let answer = format!("{}: {}", run["outcome"].as_str().unwrap(), stdout.unwrap_or_default());
    (answer, "succeeded: honest 42\n".into())
}

/// Processes on this machine, in whatever namespace, that carry this mark in their command line or environment.
fn processes_of(mark: &str) -> Vec<String> {
    let own = std::process::id().to_string();
    let carries = |path: &std::path::Path, file: &str| {
        fs::read(path.join(file)).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(mark))
    };
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().is_some_and(|name| name.to_str() != Some(&own)))
        .filter(|path| carries(path, "cmdline") || carries(path, "environ"))
        .map(|path| format!("{}: {:?}", path.display(), fs::read_to_string(path.join("cmdline"))))
        .collect()
}

fn core_pattern() -> String {
    fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default()
}

/// One run leaves a mark wherever it can, the next ones look for it.
fn nothing_leaks(server: &Server) -> Result<(), Failed> {
    for round in 0..LEAK_ROUNDS {
        let mark = mark();
        let probe = ["probe.py", "places.py"].map(str::to_owned);
        let left = server.run(&request("python", "isolation/leave-a-mark.py", &probe, &mark));
        let said = text(&left["stages"][0], "stdout");
        if !said.ends_with("everything is marked\n") {
            return Err(format!("round {round}: the marks were not left\n{}", shown(&left)).into());
        }
        // Without these a look for marks shows nothing.
        for channel in ["/tmp", "/dev/shm", "/box", "abstract socket", "loopback", "daemon"] {
            if !said.contains(&format!("{channel}: LEFT")) {
                return Err(format!("round {round}: no mark by {channel}\n{}", shown(&left)).into());
            }
        }
        for _ in 0..2 {
            let look = server.run(&request("python", "isolation/look-for-marks.py", &probe, &mark));
            let said = text(&look["stages"][0], "stdout");
            if !said.ends_with("looked everywhere\n") || said.contains("FOUND") {
                return Err(format!("round {round}: a mark was found\n{}\nleft: {said}", shown(&look)).into());
            }
        }
        if !eventually(LEFTOVER_PATIENCE, || processes_of(&mark).is_empty()) {
            return Err(format!("round {round}: left behind: {:?}", processes_of(&mark)).into());
        }
    }
    Ok(())
}

fn well_afterwards(server: &Server) -> Result<(), Failed> {
    let containers = containers_of(server.pid());
    assert!(containers.len() <= MAX_CELLS, "{} containers: {containers:#?}", containers.len());
    let listed = Command::new("docker").args(["ps", "--quiet"]).output()?;
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    assert_eq!(server.get("/healthz").status(), 200);
    let status: Value = server.get("/api/v1/status").json()?;
    assert!(status["isolation"]["mode"].is_string(), "{status:#}");
    assert_eq!(core_pattern(), *CORE_PATTERN, "crashes go elsewhere now");
    let log = server.log.lock().unwrap();
    assert!(!log.contains("panicked"), "{log}");
    drop(log);
    Ok(())
}
