//! From folders to runtimes: one folder, or all of several roots.
//!
//! A definition that is broken never hides another: it comes back as [`BrokenDefinition`] beside the runtimes that hold.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::definition::Definition;
use super::problem::{MOST_PROBLEMS, Problem, quoted};
use super::source::{Source, Span};
use super::tree::Node;
use super::{Runtime, checks, conflicts, digest, extend, resolve, shape, tree};

/// The file that makes a folder a runtime.
pub const FILE_NAME: &str = "runtime.yaml";
/// Bytes of a definition.
const MAX_BYTES: u64 = 1 << 20;
/// Characters of an id: it becomes part of an image's name.
const ID_CHARS: usize = 64;
/// Problems of one definition that are told.
const MAX_PROBLEMS: usize = 25;

/// A folder whose definition does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenDefinition {
    /// The folder's name.
    pub id: String,
    /// Where the definition stands.
    pub folder: PathBuf,
    /// What is wrong, in the order of the file; at least one.
    pub problems: Vec<Problem>,
}

/// A folder of runtimes that cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[error("the folder of runtimes {} cannot be read: {source}", root.display())]
pub struct LoadError {
    /// The folder.
    pub root: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl BrokenDefinition {
    /// In one line, for listings.
    pub fn summary(&self) -> String {
        match &self.problems[..] {
            [] => "the definition is broken".to_owned(),
            [only] => only.headline(),
            [first, others @ ..] => format!("{} (and {} more)", first.headline(), others.len()),
        }
    }

    /// Every problem with its frame, over many lines.
    pub fn report(&self) -> String {
        let problems: Vec<String> = self.problems.iter().map(Problem::to_string).collect();
        problems.join("\n\n")
    }
}

impl fmt::Display for BrokenDefinition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.report())
    }
}

impl std::error::Error for BrokenDefinition {}

/// A runtime with the text that it comes from, for problems that are found later.
pub(super) struct Loaded {
    pub(super) runtime: Runtime,
    pub(super) source: Source,
    pub(super) root: Rc<Node>,
}

/// The runtime in `folder`. What it extends is looked for beside it.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_folder(folder: &Path) -> Result<Runtime, BrokenDefinition> {
    load_folder_among(folder, &[])
}

/// The runtime in `folder`. What it extends is looked for beside it and in `roots`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_folder_among(folder: &Path, roots: &[PathBuf]) -> Result<Runtime, BrokenDefinition> {
    let beside = folder.canonicalize().ok().and_then(|real| real.parent().map(Path::to_owned));
    let roots: Vec<&Path> = roots.iter().map(PathBuf::as_path).chain(beside.as_deref()).collect();
    read_folder(folder, &roots).map(|loaded| loaded.runtime)
}

/// The runtimes in the folders of `roots`, by id. A later root's runtime takes the place of an earlier one's with the same
/// id. Of two that claim the same name, the one from the earlier root (then the smaller id) has it, the other is broken.
///
/// Hidden folders and folders without a definition are passed over.
///
/// # Errors
/// A root that is not there or cannot be listed.
pub fn load_all(roots: &[PathBuf]) -> Result<Vec<Result<Runtime, BrokenDefinition>>, LoadError> {
    let mut folders: BTreeMap<String, (usize, PathBuf)> = BTreeMap::new();
    for (rank, root) in roots.iter().enumerate() {
        let found = runtime_folders(root).map_err(|source| LoadError { root: root.clone(), source })?;
        folders.extend(found.into_iter().map(|folder| (id_of(&folder), (rank, folder))));
    }
    let mut ranked: Vec<(usize, String, PathBuf)> =
        folders.into_iter().map(|(id, (rank, folder))| (rank, id, folder)).collect();
    ranked.sort();
    let roots: Vec<&Path> = roots.iter().map(PathBuf::as_path).collect();
    let loaded = ranked.iter().map(|(_, _, folder)| read_folder(folder, &roots)).collect();
    let mut runtimes = conflicts::settle(loaded);
    runtimes.sort_by(|one, other| id_of_result(one).cmp(id_of_result(other)));
    Ok(runtimes)
}

fn id_of_result(result: &Result<Runtime, BrokenDefinition>) -> &str {
    result.as_ref().map_or_else(|broken| &*broken.id, |runtime| &*runtime.id)
}

/// Whether `folder` is meant to be a runtime: it has a definition, or a file whose name is nearly that.
pub fn is_runtime_folder(folder: &Path) -> bool {
    folder.join(FILE_NAME).exists() || misnamed(folder).is_some()
}

fn runtime_folders(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !hidden && is_runtime_folder(&entry.path()) {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

/// A file that was meant to be the definition.
fn misnamed(folder: &Path) -> Option<String> {
    let names = fs::read_dir(folder).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names
        .filter(|name| {
            let name = name.to_lowercase();
            name == FILE_NAME || name == "runtime.yml" || name == "runtimes.yaml"
        })
        .collect();
    names.sort();
    names.into_iter().next()
}

fn id_of(folder: &Path) -> String {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    // `.` and `..` have no name of their own.
    name(folder).or_else(|| name(&folder.canonicalize().ok()?)).unwrap_or_default()
}

fn read_folder(folder: &Path, roots: &[&Path]) -> Result<Loaded, BrokenDefinition> {
    let id = id_of(folder);
    load(folder, &id, roots).map_err(|mut problems| {
        let at_least = if problems.len() >= MOST_PROBLEMS { "at least " } else { "" };
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems.dedup_by(|one, other| {
            (one.line, one.column, &one.message) == (other.line, other.column, &other.message)
        });
        let more = problems.len().saturating_sub(MAX_PROBLEMS);
        if more > 0 {
            problems.truncate(MAX_PROBLEMS);
            let message = format!("{at_least}{more} more problems");
            problems.push(Problem::of_file(&folder.join(FILE_NAME), message));
        }
        BrokenDefinition { id, folder: folder.to_owned(), problems }
    })
}

fn load(folder: &Path, id: &str, roots: &[&Path]) -> Result<Loaded, Vec<Problem>> {
    let bytes = read_definition(folder).map_err(|problem| vec![problem])?;
    let source = Source::new(&folder.join(FILE_NAME), &bytes).map_err(|problem| vec![problem])?;
    let (root, mut problems) = tree::compose(&source)?;
    let base = base(&source, &root, folder, id, roots).map_err(|problem| vec![problem])?;
    let (root, is_own_image) = match &base {
        Some((base, at)) => {
            let is_own_image = root.get("image").is_some();
            (Rc::new(extend::merged(&root, &base.root, *at)), is_own_image)
        }
        None => (root, true),
    };
    let image = match &base {
        Some((base, _)) if !is_own_image => Image { folder: &base.runtime.folder, of: &base.runtime.id },
        _ => Image { folder, of: id },
    };
    problems.extend(check_id(folder, id));
    problems.extend(shape::check(&source, &root));
    problems.extend(checks::check(&source, &root, image.folder));
    let digest = digest::of_folder(folder).map_err(|problem| problems.push(problem));
    let (true, Ok(digest)) = (problems.is_empty(), digest) else { return Err(problems) };
    let (definition, digest) = match &base {
        Some((base, at)) => {
            let typed = extend::typed(&root).map_err(|message| source.problem(*at, message));
            (typed, digest::of_both(&digest, &base.runtime.digest))
        }
        None => (typed(&source), digest),
    };
    let runtime = definition
        .and_then(|definition| {
            resolve::resolve(definition, folder, &image, id.to_owned(), digest)
                .map_err(|message| Problem::of_file(source.file(), message))
        })
        .map_err(|problem| vec![problem])?;
    Ok(Loaded { runtime, source, root })
}

/// Where an image comes from, which may be what a definition extends.
pub(super) struct Image<'a> {
    pub(super) folder: &'a Path,
    /// The runtime that the image was written for.
    pub(super) of: &'a str,
}

/// The definition that this one extends, if it does so, and where it says that.
fn base(
    source: &Source,
    root: &Node,
    folder: &Path,
    id: &str,
    roots: &[&Path],
) -> Result<Option<(Loaded, Span)>, Problem> {
    let Some(node) = root.get(extend::KEY) else { return Ok(None) };
    // What is no id is told with everything else that has a wrong shape.
    let Some(base) = node.text().filter(|text| check_id(folder, text).is_none()) else { return Ok(None) };
    let problem = |message: String| source.problem(node.span, message);
    let own = folder.canonicalize().ok();
    let mut candidates =
        roots.iter().map(|root| root.join(base)).filter(|candidate| is_runtime_folder(candidate));
    let found = if base == id {
        // What this one takes the place of: the last before it.
        candidates.take_while(|candidate| candidate.canonicalize().ok() != own).last()
    } else {
        candidates.next_back()
    };
    let Some(found) = found else {
        return Err(match base == id {
            true => problem(format!("there is no other {} that this one takes the place of", quoted(base)))
                .with_help("an earlier folder of runtimes must have it; else name another one"),
            false => problem(format!("there is no runtime {}", quoted(base)))
                .with_help("write the name of a folder of runtimes, of these or of an earlier one"),
        });
    };
    let bytes = read_definition(&found)
        .map_err(|broken| problem(format!("{} cannot be used: {}", quoted(base), broken.headline())))?;
    let extends_itself = Source::new(&found.join(FILE_NAME), &bytes)
        .ok()
        .and_then(|source| tree::compose(&source).ok())
        .is_some_and(|(root, _)| root.get(extend::KEY).is_some());
    if extends_itself {
        return Err(problem(format!("{} extends another one itself", quoted(base))).with_help(format!(
            "extend that one instead; it is named in {}",
            found.join(FILE_NAME).display()
        )));
    }
    match read_folder(&found, &[]) {
        Ok(loaded) => Ok(Some((loaded, node.span))),
        Err(broken) => Err(problem(format!("{} is broken: {}", quoted(base), broken.summary()))),
    }
}

/// The text as a definition. What is wrong here the checks should have found, save where Serde's parser takes less of YAML
/// than theirs: anchors with letters beyond ASCII.
fn typed(source: &Source) -> Result<Definition, Problem> {
    serde_yaml::from_str(source.text()).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        match error.location() {
            Some(place) => source.problem(source.position(place.line(), place.column()), message),
            None => Problem::of_file(source.file(), message),
        }
    })
}

fn check_id(folder: &Path, id: &str) -> Option<Problem> {
    let letters =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || ".-".contains(letter);
    let fine = id.len() <= ID_CHARS
        && id.chars().all(letters)
        && id.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
    (!fine).then(|| {
        Problem::of_file(folder, format!("the folder's name {} cannot be a runtime's id", quoted(id))).with_help(
            format!("rename it: lower-case letters, digits, `.` and `-`, at most {ID_CHARS}, for example `lang-1.2`"),
        )
    })
}

fn read_definition(folder: &Path) -> Result<Vec<u8>, Problem> {
    let path = folder.join(FILE_NAME);
    let unreadable = |error: &io::Error| Problem::of_file(&path, format!("cannot be read: {error}"));
    let metadata = match fs::metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Err(no_definition(folder));
        }
        Err(error) => return Err(unreadable(&error)),
    };
    if !metadata.is_file() {
        return Err(Problem::of_file(&path, "is not a file"));
    }
    // Before it is read: a message would show some of it.
    if let (Ok(real), Ok(folder)) = (path.canonicalize(), folder.canonicalize())
        && !real.starts_with(folder)
    {
        return Err(
            Problem::of_file(&path, "a link out of the runtime's folder").with_help("copy the file into it")
        );
    }
    let mut bytes = Vec::new();
    let file = File::open(&path).map_err(|error| unreadable(&error))?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > MAX_BYTES {
        let message = format!("the definition is larger than {} MiB", MAX_BYTES >> 20);
        return Err(Problem::of_file(&path, message));
    }
    Ok(bytes)
}

fn no_definition(folder: &Path) -> Problem {
    if !folder.exists() {
        return Problem::of_file(folder, "there is no such folder");
    }
    if !folder.is_dir() {
        let help = format!("name the folder that holds {FILE_NAME}");
        return Problem::of_file(folder, "is not a folder").with_help(help);
    }
    match misnamed(folder) {
        Some(name) => {
            Problem::of_file(&folder.join(&name), format!("the definition's name must be {FILE_NAME}"))
                .with_help(format!("rename {name} to {FILE_NAME}"))
        }
        None => Problem::of_file(folder, format!("the folder has no {FILE_NAME}")),
    }
}
