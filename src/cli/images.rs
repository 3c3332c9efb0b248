//! `polyground images`: what runtimes run in, listed and built.

use std::{fmt, path::Path, process::ExitCode, sync::Arc};

use bytesize::ByteSize;
use clap::{Args, Subcommand};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use futures_util::{StreamExt, stream};

use super::{Common, out::print, progress::Board};
use crate::{
    app::connect,
    config::{self, ServeArgs},
    engine::{Engine, EngineError, Image, ImageRequest, ImageSource, ImageState, Removed},
    prepare::{ProgressFor, image_request},
    runtime::{BrokenDefinition, Runtime, load_all},
};

/// Images that are asked for or built at the same time.
const CONCURRENT: usize = 2;

/// List the runtimes' images, build them, remove old ones.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  polyground images                        each image and its state
  polyground images build                  make every image that is missing or outdated
  polyground images build RUNTIME...       these only
  polyground images prune                  remove images of earlier contents"
)]
pub(super) struct ImagesArgs {
    #[command(subcommand)]
    action: Option<Action>,
    /// List as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show each image and whether it belongs to the present content of its folder (this is the default)
    List(Chosen),
    /// Build or pull each image that is missing or outdated
    Build(Chosen),
    /// Remove images of earlier contents of these runtimes, and what earlier versions of polyground left
    Prune(Chosen),
}

#[derive(Debug, Args)]
struct Chosen {
    /// Runtimes by id [default: all]
    #[arg(value_name = "RUNTIME")]
    ids: Vec<String>,
    /// List as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

enum Task {
    List,
    Build,
    Prune,
}

/// Does what `polyground images` is told.
pub(super) async fn command(args: ImagesArgs) -> anyhow::Result<ExitCode> {
    let (task, chosen) = match args.action {
        None => (Task::List, Chosen { ids: Vec::new(), json: args.json, common: args.common }),
        Some(Action::List(chosen)) => (Task::List, chosen),
        Some(Action::Build(chosen)) => (Task::Build, chosen),
        Some(Action::Prune(chosen)) => (Task::Prune, chosen),
    };
    let Common { config, engine } = chosen.common;
    let (config, _) = config::load(config.as_deref(), engine, ServeArgs::default())?;
    let runtimes = choose(load_all(&config.runtimes)?, &chosen.ids)?;
    let requests: Vec<_> = runtimes.iter().map(image_request).collect();
    let (engine, note) = connect(&config).await?;
    if let Some(note) = note {
        eprintln!("The local engine is used, which needs no images: {note}");
    }
    match task {
        Task::List if chosen.json => print(&format!("{:#}\n", list(&*engine, &requests).await.json()))?,
        Task::List => print(&format!("{}\n", list(&*engine, &requests).await))?,
        Task::Build => {
            let report = build(engine, requests, &Board::for_command()).await;
            print(&format!("{report}\n"))?;
            if !report.is_success(!chosen.ids.is_empty()) {
                return Ok(ExitCode::FAILURE);
            }
        }
        Task::Prune => print(&removals(&engine.remove_outdated(&requests).await?))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The runtimes with these ids, or all. A broken definition that was not asked for is only mentioned.
fn choose(loaded: Vec<Result<Runtime, BrokenDefinition>>, ids: &[String]) -> anyhow::Result<Vec<Runtime>> {
    let is_wanted = |id: &str| ids.is_empty() || ids.iter().any(|wanted| wanted == id);
    let mut runtimes = Vec::new();
    for runtime in loaded {
        match runtime {
            Ok(runtime) if is_wanted(&runtime.id) => runtimes.push(runtime),
            Ok(_) => {}
            Err(broken) if is_wanted(&broken.id) => {
                eprintln!("{} is left out: {}", broken.id, broken.summary());
            }
            Err(_) => {}
        }
    }
    for id in ids {
        if !runtimes.iter().any(|runtime| runtime.id == *id) {
            anyhow::bail!("there is no runtime `{id}` that could be used; `polyground runtimes` lists them");
        }
    }
    Ok(runtimes)
}

fn removals(removed: &[Removed]) -> String {
    let lines = removed.iter().map(|removed| {
        let size = removed.size_bytes.map(|bytes| format!(" ({})", ByteSize::b(bytes).display().si()));
        format!("removed {}{}\n", removed.name, size.unwrap_or_default())
    });
    match removed {
        [] => "nothing to remove\n".to_owned(),
        _ => lines.collect(),
    }
}

/// The images of some runtimes and their states.
#[derive(Debug)]
pub(super) struct Listing {
    rows: Vec<(ImageRequest, Result<ImageState, EngineError>)>,
}

/// How building some images went.
#[derive(Debug)]
pub(super) struct Report {
    outcomes: Vec<(ImageRequest, Result<Built, EngineError>)>,
}

/// An image that is there now.
#[derive(Debug)]
struct Built {
    /// Whether it was before.
    was_there: bool,
}

/// Looks at each image. Builds and pulls nothing.
pub(super) async fn list(engine: &dyn Engine, requests: &[ImageRequest]) -> Listing {
    let rows = stream::iter(requests)
        .map(|request| async move { (request.clone(), engine.image_state(request).await) })
        .buffered(CONCURRENT)
        .collect()
        .await;
    Listing { rows }
}

/// Makes each image be there and current, some at a time. One that fails keeps no other from being built.
pub(super) async fn build(
    engine: Arc<dyn Engine>,
    requests: Vec<ImageRequest>,
    display: &dyn ProgressFor,
) -> Report {
    let mut outcomes: Vec<_> = stream::iter(requests.into_iter().enumerate())
        .map(|(place, request)| {
            let engine = engine.clone();
            async move {
                let outcome = build_one(&*engine, &request, display).await;
                (place, request, outcome)
            }
        })
        .buffer_unordered(CONCURRENT)
        .collect()
        .await;
    outcomes.sort_by_key(|(place, _, _)| *place);
    Report { outcomes: outcomes.into_iter().map(|(_, request, outcome)| (request, outcome)).collect() }
}

async fn build_one(
    engine: &dyn Engine,
    request: &ImageRequest,
    display: &dyn ProgressFor,
) -> Result<Built, EngineError> {
    let was_there = matches!(engine.image_state(request).await, Ok(ImageState::Current(_)));
    let progress = display.begin(&request.id);
    let prepared = engine.prepare_image(request, progress).await;
    match &prepared {
        Ok(image) => {
            let how = if was_there { "already there" } else { "built" };
            display.ended(&request.id, Ok(&format!("{how}, {}", size(image))));
        }
        Err(error) => display.ended(&request.id, Err(&error.to_string())),
    }
    prepared.map(|_| Built { was_there })
}

impl Report {
    /// Whether every image is there now. One that somebody else publishes is only missed when it was asked for by name:
    /// whether it can be pulled is not for these folders to say.
    pub(super) fn is_success(&self, by_name: bool) -> bool {
        self.outcomes.iter().all(|(request, outcome)| {
            outcome.is_ok() || (!by_name && matches!(request.source, ImageSource::Reference(_)))
        })
    }

    fn failed(&self) -> usize {
        self.outcomes.iter().filter(|(_, outcome)| outcome.is_err()).count()
    }
}

impl fmt::Display for Report {
    /// What failed and why, then one line with the sum.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (request, outcome) in &self.outcomes {
            if let Err(error) = outcome {
                writeln!(formatter, "{}: {}\n", request.id, error.to_string().replace('\n', "\n  "))?;
            }
        }
        let built: Vec<_> = self.outcomes.iter().filter_map(|(_, outcome)| outcome.as_ref().ok()).collect();
        let new = built.iter().filter(|built| !built.was_there).count();
        write!(formatter, "{} of {} images are there, {new} of them new", built.len(), self.outcomes.len())?;
        match self.failed() {
            0 => Ok(()),
            failed => write!(formatter, "; {failed} failed"),
        }
    }
}

impl Listing {
    /// The same for programs: what cells are started from is `image`.
    fn json(&self) -> serde_json::Value {
        let rows = self.rows.iter().map(|(request, state)| {
            let (word, image, reason) = match state {
                Ok(ImageState::Current(image)) => ("current", Some(image), None),
                Ok(ImageState::Outdated(image)) => ("outdated", Some(image), None),
                Ok(ImageState::Missing) => ("missing", None, None),
                Err(error) => ("unavailable", None, Some(error.to_string())),
            };
            serde_json::json!({
                "id": request.id, "state": word, "reason": reason, "source": source(&request.source),
                "image": image.map(|image| &image.id), "size_bytes": image.and_then(|image| image.size_bytes),
            })
        });
        rows.collect()
    }
}

impl fmt::Display for Listing {
    /// A table, then the reasons of what is unavailable.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(["RUNTIME", "STATE", "SIZE", "SOURCE"]);
        for (request, state) in &self.rows {
            let (word, image) = match state {
                Ok(ImageState::Current(image)) => ("current", Some(image)),
                Ok(ImageState::Outdated(image)) => ("outdated", Some(image)),
                Ok(ImageState::Missing) => ("missing", None),
                Err(_) => ("unavailable", None),
            };
            let size = image.map_or_else(|| "-".into(), size);
            table.add_row([request.id.clone(), word.into(), size, source(&request.source)]);
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        if let Some(column) = table.column_mut(2) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        write!(formatter, "{table}")?;
        for (request, state) in &self.rows {
            if let Err(error) = state {
                write!(formatter, "\n\n{}: {error}", request.id)?;
            }
        }
        Ok(())
    }
}

fn size(image: &Image) -> String {
    image.size_bytes.map_or_else(|| "-".into(), |bytes| ByteSize::b(bytes).display().si().to_string())
}

fn source(source: &ImageSource) -> String {
    match source {
        ImageSource::Build(folder) => Path::new(folder).join("Dockerfile").display().to_string(),
        ImageSource::Reference(reference) => reference.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use async_trait::async_trait;

    use super::*;
    use crate::engine::{Cell, CellSpec, EngineInfo, NoProgress, Progress};

    /// An engine whose images are told by their ids.
    struct Fake;

    #[async_trait]
    impl Engine for Fake {
        fn info(&self) -> &EngineInfo {
            unimplemented!()
        }
        async fn ping(&self) -> Result<(), EngineError> {
            Ok(())
        }
        async fn image_state(&self, request: &ImageRequest) -> Result<ImageState, EngineError> {
            let image = Image { id: "sha256:1".into(), size_bytes: Some(113_000_000) };
            match request.id.as_str() {
                "old" => Ok(ImageState::Outdated(image)),
                "missing" => Ok(ImageState::Missing),
                "broken" => Err(EngineError::Image("/x holds no Dockerfile".into())),
                _ => Ok(ImageState::Current(image)),
            }
        }
        async fn prepare_image(
            &self,
            request: &ImageRequest,
            progress: Arc<dyn Progress>,
        ) -> Result<Image, EngineError> {
            progress.step("step 1 of 1");
            if request.id == "broken" {
                return Err(EngineError::Image("step 2 of 3 failed\nwith this".into()));
            }
            Ok(Image { id: "sha256:2".into(), size_bytes: Some(50_000_000) })
        }
        async fn open_cell(&self, _: &CellSpec) -> Result<Cell, EngineError> {
            unimplemented!()
        }
        async fn count_cells(&self) -> Result<usize, EngineError> {
            Ok(0)
        }
        async fn shutdown(&self) {}
    }

    /// Remembers how things ended.
    #[derive(Default)]
    struct Ends(Mutex<Vec<String>>);

    impl ProgressFor for Ends {
        fn begin(&self, _: &str) -> Arc<dyn Progress> {
            Arc::new(NoProgress)
        }
        fn ended(&self, runtime: &str, result: Result<&str, &str>) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{runtime}: {result:?}"));
        }
    }

    fn requests() -> Vec<ImageRequest> {
        let request = |id: &str, source| ImageRequest::new(id, source);
        vec![
            request("python-3.13", ImageSource::Build("runtimes/python-3.13".into())),
            request("old", ImageSource::Build("runtimes/old".into())),
            request("missing", ImageSource::Reference("docker.io/library/lua:5.4".into())),
            request("broken", ImageSource::Build("/x".into())),
        ]
    }

    #[tokio::test]
    async fn a_list_shows_every_state_and_why_something_is_unavailable() {
        let text = list(&Fake, &requests()).await.to_string();
        let lines: Vec<_> = text.lines().map(str::trim_end).collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        RUNTIME      STATE            SIZE  SOURCE
        python-3.13  current      113.0 MB  runtimes/python-3.13/Dockerfile
        old          outdated     113.0 MB  runtimes/old/Dockerfile
        missing      missing             -  docker.io/library/lua:5.4
        broken       unavailable         -  /x/Dockerfile

        broken: /x holds no Dockerfile
        ");
    }

    #[tokio::test]
    async fn one_failure_keeps_no_other_image_from_being_built() {
        let ends = Ends::default();
        let report = build(Arc::new(Fake), requests(), &ends).await;
        assert!(!report.is_success(false));
        insta::assert_snapshot!(report.to_string(), @r"
        broken: step 2 of 3 failed
          with this

        3 of 4 images are there, 2 of them new; 1 failed
        ");
        let mut ends = ends.0.into_inner().unwrap();
        ends.sort();
        insta::assert_snapshot!(ends.join("\n"), @r#"
        broken: Err("step 2 of 3 failed\nwith this")
        missing: Ok("built, 50.0 MB")
        old: Ok("built, 50.0 MB")
        python-3.13: Ok("already there, 50.0 MB")
        "#);
    }
}
