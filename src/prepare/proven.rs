//! What was proven in earlier lives of the server, so that a second start takes seconds.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

/// The result of a self-test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Proof {
    /// Exact.
    pub(crate) version: String,
    /// Milliseconds that the first sample took from request to end.
    pub(crate) start_ms: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    key: String,
    #[serde(flatten)]
    proof: Proof,
}

/// Proofs by runtime id, kept in a file. A file that cannot be read or written only costs time.
#[derive(Debug)]
pub struct ProvenStore {
    file: Option<PathBuf>,
    entries: Mutex<BTreeMap<String, Entry>>,
}

impl ProvenStore {
    /// Reads what is kept in `file`; with `None`, nothing is kept.
    pub fn open(file: Option<&Path>) -> Self {
        let text = file.and_then(|file| fs::read_to_string(file).ok());
        let entries = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Self { file: file.map(Path::to_owned), entries: Mutex::new(entries) }
    }

    /// The proof of a runtime that still holds for `key`.
    pub(crate) fn find(&self, id: &str, key: &str) -> Option<Proof> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(id).filter(|entry| entry.key == key).map(|entry| entry.proof.clone())
    }

    /// Keeps a proof.
    pub(crate) fn keep(&self, id: &str, key: &str, proof: &Proof) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.insert(id.to_owned(), Entry { key: key.to_owned(), proof: proof.clone() });
        let Some(file) = &self.file else { return };
        if let Err(error) = write(file, &entries) {
            tracing::warn!(file = %file.display(), %error, "what was proven could not be kept: the next start takes longer");
        }
    }
}

/// Writes a whole new file and puts it in the old one's place, so that none is ever half there.
fn write(file: &Path, entries: &BTreeMap<String, Entry>) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = file.with_extension(format!("new-{}", std::process::id()));
    fs::write(&new, serde_json::to_string_pretty(entries)?)?;
    fs::rename(new, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_holds_for_its_key_only_and_outlives_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data/proven.json");
        let proof = Proof { version: "1.2.3".into(), start_ms: 4.5 };
        ProvenStore::open(Some(&file)).keep("a", "key", &proof);
        let store = ProvenStore::open(Some(&file));
        assert_eq!(store.find("a", "key"), Some(proof));
        assert_eq!(store.find("a", "other"), None);
        assert_eq!(store.find("b", "key"), None);
    }

    #[test]
    fn a_broken_file_is_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("proven.json");
        fs::write(&file, "{ nonsense").unwrap();
        let store = ProvenStore::open(Some(&file));
        assert_eq!(store.find("a", "key"), None);
        store.keep("a", "key", &Proof { version: "1".into(), start_ms: 0.0 });
        assert!(ProvenStore::open(Some(&file)).find("a", "key").is_some());
    }
}
