//! Cells against a real engine. They need Docker, and the image `polyground/base:trixie` (or what can make it).

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use bollard::{
    models::{ContainerCreateBody, ContainerInspectResponse, HostConfig, VolumeCreateRequest},
    query_parameters::{
        CreateContainerOptionsBuilder, InspectContainerOptions, KillContainerOptionsBuilder,
        ListContainersOptionsBuilder, RemoveContainerOptionsBuilder, RemoveVolumeOptions,
    },
};
use polyground_protocol::{
    Begin, End, Frame, FromAgent, Isolation, RunId, StageEnd, StageLimits, StageSpec, ToAgent,
};
use tokio::time::timeout;

use super::*;
use crate::engine::{ImageSource, LinkError, NoProgress};

const PATIENCE: Duration = Duration::from_secs(20);

async fn engine() -> DockerEngine {
    let options = DockerOptions { instance: instance_id(), ..Default::default() };
    DockerEngine::connect(options).await.unwrap()
}

/// The base, as a cell's image.
async fn image(engine: &DockerEngine) -> Image {
    let source = ImageSource::Reference("polyground/base:trixie".into());
    let mut request = ImageRequest::new("base", source);
    if let ImageState::Current(image) = engine.image_state(&request).await.unwrap() {
        return image;
    }
    let folder = tempfile::tempdir_in(concat!(env!("CARGO_MANIFEST_DIR"), "/runtimes")).unwrap();
    std::fs::write(folder.path().join("Dockerfile"), "FROM polyground/base:trixie\n").unwrap();
    request.source = ImageSource::Build(folder.path().into());
    engine.prepare_image(&request, Arc::new(NoProgress)).await.unwrap()
}

async fn spec(engine: &DockerEngine, isolation: Isolation) -> CellSpec {
    CellSpec {
        runtime: "test-1".into(),
        image: image(engine).await,
        isolation,
        memory_bytes: 128 << 20,
        processes: 32,
        files_bytes: 16 << 20,
        overlay: vec![],
        warm: Vec::new(),
    }
}

async fn open(engine: &DockerEngine, isolation: Isolation) -> Cell {
    engine.open_cell(&spec(engine, isolation).await).await.unwrap()
}

async fn next(cell: &mut Cell) -> Frame<FromAgent> {
    timeout(PATIENCE, cell.link.receiver.next()).await.expect("the agent is silent").unwrap()
}

async fn inspect(engine: &DockerEngine, name: &str) -> ContainerInspectResponse {
    engine.client.docker().inspect_container(name, None::<InspectContainerOptions>).await.unwrap()
}

/// The names of an instance's containers.
async fn containers(engine: &DockerEngine, instance: &str) -> Vec<String> {
    let filters = HashMap::from([("label", vec![format!("{LABEL_INSTANCE}={instance}")])]);
    let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
    let list = engine.client.docker().list_containers(Some(options)).await.unwrap();
    list.into_iter().map(|container| container.names.unwrap().join("")).collect()
}

async fn until_gone(engine: &DockerEngine) -> Duration {
    let begin = Instant::now();
    while !containers(engine, &engine.opener.instance).await.is_empty() {
        assert!(begin.elapsed() < PATIENCE, "containers stay");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    begin.elapsed()
}

/// A shell command as a stage.
fn stage(command: &str) -> StageSpec {
    let limits = StageLimits {
        wall_ms: 5000,
        cpu_ms: 5000,
        data_bytes: None,
        processes: 32,
        output_bytes: 1 << 20,
        file_bytes: 1 << 20,
        open_files: 64,
    };
    StageSpec {
        warm: None,
        terminal: None,
        collect: None,
        argv: vec!["sh".into(), "-c".into(), command.into()],
        env: vec![("PATH".into(), "/usr/bin:/bin".into())],
        limits,
    }
}

/// Runs a shell command in an open cell. Gives what it wrote and how it ended.
async fn run(cell: &mut Cell, command: &str) -> (String, StageEnd) {
    while !matches!(next(cell).await.message, FromAgent::Armed) {}
    let sender = &mut cell.link.sender;
    sender.send(RunId(7), ToAgent::Begin(Begin::default())).await.unwrap();
    sender.send(RunId(7), ToAgent::Stage(stage(command))).await.unwrap();
    let mut output = Vec::new();
    let end = loop {
        match next(cell).await.message {
            FromAgent::Output { data, .. } => output.extend(data),
            FromAgent::StageEnded(end) => break end,
            FromAgent::Failed { reason } => panic!("{reason}"),
            _ => {}
        }
    };
    cell.link.sender.send(RunId(7), ToAgent::End(End {})).await.unwrap();
    (String::from_utf8_lossy(&output).into_owned(), end)
}

#[tokio::test]
async fn docker_a_nested_cell_runs_one_program_after_the_other() {
    let engine = engine().await;
    let mut cell = open(&engine, Isolation::Nested).await;
    assert!(matches!(next(&mut cell).await.message, FromAgent::Hello(_)));
    let (output, end) = run(&mut cell, "echo hello; id -u; echo x > /box/left").await;
    assert_eq!((output.as_str(), end.exit_code), ("hello\n1000\n", Some(0)));
    let (output, _) = run(&mut cell, "ls /box; cat /sys/fs/cgroup/memory.max 2>/dev/null; echo end").await;
    assert_eq!(output, "end\n");
    drop(cell);
    until_gone(&engine).await;
}

/// Sockets that an agent's process has open.
async fn sockets(engine: &DockerEngine, cell: &Cell) -> usize {
    let pid = inspect(engine, &cell.name).await.state.unwrap().pid.unwrap();
    let open = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let targets = open.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
}

#[tokio::test]
async fn docker_frames_go_past_the_engine_where_they_can() {
    let root = nix::unistd::geteuid().is_root();
    for isolation in [Isolation::Nested, Isolation::SingleUse] {
        let mut seen = Vec::new();
        for through_engine in [true, false] {
            let options = DockerOptions { instance: instance_id(), through_engine, ..Default::default() };
            let engine = DockerEngine::connect(options).await.unwrap();
            let mut cell = open(&engine, isolation).await;
            // More than any buffer between the two holds.
            let (output, end) = run(&mut cell, "head -c 900000 /dev/zero | tr '\\0' x; echo end >&2").await;
            assert_eq!((output.len(), end.exit_code), (900_004, Some(0)));
            assert_eq!(engine.opener.shortcut.is_usable(), root && !through_engine);
            if root && isolation == Isolation::Nested {
                while !matches!(next(&mut cell).await.message, FromAgent::Armed) {}
                seen.push(sockets(&engine, &cell).await);
            }
            // What ends the engine's connection ends the cell, whichever way its frames go.
            engine.opener.live.close().await;
            until_gone(&engine).await;
            drop(cell);
        }
        // Its own end, for reading and for writing.
        assert!(seen.is_empty() || seen[1] == seen[0] + 2, "{seen:?}");
    }
}

#[tokio::test]
async fn docker_a_single_use_cell_runs_a_program_as_its_slots_user() {
    let engine = engine().await;
    let mut cell = open(&engine, Isolation::SingleUse).await;
    assert!(matches!(next(&mut cell).await.message, FromAgent::Hello(_)));
    let (output, end) =
        run(&mut cell, "id -u; echo x > /box/a && echo y > /tmp/b; cat /box/a; touch /x").await;
    let (uid, rest) = output.split_once('\n').unwrap();
    assert!(uid.parse::<u32>().unwrap() >= 100_000, "{output}");
    assert!(rest.starts_with("x\n"), "{output}");
    assert!(output.contains("Read-only file system"), "{output}");
    assert_ne!(end.exit_code, Some(0));
    drop(cell);
    until_gone(&engine).await;
}

#[tokio::test]
async fn docker_the_engine_takes_every_hardening_as_it_was_meant() {
    let engine = engine().await;
    let cell = open(&engine, Isolation::Nested).await;
    let seen = inspect(&engine, &cell.name).await;
    let (host, config) = (seen.host_config.unwrap(), seen.config.unwrap());
    let user = config.user.unwrap();
    let (uid, gid) = user.split_once(':').unwrap();
    assert_eq!(uid, gid);
    let uid: u32 = uid.parse().unwrap();
    assert!(uid >= 100_000, "{uid}");
    assert_eq!(config.labels.unwrap()[LABEL_RUNTIME], "test-1");
    assert_eq!(host.masked_paths.unwrap(), [""; 0], "a fresh /proc needs both lists empty");
    assert_eq!(host.readonly_paths.unwrap(), [""; 0]);
    assert_eq!(host.cap_drop.unwrap(), ["ALL"]);
    assert_eq!(host.readonly_rootfs, Some(true));
    assert_eq!(host.network_mode.as_deref(), Some("none"));
    assert_eq!((host.memory, host.memory_swap), (Some(128 << 20), Some(128 << 20)));
    assert_eq!(host.pids_limit, Some(96));
    assert_eq!(host.log_config.unwrap().typ.as_deref(), Some("none"));
    let mounts = seen.mounts.unwrap();
    assert_eq!((mounts.len(), mounts[0].rw), (1, Some(false)));
    let other = open(&engine, Isolation::Nested).await;
    assert_eq!(
        inspect(&engine, &other.name).await.config.unwrap().user.unwrap(),
        format!("{0}:{0}", uid + 1)
    );
    drop((cell, other));
    until_gone(&engine).await;
}

#[tokio::test]
async fn docker_memory_is_raised_and_lowered() {
    let engine = engine().await;
    let cell = open(&engine, Isolation::Nested).await;
    for mebibytes in [512, 64, 300] {
        cell.handle.set_memory(mebibytes << 20).await.unwrap();
        let host = inspect(&engine, &cell.name).await.host_config.unwrap();
        let bytes = i64::try_from(mebibytes << 20).unwrap();
        assert_eq!((host.memory, host.memory_swap), (Some(bytes), Some(bytes)));
    }
    drop(cell);
    until_gone(&engine).await;
}

#[tokio::test]
async fn docker_a_dropped_cell_goes_though_its_link_is_still_held() {
    let engine = engine().await;
    let mut cell = open(&engine, Isolation::Nested).await;
    while !matches!(next(&mut cell).await.message, FromAgent::Armed) {}
    let Cell { mut link, handle, .. } = cell;
    let reader = tokio::spawn(async move { link.receiver.next().await });
    drop(handle);
    assert!(matches!(timeout(PATIENCE, reader).await.unwrap().unwrap(), Err(LinkError::Closed)));
    until_gone(&engine).await;
    let again = engine.opener.slots.take().unwrap();
    assert_eq!(again.number(), 0, "the slot is free again");
}

#[tokio::test]
async fn docker_a_cell_whose_agent_is_stuck_is_removed_by_force() {
    let engine = engine().await;
    let cell = open(&engine, Isolation::Nested).await;
    let options = KillContainerOptionsBuilder::default().signal("STOP").build();
    engine.client.docker().kill_container(&cell.name, Some(options)).await.unwrap();
    drop(cell);
    assert!(until_gone(&engine).await < Duration::from_secs(6));
}

#[tokio::test]
async fn docker_a_caller_who_gives_up_leaves_nothing_behind() {
    let engine = engine().await;
    let spec = spec(&engine, Isolation::Nested).await;
    engine.open_cell(&spec).await.unwrap(); // the volume is filled
    for milliseconds in [1, 20, 60] {
        let opening = engine.open_cell(&spec);
        assert!(timeout(Duration::from_millis(milliseconds), opening).await.is_err());
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    until_gone(&engine).await;
}

#[tokio::test]
async fn docker_shutdown_takes_every_cell_down_also_those_that_nobody_reads() {
    let engine = engine().await;
    let mut cells = Vec::new();
    for _ in 0..3 {
        cells.push(open(&engine, Isolation::Nested).await);
    }
    let begin = Instant::now();
    engine.shutdown().await;
    assert!(begin.elapsed() < SHUTDOWN_PATIENCE.in_all, "{:?}", begin.elapsed());
    assert_eq!(containers(&engine, &engine.opener.instance).await, [""; 0]);
    let late = engine.open_cell(&spec(&engine, Isolation::Nested).await).await;
    assert!(late.err().unwrap().to_string().contains("shutting down"));
    until_gone(&engine).await;
}

/// A container that is being created when everything stops must not appear when the server has ended and nobody looks any more.
#[test]
fn docker_shutdown_takes_what_is_being_opened_down() {
    let look = tokio::runtime::Runtime::new().unwrap();
    for delay_ms in [0, 2, 5, 10, 20, 40, 80, 150] {
        let server = tokio::runtime::Runtime::new().unwrap();
        let instance = server.block_on(async {
            let engine = Arc::new(engine().await);
            let spec = spec(&engine, Isolation::Nested).await;
            for _ in 0..3 {
                let (engine, spec) = (engine.clone(), spec.clone());
                tokio::spawn(async move { engine.open_cell(&spec).await.map(drop) });
            }
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            engine.shutdown().await;
            engine.opener.instance.clone()
        });
        // As the end of the process does.
        server.shutdown_background();
        let left = look.block_on(async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            containers(&engine().await, &instance).await
        });
        assert_eq!(left, [""; 0], "after {delay_ms} ms");
    }
}

#[tokio::test]
async fn docker_an_image_that_has_gone_is_told() {
    let engine = engine().await;
    let mut spec = spec(&engine, Isolation::Nested).await;
    spec.image.id = format!("sha256:{}", "0".repeat(64));
    let text = engine.open_cell(&spec).await.err().unwrap().to_string();
    assert!(text.contains("its image has been removed"), "{text}");
    until_gone(&engine).await;
}

/// A container that never starts, with a label.
async fn idle_container(engine: &DockerEngine, name: &str, instance: &str) {
    let body = ContainerCreateBody {
        image: Some(image(engine).await.id),
        cmd: Some(vec!["true".into()]),
        labels: Some(HashMap::from([(LABEL_INSTANCE.into(), instance.into())])),
        host_config: Some(HostConfig { network_mode: Some("none".into()), ..Default::default() }),
        ..Default::default()
    };
    let options = CreateContainerOptionsBuilder::default().name(name).build();
    engine.client.docker().create_container(Some(options), body).await.unwrap();
}

#[tokio::test]
async fn docker_the_sweep_takes_what_the_dead_left_and_nothing_of_the_living() {
    let engine = engine().await;
    let (living, random) = (instance_id(), uuid::Uuid::now_v7().simple().to_string());
    let dead = format!("{}-4194305-1-{random}", instance::here());
    idle_container(&engine, &format!("polyground-test-dead-{random}"), &dead).await;
    idle_container(&engine, &format!("polyground-test-living-{random}"), &living).await;
    assert!(engine.sweep().await.unwrap() >= 1);
    assert_eq!(containers(&engine, &dead).await.len(), 0);
    assert_eq!(containers(&engine, &living).await.len(), 1);
    let patience = Patience { by_themselves: Duration::ZERO, in_all: PATIENCE };
    assert_eq!(sweep::remove_own(&engine.client, &living, patience).await.unwrap(), 0);
}

#[tokio::test]
async fn docker_two_servers_fill_one_volume_and_a_half_filled_one_is_filled_again() {
    let engine = engine().await;
    let (client, instance) = (&engine.client, &engine.opener.instance);
    let volume = format!("polyground-test-{}", uuid::Uuid::now_v7().simple());
    let request = VolumeCreateRequest { name: Some(volume.clone()), ..Default::default() };
    client.docker().create_volume(request).await.unwrap(); // there, and empty
    let fill = || agent_volume::ensure(client, instance, &volume);
    let (first, second) = tokio::join!(fill(), fill());
    first.and(second).unwrap();
    let begin = Instant::now();
    fill().await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    // A server that died half-way left its container behind: another takes over what it holds, after a while.
    let held = format!("{volume}-fill");
    idle_container(&engine, &held, instance).await;
    let (waited, ()) = tokio::join!(fill(), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let options = RemoveContainerOptionsBuilder::default().force(true).build();
        client.docker().remove_container(&held, Some(options)).await.unwrap();
    });
    waited.unwrap();
    until_gone(&engine).await;
    client.docker().remove_volume(&volume, None::<RemoveVolumeOptions>).await.unwrap();
}

#[tokio::test]
async fn docker_tells_what_it_is() {
    let engine = engine().await;
    engine.ping().await.unwrap();
    let info = engine.info();
    assert_eq!(info.kind, EngineKind::Docker);
    assert!(info.version.starts_with(|c: char| c.is_ascii_digit()), "{info:?}");
    assert!(matches!(info.cgroup_version, Some(1 | 2)), "{info:?}");
}

#[tokio::test]
#[ignore = "measures; run alone: cargo test --release docker_measure -- --ignored --nocapture"]
async fn docker_measure_opening_and_dropping() {
    let engine = engine().await;
    let spec = spec(&engine, Isolation::Nested).await;
    let begin = Instant::now();
    drop(engine.open_cell(&spec).await.unwrap());
    println!("first open_cell: {:?}", begin.elapsed());
    let begin = Instant::now();
    agent_volume::ensure(&engine.client, &engine.opener.instance, &agent_volume::name()).await.unwrap();
    println!("agent volume that is there: {:?}", begin.elapsed());
    until_gone(&engine).await;
    for isolation in [Isolation::Nested, Isolation::SingleUse] {
        let mut times: Vec<[Duration; 3]> = Vec::new();
        for _ in 0..15 {
            let begin = Instant::now();
            let mut cell = engine.open_cell(&CellSpec { isolation, ..spec.clone() }).await.unwrap();
            let opened = begin.elapsed();
            while !matches!(next(&mut cell).await.message, FromAgent::Armed) {}
            let armed = begin.elapsed();
            drop(cell);
            times.push([opened, armed, until_gone(&engine).await]);
        }
        for (index, what) in ["open_cell", "open_cell to Armed", "drop to gone"].iter().enumerate() {
            let mut column: Vec<_> = times.iter().map(|row| row[index]).collect();
            column.sort();
            println!("{isolation:?} {what}: median {:?}, worst {:?}", column[7], column[14]);
        }
    }
}

#[tokio::test]
async fn docker_a_cell_that_floods_a_caller_who_does_not_read_goes_all_the_same() {
    let engine = engine().await;
    let mut cell = open(&engine, Isolation::Nested).await;
    while !matches!(next(&mut cell).await.message, FromAgent::Armed) {}
    let mut stage = stage("while :; do cat /bin/bash; done");
    stage.limits.output_bytes = 1 << 30;
    cell.link.sender.send(RunId(7), ToAgent::Begin(Begin::default())).await.unwrap();
    cell.link.sender.send(RunId(7), ToAgent::Stage(stage)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    drop(cell);
    let gone = until_gone(&engine).await;
    assert!(gone < Duration::from_secs(2), "{gone:?}");
}

#[tokio::test]
async fn docker_a_volume_that_was_emptied_is_filled_again() {
    let engine = engine().await;
    let empty = format!("polyground-test-{}", uuid::Uuid::now_v7().simple());
    *engine.opener.agent_volume.lock().await = Some(empty.clone());
    let mut cell = open(&engine, Isolation::Nested).await;
    assert!(matches!(next(&mut cell).await.message, FromAgent::Hello(_)));
    drop(cell);
    until_gone(&engine).await;
    engine.client.docker().remove_volume(&empty, None::<RemoveVolumeOptions>).await.unwrap();
}

/// Carries connections to the real engine, until it is dropped.
struct Proxy(tokio::task::JoinHandle<()>);

impl Proxy {
    fn start(path: &std::path::Path) -> Self {
        let _ = std::fs::remove_file(path);
        let listener = tokio::net::UnixListener::bind(path).unwrap();
        Self(tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((mut here, _)) = listener.accept().await {
                connections.spawn(async move {
                    let mut there = tokio::net::UnixStream::connect("/var/run/docker.sock").await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut here, &mut there).await;
                });
            }
        }))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[tokio::test]
async fn docker_an_engine_that_goes_away_and_comes_back_is_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    let proxy = Proxy::start(&socket);
    let options = DockerOptions {
        host: Some(format!("unix://{}", socket.display())),
        instance: instance_id(),
        ..Default::default()
    };
    let engine = DockerEngine::connect(options).await.unwrap();
    let mut cell = open(&engine, Isolation::Nested).await;
    while !matches!(next(&mut cell).await.message, FromAgent::Armed) {}
    drop(proxy);
    let lost = timeout(PATIENCE, cell.link.receiver.next()).await.unwrap();
    assert!(matches!(lost, Err(LinkError::Closed | LinkError::Io(_))), "{lost:?}");
    let text = engine.ping().await.unwrap_err().to_string();
    assert!(text.contains("does not answer: connection refused"), "{text}");
    drop(cell);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let _proxy = Proxy::start(&socket);
    engine.ping().await.unwrap();
    until_gone(&engine).await;
    let begin = Instant::now();
    while engine.opener.slots.take().unwrap().number() != 0 {
        assert!(begin.elapsed() < PATIENCE, "the slot is never free again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
