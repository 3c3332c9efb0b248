//! What holds once flags, variables and the file are put on top of the defaults.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use bytesize::ByteSize;

use super::{
    AccessConfig, CellLink, ConfigError, DatabaseArgs, EngineArgs, EngineChoice, IsolationChoice, LogFormat,
    MetricsChoice, RequiredIsolation, ServeArgs, WarmChoice, bounds::Bounds, file::File, secrets,
};
use crate::{
    pool::{AdmissionLimits, PoolLimits},
    run::{InteractiveLimits, QueueLimits},
    store::{Location, without_password},
};

/// The longest that anything can be let take, in seconds: beyond a day, an interactive program is a service.
const LONGEST: u64 = 86_400;

/// The most programs, cells and requests that can be told: more than any machine has room for.
const MOST: usize = 100_000;

/// The least and the most that all cells together can be given.
const MEMORY: (ByteSize, ByteSize) = (ByteSize::mib(64), ByteSize::tib(64));

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
    /// Which way frames go between the server and containers.
    pub cell_link: CellLink,
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
    /// The collector that traces are sent to.
    pub otlp_endpoint: Option<String>,
    /// Who may do what.
    pub access: AccessConfig,
}

/// The database that these name, or else the one that the server of this configuration would use.
///
/// # Errors
/// When the configuration is wrong.
pub fn database_of(args: DatabaseArgs) -> Result<Location, ConfigError> {
    let DatabaseArgs { database, database_file, config } = args;
    let serve = ServeArgs { database, database_file, ..ServeArgs::default() };
    load(config.as_deref(), EngineArgs::default(), serve).map(|(_, serve)| serve.database)
}

/// Reads the configuration file, if there is one, and puts what was told on the command line on top.
///
/// # Errors
/// When a file was named and cannot be read, or one is there and cannot be understood; when a value cannot be.
pub fn load(
    file: Option<&Path>,
    engine: EngineArgs,
    serve: ServeArgs,
) -> Result<(EngineConfig, ServeConfig), ConfigError> {
    let file = File::read(file)?;
    let engine = resolve_engine(engine, &file);
    let serve = resolve_serve(serve, &file, &engine.data)?;
    Ok((engine, serve))
}

fn resolve_engine(told: EngineArgs, file: &File) -> EngineConfig {
    let of_file = file.engine.clone();
    let runtimes = [told.runtimes, of_file.runtimes].into_iter().find(|folders| !folders.is_empty());
    EngineConfig {
        engine: told.engine.or(of_file.engine).unwrap_or(EngineChoice::Auto),
        docker_host: told.docker_host.or(of_file.docker_host),
        runtimes: runtimes.unwrap_or_else(|| vec!["runtimes".into()]),
        isolation: told.isolation.or(of_file.isolation).unwrap_or(IsolationChoice::Auto),
        warm: told.warm.or(of_file.warm).unwrap_or(WarmChoice::On),
        apparmor_profile: told.apparmor_profile.or(of_file.apparmor_profile),
        oci_runtime: told.oci_runtime.or(of_file.oci_runtime),
        cell_link: told.cell_link.or(of_file.cell_link).unwrap_or(CellLink::Auto),
        required: told.require_isolation.or(of_file.require_isolation),
        data: told.data.or(of_file.data).unwrap_or_else(|| "data".into()),
        keeps_data: true,
        trusts_samples: false,
    }
}

fn resolve_serve(told: ServeArgs, file: &File, data: &Path) -> Result<ServeConfig, ConfigError> {
    let of_file = file.serve.clone();
    let bounds = Bounds(file);
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let count = |setting, told, of_file, least| bounds.hold(setting, told, of_file, least..=MOST);
    let seconds = |setting, told, of_file, least| -> Result<Option<Duration>, ConfigError> {
        Ok(bounds.hold(setting, told, of_file, least..=LONGEST)?.map(Duration::from_secs))
    };
    let running =
        count("max_running", told.max_running, of_file.max_running, 1)?.unwrap_or(processors.max(2));
    let waiting = count("max_waiting", told.max_waiting, of_file.max_waiting, 0)?.unwrap_or(64);
    let of_one = count("max_waiting_of_one", told.max_waiting_of_one, of_file.max_waiting_of_one, 1)?;
    let longest_wait = seconds("queue_timeout", told.queue_timeout, of_file.queue_timeout, 1)?;
    let max_cells = count("max_cells", told.max_cells, of_file.max_cells, 1)?.unwrap_or(32);
    let memory = bounds.hold("max_memory", told.max_memory, of_file.max_memory, MEMORY.0..=MEMORY.1)?;
    let idle_timeout = seconds("idle_timeout", told.idle_timeout, of_file.idle_timeout, 1)?;
    let drain_timeout = seconds("drain_timeout", told.drain_timeout, of_file.drain_timeout, 0)?;
    let listen = told.listen.or(of_file.listen).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
    let url = secrets::database(told.database.clone(), told.database_file.as_deref(), file)?;
    Ok(ServeConfig {
        listen,
        database: database(url, data)?,
        queue: QueueLimits {
            running,
            waiting,
            waiting_of_one: of_one.unwrap_or(AdmissionLimits::share(waiting)),
            longest_wait: longest_wait.unwrap_or(Duration::from_secs(30)),
            interactive: interactive(&told, &of_file, &bounds, max_cells)?,
        },
        pool: PoolLimits {
            max_cells,
            memory_bytes: memory.map_or_else(memory_for_cells, |size| size.as_u64()),
            idle_timeout: idle_timeout.unwrap_or(Duration::from_secs(300)),
        },
        drain_timeout: drain_timeout.unwrap_or(Duration::from_secs(10)),
        log_format: told.log_format.or(of_file.log_format),
        metrics: told.metrics.or(of_file.metrics).unwrap_or_default(),
        otlp_endpoint: told.otlp_endpoint.or(of_file.otlp_endpoint),
        access: told.access.resolve(of_file.access, listen, &bounds)?,
    })
}

fn interactive(
    told: &ServeArgs,
    of_file: &ServeArgs,
    bounds: &Bounds<'_>,
    max_cells: usize,
) -> Result<InteractiveLimits, ConfigError> {
    let usual = InteractiveLimits::default();
    // A cell that somebody talks to must not be the last one.
    let room = (max_cells / 2).max(1);
    let most = bounds.hold("max_interactive", told.max_interactive, of_file.max_interactive, 0..=room)?;
    let seconds = |setting, told, of_file, usual: Duration| {
        let seconds = bounds.hold(setting, told, of_file, 1..=LONGEST)?;
        Ok::<_, ConfigError>(seconds.map_or(usual, Duration::from_secs))
    };
    Ok(InteractiveLimits::new(
        most.unwrap_or(usual.most.min(room)),
        seconds("interactive_time", told.interactive_time, of_file.interactive_time, usual.time)?,
        seconds("interactive_idle", told.interactive_idle, of_file.interactive_idle, usual.idle)?,
    ))
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn loaded(
        text: &str,
        engine: EngineArgs,
        serve: ServeArgs,
    ) -> Result<(EngineConfig, ServeConfig), String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.toml");
        fs::write(&file, text).unwrap();
        load(Some(&file), engine, serve).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_sets_what_the_command_line_leaves_open() {
        let text = "engine = 'local'\nlisten = '127.0.0.1:1'\nmax_running = 7\nmax_memory = '2GiB'\n";
        let flags = ServeArgs { listen: Some(([127, 0, 0, 1], 2).into()), ..ServeArgs::default() };
        let (engine, serve) = loaded(text, EngineArgs::default(), flags).unwrap();
        assert_eq!(engine.engine, EngineChoice::Local);
        assert_eq!((serve.listen.port(), serve.queue.running, serve.queue.waiting), (2, 7, 64));
        assert_eq!(serve.pool.memory_bytes, 2 << 30);
        let flags =
            EngineArgs { require_isolation: Some(RequiredIsolation::Nested), ..EngineArgs::default() };
        let (engine, _) = loaded("require_isolation = 'single-use'", flags, ServeArgs::default()).unwrap();
        assert_eq!(engine.required, Some(RequiredIsolation::Nested));
    }

    #[test]
    fn what_cannot_be_is_refused_and_not_bent() {
        for (text, what) in [
            ("max_running = 0", "max_running: 0 is not possible, only 1 to 100000 ("),
            ("max_cells = 4\nmax_interactive = 3", "max_interactive: 3 is not possible, only 0 to 2 ("),
            ("idle_timeout = 0", "idle_timeout: 0 is not possible, only 1 to 86400 ("),
            ("interactive_time = 100000", "interactive_time: 100000 is not possible"),
            ("max_connections = 0", "max_connections: 0 is not possible"),
            ("max_memory = '1MiB'", "max_memory: 1.0 MiB is not possible, only 64.0 MiB to"),
        ] {
            let error = loaded(text, EngineArgs::default(), ServeArgs::default()).unwrap_err();
            assert!(error.starts_with(what) && error.contains("x.toml:"), "{error}");
        }
        // By itself it is as many as there is room for.
        let (_, serve) = loaded("max_cells = 4", EngineArgs::default(), ServeArgs::default()).unwrap();
        assert_eq!(serve.queue.interactive.most, 2);
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
    fn a_file_that_was_named_must_be_there() {
        let missing = load(Some(Path::new("/nowhere.toml")), EngineArgs::default(), ServeArgs::default());
        assert!(matches!(missing, Err(ConfigError::Read { .. })));
    }
}
