//! `polyground serve`: the playground and its API.

use std::{
    net::SocketAddr,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow};
use clap::Args;
use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use sd_notify::NotifyState;

use super::{
    Common, descriptors, listen,
    progress::Board,
    reload::{self, Told},
    stop,
};
use crate::{
    access::{Access, Rules},
    api::{
        self, ApiContext, ApiLimits, CorsOrigins, EngineReport, IsolationReport, MetricsContext,
        MetricsReach, NotChanged, RuntimeChange, ServerLimits, StatusReport,
    },
    app::App,
    catalog::{Catalog, State},
    config::{self, AccessConfig, MetricsChoice, ServeArgs},
    engine::EngineKind,
    log,
    metrics::{Live, RuntimeStates},
    plugins::{PluginError, Plugins},
    pool::Load,
    prepare::isolation_name,
    runtime::BrokenDefinition,
    store::{Store, TimedStore},
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
    let told = Told { file: config, engine, serve: command.serve };
    let (engine_config, config) =
        config::load(told.file.as_deref(), told.engine.clone(), told.serve.clone())?;
    let log = log::open(config.log_format, config.otlp_endpoint.as_deref())?;
    for stranger in config::strangers(std::env::vars().map(|(name, _)| name)) {
        tracing::warn!("{stranger}");
    }
    descriptors::take_all();
    let board = Arc::new(Board::for_server());
    let started = Instant::now();
    let cors = CorsOrigins::new(&config.access.cors_origins);
    let cors = cors.map_err(|origin| {
        anyhow!("cors_origins: `{origin}` is no origin: write it as https://blog.example, or `*`")
    })?;
    let store = config.database.open().await?;
    let app = Arc::new(App::build(&engine_config, config.pool, config.queue, board.clone()).await?);
    let store: Arc<dyn Store> = Arc::new(TimedStore::new(store, app.metrics.clone()));
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
        Ok(()) => {
            listen::listen(config.listen).with_context(|| format!("cannot listen on {}", config.listen))
        }
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
    board.suspend(|| eprintln!("{}", welcome(&app, address, &config.access.rules, &broken)));

    // Only from now on can it be connected to: a unit of Type=notify counts as started.
    tell_service_manager(NotifyState::Ready);
    let settled = {
        let (app, board) = (app.clone(), board.clone());
        tokio::spawn(async move {
            app.preparer.settled().await;
            board.suspend(|| eprintln!("{}", languages(&app.catalog)));
        })
    };
    let watched = tokio::spawn(app.plugins.clone().watch());
    let pings = tokio::spawn(app.clone().watch_engine());
    let access = Arc::new(Access::new(config.access.rules.clone(), store.clone()));
    let parts = reload::Parts { access: access.clone(), cors: cors.clone(), runner: app.runner.clone() };
    let followed = tokio::spawn(reload::follow(told, (engine_config, config.clone()), parts));
    let context = ApiContext {
        runner: app.runner.clone(),
        catalog: app.catalog.clone(),
        store: store.clone(),
        status: {
            let app = app.clone();
            Arc::new(move || status(&app, started))
        },
        access,
        change: {
            let plugins = app.plugins.clone();
            Arc::new(move |change, id| change_runtime(&plugins, change, id))
        },
        cors,
        metrics: metrics(&app, config.metrics),
        limits: ApiLimits::default(),
    };
    let sweeps = tokio::spawn(sweep_expired(store.clone()));
    let runner = app.runner.clone();
    let shutdown = async move {
        let asked = stop_asked.await;
        tell_service_manager(NotifyState::Stopping);
        // Before the connections are closed, so that callers hear how their runs ended.
        stop::drain(&runner, asked, config.drain_timeout).await;
    };
    api::serve(listener, api::app(context), server_limits(&config.access), shutdown).await;
    settled.abort();
    watched.abort();
    pings.abort();
    followed.abort();
    sweeps.abort();
    app.stop().await;
    store.close().await;
    tracing::info!("stopped");
    log.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Tells systemd, where it has started this (`NOTIFY_SOCKET`).
fn tell_service_manager(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the service manager could not be told");
    }
}

/// How many connections there may be.
fn server_limits(access: &AccessConfig) -> ServerLimits {
    ServerLimits {
        connections: access.connections,
        connections_of_one: access.connections_of_one,
        uncounted: access.uncounted.clone(),
        ..ServerLimits::default()
    }
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
fn welcome(app: &App, address: SocketAddr, rules: &Rules, broken: &[BrokenDefinition]) -> String {
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
    if !address.ip().to_canonical().is_loopback() {
        text.push_str(&openness(rules));
    }
    for definition in broken {
        text.push_str(&format!("\n{}\n", definition.report()));
    }
    text.push('\n');
    text.push_str(&languages(&app.catalog));
    text
}

/// What is open to everyone who reaches the server, and how that is closed.
fn openness(rules: &Rules) -> String {
    let Rules { anonymous, rate, .. } = rules;
    let open = [
        (anonymous.run, "running programs"),
        (anonymous.snippets, "saving, listing and removing snippets"),
        (anonymous.links, "opening links to snippets"),
    ];
    let open: Vec<_> = open.into_iter().filter(|(is_open, _)| *is_open).map(|(_, what)| what).collect();
    if open.is_empty() {
        return "  Access:            only with an API key: `polyground keys create` makes one\n".into();
    }
    let rate = match rate {
        Some(rate) => format!("{rate} requests a minute of each address (--rate)"),
        None => "any number of requests (--rate bounds them)".into(),
    };
    let space = " ".repeat(21);
    format!(
        "  Open to everybody: {}\n{space}without a key, {rate}\n{space}--anonymous none closes it, `polyground keys create` makes keys\n",
        open.join("; ")
    )
}

/// Does to a runtime what an operator has asked for.
fn change_runtime(plugins: &Plugins, change: RuntimeChange, id: &str) -> Result<(), NotChanged> {
    let done = match change {
        RuntimeChange::Rebuild => plugins.rebuild(id),
        RuntimeChange::Disable => plugins.disable(id),
        RuntimeChange::Enable => plugins.enable(id),
    };
    done.map_err(|error| {
        let text = error.to_string();
        match error {
            PluginError::Unknown { .. } => NotChanged::Unknown(text),
            PluginError::Broken { .. } => NotChanged::Broken(text),
            PluginError::Disabled { .. } => NotChanged::Disabled(text),
        }
    })
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

/// What is counted, what is so now, and who may read it.
fn metrics(app: &Arc<App>, choice: MetricsChoice) -> MetricsContext {
    let reach = match choice {
        MetricsChoice::Local => MetricsReach::ThisMachine,
        MetricsChoice::On => MetricsReach::Everybody,
        MetricsChoice::Off => MetricsReach::Nobody,
    };
    let read = app.clone();
    MetricsContext { metrics: app.metrics.clone(), live: Arc::new(move || live(&read)), reach }
}

fn live(app: &App) -> Live {
    let Load { running, capacity, waiting, max_waiting } = app.runner.load();
    let (mut runtimes, mut unavailable) = (RuntimeStates::default(), Vec::new());
    for listing in app.catalog.list() {
        match listing.state {
            State::Ready { .. } => runtimes.ready += 1,
            State::Preparing { .. } => runtimes.preparing += 1,
            State::Unavailable { .. } => {
                runtimes.unavailable += 1;
                unavailable.push(listing.id().to_owned());
            }
        }
    }
    Live {
        engine_up: app.runner.engine_problem().is_none(),
        stopping: app.runner.is_closed(),
        running,
        capacity,
        waiting,
        max_waiting,
        interactive: app.runner.interactive(),
        cells: app.pool.cells(),
        runtimes,
        unavailable,
        commit: option_env!("POLYGROUND_COMMIT"),
    }
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

#[cfg(test)]
mod tests {
    use crate::access::Anonymous;

    use super::*;

    #[test]
    fn the_welcome_says_what_is_open_and_how_that_is_closed() {
        let rules =
            |anonymous, rate| Rules { anonymous, rate: std::num::NonZeroU32::new(rate), ..Rules::default() };
        let all = openness(&rules(Anonymous::ALL, 120));
        let lines: Vec<_> = all.lines().collect();
        assert_eq!(
            lines,
            [
                "  Open to everybody: running programs; saving, listing and removing snippets; opening links to snippets",
                "                     without a key, 120 requests a minute of each address (--rate)",
                "                     --anonymous none closes it, `polyground keys create` makes keys",
            ]
        );
        let links = openness(&rules(Anonymous { links: true, ..Anonymous::NONE }, 0));
        assert!(
            links.starts_with("  Open to everybody: opening links to snippets\n")
                && links.contains("any number")
        );
        let none = "  Access:            only with an API key: `polyground keys create` makes one\n";
        assert_eq!(openness(&rules(Anonymous::NONE, 0)), none);
    }
}
