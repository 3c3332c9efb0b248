//! A run as the API answers it.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use uuid::Uuid;

use super::{Nullable, request::Encoding};
use crate::run;

/// A run that is over.
#[derive(Debug, Deserialize, Object)]
#[oai(rename = "Run")]
pub(crate) struct Run {
    /// Its id; ids sort by time.
    pub(crate) id: Uuid,
    /// What ran it.
    pub(crate) runtime: RuntimeRef,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// Its stages, in order; those that were not reached are missing.
    pub(crate) stages: Vec<Stage>,
    /// Files that it left in `out/` and that its runtime lets out, in the order of their names.
    pub(crate) artifacts: Vec<Artifact>,
    /// How many more such files there were: beyond a bound, or not plain files.
    pub(crate) artifacts_left_out: u32,
    /// Milliseconds that it waited for a place.
    pub(crate) queue_ms: f64,
    /// Milliseconds from request to end.
    pub(crate) total_ms: f64,
    /// Whether a process that had already started took it.
    pub(crate) warm: bool,
}

/// Which runtime ran a program.
#[derive(Debug, Deserialize, Object)]
#[oai(rename = "RuntimeRef")]
pub(crate) struct RuntimeRef {
    /// `python-3.13`
    pub(crate) id: String,
    /// `python`
    pub(crate) language: String,
    /// Exact: `3.13.5`
    pub(crate) version: String,
    /// For people: `Python`
    pub(crate) name: String,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Enum)]
#[oai(rename = "Outcome", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Every stage exited with 0.
    Succeeded,
    /// The program exited with another code, or a signal ended it.
    Failed,
    /// The compile stage did.
    CompileFailed,
    /// Wall or CPU time ran out.
    TimedOut,
    /// Memory ran out.
    OutOfMemory,
    /// It wrote more than it may.
    OutputLimit,
    /// The caller stopped it.
    Cancelled,
    /// The server's fault.
    InternalError,
}

/// One stage of a run.
#[derive(Debug, Deserialize, Object)]
#[oai(rename = "Stage")]
pub(crate) struct Stage {
    /// `compile`, `run` or `format`.
    pub(crate) name: String,
    /// What the main process exited with; `null` when a signal ended it.
    pub(crate) exit_code: Nullable<i32>,
    /// The number of the signal that ended the main process; `null` when it exited.
    pub(crate) signal: Nullable<i32>,
    /// What it wrote to its standard output.
    pub(crate) stdout: String,
    /// What it wrote to its standard error.
    pub(crate) stderr: String,
    /// How `stdout` and `stderr` are written: both in base64 when either is not valid UTF-8.
    pub(crate) encoding: Encoding,
    /// Whether output was cut off because it was too much.
    pub(crate) truncated: bool,
    /// Milliseconds from start to end.
    pub(crate) wall_ms: f64,
    /// Milliseconds of CPU time, all processes together.
    pub(crate) cpu_ms: f64,
    /// The most memory that it had at a time.
    pub(crate) peak_memory_bytes: u64,
}

/// A file that a run left behind and that its runtime lets out.
#[derive(Debug, Deserialize, Object)]
#[oai(rename = "Artifact")]
pub(crate) struct Artifact {
    /// Relative to `out/`.
    pub(crate) name: String,
    /// What it is: `image/png`.
    pub(crate) media_type: String,
    /// Its text, or its bytes in base64.
    pub(crate) content: String,
    /// How `content` is written.
    pub(crate) encoding: Encoding,
}

impl From<run::RunReport> for Run {
    fn from(report: run::RunReport) -> Self {
        Self {
            id: report.id,
            runtime: report.runtime.into(),
            outcome: report.outcome.into(),
            stages: report.stages.into_iter().map(Into::into).collect(),
            artifacts: report.artifacts.into_iter().map(Into::into).collect(),
            artifacts_left_out: report.artifacts_left_out,
            queue_ms: report.queue_ms,
            total_ms: report.total_ms,
            warm: report.warm,
        }
    }
}

impl From<run::Artifact> for Artifact {
    fn from(artifact: run::Artifact) -> Self {
        let media_type = mime_guess::from_path(&artifact.name).first_or_octet_stream().to_string();
        let (encoding, content) = match String::from_utf8(artifact.content.into()) {
            Ok(text) => (Encoding::Utf8, text),
            Err(error) => (Encoding::Base64, STANDARD.encode(error.as_bytes())),
        };
        Self { name: artifact.name, media_type, content, encoding }
    }
}

impl From<run::RuntimeRef> for RuntimeRef {
    fn from(runtime: run::RuntimeRef) -> Self {
        let run::RuntimeRef { id, language, version, name } = runtime;
        Self { id, language, version, name }
    }
}

impl From<run::Outcome> for Outcome {
    fn from(outcome: run::Outcome) -> Self {
        match outcome {
            run::Outcome::Succeeded => Outcome::Succeeded,
            run::Outcome::Failed => Outcome::Failed,
            run::Outcome::CompileFailed => Outcome::CompileFailed,
            run::Outcome::TimedOut => Outcome::TimedOut,
            run::Outcome::OutOfMemory => Outcome::OutOfMemory,
            run::Outcome::OutputLimit => Outcome::OutputLimit,
            run::Outcome::Cancelled => Outcome::Cancelled,
            run::Outcome::InternalError => Outcome::InternalError,
        }
    }
}

impl From<run::StageReport> for Stage {
    fn from(report: run::StageReport) -> Self {
        let [stdout, stderr] = [&report.stdout, &report.stderr].map(|bytes| text(bytes, report.truncated));
        let (encoding, stdout, stderr) = match (stdout, stderr) {
            (Some(stdout), Some(stderr)) => (Encoding::Utf8, stdout, stderr),
            (None, _) | (_, None) => {
                (Encoding::Base64, STANDARD.encode(&report.stdout), STANDARD.encode(&report.stderr))
            }
        };
        Self {
            name: report.name.to_owned(),
            exit_code: Nullable(report.exit_code),
            signal: Nullable(report.signal),
            stdout,
            stderr,
            encoding,
            truncated: report.truncated,
            wall_ms: report.wall_ms,
            cpu_ms: report.cpu_ms,
            peak_memory_bytes: report.peak_memory_bytes,
        }
    }
}

/// The bytes as text, when they are; where they were cut off they may end within a character, which goes.
fn text(bytes: &Bytes, truncated: bool) -> Option<String> {
    let whole = match std::str::from_utf8(bytes) {
        Ok(text) => return Some(text.to_owned()),
        Err(error) if truncated && error.error_len().is_none() => error.valid_up_to(),
        Err(_) => return None,
    };
    std::str::from_utf8(&bytes[..whole]).ok().map(str::to_owned)
}

/// A piece of output as text, or in base64 when it is none.
pub(super) fn piece(bytes: &Bytes) -> (String, Option<Encoding>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (STANDARD.encode(bytes), Some(Encoding::Base64)),
    }
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::ToJSON;

    use super::*;

    fn stage(stdout: &'static [u8], stderr: &'static [u8], truncated: bool) -> Stage {
        run::StageReport {
            name: "run",
            exit_code: None,
            signal: Some(9),
            stdout: Bytes::from_static(stdout),
            stderr: Bytes::from_static(stderr),
            truncated,
            wall_ms: 1.5,
            cpu_ms: 1.0,
            peak_memory_bytes: 1 << 20,
        }
        .into()
    }

    #[test]
    fn output_is_text_unless_a_byte_of_it_is_not() {
        for (stdout, stderr, truncated, expected) in [
            (&b"caf\xc3\xa9"[..], &b""[..], false, ("café", "", Encoding::Utf8)),
            (b"caf\xc3", b"", true, ("caf", "", Encoding::Utf8)),
            (b"a", b"\xf0\x9f\x98", true, ("a", "", Encoding::Utf8)),
            (b"caf\xc3", b"e", false, ("Y2Fmww==", "ZQ==", Encoding::Base64)),
            (b"\xff\xc3", b"e", true, ("/8M=", "ZQ==", Encoding::Base64)),
            (b"\0", b"e", false, ("\0", "e", Encoding::Utf8)),
        ] {
            let stage = stage(stdout, stderr, truncated);
            assert_eq!((stage.stdout.as_str(), stage.stderr.as_str(), stage.encoding), expected);
        }
    }

    #[test]
    fn exit_code_and_signal_are_always_there() {
        let json = stage(b"", b"", false).to_json().unwrap();
        assert_eq!((&json["exit_code"], &json["signal"]), (&serde_json::Value::Null, &9.into()));
        assert!(json.as_object().unwrap().contains_key("exit_code"));
    }

    #[test]
    fn outcomes_are_the_words_of_the_run() {
        for outcome in run::Outcome::ALL {
            assert_eq!(Outcome::from(outcome).to_json(), Some(outcome.as_str().into()));
        }
    }
}
