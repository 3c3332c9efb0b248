//! One run: a request becomes stages, stages become events and one result. No HTTP, no SQL, no language.
//!
//! Architecture invariant: `run` knows `pool` and `runtime`; it knows nothing of who asks.

mod check;
mod conversation;
mod drive;
mod event;
mod plan;
mod reject;
mod request;
mod runner;
mod text;

pub use crate::pool::Caller;
pub use event::{Event, Outcome, Output, RunReport, RuntimeRef, StageReport};
pub use reject::{Busy, Rejection};
pub use request::{LimitsAsked, Purpose, RunRequest, SourceFile, Stdin};
pub use runner::{QueueLimits, Runner, Running};
pub use text::begun_character;
