//! Admission, with a clock that stands still unless it is moved.

use tokio::time::advance;

use super::*;

fn claim(caller: &str, line: &str) -> Claim {
    Claim { caller: Caller::new(caller), line: line.into(), most: 2, memory_bytes: 100 }
}

fn limited(running: usize, waiting: usize, memory_bytes: u64) -> Arc<Admission> {
    let waiting_of_one = AdmissionLimits::share(waiting);
    Admission::with_limits(AdmissionLimits { running, waiting, waiting_of_one, memory_bytes })
}

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

#[tokio::test(start_paused = true)]
async fn a_place_is_told_once() {
    let admission = Admission::new(1, 2);
    let _running = admission.enter().unwrap();
    let mut waiting = admission.enter().unwrap();
    assert_eq!(waiting.place(), Place::Waiting(1));
    let told_again = tokio::time::timeout(Duration::from_secs(1), waiting.changed()).await;
    assert!(told_again.is_err(), "{told_again:?}");
}

#[tokio::test(start_paused = true)]
async fn a_long_queue_is_told_at_its_front_at_once_and_behind_seldom_and_roughly() {
    const ALL: usize = NEAR * 4;
    let admission = Admission::new(1, ALL);
    let running = admission.enter().unwrap();
    let mut waiting: Vec<_> = (0..ALL).map(|_| admission.enter().unwrap()).collect();
    let places = |waiting: &[Ticket]| waiting.iter().map(Ticket::place).collect::<Vec<_>>();
    let from = |first: usize, count: usize| (first..first + count).map(Place::Waiting).collect::<Vec<_>>();
    // Also those far behind know their place from the start.
    assert_eq!(places(&waiting), from(1, ALL));
    drop(running);
    let first = waiting.remove(0);
    assert_eq!(first.place(), Place::Admitted);
    assert_eq!(places(&waiting[..NEAR]), from(1, NEAR));
    assert_eq!(places(&waiting[NEAR..]), from(NEAR + 2, ALL - 1 - NEAR));
    // One place is nothing where there are hundreds.
    advance(FAR_EVERY).await;
    drop(waiting.remove(0));
    assert_eq!(places(&waiting[NEAR..]), from(NEAR + 3, ALL - 2 - NEAR));
    // An eighth is.
    let gone = ALL / 8;
    waiting.drain(..gone);
    advance(FAR_EVERY).await;
    drop(waiting.pop());
    assert_eq!(places(&waiting), from(1, ALL - 3 - gone));
}

#[tokio::test(start_paused = true)]
async fn the_modest_get_their_turn_before_the_greedy() {
    let admission = Admission::new(1, 16);
    let running = admission.enter_as(claim("greedy", "x")).unwrap();
    let mut greedy: Vec<_> = (0..12).map(|_| admission.enter_as(claim("greedy", "x")).unwrap()).collect();
    let mut modest = admission.enter_as(claim("modest", "x")).unwrap();
    assert_eq!(modest.place(), Place::Waiting(1));
    let places: Vec<_> = greedy.iter().map(Ticket::place).collect();
    assert_eq!(places, (2..14).map(Place::Waiting).collect::<Vec<_>>());
    drop(running);
    assert_eq!(modest.changed().await, Place::Admitted);
    assert_eq!(greedy[0].changed().await, Place::Waiting(1));
    // One who comes back waits for one of the others, not for all of them.
    let again = admission.enter_as(claim("modest", "x")).unwrap();
    assert_eq!((greedy[0].place(), again.place()), (Place::Waiting(1), Place::Waiting(2)));
}

#[tokio::test(start_paused = true)]
async fn one_caller_cannot_fill_the_queue() {
    let admission = Admission::new(1, 8);
    let _running = admission.enter_as(claim("greedy", "x")).unwrap();
    let _waiting: Vec<_> = (0..6).map(|_| admission.enter_as(claim("greedy", "x")).unwrap()).collect();
    let refused = admission.enter_as(claim("greedy", "x")).unwrap_err();
    assert_eq!((refused.waiting, refused.waiting_of_one), (6, Some(6)));
    let _modest: Vec<_> = (0..2).map(|_| admission.enter_as(claim("modest", "x")).unwrap()).collect();
    let full = admission.enter_as(claim("third", "x")).unwrap_err();
    assert_eq!((full.waiting, full.waiting_of_one), (8, None));
}

#[test]
fn a_callers_share_is_most_of_the_queue_but_not_all() {
    let shares = [0, 1, 2, 4, 16, 64].map(AdmissionLimits::share);
    assert_eq!(shares, [1, 1, 2, 3, 12, 48]);
}

#[tokio::test(start_paused = true)]
async fn a_busy_runtime_keeps_no_other_waiting() {
    let admission = limited(4, 8, u64::MAX);
    let busy: Vec<_> = (0..2).map(|_| admission.enter_as(claim("a", "busy")).unwrap()).collect();
    let mut third = admission.enter_as(claim("a", "busy")).unwrap();
    assert_eq!(third.place(), Place::Waiting(1));
    assert_eq!(admission.load().running, 2);
    let other = admission.enter_as(claim("a", "other")).unwrap();
    assert_eq!(other.place(), Place::Admitted);
    drop(busy);
    assert_eq!(third.changed().await, Place::Admitted);
}

#[tokio::test(start_paused = true)]
async fn one_who_waits_for_a_busy_runtime_is_passed_in_the_queue_too() {
    let admission = limited(3, 8, u64::MAX);
    let mut busy: Vec<_> = (0..2).map(|_| admission.enter_as(claim("a", "busy")).unwrap()).collect();
    let last = admission.enter_as(claim("a", "other")).unwrap();
    let mut blocked = admission.enter_as(claim("a", "busy")).unwrap();
    let mut behind = admission.enter_as(claim("a", "other")).unwrap();
    assert_eq!(behind.place(), Place::Waiting(2));
    drop(last);
    assert_eq!(behind.changed().await, Place::Admitted);
    assert_eq!(blocked.place(), Place::Waiting(1));
    busy.pop();
    assert_eq!(blocked.changed().await, Place::Admitted);
}

#[tokio::test(start_paused = true)]
async fn memory_is_bounded_and_a_large_one_is_not_passed_for_ever() {
    let admission = limited(8, 8, 250);
    let small = |runtime| admission.enter_as(claim("a", runtime)).unwrap();
    let first = small("x");
    let mut large = admission.enter_as(Claim { memory_bytes: 200, ..claim("a", "large") }).unwrap();
    assert_eq!(large.place(), Place::Waiting(1));
    let mut behind = small("y");
    assert_eq!(behind.place(), Place::Waiting(2));
    drop(first);
    assert_eq!(large.changed().await, Place::Admitted);
    assert_eq!(behind.changed().await, Place::Waiting(1));
    drop(large);
    assert_eq!(behind.changed().await, Place::Admitted);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_larger_than_all_memory_runs_alone() {
    let admission = limited(2, 2, 50);
    let alone = admission.enter_as(claim("a", "x")).unwrap();
    assert_eq!(alone.place(), Place::Admitted);
    assert_eq!(admission.enter_as(claim("a", "y")).unwrap().place(), Place::Waiting(1));
}

#[tokio::test(start_paused = true)]
async fn retry_after_follows_how_long_places_are_held_and_how_many_wait() {
    let admission = Admission::new(1, 3);
    let told = |admission: &Arc<Admission>| admission.enter().unwrap_err().retry_after.as_secs();
    let running = admission.enter().unwrap();
    let mut waiting: Vec<_> = (0..3).map(|_| admission.enter().unwrap()).collect();
    assert_eq!(told(&admission), 1); // 4 × 100 ms
    advance(Duration::from_secs(3)).await;
    assert_eq!(told(&admission), 12); // the one that runs is 3 s old, and so may be the next three
    drop(running);
    assert_eq!(waiting[0].changed().await, Place::Admitted);
    waiting.push(admission.enter().unwrap());
    advance(Duration::from_secs(3600)).await;
    assert_eq!(told(&admission), 60);
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

#[tokio::test(start_paused = true)]
async fn one_who_steps_aside_frees_the_place_and_keeps_the_memory() {
    let admission = limited(1, 8, 250);
    let talking = admission.enter_as(claim("a", "x")).unwrap();
    let mut next = admission.enter_as(claim("b", "x")).unwrap();
    assert_eq!(next.place(), Place::Waiting(1));
    talking.step_aside();
    assert_eq!(next.changed().await, Place::Admitted);
    assert_eq!(admission.load().running, 1);
    next.step_aside();
    // 200 of 250 are taken for minutes: what does not fit beside them is passed by what does.
    let mut large = admission.enter_as(claim("c", "y")).unwrap();
    let small = admission.enter_as(Claim { memory_bytes: 50, ..claim("d", "z") }).unwrap();
    assert_eq!((large.place(), small.place()), (Place::Waiting(1), Place::Admitted));
    drop((small, talking));
    assert_eq!(large.changed().await, Place::Admitted);
    drop((next, large));
    assert_eq!(admission.load().running, 0);
    assert_eq!(admission.enter_as(claim("e", "x")).unwrap().place(), Place::Admitted);
}
