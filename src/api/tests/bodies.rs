//! Request bodies: bounded before they are parsed.

use std::time::Instant;

use super::*;

const MIB: usize = 1 << 20;

fn resident_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_at_once_whether_announced_or_not() {
    let server = Server::start(Setup::default()).await;
    let before = resident_kib();
    let mut quickest = Duration::MAX;
    for _ in 0..5 {
        let (body, begun) = (vec![b' '; 10 * MIB], Instant::now());
        let announced = server.post(body).await;
        quickest = quickest.min(begun.elapsed());
        assert_eq!(problem(announced, 413).await["type"], "/problems/too-large");
    }
    assert!(quickest < Duration::from_millis(100), "{quickest:?}");
    let chunk = Bytes::from(vec![b' '; 64 << 10]);
    let endless = stream::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone())).take(4096);
    let chunked = server.post(reqwest::Body::wrap_stream(endless)).await;
    assert_eq!(problem(chunked, 413).await["detail"], "the body is larger than 4194304 bytes");
    let grown = resident_kib().saturating_sub(before);
    assert!(grown < 64 << 10, "{grown} KiB more");
}

#[tokio::test]
async fn shapes_that_unfold_in_memory_stay_small() {
    let server = Server::start(Setup::default()).await;
    let times = |text: &str| text.repeat(4 * MIB / text.len() - 20);
    for (body, status) in [
        (format!(r#"{{"files":[{}1]}}"#, times("[],")), 422),
        (format!(r#"{{"files":[{}1]}}"#, times(r#"{"name":"a","content":""},"#)), 422),
        (format!(r#"{{"args":[{}1]}}"#, times(r#""","#)), 422),
        (format!(r#"{{"zzz":{}"#, times("[")), 400),
        (times("["), 400),
    ] {
        // The least of three: other tests of this process take memory and time meanwhile.
        let (mut least, mut quickest) = (usize::MAX, Duration::MAX);
        for _ in 0..3 {
            let (before, begun) = (resident_kib(), Instant::now());
            problem(server.post(body.clone()).await, status).await;
            least = least.min(resident_kib().saturating_sub(before));
            quickest = quickest.min(begun.elapsed());
        }
        assert!(least < 64 << 10, "{least} KiB more");
        assert!(quickest < Duration::from_secs(2), "{quickest:?}"); // unoptimised; tens of milliseconds otherwise
    }
}

#[tokio::test]
async fn all_bodies_together_are_bounded() {
    let body = BodyLimits { all_bytes: 8192, ..BodyLimits::default() };
    let api = ApiLimits { body, ..ApiLimits::default() };
    let server = Server::start(Setup { api, ..Setup::default() }).await;
    let mut socket = server.connect().await;
    socket.write_all(post_head("Content-Length: 9000\r\n").as_bytes()).await.unwrap();
    socket.write_all(&[b' '; 6000]).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    let response = server.post(HELLO).await;
    assert_eq!(response.headers()["retry-after"], "2");
    assert_eq!(problem(response, 503).await["type"], "/problems/overloaded");
    drop(socket);
    sleep(Duration::from_millis(100)).await;
    assert_eq!(server.post(HELLO).await.status(), 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let body = BodyLimits { timeout: Duration::from_millis(100), ..BodyLimits::default() };
    let api = ApiLimits { body, ..ApiLimits::default() };
    let server = Server::start(Setup { api, ..Setup::default() }).await;
    let answer = server.raw(post_head("Content-Length: 9\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("/problems/request-timeout"), "{answer}");
}

#[tokio::test]
async fn a_body_is_json_and_not_packed() {
    let server = Server::start(Setup::default()).await;
    for (headers, status, kind) in [
        ("", 415, "unsupported-media-type"),
        ("Content-Type: text/plain\r\n", 415, "unsupported-media-type"),
        ("Content-Type: application/x-www-form-urlencoded\r\n", 415, "unsupported-media-type"),
        ("Content-Type: application/json\r\nContent-Encoding: gzip\r\n", 415, "unsupported-encoding"),
        ("Content-Type: application/json\r\nContent-Encoding: identity\r\n", 422, "invalid-field"),
        ("Content-Type: Application/JSON; charset=utf-8\r\n", 422, "invalid-field"),
        ("Content-Type: application/vnd.x+json\r\n", 422, "invalid-field"),
    ] {
        let request = format!(
            "POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n{headers}\r\n{{}}"
        );
        let answer = server.raw(request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{headers:?}: {answer}");
        assert!(answer.contains(&format!("/problems/{kind}")), "{headers:?}: {answer}");
    }
}
