//! From a request to a WebSocket (RFC 6455, 4.2), for pages of our own only.

use std::future::Future;

use poem::{
    Body, IntoResponse, OnUpgrade, Request, Response, Upgraded,
    http::{HeaderMap, HeaderName, StatusCode, Uri, header, uri::Authority},
};
use poem_openapi::{
    payload::Payload,
    registry::{MetaSchemaRef, Registry},
    types::Type,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::derive_accept_key,
        protocol::{Role, WebSocketConfig},
    },
};

use crate::api::{
    cors::CorsOrigins,
    problem::{Kind, Problem},
    wire::event::RunEvent,
};

/// The version of the protocol that there is.
const VERSION: &str = "13";

/// What clients may call what is spoken here. A page that names its API key beside it must be answered with one of the names.
const PROTOCOL: &str = "polyground";

/// A connection that becomes messages.
pub(super) type Socket = WebSocketStream<Upgraded>;

/// Refuses pages of other origins: browsers let any page open a WebSocket to anywhere, with its visitor's rights.
///
/// What is no page says no origin, and is let through.
pub(super) fn check_origin(headers: &HeaderMap, uri: &Uri, cors: &CorsOrigins) -> Result<(), Problem> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else {
        return if headers.contains_key(header::ORIGIN) { Err(foreign("several origins")) } else { Ok(()) };
    };
    let host = uri.authority().map(Authority::as_str);
    let host = host.or_else(|| headers.get(header::HOST).and_then(|host| host.to_str().ok()));
    match (origin.to_str().ok(), host) {
        (Some(origin), Some(host)) if is_same(origin, host) => Ok(()),
        (Some(origin), _) if cors.has(origin) => Ok(()),
        (origin, _) => Err(foreign(origin.unwrap_or_default())),
    }
}

fn foreign(origin: &str) -> Problem {
    Problem::new(Kind::ForeignOrigin, format!("a page of `{origin}` may not talk to programs here"))
}

/// Whether a page's origin is this host, which may be named with its scheme's usual port or without.
fn is_same(origin: &str, host: &str) -> bool {
    let (Some((scheme, authority)), true) = (origin.split_once("://"), !host.is_empty()) else {
        return false;
    };
    let usual = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    let plain = |name: &str| name.strip_suffix(usual).unwrap_or(name).to_ascii_lowercase();
    plain(authority) == plain(host)
}

/// A request that asks for a WebSocket.
pub(super) struct Asked {
    key: String,
    /// The protocol that is agreed on, where the client names any.
    protocol: Option<&'static str>,
    on_upgrade: OnUpgrade,
}

/// Looks whether the request asks for a WebSocket, and takes its connection.
pub(super) fn asked(request: &Request) -> Result<Asked, Problem> {
    let required = |detail: &str| Problem::new(Kind::UpgradeRequired, detail);
    let has = |name: HeaderName, token: &str| {
        let values = request.headers().get_all(name);
        let mut tokens =
            values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        tokens.any(|value| value.trim().eq_ignore_ascii_case(token))
    };
    if !has(header::CONNECTION, "upgrade") || !has(header::UPGRADE, "websocket") {
        return Err(required(
            "here is a WebSocket; ask for one with `Connection: Upgrade` and `Upgrade: websocket`",
        ));
    }
    if !has(header::SEC_WEBSOCKET_VERSION, VERSION) {
        return Err(required("`Sec-WebSocket-Version` must be 13"));
    }
    let key = request.header(header::SEC_WEBSOCKET_KEY).filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| required("`Sec-WebSocket-Key` is missing"))?.to_owned();
    let on_upgrade =
        request.take_upgrade().map_err(|_| required("this connection cannot become a WebSocket"))?;
    let protocol = has(header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL).then_some(PROTOCOL);
    Ok(Asked { key, protocol, on_upgrade })
}

impl Asked {
    /// The answer, after which `serve` has the connection. No message may be larger than `message_bytes`.
    pub(super) fn answer<F: Future<Output = ()> + Send + 'static>(
        self,
        message_bytes: usize,
        serve: impl FnOnce(Socket) -> F + Send + 'static,
    ) -> Upgrade {
        let mut response = Response::builder()
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_ACCEPT, derive_accept_key(self.key.as_bytes()));
        if let Some(protocol) = self.protocol {
            response = response.header(header::SEC_WEBSOCKET_PROTOCOL, protocol);
        }
        let response = response.body(Body::empty());
        tokio::spawn(async move {
            // A client that leaves before the answer has none.
            let Ok(connection) = self.on_upgrade.await else { return };
            let config = WebSocketConfig::default()
                .max_message_size(Some(message_bytes))
                .max_frame_size(Some(message_bytes))
                .read_buffer_size(READ_BUFFER_BYTES);
            serve(Socket::from_raw_socket(connection, Role::Server, Some(config)).await).await;
        });
        Upgrade(response)
    }
}

/// What is read from a connection at a time.
const READ_BUFFER_BYTES: usize = 16 << 10;

/// The answer to a request that becomes a WebSocket.
pub(super) struct Upgrade(Response);

impl IntoResponse for Upgrade {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Payload for Upgrade {
    const CONTENT_TYPE: &'static str = "application/json";

    /// What the server says. (What clients say, `openapi::interactive` adds.)
    fn schema_ref() -> MetaSchemaRef {
        RunEvent::schema_ref()
    }

    fn register(registry: &mut Registry) {
        RunEvent::register(registry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_origin_and_what_is_no_page_get_through() {
        let table = [
            (None, "play.example", true),
            (Some("https://play.example"), "play.example", true),
            (Some("https://Play.Example"), "play.example", true),
            (Some("https://play.example"), "play.example:443", true),
            (Some("http://play.example:80"), "play.example", true),
            (Some("http://127.0.0.1:8080"), "127.0.0.1:8080", true),
            (Some("http://[::1]:8080"), "[::1]:8080", true),
            (Some("http://127.0.0.1:8081"), "127.0.0.1:8080", false),
            (Some("https://play.example:80"), "play.example", false),
            (Some("https://evil.example"), "play.example", false),
            (Some("https://play.example.evil.example"), "play.example", false),
            (Some("https://play.example/"), "play.example", false),
            (Some("null"), "play.example", false),
            (Some(""), "play.example", false),
            (Some("file://play.example"), "play.example", false),
            (Some("http://"), "", false),
        ];
        let none = CorsOrigins::default();
        for (origin, host, fine) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            let result = check_origin(&headers, &Uri::from_static("/"), &none);
            assert_eq!(result.is_ok(), fine, "{origin:?} to {host}");
        }
        let mut two = HeaderMap::new();
        two.insert(header::HOST, "a".parse().unwrap());
        two.append(header::ORIGIN, "http://a".parse().unwrap());
        two.append(header::ORIGIN, "http://b".parse().unwrap());
        let mut named = HeaderMap::new();
        named.insert(header::HOST, "play.example".parse().unwrap());
        named.insert(header::ORIGIN, "https://blog.example".parse().unwrap());
        let blog = CorsOrigins::new(&["https://blog.example".to_owned()]).unwrap();
        assert!(check_origin(&named, &Uri::from_static("/"), &blog).is_ok());
        assert!(check_origin(&named, &Uri::from_static("/"), &none).is_err());
        assert!(check_origin(&two, &Uri::from_static("/"), &none).is_err());
    }
}
