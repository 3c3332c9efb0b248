//! Puts together the files that a run left, from the parts that its agent sends.

use bytes::{Bytes, BytesMut};
use polyground_protocol::{Collect, FileChunk, check_path};

use super::Artifact;

/// Files of one run as they come. The agent has been told the bounds; here they are held, because it need not be believed.
pub(super) struct Collection {
    files: Vec<(String, BytesMut)>,
    files_left: u32,
    bytes_left: u64,
}

impl Collection {
    pub(super) fn new(wanted: &Collect) -> Self {
        Self { files: Vec::new(), files_left: wanted.max_files, bytes_left: wanted.max_bytes }
    }

    /// Adds a part.
    ///
    /// # Errors
    /// What the agent did that it was not asked for.
    pub(super) fn push(&mut self, part: FileChunk) -> Result<(), String> {
        let beyond = || "files beyond their bound".to_owned();
        self.bytes_left = self.bytes_left.checked_sub(part.data.len() as u64).ok_or_else(beyond)?;
        match self.files.last_mut() {
            Some((name, content)) if part.append && *name == part.path => {
                content.extend_from_slice(&part.data);
            }
            _ if part.append => return Err("a later part of a file before its first".into()),
            _ => {
                self.files_left = self.files_left.checked_sub(1).ok_or_else(beyond)?;
                check_path(&part.path).map_err(|error| format!("a file whose name {error}"))?;
                self.files.push((part.path, BytesMut::from(&part.data[..])));
            }
        }
        Ok(())
    }

    /// What has come.
    pub(super) fn finish(self) -> Vec<Artifact> {
        self.files
            .into_iter()
            .map(|(name, content)| Artifact { name, content: Bytes::from(content) })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collection() -> Collection {
        Collection::new(&Collect { folder: "out".into(), extensions: vec![], max_files: 2, max_bytes: 10 })
    }

    fn part(path: &str, append: bool, data: &[u8]) -> FileChunk {
        FileChunk { path: path.into(), append, data: data.to_vec() }
    }

    #[test]
    fn parts_become_files() {
        let mut collection = collection();
        for part in [part("a.txt", false, b"12"), part("a.txt", true, b"34"), part("b/c.txt", false, b"")] {
            collection.push(part).unwrap();
        }
        let files = collection.finish();
        let files: Vec<_> = files.iter().map(|file| (file.name.as_str(), &file.content[..])).collect();
        assert_eq!(files, [("a.txt", &b"1234"[..]), ("b/c.txt", b"")]);
    }

    #[test]
    fn an_agent_that_sends_more_than_asked_is_not_believed() {
        let table = [
            vec![part("a", false, b"12345678901")],
            vec![part("a", false, b"123456"), part("a", true, b"123456")],
            vec![part("a", false, b""), part("b", false, b""), part("c", false, b"")],
            vec![part("a", true, b"")],
            vec![part("a", false, b""), part("b", true, b"")],
            vec![part("../a", false, b"")],
            vec![part("/etc/passwd", false, b"")],
        ];
        for parts in table {
            let mut collection = collection();
            let result: Result<Vec<()>, String> =
                parts.iter().cloned().map(|part| collection.push(part)).collect();
            assert!(result.is_err(), "{parts:?}");
        }
    }
}
