//! Makes sure that containers go. A cell that is dropped is handed to one task, which waits for the container to remove
//! itself and removes it when it does not.

use std::{sync::Arc, time::Duration};

use bollard::query_parameters::{RemoveContainerOptionsBuilder, WaitContainerOptionsBuilder};
use futures_util::StreamExt;
use tokio::{
    sync::{Semaphore, mpsc},
    time::{Instant, sleep, timeout},
};

use super::{attachment::Attachment, client::Client, slots::Slot};

/// Containers that are taken down at the same time. Dockerd takes them down one by one in any case, nearly.
const CONCURRENT: usize = 8;

/// How long a container may take to remove itself after its stdin has closed.
const SELF_REMOVAL: Duration = Duration::from_secs(2);

/// The first pause before a removal is tried again; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest such pause: an engine that was away is rid of them soon after it has come back.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long after the engine has answered for the first time a container may still appear whose creation was asked for before.
const APPEARS_WITHIN: Duration = Duration::from_secs(30);

/// A container that is to go, and what belongs to it until it has gone.
pub(super) struct Remains {
    /// The container's name.
    pub(super) name: String,
    /// The connection to it, when there is one.
    pub(super) attachment: Option<Arc<Attachment>>,
    /// Its user id: free for others only afterwards.
    pub(super) slot: Slot,
    /// Whether the engine may still be about to create it: not to be found does not mean gone.
    pub(super) uncertain: bool,
}

/// Takes in what is to go. Never blocks, so that it may be used in `drop`. What waits is bounded by the number of slots.
#[derive(Clone)]
pub(super) struct Reaper {
    queue: mpsc::UnboundedSender<Remains>,
}

impl Reaper {
    /// Starts the task. It ends when every [`Reaper`] has gone and its work is done.
    pub(super) fn start(client: Client) -> Self {
        let (queue, mut incoming) = mpsc::unbounded_channel::<Remains>();
        tokio::spawn(async move {
            let places = Arc::new(Semaphore::new(CONCURRENT));
            while let Some(remains) = incoming.recv().await {
                let (client, places) = (client.clone(), places.clone());
                tokio::spawn(async move {
                    // Closed first and without waiting for a place: this is what ends the programs.
                    if let Some(attachment) = &remains.attachment {
                        attachment.close().await;
                    }
                    remove(&client, &remains, &places).await;
                    drop(remains.slot);
                });
            }
        });
        Self { queue }
    }

    /// Takes over a container.
    pub(super) fn take(&self, remains: Remains) {
        if let Err(lost) = self.queue.send(remains) {
            // The runtime is going down. The container sees its stdin close and removes itself.
            tracing::debug!(container = lost.0.name, "left to remove itself");
        }
    }
}

/// Waits for a container to go, and removes it when it does not; until it has gone. It has a place while it asks, not while it
/// pauses: those that take long keep none from being removed.
async fn remove(client: &Client, remains: &Remains, places: &Semaphore) {
    let place = places.acquire().await;
    if !remains.uncertain && removes_itself(client, &remains.name).await {
        return;
    }
    drop(place);
    let mut pause = FIRST_PAUSE;
    let mut tries = 0_u32;
    let mut missing_since = None;
    loop {
        let place = places.acquire().await;
        let has_gone = force_remove(client, &remains.name).await;
        drop(place);
        if has_gone {
            let since = *missing_since.get_or_insert_with(Instant::now);
            if !remains.uncertain || since.elapsed() >= APPEARS_WITHIN {
                return;
            }
        } else {
            tries += 1;
            if pause == LONGEST_PAUSE {
                tracing::warn!(container = remains.name, tries, "a container could not be removed yet");
            }
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether a container has gone by itself within [`SELF_REMOVAL`].
async fn removes_itself(client: &Client, name: &str) -> bool {
    let options = WaitContainerOptionsBuilder::default().condition("removed").build();
    let mut removal = client.docker().wait_container(name, Some(options));
    match timeout(SELF_REMOVAL, removal.next()).await {
        // A non-zero exit code comes as an error: it has gone all the same.
        Ok(Some(Ok(_) | Err(bollard::errors::Error::DockerContainerWaitError { .. }))) => true,
        Ok(Some(Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }))) => true,
        Ok(Some(Err(_)) | None) | Err(_) => false,
    }
}

/// Removes a container now. Whether it has gone.
pub(super) async fn force_remove(client: &Client, name: &str) -> bool {
    let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
    let removal = client.docker().remove_container(name, Some(options));
    match client.call(format!("removing container {name}"), removal).await {
        Ok(()) => true,
        Err(error) if error.is_missing() => true,
        // Its own removal is under way.
        Err(error) if error.is_conflict() => false,
        Err(error) => {
            tracing::debug!(container = name, %error, "a container could not be removed");
            false
        }
    }
}
