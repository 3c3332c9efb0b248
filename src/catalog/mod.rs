//! Which runtimes there are now, and in what state: prepared in the background, listed when proven.
//!
//! Architecture invariant: knows `runtime`; others tell it what they found out.

use std::sync::{Arc, RwLock};

use crate::runtime::Runtime;

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

impl Catalog {
    /// Every listing, by language and falling version.
    pub fn list(&self) -> Vec<Listing> {
        self.entries.read().map(|entries| entries.clone()).unwrap_or_default()
    }
}
