//! One client: one connection that is kept, without Nagle's delay.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode,
    client::conn::http1::{SendRequest, handshake},
    header::{CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpSocket;

use crate::{program::Program, stats::millis};

/// How long any single answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

/// A request.
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// JSON, or nothing.
    pub(crate) body: Bytes,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
    pub(crate) took: Duration,
    /// Seconds, where the server says when to come back.
    pub(crate) retry_after: Option<u64>,
}

/// What is looked at of a run.
#[derive(Deserialize)]
struct Run {
    outcome: String,
    queue_ms: f64,
    total_ms: f64,
    stages: Vec<Stage>,
}

/// What the server says of a run's times, and the client's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    /// Milliseconds that it waited, by the server's clock.
    pub(crate) queue_ms: f64,
    /// Milliseconds that it took in all, by the server's clock.
    pub(crate) total_ms: f64,
    /// Milliseconds from asking to the whole answer, by the client's.
    pub(crate) took_ms: f64,
}

#[derive(Deserialize)]
struct Stage {
    stdout: String,
}

impl Client {
    /// Connects from this address, or from any.
    pub(crate) async fn connect(server: SocketAddr, from: Option<IpAddr>) -> anyhow::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        if let Some(from) = from {
            socket.bind(SocketAddr::new(from, 0))?;
        }
        let stream = socket.connect(server).await.with_context(|| format!("connecting to {server}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: server.to_string() })
    }

    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        self.ask(Ask { method: Method::GET, path: path.to_owned(), body: Bytes::new() }).await
    }

    pub(crate) async fn post(&mut self, body: Bytes) -> anyhow::Result<Answer> {
        self.ask(Ask { method: Method::POST, path: "/api/v1/runs".to_owned(), body }).await
    }

    pub(crate) async fn ask(&mut self, ask: Ask) -> anyhow::Result<Answer> {
        let Ask { method, path, body } = ask;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))?;
        let begun = Instant::now();
        let answer = async {
            self.sender.ready().await?;
            let response = self.sender.send_request(request).await?;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = response.into_body().collect().await?.to_bytes();
            Ok::<_, hyper::Error>((status, headers, body))
        };
        let (status, headers, body) = tokio::time::timeout(PATIENCE, answer).await??;
        let took = begun.elapsed();
        let retry_after = headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        Ok(Answer { status, body, took, retry_after })
    }
}

impl Answer {
    /// Whether it is what the program must give.
    ///
    /// # Errors
    /// With what is wrong.
    pub(crate) fn check(&self, program: &Program) -> anyhow::Result<Told> {
        let text = || String::from_utf8_lossy(&self.body).chars().take(400).collect::<String>();
        if self.status != StatusCode::OK {
            bail!("{} {}: {} {}", program.column, program.title, self.status, text());
        }
        let run: Run = serde_json::from_slice(&self.body).with_context(text)?;
        let right = run.outcome == "succeeded"
            && run.stages.last().is_some_and(|stage| stage.stdout == program.expected);
        if !right {
            bail!("{} {}: a wrong answer: {}", program.column, program.title, text());
        }
        let told = Told { queue_ms: run.queue_ms, total_ms: run.total_ms, took_ms: millis(self.took) };
        if told.queue_ms > told.total_ms || told.total_ms > told.took_ms {
            bail!("{}: the times that are told cannot be true: {told:?}", program.column);
        }
        Ok(told)
    }
}
