//! Builds an image from a context in the engine, with its own builder.

use std::{collections::HashMap, time::Duration};

use bollard::{body_full, errors::Error, query_parameters::BuildImageOptionsBuilder};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::{LABEL_CONTENT, build_log::BuildLog, context::Context};
use crate::engine::{
    EngineError, Progress,
    docker::client::{Client, reason},
};

/// How long a build may say nothing: some commands work silently.
const SILENCE: Duration = Duration::from_secs(20 * 60);

/// An image to be built.
pub(super) struct Build<'a> {
    pub(super) tag: &'a str,
    /// Becomes its label.
    pub(super) content: &'a str,
    pub(super) context: &'a Context,
    pub(super) dockerfile: &'a str,
    pub(super) network: Option<&'a str>,
    /// Known to the build, not to the image's programs.
    pub(super) settings: Option<&'a HashMap<String, String>>,
    /// Whether nothing of earlier builds is taken over.
    pub(super) anew: bool,
}

/// Builds it.
///
/// # Errors
/// With the step that failed and what it said last.
pub(super) async fn build(
    client: &Client,
    build: &Build<'_>,
    progress: &dyn Progress,
) -> Result<(), EngineError> {
    let told = EngineError::Image;
    let tar = build.context.tar().map_err(|error| told(error.to_string()))?;
    let labels = HashMap::from([(LABEL_CONTENT, build.content)]);
    let options = BuildImageOptionsBuilder::default()
        .t(build.tag)
        .rm(true)
        .forcerm(true)
        .labels(&labels)
        .nocache(build.anew)
        .buildargs(build.settings.unwrap_or(&HashMap::new()))
        .networkmode(build.network.unwrap_or("default"))
        .build();
    let docker = client.streaming();
    let mut messages = docker.build_image(options, None, Some(body_full(tar.into())));
    let mut log = BuildLog::new(build.dockerfile);
    let mut total = 0;
    loop {
        let message = match timeout(SILENCE, messages.next()).await {
            Ok(None) => break,
            Ok(Some(Ok(message))) => message,
            Ok(Some(Err(Error::DockerStreamError { error }))) => return Err(told(log.failure(&error))),
            Ok(Some(Err(error))) => return Err(told(log.failure(&reason(&error, &client.address)))),
            Err(_) => {
                let reason = format!("it has said nothing for {} minutes", SILENCE.as_secs() / 60);
                return Err(told(log.failure(&reason)));
            }
        };
        for step in log.push(&message.stream.unwrap_or_default()) {
            progress.step(&format!("step {} of {}: {}", step.number, step.total, step.text));
            progress.advance(step.number.saturating_sub(1), step.total);
            total = step.total;
        }
    }
    progress.advance(total, total);
    Ok(())
}
