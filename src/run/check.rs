//! What a request may contain. Each rule names the field and what would be right.

use std::collections::HashSet;

use polyground_protocol::check_path;

use super::{LimitsAsked, Rejection, RunRequest, SourceFile};
use crate::runtime::Limits;

/// The most files of a program.
pub(super) const MAX_FILES: usize = 100;

/// The most bytes of all files of a program together.
pub(super) const MAX_FILES_BYTES: usize = 8 << 20;

/// The most arguments, and variables, of a program.
pub(super) const MAX_WORDS: usize = 256;

/// The most bytes of all arguments, and of all variables, of a program together.
pub(super) const MAX_WORDS_BYTES: usize = 32 << 10;

/// The least memory in bytes that may be asked for: below it, not even a sandbox stands.
pub(super) const MIN_MEMORY_BYTES: u64 = 16 << 20;

/// Checks a program that is not run now.
///
/// # Errors
/// The first field that is wrong.
pub fn check_program(files: &[SourceFile], args: &[String]) -> Result<(), Rejection> {
    self::files(files)?;
    self::args(args)
}

pub(super) fn files(files: &[SourceFile]) -> Result<(), Rejection> {
    if files.is_empty() {
        return Err(field("files", "is empty; the first file is the program"));
    }
    if files.len() > MAX_FILES {
        return Err(too_large(
            "files",
            format!("has {} files, at most {MAX_FILES} are allowed", files.len()),
        ));
    }
    let mut names = HashSet::new();
    for (index, file) in files.iter().enumerate() {
        let name = &file.name;
        let at = format!("files[{index}].name");
        check_path(name).map_err(|error| field(&at, format!("`{}` {error}", printable(name))))?;
        if !names.insert(name.as_str()) {
            return Err(field(&at, format!("`{name}` is there twice")));
        }
    }
    for (index, file) in files.iter().enumerate() {
        let folder =
            file.name.match_indices('/').map(|(end, _)| &file.name[..end]).find(|f| names.contains(f));
        if let Some(folder) = folder {
            let detail = format!("`{}` lies in `{folder}`, which is a file", file.name);
            return Err(field(&format!("files[{index}].name"), detail));
        }
    }
    let bytes: usize = files.iter().map(|file| file.content.len()).sum();
    if bytes > MAX_FILES_BYTES {
        let detail = format!("has {bytes} bytes in all, at most {MAX_FILES_BYTES} are allowed");
        return Err(too_large("files", detail));
    }
    Ok(())
}

pub(super) fn args(args: &[String]) -> Result<(), Rejection> {
    words("args", args.iter().map(String::as_str))?;
    let with_nul = args.iter().position(|arg| arg.contains('\0'));
    with_nul.map_or(Ok(()), |index| Err(field(&format!("args[{index}]"), "has a NUL character")))
}

pub(super) fn env(env: &[(String, String)]) -> Result<(), Rejection> {
    words("env", env.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]))?;
    for (name, value) in env {
        let at = format!("env.{}", printable(name));
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(field(&at, "is no name for a variable: it is empty, or has `=` or NUL"));
        }
        if value.contains('\0') {
            return Err(field(&at, "has a NUL character"));
        }
    }
    Ok(())
}

fn words<'a>(name: &str, words: impl Iterator<Item = &'a str>) -> Result<(), Rejection> {
    let (count, bytes) = words.fold((0, 0), |(count, bytes), word| (count + 1, bytes + word.len()));
    if count > 2 * MAX_WORDS || (name == "args" && count > MAX_WORDS) {
        return Err(too_large(name, format!("has more than {MAX_WORDS} entries")));
    }
    if bytes > MAX_WORDS_BYTES {
        let detail = format!("has {bytes} bytes in all, at most {MAX_WORDS_BYTES} are allowed");
        return Err(too_large(name, detail));
    }
    Ok(())
}

/// The bounds of a stage: its ceilings, which may be lower for its caller, with what was asked for in their place.
pub(super) fn bounds(request: &RunRequest, ceilings: &Limits) -> Result<Limits, Rejection> {
    // What is beyond the runtime's is told as that.
    limits(&request.limits, ceilings, "this runtime's")?;
    limits(&request.limits, &lowered(ceilings, &request.ceilings), "this caller's")
}

/// The ceilings, none above those of the caller.
fn lowered(ceilings: &Limits, callers: &LimitsAsked) -> Limits {
    let lower = |ceiling: u64, callers: Option<u64>| callers.map_or(ceiling, |callers| callers.min(ceiling));
    let memory = callers.memory_bytes.map(|bytes| bytes.max(MIN_MEMORY_BYTES));
    let processes = callers.processes.map_or(ceilings.processes, |count| count.min(ceilings.processes));
    Limits {
        wall_ms: lower(ceilings.wall_ms, callers.wall_ms),
        cpu_ms: lower(ceilings.cpu_ms, callers.cpu_ms),
        memory_bytes: lower(ceilings.memory_bytes, memory),
        processes,
        output_bytes: lower(ceilings.output_bytes, callers.output_bytes),
        ..*ceilings
    }
}

/// The ceilings with what was asked for in their place.
fn limits(asked: &LimitsAsked, ceilings: &Limits, whose: &str) -> Result<Limits, Rejection> {
    let bound = |name: &str, asked: Option<u64>, least: u64, ceiling: u64| match asked {
        None => Ok(ceiling),
        Some(asked) if asked > ceiling => {
            Err(field(&format!("limits.{name}"), format!("is {asked}; {whose} ceiling is {ceiling}")))
        }
        Some(asked) if asked < least => {
            Err(field(&format!("limits.{name}"), format!("is {asked}; the least is {least}")))
        }
        Some(asked) => Ok(asked),
    };
    let processes = bound("processes", asked.processes.map(u64::from), 1, u64::from(ceilings.processes))?;
    Ok(Limits {
        wall_ms: bound("wall_ms", asked.wall_ms, 1, ceilings.wall_ms)?,
        cpu_ms: bound("cpu_ms", asked.cpu_ms, 1, ceilings.cpu_ms)?,
        memory_bytes: bound("memory_bytes", asked.memory_bytes, MIN_MEMORY_BYTES, ceilings.memory_bytes)?,
        processes: u32::try_from(processes).unwrap_or(ceilings.processes),
        output_bytes: bound("output_bytes", asked.output_bytes, 0, ceilings.output_bytes)?,
        ..*ceilings
    })
}

fn field(name: &str, detail: impl AsRef<str>) -> Rejection {
    Rejection::Field { field: name.to_owned(), detail: format!("`{name}` {}", detail.as_ref()) }
}

fn too_large(name: &str, detail: impl AsRef<str>) -> Rejection {
    Rejection::TooLarge { field: name.to_owned(), detail: format!("`{name}` {}", detail.as_ref()) }
}

/// A name as it may stand in a message: short, and without characters that change the line.
fn printable(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut shown: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().count() > LONGEST {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<SourceFile> {
        names.iter().map(|name| SourceFile { name: (*name).into(), content: "".into() }).collect()
    }

    fn message(result: Result<(), Rejection>) -> String {
        result.map_or_else(|rejection| rejection.to_string(), |()| "fine".into())
    }

    #[test]
    fn each_bad_file_name_is_told_with_its_place() {
        for (names, expected) in [
            (&["main.py", "lib/a.py"][..], "fine"),
            (&[], "`files` is empty; the first file is the program"),
            (&["a", "../b"], "`files[1].name` `../b` has an empty, `.` or `..` part"),
            (&["a", "b", "a"], "`files[2].name` `a` is there twice"),
            (&["a/b", "a"], "`files[0].name` `a/b` lies in `a`, which is a file"),
            (&["a\nb"], "`files[0].name` `a\\nb` has a control character"),
        ] {
            assert_eq!(message(files(&named(names))), expected);
        }
    }

    #[test]
    fn too_many_and_too_large_are_told_apart_from_wrong() {
        let many: Vec<String> = (0..=MAX_FILES).map(|n| n.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(matches!(files(&named(&many)), Err(Rejection::TooLarge { .. })));
        let large = SourceFile { name: "a".into(), content: vec![0; MAX_FILES_BYTES + 1].into() };
        assert!(matches!(files(&[large]), Err(Rejection::TooLarge { .. })));
        assert!(matches!(args(&["x".repeat(MAX_WORDS_BYTES + 1)]), Err(Rejection::TooLarge { .. })));
        assert!(matches!(args(&vec![String::new(); MAX_WORDS + 1]), Err(Rejection::TooLarge { .. })));
    }

    #[test]
    fn a_nul_is_refused_where_no_program_could_get_it() {
        assert_eq!(message(args(&["a".into(), "b\0c".into()])), "`args[1]` has a NUL character");
        assert_eq!(message(env(&[("A".into(), "\0".into())])), "`env.A` has a NUL character");
        for name in ["", "A=B", "A\0"] {
            assert!(env(&[(name.into(), String::new())]).is_err(), "{name:?}");
        }
    }

    fn ceilings() -> Limits {
        Limits {
            wall_ms: 10_000,
            cpu_ms: 10_000,
            memory_bytes: 256 << 20,
            processes: 64,
            output_bytes: 1 << 20,
            files_bytes: 64 << 20,
            file_bytes: 64 << 20,
        }
    }

    #[test]
    fn a_callers_ceilings_lower_the_runtimes_and_never_raise_them() {
        let none = LimitsAsked::default();
        assert_eq!(lowered(&ceilings(), &none), ceilings());
        let callers = LimitsAsked {
            wall_ms: Some(1_000),
            cpu_ms: Some(u64::MAX),
            memory_bytes: Some(1),
            processes: Some(3),
            output_bytes: Some(0),
        };
        let lower = lowered(&ceilings(), &callers);
        let expected = Limits {
            wall_ms: 1_000,
            memory_bytes: MIN_MEMORY_BYTES,
            processes: 3,
            output_bytes: 0,
            ..ceilings()
        };
        assert_eq!(lower, expected);
    }

    #[test]
    fn less_than_the_ceiling_may_be_asked_and_not_more() {
        let ceilings = ceilings();
        let asked = LimitsAsked { wall_ms: Some(500), ..LimitsAsked::default() };
        assert_eq!(limits(&asked, &ceilings, "this runtime's"), Ok(Limits { wall_ms: 500, ..ceilings }));
        for asked in [
            LimitsAsked { wall_ms: Some(10_001), ..LimitsAsked::default() },
            LimitsAsked { cpu_ms: Some(0), ..LimitsAsked::default() },
            LimitsAsked { memory_bytes: Some(u64::MAX), ..LimitsAsked::default() },
            LimitsAsked { memory_bytes: Some(1), ..LimitsAsked::default() },
            LimitsAsked { processes: Some(65), ..LimitsAsked::default() },
        ] {
            assert!(
                matches!(limits(&asked, &ceilings, "this runtime's"), Err(Rejection::Field { .. })),
                "{asked:?}"
            );
        }
    }
}
