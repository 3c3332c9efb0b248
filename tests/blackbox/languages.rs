//! Every language, as JSON and as events: stdin, arguments, a second file, an exit code; and what comes back is told as it is.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::{
    cases::{CASES, EXPECTED, SLOW},
    server::{Events, Server},
};

/// The languages that the docker engine must offer: all of them.
const ALL: [&str; 7] = ["c++", "csharp", "go", "java", "javascript", "python", "shell"];

pub(crate) fn trials(engine: &'static str, server: &Arc<Server>) -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut add = |name: String, test: fn(&Server)| {
        let server = server.clone();
        trials.push(Trial::test(format!("{engine}::{name}"), move || {
            test(&server);
            Ok(())
        }));
    };
    add("no_character_is_cut_and_no_byte_is_changed".into(), text_and_bytes);
    add("base64_files_arrive_as_they_are".into(), base64_files);
    add("watching_a_run_is_an_operation_of_its_own".into(), watched);
    add("runs_do_not_see_each_other".into(), runs_do_not_see_each_other);
    if engine == "single_use" {
        add("a_container_serves_one_run".into(), one_run_per_container);
    } else {
        add("the_program_gets_its_environment_and_little_else".into(), environment);
    }
    if engine == "docker" {
        add("every_language_is_ready".into(), every_language_is_ready);
        add("two_versions_live_side_by_side".into(), versions);
        add("the_image_that_cannot_be_had_says_why".into(), unavailable_says_why);
        add("the_formatter_formats".into(), formatter);
    } else if engine == "local" {
        add("the_local_engine_offers_what_the_machine_has".into(), local_offers);
    }
    for (language, file, source) in SLOW {
        let absent = is_absent(engine, server, language);
        let server = server.clone();
        let name = format!("{engine}::{language}_writes_are_events_before_the_end");
        let trial = Trial::test(name, move || {
            let files = json!([{"name": file, "content": source}]);
            events_come_before_the_end(&server, &json!({"language": language, "files": files}));
            Ok(())
        });
        trials.push(trial.with_ignored_flag(absent));
    }
    for case in &CASES {
        let absent = is_absent(engine, server, case.language);
        let server = server.clone();
        let trial = Trial::test(format!("{engine}::{}_runs_a_whole_program", case.language), move || {
            check(&server.run(&case.request()), case.language);
            let events: Vec<_> = server.stream(&case.request()).collect();
            check_events(&events, case.language);
            Ok(())
        });
        trials.push(trial.with_ignored_flag(absent));
    }
    trials
}

/// Whether a language is left out because this machine has no toolchain for the local engine. Such trials are listed as ignored.
pub(crate) fn is_absent(engine: &str, server: &Server, language: &str) -> bool {
    engine == "local" && server.ready(language).is_empty()
}

fn check(run: &Value, language: &str) {
    assert_eq!(run["outcome"], "failed", "{run:#}");
    assert_eq!(run["runtime"]["language"], language);
    let stage = run["stages"].as_array().unwrap().last().unwrap();
    assert_eq!((&stage["name"], &stage["exit_code"]), (&json!("run"), &json!(3)), "{run:#}");
    assert_eq!(stage["stdout"], EXPECTED, "{run:#}");
    assert_eq!(stage["stderr"], "", "{run:#}");
    assert_eq!(stage["signal"], Value::Null);
    assert_eq!((&stage["encoding"], &stage["truncated"]), (&json!("utf-8"), &json!(false)));
    for figure in ["wall_ms", "cpu_ms", "peak_memory_bytes"] {
        assert!(stage[figure].as_f64().unwrap() > 0.0, "{figure} in {run:#}");
    }
    assert!(run["total_ms"].as_f64().unwrap() >= stage["wall_ms"].as_f64().unwrap(), "{run:#}");
}

fn check_events(events: &[(String, Value)], language: &str) {
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    let after_queue: Vec<&str> = names.iter().copied().skip_while(|name| *name == "queued").collect();
    assert_eq!(after_queue.first(), Some(&"started"), "{names:?}");
    assert_eq!(after_queue.last(), Some(&"done"), "{names:?}");
    let stdout = events.iter().filter(|(name, _)| name == "stdout");
    let text: String = stdout.map(|(_, data)| data["text"].as_str().unwrap()).collect();
    let of_run = text.split_once("helper says").map(|(_, rest)| format!("helper says{rest}"));
    assert_eq!(of_run.as_deref(), Some(EXPECTED), "{events:#?}");
    check(&events.last().unwrap().1, language);
    let begun = names.iter().filter(|name| **name == "stage").count();
    assert_eq!(begun, names.iter().filter(|name| **name == "stage_end").count(), "{names:?}");
}

fn shell(script: &str) -> Value {
    json!({"language": "sh", "files": [{"name": "main.sh", "content": script}]})
}

fn events_come_before_the_end(server: &Server, request: &Value) {
    let begun = Instant::now();
    let mut first = None;
    let mut end = None;
    for (name, data) in server.stream(request) {
        match name.as_str() {
            "stdout" if data["text"].as_str().unwrap().starts_with("early") => first = Some(begun.elapsed()),
            "done" => {
                assert_eq!(data["outcome"], "succeeded", "{data:#}");
                end = Some(begun.elapsed());
            }
            _ => {}
        }
    }
    let (first, end) = (first.expect("no event of the first line"), end.expect("no end"));
    assert!(end - first > Duration::from_millis(800), "the first line came at {first:?}, the end at {end:?}");
}

/// As generated clients ask: the address says that events are wanted, not `Accept`.
fn watched(server: &Server) {
    let url = format!("{}/api/v1/runs/stream", server.address);
    let post = |body: &Value, accept: &str| {
        Client::new().post(&url).header("accept", accept).json(body).send().unwrap()
    };
    let wanted = shell("echo early; sleep 1; echo late >&2; exit 3");
    for accept in ["*/*", "text/event-stream"] {
        let begun = Instant::now();
        let response = post(&wanted, accept);
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let (mut first, mut text, mut last) = (None, String::new(), None);
        for (name, data) in Events::of(response) {
            assert_eq!(data["type"], name, "{data:#}");
            if name == "stdout" || name == "stderr" {
                first = first.or(Some(begun.elapsed()));
                text.push_str(data["text"].as_str().unwrap());
            }
            last = Some((name, data));
        }
        let (name, run) = last.unwrap();
        assert_eq!((name.as_str(), &run["outcome"]), ("done", &json!("failed")), "{run:#}");
        assert_eq!(run["stages"].as_array().unwrap().last().unwrap()["exit_code"], 3, "{run:#}");
        assert_eq!(text, "early\nlate\n");
        assert!(begun.elapsed() - first.unwrap() > Duration::from_millis(800));
    }
    // What is wrong is a problem before any event.
    let unknown = json!({"language": "none", "files": [{"name": "x", "content": ""}]});
    for (body, accept, status) in [(unknown, "*/*", 422), (wanted, "application/json", 406)] {
        let response = post(&body, accept);
        assert_eq!(response.status(), status);
        assert!(response.headers()["content-type"].to_str().unwrap().contains("problem+json"));
    }
}

fn text_and_bytes(server: &Server) {
    // Two bytes of a character, a pause, and its last two.
    let events: Vec<_> = server
        .stream(&shell(r"printf 'a\360\237'; sleep 0.3; printf '\230\200b'"))
        .filter(|(name, _)| name == "stdout")
        .map(|(_, data)| data["text"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(events.concat(), "a😀b");
    assert!(events.iter().all(|text| !text.contains('\u{fffd}')), "{events:?}");

    let run = server.run(&shell(r"printf 'x\377\000y'"));
    assert_eq!(
        (&run["stages"][0]["encoding"], &run["stages"][0]["stdout"]),
        (&json!("base64"), &json!("eP8AeQ=="))
    );
    let run = server.run(&shell("cat; printf '\\033[31mred\\033[0m'"));
    assert_eq!(run["stages"][0]["stdout"], "\u{1b}[31mred\u{1b}[0m");
}

fn environment(server: &Server) {
    let mut request =
        shell("env | cut -d= -f1 | sort | tr '\\n' ' '; echo; echo \"$GREETING\"; id -u; pwd; hostname");
    request["env"] = json!({"GREETING": "hej då"});
    let run = server.run(&request);
    let stdout = run["stages"][0]["stdout"].as_str().unwrap().to_owned();
    let lines: Vec<&str> = stdout.lines().collect();
    let names: BTreeSet<&str> = lines[0].split_whitespace().collect();
    let expected = BTreeSet::from(["GREETING", "HOME", "LANG", "OLDPWD", "PATH", "PWD", "SHLVL", "_"]);
    assert!(names.is_subset(&expected), "{names:?}");
    assert_eq!(lines[1..], ["hej då", "1000", "/box", "polyground"]);
}

fn base64_files(server: &Server) {
    let mut request = shell("od -An -tx1 data/bytes.bin");
    let file = json!({"name": "data/bytes.bin", "content": "AP+ACg==", "encoding": "base64"});
    request["files"].as_array_mut().unwrap().push(file);
    assert_eq!(server.run(&request)["stages"][0]["stdout"], " 00 ff 80 0a\n");
}

fn runs_do_not_see_each_other(server: &Server) {
    let mark = "touch mark /tmp/mark /dev/shm/mark ~/mark /build/mark && (sleep 5 &) && echo marked";
    let look = "ls -A . /tmp /dev/shm ~ /build | grep -c mark; ls /proc | grep -c '^[0-9]'";
    for _ in 0..4 {
        assert_eq!(server.run(&shell(mark))["stages"][0]["stdout"], "marked\n");
        let seen = server.run(&shell(look))["stages"][0]["stdout"].clone();
        assert!(seen.as_str().unwrap().starts_with("0\n"), "{seen}");
    }
}

fn every_language_is_ready(server: &Server) {
    let ready: BTreeSet<String> = server
        .runtimes()
        .iter()
        .filter(|runtime| runtime["status"] == "ready")
        .map(|runtime| runtime["language"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ready, ALL.map(str::to_owned).into(), "{:#?}", server.runtimes());
    let status: Value = server.get("/api/v1/status").json().unwrap();
    assert_eq!(status["engine"]["kind"], "docker", "{status:#}");
    assert_eq!(status["isolation"]["mode"], "nested", "{status:#}");
    assert_eq!(server.get("/healthz").status(), 200);
    assert_eq!(server.get("/readyz").status(), 200);
    assert_eq!(server.get("/version").json::<Value>().unwrap()["version"], env!("CARGO_PKG_VERSION"));
}

fn one_run_per_container(server: &Server) {
    let status: Value = server.get("/api/v1/status").json().unwrap();
    assert_eq!(status["isolation"]["mode"], "single-use", "{status:#}");
    let script = "grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\t' | tr '\\n' ' '; id -u; cut -d' ' -f22 /proc/1/stat";
    // A container's user and when its first process began tell it from another.
    let mut machines = BTreeSet::new();
    for _ in 0..3 {
        let run = server.run(&shell(script));
        let stdout = run["stages"][0]["stdout"].as_str().unwrap().to_owned();
        let (rights, rest) = stdout.split_once(" Seccomp:2 ").expect("seccomp filters are in force");
        assert_eq!(rights, "CapEff:0000000000000000 NoNewPrivs:1", "{run:#}");
        let (uid, machine) = rest.split_once('\n').unwrap();
        assert!(uid.parse::<u32>().unwrap() > 1000, "{run:#}");
        machines.insert((uid.to_owned(), machine.to_owned()));
    }
    assert_eq!(machines.len(), 3, "a container was used twice: {machines:?}");
}

fn versions(server: &Server) {
    let source = "import sys; print('%d.%d' % sys.version_info[:2])";
    let on = |range: Option<&str>| {
        let mut request = json!({"language": "Python3", "files": [{"name": "main.py", "content": source}]});
        if let Some(range) = range {
            request["version"] = json!(range);
        }
        let run = server.run(&request);
        let version = run["runtime"]["version"].as_str().unwrap().to_owned();
        let said = run["stages"][0]["stdout"].as_str().unwrap().trim().to_owned();
        assert!(version.starts_with(&format!("{said}.")), "{run:#}");
        said
    };
    for (range, expected) in [
        (None, "3.13"),
        (Some(""), "3.13"),
        (Some("3"), "3.13"),
        (Some("3.11"), "3.11"),
        (Some("v3.11"), "3.11"),
        (Some("~3.11"), "3.11"),
        (Some("^3.11"), "3.13"),
        (Some(">=3.10 <3.13"), "3.11"),
        (Some("2 || 3.11.x"), "3.11"),
        (Some("latest"), "3.13"),
    ] {
        assert_eq!(on(range), expected, "{range:?}");
    }
    assert_eq!(server.ready("java").len(), 2);
}

fn unavailable_says_why(server: &Server) {
    let runtimes = server.runtimes();
    let by_reference =
        runtimes.iter().find(|runtime| runtime["id"] == "dotnet-9").expect("dotnet-9 is listed");
    // Where a registry answers it is ready; where none does, the reason is told.
    if by_reference["status"] != "ready" {
        assert_eq!(by_reference["status"], "unavailable", "{by_reference:#}");
        assert!(by_reference["reason"].as_str().unwrap().contains("pull"), "{by_reference:#}");
    }
}

fn formatter(server: &Server) {
    let request = json!({
        "language": "golang", "stage": "format",
        "files": [{"name": "main.go", "content": "package main\nfunc main( ) {x:=1;_=x}\n"}],
    });
    let run = server.run(&request);
    assert_eq!(run["stages"][0]["name"], "format");
    assert_eq!(run["stages"][0]["stdout"], "package main\n\nfunc main() { x := 1; _ = x }\n");
}

fn local_offers(server: &Server) {
    assert!(!server.ready("shell").is_empty(), "{:#?}", server.runtimes());
    let status: Value = server.get("/api/v1/status").json().unwrap();
    assert_eq!(status["engine"]["kind"], "local", "{status:#}");
    for runtime in server.runtimes() {
        if runtime["status"] == "unavailable" {
            assert!(!runtime["reason"].as_str().unwrap().is_empty(), "{runtime:#}");
        }
    }
}
