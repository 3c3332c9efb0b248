//! Requests to one Docker Engine: where it is, how long a request may take, and what went wrong in words.

use std::{error::Error as _, fmt, future::Future, io, time::Duration};

use bollard::{API_DEFAULT_VERSION, Docker, errors::Error};
use tokio::time::timeout;

use crate::engine::{CALL_TIMEOUT, EngineError};

/// How long the engine may take before the first byte of an answer that streams (a pull, a build).
const STREAM_TIMEOUT_SECONDS: u64 = 3600;

/// A Docker Engine that has answered.
#[derive(Clone)]
pub(super) struct Client {
    docker: Docker,
    /// As Docker's own tools write it: `unix:///var/run/docker.sock`.
    pub(super) address: String,
}

/// A request that failed.
#[derive(Debug)]
pub(super) struct CallError {
    address: String,
    what: String,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    Timeout(Duration),
    Docker(Error),
}

impl Client {
    /// Connects to the first of `addresses` that there is and asks for its version.
    pub(super) async fn connect(addresses: &[String]) -> Result<Self, EngineError> {
        let found = addresses.iter().find(|address| match address.strip_prefix("unix://") {
            Some(path) => std::path::Path::new(path).exists(),
            None => true,
        });
        let Some(address) = found else {
            return Err(EngineError::Unreachable {
                engine: "Docker".into(),
                reason: format!(
                    "none of its sockets is there ({}). Is Docker installed and running? \
                     If it is elsewhere, name it in DOCKER_HOST",
                    addresses.join(", ")
                ),
            });
        };
        let seconds = CALL_TIMEOUT.as_secs();
        let docker = if address.starts_with("unix://") {
            Docker::connect_with_unix(address, seconds, API_DEFAULT_VERSION)
        } else {
            Docker::connect_with_http(address, seconds, API_DEFAULT_VERSION)
        };
        let unversioned = Self {
            docker: docker.map_err(|error| unreachable_engine(address, reason(&error, address)))?,
            address: address.clone(),
        };
        let docker = unversioned
            .call("asking for the engine's version", unversioned.docker.clone().negotiate_version())
            .await?;
        Ok(Self { docker, address: address.clone() })
    }

    /// For requests that answer at once: hand their futures to [`Client::call`].
    pub(super) fn docker(&self) -> &Docker {
        &self.docker
    }

    /// For requests that answer with a stream: whoever reads it must bound the time between two messages.
    pub(super) fn streaming(&self) -> Docker {
        self.docker.clone().with_timeout(Duration::from_secs(STREAM_TIMEOUT_SECONDS))
    }

    /// Waits for the answer to a request, at most [`CALL_TIMEOUT`].
    pub(super) async fn call<T>(
        &self,
        what: impl Into<String>,
        request: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, CallError> {
        let cause = match timeout(CALL_TIMEOUT, request).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(Error::RequestTimeoutError)) | Err(_) => Cause::Timeout(CALL_TIMEOUT),
            Ok(Err(error)) => Cause::Docker(error),
        };
        Err(CallError { address: self.address.clone(), what: what.into(), cause })
    }
}

impl CallError {
    /// The HTTP status of the answer, when there was one.
    pub(super) fn status(&self) -> Option<u16> {
        match &self.cause {
            Cause::Docker(Error::DockerResponseServerError { status_code, .. }) => Some(*status_code),
            _ => None,
        }
    }

    /// Whether the engine says that there is no such thing.
    pub(super) fn is_missing(&self) -> bool {
        self.status() == Some(404)
    }

    /// Whether the engine says that this cannot be now: the name is taken, the thing is in use.
    pub(super) fn is_conflict(&self) -> bool {
        self.status() == Some(409)
    }

    /// What the engine said, without what was asked.
    pub(super) fn reason(&self) -> String {
        match &self.cause {
            Cause::Timeout(limit) => format!("no answer within {} s", limit.as_secs()),
            Cause::Docker(error) => reason(error, &self.address),
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.what, self.reason())
    }
}

impl From<CallError> for EngineError {
    fn from(error: CallError) -> Self {
        let reason = error.reason();
        match error.cause {
            Cause::Timeout(limit) => Self::Timeout { what: error.what, limit },
            Cause::Docker(Error::DockerResponseServerError { .. }) => {
                Self::Refused { what: error.what, reason }
            }
            Cause::Docker(_) => unreachable_engine(&error.address, reason),
        }
    }
}

fn unreachable_engine(address: &str, reason: String) -> EngineError {
    EngineError::Unreachable { engine: format!("Docker at {address}"), reason }
}

/// What an error means, in one line, and what to do where that is known.
pub(super) fn reason(error: &Error, address: &str) -> String {
    match error {
        Error::DockerResponseServerError { message, .. } => return message.trim().replace('\n', " "),
        Error::DockerStreamError { error } => return error.trim().replace('\n', " "),
        _ => {}
    }
    match io_kind(error) {
        Some(io::ErrorKind::PermissionDenied) => {
            "permission denied. Add yourself to the docker group (`sudo usermod -aG docker $USER`, then log in \
             again) or run as root"
                .into()
        }
        Some(io::ErrorKind::NotFound) => format!("{address} is not there. Is Docker running?"),
        Some(io::ErrorKind::ConnectionRefused) => {
            "connection refused. Is Docker running (`sudo systemctl start docker`)?".into()
        }
        _ => innermost(error),
    }
}

/// The kind of the I/O error at the bottom, where there is one.
fn io_kind(error: &Error) -> Option<io::ErrorKind> {
    if let Error::IOError { err } = error {
        return Some(err.kind()); // transparent: it is not in the chain itself
    }
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut kind = None;
    while let Some(current) = next {
        if let Some(io) = current.downcast_ref::<io::Error>() {
            kind = Some(io.kind());
        }
        next = current.source();
    }
    kind
}

/// The text of the last error in the chain: the ones above it only repeat it.
fn innermost(error: &Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(current) = next {
        text = current.to_string();
        next = current.source();
    }
    text.trim().replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    async fn failure(addresses: &[String]) -> String {
        match Client::connect(addresses).await {
            Ok(_) => panic!("connected"),
            Err(error) => error.to_string(),
        }
    }

    #[tokio::test]
    async fn a_missing_socket_is_said_with_all_places_that_were_tried() {
        let places = ["unix:///nowhere/a.sock".into(), "unix:///nowhere/b.sock".into()];
        insta::assert_snapshot!(failure(&places).await, @"Docker does not answer: none of its sockets is there (unix:///nowhere/a.sock, unix:///nowhere/b.sock). Is Docker installed and running? If it is elsewhere, name it in DOCKER_HOST");
    }

    #[tokio::test]
    async fn a_socket_that_nobody_serves_is_connection_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docker.sock");
        drop(UnixListener::bind(&path).unwrap());
        let text = failure(&[format!("unix://{}", path.display())]).await;
        assert!(text.contains("connection refused. Is Docker running"), "{text}");
        let text = failure(&["tcp://127.0.0.1:1".into()]).await;
        assert!(
            text.starts_with("Docker at tcp://127.0.0.1:1 does not answer: connection refused"),
            "{text}"
        );
    }

    #[test]
    fn a_forbidden_socket_is_told_with_its_cure() {
        let error = Error::from(io::Error::from(io::ErrorKind::PermissionDenied));
        let text = EngineError::from(CallError {
            address: "unix:///var/run/docker.sock".into(),
            what: "asking for the engine's version".into(),
            cause: Cause::Docker(error),
        })
        .to_string();
        insta::assert_snapshot!(text, @"Docker at unix:///var/run/docker.sock does not answer: permission denied. Add yourself to the docker group (`sudo usermod -aG docker $USER`, then log in again) or run as root");
    }
}
