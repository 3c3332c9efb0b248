//! `polyground selftest`: everything is held in each isolation, and a check that is not held is told.

use std::{
    collections::BTreeSet,
    fs,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use serde_json::Value;

use crate::server::{BINARY, repository};

/// How long a whole battery may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// What must be tried in any isolation: nobody takes one out unseen.
const NAMES: [&str; 37] = [
    "namespaces",
    "not root",
    "capabilities",
    "no new privileges",
    "seccomp",
    "descriptors",
    "environment",
    "network devices",
    "network connections",
    "socket families",
    "read-only root",
    "host files",
    "devices",
    "cgroups",
    "proc hidden",
    "no agent in reach",
    "signals to everything",
    "keyring",
    "ptrace",
    "kernel calls",
    "mount",
    "unshare",
    "fork bomb",
    "memory bomb",
    "tmpfs fill",
    "output flood",
    "sleep",
    "spin",
    "descriptors exhausted",
    "daemon",
    "leak to the next run",
    "core dump",
    "forged frames",
    "cells counted back",
    "no cell left",
    "no process left",
    "host unchanged",
];

pub(crate) fn trials() -> Vec<Trial> {
    let tests: [(&str, fn()); 8] = [
        ("docker_nested_holds_everything", || {
            holds(&["--engine", "docker", "--isolation", "nested"], "nested")
        }),
        ("docker_single_use_holds_everything", || {
            holds(&["--engine", "docker", "--isolation", "single-use"], "single-use");
        }),
        ("local_holds_everything", || holds(&["--engine", "local"], "nested")),
        ("what_is_not_held_fails_with_its_reason", wrong_expectation),
        ("a_sandbox_that_is_open_is_told", open_sandbox),
        ("one_runtime_can_be_chosen", one_runtime),
        ("nothing_that_can_be_run_is_no_success", nothing),
        ("ctrl_c_leaves_no_container", interrupted),
    ];
    let trial = |(name, test): (&str, fn())| {
        Trial::test(format!("selftest::{name}"), move || {
            test();
            Ok(())
        })
    };
    tests.map(trial).into()
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.arg("selftest").args(args).current_dir(repository());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What it ends with; it must end by itself. What it writes is read meanwhile, so that no pipe fills up.
fn selftest(args: &[&str]) -> Output {
    let child = command(args).spawn().unwrap();
    let pid = child.id();
    let waiting = thread::spawn(move || child.wait_with_output().unwrap());
    let begun = Instant::now();
    while !waiting.is_finished() {
        if begun.elapsed() > PATIENCE {
            let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
            panic!("it did not end: {}", text(&waiting.join().unwrap().stdout));
        }
        thread::sleep(Duration::from_millis(50));
    }
    waiting.join().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", text(&output.stdout), text(&output.stderr)))
}

/// A battery with one check in the shell.
fn battery(folder: &tempfile::TempDir, program: &str) -> String {
    let file = folder.path().join("battery.yaml");
    let check = format!(
        "checks: [{{name: probe, tries: something, held_by: nothing, programs: {{shell: [{{{program}}}]}}}}]\n"
    );
    fs::write(&file, check).unwrap();
    file.display().to_string()
}

fn holds(settings: &[&str], isolation: &str) {
    let output = selftest(&[settings, &["--json"]].concat());
    let document = document(&output);
    let checks = document["checks"].as_array().unwrap();
    // Another machine may have versions of an interpreter that no definition is for; a shell it has.
    let local = document["engine"]["kind"] == "local";
    let may_be_missing =
        |check: &Value| local && check["result"] == "skipped" && check["runtime"] == "python";
    let open: Vec<_> =
        checks.iter().filter(|check| check["result"] != "passed" && !may_be_missing(check)).collect();
    assert!(open.is_empty(), "{open:#?}");
    let checks: Vec<_> = checks.iter().filter(|check| !may_be_missing(check)).collect();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(document["isolation"]["mode"], isolation);
    assert_eq!(document["engine"]["kind"], settings[1]);
    assert_eq!(document["passed"], checks.len());
    assert_eq!(document["failed"], 0);
    assert!(document["total_ms"].as_f64().unwrap() > 0.0);

    let all = document["checks"].as_array().unwrap();
    let names: BTreeSet<_> = all.iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, NAMES.into_iter().collect());
    for check in checks {
        for key in ["tried", "held_by"] {
            assert!(!check[key].as_str().unwrap().is_empty(), "{check:#}");
        }
        assert!(!check["seen"].as_array().unwrap().is_empty(), "{check:#}");
        assert!(check["ms"].is_number() && check["reason"].is_null(), "{check:#}");
    }
    // How far it has come is told beside the document.
    assert!(text(&output.stderr).contains("2 of "), "{}", text(&output.stderr));
}

fn wrong_expectation() {
    let folder = tempfile::tempdir().unwrap();
    let file = battery(&folder, "source: 'echo \"held: x\"', outcome: [out_of_memory]");
    let output = selftest(&["--engine", "docker", "--battery", &file]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.lines().any(|line| line.starts_with("FAIL  probe")), "{said}");
    assert!(said.contains("it ended as succeeded with exit code 0"), "{said}");
    assert!(said.contains("NOT everything was held") && said.contains("1 failed"), "{said}");
    assert!(said.contains("PASS  no cell left"), "{said}");
}

/// A program that is let do what must not be is told with what got through.
fn open_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let source = "source: 'echo x >/tmp/x && echo \"held: a\" && echo \"BROKEN: /tmp can be written\"'";
    let output = selftest(&["--engine", "docker", "--json", "--battery", &battery(&folder, source)]);
    assert_eq!(output.status.code(), Some(1));
    let document = document(&output);
    let check = &document["checks"][0];
    assert_eq!((&check["result"], &check["reason"]), (&"failed".into(), &"/tmp can be written".into()));
    assert_eq!(document["failed"], 1);
}

fn one_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let file = battery(&folder, "source: 'echo \"held: x\"'");
    let output = selftest(&["bash", "--engine", "docker", "--json", "--battery", &file]);
    let document = document(&output);
    assert_eq!(output.status.code(), Some(0), "{document:#}");
    assert!(document["checks"][0]["runtime"].as_str().unwrap().starts_with("bash-"), "{document:#}");

    let unknown = selftest(&["pyhton", "--engine", "docker"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("did you mean `python`"), "{}", text(&unknown.stderr));
    let without = selftest(&["go", "--engine", "docker"]);
    assert_eq!(without.status.code(), Some(2));
    assert!(text(&without.stderr).contains("the battery has no program in go"), "{}", text(&without.stderr));
}

fn nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("battery.yaml");
    let check = "{name: probe, tries: x, held_by: y, programs: {intercal: [{source: x}]}}";
    fs::write(&file, format!("checks: [{check}]")).unwrap();
    let output = selftest(&["--engine", "docker", "--battery", file.to_str().unwrap()]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("SKIP  probe") && said.contains("there is no runtime of intercal"), "{said}");
}

fn interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let program = "source: 'sleep 8', outcome: [timed_out]";
    let mut child =
        command(&["--engine", "docker", "--battery", &battery(&folder, program)]).spawn().unwrap();
    let pid = child.id();
    let containers = || crate::server::containers_of(pid);
    let begun = crate::server::eventually(Duration::from_secs(60), || !containers().is_empty());
    assert!(begun, "no container was started");
    assert!(Command::new("kill").args(["-INT", &pid.to_string()]).status().unwrap().success());
    let ended = crate::server::eventually(Duration::from_secs(20), || child.try_wait().unwrap().is_some());
    let _ = child.kill();
    assert!(ended, "it did not end");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(containers(), Vec::<String>::new());
}
