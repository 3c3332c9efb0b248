//! Many clients at once: how much is done each second, and what is said to those for whom there is no room.

use std::{
    cell::RefCell,
    collections::VecDeque,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    rc::Rc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use hyper::StatusCode;
use tokio::{
    task::{LocalSet, spawn_local},
    time::{MissedTickBehavior, interval, sleep},
};

use crate::{
    http::Client,
    program::Program,
    stats::{Times, millis},
};

/// Connections that the overload may use.
const CONNECTIONS: usize = 256;

/// As many callers share the overload, each from its own loopback address.
const CALLERS: u8 = 4;

/// What became of an overload.
#[derive(Debug, Clone)]
pub(crate) struct Overload {
    pub(crate) offered: f64,
    pub(crate) served: f64,
    pub(crate) refusals: Option<Times>,
    /// Requests that were not even sent, because every connection was in use.
    pub(crate) unsent: usize,
}

/// Each client asks again as soon as it has its answer. Gives runs each second.
pub(crate) async fn closed(
    server: SocketAddr,
    program: &Program,
    body: &Bytes,
    clients: usize,
    time: Duration,
) -> anyhow::Result<f64> {
    let (local, begun) = (LocalSet::new(), Instant::now());
    let ended = local.run_until(async {
        let tasks: Vec<_> = (0..clients)
            .map(|_| {
                let (program, body) = (program.clone(), body.clone());
                spawn_local(async move {
                    let mut client = Client::connect(server, None).await?;
                    let mut ended = 0_u32;
                    while begun.elapsed() < time {
                        client.post(body.clone()).await?.check(&program)?;
                        ended += 1;
                    }
                    Ok::<_, anyhow::Error>(ended)
                })
            })
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await??;
        }
        Ok::<_, anyhow::Error>(sum)
    });
    Ok(f64::from(ended.await?) / begun.elapsed().as_secs_f64())
}

#[derive(Default)]
struct Seen {
    served: usize,
    refusals: Vec<f64>,
    unsent: usize,
    failure: Option<anyhow::Error>,
}

/// Requests come at this rate, whatever becomes of those before.
///
/// # Errors
/// When an answer is neither right nor a 429 that says when to come back.
pub(crate) async fn open(
    server: SocketAddr,
    program: &Program,
    body: &Bytes,
    per_second: f64,
    time: Duration,
) -> anyhow::Result<Overload> {
    let mut idle = VecDeque::new();
    for index in 0..CONNECTIONS {
        let caller = u8::try_from(index % usize::from(CALLERS))? + 1;
        idle.push_back(Client::connect(server, Some(IpAddr::V4(Ipv4Addr::new(127, 0, 0, caller)))).await?);
    }
    let (idle, seen) = (Rc::new(RefCell::new(idle)), Rc::new(RefCell::new(Seen::default())));
    let begun = Instant::now();
    let mut sent = 0_u32;
    LocalSet::new()
        .run_until(async {
            let mut ticks = interval(Duration::from_millis(2));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
            while begun.elapsed() < time {
                ticks.tick().await;
                while f64::from(sent) < begun.elapsed().as_secs_f64() * per_second {
                    sent += 1;
                    // The one that has been idle longest, so that callers alternate.
                    let free = idle.borrow_mut().pop_front();
                    let Some(client) = free else {
                        seen.borrow_mut().unsent += 1;
                        continue;
                    };
                    let (idle, seen) = (idle.clone(), seen.clone());
                    let (program, body) = (program.clone(), body.clone());
                    spawn_local(one(client, program, body, begun + time, idle, seen));
                }
            }
            // Those under way shall hear their end; they no longer count.
            let end = Instant::now() + Duration::from_secs(60);
            while idle.borrow().len() < CONNECTIONS && seen.borrow().failure.is_none() && Instant::now() < end
            {
                sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
    let mut seen = seen.borrow_mut();
    if let Some(failure) = seen.failure.take() {
        return Err(failure);
    }
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX)) / time.as_secs_f64();
    Ok(Overload {
        offered: f64::from(sent) / time.as_secs_f64(),
        served: count(seen.served),
        refusals: Times::of(std::mem::take(&mut seen.refusals)),
        unsent: seen.unsent,
    })
}

async fn one(
    mut client: Client,
    program: Program,
    body: Bytes,
    end: Instant,
    idle: Rc<RefCell<VecDeque<Client>>>,
    seen: Rc<RefCell<Seen>>,
) {
    let answer = match client.post(body).await {
        Ok(answer) => answer,
        Err(error) => {
            seen.borrow_mut().failure = Some(error);
            return;
        }
    };
    if answer.status == StatusCode::TOO_MANY_REQUESTS && answer.retry_after.is_some_and(|after| after >= 1) {
        seen.borrow_mut().refusals.push(millis(answer.took));
    } else if let Err(error) = answer.check(&program) {
        seen.borrow_mut().failure = Some(error);
    } else if Instant::now() <= end {
        seen.borrow_mut().served += 1;
    }
    idle.borrow_mut().push_back(client);
}
