//! What an operator can set: flags, then `POLYGROUND_*` variables, then `polyground.toml`, then defaults.
//!
//! Architecture invariant: only this module and the command line read the environment or the configuration file.

mod access;
mod metrics;

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use bytesize::ByteSize;
use clap::{Args, ValueEnum};
use polyground_protocol::Isolation;
use serde::Deserialize;

pub use access::{AccessArgs, AccessConfig, Open};
pub use metrics::MetricsChoice;

use crate::{
    pool::{AdmissionLimits, PoolLimits},
    run::{InteractiveLimits, QueueLimits},
    store::{Location, without_password},
};

/// The file that is read when it is there and no other is named.
const DEFAULT_FILE: &str = "polyground.toml";

/// The longest that an interactive program can be let run: beyond a day, it is a service.
const LONGEST_SECONDS: u64 = 86_400;

/// Which engine is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineChoice {
    /// Docker when it answers, else local.
    Auto,
    /// Containers.
    Docker,
    /// This machine's own toolchains, in the same sandbox.
    Local,
}

/// Which isolation is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IsolationChoice {
    /// The strongest that works.
    Auto,
    /// A fresh sandbox of namespaces for each run; refuse to run otherwise.
    Nested,
    /// A container for each run.
    SingleUse,
}

/// Whether processes start before they are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WarmChoice {
    /// Where a runtime's definition says how, when processors have nothing else to do.
    On,
    /// The same, and a run waits for those that could not be started before it.
    Always,
    /// Every run starts its commands anew.
    Off,
}

/// How strongly runs must be kept apart, at least. Ordered: a later one is stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequiredIsolation {
    /// A container for each run will do.
    SingleUse,
    /// Nothing but a fresh sandbox of namespaces for each run will do.
    Nested,
}

/// What every command that runs programs can be told.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EngineArgs {
    /// Where cells come from [default: auto]
    #[arg(long, value_enum, env = "POLYGROUND_ENGINE")]
    pub engine: Option<EngineChoice>,
    /// The Docker Engine's address, `unix:///…` or `tcp://host:port` [default: $DOCKER_HOST, else the usual sockets]
    #[arg(long, value_name = "URL", env = "POLYGROUND_DOCKER_HOST")]
    pub docker_host: Option<String>,
    /// A folder of runtimes. May be given several times: a later one overrides an earlier one by id [default: ./runtimes]
    #[arg(long, value_name = "DIR", env = "POLYGROUND_RUNTIMES", value_delimiter = ':')]
    pub runtimes: Vec<PathBuf>,
    /// How runs are kept apart [default: auto]
    #[arg(long, value_enum, env = "POLYGROUND_ISOLATION")]
    pub isolation: Option<IsolationChoice>,
    /// Whether interpreters and compilers start before they are needed [default: on]
    #[arg(long, value_enum, env = "POLYGROUND_WARM")]
    pub warm: Option<WarmChoice>,
    /// Refuse to start where runs would be kept apart less than so [default: the best that there is will do]
    #[arg(long, value_enum, value_name = "LEVEL", env = "POLYGROUND_REQUIRE_ISOLATION")]
    pub require_isolation: Option<RequiredIsolation>,
    /// The AppArmor profile of cells: deploy/apparmor/polyground-cell allows nested sandboxes [default: the engine's own]
    #[arg(long, value_name = "NAME", env = "POLYGROUND_APPARMOR_PROFILE")]
    pub apparmor_profile: Option<String>,
    /// The OCI runtime of cells, by the name that the Docker Engine knows it by, such as runsc [default: the engine's own]
    #[arg(long, value_name = "NAME", env = "POLYGROUND_OCI_RUNTIME")]
    pub oci_runtime: Option<String>,
    /// Where the server keeps what must outlive it [default: ./data]
    #[arg(long, value_name = "DIR", env = "POLYGROUND_DATA")]
    pub data: Option<PathBuf>,
}

/// What commands about the database alone can be told.
#[derive(Debug, Clone, Default, Args)]
pub struct DatabaseArgs {
    /// The store: sqlite://FILE or postgres://USER@HOST/NAME; also from DATABASE_URL [default: data/polyground.db]
    #[arg(long, value_name = "URL", env = "POLYGROUND_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// The configuration file [default: ./polyground.toml, if there is one]
    #[arg(long, value_name = "FILE", env = "POLYGROUND_CONFIG")]
    pub config: Option<PathBuf>,
}

/// The database that these name, or else the one that the server of this configuration would use.
///
/// # Errors
/// When the configuration is wrong.
pub fn database_of(args: DatabaseArgs) -> Result<Location, ConfigError> {
    let serve = ServeArgs { database: args.database, ..ServeArgs::default() };
    load(args.config.as_deref(), EngineArgs::default(), serve).map(|(_, serve)| serve.database)
}

/// What the server can be told.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServeArgs {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", env = "POLYGROUND_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Where saved programs are kept: sqlite://FILE or postgres://USER@HOST/NAME; also from DATABASE_URL [default: polyground.db
    /// in the data folder]
    #[arg(long, value_name = "URL", env = "POLYGROUND_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// Programs that run at once [default: the number of processors, at least 2]
    #[arg(long, value_name = "N", env = "POLYGROUND_MAX_RUNNING")]
    pub max_running: Option<usize>,
    /// Requests that wait behind them; more are told to come back [default: 64]
    #[arg(long, value_name = "N", env = "POLYGROUND_MAX_WAITING")]
    pub max_waiting: Option<usize>,
    /// Of them, requests of one caller (an address, or a /64 of IPv6) [default: three quarters of --max-waiting]
    #[arg(long, value_name = "N", env = "POLYGROUND_MAX_WAITING_OF_ONE")]
    pub max_waiting_of_one: Option<usize>,
    /// How many seconds a request waits at most for its turn; then it is told to come back [default: 30]
    #[arg(long, value_name = "SECONDS", env = "POLYGROUND_QUEUE_TIMEOUT")]
    pub queue_timeout: Option<u64>,
    /// Interactive programs at once, half of them of one caller; 0: none [default: 8, at most half of --max-cells]
    #[arg(long, value_name = "N", env = "POLYGROUND_MAX_INTERACTIVE")]
    pub max_interactive: Option<usize>,
    /// How many seconds an interactive program may run [default: 600]
    #[arg(long, value_name = "SECONDS", env = "POLYGROUND_INTERACTIVE_TIME")]
    pub interactive_time: Option<u64>,
    /// How many seconds it may be without input or output [default: 120]
    #[arg(long, value_name = "SECONDS", env = "POLYGROUND_INTERACTIVE_IDLE")]
    pub interactive_idle: Option<u64>,
    /// Cells of all runtimes together [default: 32]
    #[arg(long, value_name = "N", env = "POLYGROUND_MAX_CELLS")]
    pub max_cells: Option<usize>,
    /// Memory that all cells together may be bound to, as 8GiB. Say it where the engine is another machine
    /// [default: three quarters of this machine's, or of what this process may have]
    #[arg(long, value_name = "SIZE", env = "POLYGROUND_MAX_MEMORY")]
    pub max_memory: Option<ByteSize>,
    /// After how many seconds without work cells go that are beyond their runtime's `pool.min` [default: 300]
    #[arg(long, value_name = "SECONDS", env = "POLYGROUND_IDLE_TIMEOUT")]
    pub idle_timeout: Option<u64>,
    /// How many seconds running programs have to end after SIGTERM; then they are cancelled. Ctrl-C gives them none [default: 10]
    #[arg(long, value_name = "SECONDS", env = "POLYGROUND_DRAIN_TIMEOUT")]
    pub drain_timeout: Option<u64>,
    /// How the log is written [default: text on a terminal, else json]
    #[arg(long, value_enum, env = "POLYGROUND_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Who may read /metrics: local is this machine, without its proxies [default: local]
    #[arg(long, value_enum, env = "POLYGROUND_METRICS")]
    pub metrics: Option<MetricsChoice>,
    /// Who may do what.
    #[command(flatten)]
    #[serde(skip)]
    pub access: AccessArgs,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line, for machines.
    Json,
}

/// The configuration file, as written.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct File {
    #[serde(flatten)]
    rest: toml::Table,
}

/// What engines and runtimes are taken, with every default filled in.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Which engine.
    pub engine: EngineChoice,
    /// Its address, when told.
    pub docker_host: Option<String>,
    /// Folders of runtimes.
    pub runtimes: Vec<PathBuf>,
    /// Which isolation.
    pub isolation: IsolationChoice,
    /// Whether processes start before they are needed.
    pub warm: WarmChoice,
    /// The least isolation that will do; `None`: any.
    pub required: Option<RequiredIsolation>,
    /// The AppArmor profile of containers, where it is not the engine's own.
    pub apparmor_profile: Option<String>,
    /// The OCI runtime of containers, where it is not the engine's own.
    pub oci_runtime: Option<String>,
    /// The folder for what outlives the server.
    pub data: PathBuf,
    /// Whether anything is kept there.
    pub keeps_data: bool,
    /// Whether a runtime is used before its samples have passed.
    pub trusts_samples: bool,
}

impl EngineConfig {
    /// The same for a command that runs one program: it leaves no folder behind that was not there, and starts
    /// nothing that it will not use.
    pub fn for_one_run(&self) -> Self {
        Self { keeps_data: self.data.is_dir(), trusts_samples: true, warm: WarmChoice::Off, ..self.clone() }
    }
}

/// The server's configuration, with every default filled in.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where saved programs are kept.
    pub database: Location,
    /// How requests wait.
    pub queue: QueueLimits,
    /// How many cells there are.
    pub pool: PoolLimits,
    /// How long running programs have to end once the server has been asked to.
    pub drain_timeout: Duration,
    /// How the log is written; `None`: by whether a terminal looks.
    pub log_format: Option<LogFormat>,
    /// Who may read the metrics.
    pub metrics: MetricsChoice,
    /// Who may do what.
    pub access: AccessConfig,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: {error}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file is no configuration.
    #[error("{}: {error}", path.display())]
    Parse {
        /// Which.
        path: PathBuf,
        /// Where and why.
        error: Box<toml::de::Error>,
    },
    /// The file has a key that means nothing.
    #[error("{}: `{key}` means nothing here{}", path.display(), nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    UnknownKey {
        /// Which file.
        path: PathBuf,
        /// As written.
        key: String,
        /// The nearest that means something.
        nearest: Option<String>,
    },
    /// A setting about callers has a value that it cannot have.
    #[error("{setting}: {detail}")]
    Access {
        /// Its key in the configuration file.
        setting: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// The database is none that there is.
    #[error("the database `{url}` cannot be used: write sqlite://FILE or postgres://USER@HOST/NAME")]
    Database {
        /// As written, without its password.
        url: String,
    },
}

/// The keys that a configuration file may have.
const KEYS: &[&str] = &[
    "engine",
    "docker_host",
    "runtimes",
    "isolation",
    "warm",
    "require_isolation",
    "apparmor_profile",
    "oci_runtime",
    "data",
    "listen",
    "database",
    "max_running",
    "max_waiting",
    "max_waiting_of_one",
    "queue_timeout",
    "max_interactive",
    "interactive_time",
    "interactive_idle",
    "max_cells",
    "max_memory",
    "idle_timeout",
    "drain_timeout",
    "log_format",
    "metrics",
];

/// The keys of [`KEYS`] that [`EngineArgs`] has.
const ENGINE_KEYS: usize = 9;

/// Reads the configuration file, if there is one, and puts what was told on the command line on top.
///
/// # Errors
/// When a file was named and cannot be read, or one is there and cannot be understood.
pub fn load(
    file: Option<&Path>,
    engine: EngineArgs,
    serve: ServeArgs,
) -> Result<(EngineConfig, ServeConfig), ConfigError> {
    let (engine_file, serve_file) = read(file)?;
    let runtimes = [engine.runtimes, engine_file.runtimes].into_iter().find(|folders| !folders.is_empty());
    let engine = EngineConfig {
        engine: engine.engine.or(engine_file.engine).unwrap_or(EngineChoice::Auto),
        docker_host: engine.docker_host.or(engine_file.docker_host),
        runtimes: runtimes.unwrap_or_else(|| vec!["runtimes".into()]),
        isolation: engine.isolation.or(engine_file.isolation).unwrap_or(IsolationChoice::Auto),
        warm: engine.warm.or(engine_file.warm).unwrap_or(WarmChoice::On),
        apparmor_profile: engine.apparmor_profile.or(engine_file.apparmor_profile),
        oci_runtime: engine.oci_runtime.or(engine_file.oci_runtime),
        required: engine.require_isolation.or(engine_file.require_isolation),
        data: engine.data.or(engine_file.data).unwrap_or_else(|| "data".into()),
        keeps_data: true,
        trusts_samples: false,
    };
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let waiting = serve.max_waiting.or(serve_file.max_waiting).unwrap_or(64);
    let waiting_of_one = serve.max_waiting_of_one.or(serve_file.max_waiting_of_one);
    let queue_timeout = serve.queue_timeout.or(serve_file.queue_timeout).unwrap_or(30);
    let idle_timeout = serve.idle_timeout.or(serve_file.idle_timeout).unwrap_or(300);
    let max_memory = serve.max_memory.or(serve_file.max_memory).map(|size| size.as_u64());
    let running = serve.max_running.or(serve_file.max_running).unwrap_or(processors.max(2)).max(1);
    let max_cells = serve.max_cells.or(serve_file.max_cells).unwrap_or(32).max(1);
    let usual = InteractiveLimits::default();
    let seconds = |asked: Option<u64>, usual: Duration| {
        asked.map_or(usual, |asked| Duration::from_secs(asked.clamp(1, LONGEST_SECONDS)))
    };
    // A cell that somebody talks to must not be the last one.
    let most = serve.max_interactive.or(serve_file.max_interactive).unwrap_or(usual.most);
    let interactive = InteractiveLimits::new(
        most.min((max_cells / 2).max(1)),
        seconds(serve.interactive_time.or(serve_file.interactive_time), usual.time),
        seconds(serve.interactive_idle.or(serve_file.interactive_idle), usual.idle),
    );
    let listen = serve.listen.or(serve_file.listen);
    let listen = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
    let serve = ServeConfig {
        listen,
        access: serve.access.resolve(serve_file.access, listen)?,
        database: database(
            serve.database.or_else(|| std::env::var("DATABASE_URL").ok()).or(serve_file.database),
            &engine.data,
        )?,
        queue: QueueLimits {
            running,
            waiting,
            waiting_of_one: waiting_of_one.unwrap_or(AdmissionLimits::share(waiting)).max(1),
            longest_wait: Duration::from_secs(queue_timeout),
            interactive,
        },
        pool: PoolLimits {
            max_cells,
            memory_bytes: max_memory.unwrap_or_else(memory_for_cells),
            idle_timeout: Duration::from_secs(idle_timeout.max(1)),
        },
        drain_timeout: Duration::from_secs(serve.drain_timeout.or(serve_file.drain_timeout).unwrap_or(10)),
        log_format: serve.log_format.or(serve_file.log_format),
        metrics: serve.metrics.or(serve_file.metrics).unwrap_or_default(),
    };
    Ok((engine, serve))
}

/// Three quarters of the machine's memory, or of what this process's cgroup may have.
fn memory_for_cells() -> u64 {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    let machine = system.total_memory();
    let total = system.cgroup_limits().map_or(machine, |limits| limits.total_memory.min(machine));
    total / 4 * 3
}

/// What a database's URL means; without one, the usual file in the data folder.
fn database(url: Option<String>, data: &Path) -> Result<Location, ConfigError> {
    let Some(url) = url else { return Ok(Location::Sqlite(data.join("polyground.db"))) };
    if ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Ok(Location::Postgres(url));
    }
    match url.strip_prefix("sqlite:") {
        Some(file) if !file.trim_start_matches('/').is_empty() => {
            Ok(Location::Sqlite(file.strip_prefix("//").unwrap_or(file).into()))
        }
        Some(_) | None => Err(ConfigError::Database { url: without_password(&url) }),
    }
}

impl IsolationChoice {
    /// The modes that may be used, the strongest first.
    pub fn allowed(self) -> Vec<Isolation> {
        match self {
            Self::Auto => vec![Isolation::Nested, Isolation::SingleUse],
            Self::Nested => vec![Isolation::Nested],
            Self::SingleUse => vec![Isolation::SingleUse],
        }
    }
}

impl RequiredIsolation {
    /// Whether this mode is at least as strong.
    pub fn is_met_by(self, mode: Isolation) -> bool {
        self <= Self::of(mode)
    }

    /// How strong a mode is.
    fn of(mode: Isolation) -> Self {
        match mode {
            Isolation::Nested => Self::Nested,
            Isolation::SingleUse => Self::SingleUse,
        }
    }

    /// As it is written on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nested => "nested",
            Self::SingleUse => "single-use",
        }
    }
}

fn read(file: Option<&Path>) -> Result<(EngineArgs, ServeArgs), ConfigError> {
    let path = file.unwrap_or(Path::new(DEFAULT_FILE));
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if file.is_none() && error.kind() == io::ErrorKind::NotFound => return Ok(<_>::default()),
        Err(error) => return Err(ConfigError::Read { path: path.to_owned(), error }),
    };
    parse(path, &text)
}

fn parse(path: &Path, text: &str) -> Result<(EngineArgs, ServeArgs), ConfigError> {
    let bad = |error| ConfigError::Parse { path: path.to_owned(), error: Box::new(error) };
    let File { rest } = toml::from_str(text).map_err(bad)?;
    let keys = || KEYS.iter().chain(&access::KEYS).copied();
    if let Some(key) = rest.keys().find(|key| !keys().any(|known| known == key.as_str())) {
        let nearest = crate::runtime::nearest(key, keys()).map(str::to_owned);
        return Err(ConfigError::UnknownKey { path: path.to_owned(), key: key.clone(), nearest });
    }
    let (engine, rest): (toml::Table, toml::Table) =
        rest.into_iter().partition(|(key, _)| KEYS[..ENGINE_KEYS].contains(&key.as_str()));
    let (access, serve): (toml::Table, toml::Table) =
        rest.into_iter().partition(|(key, _)| access::KEYS.contains(&key.as_str()));
    let mut serve: ServeArgs = serve.try_into().map_err(bad)?;
    serve.access = access.try_into().map_err(bad)?;
    Ok((engine.try_into().map_err(bad)?, serve))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<(EngineArgs, ServeArgs), String> {
        parse(Path::new("polyground.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_sets_what_the_command_line_leaves_open() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.toml");
        fs::write(&file, "engine = 'local'\nlisten = '127.0.0.1:1'\nmax_running = 7\nmax_memory = '2GiB'\n")
            .unwrap();
        let flags = ServeArgs { listen: Some(([127, 0, 0, 1], 2).into()), ..ServeArgs::default() };
        let (engine, serve) = load(Some(&file), EngineArgs::default(), flags).unwrap();
        assert_eq!(engine.engine, EngineChoice::Local);
        assert_eq!((serve.listen.port(), serve.queue.running, serve.queue.waiting), (2, 7, 64));
        assert_eq!(serve.pool.memory_bytes, 2 << 30);
    }

    #[test]
    fn cells_get_most_of_the_machines_memory_but_not_all() {
        let memory = memory_for_cells();
        assert!((64 << 20..1 << 50).contains(&memory), "{memory}");
    }

    #[test]
    fn a_database_is_a_file() {
        let data = Path::new("data");
        let table = [
            (None, "data/polyground.db"),
            (Some("sqlite://x.db"), "x.db"),
            (Some("sqlite:///var/lib/x.db"), "/var/lib/x.db"),
            (Some("sqlite:x.db"), "x.db"),
        ];
        for (url, expected) in table {
            let expected = Location::Sqlite(expected.into());
            assert_eq!(database(url.map(str::to_owned), data).unwrap(), expected);
        }
        let url = "postgres://me:secret@db/x?sslmode=require";
        let postgres = database(Some(url.to_owned()), data).unwrap();
        assert_eq!(postgres, Location::Postgres(url.into()));
        assert_eq!(postgres.to_string(), "postgres://me@db/x");
        for url in ["mysql://x", "sqlite://", "x.db"] {
            let error = database(Some(url.to_owned()), data).unwrap_err().to_string();
            assert!(error.contains("write sqlite://FILE"), "{error}");
        }
        for url in ["postgre://me:secret@db/x?password=secret", "me:secret@db/x", "postgres:me:secret@db"] {
            let error = database(Some(url.to_owned()), data).unwrap_err().to_string();
            assert!(error.contains("@db") && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = parsed("listne = '127.0.0.1:1'").unwrap_err();
        assert!(error.starts_with("polyground.toml: `listne` means nothing here"), "{error}");
    }

    #[test]
    fn a_wrong_value_says_what_would_be_right() {
        let error = parsed("engine = 'podman'").unwrap_err();
        assert!(error.contains("auto") && error.contains("docker") && error.contains("local"), "{error}");
    }

    #[test]
    fn what_is_required_is_met_by_itself_and_by_what_is_stronger() {
        use {Isolation as Mode, RequiredIsolation as Required};
        assert!(Required::Nested > Required::SingleUse);
        for (required, mode, met) in [
            (Required::Nested, Mode::Nested, true),
            (Required::Nested, Mode::SingleUse, false),
            (Required::SingleUse, Mode::Nested, true),
            (Required::SingleUse, Mode::SingleUse, true),
        ] {
            assert_eq!(required.is_met_by(mode), met, "{required:?} by {mode:?}");
        }
    }

    #[test]
    fn the_modes_that_are_allowed_come_the_strongest_first() {
        let strengths: Vec<_> =
            IsolationChoice::Auto.allowed().into_iter().map(RequiredIsolation::of).collect();
        assert!(strengths.is_sorted_by(|one, other| one > other), "{strengths:?}");
    }

    #[test]
    fn a_required_isolation_is_read_from_the_file_and_the_flag_wins() {
        let (engine, _) = parsed("require_isolation = 'single-use'").unwrap();
        assert_eq!(engine.require_isolation, Some(RequiredIsolation::SingleUse));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.toml");
        fs::write(&file, "require_isolation = 'single-use'\n").unwrap();
        let flags =
            EngineArgs { require_isolation: Some(RequiredIsolation::Nested), ..EngineArgs::default() };
        let (engine, _) = load(Some(&file), flags, ServeArgs::default()).unwrap();
        assert_eq!(engine.required, Some(RequiredIsolation::Nested));
        assert!(parsed("require_isolation = 'strict'").unwrap_err().contains("single-use"));
    }

    #[test]
    fn a_file_that_was_named_must_be_there() {
        let missing = load(Some(Path::new("/nowhere.toml")), EngineArgs::default(), ServeArgs::default());
        assert!(matches!(missing, Err(ConfigError::Read { .. })));
    }
}
