//! How many of something each caller has at a time, so that none takes all of them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Counts by caller. Who has none is not remembered.
#[derive(Debug)]
pub struct Counts {
    most: usize,
    held: Mutex<HashMap<String, usize>>,
}

impl Counts {
    /// At most so many of each caller.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, held: Mutex::default() })
    }

    /// One more of this caller, until what is given is dropped. `None`: it has as many as it may.
    pub fn take(self: &Arc<Self>, caller: String) -> Option<Counted> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.get(&caller).copied().unwrap_or_default();
        if count >= self.most {
            return None;
        }
        held.insert(caller.clone(), count + 1);
        Some(Counted { counts: self.clone(), caller })
    }
}

/// One of those that a caller has.
#[derive(Debug)]
pub struct Counted {
    counts: Arc<Counts>,
    caller: String,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut held = self.counts.held.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get_mut(&self.caller) {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) | None => {
                held.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_caller_has_so_many_and_others_are_not_kept_out_by_it() {
        let counts = Counts::new(2);
        let take = |caller: &str| counts.take(caller.to_owned());
        let first = take("a").unwrap();
        let second = take("a").unwrap();
        assert!(take("a").is_none());
        let _other = take("b").unwrap();
        drop(first);
        let third = take("a").unwrap();
        assert!(take("a").is_none());
        drop((second, third));
        assert_eq!(counts.held.lock().unwrap().len(), 1, "who has none is not remembered");
    }
}
