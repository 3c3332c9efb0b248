//! What every request passes on its way in, and every answer on its way out: the request id, the log line, the
//! headers that keep browsers from guessing, and one form for all errors, whoever made them.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use poem::{
    Endpoint, IntoResponse, Request, Response,
    error::{MethodNotAllowedError, NotFoundError},
    http::{HeaderName, HeaderValue, Method, StatusCode, Uri, Version, header, uri::Authority},
};
use tracing::Instrument;
use uuid::Uuid;

use super::{
    cors::CorsOrigins,
    openapi,
    problem::{self, Kind, Problem},
    web,
};
use crate::metrics::Metrics;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longer ids are not taken over from callers.
const REQUEST_ID_BYTES: usize = 128;
/// Asked for again and again by machines; not worth a line at the usual level.
const QUIET: [&str; 3] = ["/healthz", "/readyz", "/metrics"];
/// DESIGN puts everything under `/api/v1`; whatever watches over servers looks at the root.
const ALIASES: [(&str, &str); 3] =
    [("/api/v1/healthz", "/healthz"), ("/api/v1/readyz", "/readyz"), ("/api/v1/version", "/version")];

/// On every answer that does not set them itself.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Stands before an endpoint.
pub(crate) struct Front<E> {
    pub(crate) inner: E,
    pub(crate) paths: Paths,
    pub(crate) cors: CorsOrigins,
    pub(crate) counted: Counted,
}

impl<E: Endpoint> Endpoint for Front<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let (begun, id) = (Instant::now(), request_id(&request));
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        if let Some((_, name)) = ALIASES.iter().find(|(alias, _)| *alias == path) {
            *request.uri_mut() = Uri::from_static(name);
        }
        let span = tracing::info_span!("request", request_id = id);
        let operation = self.counted.operation(method.as_str(), request.uri().path());
        let reader = Reader::of(&request, &path);
        let page = self.cors.page(&request);
        let mut response = match self.cors.preflight(&request) {
            Some(response) => response,
            None => self.answer(request, &path).instrument(span.clone()).await,
        };
        self.counted.answered(operation, &response, begun.elapsed());
        if response.status() == StatusCode::NOT_FOUND
            && let Reader::Person { accept_encoding } = reader
        {
            response = web::missing(accept_encoding.as_ref());
        }
        let (status, ms) = (response.status().as_u16(), begun.elapsed().as_secs_f64() * 1000.0);
        span.in_scope(|| match QUIET.contains(&path.as_str()) {
            true => tracing::debug!(%method, path, status, ms, "request"),
            false => tracing::info!(%method, path, status, ms, "request"),
        });
        let headers = response.headers_mut();
        for (name, value) in HEADERS {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        if let Ok(id) = HeaderValue::from_str(&id) {
            headers.insert(REQUEST_ID, id);
        }
        if let Some(page) = page {
            page.let_read(headers);
        }
        Ok(response)
    }
}

impl<E: Endpoint> Front<E> {
    async fn answer(&self, request: Request, path: &str) -> Response {
        if !names_one_host(&request) {
            return no_host().into_response();
        }
        match AssertUnwindSafe(self.inner.call(request)).catch_unwind().await {
            Ok(Ok(response)) => as_problem(response.into_response()),
            Ok(Err(error)) => self.explained(error, path),
            Err(panic) => {
                let reason = panic.downcast_ref::<&str>().copied();
                let reason = reason.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
                tracing::error!(reason, "a handler panicked");
                Problem::new(Kind::Internal, "the server's log has more under the request id").into_response()
            }
        }
    }

    fn explained(&self, error: poem::Error, path: &str) -> Response {
        if error.is::<NotFoundError>() {
            let detail = format!("nothing is at `{path}`; `/api/docs` shows what there is");
            return Problem::new(Kind::NotFound, detail).into_response();
        }
        if error.is::<MethodNotAllowedError>() {
            let allow = self.paths.allow(path);
            let mut problem = Problem::new(Kind::MethodNotAllowed, format!("`{path}` has {allow}"));
            problem.allow = Some(allow);
            return problem.into_response();
        }
        let detail = error.to_string();
        let response = error.into_response();
        if is_problem(&response) {
            return response;
        }
        let kind = Kind::of_status(response.status());
        if kind == Kind::Internal {
            tracing::error!(error = detail, "a handler failed");
            return Problem::new(kind, "the server's log has more under the request id").into_response();
        }
        Problem::new(kind, detail).into_response()
    }
}

/// RFC 9112 3.2: a request without a host, or with several, is refused, lest two readers of it differ.
fn names_one_host(request: &Request) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (_, Some(_)) => false,
        (Some(host), None) => host.to_str().is_ok_and(|host| host.parse::<Authority>().is_ok()),
        (None, None) => request.version() != Version::HTTP_11,
    }
}

/// What is answered to a request that does not name one host.
pub(super) fn no_host() -> Problem {
    Problem::new(Kind::BadRequest, "the request must have one `Host` header, with a host's name or address")
}

/// Who reads the answer to a request.
enum Reader {
    /// Somebody who opened an address in a browser: is shown a page where nothing is found.
    Person { accept_encoding: Option<HeaderValue> },
    /// A program: is told a problem.
    Program,
}

impl Reader {
    fn of(request: &Request, path: &str) -> Self {
        let opens = matches!(*request.method(), Method::GET | Method::HEAD);
        let wants_page = request.header(header::ACCEPT).is_some_and(|accept| accept.contains("text/html"));
        if !opens || !wants_page || path.starts_with("/api/") {
            return Reader::Program;
        }
        Reader::Person { accept_encoding: request.headers().get(header::ACCEPT_ENCODING).cloned() }
    }
}

/// An error that somebody wrote as something else.
fn as_problem(response: Response) -> Response {
    let status = response.status();
    if is_problem(&response) || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    Problem::new(Kind::of_status(status), status.canonical_reason().unwrap_or_default()).into_response()
}

fn is_problem(response: &Response) -> bool {
    response.content_type() == Some(problem::CONTENT_TYPE)
}

/// The caller's id, when it is one that can stand in a log; else a new one.
fn request_id(request: &Request) -> String {
    let sane = |id: &&str| {
        (1..=REQUEST_ID_BYTES).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    match request.header(REQUEST_ID).filter(sane) {
        Some(id) => id.to_owned(),
        None => Uuid::now_v7().simple().to_string(),
    }
}

/// Whether a path fits a pattern, in which a segment in braces stands for any.
fn is_like(pattern: &str, path: &str) -> bool {
    let (mut want, mut have) = (pattern.split('/'), path.split('/'));
    loop {
        match (want.next(), have.next()) {
            (None, None) => return true,
            (Some(want), Some(have)) if want == have || want.starts_with('{') => {}
            _ => return false,
        }
    }
}

/// Counts answers by operation.
pub(crate) struct Counted {
    metrics: Arc<Metrics>,
    operations: Vec<(&'static str, String, &'static str)>,
}

impl Counted {
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        Self { metrics, operations: openapi::operations() }
    }

    /// The operation's id as the description has it; `other` for pages and what is not there. The names of paths that callers
    /// make up would be without end.
    fn operation(&self, method: &str, path: &str) -> &'static str {
        let method = if method == "HEAD" { "GET" } else { method };
        let mut fitting =
            self.operations.iter().filter(|(pattern, of, _)| of == method && is_like(pattern, path));
        // One without braces is meant where both fit.
        let best = fitting.clone().find(|(pattern, ..)| *pattern == path).or_else(|| fitting.next());
        best.map_or("other", |(.., id)| *id)
    }

    fn answered(&self, operation: &'static str, response: &Response, took: Duration) {
        let status = response.status();
        self.metrics.request_answered(operation, status.as_u16(), took);
        if status.is_client_error() || status.is_server_error() {
            let kind = response.data::<Kind>().copied().unwrap_or_else(|| Kind::of_status(status));
            self.metrics.rejected(kind.slug(), status.as_u16());
        }
    }
}

/// Which methods each path has; a segment in braces stands for any.
pub(crate) struct Paths(pub(crate) Vec<(String, String)>);

impl Paths {
    fn allow(&self, path: &str) -> String {
        let path = ALIASES.iter().find(|(alias, _)| *alias == path).map_or(path, |(_, name)| name);
        self.0
            .iter()
            .find(|(pattern, _)| is_like(pattern, path))
            .map(|(_, methods)| methods.clone())
            .unwrap_or_default()
    }
}
