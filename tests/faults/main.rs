//! Faults: what breaks around a server or under it, what its callers see then, and that it heals by itself.
//!
//! One after the other, because each has times to keep. The engine that is stopped, killed and frozen here is one of the
//! tests' own; the machine's is only asked for images and for the cells of the test's own servers. `docs/recovery.md` lists
//! them all.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on shall panic

mod cells;
mod daemon;
mod database;
mod drain;
mod engine;
#[path = "../blackbox/hostile/mod.rs"]
#[allow(dead_code)]
mod hostile;
mod outside;
#[path = "../blackbox/postgres.rs"]
mod postgres;
mod postgres_full;
mod pressure;
#[path = "../blackbox/processes.rs"]
#[allow(dead_code)]
mod processes;
mod read_only;
mod recovery;
mod restart;
#[path = "../blackbox/server.rs"]
#[allow(dead_code)] // the black-box tests need more of it
mod server;
#[path = "../blackbox/interactive/session.rs"]
#[allow(dead_code)]
mod session;
mod sick;
mod soak;
mod storms;
mod tools;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let mut trials: Vec<Trial> = Vec::new();
    trials.extend(cells::trials());
    trials.extend(restart::trials());
    trials.extend(database::trials());
    trials.extend(outside::trials());
    trials.extend(read_only::trials());
    trials.extend(postgres_full::trials());
    trials.extend(storms::trials());
    trials.extend(drain::trials());
    trials.extend(engine::trials());
    trials.extend(sick::trials());
    trials.extend(pressure::trials());
    trials.extend(soak::trials());
    let names: Vec<_> = trials.iter().map(|trial| trial.name().to_owned()).collect();
    trials.push(recovery::trial_of(names));
    libtest_mimic::run(&arguments, trials).exit_code()
}
