//! A folder as the engine's builder gets it, and the hash that tells whether an image was made from it.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// The most bytes of files in a folder that an image is built from.
const MAX_BYTES: u64 = 64 << 20;

/// The most files and folders in it.
const MAX_ENTRIES: usize = 10_000;

/// Changes when this program builds other images from the same files.
const BUILDER_VERSION: &str = "1";

/// Not part of an image: it says how to use one, and may change without a new build.
const DEFINITION: &str = "runtime.yaml";

/// The time of every file in a build: the same files give the same image, whenever.
const FILE_TIME: u64 = 1_735_689_600;

/// The files of a folder, sorted by name.
#[derive(Default)]
pub(super) struct Context {
    entries: Vec<Entry>,
}

struct Entry {
    /// Relative to the folder.
    path: PathBuf,
    content: Content,
}

enum Content {
    Folder,
    File { data: Vec<u8>, executable: bool },
    Link(PathBuf),
}

impl Context {
    /// Reads a folder.
    ///
    /// # Errors
    /// When it cannot be read, is too large, or holds what is neither file, folder nor link; in words.
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let mut context = Self { entries: Vec::new() };
        let mut left = MAX_BYTES;
        context.add_folder(folder, Path::new(""), &mut left)?;
        context.entries.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(context)
    }

    /// A context of one file.
    pub(super) fn of(name: &str, text: &str) -> Self {
        let mut context = Self::default();
        context.add(name, text);
        context
    }

    /// Adds a file.
    pub(super) fn add(&mut self, name: &str, text: &str) {
        let content = Content::File { data: text.as_bytes().to_vec(), executable: false };
        self.entries.push(Entry { path: name.into(), content });
    }

    fn add_folder(&mut self, root: &Path, inner: &Path, left: &mut u64) -> Result<(), String> {
        let told = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let folder = root.join(inner);
        for entry in fs::read_dir(&folder).map_err(|error| told(&folder, &error))? {
            let entry = entry.map_err(|error| told(&folder, &error))?;
            let (path, full) = (inner.join(entry.file_name()), entry.path());
            if path == Path::new(DEFINITION) {
                continue;
            }
            if self.entries.len() >= MAX_ENTRIES {
                return Err(told(root, &format_args!("holds more than {MAX_ENTRIES} files")));
            }
            let metadata = entry.metadata().map_err(|error| told(&full, &error))?;
            let kind = metadata.file_type();
            let content = if kind.is_dir() {
                self.add_folder(root, &path, left)?;
                Content::Folder
            } else if kind.is_symlink() {
                Content::Link(fs::read_link(&full).map_err(|error| told(&full, &error))?)
            } else if kind.is_file() {
                *left = left
                    .checked_sub(metadata.len())
                    .ok_or_else(|| told(root, &format_args!("holds more than {} MiB", MAX_BYTES >> 20)))?;
                let data = fs::read(&full).map_err(|error| told(&full, &error))?;
                Content::File { data, executable: metadata.permissions().mode() & 0o100 != 0 }
            } else {
                return Err(told(&full, &"is neither a file nor a folder"));
            };
            self.entries.push(Entry { path, content });
        }
        Ok(())
    }

    /// The text of a file at the top, if it is there.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.entries.iter().find(|entry| entry.path == Path::new(name)).and_then(|entry| {
            match &entry.content {
                Content::File { data, .. } => Some(String::from_utf8_lossy(data).into_owned()),
                Content::Folder | Content::Link(_) => None,
            }
        })
    }

    /// Names what is built from these files and from `others` (the hashes of what they build on).
    pub(super) fn hash(&self, others: &[String]) -> String {
        let mut hash = Sha256::new();
        // The length goes before each part, so that no two lists of parts look the same.
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(BUILDER_VERSION.as_bytes());
        for entry in &self.entries {
            part(entry.path.as_os_str().as_encoded_bytes());
            match &entry.content {
                Content::Folder => part(b"folder"),
                Content::File { data, executable } => {
                    part(if *executable { b"program" } else { b"file" });
                    part(data);
                }
                Content::Link(target) => {
                    part(b"link");
                    part(target.as_os_str().as_encoded_bytes());
                }
            }
        }
        part(b"built on");
        others.iter().for_each(|other| part(other.as_bytes()));
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The files as the engine takes them.
    pub(super) fn tar(&self) -> io::Result<Vec<u8>> {
        let mut archive = tar::Builder::new(Vec::new());
        for entry in &self.entries {
            let mut header = tar::Header::new_gnu();
            header.set_mtime(FILE_TIME);
            header.set_size(0);
            match &entry.content {
                Content::Folder => {
                    header.set_entry_type(tar::EntryType::Directory);
                    header.set_mode(0o755);
                    archive.append_data(&mut header, &entry.path, io::empty())?;
                }
                Content::File { data, executable } => {
                    header.set_size(data.len() as u64);
                    header.set_mode(if *executable { 0o755 } else { 0o644 });
                    archive.append_data(&mut header, &entry.path, data.as_slice())?;
                }
                Content::Link(target) => {
                    header.set_entry_type(tar::EntryType::Symlink);
                    header.set_mode(0o777);
                    archive.append_link(&mut header, &entry.path, target)?;
                }
            }
        }
        archive.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn hash(folder: &tempfile::TempDir) -> String {
        Context::read(folder.path()).unwrap().hash(&[])
    }

    #[test]
    fn the_hash_follows_what_is_built_and_nothing_else() {
        let files = [("Dockerfile", "FROM x"), ("lib/a.py", "1")];
        let first = hash(&folder(&files));
        assert_eq!(first.len(), 16);
        assert_eq!(first, hash(&folder(&files)), "the same files");
        let with_definition = [files.as_slice(), &[("runtime.yaml", "language: x")]].concat();
        assert_eq!(first, hash(&folder(&with_definition)), "the definition is not built in");
        for other in [
            vec![("Dockerfile", "FROM y"), ("lib/a.py", "1")],
            vec![("Dockerfile", "FROM x"), ("lib/b.py", "1")],
            vec![("Dockerfile", "FROM x")],
            vec![("Dockerfile", "FROM x"), ("lib/a.py", "1"), ("lib/runtime.yaml", "")],
        ] {
            assert_ne!(first, hash(&folder(&other)), "{other:?}");
        }
        let changed = folder(&files);
        fs::set_permissions(changed.path().join("lib/a.py"), PermissionsExt::from_mode(0o755)).unwrap();
        assert_ne!(first, hash(&changed), "it can be executed now");
        let context = Context::read(folder(&files).path()).unwrap();
        assert_ne!(context.hash(&["a".into()]), context.hash(&["b".into()]), "it is built on something else");
    }

    #[test]
    fn the_builder_gets_the_files_as_they_are() {
        let folder = folder(&[("Dockerfile", "FROM x"), ("bin/tool", "#!"), ("runtime.yaml", "")]);
        fs::set_permissions(folder.path().join("bin/tool"), PermissionsExt::from_mode(0o700)).unwrap();
        std::os::unix::fs::symlink("bin/tool", folder.path().join("link")).unwrap();
        let tar = Context::read(folder.path()).unwrap().tar().unwrap();
        let seen: Vec<_> = tar::Archive::new(tar.as_slice())
            .entries()
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let header = entry.header();
                let path = entry.path().unwrap().display().to_string();
                (path, header.mode().unwrap(), entry.link_name().unwrap().map(|l| l.display().to_string()))
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("Dockerfile".into(), 0o644, None),
                ("bin".into(), 0o755, None),
                ("bin/tool".into(), 0o755, None),
                ("link".into(), 0o777, Some("bin/tool".into())),
            ] as [(String, u32, Option<String>); 4]
        );
    }

    #[test]
    fn a_folder_that_is_too_large_is_refused() {
        let folder = folder(&[("Dockerfile", "FROM x")]);
        fs::File::create(folder.path().join("big")).unwrap().set_len(MAX_BYTES).unwrap();
        let error = Context::read(folder.path()).err().unwrap();
        assert!(error.ends_with("holds more than 64 MiB"), "{error}");
    }
}
