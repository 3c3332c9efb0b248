//! What an operator does with runtimes while programs run: rebuild, disable, enable. The real parts on real engines.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on shall panic

use std::{fs, path::Path, process::Command, sync::Arc, time::Duration};

use bytes::Bytes;
use polyground::{
    app::App,
    catalog::{Listing, Pending, State},
    config::{EngineArgs, EngineChoice, ServeArgs, load},
    engine::Progress,
    plugins::PluginError,
    prepare::ProgressFor,
    run::{Event, LimitsAsked, Purpose, Rejection, RunReport, RunRequest, SourceFile, Stdin, WarmStart},
};

struct Silent;

impl ProgressFor for Silent {
    fn begin(&self, _: &str) -> Arc<dyn Progress> {
        Arc::new(polyground::engine::NoProgress)
    }

    fn ended(&self, _: &str, _: Result<&str, &str>) {}
}

/// A runtime whose programs are shell scripts.
fn definition(image: &str) -> String {
    format!(
        r#"language: plug
version: "5"
name: Plug
extensions: [plug]
editor: {{mode: text, file: main.plug, template: "echo hello"}}
image: {image}
host: {{requires: [bash]}}
detect: {{command: [bash, --version], pattern: 'version (\d+\.\d+\.\d+)'}}
run: {{command: [bash, "{{main}}"]}}
limits: {{memory: 128MiB}}
samples:
  - {{name: hello, files: {{main.plug: echo hello}}, stdout: "hello\n"}}
"#
    )
}

fn write(root: &Path, id: &str, text: &str) {
    fs::create_dir_all(root.join(id)).unwrap();
    fs::write(root.join(id).join("runtime.yaml"), text).unwrap();
}

async fn app(engine: EngineChoice, root: &Path) -> App {
    app_with(engine, root, None).await
}

async fn app_with(engine: EngineChoice, root: &Path, data: Option<&Path>) -> App {
    let file = tempfile::NamedTempFile::new().unwrap();
    let (mut config, serve) = load(Some(file.path()), EngineArgs::default(), ServeArgs::default()).unwrap();
    config.engine = engine;
    config.keeps_data = data.is_some();
    config.data = data.map(Path::to_owned).unwrap_or_default();
    config.runtimes = vec![root.to_owned()];
    let app = App::build(&config, serve.pool, serve.queue, Arc::new(Silent)).await.unwrap();
    app.plugins.load().unwrap();
    app.preparer.settled().await;
    app
}

fn listing(app: &App, id: &str) -> Listing {
    app.catalog.find(id).unwrap()
}

fn request(content: &str) -> RunRequest {
    RunRequest {
        language: "plug".into(),
        version: None,
        files: vec![SourceFile { name: "main.plug".into(), content: Bytes::from(content.to_owned()) }],
        stdin: Stdin::Whole(Bytes::new()),
        args: Vec::new(),
        env: Vec::new(),
        limits: LimitsAsked::default(),
        ceilings: LimitsAsked::default(),
        purpose: Purpose::Run,
        warm: WarmStart::IfStarted,
        interactive: None,
    }
}

async fn run(app: &App, content: &str) -> Result<RunReport, Rejection> {
    let mut running = app.runner.start(request(content))?;
    let ended = async {
        while let Some(event) = running.events.recv().await {
            if let Event::Done(report) = event {
                return *report;
            }
        }
        panic!("the run had no end");
    };
    Ok(tokio::time::timeout(Duration::from_secs(30), ended).await.unwrap())
}

fn stdout(report: &RunReport) -> String {
    String::from_utf8(report.stages[0].stdout.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_disabled_refuses_runs_finishes_those_in_flight_and_comes_back() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "plug-5", &definition("{ref: none}"));
    let app = app(EngineChoice::Local, root.path()).await;
    assert_eq!(stdout(&run(&app, "echo 1").await.unwrap()), "1\n");

    let mut slow = app.runner.start(request("sleep 2; echo ended")).unwrap();
    let begun = slow.events.recv().await.unwrap();
    assert!(matches!(begun, Event::Started { .. }), "{begun:?}");
    app.plugins.disable("plug-5").unwrap();
    app.plugins.disable("plug-5").unwrap();
    let State::Unavailable { reason } = listing(&app, "plug-5").state else { panic!("it is not disabled") };
    assert!(reason.contains("disabled"), "{reason}");
    let refused = run(&app, "echo 1").await.unwrap_err().to_string();
    assert!(refused.contains("disabled"), "{refused}");
    assert_eq!(app.plugins.rebuild("plug-5"), Err(PluginError::Disabled { id: "plug-5".into() }));
    let ended = async {
        loop {
            if let Event::Done(report) = slow.events.recv().await.unwrap() {
                return *report;
            }
        }
    };
    let report = tokio::time::timeout(Duration::from_secs(30), ended).await.unwrap();
    assert_eq!(stdout(&report), "ended\n");
    for _ in 0..100 {
        if app.pool.census().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(app.pool.census(), [], "a disabled runtime has no cells");

    app.plugins.enable("plug-5").unwrap();
    app.preparer.settled().await;
    assert_eq!(stdout(&run(&app, "echo 2").await.unwrap()), "2\n");
    // Enabled already: nothing happens.
    let before = listing(&app, "plug-5").line;
    app.plugins.enable("plug-5").unwrap();
    app.preparer.settled().await;
    assert_eq!(listing(&app, "plug-5").line, before);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_disabled_stays_so_when_the_server_starts_again() {
    let (root, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(root.path(), "plug-5", &definition("{ref: none}"));
    let first = app_with(EngineChoice::Local, root.path(), Some(data.path())).await;
    first.plugins.disable("plug-5").unwrap();
    first.stop().await;
    let second = app_with(EngineChoice::Local, root.path(), Some(data.path())).await;
    assert!(matches!(listing(&second, "plug-5").state, State::Unavailable { .. }));
    second.plugins.enable("plug-5").unwrap();
    second.preparer.settled().await;
    assert!(matches!(listing(&second, "plug-5").state, State::Ready { .. }));
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_told() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "plug-5", &definition("{ref: none}"));
    write(root.path(), "broken-1", "language: [\n");
    let app = app(EngineChoice::Local, root.path()).await;
    let known = vec!["broken-1".to_owned(), "plug-5".to_owned()];
    let unknown = PluginError::Unknown { id: "plug".into(), known };
    assert_eq!(app.plugins.rebuild("plug"), Err(unknown.clone()));
    assert_eq!(app.plugins.disable("plug"), Err(unknown.clone()));
    assert_eq!(app.plugins.enable("plug"), Err(unknown));
    let Err(PluginError::Broken { reason, .. }) = app.plugins.rebuild("broken-1") else { panic!("it holds") };
    assert!(reason.contains("broken-1/runtime.yaml:"), "{reason}");
    app.plugins.disable("broken-1").unwrap();
    app.plugins.enable("broken-1").unwrap();
    let State::Unavailable { reason } = listing(&app, "broken-1").state else { panic!("it holds") };
    assert!(reason.contains("broken-1/runtime.yaml:"), "{reason}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_rebuilt_serves_until_its_new_image_is_proven() {
    let root = tempfile::tempdir().unwrap();
    let id = format!("plug-{}", uuid::Uuid::now_v7().simple());
    write(root.path(), &id, &definition("{build: .}"));
    fs::write(
        root.path().join(&id).join("Dockerfile"),
        "FROM polyground/base:trixie\nRUN date +%s%N >/stamp\n",
    )
    .unwrap();
    std::os::unix::fs::symlink(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("runtimes/base"),
        root.path().join("base"),
    )
    .unwrap();
    let app = app(EngineChoice::Docker, root.path()).await;
    assert!(matches!(listing(&app, &id).state, State::Ready { .. }), "{:?}", listing(&app, &id).state);
    let first = stdout(&run(&app, "cat /stamp").await.unwrap());
    app.plugins.rebuild(&id).unwrap();
    assert!(matches!(listing(&app, &id).pending, Some(Pending::Preparing { .. })));
    let mut runs = 0;
    while listing(&app, &id).pending.is_some() {
        assert!(stdout(&run(&app, "cat /stamp").await.unwrap()) >= first);
        runs += 1;
        assert!(runs < 10_000, "it takes too long");
    }
    assert!(matches!(listing(&app, &id).state, State::Ready { .. }));
    let second = stdout(&run(&app, "cat /stamp").await.unwrap());
    assert!(second > first, "{second} {first}: the image was not made anew");
    app.stop().await;
    // What this test has made: both images have names.
    let images =
        Command::new("docker").args(["images", "--quiet", &format!("polyground/{id}")]).output().unwrap();
    let images = String::from_utf8(images.stdout).unwrap();
    assert_eq!(images.lines().count(), 2, "{images}");
    let removed = Command::new("docker").args(["rmi", "--force"]).args(images.lines()).output().unwrap();
    assert!(removed.status.success(), "{}", String::from_utf8_lossy(&removed.stderr));
}
