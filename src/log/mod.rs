//! The log: structured, on stderr, with what is shown chosen by `RUST_LOG`. And, where an endpoint is named, the same spans as
//! traces to a collector of OpenTelemetry (feature `otel`).

#[cfg(feature = "otel")]
mod traces;

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::LogFormat;

/// What is open as long as the server lives.
#[must_use]
#[derive(Default)]
pub struct Log {
    #[cfg(feature = "otel")]
    traces: Option<traces::Traces>,
}

/// Why the traces cannot be sent as told.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// This server cannot send any.
    #[error("otlp_endpoint: this server was built without OpenTelemetry (cargo build --features otel)")]
    NotBuilt,
    /// What is named is nothing that they could be sent to.
    #[error("otlp_endpoint: `{url}` cannot be used: {reason}")]
    Endpoint {
        /// As told.
        url: String,
        /// Why.
        reason: String,
    },
}

type AnyLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Opens the log as the server writes it, and sends traces to a collector where one is named.
///
/// # Errors
/// When there cannot be traces as told. The log is not open then.
pub fn open(format: Option<LogFormat>, otlp_endpoint: Option<&str>) -> Result<Log, TracesError> {
    let on_terminal = std::io::stderr().is_terminal();
    let format = format.unwrap_or(if on_terminal { LogFormat::Text } else { LogFormat::Json });
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(on_terminal && std::env::var_os("NO_COLOR").is_none());
    let written: AnyLayer = match format {
        LogFormat::Text => layer.with_target(false).with_filter(filter("info")).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_filter(filter("info")).boxed(),
    };
    let (log, sent) = match otlp_endpoint {
        None => (Log::default(), None),
        Some(url) => traces(url).map(|(log, layer)| (log, Some(layer)))?,
    };
    let layers: Vec<AnyLayer> = [Some(written), sent].into_iter().flatten().collect();
    tracing_subscriber::registry().with(layers).init();
    Ok(log)
}

#[cfg(feature = "otel")]
fn traces(url: &str) -> Result<(Log, AnyLayer), TracesError> {
    let (traces, layer) =
        traces::Traces::to(url).map_err(|reason| TracesError::Endpoint { url: url.to_owned(), reason })?;
    Ok((Log { traces: Some(traces) }, layer))
}

#[cfg(not(feature = "otel"))]
fn traces(_url: &str) -> Result<(Log, AnyLayer), TracesError> {
    Err(TracesError::NotBuilt)
}

impl Log {
    /// Sends what has not been sent yet. Takes seconds at most, also when nobody answers.
    pub async fn close(self) {
        #[cfg(feature = "otel")]
        if let Some(traces) = self.traces {
            traces.close().await;
        }
    }
}

/// Opens the log for a command whose stderr belongs to what it does.
pub fn to_stderr(level: &str) {
    let builder = tracing_subscriber::fmt().with_env_filter(filter(level)).with_writer(std::io::stderr);
    builder.with_target(false).without_time().init();
}

fn filter(level: &str) -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level))
}
