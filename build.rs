//! Builds the agent, static, so that `engine::agent` can embed it: whoever has the server has its agent. And lays out
//! the playground's pages for `api::web`, or one page that says how to build them.
//!
//! `POLYGROUND_AGENT=/path/to/agent` embeds that file instead (cross builds, packagers).

#[path = "build/commit.rs"]
mod commit;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// What the agent is made of.
const SOURCES: [&str; 5] = ["build.rs", "Cargo.toml", "Cargo.lock", "crates/agent", "crates/protocol"];

/// The folder of the playground's sources.
const WEB: &str = "web";

/// What stands in for the playground where it was not built.
const UNBUILT: &str = r#"<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Polyground</title></head>
<body>
<h1>Polyground</h1>
<p>This server was built without its playground. The API works: see <a href="/api/docs">its documentation</a>.</p>
<p>To have the playground, build both, in this order:</p>
<pre>scripts/build-web
cargo build --release</pre>
<p>or in one step <code>make build</code>.</p>
</body>
</html>
"#;

/// Names the embedded file for `engine::agent`.
const BINARY: &str = "POLYGROUND_AGENT_BINARY";

/// Of the variables that begin with `CARGO` or `RUST`, those that the inner cargo still needs. The others tell how the
/// outer one builds this crate (clippy, flags, target folder).
const KEPT: [&str; 9] = [
    "CARGO",
    "CARGO_HOME",
    "CARGO_HTTP",
    "CARGO_NET",
    "CARGO_REGISTRIES",
    "CARGO_REGISTRY",
    "CARGO_SOURCE",
    "RUSTUP",
    "RUST_BACKTRACE",
];

fn main() -> ExitCode {
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
    }
    println!("cargo:rerun-if-env-changed=POLYGROUND_AGENT");
    println!("cargo:rerun-if-changed=build/commit.rs");
    commit::tell();
    if let Err(reason) = web() {
        eprintln!("the playground's pages could not be laid out: {reason}");
        return ExitCode::FAILURE;
    }
    match agent() {
        Ok(binary) => {
            println!("cargo:rustc-env={BINARY}={}", binary.display());
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("the agent, which the server embeds, could not be built: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Copies what `npm run build` left in `web/dist` to where `api::web` embeds it from. A fresh clone has nothing there
/// and builds all the same.
fn web() -> Result<(), String> {
    let target = Path::new(&variable("OUT_DIR")?).join("web");
    if target.exists() {
        fs::remove_dir_all(&target).map_err(|error| format!("{}: {error}", target.display()))?;
    }
    let built = Path::new(WEB).join("dist");
    if built.join("index.html").is_file() {
        println!("cargo:rerun-if-changed={}", built.display());
        return copy(&built, &target);
    }
    // A path that is not there would have cargo run this at every build.
    println!("cargo:rerun-if-changed={WEB}");
    fs::create_dir_all(&target)
        .and_then(|()| fs::write(target.join("index.html"), UNBUILT))
        .map_err(|error| format!("{}: {error}", target.display()))
}

/// Copies a folder with what is in it, hidden files excepted: the bundler's notes.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", from.display());
    fs::create_dir_all(to).map_err(failed)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target).map_err(failed)?;
        }
    }
    Ok(())
}

/// The agent's binary, built if need be.
fn agent() -> Result<PathBuf, String> {
    if let Some(given) = env::var_os("POLYGROUND_AGENT") {
        let given = PathBuf::from(given);
        println!("cargo:rerun-if-changed={}", given.display());
        return fs::canonicalize(&given)
            .map_err(|error| format!("POLYGROUND_AGENT={}: {error}", given.display()));
    }
    let target = variable("TARGET")?;
    if !target.contains("-linux-") {
        return Err(format!(
            "it runs on Linux only and this build is for {target}: build on Linux, or set POLYGROUND_AGENT"
        ));
    }
    let folder = Path::new(&variable("OUT_DIR")?).join("agent");
    build(&target, &folder)?;
    let binary = folder.join(&target).join("release").join("polyground-agent");
    if !binary.is_file() {
        return Err(format!("cargo reported success and left no {}", binary.display()));
    }
    Ok(binary)
}

/// Runs cargo for the agent alone, in a target folder of its own: the outer cargo holds the lock of its own.
fn build(target: &str, folder: &Path) -> Result<(), String> {
    let mut cargo = Command::new(variable("CARGO")?);
    cargo.current_dir(variable("CARGO_MANIFEST_DIR")?);
    cargo.args(["build", "--package", "polyground-agent", "--release", "--target", target, "--target-dir"]);
    cargo.arg(folder);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(is_foreign) {
            cargo.env_remove(name);
        }
    }
    // Without the folders that it is built in, so that everyone gets the same bytes from the same sources.
    let mut flags = vec!["-Ctarget-feature=+crt-static".to_owned()];
    let folders = [("CARGO_MANIFEST_DIR", "/polyground"), ("CARGO_HOME", "/cargo")];
    for (folder, name) in folders.into_iter().filter_map(|(name, to)| Some((env::var(name).ok()?, to))) {
        flags.push(format!("--remap-path-prefix={folder}={name}"));
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    let output = cargo.output().map_err(|error| format!("cargo could not be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}

/// Whether a variable belongs to the outer build.
fn is_foreign(name: &str) -> bool {
    let theirs = ["CARGO", "RUST", "CLIPPY", "__CARGO"].iter().any(|prefix| name.starts_with(prefix));
    let kept = KEPT.iter().any(|kept| {
        name.strip_prefix(kept)
            .is_some_and(|rest| rest.is_empty() || (*kept != "CARGO" && rest.starts_with('_')))
    });
    theirs && !kept
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error}"))
}
