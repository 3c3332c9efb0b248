//! A PostgreSQL of a test's own. The store's tests use it too.

#![allow(dead_code)] // each of the two needs a part of it

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// A PostgreSQL that is running. Dropping it ends it and removes what it kept.
pub(crate) struct Postgres {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Postgres {
    /// Starts one, empty, on a free port of loopback.
    pub(crate) fn start() -> Self {
        let (folder, port) = new_place();
        Self::start_in(folder, port)
    }

    /// Starts one that speaks TLS too. Its certificate is for `localhost`.
    pub(crate) fn start_with_tls() -> Self {
        let (folder, port) = new_place();
        Self::start_as(folder, port, &["tls"])
    }

    /// Starts one on a folder that another has left, or on an empty one.
    pub(crate) fn start_in(folder: PathBuf, port: u16) -> Self {
        Self::start_as(folder, port, &[])
    }

    fn start_as(folder: PathBuf, port: u16, more: &[&str]) -> Self {
        let mut child = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres.sh"))
            .arg(&folder)
            .arg(port.to_string())
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "PostgreSQL did not start");
        Self { child, folder, port }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The certificate of the authority that has signed that of a server [with TLS](Self::start_with_tls), and of one that has not.
    pub(crate) fn authorities(&self) -> [PathBuf; 2] {
        [self.folder.join("authority.crt"), self.folder.join("stranger.crt")]
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

fn new_place() -> (PathBuf, u16) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    (tempfile::Builder::new().prefix("polyground-postgres-").tempdir().unwrap().keep(), port)
}
