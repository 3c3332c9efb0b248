//! The self-test: a runtime's exact version and its samples, in its own sandbox.

use std::sync::Arc;

use bytes::Bytes;

use super::proven::Proof;
use crate::{
    engine::Progress,
    run::{
        LimitsAsked, Outcome, Purpose, RunReport, RunRequest, Runner, SourceFile, Stdin, WarmStart,
        warm_commands,
    },
    runtime::{ExactVersion, Runtime, Sample},
};

/// How much of an output is shown in a reason.
const SHOWN_CHARS: usize = 300;

/// What is proven, and where its programs run.
pub(super) struct Subject<'a> {
    pub(super) runner: &'a Runner,
    pub(super) runtime: &'a Arc<Runtime>,
    pub(super) line: &'a str,
}

impl Subject<'_> {
    /// Finds the version and runs every sample.
    pub(super) async fn prove(&self, warm: bool, progress: &dyn Progress) -> Result<Proof, String> {
        let runtime = self.runtime;
        progress.step("asking for its version");
        let version = self.detect().await?;
        let mut start_ms = None;
        let total = runtime.samples.len() as u64;
        for (sample, done) in runtime.samples.iter().zip(0..) {
            progress.step(&format!("running sample `{}`", sample.name));
            progress.advance(done, total);
            // What starts early must come to the same: each sample is run both ways.
            let has_warm = warm && !warm_commands(runtime).is_empty();
            for warm in [WarmStart::Never, WarmStart::Always]
                .into_iter()
                .filter(|way| *way == WarmStart::Never || has_warm)
            {
                let how = if warm == WarmStart::Always { ", started early" } else { "" };
                let report = self
                    .runner
                    .run_unlisted(runtime, self.line, &version, request(runtime, sample, warm))
                    .await
                    .map_err(|rejection| format!("sample `{}`{how}: {rejection}", sample.name))?;
                compare(sample, &report)
                    .map_err(|reason| format!("sample `{}`{how}: {reason}", sample.name))?;
                start_ms = start_ms.or(Some(report.total_ms));
            }
        }
        Ok(Proof { version, start_ms: start_ms.unwrap_or_default() })
    }

    /// The exact version that a runtime's own command tells.
    pub(super) async fn detect(&self) -> Result<String, String> {
        let runtime = self.runtime;
        let command = runtime.detect.command.join(" ");
        let report =
            self.runner.detect(runtime, self.line).await.map_err(|rejection| rejection.to_string())?;
        let stage = report
            .stages
            .last()
            .filter(|_| report.outcome == Outcome::Succeeded)
            .ok_or_else(|| format!("`{command}` did not succeed: {}", describe(&report)))?;
        let text = [text(&stage.stdout), text(&stage.stderr)].join("\n");
        let version = runtime
            .detect
            .pattern
            .captures(&text)
            .and_then(|captures| captures.get(1))
            .map(|version| version.as_str().to_owned())
            .ok_or_else(|| {
                format!(
                    "`{}` is not found in what `{command}` says: {}",
                    runtime.detect.pattern,
                    shown(&text)
                )
            })?;
        let lies_in_line = ExactVersion::parse(&version).is_some_and(|exact| exact.lies_in(&runtime.line));
        if lies_in_line {
            Ok(version)
        } else {
            Err(format!(
                "its version is {version}, which does not lie in the line {} that its definition stands for",
                runtime.line
            ))
        }
    }
}

fn request(runtime: &Runtime, sample: &Sample, warm: WarmStart) -> RunRequest {
    let files = sample
        .files
        .iter()
        .map(|(name, content)| SourceFile { name: name.clone(), content: Bytes::from(content.clone()) });
    RunRequest {
        language: runtime.language.clone(),
        version: None,
        files: files.collect(),
        stdin: Stdin::Whole(Bytes::from(sample.stdin.clone())),
        args: sample.args.clone(),
        env: sample.env.clone(),
        limits: LimitsAsked::default(),
        ceilings: LimitsAsked::default(),
        purpose: Purpose::Run,
        warm,
        interactive: None,
    }
}

fn compare(sample: &Sample, report: &RunReport) -> Result<(), String> {
    let expected = match (&sample.outcome, sample.exit_code) {
        (Some(outcome), _) => outcome.as_str(),
        (None, None | Some(0)) => Outcome::Succeeded.as_str(),
        (None, Some(_)) => Outcome::Failed.as_str(),
    };
    if report.outcome.as_str() != expected {
        return Err(format!("should end as `{expected}`: {}", describe(report)));
    }
    let Some(stage) = report.stages.last() else { return Err("ran no stage".into()) };
    if let Some(code) = sample.exit_code
        && stage.exit_code != Some(code)
    {
        return Err(format!("should exit with {code}: {}", describe(report)));
    }
    if let Some(stdout) = &sample.stdout
        && stage.stdout != stdout.as_bytes()
    {
        return Err(format!("should write {}: {}", shown(stdout), describe(report)));
    }
    if let Some(pattern) = &sample.stderr
        && !pattern.is_match(&text(&stage.stderr))
    {
        return Err(format!("its stderr should match `{pattern}`: {}", describe(report)));
    }
    Ok(())
}

/// How a run ended, in one line.
fn describe(report: &RunReport) -> String {
    let Some(stage) = report.stages.last() else {
        return format!("it ended as `{}`", report.outcome.as_str());
    };
    let end = match (stage.exit_code, stage.signal) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "no exit code".into(),
    };
    let mut said = format!("{} ended as `{}` with {end}", stage.name, report.outcome.as_str());
    for (name, bytes) in [("stdout", &stage.stdout), ("stderr", &stage.stderr)] {
        if !bytes.is_empty() {
            said.push_str(&format!(", {name} {}", shown(&text(bytes))));
        }
    }
    said
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Text as it may stand in one line.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARS).collect();
    if text.chars().count() > SHOWN_CHARS {
        shown.push('…');
    }
    format!("{shown:?}")
}
