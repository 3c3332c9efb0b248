//! Cells without a daemon: the agent as a child of this server, its sandboxes over a read-only view of this machine.
//!
//! For trying out and for tests. Programs see the host's toolchains; they are held by the same nested sandbox as in
//! a container, but there is no container around it: no outer file system, and bounds on memory only where this
//! server may make cgroups (as root).

mod cgroup;
#[cfg(test)]
mod fuzz;
mod host;

use std::{
    fs::File,
    io::{self, Write},
    os::fd::{AsRawFd, FromRawFd},
    process::Stdio,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures_util::TryStreamExt;
use polyground_protocol::{Isolation, RunId, ToAgent, View};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use tokio_util::{io::ReaderStream, task::TaskTracker};

use self::cgroup::{Cgroup, Cgroups};
use super::{
    AgentPlace, CALL_TIMEOUT, Cell, CellHandle, CellSpec, Engine, EngineError, EngineInfo, EngineKind, Image,
    ImageRequest, ImageState, Link, Progress, agent::AGENT, cell_config,
};

/// The first of the user ids that cells run as, where the server may choose: one for each, so that the kernel's
/// quotas of one user are not shared between programs.
const FIRST_UID: u32 = 200_000;

/// How many user ids are taken in turn.
const UIDS: u64 = 10_000;

/// How long the end of cells is waited for at shutdown.
const SHUTDOWN_PATIENCE: Duration = Duration::from_millis(1500);

/// This machine as an engine.
pub struct LocalEngine {
    info: EngineInfo,
    agent: File,
    cgroups: Option<Arc<Cgroups>>,
    cells: AtomicU64,
    /// Held once by this engine, and by each cell until its processes are gone.
    live: Arc<()>,
    reapers: TaskTracker,
}

impl LocalEngine {
    /// Takes this machine as an engine. `instance` names this server among others on the machine.
    ///
    /// # Errors
    /// When the agent cannot be laid out in memory.
    pub fn new(instance: &str) -> Result<Self, EngineError> {
        let agent = agent_in_memory().map_err(|error| EngineError::Refused {
            what: "laying out the agent in memory".into(),
            reason: error.to_string(),
        })?;
        let cgroups = match Cgroups::new(instance) {
            Ok(cgroups) => Some(Arc::new(cgroups)),
            Err(reason) => {
                tracing::info!(%reason, "the local engine has no cgroups: memory is bounded for each process, not for a whole run");
                None
            }
        };
        let info = EngineInfo {
            kind: EngineKind::Local,
            version: env!("CARGO_PKG_VERSION").into(),
            address: "this machine".into(),
            cgroup_version: cgroups.as_ref().map(|cgroups| cgroups.version()),
            is_here: true,
            app_armor: false,
            app_armor_profile: None,
            se_linux: false,
        };
        Ok(Self {
            info,
            agent,
            cgroups,
            cells: AtomicU64::new(0),
            live: Arc::new(()),
            reapers: TaskTracker::new(),
        })
    }

    fn start_agent(&self, number: u64) -> io::Result<Child> {
        let mut command = Command::new(format!("/proc/self/fd/{}", self.agent.as_raw_fd()));
        command
            .arg0("polyground-agent")
            .env_clear()
            .env("PATH", host::PATH)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        if nix::unistd::geteuid().is_root() {
            let uid = FIRST_UID + u32::try_from(number % UIDS).unwrap_or(0);
            command.uid(uid).gid(uid);
        }
        command.spawn()
    }
}

#[async_trait]
impl Engine for LocalEngine {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    async fn ping(&self) -> Result<(), EngineError> {
        Ok(())
    }

    async fn image_state(&self, request: &ImageRequest) -> Result<ImageState, EngineError> {
        if !request.packages.is_empty() {
            return Err(EngineError::Image(
                "its definition installs packages, so that it needs the docker engine".into(),
            ));
        }
        match &request.host_requires {
            None => Err(EngineError::Image(
                "its definition has no `host`, so that it needs the docker engine".into(),
            )),
            Some(commands) => host::check(commands).map(ImageState::Current).map_err(EngineError::Image),
        }
    }

    async fn prepare_image(
        &self,
        request: &ImageRequest,
        _progress: Arc<dyn Progress>,
    ) -> Result<Image, EngineError> {
        match self.image_state(request).await? {
            ImageState::Current(image) | ImageState::Outdated(image) => Ok(image),
            ImageState::Missing => Err(EngineError::Image("this machine has no images".into())),
        }
    }

    async fn open_cell(&self, spec: &CellSpec) -> Result<Cell, EngineError> {
        if spec.isolation != Isolation::Nested {
            return Err(EngineError::Cell(
                "the local engine has no containers, only nested sandboxes".into(),
            ));
        }
        let number = self.cells.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", spec.runtime);
        let failed = |error: io::Error| EngineError::Cell(error.to_string());
        let cgroup =
            self.cgroups.as_ref().map(|cgroups| cgroups.make(&name, spec)).transpose().map_err(failed)?;
        let mut child = self.start_agent(number).map_err(failed)?;
        if let (Some(cgroup), Some(pid)) = (&cgroup, child.id()) {
            cgroup.take_in(pid).map_err(failed)?;
        }
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(EngineError::Cell("the agent has no streams".into()));
        };
        log_lines(name.clone(), stderr);
        let mut link = Link::new(stdin, ReaderStream::with_capacity(stdout, 64 << 10).map_ok(|chunk| chunk));
        let place = AgentPlace {
            view: View::Paths(host::view()),
            mount_point: host::MOUNT_POINT.into(),
            single_use_uid: 0,
            own_cgroup: cgroup.is_some(),
        };
        let configure = ToAgent::Configure(cell_config(spec, place));
        let handle = LocalCell {
            child: Mutex::new(Some(child)),
            cgroup,
            live: self.live.clone(),
            reapers: self.reapers.clone(),
        };
        tokio::time::timeout(CALL_TIMEOUT, link.sender.send(RunId::NONE, configure))
            .await
            .map_err(|_| EngineError::Timeout { what: "starting an agent".into(), limit: CALL_TIMEOUT })?
            .map_err(|error| EngineError::Cell(error.to_string()))?;
        Ok(Cell { name, link, handle: Box::new(handle) })
    }

    async fn count_cells(&self) -> Result<usize, EngineError> {
        Ok(Arc::strong_count(&self.live) - 1)
    }

    async fn shutdown(&self) {
        self.reapers.close();
        if tokio::time::timeout(SHUTDOWN_PATIENCE, self.reapers.wait()).await.is_err() {
            tracing::warn!("some cells had not ended at shutdown");
        }
    }
}

/// A process tree with an agent at its root.
struct LocalCell {
    child: Mutex<Option<Child>>,
    cgroup: Option<Cgroup>,
    live: Arc<()>,
    reapers: TaskTracker,
}

#[async_trait]
impl CellHandle for LocalCell {
    async fn set_memory(&self, memory_bytes: u64) -> Result<(), EngineError> {
        let Some(cgroup) = &self.cgroup else { return Ok(()) };
        cgroup.set_memory(memory_bytes).map_err(|error| EngineError::Refused {
            what: "changing a cell's bound on memory".into(),
            reason: error.to_string(),
        })
    }

    fn bounds_memory(&self) -> bool {
        self.cgroup.is_some()
    }
}

impl Drop for LocalCell {
    fn drop(&mut self) {
        let child = self.child.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (Some(mut child), Ok(runtime)) = (child, tokio::runtime::Handle::try_current()) else { return };
        let cgroup = self.cgroup.take();
        let live = self.live.clone();
        // Its sandboxes end with it: each has asked the kernel to be killed when the agent is.
        let _ = child.start_kill();
        self.reapers.spawn_on(
            async move {
                let _ = child.wait().await;
                if let Some(cgroup) = cgroup {
                    cgroup.remove().await;
                }
                drop(live);
            },
            &runtime,
        );
    }
}

/// The agent as a file that only exists in memory, so that it can be started without one on disk.
fn agent_in_memory() -> io::Result<File> {
    // SAFETY: a literal with its NUL and plain flags; the result is checked before it is owned.
    let fd = unsafe { nix::libc::memfd_create(c"polyground-agent".as_ptr(), nix::libc::MFD_CLOEXEC) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just given us this descriptor.
    let mut file = unsafe { File::from_raw_fd(fd) };
    file.write_all(AGENT)?;
    // A file that is open for writing cannot be executed: hand on a read-only opening of it.
    File::open(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// Passes an agent's own complaints to the log.
fn log_lines(cell: String, stderr: impl tokio::io::AsyncRead + Unpin + Send + 'static) {
    tokio::spawn(async move {
        let mut lines = BufReader::new(stderr).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            tracing::warn!(%cell, "{line}");
        }
    });
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use polyground_protocol::{Begin, End, FileChunk, FromAgent, StageEnd, StageLimits, StageSpec};

    use super::*;

    fn spec() -> CellSpec {
        CellSpec {
            runtime: "test".into(),
            image: Image { id: "host".into(), size_bytes: None },
            isolation: Isolation::Nested,
            memory_bytes: 256 << 20,
            processes: 64,
            files_bytes: 16 << 20,
            overlay: Vec::new(),
            warm: Vec::new(),
        }
    }

    fn sh(script: &str) -> StageSpec {
        StageSpec {
            warm: None,
            terminal: None,
            collect: None,
            argv: ["sh", "-c", script].map(Into::into).to_vec(),
            env: Vec::new(),
            limits: StageLimits {
                wall_ms: 2000,
                cpu_ms: 1000,
                data_bytes: None,
                processes: 64,
                output_bytes: 10_000,
                file_bytes: 1 << 20,
                open_files: 256,
            },
        }
    }

    /// Runs one script as a run of its own. Gives what it wrote and how it ended.
    async fn run(cell: &mut Cell, number: u64, script: &str) -> (String, StageEnd) {
        let run = RunId(number);
        let file = FileChunk { path: "dir/in.txt".into(), append: false, data: b"from a file\n".to_vec() };
        for message in [
            ToAgent::Begin(Begin::default()),
            ToAgent::File(file),
            ToAgent::Stage(sh(script)),
            ToAgent::Stdin(b"from stdin\n".to_vec()),
            ToAgent::StdinEnd,
        ] {
            cell.link.sender.queue(run, message).unwrap();
        }
        cell.link.sender.flush().await.unwrap();
        let mut text = Vec::new();
        let end = loop {
            match cell.link.receiver.next().await.unwrap().message {
                FromAgent::Output { data, .. } => text.extend(data),
                FromAgent::StageEnded(end) => break end,
                FromAgent::StageBegun { .. } | FromAgent::StdinTaken(_) => {}
                other => panic!("{other:?}"),
            }
        };
        cell.link.sender.send(run, ToAgent::End(End {})).await.unwrap();
        loop {
            match cell.link.receiver.next().await.unwrap().message {
                FromAgent::Armed => break,
                FromAgent::RunEnded => {}
                other => panic!("{other:?}"),
            }
        }
        (String::from_utf8(text).unwrap(), end)
    }

    #[tokio::test]
    async fn a_cell_serves_runs_one_after_the_other_and_none_sees_another() {
        let engine = LocalEngine::new(&format!("unit-test-{}", uuid::Uuid::now_v7())).unwrap();
        let mut cell = engine.open_cell(&spec()).await.unwrap();
        for expected in ["Hello", "Armed"] {
            let message = cell.link.receiver.next().await.unwrap().message;
            assert!(format!("{message:?}").starts_with(expected), "{message:?}");
        }
        let script = "cat; cat dir/in.txt; ls /tmp /dev/shm | wc -l; touch /tmp/mark /dev/shm/mark mark; id -u; pwd; ls /proc | grep -c '^[0-9]'";
        for number in 1..=3 {
            let begun = Instant::now();
            let (text, end) = run(&mut cell, number, script).await;
            eprintln!("run {number}: {:?} {end:?}", begun.elapsed());
            assert_eq!(text, "from stdin\nfrom a file\n3\n1000\n/box\n3\n");
            assert_eq!((end.exit_code, end.signal, end.stop), (Some(0), None, None));
        }
        drop(cell);
        engine.shutdown().await;
    }

    #[tokio::test]
    async fn a_folder_of_the_image_can_be_shown_writable_for_one_run_only() {
        let engine = LocalEngine::new(&format!("unit-test-{}", uuid::Uuid::now_v7())).unwrap();
        let spec = CellSpec { overlay: vec!["/usr/share/misc".into()], ..spec() };
        let mut cell = engine.open_cell(&spec).await.unwrap();
        for _ in ["Hello", "Armed"] {
            cell.link.receiver.next().await.unwrap();
        }
        let script =
            "ls /usr/share/misc | grep -c mark; echo x > /usr/share/misc/mark && cat /usr/share/misc/mark";
        for number in 1..=2 {
            let (text, end) = run(&mut cell, number, script).await;
            assert_eq!((text.as_str(), end.exit_code), ("0\nx\n", Some(0)));
        }
        assert!(!std::path::Path::new("/usr/share/misc/mark").exists());
        drop(cell);
        engine.shutdown().await;
    }
}
