//! "Add a language", as README.md tells it, followed to the letter: the files are cut out of the page itself.

use std::{fs, path::Path, process::Command, time::Duration};

use libtest_mimic::Trial;
use serde_json::json;

use crate::server::{BINARY, Server, eventually, repository};

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("new_language::the_readmes_page_adds_one", || {
        add();
        Ok(())
    })]
}

/// The blocks of README.md that begin with the name of a file in `runtimes/lua-5.4/`, as `# runtimes/lua-5.4/…`.
fn write_blocks(folder: &Path) -> usize {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let mut written = 0;
    for block in readme.split("```").skip(1).step_by(2) {
        let text = block.split_once('\n').map_or("", |(_, text)| text);
        let name = text.lines().next().and_then(|line| line.strip_prefix("# runtimes/lua-5.4/"));
        if let Some(name) = name {
            fs::write(folder.join(name.trim()), text).unwrap();
            written += 1;
        }
    }
    written
}

fn add() {
    let runtimes = tempfile::tempdir().unwrap();
    let folder = runtimes.path().join("lua-5.4");
    fs::create_dir(&folder).unwrap();
    assert_eq!(write_blocks(&folder), 2, "README.md shows a runtime.yaml and a Dockerfile");

    let check = Command::new(BINARY).arg("check").arg(&folder).current_dir(repository()).output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));

    let theirs = runtimes.path().to_str().unwrap();
    let server = Server::start(&["--engine", "docker", "--runtimes", "runtimes", "--runtimes", theirs]);
    let settled = || server.runtimes().iter().any(|r| r["id"] == "lua-5.4" && r["status"] != "preparing");
    assert!(eventually(Duration::from_secs(240), settled), "{}", server.log.lock().unwrap());
    let ready = server.ready("lua");
    assert_eq!(ready.len(), 1, "{:#?}", server.runtimes());

    let source = "io.write('hello ', io.read('l'), ' ', arg[1], '\\n')\nos.exit(5)\n";
    let run = server.run(&json!({
        "language": "lua", "files": [{"name": "main.lua", "content": source}], "stdin": "from\n", "args": ["lua"],
    }));
    assert_eq!(run["stages"][0]["stdout"], "hello from lua\n", "{run:#}");
    assert_eq!(run["stages"][0]["exit_code"], 5);
}
