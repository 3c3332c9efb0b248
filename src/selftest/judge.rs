//! From what a program did to whether it was held.

use super::battery::Program;
use crate::run::{Outcome, RunReport};

/// What every line of a program that tells of a try begins with.
const HELD: &str = "held: ";
const BROKEN: &str = "BROKEN: ";
const UNTRIED: &str = "untried: ";

/// How much of an unexpected output is shown.
const SHOWN_CHARS: usize = 400;

/// Gives what held, or why the check has failed, with what held all the same.
pub(super) fn judge(
    program: &Program,
    stdin: &[u8],
    report: &RunReport,
) -> Result<Vec<String>, (String, Vec<String>)> {
    let stage = report.stages.last();
    let stdout = stage.map(|stage| stage.stdout.clone()).unwrap_or_default();
    let text = String::from_utf8_lossy(&stdout);
    // What a flood says of itself proves nothing.
    let told = if report.outcome == Outcome::OutputLimit { "" } else { &text };
    let lines = |mark: &str| {
        told.lines().filter_map(|line| line.strip_prefix(mark)).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut seen = lines(HELD);
    let count = seen.len();
    seen.extend(lines(UNTRIED).into_iter().map(|what| format!("not tried: {what}")));
    if !program.outcomes().contains(&Outcome::Succeeded) || program.outcomes().len() > 1 {
        seen.push(ending(report));
    }
    let fail = |reason: String| Err((reason, seen.clone()));

    let broken = lines(BROKEN);
    if !broken.is_empty() {
        return fail(broken.join("; "));
    }
    if !program.outcomes().contains(&report.outcome) {
        let expected: Vec<_> = program.outcomes().into_iter().map(Outcome::as_str).collect();
        return fail(format!("{}, not as {}{}", ending(report), expected.join(" or "), output(report)));
    }
    let code = stage.and_then(|stage| stage.exit_code);
    if program.exit_code.is_some() && code != program.exit_code {
        return fail(format!("{}, not with exit code {:?}", ending(report), program.exit_code));
    }
    if program.echoes && !stdout.starts_with(stdin) {
        return fail("what it wrote is not what came back".into());
    }
    let least = program.least_held();
    if count < least {
        return fail(format!("{count} of at least {least} tries were held{}", output(report)));
    }
    Ok(seen)
}

/// How a run ended, in a few words.
fn ending(report: &RunReport) -> String {
    let (outcome, ms) = (report.outcome.as_str(), report.total_ms);
    match report.stages.last().and_then(|stage| stage.exit_code) {
        Some(code) => format!("it ended as {outcome} with exit code {code} after {ms:.0} ms"),
        None => format!("it ended as {outcome} after {ms:.0} ms"),
    }
}

/// The last of what it wrote.
fn output(report: &RunReport) -> String {
    let Some(stage) = report.stages.last() else { return String::new() };
    let mut shown = String::new();
    for (name, bytes) in [("stdout", &stage.stdout), ("stderr", &stage.stderr)] {
        if bytes.is_empty() {
            continue;
        }
        let text = String::from_utf8_lossy(bytes);
        let skipped = text.chars().count().saturating_sub(SHOWN_CHARS);
        shown.push_str(&format!("; {name} {:?}", text.chars().skip(skipped).collect::<String>()));
    }
    shown
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use uuid::Uuid;

    use super::*;
    use crate::run::{RuntimeRef, StageReport};

    fn program(yaml: &str) -> Program {
        serde_yaml::from_str(&format!("{{source: x, {yaml}}}")).unwrap()
    }

    fn report(outcome: Outcome, exit_code: Option<i32>, stdout: &[u8]) -> RunReport {
        let stage = StageReport {
            name: "run",
            exit_code,
            signal: None,
            stdout: Bytes::copy_from_slice(stdout),
            stderr: Bytes::new(),
            truncated: false,
            wall_ms: 1.0,
            cpu_ms: 1.0,
            peak_memory_bytes: 1,
        };
        let text = || String::from("x");
        RunReport {
            id: Uuid::nil(),
            runtime: RuntimeRef { id: text(), language: text(), version: text(), name: text() },
            outcome,
            stages: vec![stage],
            artifacts: vec![],
            artifacts_left_out: 0,
            queue_ms: 0.0,
            total_ms: 2.0,
            warm: false,
        }
    }

    fn reason(program: &Program, report: &RunReport) -> String {
        judge(program, b"", report).unwrap_err().0
    }

    #[test]
    fn a_program_that_was_held_passes_with_what_held_it() {
        let report = report(Outcome::Succeeded, Some(0), b"noise\nheld: mount: EPERM\nuntried: y\n");
        assert_eq!(judge(&program(""), b"", &report).unwrap(), ["mount: EPERM", "not tried: y"]);
    }

    #[test]
    fn one_try_that_got_through_is_enough_to_fail() {
        let report = report(Outcome::Succeeded, Some(0), b"held: a\nBROKEN: mount: done\nheld: b\n");
        assert_eq!(reason(&program(""), &report), "mount: done");
        assert_eq!(judge(&program(""), b"", &report).unwrap_err().1, ["a", "b"]);
    }

    #[test]
    fn a_program_that_tried_nothing_or_too_little_fails() {
        let silent = report(Outcome::Succeeded, Some(0), b"hello\n");
        assert!(reason(&program(""), &silent).starts_with("0 of at least 1 tries were held; stdout"));
        let little = report(Outcome::Succeeded, Some(0), b"held: a\n");
        assert!(reason(&program("held: 2"), &little).starts_with("1 of at least 2"));
        let died = report(Outcome::Failed, Some(1), b"held: a\n");
        assert!(reason(&program(""), &died).contains("failed with exit code 1 after 2 ms, not as succeeded"));
    }

    #[test]
    fn a_bound_that_is_expected_must_be_the_one() {
        let program = program("outcome: [out_of_memory]");
        let held = judge(&program, b"", &report(Outcome::OutOfMemory, None, b"")).unwrap();
        assert_eq!(held, ["it ended as out_of_memory after 2 ms"]);
        assert!(
            reason(&program, &report(Outcome::TimedOut, None, b"")).contains("timed_out after 2 ms, not as")
        );
    }

    #[test]
    fn a_flood_cannot_claim_to_have_been_held() {
        let program = program("outcome: [output_limit], held: 1");
        assert!(reason(&program, &report(Outcome::OutputLimit, None, b"held: x\n")).starts_with("0 of"));
    }

    #[test]
    fn what_is_echoed_and_the_exit_code_must_be_right() {
        let program = program("outcome: [failed], exit_code: 7, echoes: true");
        assert!(judge(&program, b"abc", &report(Outcome::Failed, Some(7), b"abcd")).is_ok());
        assert!(judge(&program, b"abc", &report(Outcome::Failed, Some(7), b"abd")).is_err());
        assert!(judge(&program, b"abc", &report(Outcome::Failed, Some(0), b"abc")).is_err());
    }
}
