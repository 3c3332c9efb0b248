//! One program for each language that reads its stdin, uses its arguments and a second file, and exits with 3.
//!
//! Each prints, byte for byte, what [`EXPECTED`] says for the stdin, arguments and file of [`STDIN`] and [`ARGS`].

use serde_json::{Value, json};

/// Given on stdin.
pub(crate) const STDIN: &str = "first line\nzwölf\n";

/// Given as arguments.
pub(crate) const ARGS: [&str; 2] = ["one", "two words"];

/// What each program writes to its stdout.
pub(crate) const EXPECTED: &str = "helper says 42\nfirst line|zwölf\none|two words\n";

/// A language's program.
pub(crate) struct Case {
    pub(crate) language: &'static str,
    /// Name and content; the first is the main file.
    pub(crate) files: [(&'static str, &'static str); 2],
}

impl Case {
    pub(crate) fn request(&self) -> Value {
        let files = self.files.iter().map(|(name, content)| json!({"name": name, "content": content}));
        json!({
            "language": self.language, "files": files.collect::<Vec<_>>(), "stdin": STDIN, "args": ARGS,
        })
    }
}

pub(crate) const CASES: [Case; 7] = [
    Case {
        language: "python",
        files: [
            (
                "main.py",
                "import sys\nfrom lib.helper import value\n\nprint('helper says', value())\n\
                 print('|'.join(line.rstrip('\\n') for line in sys.stdin))\nprint('|'.join(sys.argv[1:]))\nsys.exit(3)\n",
            ),
            ("lib/helper.py", "def value():\n    return 42\n"),
        ],
    },
    Case {
        language: "javascript",
        files: [
            (
                "main.js",
                "const value = require('./lib/helper');\n\
                 const lines = require('fs').readFileSync(0, 'utf8').trimEnd().split('\\n');\n\
                 console.log('helper says', value());\nconsole.log(lines.join('|'));\n\
                 console.log(process.argv.slice(2).join('|'));\nprocess.exitCode = 3;\n",
            ),
            ("lib/helper.js", "module.exports = () => 42;\n"),
        ],
    },
    Case {
        language: "shell",
        files: [
            (
                "main.sh",
                ". lib/helper.sh\necho \"helper says $(value)\"\npaste -sd '|' -\nIFS='|'\necho \"$*\"\nexit 3\n",
            ),
            ("lib/helper.sh", "value() { echo 42; }\n"),
        ],
    },
    Case {
        language: "go",
        files: [
            (
                "main.go",
                "package main\n\nimport (\n\t\"fmt\"\n\t\"io\"\n\t\"os\"\n\t\"strings\"\n)\n\nfunc main() {\n\
                 \tfmt.Println(\"helper says\", value())\n\tall, _ := io.ReadAll(os.Stdin)\n\
                 \tfmt.Println(strings.ReplaceAll(strings.TrimSpace(string(all)), \"\\n\", \"|\"))\n\
                 \tfmt.Println(strings.Join(os.Args[1:], \"|\"))\n\tos.Exit(3)\n}\n",
            ),
            ("helper.go", "package main\n\nfunc value() int { return 42 }\n"),
        ],
    },
    Case {
        language: "c++",
        files: [
            (
                "main.cpp",
                "#include <iostream>\n#include <string>\n#include \"lib/helper.hpp\"\n\n\
                 int main(int argc, char **argv) {\n  std::cout << \"helper says \" << value() << '\\n';\n\
                   std::string line, sep;\n  while (std::getline(std::cin, line)) {\n    std::cout << sep << line;\n\
                     sep = \"|\";\n  }\n  std::cout << '\\n';\n  for (int i = 1; i < argc; ++i)\n\
                     std::cout << (i > 1 ? \"|\" : \"\") << argv[i];\n  std::cout << '\\n';\n  return 3;\n}\n",
            ),
            ("lib/helper.hpp", "inline int value() { return 42; }\n"),
        ],
    },
    Case {
        language: "java",
        files: [
            (
                "Main.java",
                "import java.nio.charset.StandardCharsets;\nimport lib.Helper;\n\npublic class Main {\n\
                 \x20   public static void main(String[] args) throws Exception {\n\
                 \x20       System.out.println(\"helper says \" + Helper.value());\n\
                 \x20       var all = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);\n\
                 \x20       System.out.println(all.strip().replace('\\n', '|'));\n\
                 \x20       System.out.println(String.join(\"|\", args));\n        System.exit(3);\n    }\n}\n",
            ),
            (
                "lib/Helper.java",
                "package lib;\n\npublic class Helper {\n    public static int value() {\n        return 42;\n    }\n}\n",
            ),
        ],
    },
    Case {
        language: "csharp",
        files: [
            (
                "Program.cs",
                "using System;\n\nclass Program {\n    static int Main(string[] args) {\n\
                 \x20       Console.WriteLine(\"helper says \" + Lib.Helper.Value());\n\
                 \x20       Console.WriteLine(Console.In.ReadToEnd().Trim().Replace('\\n', '|'));\n\
                 \x20       Console.WriteLine(string.Join(\"|\", args));\n        return 3;\n    }\n}\n",
            ),
            (
                "Lib/Helper.cs",
                "namespace Lib {\n    public static class Helper {\n        public static int Value() { return 42; }\n    }\n}\n",
            ),
        ],
    },
];

/// A program for each language that writes `early`, waits a second, and writes `late`.
pub(crate) const SLOW: [(&str, &str, &str); 7] = [
    ("python", "main.py", "import time\nprint('early')\ntime.sleep(1)\nprint('late')\n"),
    ("javascript", "main.js", "console.log('early');\nsetTimeout(() => console.log('late'), 1000);\n"),
    ("shell", "main.sh", "echo early\nsleep 1\necho late\n"),
    (
        "go",
        "main.go",
        "package main\n\nimport (\n\t\"fmt\"\n\t\"time\"\n)\n\nfunc main() {\n\tfmt.Println(\"early\")\n\
         \ttime.Sleep(time.Second)\n\tfmt.Println(\"late\")\n}\n",
    ),
    (
        "c++",
        "main.cpp",
        "#include <iostream>\n#include <unistd.h>\nint main() {\n  std::cout << \"early\" << std::endl;\n  sleep(1);\n\
         \x20 std::cout << \"late\" << std::endl;\n}\n",
    ),
    (
        "java",
        "Main.java",
        "public class Main {\n    public static void main(String[] args) throws Exception {\n\
         \x20       System.out.println(\"early\");\n        Thread.sleep(1000);\n        System.out.println(\"late\");\n    }\n}\n",
    ),
    (
        "csharp",
        "Program.cs",
        "class Program {\n    static void Main() {\n        System.Console.WriteLine(\"early\");\n\
         \x20       System.Threading.Thread.Sleep(1000);\n        System.Console.WriteLine(\"late\");\n    }\n}\n",
    ),
];
