//! Removes what belongs to an earlier state of things.

use std::collections::{BTreeMap, HashMap};

use bollard::query_parameters::{ListVolumesOptionsBuilder, RemoveImageOptionsBuilder, RemoveVolumeOptions};

use super::{Images, packages::Layer, repository};
use crate::engine::{
    EngineError, ImageRequest, ImageSource, Removed,
    docker::{LABEL_AGENT, agent_volume},
};

impl Images {
    /// Removes the images of these runtimes of which there is a later content, and volumes with other agents than this
    /// server's. What is in use stays.
    pub(in crate::engine::docker) async fn remove_outdated(
        &self,
        requests: &[ImageRequest],
    ) -> Result<Vec<Removed>, EngineError> {
        let mut removed = Vec::new();
        // Several runtimes may use one image, and one with packages lies beside the one below it.
        let mut current: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for request in requests {
            let (name, found) = self.below(request).await?;
            if matches!(request.source, ImageSource::Build(_)) {
                current.entry(&request.built_for).or_default().push(name.clone());
            }
            if !request.packages.is_empty() {
                let layers = current.entry(&request.id).or_default();
                layers.extend(
                    found.map(|image| Layer::over(&request.id, &name, &image, &request.packages).tag),
                );
            }
        }
        for (id, current) in current {
            removed.extend(self.remove_others(id, &current).await?);
        }
        removed.extend(self.remove_old_agents().await?);
        Ok(removed)
    }

    pub(super) async fn remove_others(
        &self,
        id: &str,
        current: &[String],
    ) -> Result<Vec<Removed>, EngineError> {
        let mut removed = Vec::new();
        let prefix = format!("{}:", repository(id));
        for image in self.of_runtime(id).await? {
            for tag in image.repo_tags.iter().filter(|tag| tag.starts_with(&prefix) && !current.contains(tag))
            {
                let options = RemoveImageOptionsBuilder::default().build();
                let removal = self.client.docker().remove_image(tag, Some(options), None);
                match self.client.call(format!("removing image {tag}"), removal).await {
                    Ok(_) => removed
                        .push(Removed { name: tag.clone(), size_bytes: u64::try_from(image.size).ok() }),
                    Err(error) if error.is_conflict() || error.is_missing() => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(removed)
    }

    async fn remove_old_agents(&self) -> Result<Vec<Removed>, EngineError> {
        let filters = HashMap::from([("label", vec![LABEL_AGENT])]);
        let options = ListVolumesOptionsBuilder::default().filters(&filters).build();
        let listing = self.client.docker().list_volumes(Some(options));
        let volumes = self.client.call("listing the agents' volumes", listing).await?.volumes;
        let mut removed = Vec::new();
        for volume in volumes.unwrap_or_default() {
            if volume.name == agent_volume::name() {
                continue;
            }
            let removal = self.client.docker().remove_volume(&volume.name, None::<RemoveVolumeOptions>);
            match self.client.call(format!("removing volume {}", volume.name), removal).await {
                Ok(()) => removed.push(Removed { name: volume.name, size_bytes: None }),
                Err(error) if error.is_conflict() || error.is_missing() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(removed)
    }
}
