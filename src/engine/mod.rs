//! Where cells come from. `docker` speaks to a Docker Engine, `local` starts the agent on this machine; nothing
//! above knows which. This module knows images, containers and frames; it knows no language.
//!
//! Architecture invariant: an engine knows only `protocol`.

pub mod agent;
pub mod docker;
mod link;
pub mod local;

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use polyground_protocol::{CellConfig, Isolation, WarmCommand};

pub use link::{Link, LinkError, LinkReceiver, LinkSender};

/// How long any single request to an engine may take before it counts as failed.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// What an engine is and where, for people.
#[derive(Debug, Clone)]
pub struct EngineInfo {
    /// `docker` or `local`.
    pub kind: EngineKind,
    /// The engine's own version (`20.10.24`), or this server's for `local`.
    pub version: String,
    /// Where it answers (`unix:///var/run/docker.sock`), or `this machine`.
    pub address: String,
    /// 1 or 2, where known.
    pub cgroup_version: Option<u8>,
    /// Whether its cells run on this machine's kernel.
    pub is_here: bool,
    /// Whether it confines cells with AppArmor.
    pub app_armor: bool,
    /// The AppArmor profile of its cells, where one was named; else it is the engine's own.
    pub app_armor_profile: Option<String>,
    /// Whether it confines cells with SELinux.
    pub se_linux: bool,
}

/// The two kinds of engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineKind {
    /// Cells are containers of a Docker Engine (or what speaks its API).
    Docker,
    /// Cells are process trees on this machine.
    Local,
}

/// What a runtime's programs shall see, as its definition says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRequest {
    /// The runtime's id: names the image that is built.
    pub id: String,
    /// The image.
    pub source: ImageSource,
    /// The runtime that the image is written for, which names it where nothing is installed on top.
    pub built_for: String,
    /// What is installed on top.
    pub packages: Packages,
    /// Commands that this machine must have for the local engine; `None` where it may not offer the runtime.
    pub host_requires: Option<Vec<String>>,
}

impl ImageRequest {
    /// For a runtime's own image, with nothing on top.
    pub fn new(id: &str, source: ImageSource) -> Self {
        let packages = Packages::default();
        Self { id: id.to_owned(), source, built_for: id.to_owned(), packages, host_requires: None }
    }
}

/// Packages to be installed: names, with versions where these are said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packages {
    /// Debian packages.
    pub apt: Vec<String>,
    /// Packages from PyPI.
    pub pip: Vec<String>,
    /// Packages from npm.
    pub npm: Vec<String>,
}

impl Packages {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.apt.is_empty() && self.pip.is_empty() && self.npm.is_empty()
    }
}

/// Where an image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// Built from the Dockerfile in this folder.
    Build(PathBuf),
    /// Any image, by reference.
    Reference(String),
}

/// An image that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// What the engine starts cells from: an immutable image id, or `host`.
    pub id: String,
    /// Its size on disk, where known.
    pub size_bytes: Option<u64>,
}

/// Whether an image is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageState {
    /// It is there and belongs to the present content of its source.
    Current(Image),
    /// One is there, of an earlier content of its source.
    Outdated(Image),
    /// Not there; [`Engine::prepare_image`] may bring it.
    Missing,
}

/// Something that was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// What it was called.
    pub name: String,
    /// Its size, where known. Images share layers: less may have become free.
    pub size_bytes: Option<u64>,
}

/// Told how far a long piece of work has come. Implementations must not block.
pub trait Progress: Send + Sync {
    /// A new step has begun: one short line for people.
    fn step(&self, message: &str);
    /// How much of the present step is done, in bytes or steps, where that is known.
    fn advance(&self, done: u64, total: u64);
}

/// Progress that nobody looks at.
pub struct NoProgress;

impl Progress for NoProgress {
    fn step(&self, _message: &str) {}
    fn advance(&self, _done: u64, _total: u64) {}
}

/// What a new cell shall be.
#[derive(Debug, Clone)]
pub struct CellSpec {
    /// The runtime's id, for labels and logs.
    pub runtime: String,
    /// What programs see.
    pub image: Image,
    /// What the agent is told first. The engine fills in what only it knows: view, mount point, user id, cgroup.
    pub isolation: Isolation,
    /// The cell's bound on memory, without swap.
    pub memory_bytes: u64,
    /// The most processes and threads of one run; the cell gets some more for the agent.
    pub processes: u32,
    /// Bytes that each of a sandbox's tmpfs may hold.
    pub files_bytes: u64,
    /// Folders that a run sees writable, copy-on-write.
    pub overlay: Vec<String>,
    /// Commands that are started while the cell waits.
    pub warm: Vec<WarmCommand>,
}

/// One live container or process tree with an agent in it. Dropping it destroys it, in the background.
pub struct Cell {
    /// For logs: unique among this server's cells.
    pub name: String,
    /// Frames to and from the agent.
    pub link: Link,
    /// Owns the container or process: its drop must hand the rest to a task and not block.
    pub handle: Box<dyn CellHandle>,
}

/// What can be done to a cell from outside.
#[async_trait]
pub trait CellHandle: Send + Sync {
    /// Changes the cell's bound on memory.
    async fn set_memory(&self, memory_bytes: u64) -> Result<(), EngineError>;

    /// Whether the cell as a whole has a bound on memory. Where not, each process gets one.
    fn bounds_memory(&self) -> bool {
        true
    }
}

/// A source of cells and their images.
#[async_trait]
pub trait Engine: Send + Sync {
    /// What this engine is.
    fn info(&self) -> &EngineInfo;

    /// Whether the engine answers.
    async fn ping(&self) -> Result<(), EngineError>;

    /// Whether the image is there. Never builds, never pulls.
    async fn image_state(&self, request: &ImageRequest) -> Result<ImageState, EngineError>;

    /// Makes the image be there and current: builds or pulls it if need be. Safe to call at the same time for several.
    async fn prepare_image(
        &self,
        request: &ImageRequest,
        progress: Arc<dyn Progress>,
    ) -> Result<Image, EngineError>;

    /// Makes the image anew although there is one, with what its sources give now. Cells of the one before live on.
    async fn renew_image(
        &self,
        request: &ImageRequest,
        progress: Arc<dyn Progress>,
    ) -> Result<Image, EngineError> {
        self.prepare_image(request, progress).await
    }

    /// Removes the images of these runtimes of which there is a later content, and what belongs to earlier builds of
    /// this server. What is in use stays.
    async fn remove_outdated(&self, _requests: &[ImageRequest]) -> Result<Vec<Removed>, EngineError> {
        Ok(Vec::new())
    }

    /// Removes what dead servers of this machine left behind. Gives how many cells.
    async fn sweep(&self) -> Result<usize, EngineError> {
        Ok(0)
    }

    /// Starts a cell and sends it [`polyground_protocol::ToAgent::Configure`]. The agent has not answered yet.
    async fn open_cell(&self, spec: &CellSpec) -> Result<Cell, EngineError>;

    /// How many cells of this server there are now, as far as the engine itself knows.
    async fn count_cells(&self) -> Result<usize, EngineError>;

    /// Destroys every cell of this server and waits until they are gone, at most a few seconds.
    async fn shutdown(&self);
}

/// Why an engine could not do something. The text says what to do where that is known.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The engine does not answer.
    #[error("{engine} does not answer: {reason}")]
    Unreachable {
        /// Which, with its address.
        engine: String,
        /// What was seen.
        reason: String,
    },
    /// It did not answer in time.
    #[error("{what} took longer than {} s", limit.as_secs())]
    Timeout {
        /// What was asked.
        what: String,
        /// How long was waited.
        limit: Duration,
    },
    /// An image cannot be had.
    #[error("{0}")]
    Image(String),
    /// A cell could not be started because its image is no longer there.
    #[error(
        "a cell could not be started: its image has been removed ({0}); it is made again if that is possible"
    )]
    ImageGone(String),
    /// A cell could not be started.
    #[error("a cell could not be started: {0}")]
    Cell(String),
    /// Anything else that the engine refused.
    #[error("{what}: {reason}")]
    Refused {
        /// What was asked.
        what: String,
        /// What it answered.
        reason: String,
    },
}

/// The configuration that an engine sends to its agents, from what a cell shall be.
fn cell_config(spec: &CellSpec, place: AgentPlace) -> CellConfig {
    CellConfig {
        isolation: spec.isolation,
        view: place.view,
        mount_point: place.mount_point,
        single_use_uid: place.single_use_uid,
        files_bytes: spec.files_bytes,
        files_count: FILES_COUNT,
        shm_bytes: SHM_BYTES,
        overlay: spec.overlay.clone(),
        warm: spec.warm.clone(),
        own_cgroup: place.own_cgroup,
    }
}

/// Files and folders in each tmpfs of a sandbox (SECURITY.md §4.3).
const FILES_COUNT: u64 = 4096;

/// Bytes of a sandbox's `/dev/shm` (SECURITY.md §4.3).
const SHM_BYTES: u64 = 16 << 20;

/// What only the engine knows of where its agents stand.
struct AgentPlace {
    view: polyground_protocol::View,
    mount_point: String,
    single_use_uid: u32,
    own_cgroup: bool,
}
