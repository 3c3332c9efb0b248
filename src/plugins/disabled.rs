//! Which runtimes the operator has disabled: that outlives the server.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// Ids of disabled runtimes, kept in a file.
#[derive(Debug, Default)]
pub(super) struct Disabled {
    ids: BTreeSet<String>,
    file: Option<PathBuf>,
}

impl Disabled {
    /// Reads what is kept in `file`; with `None`, nothing is kept.
    pub(super) fn open(file: Option<PathBuf>) -> Self {
        let read = |file: &PathBuf| match fs::read_to_string(file) {
            Ok(text) => serde_json::from_str(&text).map_err(io::Error::from),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeSet::new()),
            Err(error) => Err(error),
        };
        let ids = file.as_ref().map(read).transpose().unwrap_or_else(|error| {
            tracing::error!(%error, "which runtimes are disabled cannot be read: none is");
            None
        });
        Self { ids: ids.unwrap_or_default(), file }
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// Whether that is new.
    pub(super) fn insert(&mut self, id: &str) -> bool {
        let is_new = self.ids.insert(id.to_owned());
        if is_new {
            self.keep();
        }
        is_new
    }

    /// Whether it was there.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        let was_there = self.ids.remove(id);
        if was_there {
            self.keep();
        }
        was_there
    }

    fn keep(&self) {
        let Some(file) = &self.file else { return };
        if let Err(error) = write(file, &self.ids) {
            tracing::error!(file = %file.display(), %error, "which runtimes are disabled could not be kept: it holds until the server ends");
        }
    }
}

/// Writes a whole new file and puts it in the old one's place, so that none is ever half there.
fn write(file: &Path, ids: &BTreeSet<String>) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = file.with_extension(format!("new-{}", std::process::id()));
    fs::write(&new, serde_json::to_string_pretty(ids)?)?;
    fs::rename(new, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_disabled_outlives_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let file = Some(folder.path().join("data/disabled.json"));
        let mut disabled = Disabled::open(file.clone());
        assert!(disabled.insert("a") && disabled.insert("b") && !disabled.insert("b"));
        assert!(disabled.remove("a") && !disabled.remove("a"));
        let again = Disabled::open(file);
        assert!(again.contains("b") && !again.contains("a"));
    }

    #[test]
    fn a_broken_file_is_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("disabled.json");
        fs::write(&file, "nonsense").unwrap();
        let mut disabled = Disabled::open(Some(file.clone()));
        assert!(!disabled.contains("a") && disabled.insert("a"));
        assert!(Disabled::open(Some(file)).contains("a"));
    }
}
