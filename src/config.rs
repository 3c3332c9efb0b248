//! What an operator can set: flags, then `POLYGROUND_*` variables, then `polyground.toml`, then defaults.
//!
//! ```text
//! flags, variables ──(args)──┐
//! polyground.toml ──(file)───┴─▶ resolve ──▶ EngineConfig, ServeConfig ──▶ show
//! ```
//!
//! A setting is a field of [`EngineArgs`] or [`ServeArgs`]: that is its flag, its variable and its key in the file.
//!
//! Architecture invariant: only this module and the command line read the environment or the configuration file.

mod access;
mod args;
mod bounds;
mod choices;
mod error;
mod file;
mod metrics;
mod resolve;
mod secrets;
mod show;
mod variables;

pub use access::{AccessArgs, AccessConfig, Open};
pub use args::{DatabaseArgs, EngineArgs, ServeArgs};
pub use choices::{CellLink, EngineChoice, IsolationChoice, LogFormat, RequiredIsolation, WarmChoice};
pub use error::ConfigError;
pub use file::{DEFAULT_FILE, keys, place_in_file};
pub use metrics::MetricsChoice;
pub use resolve::{EngineConfig, ServeConfig, database_of, load};
pub use show::{Setting, settings};
pub use variables::{strangers, variables};
