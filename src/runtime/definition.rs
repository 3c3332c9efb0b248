//! `runtime.yaml` as written. What it means is worked out in [`super::resolve`], what is wrong with it in [`super::shape`]
//! (from the JSON Schema of these types) and [`super::checks`].
//!
//! The doc comments here are what editors show while somebody writes a definition.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::units::{Bytes, Millis};
use super::vocabulary::{
    AptPackage, Command, EditorMode, Environment, Extension, FileName, ImageReference, LanguageName, Network,
    NpmPackage, Outcome, OverlayFolder, Pattern, PipPackage, PlacePattern, Program, RuntimeId, SampleFiles,
    VersionLine, Words,
};

/// A runtime: one language at one version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The runtime that this one is but for what stands here: its id, of this folder or an earlier one. With the id of its own
    /// folder, the one that it takes the place of. `env`, `limits`, `pool` and `packages` are joined with that one's, samples are
    /// added to its, everything else stands in place of it.
    #[serde(default)]
    #[schemars(with = "Option<RuntimeId>", extend("examples" = ["lua-5.4"]))]
    pub extends: Option<String>,
    /// What callers ask for, in lower case.
    #[schemars(with = "LanguageName")]
    pub language: String,
    /// The line that this folder stands for, in quotes. `detect` finds the exact version, which must lie in it.
    #[schemars(with = "VersionLine")]
    pub version: String,
    /// Further names that callers may use; case does not matter.
    #[serde(default)]
    #[schemars(with = "Option<Vec<LanguageName>>")]
    pub aliases: Vec<String>,
    /// The name shown to people.
    #[schemars(with = "Words")]
    pub name: String,
    /// Files with these endings are sources (`{files}`); `polyground run FILE` guesses the language by them.
    #[schemars(with = "Vec<Extension>", length(min = 1))]
    pub extensions: Vec<String>,
    /// What the playground opens with.
    pub editor: EditorWritten,
    /// What a program sees: an image built from a folder, or any OCI image by reference.
    pub image: ImageWritten,
    /// What is installed into the image on top. The local engine, which has no images, does not offer such a runtime.
    #[serde(default)]
    #[schemars(with = "Option<PackagesWritten>", extend("examples" = [{"pip": ["numpy==2.1.3"]}]))]
    pub packages: PackagesWritten,
    /// The local engine offers the runtime where these commands exist. Without it: never.
    #[serde(default)]
    pub host: Option<HostWritten>,
    /// How the exact version is found.
    pub detect: DetectWritten,
    /// Environment of every stage.
    #[serde(default)]
    #[schemars(with = "Option<Environment>")]
    pub env: IndexMap<String, String>,
    /// The stage before `run`, for languages that have one.
    #[serde(default)]
    pub compile: Option<StageWritten>,
    /// The program itself. The caller's arguments are appended to the command, or put where `{args}` stands.
    pub run: StageWritten,
    /// Prints the main file formatted.
    #[serde(default)]
    pub format: Option<StageWritten>,
    /// Ceilings of every stage; callers may ask for less.
    #[serde(default)]
    #[schemars(with = "Option<LimitsWritten>")]
    pub limits: LimitsWritten,
    /// Folders of the image that a run sees writable, copy-on-write, and only for itself.
    #[serde(default)]
    #[schemars(with = "Option<Vec<OverlayFolder>>")]
    pub overlay: Vec<String>,
    /// Which files that a program leaves in its folder `out` come back with the answer. Without it: none.
    #[serde(default)]
    pub artifacts: Option<ArtifactsWritten>,
    /// Regular expression: a stage that ends non-zero with this in its stderr ran out of memory.
    #[serde(default)]
    #[schemars(with = "Option<Pattern>")]
    pub out_of_memory: Option<String>,
    /// Regular expressions that find places in a line of stderr or of the compiler's output, with named groups: `line`, and
    /// `file`, `column`, `severity`, `message` where there are such. One with `message` alone finds what went wrong.
    #[serde(default)]
    #[schemars(with = "Option<Vec<PlacePattern>>")]
    pub diagnostics: Vec<String>,
    /// Cells kept ready, and at most.
    #[serde(default)]
    #[schemars(with = "Option<PoolWritten>")]
    pub pool: PoolWritten,
    /// What of the network a program may use. `none` is the only value that needs no operator's consent.
    #[serde(default)]
    #[schemars(with = "Option<Network>")]
    pub network: Option<String>,
    /// The self-test: a runtime is listed only after these pass in its own sandbox.
    #[schemars(length(min = 1))]
    pub samples: Vec<SampleWritten>,
}

/// What the playground opens with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Editor")]
pub struct EditorWritten {
    /// The editor's highlighting mode; `text` for none.
    #[schemars(with = "EditorMode")]
    pub mode: String,
    /// The main file's name.
    #[schemars(with = "FileName")]
    pub file: String,
    /// The main file's text.
    pub template: String,
}

/// Where the image comes from: `build` or `ref`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Image", extend("oneOf" = [{"required": ["build"]}, {"required": ["ref"]}]))]
pub struct ImageWritten {
    /// The folder with the Dockerfile, relative to the definition's; `.` for its own.
    #[serde(default)]
    #[schemars(with = "Option<Words>")]
    pub build: Option<String>,
    /// Any OCI image, by reference.
    #[serde(default, rename = "ref")]
    #[schemars(with = "Option<ImageReference>", extend("examples" = ["docker.io/library/alpine:3.22"]))]
    pub reference: Option<String>,
}

/// What is installed into the image on top.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Packages")]
pub struct PackagesWritten {
    /// Debian packages.
    #[serde(default)]
    #[schemars(with = "Option<Vec<AptPackage>>", length(max = 100), extend("examples" = [["jq", "libxml2=2.12.7"]]))]
    pub apt: Vec<String>,
    /// Packages from PyPI.
    #[serde(default)]
    #[schemars(with = "Option<Vec<PipPackage>>", length(max = 100), extend("examples" = [["numpy==2.1.3", "six"]]))]
    pub pip: Vec<String>,
    /// Packages from npm.
    #[serde(default)]
    #[schemars(with = "Option<Vec<NpmPackage>>", length(max = 100), extend("examples" = [["lodash@4.17.21"]]))]
    pub npm: Vec<String>,
}

/// What the local engine needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Host")]
pub struct HostWritten {
    /// Commands that must be on the host's `PATH`.
    #[schemars(with = "Vec<Program>", length(min = 1))]
    pub requires: Vec<String>,
}

/// How the exact version is found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Detect")]
pub struct DetectWritten {
    /// Run in the sandbox; its stdout, then its stderr is searched.
    #[schemars(with = "Command")]
    pub command: Vec<String>,
    /// Regular expression whose group 1 is the exact version.
    #[schemars(with = "Pattern")]
    pub pattern: String,
}

/// One command of a run.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Stage")]
pub struct StageWritten {
    /// The program and its arguments, never a shell line. `{main}`, `{files}`, `{module}`, `{stem}`,
    /// `{out}` and `{args}` are replaced.
    #[schemars(with = "Command")]
    pub command: Vec<String>,
    /// Started while the cell waits: does the slow part of `command` before it is known what shall run, then becomes it. `{main}`
    /// and its like are those of the editor's file; only runs of a main file with that name take the process then.
    #[serde(default)]
    #[schemars(with = "Option<Command>")]
    pub warm: Option<Vec<String>>,
    /// Whether `warm` takes the caller's arguments. Where not, a run that has some starts `command`.
    #[serde(default)]
    #[schemars(extend("type" = "boolean"))]
    pub warm_args: Option<bool>,
    /// Environment on top of the runtime's.
    #[serde(default)]
    #[schemars(with = "Option<Environment>")]
    pub env: IndexMap<String, String>,
    /// Ceilings in place of the runtime's.
    #[serde(default)]
    #[schemars(with = "Option<LimitsWritten>")]
    pub limits: LimitsWritten,
}

/// Ceilings; what is left out comes from the runtime's, then from the server's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Limits")]
pub struct LimitsWritten {
    /// Time from a stage's start to its end.
    #[serde(default)]
    pub wall: Option<Millis>,
    /// CPU time of all processes together.
    #[serde(default)]
    pub cpu: Option<Millis>,
    /// Memory of all processes together; there is no swap.
    #[serde(default)]
    pub memory: Option<Bytes>,
    /// Processes and threads.
    #[serde(default)]
    #[schemars(range(min = 1, max = 4096))]
    pub processes: Option<u32>,
    /// stdout and stderr together.
    #[serde(default)]
    pub output: Option<Bytes>,
    /// All files that a run may have at one time: the work, build and temporary folder each.
    #[serde(default)]
    pub files: Option<Bytes>,
    /// One file; without it: as `files`.
    #[serde(default)]
    pub file_size: Option<Bytes>,
}

/// Files that come back with the answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Artifacts")]
pub struct ArtifactsWritten {
    /// Only files with these endings.
    #[schemars(with = "Vec<Extension>", length(min = 1))]
    pub extensions: Vec<String>,
    /// At most so many.
    #[serde(default)]
    #[schemars(range(min = 1, max = 256))]
    pub files: Option<u32>,
    /// At most so much, all together.
    #[serde(default)]
    pub bytes: Option<Bytes>,
}

/// Cells of a runtime.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Pool")]
pub struct PoolWritten {
    /// Kept ready; 0: made when the first run comes.
    #[serde(default)]
    #[schemars(range(max = 64))]
    pub min: Option<u32>,
    /// At most.
    #[serde(default)]
    #[schemars(range(min = 1, max = 64))]
    pub max: Option<u32>,
}

/// A program with the answer that it must get.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Sample")]
pub struct SampleWritten {
    /// For people; unlike the other samples' names.
    #[schemars(with = "Words")]
    pub name: String,
    /// Names and texts; the first is the main file.
    #[schemars(with = "SampleFiles")]
    pub files: IndexMap<String, String>,
    /// What the program reads.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub stdin: String,
    /// The caller's arguments.
    #[serde(default)]
    #[schemars(with = "Option<Vec<String>>")]
    pub args: Vec<String>,
    /// The caller's environment.
    #[serde(default)]
    #[schemars(with = "Option<Environment>")]
    pub env: IndexMap<String, String>,
    /// What must come out, to the byte.
    #[serde(default)]
    pub stdout: Option<String>,
    /// Regular expression that stderr must match.
    #[serde(default)]
    #[schemars(with = "Option<Pattern>")]
    pub stderr: Option<String>,
    /// What the last stage must exit with. 0 when neither this nor `outcome` is given.
    #[serde(default)]
    #[schemars(range(min = 0, max = 255))]
    pub exit_code: Option<i32>,
    /// How the run must end.
    #[serde(default)]
    #[schemars(with = "Option<Outcome>")]
    pub outcome: Option<String>,
}
