//! The bounds of a compile stage, each on its own, and what it can leave for the next stage: a runtime whose compiler is a shell that
//! runs the source, with small limits, and whose program is what that has written.

use std::fs;

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::server::{Server, repository};

/// Over the folder of the shell's runtime, whose image it shares.
const DEFINITION: &str = r#"
language: bounded
version: "5.2"
name: A compiler with small limits
extensions: [sh]
editor: {mode: shell, file: main.sh, template: "true\n"}
image: {build: .}
host: {requires: [bash]}
detect: {command: [bash, --version], pattern: 'version (\d+\.\d+\.\d+)'}
compile:
  command: [bash, "{main}"]
  limits: {wall: 4s, cpu: 300ms, processes: 12, output: 4KiB, file_size: 1MiB}
run:
  command: [bash, "{out}/program"]
limits: {wall: 10s, cpu: 10s, memory: 128MiB, processes: 64, output: 1MiB, files: 4MiB}
pool: {min: 1, max: 2}
network: none
samples:
  - {name: both, files: {main.sh: "echo 'echo ran' >/build/program\n"}, stdout: "ran\n"}
"#;

/// Leaves a mark by what is not the program's build, and has the next stage look for it: processes, System V objects, sockets and, where it
/// has a file system of its own, files.
const LEAVES: &str = r#"
setsid sleep 30 &
setsid bash -c 'trap "" TERM HUP; sleep 30' &
echo left >/tmp/left; echo left >/dev/shm/left; echo left >~/left
ipcmk -Q >/dev/null
sleep 0.2
cat >/build/program <<'END'
echo processes $(grep -lz 'slee[p]' /proc/[0-9]*/cmdline 2>/dev/null | wc -l)
echo objects $(tail -qn +2 /proc/sysvipc/msg /proc/sysvipc/sem /proc/sysvipc/shm | wc -l)
echo files $(ls -A /tmp /dev/shm ~ | grep -c left)
END
[ $(grep -lz 'slee[p]' /proc/[0-9]*/cmdline 2>/dev/null | wc -l) -ge 2 ] && [ $(tail -n +2 /proc/sysvipc/msg | wc -l) = 1 ] && echo all is left
"#;

/// A source, how its compile stage must end, and what that must have said.
struct Case {
    bound: &'static str,
    source: &'static str,
    outcome: &'static str,
    says: &'static [&'static str],
}

/// The bound on wall time above, in milliseconds.
const WALL_MS: f64 = 4000.0;

/// That on CPU time.
const CPU_MS: f64 = 300.0;

const CASES: [Case; 8] = [
    Case { bound: "wall time", source: "echo begun; sleep 30", outcome: "timed_out", says: &["begun"] },
    Case {
        bound: "CPU time",
        source: "echo begun; while :; do :; done",
        outcome: "timed_out",
        says: &["begun"],
    },
    Case {
        // A shell that cannot fork tries again for a long time.
        bound: "processes",
        source: "for i in {1..30}; do sleep 30 & echo child $i; done",
        outcome: "timed_out",
        says: &["child 8", "fork: retry: Resource temporarily unavailable"],
    },
    Case {
        bound: "open files",
        source: "n=0; while [ $n -lt 500 ] && exec {fd}</dev/null; do n=$((n + 1)); done\n\
                 [ $n -gt 200 ] && [ $n -lt 256 ] && echo bounded; exit 3",
        outcome: "compile_failed",
        says: &["bounded", "Too many open files"],
    },
    Case {
        bound: "the size of a file",
        source: "head -c 3000000 /dev/zero >/build/big; echo ended $?; stat -c %s /build/big; exit 3",
        outcome: "compile_failed",
        says: &["ended 153\n1048576\n"],
    },
    Case {
        bound: "bytes of files",
        source: "for i in {1..9}; do head -c 1000000 /dev/zero >/build/$i || break; done; echo full at $i; exit 3",
        outcome: "compile_failed",
        says: &["full at 5\n", "No space left on device"],
    },
    Case {
        bound: "the number of files",
        source: "cd /build; touch {1..5000} 2>/tmp/said; tail -1 /tmp/said; n=$(ls | wc -l)\n\
                 [ $n -gt 4000 ] && [ $n -le 4096 ] && echo bounded; exit 3",
        outcome: "compile_failed",
        says: &["bounded", "No space left on device"],
    },
    Case { bound: "output", source: "yes yyyyyyyyyyyyyyy", outcome: "output_limit", says: &["yyyy"] },
];

pub(crate) fn trials() -> Vec<Trial> {
    let engines: [(&'static str, &[&str]); 3] = [
        ("nested", &["--engine", "docker", "--isolation", "nested"]),
        ("single-use", &["--engine", "docker", "--isolation", "single-use"]),
        ("local", &["--engine", "local"]),
    ];
    let trial = |(mode, arguments): (&'static str, &'static [&'static str])| {
        Trial::test(format!("compile_stage::{mode}"), move || each_bound_holds(mode, arguments))
    };
    engines.into_iter().map(trial).collect()
}

fn each_bound_holds(mode: &str, arguments: &[&str]) -> Result<(), Failed> {
    let runtimes = tempfile::tempdir()?;
    let folder = runtimes.path().join("bash-5.2");
    fs::create_dir(&folder)?;
    fs::copy(repository().join("runtimes/bash-5.2/Dockerfile"), folder.join("Dockerfile"))?;
    fs::write(folder.join("runtime.yaml"), DEFINITION)?;
    let path = runtimes.path().display().to_string();
    let server = Server::start(&[arguments, &["--runtimes", &path]].concat());
    server.wait_until_settled();
    assert_eq!(server.ready("bounded").len(), 1, "{:#?}", server.runtimes());
    let mut wrong: Vec<_> = CASES.iter().flat_map(|case| differences(&server, case)).collect();
    // Whatever a bound did to its cell: the next program compiles and runs.
    let marked = run(&server, LEAVES);
    // Stages share a container's folders and objects in single-use cells.
    let found = if mode == "single-use" { (1, 3) } else { (0, 0) };
    let expected = format!("processes 0\nobjects {}\nfiles {}\n", found.0, found.1);
    let left = marked["stages"][0]["stdout"] == "all is left\n";
    if marked["outcome"] != "succeeded" || !left || marked["stages"][1]["stdout"] != expected {
        wrong.push(format!("what it leaves for the next stage, not {expected:?}: {marked:#}"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn run(server: &Server, source: &str) -> Value {
    server.run(&json!({"language": "bounded", "files": [{"name": "main.sh", "content": source}]}))
}

/// What is not as it must be.
fn differences(server: &Server, case: &Case) -> Vec<String> {
    let run = run(server, case.source);
    let stages = run["stages"].as_array().unwrap();
    let mut wrong = Vec::new();
    if run["outcome"] != case.outcome {
        wrong.push(format!("the outcome is {}, not {}", run["outcome"], case.outcome));
    }
    // What was not compiled is not run.
    if stages.len() != 1 || stages[0]["name"] != "compile" {
        wrong.push("compiling was not its one stage".into());
    }
    let text = ["stdout", "stderr"].map(|stream| stages[0][stream].as_str().unwrap_or_default());
    let lacks = |part: &&&str| !text.iter().any(|text| text.contains(**part));
    wrong.extend(case.says.iter().filter(lacks).map(|part| format!("it does not say {part:?}")));
    if case.outcome == "output_limit" && text[0].len() + text[1].len() != 4096 {
        wrong.push(format!("{} and {} bytes of output were kept", text[0].len(), text[1].len()));
    }
    let took = |what: &str| stages[0][what].as_f64().unwrap();
    // Each of the two bounds is what ended its program, and not the other.
    let held = match case.bound {
        "wall time" => took("wall_ms") >= WALL_MS && took("cpu_ms") < CPU_MS,
        "CPU time" => took("cpu_ms") >= CPU_MS && took("wall_ms") < WALL_MS,
        _ => true,
    };
    if !held {
        wrong.push(format!("it took {} ms, {} ms of CPU time", took("wall_ms"), took("cpu_ms")));
    }
    if wrong.is_empty() {
        return wrong;
    }
    vec![format!("{}: {}\n{run:#}", case.bound, wrong.join("; "))]
}
