//! Seats for interactive programs, which live long and mostly wait for a person. They hold no processor's place; so that they
//! never hold up the others they are few, no caller has most of them, and their cells have at most half of the memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::fair::Caller;

/// Bounds on interactive programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatLimits {
    /// All of them.
    pub all: usize,
    /// Those of one caller.
    pub of_one: usize,
    /// Bounds of their cells, together. A cell that is larger by itself is allowed when it is the only one.
    pub memory_bytes: u64,
}

/// All seats.
#[derive(Debug)]
pub struct Seats {
    limits: SeatLimits,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_caller: HashMap<Caller, usize>,
    memory_bytes: u64,
}

/// One seat. Dropping it gives it up.
#[derive(Debug)]
pub struct Seat {
    seats: Arc<Seats>,
    caller: Caller,
    memory_bytes: u64,
}

/// There is no seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSeat {
    /// Seats that are taken.
    pub taken: usize,
    /// Those of the same caller, where that alone is as many as may.
    pub own: Option<usize>,
}

impl Seats {
    /// Seats, all of them free.
    pub fn new(limits: SeatLimits) -> Arc<Self> {
        Arc::new(Self { limits, taken: Mutex::default() })
    }

    /// Takes a seat for a program whose cell is bound to so much memory.
    ///
    /// # Errors
    /// When none is free for this caller.
    pub fn take(self: &Arc<Self>, caller: &Caller, memory_bytes: u64) -> Result<Seat, NoSeat> {
        let mut taken = self.lock();
        let own = taken.by_caller.get(caller).copied().unwrap_or(0);
        let over_share = own >= self.limits.of_one && !caller.is_anonymous();
        let sum = taken.memory_bytes.saturating_add(memory_bytes);
        let fits = taken.all == 0 || sum <= self.limits.memory_bytes;
        if taken.all >= self.limits.all || over_share || !fits {
            return Err(NoSeat { taken: taken.all, own: over_share.then_some(own) });
        }
        taken.all += 1;
        taken.memory_bytes = sum;
        *taken.by_caller.entry(caller.clone()).or_default() += 1;
        Ok(Seat { seats: self.clone(), caller: caller.clone(), memory_bytes })
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.lock().all
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        taken.all -= 1;
        taken.memory_bytes -= self.memory_bytes;
        if let Some(own) = taken.by_caller.get_mut(&self.caller) {
            *own -= 1;
            if *own == 0 {
                taken.by_caller.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(all: usize, of_one: usize, memory_bytes: u64) -> Arc<Seats> {
        Seats::new(SeatLimits { all, of_one, memory_bytes })
    }

    #[test]
    fn a_caller_has_its_share_and_others_the_rest() {
        let seats = seats(3, 2, u64::MAX);
        let (one, other) = (Caller::new("one"), Caller::new("other"));
        let held: Vec<_> = (0..2).map(|_| seats.take(&one, 1).unwrap()).collect();
        assert_eq!(seats.take(&one, 1).unwrap_err(), NoSeat { taken: 2, own: Some(2) });
        let last = seats.take(&other, 1).unwrap();
        assert_eq!(seats.take(&other, 1).unwrap_err(), NoSeat { taken: 3, own: None });
        drop(held);
        assert_eq!(seats.taken(), 1);
        drop((seats.take(&one, 1).unwrap(), last));
        assert_eq!(seats.taken(), 0);
        assert!(seats.lock().by_caller.is_empty());
    }

    #[test]
    fn memory_is_bound_but_for_the_first() {
        let seats = seats(8, 8, 100);
        let caller = Caller::new("x");
        let large = seats.take(&caller, 200).unwrap();
        assert!(seats.take(&caller, 1).is_err());
        drop(large);
        let _half = seats.take(&caller, 50).unwrap();
        let _other_half = seats.take(&caller, 50).unwrap();
        assert!(seats.take(&caller, 1).is_err());
    }

    #[test]
    fn without_seats_nobody_gets_one() {
        assert!(seats(0, 1, u64::MAX).take(&Caller::anonymous(), 0).is_err());
    }
}
