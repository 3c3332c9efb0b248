//! What comes back from a run: events as they happen, and the whole at the end.

use std::time::Duration;

use bytes::Bytes;
use polyground_protocol::Stream;
use uuid::Uuid;

use super::{Busy, Strike};

/// Something that happened, in order.
#[derive(Debug, Clone)]
pub enum Event {
    /// The run waits; this many are before it. Only sent while it waits.
    Queued {
        /// 1: next.
        position: usize,
    },
    /// It has a cell.
    Started {
        /// The run's id.
        id: Uuid,
        /// What runs it.
        runtime: RuntimeRef,
    },
    /// A stage began.
    StageBegun {
        /// `compile`, `run` or `format`.
        name: &'static str,
    },
    /// The program wrote something.
    Output(Output),
    /// A limit of an interactive program strikes soon, unless it is active again in the case of [`Strike::Idle`].
    Warning {
        /// Which.
        strike: Strike,
        /// How long until then.
        remaining: Duration,
    },
    /// A stage ended. Its `stdout` and `stderr` are empty here: they came as [`Event::Output`].
    StageEnded(StageReport),
    /// The program left a file that may come back.
    Artifact(Artifact),
    /// The run is over; nothing follows. Boxed because it holds all the output.
    Done(Box<RunReport>),
    /// It waited and never got a cell: nothing ran, and nothing follows.
    Refused(Busy),
}

/// A piece of output. Pieces of one stream never cut a UTF-8 character in two, as long as the stream is UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Where to.
    pub stream: Stream,
    /// Milliseconds since the stage began.
    pub at_ms: u64,
    /// What.
    pub data: Bytes,
}

/// A file that a program left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Relative to the folder for such files.
    pub name: String,
    /// What is in it.
    pub content: Bytes,
}

/// Which runtime ran a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeRef {
    /// `python-3.13`.
    pub id: String,
    /// `python`.
    pub language: String,
    /// Exact: `3.13.5`.
    pub version: String,
    /// `Python`.
    pub name: String,
}

/// How a run ended. The words are the API's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Every stage exited with 0.
    Succeeded,
    /// The program exited with another code, or a signal ended it.
    Failed,
    /// The compile stage did.
    CompileFailed,
    /// Wall or CPU time ran out, or an interactive program was idle for too long.
    TimedOut,
    /// Memory ran out.
    OutOfMemory,
    /// It wrote more than it may.
    OutputLimit,
    /// The caller stopped it.
    Cancelled,
    /// Our fault.
    InternalError,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 8] = [
        Outcome::Succeeded,
        Outcome::Failed,
        Outcome::CompileFailed,
        Outcome::TimedOut,
        Outcome::OutOfMemory,
        Outcome::OutputLimit,
        Outcome::Cancelled,
        Outcome::InternalError,
    ];

    /// The API's word: `compile_failed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Succeeded => "succeeded",
            Outcome::Failed => "failed",
            Outcome::CompileFailed => "compile_failed",
            Outcome::TimedOut => "timed_out",
            Outcome::OutOfMemory => "out_of_memory",
            Outcome::OutputLimit => "output_limit",
            Outcome::Cancelled => "cancelled",
            Outcome::InternalError => "internal_error",
        }
    }
}

/// A whole run.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// Time-ordered.
    pub id: Uuid,
    /// What ran it.
    pub runtime: RuntimeRef,
    /// How it ended.
    pub outcome: Outcome,
    /// In order; those that were not reached are missing.
    pub stages: Vec<StageReport>,
    /// Files that it left behind, in the order of their names.
    pub artifacts: Vec<Artifact>,
    /// Files that it left behind and that do not come back: beyond a bound, or not plain files.
    pub artifacts_left_out: u32,
    /// Milliseconds that it waited for a cell.
    pub queue_ms: f64,
    /// Milliseconds from request to end.
    pub total_ms: f64,
    /// Whether a warm process took it.
    pub warm: bool,
}

/// One stage of a run.
#[derive(Debug, Clone)]
pub struct StageReport {
    /// `compile`, `run` or `format`.
    pub name: &'static str,
    /// The main process's, when it exited.
    pub exit_code: Option<i32>,
    /// The signal that ended the main process, when one did.
    pub signal: Option<i32>,
    /// Everything it wrote there, up to the bound.
    pub stdout: Bytes,
    /// Everything it wrote there, up to the bound.
    pub stderr: Bytes,
    /// Whether output was cut off.
    pub truncated: bool,
    /// Milliseconds.
    pub wall_ms: f64,
    /// Milliseconds, all processes.
    pub cpu_ms: f64,
    /// Bytes.
    pub peak_memory_bytes: u64,
}
