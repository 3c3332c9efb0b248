//! A plan's way from the queue to its result.

use std::time::Duration;

use polyground_protocol::{RunId, Stop};
use regex::Regex;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Artifact, Busy, Event, Outcome, RunReport, StageReport, Stdin,
    conversation::{Broken, CALLER_PATIENCE, Caller, Conversation, Finished, end_run},
    plan::{Plan, StageName},
};
use crate::{
    metrics::{Metrics, NotStarted},
    pool::{Held, Lease, Place, PoolError, Ticket},
};

/// How often a run is begun when a cell fails under it before the caller has been told anything.
const ATTEMPTS: u32 = 2;

/// How often a run is given a cell that turns out to be dead before anything of the run has begun.
const DEAD_CELLS: u32 = 2;

/// A run that may start, with all that it needs.
pub(crate) struct Drive<'a> {
    /// Time-ordered.
    pub(crate) id: Uuid,
    /// Where its cell comes from.
    pub(crate) cells: Held,
    pub(crate) plan: Plan,
    pub(crate) events: mpsc::Sender<Event>,
    /// When the request came.
    pub(crate) received: Instant,
    /// Cancels the run when the server stops.
    pub(crate) stop: CancellationToken,
    /// Why the engine does not answer, while it does not.
    pub(crate) engine: watch::Receiver<Option<String>>,
    /// Its place among those that run, where it holds one.
    pub(crate) place: Option<&'a Ticket>,
    /// Who counts it, where it is a caller's.
    pub(crate) metrics: Option<&'a Metrics>,
}

/// What the stages came to.
struct Result {
    outcome: Outcome,
    stages: Vec<StageReport>,
    artifacts: Vec<Artifact>,
    artifacts_left_out: u32,
    warm: bool,
    /// Whether a bound was hit, after which the cell is not used again.
    hit_bound: bool,
}

impl Result {
    fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            stages: Vec::new(),
            artifacts: Vec::new(),
            artifacts_left_out: 0,
            warm: false,
            hit_bound: false,
        }
    }
}

/// A run that a cell failed under.
struct Failure {
    cause: Broken,
    /// Whether the caller has seen output, which a second attempt would repeat.
    has_spoken: bool,
    /// Whether any of the program may have run.
    has_begun: bool,
}

/// Waits until the ticket admits. An error: the caller has left or been refused.
pub(crate) async fn wait_for_place(
    ticket: &mut Ticket,
    events: &mpsc::Sender<Event>,
    stop: &CancellationToken,
    longest: Duration,
    retry_after: impl Fn() -> Duration,
) -> std::result::Result<(), NotStarted> {
    let deadline = Instant::now() + longest;
    let mut place = ticket.place();
    while let Place::Waiting(position) = place {
        // A caller that does not take its events may miss a position, never the end.
        let _ = events.try_send(Event::Queued { position });
        tokio::select! {
            changed = ticket.changed() => place = changed,
            () = events.closed() => return Err(NotStarted::Left),
            () = stop.cancelled() => {
                let _ = events.send(Event::Refused(Busy::ShuttingDown)).await;
                return Err(NotStarted::Stopped);
            }
            () = sleep_until(deadline) => {
                let busy = Busy::QueueTimeout { waited: longest, retry_after: retry_after() };
                let _ = events.send(Event::Refused(busy)).await;
                return Err(NotStarted::Timeout);
            }
        }
    }
    ticket.changed().await;
    Ok(())
}

/// Waits until the engine does not answer, and says why.
async fn engine_down(engine: &mut watch::Receiver<Option<String>>) -> String {
    loop {
        if let Some(reason) = engine.borrow_and_update().clone() {
            return reason;
        }
        if engine.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drive<'_> {
    /// Carries the run through and tells its events. Gives the lease and run to close when its program has ended.
    pub(crate) async fn run(mut self) -> Option<Leftover> {
        let id = self.id;
        let mut queued = None;
        let (mut begun, mut dead) = (0, 0);
        while begun < ATTEMPTS && dead <= DEAD_CELLS {
            let lease = tokio::select! {
                lease = self.cells.lease() => lease,
                () = self.events.closed() => {
                    self.tell_not_started(NotStarted::Left, queued);
                    return None;
                }
                () = self.stop.cancelled() => Err(PoolError::Closed),
                reason = engine_down(&mut self.engine) => {
                    self.tell_not_started(NotStarted::NoCell, queued);
                    let _ = self.events.send(Event::Refused(Busy::EngineDown { reason })).await;
                    return None;
                }
            };
            let mut lease = match lease {
                Ok(lease) => lease,
                Err(error) => {
                    let stopped = matches!(error, PoolError::Closed);
                    self.tell_not_started(
                        if stopped { NotStarted::Stopped } else { NotStarted::NoCell },
                        queued,
                    );
                    self.refuse(&error).await;
                    return None;
                }
            };
            if queued.is_none() {
                let waited = self.received.elapsed();
                self.metrics.iter().for_each(|metrics| metrics.run_started(waited));
                queued = Some(waited);
                let started = Event::Started { id, runtime: self.plan.reference.clone() };
                let _ = self.events.send(started).await;
            }
            match self.attempt(&mut lease).await {
                Ok((result, run)) => {
                    let reusable = !result.hit_bound;
                    self.finish(id, queued.unwrap_or_default(), result).await;
                    return Some(Leftover { lease, run, reusable });
                }
                Err(failure) => {
                    let cell = &lease.cell().name;
                    tracing::error!(cell, error = %failure.cause, has_begun = failure.has_begun, "a cell failed under a run");
                    if failure.has_begun {
                        begun += 1;
                    } else {
                        // Whatever befell it while it was idle may have befallen the others too.
                        dead += 1;
                        self.cells.distrust_idle();
                    }
                    if failure.has_spoken || matches!(self.plan.stdin, Stdin::Live(_)) {
                        break;
                    }
                }
            }
        }
        let result = Result { hit_bound: true, ..Result::new(Outcome::InternalError) };
        self.finish(id, queued.unwrap_or_default(), result).await;
        None
    }

    /// One attempt in one cell: stage after stage, as long as each succeeds.
    async fn attempt(&mut self, lease: &mut Lease) -> std::result::Result<(Result, RunId), Failure> {
        let caller = Caller { events: &self.events, stop: &self.stop };
        let begin = self.plan.begin();
        let interactive = self.plan.interaction.is_some();
        let mut conversation =
            Conversation::new(lease, caller, &mut self.plan.stdin, self.plan.interaction.as_mut());
        let fail = |cause, told: &Conversation<'_>| Failure {
            cause,
            has_spoken: told.has_spoken,
            has_begun: told.has_begun,
        };
        let begun = conversation.begin(&self.plan.files, begin);
        begun.map_err(|cause| fail(cause, &conversation))?;
        let mut result = Result::new(Outcome::Succeeded);
        let mut stopped = None;
        for stage in &self.plan.stages {
            if interactive && stage.name == StageName::Run {
                // From here on it mostly waits for its caller, who may take minutes.
                conversation.step_aside();
                self.place.iter().for_each(|place| place.step_aside());
            }
            let finished = match conversation.stage(stage).await {
                Ok(finished) => finished,
                Err(cause) => return Err(fail(cause, &conversation)),
            };
            result.outcome = outcome(stage.name, &finished, self.plan.runtime.out_of_memory.as_ref());
            stopped = finished.end.stop;
            result.hit_bound |= finished.end.stop.is_some_and(|stop| stop != Stop::Cancelled);
            let (name, wall_ms) = (finished.report.name, finished.report.wall_ms);
            self.metrics.iter().for_each(|metrics| metrics.stage_ended(&self.plan.runtime.id, name, wall_ms));
            result.stages.push(finished.report);
            if conversation.is_cancelled() {
                result.outcome = Outcome::Cancelled;
            } else if conversation.has_idled && finished.end.stop == Some(Stop::Cancelled) {
                result.outcome = Outcome::TimedOut;
            }
            if result.outcome != Outcome::Succeeded {
                break;
            }
        }
        if let Some(wanted) = &self.plan.collect
            && !conversation.is_cancelled()
            && !conversation.is_silent
            && result.stages.last().is_some_and(|stage| stage.name == StageName::Run.as_str())
        {
            // The agent was asked with the stage, but leaves it where that was cancelled.
            let asked = stopped != Some(Stop::Cancelled);
            let collected = conversation.collect(wanted, asked).await;
            (result.artifacts, result.artifacts_left_out) =
                collected.map_err(|cause| fail(cause, &conversation))?;
        }
        result.warm = conversation.warm;
        Ok((result, conversation.run))
    }

    #[allow(clippy::cast_precision_loss)] // microseconds of a run are far below 2^52
    async fn finish(&self, id: Uuid, queued: Duration, result: Result) {
        let millis = |time: Duration| time.as_micros() as f64 / 1000.0;
        let report = RunReport {
            id,
            runtime: self.plan.reference.clone(),
            outcome: result.outcome,
            stages: result.stages,
            artifacts: result.artifacts,
            artifacts_left_out: result.artifacts_left_out,
            queue_ms: millis(queued),
            total_ms: millis(self.received.elapsed()),
            warm: result.warm,
        };
        if let Some(metrics) = self.metrics {
            let outcome = report.outcome.as_str();
            metrics.run_ended(&report.runtime.id, outcome, self.received.elapsed(), report.warm);
        }
        tracing::info!(outcome = report.outcome.as_str(), total_ms = report.total_ms, "run ended");
        let _ = self.events.send_timeout(Event::Done(Box::new(report)), CALLER_PATIENCE).await;
    }

    /// Counts a run that ends without a cell, unless it had one that failed.
    fn tell_not_started(&self, cause: NotStarted, queued: Option<Duration>) {
        if let (Some(metrics), None) = (self.metrics, queued) {
            metrics.run_not_started(cause);
        }
    }

    async fn refuse(&self, error: &PoolError) {
        let runtime = self.plan.runtime.id.clone();
        let busy = match error {
            PoolError::Closed => Busy::ShuttingDown,
            error => {
                tracing::error!(%runtime, %error, "there is no cell for a run");
                match error.engine_down() {
                    Some(reason) => Busy::EngineDown { reason },
                    None => Busy::Unavailable { runtime, reason: error.to_string() },
                }
            }
        };
        let _ = self.events.send(Event::Refused(busy)).await;
    }
}

/// A cell whose program has ended and whose sandbox still stands.
pub(crate) struct Leftover {
    lease: Lease,
    run: RunId,
    reusable: bool,
}

impl Leftover {
    /// Has the sandbox wiped, and gives the cell back when it is armed again.
    pub(crate) async fn wipe(mut self) {
        if !self.reusable {
            return;
        }
        match end_run(&mut self.lease, self.run).await {
            Ok(true) => self.lease.give_back(),
            Ok(false) => self.lease.spend(),
            Err(error) => {
                let cell = &self.lease.cell().name;
                tracing::warn!(cell, %error, "a cell could not be wiped and is destroyed");
            }
        }
    }
}

/// What a stage's end means for its run.
fn outcome(stage: StageName, finished: &Finished, out_of_memory: Option<&Regex>) -> Outcome {
    match finished.end.stop {
        Some(Stop::WallTime | Stop::CpuTime) => return Outcome::TimedOut,
        Some(Stop::Memory) => return Outcome::OutOfMemory,
        Some(Stop::Output) => return Outcome::OutputLimit,
        Some(Stop::Cancelled) => return Outcome::Cancelled,
        None => {}
    }
    if finished.end.exit_code == Some(0) {
        return Outcome::Succeeded;
    }
    let says_so = |pattern: &Regex| pattern.is_match(&String::from_utf8_lossy(&finished.report.stderr));
    if out_of_memory.is_some_and(says_so) {
        return Outcome::OutOfMemory;
    }
    match stage {
        StageName::Compile => Outcome::CompileFailed,
        StageName::Run | StageName::Format | StageName::Detect => Outcome::Failed,
    }
}
