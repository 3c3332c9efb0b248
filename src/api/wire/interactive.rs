//! What clients say over the WebSocket of an interactive run. What they hear are [`super::event::RunEvent`]s.

use std::{collections::BTreeMap, str::FromStr};

use bytes::Bytes;
use nix::sys::signal::Signal;
use poem_openapi::{Object, Union};
use serde::{Deserialize, de::IgnoredAny};

use super::request::{Encoding, File, Limits, Purpose, RunRequest, from_base64, object, objects, strings};
use crate::{
    api::{
        decode::decode,
        problem::{Kind, Problem},
    },
    run::{self, Control, terminal_size},
};

/// The signals that a client may send.
const SIGNALS: &[Signal] = &[
    Signal::SIGINT,
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGQUIT,
    Signal::SIGKILL,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGCONT,
    Signal::SIGTSTP,
];

/// What can be said, by the names of its kinds.
const KINDS: [&str; 5] = ["start", "stdin", "stdin_end", "signal", "resize"];

/// A message from a client in an interactive run.
#[derive(Debug, Union)]
#[allow(clippy::large_enum_variant)] // one at a time, and poem-openapi has no boxes
#[oai(rename = "ClientMessage", discriminator_name = "type", one_of)]
pub(crate) enum ClientMessage {
    /// The first message, once.
    #[oai(mapping = "start")]
    Start(Start),
    /// Input for the program.
    #[oai(mapping = "stdin")]
    Stdin(Input),
    /// There is no more input.
    #[oai(mapping = "stdin_end")]
    StdinEnd(InputEnd),
    /// Send the program a signal.
    #[oai(mapping = "signal")]
    Signal(SendSignal),
    /// The terminal's window has another size.
    #[oai(mapping = "resize")]
    Resize(WindowSize),
}

/// A program to run and talk to: as `RunRequest`, and whether it gets a terminal.
#[derive(Debug, Deserialize, Object)]
#[oai(rename = "Start")]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    #[oai(skip)]
    #[serde(rename = "type")]
    _kind: IgnoredAny,
    /// Name or alias of a language, in any case: `python`, `py`, `C++`.
    language: String,
    /// Which version, as a range: `3.13`, `^3.11`, `>=3.10 <3.13`. Absent or empty: the highest there is.
    version: Option<String>,
    /// The program. The first is the main file.
    #[oai(validator(min_items = 1))]
    #[serde(deserialize_with = "objects")]
    files: Vec<File>,
    /// What the program reads on its standard input first.
    stdin: Option<String>,
    /// The program's arguments.
    #[serde(default, deserialize_with = "strings")]
    args: Option<Vec<String>>,
    /// Environment variables, on top of the runtime's.
    env: Option<BTreeMap<String, String>>,
    /// Less than the runtime's ceilings, where said. In place of that on wall time stands the server's for interactive programs.
    #[serde(default, deserialize_with = "object")]
    limits: Option<Limits>,
    /// `run`, also when absent.
    stage: Option<Purpose>,
    /// The size of the pseudo-terminal that the program gets as its three streams and as its controlling terminal. Absent: it
    /// gets three pipes.
    #[serde(default, deserialize_with = "object")]
    terminal: Option<Terminal>,
}

/// The size of a terminal, in characters.
#[derive(Debug, Clone, Copy, Deserialize, Object)]
#[oai(rename = "Terminal")]
#[serde(deny_unknown_fields)]
pub(crate) struct Terminal {
    /// From 1 to 1000.
    columns: u32,
    /// From 1 to 1000.
    rows: u32,
}

/// Input for the program.
#[derive(Debug, Deserialize, Object)]
#[oai(rename = "Input")]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    #[oai(skip)]
    #[serde(rename = "type")]
    _kind: IgnoredAny,
    /// What it reads.
    text: String,
    /// How `text` is written; `utf-8` when absent.
    encoding: Option<Encoding>,
}

/// There is no more input. On a terminal, its end-of-file character is typed.
#[derive(Debug, Deserialize, Object)]
#[oai(rename = "InputEnd")]
#[serde(deny_unknown_fields)]
pub(crate) struct InputEnd {
    #[oai(skip)]
    #[serde(rename = "type")]
    _kind: IgnoredAny,
}

/// Send the program's main process a signal.
#[derive(Debug, Deserialize, Object)]
#[oai(rename = "SendSignal")]
#[serde(deny_unknown_fields)]
pub(crate) struct SendSignal {
    #[oai(skip)]
    #[serde(rename = "type")]
    _kind: IgnoredAny,
    /// Its name, with or without `SIG`: `SIGINT`, `SIGTERM`, `SIGHUP`, `SIGQUIT`, `SIGKILL`, `SIGUSR1`, `SIGUSR2`, `SIGCONT`,
    /// `SIGTSTP`.
    signal: String,
}

/// The terminal's window has another size.
#[derive(Debug, Deserialize, Object)]
#[oai(rename = "WindowSize")]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowSize {
    #[oai(skip)]
    #[serde(rename = "type")]
    _kind: IgnoredAny,
    /// From 1 to 1000.
    columns: u32,
    /// From 1 to 1000.
    rows: u32,
}

/// What a client has said, as it is meant.
#[derive(Debug)]
pub(crate) enum Said {
    /// Begin. With the terminal's size, where it gets one.
    Start(Box<run::RunRequest>, Option<polyground_protocol::TerminalSize>),
    /// Pass this on to the program.
    Input(Bytes),
    /// There is no more.
    InputEnd,
    /// Something besides input.
    Control(Control),
}

/// Which kind of message it is, whatever else there is in it.
#[derive(Debug, Deserialize)]
struct Kinded {
    #[serde(rename = "type")]
    kind: String,
}

impl Said {
    /// Reads a message.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(text: &str) -> Result<Self, Problem> {
        let message = match decode::<Kinded>(text.as_bytes())?.kind.as_str() {
            "start" => ClientMessage::Start(decode(text.as_bytes())?),
            "stdin" => ClientMessage::Stdin(decode(text.as_bytes())?),
            "stdin_end" => ClientMessage::StdinEnd(decode(text.as_bytes())?),
            "signal" => ClientMessage::Signal(decode(text.as_bytes())?),
            "resize" => ClientMessage::Resize(decode(text.as_bytes())?),
            other => {
                let detail = format!("there is no message of type `{other}`");
                return Err(Problem::new(Kind::InvalidField, detail).field("type").known(KINDS));
            }
        };
        message.try_into()
    }
}

impl TryFrom<ClientMessage> for Said {
    type Error = Problem;

    fn try_from(message: ClientMessage) -> Result<Self, Problem> {
        Ok(match message {
            ClientMessage::Start(start) => start.read()?,
            ClientMessage::Stdin(Input { text, encoding, .. }) => Self::Input(match encoding {
                None | Some(Encoding::Utf8) => text.into(),
                Some(Encoding::Base64) => from_base64(text).map_err(|error| {
                    Problem::new(Kind::InvalidField, format!("`text` is not base64: {error}")).field("text")
                })?,
            }),
            ClientMessage::StdinEnd(_) => Self::InputEnd,
            ClientMessage::Signal(SendSignal { signal, .. }) => {
                Self::Control(Control::Signal(number(&signal)?))
            }
            ClientMessage::Resize(WindowSize { columns, rows, .. }) => {
                Self::Control(Control::Resize(terminal_size(columns, rows)?))
            }
        })
    }
}

impl Start {
    fn read(self) -> Result<Said, Problem> {
        let Start { language, version, files, stdin, args, env, limits, stage, terminal, .. } = self;
        let size = terminal.map(|Terminal { columns, rows }| terminal_size(columns, rows)).transpose();
        let size = size.map_err(|rejection| {
            let mut problem = Problem::from(rejection);
            problem.field = problem.field.map(|field| format!("terminal.{field}"));
            problem
        })?;
        let request = RunRequest { language, version, files, stdin, args, env, limits, stage };
        Ok(Said::Start(Box::new(request.try_into()?), size))
    }
}

/// The number of a signal that may be sent.
fn number(name: &str) -> Result<i32, Problem> {
    let full = if name.starts_with("SIG") { name.to_owned() } else { format!("SIG{name}") };
    let signal = Signal::from_str(&full).ok().filter(|signal| SIGNALS.contains(signal));
    signal.map(|signal| signal as i32).ok_or_else(|| {
        let known = SIGNALS.iter().map(|signal| signal.as_str());
        Problem::new(Kind::InvalidField, format!("`{name}` is no signal that can be sent"))
            .field("signal")
            .known(known)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_is_read_as_it_is_meant() {
        for (text, expected) in [
            (r#"{"type":"stdin","text":"a\n"}"#, r#"Input(b"a\n")"#),
            (r#"{"type":"stdin","text":"/w==","encoding":"base64"}"#, r#"Input(b"\xff")"#),
            (r#"{"type":"stdin_end"}"#, "InputEnd"),
            (r#"{"type":"signal","signal":"SIGINT"}"#, "Control(Signal(2))"),
            (r#"{"type":"signal","signal":"TERM"}"#, "Control(Signal(15))"),
            (
                r#"{"type":"resize","columns":100,"rows":1}"#,
                "Control(Resize(TerminalSize { columns: 100, rows: 1 }))",
            ),
        ] {
            assert_eq!(format!("{:?}", Said::read(text).unwrap()), expected);
        }
        let start = r#"{"type":"start","language":"x","files":[{"name":"a","content":"b"}],"terminal":{"columns":80,"rows":24}}"#;
        let Said::Start(request, Some(size)) = Said::read(start).unwrap() else { panic!("no start") };
        assert_eq!((request.language.as_str(), size.columns, size.rows), ("x", 80, 24));
    }

    #[test]
    fn each_mistake_says_what_would_be_right() {
        for (text, status, field, says) in [
            ("", 400, None, "not JSON"),
            ("[]", 422, None, "an object"),
            (r#"{"text":"a"}"#, 422, Some("type"), "missing"),
            (r#"{"type":"begin"}"#, 422, Some("type"), "`begin`"),
            (r#"{"type":7}"#, 422, Some("type"), "string"),
            (r#"{"type":"start","language":"x","files":[],"tty":1}"#, 422, Some("tty"), "unknown"),
            (
                r#"{"type":"start","language":"x","files":[],"terminal":{"columns":0,"rows":1}}"#,
                422,
                Some("terminal.columns"),
                "1 to 1000",
            ),
            (r#"{"type":"start","files":[]}"#, 422, Some("language"), "missing"),
            (r#"{"type":"stdin"}"#, 422, Some("text"), "missing"),
            (r#"{"type":"stdin","text":"?","encoding":"base64"}"#, 422, Some("text"), "base64"),
            (r#"{"type":"stdin_end","text":"x"}"#, 422, Some("text"), "unknown"),
            (r#"{"type":"signal","signal":"SIGSTOP"}"#, 422, Some("signal"), "SIGSTOP"),
            (r#"{"type":"signal","signal":9}"#, 422, Some("signal"), "string"),
            (r#"{"type":"resize","columns":80}"#, 422, Some("rows"), "missing"),
            (r#"{"type":"resize","columns":80,"rows":70000}"#, 422, Some("rows"), "1 to 1000"),
            (r#"{"type":"resize","columns":-1,"rows":1}"#, 422, Some("columns"), "columns"),
        ] {
            let problem = Said::read(text).unwrap_err();
            assert_eq!(problem.kind.status().as_u16(), status, "{text}: {problem:?}");
            assert_eq!(problem.field.as_deref(), field, "{text}: {problem:?}");
            assert!(problem.detail.contains(says), "{text}: {problem:?}");
        }
    }
}
