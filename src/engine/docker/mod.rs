//! Cells as hardened containers of a Docker Engine, or of what speaks its API.
//!
//! ```text
//! DockerEngine ── Opener ──▶ Container (attached) ──drop──▶ Reaper   one task: sees that containers go
//!      └───────── Images ──▶ builds, imports, pulls
//! ```
//!
//! Architecture invariant: nothing outside this folder knows bollard.

mod address;
mod agent_volume;
mod attachment;
mod cell;
mod client;
mod direct;
mod hardening;
mod images;
mod instance;
mod reaper;
mod seccomp;
mod slots;
mod sweep;
#[cfg(test)]
mod tests;

use std::{
    env,
    hash::{Hash, Hasher},
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use async_trait::async_trait;
use bollard::models::{SystemInfo, SystemInfoCgroupVersionEnum};
use tokio::{sync::Mutex, time::timeout};
use tokio_util::task::TaskTracker;

pub use instance::instance_id;

use self::{
    cell::{Live, Opener},
    client::Client,
    direct::Shortcut,
    images::Images,
    reaper::Reaper,
    slots::{MAX_SLOTS, Slots},
    sweep::Patience,
};
use super::{
    Cell, CellSpec, Engine, EngineError, EngineInfo, EngineKind, Image, ImageRequest, ImageState, Progress,
    Removed,
};

/// On every container of ours: the instance that it belongs to.
const LABEL_INSTANCE: &str = "polyground";

/// On a cell: its runtime's id.
const LABEL_RUNTIME: &str = "polyground.runtime";

/// On a cell: its slot.
const LABEL_SLOT: &str = "polyground.slot";

/// On a volume: the build of the agent in it.
const LABEL_AGENT: &str = "polyground.agent";

/// The user id from which on cells have theirs.
const FIRST_UID: u32 = 100_000;

/// How many ranges of user ids there are, of which each server takes one.
const UID_RANGES: u64 = 4096;

/// The same where the engine's own user namespace has no more than 65,536 users (rootless, userns-remap).
const FIRST_UID_REMAPPED: u32 = 20_000;

/// CPUs' worth of time of a cell, where there are as many: compilers and virtual machines use a second one.
const CPUS: f64 = 2.0;

/// How long [`Engine::shutdown`] waits for cells that are being opened: what is asked of the engine cannot be taken back.
const OPENING_PATIENCE: Duration = Duration::from_secs(5);

/// How long [`Engine::shutdown`] waits for cells to go.
const SHUTDOWN_PATIENCE: Patience =
    Patience { by_themselves: Duration::from_secs(2), in_all: Duration::from_secs(10) };

/// How the engine is used.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DockerOptions {
    /// Where it is (`unix:///…`, `tcp://…`); without: `DOCKER_HOST`, else the usual sockets.
    pub host: Option<String>,
    /// Names this server among all that use the engine: [`instance_id`].
    pub instance: String,
    /// CPUs' worth of time of each cell; without: two, or one where there is only one.
    pub cpus: Option<f64>,
    /// The AppArmor profile of cells, where the engine's own forbids what nested sandboxes need.
    pub apparmor: Option<String>,
    /// The OCI runtime of cells (`runsc`), where it shall not be the engine's own.
    pub oci_runtime: Option<String>,
    /// Whether cells are reached through the engine's streams only, even where there is a shorter way.
    pub through_engine: bool,
    /// The network that image builds use, where it shall not be the engine's own (`host`).
    pub build_network: Option<String>,
}

/// A Docker Engine, connected.
pub struct DockerEngine {
    info: EngineInfo,
    client: Client,
    opener: Arc<Opener>,
    images: Images,
    /// Cells that are being opened.
    openings: TaskTracker,
}

/// The first user id of a server's cells. Cells of several servers on one machine should not share any (SECURITY.md §0.5),
/// and the servers do not know each other.
fn first_uid(instance: &str) -> u32 {
    let mut hash = std::hash::DefaultHasher::new();
    instance.hash(&mut hash);
    let range = u32::try_from(hash.finish() % UID_RANGES).unwrap_or_default();
    FIRST_UID + range * MAX_SLOTS
}

impl DockerEngine {
    /// Connects, and asks the engine what it is.
    ///
    /// # Errors
    /// When it cannot be reached, with what to do about it, or runs another kind of processor than this server was built for.
    pub async fn connect(options: DockerOptions) -> Result<Self, EngineError> {
        let addresses = address::addresses(options.host.as_deref(), |name| env::var(name).ok())?;
        let client = Client::connect(&addresses).await?;
        let system = client.call("asking for the engine's properties", client.docker().info()).await?;
        same_architecture(&system, &client.address)?;
        let reaper = Reaper::start(client.clone());
        let first_uid = if is_remapped(&system) { FIRST_UID_REMAPPED } else { first_uid(&options.instance) };
        let is_local = client.address.starts_with("unix://");
        let opener = Opener {
            shortcut: Shortcut::new(is_local && !options.through_engine),
            client: client.clone(),
            reaper,
            slots: Slots::new(first_uid),
            instance: options.instance,
            cpus: cpus(options.cpus, &system),
            apparmor: options.apparmor.clone(),
            oci_runtime: options.oci_runtime,
            agent_volume: Mutex::new(None),
            live: Live::default(),
            opened: AtomicU64::new(0),
        };
        Ok(Self {
            info: info(&system, &client.address, options.apparmor),
            images: Images::new(client.clone(), options.build_network),
            client,
            opener: Arc::new(opener),
            openings: TaskTracker::new(),
        })
    }
}

#[async_trait]
impl Engine for DockerEngine {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    async fn ping(&self) -> Result<(), EngineError> {
        self.client.call("asking whether the engine is there", self.client.docker().ping()).await?;
        Ok(())
    }

    async fn image_state(&self, request: &ImageRequest) -> Result<ImageState, EngineError> {
        self.images.state(request).await
    }

    async fn prepare_image(
        &self,
        request: &ImageRequest,
        progress: Arc<dyn Progress>,
    ) -> Result<Image, EngineError> {
        self.images.prepare(request, false, progress).await
    }

    async fn renew_image(
        &self,
        request: &ImageRequest,
        progress: Arc<dyn Progress>,
    ) -> Result<Image, EngineError> {
        self.images.prepare(request, true, progress).await
    }

    async fn remove_outdated(&self, requests: &[ImageRequest]) -> Result<Vec<Removed>, EngineError> {
        self.images.remove_outdated(requests).await
    }

    async fn sweep(&self) -> Result<usize, EngineError> {
        sweep::sweep(&self.client).await
    }

    async fn open_cell(&self, spec: &CellSpec) -> Result<Cell, EngineError> {
        let (opener, spec) = (self.opener.clone(), spec.clone());
        // In a task of its own: when the caller gives up, what was begun is brought to its end and then taken down.
        let opening = self.openings.spawn(async move { opener.open(&spec).await });
        opening.await.map_err(|error| EngineError::Cell(format!("the task that opened it died: {error}")))?
    }

    async fn count_cells(&self) -> Result<usize, EngineError> {
        sweep::count_own(&self.client, &self.opener.instance).await
    }

    async fn shutdown(&self) {
        self.opener.live.close().await;
        // A container whose creation is under way would appear after the last look, and nothing would ever start or remove it.
        self.openings.close();
        if timeout(OPENING_PATIENCE, self.openings.wait()).await.is_err() {
            tracing::warn!(
                cells = self.openings.len(),
                "cells were still being opened when this server ended"
            );
        }
        match sweep::remove_own(&self.client, &self.opener.instance, SHUTDOWN_PATIENCE).await {
            Ok(0) => {}
            Ok(left) => tracing::warn!(left, "cells are left behind; they remove themselves"),
            Err(error) => {
                tracing::warn!(%error, "cells may be left behind; they remove themselves when this server ends");
            }
        }
    }
}

fn info(system: &SystemInfo, address: &str, app_armor_profile: Option<String>) -> EngineInfo {
    EngineInfo {
        kind: EngineKind::Docker,
        version: system.server_version.clone().unwrap_or_else(|| "unknown".into()),
        address: address.to_owned(),
        cgroup_version: match system.cgroup_version {
            Some(SystemInfoCgroupVersionEnum::_1) => Some(1),
            Some(SystemInfoCgroupVersionEnum::_2) => Some(2),
            Some(SystemInfoCgroupVersionEnum::EMPTY) | None => None,
        },
        is_here: address.starts_with("unix:"),
        app_armor: has_security_option(system, "apparmor"),
        app_armor_profile,
        se_linux: has_security_option(system, "selinux"),
    }
}

/// The agent that this server has within it must run where the cells are.
fn same_architecture(system: &SystemInfo, address: &str) -> Result<(), EngineError> {
    let here = env::consts::ARCH;
    let there = match system.architecture.as_deref() {
        Some("amd64") => "x86_64",
        Some("arm64") => "aarch64",
        Some(other) => other,
        None => here,
    };
    if here == there {
        return Ok(());
    }
    Err(EngineError::Refused {
        what: format!("using Docker at {address}"),
        reason: format!(
            "it runs on {there} and this server was built for {here}: use the {there} build of the server"
        ),
    })
}

/// Whether the engine maps user ids, so that high ones do not exist for it.
fn is_remapped(system: &SystemInfo) -> bool {
    has_security_option(system, "userns") || has_security_option(system, "rootless")
}

/// Whether the engine says that it has this: `name=seccomp,profile=default`.
fn has_security_option(system: &SystemInfo, name: &str) -> bool {
    let options = system.security_options.as_deref().unwrap_or_default();
    options.iter().flat_map(|option| option.split(',')).any(|part| part.strip_prefix("name=") == Some(name))
}

/// What is asked for, within what there is.
#[allow(clippy::cast_precision_loss)] // a number of CPUs
fn cpus(asked: Option<f64>, system: &SystemInfo) -> f64 {
    const LEAST: f64 = 0.5; // below, programs are ended seconds after their time (SECURITY.md A16)
    let there = system.ncpu.map_or(1.0, |cpus| cpus as f64).max(LEAST);
    asked.unwrap_or(CPUS).clamp(LEAST, there)
}
