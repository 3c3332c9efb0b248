//! Programs that misuse their terminal, and clients that leave. What comes after them is served as ever.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;
use serde_json::json;

use super::{
    of,
    session::{PATIENCE, Session, pipes},
};
use crate::{
    hangups::processes_with,
    server::{Server, eventually},
};

/// The most that the server may grow while a flood waits for a reader that does not read.
const FLOOD_BYTES: u64 = 48 << 20;

pub(super) fn trials(cells: &str, server: &Arc<Server>) -> Vec<Trial> {
    of(
        cells,
        server,
        &[
            ("a_terminal_cannot_be_misused", a_terminal_cannot_be_misused),
            ("terminals_are_few", terminals_are_few),
            ("a_process_left_behind_holds_nothing", a_process_left_behind_holds_nothing),
            ("a_flood_waits_for_its_reader", a_flood_waits_for_its_reader),
            ("who_leaves_ends_the_program", who_leaves_ends_the_program),
            ("input_that_nobody_reads_is_bounded", input_that_nobody_reads_is_bounded),
        ],
    )
}

/// An honest program gives the right answer, alone and on a terminal.
fn serves_on(server: &Server) {
    let run =
        server.run(&json!({"language": "shell", "files": [{"name": "a.sh", "content": "echo fine; tty"}]}));
    assert_eq!(run["stages"][0]["stdout"], "fine\nnot a tty\n", "{run}");
    let mut session = Session::on_terminal(server, "shell", "read -r x; echo \"got $x\"");
    session.type_in("it\n");
    session.expect("got it\r\n");
    session.done();
}

fn a_terminal_cannot_be_misused(server: &Server) {
    let script = r#"
import array, errno, fcntl, os, termios
def denied(name, request, argument):
    for fd in (0, os.open("/dev/tty", os.O_RDWR)):
        try:
            fcntl.ioctl(fd, request, argument)
            print(name, "BREACH")
        except OSError as error:
            print(name, errno.errorcode[error.errno])
denied("push", termios.TIOCSTI, b"x")
denied("paste", 0x541C, b"\x03")
denied("console", 0x541D, 0)
denied("discipline", termios.TIOCSETD, array.array("i", [21]))
print("done")
"#;
    let mut session = Session::on_terminal(server, "python", script);
    let done = session.done();
    let expected =
        ["push", "paste", "console", "discipline"].map(|name| format!("{name} EPERM\r\n").repeat(2));
    assert_eq!(session.output, format!("{}done\r\n", expected.concat()), "{done}");
    serves_on(server);
}

fn terminals_are_few(server: &Server) {
    let script = r#"
import os
made = []
try:
    while len(made) < 1000:
        made.append(os.openpty())
except OSError:
    pass
print("made", len(made), flush=True)
print("others", [name for name in os.listdir("/dev/pts") if name.isdigit() and int(name) > 8])
"#;
    let mut session = Session::on_terminal(server, "python", script);
    session.done();
    let made: u32 = session.output.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(made < 8, "{}", session.output);
    assert!(session.output.contains("others []"), "{}", session.output);
    serves_on(server);
}

fn a_process_left_behind_holds_nothing(server: &Server) {
    let seconds = format!("32{}", std::process::id());
    let script = format!(
        "trap '' HUP TERM INT; (trap '' HUP TERM INT; setsid sleep {seconds}) & sleep {seconds} & echo bye; exit 3"
    );
    let begun = Instant::now();
    let mut session = Session::on_terminal(server, "shell", &script);
    let done = session.done();
    assert_eq!(done["stages"][0]["exit_code"], 3, "{done}");
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    assert!(eventually(Duration::from_secs(2), || processes_with(&format!("sleep\0{seconds}")) == 0));
    serves_on(server);
}

fn resident_bytes(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

fn a_flood_waits_for_its_reader(server: &Server) {
    let before = resident_bytes(server);
    let mut session = Session::on_terminal(server, "shell", "echo ready; while :; do echo $RANDOM; done");
    session.expect("ready");
    let mut most = 0;
    for _ in 0..50 {
        thread::sleep(Duration::from_millis(100));
        most = most.max(resident_bytes(server));
    }
    assert!(most < before + FLOOD_BYTES, "{before} bytes before, {most} then");
    session.type_in("\x03");
    session.until("the end", |message| message["type"] == "done");

    let mut session =
        Session::on_terminal(server, "shell", "echo ready; yes 'a line that is a little longer'");
    session.expect("ready");
    thread::sleep(Duration::from_secs(3));
    let done = session.done();
    assert_eq!(done["outcome"], "output_limit", "{}", done["outcome"]);
    let written = session.output.len();
    assert_eq!(written, 4 << 20, "four times what a program may write that has no terminal");
    assert_eq!(done["stages"][0]["truncated"], true);
    serves_on(server);
}

fn who_leaves_ends_the_program(server: &Server) {
    for (index, politely) in [true, false].into_iter().enumerate() {
        let seconds = format!("33{}{index}", std::process::id());
        let sleep = format!("sleep\0{seconds}");
        let mut session = Session::on_terminal(server, "shell", &format!("echo ready; exec sleep {seconds}"));
        session.expect("ready");
        assert!(eventually(PATIENCE, || processes_with(&sleep) > 0));
        if politely {
            session.send(tokio_tungstenite::tungstenite::Message::Close(None));
        }
        drop(session);
        assert!(eventually(Duration::from_secs(2), || processes_with(&sleep) == 0), "politely: {politely}");
    }
    serves_on(server);
}

fn input_that_nobody_reads_is_bounded(server: &Server) {
    let before = resident_bytes(server);
    let mut session = Session::start(server, &pipes("shell", "echo ready; sleep 4; wc -c"));
    session.expect("ready");
    // More than lies anywhere between: the rest waits here.
    let piece = "x".repeat(100_000);
    let mut most = 0;
    for _ in 0..100 {
        session.type_in(&piece);
        most = most.max(resident_bytes(server));
    }
    session.say(&json!({"type": "stdin_end"}));
    session.expect("10000000\n");
    assert!(most < before + FLOOD_BYTES, "{before} bytes before, {most} then");
    assert_eq!(session.done()["outcome"], "succeeded");
}
