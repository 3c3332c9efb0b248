//! What the manifests say, and the requests that come of it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use libtest_mimic::Failed;
use serde::Deserialize;
use serde_json::{Value, json};

use super::documented;
use crate::server::repository;

/// The fewest programs that are a corpus.
const FEWEST: usize = 60;

/// One hostile program.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attack {
    pub(super) id: String,
    /// The row of the threat table.
    pub(super) threat: String,
    pub(super) language: String,
    /// In the manifest's folder.
    pub(super) file: String,
    /// Further files that are sent along, under the names that they have in the manifest's folder.
    #[serde(default)]
    pub(super) with: Vec<String>,
    #[serde(default)]
    pub(super) stdin: String,
    /// As in the request.
    #[serde(default)]
    pub(super) limits: serde_json::Map<String, Value>,
    pub(super) expect: Expectation,
    /// The isolation modes in which it is tried: `nested` (Docker's and local cells), `single-use`.
    pub(super) modes: Vec<String>,
    pub(super) why: String,
    /// Whether it is tried in a process that had started before it came, too. Where not, its answer names what differs there.
    #[serde(default = "yes")]
    pub(super) warm: bool,
    /// Where its manifest is.
    #[serde(skip)]
    pub(super) folder: PathBuf,
}

fn yes() -> bool {
    true
}

/// What its last stage must have come to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expectation {
    /// One of these.
    pub(super) outcome: Vec<String>,
    pub(super) stage: Option<String>,
    pub(super) exit_code: Option<i64>,
    pub(super) signal: Option<i64>,
    /// Parts of stdout.
    #[serde(default)]
    pub(super) has: Vec<String>,
    /// What must not be in stdout.
    #[serde(default)]
    pub(super) lacks: Vec<String>,
    #[serde(default)]
    pub(super) stderr_has: Vec<String>,
    /// The whole of it.
    pub(super) stdout: Option<String>,
    /// The least CPU time that must be reported, in milliseconds.
    #[serde(default)]
    pub(super) least_cpu_ms: f64,
    /// The least peak of memory that must be reported, in bytes.
    #[serde(default)]
    pub(super) least_memory_bytes: u64,
}

/// What every folder of `tests/hostile` lists.
pub(super) fn attacks() -> Vec<Attack> {
    let mut folders: Vec<_> = fs::read_dir(repository().join("tests/hostile"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("manifest.yaml").is_file())
        .collect();
    folders.sort();
    let listed = |folder: PathBuf| {
        let text = fs::read_to_string(folder.join("manifest.yaml")).unwrap();
        let listed: Vec<Attack> =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        listed.into_iter().map(move |attack| Attack { folder: folder.clone(), ..attack })
    };
    folders.into_iter().flat_map(listed).collect()
}

/// Every program is complete, has a name of its own and a row in the documentation.
pub(super) fn is_whole(attacks: &[Attack]) -> Result<(), Failed> {
    let mut ids = BTreeMap::new();
    for attack in attacks {
        *ids.entry(&attack.id).or_insert(0) += 1;
        assert!(!attack.why.is_empty() && !attack.threat.is_empty(), "{} says not what it is for", attack.id);
        let known = attack.modes.iter().all(|mode| ["nested", "single-use"].contains(&mode.as_str()));
        assert!(known && !attack.modes.is_empty(), "{} has odd modes", attack.id);
        assert!(attack.folder.join(&attack.file).is_file(), "{} has no {}", attack.id, attack.file);
    }
    let twice: Vec<_> = ids.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    documented::is_whole(attacks)?;
    if ids.len() >= FEWEST { Ok(()) } else { Err(format!("only {} programs", ids.len()).into()) }
}

/// The request for a program. `@MARK@` in its files is `mark`, which also stands in its environment.
pub(super) fn request(folder: &Path, language: &str, file: &str, with: &[String], mark: &str) -> Value {
    let content = |name: &str| {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        text.replace("@MARK@", mark)
    };
    let mut files = vec![json!({"name": main_file(language, file), "content": content(file)})];
    files.extend(with.iter().map(|name| json!({"name": name, "content": content(name)})));
    json!({"language": language, "files": files, "env": {"HOSTILE_MARK": mark}})
}

/// What the main file is called, where the language cares.
fn main_file(language: &str, file: &str) -> String {
    match language {
        "java" => "Main.java".into(),
        "csharp" => "Program.cs".into(),
        _ => format!("main.{}", file.rsplit('.').next().unwrap()),
    }
}
