//! Programs that mean harm: `tests/hostile/<kind>/manifest.yaml` and the sources beside it. Each gets the answer that is named there; afterwards the
//! same server still answers honest programs, and nothing of the program is left on this machine.

pub(crate) mod afterwards;
mod answer;
mod documented;
mod leak;
mod leftovers;
mod machine;
mod manifest;
pub(crate) mod same_cell;
mod traces;

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use self::{
    answer::{differences, shown, text},
    machine::{Machine, processes_of},
    manifest::{Attack, attacks, request},
};
use crate::server::{Server, containers_of, eventually};

/// How long an honest program may take after a hostile one, on a machine that has other things to do.
const CANARY_PATIENCE: Duration = Duration::from_secs(10);

/// How soon every process of a program must be gone after its answer.
const LEFTOVER_PATIENCE: Duration = Duration::from_secs(3);

/// The cells that a server has at most. That each of its containers is one of them is looked at when all is quiet ([`afterwards`]).
const MAX_CELLS: usize = 32;

/// How soon containers beyond that, which are being replaced, must be gone.
const REPLACE_PATIENCE: Duration = Duration::from_secs(10);

/// This machine before any hostile program has run.
static BEFORE: LazyLock<Machine> = LazyLock::new(Machine::now);

/// What is tried on a server.
type Test = Box<dyn FnOnce(&Server) -> Result<(), Failed> + Send>;

/// Every attack on one server, whose cells are of `mode`.
pub(crate) fn trials(mode: &'static str, server: &Arc<Server>) -> Vec<Trial> {
    LazyLock::force(&BEFORE);
    leftovers::remember();
    let attacks = attacks();
    let mut trials = Vec::new();
    // What this machine has no language for is listed as left out, not left out of the list.
    let mut add = |name: &str, absent: bool, test: Test| {
        let server = server.clone();
        let trial = Trial::test(format!("hostile::{mode}::{name}"), move || test(&server));
        trials.push(trial.with_ignored_flag(absent));
    };
    if mode == "nested" {
        let all = attacks.clone();
        add("the_corpus_is_whole", false, Box::new(move |_| manifest::is_whole(&all)));
    }
    // The local engine nests as Docker's cells do.
    let kind = if mode == "local" { "nested" } else { mode };
    for attack in attacks {
        if !attack.modes.iter().any(|mode| mode == kind) {
            continue;
        }
        let absent = mode == "local" && server.ready(&attack.language).is_empty();
        add(&attack.id.clone(), absent, Box::new(move |server| check(server, &attack)));
    }
    // The local engine's server insists on no waiting process.
    add("leak", false, Box::new(move |server| leak::nothing_leaks(server, mode != "local")));
    trials
}

/// The attacks on processes that had started before their program came: the same answers. What an attack has in its environment
/// makes it start anew, so here it has nothing. In single-use cells those on the isolation, which is another one there.
pub(crate) fn warm_trials(mode: &'static str, server: &Arc<Server>) -> Vec<Trial> {
    let has_warm = |attack: &Attack| ["python", "javascript", "java"].contains(&attack.language.as_str());
    let attacks = attacks().into_iter().filter(|attack| attack.warm && has_warm(attack));
    let attacks = attacks.filter(|attack| attack.modes.iter().any(|of| of == mode));
    let attacks = attacks.filter(|attack| mode == "nested" || attack.threat.starts_with('B'));
    attacks
        .map(|attack| {
            let server = server.clone();
            let name = format!("hostile::warm::{mode}::{}", attack.id);
            Trial::test(name, move || check_warm(&server, &attack))
        })
        .collect()
}

fn check_warm(server: &Server, attack: &Attack) -> Result<(), Failed> {
    let mut body = request(&attack.folder, &attack.language, &attack.file, &attack.with, &mark());
    body["stdin"] = json!(attack.stdin);
    body["limits"] = json!(attack.limits);
    body["env"] = json!({});
    let run = server.run(&body);
    let mut wrong = differences(&run, attack);
    if run["warm"] != true {
        wrong.push("no waiting process took it".into());
    }
    let (answer, expected) = canary(server, &attack.language);
    if answer != expected {
        wrong.push(format!("an honest program said {answer:?} afterwards, not {expected:?}"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{}\n{}", wrong.join("\n"), shown(&run)).into()) }
}

/// A number that nothing else on this machine carries.
fn mark() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("31{}{:04}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn check(server: &Server, attack: &Attack) -> Result<(), Failed> {
    let mark = mark();
    let mut body = request(&attack.folder, &attack.language, &attack.file, &attack.with, &mark);
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
    if !eventually(LEFTOVER_PATIENCE, || processes_of(&mark).is_empty()) {
        wrong.push(format!("left behind: {:?}", processes_of(&mark)));
    }
    if !eventually(REPLACE_PATIENCE, || containers_of(server.pid()).len() <= MAX_CELLS) {
        wrong.push(format!("too many containers: {:#?}", containers_of(server.pid())));
    }
    let data = server.data();
    if !eventually(LEFTOVER_PATIENCE, || leftovers::left(&mark, data.path()).is_empty()) {
        wrong.push(format!("left behind: {:?}", leftovers::left(&mark, data.path())));
    }
    wrong.extend(BEFORE.changes());
    if wrong.is_empty() { Ok(()) } else { Err(format!("{}\n{}", wrong.join("\n"), shown(&run)).into()) }
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

/// The request of one of all programs that the nested mode has an answer for, and what that may be: its outcomes, and what its
/// output must not hold.
#[allow(dead_code)] // the soak needs it
pub(crate) fn one_of_all(number: usize) -> (String, Value, Vec<String>, Vec<String>) {
    static ALL: LazyLock<Vec<Attack>> = LazyLock::new(|| {
        attacks().into_iter().filter(|attack| attack.modes.iter().any(|mode| mode == "nested")).collect()
    });
    let attack = &ALL[number % ALL.len()];
    let mut body = request(&attack.folder, &attack.language, &attack.file, &attack.with, &mark());
    body["stdin"] = json!(attack.stdin);
    body["limits"] = json!(attack.limits);
    (attack.id.clone(), body, attack.expect.outcome.clone(), attack.expect.lacks.clone())
}
