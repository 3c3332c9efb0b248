//! The configuration: what is told of it, and a file that changes while the server runs.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::server::{Server, eventually, repository};

/// How long the server may take to notice a change by itself.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("config::print_says_what_holds_and_from_where", print),
        Trial::test("config::check_says_what_is_wrong", check),
        Trial::test("config::secrets_come_from_files", secrets),
        Trial::test("config::a_changed_file_takes_effect", reload),
    ]
}

/// Without any setting of whoever runs the tests.
fn polyground(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polyground"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("POLYGROUND_")) {
        command.env_remove(name);
    }
    command.env_remove("DATABASE_URL").current_dir(folder);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn print() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("polyground.toml"), "# ours\nrate = 7\nmax_cells = 9\nengine = 'local'\n")?;
    let run = |arguments: &[&str]| -> Output {
        let mut command = polyground(folder.path());
        command.env("POLYGROUND_MAX_CELLS", "11").env("POLYGROUND_ENGIN", "local");
        command.env("DATABASE_URL", "postgres://me:secret@db/x");
        command.args(["config", "print", "--listen", "127.0.0.1:1"]).args(arguments).output().unwrap()
    };
    let output = run(&[]);
    let (shown, warned) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{warned}");
    let line = |key: &str| shown.lines().find(|line| line.starts_with(&format!("{key} "))).unwrap();
    for (key, value, source) in [
        ("rate", "7", "polyground.toml:2"),
        ("engine", "\"local\"", "polyground.toml:4"),
        ("max_cells", "11", "POLYGROUND_MAX_CELLS"),
        ("listen", "\"127.0.0.1:1\"", "--listen"),
        ("database", "\"postgres://me@db/x\"", "DATABASE_URL"),
        ("max_waiting", "64", "default"),
    ] {
        let line = line(key);
        assert!(line.contains(&format!("= {value} ")) && line.ends_with(&format!("# {source}")), "{line}");
    }
    assert!(!shown.contains("secret"), "{shown}");
    assert!(warned.contains("POLYGROUND_ENGIN sets nothing; did you mean POLYGROUND_ENGINE?"), "{warned}");
    // What is printed is a file that means the same.
    fs::write(folder.path().join("again.toml"), &shown)?;
    let again = polyground(folder.path()).args(["config", "check", "again.toml"]).output()?;
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    let document: Value = serde_json::from_slice(&run(&["--json"]).stdout)?;
    assert_eq!(document["rate"], json!({"value": 7, "source": "polyground.toml:2"}));
    assert_eq!(document["docker_host"], json!({"value": null, "source": "default"}));
    Ok(())
}

fn check() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    for (content, code, said) in [
        ("rate = 7\n", 0, "x.toml: can be used"),
        (
            "rate = 7\nmax_runing = 1\n",
            2,
            "x.toml:2: `max_runing` means nothing here; did you mean `max_running`?",
        ),
        ("\nmax_running = 0\n", 2, "max_running: 0 is not possible, only 1 to 100000 (x.toml:2)"),
        ("rate = 'often'\n", 2, "x.toml: TOML parse error at line 1"),
        ("trusted_proxies = ['everyone']\n", 2, "trusted_proxies: `everyone` is no network"),
    ] {
        fs::write(folder.path().join("x.toml"), content)?;
        let output = polyground(folder.path()).args(["config", "check", "x.toml"]).output()?;
        let told = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{told}");
        assert!(told.contains(said), "{told}");
    }
    let shipped = repository().join("deploy/polyground.toml");
    let output = polyground(folder.path()).args(["config", "check"]).arg(shipped).output()?;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let output = polyground(folder.path()).args(["config", "check"]).output()?;
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("polyground.toml: No such file"), "{}", text(&output.stderr));
    Ok(())
}

fn secrets() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("url"), "postgres://me:secret@db/x\n")?;
    for name in ["POLYGROUND_DATABASE_FILE", "DATABASE_URL_FILE"] {
        let output = polyground(folder.path()).env(name, "url").args(["config", "print"]).output()?;
        let shown = text(&output.stdout);
        assert!(shown.contains("\"postgres://me@db/x\"") && !shown.contains("secret"), "{name}: {shown}");
        let output = polyground(folder.path()).env(name, "nowhere").args(["config", "print"]).output()?;
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("nowhere: No such file"), "{}", text(&output.stderr));
    }
    let both = polyground(folder.path())
        .env("DATABASE_URL", "postgres://me:secret@db/x")
        .env("DATABASE_URL_FILE", "url")
        .args(["config", "print"])
        .output()?;
    let told = text(&both.stderr);
    assert!(
        told.contains("DATABASE_URL and DATABASE_URL_FILE are both given") && !told.contains("secret"),
        "{told}"
    );
    Ok(())
}

/// Asks as a page of this origin would. Whether it may read the answer.
fn may_read(server: &Server, origin: &str) -> bool {
    let client = reqwest::blocking::Client::new();
    let request = client.get(format!("{}/api/v1/runtimes", server.address)).header("origin", origin);
    request.send().unwrap().headers().contains_key("access-control-allow-origin")
}

fn reload() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("polyground.toml");
    fs::write(&file, "rate = 1000\nmax_running = 2\ncors_origins = ['https://one.example']\n")?;
    let path = file.display().to_string();
    let server = Server::start(&["--engine", "local", "--config", &path, "--max-waiting", "5"]);
    server.wait_until_settled();
    assert!(may_read(&server, "https://one.example") && !may_read(&server, "https://two.example"));
    let logged = |text: &str| server.log.lock().unwrap().contains(text);

    // At once when asked to.
    fs::write(
        &file,
        "rate = 1000\nmax_running = 3\nmax_waiting = 9\nmax_cells = 7\ncors_origins = ['https://two.example']\n",
    )?;
    server.signal("HUP");
    assert!(eventually(PATIENCE, || may_read(&server, "https://two.example")));
    assert!(!may_read(&server, "https://one.example"));
    let limit = |name: &str| {
        let metrics = server.get("/metrics").text().unwrap();
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim().to_owned()
    };
    assert!(eventually(PATIENCE, || limit("polyground_running_limit ") == "3"));
    assert_eq!(limit("polyground_queue_limit "), "5", "the flag goes before the file");
    assert!(eventually(PATIENCE, || logged("takes effect at the next start")), "max_cells");

    // What cannot be used changes nothing, and is told.
    fs::write(&file, "rate = 1\nmax_runing = 4\n")?;
    let refused = || logged("the configuration stays as it was") && logged("did you mean `max_running`?");
    assert!(eventually(PATIENCE, refused), "{}", server.log.lock().unwrap());
    assert!(may_read(&server, "https://two.example"));

    // Without being asked to, too; and closing the server to everyone is one of these things.
    fs::write(&file, "rate = 2\nanonymous = ['links']\n")?;
    let run = json!({"language": "sh", "files": [{"name": "a.sh", "content": "echo 1"}]});
    assert!(eventually(PATIENCE, || server.post(&run).status() == 401));
    assert!(!may_read(&server, "https://two.example"));
    Ok(())
}
