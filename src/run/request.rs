//! What is asked of a run. Unchecked: [`super::Runner::start`] checks every field and says which is wrong.

use bytes::Bytes;
use tokio::sync::mpsc;

use super::Interactive;

/// A program to run.
#[derive(Debug)]
pub struct RunRequest {
    /// Name or alias, any case.
    pub language: String,
    /// An npm-style range; `None` or empty: the highest there is.
    pub version: Option<String>,
    /// The first is the main file.
    pub files: Vec<SourceFile>,
    /// What the program reads.
    pub stdin: Stdin,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its environment, on top of the runtime's.
    pub env: Vec<(String, String)>,
    /// Less than the runtime's ceilings, where said.
    pub limits: LimitsAsked,
    /// Ceilings of its caller, where they are below the runtime's.
    pub ceilings: LimitsAsked,
    /// What to do with the program.
    pub purpose: Purpose,
    /// Whether processes may take it that have started already.
    pub warm: WarmStart,
    /// How the caller talks to the program while it runs; `None`: only through [`RunRequest::stdin`].
    pub interactive: Option<Interactive>,
}

/// Whether processes take a run that have started before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarmStart {
    /// Its commands are started anew.
    Never,
    /// Those that there are. There are none where the machine had no time to start them.
    IfStarted,
    /// They are started now where they have not been.
    Always,
}

/// One file of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Relative path.
    pub name: String,
    /// Its bytes.
    pub content: Bytes,
}

/// What a program reads on its stdin.
#[derive(Debug)]
pub enum Stdin {
    /// All of it is known (empty: end of file at once).
    Whole(Bytes),
    /// It comes as the program runs; end of file when the sender is dropped.
    Live(mpsc::Receiver<Bytes>),
}

/// Bounds of a program, where said: what is asked for, or what its caller may ask for at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LimitsAsked {
    /// Milliseconds.
    pub wall_ms: Option<u64>,
    /// Milliseconds.
    pub cpu_ms: Option<u64>,
    /// Bytes.
    pub memory_bytes: Option<u64>,
    /// Processes and threads.
    pub processes: Option<u32>,
    /// Bytes.
    pub output_bytes: Option<u64>,
}

/// What to do with a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// Compile it, if its runtime does, and run it.
    #[default]
    Run,
    /// Print its main file formatted.
    Format,
}
