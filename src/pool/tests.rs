//! Lines of cells, over an engine whose agents only ever say that they are armed.

use std::collections::HashSet;

use async_trait::async_trait;
use futures_util::StreamExt;
use polyground_protocol::{Frame, FromAgent, Hello, RunId, encode};
use tokio::time::{Instant, sleep};
use tokio_stream::wrappers::UnboundedReceiverStream;

use super::*;
use crate::engine::{
    Cell, CellHandle, EngineInfo, EngineKind, Image, ImageRequest, ImageState, Link, Progress,
};

type Chunks = tokio::sync::mpsc::UnboundedSender<std::io::Result<bytes::Bytes>>;

/// Makes cells out of nothing, and counts them.
struct Fake {
    info: EngineInfo,
    state: Arc<Mutex<FakeState>>,
}

#[derive(Default)]
struct FakeState {
    opened: usize,
    /// Those that live, with the way their agents speak.
    alive: HashMap<String, Chunks>,
    /// When an attempt failed because `refusing`.
    refused: Vec<Instant>,
    refusing: bool,
    /// So many of the next cells have an agent that cannot make a sandbox.
    stillborn: usize,
}

struct FakeCell {
    name: String,
    state: Arc<Mutex<FakeState>>,
}

#[async_trait]
impl CellHandle for FakeCell {
    async fn set_memory(&self, _memory_bytes: u64) -> Result<(), EngineError> {
        Ok(())
    }
}

impl Drop for FakeCell {
    fn drop(&mut self) {
        self.state.lock().unwrap().alive.remove(&self.name);
    }
}

#[async_trait]
impl Engine for Fake {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    async fn ping(&self) -> Result<(), EngineError> {
        Ok(())
    }

    async fn image_state(&self, _: &ImageRequest) -> Result<ImageState, EngineError> {
        Ok(ImageState::Missing)
    }

    async fn prepare_image(&self, _: &ImageRequest, _: Arc<dyn Progress>) -> Result<Image, EngineError> {
        Err(EngineError::Image("there are none".into()))
    }

    async fn open_cell(&self, spec: &CellSpec) -> Result<Cell, EngineError> {
        sleep(Duration::from_millis(300)).await;
        let mut state = self.state.lock().unwrap();
        if state.refusing {
            state.refused.push(Instant::now());
            return Err(EngineError::Cell("refused".into()));
        }
        state.opened += 1;
        let name = format!("{}-{}", spec.runtime, state.opened);
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
        let mut armed = Vec::new();
        let hello = FromAgent::Hello(Hello { agent: "fake".into(), landlock_abi: 0, direct: None });
        let stands = match state.stillborn.checked_sub(1) {
            Some(rest) => {
                state.stillborn = rest;
                FromAgent::Failed { reason: "stillborn".into() }
            }
            None => FromAgent::Armed,
        };
        for message in [hello, stands] {
            encode(&Frame { run: RunId::NONE, message }, &mut armed).unwrap();
        }
        sender.send(Ok(armed.into())).unwrap();
        state.alive.insert(name.clone(), sender);
        let link = Link::new(tokio::io::sink(), UnboundedReceiverStream::new(receiver).boxed());
        Ok(Cell { name: name.clone(), link, handle: Box::new(FakeCell { name, state: self.state.clone() }) })
    }

    async fn count_cells(&self) -> Result<usize, EngineError> {
        Ok(self.state.lock().unwrap().alive.len())
    }

    async fn shutdown(&self) {}
}

const MIB: u64 = 1 << 20;

fn pool(max_cells: usize, memory_bytes: u64) -> (Pool, Arc<Mutex<FakeState>>) {
    let state = Arc::<Mutex<FakeState>>::default();
    let info = EngineInfo {
        kind: EngineKind::Local,
        version: String::new(),
        address: String::new(),
        cgroup_version: None,
        is_here: true,
        app_armor: false,
        app_armor_profile: None,
        se_linux: false,
    };
    let limits = PoolLimits { max_cells, memory_bytes, idle_timeout: Duration::from_secs(60) };
    (Pool::new(Arc::new(Fake { info, state: state.clone() }), limits, Arc::default()), state)
}

fn line(runtime: &str, min: usize, max: usize) -> LineSpec {
    let cell = CellSpec {
        runtime: runtime.into(),
        image: Image { id: "none".into(), size_bytes: None },
        isolation: Isolation::Nested,
        memory_bytes: 100 * MIB,
        processes: 1,
        files_bytes: MIB,
        overlay: Vec::new(),
        warm: Vec::new(),
    };
    LineSpec { key: runtime.into(), cell, min, max }
}

async fn lease(pool: &Pool, key: &str) -> Result<Lease, PoolError> {
    pool.hold(key).unwrap().lease().await
}

/// Live cells of each runtime.
fn live(pool: &Pool) -> Vec<(String, usize)> {
    pool.census().into_iter().map(|(runtime, live, _)| (runtime, live)).collect()
}

fn counts(expected: &[(&str, usize)]) -> Vec<(String, usize)> {
    expected.iter().map(|(runtime, count)| ((*runtime).to_owned(), *count)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_cell_that_is_ready_is_lent_at_once_and_comes_back() {
    let (pool, engine) = pool(8, u64::MAX);
    pool.open_line(line("a", 1, 2));
    sleep(Duration::from_secs(1)).await;
    let begun = Instant::now();
    for _ in 0..5 {
        lease(&pool, "a").await.unwrap().give_back();
    }
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert_eq!(engine.lock().unwrap().opened, 1);
}

#[tokio::test(start_paused = true)]
async fn a_line_grows_with_demand_and_shrinks_when_it_has_been_idle() {
    let (pool, engine) = pool(8, u64::MAX);
    pool.open_line(line("a", 1, 3));
    let leases = [lease(&pool, "a").await, lease(&pool, "a").await, lease(&pool, "a").await];
    assert_eq!(live(&pool), counts(&[("a", 3)]));
    leases.into_iter().for_each(|lease| lease.unwrap().give_back());
    sleep(Duration::from_secs(50)).await;
    // The one that is used meanwhile stays.
    lease(&pool, "a").await.unwrap().give_back();
    sleep(Duration::from_secs(20)).await;
    assert_eq!(live(&pool), counts(&[("a", 1)]));
    assert_eq!(engine.lock().unwrap().alive.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn memory_of_all_lines_is_bounded_and_idle_cells_of_others_make_room() {
    let (pool, engine) = pool(8, 350 * MIB);
    pool.open_line(line("old", 1, 2));
    sleep(Duration::from_secs(1)).await;
    pool.open_line(line("new", 1, 2));
    sleep(Duration::from_secs(1)).await;
    let spare = lease(&pool, "old").await.unwrap();
    lease(&pool, "old").await.unwrap().give_back();
    spare.give_back();
    assert_eq!(live(&pool), counts(&[("new", 1), ("old", 2)]));
    pool.open_line(line("third", 0, 4));
    // First what is beyond that which its line keeps ready, then what has been idle longest.
    let first = lease(&pool, "third").await.unwrap();
    assert_eq!(live(&pool), counts(&[("new", 1), ("old", 1), ("third", 1)]));
    let second = lease(&pool, "third").await.unwrap();
    assert_eq!(live(&pool), counts(&[("new", 0), ("old", 1), ("third", 2)]));
    assert_eq!(engine.lock().unwrap().alive.len(), 3);
    // What was taken away comes back as soon as there is room.
    drop((first, second));
    sleep(Duration::from_secs(6)).await;
    assert_eq!(live(&pool), counts(&[("new", 1), ("old", 1), ("third", 0)]));
}

#[tokio::test(start_paused = true)]
async fn a_run_waits_for_a_cell_of_its_line_while_others_are_lent() {
    let (pool, _) = pool(8, 200 * MIB);
    pool.open_line(line("a", 0, 1));
    pool.open_line(line("b", 0, 1));
    let (a, b) = (lease(&pool, "a").await.unwrap(), lease(&pool, "b").await.unwrap());
    let wait = async {
        sleep(Duration::from_secs(2)).await;
        a.give_back();
    };
    let begun = Instant::now();
    let (again, ()) = tokio::join!(lease(&pool, "a"), wait);
    assert!(again.is_ok() && begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    drop(b);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_gets_no_cell_is_refused_in_the_end() {
    let (pool, _) = pool(8, u64::MAX);
    pool.open_line(line("a", 0, 1));
    let _held = lease(&pool, "a").await.unwrap();
    let begun = Instant::now();
    assert!(matches!(lease(&pool, "a").await, Err(PoolError::Engine(EngineError::Timeout { .. }))));
    assert_eq!(begun.elapsed(), LEASE_TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn a_cell_larger_than_the_bound_is_made_when_it_is_the_only_one() {
    let (pool, _) = pool(8, 50 * MIB);
    pool.open_line(line("a", 1, 2));
    sleep(Duration::from_secs(1)).await;
    pool.open_line(line("b", 0, 2));
    let _lease = lease(&pool, "b").await.unwrap();
    assert_eq!(live(&pool), counts(&[("a", 0), ("b", 1)]));
}

#[tokio::test(start_paused = true)]
async fn cells_that_die_while_idle_are_replaced() {
    let (pool, engine) = pool(8, u64::MAX);
    pool.open_line(line("a", 2, 2));
    sleep(Duration::from_secs(1)).await;
    let names = || engine.lock().unwrap().alive.keys().cloned().collect::<HashSet<_>>();
    let first = names();
    engine.lock().unwrap().alive.clear();
    sleep(Duration::from_secs(10)).await;
    assert_eq!(live(&pool), counts(&[("a", 2)]));
    assert!(names().len() == 2 && names().is_disjoint(&first), "{:?}", names());
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_refuses_is_asked_less_and_less_often() {
    let (pool, engine) = pool(8, u64::MAX);
    engine.lock().unwrap().refusing = true;
    pool.open_line(line("a", 1, 1));
    sleep(Duration::from_secs(120)).await;
    let refused = engine.lock().unwrap().refused.clone();
    assert!((8..15).contains(&refused.len()), "{}", refused.len());
    let pauses: Vec<_> = refused.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.is_sorted(), "{pauses:?}");
    engine.lock().unwrap().refusing = false;
    sleep(Duration::from_secs(40)).await;
    assert_eq!(live(&pool), counts(&[("a", 1)]));
}

#[tokio::test(start_paused = true)]
async fn one_new_cell_that_does_not_stand_is_no_reason_to_refuse_a_run_two_are() {
    for (stillborn, served) in [(1, true), (2, false)] {
        let (pool, engine) = pool(8, u64::MAX);
        pool.open_line(line("a", 0, 1));
        engine.lock().unwrap().stillborn = stillborn;
        let leased = lease(&pool, "a").await;
        assert_eq!(leased.is_ok(), served, "{:?}", leased.err());
    }
}

/// Another version of a runtime.
fn version_of(runtime: &str, key: &str) -> LineSpec {
    LineSpec { key: key.into(), ..line(runtime, 1, 2) }
}

#[tokio::test(start_paused = true)]
async fn a_line_that_drains_serves_those_who_hold_it_and_nobody_else() {
    let (pool, engine) = pool(8, u64::MAX);
    pool.open_line(version_of("a", "a@1"));
    sleep(Duration::from_secs(1)).await;
    let (running, waiting) = (pool.hold("a@1").unwrap(), pool.hold("a@1").unwrap());
    let lent = running.lease().await.unwrap();
    pool.open_line(version_of("a", "a@2"));
    pool.drain_line("a@1");
    assert!(pool.hold("a@1").is_none());
    lent.give_back();
    drop(running);
    let late = waiting.lease().await.unwrap();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(live(&pool), counts(&[("a", 2)]));
    // Its last cell is still out: it is not put back.
    drop(waiting);
    late.give_back();
    sleep(Duration::from_secs(10)).await;
    assert_eq!(live(&pool), counts(&[("a", 1)]));
    assert_eq!(engine.lock().unwrap().alive.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_line_that_nobody_holds_drains_at_once() {
    let (pool, engine) = pool(8, u64::MAX);
    pool.open_line(line("a", 2, 2));
    sleep(Duration::from_secs(1)).await;
    pool.drain_line("a");
    assert_eq!(live(&pool), counts(&[]));
    assert_eq!(engine.lock().unwrap().alive.len(), 0);
    // Nor does one that is being made come later.
    pool.open_line(line("b", 1, 1));
    sleep(Duration::from_millis(100)).await;
    pool.drain_line("b");
    sleep(Duration::from_secs(10)).await;
    assert_eq!((live(&pool), engine.lock().unwrap().alive.len()), (counts(&[]), 0));
}

#[tokio::test(start_paused = true)]
async fn cells_that_wait_in_a_line_that_drains_make_room_for_others() {
    let (pool, _) = pool(2, u64::MAX);
    pool.open_line(version_of("a", "a@1"));
    sleep(Duration::from_secs(1)).await;
    let (first, second) = (pool.hold("a@1").unwrap(), pool.hold("a@1").unwrap());
    let lent = first.lease().await.unwrap();
    second.lease().await.unwrap().give_back();
    pool.drain_line("a@1");
    pool.open_line(line("b", 0, 1));
    assert!(lease(&pool, "b").await.is_ok());
    drop(lent);
}

#[tokio::test(start_paused = true)]
async fn a_line_that_is_closed_says_so() {
    let (pool, _) = pool(8, u64::MAX);
    pool.open_line(line("a", 0, 1));
    let held = pool.hold("a").unwrap();
    pool.close_line("a");
    assert!(matches!(held.lease().await, Err(PoolError::NoLine(_))));
    pool.open_line(line("a", 0, 1));
    let held = pool.hold("a").unwrap();
    pool.close();
    assert!(matches!(held.lease().await, Err(PoolError::Closed)));
}

#[tokio::test(start_paused = true)]
async fn a_cell_that_steps_aside_keeps_no_place_of_its_line() {
    let (pool, engine) = pool(3, u64::MAX);
    pool.open_line(line("a", 0, 1));
    let mut talking = lease(&pool, "a").await.unwrap();
    talking.step_aside();
    talking.step_aside();
    let other = lease(&pool, "a").await.unwrap();
    assert_eq!(engine.lock().unwrap().alive.len(), 2);
    assert_eq!(live(&pool), counts(&[("a", 1)]));
    // Its line is full: it goes, and nobody counts it any more.
    talking.give_back();
    assert_eq!(engine.lock().unwrap().alive.len(), 1);
    other.give_back();
    assert_eq!(pool.shared.used().cells, 1);

    let mut talking = lease(&pool, "a").await.unwrap();
    talking.step_aside();
    assert_eq!(live(&pool), counts(&[("a", 0)]));
    talking.give_back();
    assert_eq!((live(&pool), pool.shared.used().cells), (counts(&[("a", 1)]), 1));
    let mut lost = lease(&pool, "a").await.unwrap();
    lost.step_aside();
    drop(lost);
    assert_eq!((live(&pool), pool.shared.used().cells), (counts(&[("a", 0)]), 0));
}

#[tokio::test(start_paused = true)]
async fn an_old_cell_is_replaced_when_it_is_idle_its_successor_first() {
    let (pool, engine) = pool(8, u64::MAX);
    pool.open_line(line("a", 1, 2));
    sleep(Duration::from_secs(1)).await;
    let opened = || engine.lock().unwrap().opened;
    // Faster than the line is tended: more runs than make a cell old, and none that waits for another.
    for _ in 0..150 {
        let begun = Instant::now();
        lease(&pool, "a").await.unwrap().give_back();
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
    // Nor while somebody wants it again and again.
    for _ in 0..30 {
        lease(&pool, "a").await.unwrap().give_back();
        sleep(Duration::from_millis(400)).await;
    }
    assert_eq!(opened(), 1);
    for _ in 0..60 {
        sleep(Duration::from_millis(100)).await;
        assert!(pool.census()[0].2 >= 1, "nobody waits while the successor is made");
    }
    assert_eq!((opened(), live(&pool)), (2, counts(&[("a", 1)])));
    // One that is in use all the time goes in the end.
    for _ in 0..10_000 {
        lease(&pool, "a").await.unwrap().give_back();
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!((opened(), live(&pool)), (3, counts(&[("a", 1)])));
}
