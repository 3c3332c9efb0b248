//! The accept loop: takes connections, hands their requests to an endpoint, and ends them all when told to.
//!
//! It stands in for `poem::Server`, under which a handler outlives the client that asked for it. Here the
//! handler's future (or the body that it streams) is dropped as soon as its client is gone, so that whatever the
//! handler holds is given up with it. Further: Nagle's delay is off, heads and answers have deadlines,
//! connections are counted, and messages that can be read in two ways are refused (see [`inspect`]).

mod crowd;
mod doors;
mod guard;
mod inspect;

use std::{convert::Infallible, future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown, graceful::Watcher},
};
use nix::sys::socket::{setsockopt, sockopt};
use poem::{
    Endpoint, EndpointExt, Response,
    endpoint::{DynEndpoint, ToDynEndpoint},
    http::uri::Scheme,
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::access::Proxies;
use crowd::{Answer, Crowd};
use doors::{Doors, Pass};
use guard::Guarded;

/// Bounds of the accept loop and of each connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerLimits {
    /// Connections at a time. For one more, the one that has been without a request longest is closed; where there is none, it
    /// waits in the kernel's backlog.
    pub connections: usize,
    /// Of them, those of one address; more are closed.
    pub connections_of_one: usize,
    /// Addresses whose connections are not counted one by one.
    pub uncounted: Proxies,
    /// From a connection's begin, or a head's first byte, to the head's end.
    pub head_timeout: Duration,
    /// How long a connection may stay open without a request.
    pub idle_timeout: Duration,
    /// How long a client may leave us with bytes that it does not read.
    pub write_timeout: Duration,
    /// How long requests under way have to end when the server stops.
    pub grace: Duration,
    /// How long a closed connection is still read from, so that the client sees the answer and not a reset.
    pub linger: Duration,
    /// Bytes that a request's head may have.
    pub head_bytes: usize,
    /// Requests at a time on one HTTP/2 connection.
    pub streams: u32,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 1024,
            connections_of_one: 1024,
            uncounted: Proxies::default(),
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(30),
            grace: Duration::from_millis(1500),
            linger: Duration::from_secs(1),
            head_bytes: 64 * 1024,
            streams: 64,
        }
    }
}

/// How long accepting pauses after an error that is not one connection's own (no file descriptors left).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Connections that make room at a time: the next ones that come shall not wait for theirs.
const ROOM: usize = 16;
/// How long to wait for a place until it is looked again whether enough connections make room.
const MAKE_ROOM: Duration = Duration::from_millis(20);
/// How long tasks have to notice that they were cut.
const CUT_GRACE: Duration = Duration::from_millis(200);
/// A connection's buffers; hyper takes no less.
const MIN_BUFFER_BYTES: usize = 8192;

type App = Arc<dyn DynEndpoint<Output = Response>>;

/// Serves until `shutdown` is there, then lets requests under way end within the grace period, and cuts the rest.
pub async fn serve<E>(listener: TcpListener, app: E, limits: ServerLimits, shutdown: impl Future<Output = ()>)
where
    E: Endpoint + 'static,
{
    let loop_ = Arc::new(Loop {
        app: Arc::new(ToDynEndpoint(app.map_to_response())),
        builder: builder(&limits),
        limits,
        cut: CancellationToken::new(),
        crowd: Arc::default(),
    });
    let limits = &loop_.limits;
    let doors = Doors::new(limits.connections_of_one, limits.uncounted.clone());
    let (graceful, tasks) = (GracefulShutdown::new(), TaskTracker::new());
    let places = Arc::new(Semaphore::new(limits.connections));
    tokio::pin!(shutdown);
    loop {
        let (stream, peer, place, pass) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&listener, &places, &loop_.crowd, &doors) => match accepted {
                Some(accepted) => accepted,
                None => continue,
            },
        };
        tasks.spawn(Arc::clone(&loop_).connection(stream, peer, graceful.watcher(), (place, pass)));
    }
    drop(listener);
    tasks.close();
    if timeout(limits.grace, graceful.shutdown()).await.is_err() {
        tracing::info!("cutting the requests that did not end within the grace period");
    }
    loop_.cut.cancel();
    // Each task ends at its next await; one that does not is dropped with the runtime.
    let _ = timeout(CUT_GRACE, tasks.wait()).await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    crowd: &Crowd,
    doors: &Doors,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit, Pass)> {
    let place = find_place(places, crowd).await?;
    match listener.accept().await {
        Ok((stream, peer)) => match doors.enter(peer.ip()) {
            Ok(pass) => Some((stream, peer, place, pass)),
            Err(()) => {
                tracing::debug!(%peer, "closed: its address has as many connections as it may");
                None
            }
        },
        Err(error) => {
            use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
            if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
                tracing::warn!(%error, "cannot accept connections");
                sleep(ACCEPT_PAUSE).await;
            }
            None
        }
    }
}

/// Waits for a place, and has one made where all are taken.
async fn find_place(places: &Arc<Semaphore>, crowd: &Crowd) -> Option<OwnedSemaphorePermit> {
    loop {
        if let Ok(place) = Arc::clone(places).try_acquire_owned() {
            return Some(place);
        }
        crowd.make_room(ROOM);
        if let Ok(place) = timeout(MAKE_ROOM, Arc::clone(places).acquire_owned()).await {
            return place.ok();
        }
    }
}

fn builder(limits: &ServerLimits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // hyper's clock for heads starts when the last answer ended: it serves as ours for idle connections.
        .header_read_timeout(limits.idle_timeout)
        .max_buf_size(limits.head_bytes.max(MIN_BUFFER_BYTES));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(limits.write_timeout / 2)
        .keep_alive_timeout(limits.write_timeout / 2);
    builder
}

struct Loop {
    app: App,
    builder: auto::Builder<TokioExecutor>,
    limits: ServerLimits,
    cut: CancellationToken,
    crowd: Arc<Crowd>,
}

impl Loop {
    async fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        watcher: Watcher,
        _places: (OwnedSemaphorePermit, Pass),
    ) {
        tokio::select! {
            biased;
            () = self.cut.cancelled() => {}
            () = self.converse(stream, peer, watcher) => {}
        }
    }

    async fn converse(&self, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%peer, %error, "the client left before it was served");
            return;
        }
        // A client whose machine has gone says nothing. Where the kernel has no such timer, whoever waits has one of its own.
        let unanswered = u32::try_from(self.limits.write_timeout.as_millis()).unwrap_or(u32::MAX);
        let _ = setsockopt(&stream, sockopt::TcpUserTimeout, &unanswered);
        let local = stream.local_addr().map(|addr| LocalAddr(addr.into())).unwrap_or_default();
        let (guarded, back) = Guarded::new(stream, self.limits.head_timeout, self.limits.write_timeout);
        let member = self.crowd.enter();
        let service = hyper::service::service_fn(|request: hyper::Request<Incoming>| {
            let (app, local, busy) = (Arc::clone(&self.app), local.clone(), member.begin());
            async move {
                let request = (request, local, RemoteAddr(peer.into()), Scheme::HTTP).into();
                let response: hyper::Response<_> = app.get_response(request).await.into();
                Ok::<_, Infallible>(response.map(|body| Answer { body, _busy: busy }))
            }
        });
        let connection = self.builder.serve_connection_with_upgrades(TokioIo::new(guarded), service);
        let ended = tokio::select! {
            ended = watcher.watch(connection) => ended,
            () = member.asked_to_leave() => {
                tracing::debug!(%peer, "closed without a request, to make room for another connection");
                return;
            }
        };
        drop(member);
        if let Err(error) = ended {
            tracing::debug!(%peer, %error, "connection ended");
        }
        if let Ok(stream) = back.await {
            // A client that is still sending would be answered with a reset, which can overtake our answer.
            let _ = timeout(self.limits.linger, discard(stream)).await;
        }
    }
}

async fn discard(mut stream: TcpStream) {
    let mut sink = vec![0; MIN_BUFFER_BYTES];
    if stream.shutdown().await.is_ok() {
        while stream.read(&mut sink).await.is_ok_and(|count| count > 0) {}
    }
}
