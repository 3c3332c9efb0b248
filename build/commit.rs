//! Which commit this is built from, and when that was made. The time of the build is never asked for, nor the folder: two builds
//! of one commit say the same.

use std::{env, fs, process::Command};

/// What `git archive` fills in: the commit and its time, so that source archives without `.git` know theirs.
const ARCHIVED: &str = "build/commit";

/// A commit and the second since 1970 at which it was made.
type Commit = (String, Option<u64>);

/// Tells the crate its commit (`POLYGROUND_COMMIT`), the commit's day (`POLYGROUND_COMMIT_DATE`) and target (`POLYGROUND_TARGET`).
/// Builds for debugging are told no commit: each new one would have everything compiled again.
pub(crate) fn tell() {
    for variable in ["POLYGROUND_COMMIT", "SOURCE_DATE_EPOCH"] {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    println!("cargo:rerun-if-changed={ARCHIVED}");
    if let Ok(target) = env::var("TARGET") {
        println!("cargo:rustc-env=POLYGROUND_TARGET={target}");
    }
    if env::var("PROFILE").as_deref() != Ok("release") {
        return;
    }
    let Some((commit, seconds)) = given().or_else(archived).or_else(checked_out) else { return };
    println!("cargo:rustc-env=POLYGROUND_COMMIT={commit}");
    let epoch = env::var("SOURCE_DATE_EPOCH").ok().and_then(|epoch| epoch.trim().parse().ok());
    if let Some(seconds) = epoch.or(seconds) {
        println!("cargo:rustc-env=POLYGROUND_COMMIT_DATE={}", day(seconds));
    }
}

/// What a packager says: a commit, and if known its time as well.
fn given() -> Option<Commit> {
    let text = env::var("POLYGROUND_COMMIT").ok()?;
    let (commit, seconds) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    (!commit.is_empty()).then(|| (commit.to_owned(), seconds.parse().ok()))
}

/// What a source archive says.
fn archived() -> Option<Commit> {
    let text = fs::read_to_string(ARCHIVED).ok()?;
    let (commit, seconds) = text.trim().split_once(' ')?;
    let is_commit = !commit.is_empty() && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_commit.then(|| (commit.to_owned(), seconds.parse().ok()))
}

/// What git says, if this folder, and not one that it was copied into, is its own. A changed tree is marked.
fn checked_out() -> Option<Commit> {
    let prefix = git(&["rev-parse", "--show-prefix"])?;
    git(&["ls-files", "--error-unmatch", ARCHIVED])?;
    if !prefix.is_empty() {
        return None;
    }
    for moved in ["HEAD", "logs/HEAD"] {
        if let Some(path) =
            git(&["rev-parse", "--git-path", moved]).filter(|path| fs::exists(path).unwrap_or(false))
        {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    let line = git(&["log", "-1", "--format=%H %ct"])?;
    let (commit, seconds) = line.split_once(' ')?;
    let changed =
        git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|files| !files.is_empty());
    let mark = if changed { "+changes" } else { "" };
    Some((format!("{commit}{mark}"), seconds.parse().ok()))
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The day, as 2026-11-23, of a second since 1970 (Howard Hinnant's civil calendar).
fn day(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
