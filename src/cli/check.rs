//! `polyground check [FOLDER]`: says what is wrong with definitions, and what would be right.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{Common, out::print};
use crate::config::{self, ServeArgs};
use crate::runtime::load::is_runtime_folder;
use crate::runtime::{BrokenDefinition, Problem, Runtime, load_all, load_folder_among};

/// Check definitions: each mistake with its place, and what would be right.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// A runtime's folder, or a folder of runtimes [default: those that the server would use]
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

/// Does what `polyground check` is told. Fails when a definition is broken.
pub(super) fn command(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let roots = match args.folder {
        Some(_) => Vec::new(),
        None => {
            config::load(args.common.config.as_deref(), args.common.engine.clone(), ServeArgs::default())?
                .0
                .runtimes
        }
    };
    let mut text = Vec::new();
    let all_hold = run(&roots, args.folder.as_deref(), &mut text)?;
    print(&String::from_utf8_lossy(&text))?;
    Ok(if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Checks the runtime in `folder` (or all in it, when it holds several), or all runtimes of `roots`, and prints a line for
/// each, its problems, and a summary. Returns whether all of them hold.
///
/// Coloured when the process's stdout is a terminal and `NO_COLOR` is not set.
///
/// # Errors
/// `out` cannot be written to.
fn run(roots: &[PathBuf], folder: Option<&Path>, out: &mut impl Write) -> io::Result<bool> {
    let plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    let colours = io::stdout().is_terminal() && !plain;
    Report { out, colours }.all(roots, folder)
}

struct Report<'a, W> {
    out: &'a mut W,
    colours: bool,
}

impl<W: Write> Report<'_, W> {
    fn all(&mut self, roots: &[PathBuf], folder: Option<&Path>) -> io::Result<bool> {
        let checked = match folder {
            Some(folder) if is_runtime_folder(folder) || !holds_runtimes(folder) => {
                Ok(vec![load_folder_among(folder, roots)])
            }
            Some(folder) => load_all(&[folder.to_owned()]),
            None => load_all(roots),
        };
        let checked = match checked {
            Ok(checked) => checked,
            Err(error) => {
                writeln!(self.out, "{}: {error}", self.painted(RED, "error"))?;
                return Ok(false);
            }
        };
        for each in &checked {
            match each {
                Ok(runtime) => self.fine(runtime)?,
                Err(broken) => self.broken(broken)?,
            }
        }
        self.summary(&checked)
    }

    fn fine(&mut self, runtime: &Runtime) -> io::Result<()> {
        let Runtime { id, name, line, samples, .. } = runtime;
        let ok = self.painted(GREEN, "ok    ");
        writeln!(self.out, "{ok}  {id:<16}  {name} {line}, {}", count(samples.len(), "sample"))
    }

    fn broken(&mut self, broken: &BrokenDefinition) -> io::Result<()> {
        let word = self.painted(RED, "broken");
        writeln!(self.out, "{word}  {:<16}  {}", broken.id, count(broken.problems.len(), "problem"))?;
        for problem in &broken.problems {
            writeln!(self.out, "\n{}", self.shown(problem))?;
        }
        writeln!(self.out)
    }

    fn summary(&mut self, checked: &[Result<Runtime, BrokenDefinition>]) -> io::Result<bool> {
        let broken: Vec<&BrokenDefinition> = checked.iter().filter_map(|each| each.as_ref().err()).collect();
        let problems: usize = broken.iter().map(|broken| broken.problems.len()).sum();
        let runtimes = count(checked.len(), "runtime");
        match (checked.len(), broken.len()) {
            (0, _) => writeln!(self.out, "no runtimes found: a runtime is a folder with a runtime.yaml")?,
            (_, 0) => writeln!(self.out, "{runtimes} checked, no problems")?,
            (_, broken) => {
                writeln!(
                    self.out,
                    "{runtimes} checked, {broken} broken with {}",
                    count(problems, "problem")
                )?;
            }
        }
        Ok(broken.is_empty() && !checked.is_empty())
    }

    fn shown(&self, problem: &Problem) -> String {
        if self.colours { problem.coloured().to_string() } else { problem.to_string() }
    }

    fn painted(&self, colour: &str, word: &str) -> String {
        if self.colours { format!("{colour}{word}\x1b[0m") } else { word.to_owned() }
    }
}

const RED: &str = "\x1b[1;31m";
const GREEN: &str = "\x1b[1;32m";

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn holds_runtimes(folder: &Path) -> bool {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    entries.into_iter().any(|entry| is_runtime_folder(&entry.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../runtime/example.yaml");

    fn root(definitions: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (id, definition) in definitions {
            let folder = root.path().join(id);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("runtime.yaml"), definition).unwrap();
            std::fs::write(folder.join("Dockerfile"), "FROM scratch").unwrap();
        }
        root
    }

    fn checked(root: &tempfile::TempDir, roots: &[PathBuf], folder: Option<&Path>) -> (bool, String) {
        let mut out = Vec::new();
        let all_hold = Report { out: &mut out, colours: false }.all(roots, folder).unwrap();
        let text = String::from_utf8(out).unwrap();
        (all_hold, text.replace(&root.path().display().to_string(), "runtimes"))
    }

    #[test]
    fn every_runtime_of_a_root_has_a_line_and_its_problems() {
        let broken =
            EXAMPLE.replace("aliases: [lua5]", "aliases: []").replace("language: lua", "language: Luna");
        let root = root(&[("lua-5.4", EXAMPLE), ("luna-1", &broken)]);
        let (all_hold, text) = checked(&root, &[root.path().to_owned()], None);
        assert!(!all_hold);
        insta::assert_snapshot!(text, @"
        ok      lua-5.4           Lua 5.4, 1 sample
        broken  luna-1            1 problem

        error: `Luna` is not a name for a language
         --> runtimes/luna-1/runtime.yaml:2:11
          |
        2 | language: Luna
          |           ^^^^ write `luna`
          |
          = help: use lower-case letters, digits and `+ # . -`, at most 32

        2 runtimes checked, 1 broken with 1 problem
        ");
    }

    #[test]
    fn a_folder_may_be_a_runtime_or_hold_several() {
        let root = root(&[("lua-5.4", EXAMPLE)]);
        let expected = (
            true,
            "ok      lua-5.4           Lua 5.4, 1 sample\n1 runtime checked, no problems\n".to_owned(),
        );
        assert_eq!(checked(&root, &[], Some(root.path())), expected);
        assert_eq!(checked(&root, &[], Some(&root.path().join("lua-5.4"))), expected);
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_problem() {
        let root = root(&[]);
        insta::assert_snapshot!(checked(&root, &[], Some(&root.path().join("none"))).1, @"
        broken  none              1 problem

        error: there is no such folder
         --> runtimes/none

        1 runtime checked, 1 broken with 1 problem
        ");
        insta::assert_snapshot!(checked(&root, &[root.path().join("none")], None).1, @"error: the folder of runtimes runtimes/none cannot be read: No such file or directory (os error 2)");
    }

    #[test]
    fn no_runtimes_at_all_is_a_failure() {
        let root = root(&[]);
        let expected = "no runtimes found: a runtime is a folder with a runtime.yaml\n";
        assert_eq!(checked(&root, &[root.path().to_owned()], None), (false, expected.to_owned()));
    }
}
