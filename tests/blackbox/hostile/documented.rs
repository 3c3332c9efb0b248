//! `docs/security.md` against the corpus and the tests that there are: every attack stands in a row of its threats, and every test that a
//! row names exists.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use libtest_mimic::Failed;

use super::manifest::Attack;
use crate::server::repository;

/// A line of a table: the threats that it begins with, and what stands in code in its last cell.
struct Row {
    threats: BTreeSet<String>,
    tests: BTreeSet<String>,
}

/// Threats that no row may be without, though none of the corpus is one of them: every id of the design's table.
const THREATS: [(char, u32); 4] = [('A', 25), ('B', 26), ('C', 13), ('D', 14)];

/// Every attack has a row that has all of its threats, every threat a row, and every row tests that exist.
pub(super) fn is_whole(attacks: &[Attack]) -> Result<(), Failed> {
    let text = fs::read_to_string(repository().join("docs/security.md"))?;
    let rows = rows(&text);
    let mut wrong = Vec::new();
    for attack in attacks {
        let threats: BTreeSet<&str> = attack.threat.split(", ").collect();
        let named = rows.iter().filter(|row| row.tests.contains(&attack.id));
        let told: BTreeSet<&str> = named.flat_map(|row| row.threats.iter().map(String::as_str)).collect();
        let missing: Vec<_> = threats.difference(&told).collect();
        if !missing.is_empty() {
            wrong.push(format!("no row of {missing:?} names `{}`", attack.id));
        }
    }
    for (letter, last) in THREATS {
        let told = |threat: &String| {
            rows.iter().any(|row| row.threats.contains(threat)) || text.contains(&format!("({threat})"))
        };
        let missing = (1..=last).map(|number| format!("{letter}{number}")).filter(|threat| !told(threat));
        wrong.extend(missing.map(|threat| format!("{threat} has no row")));
    }
    let sources = sources();
    let ids: BTreeSet<&str> = attacks.iter().map(|attack| attack.id.as_str()).collect();
    for test in rows.iter().flat_map(|row| &row.tests).filter(|test| !ids.contains(test.as_str())) {
        if !exists(test, &sources) {
            wrong.push(format!("there is no test `{test}`"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("docs/security.md: {}", wrong.join("\n")).into()) }
}

fn rows(text: &str) -> Vec<Row> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.trim_end_matches('|').split(" | ").collect();
        let threats = cells.first()?.split([' ', ',']).filter(|word| !word.is_empty());
        let threats: BTreeSet<String> = threats.take_while(|word| is_id(word)).map(str::to_owned).collect();
        let tests = cells.last()?.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        (!threats.is_empty()).then_some(Row { threats, tests })
    };
    text.lines().filter_map(row).collect()
}

/// `A1`, `B26`.
fn is_id(word: &str) -> bool {
    let mut letters = word.chars();
    let known = letters.next().is_some_and(|letter| ('A'..='D').contains(&letter));
    known && letters.as_str().parse::<u32>().is_ok()
}

/// All that may define a test, as one text.
fn sources() -> String {
    let mut folders: Vec<PathBuf> =
        ["src", "crates", "tests"].iter().map(|part| repository().join(part)).collect();
    let mut text = String::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir()
                && path.file_name().is_some_and(|name| name != "target" && name != "node_modules")
            {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && path != Path::new(file!())
            {
                text += &fs::read_to_string(path).unwrap();
            }
        }
    }
    text
}

/// Whether the last part of a test's name is a function's or stands in a text. Some are put together: of `refused_` and a case in words, of
/// an attack's or a language's name, or of a beginning and a way.
fn exists(test: &str, sources: &str) -> bool {
    let name = test.rsplit("::").next().unwrap_or(test);
    let quoted = |name: &str| [format!("\"{name}\""), format!("::{name}\""), format!("fn {name}(")];
    let written = |name: &str| quoted(name).iter().any(|form| sources.contains(form));
    let case = name.strip_prefix("refused_").map(|case| case.replace('_', " "));
    let kinds = ["_json", "_events", "_docker", "_local"];
    let begun = kinds
        .iter()
        .filter_map(|kind| name.strip_suffix(kind))
        .any(|begun| sources.contains(&format!("{begun}_{{")));
    // `fuzz`, `crates/protocol`: not a test's name, but where such are.
    written(name)
        || case.is_some_and(|case| written(&case))
        || begun
        || sources.contains(&format!("mod {name};"))
        || repository().join(test).exists()
}
