//! Those who come.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    Ground,
    programs::{self, shell},
};
use crate::{
    hostile,
    server::Events,
    tools::{Seen, open, save},
};

/// Every how many runs an honest client asks for a runtime that takes long.
const SLOW_EVERY: usize = 6;

/// How long a client tries to be served. Others want to be, too, on few processors.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a program, and comes back when it is told to. `Err`: an answer that no caller should get.
fn run(ground: &Ground, request: &Value) -> Result<Seen, String> {
    let begun = Instant::now();
    loop {
        let seen = Seen::of(&ground.server, request);
        match seen.status {
            200 => return Ok(Seen { took: begun.elapsed(), ..seen }),
            429 | 503 if seen.retry_after.is_some() && !seen.kind().is_empty() => {
                if begun.elapsed() > PATIENCE {
                    return Err(format!("not served within {PATIENCE:?}: {seen:?}"));
                }
                thread::sleep(Duration::from_millis(200));
            }
            _ => return Err(format!("{seen:?}\nfor {request}")),
        }
    }
}

/// All runtimes in turn, the quick ones more often. Each answer is checked.
pub(super) fn honest(ground: &Ground, client: usize) {
    let (quick, slow): (Vec<_>, Vec<_>) =
        ground.ready.iter().partition(|runtime| programs::is_quick(runtime));
    for index in 0.. {
        if !ground.goes_on() {
            return;
        }
        let number = client + 10 * index;
        let all = if index % SLOW_EVERY == SLOW_EVERY - 1 && !slow.is_empty() { &slow } else { &quick };
        let runtime = &all[(number / 10 + number / (10 * SLOW_EVERY)) % all.len()];
        let Some((request, expected)) = programs::request(runtime, number) else {
            ground.note(Err(format!("there is no program for {runtime}")));
            return;
        };
        let begun = Instant::now();
        ground.note(run(ground, &request).and_then(|seen| {
            let last = seen.body["stages"].as_array().and_then(|stages| stages.last());
            let is_right = seen.outcome() == "succeeded"
                && last.is_some_and(|stage| stage["stdout"] == *expected && stage["stderr"] == "");
            // Twice in a row its cell was killed, or when it had printed: that is told, and only then.
            let is_told = seen.outcome() == "internal_error" && ground.was_disturbed_since(begun);
            if is_right {
                ground.answered(&runtime["id"]);
            }
            if is_right || is_told { Ok(()) } else { Err(format!("{}: {seen:?}", runtime["id"])) }
        }));
    }
}

/// Each runtime once, when nothing is broken any more: whatever was done to it, it must be well.
pub(super) fn each_runtime(ground: &Ground) {
    for (number, runtime) in (1..).zip(&ground.ready) {
        let Some((request, expected)) = programs::request(runtime, number) else { continue };
        ground.note(run(ground, &request).and_then(|seen| {
            let last = seen.body["stages"].as_array().and_then(|stages| stages.last());
            let is_right =
                seen.outcome() == "succeeded" && last.is_some_and(|stage| stage["stdout"] == *expected);
            if is_right {
                ground.answered(&runtime["id"]);
                return Ok(());
            }
            Err(format!("{} in the end: {seen:?}", runtime["id"]))
        }));
    }
}

/// The whole corpus in turn.
pub(super) fn hostile(ground: &Ground) {
    for number in 0.. {
        if !ground.goes_on() {
            return;
        }
        // From another place each time, so that a short soak is not always the same.
        let (id, request, outcomes, lacks) = hostile::one_of_all(number * 7 + std::process::id() as usize);
        let mark = request["env"]["HOSTILE_MARK"].as_str().expect("it is marked").to_owned();
        ground.marks.lock().unwrap().insert(mark);
        let language = request["language"].as_str().unwrap();
        if ground.server.ready(language).is_empty() {
            continue;
        }
        let begun = Instant::now();
        ground.note(run(ground, &request).and_then(|seen| {
            let text = seen.body["stages"].to_string();
            let harmed = lacks.iter().any(|part| text.contains(part));
            // On a busy machine its time may be up before it is through.
            let is_due =
                outcomes.iter().any(|outcome| outcome == seen.outcome()) || seen.outcome() == "timed_out";
            let is_told = seen.outcome() == "internal_error" && ground.was_disturbed_since(begun);
            if !harmed && (is_due || is_told) { Ok(()) } else { Err(format!("{id}: {seen:?}")) }
        }));
    }
}

/// Reads a long output slowly, and all of it.
pub(super) fn slow(ground: &Ground) {
    const LINES: usize = 8000;
    let expected: String = (1..=LINES).map(|line| format!("{line}\n")).collect();
    while ground.goes_on() {
        let begun = Instant::now();
        let mut stream = match connect(ground, &shell(&format!("seq {LINES}")), "text/event-stream") {
            Ok(stream) => stream,
            Err(error) => {
                ground.note(Err(error.to_string()));
                continue;
            }
        };
        let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
        let ended = loop {
            match stream.read(&mut piece) {
                Ok(0) => break Ok(()),
                Ok(length) => answer.extend_from_slice(&piece[..length]),
                Err(error) => break Err(error),
            }
            thread::sleep(Duration::from_millis(10));
        };
        let text = String::from_utf8_lossy(&answer);
        let (output, end) = told(&text);
        let is_right = end == "succeeded" && output == expected;
        let is_told = end == "internal_error" && ground.was_disturbed_since(begun);
        // Refused, by a head that says so or by the last event.
        let is_refused =
            text.starts_with("HTTP/1.1 429") || text.starts_with("HTTP/1.1 503") || end == "problem";
        let shown: String = text.chars().rev().take(600).collect::<Vec<_>>().into_iter().rev().collect();
        let right = ended.is_ok() && (is_right || is_told || is_refused);
        ground.note(if right { Ok(()) } else { Err(format!("slow reader: {ended:?} {end}: {shown}")) });
        if is_refused {
            thread::sleep(Duration::from_millis(300));
        }
    }
}

/// What an event stream says, in its frames: all of stdout, and its outcome or `problem`.
fn told(answer: &str) -> (String, String) {
    let (mut output, mut end) = (String::new(), String::new());
    for line in answer.lines().filter_map(|line| line.strip_prefix("data:")) {
        let Ok(data) = serde_json::from_str::<Value>(line.trim()) else { continue };
        match data["type"].as_str() {
            Some("stdout") => output.push_str(data["text"].as_str().unwrap_or_default()),
            Some("done") => end = data["outcome"].as_str().unwrap_or_default().to_owned(),
            Some("problem") => end = "problem".into(),
            _ => {}
        }
    }
    (output, end)
}

/// A request on a connection of its own that ends with its answer. Its chunks are small enough to be read as they are.
fn connect(ground: &Ground, request: &Value, accept: &str) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(ground.server.address.strip_prefix("http://").unwrap())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let body = request.to_string();
    write!(
        stream,
        "POST /api/v1/runs HTTP/1.0\r\nhost: x\r\naccept: {accept}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    Ok(stream)
}

/// Comes, asks for something long, and goes at some moment without a word.
pub(super) fn vanishing(ground: &Ground) {
    for index in 0_u64.. {
        if !ground.goes_on() {
            return;
        }
        let accept = if index % 2 == 0 { "application/json" } else { "text/event-stream" };
        if let Ok(stream) = connect(ground, &shell("echo begun; sleep 9; sleep 9"), accept) {
            thread::sleep(Duration::from_millis(index * 37 % 400));
            drop(stream);
        }
        if let Ok(mut stream) = TcpStream::connect(ground.server.address.strip_prefix("http://").unwrap()) {
            let _ = stream.write_all(b"POST /api/v1/runs HTTP/1.1\r\nhost: x\r\ncontent-le");
        }
        thread::sleep(Duration::from_millis(150));
    }
}

/// Saves programs, and finds each of them again.
pub(super) fn saving(ground: &Ground) {
    let mut saved: Vec<(String, String)> = Vec::new();
    let check = |(id, source): &(String, String)| match open(&ground.server, id) {
        Ok(content) if content == *source => Ok(()),
        other => Err(format!("snippet {id} is {other:?}, not {source}")),
    };
    while ground.goes_on() {
        let source = format!("echo {}", saved.len());
        let seen = save(&ground.server, &source);
        match seen.body["id"].as_str() {
            Some(id) if seen.status == 201 => saved.push((id.to_owned(), source)),
            _ => ground.note(Err(format!("a snippet was not saved: {seen:?}"))),
        }
        if let Some(one) = saved.get(saved.len() * 7919 % saved.len().max(1)) {
            ground.note(check(one));
        }
        thread::sleep(Duration::from_millis(100));
    }
    // Every one that was acknowledged, at the end too.
    saved.iter().for_each(|one| ground.note(check(one)));
}

/// An event stream of a program, to be left by whoever has it.
pub(super) fn watch(ground: &Ground, source: &str) -> Option<Events> {
    let client = reqwest::blocking::Client::builder().timeout(PATIENCE).build().unwrap();
    let request = client.post(format!("{}/api/v1/runs", ground.server.address)).json(&shell(source));
    let answer = request.header("accept", "text/event-stream").send().ok()?;
    (answer.status() == 200).then(|| Events::of(answer))
}
