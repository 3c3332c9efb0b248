//! Definitions that say only what is different from another, and packages.

use std::path::PathBuf;

use super::*;
use crate::runtime::{ImageSpec, load_all};

/// Two roots: the first has the example, the second a definition with this text under this id.
fn roots(id: &str, text: &str) -> (tempfile::TempDir, Vec<PathBuf>) {
    let place = tempfile::tempdir().unwrap();
    let (first, second) = (place.path().join("first"), place.path().join("second"));
    add(&first, "lua-5.4", EXAMPLE);
    fs::create_dir_all(second.join(id)).unwrap();
    fs::write(second.join(id).join(load::FILE_NAME), text).unwrap();
    (place, vec![first, second])
}

/// What becomes of the definition in the second root.
fn extended(id: &str, text: &str) -> Result<Runtime, String> {
    let (place, roots) = roots(id, text);
    let all = load_all(&roots).unwrap();
    let named = |each: &Result<Runtime, BrokenDefinition>| {
        each.as_ref().map_or_else(|broken| broken.id == id, |runtime| runtime.id == id)
    };
    let found = all.into_iter().find(named).unwrap();
    found.map_err(|broken| broken.report().replace(&format!("{}/", place.path().display()), ""))
}

fn refused(id: &str, text: &str) -> String {
    extended(id, text).map_or_else(|report| report, |_| "it holds".into())
}

#[test]
fn two_lines_add_a_package_to_the_runtime_that_they_take_the_place_of() {
    let text = "extends: lua-5.4\npackages: {apt: [jq], pip: ['numpy>=2.1,<3', six], npm: ['@a/b@^1.2']}\n";
    let (_place, roots) = roots("lua-5.4", text);
    let all = load_all(&roots).unwrap();
    let [Ok(runtime)] = &all[..] else { panic!("{all:?}") };
    let below = load::load_folder(&roots[0].join("lua-5.4")).unwrap();
    assert_eq!(runtime.packages.apt, ["jq"]);
    assert_eq!(runtime.packages.pip, ["numpy>=2.1,<3", "six"]);
    assert_eq!(runtime.packages.npm, ["@a/b@^1.2"]);
    assert_eq!((&runtime.image, &*runtime.image_of), (&below.image, "lua-5.4"));
    assert_eq!(runtime.image, ImageSpec::Build(roots[0].join("lua-5.4")));
    assert_eq!(runtime.folder, roots[1].join("lua-5.4"));
    assert_ne!(runtime.digest, below.digest);
    // Everything else is the same.
    let mut same = runtime.clone();
    (same.packages, same.folder, same.digest) =
        (below.packages.clone(), below.folder.clone(), below.digest.clone());
    assert_eq!(format!("{same:?}"), format!("{below:?}"));
}

#[test]
fn a_change_of_the_extended_one_changes_those_that_extend_it() {
    let (_place, roots) = roots("lua-5.4", "extends: lua-5.4\n");
    let digest = || load_all(&roots).unwrap()[0].as_ref().unwrap().digest.clone();
    let before = digest();
    assert_eq!(before, digest());
    fs::write(roots[0].join("lua-5.4/Dockerfile"), "FROM scratch\nENV A=B\n").unwrap();
    assert_ne!(before, digest());
}

#[test]
fn keys_stand_in_place_of_the_extended_ones_and_some_are_joined() {
    let text = r#"
extends: lua-5.4
language: moon
name: Moon
env: {MORE: "1"}
limits: {wall: 3s}
pool: {max: 9}
samples:
  - {name: another, files: {main.lua: 'print(1)'}, stdout: "1\n"}
"#;
    let below = load(EXAMPLE).unwrap();
    let runtime = extended("moon", text).unwrap_or_else(|report| panic!("{report}"));
    assert_eq!((&*runtime.language, &*runtime.name, &*runtime.line), ("moon", "Moon", "5.4"));
    assert!(runtime.aliases.is_empty(), "the other language's names are not its own");
    assert!(runtime.run.env.contains(&("MORE".into(), "1".into())));
    assert!(below.run.env.iter().all(|pair| runtime.run.env.contains(pair)));
    assert_eq!(runtime.run.limits.wall_ms, 3000);
    assert_eq!(runtime.run.limits.memory_bytes, below.run.limits.memory_bytes);
    assert_eq!((runtime.pool.min, runtime.pool.max), (below.pool.min, 9));
    assert_eq!(runtime.samples.len(), below.samples.len() + 1);
    assert_eq!(runtime.samples.last().unwrap().name, "another");
}

#[test]
fn a_sample_with_the_name_of_an_extended_one_takes_its_place() {
    let below = load(EXAMPLE).unwrap();
    let name = &below.samples[0].name;
    let text =
        format!("extends: lua-5.4\nsamples: [{{name: {name}, files: {{main.lua: 'x'}}, stdout: other}}]\n");
    let runtime = extended("lua-5.4", &text).unwrap();
    assert_eq!(runtime.samples.len(), below.samples.len());
    assert_eq!(runtime.samples.last().unwrap().stdout.as_deref(), Some("other"));
}

#[test]
fn what_cannot_be_extended_is_told_where_it_is_named() {
    insta::assert_snapshot!(refused("moon", "# more\nextends: lua-5.5\n"), @r"
    error: there is no runtime `lua-5.5`
     --> second/moon/runtime.yaml:2:10
      |
    2 | extends: lua-5.5
      |          ^^^^^^^
      |
      = help: write the name of a folder of runtimes, of these or of an earlier one
    ");
    insta::assert_snapshot!(refused("moon", "extends: moon"), @r"
    error: there is no other `moon` that this one takes the place of
     --> second/moon/runtime.yaml:1:10
      |
    1 | extends: moon
      |          ^^^^
      |
      = help: an earlier folder of runtimes must have it; else name another one
    ");
    insta::assert_snapshot!(refused("moon", "extends: ../lua-5.4"), @r"
    error: `../lua-5.4` is not a runtime's id
     --> second/moon/runtime.yaml:1:10
      |
    1 | extends: ../lua-5.4
      |          ^^^^^^^^^^
      |
      = help: write the name of its folder
    ");
    insta::assert_snapshot!(refused("moon", "extends: [lua-5.4]"), @r"
    error: `extends` must be text, and this is a list
     --> second/moon/runtime.yaml:1:10
      |
    1 | extends: [lua-5.4]
      |          ^^^^^^^^^
      |
      = help: The runtime that this one is but for what stands here: its id, of this folder or an earlier one. With the id of its own folder, the one that it takes the place of. `env`, `limits`, `pool` and `packages` are joined with that one's, samples are added to its, everything else stands in place of it.
              for example `extends: lua-5.4`
    ");
}

#[test]
fn extending_goes_one_level_deep_and_never_in_circles() {
    let (place, roots) = roots("a", "extends: b\nlanguage: a\n");
    fs::create_dir(roots[1].join("b")).unwrap();
    fs::write(roots[1].join("b").join(load::FILE_NAME), "extends: a\nlanguage: b\n").unwrap();
    let said: Vec<String> = load_all(&roots)
        .unwrap()
        .into_iter()
        .filter_map(|each| each.err())
        .map(|broken| broken.summary().replace(&format!("{}/", place.path().display()), ""))
        .collect();
    assert_eq!(
        said,
        [
            "second/a/runtime.yaml:1:10: `b` extends another one itself",
            "second/b/runtime.yaml:1:10: `a` extends another one itself",
        ]
    );
}

#[test]
fn mistakes_are_told_where_they_are_written_or_where_they_come_from() {
    // Its own.
    insta::assert_snapshot!(refused("lua-5.4", "extends: lua-5.4\nlimits: {wal: 3s}\nrun: {command: [lua, '{mian}']}\n"), @r"
    error: `wal` is not a key of `limits`
     --> second/lua-5.4/runtime.yaml:2:10
      |
    2 | limits: {wal: 3s}
      |          ^^^
      |
      = help: its keys are `wall`, `cpu`, `memory`, `processes`, `output`, `files` and `file_size`

    error: `{mian}` is not a placeholder
     --> second/lua-5.4/runtime.yaml:3:23
      |
    3 | run: {command: [lua, '{mian}']}
      |                       ^^^^^^ did you mean `{main}`?
      |
      = help: the placeholders are `{main}`, `{files}`, `{module}`, `{stem}`, `{out}`, `{args}`; for a brace itself, put a space after it
    ");
    // One that only shows with what it extends.
    insta::assert_snapshot!(refused("lua-5.4", "extends: lua-5.4\nextensions: [moon]\n"), @r"
    error: the main file `main.lua` has none of the runtime's endings
     --> second/lua-5.4/runtime.yaml:1:10
      |
    1 | extends: lua-5.4
      |          ^^^^^^^
      |
      = help: `extensions` has `.moon`
    ");
    // The extended one's own.
    let (place, roots) = roots("lua-5.4", "extends: lua-5.4\n");
    add(&roots[0], "lua-5.4", edited(&[("language: lua", "lenguage: lua")]));
    let broken = load_all(&roots).unwrap().remove(0).unwrap_err();
    let report = broken.summary().replace(&format!("{}/", place.path().display()), "");
    insta::assert_snapshot!(report, @"second/lua-5.4/runtime.yaml:1:10: `lua-5.4` is broken: first/lua-5.4/runtime.yaml:2:1: `lenguage` is not a key of a definition");
}

#[test]
fn a_definition_is_found_to_hold_by_itself_too() {
    let (_place, roots) = roots("lua-5.4", "extends: lua-5.4\n");
    let folder = roots[1].join("lua-5.4");
    assert!(load::load_folder(&folder).is_err());
    assert!(load::load_folder_among(&folder, &roots[..1]).is_ok());
    // Beside it.
    fs::create_dir(roots[0].join("moon")).unwrap();
    fs::write(roots[0].join("moon").join(load::FILE_NAME), "extends: lua-5.4\nlanguage: moon\n").unwrap();
    assert!(load::load_folder(&roots[0].join("moon")).is_ok());
}

#[test]
fn packages_are_names_and_nothing_else() {
    let fine = [
        ("apt", "jq"),
        ("apt", "g++"),
        ("apt", "libxml2-dev=2.12.7+dfsg-1~deb13u1"),
        ("pip", "six"),
        ("pip", "numpy==2.1.3"),
        ("pip", "uvicorn[standard]>=0.30,<1"),
        ("pip", "zope.interface~=7.0"),
        ("npm", "left-pad"),
        ("npm", "@types/node@22.1.0"),
        ("npm", "lodash@^4.17"),
    ];
    for (kind, name) in fine {
        let text = format!("extends: lua-5.4\npackages: {{{kind}: [{name:?}]}}\n");
        assert!(extended("lua-5.4", &text).is_ok(), "{kind} {name}: {}", refused("lua-5.4", &text));
    }
    let wrong = [
        ("apt", "jq curl"),
        ("apt", "-o=Dir::Etc=x"),
        ("apt", "--allow-unauthenticated"),
        ("apt", "jq-"),
        ("apt", "./local.deb"),
        ("apt", "/etc/passwd"),
        ("apt", "jq;id"),
        ("apt", "jq/unstable"),
        ("pip", "--index-url=http://x"),
        ("pip", "-r"),
        ("pip", "git+https://x/y"),
        ("pip", "six @ https://x/y.whl"),
        ("pip", "./six"),
        ("pip", "six; os_name == 'x'"),
        ("pip", "six==$(id)"),
        ("pip", "six==1`id`"),
        ("npm", "--registry=http://x"),
        ("npm", "../x"),
        ("npm", "x/y"),
        ("npm", "git://x/y"),
        ("npm", "x@npm:y"),
        ("npm", "x@file:/etc"),
        ("npm", "x\ny"),
        ("npm", ""),
    ];
    for (kind, name) in wrong {
        let text = format!("extends: lua-5.4\npackages: {{{kind}: [{name:?}]}}\n");
        let said = refused("lua-5.4", &text);
        assert!(said.contains("package") && said.contains("runtime.yaml:2:"), "{kind} {name:?}: {said}");
    }
    insta::assert_snapshot!(refused("lua-5.4", "extends: lua-5.4\npackages: {pip: [--pre], conda: [x]}\n"), @r"
    error: `--pre` is not a package of PyPI
     --> second/lua-5.4/runtime.yaml:2:18
      |
    2 | packages: {pip: [--pre], conda: [x]}
      |                  ^^^^^
      |
      = help: write its name, and a version if need be: six, numpy==2.1.3, 'numpy>=2.1,<3'

    error: `conda` is not a key of `packages`
     --> second/lua-5.4/runtime.yaml:2:26
      |
    2 | packages: {pip: [--pre], conda: [x]}
      |                          ^^^^^
      |
      = help: its keys are `apt`, `pip` and `npm`
    ");
}
