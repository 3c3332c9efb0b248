//! From a language's name and a range of versions to one runtime.

use std::sync::Arc;

use super::{Catalog, Listing, State};
use crate::runtime::{
    ExactVersion, Runtime, Selector,
    names::{self, UnknownLanguage},
};

/// The runtime that a request means.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// It is ready.
    pub runtime: Arc<Runtime>,
    /// Exact.
    pub version: String,
    /// Names its cells.
    pub line: String,
}

/// Why a request means no runtime that is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotChosen {
    /// No runtime has this name.
    UnknownLanguage {
        /// As sent.
        asked: String,
        /// The known name nearest to it.
        nearest: Option<String>,
        /// Every language.
        known: Vec<String>,
    },
    /// The range cannot be understood.
    BadRange {
        /// Why.
        detail: String,
    },
    /// No version lies in the range.
    NoVersion {
        /// The language.
        language: String,
        /// As sent.
        asked: String,
        /// Every version.
        known: Vec<String>,
    },
    /// The only ones meant are being prepared.
    Preparing {
        /// The highest one's id.
        runtime: String,
        /// What is done now.
        step: String,
    },
    /// The only ones meant cannot be used.
    Unavailable {
        /// The highest one's id.
        runtime: String,
        /// Why.
        reason: String,
    },
}

impl Catalog {
    /// The highest version in the range that is ready.
    ///
    /// # Errors
    /// [`NotChosen`], with what there is instead.
    pub fn choose(&self, language: &str, range: Option<&str>) -> Result<Chosen, NotChosen> {
        let listings = self.list();
        let runtimes = listings.iter().filter_map(Listing::runtime).map(Arc::as_ref);
        let found = names::find(runtimes, language)?;
        let language = found.first().map_or(language, |runtime| runtime.language.as_str());
        // `list` has the highest first.
        let of_language: Vec<&Listing> = listings
            .iter()
            .filter(|listing| listing.runtime().is_some_and(|runtime| runtime.language == language))
            .collect();
        let range = range.unwrap_or_default();
        let selector = Selector::parse(range)
            .map_err(|error| NotChosen::BadRange { detail: format!("`version`: {error}") })?;
        let meant: Vec<&Listing> =
            of_language.iter().copied().filter(|listing| lies_in(listing, &selector)).collect();
        let ready = meant.iter().find(|listing| matches!(listing.state, State::Ready { .. }));
        if let Some(listing) = ready
            && let (Some(runtime), Some(version), Some(line)) =
                (listing.runtime(), &listing.version, &listing.line)
        {
            let (runtime, version, line) = (runtime.clone(), version.clone(), line.clone());
            return Ok(Chosen { runtime, version, line });
        }
        let preparing = meant.iter().find_map(|listing| match &listing.state {
            State::Preparing { step } => {
                Some(NotChosen::Preparing { runtime: listing.id().to_owned(), step: step.clone() })
            }
            State::Ready { .. } | State::Unavailable { .. } => None,
        });
        let unavailable = meant.iter().find_map(|listing| match &listing.state {
            State::Unavailable { reason } => {
                Some(NotChosen::Unavailable { runtime: listing.id().to_owned(), reason: reason.clone() })
            }
            State::Ready { .. } | State::Preparing { .. } => None,
        });
        let known = || of_language.iter().filter_map(|l| l.known_version().map(str::to_owned)).collect();
        Err(preparing.or(unavailable).unwrap_or_else(|| NotChosen::NoVersion {
            language: language.to_owned(),
            asked: range.to_owned(),
            known: known(),
        }))
    }
}

/// Whether a listing's version lies in a range. While the exact one is not known, its line stands for it.
fn lies_in(listing: &Listing, selector: &Selector) -> bool {
    listing.known_version().and_then(ExactVersion::parse).is_some_and(|version| selector.matches(&version))
}

impl From<UnknownLanguage> for NotChosen {
    fn from(unknown: UnknownLanguage) -> Self {
        const LONGEST: usize = 80;
        let UnknownLanguage { name, nearest, known } = unknown;
        Self::UnknownLanguage { asked: name.chars().take(LONGEST).collect(), nearest, known }
    }
}

#[cfg(test)]
mod tests;
