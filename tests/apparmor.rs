//! The AppArmor profile that comes with Polyground: its syntax, and that it allows what nested sandboxes are made of. It is parsed here and
//! loaded nowhere: whether a kernel with AppArmor holds cells to it, no test says.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on shall panic

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

fn profile() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/apparmor/polyground-cell")
}

/// What the parser says of this profile. Nothing is loaded, no kernel is asked. `None` where there is no parser, which `make test` installs.
fn parsed(text: &str, arguments: &[&str]) -> Option<Output> {
    // Debian has it where only root looks for programs.
    let parser = ["apparmor_parser", "/usr/sbin/apparmor_parser", "/sbin/apparmor_parser"];
    let started = parser.iter().find_map(|parser| {
        let mut command = Command::new(parser);
        command.args(["--skip-kernel-load", "--skip-cache"]).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().ok()
    });
    let Some(mut child) = started else {
        let all = std::env::var_os("POLYGROUND_TEST_ALL").is_some();
        assert!(!all, "apparmor_parser is missing, which scripts/setup --for-tests installs");
        eprintln!("SKIPPED: apparmor_parser is not installed here (apt-get install apparmor)");
        return None;
    };
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    Some(child.wait_with_output().unwrap())
}

#[test]
fn the_parser_takes_it() {
    let text = fs::read_to_string(profile()).unwrap();
    let Some(output) = parsed(&text, &["--stdout"]) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!output.stdout.is_empty(), "no policy was compiled");
    let broken = parsed(&text.replace("pivot_root,", "pivot_rot,"), &["--stdout"]).unwrap();
    assert!(!broken.status.success(), "the parser takes anything");
}

#[test]
fn it_has_the_name_that_the_help_says() {
    let text = fs::read_to_string(profile()).unwrap();
    let Some(output) = parsed(&text, &["--names"]) else { return };
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), "polyground-cell");
}

#[test]
fn it_allows_mounts_and_forbids_what_containers_may_not_touch() {
    let text = fs::read_to_string(profile()).unwrap();
    let rules: Vec<_> = text.lines().map(str::trim).filter(|line| !line.starts_with('#')).collect();
    for rule in ["mount,", "umount,", "pivot_root,"] {
        assert!(rules.contains(&rule), "{rule}");
    }
    assert!(!rules.iter().any(|rule| rule.starts_with("deny mount")));
    for forbidden in ["@{PROC}/sysrq-trigger", "@{PROC}/kcore", "/sys/firmware", "/sys/kernel/security"] {
        let denied = rules.iter().any(|rule| rule.starts_with("deny") && rule.contains(forbidden));
        assert!(denied, "{forbidden}");
    }
}
