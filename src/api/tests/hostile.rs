//! Messages that two parsers may read differently (SECURITY.md, C7), and clients that are slow on purpose (C8).

use super::*;

#[tokio::test]
async fn ambiguous_messages_are_refused_and_the_connection_closed() {
    let server = Server::start(Setup::default()).await;
    let head = |more: &str| post_head(more);
    for message in [
        format!("{}5\r\n{{}}   \r\n0\r\n\r\n", head("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n")),
        format!("{}5\r\n{{}}   \r\n0\r\n\r\n", head("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n")),
        format!("{}{{}}", head("Content-Length: 2\r\nContent-Length: 2\r\n")),
        format!("{}{{}}", head("Content-Length: 2\r\nContent-Length: 3\r\n")),
        format!("{}{{}}", head("Content-Length: 2, 2\r\n")),
        format!("{}{{}}", head("Content-Length: +2\r\n")),
        format!("{}{{}}", head("Content-Length : 2\r\n")),
        format!("{}{{}}", head("Content-Length: 2\n")),
        format!("{}{{}}", head("Content-Length: -1\r\n")),
        format!("{}{{}}", head("Transfer-Encoding: identity\r\n")),
        format!("{}0\r\n\r\n", head("Transfer-Encoding: xchunked\r\n")),
        format!("{}0\r\n\r\n", head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")),
        format!("{}2\n{{}}\r\n0\r\n\r\n", head("Transfer-Encoding: chunked\r\n")),
        format!("{}2\r\n{{}}0\r\n\r\n", head("Transfer-Encoding: chunked\r\n")),
        format!("{}x\r\n{{}}\r\n0\r\n\r\n", head("Transfer-Encoding: chunked\r\n")),
        format!("{}fffffffffffffffff\r\n{{}}\r\n0\r\n\r\n", head("Transfer-Encoding: chunked\r\n")),
        "GET /healthz HTTP/1.1\nHost: x\n\n".to_owned(),
        "GET /healthz HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n".to_owned(),
        "GET /healthz HTTP/1.1\r\nHost: x\r\nA\0: b\r\n\r\n".to_owned(),
        "GET /healthz HTTP/3.1\r\nHost: x\r\n\r\n".to_owned(),
        "nonsense\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1} TLS\r\n\r\n".to_owned(),
    ] {
        let smuggled = format!("{message}GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
        let answer = server.raw(smuggled.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{message:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{message:?}: {answer}");
    }
    assert_eq!(server.begun.load(Ordering::SeqCst), 0);
    assert_eq!(server.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn an_ambiguous_second_request_is_refused_too() {
    let server = Server::start(Setup::default()).await;
    let messages = format!("{}GET /healthz HTTP/1.1\n\n", post("", HELLO));
    let answer = server.raw(messages.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("HTTP/1.1 400 ") && answer.matches("HTTP/1.1").count() == 2, "{answer}");
}

#[tokio::test]
async fn heads_that_come_drop_by_drop_are_cut_while_others_are_served() {
    let limits = ServerLimits { head_timeout: Duration::from_millis(300), ..ServerLimits::default() };
    let server = Server::start(Setup { server: limits, ..Setup::default() }).await;
    let mut slow = Vec::new();
    for _ in 0..100 {
        let mut socket = server.connect().await;
        socket.write_all(b"GET / HT").await.unwrap();
        slow.push(socket);
    }
    let mut silent = server.connect().await;
    let mut preface = server.connect().await;
    preface.write_all(b"PRI * HTTP/2.0\r\n\r\n").await.unwrap();
    let mut later = server.connect().await;
    later.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /heal").await.unwrap();
    assert_eq!(timeout(Duration::from_secs(1), server.post(HELLO)).await.unwrap().status(), 200);
    for socket in slow.iter_mut().chain([&mut silent, &mut preface]) {
        assert!(!rest(socket).await.contains("200"));
    }
    assert_eq!(rest(&mut later).await.matches("HTTP/1.1 200").count(), 1);
}

#[tokio::test]
async fn an_idle_connection_is_kept_for_its_time_and_then_closed() {
    let limits = ServerLimits {
        head_timeout: Duration::from_millis(100),
        idle_timeout: Duration::from_millis(600),
        ..ServerLimits::default()
    };
    let server = Server::start(Setup { server: limits, ..Setup::default() }).await;
    let mut socket = server.connect().await;
    for _ in 0..2 {
        socket.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        until(&mut socket, "\"ok\"}").await;
        sleep(Duration::from_millis(300)).await;
    }
    assert_eq!(rest(&mut socket).await, "");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut() {
    let act = |_| {
        let data = Bytes::from(vec![b'y'; 1 << 20]);
        Ok((0..64)
            .map(|at_ms| Event::Output(Output { stream: Stream::Stdout, at_ms, data: data.clone() }))
            .collect())
    };
    let limits = ServerLimits { write_timeout: Duration::from_millis(300), ..ServerLimits::default() };
    let server = Server::start(Setup { act, stay: true, server: limits, ..Setup::default() }).await;
    let mut socket = server.connect().await;
    socket.write_all(post("Accept: text/event-stream\r\n", HELLO).as_bytes()).await.unwrap();
    server.begun(1).await;
    sleep(Duration::from_millis(500)).await;
    assert!(server.dropped(1).await, "the run went on");
}

#[tokio::test]
async fn connections_are_counted() {
    let limits =
        ServerLimits { connections: 2, linger: Duration::from_millis(50), ..ServerLimits::default() };
    let server = Server::start(Setup { server: limits, ..Setup::default() }).await;
    let (first, _second) = (server.connect().await, server.connect().await);
    sleep(Duration::from_millis(50)).await;
    let third = server.get("/healthz");
    let mut third = std::pin::pin!(third);
    assert!(timeout(Duration::from_millis(200), &mut third).await.is_err(), "a third was served");
    drop(first);
    assert_eq!(timeout(Duration::from_secs(1), third).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_request_names_one_host() {
    let server = Server::start(Setup::default()).await;
    for (version, hosts, status) in [
        ("1.1", "Host: x\r\n", 200),
        ("1.1", "Host: [::1]:8080\r\n", 200),
        ("1.0", "", 200),
        ("1.1", "", 400),
        ("1.1", "Host:\r\n", 400),
        ("1.1", "Host: a b\r\n", 400),
        ("1.1", "Host: a/b\r\n", 400),
        ("1.1", "Host: x\r\nHost: x\r\n", 400),
        ("1.0", "Host: x\r\nHost: y\r\n", 400),
    ] {
        let request = format!("GET /healthz HTTP/{version}\r\n{hosts}Connection: close\r\n\r\n");
        let answer = server.raw(request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/{version} {status} ")), "{hosts:?}: {answer}");
        assert_eq!(answer.contains("/problems/bad-request"), status == 400, "{hosts:?}: {answer}");
    }
}
