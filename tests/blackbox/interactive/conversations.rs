//! What a person does at a terminal.

use std::{sync::Arc, time::Duration};

use libtest_mimic::Trial;
use serde_json::json;

use super::{
    of,
    session::{Session, pipes, terminal},
};
use crate::server::Server;

pub(super) fn trials(cells: &str, server: &Arc<Server>) -> Vec<Trial> {
    of(
        cells,
        server,
        &[
            ("input_is_read_as_it_is_typed", input_is_read_as_it_is_typed),
            ("read_reads_lines_from_a_pipe", read_reads_lines_from_a_pipe),
            ("readline_edits_lines", readline_edits_lines),
            ("ctrl_c_interrupts", ctrl_c_interrupts),
            ("ctrl_d_and_the_end_of_input_end", ctrl_d_and_the_end_of_input_end),
            ("the_terminal_is_one", the_terminal_is_one),
            ("a_window_changes_its_size", a_window_changes_its_size),
            ("keys_come_as_their_bytes", keys_come_as_their_bytes),
            ("signals_arrive", signals_arrive),
            ("a_compiled_program_talks_too", a_compiled_program_talks_too),
            ("all_that_was_written_comes", all_that_was_written_comes),
        ],
    )
}

fn input_is_read_as_it_is_typed(server: &Server) {
    let mut session =
        Session::on_terminal(server, "python", "name = input('Who? ')\nprint(f'Hello, {name}!')\n");
    session.expect("Who? ");
    session.type_in("Ada\n");
    session.expect("Ada\r\nHello, Ada!\r\n");
    let done = session.done();
    assert_eq!((&done["outcome"], &done["warm"]), (&json!("succeeded"), &json!(false)), "{done}");
    assert_eq!(done["stages"][0]["stderr"], "", "a terminal has one output");
    assert_eq!(done["stages"][0]["stdout"], session.output);
}

fn read_reads_lines_from_a_pipe(server: &Server) {
    let script = "read -r first; echo \"got $first\"; [ -t 0 ] && echo terminal; cat; echo over >&2";
    let mut start = pipes("shell", script);
    start["stdin"] = json!("known before\n");
    let mut session = Session::start(server, &start);
    session.expect("got known before\n");
    session.type_in("one\n");
    session.expect("one\n");
    session.say(&json!({"type": "stdin", "text": "/w==", "encoding": "base64"}));
    session.say(&json!({"type": "stdin_end"}));
    let done = session.done();
    assert_eq!(done["outcome"], "succeeded", "{done}");
    assert!(!session.output.contains("terminal"));
    let errors: Vec<_> = session.heard.iter().filter(|message| message["type"] == "stderr").collect();
    assert_eq!(errors[0]["text"], "over\n");
}

fn readline_edits_lines(server: &Server) {
    let mut session =
        Session::on_terminal(server, "python", "import readline\nprint('read', repr(input('> ')))\n");
    session.expect("> ");
    // Left, then a letter between the two, then the end of the line.
    session.type_in("ac\x1b[Db\x05d\r");
    session.expect("read 'abcd'");
    assert_eq!(session.done()["outcome"], "succeeded");
}

fn ctrl_c_interrupts(server: &Server) {
    let script = "try:\n    input('> ')\nexcept KeyboardInterrupt:\n    print('interrupted')\n";
    let mut session = Session::on_terminal(server, "python", script);
    session.expect("> ");
    // A signal between its prompt and its read is lost on CPython, on every terminal.
    std::thread::sleep(Duration::from_millis(500));
    session.type_in("\x03");
    session.expect("^Cinterrupted");
    assert_eq!(session.done()["outcome"], "succeeded");

    let mut session = Session::on_terminal(server, "shell", "echo ready; sleep 100");
    session.expect("ready");
    session.type_in("\x03");
    let done = session.done();
    assert_eq!((&done["outcome"], &done["stages"][0]["signal"]), (&json!("failed"), &json!(2)), "{done}");
}

fn ctrl_d_and_the_end_of_input_end(server: &Server) {
    let at_end = |typed: &[&str], ends: bool, expected: &str| {
        let mut session = Session::on_terminal(server, "shell", "echo ready; cat; echo over");
        session.expect("ready\r\n");
        for text in typed {
            session.type_in(text);
        }
        if ends {
            session.say(&json!({"type": "stdin_end"}));
        }
        session.expect(expected);
        assert_eq!(session.done()["outcome"], "succeeded");
    };
    at_end(&["line\n", "\x04"], false, "line\r\nline\r\nover");
    at_end(&["line\n"], true, "line\r\nline\r\nover");
    at_end(&["within a line"], true, "within a linewithin a lineover");
    at_end(&[], true, "over");
}

fn the_terminal_is_one(server: &Server) {
    let script = "tty; stty size; echo \"$TERM\"; echo hidden | cat > /dev/tty\n\
                  for fd in 0 1 2; do [ -t $fd ] && echo \"$fd is\"; done; stty -a < /dev/tty | head -n 1";
    let mut session = Session::on_terminal(server, "shell", script);
    session.expect("/dev/pts/");
    session.expect("24 80\r\nxterm-256color\r\nhidden\r\n0 is\r\n1 is\r\n2 is\r\n");
    session.expect("rows 24; columns 80;");
    assert_eq!(session.done()["outcome"], "succeeded");

    let script = "import os\n\
                  print(all(os.isatty(fd) for fd in range(3)), os.ttyname(0), os.get_terminal_size())\n\
                  print(os.getsid(0) == os.getpid() == os.getpgrp() == os.tcgetpgrp(0))\n\
                  print(sorted(os.listdir('/proc/self/fd')))\n";
    let mut session = Session::on_terminal(server, "python", script);
    session.expect("True /dev/pts/");
    session.expect("os.terminal_size(columns=80, lines=24)\r\nTrue\r\n['0', '1', '2', '3']\r\n");
    assert_eq!(session.done()["outcome"], "succeeded");
}

fn a_window_changes_its_size(server: &Server) {
    let script = "import os, signal\n\
                  signal.signal(signal.SIGWINCH, lambda *_: print('now', *os.get_terminal_size(), flush=True))\n\
                  print('ready', flush=True)\n\
                  input()\n";
    let mut session = Session::on_terminal(server, "python", script);
    session.expect("ready");
    session.say(&json!({"type": "resize", "columns": 132, "rows": 50}));
    session.expect("now 132 50");
    session.say(&json!({"type": "resize", "columns": 1, "rows": 1000}));
    session.expect("now 1 1000");
    session.type_in("\n");
    assert_eq!(session.done()["outcome"], "succeeded");
    // One that comes before the program has begun is the size that it begins with.
    let mut session = Session::connect(server, None).unwrap();
    session.say(&terminal("shell", "sleep 0.3; stty size"));
    session.say(&json!({"type": "resize", "columns": 99, "rows": 33}));
    if session.until("an answer", |m| m["type"] == "started" || m["type"] == "problem")["type"] == "started" {
        session.expect("33 99");
    }
}

fn keys_come_as_their_bytes(server: &Server) {
    let script = "import os, sys, tty\n\
                  tty.setraw(0)\n\
                  print('ready', flush=True)\n\
                  got = b''\n\
                  while not got.endswith(b'q'):\n    got += os.read(0, 100)\n\
                  print(got)\n";
    let mut session = Session::on_terminal(server, "python", script);
    session.expect("ready");
    session.type_in("\x1b[A\x1b[B\x1bOC\x03\x1a\té");
    session.say(&json!({"type": "stdin", "text": "/3E=", "encoding": "base64"}));
    session.expect(r"b'\x1b[A\x1b[B\x1bOC\x03\x1a\t\xc3\xa9\xffq'");
    assert_eq!(session.done()["outcome"], "succeeded");
}

fn signals_arrive(server: &Server) {
    let script =
        "trap 'echo one' USR1; trap 'echo ended; exit 7' TERM; echo ready; while :; do sleep 0.1; done";
    for start in [terminal("shell", script), pipes("shell", script)] {
        let mut session = Session::start(server, &start);
        session.expect("ready");
        session.say(&json!({"type": "signal", "signal": "USR1"}));
        session.expect("one");
        session.say(&json!({"type": "signal", "signal": "SIGTERM"}));
        session.expect("ended");
        assert_eq!(session.done()["stages"][0]["exit_code"], 7);
    }
    let mut session = Session::start(server, &pipes("shell", "echo ready; sleep 100"));
    session.expect("ready");
    session.say(&json!({"type": "signal", "signal": "KILL"}));
    assert_eq!(session.done()["stages"][0]["signal"], 9);
}

fn a_compiled_program_talks_too(server: &Server) {
    if server.ready("c++").is_empty() {
        return;
    }
    let program = "#include <iostream>\n#include <unistd.h>\n\
                   int main() { int n = 0; std::cout << isatty(0) << \" number? \" << std::flush;\n\
                   std::cin >> n; std::cout << n * 2 << std::endl; }\n";
    let mut start = terminal("c++", program);
    start["files"][0]["name"] = json!("main.cpp");
    let mut session = Session::start(server, &start);
    session.expect("1 number? ");
    session.type_in("21\n");
    session.expect("42\r\n");
    assert_eq!(session.done()["outcome"], "succeeded");
    let stages: Vec<_> =
        session.heard.iter().filter(|m| m["type"] == "stage").map(|m| m["name"].clone()).collect();
    assert_eq!(stages, ["compile", "run"]);

    let mut session = Session::connect(server, None).unwrap();
    start["files"][0]["content"] = json!("int main() { return nothing; }\n");
    session.say(&start);
    let end = session.until("an end", |m| m["type"] == "done" || m["type"] == "problem");
    if end["type"] == "done" {
        assert_eq!(end["outcome"], "compile_failed");
    }
}

/// A terminal's buffer is emptied before the end is told.
fn all_that_was_written_comes(server: &Server) {
    for _ in 0..5 {
        let mut session = Session::on_terminal(server, "shell", "seq -s, 1 4000");
        let expected: Vec<_> = (1..=4000).map(|number| number.to_string()).collect();
        session.done();
        assert_eq!(session.output, format!("{}\r\n", expected.join(",")));
    }
}
