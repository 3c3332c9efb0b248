//! Which runtimes there are now, and in what state; and which of them a request means.
//!
//! Architecture invariant: knows `runtime` only; those who find something out tell it.

mod choose;

use std::sync::{Arc, PoisonError, RwLock};

use crate::runtime::{ExactVersion, Runtime};

pub use choose::{Chosen, NotChosen};

/// The runtimes of this server and their states.
#[derive(Debug, Default)]
pub struct Catalog {
    entries: RwLock<Vec<Listing>>,
}

/// One runtime and its state.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The runtime, or what is known of one whose definition is broken.
    pub subject: Subject,
    /// The exact version, once detected.
    pub version: Option<String>,
    /// Whether it can be used.
    pub state: State,
    /// Names the cells that serve it, once it is ready.
    pub line: Option<String>,
    /// What becomes of a change of its definition, while the version before still serves.
    pub pending: Option<Pending>,
}

/// A change that is not in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pending {
    /// Its image is being made or its self-test runs.
    Preparing {
        /// What is done now, for people.
        step: String,
    },
    /// It cannot be used, and will not be until it is mended.
    Unavailable {
        /// Why, and what to do.
        reason: String,
    },
}

/// What a listing is about.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A definition that holds.
    Runtime(Arc<Runtime>),
    /// A folder whose definition does not.
    Broken {
        /// The folder's name.
        id: String,
    },
}

/// Whether a runtime can be used.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Its image is being made or its self-test runs.
    Preparing {
        /// What is done now, for people.
        step: String,
    },
    /// It has passed its self-test.
    Ready {
        /// Milliseconds that its first sample took from request to end.
        start_ms: f64,
    },
    /// It cannot be used.
    Unavailable {
        /// Why, and what to do.
        reason: String,
    },
}

impl Listing {
    /// A listing of which no more is known.
    pub fn new(subject: Subject, state: State) -> Self {
        Self { subject, version: None, state, line: None, pending: None }
    }

    /// The folder's name.
    pub fn id(&self) -> &str {
        match &self.subject {
            Subject::Runtime(runtime) => &runtime.id,
            Subject::Broken { id } => id,
        }
    }

    /// The runtime, unless its definition is broken.
    pub fn runtime(&self) -> Option<&Arc<Runtime>> {
        match &self.subject {
            Subject::Runtime(runtime) => Some(runtime),
            Subject::Broken { .. } => None,
        }
    }

    /// The exact version, or the line while that is not known.
    fn known_version(&self) -> Option<&str> {
        self.version.as_deref().or_else(|| self.runtime().map(|runtime| runtime.line.as_str()))
    }
}

impl Catalog {
    /// Every listing, by language and falling version.
    pub fn list(&self) -> Vec<Listing> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lists a runtime, in place of an earlier listing with its id.
    pub fn put(&self, listing: Listing) {
        self.exchange(listing);
    }

    /// Lists a runtime, and gives the earlier listing with its id. There is no moment without one of the two.
    pub fn exchange(&self, listing: Listing) -> Option<Listing> {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let before = take(&mut entries, listing.id());
        entries.push(listing);
        entries.sort_by(|one, other| {
            let key = |entry: &Listing| {
                let version = entry.known_version().and_then(ExactVersion::parse);
                (entry.runtime().map(|runtime| runtime.language.clone()), std::cmp::Reverse(version))
            };
            key(one).cmp(&key(other)).then_with(|| one.id().cmp(other.id()))
        });
        before
    }

    /// The listing with this id.
    pub fn find(&self, id: &str) -> Option<Listing> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.iter().find(|entry| entry.id() == id).cloned()
    }

    /// Changes the listing with this id where it stands; its place in the order does not change. Whether there is one.
    pub fn update(&self, id: &str, change: impl FnOnce(&mut Listing)) -> bool {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let found = entries.iter_mut().find(|entry| entry.id() == id);
        found.map(change).is_some()
    }

    /// Lists a runtime no longer. Gives its last listing.
    pub fn remove(&self, id: &str) -> Option<Listing> {
        take(&mut self.entries.write().unwrap_or_else(PoisonError::into_inner), id)
    }
}

fn take(entries: &mut Vec<Listing>, id: &str) -> Option<Listing> {
    let at = entries.iter().position(|entry| entry.id() == id)?;
    Some(entries.remove(at))
}
