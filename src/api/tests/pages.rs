//! The playground's pages. They pass as well where it was not built and one page stands in for it.

use reqwest::{Client, Response, header};

use super::*;

async fn open(server: &Server, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Client::new().get(server.url(path)).header("accept", "text/html,*/*;q=0.8");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn one_page_answers_every_address_of_the_playground() {
    let server = Server::start(Setup::default()).await;
    for path in ["/", "/?language=x&code=1", "/s/V1StGXR8_Z5j", "/embed/V1StGXR8_Z5j"] {
        let response = open(&server, path, &[]).await;
        let headers = response.headers();
        assert_eq!(
            (response.status().as_u16(), &headers["cache-control"]),
            (200, &"no-cache".parse().unwrap())
        );
        assert_eq!(headers["content-type"], "text/html; charset=utf-8", "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'; script-src 'self';"), "{policy}");
        let page = response.text().await.unwrap();
        assert!(page.contains("<title>Polyground</title>"), "{page}");
        let inline =
            page.split("<script").skip(1).any(|tag| !tag.split('>').next().unwrap().contains("src="));
        assert!(!inline, "the policy forbids scripts in the page: {page}");
    }
}

#[tokio::test]
async fn a_page_that_has_not_changed_is_not_sent_again() {
    let server = Server::start(Setup::default()).await;
    let first = open(&server, "/", &[]).await;
    let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
    let again = open(&server, "/", &[("if-none-match", &format!("\"other\", W/{tag}"))]).await;
    assert_eq!((again.status().as_u16(), &again.headers()[header::ETAG]), (304, &tag.parse().unwrap()));
    assert!(again.bytes().await.unwrap().is_empty());
    assert_eq!(open(&server, "/", &[("if-none-match", "\"other\"")]).await.status(), 200);
}

#[tokio::test]
async fn people_see_a_page_where_nothing_is_and_programs_a_problem() {
    let server = Server::start(Setup::default()).await;
    for path in ["/nowhere", "/s/", "/assets/nothing.js", "/assets/%2e%2e%2findex.html", "/index.html.br"] {
        let response = open(&server, path, &[]).await;
        let content_type = response.headers()["content-type"].clone();
        assert_eq!(
            (response.status().as_u16(), content_type.to_str().unwrap()),
            (404, "text/html; charset=utf-8")
        );
        let response = server.get(path).await;
        assert_eq!(problem(response, 404).await["type"], "/problems/not-found", "{path}");
    }
    let response = open(&server, "/api/v1/nowhere", &[]).await;
    assert_eq!(problem(response, 404).await["type"], "/problems/not-found");
}

#[tokio::test]
async fn only_the_embedded_page_may_stand_in_others_frames() {
    let server = Server::start(Setup::default()).await;
    for (path, ancestors, resource) in [
        ("/", "frame-ancestors 'none'", "same-origin"),
        ("/s/V1StGXR8_Z5j", "frame-ancestors 'none'", "same-origin"),
        ("/embed/V1StGXR8_Z5j", "frame-ancestors *", "cross-origin"),
    ] {
        let response = open(&server, path, &[]).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.ends_with(ancestors), "{path}: {policy}");
        assert_eq!(response.headers()["cross-origin-resource-policy"], resource, "{path}");
        assert!(!response.headers().contains_key("access-control-allow-origin"), "{path}");
    }
}

#[tokio::test]
async fn pages_that_programs_made_stand_in_any_frame_without_origin_or_network() {
    let server = Server::start(Setup::default()).await;
    let response = open(&server, "/frame.html", &[]).await;
    if response.status() == 404 {
        let page = open(&server, "/", &[]).await.text().await.unwrap();
        assert!(page.contains("built without its playground"), "{page}");
        return;
    }
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("sandbox allow-scripts; default-src 'none'; "), "{policy}");
    // Browsers ask all pages around it, and that of an embedded program is anybody's.
    assert!(policy.ends_with("frame-ancestors *"), "{policy}");
    for right in ["allow-same-origin", "connect-src", "frame-src", "http:", "https:", "'self'"] {
        assert!(!policy.contains(right), "{right}: {policy}");
    }
}

#[tokio::test]
async fn a_head_tells_the_length_of_the_page() {
    let server = Server::start(Setup::default()).await;
    let length = open(&server, "/", &[]).await.bytes().await.unwrap().len();
    let answer = server.raw(b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(answer.to_lowercase().contains(&format!("content-length: {length}\r\n")), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}
