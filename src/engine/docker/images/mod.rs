//! Images: whether they are there, and how they come. Names and labels tell what an image was made from, so that nothing
//! is built twice and nothing old is taken for new.

mod base;
mod build;
mod build_log;
mod context;
mod dockerfile;
mod packages;
mod prune;
mod pull;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use bollard::{
    models::ImageSummary,
    query_parameters::{ListImagesOptionsBuilder, TagImageOptionsBuilder},
};
use tokio::sync::{MutexGuard, Semaphore, SemaphorePermit};

use self::{base::Base, build::Build, context::Context, packages::Layer};
use super::client::Client;
use crate::engine::{EngineError, Image, ImageRequest, ImageSource, ImageState, Progress};

/// On an image: what it was made from.
const LABEL_CONTENT: &str = "polyground.content";

/// Images that are built or pulled at the same time.
const CONCURRENT: usize = 2;

/// The images of one engine.
pub(super) struct Images {
    client: Client,
    network: Option<String>,
    places: Semaphore,
    /// One for each name that is being made: the second who wants it waits and finds it.
    makers: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// How a runtime's image is made.
struct Recipe {
    tag: String,
    hash: String,
    context: Context,
    dockerfile: String,
    bases: Vec<Base>,
}

impl Images {
    pub(super) fn new(client: Client, network: Option<String>) -> Self {
        Self { client, network, places: Semaphore::new(CONCURRENT), makers: Mutex::default() }
    }

    /// Whether an image is there.
    pub(super) async fn state(&self, request: &ImageRequest) -> Result<ImageState, EngineError> {
        let (name, found) = self.below(request).await?;
        let found = match found {
            Some(image) if !request.packages.is_empty() => {
                let layer = Layer::over(&request.id, &name, &image, &request.packages);
                self.find(&layer.tag).await?
            }
            found => found,
        };
        if let Some(image) = found {
            return Ok(ImageState::Current(image));
        }
        if request.packages.is_empty() && matches!(request.source, ImageSource::Reference(_)) {
            return Ok(ImageState::Missing);
        }
        let newest = self.of_runtime(&request.id).await?.into_iter().max_by_key(|image| image.created);
        Ok(newest.map_or(ImageState::Missing, |image| {
            ImageState::Outdated(Image { size_bytes: u64::try_from(image.size).ok(), id: image.id })
        }))
    }

    /// What the packages of a request lie on: its name, and the image if it is there.
    async fn below(&self, request: &ImageRequest) -> Result<(String, Option<Image>), EngineError> {
        let name = match &request.source {
            ImageSource::Reference(reference) => reference.clone(),
            ImageSource::Build(folder) => Recipe::read(&request.built_for, folder).await?.tag,
        };
        let found = self.find(&name).await?;
        Ok((name, found))
    }

    /// Makes an image be there; `anew` although there is one.
    pub(super) async fn prepare(
        &self,
        request: &ImageRequest,
        anew: bool,
        progress: Arc<dyn Progress>,
    ) -> Result<Image, EngineError> {
        let (name, image) = match &request.source {
            ImageSource::Reference(reference) => {
                (reference.clone(), self.prepare_reference(reference, anew, &*progress).await?)
            }
            ImageSource::Build(folder) => {
                let recipe = Recipe::read(&request.built_for, folder).await?;
                let build = Build {
                    tag: &recipe.tag,
                    content: &recipe.hash,
                    context: &recipe.context,
                    dockerfile: &recipe.dockerfile,
                    network: self.network.as_deref(),
                    settings: None,
                    anew,
                };
                let image = self.prepare_build(&build, &recipe.bases, &*progress).await?;
                (recipe.tag, image)
            }
        };
        if request.packages.is_empty() {
            return Ok(image);
        }
        let layer = Layer::over(&request.id, &name, &image, &request.packages);
        let build = Build {
            tag: &layer.tag,
            content: &layer.hash,
            context: &layer.context,
            dockerfile: &layer.dockerfile,
            network: self.network.as_deref(),
            settings: Some(&layer.settings),
            anew,
        };
        self.prepare_build(&build, &[], &*progress).await
    }

    async fn prepare_reference(
        &self,
        reference: &str,
        anew: bool,
        progress: &dyn Progress,
    ) -> Result<Image, EngineError> {
        let maker = self.maker(reference);
        let present = self.find(reference).await?;
        if let Some(image) = present.clone().filter(|_| !anew) {
            return Ok(image);
        }
        let _turn = self.turn(&maker, progress).await;
        if !anew && let Some(image) = self.find(reference).await? {
            return Ok(image);
        }
        match (pull::pull(&self.client, reference, progress).await, present) {
            // An image that was made on this machine has no registry to come from.
            (Err(error), Some(image)) => {
                tracing::warn!(reference, %error, "the image that is there is used: it could not be renewed");
                Ok(image)
            }
            (pulled, _) => {
                pulled?;
                self.made(reference).await
            }
        }
    }

    async fn prepare_build(
        &self,
        build: &Build<'_>,
        bases: &[Base],
        progress: &dyn Progress,
    ) -> Result<Image, EngineError> {
        let present = self.find(build.tag).await?;
        if let Some(image) = present.clone().filter(|_| !build.anew) {
            return Ok(image);
        }
        let maker = self.maker(build.tag);
        let _turn = self.turn(&maker, progress).await;
        if !build.anew
            && let Some(image) = self.find(build.tag).await?
        {
            return Ok(image);
        }
        for base in bases {
            self.prepare_base(base, progress).await?;
        }
        build::build(&self.client, build, progress).await?;
        let made = self.made(build.tag).await?;
        if let Some(before) = present.filter(|before| before.id != made.id) {
            self.keep_name(build.tag, &before).await;
        }
        Ok(made)
    }

    /// Gives an image that has lost its name to a newer one a name by which `images prune` finds it. Cells may still use it.
    async fn keep_name(&self, tag: &str, before: &Image) {
        let Some((repository, tag)) = tag.split_once(':') else { return };
        let short: String = before.id.trim_start_matches("sha256:").chars().take(12).collect();
        let tag = format!("{tag}.{short}");
        let options = TagImageOptionsBuilder::default().repo(repository).tag(&tag).build();
        let tagging = self.client.docker().tag_image(&before.id, Some(options));
        if let Err(error) = self.client.call(format!("naming an image {repository}:{tag}"), tagging).await {
            tracing::warn!(%error, "an image that is no longer used has no name");
        }
    }

    async fn prepare_base(&self, base: &Base, progress: &dyn Progress) -> Result<(), EngineError> {
        let maker = self.maker(&base.tag);
        progress.step(&format!("waiting for {}", base.tag));
        let _only = maker.lock().await;
        let present = match self.inspect(&base.tag).await? {
            Some((_, content)) if content.as_deref() == Some(&base.hash) => return Ok(()),
            other => other.is_some(),
        };
        match base.make(&self.client, self.network.as_deref(), progress).await {
            Err(error) if present => {
                tracing::warn!(base = base.tag, %error, "an older base is used: it could not be renewed");
                Ok(())
            }
            made => made,
        }
    }

    /// Waits until nobody else makes the same image and there is room for one more.
    async fn turn<'a>(
        &'a self,
        maker: &'a tokio::sync::Mutex<()>,
        progress: &dyn Progress,
    ) -> (MutexGuard<'a, ()>, Option<SemaphorePermit<'a>>) {
        progress.step("waiting for its turn");
        let only = maker.lock().await;
        (only, self.places.acquire().await.ok())
    }

    /// Who makes an image of this name holds this.
    fn maker(&self, name: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut makers = self.makers.lock().unwrap_or_else(PoisonError::into_inner);
        makers.retain(|_, maker| Arc::strong_count(maker) > 1);
        makers.entry(name.to_owned()).or_default().clone()
    }

    /// An image that must be there now.
    async fn made(&self, name: &str) -> Result<Image, EngineError> {
        self.find(name)
            .await?
            .ok_or_else(|| EngineError::Image(format!("{name} was made and is not there; was it removed?")))
    }

    async fn find(&self, name: &str) -> Result<Option<Image>, EngineError> {
        Ok(self.inspect(name).await?.map(|(image, _)| image))
    }

    /// An image and what it was made from, if it is there.
    async fn inspect(&self, name: &str) -> Result<Option<(Image, Option<String>)>, EngineError> {
        let inspection = self.client.docker().inspect_image(name);
        let found = match self.client.call(format!("looking for image {name}"), inspection).await {
            Ok(found) => found,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let labels = found.config.and_then(|config| config.labels).unwrap_or_default();
        let image = Image {
            id: found.id.unwrap_or_else(|| name.to_owned()),
            size_bytes: found.size.and_then(|size| u64::try_from(size).ok()),
        };
        Ok(Some((image, labels.get(LABEL_CONTENT).cloned())))
    }

    /// The images that were built for a runtime, of whatever content.
    async fn of_runtime(&self, id: &str) -> Result<Vec<ImageSummary>, EngineError> {
        let filters =
            HashMap::from([("reference", vec![repository(id)]), ("label", vec![LABEL_CONTENT.into()])]);
        let options = ListImagesOptionsBuilder::default().filters(&filters).build();
        let listing = self.client.docker().list_images(Some(options));
        Ok(self.client.call(format!("listing the images of {id}"), listing).await?)
    }
}

/// Where a runtime's images are.
fn repository(id: &str) -> String {
    format!("polyground/{id}")
}

impl Recipe {
    /// Reads a runtime's folder.
    async fn read(id: &str, folder: &Path) -> Result<Self, EngineError> {
        let (id, folder) = (id.to_owned(), folder.to_owned());
        // Files are read with blocking calls.
        let read = tokio::task::spawn_blocking(move || Self::read_blocking(&id, &folder));
        read.await.map_err(|error| EngineError::Image(error.to_string()))?.map_err(EngineError::Image)
    }

    fn read_blocking(id: &str, folder: &Path) -> Result<Self, String> {
        let context = Context::read(folder)?;
        let dockerfile = context
            .text("Dockerfile")
            .ok_or_else(|| format!("{} holds no Dockerfile to build the image from", folder.display()))?;
        let suites = dockerfile::base_suites(&dockerfile)
            .map_err(|reason| format!("{}: {reason}", folder.display()))?;
        let bases = suites.iter().map(|suite| Base::read(folder, suite)).collect::<Result<Vec<_>, _>>()?;
        let hash = context.hash(&bases.iter().map(|base| base.hash.clone()).collect::<Vec<_>>());
        Ok(Self { tag: format!("{}:{hash}", repository(id)), hash, context, dockerfile, bases })
    }
}
