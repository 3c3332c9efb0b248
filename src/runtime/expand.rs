//! From a command with placeholders to the command of one run.

use super::StageTemplate;
use super::placeholder::{Piece, Placeholder, pieces};

/// Where stages leave what later stages of the same run need.
const BUILD_FOLDER: &str = "/build";

/// The command of `stage` for these files (as the caller sent them, the first is the main file).
///
/// `args` are the caller's arguments for the stage `run`: they stand where `{args}` does, else at the end. `None` is for
/// every other stage: nobody gets them there.
///
/// `{files}` is the main file, whatever its ending, and every other file whose ending is in `extensions`, in their order.
/// What is put in is not looked through for placeholders again.
pub fn expand(
    stage: &StageTemplate,
    extensions: &[String],
    files: &[&str],
    args: Option<&[String]>,
) -> Vec<String> {
    let args = args.unwrap_or_default();
    let main = files.first().copied().unwrap_or_default();
    let mut command = Vec::with_capacity(stage.command.len() + files.len() + args.len());
    let mut args_placed = false;
    for argument in &stage.command {
        let pieces = pieces(argument);
        match &pieces[..] {
            [Piece::Placeholder(Placeholder::Files)] => {
                let others = files.iter().skip(1).filter(|file| is_source(file, extensions));
                command.extend(files.iter().take(1).chain(others).map(|file| (*file).to_owned()));
            }
            [Piece::Placeholder(Placeholder::Args)] => {
                args_placed = true;
                command.extend_from_slice(args);
            }
            pieces => command.push(pieces.iter().map(|piece| filled(piece, main)).collect()),
        }
    }
    if !args_placed {
        command.extend_from_slice(args);
    }
    command
}

/// The command that is started for `stage` while a cell waits, where it has one, and whether it is only good for runs whose
/// main file is called `main`.
pub fn expand_warm(stage: &StageTemplate, main: &str) -> Option<(Vec<String>, bool)> {
    let command = stage.warm.as_ref()?;
    let mut names_main = false;
    let argv = command
        .iter()
        .map(|argument| {
            let pieces = pieces(argument);
            names_main |= pieces.iter().any(|piece| match piece {
                Piece::Placeholder(Placeholder::Main | Placeholder::Module | Placeholder::Stem) => true,
                Piece::Placeholder(Placeholder::Files | Placeholder::Out | Placeholder::Args)
                | Piece::Text(_)
                | Piece::Unknown(_) => false,
            });
            pieces.iter().map(|piece| filled(piece, main)).collect()
        })
        .collect();
    Some((argv, names_main))
}

fn filled(piece: &Piece<'_>, main: &str) -> String {
    match piece {
        Piece::Text(text) => (*text).to_owned(),
        Piece::Placeholder(Placeholder::Main) => main.to_owned(),
        Piece::Placeholder(Placeholder::Module) => without_ending(main).replace('/', "."),
        Piece::Placeholder(Placeholder::Stem) => without_ending(last_part(main)).to_owned(),
        Piece::Placeholder(Placeholder::Out) => BUILD_FOLDER.to_owned(),
        // A checked definition has neither of these: several arguments within one, and what is no placeholder.
        Piece::Placeholder(several @ (Placeholder::Files | Placeholder::Args)) => {
            format!("{{{}}}", several.name())
        }
        Piece::Unknown(name) => format!("{{{name}}}"),
    }
}

/// A path's last part.
pub(super) fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A file's ending without its dot; `.profile` has none.
pub(super) fn ending(path: &str) -> Option<&str> {
    let (stem, ending) = last_part(path).rsplit_once('.')?;
    (!stem.is_empty() && !ending.is_empty()).then_some(ending)
}

/// Whether a file's ending is one of `extensions`, to the letter: `x.C` is no `x.c`.
pub(super) fn is_source(path: &str, extensions: &[String]) -> bool {
    ending(path).is_some_and(|ending| extensions.iter().any(|extension| extension == ending))
}

fn without_ending(path: &str) -> &str {
    ending(path).map_or(path, |ending| &path[..path.len() - ending.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::super::limits;
    use super::*;

    fn expanded(command: &[&str], files: &[&str], args: Option<&[String]>) -> Vec<String> {
        let command = command.iter().map(|&argument| argument.to_owned()).collect();
        let stage =
            StageTemplate { command, warm: None, warm_args: true, env: Vec::new(), limits: limits::DEFAULT };
        expand(&stage, &["java".to_owned(), "kt".to_owned()], files, args)
    }

    #[test]
    fn each_placeholder_becomes_what_the_readme_says() {
        let files = ["com/acme/Main.java", "data.json", "com/acme/Help.kt"];
        let table: [(&[&str], &[&str]); 8] = [
            (&["x", "{main}"], &["x", "com/acme/Main.java"]),
            (&["x", "{files}", "y"], &["x", "com/acme/Main.java", "com/acme/Help.kt", "y"]),
            (&["{module}"], &["com.acme.Main"]),
            (&["{stem}"], &["Main"]),
            (&["{out}/{stem}.o"], &["/build/Main.o"]),
            (&["-cp={out}:."], &["-cp=/build:."]),
            (&["sh", "-c", "echo ${main} {x"], &["sh", "-c", "echo ${main} {x"]),
            (&["a{args}"], &["a{args}"]),
        ];
        for (command, expected) in table {
            assert_eq!(expanded(command, &files, None), expected, "{command:?}");
        }
    }

    #[test]
    fn args_are_appended_or_stand_where_the_command_says() {
        let args = ["-v".to_owned(), "{main}".to_owned()];
        let given = Some(&args[..]);
        assert_eq!(expanded(&["x", "{main}"], &["a.kt"], given), ["x", "a.kt", "-v", "{main}"]);
        assert_eq!(expanded(&["x", "{args}", "{main}"], &["a.kt"], given), ["x", "-v", "{main}", "a.kt"]);
        assert_eq!(expanded(&["x", "{args}", "{main}"], &["a.kt"], Some(&[])), ["x", "a.kt"]);
    }

    #[test]
    fn a_stage_other_than_run_gets_no_args() {
        assert_eq!(expanded(&["x", "{args}", "y"], &["a.kt"], None), ["x", "y"]);
    }

    #[test]
    fn the_main_file_is_a_source_whatever_its_ending() {
        let command = ["x", "{files}"];
        assert_eq!(expanded(&command, &["program.txt", "b.kt"], None), ["x", "program.txt", "b.kt"]);
        assert_eq!(expanded(&command, &["a.KT"], None), ["x", "a.KT"]);
    }

    #[test]
    fn a_file_name_that_looks_like_a_placeholder_is_left_alone() {
        assert_eq!(expanded(&["{main}", "{stem}"], &["{out}.kt"], None), ["{out}.kt", "{out}"]);
    }

    #[test]
    fn names_without_an_ending_are_kept_whole() {
        let table = [
            ("Makefile", "Makefile"),
            (".profile", ".profile"),
            ("a.b/c", "a.b.c"),
            ("x.tar.gz", "x.tar"),
            ("a.", "a."),
        ];
        for (file, expected) in table {
            assert_eq!(expanded(&["{module}"], &[file], None), [expected], "{file}");
        }
    }

    #[test]
    fn no_files_are_no_reason_to_panic() {
        assert_eq!(expanded(&["x", "{main}", "{files}"], &[], None), ["x", ""]);
    }
}
