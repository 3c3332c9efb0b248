//! A language whose image is made from the folder that is dropped into a running server.

use std::fs;

use libtest_mimic::Trial;

use super::{Bench, Load, PATIENCE, definition, log, run_other, said};
use crate::server::{docker, eventually};

pub(super) fn trial() -> Trial {
    Trial::test("docker::plugins::a_folder_with_a_dockerfile_is_built_and_rebuilt_under_load", || {
        built();
        Ok(())
    })
}

/// What the image is made of: a program says which edition it is.
fn drop_in(bench: &Bench, edition: &str) {
    let folder = bench.folder();
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("tool"), format!("#!/bin/sh\necho {edition}\n")).unwrap();
    let dockerfile =
        "FROM polyground/base:trixie\nCOPY tool /usr/local/bin/tool\nRUN chmod 755 /usr/local/bin/tool\n";
    fs::write(folder.join("Dockerfile"), dockerfile).unwrap();
    let text = definition("any", edition);
    let text = text
        .replace(r#"{ref: "polyground/base:trixie"}"#, "{build: .}")
        .replace(r#"echo "$EDITION""#, "tool");
    assert!(text.contains("{build: .}") && text.contains("'tool'"), "{text}");
    super::write(&folder, &text);
}

fn built() {
    let bench = Bench::start("docker");
    let others = Load::start(&bench.server, 3, run_other);
    drop_in(&bench, "1");
    bench.wait_until_ready();
    assert_eq!(said(&bench.server, "tool"), "1");

    let users = Load::start(&bench.server, 3, |server| {
        let edition = said(server, "tool");
        assert!(["1", "2"].contains(&edition.as_str()), "{edition}");
    });
    drop_in(&bench, "2");
    let swapped = eventually(PATIENCE, || said(&bench.server, "tool") == "2");
    assert!(swapped, "the image was not built anew\n{}", log(&bench.server));
    bench.wait_until_ready();
    assert!((0..5).all(|_| said(&bench.server, "tool") == "2"));
    let runs = (users.end(), others.end());
    assert!(runs.0 > 10 && runs.1 > 10, "{runs:?} runs beside it");

    let Bench { server, .. } = bench;
    drop(server);
    let listed = docker().args(["images", "--quiet", "polyground/plug-5"]).output().unwrap();
    let images = String::from_utf8(listed.stdout).unwrap();
    assert!(!images.is_empty(), "an image by another name was used");
    // Both editions: nobody needs them any more.
    assert!(docker().args(["rmi", "--force"]).args(images.lines()).output().unwrap().status.success());
}
