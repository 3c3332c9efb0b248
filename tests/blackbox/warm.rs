//! Processes that start before they are needed: a run that one of them takes is the same as one that starts anew, to the
//! byte, and nothing is shared between two runs.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc, time::Duration};

use libtest_mimic::{Failed, Trial};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::server::{Server, repository};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
    language: String,
    case: String,
    file: String,
    source: String,
    #[serde(default)]
    stdin: String,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    with: BTreeMap<String, String>,
    #[serde(default)]
    cold: bool,
}

/// `server` and `single_use` have waiting processes, `cold` has none and is otherwise as `server`.
pub(crate) fn trials(server: &Arc<Server>, single_use: &Arc<Server>, cold: &Arc<Server>) -> Vec<Trial> {
    let programs: Vec<Program> =
        serde_yaml::from_str(&fs::read_to_string(repository().join("tests/warm.yaml")).unwrap()).unwrap();
    let mut trials = Vec::new();
    for program in programs {
        let (server, cold) = (server.clone(), cold.clone());
        let name = format!("warm::{}::{}", program.language, program.case.replace(' ', "_"));
        trials.push(Trial::test(name, move || same_both_ways(&server, &cold, &program)));
    }
    for (name, server) in [("docker", server), ("single_use", single_use)] {
        let server = server.clone();
        trials.push(Trial::test(format!("warm::{name}::nothing_is_shared"), move || {
            nothing_is_shared(&server);
            Ok(())
        }));
    }
    trials.push(Trial::test("warm::docker::a_process_waits_after_a_while_and_nobody_waits_for_it", || {
        started_in_time();
        Ok(())
    }));
    trials
}

/// How long a cell is left alone so that its process starts, whatever else this machine does.
const LEFT_ALONE: Duration = Duration::from_millis(2500);

/// The usual way, on a machine that has other things to do: a cell that was left alone has a process that waits, and requests that
/// come one after the other are answered whether theirs was started or not.
fn started_in_time() {
    let folder = tempfile::tempdir().unwrap();
    copy(&repository().join("runtimes/python-3.13"), &folder.path().join("python-3.13"));
    let server = Server::start(&["--engine", "docker", "--runtimes", folder.path().to_str().unwrap()]);
    server.wait_until_settled();
    let body = json!({"language": "python", "files": [{"name": "main.py", "content": "print(1)"}]});
    let is_right = |run: &Value| run["stages"][0]["stdout"] == "1\n";
    let warm = (0..4).any(|_| {
        std::thread::sleep(LEFT_ALONE);
        let run = server.run(&body);
        assert!(is_right(&run), "{run:#}");
        run["warm"] == true
    });
    assert!(warm, "no process was ever started before its run");
    let runs: Vec<Value> = (0..20).map(|_| server.run(&body)).collect();
    assert!(runs.iter().all(is_right), "{runs:#?}");
}

/// A folder with the runtimes that have waiting processes, for a server that has only those.
pub(crate) fn runtimes() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(repository().join("runtimes")).unwrap() {
        let path = entry.unwrap().path();
        let definition = fs::read_to_string(path.join("runtime.yaml")).unwrap_or_default();
        if definition.contains("\n  warm:") {
            copy(&path, &folder.path().join(path.file_name().unwrap()));
        }
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, target) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn same_both_ways(server: &Server, cold: &Server, program: &Program) -> Result<(), Failed> {
    for runtime in server.ready(&program.language) {
        let version = runtime["version"].as_str().unwrap();
        let mut files = vec![json!({"name": program.file, "content": program.source})];
        files.extend(program.with.iter().map(|(name, content)| json!({"name": name, "content": content})));
        let body = json!({"language": program.language, "version": version, "files": files, "stdin": program.stdin,
            "args": program.args, "env": program.env});
        let (one, other) = (server.run(&body), cold.run(&body));
        if one["warm"] != !program.cold || other["warm"] != false {
            let warm = [&one["warm"], &other["warm"]];
            return Err(format!("{version}: warm is {warm:?}\n{one:#}").into());
        }
        if comparable(&one) != comparable(&other) {
            return Err(
                format!("{version} warm:\n{:#}\ncold:\n{:#}", comparable(&one), comparable(&other)).into()
            );
        }
    }
    Ok(())
}

/// Everything of a run that its program decides.
fn comparable(run: &Value) -> Value {
    let stages = run["stages"].as_array().unwrap().iter();
    let told = ["name", "exit_code", "signal", "stdout", "stderr", "encoding", "truncated"];
    let stages = stages.map(|stage| told.map(|key| stage[key].clone()));
    json!({"outcome": run["outcome"], "stages": stages.collect::<Vec<_>>()})
}

/// What is random in a program is so anew in each run, although the process had started before.
fn nothing_is_shared(server: &Server) {
    let programs = [
        (
            "python",
            "main.py",
            "import os, random, tempfile, uuid\nfor x in (hash('x'), random.random(), tempfile.mkdtemp(), uuid.uuid4(), os.urandom(4)): print(x)\n",
        ),
        (
            "javascript",
            "main.js",
            "const c = require('crypto');\nconsole.log(Math.random()); console.log(c.randomUUID()); console.log(require('fs').mkdtempSync('/tmp/x'));\n",
        ),
        (
            "java",
            "Main.java",
            "import java.util.*;\npublic class Main { public static void main(String[] a) throws Exception {\nSystem.out.println(new Random().nextLong()); System.out.println(Math.random()); System.out.println(UUID.randomUUID());\nSystem.out.println(java.nio.file.Files.createTempFile(null, null)); } }\n",
        ),
        (
            "csharp",
            "main.cs",
            "using System;\nclass P { static void Main() { Console.WriteLine(Guid.NewGuid()); Console.WriteLine(System.IO.Path.GetTempFileName()); } }\n",
        ),
    ];
    for (language, file, source) in programs {
        let body = json!({"language": language, "files": [{"name": file, "content": source}]});
        let runs: Vec<Value> = (0..3).map(|_| server.run(&body)).collect();
        let outputs = runs.iter().map(|run| {
            assert_eq!(run["outcome"], "succeeded", "{run:#}");
            run["stages"].as_array().unwrap().last().unwrap()["stdout"].as_str().unwrap()
        });
        let lines: Vec<Vec<&str>> = outputs.map(|output| output.lines().collect()).collect();
        for index in 0..lines[0].len() {
            let mut values: Vec<&str> = lines.iter().map(|lines| lines[index]).collect();
            values.sort_unstable();
            values.dedup();
            assert_eq!(values.len(), 3, "{language}: line {index} repeats: {values:?}");
        }
    }
}
