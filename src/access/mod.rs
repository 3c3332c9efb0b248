//! Who may ask for what, and how much of it: API keys, what is open without one, and how often anybody may ask.
//!
//! ```text
//! address ──(proxies)──▶ client ─┐
//! key ──(cache, store)──▶ rights ─┴─▶ admit ──▶ grant: whom it counts for, ceilings, a place among the key's programs
//! ```
//!
//! Architecture invariant: no HTTP here; `api` says what stands in a request, and how a denial is answered.

mod client;
mod counts;
mod keys;
mod rates;

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::sync::OwnedSemaphorePermit;

use crate::store::{KeyCeilings, KeyStore, Scope, StoreError};

pub use client::{Forwarded, Proxies, name_of};
pub use counts::{Counted, Counts};
pub use keys::KEY_MEMORY;

use keys::Keys;
use rates::{Rates, Usages};

/// What an operation is allowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// To run programs.
    Run,
    /// To save, list and remove snippets.
    Snippets,
    /// To open a snippet by its link.
    Links,
    /// To manage the server. Never without a key.
    Admin,
}

impl Right {
    /// The scope of keys that gives it.
    pub fn scope(self) -> Scope {
        match self {
            Self::Run => Scope::Run,
            Self::Snippets | Self::Links => Scope::Snippets,
            Self::Admin => Scope::Admin,
        }
    }
}

/// What is open without a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anonymous {
    /// Running programs.
    pub run: bool,
    /// Saving, listing and removing snippets.
    pub snippets: bool,
    /// Opening snippets by their links.
    pub links: bool,
}

impl Anonymous {
    /// Everything that can be open.
    pub const ALL: Self = Self { run: true, snippets: true, links: true };
    /// Nothing.
    pub const NONE: Self = Self { run: false, snippets: false, links: false };

    fn has(self, right: Right) -> bool {
        match right {
            Right::Run => self.run,
            Right::Snippets => self.snippets,
            Right::Links => self.links,
            Right::Admin => false,
        }
    }
}

/// What holds for callers.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Without a key.
    pub anonymous: Anonymous,
    /// Requests without a key in a minute, of one address; `None`: as many as it likes.
    pub rate: Option<NonZeroU32>,
    /// Whose word on where a request comes from is believed.
    pub proxies: Proxies,
}

impl Default for Rules {
    fn default() -> Self {
        Self { anonymous: Anonymous::ALL, rate: None, proxies: Proxies::default() }
    }
}

/// A request that may go on. What it holds is given back when it is dropped.
#[derive(Debug)]
pub struct Grant {
    /// Whom it counts for: a key, or an address.
    pub caller: String,
    /// Whether that is a key.
    pub of_key: bool,
    /// What its program may use at most.
    pub ceilings: KeyCeilings,
    /// Its place among the key's programs.
    _place: Option<OwnedSemaphorePermit>,
}

/// Why a request may not go on.
#[derive(Debug, thiserror::Error)]
pub enum Denial {
    /// It has no key and needs one.
    #[error("this needs an API key with the scope `{0}`")]
    KeyRequired(Scope),
    /// Its key is none, or no longer.
    #[error("this API key is not known here, or has been revoked")]
    KeyUnknown,
    /// Its key is for something else.
    #[error("this API key does not have the scope `{0}`")]
    ScopeMissing(Scope),
    /// Its key or its address has asked too often.
    #[error("{most} requests in a minute are allowed {}", if *.of_key { "with this API key" } else { "without an API key from one address" })]
    TooOften {
        /// How often it may.
        most: u32,
        /// Whether the key's bound was met, or the address's.
        of_key: bool,
        /// When the next may come.
        retry_after: Duration,
    },
    /// As many programs of its key run or wait as may.
    #[error("{most} programs of this API key run or wait, as many as may")]
    TooMany {
        /// So many.
        most: u32,
    },
    /// Whether it has a key cannot be found out now.
    #[error("{0}")]
    Store(StoreError),
}

/// Decides on every request.
pub struct Access {
    ruling: RwLock<Arc<Ruling>>,
    keys: Keys,
    usages: Usages,
}

/// The rules, and what addresses have used of their rate.
struct Ruling {
    rules: Rules,
    addresses: Option<Arc<Rates>>,
}

impl Access {
    /// By these rules, with the keys of a store.
    pub fn new(rules: Rules, store: Arc<dyn KeyStore>) -> Self {
        let addresses = rules.rate.map(Rates::new).map(Arc::new);
        let ruling = RwLock::new(Arc::new(Ruling { rules, addresses }));
        Self { ruling, keys: Keys::new(store), usages: Usages::default() }
    }

    /// Whose word on where a request comes from is believed.
    pub fn proxies(&self) -> Proxies {
        self.ruling().rules.proxies.clone()
    }

    /// Other rules, from the next request on. Where the rate stays as it was, so does what addresses have used of it.
    pub fn change(&self, rules: Rules) {
        let mut ruling = self.ruling.write().unwrap_or_else(PoisonError::into_inner);
        let addresses = match rules.rate == ruling.rules.rate {
            true => ruling.addresses.clone(),
            false => rules.rate.map(Rates::new).map(Arc::new),
        };
        *ruling = Arc::new(Ruling { rules, addresses });
    }

    fn ruling(&self) -> Arc<Ruling> {
        self.ruling.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether a request that needs all of `rights` may go on, and on whose account. `sent` is what it has as an API key;
    /// `address` is where it comes from, where that is known.
    ///
    /// What is open to everyone is open to who has a key for something else, too, and counts as without the key.
    ///
    /// # Errors
    /// When it may not.
    pub async fn admit(
        &self,
        rights: &[Right],
        sent: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<Grant, Denial> {
        // The same rules to the end, whatever becomes of them meanwhile.
        let ruling = self.ruling();
        let open = ruling.rules.anonymous;
        let anonymous = rights.iter().all(|right| open.has(*right));
        let key = match sent {
            None => None,
            Some(sent) => match self.keys.find(sent).await.map_err(Denial::Store)? {
                Some(key) => Some(key),
                None => {
                    // Guessing is bounded as asking is.
                    ruling.count_address(address)?;
                    return Err(Denial::KeyUnknown);
                }
            },
        };
        let Some(key) = key else {
            let closed = rights.iter().find(|right| !open.has(**right));
            return match closed {
                Some(right) => Err(Denial::KeyRequired(right.scope())),
                None => ruling.grant_address(address),
            };
        };
        let missing = rights.iter().find(|right| !key.scopes.contains(&right.scope()) && !open.has(**right));
        let uses_key = rights.iter().any(|right| key.scopes.contains(&right.scope()));
        match missing {
            Some(right) => Err(Denial::ScopeMissing(right.scope())),
            None if anonymous && !uses_key => ruling.grant_address(address),
            None => self.usages.of(&key).enter(rights.contains(&Right::Run)).map(|place| Grant {
                caller: format!("key {}", key.id),
                of_key: true,
                ceilings: key.ceilings,
                _place: place,
            }),
        }
    }
}

impl Ruling {
    fn grant_address(&self, address: Option<IpAddr>) -> Result<Grant, Denial> {
        self.count_address(address)?;
        let caller = address.map(client::name_of).unwrap_or_default();
        Ok(Grant { caller, of_key: false, ceilings: KeyCeilings::default(), _place: None })
    }

    fn count_address(&self, address: Option<IpAddr>) -> Result<(), Denial> {
        match (&self.addresses, address) {
            (Some(rates), Some(address)) => rates.count(&client::name_of(address)),
            (None, _) | (_, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
