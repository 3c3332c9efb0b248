//! docs/operating.md against what there is: its commands, flags, variables, files and targets exist.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on shall panic

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use regex::Regex;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap()
}

/// What the help of a subcommand says; nothing where there is no such command.
fn help(command: &[&str]) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_polyground")).args(command).arg("--help").output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

/// What the first group of a pattern matches, in code (between backticks, or in blocks) of the document.
fn named(text: &str, pattern: &str) -> BTreeSet<String> {
    let code = Regex::new(r"(?s)```\w*\n(.*?)```|`([^`\n]+)`").unwrap();
    let pattern = Regex::new(pattern).unwrap();
    let mut found = BTreeSet::new();
    for part in code.captures_iter(text) {
        let part = part.get(1).or(part.get(2)).unwrap().as_str();
        found.extend(pattern.captures_iter(part).map(|names| names[1].to_owned()));
    }
    found
}

/// Each name that is found in the document, at least `least` of them, is there.
fn each(text: &str, pattern: &str, least: usize, is_there: impl Fn(&str) -> bool) {
    let names = named(text, pattern);
    assert!(names.len() >= least, "only {names:?} match {pattern}: has the document changed its form?");
    let missing: Vec<_> = names.iter().filter(|name| !is_there(name)).collect();
    assert!(missing.is_empty(), "docs/operating.md names what is not there: {missing:?}");
}

#[test]
fn commands_and_their_flags_exist() {
    let text = read("docs/operating.md");
    each(&text, r"\bpolyground ((?:keys |images )?[a-z]+)\b", 8, |command| {
        // The user has the program's name: `sudo -u polyground polyground backup`.
        command == "polyground" || help(&command.split(' ').collect::<Vec<_>>()).is_some()
    });
    let commands = ["serve", "doctor", "selftest", "healthcheck", "keys create", "images build", "runtimes"];
    let mut helps: String =
        commands.iter().map(|command| help(&command.split(' ').collect::<Vec<_>>()).unwrap()).collect();
    helps.push_str(&help(&[]).unwrap());
    // Those of other programs stand in blocks with them; ours stand alone or after `polyground`.
    each(&text, r"^(?:polyground .*)?(--[a-z][a-z-]+)", 10, |flag| helps.contains(flag));
    each(&text, r"\b(POLYGROUND_[A-Z_]+)\b", 4, |variable| {
        helps.contains(variable)
            || read("deploy/compose.yaml").contains(variable)
            || read("scripts/dist").contains(variable)
    });
}

#[test]
fn files_targets_and_links_exist() {
    let text = read("docs/operating.md");
    each(&text, r"\b((?:deploy|scripts|docs|bench|runtimes)/[\w./-]*\w)", 5, |path| {
        repository().join(path).exists()
    });
    let makefile = read("Makefile");
    each(&text, r"\bmake ([a-z-]+)", 3, |target| makefile.contains(&format!("\n{target}:")));
    let links = Regex::new(r"\]\(([^)#]+)[^)]*\)").unwrap();
    let missing: Vec<_> = links
        .captures_iter(&text)
        .map(|link| link[1].to_owned())
        .filter(|link| !link.contains("://") && !repository().join("docs").join(link).exists())
        .collect();
    assert!(missing.is_empty(), "docs/operating.md links to what is not there: {missing:?}");
}

#[test]
fn the_unit_and_the_compose_file_set_what_the_server_knows() {
    let serve = help(&["serve"]).unwrap();
    let told_elsewhere = ["POLYGROUND_IMAGE", "POLYGROUND_PROXY_IMAGE", "POLYGROUND_PUBLISH"];
    let variable = Regex::new(r"POLYGROUND_[A-Z_]+").unwrap();
    for file in ["deploy/compose.yaml", "deploy/systemd/polyground.service", "deploy/docker/Dockerfile"] {
        let text = read(file);
        let named: BTreeSet<_> = variable.find_iter(&text).map(|found| found.as_str()).collect();
        assert!(named.len() >= 3, "{file}: {named:?}");
        let unknown: Vec<_> = named
            .iter()
            .filter(|name| {
                !told_elsewhere.contains(name)
                    && !serve.contains(&format!("{name}="))
                    && !serve.contains(&format!("{name}]"))
            })
            .collect();
        assert!(unknown.is_empty(), "{file} sets what the server does not know: {unknown:?}");
    }
}

/// Sizes are those of the last measurement, within what two sittings differ by.
#[test]
fn sizes_are_those_that_were_measured() {
    const TOLERANCE: f64 = 1.6;
    let (text, results) = (read("docs/operating.md"), read("bench/RESULTS.md"));
    let row = Regex::new(r"(?m)^\| ([^`|]+?)(?: `([^`]+)`)? \| ([0-9.]+)").unwrap();
    let mut found = BTreeSet::new();
    for captures in row.captures_iter(&text) {
        let (what, of) = (&captures[1], regex::escape(captures.get(2).map_or("", |of| of.as_str())));
        let measured = match what {
            "server, idle" => r"server, idle: ([0-9.]+)".to_owned(),
            "idle cell of" => format!(r"(?m)^\| {of} \| ([0-9.]+) \|"),
            "hello world, p50 in ms," => format!(r"(?m)^\| {of} \| ([0-9.]+) / "),
            "hello worlds a second," => format!(r"(?m)^\| {of} \| 4 \| [0-9.]+ \| ([0-9.]+)"),
            other => panic!("docs/operating.md has a size that nothing measures: {other}"),
        };
        let number = |text: &str| text.parse::<f64>().unwrap();
        let measured = Regex::new(&measured).unwrap().captures(&results).map(|hit| number(&hit[1]));
        let measured = measured.unwrap_or_else(|| panic!("bench/RESULTS.md has no {}", &captures[0]));
        let factor = number(&captures[3]) / measured;
        assert!(
            (TOLERANCE.recip()..=TOLERANCE).contains(&factor),
            "{}: {measured} was measured",
            &captures[0]
        );
        found.insert(what.to_owned());
    }
    assert_eq!(found.len(), 4, "{found:?}");
}
