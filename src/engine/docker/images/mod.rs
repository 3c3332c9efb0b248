//! Images: whether they are there, and how they come. Names and labels tell what an image was made from, so that nothing
//! is built twice and nothing old is taken for new.

mod base;
mod build;
mod build_log;
mod context;
mod dockerfile;
mod prune;
mod pull;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use bollard::{models::ImageSummary, query_parameters::ListImagesOptionsBuilder};
use tokio::sync::{MutexGuard, Semaphore, SemaphorePermit};

use self::{base::Base, build::Build, context::Context};
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
        match &request.source {
            ImageSource::Reference(reference) => {
                Ok(self.find(reference).await?.map_or(ImageState::Missing, ImageState::Current))
            }
            ImageSource::Build(folder) => {
                let recipe = Recipe::read(&request.id, folder).await?;
                if let Some(image) = self.find(&recipe.tag).await? {
                    return Ok(ImageState::Current(image));
                }
                let newest =
                    self.of_runtime(&request.id).await?.into_iter().max_by_key(|image| image.created);
                Ok(newest.map_or(ImageState::Missing, |image| {
                    ImageState::Outdated(Image { size_bytes: u64::try_from(image.size).ok(), id: image.id })
                }))
            }
        }
    }

    /// Makes an image be there.
    pub(super) async fn prepare(
        &self,
        request: &ImageRequest,
        progress: Arc<dyn Progress>,
    ) -> Result<Image, EngineError> {
        match &request.source {
            ImageSource::Reference(reference) => self.prepare_reference(reference, &*progress).await,
            ImageSource::Build(folder) => {
                let recipe = Recipe::read(&request.id, folder).await?;
                self.prepare_build(&recipe, &*progress).await
            }
        }
    }

    async fn prepare_reference(
        &self,
        reference: &str,
        progress: &dyn Progress,
    ) -> Result<Image, EngineError> {
        if let Some(image) = self.find(reference).await? {
            return Ok(image);
        }
        let maker = self.maker(reference);
        let _turn = self.turn(&maker, progress).await;
        if let Some(image) = self.find(reference).await? {
            return Ok(image);
        }
        pull::pull(&self.client, reference, progress).await?;
        self.made(reference).await
    }

    async fn prepare_build(&self, recipe: &Recipe, progress: &dyn Progress) -> Result<Image, EngineError> {
        if let Some(image) = self.find(&recipe.tag).await? {
            return Ok(image);
        }
        let maker = self.maker(&recipe.tag);
        let _turn = self.turn(&maker, progress).await;
        if let Some(image) = self.find(&recipe.tag).await? {
            return Ok(image);
        }
        for base in &recipe.bases {
            self.prepare_base(base, progress).await?;
        }
        let build = Build {
            tag: &recipe.tag,
            content: &recipe.hash,
            context: &recipe.context,
            dockerfile: &recipe.dockerfile,
            network: self.network.as_deref(),
        };
        build::build(&self.client, &build, progress).await?;
        self.made(&recipe.tag).await
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
