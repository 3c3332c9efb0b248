//! What is said of a file that is not the YAML that it should be.

use super::*;

#[test]
fn an_empty_file_is_told() {
    insta::assert_snapshot!(said_of(""), @"
    error: the definition is empty
     --> lua-5.4/runtime.yaml
      = help: `polyground schema` and runtimes/README.md say what belongs in it
    ");
}

#[test]
fn a_file_of_comments_is_empty() {
    insta::assert_snapshot!(said_of("# nothing\n"), @"
    error: the definition is empty
     --> lua-5.4/runtime.yaml
      = help: `polyground schema` and runtimes/README.md say what belongs in it
    ");
}

#[test]
fn an_empty_document_is_empty() {
    insta::assert_snapshot!(said_of("---\n"), @"
    error: the definition is empty
     --> lua-5.4/runtime.yaml
      = help: `polyground schema` and runtimes/README.md say what belongs in it
    ");
}

#[test]
fn a_list_is_no_definition() {
    insta::assert_snapshot!(said_of("- a\n"), @"
    error: a definition must be a mapping, and this is a list
     --> lua-5.4/runtime.yaml:1:1
      |
    1 | - a
      | ^
      |
      = help: A runtime: one language at one version.
    ");
}

#[test]
fn a_text_is_no_definition() {
    insta::assert_snapshot!(said_of("hello"), @"
    error: a definition must be a mapping, and this is text
     --> lua-5.4/runtime.yaml:1:1
      |
    1 | hello
      | ^^^^^
      |
      = help: A runtime: one language at one version.
    ");
}

#[test]
fn a_second_document_is_refused() {
    insta::assert_snapshot!(said_of("language: lua\n---\nlanguage: lua\n"), @"
    error: a second document begins here
     --> lua-5.4/runtime.yaml:2:1
      |
    2 | ---
      | ^^^
      |
      = help: a definition is one document: remove the `---` and what follows, or give it its own folder
    ");
}

#[test]
fn a_tab_that_indents_is_told() {
    insta::assert_snapshot!(said_of("editor:\n\tmode: lua\n"), @"
    error: not YAML: a tab cannot indent YAML
     --> lua-5.4/runtime.yaml:2:2
      |
    2 |  mode: lua
      |  ^
      |
      = help: indent with spaces
    ");
}

#[test]
fn a_colon_in_a_text_needs_quotes() {
    insta::assert_snapshot!(said_of("name: Lua: the language\n"), @"
    error: not YAML: a `:` that begins a value cannot stand here
     --> lua-5.4/runtime.yaml:1:10
      |
    1 | name: Lua: the language
      |          ^
      |
      = help: put a text that contains `: ` in quotes
    ");
}

#[test]
fn quotes_must_end() {
    insta::assert_snapshot!(said_of("name: \"Lua\nversion: \"5.4\"\n"), @r#"
    error: not YAML: a text in quotes does not end
     --> lua-5.4/runtime.yaml:1:7
      |
    1 | name: "Lua
      |       ^
      |
      = help: close the quotes
    "#);
}

#[test]
fn a_list_must_end() {
    insta::assert_snapshot!(said_of("aliases: [a, b\nname: Lua\n"), @"
    error: not YAML: a list or mapping does not end where it should
     --> lua-5.4/runtime.yaml:2:5
      |
    2 | name: Lua
      |     ^
      |
      = help: close it, and put texts that begin with `{`, `[` or a quote in quotes as a whole
    ");
}

#[test]
fn a_placeholder_that_begins_an_unquoted_text_in_a_list_is_told() {
    insta::assert_snapshot!(said_of("run:\n  command: [x, {out}/main]\n"), @"
    error: not YAML: a list or mapping does not end where it should
     --> lua-5.4/runtime.yaml:2:21
      |
    2 |   command: [x, {out}/main]
      |                     ^
      |
      = help: close it, and put texts that begin with `{`, `[` or a quote in quotes as a whole
    ");
}

#[test]
fn wrong_indentation_is_told() {
    insta::assert_snapshot!(said_of("editor:\n    mode: lua\n  file: main.lua\n"), @"
    error: not YAML: this line is indented unlike its neighbours, or the one before is not complete
     --> lua-5.4/runtime.yaml:3:3
      |
    3 |   file: main.lua
      |   ^
    ");
}

#[test]
fn an_unknown_escape_is_told() {
    insta::assert_snapshot!(said_of("name: \"\\d\"\n"), @r#"
    error: not YAML: an unknown escape in double quotes
     --> lua-5.4/runtime.yaml:1:7
      |
    1 | name: "\d"
      |       ^
      |
      = help: write `\\` for a backslash, or use single quotes
    "#);
}

#[test]
fn a_text_cannot_begin_with_everything() {
    insta::assert_snapshot!(said_of("name: @lua\n"), @"
    error: not YAML: a text cannot begin with this character
     --> lua-5.4/runtime.yaml:1:7
      |
    1 | name: @lua
      |       ^
      |
      = help: put the text in quotes
    ");
}

#[test]
fn an_alias_needs_an_anchor() {
    insta::assert_snapshot!(said_of("name: *lua\n"), @"
    error: not YAML: this alias refers to no anchor
     --> lua-5.4/runtime.yaml:1:7
      |
    1 | name: *lua
      |       ^
      |
      = help: put a text that begins with `*` in quotes
    ");
}

#[test]
fn an_alias_within_its_anchor_is_told() {
    insta::assert_snapshot!(said_of("env: &env\n  A: *env\n"), @"
    error: this alias stands inside what it refers to
     --> lua-5.4/runtime.yaml:2:6
      |
    2 |   A: *env
      |      ^^^^
    ");
}

#[test]
fn a_key_written_twice_is_told() {
    insta::assert_snapshot!(said_of(edited(&[("name: Lua\n", "name: Lua\nname: Lua again\n")])), @"
    error: the key `name` is written twice
     --> lua-5.4/runtime.yaml:6:1
      |
    6 | name: Lua again
      | ^^^^ first on line 5
      |
      = help: remove one of them
    ");
}

#[test]
fn a_tag_means_nothing() {
    insta::assert_snapshot!(said_of(edited(&[("name: Lua", "name: !lua Lua")])), @"
    error: the tag `!lua` means nothing here: remove it
     --> lua-5.4/runtime.yaml:5:7
      |
    5 | name: !lua Lua
      |       ^^^^^^^^
    ");
}

#[test]
fn a_list_as_a_key_is_told() {
    insta::assert_snapshot!(said_of("[a, b]: c\n"), @"
    error: a key must be text
     --> lua-5.4/runtime.yaml:1:1
      |
    1 | [a, b]: c
      | ^^^^^^
    ");
}

#[test]
fn a_small_file_cannot_become_a_large_one() {
    let mut bomb = String::from("a: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("b{level}: &a{level} [{aliases}]\n"));
    }
    let text = said_of(bomb);
    assert!(
        text.starts_with("error: more than 20000 values, aliases counted as often as they are used"),
        "{text}"
    );
}

#[test]
fn values_cannot_be_nested_without_end() {
    for text in
        ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(50_000), format!("{}x", "a:\n".repeat(3))]
    {
        assert!(load(text).is_err());
    }
    let text = said_of(format!("a: {}{}\n", "[".repeat(40), "]".repeat(40)));
    assert!(text.starts_with("error: values are nested deeper than 32 levels"), "{text}");
}

#[test]
fn an_alias_may_be_used_and_points_at_its_anchor() {
    let reused = [("{LUA_INIT: \"\"}", "&env {LUA_INIT: \"\"}"), ("{LUA_PATH: \"./?.lua\"}", "*env")];
    assert_eq!(said(&reused), "it holds");
}

#[test]
fn text_with_an_explicit_tag_is_text() {
    assert_eq!(said(&[("\"5.4\"", "!!str 5.4")]), "it holds");
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_are_fine() {
    assert_eq!(said_of(format!("\u{feff}{}", EXAMPLE.replace('\n', "\r\n"))), "it holds");
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let text = said_of(format!("{EXAMPLE}#{}\n", "x".repeat(1 << 20)));
    assert_eq!(text, "error: the definition is larger than 1 MiB\n --> lua-5.4/runtime.yaml");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_it_panic(text in "[a-c:\\[\\]{}&*!|>'\"#%@`,?\\\\ \t\n-]{0,60}") {
        let _ = load(text);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _ = load(bytes);
    }

    #[test]
    fn no_damage_to_a_definition_makes_it_panic(at in 0..EXAMPLE.len(), cut in 0..40usize, new in "\\PC{0,6}") {
        let end = (at + cut).min(EXAMPLE.len());
        let (Some(before), Some(after)) = (EXAMPLE.get(..at), EXAMPLE.get(end..)) else { return Ok(()) };
        let _ = load(format!("{before}{new}{after}"));
    }
}
