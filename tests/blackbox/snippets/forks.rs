//! Where snippets come from, and what of that is told to whom.

use serde_json::{Value, json};

use super::{Test, created, get, post, problem, program};
use crate::server::Server;

pub(super) const TESTS: [(&str, Test); 2] = [
    ("a_fork_names_its_parent", a_fork_names_its_parent),
    ("an_unlisted_snippet_is_told_by_no_other", an_unlisted_snippet_is_told_by_no_other),
];

/// Saves a program, or a fork of another one. Gives its id.
fn saved_as(server: &Server, path: &str, visibility: &str) -> String {
    let mut body = program("echo 1");
    body["visibility"] = json!(visibility);
    created(post(server, path, &body))["id"].as_str().unwrap().to_owned()
}

fn a_fork_names_its_parent(server: &Server) {
    let parent = saved_as(server, "", "public");
    let fork = saved_as(server, &format!("/{parent}/forks"), "public");
    let last = saved_as(server, &format!("/{fork}/forks"), "unlisted");
    let opened: Value = get(server, &format!("/{fork}")).json().unwrap();
    assert_eq!(opened["parent"], parent);
    let history: Value = get(server, &format!("/{last}/history")).json().unwrap();
    let parents: Vec<&Value> =
        history["parents"].as_array().unwrap().iter().map(|parent| &parent["id"]).collect();
    assert_eq!(parents, [&fork, &parent], "the nearest first");
    let history: Value = get(server, &format!("/{parent}/history")).json().unwrap();
    assert_eq!(history["forks"][0]["id"], fork);
    let listed: Value = get(server, "?limit=100").json().unwrap();
    assert!(listed.as_array().unwrap().iter().any(|summary| summary["id"] == parent));
    problem(post(server, "/nothing/forks", &program("echo 3")), 404);
}

/// An unlisted snippet is found by its link alone: what is forked from it, and what it is forked from, must not hand it on.
fn an_unlisted_snippet_is_told_by_no_other(server: &Server) {
    let parent = saved_as(server, "", "public");
    let hidden = saved_as(server, &format!("/{parent}/forks"), "unlisted");
    let child = saved_as(server, &format!("/{hidden}/forks"), "public");
    for id in [&parent, &child] {
        for path in [format!("/{id}"), format!("/{id}/history")] {
            let said = get(server, &path).text().unwrap();
            assert!(!said.contains(&hidden), "{path} tells {hidden}: {said}");
        }
    }
    // Whoever has its link sees what everybody may see.
    let history: Value = get(server, &format!("/{hidden}/history")).json().unwrap();
    assert_eq!((&history["parents"][0]["id"], &history["forks"][0]["id"]), (&json!(parent), &json!(child)));
}
