//! How often one may ask, and how many programs it may have at a time.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use moka::{policy::EvictionPolicy, sync::Cache};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Denial;
use crate::store::Key;

/// Addresses whose rates are known at a time; of more, those that were silent for longest begin anew.
const ADDRESSES: u64 = 50_000;

/// After so long without a request, an address has its whole rate again.
const FORGOTTEN: Duration = Duration::from_secs(60);

/// The rate of each address.
pub(super) struct Rates {
    most: NonZeroU32,
    limiters: Cache<String, Arc<DefaultDirectRateLimiter>>,
}

impl Rates {
    pub(super) fn new(most: NonZeroU32) -> Self {
        let limiters = Cache::builder()
            .max_capacity(ADDRESSES)
            .time_to_idle(FORGOTTEN)
            .eviction_policy(EvictionPolicy::lru())
            .build();
        Self { most, limiters }
    }

    /// Counts a request.
    pub(super) fn count(&self, address: &str) -> Result<(), Denial> {
        let limiter = self.limiters.get_with_by_ref(address, || Arc::new(limiter(self.most)));
        count(&limiter, self.most, false)
    }
}

fn limiter(most: NonZeroU32) -> DefaultDirectRateLimiter {
    RateLimiter::direct(Quota::per_minute(most))
}

fn count(limiter: &DefaultDirectRateLimiter, most: NonZeroU32, of_key: bool) -> Result<(), Denial> {
    limiter.check().map_err(|not_until| Denial::TooOften {
        most: most.get(),
        of_key,
        retry_after: not_until.wait_time_from(DefaultClock::default().now()),
    })
}

/// What the keys use now. As many as were used since the start: an operator's keys are few.
#[derive(Default)]
pub(super) struct Usages(Mutex<HashMap<String, Arc<Usage>>>);

impl Usages {
    /// That of one key. Neither its rate nor its concurrency ever changes.
    pub(super) fn of(&self, key: &Key) -> Arc<Usage> {
        let mut usages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        usages.entry(key.id.clone()).or_insert_with(|| Arc::new(Usage::new(key))).clone()
    }
}

/// What one key uses now.
pub(super) struct Usage {
    rate: Option<(NonZeroU32, DefaultDirectRateLimiter)>,
    programs: Option<(u32, Arc<Semaphore>)>,
}

impl Usage {
    fn new(key: &Key) -> Self {
        // What the store has as 0 would be a key that nothing can be done with.
        let rate = key.rate.map(|most| NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN));
        let places = |most: u32| (most, Arc::new(Semaphore::new(most as usize)));
        Self { rate: rate.map(|most| (most, limiter(most))), programs: key.concurrency.map(places) }
    }

    /// Counts a request, and gives it a place where it runs a program.
    pub(super) fn enter(&self, runs: bool) -> Result<Option<OwnedSemaphorePermit>, Denial> {
        if let Some((most, limiter)) = &self.rate {
            count(limiter, *most, true)?;
        }
        match &self.programs {
            Some((most, places)) if runs => {
                let place = places.clone().try_acquire_owned();
                place.map(Some).map_err(|_| Denial::TooMany { most: *most })
            }
            Some(_) | None => Ok(None),
        }
    }
}
