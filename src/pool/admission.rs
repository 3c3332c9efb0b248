//! Who may run now, who waits, and at which place. Bounded: beyond that, callers are told to come back.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

/// The gate before the cells: at most so many programs run, so many wait.
#[derive(Debug)]
pub struct Admission {
    state: Mutex<State>,
    capacity: usize,
    max_waiting: usize,
}

#[derive(Debug)]
struct State {
    running: usize,
    waiting: VecDeque<Waiter>,
    next_id: u64,
    /// A running mean of how long a place is held, for an honest Retry-After.
    mean_hold: Duration,
}

#[derive(Debug)]
struct Waiter {
    id: u64,
    place: watch::Sender<Place>,
}

/// Where one stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// This many requests are served first, oneself included: 1 is next.
    Waiting(usize),
    /// One may run.
    Admitted,
}

/// A place in the queue or past it. Dropping it gives it up.
#[derive(Debug)]
pub struct Ticket {
    admission: Arc<Admission>,
    id: u64,
    place: watch::Receiver<Place>,
    admitted_at: Option<tokio::time::Instant>,
}

/// The queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full {
    /// Programs running.
    pub running: usize,
    /// Requests waiting.
    pub waiting: usize,
    /// When a place should be free, from how long places were held lately.
    pub retry_after: Duration,
}

/// How many programs run and wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Programs running.
    pub running: usize,
    /// Programs that may run at once.
    pub capacity: usize,
    /// Requests waiting.
    pub waiting: usize,
    /// Requests that may wait.
    pub max_waiting: usize,
}

impl Admission {
    /// A gate for `capacity` programs at once and `max_waiting` behind them.
    pub fn new(capacity: usize, max_waiting: usize) -> Arc<Self> {
        let state =
            State { running: 0, waiting: VecDeque::new(), next_id: 0, mean_hold: Duration::from_millis(100) };
        Arc::new(Self { state: Mutex::new(state), capacity, max_waiting })
    }

    /// Takes a place.
    ///
    /// # Errors
    /// [`Full`] when as many wait as may.
    pub fn enter(self: &Arc<Self>) -> Result<Ticket, Full> {
        let mut state = self.lock();
        let free = state.running < self.capacity && state.waiting.is_empty();
        if !free && state.waiting.len() >= self.max_waiting {
            return Err(Full {
                running: state.running,
                waiting: state.waiting.len(),
                retry_after: self.expected_wait(&state, state.waiting.len() + 1),
            });
        }
        let id = state.next_id;
        state.next_id += 1;
        let place = if free { Place::Admitted } else { Place::Waiting(state.waiting.len() + 1) };
        let (sender, receiver) = watch::channel(place);
        if free {
            state.running += 1;
        } else {
            state.waiting.push_back(Waiter { id, place: sender });
        }
        let admitted_at = free.then(tokio::time::Instant::now);
        Ok(Ticket { admission: self.clone(), id, place: receiver, admitted_at })
    }

    /// How many run and wait now.
    pub fn load(&self) -> Load {
        let state = self.lock();
        Load {
            running: state.running,
            capacity: self.capacity,
            waiting: state.waiting.len(),
            max_waiting: self.max_waiting,
        }
    }

    /// How long one who comes now would wait, from how long places were held lately.
    pub fn retry_after(&self) -> Duration {
        let state = self.lock();
        self.expected_wait(&state, state.waiting.len() + 1)
    }

    fn expected_wait(&self, state: &State, place: usize) -> Duration {
        let rounds = place.div_ceil(self.capacity.max(1));
        let rounds = u32::try_from(rounds).unwrap_or(u32::MAX);
        state.mean_hold.saturating_mul(rounds).max(Duration::from_secs(1))
    }

    fn leave(&self, id: u64, held: Option<Duration>) {
        let mut state = self.lock();
        if let Some(held) = held {
            state.mean_hold = (state.mean_hold * 7 + held) / 8;
        }
        if let Some(index) = state.waiting.iter().position(|waiter| waiter.id == id) {
            state.waiting.remove(index);
        } else {
            state.running -= 1;
        }
        while state.running < self.capacity
            && let Some(next) = state.waiting.pop_front()
        {
            state.running += 1;
            // One who has just left takes its place out of the count itself, in its own `leave`.
            next.place.send_replace(Place::Admitted);
        }
        for (index, waiter) in state.waiting.iter().enumerate() {
            waiter.place.send_if_modified(|place| {
                let new = Place::Waiting(index + 1);
                std::mem::replace(place, new) != new
            });
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Where one stands now.
    pub fn place(&self) -> Place {
        *self.place.borrow()
    }

    /// Waits until the place has changed. Gives the new one. Safe to cancel.
    pub async fn changed(&mut self) -> Place {
        if self.place() != Place::Admitted {
            // The sender is dropped only after it has said `Admitted`.
            let _ = self.place.changed().await;
        }
        let place = *self.place.borrow_and_update();
        if place == Place::Admitted && self.admitted_at.is_none() {
            self.admitted_at = Some(tokio::time::Instant::now());
        }
        place
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.admission.leave(self.id, self.admitted_at.map(|since| since.elapsed()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn places_are_given_in_order_and_told_as_they_move() {
        let admission = Admission::new(1, 2);
        let first = admission.enter().unwrap();
        let mut second = admission.enter().unwrap();
        let mut third = admission.enter().unwrap();
        assert_eq!(first.place(), Place::Admitted);
        assert_eq!((second.place(), third.place()), (Place::Waiting(1), Place::Waiting(2)));
        drop(first);
        assert_eq!(second.changed().await, Place::Admitted);
        assert_eq!(third.changed().await, Place::Waiting(1));
        drop(second);
        assert_eq!(third.changed().await, Place::Admitted);
    }

    #[tokio::test]
    async fn one_too_many_is_told_when_to_come_back() {
        let admission = Admission::new(1, 1);
        let _running = admission.enter().unwrap();
        let _waiting = admission.enter().unwrap();
        let full = admission.enter().unwrap_err();
        assert_eq!((full.running, full.waiting), (1, 1));
        assert!(full.retry_after >= Duration::from_secs(1));
    }

    #[tokio::test]
    async fn one_who_leaves_the_queue_frees_its_place_at_once() {
        let admission = Admission::new(1, 2);
        let running = admission.enter().unwrap();
        let leaving = admission.enter().unwrap();
        let mut staying = admission.enter().unwrap();
        drop(leaving);
        assert_eq!(staying.changed().await, Place::Waiting(1));
        drop(running);
        assert_eq!(staying.changed().await, Place::Admitted);
        drop(staying);
        let load = admission.load();
        assert_eq!((load.running, load.waiting), (0, 0));
    }

    #[tokio::test]
    async fn one_who_leaves_after_being_admitted_unseen_hands_the_place_on() {
        let admission = Admission::new(1, 2);
        let first = admission.enter().unwrap();
        let second = admission.enter().unwrap();
        let mut third = admission.enter().unwrap();
        drop(first);
        drop(second);
        assert_eq!(third.changed().await, Place::Admitted);
        assert_eq!(admission.load().running, 1);
    }
}
