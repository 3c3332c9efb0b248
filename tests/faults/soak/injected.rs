//! What is broken under a server while clients use it.

use std::{
    io::Write,
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use super::{Ground, clients::watch};
use crate::cells::{agents, docker_kill_one, signal_one};

/// How long between two faults.
const PAUSE: Duration = Duration::from_secs(7);

/// Connections of a storm.
const STORM: usize = 300;

/// One fault after the other, in turn.
pub(super) fn faults(ground: &Ground) {
    for index in 0.. {
        let next = Instant::now() + PAUSE;
        while Instant::now() < next {
            if !ground.goes_on() {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        ground.faults.lock().unwrap().push(Instant::now());
        match index % 4 {
            0 if ground.engine == "docker" => docker_kill_one(&ground.server, index),
            0 | 1 => {
                let agents = agents(ground.engine, &ground.server);
                if let Some(agent) = agents.get(index % agents.len().max(1)) {
                    signal_one(agent, "KILL");
                }
            }
            2 => storm(ground),
            _ => under_a_program(ground),
        }
        // It has taken a moment: whoever was disturbed in the middle of it was so now.
        ground.faults.lock().unwrap().push(Instant::now());
    }
}

/// Many connections at once, of which each says a part of something and goes.
fn storm(ground: &Ground) {
    let address = ground.server.address.strip_prefix("http://").unwrap();
    let streams: Vec<_> = (0..STORM).filter_map(|_| TcpStream::connect(address).ok()).collect();
    for (index, mut stream) in streams.iter().enumerate() {
        let said: &[u8] =
            if index % 2 == 0 { b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n" } else { b"GET /heal" };
        let _ = stream.write_all(said);
    }
    thread::sleep(Duration::from_millis(300));
}

/// All agents of the engine at the same time, under a program that has written something: its caller is told.
fn under_a_program(ground: &Ground) {
    let Some(mut events) = watch(ground, "echo begun; sleep 8") else { return };
    if !events.any(|(name, _)| name == "stdout") {
        return;
    }
    for agent in agents(ground.engine, &ground.server) {
        signal_one(&agent, "KILL");
    }
    ground.faults.lock().unwrap().push(Instant::now());
    let end = events.last();
    let is_told =
        end.as_ref().is_some_and(|(name, done)| name == "done" && done["outcome"] == "internal_error");
    ground.note(if is_told {
        Ok(())
    } else {
        Err(format!("a caller whose cell was killed was told {end:?}"))
    });
}
