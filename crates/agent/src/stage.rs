//! One running stage as the agent sees it: its streams, its bounds, its end.

use std::{
    collections::VecDeque,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::LazyLock,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    unistd::{read, write},
};
use polyground_protocol::{CHUNK_BYTES, FromAgent, StageEnd, StageLimits, Stop, Stream, TerminalSize};

use crate::{pipes::Pipes, sandbox::Ended, sys, terminal, usage::Counters};

/// The most processors that a cell may use at once, for the earliest moment at which CPU time can have run out.
const MAX_PROCESSORS: u32 = 64;

/// How many processors the cell may use. Finding that out takes several files.
static PROCESSORS: LazyLock<u32> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    u32::try_from(processors).unwrap_or(MAX_PROCESSORS).clamp(1, MAX_PROCESSORS)
});

/// How long after the bound on CPU time was checked it is checked again at the earliest.
const CPU_CHECK_MIN: Duration = Duration::from_millis(20);

/// A stage between its start and its end.
pub(crate) struct Stage {
    limits: StageLimits,
    started: Instant,
    stdin: Stdin,
    outputs: [Output; 2],
    output_bytes: u64,
    truncated: bool,
    stop: Option<Stop>,
    next_cpu_check: Instant,
    at_start: Used,
    cpu_us_before: u64,
    peak_memory_bytes: u64,
    ended: Option<(Ended, Duration)>,
}

/// The cell's counters when the stage began.
#[derive(Default)]
struct Used {
    cpu_us: u64,
    oom_kills: u64,
}

struct Output {
    stream: Stream,
    pipe: Option<OwnedFd>,
}

/// Bytes on their way to the program.
struct Stdin {
    pipe: Option<OwnedFd>,
    queue: VecDeque<u8>,
    no_more: bool,
    /// Whether it is a terminal, which is not closed at its end but told of it.
    is_terminal: bool,
    /// The last byte that was written.
    last: Option<u8>,
}

/// What a stage wants to be woken for.
pub(crate) struct Interest<'a> {
    /// The program's outputs that are still open.
    pub outputs: [Option<BorrowedFd<'a>>; 2],
    /// The program's stdin while bytes wait for it.
    pub stdin: Option<BorrowedFd<'a>>,
}

impl Stage {
    /// A stage whose program has just been started. `cpu_us_before` is what its processes used up while they waited for it.
    pub(crate) fn new(
        limits: StageLimits,
        counters: Option<&Counters>,
        pipes: Pipes,
        cpu_us_before: u64,
    ) -> Self {
        let started = Instant::now();
        let at_start = Used {
            cpu_us: counters.and_then(Counters::cpu_us).unwrap_or(0),
            oom_kills: counters.and_then(Counters::oom_kills).unwrap_or(0),
        };
        Self {
            limits,
            started,
            stdin: Stdin {
                is_terminal: pipes.are_terminal(),
                pipe: Some(pipes.stdin),
                queue: VecDeque::new(),
                no_more: false,
                last: None,
            },
            outputs: [
                Output { stream: Stream::Stdout, pipe: Some(pipes.stdout) },
                Output { stream: Stream::Stderr, pipe: pipes.stderr },
            ],
            output_bytes: 0,
            truncated: false,
            stop: None,
            next_cpu_check: started + earliest_exhaustion(limits.cpu_ms * 1000),
            at_start,
            cpu_us_before,
            peak_memory_bytes: 0,
            ended: None,
        }
    }

    /// What to wait for. Outputs are left alone when the link has no room: the program then waits for the server.
    pub(crate) fn interest(&self, link_has_room: bool) -> Interest<'_> {
        let pipe = |output: &'_ Output| output.pipe.is_some() && link_has_room;
        let [stdout, stderr] = &self.outputs;
        let open = |output| if pipe(output) { output.pipe.as_ref().map(AsFd::as_fd) } else { None };
        let stdin = self.stdin.pipe.as_ref().filter(|_| !self.stdin.queue.is_empty());
        Interest { outputs: [open(stdout), open(stderr)], stdin: stdin.map(AsFd::as_fd) }
    }

    /// When [`Stage::check_bounds`] must be called at the latest, while the stage runs.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let running = self.ended.is_none() && self.stop.is_none();
        running.then(|| self.next_cpu_check.min(self.started + Duration::from_millis(self.limits.wall_ms)))
    }

    /// Whether time has run out. The caller kills the stage then.
    pub(crate) fn check_bounds(&mut self, counters: Option<&Counters>) -> bool {
        if self.ended.is_some() || self.stop.is_some() {
            return false;
        }
        let now = Instant::now();
        if now >= self.started + Duration::from_millis(self.limits.wall_ms) {
            self.stop = Some(Stop::WallTime);
            return true;
        }
        if now < self.next_cpu_check {
            return false;
        }
        let Some(used_us) = counters.and_then(Counters::cpu_us) else {
            // Nobody counts for all processes together: the kernel holds the bound for each.
            self.next_cpu_check = now + Duration::from_millis(self.limits.wall_ms);
            return false;
        };
        let left_us = (self.limits.cpu_ms * 1000).saturating_sub(used_us - self.at_start.cpu_us.min(used_us));
        if left_us == 0 {
            self.stop = Some(Stop::CpuTime);
            return true;
        }
        self.next_cpu_check = now + earliest_exhaustion(left_us).max(CPU_CHECK_MIN);
        false
    }

    /// Notes that the server wants the stage stopped. Whether that is news.
    pub(crate) fn cancel(&mut self) -> bool {
        let news = self.ended.is_none() && self.stop.is_none();
        if news {
            self.stop = Some(Stop::Cancelled);
        }
        news
    }

    /// Takes what the program has written to one output. Gives the frame to send, and whether the stage must be killed.
    pub(crate) fn read_output(&mut self, index: usize) -> (Option<FromAgent>, bool) {
        let output = &mut self.outputs[index];
        let Some(pipe) = &output.pipe else { return (None, false) };
        // At its end nothing waits, and one byte is enough to find that out.
        let mut data = vec![0; sys::waiting_bytes(pipe.as_fd()).clamp(1, CHUNK_BYTES)];
        let length = match read(pipe, &mut data) {
            Ok(length) => length,
            Err(Errno::EAGAIN | Errno::EINTR) => return (None, false),
            Err(_) => 0,
        };
        if length == 0 {
            output.pipe = None;
            return (None, false);
        }
        let room = usize::try_from(self.limits.output_bytes - self.output_bytes).unwrap_or(usize::MAX);
        let kept = length.min(room);
        data.truncate(kept);
        self.output_bytes += kept as u64;
        let over = kept < length;
        let news = over && self.stop.is_none() && self.ended.is_none();
        self.truncated |= over;
        if over && matches!(self.stop, None | Some(Stop::Cancelled)) {
            self.stop = self.stop.or(Some(Stop::Output));
        }
        let at_us = micros(self.started.elapsed());
        let frame = FromAgent::Output { stream: output.stream, at_us, data };
        ((kept > 0).then_some(frame), news)
    }

    /// More stdin from the server.
    pub(crate) fn push_stdin(&mut self, data: &[u8]) -> Option<FromAgent> {
        if self.stdin.pipe.is_none() {
            return taken(data.len());
        }
        self.stdin.queue.extend(data);
        self.write_stdin()
    }

    /// No more stdin after what is queued.
    pub(crate) fn end_stdin(&mut self) {
        self.stdin.no_more = true;
        self.stdin.finish();
    }

    /// The terminal's window has another size.
    pub(crate) fn resize(&self, size: TerminalSize) {
        if let Some(terminal) = self.outputs[0].pipe.as_ref().filter(|_| self.stdin.is_terminal) {
            // A program that has just ended has no window.
            let _ = terminal::resize(terminal.as_fd(), size);
        }
    }

    /// Gives the program what it takes. Gives the frame that tells the server how much that was.
    pub(crate) fn write_stdin(&mut self) -> Option<FromAgent> {
        let mut bytes = 0;
        while let Some(pipe) = &self.stdin.pipe {
            let (front, _) = self.stdin.queue.as_slices();
            if front.is_empty() {
                break;
            }
            match write(pipe, front) {
                Ok(length) => {
                    self.stdin.last = self.stdin.queue.drain(..length).next_back().or(self.stdin.last);
                    bytes += length;
                }
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => break,
                // The program has closed its end: what it did not read, nobody will.
                Err(_) => {
                    bytes += self.stdin.queue.len();
                    self.stdin.queue.clear();
                    self.stdin.pipe = None;
                }
            }
        }
        self.stdin.finish();
        taken(bytes)
    }

    /// Notes how much memory the stage's largest process has had so far.
    pub(crate) fn note_peak_memory(&mut self, bytes: u64) {
        self.peak_memory_bytes = self.peak_memory_bytes.max(bytes);
    }

    /// Notes that every process of the stage is dead. What they wrote may still wait in the pipes.
    pub(crate) fn set_ended(&mut self, ended: Ended) {
        self.ended = Some((ended, self.started.elapsed()));
        self.stdin.pipe = None;
    }

    /// How the stage ended, once everything that it wrote has been read.
    pub(crate) fn finished(&self, counters: Option<&Counters>) -> Option<StageEnd> {
        let (ended, wall) = self.ended?;
        if self.outputs.iter().any(|output| output.pipe.is_some()) {
            return None;
        }
        let status = ended.status;
        let exit_code =
            status.filter(|status| libc::WIFEXITED(*status)).map(|status| libc::WEXITSTATUS(status));
        let signal = match status {
            Some(status) if libc::WIFSIGNALED(status) => Some(libc::WTERMSIG(status)),
            Some(_) => None,
            None => Some(libc::SIGKILL),
        };
        let oom_kills = counters.and_then(Counters::oom_kills).unwrap_or(0);
        let cpu_us = ended.cpu_us.saturating_sub(self.cpu_us_before);
        let stop = self.stop.or_else(|| {
            if oom_kills > self.at_start.oom_kills {
                Some(Stop::Memory)
            } else if signal.is_some() && cpu_us >= self.limits.cpu_ms * 1000 {
                Some(Stop::CpuTime)
            } else {
                None
            }
        });
        Some(StageEnd {
            exit_code,
            signal,
            stop,
            truncated: self.truncated,
            wall_us: micros(wall),
            cpu_us: cpu_us.max(self.cpu_us_when_stopped(counters)),
            peak_memory_bytes: ended.max_rss_bytes.max(self.peak_memory_bytes),
        })
    }

    /// What the cell's cgroup has counted for a stage that was stopped: nobody waits for processes that are killed with their
    /// pid namespace, and the kernel adds to no one's account what they used.
    fn cpu_us_when_stopped(&self, counters: Option<&Counters>) -> u64 {
        let counted = counters.filter(|_| self.stop.is_some()).and_then(Counters::cpu_us);
        counted.unwrap_or(0).saturating_sub(self.at_start.cpu_us)
    }
}

impl Stdin {
    /// Lets the program see the end, once it has been given everything before it.
    fn finish(&mut self) {
        if !self.no_more || !self.queue.is_empty() {
            return;
        }
        match &self.pipe {
            Some(pipe) if self.is_terminal => {
                self.queue.extend(terminal::end_of_file(pipe.as_fd(), self.last));
                self.no_more = false;
            }
            Some(_) | None => self.pipe = None,
        }
    }
}

/// The earliest moment at which this much CPU time can be used up, with every processor busy.
fn earliest_exhaustion(left_us: u64) -> Duration {
    Duration::from_micros(left_us) / *PROCESSORS
}

fn taken(bytes: usize) -> Option<FromAgent> {
    u32::try_from(bytes).ok().filter(|bytes| *bytes > 0).map(FromAgent::StdinTaken)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
