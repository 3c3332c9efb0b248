//! Real programs: `tests/programs/<language>/<name>/`. Each must give, in the sandbox and over HTTP, what the same
//! toolchain gives when it is run plainly in the same image.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::server::{BINARY, Server, repository};

/// Files of a program's folder that are not part of the program.
const NOT_SENT: [&str; 3] = ["stdin.txt", "args.txt", "exit_code.txt"];

/// The least number of programs for each language.
const LEAST: usize = 10;

/// How each language is run plainly: the main file, and a shell script whose arguments are the program's.
fn plainly(language: &str) -> (&'static str, &'static str) {
    match language {
        "python" => ("main.py", "exec python3 main.py \"$@\""),
        "javascript" => ("main.js", "exec node main.js \"$@\""),
        "shell" => ("main.sh", "exec bash main.sh \"$@\""),
        "go" => (
            "main.go",
            "export GOCACHE=/tmp/cache GOFLAGS=-mod=mod GO111MODULE=auto GOPROXY=off GOTOOLCHAIN=local\n\
             if [ -e go.mod ]; then go build -o /build/program . ; else go build -o /build/program *.go; fi || exit 99\n\
             exec /build/program \"$@\"",
        ),
        "c++" => (
            "main.cpp",
            "g++ -std=c++20 -O1 -o /build/program $(find . -name '*.cpp') || exit 99\nexec /build/program \"$@\"",
        ),
        "java" => (
            "Main.java",
            "javac -d /build $(find . -name '*.java') || exit 99\nexec java -cp /build Main \"$@\"",
        ),
        "csharp" => (
            "Program.cs",
            "mcs -out:/build/program.exe $(find . -name '*.cs') || exit 99\nexec mono /build/program.exe \"$@\"",
        ),
        other => panic!("how is {other} run plainly?"),
    }
}

struct Program {
    folder: PathBuf,
    language: String,
    stdin: Vec<u8>,
    args: Vec<String>,
    exit_code: i64,
}

pub(crate) fn trials(server: &Arc<Server>) -> Vec<Trial> {
    let mut trials = Vec::new();
    let root = repository().join("tests/programs");
    for language in folders(&root) {
        let name = language.file_name().unwrap().to_str().unwrap().to_owned();
        let programs = folders(&language);
        let count = programs.len();
        trials.push(Trial::test(format!("programs::{name}_has_at_least_{LEAST}"), move || {
            if count >= LEAST { Ok(()) } else { Err(format!("{count}").into()) }
        }));
        for folder in programs {
            for runtime in server.ready(&name) {
                let id = runtime["id"].as_str().unwrap().to_owned();
                let version = runtime["version"].as_str().unwrap().to_owned();
                let program = Program::read(&name, &folder);
                let server = server.clone();
                let title = folder.file_name().unwrap().to_str().unwrap();
                trials.push(Trial::test(format!("programs::{id}::{title}"), move || {
                    check(&server, &program, &id, &version)
                }));
            }
        }
    }
    trials
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

impl Program {
    fn read(language: &str, folder: &Path) -> Self {
        let read = |name: &str| fs::read(folder.join(name)).unwrap_or_default();
        let text = |name: &str| String::from_utf8(read(name)).unwrap();
        Self {
            folder: folder.to_owned(),
            language: language.to_owned(),
            stdin: read("stdin.txt"),
            args: text("args.txt").lines().map(str::to_owned).collect(),
            exit_code: text("exit_code.txt").trim().parse().unwrap_or(0),
        }
    }

    /// Name and bytes, the main file first.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = BTreeMap::new();
        collect(&self.folder, &self.folder, &mut files);
        let (main, _) = plainly(&self.language);
        let first =
            files.remove_entry(main).unwrap_or_else(|| panic!("{} has no {main}", self.folder.display()));
        [first].into_iter().chain(files).collect()
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            collect(root, &path, files);
        } else if !NOT_SENT.contains(&name.as_str()) {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}

/// What came out of a program.
#[derive(PartialEq)]
struct Result {
    exit_code: i64,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

fn check(server: &Server, program: &Program, id: &str, version: &str) -> std::result::Result<(), Failed> {
    let plain = run_plainly(program, id);
    if plain.exit_code != program.exit_code {
        let stderr = String::from_utf8_lossy(&plain.stderr).into_owned();
        return Err(format!("exits plainly with {}: {stderr}", plain.exit_code).into());
    }
    let ours = run_here(server, program, version);
    if ours == plain {
        return Ok(());
    }
    let show = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(1500)]).into_owned();
    let sides = [("plain", &plain), ("here", &ours)].map(|(name, result)| {
        let Result { exit_code, stdout, stderr } = result;
        let (out, err) = (show(stdout), show(stderr));
        format!("--- {name}: exit {exit_code}, {} and {} bytes\n{out}\n{err}", stdout.len(), stderr.len())
    });
    Err(sides.join("\n").into())
}

fn run_here(server: &Server, program: &Program, version: &str) -> Result {
    let files = program.files().into_iter().map(
        |(name, content)| json!({"name": name, "content": STANDARD.encode(content), "encoding": "base64"}),
    );
    let request = json!({
        "language": program.language, "version": version, "files": files.collect::<Vec<_>>(),
        "stdin": String::from_utf8(program.stdin.clone()).unwrap(), "args": program.args,
    });
    let run = server.run(&request);
    let stages = run["stages"].as_array().unwrap();
    let stage = stages.last().unwrap();
    assert_eq!(stage["name"], "run", "{run:#}");
    let bytes = |stream: &str| {
        let text = stage[stream].as_str().unwrap();
        if stage["encoding"] == "base64" { STANDARD.decode(text).unwrap() } else { text.as_bytes().to_vec() }
    };
    Result {
        exit_code: stage["exit_code"].as_i64().unwrap_or_else(|| panic!("{run:#}")),
        stdout: bytes("stdout"),
        stderr: bytes("stderr"),
    }
}

/// The same toolchain in the same image, without us: a plain container.
fn run_plainly(program: &Program, id: &str) -> Result {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in program.files() {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    fs::write(folder.path().join(".stdin"), &program.stdin).unwrap();
    let (_, script) = plainly(&program.language);
    let script = format!("cd /box && exec < .stdin && rm .stdin\n{script}");
    let copied = format!("{}:/program:ro", folder.path().display());
    let script = format!("cp -r /program/. /box && {script}");
    let output = Command::new("docker")
        .args(["run", "--rm", "--network", "none", "--volume", &copied, "--env", "LANG=C.UTF-8"])
        .args([
            "--tmpfs",
            "/box:exec",
            "--tmpfs",
            "/build:exec",
            "--hostname",
            "polyground",
            "--entrypoint",
            "sh",
        ])
        .args([image(id).as_str(), "-c", &script, "sh"])
        .args(&program.args)
        .output()
        .unwrap();
    Result {
        exit_code: i64::from(output.status.code().unwrap_or(-1)),
        stdout: output.stdout,
        stderr: output.stderr,
    }
}

/// The image of a runtime, as `polyground images --json` tells it.
fn image(id: &str) -> String {
    let output = Command::new(BINARY).args(["images", "--json"]).current_dir(repository()).output().unwrap();
    let images: Value = serde_json::from_slice(&output.stdout).unwrap();
    let image = images.as_array().unwrap().iter().find(|image| image["id"] == id);
    image.and_then(|image| image["image"].as_str()).unwrap_or_else(|| panic!("{id}: {images:#}")).to_owned()
}
