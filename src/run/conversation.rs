//! What server and agent say to each other in one run: files and stages go in, output and ends come out.

use std::{collections::HashMap, time::Duration};

use bytes::{Bytes, BytesMut};
use polyground_protocol::{
    Begin, CHUNK_BYTES, Collect, End, FileChunk, FromAgent, Isolation, RunId, STDIN_WINDOW_BYTES, StageEnd,
    Stop, Stream, ToAgent,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    Artifact, Event, Output, SourceFile, StageReport, Stdin,
    artifacts::Collection,
    plan::{PlannedStage, StageName},
    text::Characters,
};
use crate::{
    engine::{Link, LinkError},
    pool::{Lease, PoolError},
};

/// How long after a stage's bound on wall time the agent may take to say that it has ended.
const AGENT_GRACE: Duration = Duration::from_secs(5);

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
    /// Whether the caller has gone.
    gone: bool,
    /// Whether the server stops.
    stopping: bool,
    /// Whether the caller has been told of anything that a second attempt would repeat.
    pub(super) has_spoken: bool,
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

/// What a stage has written so far.
#[derive(Default)]
struct Written {
    whole: HashMap<Stream, BytesMut>,
    characters: HashMap<Stream, Characters>,
    at_us: HashMap<Stream, u64>,
}

/// How far stdin has got.
struct Feed {
    sent: usize,
    window: usize,
    ended: bool,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(lease: &'a mut Lease, caller: Caller<'a>, stdin: &'a mut Stdin) -> Self {
        // The low half of a version 7 UUID is random.
        let run = RunId(uuid::Uuid::now_v7().as_u64_pair().1);
        Self {
            lease,
            run,
            caller,
            stdin,
            gone: false,
            stopping: false,
            has_spoken: false,
            warm: false,
            is_silent: false,
        }
    }

    /// Whether nobody wants the run to go on.
    pub(super) fn is_cancelled(&self) -> bool {
        self.gone || self.stopping
    }

    fn link(&mut self) -> &mut Link {
        &mut self.lease.cell().link
    }

    /// Opens the run and hands over its files. They leave with the first stage.
    /// `warm` are the waiting processes that the run's stages will use.
    pub(super) fn begin(&mut self, files: &[SourceFile], warm: Vec<u32>) -> Result<(), Broken> {
        let run = self.run;
        let sender = &mut self.link().sender;
        sender.queue(run, ToAgent::Begin(Begin { warm }))?;
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
        let patience = Duration::from_millis(spec.limits.wall_ms) + AGENT_GRACE;
        let run = self.run;
        self.link().sender.queue(run, ToAgent::Stage(spec))?;
        let mut feed = self.open_stdin(stage.name)?;
        tokio::time::timeout(patience, self.link().sender.flush()).await.map_err(|_| Broken::Overdue)??;
        self.tell(Event::StageBegun { name: stage.name.as_str() }).await;

        let mut written = Written::default();
        let end = self.listen(&mut feed, &mut written, patience).await?;
        for stream in [Stream::Stdout, Stream::Stderr] {
            let rest = written.characters.entry(stream).or_default().finish();
            self.pass_on(&written, stream, rest).await;
        }
        let report = report(stage.name, &end, &mut written);
        self.tell(Event::StageEnded(StageReport {
            stdout: Bytes::new(),
            stderr: Bytes::new(),
            ..report.clone()
        }))
        .await;
        Ok(Finished { report, end })
    }

    /// Has the files that the run left sent over. Gives them, and how many were left out.
    pub(super) async fn collect(&mut self, wanted: &Collect) -> Result<(Vec<Artifact>, u32), Broken> {
        let run = self.run;
        self.link().sender.send(run, ToAgent::Collect(wanted.clone())).await?;
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

    /// Queues as much of stdin as the agent takes at once. Only the program itself gets the caller's.
    fn open_stdin(&mut self, stage: StageName) -> Result<Feed, Broken> {
        let run = self.run;
        let mut feed = Feed { sent: 0, window: STDIN_WINDOW_BYTES, ended: false };
        if stage != StageName::Run {
            feed.ended = true;
            self.link().sender.queue(run, ToAgent::StdinEnd)?;
        } else if let Stdin::Whole(whole) = &*self.stdin {
            let whole = whole.clone();
            queue_whole(self.link(), run, &whole, &mut feed)?;
        }
        Ok(feed)
    }

    async fn listen(
        &mut self,
        feed: &mut Feed,
        written: &mut Written,
        patience: Duration,
    ) -> Result<StageEnd, Broken> {
        let run = self.run;
        let listening = Instant::now();
        let mut deadline = listening + patience;
        let mut begun = false;
        loop {
            let may_feed = !feed.ended && feed.window > 0;
            let link = &mut self.lease.cell().link;
            tokio::select! {
                frame = link.receiver.next() => {
                    let frame = frame?;
                    if frame.run != run {
                        continue;
                    }
                    match frame.message {
                        FromAgent::Output { stream, at_us, data } => {
                            written.at_us.insert(stream, at_us);
                            written.whole.entry(stream).or_default().extend_from_slice(&data);
                            let whole = written.characters.entry(stream).or_default().push(&data);
                            self.pass_on(written, stream, whole).await;
                            // A slow caller must not look like a slow agent.
                            deadline = deadline.max(Instant::now() + AGENT_GRACE);
                        }
                        FromAgent::StdinTaken(bytes) => {
                            feed.window = (feed.window + bytes as usize).min(STDIN_WINDOW_BYTES);
                            if let Stdin::Whole(whole) = &*self.stdin {
                                let whole = whole.clone();
                                queue_whole(self.link(), run, &whole, feed)?;
                                self.link().sender.flush().await?;
                            }
                        }
                        FromAgent::StageBegun { warm } => {
                            begun = true;
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
                    let link = &mut self.lease.cell().link;
                    match piece {
                        Some(piece) => {
                            feed.window = feed.window.saturating_sub(piece.len());
                            for part in piece.chunks(CHUNK_BYTES) {
                                link.sender.queue(run, ToAgent::Stdin(part.to_vec()))?;
                            }
                        }
                        None => {
                            feed.ended = true;
                            link.sender.queue(run, ToAgent::StdinEnd)?;
                        }
                    }
                    link.sender.flush().await?;
                }
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

    async fn pass_on(&mut self, written: &Written, stream: Stream, data: Bytes) {
        if !data.is_empty() {
            let at_ms = written.at_us.get(&stream).copied().unwrap_or(0) / 1000;
            self.has_spoken = true;
            self.tell(Event::Output(Output { stream, at_ms, data })).await;
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
                FromAgent::RunEnded | FromAgent::StdinTaken(_) => {}
                FromAgent::Failed { reason } => return Err(Broken::Agent(reason)),
                other => return Err(Broken::OutOfTurn(format!("{other:?}"))),
            }
        }
    };
    tokio::time::timeout(REARM_PATIENCE, wait).await.map_err(|_| Broken::Overdue)?
}

/// Queues what the window allows of a stdin that is all known, and its end when that is reached.
fn queue_whole(link: &mut Link, run: RunId, whole: &Bytes, feed: &mut Feed) -> Result<(), Broken> {
    while !feed.ended {
        let rest = &whole[feed.sent..];
        if rest.is_empty() {
            feed.ended = true;
            link.sender.queue(run, ToAgent::StdinEnd)?;
        } else if feed.window == 0 {
            break;
        } else {
            let part = &rest[..rest.len().min(feed.window).min(CHUNK_BYTES)];
            link.sender.queue(run, ToAgent::Stdin(part.to_vec()))?;
            feed.sent += part.len();
            feed.window -= part.len();
        }
    }
    Ok(())
}

/// The next piece of a stdin that comes as the program runs. Never, for one that is all known.
async fn next_live(stdin: &mut Stdin) -> Option<Bytes> {
    match stdin {
        Stdin::Live(pieces) => pieces.recv().await,
        Stdin::Whole(_) => std::future::pending().await,
    }
}

#[allow(clippy::cast_precision_loss)] // microseconds of a run are far below 2^52
fn report(name: StageName, end: &StageEnd, written: &mut Written) -> StageReport {
    let mut take = |stream| written.whole.remove(&stream).unwrap_or_default().freeze();
    StageReport {
        name: name.as_str(),
        exit_code: end.exit_code,
        signal: end.signal,
        stdout: take(Stream::Stdout),
        stderr: take(Stream::Stderr),
        truncated: end.truncated,
        wall_ms: end.wall_us as f64 / 1000.0,
        cpu_ms: end.cpu_us as f64 / 1000.0,
        peak_memory_bytes: end.peak_memory_bytes,
    }
}
