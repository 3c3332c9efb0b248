//! Traces for a collector of OpenTelemetry, by OTLP over HTTP. They leave in batches from a thread of their own: a collector that
//! is slow or away costs spans, never a request.

use std::time::Duration;

use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer, filter::Targets};

use super::AnyLayer;

/// The server's name among the traces of others.
const SERVICE: &str = "polyground";

/// Where a collector takes traces (the OTLP specification's default path).
const PATH: &str = "/v1/traces";

/// How long one batch may take.
const BATCH: Duration = Duration::from_secs(5);

/// How long the last batch may take when the server ends.
const CLOSING: Duration = Duration::from_secs(3);

/// What sends them.
pub(super) struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// To the collector at this address: `http://localhost:4318`, or with a path of its own.
    ///
    /// # Errors
    /// With what is wrong with the address.
    pub(super) fn to(url: &str) -> Result<(Self, AnyLayer), String> {
        let rest = url.strip_prefix("http://").ok_or(
            "it must begin with http://; a collector beside the server sends on to others, with TLS",
        )?;
        let endpoint = match rest.trim_end_matches('/').contains('/') {
            true => url.to_owned(),
            false => format!("{}{PATH}", url.trim_end_matches('/')),
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(endpoint)
            .with_timeout(BATCH)
            .build()
            .map_err(|error| error.to_string())?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name(SERVICE).with_attribute(version).build();
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
        let tracer = provider.tracer(SERVICE);
        // Its own spans only, not those of the client that sends them.
        let own = Targets::new().with_target(SERVICE, LevelFilter::INFO);
        let layer = tracing_opentelemetry::layer().with_tracer(tracer).with_filter(own).boxed();
        Ok((Self { provider }, layer))
    }

    /// Sends the rest.
    pub(super) async fn close(self) {
        let closing = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(CLOSING));
        if let Ok(Err(error)) = closing.await {
            tracing::warn!(%error, "the last traces may be lost");
        }
    }
}
