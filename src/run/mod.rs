//! One run: a request becomes stages, stages become events and one result. No HTTP, no SQL, no language.
//!
//! Architecture invariant: `run` knows `pool` and `runtime`; it knows nothing of who asks.

mod artifacts;
mod check;
mod conversation;
mod drive;
mod event;
mod feed;
mod interactive;
mod plan;
mod reject;
mod request;
mod runner;
mod text;
mod written;

pub use crate::pool::Caller;
pub use check::check_program;
pub use event::{Artifact, Event, Outcome, Output, RunReport, RuntimeRef, StageReport};
pub use interactive::{Control, Interactive, InteractiveLimits, Strike, terminal_size};
#[cfg(test)]
pub(crate) use plan::Plan;
pub use plan::warm_commands;
pub use reject::{Busy, Rejection};
pub use request::{LimitsAsked, Purpose, RunRequest, SourceFile, Stdin, WarmStart};
pub use runner::{QueueLimits, Runner, Running};
pub use text::begun_character;
