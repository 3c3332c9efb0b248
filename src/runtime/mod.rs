//! Runtimes: what a language is, read from its folder. As written in [`definition`], as used here.
//!
//! Architecture invariant: this module knows no engine, no pool, no HTTP; nothing in it names a language.

mod checks;
mod conflicts;
pub mod definition;
mod digest;
mod expand;
mod extend;
pub mod limits;
pub mod load;
pub mod names;
mod placeholder;
mod problem;
mod resolve;
mod scalar;
pub mod schema;
pub mod select;
mod shape;
mod source;
mod suggest;
#[cfg(test)]
mod tests;
mod tree;
pub mod units;
mod version;
mod vocabulary;

use std::path::PathBuf;

use regex::Regex;

pub use expand::{expand, expand_warm};
pub use load::{BrokenDefinition, LoadError, load_all, load_folder, load_folder_among};
pub use problem::{Frame, Problem};
pub use schema::schema;
pub use select::{Selector, SelectorError};
pub use suggest::nearest;
pub use version::ExactVersion;
pub use vocabulary::editor_modes;

/// One language at one version, validated: what the rest of the server uses.
#[derive(Debug, Clone)]
pub struct Runtime {
    /// The folder's name: `python-3.13`.
    pub id: String,
    /// Lower case: `python`.
    pub language: String,
    /// The version line as written: `3.13`. The exact version must lie in it.
    pub line: String,
    /// Further names of the language, lower case.
    pub aliases: Vec<String>,
    /// For people: `Python`.
    pub name: String,
    /// File endings of sources, without the dot.
    pub extensions: Vec<String>,
    /// What the playground opens with.
    pub editor: Editor,
    /// Where the definition stands.
    pub folder: PathBuf,
    /// What programs see in the docker engine.
    pub image: ImageSpec,
    /// The runtime that the image was written for: another one's id where this one extends it.
    pub image_of: String,
    /// What is installed into the image on top.
    pub packages: Packages,
    /// Commands that the host must have for the local engine; `None`: not offered there.
    pub host_requires: Option<Vec<String>>,
    /// How the exact version is found.
    pub detect: Detect,
    /// Stage before `run`.
    pub compile: Option<StageTemplate>,
    /// The program itself.
    pub run: StageTemplate,
    /// Prints the main file formatted.
    pub format: Option<StageTemplate>,
    /// Folders that a run sees writable, copy-on-write.
    pub overlay: Vec<String>,
    /// Which files that a program leaves behind come back with the answer.
    pub artifacts: Option<Artifacts>,
    /// A stage that ends non-zero with this in its stderr ran out of memory.
    pub out_of_memory: Option<Regex>,
    /// Find places in a line of what compilers and tracebacks say, by named groups. For browsers: not compiled here.
    pub diagnostics: Vec<String>,
    /// Cells kept ready, and at most.
    pub pool: PoolSize,
    /// The self-test.
    pub samples: Vec<Sample>,
    /// Hash of everything in the folder, and in that of the runtime that it extends: changes when the runtime does.
    pub digest: String,
}

/// What the playground opens with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor {
    /// The editor's highlighting mode.
    pub mode: String,
    /// The main file's name.
    pub file: String,
    /// Its text.
    pub template: String,
}

/// Where a runtime's image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSpec {
    /// The folder with the Dockerfile.
    Build(PathBuf),
    /// Any image, by reference.
    Reference(String),
}

/// What is installed into an image on top: names, with versions where these are said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packages {
    /// Debian packages.
    pub apt: Vec<String>,
    /// Packages from PyPI.
    pub pip: Vec<String>,
    /// Packages from npm.
    pub npm: Vec<String>,
}

/// How the exact version is found.
#[derive(Debug, Clone)]
pub struct Detect {
    /// Run in the sandbox.
    pub command: Vec<String>,
    /// Searched for in its stdout, then its stderr; group 1 is the version.
    pub pattern: Regex,
}

/// A command with its placeholders, and what it may use.
#[derive(Debug, Clone)]
pub struct StageTemplate {
    /// The arguments, placeholders unexpanded.
    pub command: Vec<String>,
    /// The command that is started while a cell waits, placeholders unexpanded.
    pub warm: Option<Vec<String>>,
    /// Whether that one takes the caller's arguments.
    pub warm_args: bool,
    /// The runtime's environment and the stage's on top.
    pub env: Vec<(String, String)>,
    /// The stage's ceilings.
    pub limits: Limits,
}

/// Ceilings of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Milliseconds from start to end.
    pub wall_ms: u64,
    /// Milliseconds of CPU time, all processes.
    pub cpu_ms: u64,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// Processes and threads.
    pub processes: u32,
    /// Bytes of stdout and stderr together.
    pub output_bytes: u64,
    /// Bytes of all files in each tmpfs of the sandbox.
    pub files_bytes: u64,
    /// Bytes of one file.
    pub file_bytes: u64,
}

/// Which files come back with the answer, of those that a program leaves in [`ARTIFACT_FOLDER`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifacts {
    /// Their endings, lower case, without the dot.
    pub extensions: Vec<String>,
    /// At most so many.
    pub max_files: u32,
    /// At most so many bytes, all together.
    pub max_bytes: u64,
}

/// Where a program leaves files that shall come back, relative to its working folder.
pub const ARTIFACT_FOLDER: &str = "out";

/// How many cells a runtime has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolSize {
    /// Kept ready.
    pub min: u32,
    /// At most.
    pub max: u32,
}

/// A program with the answer that it must get.
#[derive(Debug, Clone)]
pub struct Sample {
    /// For people.
    pub name: String,
    /// Name and content; the first is the main file.
    pub files: Vec<(String, String)>,
    /// Given to the program.
    pub stdin: String,
    /// Given to the program.
    pub args: Vec<String>,
    /// Given to the program.
    pub env: Vec<(String, String)>,
    /// What must come out, to the byte, where said.
    pub stdout: Option<String>,
    /// What stderr must match, where said.
    pub stderr: Option<Regex>,
    /// What the run's last stage must exit with, where said; 0 when neither this nor `outcome` is said.
    pub exit_code: Option<i32>,
    /// How the run must end, in the API's words (`compile_failed`), where said.
    pub outcome: Option<String>,
}
