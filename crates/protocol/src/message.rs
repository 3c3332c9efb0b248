//! What server and agent say to each other. Units are in the names; every list and text is bounded by the
//! frame that carries it.

use serde::{Deserialize, Serialize};

/// The most file or output bytes that either side puts into one frame.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// The most stdin bytes that the server may have sent and the program not yet taken ([`FromAgent::StdinTaken`]).
pub const STDIN_WINDOW_BYTES: usize = 256 * 1024;

/// A random number that names one run on one connection. Frames of a run that is over are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct RunId(pub u64);

impl RunId {
    /// The id of frames that belong to the cell and to no run.
    pub const NONE: RunId = RunId(0);
}

/// A message and the run it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Frame<M> {
    /// The run, or [`RunId::NONE`].
    pub run: RunId,
    /// What is said.
    pub message: M,
}

/// Server to agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub enum ToAgent {
    /// The first frame, once: what kind of sandbox this cell makes.
    Configure(CellConfig),
    /// A run begins in the armed sandbox.
    Begin(Begin),
    /// A part of one of the run's files. Only before the first [`ToAgent::Stage`].
    File(FileChunk),
    /// Start a stage. Only when none is running.
    Stage(StageSpec),
    /// Bytes for the running stage's stdin, within [`STDIN_WINDOW_BYTES`].
    Stdin(#[serde(with = "serde_bytes")] Vec<u8>),
    /// No more stdin. On a terminal, where input never ends for good: its end-of-file character.
    StdinEnd,
    /// Send this signal to the stage's main process.
    Signal(i32),
    /// Stop the running stage. It ends with [`Stop::Cancelled`].
    Cancel,
    /// Send the files that the run has left. Only when no stage is running.
    Collect(Collect),
    /// The run is over: destroy its sandbox.
    End(End),
    /// The window of the running stage's terminal has another size. Without a terminal it means nothing.
    Resize(TerminalSize),
}

/// Agent to server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub enum FromAgent {
    /// The first frame: who answers.
    Hello(Hello),
    /// A sandbox stands ready for a run.
    Armed,
    /// The stage's program has been started.
    StageBegun {
        /// Whether a process that had waited for it took it.
        warm: bool,
    },
    /// Something that the program wrote.
    Output {
        /// Where to.
        stream: Stream,
        /// Microseconds since the stage began.
        at_us: u64,
        /// What, at most [`CHUNK_BYTES`].
        #[serde(with = "serde_bytes")]
        data: Vec<u8>,
    },
    /// The program took this many bytes of stdin (or will never take them).
    StdinTaken(u32),
    /// The stage is over and all its processes are dead. Its last output came before.
    StageEnded(StageEnd),
    /// A part of a file that the run has left; the path is relative to [`Collect::folder`].
    Artifact(FileChunk),
    /// The answer to [`ToAgent::Collect`] is complete.
    Collected {
        /// Files that were asked for and are not sent: beyond a bound, unreadable, or not plain files.
        left_out: u32,
    },
    /// The run's sandbox is gone.
    RunEnded,
    /// The agent cannot do what was asked, or doubts its own state. The cell must not be used again.
    Failed {
        /// For the log, never for the caller.
        reason: String,
    },
}

/// How a cell keeps runs apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub enum Isolation {
    /// Fresh namespaces inside the cell for each run; the cell serves many.
    Nested,
    /// The cell is the sandbox, for one run.
    SingleUse,
}

/// What of the cell's file system a program sees, read-only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub enum View {
    /// Everything at the root, but the places that the sandbox brings itself: the cell is an image.
    Image,
    /// Only these absolute paths, where they exist: the cell is the host.
    Paths(Vec<String>),
}

/// What kind of sandbox a cell makes. Fixed for the cell's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct CellConfig {
    /// How runs are kept apart.
    pub isolation: Isolation,
    /// What a program sees.
    pub view: View,
    /// An existing empty folder of the cell over which the agent may build a sandbox's root.
    pub mount_point: String,
    /// The user id of programs in [`Isolation::SingleUse`]; unused in [`Isolation::Nested`].
    pub single_use_uid: u32,
    /// Bytes that each of the sandbox's tmpfs may hold: work and build folder together, temporary folder, home.
    pub files_bytes: u64,
    /// Files and folders that each of the sandbox's tmpfs may hold.
    pub files_count: u64,
    /// Bytes that `/dev/shm` may hold.
    pub shm_bytes: u64,
    /// Absolute paths of folders that a run sees writable, copy-on-write.
    pub overlay: Vec<String>,
    /// Commands that are started while the cell waits, each for one stage of the next run. A cell may start fewer.
    // As many as there are stages, or a frame would not hold them.
    #[cfg_attr(
        test,
        proptest(strategy = "proptest::collection::vec(proptest::arbitrary::any::<WarmCommand>(), 0..3)")
    )]
    pub warm: Vec<WarmCommand>,
    /// Whether the cgroup that the agent is in belongs to this cell alone, so that its counters may be believed.
    pub own_cgroup: bool,
}

/// A command that starts before it is known what it shall run. With its three streams it gets a socket as descriptor 3: it
/// writes one byte there when it has started and reads one line, [`WarmCall::line`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct WarmCommand {
    /// As [`StageSpec::argv`].
    pub argv: Vec<String>,
    /// As [`StageSpec::env`].
    pub env: Vec<(String, String)>,
    /// What the stage may use at most.
    pub limits: StageLimits,
}

/// Gives a stage to a process that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct WarmCall {
    /// Which: an index into [`CellConfig::warm`].
    pub index: u32,
    /// What it is told, without the line's end.
    pub line: String,
}

/// Opens a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Begin {
    /// Which of [`CellConfig::warm`] the run will use, by their index. The others are ended.
    pub warm: Vec<u32>,
    /// Whether those of them that have not been started shall be, at once. Otherwise their stages start anew.
    pub insists: bool,
}

/// Closes a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct End {}

/// Which files of a run are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Collect {
    /// Relative to the working folder. That it is not there is no error.
    pub folder: String,
    /// Only files with these endings, without the dot, in lower case.
    pub extensions: Vec<String>,
    /// At most so many.
    pub max_files: u32,
    /// At most so many bytes, all together.
    pub max_bytes: u64,
}

/// A part of a file that the run finds in its working folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct FileChunk {
    /// Relative to the working folder, as [`crate::check_path`] allows.
    pub path: String,
    /// `false`: the file begins with this part. `true`: the part goes behind the one before it.
    pub append: bool,
    /// At most [`CHUNK_BYTES`].
    #[serde(with = "serde_bytes")]
    pub data: Vec<u8>,
}

/// One command of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct StageSpec {
    /// The command and its arguments; the first is looked up on the `PATH` of `env`.
    pub argv: Vec<String>,
    /// Environment on top of the cell's own. Later entries win.
    pub env: Vec<(String, String)>,
    /// What it may use.
    pub limits: StageLimits,
    /// The process that may take it instead. Where that one is not there, the command is started.
    pub warm: Option<WarmCall>,
    /// Give the command a pseudo-terminal of this size as its three streams and its controlling terminal. All that it
    /// writes comes as [`Stream::Stdout`]; no process that has waited takes it.
    pub terminal: Option<TerminalSize>,
    /// Send what it has left behind right after its end, as if [`ToAgent::Collect`] followed; not when it was cancelled.
    pub collect: Option<Collect>,
}

/// The size of a terminal's window, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct TerminalSize {
    /// Characters in a line.
    pub columns: u16,
    /// Lines.
    pub rows: u16,
}

/// What a stage may use. All of its processes together, but for the two that say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct StageLimits {
    /// Milliseconds from start to end.
    pub wall_ms: u64,
    /// Milliseconds of CPU time.
    pub cpu_ms: u64,
    /// Bytes of data (heap and private maps) of any one process; for engines whose cells have no bound on memory of
    /// their own.
    pub data_bytes: Option<u64>,
    /// Processes and threads.
    pub processes: u32,
    /// Bytes on stdout and stderr together.
    pub output_bytes: u64,
    /// Bytes of any one file.
    pub file_bytes: u64,
    /// Open files of each process.
    pub open_files: u32,
}

/// Which of a program's two outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Who answers: the first thing that an agent says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Hello {
    /// The agent's package version.
    pub agent: String,
    /// The version of Landlock that the kernel has in the cell; 0 for none.
    pub landlock_abi: u32,
    /// A shorter way to this agent, for a server that can take it.
    pub direct: Option<Direct>,
}

/// A socket that an agent holds for a server on the same machine, which may take it out of the agent's process
/// (`pidfd_getfd(2)`) and use it in place of the engine's connection: whichever brings the [`ToAgent::Configure`] is used from then on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Direct {
    /// Its descriptor in the agent's process.
    pub descriptor: i32,
    /// The first bytes that come out of it, random: the server knows by them that it has this agent's socket and no other's.
    pub proof: [u8; PROOF_BYTES],
}

/// Bytes of [`Direct::proof`].
pub const PROOF_BYTES: usize = 16;

/// How a stage ended, and what it used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct StageEnd {
    /// The main process's exit code, when it exited.
    pub exit_code: Option<i32>,
    /// The signal that ended the main process, when one did.
    pub signal: Option<i32>,
    /// The bound that the agent saw broken, when it stopped the stage or the kernel did.
    pub stop: Option<Stop>,
    /// Whether output was cut off.
    pub truncated: bool,
    /// Microseconds from start to end.
    pub wall_us: u64,
    /// Microseconds of CPU time, all processes.
    pub cpu_us: u64,
    /// Bytes of the largest process at its largest, or of the whole cell where the kernel tells.
    pub peak_memory_bytes: u64,
}

/// A bound that ended a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub enum Stop {
    /// [`StageLimits::wall_ms`].
    WallTime,
    /// [`StageLimits::cpu_ms`].
    CpuTime,
    /// The cell's bound on memory: the kernel ended a process for it.
    Memory,
    /// [`StageLimits::output_bytes`].
    Output,
    /// [`ToAgent::Cancel`].
    Cancelled,
}
