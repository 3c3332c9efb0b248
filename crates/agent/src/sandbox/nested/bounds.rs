//! The kernel's own bounds on how many namespaces there may be in the cell's inner user namespace: none for programs, whatever else
//! fails to stop them.

use std::{
    fs::{File, OpenOptions},
    io::ErrorKind,
    os::unix::fs::FileExt,
};

use super::super::mounts::doing;

/// As many as anybody needs who may make some: the kernel takes its time to take down those of the runs before.
const MANY: &str = "65536";

/// The bounds on some kinds of namespaces. Kept open: they are set several times for each run.
pub(super) struct Bounds(Vec<(String, File)>);

impl Bounds {
    /// Those on these kinds (`user_namespaces(7)` has their names). A kernel without one of them has nothing to forbid.
    pub(super) fn on(kinds: &[&str]) -> Result<Self, String> {
        let mut bounds = Vec::with_capacity(kinds.len());
        for kind in kinds {
            let path = format!("/proc/sys/user/max_{kind}_namespaces");
            match OpenOptions::new().write(true).open(&path) {
                Ok(file) => bounds.push((path, file)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(format!("{path}: {error}")),
            }
        }
        Ok(Self(bounds))
    }

    /// Lets new ones be made.
    pub(super) fn lift(&self) -> Result<(), String> {
        self.set(MANY)
    }

    /// Lets none be made any more.
    pub(super) fn forbid(&self) -> Result<(), String> {
        self.set("0")
    }

    fn set(&self, most: &str) -> Result<(), String> {
        self.0.iter().try_for_each(|(path, file)| doing(path, file.write_all_at(most.as_bytes(), 0)))
    }
}
