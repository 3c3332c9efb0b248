//! The HTTP API: requests to runs, and what becomes of them back to clients.
//!
//! [`app`] is an endpoint for [`serve`]. On its way a request passes [`front`] (request id, log, headers, errors),
//! is routed, and its body is bounded and decoded ([`body`], [`decode`]) before a handler sees it.
//!
//! Architecture invariant: only this module knows status codes; domain types are never serialised, the types that
//! travel stand in [`wire`].

mod accept;
mod admin;
mod allowed;
mod answers;
mod body;
mod compare;
mod cors;
mod decode;
mod docs;
mod front;
mod interactive;
mod metrics;
pub mod openapi;
pub mod problem;
mod refusal;
mod runs;
mod runtimes;
mod serve;
mod snippet_runs;
mod snippets;
mod status;
mod token;
mod web;
mod wire;

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, Route, endpoint::make_sync, get};
use poem_openapi::Tags;

pub use admin::{ChangeRuntime, NotChanged, RuntimeChange};
pub use body::BodyLimits;
pub use cors::CorsOrigins;
pub use interactive::InteractiveBounds;
pub use metrics::{MetricsContext, MetricsReach};
pub use serve::{ServerLimits, serve};
pub use status::{EngineReport, IsolationReport, StatusReport, StatusSource};

use crate::{
    access::{Access, Grant, Rules},
    catalog::Catalog,
    run::{self, Busy, Rejection, Runner, Running},
    store::{NoStore, Store},
};
use body::Gate;
use front::{Counted, Front, Paths};
use runs::{Events, StartRun};
use runtimes::ListRuntimes;

/// What the API stands on.
#[derive(Clone)]
pub struct ApiContext {
    /// Runs programs.
    pub runner: Arc<Runner>,
    /// Knows the runtimes.
    pub catalog: Arc<Catalog>,
    /// Tells how the server does.
    pub status: StatusSource,
    /// Keeps programs.
    pub store: Arc<dyn Store>,
    /// Says who may do what.
    pub access: Arc<Access>,
    /// Changes runtimes.
    pub change: ChangeRuntime,
    /// Pages of other origins that may ask.
    pub cors: CorsOrigins,
    /// What is counted.
    pub metrics: MetricsContext,
    /// Bounds.
    pub limits: ApiLimits,
}

/// Bounds of the API, apart from a run's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiLimits {
    /// Request bodies.
    pub body: BodyLimits,
    /// How long an event stream may be silent before a comment shows that it lives.
    pub keep_alive: Duration,
    /// Connections to interactive programs.
    pub interactive: InteractiveBounds,
}

impl Default for ApiLimits {
    fn default() -> Self {
        Self {
            body: BodyLimits::default(),
            keep_alive: Duration::from_secs(15),
            interactive: InteractiveBounds::default(),
        }
    }
}

/// The whole API as one endpoint. Every answer that is an error is a problem; it never returns an `Err`.
pub fn app(context: ApiContext) -> impl Endpoint<Output = Response> + 'static {
    let ApiContext { runner, catalog, status, store, access, change, cors, metrics, limits } = context;
    let start: StartRun = Arc::new(move |grant, mut request| {
        request.ceilings = allowed::ceilings(&grant.ceilings);
        let caller = run::Caller::new(grant.caller.as_str());
        runner.start_as(caller, request).map(|running| events(running, grant))
    });
    let list = Arc::new(move || catalog.list());
    endpoint(Sources { start, list, status, store, access, change, cors, metrics }, limits)
}

/// The events of a run that is held as long as they are, and with it what its caller was granted.
fn events(running: Running, grant: Grant) -> Events {
    futures_util::stream::unfold((running, grant), |(mut running, grant)| async {
        running.events.recv().await.map(|event| (event, (running, grant)))
    })
    .boxed()
}

/// What handlers ask, without whom they ask.
struct Sources {
    start: StartRun,
    list: ListRuntimes,
    status: StatusSource,
    store: Arc<dyn Store>,
    access: Arc<Access>,
    change: ChangeRuntime,
    cors: CorsOrigins,
    metrics: MetricsContext,
}

impl Sources {
    /// Enough to describe the API.
    fn none() -> Self {
        Self {
            start: Arc::new(|_, _| Err(Rejection::Busy(Busy::ShuttingDown))),
            list: Arc::new(Vec::new),
            status: Arc::new(StatusReport::default),
            store: Arc::new(NoStore),
            access: Arc::new(Access::new(Rules::default(), Arc::new(NoStore))),
            change: Arc::new(|_, id| Err(NotChanged::Unknown(id.to_owned()))),
            cors: CorsOrigins::default(),
            metrics: MetricsContext::default(),
        }
    }
}

fn endpoint(sources: Sources, limits: ApiLimits) -> impl Endpoint<Output = Response> + 'static {
    const PAGES: [&str; 5] =
        ["/api/v1/openapi.json", "/api/docs", "/api/docs/rapidoc.js", "/problems/{slug}", "/metrics"];
    let mut paths = openapi::paths();
    let (access, cors, metrics) = (sources.access.clone(), sources.cors.clone(), sources.metrics.clone());
    let counted = Counted::new(metrics.metrics.clone());
    let operations = Arc::new(openapi::service(sources, limits).into_endpoint());
    // Path by path, not nested: what is nested at `/` takes `/` itself too.
    let mut routes = paths
        .iter()
        .fold(Route::new(), |routes, (path, _)| routes.at(route_path(path), Arc::clone(&operations)));
    routes = routes
        .at("/api/v1/openapi.json", get(make_sync(|_| openapi::response())))
        .at("/api/docs", get(make_sync(|_| docs::page())))
        .at("/api/docs/rapidoc.js", get(make_sync(|_| docs::script())))
        .at("/problems/:slug", get(make_sync(|request| docs::problem(&request))))
        .at("/metrics", get(make_sync(move |request| metrics.answer(&request))));
    paths.extend(PAGES.map(|path| (path.to_owned(), "GET, HEAD".to_owned())));
    for (path, route) in web::routes() {
        routes = routes.at(route_path(path), route);
        paths.push((path.to_owned(), "GET, HEAD".to_owned()));
    }
    let inner = routes.data(Arc::new(Gate::new(limits.body))).data(access);
    Front { inner, paths: Paths(paths), cors, counted }
}

/// A path as the router writes it: `:id` for `{id}`.
fn route_path(path: &str) -> String {
    path.replace('{', ":").replace('}', "")
}

/// Groups of operations.
#[derive(Tags)]
enum Tag {
    /// Run programs.
    Runs,
    /// What programs may be written in.
    Runtimes,
    /// Programs that are kept.
    Snippets,
    /// The server itself.
    Server,
    /// For operators: with a key alone.
    Admin,
}

#[cfg(test)]
mod tests;
