//! From a definition to a runtime that is listed: its image, its cells, its exact version, its samples.
//!
//! ```text
//! preparing (image … cells … version … samples) ─▶ ready | unavailable (with the reason)
//! ```
//!
//! Every runtime goes this way in a task of its own; one that fails takes no other with it. A runtime that changes goes it beside
//! the version that serves, and takes its place at the end or not at all (`attempts`).

mod attempts;
mod kernel;
mod prove;
mod proven;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use polyground_protocol::Isolation;
use tokio::sync::{OnceCell, Semaphore, watch};
use tokio_util::task::TaskTracker;

pub use kernel::{KernelRules, Obstacle};
pub use proven::ProvenStore;

use self::{
    attempts::{Attempt, Attempts},
    proven::Proof,
};
use crate::{
    catalog::Catalog,
    engine::{
        CellSpec, Engine, Image, ImageRequest, ImageSource, ImageState, Packages, Progress, agent::AGENT_HASH,
    },
    pool::{IsolationFound, LineSpec, Pool, probe_isolation},
    run::{Runner, warm_commands},
    runtime::{self, ImageSpec, Runtime},
};

/// How many runtimes are proven at a time: proving is work that programs of callers should not wait for.
const PROVING: usize = 2;

/// How often a runtime's samples are tried.
const PROOF_ATTEMPTS: u32 = 3;

/// How long after the first failure; after the second, twice as long.
const PROOF_PAUSE: Duration = Duration::from_millis(500);

/// Prepares runtimes.
pub struct Preparer {
    engine: Arc<dyn Engine>,
    pool: Arc<Pool>,
    runner: Arc<Runner>,
    catalog: Arc<Catalog>,
    proven: ProvenStore,
    attempts: Mutex<Attempts>,
    allowed: Vec<Isolation>,
    demanded: Demand,
    isolation: OnceCell<IsolationFound>,
    /// How the last try to find the isolation out ended.
    tried: watch::Sender<Option<Result<IsolationFound, String>>>,
    proving: Semaphore,
    warm: bool,
    trusts_samples: bool,
    progress: Arc<dyn ProgressFor>,
    tasks: TaskTracker,
}

/// Says why a mode of isolation will not do, where it will not.
pub type Demand = Box<dyn Fn(&IsolationFound) -> Result<(), String> + Send + Sync>;

/// What a [`Preparer`] works with.
pub struct Parts {
    /// Where images and cells come from.
    pub engine: Arc<dyn Engine>,
    /// Where lines are opened.
    pub pool: Arc<Pool>,
    /// What samples are run by.
    pub runner: Arc<Runner>,
    /// What is told the outcome.
    pub catalog: Arc<Catalog>,
    /// What was proven in earlier lives.
    pub proven: ProvenStore,
    /// The isolation modes that may be used, the strongest first.
    pub allowed: Vec<Isolation>,
    /// Whether cells start what a definition says they may start before it is needed. What that takes stands in images: not
    /// for cells that show this machine.
    pub warm: bool,
    /// What is demanded of the isolation that is found: no runtime becomes ready without.
    pub demanded: Demand,
    /// Whether a runtime is used before its samples have passed: for commands that run one program.
    pub trusts_samples: bool,
    /// Who is told how the images come along.
    pub progress: Arc<dyn ProgressFor>,
}

/// Makes a progress display for each runtime.
pub trait ProgressFor: Send + Sync {
    /// For the work on this runtime. The display ends when what is given is dropped.
    fn begin(&self, runtime: &str) -> Arc<dyn Progress>;
    /// How the work on it ended: the version that is ready, or why it is unavailable.
    fn ended(&self, runtime: &str, result: Result<&str, &str>);
}

impl Preparer {
    /// Nothing is prepared yet.
    pub fn new(parts: Parts) -> Arc<Self> {
        Arc::new(Self {
            engine: parts.engine,
            pool: parts.pool,
            runner: parts.runner,
            catalog: parts.catalog,
            proven: parts.proven,
            attempts: Mutex::default(),
            allowed: parts.allowed,
            demanded: parts.demanded,
            isolation: OnceCell::new(),
            tried: watch::Sender::new(None),
            proving: Semaphore::new(PROVING),
            warm: parts.warm,
            trusts_samples: parts.trusts_samples,
            progress: parts.progress,
            tasks: TaskTracker::new(),
        })
    }

    /// Waits until every runtime that was started is ready or unavailable.
    pub async fn settled(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.tasks.reopen();
    }

    /// The isolation in force, once the first image has made it possible to find out.
    pub fn isolation(&self) -> Option<&IsolationFound> {
        self.isolation.get()
    }

    /// Waits until the isolation is found out, and gives it if it is what is demanded.
    ///
    /// # Errors
    /// Why it is not, or why it cannot be found out: every runtime has been tried then.
    pub async fn isolation_proven(&self) -> Result<(), String> {
        let mut tried = self.tried.subscribe();
        let found = tokio::select! {
            _ = tried.wait_for(|tried| matches!(tried, Some(Ok(_)))) => self.isolation.get().cloned(),
            () = self.settled() => self.isolation.get().cloned(),
        };
        match found {
            Some(found) => (self.demanded)(&found),
            None => match self.tried.borrow().clone() {
                Some(Err(reason)) => Err(reason),
                _ => Err("no image is ready to find out with; `polyground images build` makes them".into()),
            },
        }
    }

    /// Makes a runtime's image and cells, and proves them. What it gives serves nobody yet.
    async fn prepare(&self, attempt: &Attempt) -> Result<Prepared, String> {
        let runtime = &attempt.runtime;
        let progress = Arc::new(Told {
            preparer: attempt.preparer.clone(),
            id: runtime.id.clone(),
            attempt: attempt.number,
            last: Mutex::new(String::new()),
            display: self.progress.begin(&runtime.id),
        });
        let image = self.image(attempt, &progress).await?;
        let isolation = self.find_isolation(runtime, &image).await?;
        let key = self.proof_key(runtime, &image, isolation);
        let line = Opened::new(&self.pool, line_spec(runtime, attempt.line(), image, isolation, self.warm));
        if let Some(proof) = self.proven.find(&runtime.id, &key) {
            return Ok(Prepared { proof, line });
        }
        let Ok(_turn) = self.proving.acquire().await else { return Err("the server is stopping".into()) };
        let subject = prove::Subject { runner: &self.runner, runtime, line: &line.key };
        if self.trusts_samples {
            let version = subject.detect().await?;
            return Ok(Prepared { proof: Proof { version, start_ms: 0.0 }, line });
        }
        let proof = self.prove(&subject, progress.as_ref()).await?;
        self.proven.keep(&runtime.id, &key, &proof);
        Ok(Prepared { proof, line })
    }

    /// A machine that is busy starting can fail a sample: a failure counts when it comes again.
    async fn prove(&self, subject: &prove::Subject<'_>, progress: &Told) -> Result<Proof, String> {
        let mut attempt = 1;
        loop {
            match subject.prove(self.warm, progress).await {
                Err(reason) if attempt < PROOF_ATTEMPTS => {
                    tracing::warn!(runtime = subject.runtime.id, %reason, "a sample failed; trying again");
                    tokio::time::sleep(PROOF_PAUSE * attempt).await;
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    async fn image(&self, attempt: &Attempt, progress: &Arc<Told>) -> Result<Image, String> {
        let request = image_request(&attempt.runtime);
        let progress: Arc<dyn Progress> = progress.clone();
        if attempt.renews_image {
            return self.engine.renew_image(&request, progress).await.map_err(|error| error.to_string());
        }
        let state = self.engine.image_state(&request).await.map_err(|error| error.to_string())?;
        match state {
            ImageState::Current(image) => Ok(image),
            ImageState::Outdated(_) | ImageState::Missing => {
                self.engine.prepare_image(&request, progress).await.map_err(|error| error.to_string())
            }
        }
    }

    async fn find_isolation(&self, runtime: &Runtime, image: &Image) -> Result<Isolation, String> {
        let probe = || async {
            let spec = line_spec(runtime, String::new(), image.clone(), Isolation::Nested, false).cell;
            let mut found = probe_isolation(self.engine.as_ref(), &spec, &self.allowed)
                .await
                .map_err(|reason| self.explained(&reason))?;
            found.reason = found.reason.map(|reason| self.explained(&reason));
            let landlock = found.landlock_abi;
            match (found.mode, &found.reason) {
                (Isolation::SingleUse, Some(reason)) => {
                    tracing::warn!(%reason, landlock, "isolation is single-use: nested sandboxes cannot be had here");
                }
                (mode, _) => tracing::info!(mode = isolation_name(mode), landlock, "isolation"),
            }
            Ok::<_, String>(found)
        };
        let found = self.isolation.get_or_try_init(probe).await;
        let found = found.map_err(|error| format!("no sandbox could be made: {error}"));
        self.tried.send_replace(Some(found.clone().cloned()));
        let found = found?;
        (self.demanded)(found).map(|()| found.mode)
    }

    /// Why nested sandboxes cannot be had, with the rules of the kernel that may forbid them.
    fn explained(&self, reason: &str) -> String {
        let rules = KernelRules::read(Path::new("/"));
        let mut explained = reason.to_owned();
        for obstacle in rules.obstacles(self.engine.info()) {
            explained.push_str(&format!(". {obstacle}"));
        }
        explained
    }

    /// What a proof depends on. One of another image, definition, agent or isolation proves nothing.
    fn proof_key(&self, runtime: &Runtime, image: &Image, isolation: Isolation) -> String {
        let isolation = isolation_name(isolation);
        format!("{} {} {} {isolation}", runtime.digest, image.id, *AGENT_HASH)
    }
}

/// The API's word for a mode.
pub fn isolation_name(isolation: Isolation) -> &'static str {
    match isolation {
        Isolation::Nested => "nested",
        Isolation::SingleUse => "single-use",
    }
}

/// What the engine must know of a runtime's image.
pub fn image_request(runtime: &Runtime) -> ImageRequest {
    let source = match &runtime.image {
        ImageSpec::Build(folder) => ImageSource::Build(folder.clone()),
        ImageSpec::Reference(reference) => ImageSource::Reference(reference.clone()),
    };
    let runtime::Packages { apt, pip, npm } = runtime.packages.clone();
    ImageRequest {
        id: runtime.id.clone(),
        source,
        built_for: runtime.image_of.clone(),
        packages: Packages { apt, pip, npm },
        host_requires: runtime.host_requires.clone(),
    }
}

/// A runtime's cells: large enough for the largest of its stages.
fn line_spec(runtime: &Runtime, key: String, image: Image, isolation: Isolation, warm: bool) -> LineSpec {
    let stages = [runtime.compile.as_ref(), Some(&runtime.run), runtime.format.as_ref()];
    let limits = || stages.iter().flatten().map(|stage| &stage.limits);
    LineSpec {
        key,
        cell: CellSpec {
            runtime: runtime.id.clone(),
            image,
            isolation,
            memory_bytes: limits().map(|limits| limits.memory_bytes).max().unwrap_or_default(),
            processes: limits().map(|limits| limits.processes).max().unwrap_or_default(),
            files_bytes: limits().map(|limits| limits.files_bytes).max().unwrap_or_default(),
            overlay: runtime.overlay.clone(),
            warm: if warm { warm_commands(runtime) } else { Vec::new() },
        },
        min: runtime.pool.min as usize,
        max: runtime.pool.max as usize,
    }
}

/// A runtime that has been proven.
struct Prepared {
    proof: Proof,
    line: Opened,
}

/// A line that nobody serves from yet. Dropping it closes the line.
struct Opened {
    pool: Arc<Pool>,
    key: String,
}

impl Opened {
    fn new(pool: &Arc<Pool>, spec: LineSpec) -> Self {
        let opened = Self { pool: pool.clone(), key: spec.key.clone() };
        pool.open_line(spec);
        opened
    }

    /// Leaves the line open, and gives its key.
    fn keep(mut self) -> String {
        std::mem::take(&mut self.key)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if !self.key.is_empty() {
            self.pool.close_line(&self.key);
        }
    }
}

/// Progress that is told to the catalog as well as shown.
struct Told {
    preparer: Arc<Preparer>,
    id: String,
    attempt: u64,
    last: Mutex<String>,
    display: Arc<dyn Progress>,
}

impl Progress for Told {
    fn step(&self, message: &str) {
        self.display.step(message);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if *last != message {
            message.clone_into(&mut last);
            self.preparer.tell_step(&self.id, self.attempt, message);
        }
    }

    fn advance(&self, done: u64, total: u64) {
        self.display.advance(done, total);
    }
}
