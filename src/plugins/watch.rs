//! Notices that folders change: at once where the kernel tells, else within half a minute (network mounts tell nothing).

use std::{sync::Arc, time::Duration};

use notify::{
    Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode},
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};

use super::Plugins;
use crate::runtime::load_all;

/// How long nothing must have changed until the folders are read: editors and deployments write in several steps.
const QUIET: Duration = Duration::from_millis(300);

/// How long changes that do not end are waited for.
const LONGEST_UNREST: Duration = Duration::from_secs(2);

/// How often the folders are read although nobody said that they changed.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// How long after a first look what seems to have gone is looked for again.
const SECOND_LOOK: Duration = Duration::from_millis(700);

impl Plugins {
    /// Follows the folders for as long as this is polled.
    pub async fn watch(self: Arc<Self>) {
        let changed = Arc::new(Notify::new());
        let mut watcher = watcher(changed.clone());
        let mut told = None;
        let mut looks_again = false;
        loop {
            // Each time: a folder that was removed and made anew is not watched any longer.
            self.watch_folders(watcher.as_mut());
            let pause = if looks_again { SECOND_LOOK } else { LOOK_EVERY };
            tokio::select! {
                () = changed.notified() => until_quiet(&changed).await,
                () = sleep(pause) => {}
            }
            looks_again = self.look(&mut told).await;
        }
    }

    /// Reads the folders once. Whether one more look is needed soon.
    async fn look(self: &Arc<Self>, told: &mut Option<String>) -> bool {
        let plugins = self.clone();
        // Files are read with blocking calls.
        let looked = tokio::task::spawn_blocking(move || {
            let loaded = load_all(&plugins.folders).map_err(|error| error.to_string())?;
            Ok(plugins.take_over(loaded))
        });
        let problem = match looked.await {
            Ok(Ok(needs_another)) => {
                *told = None;
                return needs_another;
            }
            Ok(Err(problem)) => problem,
            Err(error) => error.to_string(),
        };
        // A mount that is away for a while must not take its runtimes with it.
        if told.as_ref() != Some(&problem) {
            tracing::warn!(%problem, "the runtimes stay as they are");
            *told = Some(problem);
        }
        false
    }

    fn watch_folders(&self, watcher: Option<&mut RecommendedWatcher>) {
        let Some(watcher) = watcher else { return };
        for folder in &self.folders {
            if let Err(error) = watcher.watch(folder, RecursiveMode::Recursive) {
                tracing::debug!(folder = %folder.display(), %error, "a folder is looked at from time to time only");
            }
        }
    }
}

/// A watcher that says when something has changed. `None`: this machine has none to give.
fn watcher(changed: Arc<Notify>) -> Option<RecommendedWatcher> {
    let tell = move |event: notify::Result<Event>| {
        if event.map_or(true, |event| is_change(event.kind)) {
            changed.notify_one();
        }
    };
    let config = Config::default().with_follow_symlinks(false);
    match RecommendedWatcher::new(tell, config) {
        Ok(watcher) => Some(watcher),
        Err(error) => {
            tracing::warn!(%error, "changes of runtimes are noticed every {} s only", LOOK_EVERY.as_secs());
            None
        }
    }
}

/// Whether files may differ after this. Reading them, which is what a look does, changes nothing.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}

/// Waits until changes have ended, or have gone on for too long.
async fn until_quiet(changed: &Notify) {
    let end = Instant::now() + LONGEST_UNREST;
    while Instant::now() < end && timeout(QUIET, changed.notified()).await.is_ok() {}
}
