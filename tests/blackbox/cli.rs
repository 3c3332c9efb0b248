//! The command line: `polyground run` without a server, and what the other commands print.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
    sync::Arc,
};

use libtest_mimic::Trial;
use serde_json::Value;

use crate::{
    cases::{ARGS, CASES, Case, EXPECTED, STDIN},
    server::{BINARY, Server, repository},
};

pub(crate) fn trials(server: &Arc<Server>) -> Vec<Trial> {
    let mut trials: Vec<Trial> = Vec::new();
    for case in &CASES {
        trials.push(Trial::test(format!("cli::docker_{}_runs_a_whole_program", case.language), || {
            run_case(case, "docker");
            Ok(())
        }));
    }
    let tests: [(&str, fn()); 11] = [
        ("local_runs_a_whole_program", local),
        ("output_passes_as_it_comes_byte_for_byte", bytes_pass),
        ("a_compile_error_and_a_timeout_have_their_exit_codes", exit_codes),
        ("a_language_that_is_not_known_is_explained", unknown_language),
        ("files_of_too_many_bytes_are_refused", too_many_bytes),
        ("a_version_is_chosen", version),
        ("help_has_examples", help),
        ("check_says_that_all_definitions_are_good", check_good),
        ("check_shows_where_a_definition_is_wrong", check_bad),
        ("schema_and_document_are_what_is_committed", committed),
        ("doctor_finds_this_machine_fit", doctor),
    ];
    trials.extend(tests.map(|(name, test)| {
        Trial::test(format!("cli::{name}"), move || {
            test();
            Ok(())
        })
    }));
    let _ = server;
    trials
}

fn polyground(args: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(args).current_dir(repository()).env("NO_COLOR", "1");
    command
}

fn output(args: &[&str], stdin: &[u8]) -> Output {
    let mut command = polyground(args);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn write(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

fn run_case(case: &Case, engine: &str) {
    let folder = tempfile::tempdir().unwrap();
    let [main, helper] = case.files.map(|(name, content)| write(folder.path(), name, content));
    let mut args = vec!["run", &main, "--with", &helper, "--engine", engine, "--"];
    args.extend(ARGS);
    let output = output(&args, STDIN.as_bytes());
    assert_eq!(text(&output.stdout), EXPECTED, "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
}

fn local() {
    let shell = CASES.iter().find(|case| case.language == "shell").unwrap();
    run_case(shell, "local");
}

fn bytes_pass() {
    let folder = tempfile::tempdir().unwrap();
    let main = write(folder.path(), "x.sh", r"printf 'a\377\000'; printf 'e\377' >&2; cat");
    let output = output(&["run", &main], b"\x00\xff");
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"a\xff\0\0\xff"[..], &b"e\xff"[..]));
    assert_eq!(output.status.code(), Some(0));
}

fn exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let broken = write(folder.path(), "broken.cpp", "int main() { return missing; }\n");
    let compiled = output(&["run", &broken], b"");
    assert_eq!(compiled.status.code(), Some(1));
    assert!(text(&compiled.stderr).contains("missing"), "{}", text(&compiled.stderr));

    let endless = write(folder.path(), "endless.sh", "echo begun; sleep 60");
    let timed_out = output(&["run", &endless, "--wall-ms", "300"], b"");
    assert_eq!((timed_out.status.code(), text(&timed_out.stdout).as_str()), (Some(124), "begun\n"));
    assert!(text(&timed_out.stderr).contains("time ran out"), "{}", text(&timed_out.stderr));

    let killed = write(folder.path(), "killed.sh", "kill -TERM $$");
    assert_eq!(output(&["run", &killed], b"").status.code(), Some(143));
}

fn unknown_language() {
    let folder = tempfile::tempdir().unwrap();
    let main = write(folder.path(), "x.unknown", "");
    let guessed = output(&["run", &main], b"");
    assert_eq!(guessed.status.code(), Some(2));
    assert!(text(&guessed.stderr).contains("--language"), "{}", text(&guessed.stderr));
    let named = output(&["run", &main, "--language", "pyhton"], b"");
    assert!(text(&named.stderr).contains("did you mean `python`"), "{}", text(&named.stderr));
}

/// Over HTTP the bound on bodies comes first.
fn too_many_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (" ".repeat(5 << 20), " ".repeat(4 << 20));
    let (main, other) = (write(folder.path(), "a.sh", &one), write(folder.path(), "b.txt", &other));
    let refused = output(&["run", &main, "--with", &other], b"");
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    let told = text(&refused.stderr);
    assert!(told.contains("9437184") && told.contains("8388608"), "{told}");
}

fn version() {
    let folder = tempfile::tempdir().unwrap();
    let main = write(folder.path(), "v.py", "import sys; print(sys.version_info[1])");
    for (range, minor) in [("3.11", "11\n"), ("^3", "13\n"), (">=3.10 <3.13", "11\n")] {
        let output = output(&["run", &main, "--version", range], b"");
        assert_eq!(text(&output.stdout), minor, "{range}: {}", text(&output.stderr));
    }
}

fn help() {
    for command in
        ["serve", "run", "check", "images", "runtimes", "schema", "openapi", "doctor", "selftest", "keys"]
    {
        let output = output(&[command, "--help"], b"");
        assert!(output.status.success() && text(&output.stdout).contains("Usage:"), "{command}");
    }
    for command in [
        &["--help"][..],
        &["run", "--help"],
        &["serve", "--help"],
        &["selftest", "--help"],
        &["keys", "--help"],
    ] {
        assert!(text(&output(command, b"").stdout).contains("Examples:"), "{command:?}");
    }
}

fn check_good() {
    let output = output(&["check"], b"");
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

fn check_bad() {
    let folder = tempfile::tempdir().unwrap();
    let definition = "language: x\nversion: \"1\"\nname: X\nruns: {command: [x]}\n";
    write(folder.path(), "x-1/runtime.yaml", definition);
    let output = output(&["check", folder.path().join("x-1").to_str().unwrap()], b"");
    assert!(!output.status.success());
    let said = text(&output.stdout) + &text(&output.stderr);
    for part in ["x-1/runtime.yaml:4:1", "runs", "did you mean `run`"] {
        assert!(said.contains(part), "{part}:\n{said}");
    }
}

fn committed() {
    for (command, file) in [("schema", "runtimes/schema.json"), ("openapi", "openapi/openapi.json")] {
        let printed: Value = serde_json::from_slice(&output(&[command], b"").stdout).unwrap();
        let kept: Value = serde_json::from_slice(&fs::read(repository().join(file)).unwrap()).unwrap();
        assert!(printed == kept, "{file} is stale: make {command}");
    }
}

fn doctor() {
    let output = output(&["doctor"], b"");
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}{}", text(&output.stderr));
    for part in ["engine", "sandbox", "nested works", "images", "disk"] {
        assert!(said.contains(part), "{part}:\n{said}");
    }
}
