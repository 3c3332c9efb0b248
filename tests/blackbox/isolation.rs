//! `--require-isolation`: below what is required nothing starts, and what is said names the reason and the cure.

use std::{
    fs,
    process::{Command, Output},
    time::Duration,
};

use libtest_mimic::Trial;

use crate::server::{BINARY, Server, containers_of, docker, ended, eventually};

/// How long a server's first cell may take.
const PATIENCE: Duration = Duration::from_secs(180);

pub(crate) fn trials() -> Vec<Trial> {
    let tests: [(&str, fn()); 6] = [
        ("what_the_settings_rule_out_is_refused_at_once", contradiction),
        ("a_host_without_user_namespaces_is_refused_with_the_reason", no_namespaces),
        ("the_run_command_refuses_too", run_refuses),
        ("what_is_required_and_there_lets_the_server_start", met),
        ("an_apparmor_profile_reaches_the_cells", profile_is_passed_on),
        ("an_oci_runtime_reaches_the_engine", oci_runtime_is_passed_on),
    ];
    let trial = |(name, test): (&str, fn())| {
        Trial::test(format!("isolation::{name}"), move || {
            test();
            Ok(())
        })
    };
    tests.map(trial).into()
}

/// The command line of a server on a free port.
pub(crate) fn serve(data: &std::path::Path, args: &[&str]) -> Vec<String> {
    let mut all = vec![BINARY.to_owned(), "serve".into(), "--listen".into(), "127.0.0.1:0".into()];
    all.extend(["--data".into(), data.display().to_string()]);
    all.extend(args.iter().map(|arg| (*arg).to_owned()));
    all
}

/// What a server that has not started says.
pub(crate) fn refusal(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(!said.contains("Polyground is up"), "{said}");
    said
}

fn contradiction() {
    let data = tempfile::tempdir().unwrap();
    let args = serve(data.path(), &["--isolation", "single-use", "--require-isolation", "nested"]);
    let (output, took) = ended(Command::new(&args[0]).args(&args[1..]));
    let said = refusal(&output);
    for part in ["`nested` is required (--require-isolation)", "only `single-use` is allowed (--isolation)"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(took < Duration::from_secs(5), "{took:?}");
}

/// A command in user namespaces in which no further one may be made: what a host that forbids them looks like. The outer
/// one sets the bound, which the inner one uses up.
fn without_namespaces(args: &[String]) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "sh", "-c"]);
    command.arg("echo 1 >/proc/sys/user/max_user_namespaces && exec unshare --user --map-user=1000 \"$@\"");
    command.arg("sh").args(args);
    command
}

fn no_namespaces() {
    let data = tempfile::tempdir().unwrap();
    let args = serve(data.path(), &["--engine", "local", "--require-isolation", "single-use"]);
    let (output, _) = ended(&mut without_namespaces(&args));
    let said = refusal(&output);
    assert!(said.contains("isolation: no sandbox could be made"), "{said}");
    assert!(said.contains("does this system allow user namespaces?"), "{said}");
}

fn run_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("x.sh");
    fs::write(&main, "echo ran").unwrap();
    let main = main.to_str().unwrap();
    let args = ["run", main, "--isolation", "single-use"];
    let (output, _) = ended(Command::new(BINARY).args(args).env("POLYGROUND_REQUIRE_ISOLATION", "nested"));
    assert!(refusal(&output).contains("`nested` is required"));
    assert!(output.stdout.is_empty(), "{output:?}");
    let (output, _) = ended(Command::new(BINARY).args(["run", main, "--require-isolation", "nested"]));
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), &b"ran\n"[..]), "{output:?}");
}

fn met() {
    let server = Server::start(&["--engine", "docker", "--require-isolation", "nested"]);
    let status: serde_json::Value = server.get("/api/v1/status").json().unwrap();
    // It listens only once that is proven, so that the first answer already tells it.
    assert_eq!(status["isolation"]["mode"], "nested", "{status:#}");
}

fn profile_is_passed_on() {
    let server = Server::start(&["--engine", "docker", "--apparmor-profile", "polyground-cell"]);
    let cells = || containers_of(server.pid());
    assert!(eventually(PATIENCE, || !cells().is_empty()), "{}", server.log.lock().unwrap());
    // A cell may go while it is looked at: one that is still there is enough.
    let inspected = eventually(PATIENCE, || {
        cells().iter().filter_map(|line| line.split(' ').nth(1)).any(|name| {
            let format = "--format={{json .HostConfig.SecurityOpt}}";
            let output = docker().args(["inspect", format, name]).output().unwrap();
            String::from_utf8_lossy(&output.stdout).contains("\"apparmor=polyground-cell\"")
        })
    });
    assert!(inspected, "no cell has the profile: {:?}", cells());
}

fn oci_runtime_is_passed_on() {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("x.sh");
    fs::write(&main, "echo ran").unwrap();
    let run = |runtime: &str| {
        let args = ["run", main.to_str().unwrap(), "--engine", "docker"];
        ended(Command::new(BINARY).args(args).env("POLYGROUND_OCI_RUNTIME", runtime)).0
    };
    assert!(refusal(&run("no-such-runtime")).contains("no-such-runtime"));
    assert_eq!(run("runc").stdout, b"ran\n");
}
