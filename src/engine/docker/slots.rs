//! User ids for cells. Every live cell has its own: the kernel counts some things by user, across containers, and one cell
//! could use them up for the others (SECURITY.md §0.5).

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

/// The most cells that one engine has at a time.
pub(super) const MAX_SLOTS: u32 = 4096;

/// The free slots. The lowest is taken first.
#[derive(Clone)]
pub(super) struct Slots {
    free: Arc<Mutex<BTreeSet<u32>>>,
    first_uid: u32,
}

/// A slot that is taken until this is dropped. It lives as long as the container does, not as long as the cell.
pub(super) struct Slot {
    number: u32,
    slots: Slots,
}

impl Slots {
    /// All free; slot 0 has the user id `first_uid`.
    pub(super) fn new(first_uid: u32) -> Self {
        Self { free: Arc::new(Mutex::new((0..MAX_SLOTS).collect())), first_uid }
    }

    /// A free slot.
    pub(super) fn take(&self) -> Option<Slot> {
        let number = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop_first()?;
        Some(Slot { number, slots: self.clone() })
    }
}

impl Slot {
    /// Its number.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// The user and group id of its cell.
    pub(super) fn uid(&self) -> u32 {
        self.slots.first_uid + self.number
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.free.lock().unwrap_or_else(PoisonError::into_inner).insert(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_cells_never_share_a_user() {
        let slots = Slots::new(100_000);
        let (first, second) = (slots.take().unwrap(), slots.take().unwrap());
        assert_eq!((first.uid(), second.uid()), (100_000, 100_001));
        drop(first);
        assert_eq!(slots.take().unwrap().uid(), 100_000);
    }

    #[test]
    fn there_is_an_end() {
        let slots = Slots::new(1);
        let all: Vec<_> = std::iter::from_fn(|| slots.take()).collect();
        assert_eq!(all.len(), MAX_SLOTS as usize);
        assert!(slots.take().is_none());
    }
}
