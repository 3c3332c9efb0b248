//! Takes up a configuration file that has changed: at SIGHUP, and by itself within seconds. A file that cannot be used changes
//! nothing. What flags and variables say still goes before it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::{
    signal::unix::{SignalKind, signal},
    time::{MissedTickBehavior, interval},
};

use crate::{
    access::Access,
    api::CorsOrigins,
    config::{self, DEFAULT_FILE, EngineArgs, EngineConfig, ServeArgs, ServeConfig, Setting, settings},
    run::Runner,
};

/// How often the file is looked at. Nothing tells of a file on a network mount, or of one that a platform exchanges.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The settings that take effect at once.
pub(super) const LIVE: [&str; 7] = [
    "max_running",
    "max_waiting",
    "max_waiting_of_one",
    "anonymous",
    "rate",
    "trusted_proxies",
    "cors_origins",
];

/// What was told when the server was started.
pub(super) struct Told {
    pub(super) file: Option<PathBuf>,
    pub(super) engine: EngineArgs,
    pub(super) serve: ServeArgs,
}

/// What a new configuration is handed to.
pub(super) struct Parts {
    pub(super) access: Arc<Access>,
    pub(super) cors: CorsOrigins,
    pub(super) runner: Arc<Runner>,
}

/// Follows the file for as long as this is polled. `current` is what the server was started with.
pub(super) async fn follow(told: Told, current: (EngineConfig, ServeConfig), parts: Parts) {
    let Ok(mut asked) = signal(SignalKind::hangup()) else { return };
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let path = told.file.clone().unwrap_or_else(|| DEFAULT_FILE.into());
    let mut seen = Stamp::of(&path);
    let mut holds = settings(&current.0, &current.1);
    loop {
        tokio::select! {
            _ = asked.recv() => {}
            _ = looks.tick() => {
                if Stamp::of(&path) == seen {
                    continue;
                }
            }
        }
        seen = Stamp::of(&path);
        match config::load(told.file.as_deref(), told.engine.clone(), told.serve.clone()) {
            Ok((engine, serve)) => take_up(&engine, &serve, &parts, &mut holds),
            Err(error) => tracing::error!(%error, "the configuration stays as it was"),
        }
    }
}

/// Hands on what has changed. `holds` is what was taken up before.
fn take_up(engine: &EngineConfig, serve: &ServeConfig, parts: &Parts, holds: &mut Vec<Setting>) {
    let new = settings(engine, serve);
    let changed: Vec<_> = new.iter().filter(|setting| !holds.contains(setting)).collect();
    if changed.is_empty() {
        tracing::info!("the configuration was read again: nothing has changed");
        return;
    }
    if let Err(origin) = parts.cors.change(&serve.access.cors_origins) {
        tracing::error!(origin, "the configuration stays as it was: cors_origins has what is no origin");
        return;
    }
    parts.access.change(serve.access.rules.clone());
    parts.runner.change_limits(&serve.queue);
    for Setting { key, value } in changed {
        let value = value.as_ref().map(ToString::to_string).unwrap_or_default();
        if LIVE.contains(key) {
            tracing::info!(setting = key, value, "a setting has changed");
        } else {
            tracing::warn!(setting = key, value, "a setting has changed: it takes effect at the next start");
        }
    }
    *holds = new;
}

/// Tells one state of a file from the next.
#[derive(Debug, PartialEq, Eq)]
struct Stamp(Option<(SystemTime, u64)>);

impl Stamp {
    fn of(path: &Path) -> Self {
        let of = |path| {
            let metadata = fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        };
        Self(of(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_effect_at_once_is_a_setting() {
        let keys = config::keys();
        assert!(LIVE.iter().all(|key| keys.contains(*key)));
    }
}
