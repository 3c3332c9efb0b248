//! A hash of everything in a runtime's folder, by which a change is noticed.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::problem::Problem;

/// Files and folders of a runtime's folder.
const MAX_ENTRIES: usize = 10_000;
/// Bytes of all files of a runtime's folder.
const MAX_BYTES: u64 = 512 << 20;

/// SHA-256 over the names and bytes of all files in `folder`, in lower-case hexadecimal. The order of creation, times and
/// owners do not count; what editors leave behind while a file is open does not either.
///
/// # Errors
/// What cannot be read, links that lead out of the folder or nowhere, files that are neither file nor folder, too much.
pub(super) fn of_folder(folder: &Path) -> Result<String, Problem> {
    let real = folder.canonicalize().map_err(|error| unreadable(folder, &error))?;
    let mut walk = Walk { folder, real, entries: 0, bytes: 0, hash: Sha256::new() };
    walk.enter(folder)?;
    Ok(hexadecimal(walk.hash))
}

/// The digest of what is made of two folders.
pub(super) fn of_both(own: &str, base: &str) -> String {
    hexadecimal(Sha256::new().chain_update(own).chain_update(base))
}

fn hexadecimal(hash: Sha256) -> String {
    let mut hex = String::with_capacity(64);
    for byte in hash.finalize() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

struct Walk<'a> {
    folder: &'a Path,
    real: PathBuf,
    entries: usize,
    bytes: u64,
    hash: Sha256,
}

impl Walk<'_> {
    fn enter(&mut self, folder: &Path) -> Result<(), Problem> {
        let listed = fs::read_dir(folder).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
        let mut paths: Vec<PathBuf> =
            listed.map_err(|error| unreadable(folder, &error))?.iter().map(fs::DirEntry::path).collect();
        paths.retain(|path| !is_leftover(path));
        paths.sort();
        for path in paths {
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return Err(self.too_much(&format!("more than {MAX_ENTRIES} files")));
            }
            self.take(&path)?;
        }
        Ok(())
    }

    fn take(&mut self, path: &Path) -> Result<(), Problem> {
        let metadata = fs::symlink_metadata(path).map_err(|error| unreadable(path, &error))?;
        let kind = metadata.file_type();
        if kind.is_dir() {
            self.enter(path)
        } else if kind.is_symlink() {
            let target = fs::read_link(path).map_err(|error| unreadable(path, &error))?;
            let real = path.canonicalize().map_err(|_| {
                Problem::of_file(path, format!("a link to {}, which is not there", target.display()))
            })?;
            if !real.starts_with(&self.real) {
                let message = format!("a link out of the runtime's folder, to {}", real.display());
                return Err(Problem::of_file(path, message).with_help("copy the file into the folder"));
            }
            self.begin(b'l', path);
            self.part(target.as_os_str().as_encoded_bytes());
            Ok(())
        } else if kind.is_file() {
            self.file(path, is_executable(&metadata))
        } else {
            Err(Problem::of_file(path, "neither a file nor a folder").with_help("remove it"))
        }
    }

    fn file(&mut self, path: &Path, executable: bool) -> Result<(), Problem> {
        let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
        self.begin(if executable { b'x' } else { b'f' }, path);
        let mut content = Sha256::new();
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = file.read(&mut buffer).map_err(|error| unreadable(path, &error))?;
            if read == 0 {
                break;
            }
            self.bytes += read as u64;
            if self.bytes > MAX_BYTES {
                return Err(self.too_much(&format!("more than {} MiB", MAX_BYTES >> 20)));
            }
            content.update(&buffer[..read]);
        }
        self.hash.update(content.finalize());
        Ok(())
    }

    fn begin(&mut self, kind: u8, path: &Path) {
        let name = path.strip_prefix(self.folder).unwrap_or(path);
        self.hash.update([kind]);
        self.part(name.as_os_str().as_encoded_bytes());
    }

    /// With its length before it, so that no two folders look alike.
    fn part(&mut self, bytes: &[u8]) {
        self.hash.update((bytes.len() as u64).to_le_bytes());
        self.hash.update(bytes);
    }

    fn too_much(&self, what: &str) -> Problem {
        Problem::of_file(self.folder, format!("the folder holds {what}"))
            .with_help("a runtime's folder holds its definition and what its Dockerfile copies, and no more")
    }
}

/// Bytes do not count alone: a Dockerfile's `COPY` keeps whether a file can be executed.
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

/// Swap, lock and backup files of editors, which come and go while somebody writes.
fn is_leftover(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with('~')
        || name.starts_with(".#")
        || name.ends_with(".swp")
        || name.ends_with(".swx")
        || name == "4913"
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem::of_file(path, format!("cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        folder
    }

    fn digest(files: &[(&str, &str)]) -> String {
        of_folder(folder(files).path()).unwrap()
    }

    #[test]
    fn the_same_files_have_the_same_digest_wherever_they_lie() {
        let (first, second) = (digest(&[("a", "1"), ("b/c", "2")]), digest(&[("b/c", "2"), ("a", "1")]));
        assert_eq!(first, second);
        assert_eq!(first.len(), 64);
    }

    #[test]
    fn a_changed_byte_name_or_border_changes_the_digest() {
        let digests = [
            digest(&[("a", "1"), ("b", "2")]),
            digest(&[("a", "1"), ("b", "3")]),
            digest(&[("a", "1"), ("c", "2")]),
            digest(&[("a", "12"), ("b", "")]),
            digest(&[("a", "1"), ("b/b", "2")]),
            digest(&[("a", "1")]),
        ];
        let different: std::collections::HashSet<_> = digests.iter().collect();
        assert_eq!(different.len(), digests.len());
    }

    #[test]
    fn editors_leftovers_do_not_count() {
        let clean = digest(&[("runtime.yaml", "1")]);
        let edited = digest(&[("runtime.yaml", "1"), (".runtime.yaml.swp", "x"), ("runtime.yaml~", "y")]);
        assert_eq!(clean, edited);
    }

    #[test]
    fn a_link_within_the_folder_is_fine_and_one_out_of_it_is_not() {
        let folder = folder(&[("a", "1")]);
        symlink("a", folder.path().join("inside")).unwrap();
        assert!(of_folder(folder.path()).is_ok());
        symlink("/etc/passwd", folder.path().join("outside")).unwrap();
        let problem = of_folder(folder.path()).unwrap_err();
        assert_eq!(problem.message, "a link out of the runtime's folder, to /etc/passwd");
    }

    #[test]
    fn a_link_to_nowhere_is_a_problem() {
        let folder = folder(&[]);
        symlink("missing", folder.path().join("link")).unwrap();
        assert!(of_folder(folder.path()).unwrap_err().message.contains("which is not there"));
    }

    #[test]
    fn a_pipe_is_refused_without_being_read() {
        let folder = folder(&[]);
        nix::unistd::mkfifo(&folder.path().join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert_eq!(of_folder(folder.path()).unwrap_err().message, "neither a file nor a folder");
    }
}
