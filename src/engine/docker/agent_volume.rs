//! The agent reaches every container through one read-only volume, whatever the image and wherever the engine is: nothing
//! of this machine's file system is mounted.
//!
//! A volume is filled through a container that never starts. Its name is the lock: an engine gives it to one at a time,
//! so two servers that start together do not write into the same volume.

use std::{collections::HashMap, io, time::Duration};

use bollard::{
    body_full,
    models::{ContainerCreateBody, HostConfig, Mount, MountType, VolumeCreateRequest},
    query_parameters::{
        ContainerArchiveInfoOptionsBuilder, CreateContainerOptionsBuilder, CreateImageOptionsBuilder,
        RemoveContainerOptionsBuilder, UploadToContainerOptionsBuilder,
    },
};
use futures_util::TryStreamExt;
use tokio::time::{Instant, sleep};

use super::{
    LABEL_AGENT, LABEL_INSTANCE,
    client::{CallError, Client},
};
use crate::engine::{
    EngineError,
    agent::{AGENT, AGENT_HASH},
};

/// Where a cell finds the volume.
pub(super) const FOLDER: &str = "/polyground";

/// The agent in a cell.
pub(super) const AGENT_PATH: &str = "/polyground/agent";

/// An empty folder in the volume: the agent builds the root of its sandboxes over it.
pub(super) const MOUNT_POINT: &str = "/polyground/root";

/// An image with nothing in it, for the container that never starts.
const HELPER_IMAGE: &str = "polyground/empty:1";

/// How long another server may take to fill the volume before it counts as dead.
const FILL_PATIENCE: Duration = Duration::from_secs(30);

/// How long between two looks at whether it has.
const FILL_POLL: Duration = Duration::from_millis(200);

/// The name of the volume with this build of the agent.
pub(super) fn name() -> String {
    format!("polyground-agent-{}", *AGENT_HASH)
}

/// Makes `volume` hold this build of the agent. Cheap when it does.
pub(super) async fn ensure(client: &Client, instance: &str, volume: &str) -> Result<(), EngineError> {
    let helper = Helper { client, name: format!("{volume}-fill") };
    helper.create(volume, instance).await?;
    let filled = helper.fill().await;
    helper.remove().await?;
    filled
}

/// The container through which the volume is seen and filled.
struct Helper<'a> {
    client: &'a Client,
    name: String,
}

impl Helper<'_> {
    /// Creates the container; waits while another server has it.
    async fn create(&self, volume: &str, instance: &str) -> Result<(), EngineError> {
        let deadline = Instant::now() + FILL_PATIENCE;
        loop {
            match self.try_create(volume, instance).await {
                Ok(()) => return Ok(()),
                Err(error) if error.is_missing() => import_empty_image(self.client).await?,
                Err(error) if error.is_conflict() && Instant::now() < deadline => sleep(FILL_POLL).await,
                // Whoever had it is gone: what it left half done is seen by the missing marker.
                Err(error) if error.is_conflict() => self.remove().await?,
                Err(error) => return Err(error.into()),
            }
            if Instant::now() > deadline + FILL_PATIENCE {
                return Err(EngineError::Timeout {
                    what: "preparing the agent's volume".into(),
                    limit: 2 * FILL_PATIENCE,
                });
            }
        }
    }

    async fn try_create(&self, volume: &str, instance: &str) -> Result<(), CallError> {
        let request = VolumeCreateRequest {
            name: Some(volume.into()),
            labels: Some(HashMap::from([(LABEL_AGENT.into(), AGENT_HASH.clone())])),
            ..Default::default()
        };
        self.client.call("creating the agent's volume", self.client.docker().create_volume(request)).await?;
        let mount = Mount {
            typ: Some(MountType::VOLUME),
            source: Some(volume.into()),
            target: Some(FOLDER.into()),
            ..Default::default()
        };
        let body = ContainerCreateBody {
            image: Some(HELPER_IMAGE.into()),
            cmd: Some(vec![AGENT_PATH.into()]),
            labels: Some(HashMap::from([(LABEL_INSTANCE.into(), instance.into())])),
            host_config: Some(HostConfig {
                mounts: Some(vec![mount]),
                network_mode: Some("none".into()),
                ..Default::default()
            }),
            ..Default::default()
        };
        let options = CreateContainerOptionsBuilder::default().name(&self.name).build();
        self.client
            .call(
                "creating the container that fills the agent's volume",
                self.client.docker().create_container(Some(options), body),
            )
            .await?;
        Ok(())
    }

    /// Puts the agent into the volume unless the marker tells that it is there. The marker is written last, alone.
    async fn fill(&self) -> Result<(), EngineError> {
        let marker = format!("{FOLDER}/{}", marker());
        let options = ContainerArchiveInfoOptionsBuilder::default().path(&marker).build();
        let look = self.client.docker().get_container_archive_info(&self.name, Some(options));
        match self.client.call("looking into the agent's volume", look).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_missing() => {}
            Err(error) => return Err(error.into()),
        }
        tracing::debug!(through = self.name, "filling the agent's volume");
        for archive in [agent_archive(), marker_archive()] {
            let archive = archive.map_err(|error| EngineError::Refused {
                what: "packing the agent".into(),
                reason: error.to_string(),
            })?;
            let options = UploadToContainerOptionsBuilder::default().path(FOLDER).build();
            let upload = self.client.docker().upload_to_container(
                &self.name,
                Some(options),
                body_full(archive.into()),
            );
            self.client.call("filling the agent's volume", upload).await?;
        }
        Ok(())
    }

    async fn remove(&self) -> Result<(), EngineError> {
        let options = RemoveContainerOptionsBuilder::default().force(true).build();
        let removal = self.client.docker().remove_container(&self.name, Some(options));
        match self.client.call("removing the container that filled the agent's volume", removal).await {
            Ok(()) => Ok(()),
            Err(error) if error.is_missing() || error.is_conflict() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The file whose presence says that everything before it is there.
fn marker() -> String {
    format!("complete-{}", *AGENT_HASH)
}

fn agent_archive() -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    append(&mut archive, "root", tar::EntryType::Directory, 0o755, &[])?;
    append(&mut archive, "agent", tar::EntryType::Regular, 0o755, AGENT)?;
    archive.into_inner()
}

fn marker_archive() -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    append(&mut archive, &marker(), tar::EntryType::Regular, 0o444, &[])?;
    archive.into_inner()
}

fn append(
    archive: &mut tar::Builder<Vec<u8>>,
    path: &str,
    kind: tar::EntryType,
    mode: u32,
    data: &[u8],
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(data.len() as u64);
    archive.append_data(&mut header, path, data)
}

/// Imports the image of the container that never starts.
async fn import_empty_image(client: &Client) -> Result<(), EngineError> {
    let mut archive = tar::Builder::new(Vec::new());
    let packed = append(&mut archive, "polyground", tar::EntryType::Directory, 0o755, &[])
        .and_then(|()| archive.into_inner())
        .map_err(|error| EngineError::Refused {
            what: "packing an empty image".into(),
            reason: error.to_string(),
        })?;
    let (repository, tag) = HELPER_IMAGE.split_once(':').unwrap_or((HELPER_IMAGE, "latest"));
    let options = CreateImageOptionsBuilder::default().from_src("-").repo(repository).tag(tag).build();
    let import = client.docker().create_image(Some(options), Some(body_full(packed.into())), None);
    client.call("importing an empty image", import.try_collect::<Vec<_>>()).await?;
    Ok(())
}
