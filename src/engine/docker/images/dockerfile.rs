//! The little that is read of a Dockerfile: what it starts from, and where its steps stand.

/// The repository of the images that runtimes start from.
pub(super) const BASE: &str = "polyground/base";

/// One instruction, as a build counts them: step 1 is the first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    /// The line that it begins at, from 1.
    pub(super) line: usize,
    /// All of it in one line, without comments.
    pub(super) text: String,
}

/// The instructions of a Dockerfile.
pub(super) fn instructions(dockerfile: &str) -> Vec<Instruction> {
    let mut found: Vec<Instruction> = Vec::new();
    let mut continued = false;
    for (number, line) in dockerfile.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        let (part, goes_on) = match line.strip_suffix('\\') {
            Some(part) => (part.trim_end(), true),
            None => (line, false),
        };
        match found.last_mut() {
            Some(instruction) if continued => {
                instruction.text.push(' ');
                instruction.text.push_str(part);
            }
            _ => found.push(Instruction { line: number + 1, text: part.to_owned() }),
        }
        continued = goes_on;
    }
    found
}

/// The suites of the bases that a Dockerfile starts from (`trixie`), each once.
///
/// # Errors
/// When it names a base without saying which.
pub(super) fn base_suites(dockerfile: &str) -> Result<Vec<String>, String> {
    let mut suites = Vec::new();
    for instruction in instructions(dockerfile) {
        let mut words = instruction.text.split_whitespace();
        if !words.next().is_some_and(|word| word.eq_ignore_ascii_case("from")) {
            continue;
        }
        let Some(image) = words.find(|word| !word.starts_with("--")) else { continue };
        let Some(rest) = image.strip_prefix(BASE) else { continue };
        match rest.strip_prefix(':') {
            Some(suite) if suites.iter().any(|other| other == suite) => {}
            Some(suite) if is_suite(suite) => suites.push(suite.to_owned()),
            _ if rest.is_empty() || rest.starts_with(':') => {
                return Err(format!(
                    "Dockerfile line {}: {image} does not name a Debian suite; write FROM {BASE}:trixie",
                    instruction.line
                ));
            }
            _ => {}
        }
    }
    Ok(suites)
}

/// Whether a word may name a suite: it becomes an argument of a command and a part of image names.
fn is_suite(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stand_where_their_instructions_begin() {
        let text = "# a comment\nFROM polyground/base:trixie\n\nRUN apt-get update \\\n # in between\n && apt-get \\\n\n install x\nCOPY a b\n";
        let found: Vec<_> = instructions(text).into_iter().map(|i| (i.line, i.text)).collect();
        assert_eq!(
            found,
            [
                (2, "FROM polyground/base:trixie".to_owned()),
                (4, "RUN apt-get update && apt-get install x".to_owned()),
                (9, "COPY a b".to_owned()),
            ]
        );
    }

    #[test]
    fn the_bases_are_found_however_they_are_written() {
        for (text, suites) in [
            ("FROM polyground/base:trixie", vec!["trixie"]),
            ("from --platform=linux/amd64 polyground/base:bookworm AS build", vec!["bookworm"]),
            (
                "FROM polyground/base:trixie AS a\nFROM polyground/base:trixie\nFROM polyground/base:bookworm",
                vec!["trixie", "bookworm"],
            ),
            ("FROM debian:trixie-slim\nRUN echo FROM polyground/base:x", vec![]),
            ("FROM polyground/base-of-mine", vec![]),
            ("FROM \\\n  polyground/base:trixie", vec!["trixie"]),
        ] {
            assert_eq!(base_suites(text).unwrap(), suites, "{text}");
        }
    }

    #[test]
    fn a_base_without_a_suite_is_told_with_its_line() {
        for text in ["\nFROM polyground/base", "\nFROM polyground/base:", "\nFROM polyground/base:-x;y"] {
            assert!(base_suites(text).unwrap_err().starts_with("Dockerfile line 2: "), "{text}");
        }
    }
}
