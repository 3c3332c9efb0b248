//! One cell, again and again: on a server with a single cell an honest program runs where the hostile one has just run, and nowhere
//! else. Where there are several, the cell that has waited longest takes the next run, so that little would be proven of one of them.

use std::{fs, path::Path};

use libtest_mimic::{Failed, Trial};
use serde_json::json;

use super::{
    CANARY_PATIENCE, REPLACE_PATIENCE,
    answer::{differences, shown},
    canary, leak,
    manifest::{Attack, attacks, request},
    mark, traces,
};
use crate::{
    processes::agents_of,
    server::{Server, containers_of, eventually, repository},
};

/// Beside all attacks on the isolation: programs that use something up, some within their bounds and some beyond.
const EXHAUSTING: [&str; 12] = [
    "descriptor-exhaustion",
    "fill-box",
    "flood-both",
    "fork-bomb-python",
    "kernel-objects",
    "kill-minus-one",
    "late-daemon",
    "memory-list",
    "one-line",
    "sleep",
    "sparse-file",
    "stop-group",
];

/// After which of these a cell must not serve again. Running out of memory is not among them: a runtime may notice that by itself, long
/// before its cell does.
const BROKEN: [&str; 2] = ["timed_out", "output_limit"];

pub(crate) fn trials() -> Vec<Trial> {
    let attacked = |language: &'static str, runtime: &'static str| {
        let name = format!("hostile::same_cell::{language}");
        Trial::test(name, move || attacks_in_one_cell(language, runtime))
    };
    let leaking = |engine: &'static str| {
        Trial::test(format!("hostile::same_cell::leak_{engine}"), move || leak_in_one_cell(engine))
    };
    let mut trials = vec![attacked("python", "python-3.13"), attacked("shell", "bash-5.2")];
    let traced = |engine: &'static str| {
        Trial::test(format!("hostile::same_cell::network_{engine}"), move || traces::in_one_cell(engine))
    };
    trials.extend(["docker", "local"].map(leaking));
    trials.extend(["docker", "local"].map(traced));
    trials
}

/// A server with one nested cell, of one of these runtimes.
fn server(engine: &str, candidates: &[&str]) -> Result<Server, Failed> {
    let runtimes = tempfile::tempdir()?;
    for runtime in candidates {
        copy(&repository().join("runtimes").join(runtime), &runtimes.path().join(runtime))?;
    }
    let path = runtimes.path().display().to_string();
    let arguments = ["--engine", engine, "--isolation", "nested", "--warm", "always", "--runtimes", &path];
    let server = Server::start_with(&arguments, |command| {
        command.env("POLYGROUND_MAX_CELLS", "1");
    });
    server.wait_until_settled();
    Ok(server)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// What the one cell is called: its container, or its agent's process.
pub(super) fn cell(server: &Server) -> Result<String, Failed> {
    let cells = || {
        let agents = agents_of(server.pid()).into_iter().map(|pid| pid.to_string());
        containers_of(server.pid()).into_iter().chain(agents).collect::<Vec<_>>()
    };
    let mut seen = Vec::new();
    // One that is replaced is there for a moment beside the one that replaces it, or before that one.
    let is_one = eventually(REPLACE_PATIENCE, || {
        seen = cells();
        seen.len() == 1
    });
    if is_one { Ok(seen.remove(0)) } else { Err(format!("not one cell: {seen:?}").into()) }
}

fn attacks_in_one_cell(language: &str, runtime: &str) -> Result<(), Failed> {
    let server = server("docker", &[runtime])?;
    let is_meant = |attack: &Attack| {
        attack.language == language
            && attack.modes.iter().any(|mode| mode == "nested")
            && (attack.threat.starts_with('B') || EXHAUSTING.contains(&attack.id.as_str()))
    };
    let attacks: Vec<_> = attacks().into_iter().filter(is_meant).collect();
    assert!(attacks.len() >= 8, "only {} attacks in {language}", attacks.len());
    let mut wrong = Vec::new();
    let (mut kept, mut replaced) = (0, 0);
    for attack in &attacks {
        let before = cell(&server)?;
        wrong.extend(attack_and_canary(&server, attack)?);
        if cell(&server)? == before { kept += 1 } else { replaced += 1 }
    }
    eprintln!("same cell, {language}: {kept} attacks left the cell as it was, {replaced} had it replaced");
    assert!(kept > 0 && replaced > 0, "{kept} cells were kept and {replaced} replaced: both must be seen");
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// What is wrong with the answers to a hostile program and to the honest one after it, and with where that ran.
fn attack_and_canary(server: &Server, attack: &Attack) -> Result<Vec<String>, Failed> {
    let before = cell(server)?;
    let mut body = request(&attack.folder, &attack.language, &attack.file, &attack.with, &mark());
    body["stdin"] = json!(attack.stdin);
    body["limits"] = json!(attack.limits);
    let run = server.run(&body);
    let mut wrong = differences(&run, attack);
    let begun = std::time::Instant::now();
    let (answer, expected) = canary(server, &attack.language);
    if answer != expected || begun.elapsed() > CANARY_PATIENCE {
        wrong
            .push(format!("an honest program said {answer:?} after {:?}, not {expected:?}", begun.elapsed()));
    }
    let (is_same, outcome) = (cell(server)? == before, run["outcome"].as_str().unwrap_or_default());
    if is_same && BROKEN.contains(&outcome) {
        wrong.push(format!("its cell serves on although it was {outcome}"));
    }
    if !is_same && !BROKEN.contains(&outcome) && outcome != "out_of_memory" {
        wrong.push(format!("its cell was replaced although it was {outcome}"));
    }
    let named = wrong.into_iter().map(|what| format!("{}: {what}\n{}", attack.id, shown(&run)));
    Ok(named.collect())
}

/// A server with one nested cell, of Python.
pub(super) fn python_server(engine: &str) -> Result<Server, Failed> {
    // This machine has one Python, whichever that is.
    let candidates: &[&str] =
        if engine == "local" { &["python-3.13", "python-3.11"] } else { &["python-3.13"] };
    let server = server(engine, candidates)?;
    assert_eq!(server.ready("python").len(), 1, "{:#?}", server.runtimes());
    Ok(server)
}

fn leak_in_one_cell(engine: &str) -> Result<(), Failed> {
    let server = python_server(engine)?;
    let before = cell(&server)?;
    // The local engine has none of the files that processes wait with.
    leak::nothing_leaks(&server, engine == "docker")?;
    let after = cell(&server)?;
    if before == after { Ok(()) } else { Err(format!("the runs were in {before}, then in {after}").into()) }
}
