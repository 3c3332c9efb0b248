//! Why a configuration cannot be used.

use std::{io, path::PathBuf};

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: {error}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file is no configuration.
    #[error("{}: {error}", path.display())]
    Parse {
        /// Which.
        path: PathBuf,
        /// Where and why.
        error: Box<toml::de::Error>,
    },
    /// The file has a key that means nothing.
    #[error("{}:{line}: `{key}` means nothing here{}", path.display(), nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    UnknownKey {
        /// Which file.
        path: PathBuf,
        /// Where in it.
        line: usize,
        /// As written.
        key: String,
        /// The nearest that means something.
        nearest: Option<String>,
    },
    /// A setting about callers has a value that it cannot have.
    #[error("{setting}: {detail}")]
    Access {
        /// Its key in the configuration file.
        setting: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// A number is out of its bounds.
    #[error("{setting}: {value} is not possible, only {least} to {most} ({place})")]
    Bounds {
        /// Its key in the configuration file.
        setting: &'static str,
        /// As told.
        value: String,
        /// The least that is possible.
        least: String,
        /// The most.
        most: String,
        /// Where it was told.
        place: String,
    },
    /// A secret was told in two ways.
    #[error("{0} and {1} are both given: leave one of them out")]
    Twice(&'static str, &'static str),
    /// The file of a secret cannot be read.
    #[error("{variable}: {}: {error}", path.display())]
    Secret {
        /// The setting that names it.
        variable: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The database is none that there is.
    #[error("the database `{url}` cannot be used: write sqlite://FILE or postgres://USER@HOST/NAME")]
    Database {
        /// As written, without its password.
        url: String,
    },
}
