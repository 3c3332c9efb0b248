//! Many honest programs in a hostile neighbourhood: each gets its own answer, nothing is left over, the server stays small.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::{
    hangups::processes_with,
    server::{Server, containers_of, eventually},
};

/// Programs that must get their answer.
const HONEST: usize = 1000;

/// Programs that must get what they deserve.
const HOSTILE: usize = 200;

/// Clients at a time.
const CLIENTS: usize = 8;

/// Cells that the server may have.
const CELLS: &str = "16";

/// Runs after which the server has its size.
const WARM: usize = 200;

/// How much larger it may be in the end.
const GROWTH_KIB: u64 = 10 << 10;

/// What every run's arguments end with, and no other process's. What a program leaves carries it as its name, so that it is found by its
/// command line, which is all that others may read of it.
fn marker() -> String {
    format!("soak-{}", std::process::id())
}

/// A language, its file, and a program that prints `run N N²` for its argument `N`.
const OTHERS: [[&str; 3]; 5] = [
    [
        "c++",
        "main.cpp",
        "#include <cstdio>\n#include <cstdlib>\nint main(int, char** args) { long n = std::atol(args[1]); std::printf(\"run %ld %ld\\n\", n, n * n); }\n",
    ],
    [
        "go",
        "main.go",
        "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"strconv\"\n)\n\nfunc main() {\n\tn, _ := strconv.Atoi(os.Args[1])\n\tfmt.Println(\"run\", n, n*n)\n}\n",
    ],
    [
        "java",
        "Main.java",
        "public class Main {\n    public static void main(String[] args) {\n        long n = Long.parseLong(args[0]);\n        System.out.println(\"run \" + n + \" \" + n * n);\n    }\n}\n",
    ],
    ["javascript", "main.js", "const n = Number(process.argv[2]);\nconsole.log('run', n, n * n);\n"],
    [
        "csharp",
        "Program.cs",
        "using System;\n\nclass Program {\n    static void Main(string[] args) {\n        long n = long.Parse(args[0]);\n        Console.WriteLine(\"run \" + n + \" \" + n * n);\n    }\n}\n",
    ],
];

/// A hostile program: its name, language and source, the bounds it asks for, and how it may end.
struct Hostile {
    name: &'static str,
    language: &'static str,
    source: &'static str,
    limits: &'static [(&'static str, u64)],
    ends: &'static [&'static str],
}

const HOSTILES: [Hostile; 6] = [
    Hostile {
        name: "fork bomb",
        language: "python",
        source: "import os\nwhile True:\n    os.fork()\n",
        limits: &[("wall_ms", 1500)],
        // Whichever comes first: the first process is refused a fork, its time is up, or sixty interpreters that all
        // complain are more than the cell's memory.
        ends: &["failed", "timed_out", "out_of_memory"],
    },
    Hostile {
        name: "memory bomb",
        language: "python",
        source: "data = []\nwhile True:\n    data.append(bytearray(16 << 20))\n",
        limits: &[],
        ends: &["out_of_memory"],
    },
    Hostile {
        name: "flood",
        language: "shell",
        source: "yes yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n",
        limits: &[],
        ends: &["output_limit"],
    },
    Hostile {
        name: "sleep",
        language: "shell",
        source: "trap '' TERM INT HUP\nsetsid bash -c 'exec -a \"$0\" sleep 3600' \"$2\" &\n(exec -a \"$2\" sleep 3600)\n",
        limits: &[("wall_ms", 500)],
        ends: &["timed_out"],
    },
    Hostile {
        name: "kill everybody",
        language: "shell",
        source: "(exec -a \"$2\" sleep 3600) &\nkill -9 -1\necho survived\n",
        limits: &[],
        ends: &["succeeded"],
    },
    Hostile {
        name: "segmentation fault",
        language: "python",
        source: "import ctypes\nctypes.string_at(0)\n",
        limits: &[],
        ends: &["failed"],
    },
];

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("soak::a_thousand_honest_runs_among_two_hundred_hostile_ones", soak)]
}

fn request(language: &str, file: &str, source: &str, number: usize, stdin: &str, limits: &Value) -> Value {
    json!({
        "language": language, "files": [{"name": file, "content": source}], "stdin": stdin,
        "args": [number.to_string(), marker()], "limits": limits,
    })
}

/// Runs an honest program. Gives its language.
fn honest(server: &Server, number: usize) -> Result<&'static str, String> {
    let other = OTHERS[number / 25 % OTHERS.len()];
    let (language, file, source) = match number % 25 {
        0 => (other[0], other[1], other[2].to_owned()),
        1..=8 => (
            "python",
            "main.py",
            format!(
                "import sys\nassert sys.argv[1] == '{number}'\nprint('run', sys.stdin.read(), {number} ** 2)\n"
            ),
        ),
        _ => (
            "shell",
            "main.sh",
            format!("read n\n[ $1 = {number} ] && echo \"run $n $((n * {number}))\" | tee file\n"),
        ),
    };
    let run = server.run(&request(language, file, &source, number, &number.to_string(), &json!({})));
    let expected = format!("run {number} {}\n", number * number);
    let last = run["stages"].as_array().and_then(|stages| stages.last());
    let right = run["outcome"] == "succeeded"
        && last.is_some_and(|stage| stage["stdout"] == *expected && stage["stderr"] == "");
    if right { Ok(language) } else { Err(format!("{language} {number}: {}", shown(&run))) }
}

/// Runs a hostile program. Gives its name.
fn hostile(server: &Server, number: usize) -> Result<&'static str, String> {
    let Hostile { name, language, source, limits, ends } = &HOSTILES[number % HOSTILES.len()];
    let file = if *language == "python" { "main.py" } else { "main.sh" };
    let limits: Value = limits.iter().map(|(name, bound)| ((*name).to_owned(), json!(bound))).collect();
    let run = server.run(&request(language, file, source, number, "", &limits));
    let stage = &run["stages"][0];
    let right = ends.iter().any(|end| run["outcome"] == *end)
        && match *name {
            "kill everybody" => stage["stdout"] == "survived\n",
            "segmentation fault" => stage["signal"] == 11,
            "flood" => stage["truncated"] == true,
            _ => true,
        };
    if right { Ok(name) } else { Err(format!("{name} {number}: {}", shown(&run))) }
}

fn shown(run: &Value) -> String {
    run.to_string().chars().take(1500).collect()
}

/// Kibibytes of the server that are in memory.
fn resident_kib(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Every sixth run is a hostile one.
fn one(server: &Server, index: usize) -> Result<&'static str, String> {
    const EVERY: usize = (HONEST + HOSTILE) / HOSTILE;
    if index % EVERY == EVERY - 1 {
        hostile(server, index / EVERY)
    } else {
        honest(server, index - index / EVERY)
    }
}

/// Whether the daemons of a program are seen while they live: else that none is seen in the end says nothing.
fn daemons_are_seen(server: &Server) -> bool {
    let sleepers = HOSTILES.iter().position(|program| program.name == "sleep").unwrap();
    // It has half a second, in which a busy machine may not have come to it.
    (0..5).any(|_| {
        thread::scope(|scope| {
            let run = scope.spawn(|| hostile(server, sleepers));
            // The daemon and the program itself, which would be the same two at the end.
            let named = format!("{}\03600", marker());
            let seen = eventually(Duration::from_secs(1), || processes_with(&named) >= 2);
            run.join().unwrap().is_ok() && seen
        })
    })
}

fn soak() -> Result<(), Failed> {
    let server = Server::start_with(&["--engine", "docker", "--isolation", "nested"], |command| {
        command.env("POLYGROUND_MAX_RUNNING", CLIENTS.to_string()).env("POLYGROUND_MAX_CELLS", CELLS);
    });
    server.wait_until_settled();
    for language in ["shell", "python"].into_iter().chain(OTHERS.map(|[language, ..]| language)) {
        if server.ready(language).is_empty() {
            return Err(format!("{language} is not ready: {:#}", Value::from(server.runtimes())).into());
        }
    }
    if !daemons_are_seen(&server) {
        return Err("the processes of a running program were not seen".into());
    }
    let begun = Instant::now();
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (wrong, seen) = (Mutex::new(Vec::new()), Mutex::new(BTreeMap::<&str, usize>::new()));
    let warm_kib = Mutex::new(0);
    let work = || {
        while let Some(index) = Some(next.fetch_add(1, Ordering::SeqCst)).filter(|i| *i < HONEST + HOSTILE) {
            match one(&server, index) {
                Ok(what) => *seen.lock().unwrap().entry(what).or_default() += 1,
                Err(why) => wrong.lock().unwrap().push(why),
            }
            let done = done.fetch_add(1, Ordering::SeqCst) + 1;
            if done == WARM {
                *warm_kib.lock().unwrap() = resident_kib(&server);
            }
            if done.is_multiple_of(WARM) {
                let (elapsed, wrong) = (begun.elapsed().as_secs(), wrong.lock().unwrap().len());
                let kib = resident_kib(&server);
                eprintln!(
                    "soak: {done} of {} runs, {wrong} wrong, {elapsed} s, server {kib} KiB",
                    HONEST + HOSTILE
                );
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(work);
        }
    });
    let took = begun.elapsed();
    let mut wrong = wrong.into_inner().unwrap();
    let count = wrong.len();
    wrong.truncate(10);

    let counted = || server.counted_cells();
    if !eventually(Duration::from_secs(20), || containers_of(server.pid()).len() == counted()) {
        wrong.push(format!("{} cells are counted, there are {:#?}", counted(), containers_of(server.pid())));
    }
    if !eventually(Duration::from_secs(10), || processes_with(&marker()) == 0) {
        wrong.push(format!("{} programs live on", processes_with(&marker())));
    }
    let (warm, last) = (warm_kib.into_inner().unwrap(), resident_kib(&server));
    if last > warm + GROWTH_KIB.max(warm / 5) {
        wrong.push(format!("the server grew from {warm} KiB to {last} KiB"));
    }
    let status: Value = server.get("/api/v1/status").json().unwrap();
    if status["running"] != 0 || status["waiting"] != 0 {
        wrong.push(format!("something is still counted: {status}"));
    }
    let cells = containers_of(server.pid()).len();
    server.signal("INT");
    let (code, ended) = server.wait(Duration::from_secs(30));
    if code != Some(0) || !eventually(Duration::from_secs(10), || containers_of(server.pid()).is_empty()) {
        wrong.push(format!("left after the end (exit code {code:?}): {:#?}", containers_of(server.pid())));
    }
    eprintln!(
        "soak: {:?} in {took:.1?}, {count} wrong; server {warm} KiB, then {last} KiB; {cells} containers, gone {ended:.1?} after the end",
        seen.into_inner().unwrap()
    );
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("{count} runs went wrong\n{}", wrong.join("\n")).into())
    }
}
