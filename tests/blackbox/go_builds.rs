//! Go programs that are built with the compiler and the linker alone, and ones that must not be: what comes of them is what
//! `go build` makes of them. A header beside them changes nothing for `go build`, and leaves every program to it.

use std::sync::Arc;

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::server::Server;

/// A program's name, its files, and whether it runs.
type Program = (&'static str, &'static [(&'static str, &'static str)], bool);

const PROGRAMS: &[Program] = &[
    (
        "build_info",
        &[(
            "main.go",
            "package main\nimport (\"fmt\"; \"runtime\"; \"runtime/debug\")\nfunc main() {\n\tinfo, _ := debug.ReadBuildInfo()\n\
             \tfmt.Println(info, runtime.GOROOT(), runtime.Version())\n}\n",
        )],
        true,
    ),
    (
        "many_packages",
        &[(
            "main.go",
            "package main\nimport (\"crypto/tls\"; \"encoding/json\"; \"fmt\"; \"html/template\"; \"image/png\"; \"net/http\"; \"unsafe\")\n\
             var _, _ = template.New, png.Encode\nfunc main() {\n\tprintln(unsafe.Sizeof(1))\n\
             \tfmt.Println(http.StatusText(404), json.Valid(nil), tls.VersionTLS13)\n}\n",
        )],
        true,
    ),
    (
        "files_are_initialised_in_order",
        &[
            ("main.go", "package main\nfunc init() { println(\"main\") }\nfunc main() {}\n"),
            ("b.go", "package main\nvar b = say(\"b\")\nfunc init() { println(\"init b\") }\n"),
            (
                "a.go",
                "package main\nvar a = say(\"a\")\nfunc say(what string) int { println(what); return b }\n",
            ),
            ("Z.go", "package main\nfunc init() { println(\"init Z\") }\n"),
        ],
        false, // an initialisation cycle, in the compiler's words
    ),
    (
        "order",
        &[
            ("main.go", "package main\nfunc init() { println(\"main\") }\nfunc main() {}\n"),
            ("b.go", "package main\nvar b = say(\"b\")\nfunc init() { println(\"init b\") }\n"),
            (
                "a.go",
                "package main\nvar a = say(\"a\")\nfunc say(what string) int { println(what); return 1 }\n",
            ),
            ("Z.go", "package main\nfunc init() { println(\"init Z\") }\n"),
        ],
        true,
    ),
    (
        "a_panic_tells_where",
        &[("main.go", "package main\nimport \"os\"\nfunc main() {\n\tpanic(os.Args[0])\n}\n")],
        true,
    ),
    ("an_error", &[("main.go", "package main\nfunc main() {\n\tx := 1\n}\n")], false),
    ("nothing", &[("main.go", "")], false),
    ("two_packages", &[("main.go", "package main\nfunc main() {}\n"), ("b.go", "package b\n")], false),
    ("a_body_is_missing", &[("main.go", "package main\nfunc f()\nfunc main() { f() }\n")], false),
    ("internal", &[("main.go", "package main\nimport _ \"internal/abi\"\nfunc main() {}\n")], false),
    (
        "vendored_by_the_library",
        &[("main.go", "package main\nimport _ \"golang.org/x/net/dns/dnsmessage\"\nfunc main() {}\n")],
        false,
    ),
    ("cgo", &[("main.go", "package main\nimport \"C\"\nfunc main() {}\n")], false),
    (
        "embedded",
        &[
            (
                "main.go",
                "package main\nimport _ \"embed\"\n//go:embed text.txt\nvar text string\nfunc main() { print(text) }\n",
            ),
            ("text.txt", "embedded\n"),
        ],
        true,
    ),
    (
        "a_file_for_another_system",
        &[
            ("main.go", "package main\nfunc main() { println(\"here\") }\n"),
            ("a_windows.go", "package main\nfunc init() { println(\"there\") }\n"),
            ("c.go", "//go:build ignore\n\npackage other\n"),
            ("_d.go", "no go at all"),
        ],
        true,
    ),
    (
        "assembly",
        &[
            ("main.go", "package main\nfunc f()\nfunc main() { f(); println(\"back\") }\n"),
            ("f.s", "TEXT ·f(SB),4,$0-0\n\tRET\n"),
        ],
        true,
    ),
    (
        "a_module_of_its_own",
        &[
            ("main.go", "package main\nimport \"example.com/m/x\"\nfunc main() { x.X() }\n"),
            ("x/x.go", "package x\nfunc X() { println(\"x\") }\n"),
            ("go.mod", "module example.com/m\n\ngo 1.21\n"),
        ],
        true,
    ),
];

pub(crate) fn trials(server: &Arc<Server>) -> Vec<Trial> {
    let trial = |(name, files, runs): &Program| {
        let (server, files, runs) = (server.clone(), *files, *runs);
        Trial::test(format!("docker::go_builds::{name}"), move || {
            same(&server, files, runs);
            Ok(())
        })
    };
    PROGRAMS.iter().map(trial).collect()
}

fn same(server: &Server, files: &[(&str, &str)], runs: bool) {
    let file = |(name, content): &(&str, &str)| json!({"name": name, "content": content});
    let mut files: Vec<_> = files.iter().map(file).collect();
    let run = |files: &Vec<Value>| {
        let run = server.run(&json!({"language": "go", "files": files}));
        let stages = run["stages"].as_array().unwrap().iter();
        let told = ["name", "exit_code", "signal", "stdout", "stderr"];
        let stages: Vec<_> = stages.map(|stage| told.map(|field| stage[field].clone())).collect();
        (run["outcome"].clone(), stages)
    };
    let alone = run(&files);
    files.push(json!({"name": "left_to_go_build.h", "content": ""}));
    assert_eq!(alone, run(&files));
    assert_eq!(alone.0 != "compile_failed", runs, "{alone:#?}");
}
