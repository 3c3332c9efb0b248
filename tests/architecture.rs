//! Holds the picture of ARCHITECTURE.md: who may import whom, and which crate belongs to which module.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on shall panic

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Each module of the server and the modules that it may import. Lower ones never know higher ones.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("metrics", &[]),
    ("runtime", &[]),
    ("engine", &[]),
    ("catalog", &["runtime"]),
    ("pool", &["engine", "metrics"]),
    ("run", &["pool", "engine", "runtime", "catalog", "metrics"]),
    ("store", &["metrics"]),
    ("access", &["store"]),
    ("api", &["run", "access", "store", "runtime", "catalog", "metrics"]),
    ("prepare", &["run", "pool", "engine", "runtime", "catalog"]),
    ("plugins", &["prepare", "runtime", "catalog"]),
    ("config", &["run", "pool", "runtime", "access", "store"]),
    ("log", &["config"]),
    ("app", &["metrics", "plugins", "prepare", "run", "pool", "engine", "runtime", "catalog", "config"]),
    ("selftest", &["app", "prepare", "run", "engine", "runtime", "catalog"]),
    (
        "cli",
        &[
            "selftest", "app", "api", "access", "prepare", "plugins", "store", "run", "pool", "engine",
            "runtime", "catalog", "config", "log", "metrics",
        ],
    ),
];

/// Crates that only one part may know.
const OWNED_CRATES: &[(&str, &[&str])] = &[
    ("bollard", &["engine/docker"]),
    ("rustix", &["engine/docker"]),
    ("poem", &["api"]),
    ("poem_openapi", &["api"]),
    ("hyper", &["api", "cli/healthcheck"]),
    ("hyper_util", &["api", "cli/healthcheck"]),
    ("clap", &["cli", "config"]),
    ("indicatif", &["cli"]),
    ("serde_yaml", &["runtime", "selftest"]),
    ("sqlx", &["store"]),
    ("notify", &["plugins"]),
    ("governor", &["access"]),
    ("moka", &["access"]),
    ("prometheus_client", &["metrics"]),
    ("opentelemetry", &["log"]),
    ("opentelemetry_otlp", &["log"]),
    ("opentelemetry_sdk", &["log"]),
    ("tracing_opentelemetry", &["log"]),
];

/// Names of languages and their tools that no Rust code outside of tests may hold: they belong into `runtimes/`.
const LANGUAGES: &[&str] = &[
    "python",
    "javascript",
    "node",
    "golang",
    "java",
    "javac",
    "csharp",
    "mono",
    "gcc",
    "g++",
    "bash",
    "cpp",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The file relative to `src`, and its text without tests and comments.
fn production_code() -> Vec<(String, String)> {
    let root = src();
    sources(&root)
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            (name, lines.collect::<Vec<_>>().join("\n"))
        })
        .filter(|(name, _)| !name.ends_with("tests.rs") && !name.contains("/tests/"))
        .collect()
}

fn module_of(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap_or_default()
}

/// Every `crate::name` in a text, also those in braces: `crate::{a::B, c}`.
fn imported_modules(text: &str) -> Vec<String> {
    let mut modules = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        if text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let mut depth = 0;
                let mut word = String::new();
                for character in group.chars() {
                    match character {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => modules.push(std::mem::take(&mut word)),
                        _ if depth == 0 => word.push(character),
                        _ => {}
                    }
                }
                modules.push(word);
            }
            None => modules.push(rest.to_owned()),
        }
    }
    let name = |path: String| {
        let path = path.trim_start();
        path.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned()
    };
    modules.into_iter().map(name).filter(|name| !name.is_empty()).collect()
}

#[test]
fn no_module_imports_one_above_it() {
    let mut wrong = Vec::new();
    for (file, text) in production_code() {
        let module = module_of(&file);
        if matches!(module, "lib" | "main") {
            continue;
        }
        let (_, allowed) = MAY_IMPORT.iter().find(|(name, _)| *name == module).unwrap_or_else(|| {
            panic!("`{module}` is new: give it a place in MAY_IMPORT and in ARCHITECTURE.md")
        });
        for imported in imported_modules(&text) {
            let known = MAY_IMPORT.iter().any(|(name, _)| *name == imported);
            if known && imported != module && !allowed.contains(&imported.as_str()) {
                wrong.push(format!("`{module}` must not import `{imported}` ({file})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_crate_is_known_to_its_owner_only() {
    let mut wrong = Vec::new();
    for (file, text) in production_code() {
        for (name, owners) in OWNED_CRATES {
            let uses = text.contains(&format!("use {name}::")) || text.contains(&format!(" {name}::"));
            let owned = owners
                .iter()
                .any(|owner| file.starts_with(&format!("{owner}/")) || file == format!("{owner}.rs"));
            if uses && !owned {
                wrong.push(format!("{file} must not know `{name}`, which belongs to {owners:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_rust_code_names_a_language() {
    let mut wrong = Vec::new();
    for (file, text) in production_code() {
        for (number, line) in text.lines().enumerate() {
            // Help texts show users how to call the program; descriptions of fields show examples.
            let is_help =
                file.starts_with("cli/") || line.contains("example") || line.contains("description");
            let is_path =
                line.contains("/etc") || file == "engine/local/host.rs" || line.contains("text/javascript");
            for literal in line.split('"').skip(1).step_by(2) {
                let words: Vec<_> = literal.split(|c: char| !c.is_alphanumeric() && c != '+').collect();
                let named = LANGUAGES.iter().find(|language| words.contains(language));
                if let Some(language) = named
                    && !is_help
                    && !is_path
                {
                    wrong.push(format!("src/{file}:{}: \"{literal}\" names {language}", number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_protocol_knows_nobody_and_the_agent_only_the_protocol() {
    let manifest = |folder: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates").join(folder).join("Cargo.toml");
        fs::read_to_string(path).unwrap()
    };
    assert!(!manifest("protocol").contains("polyground-agent"));
    for foreign in ["tokio", "hyper", "poem", "bollard", "serde_json"] {
        assert!(!manifest("agent").contains(foreign), "the agent must not know {foreign}");
        assert!(!manifest("protocol").contains(foreign), "the protocol must not know {foreign}");
    }
}
