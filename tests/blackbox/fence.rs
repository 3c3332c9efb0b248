//! Landlock around real programs: in force where the kernel has it, and in nobody's way.

use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::{languages::is_absent, server::Server};

/// Does what programs do with files, sockets and signals, each line a word and how it went.
const PROBE: &str = r#"
import errno, os, signal, socket, stat, subprocess, sys, threading

def try_to(what, do):
    try:
        do()
        print(what, "ok")
    except OSError as error:
        print(what, errno.errorcode[error.errno])

def write(path, text="text"):
    with open(path, "w") as file:
        file.write(text)

def rename(folder):
    os.makedirs(folder + "/a/b")
    write(folder + "/a/b/file")
    os.rename(folder + "/a/b/file", folder + "/a/file")
    os.link(folder + "/a/file", folder + "/a/b/link")
    os.symlink("file", folder + "/a/symlink")
    os.truncate(folder + "/a/file", 1)

def talk(family, address):
    with socket.socket(family) as server:
        server.bind(address)
        server.listen()
        child = os.fork()
        if child == 0:
            with socket.socket(family) as client:
                client.connect(server.getsockname())
                client.sendall(b"hello")
            os._exit(0)
        connection, _ = server.accept()
        with connection:
            assert connection.recv(5) == b"hello"
        assert os.waitpid(child, 0)[1] == 0

def end_child():
    child = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL)
    child.terminate()
    assert child.wait() == -signal.SIGTERM

for folder in ["/box", "/build", "/tmp", os.environ["HOME"]]:
    try_to("rename", lambda: rename(folder))
    try_to("whiteout", lambda: os.mknod(folder + "/whiteout", stat.S_IFCHR | 0o600, 0))
for path in ["/dev/null", "/dev/stdout", "/proc/self/comm"]:
    sys.stdout.flush()
    try_to("write", lambda: write(path, ""))
try_to("loopback", lambda: talk(socket.AF_INET, ("127.0.0.1", 0)))
try_to("abstract", lambda: talk(socket.AF_UNIX, "\0probe"))
try_to("path", lambda: talk(socket.AF_UNIX, "/tmp/probe"))
try_to("signal", end_child)
"#;

pub(crate) fn trials(engine: &'static str, server: &Arc<Server>) -> Vec<Trial> {
    let absent = is_absent(engine, server, "python");
    let server = server.clone();
    let name = format!("{engine}::landlock_is_in_force_and_in_nobodys_way");
    vec![Trial::test(name, move || check(&server)).with_ignored_flag(absent)]
}

fn check(server: &Server) -> Result<(), Failed> {
    let status: Value = server.get("/api/v1/status").json().unwrap();
    let abi = status["isolation"]["landlock_abi"].as_u64().ok_or("the status tells no version")?;
    let files = json!([{"name": "main.py", "content": PROBE}]);
    let run = server.run(&json!({"language": "python", "files": files}));
    // Making a whiteout takes no right, so that only Landlock can be what denies it.
    let whiteout = if abi >= 2 { "EACCES" } else { "ok" };
    let folder = format!("rename ok\nwhiteout {whiteout}\n");
    let expected = format!(
        "{}write ok\nwrite ok\nwrite ok\nloopback ok\nabstract ok\npath ok\nsignal ok\n",
        folder.repeat(4)
    );
    if run["stages"][0]["stdout"] != *expected {
        return Err(format!("with version {abi}, not {expected}but {run:#}").into());
    }
    Ok(())
}
