//! Whether a request may go on: asked before anything of it is read but its head.

use std::{marker::PhantomData, net::IpAddr, sync::Arc, time::Duration};

use poem::{
    Addr, Request, RequestBody,
    http::{HeaderMap, HeaderName, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use super::problem::{Kind, Problem};
use crate::{
    access::{Access, Denial, Forwarded, Grant, Right},
    store::{KEY_PREFIX, KeyCeilings},
};

/// Where an API key is sent.
pub(super) const KEY_HEADER: HeaderName = HeaderName::from_static("x-api-key");

/// When one whose programs are as many as may can hope for a place.
const PLACE_RETRY: Duration = Duration::from_secs(1);

/// What an operation is: by this it is known what it needs.
pub(crate) trait Operation: Send + Sync {
    /// All of these.
    const RIGHTS: &'static [Right];
    /// Stands for them in the description, until it is made what generators understand.
    const NAME: &'static str;
}

macro_rules! operations {
    ($($(#[$doc:meta])* $operation:ident $name:literal [$($right:ident),*];)*) => {
        $(
            $(#[$doc])*
            pub(crate) struct $operation;

            impl Operation for $operation {
                const RIGHTS: &'static [Right] = &[$(Right::$right),*];
                const NAME: &'static str = $name;
            }
        )*

        /// Every name, with the rights that it stands for.
        pub(super) const NAMES: &[(&str, &[Right])] = &[$(($name, $operation::RIGHTS)),*];
    };
}

operations! {
    /// Runs a program.
    RunProgram "needs-run" [Run];
    /// Runs a program that is saved.
    RunSnippet "needs-run-and-links" [Run, Links];
    /// Saves, lists or removes snippets.
    UseSnippets "needs-snippets" [Snippets];
    /// Opens a snippet by its link.
    OpenLink "needs-links" [Links];
    /// Manages the server.
    Manage "needs-admin" [Admin];
}

/// A request that may go on.
#[derive(Debug)]
pub(crate) struct Allowed<O> {
    pub(crate) grant: Grant,
    operation: PhantomData<O>,
}

impl<'a, O: Operation> ApiExtractor<'a> for Allowed<O> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = MetaSecurityScheme {
            ty: "apiKey",
            description: None,
            name: None,
            key_in: None,
            scheme: None,
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(O::NAME, scheme);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![O::NAME]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let Some(access) = request.data::<Arc<Access>>() else {
            tracing::error!("nobody knows who may do what");
            return Err(Problem::new(Kind::Internal, "the server's log has more under the request id").into());
        };
        let sent = sent_key(request.headers());
        let grant = access.admit(O::RIGHTS, sent.as_deref(), client(access, request)).await;
        let grant = grant.map_err(Problem::from)?;
        Ok(Self { grant, operation: PhantomData })
    }
}

/// The API key in a request: in its own header, or in those where other tokens and names may be, too.
fn sent_key(headers: &HeaderMap) -> Option<String> {
    if let Some(key) = headers.get(KEY_HEADER) {
        // One that is no text is none that there is.
        return Some(key.to_str().unwrap_or_default().trim().to_owned());
    }
    let bearer = headers.get_all(header::AUTHORIZATION).iter().find_map(|value| bearer(value.to_str().ok()?));
    // Pages cannot give a WebSocket a header of their own, but names of protocols.
    let protocols = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let mut protocols =
        protocols.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim);
    let is_key = |token: &&str| token.starts_with(KEY_PREFIX);
    bearer.filter(is_key).or_else(|| protocols.find(is_key)).map(str::to_owned)
}

/// The token of `Bearer …`.
pub(super) fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

/// Where a request comes from.
fn client(access: &Access, request: &Request) -> Option<IpAddr> {
    let peer = match &request.remote_addr().0 {
        Addr::SocketAddr(address) => address.ip(),
        Addr::Unix(_) | Addr::Custom(..) => return None,
    };
    let values = |name: &str| -> Vec<&str> {
        let values = request.headers().get_all(name).iter();
        // What cannot be read must not be passed over: it counts as an address that is none.
        values.map(|value| value.to_str().unwrap_or_default()).collect()
    };
    let (x_forwarded_for, forwarded) = (values("x-forwarded-for"), values("forwarded"));
    let said = Forwarded { x_forwarded_for: &x_forwarded_for, forwarded: &forwarded };
    Some(access.proxies().client(peer, said))
}

impl From<Denial> for Problem {
    fn from(denial: Denial) -> Self {
        let detail = denial.to_string();
        match denial {
            Denial::KeyRequired(_) => {
                Problem::new(Kind::KeyRequired, format!("{detail}; send it as `X-API-Key: {KEY_PREFIX}…`"))
            }
            Denial::KeyUnknown => Problem::new(Kind::KeyUnknown, detail),
            Denial::ScopeMissing(_) => Problem::new(Kind::ScopeMissing, detail),
            Denial::TooOften { retry_after, .. } => {
                Problem::new(Kind::RateLimited, detail).retry_after(retry_after)
            }
            Denial::TooMany { .. } => Problem::new(Kind::ConcurrencyLimited, detail).retry_after(PLACE_RETRY),
            Denial::Store(error) => error.into(),
        }
    }
}

/// What a key's programs may use at most, as runs know it.
pub(super) fn ceilings(ceilings: &KeyCeilings) -> crate::run::LimitsAsked {
    let KeyCeilings { wall_ms, cpu_ms, memory_bytes, processes, output_bytes } = *ceilings;
    crate::run::LimitsAsked { wall_ms, cpu_ms, memory_bytes, processes, output_bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_from_other_tokens() {
        type Case<'a> = (&'a [(&'a str, &'a str)], Option<&'a str>);
        let table: [Case<'_>; 12] = [
            (&[], None),
            (&[("x-api-key", "pg_a")], Some("pg_a")),
            (&[("x-api-key", " whatever ")], Some("whatever")),
            (&[("authorization", "Bearer pg_a")], Some("pg_a")),
            (&[("authorization", "bearer  pg_a ")], Some("pg_a")),
            (&[("authorization", "Bearer edittoken")], None),
            (&[("authorization", "Basic pg_a")], None),
            (&[("authorization", "pg_a")], None),
            (&[("authorization", "Bearer edittoken"), ("x-api-key", "pg_a")], Some("pg_a")),
            (&[("authorization", "Bearer pg_b"), ("x-api-key", "pg_a")], Some("pg_a")),
            (&[("sec-websocket-protocol", "polyground, pg_a")], Some("pg_a")),
            (&[("sec-websocket-protocol", "polyground")], None),
        ];
        for (sent, expected) in table {
            let mut headers = HeaderMap::new();
            for (name, value) in sent {
                headers.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
            }
            assert_eq!(sent_key(&headers).as_deref(), expected, "{sent:?}");
        }
    }
}
