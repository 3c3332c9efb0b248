//! Puts the parts together: an engine, the runtimes it can offer, and what runs programs on them.

mod health;

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::{
    catalog::Catalog,
    config::{CellLink, EngineChoice, EngineConfig, RequiredIsolation, WarmChoice},
    engine::{
        Engine, EngineError, EngineInfo, EngineKind,
        docker::{DockerEngine, DockerOptions, instance_id},
        local::LocalEngine,
    },
    metrics::Metrics,
    plugins::Plugins,
    pool::{Pool, PoolLimits},
    prepare::{Demand, Parts, Preparer, ProgressFor, ProvenStore, isolation_name},
    run::{QueueLimits, Runner},
    runtime::{LoadError, Runtime},
};

/// How long runs may take to end when the server stops.
const STOP_PATIENCE: Duration = Duration::from_millis(300);

/// Everything that runs programs, without anything that asks for it.
pub struct App {
    /// Where cells come from.
    pub engine: Arc<dyn Engine>,
    /// Why it is not the one that would be preferred, where it is not.
    pub engine_note: Option<String>,
    /// Which setting changes nothing here, and why.
    pub unused_setting: Option<String>,
    /// The runtimes.
    pub catalog: Arc<Catalog>,
    /// The cells.
    pub pool: Arc<Pool>,
    /// Counts what happens.
    pub metrics: Arc<Metrics>,
    /// Runs programs.
    pub runner: Arc<Runner>,
    /// Prepares runtimes.
    pub preparer: Arc<Preparer>,
    /// The runtimes of the operator's folders.
    pub plugins: Arc<Plugins>,
}

/// Why nothing can be started.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// The engine that was asked for cannot be used.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The runtimes cannot be read.
    #[error(transparent)]
    Runtimes(#[from] LoadError),
    /// Runs would be kept apart less than is demanded.
    #[error("isolation: {0}")]
    Isolation(String),
}

impl App {
    /// Connects to the engine. Prepares nothing yet.
    ///
    /// # Errors
    /// When the engine that was asked for cannot be used, or what is allowed of isolation is less than what is required.
    pub async fn build(
        config: &EngineConfig,
        pool: PoolLimits,
        queue: QueueLimits,
        progress: Arc<dyn ProgressFor>,
    ) -> Result<Self, StartupError> {
        allows_what_is_required(config)?;
        let (engine, engine_note) = connect(config).await?;
        let unused_setting = without_effect(config, engine.info());
        if let Some(unused) = &unused_setting {
            tracing::warn!("{unused}");
        }
        let (catalog, metrics) = (Arc::new(Catalog::default()), Arc::new(Metrics::new()));
        let pool = Arc::new(Pool::new(engine.clone(), pool, metrics.clone()));
        let always_warm = config.warm == WarmChoice::Always;
        let runner = Runner::new(catalog.clone(), pool.clone(), queue, always_warm, metrics.clone());
        let runner = Arc::new(runner);
        let preparer = Preparer::new(Parts {
            engine: engine.clone(),
            pool: pool.clone(),
            runner: runner.clone(),
            catalog: catalog.clone(),
            proven: ProvenStore::open(proven_file(config, engine.info()).as_deref()),
            warm: config.warm != WarmChoice::Off && engine.info().kind == EngineKind::Docker,
            trusts_samples: config.trusts_samples,
            allowed: config.isolation.allowed(),
            demanded: demand(config.required),
            progress,
        });
        let restorer = Arc::downgrade(&preparer);
        pool.on_image_lost(move |line| {
            if let Some(preparer) = restorer.upgrade() {
                preparer.restore(line);
            }
        });
        let plugins = Plugins::new(config.runtimes.clone(), preparer.clone(), disabled_file(config));
        Ok(Self { engine, engine_note, unused_setting, catalog, pool, metrics, runner, preparer, plugins })
    }

    /// Where an isolation is required, waits until it is proven: with the first image that is ready.
    ///
    /// # Errors
    /// When it cannot be had or not be found out, with the reason.
    pub async fn prove_isolation(&self, config: &EngineConfig) -> Result<(), StartupError> {
        match config.required {
            None => Ok(()),
            Some(_) => self.preparer.isolation_proven().await.map_err(StartupError::Isolation),
        }
    }

    /// Removes what servers that have died left on the engine, in the background.
    pub fn sweep(&self) {
        let engine = self.engine.clone();
        tokio::spawn(async move {
            match engine.sweep().await {
                Ok(0) => {}
                Ok(removed) => tracing::info!(removed, "removed what dead servers had left"),
                Err(error) => tracing::warn!(%error, "what dead servers left could not be removed"),
            }
        });
    }

    /// Prepares one runtime and waits until that has come to its end.
    pub async fn prepare_one(&self, runtime: Runtime) {
        self.preparer.start(Arc::new(runtime));
        self.preparer.settled().await;
    }

    /// Stops everything: running programs are cancelled, cells destroyed, containers gone when this returns.
    pub async fn stop(&self) {
        self.runner.close();
        self.pool.close();
        // Their callers have gone by now, so that they end by themselves.
        let _ = tokio::time::timeout(STOP_PATIENCE, self.runner.ended()).await;
        self.engine.shutdown().await;
    }
}

/// The engine that was asked for; with `auto`, Docker when it answers, and why not where it does not.
///
/// # Errors
/// When the engine that was asked for cannot be used.
pub async fn connect(config: &EngineConfig) -> Result<(Arc<dyn Engine>, Option<String>), EngineError> {
    let instance = instance_id();
    let docker = || {
        DockerEngine::connect(DockerOptions {
            host: config.docker_host.clone(),
            instance: instance.clone(),
            apparmor: config.apparmor_profile.clone(),
            oci_runtime: config.oci_runtime.clone(),
            through_engine: config.cell_link == CellLink::Engine,
            ..DockerOptions::default()
        })
    };
    let local = || LocalEngine::new(&instance);
    match config.engine {
        EngineChoice::Docker => Ok((Arc::new(docker().await?), None)),
        EngineChoice::Local => Ok((Arc::new(local()?), None)),
        EngineChoice::Auto => match docker().await {
            Ok(engine) => Ok((Arc::new(engine), None)),
            Err(error) => Ok((Arc::new(local()?), Some(error.to_string()))),
        },
    }
}

/// Says which setting for containers changes nothing, because of the engine.
fn without_effect(config: &EngineConfig, info: &EngineInfo) -> Option<String> {
    let settings = [
        ("--apparmor-profile", config.apparmor_profile.is_some()),
        ("--oci-runtime", config.oci_runtime.is_some()),
    ];
    let (setting, _) = settings.into_iter().find(|(_, given)| *given)?;
    match info.kind {
        EngineKind::Local => Some(format!("{setting} has no effect: the local engine has no containers")),
        EngineKind::Docker if config.apparmor_profile.is_some() && !info.app_armor => {
            Some("--apparmor-profile has no effect: the engine does not use AppArmor".into())
        }
        EngineKind::Docker => None,
    }
}

/// Refuses a configuration that can never have what it requires.
fn allows_what_is_required(config: &EngineConfig) -> Result<(), StartupError> {
    let Some(required) = config.required else { return Ok(()) };
    if config.isolation.allowed().into_iter().any(|mode| required.is_met_by(mode)) {
        return Ok(());
    }
    let allowed: Vec<_> = config.isolation.allowed().into_iter().map(isolation_name).collect();
    Err(StartupError::Isolation(format!(
        "`{}` is required (--require-isolation) and only `{}` is allowed (--isolation); leave one of them out",
        required.as_str(),
        allowed.join("`, `")
    )))
}

/// What the isolation that is found must be.
fn demand(required: Option<RequiredIsolation>) -> Demand {
    Box::new(move |found| match required {
        Some(required) if !required.is_met_by(found.mode) => Err(format!(
            "`{}` is required (--require-isolation) and only `{}` can be had here: {}",
            required.as_str(),
            isolation_name(found.mode),
            found.reason.as_deref().unwrap_or("nothing stronger is allowed"),
        )),
        _ => Ok(()),
    })
}

/// Where it is kept which runtimes are disabled.
fn disabled_file(config: &EngineConfig) -> Option<PathBuf> {
    config.keeps_data.then(|| config.data.join("disabled.json"))
}

/// Proofs of one engine say nothing of another.
fn proven_file(config: &EngineConfig, info: &EngineInfo) -> Option<PathBuf> {
    let name = match info.kind {
        EngineKind::Docker => "proven-docker.json",
        EngineKind::Local => "proven-local.json",
    };
    config.keeps_data.then(|| config.data.join(name))
}

#[cfg(test)]
mod tests {
    use polyground_protocol::Isolation;

    use super::*;
    use crate::{
        config::{EngineArgs, ServeArgs, load},
        pool::IsolationFound,
    };

    fn config(change: impl FnOnce(&mut EngineConfig)) -> EngineConfig {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (mut config, _) = load(Some(file.path()), EngineArgs::default(), ServeArgs::default()).unwrap();
        change(&mut config);
        config
    }

    #[test]
    fn what_the_probe_found_must_be_what_is_required() {
        let found = |mode| IsolationFound {
            mode,
            reason: Some("new namespaces could not be made".into()),
            landlock_abi: 0,
        };
        let nested = demand(Some(RequiredIsolation::Nested));
        assert_eq!(nested(&found(Isolation::Nested)), Ok(()));
        insta::assert_snapshot!(nested(&found(Isolation::SingleUse)).unwrap_err(), @"`nested` is required (--require-isolation) and only `single-use` can be had here: new namespaces could not be made");
        let single_use = demand(Some(RequiredIsolation::SingleUse));
        for mode in [Isolation::Nested, Isolation::SingleUse] {
            assert_eq!(single_use(&found(mode)), Ok(()));
            assert_eq!(demand(None)(&found(mode)), Ok(()));
        }
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused() {
        use crate::config::IsolationChoice::{Auto, Nested, SingleUse};
        let required = Some(RequiredIsolation::Nested);
        for (isolation, fine) in [(Auto, true), (Nested, true), (SingleUse, false)] {
            let config = config(|config| (config.isolation, config.required) = (isolation, required));
            assert_eq!(allows_what_is_required(&config).is_ok(), fine, "{isolation:?}");
        }
    }

    #[test]
    fn a_setting_without_effect_is_told() {
        let docker = |app_armor| EngineInfo {
            kind: EngineKind::Docker,
            version: "1".into(),
            address: "unix:///x".into(),
            cgroup_version: None,
            is_here: true,
            app_armor,
            app_armor_profile: None,
            se_linux: false,
        };
        let local = EngineInfo { kind: EngineKind::Local, ..docker(false) };
        let profile = config(|config| config.apparmor_profile = Some("x".into()));
        assert!(without_effect(&profile, &docker(false)).unwrap().contains("does not use AppArmor"));
        assert_eq!(without_effect(&profile, &docker(true)), None);
        let runtime = config(|config| config.oci_runtime = Some("runsc".into()));
        assert_eq!(without_effect(&runtime, &docker(false)), None);
        assert!(without_effect(&runtime, &local).unwrap().starts_with("--oci-runtime has no effect"));
        assert_eq!(without_effect(&config(|_| {}), &local), None);
    }
}
