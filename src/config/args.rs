//! What can be told by flags and variables, and by the configuration file under the same names.

use std::{net::SocketAddr, path::PathBuf};

use bytesize::ByteSize;
use clap::Args;
use serde::Deserialize;

use super::{
    AccessArgs, CellLink, EngineChoice, IsolationChoice, LogFormat, MetricsChoice, RequiredIsolation,
    WarmChoice,
};

/// What every command that runs programs can be told.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(default)]
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
    /// Which way programs' input and output go between server and containers: directly where possible, or through Docker [default: auto]
    #[arg(long, value_enum, value_name = "WAY", env = "POLYGROUND_CELL_LINK")]
    pub cell_link: Option<CellLink>,
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
    /// A file that holds this URL, where it has a password
    #[arg(long, value_name = "FILE", env = "POLYGROUND_DATABASE_FILE")]
    pub database_file: Option<PathBuf>,
    /// The configuration file [default: ./polyground.toml, if there is one]
    #[arg(long, value_name = "FILE", env = "POLYGROUND_CONFIG")]
    pub config: Option<PathBuf>,
}

/// What the server can be told.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(default)]
pub struct ServeArgs {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", env = "POLYGROUND_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Where saved programs are kept: sqlite://FILE or postgres://USER@HOST/NAME; also from DATABASE_URL [default: polyground.db
    /// in the data folder]
    #[arg(long, value_name = "URL", env = "POLYGROUND_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// A file that holds this URL, where it has a password
    #[arg(long, value_name = "FILE", env = "POLYGROUND_DATABASE_FILE")]
    pub database_file: Option<PathBuf>,
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
    /// Send traces to this collector of OpenTelemetry (OTLP over HTTP), as http://localhost:4318 [default: none]
    #[arg(long, value_name = "URL", env = "POLYGROUND_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
    /// Who may do what.
    #[command(flatten)]
    #[serde(skip)]
    pub access: AccessArgs,
}
