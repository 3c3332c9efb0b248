//! `polyground serve`: the playground and its API.

use std::{
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Args;
use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use tokio::net::TcpListener;

use super::{Common, descriptors, progress::Board, stop};
use crate::{
    api::{self, ApiContext, ApiLimits, EngineReport, IsolationReport, ServerLimits, StatusReport},
    app::App,
    catalog::{Catalog, State},
    config::{self, ServeArgs},
    engine::EngineKind,
    log,
    prepare::isolation_name,
    runtime::BrokenDefinition,
    store::Store,
};

/// How often expired snippets are removed.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// Start the server: it answers at once, and each language is listed as soon as its image and samples are proven.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  polyground serve
  polyground serve --listen 0.0.0.0:80 --max-running 8
  polyground serve --engine local
  polyground serve --require-isolation nested      listens only once that is proven, else refuses with the cure
  polyground serve --runtimes ./runtimes --runtimes /etc/polyground/runtimes")]
pub(super) struct ServeCommand {
    #[command(flatten)]
    serve: ServeArgs,
    #[command(flatten)]
    common: Common,
}

pub(super) async fn serve(command: ServeCommand) -> anyhow::Result<ExitCode> {
    let Common { config, engine } = command.common;
    let (engine_config, config) = config::load(config.as_deref(), engine, command.serve)?;
    log::open(config.log_format);
    descriptors::take_all();
    let board = Arc::new(Board::for_server());
    let started = Instant::now();
    let store = config.database.open().await?;
    let app = Arc::new(App::build(&engine_config, config.pool, config.queue, board.clone()).await?);
    app.sweep();
    let broken = app.plugins.load()?;
    let mut stop_asked = Box::pin(stop::asked());
    let proven = tokio::select! {
        proven = app.prove_isolation(&engine_config) => proven,
        _ = &mut stop_asked => {
            app.stop().await;
            return Ok(ExitCode::SUCCESS);
        }
    };
    let listener = match proven {
        Ok(()) => TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("cannot listen on {}", config.listen)),
        Err(refusal) => Err(refusal.into()),
    };
    let listener = match listener {
        Ok(listener) => listener,
        Err(error) => {
            app.stop().await;
            return Err(error);
        }
    };
    let address = listener.local_addr()?;
    board.suspend(|| eprintln!("{}", welcome(&app, address, &broken)));

    let settled = {
        let (app, board) = (app.clone(), board.clone());
        tokio::spawn(async move {
            app.preparer.settled().await;
            board.suspend(|| eprintln!("{}", languages(&app.catalog)));
        })
    };
    let watched = tokio::spawn(app.plugins.clone().watch());
    let pings = tokio::spawn(app.clone().watch_engine());
    let context = ApiContext {
        runner: app.runner.clone(),
        catalog: app.catalog.clone(),
        store: store.clone(),
        status: {
            let app = app.clone();
            Arc::new(move || status(&app, started))
        },
        limits: ApiLimits::default(),
    };
    let sweeps = tokio::spawn(sweep_expired(store.clone()));
    let runner = app.runner.clone();
    let shutdown = async move {
        let asked = stop_asked.await;
        // Before the connections are closed, so that callers hear how their runs ended.
        stop::drain(&runner, asked, config.drain_timeout).await;
    };
    api::serve(listener, api::app(context), ServerLimits::default(), shutdown).await;
    settled.abort();
    watched.abort();
    pings.abort();
    sweeps.abort();
    app.stop().await;
    store.close().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Removes snippets that have expired: nobody finds them any more, but their content must not stay.
async fn sweep_expired(store: Arc<dyn Store>) {
    loop {
        match store.sweep().await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "expired snippets are removed"),
            Err(error) => tracing::warn!(%error, "expired snippets could not be removed"),
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

/// What is printed at the start.
fn welcome(app: &App, address: std::net::SocketAddr, broken: &[BrokenDefinition]) -> String {
    let info = app.engine.info();
    let mut text =
        format!("\n  Polyground is up:  http://{address}\n  API documentation: http://{address}/api/docs\n");
    let engine = match info.kind {
        EngineKind::Docker => format!("Docker {} at {}", info.version, info.address),
        EngineKind::Local => {
            "local: this machine's own toolchains. For trying out: no containers around the sandboxes".into()
        }
    };
    text.push_str(&format!("  Engine:            {engine}\n"));
    if let Some(why) = &app.engine_note {
        text.push_str(&format!("                     not Docker, because {why}\n"));
    }
    if !address.ip().is_loopback() {
        text.push_str("  Open to everyone who reaches this address: programs can be run without a key.\n");
    }
    for definition in broken {
        text.push_str(&format!("\n{}\n", definition.report()));
    }
    text.push('\n');
    text.push_str(&languages(&app.catalog));
    text
}

/// The table of languages.
fn languages(catalog: &Catalog) -> String {
    let mut table = Table::new();
    table.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["", "LANGUAGE", "VERSION", "RUNTIME", "STATE"]);
    for listing in catalog.list() {
        let (name, language) =
            listing.runtime().map_or(("", ""), |runtime| (runtime.name.as_str(), runtime.language.as_str()));
        let (mark, state) = match &listing.state {
            State::Ready { start_ms } => ("✓", format!("ready, hello world in {start_ms:.0} ms")),
            State::Preparing { step } => ("…", step.clone()),
            State::Unavailable { reason } => ("✗", reason.lines().next().unwrap_or_default().to_owned()),
        };
        let version = listing.version.as_deref().unwrap_or_default();
        table.add_row([mark, &format!("{name} ({language})"), version, listing.id(), &state]);
    }
    format!("{table}\n")
}

fn status(app: &App, started: Instant) -> StatusReport {
    let info = app.engine.info();
    let load = app.runner.load();
    let isolation = match app.preparer.isolation() {
        Some(found) => IsolationReport {
            mode: isolation_name(found.mode).into(),
            reason: found.reason.clone().map_or_else(
                || "the strongest that is allowed, and it works here".into(),
                |reason| format!("nested sandboxes cannot be had here: {reason}"),
            ),
            landlock_abi: found.landlock_abi,
        },
        None => IsolationReport {
            mode: "unknown".into(),
            reason: "no image is ready to find out with".into(),
            landlock_abi: 0,
        },
    };
    StatusReport {
        engine: EngineReport {
            kind: match info.kind {
                EngineKind::Docker => "docker".into(),
                EngineKind::Local => "local".into(),
            },
            version: info.version.clone(),
            address: info.address.clone(),
            problem: app.runner.engine_problem(),
        },
        isolation,
        stopping: app.runner.is_closed(),
        uptime: started.elapsed(),
        running: load.running as u64,
        waiting: load.waiting as u64,
    }
}
