//! Pages of other origins that may ask the API (the Fetch standard's CORS protocol). None may, unless the operator names them:
//! the playground's own pages, and what they embed elsewhere, need none of it.

use std::sync::{Arc, PoisonError, RwLock};

use poem::{
    Request, Response,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
};

/// What pages may send.
const SENT: &str = "accept, authorization, content-type, edit-token, idempotency-key, if-none-match, x-api-key, x-request-id";
/// What they may read besides what every page may.
const READ: &str = "allow, etag, retry-after, www-authenticate, x-request-id";
const METHODS: &str = "GET, HEAD, POST, DELETE";
/// For how many seconds a browser need not ask again.
const REMEMBERED: &str = "600";
/// What can be asked across origins. Pages and their files cannot.
const PATHS: &str = "/api/v1/";

/// The origins whose pages may ask. Copies of it are one list: what one is changed to, all are.
#[derive(Debug, Clone, Default)]
pub struct CorsOrigins(Arc<RwLock<Origins>>);

#[derive(Debug, Default)]
struct Origins {
    any: bool,
    named: Vec<String>,
}

impl CorsOrigins {
    /// These, as `https://blog.example`; `*` stands for all.
    ///
    /// # Errors
    /// With the one that is none.
    pub fn new(origins: &[String]) -> Result<Self, String> {
        Origins::new(origins).map(|origins| Self(Arc::new(RwLock::new(origins))))
    }

    /// These instead, from the next request on.
    ///
    /// # Errors
    /// With the one that is none; nothing has changed then.
    pub fn change(&self, origins: &[String]) -> Result<(), String> {
        let origins = Origins::new(origins)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = origins;
        Ok(())
    }

    /// Whether pages of this origin may ask.
    pub(super) fn has(&self, origin: &str) -> bool {
        let origins = self.0.read().unwrap_or_else(PoisonError::into_inner);
        origins.any || origins.named.contains(&origin.to_ascii_lowercase())
    }

    /// What a browser is answered that asks whether a page may ask. `None`: it asks something else, or it may not.
    pub(super) fn preflight(&self, request: &Request) -> Option<Response> {
        let asks = *request.method() == Method::OPTIONS
            && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        self.page(request).filter(|_| asks)?;
        let response = Response::builder()
            .status(StatusCode::NO_CONTENT)
            .header(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS)
            .header(header::ACCESS_CONTROL_ALLOW_HEADERS, SENT)
            .header(header::ACCESS_CONTROL_MAX_AGE, REMEMBERED);
        Some(response.finish())
    }

    /// The page that a request comes from, where it may ask for what it asks for.
    pub(super) fn page(&self, request: &Request) -> Option<Page> {
        let origin = request.headers().get(header::ORIGIN)?;
        let may =
            request.uri().path().starts_with(PATHS) && origin.to_str().is_ok_and(|origin| self.has(origin));
        may.then(|| Page { origin: origin.clone() })
    }
}

impl Origins {
    fn new(origins: &[String]) -> Result<Self, String> {
        let mut allowed = Self::default();
        for origin in origins {
            match origin.as_str() {
                "*" => allowed.any = true,
                origin if is_origin(origin) => allowed.named.push(origin.to_ascii_lowercase()),
                origin => return Err(origin.to_owned()),
            }
        }
        Ok(allowed)
    }
}

/// A page that may ask.
pub(super) struct Page {
    origin: HeaderValue,
}

impl Page {
    /// Lets the page read an answer with these headers.
    pub(super) fn let_read(self, headers: &mut HeaderMap) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(READ));
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
}

/// `https://blog.example`, `http://localhost:3000`: as a browser writes it.
fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let host = authority.parse::<poem::http::uri::Authority>();
    matches!(scheme, "http" | "https")
        && host.is_ok_and(|host| !host.host().is_empty() && host.as_str() == authority)
        && !authority.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        for good in ["https://blog.example", "http://localhost:3000", "https://[2001:db8::1]:8443", "*"] {
            assert!(CorsOrigins::new(&[good.to_owned()]).is_ok(), "{good}");
        }
        for bad in
            ["", "blog.example", "https://", "https://a/", "https://a/b", "ftp://a", "https://me@a", "null"]
        {
            assert_eq!(CorsOrigins::new(&[bad.to_owned()]).err(), Some(bad.to_owned()));
        }
    }

    #[test]
    fn only_pages_that_are_named_may_ask_and_only_the_api() {
        let origins = CorsOrigins::new(&["https://Blog.example".to_owned()]).unwrap();
        let ask = |path: &str, origin: &str| {
            let request = Request::builder().uri_str(path).header(header::ORIGIN, origin).finish();
            origins.page(&request).is_some()
        };
        assert!(ask("/api/v1/runs", "https://blog.example"));
        assert!(!ask("/api/v1/runs", "https://blog.example.evil.example"));
        assert!(!ask("/api/v1/runs", "null"));
        assert!(!ask("/", "https://blog.example"));
        assert!(!CorsOrigins::default().has("https://blog.example"));
        assert!(CorsOrigins::new(&["*".to_owned()]).unwrap().has("https://anything.example"));
    }
}
