//! `GET /metrics`, for Prometheus. Not in the API's description: its form is that of OpenMetrics, and an operator decides who
//! reads it.

use std::{net::SocketAddr, sync::Arc};

use poem::{IntoResponse, Request, Response, web::RemoteAddr};

use super::problem::{Kind, Problem};
use crate::metrics::{self, Live, LiveSource, Metrics};

/// Who may read the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsReach {
    /// Whoever asks from this machine, and not through a proxy on it.
    ThisMachine,
    /// Whoever reaches the server.
    Everybody,
    /// Nobody.
    Nobody,
}

/// What is counted, and who may read it.
#[derive(Clone)]
pub struct MetricsContext {
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is so now.
    pub live: LiveSource,
    /// Who may read both.
    pub reach: MetricsReach,
}

impl Default for MetricsContext {
    /// Counts, and nobody reads it.
    fn default() -> Self {
        Self { metrics: Arc::default(), live: Arc::new(Live::default), reach: MetricsReach::Nobody }
    }
}

/// What a proxy adds; a program on this machine that asks by itself has no reason to.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

impl MetricsContext {
    /// Answers a scrape.
    pub(super) fn answer(&self, request: &Request) -> Response {
        if let Some(refusal) = self.refusal(request) {
            return refusal.into_response();
        }
        match self.metrics.expose((self.live)()) {
            Ok(text) => Response::builder().content_type(metrics::CONTENT_TYPE).body(text),
            Err(error) => {
                tracing::error!(%error, "the metrics could not be written");
                Problem::new(Kind::Internal, "the metrics could not be written").into_response()
            }
        }
    }

    fn refusal(&self, request: &Request) -> Option<Problem> {
        match self.reach {
            MetricsReach::Everybody => None,
            MetricsReach::Nobody => {
                Some(Problem::new(Kind::NotFound, "this server tells no metrics (`--metrics off`)"))
            }
            MetricsReach::ThisMachine => {
                let is_near = remote(request).is_some_and(|remote| remote.ip().to_canonical().is_loopback());
                let forwarded = FORWARDED.iter().any(|name| request.headers().contains_key(*name));
                let detail =
                    "metrics are told to this machine only; `--metrics on` tells whoever reaches the server";
                (!is_near || forwarded).then(|| Problem::new(Kind::Forbidden, detail))
            }
        }
    }
}

fn remote(request: &Request) -> Option<SocketAddr> {
    let RemoteAddr(address) = request.remote_addr();
    address.as_socket_addr().copied()
}
