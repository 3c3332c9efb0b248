//! The server from outside: the real binary, real Docker cells, the local engine, the command line.
//!
//! Four servers are started once: one for each engine, one whose containers serve a single run, and one that starts nothing
//! before it is needed; most tests ask them over HTTP. Tests of how servers start and end bring their own. Everything is on loopback, every wait has an end.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on shall panic

mod access;
mod allow_list;
mod app_armor;
mod artifacts;
mod cases;
mod cell_mounts;
mod cell_processes;
mod cells;
mod cli;
mod compile_stage;
mod config;
mod fence;
mod go_builds;
mod hangups;
mod hostile;
mod interactive;
mod isolation;
mod languages;
mod lifecycle;
mod logs;
mod metrics;
mod new_language;
mod outcomes;
mod outer_seccomp;
mod packages;
mod plugins;
mod postgres;
mod processes;
mod programs;
mod rejections;
mod selftest;
mod server;
mod snippets;
mod soak;
mod supervised;
mod warm;

use std::{process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, Trial};

use crate::server::Server;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let docker = Arc::new(Server::start(&["--engine", "docker", "--warm", "always"]));
    let local = Arc::new(Server::start(&["--engine", "local"]));
    let single_use =
        Arc::new(Server::start(&["--engine", "docker", "--isolation", "single-use", "--warm", "always"]));
    let warm_runtimes = warm::runtimes();
    let folder = warm_runtimes.path().display().to_string();
    // What is compared with it comes the short way, so that both ways are held to give the same bytes.
    let cold = ["--engine", "docker", "--warm", "off", "--cell-link", "engine", "--runtimes", &folder];
    let cold = Arc::new(Server::start(&cold));
    for server in [&docker, &local, &single_use, &cold] {
        server.wait_until_settled();
    }
    for server in [&docker, &local] {
        server.share_proofs();
    }

    let mut trials: Vec<Trial> = Vec::new();
    for (name, server) in [("docker", &docker), ("local", &local)] {
        trials.extend(languages::trials(name, server));
        trials.extend(outcomes::trials(name, server));
        trials.extend(hangups::trials(name, server));
        trials.extend(artifacts::trials(name, server));
        trials.extend(rejections::trials(name, server));
    }
    for (name, server) in [("docker", &docker), ("local", &local), ("single_use", &single_use)] {
        trials.extend(fence::trials(name, server));
        trials.extend(interactive::trials(name, server));
    }
    trials.extend(languages::trials("single_use", &single_use));
    trials.extend(outcomes::trials("single_use", &single_use));
    trials.extend(hangups::trials("single_use", &single_use));
    trials.extend(artifacts::trials("single_use", &single_use));
    trials.extend(programs::trials(&docker));
    trials.extend(go_builds::trials(&docker));
    trials.extend(warm::trials(&docker, &single_use, &cold));
    trials.extend(interactive::common_trials(&local));
    trials.extend(snippets::trials(&local, &docker));
    trials.extend(cli::trials(&docker));
    trials.extend(access::trials());
    trials.extend(compile_stage::trials());
    trials.extend(config::trials());
    trials.extend(lifecycle::trials());
    trials.extend(supervised::trials());
    trials.extend(metrics::trials());
    trials.extend(logs::trials());
    trials.extend(isolation::trials());
    trials.extend(app_armor::trials());
    trials.extend(outer_seccomp::trials());
    trials.extend(allow_list::trials());
    trials.extend(selftest::trials());
    trials.extend(new_language::trials());
    trials.extend(plugins::trials());
    trials.extend(packages::trials());
    for (mode, server) in [("nested", &docker), ("single-use", &single_use), ("local", &local)] {
        trials.extend(cells::trials(mode, server));
    }
    trials.extend(hostile::trials("nested", &docker));
    trials.extend(hostile::warm_trials("nested", &docker));
    trials.extend(hostile::warm_trials("single-use", &single_use));
    trials.extend(hostile::same_cell::trials());
    trials.extend(hostile::trials("single-use", &single_use));
    trials.extend(hostile::trials("local", &local));

    let conclusion = libtest_mimic::run(&arguments, trials);
    // What is counted exactly, when nothing else runs.
    arguments.test_threads = Some(1);
    let modes = [("nested", &docker), ("single-use", &single_use), ("local", &local)];
    let settled_trials = |(mode, server): &(&'static str, &Arc<Server>)| {
        hostile::afterwards::settled_trials(mode, server)
            .into_iter()
            .chain(cell_processes::trials(mode, server))
    };
    let settled = modes.iter().flat_map(settled_trials).collect();
    let settled = libtest_mimic::run(&arguments, settled);
    let mut last = hostile::afterwards::gone_trials(modes);
    drop(docker);
    drop(local);
    drop(single_use);
    drop(cold);
    // By itself: it takes the whole machine, and the others have times to keep.
    last.extend(soak::trials());
    let last = libtest_mimic::run(&arguments, last);
    let conclusions = [conclusion, settled, last];
    conclusions
        .iter()
        .find(|one| one.has_failed())
        .map_or(ExitCode::SUCCESS, libtest_mimic::Conclusion::exit_code)
}
