//! Folders and roots.

use super::*;

/// The example as another language.
fn definition(language: &str, version: &str, aliases: &str) -> String {
    edited(&[
        ("language: lua", &format!("language: {language}")),
        ("\"5.4\"", &format!("\"{version}\"")),
        ("aliases: [lua5]", &format!("aliases: {aliases}")),
    ])
}

/// Ids with `ok`, or what is wrong in one line.
fn loaded(roots: &[&Path]) -> Vec<String> {
    let paths: Vec<_> = roots.iter().map(|root| root.to_path_buf()).collect();
    let each = load::load_all(&paths).unwrap().into_iter().map(|each| match each {
        Ok(runtime) => format!("{} ok", runtime.id),
        Err(broken) => format!("{} {}", broken.id, broken.problems[0].message),
    });
    each.collect()
}

#[test]
fn the_example_holds_and_is_worked_out() {
    let runtime = load(EXAMPLE).unwrap_or_else(|broken| panic!("{broken}"));
    let Runtime { digest, folder, image, .. } = &runtime;
    assert_eq!(digest.len(), 64);
    assert_eq!(*image, crate::runtime::ImageSpec::Build(folder.clone()));
    let compile = runtime.compile.as_ref().unwrap();
    insta::assert_debug_snapshot!((&runtime.pool, &compile.env, compile.limits, runtime.run.limits), @r#"
    (
        PoolSize {
            min: 1,
            max: 4,
        },
        [
            (
                "LUA_INIT",
                "",
            ),
            (
                "LUA_PATH",
                "./?.lua",
            ),
        ],
        Limits {
            wall_ms: 20000,
            cpu_ms: 10000,
            memory_bytes: 536870912,
            processes: 64,
            output_bytes: 1048576,
            files_bytes: 67108864,
            file_bytes: 33554432,
        },
        Limits {
            wall_ms: 10000,
            cpu_ms: 5000,
            memory_bytes: 268435456,
            processes: 64,
            output_bytes: 1048576,
            files_bytes: 67108864,
            file_bytes: 33554432,
        },
    )
    "#);
}

#[test]
fn optional_keys_can_be_left_out() {
    let least = r#"
language: lua
version: "5.4"
name: Lua
extensions: [lua]
editor: {mode: lua, file: main.lua, template: ""}
image: {ref: "docker.io/library/x:1"}
detect: {command: [lua, -v], pattern: '(\d+)'}
run: {command: [lua, "{main}"]}
samples:
  - {name: hello, files: {main.lua: 'print("hello")'}}
"#;
    let runtime = load(least).unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!(runtime.run.limits, crate::runtime::limits::DEFAULT);
    assert_eq!((runtime.pool.min, runtime.pool.max), (1, 4));
    assert!(runtime.host_requires.is_none() && runtime.compile.is_none() && runtime.aliases.is_empty());
}

#[test]
fn half_a_pool_is_completed_so_that_it_holds() {
    for (written, expected) in
        [("{min: 6}", (6, 6)), ("{max: 8}", (1, 8)), ("{min: 0}", (0, 4)), ("{}", (1, 4))]
    {
        let runtime = load(edited(&[("{min: 1, max: 4}", written)])).unwrap();
        assert_eq!((runtime.pool.min, runtime.pool.max), expected, "{written}");
    }
}

#[test]
fn sizes_may_be_plain_bytes() {
    let runtime = load(edited(&[("output: 1MiB", "output: 4096")])).unwrap();
    assert_eq!(runtime.run.limits.output_bytes, 4096);
}

#[test]
fn a_broken_definition_hides_no_other() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), "a-1", "language: [");
    add(root.path(), "lua-5.4", EXAMPLE);
    let loaded = loaded(&[root.path()]);
    assert_eq!(loaded.len(), 2);
    assert!(loaded[0].starts_with("a-1 not YAML"), "{}", loaded[0]);
    assert_eq!(loaded[1], "lua-5.4 ok");
}

#[test]
fn what_is_no_runtime_is_passed_over() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), "lua-5.4", EXAMPLE);
    add(root.path(), ".hidden", EXAMPLE);
    for other in ["base", "node_modules"] {
        fs::create_dir(root.path().join(other)).unwrap();
    }
    fs::write(root.path().join("README.md"), "x").unwrap();
    assert_eq!(loaded(&[root.path()]), ["lua-5.4 ok"]);
}

#[test]
fn a_misnamed_definition_is_told_its_name() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("lua-5.4")).unwrap();
    fs::write(root.path().join("lua-5.4/runtime.yml"), EXAMPLE).unwrap();
    assert_eq!(loaded(&[root.path()]), ["lua-5.4 the definition's name must be runtime.yaml"]);
}

#[test]
fn a_later_root_overrides_an_earlier_one_by_id() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    add(first.path(), "lua-5.4", "broken");
    add(first.path(), "x-1", definition("x", "1", "[]"));
    add(second.path(), "lua-5.4", EXAMPLE);
    assert_eq!(loaded(&[first.path(), second.path()]), ["lua-5.4 ok", "x-1 ok"]);
}

#[test]
fn a_missing_root_is_an_error_that_names_it() {
    let error = load::load_all(&["/nowhere/runtimes".into()]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the folder of runtimes /nowhere/runtimes cannot be read: No such file or directory (os error 2)"
    );
}

#[test]
fn two_folders_for_one_version_are_told_of_each_other() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), "lua-5.4", EXAMPLE);
    add(root.path(), "lua-5.4-again", EXAMPLE);
    add(root.path(), "lua-5.3", definition("lua", "5.3", "[lua5]"));
    assert_eq!(
        loaded(&[root.path()]),
        ["lua-5.3 ok", "lua-5.4 ok", "lua-5.4-again lua 5.4 is `lua-5.4` already"]
    );
}

#[test]
fn a_name_stands_for_one_language() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), "a-1", definition("a", "1", "[shared]"));
    add(root.path(), "b-1", definition("b", "1", "[a, shared]"));
    add(root.path(), "shared-1", definition("shared", "1", "[]"));
    let all = load::load_all(&[root.path().to_owned()]).unwrap();
    let broken: Vec<String> =
        all.iter().filter_map(|each| each.as_ref().err()).map(ToString::to_string).collect();
    let report = broken.join("\n\n").replace(&root.path().display().to_string(), "runtimes");
    insta::assert_snapshot!(report, @"
    error: `a` is the language of `a-1`
     --> runtimes/b-1/runtime.yaml:4:11
      |
    4 | aliases: [a, shared]
      |           ^
      |
      = help: a name stands for one language: remove it here or in runtimes/a-1

    error: `shared` is an alias of a already, in `a-1`
     --> runtimes/b-1/runtime.yaml:4:14
      |
    4 | aliases: [a, shared]
      |              ^^^^^^
      |
      = help: a name stands for one language: remove it here or in runtimes/a-1

    error: `shared` is an alias of a already, in `a-1`
     --> runtimes/shared-1/runtime.yaml:2:11
      |
    2 | language: shared
      |           ^^^^^^
      |
      = help: a name stands for one language: remove it here or in runtimes/a-1
    ");
}

#[test]
fn an_earlier_root_keeps_the_names_that_it_has() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    add(first.path(), "z-1", definition("z", "1", "[zz]"));
    add(second.path(), "a-1", definition("zz", "1", "[]"));
    assert_eq!(
        loaded(&[first.path(), second.path()]),
        ["a-1 `zz` is an alias of z already, in `z-1`", "z-1 ok"]
    );
}

#[test]
fn a_folders_name_must_be_able_to_be_an_id() {
    let root = tempfile::tempdir().unwrap();
    for id in ["Lua", "lua_5", "-lua", "lüa"] {
        add(root.path(), id, EXAMPLE);
        let broken = load::load_folder(&root.path().join(id)).unwrap_err();
        assert!(broken.problems[0].message.contains("cannot be a runtime's id"), "{broken}");
    }
}

#[test]
fn a_folder_without_a_definition_says_so() {
    let root = tempfile::tempdir().unwrap();
    let message = |path: &Path| load::load_folder(path).unwrap_err().problems[0].message.clone();
    assert_eq!(message(root.path()), "the folder has no runtime.yaml");
    assert_eq!(message(&root.path().join("none")), "there is no such folder");
    fs::write(root.path().join("file"), "x").unwrap();
    assert_eq!(message(&root.path().join("file")), "is not a folder");
}

#[test]
fn a_link_out_of_the_folder_breaks_a_runtime() {
    let root = folder(EXAMPLE);
    std::os::unix::fs::symlink("/etc/hostname", root.path().join("lua-5.4/hostname")).unwrap();
    let broken = load::load_folder(&root.path().join("lua-5.4")).unwrap_err();
    assert!(broken.summary().contains("a link out of the runtime's folder"), "{broken}");
}

#[test]
fn a_definition_that_is_a_link_out_of_its_folder_is_not_shown() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("secret"), "secret: [").unwrap();
    fs::create_dir(root.path().join("lua-5.4")).unwrap();
    std::os::unix::fs::symlink("../secret", root.path().join("lua-5.4/runtime.yaml")).unwrap();
    let report = load::load_folder(&root.path().join("lua-5.4")).unwrap_err().report();
    assert!(
        report.starts_with("error: a link out of the runtime's folder") && !report.contains("secret"),
        "{report}"
    );
}

#[test]
fn a_changed_file_changes_the_digest() {
    let root = folder(EXAMPLE);
    let digest = || load::load_folder(&root.path().join("lua-5.4")).unwrap().digest;
    let before = digest();
    fs::write(root.path().join("lua-5.4/Dockerfile"), "FROM other\n").unwrap();
    assert_ne!(digest(), before);
}

#[test]
fn a_summary_is_one_line() {
    let broken = load(edited(&[("name: Lua", "nmae: Lua"), ("processes: 64", "processes: 0")])).unwrap_err();
    assert_eq!(
        broken.summary(),
        "lua-5.4/runtime.yaml:5:1: `nmae` is not a key of a definition (and 1 more)"
    );
}

#[test]
fn very_many_problems_are_cut() {
    for (count, last) in [(90, "65 more problems"), (5000, "at least 75 more problems")] {
        let env: String = (0..count).map(|number| format!("  {number}-: x\n")).collect();
        let broken = load(edited(&[("env: {LUA_INIT: \"\"}\n", &format!("env:\n{env}"))])).unwrap_err();
        assert_eq!(broken.problems.len(), 26);
        assert!(broken.report().ends_with(&format!("error: {last}\n --> lua-5.4/runtime.yaml")), "{broken}");
    }
}
