//! The playground's pages and scripts: `web/dist`, embedded in the binary at build time.
//!
//! The page itself is one for every address of the playground; which of its views is shown the script decides by the
//! address. Files under `/assets/` carry a hash of their content in their names, so browsers keep them for ever.

mod coding;

use poem::{
    Body, Request, Response, RouteMethod,
    endpoint::make_sync,
    error::NotFoundError,
    get,
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use rust_embed::{Embed, EmbeddedFile};

use coding::{Coding, accepted};

/// The addresses that the page answers.
const PAGES: [&str; 2] = ["/", "/s/{id}"];
/// The page again, in frames of other people's pages.
const EMBEDDED: &str = "/embed/{id}";
/// Those of the files beside it: the single ones, and all those whose names change with their content.
const FILES: [&str; 5] = ["/favicon.svg", "/robots.txt", "/embed.js", "/frame.html", "/assets/{file}"];

/// Scripts from here and in no page. The editor writes its styles into the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
                      connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// For pages that programs made, in a frame: no origin, so that they reach nothing of ours, and no network. Browsers ask
/// every page around a frame, up to the outermost, and that of an embedded program is anybody's; there is nothing in
/// this one that others could lead people to press.
const FRAME_POLICY: &str = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; \
                            style-src 'unsafe-inline'; img-src data: blob:; font-src data:; media-src data: blob:; \
                            base-uri 'none'; form-action 'none'; frame-ancestors *";
const PAGE: &str = "index.html";
/// What shows such a page.
const FRAME: &str = "frame.html";
/// What other people's pages load from here.
const EMBED: &str = "embed.js";

#[derive(Embed)]
#[folder = "$OUT_DIR/web"]
struct Files;

/// Every address, with its route.
pub(super) fn routes() -> impl Iterator<Item = (&'static str, RouteMethod)> {
    let pages = PAGES.map(|path| (path, get(make_sync(|request| page(&request)))));
    let files = FILES.map(|path| (path, get(make_sync(|request| file(&request)))));
    let embedded = (EMBEDDED, get(make_sync(|request| embedded(&request))));
    pages.into_iter().chain([embedded]).chain(files)
}

/// The playground's page.
fn page(request: &Request) -> Response {
    answer(request, PAGE, "no-cache").unwrap_or_else(|error| error.into_response())
}

/// The page, for frames anywhere. What it can do there is to run programs, as everybody may without it.
fn embedded(request: &Request) -> Response {
    let mut response = page(request);
    let policy = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *");
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    share(&mut response);
    response
}

/// Lets pages of other origins load it.
fn share(response: &mut Response) {
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    response.headers_mut().insert(policy, HeaderValue::from_static("cross-origin"));
}

/// The page again, which then says that nothing is at this address.
pub(super) fn missing(accept_encoding: Option<&HeaderValue>) -> Response {
    let mut response = whole(PAGE, accept_encoding, "no-store").unwrap_or_default();
    response.set_status(StatusCode::NOT_FOUND);
    response
}

/// A file by its address.
fn file(request: &Request) -> poem::Result<Response> {
    let path = request.uri().path().trim_start_matches('/');
    let keep =
        if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "max-age=3600" };
    let mut response = answer(request, path, keep)?;
    if path == EMBED {
        share(&mut response);
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    Ok(response)
}

/// A file as the client can have it, or word that the client has it already.
fn answer(request: &Request, path: &str, keep: &'static str) -> poem::Result<Response> {
    let response = whole(path, request.headers().get(header::ACCEPT_ENCODING), keep).ok_or(NotFoundError)?;
    let tag = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).unwrap_or_default();
    let known = request.header(header::IF_NONE_MATCH).unwrap_or_default();
    if !known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag || known.trim() == "*") {
        return Ok(response);
    }
    let mut unchanged = response;
    unchanged.set_status(StatusCode::NOT_MODIFIED);
    unchanged.set_body(());
    unchanged.headers_mut().remove(header::CONTENT_LENGTH);
    Ok(unchanged)
}

/// A file in the smallest form that the client takes; `None` when there is no such file.
fn whole(path: &str, accept_encoding: Option<&HeaderValue>, keep: &'static str) -> Option<Response> {
    let media_type = media_type(path)?;
    let plain = Files::get(path)?;
    let coded = accepted(accept_encoding).into_iter().find_map(|coding| {
        let file = Files::get(&format!("{path}.{}", coding.ending()))?;
        Some((Some(coding), file))
    });
    let (coding, file) = coded.unwrap_or((None, plain));
    let policy = if path == FRAME { FRAME_POLICY } else { POLICY };
    Some(described(file, coding, media_type, keep, policy))
}

fn described(
    file: EmbeddedFile,
    coding: Option<Coding>,
    media_type: &str,
    keep: &str,
    policy: &str,
) -> Response {
    let tag: String = file.metadata.sha256_hash().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let mut builder = Response::builder()
        .content_type(media_type)
        .header(header::CACHE_CONTROL, keep)
        .header(header::VARY, "accept-encoding")
        .header(header::ETAG, format!("\"{tag}\""))
        .header(header::CONTENT_LENGTH, file.data.len());
    if let Some(coding) = coding {
        builder = builder.header(header::CONTENT_ENCODING, coding.name());
    }
    if media_type.starts_with("text/html") {
        builder = builder.header(header::CONTENT_SECURITY_POLICY, policy);
    }
    builder.body(Body::from_bytes(file.data.into_owned().into()))
}

/// By the file's ending; what has none of these is not served.
fn media_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "woff2" => "font/woff2",
        _ => return None,
    })
}
