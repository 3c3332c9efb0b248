//! Whose turn is next: weighted fair queueing in which every caller weighs the same.
//!
//! Each caller's requests are due at its own pace, one step apart. The clock goes one step while every caller that waits
//! is served once. One who comes anew is due now, and so goes before the second request of those who have just been
//! served, however many they have waiting; but however many come anew, the clock moves, and everybody's turn comes.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

/// Between two requests of one caller.
const STEP: u64 = 1 << 20;

/// Who asks: an opaque key. Requests with the same key share one caller's part.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Caller(Arc<str>);

impl Caller {
    /// The caller with this key.
    pub fn new(key: impl Into<Arc<str>>) -> Self {
        Self(key.into())
    }

    /// Nobody in particular. Its part is one caller's, but not bounded as one caller's is.
    pub fn anonymous() -> Self {
        Self::new("")
    }

    pub(super) fn is_anonymous(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether one who waits may be served now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may.
    Serve,
    /// Not yet, and those behind it may pass.
    Pass,
    /// Not yet, and nobody may pass.
    Hold,
}

/// Those who wait, by caller.
#[derive(Debug)]
pub(super) struct FairQueue<T> {
    accounts: HashMap<Caller, Account<T>>,
    clock: u64,
    waiting: usize,
    arrivals: u64,
    served: u64,
}

#[derive(Debug)]
struct Account<T> {
    /// When its next request is due.
    due: u64,
    /// The how-manieth of all services its last one was; 0: none that is remembered.
    served: u64,
    waiting: VecDeque<Waiting<T>>,
}

#[derive(Debug)]
struct Waiting<T> {
    arrival: u64,
    item: T,
}

/// Sorts those who wait: when due; among equals who has fewer before it; then whose caller was served longer ago; then
/// whose caller has waited longer.
type Order = (u64, usize, u64, u64);

impl<T> Account<T> {
    fn order(&self, index: usize) -> Order {
        let first = self.waiting.front().map_or(u64::MAX, |first| first.arrival);
        (self.due + STEP * index as u64, index, self.served, first)
    }
}

impl<T> FairQueue<T> {
    pub(super) fn new() -> Self {
        Self { accounts: HashMap::new(), clock: 0, waiting: 0, arrivals: 0, served: 0 }
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.waiting
    }

    /// How many of this caller wait.
    pub(super) fn len_of(&self, caller: &Caller) -> usize {
        self.accounts.get(caller).map_or(0, |account| account.waiting.len())
    }

    /// Puts one behind the others of its caller.
    pub(super) fn push(&mut self, caller: &Caller, item: T) {
        let (clock, arrival) = (self.clock, self.arrivals);
        let account = self.account(caller);
        if account.waiting.is_empty() {
            account.due = account.due.max(clock);
        }
        account.waiting.push_back(Waiting { arrival, item });
        self.arrivals += 1;
        self.waiting += 1;
    }

    /// Takes the first that may be served, and charges its caller for it.
    pub(super) fn take(&mut self, verdict: impl Fn(&T) -> Verdict) -> Option<T> {
        let mut found = None;
        for (caller, index, item) in self.places() {
            match verdict(item) {
                Verdict::Serve => found = Some((caller.clone(), index)),
                Verdict::Hold => {}
                Verdict::Pass => continue,
            }
            break;
        }
        let (caller, index) = found?;
        let taken = self.accounts.get_mut(&caller)?.waiting.remove(index)?;
        self.waiting -= 1;
        self.count(&caller);
        Some(taken.item)
    }

    /// Charges a caller for a request that was served without waiting.
    pub(super) fn charge(&mut self, caller: &Caller) {
        let clock = self.clock;
        let account = self.account(caller);
        account.due = account.due.max(clock);
        self.count(caller);
    }

    fn count(&mut self, caller: &Caller) {
        let others =
            |(other, account): (&Caller, &Account<T>)| other != caller && !account.waiting.is_empty();
        let sharing = self.accounts.iter().filter(|entry| others(*entry)).count() + 1;
        self.served += 1;
        let served = self.served;
        let account = self.account(caller);
        account.due += STEP;
        account.served = served;
        self.clock += STEP / u64::try_from(sharing).unwrap_or(STEP).min(STEP);
        // Nobody waits who is due by now: the clock need not go through that time.
        let first = self.accounts.values().filter(|account| !account.waiting.is_empty()).map(|a| a.due).min();
        self.clock = self.clock.max(first.unwrap_or_default());
        self.forget();
    }

    /// Takes out whoever this is true of.
    pub(super) fn remove(&mut self, is_it: impl Fn(&T) -> bool) -> Option<T> {
        let removed = self.accounts.values_mut().find_map(|account| {
            let index = account.waiting.iter().position(|waiting| is_it(&waiting.item))?;
            account.waiting.remove(index)
        })?;
        self.waiting -= 1;
        self.forget();
        Some(removed.item)
    }

    /// Everybody who waits, the next first.
    pub(super) fn in_order(&self) -> impl Iterator<Item = &T> {
        self.places().map(|(_, _, item)| item)
    }

    /// At which place one more of this caller would wait; 1 is next.
    pub(super) fn place_of_next(&self, caller: &Caller) -> usize {
        let account = self.accounts.get(caller);
        let order = match account {
            Some(account) if !account.waiting.is_empty() => account.order(account.waiting.len()),
            Some(account) => (account.due.max(self.clock), 0, account.served, self.arrivals),
            None => (self.clock, 0, 0, self.arrivals),
        };
        let before = |account: &Account<T>| {
            let orders = (0..account.waiting.len()).map(|index| account.order(index));
            orders.take_while(|other| *other < order).count()
        };
        self.accounts.values().map(before).sum::<usize>() + 1
    }

    /// Everybody with caller and index, the next first: the callers' own lines merged, each of which is in order already. No
    /// two are equal in order. Who asks for the first few does not pay for all of a long queue.
    fn places(&self) -> impl Iterator<Item = (&Caller, usize, &T)> {
        let firsts = self.accounts.iter().filter(|(_, account)| !account.waiting.is_empty());
        let mut heads: BTreeMap<_, _> =
            firsts.map(|(caller, account)| (account.order(0), (caller, account, 0))).collect();
        std::iter::from_fn(move || {
            let (_, (caller, account, index)) = heads.pop_first()?;
            if index + 1 < account.waiting.len() {
                heads.insert(account.order(index + 1), (caller, account, index + 1));
            }
            account.waiting.get(index).map(|waiting| (caller, index, &waiting.item))
        })
    }

    fn account(&mut self, caller: &Caller) -> &mut Account<T> {
        self.accounts.entry(caller.clone()).or_insert_with(|| Account {
            due: 0,
            served: 0,
            waiting: VecDeque::new(),
        })
    }

    /// Forgets those of whom nothing is left to remember, so that callers who never come back cost nothing.
    fn forget(&mut self) {
        let clock = self.clock;
        self.accounts.retain(|_, account| !account.waiting.is_empty() || account.due >= clock);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(waiting: &[(&str, &'static str)]) -> FairQueue<&'static str> {
        let mut queue = FairQueue::new();
        for (caller, item) in waiting {
            queue.push(&Caller::new(*caller), *item);
        }
        queue
    }

    fn told(queue: &FairQueue<&'static str>) -> Vec<&'static str> {
        queue.in_order().copied().collect()
    }

    fn drained(queue: &mut FairQueue<&'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| queue.take(|_| Verdict::Serve)).collect()
    }

    #[test]
    fn callers_take_turns_and_each_ones_own_stay_in_order() {
        let mut queue =
            queue(&[("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("b", "b2"), ("c", "c1")]);
        let expected = ["a1", "b1", "c1", "a2", "b2", "a3"];
        assert_eq!(told(&queue), expected);
        assert_eq!(drained(&mut queue), expected);
    }

    #[test]
    fn one_who_comes_anew_is_next_however_many_others_wait() {
        let mut queue = queue(&[("a", "a1"), ("a", "a2"), ("a", "a3"), ("a", "a4")]);
        assert_eq!(queue.take(|_| Verdict::Serve), Some("a1"));
        assert_eq!(queue.place_of_next(&Caller::new("b")), 1);
        queue.push(&Caller::new("b"), "b1");
        assert_eq!(told(&queue), ["b1", "a2", "a3", "a4"]);
    }

    #[test]
    fn one_who_was_served_at_once_is_charged_for_it() {
        let mut queue = FairQueue::new();
        for _ in 0..3 {
            queue.charge(&Caller::new("a"));
        }
        queue.push(&Caller::new("a"), "a4");
        queue.push(&Caller::new("b"), "b1");
        assert_eq!(told(&queue), ["b1", "a4"]);
    }

    #[test]
    fn a_stream_of_new_callers_does_not_starve_the_one_who_waits() {
        let mut queue = queue(&[("a", "a1"), ("a", "a2"), ("a", "a3")]);
        let mut served = Vec::new();
        for new in 0..12 {
            queue.push(&Caller::new(format!("new {new}")), "new");
            served.extend(queue.take(|_| Verdict::Serve));
        }
        let of_a = |item: &&&str| **item != "new";
        assert_eq!(served.iter().filter(of_a).count(), 3, "{served:?}");
    }

    #[test]
    fn the_order_that_is_told_is_the_order_of_service() {
        // A fixed sequence of mixed arrivals and services, long enough to reach every kind of tie.
        let (mut queue, mut random) = (FairQueue::new(), 12345_u32);
        for step in 0..4000_u32 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let caller = Caller::new(((random >> 20) % 5).to_string());
            if (random >> 28) % 2 == 0 || queue.len() == 0 {
                let place = queue.place_of_next(&caller);
                queue.push(&caller, step);
                assert_eq!(queue.in_order().position(|item| *item == step), Some(place - 1));
            } else {
                let order: Vec<u32> = queue.in_order().copied().collect();
                assert_eq!(queue.take(|_| Verdict::Serve), Some(order[0]));
                assert!(queue.in_order().eq(&order[1..]), "step {step}");
            }
        }
    }

    #[test]
    fn those_that_must_wait_are_passed_or_hold_the_others() {
        let mut passing = queue(&[("a", "x"), ("a", "y"), ("b", "x")]);
        let not_x = |verdict| move |item: &&str| if *item == "x" { verdict } else { Verdict::Serve };
        assert_eq!(passing.take(not_x(Verdict::Pass)), Some("y"));
        assert_eq!(passing.take(not_x(Verdict::Pass)), None);
        assert_eq!(passing.len(), 2);
        let mut held = queue(&[("a", "x"), ("a", "y")]);
        assert_eq!(held.take(not_x(Verdict::Hold)), None);
    }

    #[test]
    fn nothing_is_kept_of_callers_who_have_left() {
        let mut queue = FairQueue::new();
        for caller in 0..10_000 {
            let caller = Caller::new(caller.to_string());
            queue.push(&caller, caller.clone());
            queue.push(&caller, caller.clone());
            queue.take(|_| Verdict::Serve);
            queue.remove(|item| *item == caller);
        }
        assert_eq!(queue.len(), 0);
        assert!(queue.accounts.len() < 10, "{}", queue.accounts.len());
    }
}
