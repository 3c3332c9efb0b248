//! Who may do what: keys, what is open without one, rates, pages of other origins, the admin API, and slow clients.

mod admin;
mod connections;
mod keys;
mod open;

use std::{process::Output, time::Duration};

use libtest_mimic::Trial;
use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::server::{BINARY, Server, repository};

/// How long anything may take that is expected to happen: the machine is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn trials() -> Vec<Trial> {
    let tests: [(&str, fn()); 15] = [
        ("each_operation_asks_for_its_scope", keys::scopes),
        ("each_key_has_idempotency_keys_of_its_own", keys::own_requests),
        ("a_revoked_key_ends_within_seconds_and_its_run_does_not", keys::revocation),
        ("a_key_has_its_rate_and_its_programs_at_a_time", keys::rate_and_concurrency),
        ("a_keys_ceilings_are_below_the_definitions", keys::ceilings),
        ("a_key_is_nowhere_to_be_read", keys::secrecy),
        ("a_page_can_send_a_key_with_a_websocket", keys::websocket),
        ("addresses_are_believed_from_trusted_proxies_only", open::forwarded),
        ("what_is_open_can_be_chosen", open::chosen),
        ("what_is_open_is_said_where_others_can_reach_it", open::said_at_the_start),
        ("pages_of_other_origins_ask_only_where_they_are_named", open::cors),
        ("wrong_settings_are_refused", open::wrong_settings),
        ("an_operator_rebuilds_disables_and_enables_a_runtime", admin::changes),
        ("nobody_else_reaches_the_admin_api", admin::closed),
        ("slow_and_greedy_clients_are_cut_while_others_are_served", connections::slow_and_greedy),
    ];
    let trial = |(name, test): (&str, fn())| {
        Trial::test(format!("local::access::{name}"), move || {
            test();
            Ok(())
        })
    };
    tests.into_iter().map(trial).collect()
}

/// A server with one language, and the database that its keys are in.
struct Bench {
    server: Server,
    client: Client,
    folder: tempfile::TempDir,
    database: String,
}

/// Sleeps for as long as its first argument says.
const SLEEP: &str = "echo begun; sleep \"$1\"; echo over";

impl Bench {
    /// With the language `plug`, which is ready.
    fn start(args: &[&str]) -> Self {
        let bench = Self::bare(args, |runtimes| {
            let definition = r#"language: plug
version: "5"
name: Plug
extensions: [plug]
editor: {mode: text, file: main.plug, template: "echo hello"}
image: {ref: "polyground/base:trixie"}
host: {requires: [bash]}
detect: {command: [bash, --version], pattern: 'version (\d+\.\d+\.\d+)'}
run: {command: [bash, "{main}"]}
limits: {memory: 128MiB, wall: 20s}
pool: {min: 1, max: 3}
samples:
  - {name: hello, files: {main.plug: 'echo hello'}, stdout: "hello\n"}
"#;
            std::fs::create_dir(runtimes.join("plug-5")).unwrap();
            std::fs::write(runtimes.join("plug-5/runtime.yaml"), definition).unwrap();
        });
        bench.server.wait_until_settled();
        bench
    }

    /// Without any language.
    fn empty(args: &[&str]) -> Self {
        Self::bare(args, |_| {})
    }

    fn bare(args: &[&str], fill: impl FnOnce(&std::path::Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtimes = folder.path().join("runtimes");
        std::fs::create_dir(&runtimes).unwrap();
        fill(&runtimes);
        let database = format!("sqlite://{}", folder.path().join("x.db").display());
        let mut all =
            vec!["--engine", "local", "--database", &database, "--runtimes", runtimes.to_str().unwrap()];
        all.extend(args);
        let server = Server::start(&all);
        let client = Client::builder().timeout(PATIENCE).build().unwrap();
        Self { server, client, folder, database }
    }

    /// A key with these scopes, made by the command line while the server runs.
    fn key(&self, args: &[&str]) -> String {
        self.key_of("test", args)
    }

    fn key_of(&self, name: &str, args: &[&str]) -> String {
        let output = self.keys(&[&["create", "--name", name], args].concat());
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// `polyground keys …`
    fn keys(&self, args: &[&str]) -> Output {
        let mut command = std::process::Command::new(BINARY);
        command.arg("keys").args(args).args(["--database", &self.database]);
        command.current_dir(repository()).env("NO_COLOR", "1").output().unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.address)
    }

    fn get(&self, path: &str, key: &str) -> Response {
        with(self.client.get(self.url(path)), key).send().unwrap()
    }

    fn post(&self, path: &str, body: &Value, key: &str) -> Response {
        with(self.client.post(self.url(path)).json(body), key).send().unwrap()
    }

    fn run(&self, body: &Value, key: &str) -> Response {
        self.post("/api/v1/runs", body, key)
    }

    /// A program that has begun and goes on for so many seconds.
    fn begun(&self, seconds: u32, key: &str) -> crate::server::Events {
        let request =
            self.client.post(self.url("/api/v1/runs")).json(&program(SLEEP, &[&seconds.to_string()]));
        let response = with(request, key).header("accept", "text/event-stream").send().unwrap();
        assert_eq!(response.status(), 200);
        let mut events = crate::server::Events::of(response);
        assert!(events.by_ref().any(|(name, _)| name == "stdout"));
        events
    }
}

/// With an API key, where it is not empty.
fn with(request: RequestBuilder, key: &str) -> RequestBuilder {
    if key.is_empty() { request } else { request.header("x-api-key", key) }
}

fn program(source: &str, args: &[&str]) -> Value {
    json!({"language": "plug", "files": [{"name": "main.plug", "content": source}], "args": args})
}

fn hello() -> Value {
    program("echo hello", &[])
}

/// Demands that this is a problem of this kind, with what belongs to its status.
fn refused(response: Response, status: u16, kind: &str) -> Value {
    let headers = response.headers().clone();
    let is = response.status().as_u16();
    let text = response.text().unwrap();
    assert_eq!(is, status, "{text}");
    assert_eq!(headers["content-type"], "application/problem+json");
    assert_eq!(headers.contains_key("www-authenticate"), status == 401);
    if status == 429 {
        let seconds: u64 = headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
    }
    let problem: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(problem["type"], format!("/problems/{kind}"), "{problem}");
    problem
}

fn ok(response: Response) -> Value {
    let status = response.status();
    let text = response.text().unwrap();
    assert!(status.is_success(), "{status}: {text}");
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}
