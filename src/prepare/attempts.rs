//! Which version of a runtime is being prepared now, and what becomes of it: it takes the place of the one that serves, or
//! the one that serves stays and the listing says why.
//!
//! Whatever is told of a runtime is told under one lock, by the latest attempt only: an earlier one that is still ending
//! changes nothing.

use std::{
    collections::HashMap,
    sync::{Arc, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use super::{Prepared, Preparer};
use crate::{
    catalog::{Listing, Pending, State, Subject},
    runtime::Runtime,
};

/// The characters of a digest that a line's name has: for people, who look for it in a log.
const SHOWN_DIGEST: usize = 12;

/// How long after an image was made again because it had gone that is not tried once more.
const RESTORE_PAUSE: Duration = Duration::from_secs(5);

/// What is being prepared, by id.
#[derive(Default)]
pub(super) struct Attempts {
    current: HashMap<String, Current>,
    last: u64,
    /// Those of which the latest attempt failed.
    failed: HashMap<String, Arc<Runtime>>,
    /// When images were last made again because they had gone.
    restored: HashMap<String, Instant>,
}

struct Current {
    number: u64,
    cancel: CancellationToken,
}

/// One way of one runtime from its definition to being listed.
pub(super) struct Attempt {
    pub(super) preparer: Arc<Preparer>,
    pub(super) runtime: Arc<Runtime>,
    pub(super) number: u64,
    /// Whether its image is made anew although there is one.
    pub(super) renews_image: bool,
    cancel: CancellationToken,
}

impl Attempt {
    /// The name of its cells: no other version of the runtime, and no other attempt, ever has it.
    pub(super) fn line(&self) -> String {
        let Runtime { id, digest, .. } = &*self.runtime;
        format!("{id}@{}.{}", digest.get(..SHOWN_DIGEST).unwrap_or(digest), self.number)
    }
}

impl Attempts {
    fn begin(&mut self, id: &str) -> (u64, CancellationToken) {
        self.cancel(id);
        self.last += 1;
        let cancel = CancellationToken::new();
        self.current.insert(id.to_owned(), Current { number: self.last, cancel: cancel.clone() });
        (self.last, cancel)
    }

    fn is_current(&self, id: &str, number: u64) -> bool {
        self.current.get(id).is_some_and(|current| current.number == number)
    }

    fn cancel(&mut self, id: &str) {
        self.failed.remove(id);
        if let Some(current) = self.current.remove(id) {
            current.cancel.cancel();
        }
    }
}

impl Preparer {
    /// Prepares a runtime in the background, in place of what was being prepared under its id. The version that serves, if
    /// one does, serves until this one is proven.
    pub fn start(self: &Arc<Self>, runtime: Arc<Runtime>) {
        self.begin(runtime, false);
    }

    /// The same, with an image that is made anew.
    pub fn start_anew(self: &Arc<Self>, runtime: Arc<Runtime>) {
        self.begin(runtime, true);
    }

    /// Tries again what has failed: the engine was away, and that may have been why.
    pub fn retry_failed(self: &Arc<Self>) {
        let failed: Vec<_> = self.attempts().failed.values().cloned().collect();
        failed.into_iter().for_each(|runtime| self.start(runtime));
    }

    /// Makes the image of a runtime again whose cells, by the name of their line, cannot be made without it. What it still has
    /// of them serves meanwhile.
    pub fn restore(self: &Arc<Self>, line: &str) {
        let serving = self.catalog.list().into_iter().find(|listing| listing.line.as_deref() == Some(line));
        let Some(runtime) = serving.as_ref().and_then(Listing::runtime).cloned() else { return };
        let mut attempts = self.attempts();
        let is_recent = attempts.restored.get(&runtime.id).is_some_and(|at| at.elapsed() < RESTORE_PAUSE);
        if is_recent || attempts.current.contains_key(&runtime.id) {
            return;
        }
        attempts.restored.insert(runtime.id.clone(), Instant::now());
        drop(attempts);
        tracing::warn!(runtime = runtime.id, "its image has been removed and is made again");
        self.start(runtime);
    }

    fn begin(self: &Arc<Self>, runtime: Arc<Runtime>, renews_image: bool) {
        let mut attempts = self.attempts();
        let (number, cancel) = attempts.begin(&runtime.id);
        let step = "waiting".to_owned();
        match self.serving(&runtime.id) {
            Some(serving) => {
                self.catalog.put(Listing { pending: Some(Pending::Preparing { step }), ..serving });
            }
            None => {
                self.catalog.put(Listing::new(Subject::Runtime(runtime.clone()), State::Preparing { step }));
            }
        }
        drop(attempts);
        let attempt = Attempt { preparer: self.clone(), runtime, number, renews_image, cancel };
        self.tasks.spawn(async move {
            let preparer = attempt.preparer.clone();
            let result = tokio::select! {
                result = preparer.prepare(&attempt) => result,
                () = attempt.cancel.cancelled() => return,
            };
            preparer.end(&attempt, result);
        });
    }

    fn end(&self, attempt: &Attempt, result: Result<Prepared, String>) {
        let id = &attempt.runtime.id;
        let mut attempts = self.attempts();
        if !attempts.is_current(id, attempt.number) {
            return;
        }
        attempts.cancel(id);
        let subject = Subject::Runtime(attempt.runtime.clone());
        match result {
            Ok(Prepared { proof, line }) => {
                tracing::info!(runtime = id, version = proof.version, line = line.key, "runtime ready");
                let listing = Listing {
                    version: Some(proof.version.clone()),
                    line: Some(line.keep()),
                    ..Listing::new(subject, State::Ready { start_ms: proof.start_ms })
                };
                let before = self.catalog.exchange(listing);
                self.drain(before);
                self.progress.ended(id, Ok(&proof.version));
            }
            Err(reason) => {
                self.list_failure(subject, &reason);
                attempts.failed.insert(id.clone(), attempt.runtime.clone());
                self.progress.ended(id, Err(&reason));
            }
        }
    }

    /// Lists a definition that does not hold, or the version before as one whose change cannot be used.
    pub fn refuse(&self, id: &str, reason: &str) {
        let mut attempts = self.attempts();
        attempts.cancel(id);
        self.list_failure(Subject::Broken { id: id.to_owned() }, reason);
    }

    /// Gives a change up: the version that serves is what its definition says, again.
    pub fn keep(&self, id: &str) {
        let mut attempts = self.attempts();
        attempts.cancel(id);
        self.catalog.update(id, |listing| listing.pending = None);
    }

    /// Lists a runtime no longer. Its runs in flight finish.
    pub fn withdraw(&self, id: &str) {
        let mut attempts = self.attempts();
        attempts.cancel(id);
        let before = self.catalog.remove(id);
        self.drain(before);
    }

    /// Lists a runtime as one that cannot be used, for a reason that is none of its own. Its runs in flight finish.
    pub fn shut(&self, subject: Subject, reason: &str) {
        let listing = Listing::new(subject, State::Unavailable { reason: reason.to_owned() });
        let mut attempts = self.attempts();
        attempts.cancel(listing.id());
        let before = self.catalog.exchange(listing);
        self.drain(before);
    }

    /// Whether this very version is listed and serves.
    pub fn serves(&self, runtime: &Runtime) -> bool {
        let serving = self.serving(&runtime.id);
        serving.is_some_and(|listing| listing.runtime().is_some_and(|other| other.digest == runtime.digest))
    }

    /// Tells what an attempt does now, if it is still the latest.
    pub(super) fn tell_step(&self, id: &str, number: u64, step: &str) {
        let attempts = self.attempts();
        if !attempts.is_current(id, number) {
            return;
        }
        let step = step.to_owned();
        self.catalog.update(id, |listing| match listing.state {
            State::Ready { .. } => listing.pending = Some(Pending::Preparing { step }),
            State::Preparing { .. } | State::Unavailable { .. } => listing.state = State::Preparing { step },
        });
    }

    fn list_failure(&self, subject: Subject, reason: &str) {
        let reason = reason.to_owned();
        let listing = Listing::new(subject, State::Unavailable { reason: reason.clone() });
        match self.serving(listing.id()) {
            Some(serving) => {
                tracing::warn!(runtime = serving.id(), %reason, "a change cannot be used; the version before serves on");
                self.catalog.put(Listing { pending: Some(Pending::Unavailable { reason }), ..serving });
            }
            None => {
                tracing::warn!(runtime = listing.id(), %reason, "runtime unavailable");
                self.catalog.put(listing);
            }
        }
    }

    /// The listing with this id, if programs can be run on it.
    fn serving(&self, id: &str) -> Option<Listing> {
        self.catalog.find(id).filter(|listing| matches!(listing.state, State::Ready { .. }))
    }

    /// Lets the cells of a listing that is no more end with the runs that have them.
    fn drain(&self, before: Option<Listing>) {
        if let Some(line) = before.and_then(|listing| listing.line) {
            self.pool.drain_line(&line);
        }
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
