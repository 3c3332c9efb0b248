//! Cells and agents that somebody kills: by `docker kill`, by `kill -9`, or that just stop answering.

use std::{
    fs,
    process::Command,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;

use crate::{
    daemon::Daemon,
    server::{Server, containers_of, docker, eventually},
    tools::{ENGINES, Raise, Seen, Small, only_shell, program, trial},
};

/// How long a run may take whose agent stops answering: its bound on wall time, what an agent is given beyond that, and a
/// second attempt.
const SILENT: Duration = Duration::from_secs(20);

/// How many seconds a program sleeps before it writes: longer than it takes to see which cells are idle and to kill them.
const NAP: f32 = 1.7;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![
        trial("cells::docker::one_that_is_killed_while_idle_is_not_missed", || {
            killed_while_idle("docker", docker_kill);
        }),
        trial("cells::docker::idle_ones_that_are_killed_under_load_are_not_missed", killed_under_load),
        trial("cells::docker::one_that_is_killed_under_a_run_is_told", || {
            killed_under_a_run("docker", docker_kill);
        }),
        trial("cells::docker::an_image_that_is_removed_is_named_and_comes_back", image_removed),
    ];
    for engine in ENGINES {
        trials.push(trial(
            format!("cells::{engine}::an_agent_that_is_killed_while_idle_is_not_missed"),
            move || {
                killed_while_idle(engine, move |server| signal_agents(engine, server, "KILL"));
            },
        ));
        trials.push(trial(
            format!("cells::{engine}::an_agent_that_is_killed_under_a_run_is_told"),
            move || {
                killed_under_a_run(engine, move |server| signal_agents(engine, server, "KILL"));
            },
        ));
        trials.push(trial(
            format!("cells::{engine}::an_agent_that_stops_answering_is_replaced"),
            move || {
                stops_answering(engine);
            },
        ));
    }
    trials
}

/// The containers of a server, by name.
fn names(server: &Server) -> Vec<String> {
    let names = containers_of(server.pid());
    names.iter().filter_map(|line| line.split_once(' ')).map(|(_, name)| name.to_owned()).collect()
}

/// Kills every cell of a server from outside. Gives how many.
fn docker_kill(server: &Server) -> usize {
    let names = names(server);
    docker().arg("kill").args(&names).output().unwrap();
    names.len()
}

/// The host's ids of a server's agents.
pub(crate) fn agents(engine: &str, server: &Server) -> Vec<String> {
    let output = if engine == "docker" {
        docker().args(["inspect", "--format", "{{.State.Pid}}"]).args(names(server)).output()
    } else {
        Command::new("pgrep").args(["-P", &server.pid().to_string()]).output()
    };
    let output = String::from_utf8(output.unwrap().stdout).unwrap();
    output.split_whitespace().filter(|pid| *pid != "0").map(str::to_owned).collect()
}

/// Kills one cell of a server from outside.
pub(crate) fn docker_kill_one(server: &Server, number: usize) {
    let names = names(server);
    if let Some(name) = names.get(number % names.len().max(1)) {
        docker().args(["kill", name]).output().unwrap();
    }
}

/// Sends one process a signal.
pub(crate) fn signal_one(pid: &str, signal: &str) {
    Command::new("kill").args([&format!("-{signal}"), pid]).output().unwrap();
}

fn signal_agents(engine: &str, server: &Server, signal: &str) -> usize {
    let agents = agents(engine, server);
    Command::new("kill").arg(format!("-{signal}")).args(&agents).output().unwrap();
    agents.len()
}

fn killed_while_idle(engine: &str, kill: impl Fn(&Server) -> usize) {
    let small = Small::start(&["--engine", engine]);
    small.assert_works(2);
    for _ in 0..3 {
        let has_cells = || kill(&small.server) > 0;
        assert!(eventually(Duration::from_secs(10), has_cells), "there were no cells to kill");
        // At once: nobody had the time to notice.
        small.assert_works(2);
    }
}

/// The containers in which no program runs now.
fn idle(server: &Server) -> Vec<String> {
    let is_idle = |name: &String| {
        let listed = docker().args(["top", name, "-o", "pid,args"]).output().unwrap();
        listed.status.success() && !String::from_utf8_lossy(&listed.stdout).contains(&format!("sleep {NAP}"))
    };
    names(server).into_iter().filter(is_idle).collect()
}

/// All cells that are idle, again and again, while others of the same runtime serve: no caller may see anything of it. What has been
/// lent between the look and the kill has not written anything yet, and is tried again.
fn killed_under_load() {
    let small = Small::start(&["--engine", "docker", "--max-running", "4"]);
    // All cells that there may be, so that some are idle.
    thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(|| small.assert_works(3)))));
    let (stop, killed) = (AtomicBool::new(false), AtomicUsize::new(0));
    let all: Vec<Seen> = thread::scope(|scope| {
        let over = Raise(&stop);
        let client = || {
            let mut all = Vec::new();
            while !stop.load(Ordering::SeqCst) {
                all.push(Seen::of(&small.server, &program(&format!("sleep {NAP}; echo $((6 * 7))"))));
            }
            all
        };
        let clients: Vec<_> = (0..2).map(|_| scope.spawn(client)).collect();
        let end = Instant::now() + Duration::from_secs(60);
        let mut rounds = 0;
        while rounds < 5 && Instant::now() < end {
            let idle = idle(&small.server);
            if !idle.is_empty() {
                docker().arg("kill").args(&idle).output().unwrap();
                killed.fetch_add(idle.len(), Ordering::SeqCst);
                rounds += 1;
            }
            thread::sleep(Duration::from_millis(500));
        }
        drop(over);
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    let killed = killed.into_inner();
    eprintln!("{killed} cells killed, {} answers", all.len());
    assert!(killed >= 5 && all.len() >= 5, "{killed} cells killed, {} answers", all.len());
    let wrong: Vec<_> = all.iter().filter(|seen| seen.status != 200 || seen.stdout() != "42\n").collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", small.log());
    small.assert_works(3);
}

fn killed_under_a_run(engine: &str, kill: impl Fn(&Server) -> usize) {
    let small = Small::start(&["--engine", engine]);
    small.assert_works(1);
    // What has been seen of a program would be seen again: it is not tried once more.
    let mut events = small.server.stream(&program("echo begun; sleep 8"));
    assert!(events.any(|(name, _)| name == "stdout"));
    assert!(kill(&small.server) > 0);
    let killed = Instant::now();
    let (name, done) = events.last().expect("the stream has an end");
    assert_eq!((name.as_str(), done["outcome"].as_str()), ("done", Some("internal_error")), "{done}");
    assert!(killed.elapsed() < Duration::from_secs(5), "{:?}", killed.elapsed());
    small.assert_heals();
    // One that has said nothing yet is tried in another cell, and its caller sees nothing of it.
    let seen = thread::scope(|scope| {
        let run = scope.spawn(|| Seen::of(&small.server, &program("sleep 2; echo survived")));
        thread::sleep(Duration::from_millis(1000));
        assert!(kill(&small.server) > 0);
        run.join().unwrap()
    });
    assert_eq!((seen.status, seen.outcome(), seen.stdout()), (200, "succeeded", "survived\n"), "{seen:?}");
    small.assert_works(3);
}

fn stops_answering(engine: &str) {
    let small = Small::start(&["--engine", engine]);
    small.assert_works(1);
    assert!(signal_agents(engine, &small.server, "STOP") > 0);
    let seen = Seen::of(&small.server, &program("echo $((6 * 7))"));
    assert_eq!((seen.status, seen.outcome(), seen.stdout()), (200, "succeeded", "42\n"), "{seen:?}");
    assert!(seen.took < SILENT, "{:?}", seen.took);
    small.assert_works(3);
}

/// With an engine of its own, whose image can be removed: the runtime keeps no cell, so that the image is not in use. It is
/// made from another that needs no network.
fn image_removed() {
    let daemon = Daemon::start();
    let shell = only_shell();
    daemon.take_over_images_of(shell.path());
    let listed = daemon.docker(&["images", "--format", "{{.Repository}}:{{.Tag}}"]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let from = listed.lines().next().unwrap();
    assert!(daemon.docker(&["tag", from, "faults/below:1"]).status().unwrap().success());

    let folder = fs::read_dir(shell.path()).unwrap().next().unwrap().unwrap().path();
    let definition = fs::read_to_string(folder.join("runtime.yaml")).unwrap();
    let definition = definition.replace("pool: {min: 1, max: 4}", "pool: {min: 0, max: 2}");
    assert!(definition.contains("min: 0"));
    let runtimes = tempfile::tempdir().unwrap();
    let own = runtimes.path().join(folder.file_name().unwrap());
    fs::create_dir(&own).unwrap();
    fs::write(own.join("runtime.yaml"), definition).unwrap();
    fs::write(own.join("Dockerfile"), "FROM faults/below:1\nLABEL faults=yes\n").unwrap();

    let args = ["--engine", "docker", "--docker-host", &daemon.host(), "--idle-timeout", "1", "--runtimes"];
    let server = Server::start(&[&args[..], &[runtimes.path().to_str().unwrap()]].concat());
    let small = Small { server, runtimes };
    small.wait_until_ready();
    small.assert_works(2);
    let made = || {
        let listed =
            daemon.docker(&["images", "--quiet", "--no-trunc", "--filter", "label=faults=yes"]).output();
        String::from_utf8(listed.unwrap().stdout).unwrap().trim().to_owned()
    };
    let image = made();
    assert!(
        eventually(Duration::from_secs(15), || daemon.containers().is_empty()),
        "{:?}",
        daemon.containers()
    );
    assert!(daemon.docker(&["rmi", "--force", &image]).status().unwrap().success());
    assert_eq!(made(), "");
    let seen = Seen::of(&small.server, &program("echo"));
    seen.assert_unavailable(&["runtime-unavailable"]);
    assert!(seen.body["detail"].as_str().unwrap().contains("its image has been removed"), "{seen:?}");
    small.assert_heals();
    assert_ne!(made(), "");
    small.assert_works(3);
    drop(small);
    assert!(eventually(Duration::from_secs(10), || daemon.containers().is_empty()));
}
