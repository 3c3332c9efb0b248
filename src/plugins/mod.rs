//! The runtimes of the operator's folders, as these are now: what is added, changed or removed there is prepared, exchanged or
//! withdrawn while the server runs.
//!
//! ```text
//! folders ──(watch)──▶ definitions ──▶ what differs ──▶ prepare
//! ```
//!
//! A definition counts as changed when its digest does, which covers every file of its folder.

mod disabled;
mod watch;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use self::disabled::Disabled;
use crate::{
    catalog::Subject,
    prepare::Preparer,
    runtime::{BrokenDefinition, LoadError, Runtime, load_all},
};

/// Why a runtime that was disabled cannot be used.
const DISABLED: &str = "the operator has disabled it";

/// The runtimes of some folders.
pub struct Plugins {
    folders: Vec<PathBuf>,
    preparer: Arc<Preparer>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    definitions: BTreeMap<String, Definition>,
    /// Not found at the last look. Editors and deployments rename: what is not there now may be there in a moment.
    missing: BTreeSet<String>,
    disabled: Disabled,
}

/// What stands in a runtime's folder.
#[derive(Clone)]
enum Definition {
    Whole(Arc<Runtime>),
    Broken(BrokenDefinition),
}

/// Why a runtime cannot be dealt with as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PluginError {
    /// No folder has this name.
    #[error("there is no runtime `{id}`; there are {}", known.join(", "))]
    Unknown {
        /// As asked.
        id: String,
        /// Every id.
        known: Vec<String>,
    },
    /// Its definition does not hold.
    #[error("the definition of `{id}` is broken: {reason}")]
    Broken {
        /// As asked.
        id: String,
        /// The first problem, with its place.
        reason: String,
    },
    /// It is disabled.
    #[error("`{id}` is disabled; enable it first")]
    Disabled {
        /// As asked.
        id: String,
    },
}

impl Plugins {
    /// The runtimes of `folders`, a later one's in place of an earlier one's with the same id. Nothing is read yet.
    /// Which of them are disabled is kept in a file, where one is named.
    pub fn new(folders: Vec<PathBuf>, preparer: Arc<Preparer>, disabled: Option<PathBuf>) -> Arc<Self> {
        let known = Known { disabled: Disabled::open(disabled), ..Known::default() };
        Arc::new(Self { folders, preparer, known: Mutex::new(known) })
    }

    /// Reads the folders for the first time: lists every runtime and prepares it in the background. Gives what cannot be used.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn load(&self) -> Result<Vec<BrokenDefinition>, LoadError> {
        let loaded = load_all(&self.folders)?;
        let broken = loaded.iter().filter_map(|each| each.as_ref().err().cloned()).collect();
        self.take_over(loaded);
        Ok(broken)
    }

    /// Makes the image of a runtime anew, proves it, and exchanges the version that serves for it.
    ///
    /// # Errors
    /// When there is no such runtime, or it cannot be prepared as it is.
    pub fn rebuild(&self, id: &str) -> Result<(), PluginError> {
        let known = self.known();
        match known.definition(id)? {
            _ if known.disabled.contains(id) => Err(PluginError::Disabled { id: id.to_owned() }),
            Definition::Whole(runtime) => {
                tracing::info!(runtime = id, "the image is made anew");
                self.preparer.start_anew(runtime.clone());
                Ok(())
            }
            Definition::Broken(broken) => {
                Err(PluginError::Broken { id: id.to_owned(), reason: broken.summary() })
            }
        }
    }

    /// Takes a runtime out of use, whatever becomes of its folder: also when that goes and comes again, or the server
    /// does. Its runs in flight finish. One that is disabled stays so.
    ///
    /// # Errors
    /// When there is no such runtime.
    pub fn disable(&self, id: &str) -> Result<(), PluginError> {
        let mut known = self.known();
        let definition = known.definition(id)?.clone();
        if known.disabled.insert(id) {
            tracing::info!(runtime = id, "disabled");
            self.preparer.shut(definition.subject(), DISABLED);
        }
        Ok(())
    }

    /// Takes a runtime into use again: it is prepared as its folder says now. One that is not disabled is left alone.
    ///
    /// # Errors
    /// When there is no such runtime.
    pub fn enable(&self, id: &str) -> Result<(), PluginError> {
        let mut known = self.known();
        let definition = known.definition(id)?.clone();
        if known.disabled.remove(id) {
            tracing::info!(runtime = id, "enabled");
            match definition {
                Definition::Whole(runtime) => self.preparer.start(runtime),
                Definition::Broken(broken) => self.preparer.refuse(id, &broken.summary()),
            }
        }
        Ok(())
    }

    /// Makes what is listed follow what the folders hold. Whether something seems to have gone: then one more look is needed.
    fn take_over(&self, loaded: Vec<Result<Runtime, BrokenDefinition>>) -> bool {
        let mut known = self.known();
        let mut gone: BTreeSet<String> = known.definitions.keys().cloned().collect();
        for each in loaded {
            let definition = match each {
                Ok(runtime) => Definition::Whole(Arc::new(runtime)),
                Err(broken) => Definition::Broken(broken),
            };
            gone.remove(definition.id());
            self.take_over_one(&mut known, definition);
        }
        let surely: Vec<String> = gone.intersection(&known.missing).cloned().collect();
        for id in &surely {
            tracing::info!(runtime = id, "its folder is gone: the runtime is withdrawn");
            gone.remove(id);
            known.definitions.remove(id);
            self.preparer.withdraw(id);
        }
        known.missing = gone;
        !known.missing.is_empty()
    }

    fn take_over_one(&self, known: &mut Known, definition: Definition) {
        let id = definition.id().to_owned();
        let before = known.definitions.insert(id.clone(), definition.clone());
        if before.as_ref().is_some_and(|before| before.is_same(&definition)) {
            return;
        }
        if known.disabled.contains(&id) {
            self.preparer.shut(definition.subject(), DISABLED);
            return;
        }
        if before.is_some() {
            tracing::info!(runtime = id, "its definition has changed");
        }
        match definition {
            Definition::Whole(runtime) if self.preparer.serves(&runtime) => self.preparer.keep(&id),
            Definition::Whole(runtime) => self.preparer.start(runtime),
            Definition::Broken(broken) => self.preparer.refuse(&id, &broken.summary()),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn definition(&self, id: &str) -> Result<&Definition, PluginError> {
        self.definitions.get(id).ok_or_else(|| PluginError::Unknown {
            id: id.to_owned(),
            known: self.definitions.keys().cloned().collect(),
        })
    }
}

impl Definition {
    fn id(&self) -> &str {
        match self {
            Self::Whole(runtime) => &runtime.id,
            Self::Broken(broken) => &broken.id,
        }
    }

    /// Whether nothing has changed that matters.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => one.digest == other.digest,
            (Self::Broken(one), Self::Broken(other)) => one == other,
            (Self::Whole(_), Self::Broken(_)) | (Self::Broken(_), Self::Whole(_)) => false,
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::Whole(runtime) => Subject::Runtime(runtime.clone()),
            Self::Broken(broken) => Subject::Broken { id: broken.id.clone() },
        }
    }
}
