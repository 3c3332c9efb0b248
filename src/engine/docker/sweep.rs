//! Removes containers by their label: those of dead servers at the start, this server's own at the end.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bollard::{models::ContainerSummary, query_parameters::ListContainersOptionsBuilder};
use futures_util::{StreamExt, stream};
use tokio::time::{Instant, sleep};

use super::{
    LABEL_INSTANCE,
    client::Client,
    instance::{Owned, here, is_left_over, start_ticks},
    reaper::force_remove,
};
use crate::engine::EngineError;

/// How long between two looks at whether containers have gone.
const POLL: Duration = Duration::from_millis(50);

/// Containers that are removed at the same time.
const CONCURRENT: usize = 8;

/// Removes what dead servers of this machine left behind. Gives how many containers.
pub(super) async fn sweep(client: &Client) -> Result<usize, EngineError> {
    let (here, now) = (here(), SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
    let containers = list(client, LABEL_INSTANCE.into()).await?;
    let dead = containers.into_iter().filter(|container| {
        let instance = container.labels.as_ref().and_then(|labels| labels.get(LABEL_INSTANCE));
        let created = container.created.and_then(|seconds| u64::try_from(seconds).ok());
        let age = created.map_or(Duration::ZERO, |at| now.saturating_sub(Duration::from_secs(at)));
        instance.is_some_and(|instance| is_left_over(&Owned { instance, age }, &here, start_ticks))
    });
    Ok(remove(client, dead.collect()).await)
}

/// How many containers of this server there are.
pub(super) async fn count_own(client: &Client, instance: &str) -> Result<usize, EngineError> {
    Ok(list(client, format!("{LABEL_INSTANCE}={instance}")).await?.len())
}

/// How long [`remove_own`] waits for containers to go.
pub(super) struct Patience {
    /// For them to go by themselves; then they are removed.
    pub(super) by_themselves: Duration,
    /// For the last of them to have gone: a busy engine takes its time for a removal too.
    pub(super) in_all: Duration,
}

/// Waits until every container of this server has gone, and removes those that have not in time. Gives how many are left.
pub(super) async fn remove_own(
    client: &Client,
    instance: &str,
    patience: Patience,
) -> Result<usize, EngineError> {
    let begun = Instant::now();
    let mut removes = false;
    loop {
        let left = list(client, format!("{LABEL_INSTANCE}={instance}")).await?;
        if left.is_empty() || begun.elapsed() >= patience.in_all {
            return Ok(left.len());
        }
        if !removes && begun.elapsed() >= patience.by_themselves {
            removes = true;
            tracing::debug!(containers = left.len(), "slow to go: removing them");
            remove(client, left).await;
        }
        sleep(POLL).await;
    }
}

async fn list(client: &Client, label: String) -> Result<Vec<ContainerSummary>, EngineError> {
    let filters = HashMap::from([("label", vec![label])]);
    let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
    let listing = client.docker().list_containers(Some(options));
    Ok(client.call("listing containers", listing).await?)
}

/// Removes containers, some at a time. Gives how many are gone.
async fn remove(client: &Client, containers: Vec<ContainerSummary>) -> usize {
    stream::iter(containers.into_iter().filter_map(|container| container.id))
        .map(|id| async move { usize::from(force_remove(client, &id).await) })
        .buffer_unordered(CONCURRENT)
        .fold(0, |sum, gone| async move { sum + gone })
        .await
}
