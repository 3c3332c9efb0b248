//! Opens cells: one container each, attached before it starts, so that not a byte is lost.

use std::sync::{
    Arc, PoisonError, Weak,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use async_trait::async_trait;
use bollard::{
    models::{ContainerCreateBody, ContainerUpdateBody},
    query_parameters::{AttachContainerOptionsBuilder, CreateContainerOptionsBuilder},
};
use futures_util::future::join_all;
use polyground_protocol::{CHUNK_BYTES, FromAgent, Hello, Isolation, RunId, ToAgent, View};
use tokio::{sync::Mutex, time::timeout};
use tokio_util::io::ReaderStream;

use super::{
    agent_volume,
    attachment::Attachment,
    client::{CallError, Client},
    direct::{AgentProcess, Shortcut},
    hardening,
    reaper::{Reaper, Remains},
    slots::{Slot, Slots},
};
use crate::engine::{
    AgentPlace, CALL_TIMEOUT, Cell, CellHandle, CellSpec, EngineError, Link, LinkError, cell_config,
};

/// How the cells of one engine are made.
pub(super) struct Opener {
    pub(super) client: Client,
    pub(super) reaper: Reaper,
    pub(super) slots: Slots,
    pub(super) instance: String,
    /// The way to agents past the engine.
    pub(super) shortcut: Shortcut,
    pub(super) cpus: f64,
    pub(super) apparmor: Option<String>,
    pub(super) oci_runtime: Option<String>,
    /// The volume with the agent, once it is known to be filled.
    pub(super) agent_volume: Mutex<Option<String>>,
    /// Cells that are open, and whether more may be.
    pub(super) live: Live,
    pub(super) opened: AtomicU64,
}

/// The connections of all cells, so that they can be closed whoever holds the cells.
#[derive(Default)]
pub(super) struct Live {
    connections: std::sync::Mutex<Vec<Weak<Attachment>>>,
    closed: AtomicBool,
}

impl Live {
    fn add(&self, attachment: &Arc<Attachment>) {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        connections.retain(|connection| connection.strong_count() > 0);
        connections.push(Arc::downgrade(attachment));
    }

    /// Refuses a cell when all have been closed.
    fn check(&self) -> Result<(), Failure> {
        match self.closed.load(Ordering::SeqCst) {
            true => Err(Failure::Engine(EngineError::Cell("the server is shutting down".into()))),
            false => Ok(()),
        }
    }

    /// Closes every cell's connection, for good: its agent ends, and the container with it.
    pub(super) async fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        let connections =
            std::mem::take(&mut *self.connections.lock().unwrap_or_else(PoisonError::into_inner));
        let open = connections.iter().filter_map(Weak::upgrade);
        join_all(open.map(|attachment| async move { attachment.close().await })).await;
    }
}

/// Why a container does not run.
enum Failure {
    /// The agent is not in the volume: somebody removed it.
    AgentMissing,
    Engine(EngineError),
}

impl Opener {
    /// Opens a cell. Not to be cancelled: run it in a task of its own.
    pub(super) async fn open(&self, spec: &CellSpec) -> Result<Cell, EngineError> {
        match self.try_open(spec).await {
            Err(Failure::AgentMissing) => {
                tracing::warn!("the agent's volume has been removed or emptied: filling it again");
                *self.agent_volume.lock().await = None;
                self.try_open(spec).await
            }
            other => other,
        }
        .map_err(|failure| match failure {
            Failure::Engine(error) => error,
            Failure::AgentMissing => {
                EngineError::Cell("the agent is not in its volume; does something remove volumes?".into())
            }
        })
    }

    async fn try_open(&self, spec: &CellSpec) -> Result<Cell, Failure> {
        let volume = self.agent_volume().await.map_err(Failure::Engine)?;
        self.live.check()?;
        let slot = self.slots.take().ok_or_else(|| {
            Failure::Engine(EngineError::Cell(format!("there are {} cells already", super::slots::MAX_SLOTS)))
        })?;
        let body = hardening::container(&hardening::Plan {
            spec,
            instance: &self.instance,
            slot: slot.number(),
            uid: slot.uid(),
            agent_volume: &volume,
            cpus: self.cpus,
            apparmor: self.apparmor.as_deref(),
            oci_runtime: self.oci_runtime.as_deref(),
        });
        let uid = slot.uid();
        let mut container = Container::new(self, self.name(&spec.runtime), slot);
        container.start(body).await?;
        let attachment = container.attachment().map_err(Failure::Engine)?;
        self.live.add(&attachment);
        self.live.check()?;
        let link = Link::new(attachment.writer(), attachment.chunks());
        let agent_uid = if spec.isolation == Isolation::Nested { uid } else { 0 };
        let mut link = self.shorten(link, &container, agent_uid).await.map_err(Failure::Engine)?;
        let place = AgentPlace {
            view: View::Image,
            mount_point: agent_volume::MOUNT_POINT.into(),
            single_use_uid: uid,
            own_cgroup: true,
        };
        let configure = ToAgent::Configure(cell_config(spec, place));
        in_time("sending the agent its configuration", link.sender.send(RunId::NONE, configure))
            .await
            .map_err(Failure::Engine)?;
        Ok(Cell { name: container.name().to_owned(), link, handle: Box::new(container) })
    }

    /// Goes over to the agent's own socket, where it offers one that can be had.
    async fn shorten(&self, mut link: Link, container: &Container, uid: u32) -> Result<Link, EngineError> {
        if !self.shortcut.is_usable() {
            return Ok(link);
        }
        let greeting = in_time("waiting for an agent's greeting", link.receiver.next()).await?;
        let FromAgent::Hello(Hello { direct: Some(offered), .. }) = &greeting.message else {
            return Ok(link.greeted(greeting));
        };
        let agent = AgentProcess { pid: container.pid().await?, uid };
        let Some(socket) = self.shortcut.take(agent, offered).await else {
            return Ok(link.greeted(greeting));
        };
        // Somebody must read what the agent complains of, or its container could not be removed.
        tokio::spawn(async move { while link.receiver.next().await.is_ok() {} });
        let (reader, writer) = socket.into_split();
        Ok(Link::new(writer, ReaderStream::with_capacity(reader, CHUNK_BYTES)).greeted(greeting))
    }

    /// A container's name: which runtime, whose, and the how many-eth.
    fn name(&self, runtime: &str) -> String {
        let server = self.instance.rsplit('-').next().unwrap_or_default();
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        format!("polyground-{}-{}-{number}", printable(runtime), printable(server))
    }

    /// The volume with the agent; filled at the first call.
    async fn agent_volume(&self) -> Result<String, EngineError> {
        let mut known = self.agent_volume.lock().await;
        if let Some(volume) = &*known {
            return Ok(volume.clone());
        }
        let volume = agent_volume::name();
        agent_volume::ensure(&self.client, &self.instance, &volume).await?;
        *known = Some(volume.clone());
        Ok(volume)
    }
}

/// What comes of talking to an agent, at most [`CALL_TIMEOUT`] later.
async fn in_time<T>(what: &str, talk: impl Future<Output = Result<T, LinkError>>) -> Result<T, EngineError> {
    match timeout(CALL_TIMEOUT, talk).await {
        Ok(result) => result.map_err(|error| EngineError::Cell(error.to_string())),
        Err(_) => Err(EngineError::Timeout { what: what.into(), limit: CALL_TIMEOUT }),
    }
}

/// Only what Docker allows in a container's name.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' }).collect()
}

/// One container. Dropping it hands it to the reaper.
struct Container {
    client: Client,
    reaper: Reaper,
    remains: Option<Remains>,
}

impl Container {
    /// A container that is not there yet.
    fn new(opener: &Opener, name: String, slot: Slot) -> Self {
        let remains = Remains { name, attachment: None, slot, uncertain: true };
        Self { client: opener.client.clone(), reaper: opener.reaper.clone(), remains: Some(remains) }
    }

    fn name(&self) -> &str {
        self.remains.as_ref().map_or("", |remains| &remains.name)
    }

    fn attachment(&self) -> Result<Arc<Attachment>, EngineError> {
        let attachment = self.remains.as_ref().and_then(|remains| remains.attachment.clone());
        attachment.ok_or_else(|| EngineError::Cell("it is not attached".into()))
    }

    /// The number of its first process, as the engine knows it.
    async fn pid(&self) -> Result<i64, EngineError> {
        let inspect = self.client.docker().inspect_container(self.name(), None);
        let container = self.client.call("looking at a container", inspect).await?;
        Ok(container.state.and_then(|state| state.pid).unwrap_or_default())
    }

    /// Creates, attaches, starts.
    async fn start(&mut self, body: ContainerCreateBody) -> Result<(), Failure> {
        let (client, name) = (self.client.clone(), self.name().to_owned());
        let docker = client.docker();
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        let created = client.call("creating a container", docker.create_container(Some(options), body)).await;
        if let Some(remains) = &mut self.remains {
            // Refused means that there is nothing; no answer may mean anything.
            remains.uncertain = created.as_ref().is_err_and(|error| error.status().is_none());
        }
        created.map_err(|error| refused(error, "creating its container"))?;
        let options = AttachContainerOptionsBuilder::default()
            .stdin(true)
            .stdout(true)
            .stderr(true)
            .stream(true)
            .build();
        let attach = docker.attach_container(&name, Some(options));
        let connection = client
            .call("attaching to a container", attach)
            .await
            .map_err(|error| refused(error, "attaching to its container"))?;
        if let Some(remains) = &mut self.remains {
            remains.attachment = Some(Attachment::new(name.clone(), connection));
        }
        client
            .call("starting a container", docker.start_container(&name, None))
            .await
            .map_err(|error| refused(error, "starting its container"))?;
        Ok(())
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if let Some(remains) = self.remains.take() {
            self.reaper.take(remains);
        }
    }
}

/// Turns what the engine answered into what it means for a cell.
fn refused(error: CallError, what: &str) -> Failure {
    let reason = error.reason();
    match error.status() {
        Some(_) if reason.contains(agent_volume::AGENT_PATH) && reason.contains("no such file") => {
            Failure::AgentMissing
        }
        Some(404) if reason.to_lowercase().contains("no such image") => {
            Failure::Engine(EngineError::ImageGone(reason))
        }
        Some(_) => Failure::Engine(EngineError::Cell(format!("{what}: {reason}"))),
        None => Failure::Engine(error.into()),
    }
}

#[async_trait]
impl CellHandle for Container {
    async fn set_memory(&self, memory_bytes: u64) -> Result<(), EngineError> {
        // Both together: Docker brings them into the order that the kernel wants, whether they rise or fall.
        let memory = i64::try_from(memory_bytes).ok();
        let body = ContainerUpdateBody { memory, memory_swap: memory, ..Default::default() };
        let update = self.client.docker().update_container(self.name(), body);
        self.client.call("changing a cell's memory", update).await?;
        Ok(())
    }
}
