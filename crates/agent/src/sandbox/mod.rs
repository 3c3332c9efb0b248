//! The surroundings in which one run at a time happens, and of which it leaves nothing to the next.
//!
//! [`nested`] builds them out of namespaces inside the cell; [`single_use`] takes the cell itself as the sandbox.
//! Both end every process of a stage before the stage counts as over.

mod channel;
mod landlock;
mod mounts;
mod nested;
mod program;
mod seccomp;
mod single_use;
mod warm;

use std::os::fd::BorrowedFd;

use polyground_protocol::{Begin, CellConfig, Isolation, StageSpec};

pub(crate) use seccomp::Filters;

use crate::pipes::Pipes;

/// The user id that programs see themselves as in a nested sandbox. Not 0, so that `exec` gives no capability.
const INSIDE_ID: u32 = 1000;

/// Processes of a nested sandbox that count against the program's bound on processes: holder and init.
const EXTRA_PROCESSES: u64 = 2;

/// The name of the machine that programs see.
const HOST_NAME: &str = "polyground";

/// A run's surroundings, and those of the runs after it.
pub(crate) enum Sandbox {
    /// Namespaces inside the cell.
    Nested(nested::Nested),
    /// The cell.
    SingleUse(single_use::SingleUse),
}

/// A stage that has just been started.
pub(crate) struct Started {
    /// To and from its program.
    pub pipes: Pipes,
    /// Where a process took it that had waited for it: the CPU time that the waiting cost, in microseconds.
    pub cpu_us_before: Option<u64>,
}

/// What a sandbox reports of its running stage.
#[derive(Debug)]
pub(crate) enum Report {
    /// Nothing of the running stage.
    Nothing,
    /// The command could not be executed at all. [`Report::Ended`] follows.
    NotExecuted(String),
    /// Every process of the stage is dead.
    Ended(Ended),
}

/// How a stage's main process ended and what all of its processes used.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub(crate) struct Ended {
    /// As `waitpid` packs it. `None`: the main process was ended together with its namespace, by a kill.
    pub status: Option<i32>,
    /// User and system time.
    pub cpu_us: u64,
    /// Of the largest process.
    pub max_rss_bytes: u64,
}

impl Sandbox {
    /// Builds a sandbox that waits for its run. Its programs are held back by `filters`.
    pub(crate) fn arm(config: &CellConfig, filters: &Filters) -> Result<Self, String> {
        match config.isolation {
            Isolation::Nested => nested::Nested::arm(config, filters).map(Self::Nested),
            Isolation::SingleUse => single_use::SingleUse::arm(config, filters.clone()).map(Self::SingleUse),
        }
    }

    /// The folder that the run's files go into.
    pub(crate) fn work_folder(&self) -> BorrowedFd<'_> {
        match self {
            Self::Nested(nested) => nested.work_folder(),
            Self::SingleUse(single_use) => single_use.work_folder(),
        }
    }

    /// The user id that files of the run are made as, when it is not the agent's own.
    pub(crate) fn file_owner(&self) -> Option<u32> {
        match self {
            Self::Nested(_) => None,
            Self::SingleUse(single_use) => Some(single_use.uid()),
        }
    }

    /// Whether there are warm commands whose processes have not been started.
    pub(crate) fn is_cold(&self) -> bool {
        match self {
            Self::Nested(nested) => nested.is_cold(),
            Self::SingleUse(single_use) => single_use.is_cold(),
        }
    }

    /// Starts the next process of those that [`Sandbox::is_cold`] tells of.
    pub(crate) fn warm_up(&mut self, config: &CellConfig) -> Result<(), String> {
        match self {
            Self::Nested(nested) => nested.warm_up(&config.warm),
            Self::SingleUse(single_use) => single_use.warm_up(&config.warm),
        }
    }

    /// Ends the warm processes that the run does not want, and starts no more but those that it insists on.
    pub(crate) fn begin(&mut self, config: &CellConfig, begin: &Begin) -> Result<(), String> {
        match self {
            Self::Nested(nested) => nested.begin(&config.warm, begin),
            Self::SingleUse(single_use) => single_use.begin(&config.warm, begin),
        }
    }

    /// Starts a stage. Only when none is running.
    pub(crate) fn start(&mut self, stage: &StageSpec) -> Result<Started, String> {
        match self {
            Self::Nested(nested) => nested.start(stage),
            Self::SingleUse(single_use) => single_use.start(stage),
        }
    }

    /// Becomes readable when [`Sandbox::report`] has something. `None` while no stage runs.
    pub(crate) fn wake(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Self::Nested(nested) => Some(nested.wake()),
            Self::SingleUse(single_use) => single_use.wake(),
        }
    }

    /// The next report of the running stage. Call it when [`Sandbox::wake`] is readable.
    pub(crate) fn report(&mut self) -> Result<Report, String> {
        match self {
            Self::Nested(nested) => nested.report(),
            Self::SingleUse(single_use) => Ok(single_use.report()),
        }
    }

    /// How much memory the running stage's largest process has had, in bytes. 0 where the end's report will tell.
    pub(crate) fn peak_memory_bytes(&self) -> u64 {
        match self {
            Self::Nested(nested) => nested.peak_memory_bytes(),
            Self::SingleUse(_) => 0,
        }
    }

    /// Ends every process of the running stage, now. [`Report::Ended`] follows.
    pub(crate) fn kill_stage(&self) {
        match self {
            Self::Nested(nested) => nested.kill_stage(),
            Self::SingleUse(_) => single_use::SingleUse::kill_everything(),
        }
    }

    /// Sends a signal to the running stage's main process.
    pub(crate) fn signal(&self, signal: i32) {
        match self {
            Self::Nested(nested) => nested.signal(signal),
            Self::SingleUse(single_use) => single_use.signal(signal),
        }
    }

    /// Ends everything of the run that is over, and takes away what it has left.
    pub(crate) fn wipe(&mut self) -> Result<(), String> {
        match self {
            Self::Nested(nested) => nested.wipe(),
            Self::SingleUse(_) => {
                single_use::SingleUse::kill_everything();
                Ok(())
            }
        }
    }

    /// Has it wait for another run. Not for one that is used once.
    pub(crate) fn stand_by(&mut self, config: &CellConfig) -> Result<(), String> {
        match self {
            Self::Nested(nested) => nested.stand_by(config),
            Self::SingleUse(_) => Err("a single-use cell was to be used again".into()),
        }
    }
}
