//! Honest programs, one for each language: each prints its number and the square.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

/// Language, file, source. All read their number from the arguments.
const PROGRAMS: [[&str; 3]; 7] = [
    ["shell", "main.sh", "echo run $1 $(($1 * $1))\n"],
    ["python", "main.py", "import sys\nn = int(sys.argv[1])\nprint('run', n, n * n)\n"],
    ["javascript", "main.js", "const n = Number(process.argv[2]);\nconsole.log('run', n, n * n);\n"],
    [
        "c++",
        "main.cpp",
        "#include <cstdio>\n#include <cstdlib>\nint main(int, char** args) { long n = std::atol(args[1]); std::printf(\"run %ld %ld\\n\", n, n * n); }\n",
    ],
    [
        "go",
        "main.go",
        "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"strconv\"\n)\n\nfunc main() {\n\tn, _ := strconv.Atoi(os.Args[1])\n\tfmt.Println(\"run\", n, n*n)\n}\n",
    ],
    [
        "java",
        "Main.java",
        "public class Main {\n    public static void main(String[] args) {\n        long n = Long.parseLong(args[0]);\n        System.out.println(\"run \" + n + \" \" + n * n);\n    }\n}\n",
    ],
    [
        "csharp",
        "Program.cs",
        "using System;\n\nclass Program {\n    static void Main(string[] args) {\n        long n = long.Parse(args[0]);\n        Console.WriteLine(\"run \" + n + \" \" + n * n);\n    }\n}\n",
    ],
];

/// What every program's arguments end with, and no other process's.
pub(super) fn marker() -> String {
    format!("faults-soak-{}", std::process::id())
}

/// Processes of honest, slow and vanished clients, by their arguments, and of hostile ones, by the marks in their environment;
/// in whatever namespace.
pub(super) fn alive(marks: &BTreeSet<String>) -> Vec<String> {
    let marker = marker();
    let is_ours = |path: &Path| {
        let read = |name: &str| {
            let bytes = fs::read(path.join(name)).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let mark =
            |variable: &str| variable.strip_prefix("HOSTILE_MARK=").is_some_and(|mark| marks.contains(mark));
        read("cmdline").contains(&marker) || read("environ").split('\0').any(mark)
    };
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
    let shown = |path: PathBuf| format!("{}: {:?}", path.display(), fs::read_to_string(path.join("cmdline")));
    processes.filter(|path| is_ours(path)).map(shown).collect()
}

/// The request for a number on a runtime, and what its program must print. `None`: no program is written in its language.
pub(super) fn request(runtime: &Value, number: usize) -> Option<(Value, String)> {
    let [language, file, source] = PROGRAMS.iter().find(|[language, ..]| runtime["language"] == *language)?;
    let request = json!({
        "language": language, "version": runtime["version"], "args": [number.to_string(), marker()],
        "files": [{"name": file, "content": source}],
    });
    Some((request, format!("run {number} {}\n", number * number)))
}

/// A program of the shell.
pub(super) fn shell(source: &str) -> Value {
    json!({"language": "shell", "args": [marker()], "files": [{"name": "main.sh", "content": source}]})
}

/// Whether a program of this language answers soon: no compiler, no virtual machine.
pub(super) fn is_quick(runtime: &Value) -> bool {
    ["shell", "python", "javascript"].iter().any(|language| runtime["language"] == *language)
}
