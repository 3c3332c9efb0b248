//! Pulls an image from a registry.

use std::{collections::HashMap, time::Duration};

use bollard::{models::CreateImageInfo, query_parameters::CreateImageOptionsBuilder};
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::engine::{
    EngineError, Progress,
    docker::client::{Client, reason},
};

/// How long a pull may say nothing: a registry that cannot be reached is tried several times.
const SILENCE: Duration = Duration::from_secs(3 * 60);

/// Pulls an image.
///
/// # Errors
/// In one line, with what to look at.
pub(super) async fn pull(
    client: &Client,
    reference: &str,
    progress: &dyn Progress,
) -> Result<(), EngineError> {
    let failed = |reason: &str| {
        EngineError::Image(format!(
            "{reference} cannot be pulled: {}; is the registry reachable?",
            reason.trim_end_matches('.')
        ))
    };
    let options = CreateImageOptionsBuilder::default().from_image(&with_tag(reference)).build();
    let docker = client.streaming();
    let mut messages = docker.create_image(Some(options), None, None);
    let mut layers = Layers::default();
    progress.step(&format!("pulling {reference}"));
    loop {
        match timeout(SILENCE, messages.next()).await {
            Ok(None) => return Ok(()),
            Ok(Some(Ok(message))) => {
                layers.push(&message);
                let (done, total) = layers.sum();
                progress.advance(done, total);
            }
            Ok(Some(Err(error))) => return Err(failed(&reason(&error, &client.address))),
            Err(_) => return Err(failed(&format!("no progress for {} minutes", SILENCE.as_secs() / 60))),
        }
    }
}

/// A reference without a tag means every tag to the engine.
fn with_tag(reference: &str) -> String {
    let name = reference.rsplit('/').next().unwrap_or(reference);
    if name.contains(':') || name.contains('@') {
        reference.to_owned()
    } else {
        format!("{reference}:latest")
    }
}

/// How far each layer is, in bytes.
#[derive(Default)]
struct Layers {
    layers: HashMap<String, (u64, u64)>,
}

impl Layers {
    fn push(&mut self, message: &CreateImageInfo) {
        let (Some(id), Some(status)) = (&message.id, message.status.as_deref()) else { return };
        let detail = message.progress_detail.as_ref();
        let bytes = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
        let (current, total) =
            (bytes(detail.and_then(|detail| detail.current)), bytes(detail.and_then(|detail| detail.total)));
        match (status, self.layers.get_mut(id)) {
            ("Downloading", None) => {
                self.layers.insert(id.clone(), (current.unwrap_or(0), total.unwrap_or(0)));
            }
            ("Downloading", Some(layer)) => *layer = (current.unwrap_or(layer.0), total.unwrap_or(layer.1)),
            // Unpacking counts the same bytes once more: only the first count is told.
            ("Download complete" | "Extracting" | "Pull complete", Some(layer)) => layer.0 = layer.1,
            _ => {}
        }
    }

    fn sum(&self) -> (u64, u64) {
        self.layers.values().fold((0, 0), |(done, all), (current, total)| (done + current, all + total))
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::ProgressDetail;

    use super::*;

    fn message(id: &str, status: &str, bytes: Option<(i64, i64)>) -> CreateImageInfo {
        let progress_detail =
            bytes.map(|(current, total)| ProgressDetail { current: Some(current), total: Some(total) });
        CreateImageInfo {
            id: Some(id.into()),
            status: Some(status.into()),
            progress_detail,
            ..Default::default()
        }
    }

    #[test]
    fn progress_is_the_sum_over_all_layers() {
        let mut layers = Layers::default();
        for (message, sum) in [
            (message("trixie", "Pulling from library/debian", None), (0, 0)),
            (message("a", "Downloading", Some((10, 100))), (10, 100)),
            (message("b", "Downloading", Some((5, 50))), (15, 150)),
            (message("a", "Download complete", None), (105, 150)),
            (message("a", "Extracting", Some((1, 100))), (105, 150)),
            (message("b", "Downloading", Some((50, 50))), (150, 150)),
            (message("c", "Already exists", None), (150, 150)),
        ] {
            layers.push(&message);
            assert_eq!(layers.sum(), sum, "{:?}", message.status);
        }
    }

    #[test]
    fn a_bare_name_means_its_latest_tag_and_not_all_of_them() {
        for (reference, pulled) in [
            ("lua", "lua:latest"),
            ("host:5000/lua", "host:5000/lua:latest"),
            ("lua:5.4", "lua:5.4"),
            ("host:5000/lua:5.4", "host:5000/lua:5.4"),
            ("lua@sha256:12", "lua@sha256:12"),
        ] {
            assert_eq!(with_tag(reference), pulled);
        }
    }
}
