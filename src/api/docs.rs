//! Pages for people: the API's documentation, which loads nothing from elsewhere, and what each problem means.

use std::sync::OnceLock;

use poem::{Body, Request, Response, error::NotFoundError};

use super::{ApiLimits, Sources, openapi, problem::Kind};

/// Scripts only from here; nothing from any other host, whatever RapiDoc may try.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; \
                      img-src 'self' data:; font-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

/// Links are relative, so that the page also works behind a path prefix.
const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Polyground API</title>
<link rel="icon" href="../favicon.svg" type="image/svg+xml">
<script defer src="docs/rapidoc.js"></script>
</head>
<body>
<rapi-doc spec-url="v1/openapi.json" load-fonts="false" theme="light" render-style="focused" show-header="false"
  regular-font="system-ui, sans-serif" mono-font="ui-monospace, monospace" schema-description-expanded="true"
  allow-authentication="false" allow-server-selection="false">
</rapi-doc>
</body>
</html>
"#;

/// `GET /api/docs`
pub(super) fn page() -> Response {
    Response::builder()
        .content_type("text/html; charset=utf-8")
        .header("content-security-policy", POLICY)
        .header("cache-control", "no-cache")
        .body(PAGE)
}

/// `GET /api/docs/rapidoc.js`
pub(super) fn script() -> Response {
    Response::builder()
        .content_type("text/javascript; charset=utf-8")
        .header("cache-control", "max-age=3600")
        .body(Body::from_bytes(bytes::Bytes::from_static(rapidoc().as_bytes())))
}

/// RapiDoc itself, out of the page that poem-openapi has around it: that page loads fonts from the web.
fn rapidoc() -> &'static str {
    static SCRIPT: OnceLock<String> = OnceLock::new();
    SCRIPT.get_or_init(|| {
        let page = openapi::service(Sources::none(), ApiLimits::default()).rapidoc_html();
        let begin = page.find("<script charset=\"UTF-8\">").map(|at| at + "<script charset=\"UTF-8\">".len());
        let end = page.find("</script>\n</head>");
        begin.zip(end).and_then(|(begin, end)| page.get(begin..end)).unwrap_or_default().to_owned()
    })
}

/// `GET /problems/{slug}`
pub(super) fn problem(request: &Request) -> poem::Result<Response> {
    let slug = request.raw_path_param("slug").unwrap_or_default();
    let kind = Kind::ALL.iter().find(|kind| kind.slug() == slug).ok_or(NotFoundError)?;
    let text = format!("{} ({})\n\n{}\n", kind.title(), kind.status().as_u16(), kind.explanation());
    Ok(Response::builder().content_type("text/plain; charset=utf-8").body(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_is_whole_and_loads_nothing_from_elsewhere() {
        assert!(rapidoc().len() > 100_000, "RapiDoc was not found in poem-openapi's page");
        assert!(rapidoc().contains("rapi-doc"));
        assert!(!PAGE.contains("//"), "the page names another host");
    }
}
