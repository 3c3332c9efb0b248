//! `polyground doctor`: what this machine has for sandboxes, what it lacks, and the cure.

use std::{path::Path, process::ExitCode, sync::Arc, time::Duration};

use clap::Args;

use super::{Common, out::print, progress::Board};
use crate::{
    app::{App, StartupError},
    catalog::State,
    config::{self, EngineConfig, ServeArgs},
    engine::{EngineKind, ImageState},
    pool::PoolLimits,
    prepare::{KernelRules, Obstacle, image_request, isolation_name},
    run::QueueLimits,
    runtime::{Runtime, load_all},
};

/// Below this, images cannot be built and data is at risk.
const LITTLE_DISK_BYTES: u64 = 4 << 30;

/// Check this machine: engine, sandboxes, kernel, disk, runtimes and images; each finding with its cure.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    common: Common,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grade {
    Good,
    Note,
    Bad,
}

/// One finding.
struct Finding {
    grade: Grade,
    subject: &'static str,
    seen: String,
    cure: Option<String>,
}

impl Finding {
    fn good(subject: &'static str, seen: impl Into<String>) -> Self {
        Self { grade: Grade::Good, subject, seen: seen.into(), cure: None }
    }

    fn note(subject: &'static str, seen: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { grade: Grade::Note, subject, seen: seen.into(), cure: Some(cure.into()) }
    }

    fn bad(subject: &'static str, seen: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { grade: Grade::Bad, subject, seen: seen.into(), cure: Some(cure.into()) }
    }
}

pub(super) async fn examine(args: DoctorArgs) -> anyhow::Result<ExitCode> {
    let (config, _) = config::load(args.common.config.as_deref(), args.common.engine, ServeArgs::default())?;
    let rules = KernelRules::read(Path::new("/"));
    let mut findings = user_namespaces(&rules);
    findings.extend([app_armor(&rules), disk(&config.data)]);
    findings.extend(with_engine(&config).await);
    let bad = findings.iter().any(|finding| finding.grade == Grade::Bad);
    print(&report(&findings))?;
    Ok(if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn report(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let mark = match finding.grade {
            Grade::Good => "ok  ",
            Grade::Note => "note",
            Grade::Bad => "BAD ",
        };
        text.push_str(&format!("{mark}  {:<16} {}\n", finding.subject, finding.seen));
        if let Some(cure) = &finding.cure {
            text.push_str(&format!("{:24}→ {cure}\n", ""));
        }
    }
    text
}

async fn with_engine(config: &EngineConfig) -> Vec<Finding> {
    let queue = QueueLimits::for_one_run(Duration::from_secs(30));
    let limits = PoolLimits::for_one_run();
    let app = match App::build(&config.for_one_run(), limits, queue, Arc::new(Board::for_one_run())).await {
        Ok(app) => app,
        Err(error @ StartupError::Isolation(_)) => {
            let cure = "change --isolation or --require-isolation";
            return vec![Finding::bad("settings", error.to_string(), cure)];
        }
        Err(error) => {
            let cure = "start Docker, point DOCKER_HOST at one, or use --engine local";
            return vec![Finding::bad("engine", error.to_string(), cure)];
        }
    };
    let mut findings = vec![engine(&app)];
    if let Some(unused) = &app.unused_setting {
        findings.push(Finding::note("settings", unused, "leave it out"));
    }
    findings.extend(runtimes(config, &app).await);
    app.stop().await;
    findings
}

fn engine(app: &App) -> Finding {
    let info = app.engine.info();
    let cgroup = info.cgroup_version.map_or("none".into(), |version| version.to_string());
    let kind = match info.kind {
        EngineKind::Docker => "docker",
        EngineKind::Local => "local",
    };
    let seen = format!("{kind} {} at {}, cgroup version {cgroup}", info.version, info.address);
    match (&app.engine_note, info.kind, info.cgroup_version) {
        (Some(why), _, _) => Finding::note(
            "engine",
            format!("{seen}; not Docker, because {why}"),
            "start Docker for isolation in containers",
        ),
        (None, EngineKind::Local, None) => Finding::note(
            "engine",
            seen,
            "run as root for bounds on a whole run's memory; without, they hold for each process",
        ),
        _ => Finding::good("engine", seen),
    }
}

async fn runtimes(config: &EngineConfig, app: &App) -> Vec<Finding> {
    let loaded = match load_all(&config.runtimes) {
        Ok(loaded) => loaded,
        Err(error) => return vec![Finding::bad("runtimes", error.to_string(), "say --runtimes DIR")],
    };
    let (good, broken): (Vec<_>, Vec<_>) = loaded.into_iter().partition(Result::is_ok);
    let mut findings = Vec::new();
    for definition in broken.into_iter().filter_map(Result::err) {
        let cure = format!("polyground check {}", definition.folder.display());
        findings.push(Finding::note("runtime", format!("{}: {}", definition.id, definition.summary()), cure));
    }
    let mut ready: Option<Runtime> = None;
    let (mut current, mut missing) = (0, Vec::new());
    for runtime in good.into_iter().filter_map(Result::ok) {
        match app.engine.image_state(&image_request(&runtime)).await {
            Ok(ImageState::Current(_)) => {
                current += 1;
                ready.get_or_insert(runtime);
            }
            Ok(ImageState::Outdated(_) | ImageState::Missing) => missing.push(runtime.id),
            Err(error) => findings.push(Finding::note(
                "runtime",
                format!("{}: {error}", runtime.id),
                "nothing, if you do not need it",
            )),
        }
    }
    let seen = format!("{current} ready, {} to be built", missing.len());
    findings.push(if missing.is_empty() {
        Finding::good("images", seen)
    } else {
        Finding::note("images", seen, format!("polyground images build {}", missing.join(" ")))
    });
    findings.push(isolation(app, ready).await);
    findings
}

/// Makes a real sandbox and runs something in it.
async fn isolation(app: &App, runtime: Option<Runtime>) -> Finding {
    let Some(runtime) = runtime else {
        return Finding::note("sandbox", "not tried: no image is ready", "polyground images build");
    };
    let id = runtime.id.clone();
    app.prepare_one(runtime).await;
    let state =
        app.catalog.list().into_iter().find(|listing| listing.id() == id).map(|listing| listing.state);
    match (app.preparer.isolation(), state) {
        (Some(found), Some(State::Ready { .. })) => {
            let landlock = match found.landlock_abi {
                0 => "without Landlock".to_owned(),
                abi => format!("with Landlock {abi}"),
            };
            let seen = format!("{} works, {landlock} ({id} was started in it)", isolation_name(found.mode));
            match &found.reason {
                None => Finding::good("sandbox", seen),
                Some(reason) => {
                    let seen = format!("{seen}; nested does not: {reason}");
                    Finding::note("sandbox", seen, nested_cure(app))
                }
            }
        }
        (_, Some(State::Unavailable { reason })) => Finding::bad("sandbox", reason, nested_cure(app)),
        _ => Finding::bad("sandbox", "it was not found out", nested_cure(app)),
    }
}

/// What may be done so that nested sandboxes work.
fn nested_cure(app: &App) -> String {
    let obstacles = KernelRules::read(Path::new("/")).obstacles(app.engine.info());
    if obstacles.is_empty() {
        return "no rule of this kernel that is known here forbids it: look at the kernel's log (dmesg); single-use \
                isolation works without"
            .into();
    }
    obstacles.into_iter().map(|obstacle| obstacle.cure).collect::<Vec<_>>().join("; and ")
}

fn user_namespaces(rules: &KernelRules) -> Vec<Finding> {
    let subject = "user namespaces";
    let obstacles = rules.against_user_namespaces();
    if !obstacles.is_empty() {
        let note = |Obstacle { seen, cure }| Finding::note(subject, seen, cure);
        return obstacles.into_iter().map(note).collect();
    }
    vec![match rules.max_user_namespaces {
        Some(most) => Finding::good(subject, format!("up to {most}")),
        None => Finding::note(subject, "this kernel does not tell", "use a Linux kernel of 5.3 or later"),
    }]
}

fn app_armor(rules: &KernelRules) -> Finding {
    let restricts = if rules.restricts_user_namespaces {
        "; restricts user namespaces of unconfined programs (kernel.apparmor_restrict_unprivileged_userns is 1)"
    } else {
        ""
    };
    let loaded = match &rules.profiles {
        Some(profiles) if profiles.iter().any(|name| name == "polyground-cell") => {
            "; the profile polyground-cell is loaded"
        }
        _ => "",
    };
    let on = if rules.app_armor { "on" } else { "off" };
    Finding::good("apparmor", format!("{on}{restricts}{loaded}"))
}

fn disk(data: &Path) -> Finding {
    let place = data.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    match nix::sys::statvfs::statvfs(place) {
        Ok(stat) => {
            let free = stat.blocks_available() * stat.fragment_size();
            let seen = format!("{} free at {}", bytesize::ByteSize(free), place.display());
            if free < LITTLE_DISK_BYTES {
                Finding::note("disk", seen, "free some: the images of all languages take about 2 GiB")
            } else {
                Finding::good("disk", seen)
            }
        }
        Err(error) => Finding::note("disk", format!("{}: {error}", place.display()), "choose another --data"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_forbids_is_a_note_with_its_cure() {
        let rules = KernelRules {
            userns_clone: Some(false),
            max_user_namespaces: Some(0),
            app_armor: true,
            restricts_user_namespaces: true,
            profiles: Some(vec!["polyground-cell".into()]),
            se_linux: false,
        };
        let mut findings = user_namespaces(&rules);
        findings.push(app_armor(&rules));
        insta::assert_snapshot!(report(&findings));
    }
}
