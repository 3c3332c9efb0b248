//! The API's description: what poem-openapi derives from the handlers, made into what generators and people can use.

mod access;
mod common;
mod examples;
mod interactive;
mod normalise;
mod snippets;

use std::sync::OnceLock;

use poem::Response;
use poem_openapi::{ExtraHeader, LicenseObject, OpenApiService};
use serde_json::Value;

use super::{
    ApiLimits, Sources, admin::AdminApi, interactive::InteractiveApi, runs::RunsApi, runtimes::RuntimesApi,
    snippet_runs::SnippetRunsApi, snippets::SnippetsApi, status::StatusApi,
};

const DESCRIPTION: &str = "\
Runs programs in many languages, each in a fresh sandbox.

A program that fails is an answer, not an error: `POST /api/v1/runs` answers 200 with its `outcome`. Errors are \
[RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problems: `type` says which kind (and answers with an explanation \
of it), `detail` what is wrong this time, `field` where. Every answer has an `X-Request-Id`; send your own to find \
it again in the server's log.

What the operator has not left open to everyone needs an API key: `X-API-Key: pg_…`, or `Authorization: Bearer pg_…` \
where that holds nothing else. A key, and each address without one, may have a rate: 429 says in `Retry-After` when to \
try again.";

pub(super) type Service = OpenApiService<
    (RunsApi, InteractiveApi, RuntimesApi, SnippetsApi, SnippetRunsApi, StatusApi, AdminApi),
    (),
>;

/// The operations, on what they ask.
pub(super) fn service(sources: Sources, limits: ApiLimits) -> Service {
    let Sources { start, list, status, store, access: _, change, cors, metrics } = sources;
    let metrics = metrics.metrics;
    let apis = (
        RunsApi { start: start.clone(), keep_alive: limits.keep_alive, metrics: metrics.clone() },
        InteractiveApi::new(start.clone(), cors, limits.interactive, metrics),
        RuntimesApi { list: list.clone() },
        SnippetsApi { store: store.clone() },
        SnippetRunsApi { store, start },
        StatusApi { report: status, list: list.clone() },
        AdminApi { change, list },
    );
    OpenApiService::new(apis, "Polyground", env!("CARGO_PKG_VERSION"))
        .description(DESCRIPTION)
        .license(LicenseObject::new(env!("CARGO_PKG_LICENSE")).url(env!("CARGO_PKG_REPOSITORY")))
        .server("/")
        .extra_response_header::<String, _>(
            ExtraHeader::new("X-Request-Id")
                .description("The id under which the server's log has the request."),
        )
}

/// The description as OpenAPI 3.0: what the server serves, the committed file has, and `polyground openapi` prints.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let derived = service(Sources::none(), ApiLimits::default()).spec();
        let derived = serde_json::from_str(&derived).unwrap_or_default();
        let mut document = normalise::normalised(derived);
        examples::add(&mut document);
        interactive::add(&mut document);
        snippets::add(&mut document);
        access::add(&mut document);
        common::add(&mut document);
        document
    })
}

/// `GET /api/v1/openapi.json`
pub(super) fn response() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| document().to_string());
    Response::builder()
        .content_type("application/json")
        .header("cache-control", "no-cache")
        .body(text.as_str())
}

/// Each path with its methods, as `Allow` has them.
pub(super) fn paths() -> Vec<(String, String)> {
    let methods = |operations: &Value| {
        let mut methods: Vec<_> =
            operations.as_object().into_iter().flatten().map(|(name, _)| name.to_uppercase()).collect();
        if methods.iter().any(|method| method == "GET") {
            methods.push("HEAD".to_owned());
        }
        methods.join(", ")
    };
    let paths = document()["paths"].as_object().into_iter().flatten();
    paths.map(|(path, operations)| (path.clone(), methods(operations))).collect()
}

/// Each operation's path, method and id.
pub(super) fn operations() -> Vec<(&'static str, String, &'static str)> {
    let paths = document()["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation))
    });
    operations
        .filter_map(|(path, method, operation)| {
            Some((path.as_str(), method.to_uppercase(), operation["operationId"].as_str()?))
        })
        .collect()
}

#[cfg(test)]
mod tests;
