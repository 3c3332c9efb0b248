//! Packages that a definition asks for, installed for real and used by programs.

use std::{fs, time::Duration};

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::{
    plugins::write,
    server::{Server, eventually, repository},
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("docker::packages::are_installed_by_a_few_lines_in_the_operators_folder", || {
        packages();
        Ok(())
    })]
}

const WITH_APT: &str = r#"extends: bash-5.2
packages: {apt: [hello]}
samples:
  - {name: installed, files: {main.sh: hello}, stdout: "Hello, world!\n"}
"#;
const WITH_NPM: &str = r#"extends: node-20
packages: {npm: [is-odd@3.0.1]}
samples:
  - {name: required, files: {main.js: 'console.log(require("is-odd")(3))'}, stdout: "true\n"}
  - {name: imported, files: {main.mjs: 'import odd from "is-odd"; console.log(odd(4))'}, stdout: "false\n"}
"#;

/// The three lines by which runtimes/README.md adds NumPy to Python, cut out of the page itself, with the sample that it names.
fn with_pip() -> String {
    let readme = fs::read_to_string(repository().join("runtimes/README.md")).unwrap();
    let mut blocks = readme.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("yaml\n"));
    let lines = blocks.find(|text| text.starts_with("extends:")).expect("a definition that extends another");
    assert_eq!(lines.lines().count(), 3, "{lines}");
    let sample = readme.split('`').find(|text| text.starts_with("{name: numpy,")).expect("a sample");
    format!("{lines}samples:\n  - {sample}\n")
}

fn packages() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let theirs = repository().join("runtimes");
    for id in ["python-3.13", "bash-5.2", "node-20"] {
        std::os::unix::fs::symlink(theirs.join(id), first.path().join(id)).unwrap();
    }
    let paths = [first.path().to_str().unwrap(), second.path().to_str().unwrap()];
    let server = Server::start(&[
        "--engine",
        "docker",
        "--warm",
        "always",
        "--runtimes",
        paths[0],
        "--runtimes",
        paths[1],
    ]);
    server.wait_until_settled();
    let program = json!({
        "language": "python",
        "files": [{"name": "main.py", "content": "import numpy\nprint(numpy.ones(3).sum())"}],
    });
    assert_eq!(server.run(&program)["outcome"], "failed", "there is no such package yet");
    for (id, text) in [("python-3.13", with_pip().as_str()), ("bash-5.2", WITH_APT), ("node-20", WITH_NPM)] {
        write(&second.path().join(id), text);
    }
    let asked = |runtime: &Value| {
        let examples = runtime["examples"].as_array().unwrap();
        let last = examples.last().map(|example| example["name"].as_str().unwrap().to_owned());
        last.is_some_and(|last| ["numpy", "installed", "imported"].contains(&last.as_str()))
    };
    let done = || {
        let failed = server.runtimes().iter().any(|runtime| runtime["pending"]["status"] == "unavailable");
        failed || server.runtimes().iter().all(asked)
    };
    assert!(eventually(Duration::from_secs(580), done), "{:#}", json!(server.runtimes()));
    for runtime in server.runtimes() {
        assert!(runtime["pending"].is_null() && runtime["status"] == "ready", "{runtime:#}");
    }
    for may_be_warm in [true, false] {
        let mut program = program.clone();
        if !may_be_warm {
            // A run with its own environment starts cold.
            program["env"] = json!({"A": "b"});
        }
        let run = server.run(&program);
        assert_eq!(
            (&run["stages"][0]["stdout"], &run["warm"]),
            (&json!("3.0\n"), &json!(may_be_warm)),
            "{run:#}"
        );
    }
    // What installed them is not left behind.
    let content = "import shutil\nprint(shutil.which('pip3'), shutil.which('npm'))";
    let run = server.run(&json!({"language": "python", "files": [{"name": "main.py", "content": content}]}));
    assert_eq!(run["stages"][0]["stdout"], "None None\n", "{run:#}");
}
