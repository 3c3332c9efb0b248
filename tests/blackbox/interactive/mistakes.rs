//! Messages that mean nothing, and connections that must not be.

use std::{sync::Arc, time::Duration};

use libtest_mimic::Trial;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{
    of,
    session::{Session, pipes, terminal},
};
use crate::server::Server;

pub(super) fn trials(server: &Arc<Server>) -> Vec<Trial> {
    of(
        "local",
        server,
        &[
            ("a_wrong_start_is_told_and_closed", a_wrong_start_is_told_and_closed),
            ("a_wrong_message_is_told_and_the_run_goes_on", a_wrong_message_is_told_and_the_run_goes_on),
            ("a_huge_message_closes", a_huge_message_closes),
            ("mistakes_without_end_close", mistakes_without_end_close),
            ("silence_is_not_waited_for", silence_is_not_waited_for),
            ("foreign_pages_are_refused", foreign_pages_are_refused),
            ("what_is_no_websocket_is_told_so", what_is_no_websocket_is_told_so),
        ],
    )
}

fn refused(server: &Server, first: Message) -> (Value, Option<u16>) {
    let mut session = Session::connect(server, None).unwrap();
    session.send(first);
    let problem = session.until("a problem", |message| message["type"] == "problem");
    assert_eq!(problem["problem"]["detail"], problem["detail"]);
    (problem, session.closed())
}

fn a_wrong_start_is_told_and_closed(server: &Server) {
    let with = |field: &str, value: Value| {
        let mut start = terminal("shell", "echo never");
        start[field] = value;
        start
    };
    let table = [
        (json!({"type": "stdin", "text": "early"}), 422, "type", 1008),
        (json!({"type": "begin"}), 422, "type", 1008),
        (json!({}), 422, "type", 1008),
        (with("language", json!("pyton")), 422, "language", 1008),
        (with("files", json!([])), 422, "files", 1008),
        (with("colour", json!(true)), 422, "colour", 1008),
        (with("stage", json!("format")), 422, "stage", 1008),
        (with("terminal", json!({"columns": 0, "rows": 24})), 422, "terminal.columns", 1008),
        (with("terminal", json!({"columns": 80})), 422, "terminal.rows", 1008),
        (with("terminal", json!(true)), 422, "terminal", 1008),
        (with("limits", json!({"wall_ms": 900_000})), 422, "limits.wall_ms", 1008),
        (with("args", json!(vec!["x"; 300])), 413, "args", 1009),
    ];
    for (first, status, field, code) in table {
        let (problem, closed) = refused(server, Message::text(first.to_string()));
        assert_eq!(
            (problem["status"].as_u64(), problem["field"].as_str()),
            (Some(status), Some(field)),
            "{first}"
        );
        assert_eq!(closed, Some(code), "{first}");
    }
    let (problem, closed) = refused(server, Message::text("{"));
    assert_eq!((&problem["status"], closed), (&json!(400), Some(1008)));
    let (problem, closed) = refused(server, Message::binary(terminal("shell", "").to_string().into_bytes()));
    assert_eq!((&problem["status"], closed), (&json!(400), Some(1008)));
}

fn a_wrong_message_is_told_and_the_run_goes_on(server: &Server) {
    let mut session =
        Session::on_terminal(server, "shell", "echo ready; read -r line; echo \"got $line\"; read -r x");
    session.expect("ready");
    let long = "x".repeat(300_000);
    for (message, status) in [
        (Message::text("nonsense"), 400),
        (Message::text("[]"), 422),
        (Message::text(terminal("shell", "").to_string()), 422),
        (Message::text(json!({"type": "signal", "signal": "SIGSTOP"}).to_string()), 422),
        (Message::text(json!({"type": "signal", "signal": 9}).to_string()), 422),
        (Message::text(json!({"type": "resize", "columns": 100_000, "rows": 1}).to_string()), 422),
        (Message::text(json!({"type": "stdin", "text": "?", "encoding": "base64"}).to_string()), 422),
        (Message::text(json!({"type": "stdin", "text": long}).to_string()), 413),
        (Message::binary(vec![0, 1, 2]), 400),
    ] {
        session.send(message.clone());
        let problem = session.until("a problem", |message| message["type"] == "problem");
        assert_eq!(problem["status"], status, "{problem}");
    }
    session.type_in("on\n");
    session.expect("got on");
    session.say(&json!({"type": "stdin_end"}));
    session.type_in("too late");
    session.until("a problem or the end", |message| {
        (message["type"] == "problem" && message["detail"].as_str().unwrap().contains("stdin_end"))
            || message["type"] == "done"
    });
}

fn a_huge_message_closes(server: &Server) {
    let mut session = Session::connect(server, None).unwrap();
    session.try_send(Message::text("x".repeat(5 << 20)));
    assert_eq!(session.closed(), Some(1009));

    let mut session = Session::start(server, &pipes("shell", "sleep 100"));
    session.try_send(Message::text("x".repeat(5 << 20)));
    assert_eq!(session.closed(), Some(1009));
}

fn mistakes_without_end_close(server: &Server) {
    let mut session = Session::start(server, &pipes("shell", "sleep 100"));
    for _ in 0..150 {
        if !session.try_send(Message::text("nonsense")) {
            break;
        }
    }
    assert_eq!(session.closed(), Some(1008));
}

fn silence_is_not_waited_for(server: &Server) {
    let mut session = Session::connect(server, None).unwrap();
    let problem = session.next(Duration::from_secs(20)).expect("a problem");
    assert_eq!((&problem["type"], &problem["status"]), (&json!("problem"), &json!(408)));
    assert_eq!(session.closed(), Some(1008));
}

fn foreign_pages_are_refused(server: &Server) {
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        let (status, problem) = Session::connect(server, Some(origin)).err().expect("a refusal");
        assert_eq!((status, &problem["type"]), (403, &json!("/problems/foreign-origin")), "{origin}");
    }
    let own = server.address.clone();
    assert!(Session::connect(server, Some(&own)).is_ok());
}

fn what_is_no_websocket_is_told_so(server: &Server) {
    let response = server.get("/api/v1/runs/ws");
    assert_eq!(response.status(), 426);
    let problem: Value = response.json().unwrap();
    assert_eq!(problem["type"], "/problems/upgrade-required");
}
