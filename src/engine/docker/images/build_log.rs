//! What a build says, understood: how far it is, and at the end what went wrong and where.

use std::collections::VecDeque;

use super::dockerfile::{Instruction, instructions};

/// The lines of output that an error shows.
const TAIL_LINES: usize = 15;

/// The most characters of a line that is shown.
const LINE_CHARS: usize = 160;

/// What tools say when there is no network.
const NO_NETWORK: [&str; 3] =
    ["Temporary failure resolving", "Could not resolve host", "Temporary failure in name resolution"];

/// A step that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// From 1.
    pub(super) number: u64,
    /// How many there are.
    pub(super) total: u64,
    /// Its instruction, shortened.
    pub(super) text: String,
}

/// Reads a build's messages one by one.
pub(super) struct BuildLog {
    instructions: Vec<Instruction>,
    step: Option<Step>,
    /// Of the present step.
    tail: VecDeque<String>,
    /// The beginning of a line whose end has not come yet.
    partial: String,
}

impl BuildLog {
    /// For the build of this Dockerfile.
    pub(super) fn new(dockerfile: &str) -> Self {
        Self {
            instructions: instructions(dockerfile),
            step: None,
            tail: VecDeque::new(),
            partial: String::new(),
        }
    }

    /// Takes a piece of output, which ends anywhere. Gives the steps that began in it.
    pub(super) fn push(&mut self, text: &str) -> Vec<Step> {
        self.partial.push_str(text);
        let mut begun = Vec::new();
        while let Some(end) = self.partial.find('\n') {
            let line: String = self.partial.drain(..=end).collect();
            begun.extend(self.line(&plain(&line)));
        }
        if self.partial.len() > 64 * LINE_CHARS {
            let line = std::mem::take(&mut self.partial);
            begun.extend(self.line(&plain(&line)));
        }
        begun
    }

    fn line(&mut self, line: &str) -> Option<Step> {
        if let Some(step) = parse_step(line) {
            self.tail.clear();
            self.step = Some(step.clone());
            return Some(step);
        }
        // ` ---> 2d8a…` and ` ---> Running in …` are the builder's own.
        if !line.is_empty()
            && !line.starts_with("--->")
            && !line.starts_with("Removing intermediate container")
        {
            self.tail.push_back(shorten(line));
            if self.tail.len() > TAIL_LINES {
                self.tail.pop_front();
            }
        }
        None
    }

    /// The whole story of a build that failed for `reason`.
    pub(super) fn failure(mut self, reason: &str) -> String {
        let rest = plain(&std::mem::take(&mut self.partial));
        self.line(&rest);
        let place = match &self.step {
            None => "building the image could not begin".to_owned(),
            Some(step) => {
                let index = usize::try_from(step.number).unwrap_or(usize::MAX).wrapping_sub(1);
                let line = self.instructions.get(index).map(|i| format!(" (Dockerfile line {})", i.line));
                let (number, total) = (step.number, step.total);
                let line = line.unwrap_or_default();
                format!("building the image failed at step {number} of {total}{line}: {}", step.text)
            }
        };
        let mut text = format!("{place}\n  {}", shorten(&plain(reason)));
        if self.tail.iter().any(|line| NO_NETWORK.iter().any(|sign| line.contains(sign))) {
            text.push_str(
                "\n  builds cannot reach the network; if this machine can, let them use the network `host`",
            );
        }
        if !self.tail.is_empty() {
            text.push_str("\n  its last output:");
        }
        for line in &self.tail {
            text.push_str("\n    ");
            text.push_str(line);
        }
        text
    }
}

/// Reads `Step 3/7 : RUN …` (Docker) and `STEP 3/7: RUN …` (Podman).
fn parse_step(line: &str) -> Option<Step> {
    let rest = line.strip_prefix("Step ").or_else(|| line.strip_prefix("STEP "))?;
    let (count, text) = rest.split_once(':')?;
    let (number, total) = count.trim().split_once('/')?;
    Some(Step { number: number.parse().ok()?, total: total.parse().ok()?, text: shorten(text) })
}

/// A line without colours and other control characters, and without space around it.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\x1b' {
            // `ESC [ … letter`
            for other in chars.by_ref() {
                if other.is_ascii_alphabetic() {
                    break;
                }
            }
        } else if c == '\t' || !c.is_control() {
            text.push(c);
        }
    }
    text.trim().to_owned()
}

/// One line, single spaces, of a bounded length.
pub(super) fn shorten(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LINE_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCKERFILE: &str =
        "# ours\nFROM polyground/base:trixie\nRUN apt-get update \\\n && apt-get install -y nope\n";

    #[test]
    fn a_failure_shows_the_step_its_line_and_its_last_output() {
        let mut log = BuildLog::new(DOCKERFILE);
        let mut begun = log.push("Step 1/3 : FROM polyground/base:trixie\n ---> e3aadc4fe5a4\nSte");
        begun.extend(
            log.push("p 2/3 : RUN apt-get update  && apt-get install -y nope\n ---> Running in 12\n"),
        );
        let numbers: Vec<_> = begun.iter().map(|step| (step.number, step.total)).collect();
        assert_eq!(numbers, [(1, 3), (2, 3)]);
        for line in 0..20 {
            log.push(&format!("Get:{line} http://deb.debian.org\r\n"));
        }
        log.push("\x1b[91mE: Unable to locate package nope\n\x1b[0m");
        insta::assert_snapshot!(log.failure("The command '/bin/sh -c apt-get …' returned a non-zero code: 100"), @r"
        building the image failed at step 2 of 3 (Dockerfile line 3): RUN apt-get update && apt-get install -y nope
          The command '/bin/sh -c apt-get …' returned a non-zero code: 100
          its last output:
            Get:6 http://deb.debian.org
            Get:7 http://deb.debian.org
            Get:8 http://deb.debian.org
            Get:9 http://deb.debian.org
            Get:10 http://deb.debian.org
            Get:11 http://deb.debian.org
            Get:12 http://deb.debian.org
            Get:13 http://deb.debian.org
            Get:14 http://deb.debian.org
            Get:15 http://deb.debian.org
            Get:16 http://deb.debian.org
            Get:17 http://deb.debian.org
            Get:18 http://deb.debian.org
            Get:19 http://deb.debian.org
            E: Unable to locate package nope
        ");
    }

    #[test]
    fn a_build_that_never_began_says_so() {
        let log = BuildLog::new("");
        assert_eq!(
            log.failure("the Dockerfile (Dockerfile) cannot be empty"),
            "building the image could not begin\n  the Dockerfile (Dockerfile) cannot be empty"
        );
    }

    #[test]
    fn a_build_without_network_is_told_what_to_try() {
        let mut log = BuildLog::new(DOCKERFILE);
        log.push("Step 2/3 : RUN apt-get update\nW: Temporary failure resolving 'deb.debian.org'\n");
        assert!(log.failure("it returned a non-zero code: 100").contains("use the network `host`"));
    }

    #[test]
    fn podmans_steps_are_understood_and_other_lines_are_not_steps() {
        let step = parse_step("STEP 3/7: RUN make").unwrap();
        assert_eq!((step.number, step.total, step.text.as_str()), (3, 7, "RUN make"));
        for line in ["Step by step", "Step 1 : x", "Stepping 1/2 : x", "Step a/b : x"] {
            assert_eq!(parse_step(line), None);
        }
    }

    #[test]
    fn output_without_any_line_end_is_not_kept_whole() {
        let mut log = BuildLog::new("");
        for _ in 0..1000 {
            log.push(&"x".repeat(1000));
        }
        assert!(log.partial.len() < 20_000);
        assert!(log.tail.len() <= TAIL_LINES);
    }
}
