//! WebSockets above runs that a test acts out: what depends on clocks that the real server has set long.

use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;

use super::*;

const HANDSHAKE: &str = "GET /api/v1/runs/ws HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\
                         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const START: &str = r#"{"type":"start","language":"x","files":[{"name":"a","content":""}]}"#;

fn setup(stay: bool) -> Setup {
    let interactive = InteractiveBounds {
        sockets: 2,
        sockets_of_one: 2,
        start_timeout: Duration::from_millis(500),
        ping_every: Duration::from_millis(100),
        silence: Duration::from_millis(400),
        ..InteractiveBounds::default()
    };
    // Those that stay are still running.
    let act: fn(RunRequest) -> _ =
        if stay { |_| Ok(hello().into_iter().take(3).collect()) } else { |_| Ok(hello()) };
    Setup { act, stay, api: ApiLimits { interactive, ..ApiLimits::default() }, ..Setup::default() }
}

/// A text frame of a client, with a mask of zeros.
fn frame(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 126);
    [&[0x81, 0x80 | length, 0, 0, 0, 0], text.as_bytes()].concat()
}

#[tokio::test]
async fn the_handshake_is_that_of_rfc_6455_and_the_events_follow() {
    let server = Server::start(setup(false)).await;
    let mut socket = server.connect().await;
    socket.write_all(HANDSHAKE.as_bytes()).await.unwrap();
    let head = until(&mut socket, "\r\n\r\n").await.to_lowercase();
    assert!(head.starts_with("http/1.1 101"), "{head}");
    assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
    assert!(head.contains("x-request-id: "), "{head}");
    socket.write_all(&frame(START)).await.unwrap();
    let said = until(&mut socket, r#""type":"done""#).await;
    for name in ["queued", "started", "stage", "stdout", "stage_end"] {
        assert!(said.contains(&format!(r#""type":"{name}""#)), "{name}: {said}");
    }
    assert!(server.dropped(1).await);
}

#[tokio::test]
async fn a_client_that_does_not_answer_pings_has_gone() {
    let server = Server::start(setup(true)).await;
    let mut socket = server.connect().await;
    socket.write_all(HANDSHAKE.as_bytes()).await.unwrap();
    until(&mut socket, "\r\n\r\n").await;
    socket.write_all(&frame(START)).await.unwrap();
    server.begun(1).await;
    assert!(server.dropped(1).await, "the run of a client that is silent goes on");

    let url = format!("ws://{}/api/v1/runs/ws", server.addr);
    let (mut live, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    live.send(Message::text(r#"{"type":"start","language":"x","files":[{"name":"a","content":""}]}"#))
        .await
        .unwrap();
    // Reading answers pings.
    let silent = timeout(Duration::from_millis(1500), async { while let Some(Ok(_)) = live.next().await {} });
    assert!(silent.await.is_err(), "a client that answers is let go");
    drop(live);
    assert!(server.dropped(2).await);
}

#[tokio::test]
async fn connections_are_few_and_free_themselves() {
    let server = Server::start(setup(true)).await;
    let url = format!("ws://{}/api/v1/runs/ws", server.addr);
    let first = tokio_tungstenite::connect_async(&url).await.unwrap();
    let _second = tokio_tungstenite::connect_async(&url).await.unwrap();
    let mut third = server.connect().await;
    third.write_all(HANDSHAKE.as_bytes()).await.unwrap();
    let refused = until(&mut third, "interactive-full").await;
    assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");
    drop(first);
    for attempt in 0.. {
        if tokio_tungstenite::connect_async(&url).await.is_ok() {
            break;
        }
        assert!(attempt < 100, "its place was not freed");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn what_asks_for_something_else_is_told_what_is_here() {
    let server = Server::start(setup(false)).await;
    for (from, to) in [
        ("Upgrade: WebSocket", "Upgrade: h2c"),
        ("keep-alive, Upgrade", "keep-alive"),
        ("Version: 13", "Version: 8"),
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""),
    ] {
        let head = HANDSHAKE.replacen(from, to, 1).replacen("Host: x\r\n", "Host: x\r\nX-A: b\r\n", 1);
        let mut socket = server.connect().await;
        socket.write_all(head.as_bytes()).await.unwrap();
        let answer = until(&mut socket, "upgrade-required").await;
        assert!(answer.starts_with("HTTP/1.1 426"), "{answer}");
    }
}
