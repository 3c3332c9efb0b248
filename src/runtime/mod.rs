//! Runtimes: what a language is, read from its folder. As written in [`definition`], as used here.
//!
//! Architecture invariant: this module knows no engine, no pool, no HTTP; nothing in it names a language.

use std::path::PathBuf;

use regex::Regex;

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
    /// A stage that ends non-zero with this in its stderr ran out of memory.
    pub out_of_memory: Option<Regex>,
    /// Cells kept ready, and at most.
    pub pool: PoolSize,
    /// The self-test.
    pub samples: Vec<Sample>,
    /// Hash of everything in the folder: changes when the runtime does.
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

// ---- stand-ins until the branch `runtime` is merged ----
/// x
pub fn expand(t: &StageTemplate, e: &[String], f: &[&str], a: Option<&[String]>) -> Vec<String> {
    let main = f.first().copied().unwrap_or_default();
    let mut out = Vec::new();
    let mut had = false;
    for p in &t.command {
        match p.as_str() {
            "{files}" => out.extend(
                f.iter().filter(|n| e.iter().any(|e| n.ends_with(&format!(".{e}")))).map(|s| s.to_string()),
            ),
            "{args}" => {
                had = true;
                out.extend(a.unwrap_or_default().iter().cloned())
            }
            p => out.push(
                p.replace("{main}", main)
                    .replace("{out}", "/build")
                    .replace("{module}", &main.rsplit_once('.').map_or(main, |x| x.0).replace('/', ".")),
            ),
        }
    }
    if !had {
        out.extend(a.unwrap_or_default().iter().cloned())
    }
    out
}
/// x
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExactVersion(String);
impl ExactVersion {
    /// x
    pub fn parse(t: &str) -> Option<Self> {
        Some(Self(t.into()))
    }
}
/// x
pub struct Selector;
impl Selector {
    /// x
    pub fn parse(_: &str) -> Result<Self, std::fmt::Error> {
        Ok(Self)
    }
    /// x
    pub fn matches(&self, _: &ExactVersion) -> bool {
        true
    }
}
/// x
pub fn nearest<'a>(_a: &str, mut n: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    n.next()
}
impl ExactVersion {
    /// x
    pub fn lies_in(&self, _l: &str) -> bool {
        true
    }
}
/// x
pub struct BrokenDefinition {
    /// x
    pub id: String,
    /// x
    pub folder: PathBuf,
}
impl BrokenDefinition {
    /// x
    pub fn summary(&self) -> String {
        String::new()
    }
    /// x
    pub fn report(&self) -> String {
        String::new()
    }
}
/// x
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct LoadError;
impl Selector {
    /// x
    pub fn may_match_in(&self, _: &str) -> bool {
        true
    }
}
/// x
pub fn load_all(f: &[PathBuf]) -> Result<Vec<Result<Runtime, BrokenDefinition>>, LoadError> {
    use serde_json::Value;
    let mut out = Vec::new();
    for root in f {
        for e in std::fs::read_dir(root).map_err(|_| LoadError)?.flatten() {
            let folder = e.path();
            let Ok(t) = std::fs::read_to_string(folder.join("runtime.yaml")) else { continue };
            let v: Value = serde_yaml::from_str(&t).unwrap();
            let st = |v: &Value| v.as_str().unwrap_or_default().to_owned();
            let list = |v: &Value| {
                v.as_array()
                    .map(|a| a.iter().map(|x| x.as_str().unwrap().to_owned()).collect::<Vec<_>>())
                    .unwrap_or_default()
            };
            let map = |v: &Value| {
                v.as_object()
                    .map(|a| {
                        a.iter()
                            .map(|(k, x)| (k.clone(), x.as_str().unwrap_or_default().to_owned()))
                            .collect::<Vec<_>>()
                    })
                    .unwrap_or_default()
            };
            let ms = |v: &Value| v.as_str().map(|s| humantime::parse_duration(s).unwrap().as_millis() as u64);
            let by = |v: &Value| v.as_str().map(|s| s.parse::<bytesize::ByteSize>().unwrap().0);
            let lim = |v: &Value, d: Limits| Limits {
                wall_ms: ms(&v["wall"]).unwrap_or(d.wall_ms),
                cpu_ms: ms(&v["cpu"]).unwrap_or(d.cpu_ms),
                memory_bytes: by(&v["memory"]).unwrap_or(d.memory_bytes),
                processes: v["processes"].as_u64().map(|x| x as u32).unwrap_or(d.processes),
                output_bytes: by(&v["output"]).unwrap_or(d.output_bytes),
                files_bytes: by(&v["files"]).unwrap_or(d.files_bytes),
                file_bytes: by(&v["file_size"]).or(by(&v["files"])).unwrap_or(d.file_bytes),
            };
            let base = lim(
                &v["limits"],
                Limits {
                    wall_ms: 10000,
                    cpu_ms: 10000,
                    memory_bytes: 256 << 20,
                    processes: 64,
                    output_bytes: 1 << 20,
                    files_bytes: 64 << 20,
                    file_bytes: 64 << 20,
                },
            );
            let stage = |s: &Value| {
                if s.is_null() {
                    None
                } else {
                    let mut env = map(&v["env"]);
                    env.extend(map(&s["env"]));
                    Some(StageTemplate { command: list(&s["command"]), env, limits: lim(&s["limits"], base) })
                }
            };
            out.push(Ok(Runtime {
                id: e.file_name().to_str().unwrap().into(),
                language: st(&v["language"]),
                line: st(&v["version"]),
                aliases: list(&v["aliases"]),
                name: st(&v["name"]),
                extensions: list(&v["extensions"]),
                editor: Editor {
                    mode: st(&v["editor"]["mode"]),
                    file: st(&v["editor"]["file"]),
                    template: st(&v["editor"]["template"]),
                },
                image: match v["image"]["ref"].as_str() {
                    Some(r) => ImageSpec::Reference(r.into()),
                    None => ImageSpec::Build(folder.clone()),
                },
                folder,
                host_requires: v["host"].as_object().map(|h| list(&h["requires"])),
                detect: Detect {
                    command: list(&v["detect"]["command"]),
                    pattern: Regex::new(&st(&v["detect"]["pattern"])).unwrap(),
                },
                compile: stage(&v["compile"]),
                run: stage(&v["run"]).unwrap(),
                format: stage(&v["format"]),
                overlay: list(&v["overlay"]),
                out_of_memory: v["out_of_memory"].as_str().map(|s| Regex::new(s).unwrap()),
                pool: PoolSize { min: 1, max: 4 },
                samples: v["samples"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|s| Sample {
                        name: st(&s["name"]),
                        files: map(&s["files"]),
                        stdin: st(&s["stdin"]),
                        args: list(&s["args"]),
                        env: map(&s["env"]),
                        stdout: s["stdout"].as_str().map(str::to_owned),
                        stderr: s["stderr"].as_str().map(|s| Regex::new(s).unwrap()),
                        exit_code: s["exit_code"].as_i64().map(|x| x as i32),
                        outcome: s["outcome"].as_str().map(str::to_owned),
                    })
                    .collect(),
                digest: format!(
                    "{:x}",
                    sha2::Digest::finalize(<sha2::Sha256 as sha2::Digest>::new_with_prefix(t.as_bytes()))
                ),
            }));
        }
    }
    Ok(out)
}
