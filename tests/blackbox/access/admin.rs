//! The admin API: what it does, and to whom it is closed.

use serde_json::{Value, json};

use super::{Bench, PATIENCE, hello, ok, refused};
use crate::server::eventually;

const PLUG: &str = "/api/v1/admin/runtimes/plug-5";

impl Bench {
    fn listed(&self) -> Value {
        let found = self.server.runtimes().into_iter().find(|runtime| runtime["id"] == "plug-5");
        found.unwrap_or_default()
    }

    fn change(&self, what: &str, key: &str) -> reqwest::blocking::Response {
        self.client.post(self.url(&format!("{PLUG}/{what}"))).header("x-api-key", key).send().unwrap()
    }
}

pub(super) fn changes() {
    let bench = Bench::start(&[]);
    let admin = bench.key(&["--scope", "admin"]);
    let events = bench.begun(4, "");

    let disabled = bench.change("disable", &admin);
    assert_eq!(disabled.status(), 200);
    assert_eq!(ok(disabled)["status"], "unavailable");
    refused(bench.run(&hello(), ""), 503, "runtime-unavailable");
    assert!(bench.listed()["reason"].as_str().unwrap().contains("disabled"), "{}", bench.listed());
    refused(bench.change("rebuild", &admin), 409, "runtime-disabled");
    assert_eq!(bench.change("disable", &admin).status(), 200, "one that is disabled stays so");
    let done = events.into_iter().find(|(name, _)| name == "done").unwrap().1;
    assert_eq!(done["outcome"], "succeeded", "what runs finishes: {done}");

    assert_eq!(bench.change("enable", &admin).status(), 202);
    assert!(eventually(PATIENCE, || bench.listed()["status"] == "ready"), "{}", bench.listed());
    ok(bench.run(&hello(), ""));

    let log = || bench.server.log.lock().unwrap().matches("the image is made anew").count();
    assert_eq!(log(), 0);
    let rebuilt = bench.change("rebuild", &admin);
    assert_eq!(rebuilt.status(), 202);
    assert_eq!(ok(rebuilt)["id"], "plug-5");
    assert!(eventually(PATIENCE, || log() == 1), "{}", bench.server.log.lock().unwrap());
    let ready = || bench.listed()["status"] == "ready" && bench.listed()["pending"].is_null();
    assert!(eventually(PATIENCE, ready), "{}", bench.listed());
    ok(bench.run(&hello(), ""));

    let listed = bench.keys(&["list", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let by = format!("key {}", listed[0]["id"].as_str().unwrap());
    assert!(bench.server.log.lock().unwrap().contains(&by), "the log says who it was");

    let nothing = "/api/v1/admin/runtimes/nothing-1/rebuild";
    let problem = refused(bench.post(nothing, &json!({}), &admin), 404, "not-found");
    assert!(problem["detail"].as_str().unwrap().contains("plug-5"), "{problem}");

    // A definition that does not hold cannot be rebuilt; the version before serves on.
    let definition = bench.folder.path().join("runtimes/plug-5/runtime.yaml");
    std::fs::write(definition, "language: plug\n").unwrap();
    assert!(eventually(PATIENCE, || !bench.listed()["pending"].is_null()), "{}", bench.listed());
    refused(bench.change("rebuild", &admin), 409, "definition-broken");
    ok(bench.run(&hello(), ""));
}

pub(super) fn closed() {
    let bench = Bench::start(&[]);
    let others = bench.key(&["--scope", "run,snippets"]);
    for what in ["rebuild", "disable", "enable"] {
        let path = format!("{PLUG}/{what}");
        refused(bench.post(&path, &json!({}), ""), 401, "api-key-required");
        refused(bench.post(&path, &json!({}), "pg_x"), 401, "api-key-unknown");
        refused(bench.post(&path, &json!({}), &others), 403, "scope-missing");
        // Nor is it told what there is.
        let path = format!("/api/v1/admin/runtimes/nothing/{what}");
        refused(bench.post(&path, &json!({}), ""), 401, "api-key-required");
    }
    assert_eq!(bench.listed()["status"], "ready");
    ok(bench.run(&hello(), ""));
}
