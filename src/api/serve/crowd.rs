//! Who gives way when as many connections are open as may be: the one that has been without a request longest. One who
//! only holds connections open keeps nobody out.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use hyper::body::{Body, Frame, SizeHint};
use tokio::{sync::Notify, time::Instant};

/// How long a connection is left alone after it was opened or answered: its next request, or the rest of an answer, may be on
/// the way.
const LEFT_ALONE: Duration = Duration::from_millis(500);

/// The connections without a request, in the order in which they came to be so.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    idle: Mutex<Idle>,
}

#[derive(Debug, Default)]
struct Idle {
    since: BTreeMap<u64, (Instant, Arc<Member>)>,
    /// Those that have been asked to close and have not done so yet.
    leaving: BTreeSet<u64>,
    next: u64,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Member {
    requests: Mutex<Requests>,
    leave: Notify,
}

/// The requests under way of one connection.
#[derive(Debug, Default)]
struct Requests {
    count: usize,
    /// Where the connection stands among those without any.
    place: Option<u64>,
}

/// A connection as long as it is open.
#[derive(Debug)]
pub(super) struct Membership {
    crowd: Arc<Crowd>,
    member: Arc<Member>,
}

/// A request under way, until its answer has been handed over.
#[derive(Debug)]
pub(super) struct Busy {
    crowd: Arc<Crowd>,
    member: Arc<Member>,
}

impl Crowd {
    /// A new connection, without a request as yet.
    pub(super) fn enter(self: &Arc<Self>) -> Membership {
        let member = Arc::new(Member { requests: Mutex::default(), leave: Notify::new() });
        self.line_up(&member, &mut lock(&member.requests));
        Membership { crowd: self.clone(), member }
    }

    /// Asks the connections that have been without a request longest to close, as far as they have been so for long enough,
    /// until so many are about to: on a busy machine those that were asked before may not have come to it yet.
    pub(super) fn make_room(&self, most: usize) {
        let mut idle = lock(&self.idle);
        while idle.leaving.len() < most {
            let first = idle.since.first_entry().filter(|first| first.get().0.elapsed() >= LEFT_ALONE);
            let Some((place, (_, member))) = first.map(|first| first.remove_entry()) else { return };
            idle.leaving.insert(place);
            member.leave.notify_one();
        }
    }

    fn line_up(&self, member: &Arc<Member>, requests: &mut Requests) {
        let mut idle = lock(&self.idle);
        idle.next += 1;
        let place = idle.next;
        idle.since.insert(place, (Instant::now(), member.clone()));
        requests.place = Some(place);
    }

    fn step_out(&self, requests: &mut Requests) {
        if let Some(place) = requests.place.take() {
            let mut idle = lock(&self.idle);
            idle.since.remove(&place);
            idle.leaving.remove(&place);
        }
    }
}

impl Membership {
    /// A request has come.
    pub(super) fn begin(&self) -> Busy {
        let mut requests = lock(&self.member.requests);
        requests.count += 1;
        self.crowd.step_out(&mut requests);
        Busy { crowd: self.crowd.clone(), member: self.member.clone() }
    }

    /// Comes back when the connection shall give way.
    pub(super) async fn asked_to_leave(&self) {
        loop {
            self.member.leave.notified().await;
            // A request may have come between the asking and now.
            let place = lock(&self.member.requests).place;
            if place.is_some_and(|place| lock(&self.crowd.idle).leaving.contains(&place)) {
                return;
            }
        }
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.crowd.step_out(&mut lock(&self.member.requests));
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut requests = lock(&self.member.requests);
        requests.count -= 1;
        if requests.count == 0 {
            self.crowd.line_up(&self.member, &mut requests);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An answer's body, with the request that it answers.
pub(super) struct Answer<B> {
    pub(super) body: B,
    pub(super) _busy: Busy,
}

impl<B: Body + Unpin> Body for Answer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_one_that_has_been_idle_longest_gives_way_and_none_that_is_busy() {
        let crowd = Arc::new(Crowd::default());
        let (first, second, third) = (crowd.enter(), crowd.enter(), crowd.enter());
        let busy = first.begin();
        let leaves = |one: &Membership| one.asked_to_leave().now_or_never().is_some();
        crowd.make_room(1);
        assert!(![&first, &second, &third].into_iter().any(leaves), "it is left alone for a moment");
        tokio::time::advance(LEFT_ALONE).await;
        crowd.make_room(1);
        assert_eq!([&first, &second, &third].map(leaves), [false, true, false]);
        drop(second);
        drop(busy);
        tokio::time::advance(LEFT_ALONE).await;
        crowd.make_room(1);
        assert_eq!([&first, &third].map(leaves), [false, true]);
        drop(third);
        crowd.make_room(1);
        assert!(leaves(&first));
        drop(first);
        assert!(lock(&crowd.idle).since.is_empty(), "who has left is forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_comes_just_then_is_served() {
        let crowd = Arc::new(Crowd::default());
        let one = crowd.enter();
        tokio::time::advance(LEFT_ALONE).await;
        crowd.make_room(1);
        let busy = one.begin();
        assert!(one.asked_to_leave().now_or_never().is_none());
        drop(busy);
        // Also when it has its answer before the asking is heard: it has only just become idle.
        tokio::time::advance(LEFT_ALONE).await;
        crowd.make_room(1);
        drop(one.begin());
        assert!(one.asked_to_leave().now_or_never().is_none());
        assert!(lock(&crowd.idle).leaving.is_empty(), "it stays");
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_are_asked_while_those_that_were_have_not_gone() {
        let crowd = Arc::new(Crowd::default());
        let mut members: Vec<_> = (0..5).map(|_| crowd.enter()).collect();
        tokio::time::advance(LEFT_ALONE).await;
        let asked = || lock(&crowd.idle).leaving.len();
        for _ in 0..3 {
            crowd.make_room(2);
            assert_eq!(asked(), 2);
        }
        // One goes, one is asked in its place, and it is the next one.
        drop(members.remove(0));
        crowd.make_room(2);
        assert_eq!(asked(), 2);
        let leaves = |one: &Membership| one.asked_to_leave().now_or_never().is_some();
        assert_eq!(members.iter().map(leaves).collect::<Vec<_>>(), [true, true, false, false]);
    }
}
