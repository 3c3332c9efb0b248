//! Definitions from folders: what holds, and what is said of what does not.

mod extends;
mod folders;
mod fuzz;
mod messages;
mod real;
mod syntax;

use std::fs;
use std::path::Path;

use super::load::{self, BrokenDefinition};
use super::{Runtime, schema::EXAMPLE};

/// A folder `lua-5.4` in a fresh root, with this definition and a Dockerfile.
fn folder(definition: impl AsRef<[u8]>) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), "lua-5.4", definition);
    root
}

/// Puts a runtime into a root.
fn add(root: &Path, id: &str, definition: impl AsRef<[u8]>) {
    let folder = root.join(id);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(load::FILE_NAME), definition).unwrap();
    fs::write(folder.join("Dockerfile"), "FROM scratch\n").unwrap();
}

/// The example definition with some of its text replaced.
fn edited(changes: &[(&str, &str)]) -> String {
    let mut text = EXAMPLE.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "the example has no {old}");
        text = text.replacen(old, new, 1);
    }
    text
}

fn load(definition: impl AsRef<[u8]>) -> Result<Runtime, BrokenDefinition> {
    let root = folder(definition);
    load::load_folder(&root.path().join("lua-5.4")).map_err(|mut broken| {
        for problem in &mut broken.problems {
            problem.file = problem.file.strip_prefix(root.path()).unwrap().to_owned();
        }
        broken
    })
}

/// What is said of the example definition with some of its text replaced.
fn said(changes: &[(&str, &str)]) -> String {
    said_of(edited(changes))
}

/// What is said of a definition.
fn said_of(definition: impl AsRef<[u8]>) -> String {
    load(definition).map_or_else(|broken| broken.report(), |_| "it holds".to_owned())
}
