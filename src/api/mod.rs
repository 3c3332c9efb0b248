//! HTTP.

mod accept;
pub mod problem;
mod refusal;
mod serve;

pub use serve::{ServerLimits, serve};
