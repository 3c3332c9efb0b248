//! `polyground selftest`: attacks on this configuration's own sandboxes, and what stopped each.

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Args;
use serde_json::{Value, json};

use super::{Common, out::print, progress::Board};
use crate::{
    app::App,
    config::{self, EngineConfig, ServeArgs},
    engine::{EngineKind, Progress},
    pool::PoolLimits,
    prepare::{ProgressFor, isolation_name},
    run::QueueLimits,
    runtime::{Runtime, load_all},
    selftest::{Audience, Battery, Finding, Verdict, conduct},
};

/// Nothing could be run.
const NOTHING_RUN: u8 = 2;

/// Ctrl-C, as shells tell it.
const INTERRUPTED: u8 = 130;

/// How many of the things that a check saw are shown; JSON has all.
const SHOWN: usize = 4;

/// Attack this configuration's own sandboxes, and say what stopped each attack.
///
/// Takes the same settings as `serve`, starts its own cells beside those of a running server, and runs programs that try to see,
/// reach, change, exhaust or outlive what they may not. Takes about half a minute. Exit code: 0 when everything was held,
/// 1 when something was not, 2 when nothing could be run.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  polyground selftest                              every check, on the highest ready versions
  polyground selftest --isolation single-use       the same, in the weaker isolation
  polyground selftest python-3.11                  on one runtime only (or: a language)
  polyground selftest --json | jq '.checks[] | select(.result != \"passed\")'

PASS: all tries were held, each by what is shown. FAIL: one was not, or could not be shown to be.
SKIP: not tried, with the reason. `polyground images build` makes the images that are missing.
What is promised and what is not: SECURITY.md.")]
pub(super) struct SelftestArgs {
    /// A runtime's id, or a language [default: one runtime for each language of the battery]
    runtime: Option<String>,
    /// Print JSON instead of a report
    #[arg(long)]
    json: bool,
    /// Checks of one's own, in the form of selftest/battery.yaml
    #[arg(long, value_name = "FILE", hide = true)]
    battery: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

pub(super) async fn selftest(args: SelftestArgs) -> anyhow::Result<ExitCode> {
    let (config, _) =
        config::load(args.common.config.as_deref(), args.common.engine.clone(), ServeArgs::default())?;
    let battery = match &args.battery {
        Some(file) => Battery::read(file)?,
        None => Battery::own()?,
    };
    let runtimes: Vec<Runtime> = load_all(&config.runtimes)?.into_iter().filter_map(Result::ok).collect();
    let begun = Instant::now();
    let board = Arc::new(Board::for_one_run());
    let app = start(&config, board.clone()).await?;
    if !args.json {
        print(&heading(&app))?;
    }
    let show = Show { board: &board, bar: board.begin("selftest"), json: args.json };
    let conducted = tokio::select! {
        conducted = conduct(&app, &battery, &runtimes, args.runtime.as_deref(), &show) => conducted,
        _ = tokio::signal::ctrl_c() => {
            board.ended("selftest", Err("interrupted"));
            app.stop().await;
            return Ok(ExitCode::from(INTERRUPTED));
        }
    };
    app.stop().await;
    let findings = match conducted {
        Ok(conducted) => conducted.after_stop().await,
        Err(reason) => {
            board.ended("selftest", Ok(""));
            eprintln!("polyground: {reason}");
            return Ok(ExitCode::from(NOTHING_RUN));
        }
    };
    board.ended("selftest", Ok(""));
    let count = Count::of(&findings);
    if args.json {
        print(&format!("{:#}\n", document(&app, &findings, count, begun.elapsed())))?;
    } else {
        print(&summary(&app, count, begun.elapsed()))?;
    }
    Ok(count.exit_code())
}

/// As many cells as it takes for one run after the other: what one leaves behind is looked for in the same cell.
async fn start(config: &EngineConfig, board: Arc<Board>) -> anyhow::Result<App> {
    let queue = QueueLimits::for_one_run(Duration::from_secs(60));
    Ok(App::build(
        &config.for_one_run(),
        PoolLimits { max_cells: 1, ..PoolLimits::for_one_run() },
        queue,
        board,
    )
    .await?)
}

/// How many checks ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Count {
    fn of(findings: &[Finding]) -> Self {
        let mut count = Self::default();
        for finding in findings {
            match finding.verdict {
                Verdict::Passed => count.passed += 1,
                Verdict::Failed(_) => count.failed += 1,
                Verdict::Skipped(_) => count.skipped += 1,
            }
        }
        count
    }

    fn exit_code(self) -> ExitCode {
        match self {
            Self { passed: 0, failed: 0, .. } => ExitCode::from(NOTHING_RUN),
            Self { failed: 0, .. } => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        }
    }
}

/// Shows how it goes.
struct Show<'a> {
    board: &'a Board,
    bar: Arc<dyn Progress>,
    json: bool,
}

impl Audience for Show<'_> {
    fn begins(&self, done: usize, total: usize, check: &str) {
        // Where there is no bar, the report itself tells how far it has come.
        if self.json || self.board.has_bars() {
            self.bar.step(&format!("{} of {total}: {check}", done + 1));
            self.bar.advance(done as u64, total as u64);
        }
    }

    fn ended(&self, finding: &Finding) {
        if !self.json {
            // Whoever closed stdout does not want to know.
            let _ = self.board.suspend(|| print(&shown(finding)));
        }
    }
}

fn engine(app: &App) -> &'static str {
    match app.engine.info().kind {
        EngineKind::Docker => "docker",
        EngineKind::Local => "local",
    }
}

fn heading(app: &App) -> String {
    let info = app.engine.info();
    let note = app.engine_note.as_ref().map(|why| format!("; not Docker, because {why}")).unwrap_or_default();
    format!("Attacks on the sandboxes of {} {} at {}{note}\n\n", engine(app), info.version, info.address)
}

/// A check, for people.
fn shown(finding: &Finding) -> String {
    let (mark, reason) = match &finding.verdict {
        Verdict::Passed => ("PASS", None),
        Verdict::Failed(reason) => ("FAIL", Some(reason)),
        Verdict::Skipped(reason) => ("SKIP", Some(reason)),
    };
    let place = finding.runtime.as_deref().unwrap_or("from outside");
    let ms = finding.took.as_millis();
    let mut text = format!("{mark}  {:<24} {place:<14} {ms:>6} ms\n", finding.name);
    text.push_str(&format!("      tried: {}\n", finding.tries));
    match reason {
        None => {
            text.push_str(&format!("      held by: {}\n", finding.held_by));
            for seen in finding.seen.iter().take(SHOWN) {
                text.push_str(&format!("        {seen}\n"));
            }
            if finding.seen.len() > SHOWN {
                text.push_str(&format!("        and {} more\n", finding.seen.len() - SHOWN));
            }
        }
        Some(reason) => text.push_str(&format!("      {reason}\n")),
    }
    text
}

fn summary(app: &App, count: Count, took: Duration) -> String {
    let Count { passed, failed, skipped } = count;
    let mode = app.preparer.isolation().map_or("unknown", |found| isolation_name(found.mode));
    let verdict = match (passed, failed) {
        (0, 0) => "Nothing could be run: see the reasons above",
        (_, 0) => "Everything that was tried was held",
        _ => "NOT everything was held: do not let strangers in. SECURITY.md says how to report it",
    };
    format!(
        "\n{verdict}.\n{passed} passed, {failed} failed, {skipped} skipped in {:.1} s; isolation: {mode}\n",
        took.as_secs_f64()
    )
}

/// All of it, for machines.
fn document(app: &App, findings: &[Finding], count: Count, took: Duration) -> Value {
    let info = app.engine.info();
    let isolation = app
        .preparer
        .isolation()
        .map(|found| json!({"mode": isolation_name(found.mode), "reason": found.reason}));
    let checks: Vec<_> = findings.iter().map(check).collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "engine": {"kind": engine(app), "version": info.version, "address": info.address},
        "isolation": isolation,
        "passed": count.passed,
        "failed": count.failed,
        "skipped": count.skipped,
        "total_ms": milliseconds(took),
        "checks": checks,
    })
}

fn check(finding: &Finding) -> Value {
    let (result, reason) = match &finding.verdict {
        Verdict::Passed => ("passed", None),
        Verdict::Failed(reason) => ("failed", Some(reason)),
        Verdict::Skipped(reason) => ("skipped", Some(reason)),
    };
    json!({
        "name": finding.name,
        "runtime": finding.runtime,
        "tried": finding.tries,
        "held_by": finding.held_by,
        "seen": finding.seen,
        "result": result,
        "reason": reason,
        "ms": milliseconds(finding.took),
    })
}

/// To a tenth.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(verdict: Verdict) -> Finding {
        Finding {
            name: "mount".into(),
            runtime: Some("lua-5.4".into()),
            tries: "mounts".into(),
            held_by: "seccomp".into(),
            seen: (1..=6).map(|number| format!("try {number}: EPERM")).collect(),
            verdict,
            took: Duration::from_micros(12_340),
        }
    }

    #[test]
    fn a_check_is_shown_with_what_stopped_it_or_why_it_failed() {
        let verdicts =
            [Verdict::Passed, Verdict::Failed("a tmpfs: done".into()), Verdict::Skipped("no image".into())];
        let text: String = verdicts.into_iter().map(|verdict| shown(&finding(verdict))).collect();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn machines_are_told_the_same() {
        insta::assert_snapshot!(format!("{:#}", check(&finding(Verdict::Failed("a tmpfs: done".into())))));
    }

    #[test]
    fn one_failure_is_enough_and_nothing_run_is_no_success() {
        let code = |verdicts: &[Verdict]| {
            let findings: Vec<_> = verdicts.iter().cloned().map(finding).collect();
            Count::of(&findings).exit_code()
        };
        let (failed, skipped) = (Verdict::Failed(String::new()), Verdict::Skipped(String::new()));
        assert_eq!(code(&[Verdict::Passed, skipped.clone()]), ExitCode::SUCCESS);
        assert_eq!(code(&[Verdict::Passed, failed.clone()]), ExitCode::FAILURE);
        assert_eq!(code(&[skipped]), ExitCode::from(NOTHING_RUN));
        assert_eq!(code(&[]), ExitCode::from(NOTHING_RUN));
    }
}
