//! A PostgreSQL of a test's own.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::server::repository;

/// A PostgreSQL that is running. Dropping it ends it and removes what it kept.
pub(crate) struct Postgres {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Postgres {
    /// Starts one, empty, on a free port of loopback.
    pub(crate) fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::Builder::new().prefix("polyground-postgres-").tempdir().unwrap().keep();
        Self::start_in(folder, port)
    }

    /// Starts one on a folder that another has left, or on an empty one.
    pub(crate) fn start_in(folder: PathBuf, port: u16) -> Self {
        let mut child = Command::new(Path::new(&repository()).join("tests/postgres.sh"))
            .arg(&folder)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "PostgreSQL did not start");
        Self { child, folder, port }
    }

    /// The URL of its database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://tests@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends it. What it kept stays, for another one on the same port.
    pub(crate) fn stop_but_keep(mut self) -> (PathBuf, u16) {
        std::fs::write(self.folder.join("keep"), "").unwrap();
        self.end();
        (self.folder.clone(), self.port)
    }

    fn end(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.end();
    }
}
