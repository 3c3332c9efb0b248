//! Whether a program still does what it did when it was saved.

use similar::TextDiff;

use super::wire::{
    run::{Outcome, Run, Stage},
    snippet_run::{Comparison, Difference, Verdict},
};

/// The most bytes of one text in a difference.
const SHOWN_BYTES: usize = 4096;

/// The most bytes of a text whose lines are compared.
const DIFF_BYTES: usize = 256 * 1024;

/// The most bytes of lines that differ.
const DIFF_SHOWN_BYTES: usize = 16 * 1024;

/// Compares how a program ended and what it wrote; not how long it took.
pub(super) fn compare(recorded: Option<&Run>, now: &Run) -> Comparison {
    let Some(recorded) = recorded else {
        return Comparison { result: Verdict::NothingRecorded, differences: Vec::new() };
    };
    let mut differences = Vec::new();
    let name = |outcome: Outcome| poem_openapi::types::ToJSON::to_json(&outcome);
    let text = |outcome| name(outcome).and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    if recorded.outcome != now.outcome {
        differences.push(plain(None, "outcome", text(recorded.outcome), text(now.outcome)));
    }
    let stages = |run: &Run| run.stages.iter().map(|stage| stage.name.clone()).collect::<Vec<_>>().join(", ");
    if stages(recorded) != stages(now) {
        differences.push(plain(None, "stages", stages(recorded), stages(now)));
    }
    for (before, after) in recorded.stages.iter().zip(&now.stages) {
        if before.name == after.name {
            compare_stages(before, after, &mut differences);
        }
    }
    let result = if differences.is_empty() { Verdict::Same } else { Verdict::Different };
    Comparison { result, differences }
}

fn compare_stages(before: &Stage, after: &Stage, differences: &mut Vec<Difference>) {
    let stage = Some(before.name.clone());
    let number = |number: Option<i32>| number.map_or("none".to_owned(), |number| number.to_string());
    for (what, before, after) in
        [("exit_code", before.exit_code.0, after.exit_code.0), ("signal", before.signal.0, after.signal.0)]
    {
        if before != after {
            differences.push(plain(stage.clone(), what, number(before), number(after)));
        }
    }
    for (what, before, after) in
        [("stdout", &before.stdout, &after.stdout), ("stderr", &before.stderr, &after.stderr)]
    {
        if before != after {
            let diff = lines(before, after);
            let (recorded, now) = (shortened(before, SHOWN_BYTES), shortened(after, SHOWN_BYTES));
            differences.push(Difference { diff, ..plain(stage.clone(), what, recorded, now) });
        }
    }
}

fn plain(stage: Option<String>, what: &str, recorded: String, now: String) -> Difference {
    Difference { stage, what: what.to_owned(), recorded, now, diff: None }
}

/// The lines that differ, as `diff -u` writes them. Nothing where the texts are too long for that.
fn lines(before: &str, after: &str) -> Option<String> {
    if before.len().max(after.len()) > DIFF_BYTES {
        return None;
    }
    let diff = TextDiff::configure().timeout(std::time::Duration::from_millis(200)).diff_lines(before, after);
    let text = diff.unified_diff().context_radius(2).header("recorded", "now").to_string();
    Some(shortened(&text, DIFF_SHOWN_BYTES))
}

fn shortened(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::wire::Nullable;

    fn run(outcome: Outcome, stdout: &str) -> Run {
        let text = serde_json::json!({
            "id": "0198c0de-0000-7000-8000-000000000000",
            "runtime": {"id": "x-1", "language": "x", "version": "1.0.0", "name": "X"},
            "outcome": "succeeded", "stages": [], "artifacts": [], "artifacts_left_out": 0,
            "queue_ms": 0.0, "total_ms": 1.0, "warm": false,
        });
        let stage = Stage {
            name: "run".into(),
            exit_code: Nullable(Some(0)),
            signal: Nullable(None),
            stdout: stdout.into(),
            stderr: String::new(),
            encoding: crate::api::wire::request::Encoding::Utf8,
            truncated: false,
            wall_ms: 1.0,
            cpu_ms: 1.0,
            peak_memory_bytes: 1,
        };
        let run: Run = serde_json::from_value(text).unwrap();
        Run { outcome, stages: vec![stage], ..run }
    }

    #[test]
    fn times_do_not_count_and_output_does() {
        let recorded = run(Outcome::Succeeded, "a\nb\n");
        let mut slower = run(Outcome::Succeeded, "a\nb\n");
        slower.total_ms = 99.0;
        assert_eq!(compare(Some(&recorded), &slower).result, Verdict::Same);
        assert_eq!(compare(None, &slower).result, Verdict::NothingRecorded);
        let other = compare(Some(&recorded), &run(Outcome::Failed, "a\nc\n"));
        assert_eq!(other.result, Verdict::Different);
        let whats: Vec<_> = other.differences.iter().map(|difference| difference.what.as_str()).collect();
        assert_eq!(whats, ["outcome", "stdout"]);
        let diff = other.differences[1].diff.as_deref().unwrap();
        assert!(diff.contains("-b\n+c\n"), "{diff}");
    }

    #[test]
    fn what_is_shown_is_bounded_and_cut_between_characters() {
        let (before, after) = ("é".repeat(200_000), "ü".repeat(200_000));
        let comparison = compare(Some(&run(Outcome::Succeeded, &before)), &run(Outcome::Succeeded, &after));
        let difference = &comparison.differences[0];
        assert!(difference.recorded.len() < SHOWN_BYTES + 8 && difference.diff.is_none());
    }
}
