//! Every error that leaves the server: RFC 9457 `application/problem+json`, of one of the kinds listed here.
//!
//! A kind's `type` is `/problems/<slug>`, which the server answers with [`Kind::explanation`].

use std::time::Duration;

use poem::{
    IntoResponse, Response,
    http::{HeaderValue, StatusCode, header},
};
use poem_openapi::{
    Object,
    payload::Payload,
    registry::{MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};

/// What `Content-Type` a problem has.
pub const CONTENT_TYPE: &str = "application/problem+json";
/// What is asked for with a 401 (RFC 6750).
const CHALLENGE: &str = "Bearer realm=\"polyground\"";
/// A detail is never longer; it may quote what the caller sent.
const DETAIL_CHARS: usize = 2000;

macro_rules! kinds {
    ($($kind:ident $status:literal $slug:literal $title:literal $explanation:literal;)*) => {
        /// The kinds of problems.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind {
            $(#[doc = $explanation] $kind,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: &[Kind] = &[$(Kind::$kind),*];

            /// The last part of its `type`.
            pub fn slug(self) -> &'static str {
                match self { $(Kind::$kind => $slug),* }
            }

            /// Its HTTP status.
            pub fn status(self) -> StatusCode {
                const { $(assert!($status >= 400 && $status < 600);)* }
                StatusCode::from_u16(match self { $(Kind::$kind => $status),* })
                    .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }

            /// The same for every problem of the kind.
            pub fn title(self) -> &'static str {
                match self { $(Kind::$kind => $title),* }
            }

            /// What it means and what to do.
            pub fn explanation(self) -> &'static str {
                match self { $(Kind::$kind => $explanation),* }
            }
        }
    };
}

kinds! {
    MalformedJson 400 "malformed-json" "Malformed JSON"
        "The body is not JSON. `detail` names the line and column.";
    BadRequest 400 "bad-request" "Bad request"
        "The request cannot be understood: a broken body, or a parameter that is not what it should be.";
    Unauthorized 401 "unauthorized" "Unauthorized"
        "The request needs a token in `Authorization: Bearer …`.";
    KeyRequired 401 "api-key-required" "API key required"
        "This is not open to everyone: send an API key, `X-API-Key: pg_…`. `polyground keys create` makes one.";
    KeyUnknown 401 "api-key-unknown" "Unknown API key"
        "The API key is not known here, or has been revoked.";
    ScopeMissing 403 "scope-missing" "Scope missing"
        "The API key is good, but not for this: `detail` names the scope that it would need.";
    Forbidden 403 "forbidden" "Forbidden"
        "The token does not allow this.";
    ForeignOrigin 403 "foreign-origin" "Foreign origin"
        "A page of another origin may not open this connection: it could run programs in its visitors' names.";
    NotFound 404 "not-found" "Not found"
        "Nothing is here. `/api/docs` shows what there is.";
    MethodNotAllowed 405 "method-not-allowed" "Method not allowed"
        "The path exists, but not for this method. `Allow` lists those that it has.";
    NotAcceptable 406 "not-acceptable" "Not acceptable"
        "`Accept` rules out every form that the answer has. `known` lists them.";
    Timeout 408 "request-timeout" "Request timeout"
        "The body did not arrive in time.";
    KeyReused 409 "idempotency-key-reused" "Idempotency key reused"
        "The `Idempotency-Key` came with another request before. Use a new one for each thing to be saved.";
    RuntimeDisabled 409 "runtime-disabled" "Runtime disabled"
        "The runtime is disabled. Enable it first.";
    DefinitionBroken 409 "definition-broken" "Definition broken"
        "The runtime's definition does not hold; `detail` says where. `polyground check` shows all of it.";
    TooLarge 413 "too-large" "Too large"
        "The body, the files or the arguments are larger than the server takes. `detail` names the most it takes.";
    UnsupportedMediaType 415 "unsupported-media-type" "Unsupported media type"
        "The body must be `Content-Type: application/json`.";
    UnsupportedEncoding 415 "unsupported-encoding" "Unsupported content encoding"
        "The body must be sent as it is, without `Content-Encoding`.";
    UnknownLanguage 422 "unknown-language" "Unknown language"
        "No runtime has this name or alias. `known` lists the languages.";
    NoSuchVersion 422 "no-such-version" "No such version"
        "No runtime of the language has a version in the range. `known` lists the versions.";
    UnknownField 422 "unknown-field" "Unknown field"
        "The body has a field that means nothing here; it would have been ignored. `known` lists those that do.";
    InvalidField 422 "invalid-field" "Invalid field"
        "`field` is missing, of the wrong type, or has a value that it cannot have.";
    UpgradeRequired 426 "upgrade-required" "Upgrade required"
        "Here is a WebSocket: the request must ask for one (`Upgrade: websocket`, version 13, HTTP/1.1).";
    RateLimited 429 "rate-limited" "Too many requests"
        "The API key, or without one the address, has asked as often as it may in a minute. `Retry-After` says when to try again.";
    ConcurrencyLimited 429 "concurrency-limited" "Too many programs at a time"
        "As many programs of the API key run and wait as may. Wait for one to end.";
    QueueFull 429 "queue-full" "Too many requests"
        "As many programs run and wait as may, of all callers or of this one. `Retry-After` says when to try again.";
    InteractiveFull 429 "interactive-full" "Too many interactive programs"
        "As many interactive programs run as may, of all callers or of this one. Programs that nobody talks to can still be run.";
    QueueTimeout 503 "queue-timeout" "No place became free"
        "The run waited for a place as long as it may. `Retry-After` says when to try again.";
    Overloaded 503 "overloaded" "Overloaded"
        "The server holds as many request bodies in memory as it may. `Retry-After` says when to try again.";
    Preparing 503 "runtime-preparing" "Runtime not ready yet"
        "The runtime's image is being made or its self-test runs. `Retry-After` says when to try again.";
    Unavailable 503 "runtime-unavailable" "Runtime unavailable"
        "The runtime cannot be used. `GET /api/v1/runtimes` says why.";
    EngineUnavailable 503 "engine-unavailable" "Engine unavailable"
        "The engine that programs run in does not answer. Snippets can still be used. `Retry-After` says when to try again.";
    ShuttingDown 503 "shutting-down" "Shutting down"
        "The server is stopping.";
    NotReady 503 "not-ready" "Not ready"
        "No runtime is ready, or the engine does not answer.";
    StoreUnavailable 503 "store-unavailable" "Database unavailable"
        "The server's database cannot be used now. `Retry-After` says when to try again.";
    StorageFull 507 "storage-full" "Nothing more can be saved"
        "The server's disk is full. Programs can still be run.";
    Internal 500 "internal-error" "Internal error"
        "Our fault. The server's log has more under the request id.";
}

impl Kind {
    /// The kind that stands for a status, where nothing more is known.
    pub fn of_status(status: StatusCode) -> Kind {
        match status.as_u16() {
            401 => Kind::Unauthorized,
            403 => Kind::Forbidden,
            404 => Kind::NotFound,
            405 => Kind::MethodNotAllowed,
            406 => Kind::NotAcceptable,
            408 => Kind::Timeout,
            409 => Kind::KeyReused,
            413 => Kind::TooLarge,
            415 => Kind::UnsupportedMediaType,
            422 => Kind::InvalidField,
            426 => Kind::UpgradeRequired,
            429 => Kind::QueueFull,
            503 => Kind::Unavailable,
            507 => Kind::StorageFull,
            400..=499 => Kind::BadRequest,
            _ => Kind::Internal,
        }
    }
}

/// An error on its way to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its kind.
    pub kind: Kind,
    /// What is wrong this time, and what would be right.
    pub detail: String,
    /// Which field of the body, as a path: `files[1].name`.
    pub field: Option<String>,
    /// What would have been known instead.
    pub known: Option<Vec<String>>,
    /// When to come back.
    pub retry_after: Option<Duration>,
    /// The methods that the path has.
    pub allow: Option<String>,
}

impl Problem {
    /// A problem with nothing but a detail.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), field: None, known: None, retry_after: None, allow: None }
    }

    /// Says which field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Lists what would have been known.
    #[must_use]
    pub fn known(mut self, known: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.known = Some(known.into_iter().map(Into::into).collect());
        self
    }

    /// Says when to come back.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    pub(super) fn body(&self) -> ProblemBody {
        ProblemBody {
            type_: format!("/problems/{}", self.kind.slug()),
            title: self.kind.title().to_owned(),
            status: self.kind.status().as_u16(),
            detail: shortened(&self.detail),
            field: self.field.as_deref().map(shortened),
            known: self.known.clone(),
        }
    }

    /// Whole seconds, rounded up: none is too early.
    pub(super) fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after.map(|after| (after.as_secs() + u64::from(after.subsec_nanos() > 0)).max(1))
    }

    /// The body, as clients see it.
    pub fn to_value(&self) -> serde_json::Value {
        self.body().to_json().unwrap_or_default()
    }
}

/// Cuts what is too long for a message, and escapes what would change a terminal: both may come from the request.
fn shortened(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(DETAIL_CHARS));
    for letter in text.chars().take(DETAIL_CHARS) {
        if letter.is_control() { shown.extend(letter.escape_default()) } else { shown.push(letter) }
    }
    if text.chars().nth(DETAIL_CHARS).is_some() {
        shown.push('…');
    }
    shown
}

/// An error, as RFC 9457 has it.
#[derive(Debug, Object)]
#[oai(rename = "Problem", skip_serializing_if_is_none)]
pub(super) struct ProblemBody {
    /// Which kind of problem: a reference that answers with an explanation of it.
    #[oai(rename = "type")]
    type_: String,
    /// The kind in a few words.
    pub(super) title: String,
    /// The HTTP status again.
    pub(super) status: u16,
    /// What is wrong this time, and what would be right.
    pub(super) detail: String,
    /// Which field of the body is wrong, as a path: `files[1].name`.
    pub(super) field: Option<String>,
    /// What would have been known instead: languages, versions, fields, media types.
    pub(super) known: Option<Vec<String>>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut builder = Response::builder().status(self.kind.status()).content_type(CONTENT_TYPE);
        if self.kind.status() == StatusCode::UNAUTHORIZED {
            builder = builder.header(header::WWW_AUTHENTICATE, CHALLENGE);
        }
        if let Some(seconds) = self.retry_after_seconds() {
            builder = builder.header(header::RETRY_AFTER, seconds);
        }
        if let Some(allow) = self.allow.as_deref().and_then(|allow| HeaderValue::from_str(allow).ok()) {
            builder = builder.header(header::ALLOW, allow);
        }
        let mut response = builder.body(self.to_value().to_string());
        response.set_data(self.kind);
        response
    }
}

impl Payload for Problem {
    const CONTENT_TYPE: &'static str = CONTENT_TYPE;

    fn schema_ref() -> MetaSchemaRef {
        ProblemBody::schema_ref()
    }

    fn register(registry: &mut Registry) {
        ProblemBody::register(registry);
    }
}

impl From<Problem> for poem::Error {
    fn from(problem: Problem) -> Self {
        poem::Error::from_response(problem.into_response())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_has_its_own_slug_and_a_kind_for_its_status() {
        let slugs: HashSet<_> = Kind::ALL.iter().map(|kind| kind.slug()).collect();
        assert_eq!(slugs.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            assert_eq!(Kind::of_status(kind.status()).status(), kind.status(), "{kind:?}");
        }
    }

    #[tokio::test]
    async fn a_problem_is_what_rfc_9457_says() {
        let problem = Problem::new(Kind::UnknownLanguage, "no language is called `pyton`")
            .field("language")
            .known(["python"])
            .retry_after(Duration::from_millis(1200));
        let response = problem.into_response();
        assert_eq!(response.status(), 422);
        assert_eq!(response.content_type(), Some(CONTENT_TYPE));
        assert_eq!(response.header("retry-after"), Some("2"));
        let body: serde_json::Value = response.into_body().into_json().await.unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "type": "/problems/unknown-language", "title": "Unknown language", "status": 422,
                "detail": "no language is called `pyton`", "field": "language", "known": ["python"],
            })
        );
    }

    #[test]
    fn a_quoted_novel_is_cut() {
        let detail = Problem::new(Kind::BadRequest, "é".repeat(10_000)).to_value()["detail"].clone();
        assert_eq!(detail.as_str().unwrap().chars().count(), DETAIL_CHARS + 1);
    }
}
