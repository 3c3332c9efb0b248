//! Takes requests to events: chooses the runtime, checks, queues, and lets the run go its way in a task of its own.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;
use uuid::Uuid;

use super::{
    Busy, Event, InteractiveLimits, Rejection, RunReport, RunRequest, WarmStart,
    conversation::EVENTS,
    drive::{Drive, wait_for_place},
    plan::Plan,
};
use crate::{
    catalog::{Catalog, Chosen, NotChosen},
    metrics::Metrics,
    pool::{
        Admission, AdmissionLimits, Caller, Full, Held, Load, NoSeat, Pool, PoolError, SeatLimits, Seats,
    },
    runtime::Runtime,
};

/// How often a runtime is chosen for one request when what was chosen ends at that moment.
const CHOICES: u32 = 3;

/// Bounds on how requests wait.
#[derive(Debug, Clone, Copy)]
pub struct QueueLimits {
    /// Programs that run at once.
    pub running: usize,
    /// Requests that wait behind them.
    pub waiting: usize,
    /// Of them, requests of one caller.
    pub waiting_of_one: usize,
    /// How long each may wait.
    pub longest_wait: Duration,
    /// Interactive programs, which have places of their own.
    pub interactive: InteractiveLimits,
}

impl QueueLimits {
    /// For a command that runs one program.
    pub fn for_one_run(longest_wait: Duration) -> Self {
        let interactive = InteractiveLimits { most: 1, ..InteractiveLimits::default() };
        Self { running: 1, waiting: 1, waiting_of_one: 1, longest_wait, interactive }
    }
}

/// Runs programs.
pub struct Runner {
    catalog: Arc<Catalog>,
    pool: Arc<Pool>,
    admission: Arc<Admission>,
    seats: Arc<Seats>,
    limits: QueueLimits,
    always_warm: bool,
    metrics: Arc<Metrics>,
    tasks: TaskTracker,
    stop: CancellationToken,
    /// Why the engine does not answer, while it does not.
    engine_problem: watch::Sender<Option<String>>,
}

/// A run under way. Dropping it cancels the run: its program is dead within a second.
#[derive(Debug)]
pub struct Running {
    /// What happens, ending with [`Event::Done`] or [`Event::Refused`].
    pub events: mpsc::Receiver<Event>,
}

impl Runner {
    /// A runner for what `catalog` lists, in the cells of `pool`.
    /// Where it is `always_warm`, runs wait for processes that could not be started before them.
    pub fn new(
        catalog: Arc<Catalog>,
        pool: Arc<Pool>,
        limits: QueueLimits,
        always_warm: bool,
        metrics: Arc<Metrics>,
    ) -> Self {
        let admission = Admission::with_limits(AdmissionLimits {
            running: limits.running,
            waiting: limits.waiting,
            waiting_of_one: limits.waiting_of_one,
            memory_bytes: pool.limits().memory_bytes,
        });
        let seats = Seats::new(SeatLimits {
            all: limits.interactive.most,
            of_one: limits.interactive.most_of_one,
            memory_bytes: pool.limits().memory_bytes / 2,
        });
        Self {
            catalog,
            pool,
            admission,
            seats,
            limits,
            always_warm,
            metrics,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            engine_problem: watch::Sender::new(None),
        }
    }

    /// Says why the engine does not answer, or that it does. While it does not, requests are refused at once, and runs that wait
    /// for a cell are given up.
    pub fn set_engine_problem(&self, problem: Option<String>) {
        self.engine_problem.send_replace(problem);
    }

    /// Why the engine does not answer, while it does not.
    pub fn engine_problem(&self) -> Option<String> {
        self.engine_problem.borrow().clone()
    }

    /// Starts a request of nobody in particular.
    ///
    /// # Errors
    /// As [`Runner::start_as`].
    pub fn start(&self, request: RunRequest) -> Result<Running, Rejection> {
        self.start_as(Caller::anonymous(), request)
    }

    /// Checks the request and starts it; the run goes on in a task of its own. Callers that wait take turns.
    ///
    /// # Errors
    /// When it cannot be run as asked, or not now. Nothing has been started then.
    pub fn start_as(&self, caller: Caller, mut request: RunRequest) -> Result<Running, Rejection> {
        let received = Instant::now();
        if self.tasks.is_closed() {
            return Err(Rejection::Busy(Busy::ShuttingDown));
        }
        if self.always_warm && request.warm == WarmStart::IfStarted {
            request.warm = WarmStart::Always;
        }
        let (chosen, cells) = self.choose(&request)?;
        if let Some(reason) = self.engine_problem() {
            return Err(Rejection::Busy(Busy::EngineDown { reason }));
        }
        let plan = Plan::new(chosen.runtime, &chosen.version, request, &self.limits.interactive)?;
        let claim = cells.claim(caller);
        let seat = plan.interaction.is_some().then(|| self.seats.take(&claim.caller, claim.memory_bytes));
        let seat = seat.transpose().map_err(|none| Rejection::Busy(none.into()))?;
        let mut ticket = self.admission.enter_as(claim).map_err(|full| Rejection::Busy(full.into()))?;
        let (sender, events) = mpsc::channel(EVENTS);
        let (admission, stop) = (self.admission.clone(), self.stop.clone());
        let longest = self.limits.longest_wait;
        let engine = self.engine_problem.subscribe();
        let (id, metrics) = (Uuid::now_v7(), self.metrics.clone());
        let span = tracing::info_span!("run", run_id = %id, runtime = plan.runtime.id);
        let whole = async move {
            let retry_after = || admission.retry_after();
            if let Err(cause) = wait_for_place(&mut ticket, &sender, &stop, longest, retry_after).await {
                metrics.run_not_started(cause);
                return;
            }
            let (place, metrics) = (Some(&ticket), Some(&*metrics));
            let drive = Drive { id, cells, plan, events: sender, received, stop, engine, place, metrics };
            let leftover = drive.run().await;
            drop((ticket, seat));
            if let Some(leftover) = leftover {
                leftover.wipe().await;
            }
        };
        self.tasks.spawn(whole.instrument(span));
        Ok(Running { events })
    }

    /// The runtime that a request means, and its cells: they stay until the run has ended, whatever becomes of the runtime.
    fn choose(&self, request: &RunRequest) -> Result<(Chosen, Held), Rejection> {
        let mut missing = String::new();
        for _ in 0..CHOICES {
            let chosen = self.catalog.choose(&request.language, request.version.as_deref())?;
            match self.pool.hold(&chosen.line) {
                Some(cells) => return Ok((chosen, cells)),
                // Its runtime has been changed or removed at this moment: the catalog says what there is now.
                None => missing = chosen.runtime.id.clone(),
            }
        }
        let reason = "it changes faster than it can be used".to_owned();
        Err(Rejection::Busy(Busy::Unavailable { runtime: missing, reason }))
    }

    /// Runs a request on one runtime in the cells of one line, whatever the catalog says of it and however many wait: for
    /// the server's own needs.
    ///
    /// # Errors
    /// When the request is wrong or there is no cell.
    pub async fn run_unlisted(
        &self,
        runtime: &Arc<Runtime>,
        line: &str,
        version: &str,
        request: RunRequest,
    ) -> Result<RunReport, Rejection> {
        self.run_alone(line, Plan::new(runtime.clone(), version, request, &self.limits.interactive)?).await
    }

    /// Runs a runtime's `detect` command in its sandbox.
    ///
    /// # Errors
    /// When there is no cell.
    pub async fn detect(&self, runtime: &Arc<Runtime>, line: &str) -> Result<RunReport, Rejection> {
        self.run_alone(line, Plan::detect(runtime.clone())).await
    }

    async fn run_alone(&self, line: &str, plan: Plan) -> Result<RunReport, Rejection> {
        let (sender, mut events) = mpsc::channel(EVENTS);
        let Some(cells) = self.pool.hold(line) else {
            let reason = PoolError::NoLine(line.to_owned()).to_string();
            return Err(Rejection::Busy(Busy::Unavailable { runtime: plan.runtime.id.clone(), reason }));
        };
        let (stop, engine) = (self.stop.clone(), self.engine_problem.subscribe());
        let id = Uuid::now_v7();
        let span = tracing::info_span!("own_run", run_id = %id, runtime = plan.runtime.id);
        let whole = async move {
            let received = Instant::now();
            let drive =
                Drive { id, cells, plan, events: sender, received, stop, engine, place: None, metrics: None };
            if let Some(leftover) = drive.run().await {
                leftover.wipe().await;
            }
        };
        self.tasks.spawn(whole.instrument(span));
        while let Some(event) = events.recv().await {
            match event {
                Event::Done(report) => return Ok(*report),
                Event::Refused(busy) => return Err(Rejection::Busy(busy)),
                Event::Queued { .. }
                | Event::Started { .. }
                | Event::StageBegun { .. }
                | Event::Output(_)
                | Event::Artifact(_)
                | Event::Warning { .. }
                | Event::StageEnded(_) => {}
            }
        }
        Err(Rejection::Busy(Busy::ShuttingDown))
    }

    /// How many interactive programs run or begin now.
    pub fn interactive(&self) -> usize {
        self.seats.taken()
    }

    /// How many programs run and wait now.
    pub fn load(&self) -> Load {
        self.admission.load()
    }

    /// Takes no more requests. Those under way go on.
    pub fn refuse_more(&self) {
        self.tasks.close();
    }

    /// Whether it takes no more requests.
    pub fn is_closed(&self) -> bool {
        self.tasks.is_closed()
    }

    /// Takes no more requests and cancels those under way: their callers are told.
    pub fn close(&self) {
        self.refuse_more();
        self.stop.cancel();
    }

    /// Waits, after [`Runner::refuse_more`] or [`Runner::close`], until every run has ended.
    pub async fn ended(&self) {
        self.tasks.wait().await;
    }
}

impl From<Full> for Busy {
    fn from(full: Full) -> Self {
        let Full { running, waiting, waiting_of_one, retry_after } = full;
        match waiting_of_one {
            Some(own) => Self::ShareFull { own, retry_after },
            None => Self::QueueFull { running, waiting, retry_after },
        }
    }
}

impl From<NoSeat> for Busy {
    fn from(NoSeat { taken, own }: NoSeat) -> Self {
        Self::NoSeat { taken, own }
    }
}

impl From<NotChosen> for Rejection {
    fn from(reason: NotChosen) -> Self {
        match reason {
            NotChosen::UnknownLanguage { asked, nearest, known } => {
                Self::UnknownLanguage { asked, nearest, known }
            }
            NotChosen::NoVersion { language, asked, known } => Self::NoVersion { language, asked, known },
            NotChosen::BadRange { detail } => Self::Field { field: "version".into(), detail },
            NotChosen::Preparing { runtime, step } => {
                Self::Busy(Busy::Preparing { runtime, step, retry_after: Duration::from_secs(5) })
            }
            NotChosen::Unavailable { runtime, reason } => Self::Busy(Busy::Unavailable { runtime, reason }),
        }
    }
}
