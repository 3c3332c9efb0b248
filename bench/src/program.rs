//! What is run: hello world and one real program in each language, as the service and as a shell would run them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use bytes::Bytes;
use polyground::runtime::{Runtime, StageTemplate, expand, load_all};

/// Each language's column in tables, its name for the service, its main file, and hello world.
pub(crate) const LANGUAGES: [(&str, &str, &str, &str); 7] = [
    ("bash", "shell", "main.sh", "echo hello\n"),
    ("python", "python", "main.py", "print('hello')\n"),
    ("node", "javascript", "main.js", "console.log('hello');\n"),
    (
        "java",
        "java",
        "Main.java",
        "public class Main {\n    public static void main(String[] args) {\n        System.out.println(\"hello\");\n    }\n}\n",
    ),
    (
        "c#",
        "csharp",
        "Program.cs",
        "class Program {\n    static void Main() {\n        System.Console.WriteLine(\"hello\");\n    }\n}\n",
    ),
    ("go", "go", "main.go", "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Println(\"hello\")\n}\n"),
    ("c++", "c++", "main.cpp", "#include <iostream>\n\nint main() {\n    std::cout << \"hello\\n\";\n}\n"),
];

/// The title of hello world.
pub(crate) const HELLO: &str = "hello";

/// The folder of the real program that every language has.
pub(crate) const REAL: &str = "word-count";

/// Files of a program's folder that are not part of the program.
const NOT_SENT: [&str; 3] = ["stdin.txt", "args.txt", "exit_code.txt"];

/// A program in one language.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// `bash`
    pub(crate) column: &'static str,
    /// `hello` or the real program's name.
    pub(crate) title: &'static str,
    pub(crate) language: &'static str,
    /// Name and content, the main file first.
    pub(crate) files: Vec<(String, String)>,
    pub(crate) stdin: String,
    /// What it must write. Of the real one it is what the native start in the same image writes.
    pub(crate) expected: String,
}

/// One stage as the service's definition has it.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    pub(crate) env: Vec<(String, String)>,
    pub(crate) command: Vec<String>,
}

impl Program {
    pub(crate) fn hello(language: usize) -> Self {
        let (column, language, main, source) = LANGUAGES[language];
        let files = vec![(main.to_owned(), source.to_owned())];
        Self { column, title: HELLO, language, files, stdin: String::new(), expected: "hello\n".into() }
    }

    /// The real program. What it is expected to write is not known yet.
    pub(crate) fn real(repository: &Path, language: usize) -> anyhow::Result<Self> {
        let (column, language, main, _) = LANGUAGES[language];
        let folder = repository.join("tests/programs").join(language).join(REAL);
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                bail!("{} has folders, which are not sent here", folder.display());
            }
            found.insert(name, fs::read_to_string(&path)?);
        }
        let stdin = found.get("stdin.txt").cloned().unwrap_or_default();
        found.retain(|name, _| !NOT_SENT.contains(&name.as_str()));
        let Some(first) = found.remove_entry(main) else { bail!("{} has no {main}", folder.display()) };
        let files = [first].into_iter().chain(found).collect();
        Ok(Self { column, title: REAL, language, files, stdin, expected: String::new() })
    }

    /// The body of `POST /api/v1/runs`. `version` is exact: the runtime must be the one that is compared with.
    pub(crate) fn request(&self, version: &str) -> Bytes {
        let files: Vec<_> = self
            .files
            .iter()
            .map(|(name, content)| serde_json::json!({"name": name, "content": content}))
            .collect();
        let request = serde_json::json!({
            "language": self.language, "version": version, "files": files, "stdin": self.stdin,
        });
        Bytes::from(request.to_string())
    }

    /// The same where the toolchain is as a distribution has it, without what the image adds to make it faster. Nothing where the
    /// image adds nothing that such arguments can take away.
    pub(crate) fn plain_stages(&self, runtime: &Runtime) -> Option<Vec<Stage>> {
        let mut stages = self.stages(runtime);
        let command = &mut stages.first_mut()?.command;
        match self.column {
            // A precompiled header is only taken for the first header of all; GNU ld is what Debian's GCC uses.
            "c++" => {
                let arguments = ["-include", "/dev/null", "-fuse-ld=bfd"];
                command.splice(1..1, arguments.map(str::to_owned));
            }
            // Without build-main, which the script uses where it finds it: `go build`, with the image's cache.
            "go" => command.splice(..0, ["env", "PATH=/usr/bin:/bin"].map(str::to_owned)).for_each(drop),
            _ => return None,
        }
        Some(stages)
    }

    /// The commands that the service runs, one after the other.
    pub(crate) fn stages(&self, runtime: &Runtime) -> Vec<Stage> {
        let files: Vec<&str> = self.files.iter().map(|(name, _)| name.as_str()).collect();
        let stage = |template: &StageTemplate| Stage {
            env: template.env.clone(),
            command: expand(template, &runtime.extensions, &files, None),
        };
        runtime.compile.iter().chain([&runtime.run]).map(stage).collect()
    }
}

/// The definitions in this folder that can be used, by id.
pub(crate) fn definitions(folder: PathBuf) -> anyhow::Result<BTreeMap<String, Runtime>> {
    let all = load_all(&[folder]).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(all.into_iter().filter_map(Result::ok).map(|runtime| (runtime.id.clone(), runtime)).collect())
}
