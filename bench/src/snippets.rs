//! The store at scale: how long reads and saves take beside a million snippets, and beside a thousand.
//!
//! Both servers stand at the same time and are asked in turns, so that what the machine does meanwhile meets both.

mod made;
mod place;

use std::{
    path::Path,
    process::{Command, Stdio},
    rc::Rc,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use hyper::{Method, StatusCode};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Deserialize;

use self::{made::Made, place::Place};
use crate::{
    http::{Answer, Ask},
    paced::{self, Load},
    server::Server,
    stats::Times,
};

/// Requests each second. Both kinds at the same time.
pub(crate) const READS: u32 = 200;
pub(crate) const SAVES: u32 = 50;

const POSTGRES: &str = "PostgreSQL";

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    /// Snippets in the small store and in the large one.
    sizes: [u32; 2],
    /// Loads of each.
    rounds: u32,
    /// Of each load.
    time: Duration,
    /// Of a load that nobody looks at, before.
    warm_up: Duration,
    /// How long PostgreSQL is left alone after it has been filled: once a minute it looks at what it should tidy up.
    settle: Duration,
}

pub(crate) const FULL: Extent = Extent {
    sizes: [1_000, 1_000_000],
    rounds: 6,
    time: Duration::from_secs(20),
    warm_up: Duration::from_secs(5),
    settle: Duration::from_secs(90),
};

pub(crate) const QUICK: Extent = Extent {
    sizes: [1_000, 20_000],
    rounds: 2,
    time: Duration::from_secs(2),
    warm_up: Duration::from_millis(500),
    settle: Duration::ZERO,
};

/// What was measured with one kind of database.
pub(crate) struct Scale {
    pub(crate) database: &'static str,
    /// The small store and the large one.
    pub(crate) sizes: [Measured; 2],
}

pub(crate) struct Measured {
    pub(crate) snippets: u32,
    /// Those of each round.
    pub(crate) reads: Vec<Times>,
    pub(crate) saves: Vec<Times>,
}

/// What is asked, and where.
pub(crate) struct Asked<'a> {
    pub(crate) binary: &'a Path,
    pub(crate) repository: &'a Path,
    pub(crate) extent: Extent,
    /// With PostgreSQL too.
    pub(crate) postgres: bool,
}

/// # Errors
/// When a store cannot be filled, or an answer is wrong.
pub(crate) async fn measure(asked: &Asked<'_>) -> anyhow::Result<Vec<Scale>> {
    let mut scales = vec![scale(asked, "SQLite", |size| Place::sqlite(asked, size)).await?];
    if asked.postgres {
        scales.push(scale(asked, POSTGRES, |size| Place::postgres(asked, size)).await?);
    }
    Ok(scales)
}

async fn scale(
    asked: &Asked<'_>,
    database: &'static str,
    place: impl Fn(u32) -> anyhow::Result<Place>,
) -> anyhow::Result<Scale> {
    let Extent { sizes, rounds, time, warm_up, settle } = asked.extent;
    let (mut subjects, mut measured) = (Vec::new(), Vec::new());
    for size in sizes {
        let place = place(size)?;
        let server = place.serve(asked.binary)?;
        let mut subject = Subject { server, _place: place, size, saved: 0 };
        if database == POSTGRES {
            tokio::time::sleep(settle).await;
        }
        subject.load(warm_up).await?;
        measured.push(Measured { snippets: size, reads: Vec::new(), saves: Vec::new() });
        subjects.push(subject);
    }
    for round in 0..rounds {
        for turn in 0..subjects.len() {
            // Each is as often the first as the other one.
            let index = if round % 2 == 0 { turn } else { subjects.len() - 1 - turn };
            let subject = &mut subjects[index];
            eprintln!(
                "bench: {database} with {} snippets, round {} of {rounds}",
                grouped(subject.size),
                round + 1
            );
            let (reads, saves) = subject.load(time).await?;
            measured[index].reads.push(reads);
            measured[index].saves.push(saves);
        }
    }
    let Ok(sizes) = measured.try_into() else { bail!("two sizes are measured") };
    Ok(Scale { database, sizes })
}

/// One store and its server. The server ends before its place goes.
struct Subject {
    server: Server,
    _place: Place,
    size: u32,
    /// How many more there are by now.
    saved: u32,
}

impl Subject {
    /// Reads and saves at the same time.
    async fn load(&mut self, time: Duration) -> anyhow::Result<(Times, Times)> {
        let reads = Rc::new(Reads { size: self.size, salt: u64::from(self.saved) });
        let saves = Rc::new(Saves { first: self.size + self.saved });
        let (reads, saves) = tokio::try_join!(
            paced::at_rate(self.server.address, reads, READS, time),
            paced::at_rate(self.server.address, saves, SAVES, time),
        )?;
        self.saved += u32::try_from(saves.count())?;
        Ok((reads, saves))
    }
}

/// Reads of any that was there at the start.
struct Reads {
    size: u32,
    salt: u64,
}

impl Reads {
    fn which(&self, number: u32) -> Made {
        let mixed = made::mix(self.salt << 32 | u64::from(number));
        Made(u32::try_from(mixed % u64::from(self.size)).unwrap_or_default())
    }
}

#[derive(Deserialize)]
struct Opened {
    id: String,
    files: Vec<OpenedFile>,
}

#[derive(Deserialize)]
struct OpenedFile {
    content: String,
}

impl Load for Reads {
    fn ask(&self, number: u32) -> Ask {
        let path = format!("/api/v1/snippets/{}", self.which(number).id());
        Ask { method: Method::GET, path, body: Bytes::new() }
    }

    fn check(&self, number: u32, answer: &Answer) -> anyhow::Result<()> {
        let (made, text) = (self.which(number), String::from_utf8_lossy(&answer.body));
        ensure!(answer.status == StatusCode::OK, "{} for {}: {text}", answer.status, made.id());
        let opened: Opened = serde_json::from_slice(&answer.body).with_context(|| text.to_string())?;
        let right =
            opened.id == made.id() && opened.files.first().is_some_and(|file| file.content == made.source());
        ensure!(right, "{} is not what was saved: {text}", made.id());
        Ok(())
    }
}

/// Saves of what is not there yet.
struct Saves {
    first: u32,
}

impl Load for Saves {
    fn ask(&self, number: u32) -> Ask {
        let body = Made(self.first + number).request().to_string().into();
        Ask { method: Method::POST, path: "/api/v1/snippets".into(), body }
    }

    fn check(&self, _: u32, answer: &Answer) -> anyhow::Result<()> {
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status == StatusCode::CREATED, "{}: {text}", answer.status);
        Ok(())
    }
}

/// Fills a database through the command that operators use, with snippets 0 to `size`.
fn fill(binary: &Path, database: &str, size: u32) -> anyhow::Result<()> {
    let mut import = Command::new(binary)
        .args(["import", "--database", database, "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", binary.display()))?;
    let Some(stdin) = import.stdin.take() else { bail!("the import has no stdin") };
    let mut to = std::io::BufWriter::with_capacity(1 << 20, stdin);
    let bar = ProgressBar::new(u64::from(size)).with_style(ProgressStyle::with_template(
        "bench: filling {human_pos} of {human_len} {bar:30} {per_sec}, {eta} left",
    )?);
    let mut write = || -> anyhow::Result<()> {
        use std::io::Write;
        for number in 0..size {
            serde_json::to_writer(&mut to, &Made(number).record())?;
            to.write_all(b"\n")?;
            bar.inc(1);
        }
        Ok(to.flush()?)
    };
    let written = write();
    drop(to);
    bar.finish_and_clear();
    let output = import.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = format!("{size} snippets added");
    ensure!(output.status.success() && said.contains(&expected), "the import into {database}: {said}");
    written
}

/// Thousands are told apart.
pub(crate) fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}
