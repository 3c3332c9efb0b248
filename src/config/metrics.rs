//! Who may read the server's metrics.

use clap::ValueEnum;
use serde::Deserialize;

/// Who may read `/metrics`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricsChoice {
    /// Whoever asks from this machine, and not through a proxy on it.
    #[default]
    Local,
    /// Whoever reaches the server.
    On,
    /// Nobody.
    Off,
}
