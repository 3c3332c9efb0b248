//! A runtime as the API lists it.

use poem_openapi::{Enum, Object};

use crate::{
    catalog::{self, Listing, State, Subject},
    runtime::{Runtime, Sample},
};

/// One language at one version.
#[derive(Debug, Object)]
#[oai(rename = "Runtime", skip_serializing_if_is_none)]
pub(crate) struct RuntimeInfo {
    /// `python-3.13`
    pub(crate) id: String,
    /// What to send as `language`: `python`
    pub(crate) language: String,
    /// Exact (`3.13.5`) once it is known, else the line that the definition names (`3.13`).
    pub(crate) version: String,
    /// Further names that `language` may have: `py`, `python3`
    pub(crate) aliases: Vec<String>,
    /// For people: `Python`
    pub(crate) name: String,
    /// Whether it can be used.
    pub(crate) status: RuntimeStatus,
    /// Why it is unavailable, and what to do.
    pub(crate) reason: Option<String>,
    /// What is done now, while it is being prepared.
    pub(crate) step: Option<String>,
    /// What becomes of a change of its definition: as long as this stands here, the version before serves, and everything else
    /// in this object is of that one.
    pub(crate) pending: Option<Pending>,
    /// What an editor opens with.
    pub(crate) editor: Option<Editor>,
    /// File endings of sources, without the dot.
    pub(crate) extensions: Vec<String>,
    /// Regular expressions, the same to Rust and to browsers, that find places in a line of what its compiler or its
    /// tracebacks say, by the named groups `line`, `file`, `column`, `severity`, `message`. One with `message` alone
    /// finds what went wrong at the places around it.
    pub(crate) diagnostics: Vec<String>,
    /// Programs to begin with.
    pub(crate) examples: Vec<Example>,
    /// The stages that it has: `compile`, `run`, `format`.
    pub(crate) stages: Vec<String>,
    /// What a program may use at most.
    pub(crate) limits: Option<Ceilings>,
    /// What its self-test measured.
    pub(crate) measured: Option<Measured>,
}

/// Whether a runtime can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "RuntimeStatus", rename_all = "lowercase")]
pub(crate) enum RuntimeStatus {
    /// It has passed its self-test.
    Ready,
    /// Its image is being made, or its self-test runs.
    Preparing,
    /// It cannot be used.
    Unavailable,
}

/// A changed definition that is not in force.
#[derive(Debug, Object)]
#[oai(rename = "PendingChange", skip_serializing_if_is_none)]
pub(crate) struct Pending {
    /// `preparing` or `unavailable`.
    pub(crate) status: PendingStatus,
    /// Why the change cannot be used, and what to do.
    pub(crate) reason: Option<String>,
    /// What is done now, while the change is being prepared.
    pub(crate) step: Option<String>,
}

/// What becomes of a changed definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "PendingStatus", rename_all = "lowercase")]
pub(crate) enum PendingStatus {
    /// Its image is being made, or its self-test runs; it takes the present version's place then.
    Preparing,
    /// It cannot be used; the present version serves until it is mended.
    Unavailable,
}

/// What an editor opens with.
#[derive(Debug, Object)]
#[oai(rename = "Editor")]
pub(crate) struct Editor {
    /// The highlighting mode.
    mode: String,
    /// The main file's name.
    file: String,
    /// Its text.
    template: String,
}

/// A program that is known to work.
#[derive(Debug, Object)]
#[oai(rename = "Example")]
pub(crate) struct Example {
    /// For people.
    name: String,
    /// The first is the main file.
    files: Vec<ExampleFile>,
    /// What the program reads on its standard input.
    stdin: String,
    /// The program's arguments.
    args: Vec<String>,
}

/// A file of an example.
#[derive(Debug, Object)]
#[oai(rename = "ExampleFile")]
pub(crate) struct ExampleFile {
    /// Relative path.
    name: String,
    /// Its text.
    content: String,
}

/// What a program may use at most, in its run stage.
#[derive(Debug, Object)]
#[oai(rename = "Limits")]
pub(crate) struct Ceilings {
    /// Milliseconds from start to end.
    wall_ms: u64,
    /// Milliseconds of CPU time, all processes together.
    cpu_ms: u64,
    /// Bytes of memory.
    memory_bytes: u64,
    /// Processes and threads at a time.
    processes: u32,
    /// Bytes of stdout and stderr together.
    output_bytes: u64,
    /// Bytes of all files in each writable folder.
    files_bytes: u64,
    /// Bytes of one file.
    file_bytes: u64,
}

/// What a runtime's self-test measured.
#[derive(Debug, Object)]
#[oai(rename = "Measured")]
pub(crate) struct Measured {
    /// Milliseconds that its first sample took from request to end.
    start_ms: f64,
}

impl From<Listing> for RuntimeInfo {
    fn from(listing: Listing) -> Self {
        let mut info = match &listing.subject {
            Subject::Runtime(runtime) => Self::of(runtime),
            Subject::Broken { id } => Self::broken(id),
        };
        if let Some(version) = listing.version {
            info.version = version;
        }
        info.pending = listing.pending.map(Pending::from);
        match listing.state {
            State::Ready { start_ms } => {
                info.status = RuntimeStatus::Ready;
                info.measured = Some(Measured { start_ms });
            }
            State::Preparing { step } => {
                info.status = RuntimeStatus::Preparing;
                info.step = Some(step);
            }
            State::Unavailable { reason } => {
                info.status = RuntimeStatus::Unavailable;
                info.reason = Some(reason);
            }
        }
        info
    }
}

impl RuntimeInfo {
    fn of(runtime: &Runtime) -> Self {
        let stages =
            [("compile", runtime.compile.is_some()), ("run", true), ("format", runtime.format.is_some())];
        let limits = runtime.run.limits;
        Self {
            language: runtime.language.clone(),
            version: runtime.line.clone(),
            aliases: runtime.aliases.clone(),
            name: runtime.name.clone(),
            editor: Some(Editor {
                mode: runtime.editor.mode.clone(),
                file: runtime.editor.file.clone(),
                template: runtime.editor.template.clone(),
            }),
            extensions: runtime.extensions.clone(),
            diagnostics: runtime.diagnostics.clone(),
            examples: runtime.samples.iter().map(Example::from).collect(),
            stages: stages.iter().filter(|(_, there)| *there).map(|(name, _)| (*name).to_owned()).collect(),
            limits: Some(Ceilings {
                wall_ms: limits.wall_ms,
                cpu_ms: limits.cpu_ms,
                memory_bytes: limits.memory_bytes,
                processes: limits.processes,
                output_bytes: limits.output_bytes,
                files_bytes: limits.files_bytes,
                file_bytes: limits.file_bytes,
            }),
            ..Self::broken(&runtime.id)
        }
    }

    /// All that is known of a folder whose definition cannot be read: folders are named `<language>-<line>`.
    fn broken(id: &str) -> Self {
        let (language, version) = id.rsplit_once('-').unwrap_or((id, ""));
        Self {
            id: id.to_owned(),
            language: language.to_owned(),
            version: version.to_owned(),
            aliases: Vec::new(),
            name: language.to_owned(),
            status: RuntimeStatus::Unavailable,
            reason: None,
            step: None,
            pending: None,
            editor: None,
            extensions: Vec::new(),
            diagnostics: Vec::new(),
            examples: Vec::new(),
            stages: Vec::new(),
            limits: None,
            measured: None,
        }
    }

    /// Whether a caller may mean it by this name.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let name = name.trim().to_lowercase();
        self.language == name || self.aliases.contains(&name)
    }
}

impl From<catalog::Pending> for Pending {
    fn from(pending: catalog::Pending) -> Self {
        match pending {
            catalog::Pending::Preparing { step } => {
                Self { status: PendingStatus::Preparing, reason: None, step: Some(step) }
            }
            catalog::Pending::Unavailable { reason } => {
                Self { status: PendingStatus::Unavailable, reason: Some(reason), step: None }
            }
        }
    }
}

impl From<&Sample> for Example {
    fn from(sample: &Sample) -> Self {
        let files = sample.files.iter().cloned();
        Self {
            name: sample.name.clone(),
            files: files.map(|(name, content)| ExampleFile { name, content }).collect(),
            stdin: sample.stdin.clone(),
            args: sample.args.clone(),
        }
    }
}
