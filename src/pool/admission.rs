//! Who may run now, who waits, and at which place. Bounded: beyond that, callers are told to come back.
//!
//! A place is given only where a cell can be had for it: the runtime's line and the memory of all cells have room. So a
//! run that waits for a cell of a busy runtime takes no place from a run of another.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use super::fair::{Caller, FairQueue, Verdict};

/// The least and the most that anybody is told to wait before coming back.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// What is taken for the time a place is held as long as nobody has given one back.
const FIRST_GUESS: Duration = Duration::from_millis(100);

/// Who is so near to the front of the queue is told each change of its place, at once.
const NEAR: usize = 64;

/// How often it is looked who of those behind them has to be told, and by which part of its place that must have changed. Each run
/// that ends moves all who wait: to tell ten thousand of them each time would leave no processor to the runs.
const FAR_EVERY: Duration = Duration::from_secs(1);
const FAR_PART: usize = 16;

/// The gate before the cells: at most so many programs run, so many wait.
#[derive(Debug)]
pub struct Admission {
    state: Mutex<State>,
}

/// Bounds on those who run and wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdmissionLimits {
    /// Programs that run at once.
    pub running: usize,
    /// Requests that wait behind them.
    pub waiting: usize,
    /// Requests of one caller that wait. See [`AdmissionLimits::share`].
    pub waiting_of_one: usize,
    /// Bounds of the cells of all running programs together.
    pub memory_bytes: u64,
}

impl AdmissionLimits {
    /// How many may wait of one caller where nothing else is said: three quarters of the queue, at least 1. The rest is
    /// for the others, and one who is alone still gets most of it.
    pub fn share(waiting: usize) -> usize {
        (waiting - waiting / 4).max(1)
    }

    /// Whether a claim can be met now.
    fn verdict(&self, running: &HashMap<u64, Held>, aside_bytes: u64, claim: &Claim) -> Verdict {
        let claims = || running.values().map(|held| &held.claim);
        if running.len() >= self.running {
            return Verdict::Hold;
        }
        if claims().filter(|other| other.line == claim.line).count() >= claim.most {
            return Verdict::Pass;
        }
        // Those who have stepped aside may stay for minutes: nobody else shall wait for that.
        let beside = claim.memory_bytes.saturating_add(aside_bytes);
        if aside_bytes > 0 && beside > self.memory_bytes {
            return Verdict::Pass;
        }
        // Not to be passed: small ones could follow one another for ever before a large one.
        let used = claims().fold(0, |sum: u64, other| sum.saturating_add(other.memory_bytes));
        let fits = used == 0 || used.saturating_add(beside) <= self.memory_bytes;
        if fits { Verdict::Serve } else { Verdict::Hold }
    }
}

/// What one asks a place for.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Who asks.
    pub caller: Caller,
    /// Of which line a cell will be needed.
    pub line: Arc<str>,
    /// How many programs may run in its cells at once.
    pub most: usize,
    /// The bound of such a cell.
    pub memory_bytes: u64,
}

impl Claim {
    /// By nobody in particular, for a cell that is always to be had.
    pub fn anonymous() -> Self {
        Self { caller: Caller::anonymous(), line: "".into(), most: usize::MAX, memory_bytes: 0 }
    }
}

#[derive(Debug)]
struct State {
    limits: AdmissionLimits,
    running: HashMap<u64, Held>,
    /// Bounds of the cells of those who have stepped aside.
    aside: HashMap<u64, u64>,
    waiting: FairQueue<Waiter>,
    next_id: u64,
    /// When all who wait were told their places.
    told_all: Instant,
    /// A running mean of how long a place is held, for an honest Retry-After.
    mean_hold: Duration,
}

/// A place that is taken.
#[derive(Debug)]
struct Held {
    since: Instant,
    claim: Claim,
}

#[derive(Debug)]
struct Waiter {
    id: u64,
    claim: Claim,
    place: watch::Sender<Place>,
}

/// Where one stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// This many requests are served first, oneself included: 1 is next. It rises when a caller comes whose turn is
    /// sooner, and one whose runtime is busy may be passed.
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
}

/// The queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full {
    /// Programs running.
    pub running: usize,
    /// Requests waiting.
    pub waiting: usize,
    /// How many of the same caller wait, where that alone is as many as may.
    pub waiting_of_one: Option<usize>,
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
    /// A gate for `capacity` programs at once and `max_waiting` behind them, without a bound on memory.
    pub fn new(capacity: usize, max_waiting: usize) -> Arc<Self> {
        Self::with_limits(AdmissionLimits {
            running: capacity,
            waiting: max_waiting,
            waiting_of_one: AdmissionLimits::share(max_waiting),
            memory_bytes: u64::MAX,
        })
    }

    /// A gate with these bounds.
    pub fn with_limits(limits: AdmissionLimits) -> Arc<Self> {
        let state = State {
            limits,
            running: HashMap::new(),
            aside: HashMap::new(),
            waiting: FairQueue::new(),
            next_id: 0,
            told_all: Instant::now(),
            mean_hold: FIRST_GUESS,
        };
        Arc::new(Self { state: Mutex::new(state) })
    }

    /// Takes a place for nobody in particular.
    ///
    /// # Errors
    /// [`Full`] when as many wait as may.
    pub fn enter(self: &Arc<Self>) -> Result<Ticket, Full> {
        self.enter_as(Claim::anonymous())
    }

    /// Takes a place.
    ///
    /// # Errors
    /// [`Full`] when as many wait as may, of all or of this caller.
    pub fn enter_as(self: &Arc<Self>, claim: Claim) -> Result<Ticket, Full> {
        let mut state = self.lock();
        // Whoever waits although a place is free waits for its runtime, and is passed; or for memory, and is not.
        let verdict = |claim| state.limits.verdict(&state.running, state.aside_bytes(), claim);
        let held_up = || state.waiting.in_order().any(|waiter| verdict(&waiter.claim) == Verdict::Hold);
        let free = verdict(&claim) == Verdict::Serve && !held_up();
        if !free {
            self.check_bounds(&state, &claim.caller)?;
        }
        let id = state.next_id;
        state.next_id += 1;
        let first =
            if free { Place::Admitted } else { Place::Waiting(state.waiting.place_of_next(&claim.caller)) };
        let (sender, mut place) = watch::channel(first);
        if free {
            state.waiting.charge(&claim.caller);
            state.running.insert(id, Held { since: Instant::now(), claim });
        } else {
            let caller = claim.caller.clone();
            state.waiting.push(&caller, Waiter { id, claim, place: sender });
        }
        state.tell_places();
        // The first place is looked at, not waited for.
        place.mark_unchanged();
        drop(state);
        Ok(Ticket { admission: self.clone(), id, place })
    }

    /// Other bounds from now on. Who runs runs on, and who waits goes on waiting, also where fewer may from now on.
    pub fn change(&self, limits: AdmissionLimits) {
        let mut state = self.lock();
        state.limits = limits;
        self.serve_next(&mut state);
    }

    /// How many run and wait now.
    pub fn load(&self) -> Load {
        let state = self.lock();
        Load {
            running: state.running.len(),
            capacity: state.limits.running,
            waiting: state.waiting.len(),
            max_waiting: state.limits.waiting,
        }
    }

    /// How long one who comes now would wait, from how long places were held lately.
    pub fn retry_after(&self) -> Duration {
        let state = self.lock();
        self.expected_wait(&state, state.waiting.len() + 1)
    }

    fn check_bounds(&self, state: &State, caller: &Caller) -> Result<(), Full> {
        let own = state.waiting.len_of(caller);
        let over_share = own >= state.limits.waiting_of_one && !caller.is_anonymous();
        if state.waiting.len() < state.limits.waiting && !over_share {
            return Ok(());
        }
        Err(Full {
            running: state.running.len(),
            waiting: state.waiting.len(),
            waiting_of_one: over_share.then_some(own),
            retry_after: self.expected_wait(state, state.waiting.place_of_next(caller)),
        })
    }

    fn expected_wait(&self, state: &State, place: usize) -> Duration {
        // Before the first long runs have ended, their age says more than the mean of those that did.
        let ages = state.running.values().map(|held| held.since.elapsed());
        let mean_age = ages.sum::<Duration>() / u32::try_from(state.running.len().max(1)).unwrap_or(u32::MAX);
        let rounds = u32::try_from(place.div_ceil(state.limits.running.max(1))).unwrap_or(u32::MAX);
        state.mean_hold.max(mean_age).saturating_mul(rounds).clamp(RETRY_AFTER.0, RETRY_AFTER.1)
    }

    fn leave(&self, id: u64) {
        let mut state = self.lock();
        if let Some(held) = state.running.remove(&id) {
            state.mean_hold = (state.mean_hold * 7 + held.since.elapsed()) / 8;
        } else if state.aside.remove(&id).is_none() {
            state.waiting.remove(|waiter| waiter.id == id);
        }
        self.serve_next(&mut state);
    }

    /// Frees the place of one who runs, and goes on counting its cell's memory until it leaves.
    fn set_aside(&self, id: u64) {
        let mut state = self.lock();
        if let Some(held) = state.running.remove(&id) {
            state.mean_hold = (state.mean_hold * 7 + held.since.elapsed()) / 8;
            state.aside.insert(id, held.claim.memory_bytes);
            self.serve_next(&mut state);
        }
    }

    /// Gives free places to those who wait.
    fn serve_next(&self, state: &mut State) {
        while let Some(next) = self.next(state) {
            state.running.insert(next.id, Held { since: Instant::now(), claim: next.claim });
            // One who has just left takes its place out of the count itself, in its own `leave`.
            next.place.send_replace(Place::Admitted);
        }
        state.tell_places();
    }

    /// The next who may run.
    fn next(&self, state: &mut State) -> Option<Waiter> {
        let aside_bytes = state.aside_bytes();
        let State { limits, running, waiting, .. } = state;
        waiting.take(|waiter| limits.verdict(running, aside_bytes, &waiter.claim))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn aside_bytes(&self) -> u64 {
        self.aside.values().fold(0, |sum, bytes| sum.saturating_add(*bytes))
    }

    /// Tells those whose place is another now; those far behind seldom, and only roughly.
    fn tell_places(&mut self) {
        let is_time = self.told_all.elapsed() >= FAR_EVERY;
        if is_time {
            self.told_all = Instant::now();
        }
        let looked_at = if is_time { usize::MAX } else { NEAR };
        for (waiter, place) in self.waiting.in_order().zip(1..).take(looked_at) {
            waiter.place.send_if_modified(|told| {
                let is_due = match *told {
                    Place::Waiting(told) if place > NEAR => told.abs_diff(place) >= place / FAR_PART,
                    _ => *told != Place::Waiting(place),
                };
                if is_due {
                    *told = Place::Waiting(place);
                }
                is_due
            });
        }
    }
}

impl Ticket {
    /// Lets another run in one's place, without leaving: for a program that mostly waits. Its cell's memory stays counted.
    pub fn step_aside(&self) {
        self.admission.set_aside(self.id);
    }

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
        *self.place.borrow_and_update()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.admission.leave(self.id);
    }
}

#[cfg(test)]
mod tests;
