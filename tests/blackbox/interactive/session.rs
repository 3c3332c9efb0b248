//! A person at an interactive program: says things over a real WebSocket and looks at what comes back.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, runtime::Runtime, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

use crate::server::Server;

/// How long anything may take that is expected to happen.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// How often a start is tried while others have all the seats.
const STARTS: usize = 120;

pub(super) struct Session {
    runtime: Runtime,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Everything on stdout so far, and how much of it has been looked at.
    pub(super) output: String,
    seen: usize,
    /// Everything that was said besides output.
    pub(super) heard: Vec<Value>,
    pub(super) close_code: Option<u16>,
}

impl Session {
    /// An open connection on which nothing has been said. `Err`: the status and problem that it was refused with.
    pub(super) fn connect(server: &Server, origin: Option<&str>) -> Result<Self, (u16, Value)> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let address = server.address.replace("http://", "ws://");
        let mut request = format!("{address}/api/v1/runs/ws").into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        match runtime.block_on(async { timeout(PATIENCE, connect_async(request)).await }).unwrap() {
            Ok((socket, _)) => Ok(Self {
                runtime,
                socket,
                output: String::new(),
                seen: 0,
                heard: Vec::new(),
                close_code: None,
            }),
            Err(tungstenite::Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                Err((response.status().as_u16(), serde_json::from_slice(body).unwrap_or_default()))
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Starts a program; tries again while there is no seat.
    pub(super) fn start(server: &Server, start: &Value) -> Self {
        for _ in 0..STARTS {
            let mut session = Self::connect(server, None).unwrap_or_else(|refusal| panic!("{refusal:?}"));
            session.say(start);
            let begun = |message: &Value| message["type"] == "stage" && message["name"] == "run";
            let first = session.until("the start", |message| begun(message) || message["type"] == "problem");
            if begun(&first) {
                return session;
            }
            assert!([429, 503].contains(&first["status"].as_u64().unwrap()), "{first}");
            std::thread::sleep(Duration::from_millis(500));
        }
        panic!("there was no seat");
    }

    /// Starts a script of this language on a terminal of 80 by 24.
    pub(super) fn on_terminal(server: &Server, language: &str, script: &str) -> Self {
        Self::start(server, &terminal(language, script))
    }

    pub(super) fn say(&mut self, message: &Value) {
        self.send(Message::text(message.to_string()));
    }

    pub(super) fn send(&mut self, message: Message) {
        let sent = self.runtime.block_on(async { timeout(PATIENCE, self.socket.send(message)).await });
        sent.expect("nobody reads what is said").unwrap();
    }

    /// The same where the other side may have closed.
    pub(super) fn try_send(&mut self, message: Message) -> bool {
        let sent = self.runtime.block_on(async { timeout(PATIENCE, self.socket.send(message)).await });
        sent.is_ok_and(|sent| sent.is_ok())
    }

    pub(super) fn type_in(&mut self, text: &str) {
        self.say(&json!({"type": "stdin", "text": text}));
    }

    /// The next message, if one comes in time. `None` also at the end.
    pub(super) fn next(&mut self, longest: Duration) -> Option<Value> {
        let end = Instant::now() + longest;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let next =
                self.runtime.block_on(async { timeout(left, self.socket.next()).await.ok().flatten() });
            match next {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    self.note(&message);
                    return Some(message);
                }
                Some(Ok(Message::Close(frame))) => {
                    self.close_code = frame.map(|frame| frame.code.into());
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    fn note(&mut self, message: &Value) {
        match message["type"].as_str().unwrap() {
            "stdout" => {
                let text = message["text"].as_str().unwrap();
                if message["encoding"] == "base64" {
                    self.output.push_str(&String::from_utf8_lossy(&STANDARD.decode(text).unwrap()));
                } else {
                    self.output.push_str(text);
                }
            }
            _ => self.heard.push(message.clone()),
        }
    }

    /// Waits for a message.
    pub(super) fn until(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            match self.next(end.saturating_duration_since(Instant::now())) {
                Some(message) if is_it(&message) => return message,
                Some(_) => {}
                None => break,
            }
        }
        panic!(
            "no {what}; heard {:?}, closed with {:?}, output {:?}",
            self.heard, self.close_code, self.output
        );
    }

    /// Waits until the program has written this, after what was waited for before.
    pub(super) fn expect(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.output[self.seen..].find(text) {
                self.seen += at + text.len();
                return;
            }
            let message = self.next(end.saturating_duration_since(Instant::now()));
            assert!(
                message.is_some(),
                "{text:?} did not come; output {:?}, heard {:?}, closed with {:?}",
                &self.output[self.seen..],
                self.heard,
                self.close_code
            );
        }
    }

    /// The run's end, after which the connection is closed.
    pub(super) fn done(&mut self) -> Value {
        let done = self.until("end", |message| message["type"] == "done");
        while self.next(PATIENCE).is_some() {}
        assert_eq!(self.close_code, Some(1000), "{done}");
        done
    }

    /// The close code, after everything that comes before.
    pub(super) fn closed(&mut self) -> Option<u16> {
        while self.next(PATIENCE).is_some() {}
        self.close_code
    }
}

/// The first message for a script on a terminal.
pub(super) fn terminal(language: &str, script: &str) -> Value {
    let mut start = pipes(language, script);
    start["terminal"] = json!({"columns": 80, "rows": 24});
    start
}

/// The first message for a script with pipes.
pub(super) fn pipes(language: &str, script: &str) -> Value {
    json!({"type": "start", "language": language, "files": [{"name": "main", "content": script}]})
}
