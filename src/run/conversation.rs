//! What server and agent say to each other in one run: files and stages go in, output and ends come out.

use std::time::Duration;

use bytes::Bytes;
use polyground_protocol::{
    Begin, CHUNK_BYTES, Collect, End, FileChunk, FromAgent, Isolation, RunId, StageEnd, StageSpec, Stop,
    Stream, ToAgent,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    Artifact, Event, Output, SourceFile, StageReport, Stdin,
    artifacts::Collection,
    feed::{Feed, next_live},
    interactive::{Control, Notice, Watch},
    plan::{PlannedInteraction, PlannedStage, StageName},
    written::Written,
};
use crate::{
    engine::{Link, LinkError},
    pool::{Lease, PoolError},
};

/// How long after a stage's bound on wall time the agent may take to say that it has ended.
const AGENT_GRACE: Duration = Duration::from_secs(5);

/// How long an agent may take to begin a stage that it has been sent. It waits for nothing but that: one that takes longer
/// has been stopped, or nothing comes through to it.
const BEGIN_PATIENCE: Duration = Duration::from_secs(6);

/// How long a caller may leave its events lying before it counts as gone.
pub(super) const CALLER_PATIENCE: Duration = Duration::from_secs(20);

/// How long a cell may take to be armed again after a run.
const REARM_PATIENCE: Duration = Duration::from_secs(5);

/// How many events may lie between a run and its caller.
pub(super) const EVENTS: usize = 256;

/// Why a run could not be carried through: our fault, and the end of its cell.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error(transparent)]
    Pool(#[from] PoolError),
    #[error("the agent failed: {0}")]
    Agent(String),
    #[error("the agent did not say that the stage had ended")]
    Overdue,
    #[error("the agent said {0} out of turn")]
    OutOfTurn(String),
}

/// Who is told, and who else may end a run.
#[derive(Clone, Copy)]
pub(super) struct Caller<'a> {
    pub(super) events: &'a mpsc::Sender<Event>,
    pub(super) stop: &'a CancellationToken,
}

/// One run in one cell.
pub(super) struct Conversation<'a> {
    lease: &'a mut Lease,
    pub(super) run: RunId,
    caller: Caller<'a>,
    stdin: &'a mut Stdin,
    /// What else the caller says, where it may.
    interaction: Option<&'a mut PlannedInteraction>,
    /// Whether the program was idle for too long.
    pub(super) has_idled: bool,
    /// Whether the caller has gone.
    gone: bool,
    /// Whether the server stops.
    stopping: bool,
    /// Whether the caller has been told of anything that a second attempt would repeat.
    pub(super) has_spoken: bool,
    /// Whether any of its program may have run.
    pub(super) has_begun: bool,
    /// Whether a process that had waited took a stage.
    pub(super) warm: bool,
    /// Whether the agent does not answer any more.
    pub(super) is_silent: bool,
}

/// A finished stage.
pub(super) struct Finished {
    pub(super) report: StageReport,
    pub(super) end: StageEnd,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(
        lease: &'a mut Lease,
        caller: Caller<'a>,
        stdin: &'a mut Stdin,
        interaction: Option<&'a mut PlannedInteraction>,
    ) -> Self {
        // The low half of a version 7 UUID is random.
        let run = RunId(uuid::Uuid::now_v7().as_u64_pair().1);
        Self {
            lease,
            run,
            caller,
            stdin,
            interaction,
            has_idled: false,
            gone: false,
            stopping: false,
            has_spoken: false,
            has_begun: false,
            warm: false,
            is_silent: false,
        }
    }

    /// Whether nobody wants the run to go on.
    pub(super) fn is_cancelled(&self) -> bool {
        self.gone || self.stopping
    }

    /// Lets others use the place of a program that mostly waits.
    pub(super) fn step_aside(&mut self) {
        self.lease.step_aside();
    }

    fn link(&mut self) -> &mut Link {
        &mut self.lease.cell().link
    }

    /// Opens the run and hands over its files. They leave with the first stage.
    pub(super) fn begin(&mut self, files: &[SourceFile], begin: Begin) -> Result<(), Broken> {
        let run = self.run;
        let sender = &mut self.link().sender;
        sender.queue(run, ToAgent::Begin(begin))?;
        for file in files {
            let parts = file.content.chunks(CHUNK_BYTES);
            let parts = parts.chain(file.content.is_empty().then_some(&[][..]));
            for (index, part) in parts.enumerate() {
                let part = FileChunk { path: file.name.clone(), append: index > 0, data: part.to_vec() };
                sender.queue(run, ToAgent::File(part))?;
            }
        }
        Ok(())
    }

    /// Carries one stage through.
    pub(super) async fn stage(&mut self, stage: &PlannedStage) -> Result<Finished, Broken> {
        self.lease.bound_memory(stage.memory_bytes).await?;
        let mut spec = stage.spec.clone();
        if !self.lease.cell().handle.bounds_memory() {
            spec.limits.data_bytes = Some(stage.memory_bytes);
        }
        let mut watch = self.make_interactive(stage.name, &mut spec);
        let patience = Duration::from_millis(spec.limits.wall_ms) + AGENT_GRACE;
        let run = self.run;
        self.link().sender.queue(run, ToAgent::Stage(spec))?;
        let mut feed = self.open_stdin(stage.name)?;
        tokio::time::timeout(BEGIN_PATIENCE, self.link().sender.flush())
            .await
            .map_err(|_| Broken::Overdue)??;
        self.tell(Event::StageBegun { name: stage.name.as_str() }).await;

        let mut written = Written::default();
        let end = self.listen(&mut feed, &mut written, &mut watch, patience).await?;
        for stream in [Stream::Stdout, Stream::Stderr] {
            let rest = written.finish(stream);
            self.pass_on(rest).await;
        }
        let report = written.report(stage.name, &end);
        self.tell(Event::StageEnded(StageReport {
            stdout: Bytes::new(),
            stderr: Bytes::new(),
            ..report.clone()
        }))
        .await;
        Ok(Finished { report, end })
    }

    /// Takes the files that the run left, which the agent sends because it was `asked` with the stage or is asked now. Gives
    /// them, and how many were left out.
    pub(super) async fn collect(
        &mut self,
        wanted: &Collect,
        asked: bool,
    ) -> Result<(Vec<Artifact>, u32), Broken> {
        let run = self.run;
        if !asked {
            self.link().sender.send(run, ToAgent::Collect(wanted.clone())).await?;
        }
        let mut collection = Collection::new(wanted);
        let left_out = loop {
            let next = tokio::time::timeout(AGENT_GRACE, self.link().receiver.next());
            let frame = next.await.map_err(|_| Broken::Overdue)??;
            match frame.message {
                _ if frame.run != run => {}
                FromAgent::Artifact(part) => collection.push(part).map_err(Broken::OutOfTurn)?,
                FromAgent::Collected { left_out } => break left_out,
                FromAgent::StdinTaken(_) => {}
                FromAgent::Failed { reason } => return Err(Broken::Agent(reason)),
                other => return Err(Broken::OutOfTurn(format!("{other:?}"))),
            }
        };
        let artifacts = collection.finish();
        for artifact in &artifacts {
            self.tell(Event::Artifact(artifact.clone())).await;
        }
        Ok((artifacts, left_out))
    }

    /// Makes the program's own stage one that its caller talks to, where that was asked for.
    fn make_interactive(&self, stage: StageName, spec: &mut StageSpec) -> Option<Watch> {
        let interaction = self.interaction.as_ref().filter(|_| stage == StageName::Run)?;
        interaction.with.equip(spec);
        Some(Watch::new(interaction.idle, Duration::from_millis(spec.limits.wall_ms)))
    }

    /// Queues as much of stdin as the agent takes at once. Only the program itself gets the caller's.
    fn open_stdin(&mut self, stage: StageName) -> Result<Feed, Broken> {
        let mut feed = Feed::new(self.run);
        let sender = &mut self.lease.cell().link.sender;
        if stage != StageName::Run {
            feed.end(sender)?;
        } else if let Stdin::Whole(whole) = &*self.stdin {
            feed.whole(sender, whole)?;
        }
        Ok(feed)
    }

    async fn listen(
        &mut self,
        feed: &mut Feed,
        written: &mut Written,
        watch: &mut Option<Watch>,
        patience: Duration,
    ) -> Result<StageEnd, Broken> {
        let run = self.run;
        let listening = Instant::now();
        let mut deadline = listening + BEGIN_PATIENCE.min(patience);
        let mut begun = false;
        loop {
            let may_feed = feed.is_open();
            let link = &mut self.lease.cell().link;
            tokio::select! {
                frame = link.receiver.next() => {
                    let frame = frame?;
                    if frame.run != run {
                        continue;
                    }
                    match frame.message {
                        FromAgent::Output { stream, at_us, data } => {
                            self.pass_on(written.push(stream, at_us, &data)).await;
                            touch(watch);
                            self.has_begun = true;
                            // A slow caller must not look like a slow agent.
                            deadline = deadline.max(Instant::now() + AGENT_GRACE);
                        }
                        FromAgent::StdinTaken(bytes) => {
                            feed.taken(bytes as usize);
                            if let Stdin::Whole(whole) = &*self.stdin {
                                let sender = &mut self.lease.cell().link.sender;
                                feed.whole(sender, whole)?;
                                sender.flush().await?;
                            }
                        }
                        FromAgent::StageBegun { warm } => {
                            begun = true;
                            self.has_begun = true;
                            deadline = deadline.max(listening + patience);
                            self.warm |= warm;
                        }
                        FromAgent::StageEnded(end) => return Ok(end),
                        FromAgent::Failed { reason } => return Err(Broken::Agent(reason)),
                        other @ (FromAgent::Hello(_)
                        | FromAgent::Armed
                        | FromAgent::Artifact(_)
                        | FromAgent::Collected { .. }
                        | FromAgent::RunEnded) => {
                            return Err(Broken::OutOfTurn(format!("{other:?}")));
                        }
                    }
                }
                () = self.caller.events.closed(), if !self.gone => {
                    self.gone = true;
                    self.cancel().await?;
                }
                () = self.caller.stop.cancelled(), if !self.stopping => {
                    self.stopping = true;
                    self.cancel().await?;
                }
                piece = next_live(self.stdin), if may_feed => {
                    touch(watch);
                    let sender = &mut self.lease.cell().link.sender;
                    feed.live(sender, piece)?;
                    sender.flush().await?;
                }
                control = next_control(&mut self.interaction) => {
                    touch(watch);
                    self.obey(control).await?;
                }
                notice = next_notice(watch) => match notice {
                    Notice::Soon(strike, remaining) => self.tell(Event::Warning { strike, remaining }).await,
                    Notice::Idle => {
                        *watch = None;
                        self.has_idled = true;
                        self.cancel().await?;
                    }
                },
                () = sleep_until(deadline) => {
                    self.is_silent = true;
                    return if begun { Ok(overdue(listening.elapsed())) } else { Err(Broken::Overdue) };
                }
            }
        }
    }

    async fn cancel(&mut self) -> Result<(), Broken> {
        let run = self.run;
        Ok(self.link().sender.send(run, ToAgent::Cancel).await?)
    }

    /// Does what the caller says to the program of the running stage.
    async fn obey(&mut self, control: Control) -> Result<(), Broken> {
        let run = self.run;
        let message = match control {
            Control::Signal(signal) => ToAgent::Signal(signal),
            Control::Resize(size) => {
                // The program may come only in the next stage.
                if let Some(terminal) = self.interaction.as_mut().and_then(|it| it.with.terminal.as_mut()) {
                    *terminal = size;
                }
                ToAgent::Resize(size)
            }
        };
        Ok(self.link().sender.send(run, message).await?)
    }

    async fn pass_on(&mut self, output: Option<Output>) {
        if let Some(output) = output {
            self.has_spoken = true;
            self.tell(Event::Output(output)).await;
        }
    }

    /// Tells the caller something. One who has left, or does not listen, ends the run.
    async fn tell(&mut self, event: Event) {
        if self.gone {
            return;
        }
        if self.caller.events.send_timeout(event, CALLER_PATIENCE).await.is_err() {
            self.gone = true;
            let _ = self.cancel().await;
        }
    }
}

/// The end of a stage whose time was up long ago, in a cell so busy that its agent cannot say so. That is the program's
/// doing: it must not be tried once more. What it used nobody can tell; the cell goes, as after every broken bound.
fn overdue(elapsed: Duration) -> StageEnd {
    StageEnd {
        exit_code: None,
        signal: None,
        stop: Some(Stop::WallTime),
        truncated: false,
        wall_us: u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        cpu_us: 0,
        peak_memory_bytes: 0,
    }
}

/// Closes a run and waits until its cell is armed again. `false`: it will not be, which is right for a single-use cell.
pub(super) async fn end_run(lease: &mut Lease, run: RunId) -> Result<bool, Broken> {
    let single_use = lease.isolation() == Isolation::SingleUse;
    let link = &mut lease.cell().link;
    let wait = async {
        link.sender.send(run, ToAgent::End(End {})).await?;
        loop {
            match link.receiver.next().await?.message {
                FromAgent::RunEnded if single_use => return Ok(false),
                FromAgent::Armed => return Ok(true),
                // Files of a run that was cancelled when its program had just ended.
                FromAgent::Artifact(_) | FromAgent::Collected { .. } => {}
                FromAgent::RunEnded | FromAgent::StdinTaken(_) => {}
                FromAgent::Failed { reason } => return Err(Broken::Agent(reason)),
                other => return Err(Broken::OutOfTurn(format!("{other:?}"))),
            }
        }
    };
    tokio::time::timeout(REARM_PATIENCE, wait).await.map_err(|_| Broken::Overdue)?
}

fn touch(watch: &mut Option<Watch>) {
    watch.iter_mut().for_each(Watch::touch);
}

/// What the caller says next, besides input. Never, for one that says nothing or has stopped to.
async fn next_control(interaction: &mut Option<&mut PlannedInteraction>) -> Control {
    match interaction {
        Some(interaction) => match interaction.with.controls.recv().await {
            Some(control) => control,
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}

async fn next_notice(watch: &mut Option<Watch>) -> Notice {
    match watch {
        Some(watch) => watch.next().await,
        None => std::future::pending().await,
    }
}
