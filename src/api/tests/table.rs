//! What every answer has, and what becomes of requests that nothing answers.

use super::*;

#[tokio::test]
async fn every_answer_has_an_id_and_tells_browsers_not_to_guess() {
    let server = Server::start(Setup::default()).await;
    for path in ["/healthz", "/nowhere", "/api/v1/openapi.json", "/api/docs", "/api/docs/rapidoc.js", "/"] {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let response =
            client.get(server.url(path)).header("origin", "https://evil.example").send().await.unwrap();
        let headers = response.headers();
        assert_eq!(headers["x-request-id"].len(), 32, "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert!(
            headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"),
            "{path}"
        );
        assert!(!headers.contains_key("access-control-allow-origin"), "{path}");
    }
}

#[tokio::test]
async fn a_sane_request_id_is_kept_and_another_is_not() {
    let server = Server::start(Setup::default()).await;
    for (sent, kept) in
        [("abc-123_x.y", true), ("a b", false), ("a\tb", false), ("<script>", false), ("", false)]
    {
        let request = reqwest::Client::new().get(server.url("/healthz")).header("x-request-id", sent);
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["x-request-id"] == sent, kept, "{sent:?}");
    }
    let long = "a".repeat(129);
    let request = reqwest::Client::new().get(server.url("/healthz")).header("x-request-id", &long);
    assert_ne!(request.send().await.unwrap().headers()["x-request-id"], long);
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let server = Server::start(Setup::default()).await;
    for path in [
        "/nowhere",
        "/api/v1",
        "/api/v1/runs/",
        "/api/v1/runs/x",
        "/%00",
        "/problems/x",
        "//healthz",
        "/a%2e%2e/b",
    ] {
        assert_eq!(problem(server.get(path).await, 404).await["type"], "/problems/not-found", "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_learns_the_right_ones() {
    let server = Server::start(Setup::default()).await;
    for (method, path, allow) in [
        ("GET", "/api/v1/runs", "POST"),
        ("OPTIONS", "/api/v1/runs", "POST"),
        ("TRACE", "/api/v1/runs", "POST"),
        ("QUERY", "/api/v1/runs", "POST"),
        ("DELETE", "/api/v1/runtimes", "GET, HEAD"),
        ("POST", "/healthz", "GET, HEAD"),
        ("POST", "/api/v1/healthz", "GET, HEAD"),
        ("POST", "/problems/not-found", "GET, HEAD"),
        ("PUT", "/", "GET, HEAD"),
    ] {
        let request = reqwest::Client::new().request(method.parse().unwrap(), server.url(path));
        let response = request.send().await.unwrap();
        assert_eq!(
            response.headers().get("allow").map(|allow| allow.to_str().unwrap()),
            Some(allow),
            "{method} {path}"
        );
        assert_eq!(problem(response, 405).await["type"], "/problems/method-not-allowed");
    }
}

#[tokio::test]
async fn heads_are_answered_without_bodies() {
    let server = Server::start(Setup::default()).await;
    for (path, status) in
        [("/healthz", 200), ("/api/v1/runtimes", 200), ("/nowhere", 404), ("/api/v1/runs", 405)]
    {
        let request = format!("HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = server.raw(request.as_bytes()).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")) && answer.ends_with("\r\n\r\n"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_panic_is_our_fault_and_ends_nothing_else() {
    let server = Server::start(Setup { act: |_| panic!("boom {}", 1), ..Setup::default() }).await;
    let problem = problem(server.post(HELLO).await, 500).await;
    assert!(!problem.to_string().contains("boom"), "{problem}");
    assert_eq!(server.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn problems_explain_themselves() {
    let server = Server::start(Setup::default()).await;
    for kind in super::super::problem::Kind::ALL {
        let response = server.get(&format!("/problems/{}", kind.slug())).await;
        assert_eq!(response.status(), 200);
        assert!(response.text().await.unwrap().contains(kind.explanation()));
    }
}

#[tokio::test]
async fn the_description_is_served() {
    let server = Server::start(Setup::default()).await;
    assert!(server.get("/api/docs").await.text().await.unwrap().contains("v1/openapi.json"));
    let served: Value = server.get("/api/v1/openapi.json").await.json().await.unwrap();
    assert_eq!(&served, openapi::document());
}

#[tokio::test]
async fn http_2_is_spoken_without_asking() {
    let server = Server::start(Setup::default()).await;
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let request =
        client.post(server.url("/api/v1/runs")).header("content-type", "application/json").body(HELLO);
    let response = request.send().await.unwrap();
    assert_eq!((response.version(), response.status().as_u16()), (reqwest::Version::HTTP_2, 200));
}
