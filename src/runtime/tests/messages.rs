//! What is said of each mistake, to the letter: messages are what authors of runtimes see of us.

use super::*;

#[test]
fn an_unknown_key_is_told_with_the_one_that_was_meant() {
    insta::assert_snapshot!(said(&[("aliases:", "alias:")]), @"
    error: `alias` is not a key of a definition
     --> lua-5.4/runtime.yaml:4:1
      |
    4 | alias: [lua5]
      | ^^^^^ did you mean `aliases`?
    ");
}

#[test]
fn a_mistyped_key_that_is_required_is_one_problem() {
    insta::assert_snapshot!(said(&[("detect:", "detetc:")]), @"
    error: `detetc` is not a key of a definition
      --> lua-5.4/runtime.yaml:14:1
       |
    14 | detetc:
       | ^^^^^^ did you mean `detect`?
    ");
}

#[test]
fn a_key_under_the_wrong_parent_is_told_its_place() {
    insta::assert_snapshot!(said(&[("name: Lua\n", "name: Lua\nwall: 10s\n")]), @"
    error: `wall` is not a key of a definition
     --> lua-5.4/runtime.yaml:6:1
      |
    6 | wall: 10s
      | ^^^^ belongs under `limits`
    ");
}

#[test]
fn a_key_that_nothing_resembles_lists_the_known_ones() {
    insta::assert_snapshot!(said(&[("pool: {min: 1, max: 4}", "pool: {zebra: 1}")]), @"
    error: `zebra` is not a key of `pool`
      --> lua-5.4/runtime.yaml:40:8
       |
    40 | pool: {zebra: 1}
       |        ^^^^^
       |
       = help: its keys are `min` and `max`
    ");
}

#[test]
fn a_missing_key_says_what_it_is_for() {
    insta::assert_snapshot!(said(&[("detect:\n  command: [lua5.4, -v]\n  pattern: '(\\d+\\.\\d+\\.\\d+)'\n", "")]), @r"
    error: `detect` is missing
     --> lua-5.4/runtime.yaml:1:1
      = help: How the exact version is found.
              for example `detect: {command: [lua5.4, -v], pattern: '(\d+\.\d+\.\d+)'}`
    ");
}

#[test]
fn a_missing_inner_key_is_shown_at_its_parent() {
    insta::assert_snapshot!(said(&[("  pattern: '(\\d+\\.\\d+\\.\\d+)'\n", "")]), @r"
    error: `detect.pattern` is missing
      --> lua-5.4/runtime.yaml:14:1
       |
    14 | detect:
       | ^^^^^^
       |
       = help: Regular expression whose group 1 is the exact version.
               for example `pattern: '(\d+\.\d+\.\d+)'`
    ");
}

#[test]
fn a_version_without_quotes_is_told_what_it_would_be() {
    insta::assert_snapshot!(said(&[(r#"version: "5.4""#, "version: 5.10")]), @r#"
    error: `version` must be text, and `5.10` without quotes is a number
     --> lua-5.4/runtime.yaml:3:10
      |
    3 | version: 5.10
      |          ^^^^ read as 5.1
      |
      = help: put it in quotes: "5.10"
    "#);
}

#[test]
fn a_version_that_is_none_is_told_the_form() {
    insta::assert_snapshot!(said(&[(r#"version: "5.4""#, "version: latest")]), @r#"
    error: `latest` is not a version line
     --> lua-5.4/runtime.yaml:3:10
      |
    3 | version: latest
      |          ^^^^^^
      |
      = help: write one to four numbers with dots between, in quotes: "3", "3.13", "3.13.5"
    "#);
}

#[test]
fn a_truth_value_where_text_belongs_needs_quotes() {
    insta::assert_snapshot!(said(&[("{LANG: C.UTF-8}", "{LANG: true}")]), @r#"
    error: `samples[0].env.LANG` must be text, and `true` without quotes is a truth value
      --> lua-5.4/runtime.yaml:49:17
       |
    49 |     env: {LANG: true}
       |                 ^^^^
       |
       = help: put it in quotes: "true"
    "#);
}

#[test]
fn a_placeholder_without_quotes_is_a_mapping() {
    insta::assert_snapshot!(said(&[(r#"command: [lua5.4, "{out}/main.luac"]"#, "command: [lua5.4, {main}]")]), @r#"
    error: `run.command[1]` must be text, and `{main}` without quotes is a mapping
      --> lua-5.4/runtime.yaml:23:21
       |
    23 |   command: [lua5.4, {main}]
       |                     ^^^^^^
       |
       = help: put it in quotes: "{main}"
    "#);
}

#[test]
fn a_command_line_is_rewritten_as_a_list() {
    insta::assert_snapshot!(said(&[(r#"command: [lua5.4, "{out}/main.luac"]"#, "command: lua5.4 -W {main}")]), @r#"
    error: `run.command` must be a list, and this is text
      --> lua-5.4/runtime.yaml:23:12
       |
    23 |   command: lua5.4 -W {main}
       |            ^^^^^^^^^^^^^^^^
       |
       = help: write it as a list: [lua5.4, -W, "{main}"]
    "#);
}

#[test]
fn a_mistyped_placeholder_is_told_the_one_that_was_meant() {
    insta::assert_snapshot!(said(&[(r#"-o, "{out}/main.luac", "{main}""#, r#"-o, "{out}/main.luac", "{mian}""#)]), @r#"
    error: `{mian}` is not a placeholder
      --> lua-5.4/runtime.yaml:19:46
       |
    19 |   command: [luac5.4, -o, "{out}/main.luac", "{mian}"]
       |                                              ^^^^^^ did you mean `{main}`?
       |
       = help: the placeholders are `{main}`, `{files}`, `{module}`, `{stem}`, `{out}`, `{args}`; for a brace itself, put a space after it
    "#);
}

#[test]
fn a_placeholder_for_many_must_stand_alone() {
    insta::assert_snapshot!(said(&[(r#"-o, "{out}/main.luac", "{main}""#, r#""-o{files}", "{out}/x""#)]), @r#"
    error: `{files}` must be an argument by itself
      --> lua-5.4/runtime.yaml:19:25
       |
    19 |   command: [luac5.4, "-o{files}", "{out}/x"]
       |                         ^^^^^^^
       |
       = help: it becomes any number of arguments: write `"{files}"` as its own item
    "#);
}

#[test]
fn only_run_gets_arguments() {
    insta::assert_snapshot!(said(&[(r#"command: [stylua, "{main}"]"#, r#"command: [stylua, "{args}"]"#)]), @r#"
    error: only `run` gets the caller's arguments
      --> lua-5.4/runtime.yaml:28:22
       |
    28 |   command: [stylua, "{args}"]
       |                      ^^^^^^
       |
       = help: remove `{args}`
    "#);
}

#[test]
fn detect_has_no_placeholders() {
    insta::assert_snapshot!(said(&[("command: [lua5.4, -v]", r#"command: [lua5.4, -v, "{main}"]"#)]), @r#"
    error: `{main}` means nothing in `detect`
      --> lua-5.4/runtime.yaml:15:26
       |
    15 |   command: [lua5.4, -v, "{main}"]
       |                          ^^^^^^
       |
       = help: it runs before there is any program: write it without placeholders
    "#);
}

#[test]
fn an_empty_command_is_told() {
    insta::assert_snapshot!(said(&[(r#"command: [stylua, "{main}"]"#, "command: []")]), @r#"
    error: `format.command` is empty
      --> lua-5.4/runtime.yaml:28:12
       |
    28 |   command: []
       |            ^^
       |
       = help: The program and its arguments, never a shell line. `{main}`, `{files}`, `{module}`, `{stem}`, `{out}` and `{args}` are replaced.
               for example `command: [luac5.4, -o, "{out}/main.luac", "{main}"]`
    "#);
}

#[test]
fn a_command_without_a_program_is_told() {
    insta::assert_snapshot!(said(&[(r#"command: [stylua, "{main}"]"#, r#"command: ["", x]"#)]), @r#"
    error: `format.command` has no program
      --> lua-5.4/runtime.yaml:28:13
       |
    28 |   command: ["", x]
       |             ^^
    "#);
}

#[test]
fn a_bad_pattern_is_marked_where_it_is_bad() {
    insta::assert_snapshot!(said(&[("'not enough memory'", "'not (enough memory'")]), @"
    error: not a regular expression: unclosed group
      --> lua-5.4/runtime.yaml:39:21
       |
    39 | out_of_memory: 'not (enough memory'
       |                     ^
    ");
}

#[test]
fn a_pattern_for_the_version_needs_a_group() {
    insta::assert_snapshot!(said(&[(r"'(\d+\.\d+\.\d+)'", r"'\d+\.\d+'")]), @r"
    error: `detect.pattern` has no group 1
      --> lua-5.4/runtime.yaml:16:12
       |
    16 |   pattern: '\d+\.\d+'
       |            ^^^^^^^^^^
       |
       = help: put parentheses around the version: '(\d+\.\d+\.\d+)'
    ");
}

#[test]
fn a_duration_needs_its_unit() {
    insta::assert_snapshot!(said(&[("  wall: 10s\n", "  wall: 10\n")]), @"
    error: `10` is not a duration
      --> lua-5.4/runtime.yaml:31:9
       |
    31 |   wall: 10
       |         ^^
       |
       = help: write a number and `ms`, `s` or `m`: `500ms`, `10s`, `2m`
    ");
}

#[test]
fn a_size_has_binary_units() {
    insta::assert_snapshot!(said(&[("memory: 256MiB", "memory: 256MB")]), @"
    error: `256MB` is not a size
      --> lua-5.4/runtime.yaml:33:11
       |
    33 |   memory: 256MB
       |           ^^^^^
       |
       = help: write a number and `B`, `KiB`, `MiB` or `GiB`: `64KiB`, `256MiB`, `1GiB`
    ");
}

#[test]
fn no_time_at_all_is_refused() {
    insta::assert_snapshot!(said(&[("  wall: 10s\n", "  wall: 0s\n")]), @"
    error: `limits.wall` cannot be `0s`
      --> lua-5.4/runtime.yaml:31:9
       |
    31 |   wall: 0s
       |         ^^ at least 1ms
       |
       = help: write a value from 1ms to 30m
    ");
}

#[test]
fn too_little_memory_is_refused() {
    insta::assert_snapshot!(said(&[("memory: 256MiB", "memory: 4MiB")]), @"
    error: `limits.memory` cannot be `4MiB`
      --> lua-5.4/runtime.yaml:33:11
       |
    33 |   memory: 4MiB
       |           ^^^^ at least 16MiB
       |
       = help: write a value from 16MiB to 256GiB
    ");
}

#[test]
fn more_than_any_machine_has_is_refused() {
    insta::assert_snapshot!(said(&[("memory: 256MiB", "memory: 99999999999999999999GiB")]), @"
    error: `limits.memory` cannot be `99999999999999999999GiB`
      --> lua-5.4/runtime.yaml:33:11
       |
    33 |   memory: 99999999999999999999GiB
       |           ^^^^^^^^^^^^^^^^^^^^^^^ at most 256GiB
       |
       = help: write a value from 16MiB to 256GiB
    ");
}

#[test]
fn a_number_out_of_its_range_is_told_the_range() {
    insta::assert_snapshot!(said(&[("processes: 64", "processes: 0")]), @"
    error: `limits.processes` cannot be `0`
      --> lua-5.4/runtime.yaml:34:14
       |
    34 |   processes: 0
       |              ^
       |
       = help: write a number from 1 to 4096
    ");
}

#[test]
fn one_file_cannot_exceed_all_files() {
    insta::assert_snapshot!(said(&[("file_size: 32MiB", "file_size: 128MiB")]), @"
    error: one file of 128MiB cannot be, where all `files` have 64MiB together
      --> lua-5.4/runtime.yaml:37:14
       |
    37 |   file_size: 128MiB
       |              ^^^^^^
       |
       = help: raise `files`, or lower `file_size`
    ");
}

#[test]
fn a_pool_cannot_be_smaller_than_its_least() {
    insta::assert_snapshot!(said(&[("{min: 1, max: 4}", "{min: 5, max: 4}")]), @"
    error: `pool.min` is 5, more than `pool.max`, which is 4
      --> lua-5.4/runtime.yaml:40:13
       |
    40 | pool: {min: 5, max: 4}
       |             ^
    ");
}

#[test]
fn a_network_is_not_available() {
    insta::assert_snapshot!(said(&[("network: none", "network: host")]), @"
    error: `host` is not available
      --> lua-5.4/runtime.yaml:41:10
       |
    41 | network: host
       |          ^^^^
       |
       = help: a network needs the operator's consent, which cannot be given yet: write `none`, or leave the key out
    ");
}

#[test]
fn an_unknown_mode_is_told_the_nearest() {
    insta::assert_snapshot!(said(&[("mode: lua", "mode: luaa")]), @"
    error: `editor.mode` cannot be `luaa`
     --> lua-5.4/runtime.yaml:8:9
      |
    8 |   mode: luaa
      |         ^^^^ did you mean `lua`?
      |
      = help: `polyground schema` lists the 107 that it can be
    ");
}

#[test]
fn an_unknown_outcome_lists_the_known_ones() {
    insta::assert_snapshot!(said(&[("outcome: succeeded", "outcome: success")]), @"
    error: `samples[0].outcome` cannot be `success`
      --> lua-5.4/runtime.yaml:53:14
       |
    53 |     outcome: success
       |              ^^^^^^^ did you mean `succeeded`?
       |
       = help: it can be `succeeded`, `failed`, `compile_failed`, `timed_out`, `out_of_memory` and `output_limit`
    ");
}

#[test]
fn an_image_is_built_or_named() {
    insta::assert_snapshot!(said(&[("image: {build: .}", "image: {}")]), @"
    error: `image` needs `build` or `ref`
      --> lua-5.4/runtime.yaml:12:1
       |
    12 | image: {}
       | ^^^^^
       |
       = help: write `build: .` for the Dockerfile in this folder, or `ref: …` for any OCI image
    ");
}

#[test]
fn an_image_is_not_both_built_and_named() {
    insta::assert_snapshot!(said(&[("image: {build: .}", r#"image: {build: ., ref: "docker.io/library/x:1"}"#)]), @r#"
    error: an image has `build` or `ref`, not both
      --> lua-5.4/runtime.yaml:12:19
       |
    12 | image: {build: ., ref: "docker.io/library/x:1"}
       |                   ^^^
       |
       = help: remove one of them
    "#);
}

#[test]
fn a_build_folder_stays_in_the_runtimes_folder() {
    insta::assert_snapshot!(said(&[("image: {build: .}", "image: {build: ../common}")]), @"
    error: `../common` leads out of the runtime's folder
      --> lua-5.4/runtime.yaml:12:16
       |
    12 | image: {build: ../common}
       |                ^^^^^^^^^
       |
       = help: an image is built from the runtime's own folder or one in it; shared parts belong into a base image
    ");
}

#[test]
fn a_build_folder_must_be_there() {
    insta::assert_snapshot!(said(&[("image: {build: .}", "image: {build: docker}")]), @"
    error: there is no folder `docker`
      --> lua-5.4/runtime.yaml:12:16
       |
    12 | image: {build: docker}
       |                ^^^^^^
       |
       = help: `.` is the definition's own folder
    ");
}

#[test]
fn a_language_in_capitals_is_rewritten() {
    insta::assert_snapshot!(said(&[("language: lua", "language: Lua")]), @"
    error: `Lua` is not a name for a language
     --> lua-5.4/runtime.yaml:2:11
      |
    2 | language: Lua
      |           ^^^ write `lua`
      |
      = help: use lower-case letters, digits and `+ # . -`, at most 32
    ");
}

#[test]
fn an_alias_is_none_of_the_languages_names() {
    insta::assert_snapshot!(said(&[("aliases: [lua5]", "aliases: [lua5, lua, lua5, 'lua 5']")]), @"
    error: the alias `lua` is the language's own name
     --> lua-5.4/runtime.yaml:4:17
      |
    4 | aliases: [lua5, lua, lua5, 'lua 5']
      |                 ^^^

    error: the alias `lua5` is written twice
     --> lua-5.4/runtime.yaml:4:22
      |
    4 | aliases: [lua5, lua, lua5, 'lua 5']
      |                      ^^^^

    error: `lua 5` is not a name for a language
     --> lua-5.4/runtime.yaml:4:28
      |
    4 | aliases: [lua5, lua, lua5, 'lua 5']
      |                            ^^^^^^^
      |
      = help: use lower-case letters, digits and `+ # . -`, at most 32
    ");
}

#[test]
fn an_overlay_is_a_plain_absolute_path() {
    insta::assert_snapshot!(said(&[("overlay: [/var/cache/lua]", "overlay: [var/cache, /var/../etc, /, /tmp/x]")]), @"
    error: `var/cache` is not an absolute path
      --> lua-5.4/runtime.yaml:38:11
       |
    38 | overlay: [var/cache, /var/../etc, /, /tmp/x]
       |           ^^^^^^^^^
       |
       = help: begin with `/`

    error: `/var/../etc` is not a plain path
      --> lua-5.4/runtime.yaml:38:22
       |
    38 | overlay: [var/cache, /var/../etc, /, /tmp/x]
       |                      ^^^^^^^^^^^
       |
       = help: write it without `.` and `..`

    error: the whole file system cannot be an overlay
      --> lua-5.4/runtime.yaml:38:35
       |
    38 | overlay: [var/cache, /var/../etc, /, /tmp/x]
       |                                   ^
       |
       = help: name the folders that the programs write to

    error: `/tmp` is made by the sandbox itself
      --> lua-5.4/runtime.yaml:38:38
       |
    38 | overlay: [var/cache, /var/../etc, /, /tmp/x]
       |                                      ^^^^^^
       |
       = help: it is writable without an overlay, or never: remove it
    ");
}

#[test]
fn a_main_file_has_one_of_the_endings() {
    insta::assert_snapshot!(said(&[("      main.lua: |", "      main.lau: |"), ("  file: main.lua", "  file: main")]), @"
    error: the main file `main` has none of the runtime's endings
     --> lua-5.4/runtime.yaml:9:9
      |
    9 |   file: main
      |         ^^^^
      |
      = help: `extensions` has `.lua`

    error: the main file `main.lau` has none of the runtime's endings
      --> lua-5.4/runtime.yaml:45:7
       |
    45 |       main.lau: |
       |       ^^^^^^^^
       |
       = help: `extensions` has `.lua`
    ");
}

#[test]
fn a_file_name_stays_in_the_programs_folder() {
    insta::assert_snapshot!(said(&[("      main.lua: |", "      ../main.lua: |")]), @"
    error: `../main.lua` is not a file name
      --> lua-5.4/runtime.yaml:45:7
       |
    45 |       ../main.lua: |
       |       ^^^^^^^^^^^
       |
       = help: write a path relative to the program's folder, without `.` and `..`
    ");
}

#[test]
fn an_exit_code_and_an_outcome_can_exclude_each_other() {
    insta::assert_snapshot!(said(&[("exit_code: 0", "exit_code: 7")]), @"
    error: a run that exits with 7 has not succeeded
      --> lua-5.4/runtime.yaml:52:16
       |
    52 |     exit_code: 7
       |                ^
    ");
}

#[test]
fn an_ending_has_no_dot() {
    insta::assert_snapshot!(said(&[("extensions: [lua]", "extensions: [.lua]")]), @"
    error: `.lua` is not a file ending
     --> lua-5.4/runtime.yaml:6:14
      |
    6 | extensions: [.lua]
      |              ^^^^
      |
      = help: write it without its dot: letters, digits and `_ + # -`, at most 16
    ");
}

#[test]
fn a_key_without_a_value_is_told_what_belongs_there() {
    insta::assert_snapshot!(said(&[("pool: {min: 1, max: 4}", "pool:")]), @"
    error: `pool` has no value
      --> lua-5.4/runtime.yaml:40:1
       |
    40 | pool:
       | ^^^^
       |
       = help: Cells kept ready, and at most.
               for example `pool: {min: 1, max: 4}`
    ");
}

#[test]
fn a_list_where_a_mapping_belongs_is_told() {
    insta::assert_snapshot!(said(&[("pool: {min: 1, max: 4}", "pool: [1, 4]")]), @"
    error: `pool` must be a mapping, and this is a list
      --> lua-5.4/runtime.yaml:40:7
       |
    40 | pool: [1, 4]
       |       ^^^^^^
       |
       = help: Cells kept ready, and at most.
               for example `pool: {min: 1, max: 4}`
    ");
}

#[test]
fn a_variables_name_has_letters_digits_and_underscores() {
    insta::assert_snapshot!(said(&[(r#"{LUA_INIT: ""}"#, r#"{LUA-INIT: ""}"#)]), @r#"
    error: `LUA-INIT` is not a name of an environment variable
      --> lua-5.4/runtime.yaml:17:7
       |
    17 | env: {LUA-INIT: ""}
       |       ^^^^^^^^
       |
       = help: use letters, digits and `_`, not a digit first
    "#);
}

#[test]
fn no_samples_are_no_self_test() {
    insta::assert_snapshot!(said(&[("samples:\n", "samples: []\nx-samples:\n")]), @"
    error: `samples` is empty
      --> lua-5.4/runtime.yaml:42:10
       |
    42 | samples: []
       |          ^^
       |
       = help: The self-test: a runtime is listed only after these pass in its own sandbox.

    error: `x-samples` is not a key of a definition
      --> lua-5.4/runtime.yaml:43:1
       |
    43 | x-samples:
       | ^^^^^^^^^
       |
       = help: its keys are `extends`, `language`, `version`, `aliases`, `name`, `extensions`, `editor`, `image`, `packages`, `host`, `detect`, `env`, `compile`, `run`, `format`, `limits`, `overlay`, `artifacts`, `out_of_memory`, `diagnostics`, `pool`, `network` and `samples`
    ");
}

#[test]
fn a_host_command_is_found_on_the_path() {
    insta::assert_snapshot!(said(&[("requires: [lua5.4, luac5.4]", "requires: [/usr/bin/lua5.4]")]), @"
    error: `/usr/bin/lua5.4` is not a command's name
      --> lua-5.4/runtime.yaml:13:19
       |
    13 | host: {requires: [/usr/bin/lua5.4]}
       |                   ^^^^^^^^^^^^^^^
       |
       = help: write it as it is found on the `PATH`, without a folder
    ");
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_file() {
    let text = said(&[
        ("name: Lua", "nmae: Lua"),
        ("wall: 20s", "wall: 20"),
        ("processes: 64", "processes: many"),
        ("{main}", "{mian}"),
    ]);
    insta::assert_snapshot!(text, @r#"
    error: `nmae` is not a key of a definition
     --> lua-5.4/runtime.yaml:5:1
      |
    5 | nmae: Lua
      | ^^^^ did you mean `name`?

    error: `{mian}` is not a placeholder
      --> lua-5.4/runtime.yaml:19:46
       |
    19 |   command: [luac5.4, -o, "{out}/main.luac", "{mian}"]
       |                                              ^^^^^^ did you mean `{main}`?
       |
       = help: the placeholders are `{main}`, `{files}`, `{module}`, `{stem}`, `{out}`, `{args}`; for a brace itself, put a space after it

    error: `20` is not a duration
      --> lua-5.4/runtime.yaml:21:18
       |
    21 |   limits: {wall: 20, memory: 512MiB}
       |                  ^^
       |
       = help: write a number and `ms`, `s` or `m`: `500ms`, `10s`, `2m`

    error: `limits.processes` must be a whole number, and this is text
      --> lua-5.4/runtime.yaml:34:14
       |
    34 |   processes: many
       |              ^^^^
       |
       = help: Processes and threads.
               for example `processes: 64`
    "#);
}

#[test]
fn a_pattern_that_browsers_do_not_know_is_told() {
    insta::assert_snapshot!(said(&[("(?<line>", "(?P<line>")]), @r"
    error: browsers do not know `(?P` in a regular expression
      --> lua-5.4/runtime.yaml:55:32
       |
    55 | diagnostics: ['^(?<file>[^:]+):(?P<line>\d+): (?<message>.*)']
       |                                ^^^
       |
       = help: write groups as `(?<line>…)`, and `^` and `$` for the line's begin and end
    ");
}

#[test]
fn a_pattern_that_finds_no_place_is_told() {
    insta::assert_snapshot!(said(&[("(?<line>", "(?<number>"), ("(?<message>", "(?<text>")]), @r"
    error: it finds neither a `line` nor a `message`
      --> lua-5.4/runtime.yaml:55:15
       |
    55 | diagnostics: ['^(?<file>[^:]+):(?<number>\d+): (?<text>.*)']
       |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: name the groups: '^(?<file>\S+):(?<line>\d+): (?<message>.*)'
    ");
}
