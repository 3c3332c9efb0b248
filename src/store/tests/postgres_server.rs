//! A PostgreSQL of the tests' own: started once, ended with them.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use sqlx::{ConnectOptions, Executor, postgres::PgConnectOptions};

struct Server {
    port: u16,
    // The script ends when this closes, with the test process at the latest.
    _stdin: ChildStdin,
    _child: Child,
}

static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = tempfile::Builder::new().prefix("polyground-postgres-").tempdir().unwrap().keep();
    let mut child = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres.sh"))
        .arg(&folder)
        .arg(port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n", "PostgreSQL did not start");
    Server { port, _stdin: child.stdin.take().unwrap(), _child: child }
});

/// The URL of a database that nobody else uses.
pub(super) async fn new_database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let port = tokio::task::spawn_blocking(|| SERVER.port).await.unwrap();
    let name = format!("store_{}", NEXT.fetch_add(1, Ordering::SeqCst));
    let options = PgConnectOptions::new().host("127.0.0.1").port(port).username("tests").database("postgres");
    let mut connection = options.connect().await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    format!("postgres://tests@127.0.0.1:{port}/{name}")
}
