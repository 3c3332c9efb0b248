//! The cell's life: arm, serve one run, arm again. One thread, one loop, nothing that blocks for long.

use std::{os::fd::BorrowedFd, time::Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use polyground_protocol::{
    CellConfig, Collect, Frame, FromAgent, Hello, Isolation, RunId, StageSpec, Stop, ToAgent,
};

use crate::{
    artifacts,
    direct::Offer,
    files::Writer,
    link::{Link, LinkError},
    sandbox::{Filters, Report, Sandbox},
    stage::Stage,
    sys,
    usage::Counters,
    warming::Warming,
};

/// Why the cell ended.
#[derive(Debug)]
pub(crate) enum End {
    /// The server closed the connection, or a single-use cell has served.
    Done,
    /// The agent cannot go on; the server has been told.
    Failed(String),
}

/// Everything between the first frame and the last.
pub(crate) struct Cell {
    link: Link,
    config: CellConfig,
    counters: Option<Counters>,
    filters: Filters,
    sandbox: Option<Sandbox>,
    run: Option<Run>,
    /// While warm commands are to be started.
    warming: Option<Warming>,
}

/// A run between [`ToAgent::Begin`] and [`ToAgent::End`].
struct Run {
    id: RunId,
    files: Writer,
    stage: Option<Stage>,
    /// What is sent when the stage has ended by itself.
    collect: Option<Collect>,
}

impl Cell {
    /// Greets the server, learns what kind of cell this is, and serves until one side ends.
    pub(crate) fn serve(mut link: Link) -> End {
        // A cell without it is slower and otherwise the same.
        let offer = Offer::make().ok();
        let greeting = FromAgent::Hello(Hello {
            agent: env!("CARGO_PKG_VERSION").into(),
            landlock_abi: sys::landlock_abi(),
            direct: offer.as_ref().map(Offer::told),
        });
        let config = match link.send(RunId::NONE, greeting).and_then(|()| wait_for_config(&mut link, offer)) {
            Ok(config) => config,
            Err(error) => return end_of(error),
        };
        let counters = if config.own_cgroup { Counters::find() } else { None };
        let filters = match Filters::new() {
            Ok(filters) => filters,
            Err(reason) => return fail(&mut link, RunId::NONE, reason),
        };
        let mut cell = Self { link, config, counters, filters, sandbox: None, run: None, warming: None };
        match cell.arm().and_then(|()| cell.work()) {
            Ok(()) => End::Done,
            Err(Trouble::Link(error)) => end_of(error),
            Err(Trouble::Failed(reason)) => {
                let run = cell.run.as_ref().map_or(RunId::NONE, |run| run.id);
                fail(&mut cell.link, run, reason)
            }
        }
    }

    fn arm(&mut self) -> Result<(), Trouble> {
        self.sandbox = Some(Sandbox::arm(&self.config, &self.filters)?);
        self.tell_armed()
    }

    fn tell_armed(&mut self) -> Result<(), Trouble> {
        let is_cold = self.sandbox.as_ref().is_some_and(Sandbox::is_cold);
        self.warming = is_cold.then(Warming::begin);
        Ok(self.link.send(RunId::NONE, FromAgent::Armed)?)
    }

    fn work(&mut self) -> Result<(), Trouble> {
        loop {
            let ready = self.wait()?;
            if ready.write {
                self.link.write_some()?;
            }
            for index in 0..ready.outputs.len() {
                if ready.outputs[index] {
                    self.take_output(index)?;
                }
            }
            if ready.stdin {
                self.with_stage(|stage| stage.write_stdin())?;
            }
            if ready.sandbox {
                self.take_report()?;
            }
            if ready.abandoned {
                return Err(LinkError::Closed.into());
            }
            if ready.read {
                self.link.read_some()?;
                while let Some(frame) = self.link.next()? {
                    if self.obey(frame)? == Next::Leave {
                        return Ok(());
                    }
                }
            }
            self.check_bounds();
            self.finish_stage()?;
            self.link.release()?;
            self.warm_up()?;
        }
    }

    /// Waits until something is to be done.
    fn wait(&self) -> Result<Ready, Trouble> {
        let stage = self.run.as_ref().and_then(|run| run.stage.as_ref());
        let interest = stage.map(|stage| stage.interest(self.link.has_room()));
        let mut set = Vec::with_capacity(7);
        let read = watch(&mut set, Some(self.link.input()), PollFlags::POLLIN);
        let lifeline = watch(&mut set, self.link.lifeline(), PollFlags::POLLIN);
        let output = Some(self.link.output()).filter(|_| self.link.wants_to_write());
        let write = watch(&mut set, output, PollFlags::POLLOUT);
        let outputs = interest.as_ref().map_or([None, None], |interest| interest.outputs);
        let outputs = outputs.map(|fd| watch(&mut set, fd, PollFlags::POLLIN));
        let stdin =
            watch(&mut set, interest.as_ref().and_then(|interest| interest.stdin), PollFlags::POLLOUT);
        let wake = self.sandbox.as_ref().and_then(Sandbox::wake).filter(|_| stage.is_some());
        let sandbox = watch(&mut set, wake, PollFlags::POLLIN);

        let warming = self.warming.as_ref().filter(|_| self.run.is_none()).map(Warming::next);
        let deadlines = [stage.and_then(Stage::deadline), self.link.deadline(), warming];
        let deadline = deadlines.into_iter().flatten().min();
        match poll(&mut set, deadline.map_or(PollTimeout::NONE, until)) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(errno) => return Err(Trouble::Failed(format!("poll: {errno}"))),
        }
        let is_ready = |index: Option<usize>| {
            index.is_some_and(|index| set[index].revents().is_some_and(|events| !events.is_empty()))
        };
        Ok(Ready {
            read: is_ready(read),
            abandoned: is_ready(lifeline),
            write: is_ready(write),
            outputs: outputs.map(is_ready),
            stdin: is_ready(stdin),
            sandbox: is_ready(sandbox),
        })
    }

    /// Does what the server says.
    fn obey(&mut self, frame: Frame<ToAgent>) -> Result<Next, Trouble> {
        match (frame.message, &mut self.run) {
            (ToAgent::Begin(begin), None) => {
                if let Some(sandbox) = &mut self.sandbox {
                    sandbox.begin(&self.config, &begin)?;
                }
                self.run = Some(Run { id: frame.run, files: Writer::default(), stage: None, collect: None });
            }
            (message, Some(run)) if run.id == frame.run => return self.obey_in_run(message),
            // A frame of a run that is over already: it crossed our answer.
            (
                ToAgent::Stdin(_)
                | ToAgent::StdinEnd
                | ToAgent::Signal(_)
                | ToAgent::Resize(_)
                | ToAgent::Cancel,
                _,
            ) => {}
            (message, _) => return Err(Trouble::Failed(format!("{} came out of turn", name(&message)))),
        }
        Ok(Next::GoOn)
    }

    fn obey_in_run(&mut self, message: ToAgent) -> Result<Next, Trouble> {
        let running = self.run.as_ref().is_some_and(|run| run.stage.is_some());
        match message {
            ToAgent::File(part) if !running => self.write_file(&part)?,
            ToAgent::Stage(stage) if !running => self.start_stage(&stage)?,
            ToAgent::Collect(collect) if !running => self.collect(&collect)?,
            ToAgent::Stdin(data) => self.with_stage(|stage| stage.push_stdin(&data))?,
            ToAgent::StdinEnd => self.with_stage(|stage| {
                stage.end_stdin();
                None
            })?,
            ToAgent::Signal(signal) if running => {
                if let Some(sandbox) = &self.sandbox {
                    sandbox.signal(signal);
                }
            }
            ToAgent::Resize(size) => self.with_stage(|stage| {
                stage.resize(size);
                None
            })?,
            ToAgent::Cancel => {
                let stage = self.run.as_mut().and_then(|run| run.stage.as_mut());
                if stage.is_some_and(Stage::cancel) {
                    self.kill_stage();
                }
            }
            ToAgent::End(_) => return self.end_run(),
            ToAgent::Signal(_) => {}
            message @ (ToAgent::File(_)
            | ToAgent::Stage(_)
            | ToAgent::Collect(_)
            | ToAgent::Begin(_)
            | ToAgent::Configure(_)) => {
                return Err(Trouble::Failed(format!("{} came out of turn", name(&message))));
            }
        }
        Ok(Next::GoOn)
    }

    fn write_file(&mut self, part: &polyground_protocol::FileChunk) -> Result<(), Trouble> {
        let (Some(sandbox), Some(run)) = (&self.sandbox, &mut self.run) else { return Ok(()) };
        Ok(sys::as_user(sandbox.file_owner(), || run.files.write(sandbox.work_folder(), part))?)
    }

    /// Sends what the run has left. Every process of it is dead, so nothing changes meanwhile.
    fn collect(&mut self, wanted: &Collect) -> Result<(), Trouble> {
        let (Some(sandbox), Some(run)) = (&self.sandbox, &self.run) else { return Ok(()) };
        let (id, link) = (run.id, &mut self.link);
        let left_out = sys::as_user(sandbox.file_owner(), || {
            artifacts::collect(sandbox.work_folder(), wanted, |part| {
                link.send_soon(id, FromAgent::Artifact(part))?;
                if !link.has_room() {
                    link.flush();
                }
                Ok::<_, LinkError>(())
            })
        })?;
        Ok(self.link.send(id, FromAgent::Collected { left_out })?)
    }

    fn start_stage(&mut self, spec: &StageSpec) -> Result<(), Trouble> {
        let (Some(sandbox), Some(run)) = (&mut self.sandbox, &mut self.run) else { return Ok(()) };
        // The last file's descriptor must not stay open: it would keep the program from executing that file.
        run.files = Writer::default();
        let started = sandbox.start(spec)?;
        let stage = Stage::new(
            spec.limits,
            self.counters.as_ref(),
            started.pipes,
            started.cpu_us_before.unwrap_or(0),
        );
        run.stage = Some(stage);
        run.collect.clone_from(&spec.collect);
        Ok(self.link.send_soon(run.id, FromAgent::StageBegun { warm: started.cpu_us_before.is_some() })?)
    }

    fn take_output(&mut self, index: usize) -> Result<(), Trouble> {
        let Some(run) = &mut self.run else { return Ok(()) };
        let Some(stage) = &mut run.stage else { return Ok(()) };
        let (frame, kill) = stage.read_output(index);
        if let Some(frame) = frame {
            self.link.send_soon(run.id, frame)?;
        }
        if kill {
            self.kill_stage();
        }
        Ok(())
    }

    fn with_stage(&mut self, act: impl FnOnce(&mut Stage) -> Option<FromAgent>) -> Result<(), Trouble> {
        let Some(run) = &mut self.run else { return Ok(()) };
        if let Some(frame) = run.stage.as_mut().and_then(act) {
            self.link.send_soon(run.id, frame)?;
        }
        Ok(())
    }

    fn take_report(&mut self) -> Result<(), Trouble> {
        let Some(sandbox) = &mut self.sandbox else { return Ok(()) };
        match sandbox.report()? {
            Report::Nothing => Ok(()),
            Report::NotExecuted(reason) => Err(Trouble::Failed(reason)),
            Report::Ended(ended) => {
                if let Some(stage) = self.run.as_mut().and_then(|run| run.stage.as_mut()) {
                    stage.set_ended(ended);
                }
                Ok(())
            }
        }
    }

    /// Starts a process for the run that will come, where the machine has time for it.
    fn warm_up(&mut self) -> Result<(), String> {
        if self.run.is_some() || !self.warming.as_mut().is_some_and(Warming::may_go_on) {
            return Ok(());
        }
        let Some(sandbox) = &mut self.sandbox else { return Ok(()) };
        sandbox.warm_up(&self.config)?;
        self.warming = sandbox.is_cold().then(Warming::begin);
        Ok(())
    }

    fn check_bounds(&mut self) {
        let stage = self.run.as_mut().and_then(|run| run.stage.as_mut());
        if stage.is_some_and(|stage| stage.check_bounds(self.counters.as_ref())) {
            self.kill_stage();
        }
    }

    fn kill_stage(&mut self) {
        let Some(sandbox) = &self.sandbox else { return };
        let peak = sandbox.peak_memory_bytes();
        sandbox.kill_stage();
        if let Some(stage) = self.run.as_mut().and_then(|run| run.stage.as_mut()) {
            stage.note_peak_memory(peak);
        }
    }

    fn finish_stage(&mut self) -> Result<(), Trouble> {
        let Some(run) = &mut self.run else { return Ok(()) };
        let end = run.stage.as_ref().and_then(|stage| stage.finished(self.counters.as_ref()));
        if let Some(end) = end {
            run.stage = None;
            let collect = run.collect.take().filter(|_| end.stop != Some(Stop::Cancelled));
            match collect {
                Some(wanted) => {
                    self.link.send_soon(run.id, FromAgent::StageEnded(end))?;
                    self.collect(&wanted)?;
                }
                None => self.link.send(run.id, FromAgent::StageEnded(end))?,
            }
        }
        Ok(())
    }

    /// Wipes the run's sandbox and has it wait for the next one.
    fn end_run(&mut self) -> Result<Next, Trouble> {
        let id = self.run.take().map_or(RunId::NONE, |run| run.id);
        let Some(sandbox) = &mut self.sandbox else { return Ok(Next::Leave) };
        sandbox.wipe()?;
        self.link.send_soon(id, FromAgent::RunEnded)?;
        match self.config.isolation {
            Isolation::Nested => {
                sandbox.stand_by(&self.config)?;
                self.tell_armed().map(|()| Next::GoOn)
            }
            Isolation::SingleUse => {
                self.link.flush();
                Ok(Next::Leave)
            }
        }
    }
}

/// What [`Cell::wait`] found.
struct Ready {
    read: bool,
    /// The engine's connection has ended, or brings what nobody sends there.
    abandoned: bool,
    write: bool,
    outputs: [bool; 2],
    stdin: bool,
    sandbox: bool,
}

#[derive(PartialEq, Eq)]
enum Next {
    GoOn,
    Leave,
}

/// Why the loop cannot go on.
enum Trouble {
    Link(LinkError),
    Failed(String),
}

impl From<LinkError> for Trouble {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}

impl From<String> for Trouble {
    fn from(reason: String) -> Self {
        Self::Failed(reason)
    }
}

/// Tells the server why the agent cannot go on.
fn fail(link: &mut Link, run: RunId, reason: String) -> End {
    let _ = link.send(run, FromAgent::Failed { reason: reason.clone() });
    link.flush();
    End::Failed(reason)
}

fn end_of(error: LinkError) -> End {
    match error {
        LinkError::Closed => End::Done,
        LinkError::Io(error) => End::Failed(error.to_string()),
        LinkError::Frame(error) => End::Failed(error.to_string()),
    }
}

/// Adds a descriptor to those waited for. Gives its place among them.
fn watch<'a>(set: &mut Vec<PollFd<'a>>, fd: Option<BorrowedFd<'a>>, flags: PollFlags) -> Option<usize> {
    set.push(PollFd::new(fd?, flags));
    Some(set.len() - 1)
}

fn until(deadline: Instant) -> PollTimeout {
    // Rounded up, so that the deadline has passed when the wait ends.
    let left = deadline.saturating_duration_since(Instant::now()).as_millis() + 1;
    PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
}

/// Waits for the first frame, and takes the way that it comes for all others.
fn wait_for_config(link: &mut Link, mut offer: Option<Offer>) -> Result<CellConfig, LinkError> {
    loop {
        match link.next()? {
            Some(Frame { message: ToAgent::Configure(config), .. }) => return Ok(config),
            Some(frame) => {
                let reason = format!("{} came before the configuration", name(&frame.message));
                return Err(LinkError::Io(std::io::Error::other(reason)));
            }
            None => {
                let mut set = Vec::with_capacity(2);
                watch(&mut set, Some(link.input()), PollFlags::POLLIN);
                let taken = watch(&mut set, offer.as_ref().map(Offer::near), PollFlags::POLLIN);
                let _ = poll(&mut set, PollTimeout::NONE);
                let is_taken = taken.is_some_and(|index| set[index].any().unwrap_or(false));
                if let Some(offer) = offer.take_if(|_| is_taken) {
                    link.turn_to(offer.accept()).map_err(LinkError::Io)?;
                }
                link.read_some()?;
            }
        }
    }
}

fn name(message: &ToAgent) -> &'static str {
    match message {
        ToAgent::Configure(_) => "Configure",
        ToAgent::Begin(_) => "Begin",
        ToAgent::File(_) => "File",
        ToAgent::Stage(_) => "Stage",
        ToAgent::Stdin(_) => "Stdin",
        ToAgent::StdinEnd => "StdinEnd",
        ToAgent::Signal(_) => "Signal",
        ToAgent::Resize(_) => "Resize",
        ToAgent::Cancel => "Cancel",
        ToAgent::Collect(_) => "Collect",
        ToAgent::End(_) => "End",
    }
}
