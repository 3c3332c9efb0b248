//! The image that runtimes start from: a Debian minbase made from packages by `runtimes/base/build`, without any registry;
//! where its tools are missing, a layer on the registry's own Debian.

use std::{
    collections::VecDeque,
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bollard::{body_try_stream, query_parameters::CreateImageOptionsBuilder};
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt, stream};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use super::{
    LABEL_CONTENT,
    build::{self, Build},
    build_log::shorten,
    context::Context,
    dockerfile::BASE,
};
use crate::engine::{
    EngineError, Progress,
    docker::client::{Client, reason},
};

/// The program in the base's folder that prints a suite's root file system as a tar archive.
const SCRIPT: &str = "build";

/// The lines of the script's log that an error shows.
const TAIL_LINES: usize = 15;

/// How long making a base may take.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// How the registry's Debian becomes a base: what `runtimes/base/build` does, as far as it can be done afterwards.
const LAYER: &str = r#"
RUN printf '%s\n' 'APT::Install-Recommends "false";' 'Acquire::Languages "none";' >/etc/apt/apt.conf.d/99polyground \
 && mkdir -p /usr/share/man/man1 /box /build /polyground /home/user \
 && echo 'debconf debconf/frontend select Noninteractive' | debconf-set-selections \
 && groupadd --gid 1000 user \
 && useradd --uid 1000 --gid 1000 --home-dir /home/user --no-create-home --shell /bin/bash user \
 && chown 1000:1000 /box /build /home/user
"#;

/// One base.
#[derive(Debug, Clone)]
pub(super) struct Base {
    suite: String,
    pub(super) tag: String,
    /// Names what it is made from.
    pub(super) hash: String,
    /// The program that makes it, where there is one.
    script: Option<PathBuf>,
}

impl Base {
    /// The base of a suite for the runtime in `folder`: made by the folder `base` beside it.
    pub(super) fn read(folder: &Path, suite: &str) -> Result<Self, String> {
        let beside = folder.join("..").join("base");
        let script = beside.join(SCRIPT);
        let (context, script) = if script.is_file() {
            (Context::read(&beside)?, Some(script))
        } else {
            (Context::of("Dockerfile", LAYER), None)
        };
        Ok(Self {
            suite: suite.to_owned(),
            tag: format!("{BASE}:{suite}"),
            hash: context.hash(&[suite.to_owned()]),
            script,
        })
    }

    /// Makes it.
    ///
    /// # Errors
    /// With why neither way works, and what to install.
    pub(super) async fn make(
        &self,
        client: &Client,
        network: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<(), EngineError> {
        let packages = match &self.script {
            Some(script) => match self.make_from_packages(client, script, progress).await {
                Ok(()) => return Ok(()),
                Err(reason) => reason,
            },
            None => "there is no program base/build beside the runtime's folder".to_owned(),
        };
        tracing::info!(base = self.tag, reason = packages, "trying the registry's Debian instead");
        let registry = match self.make_from_registry(client, network, progress).await {
            Ok(()) => return Ok(()),
            Err(error) => error.to_string(),
        };
        Err(EngineError::Image(format!(
            "{} can be made in neither way:\n- from Debian packages: {packages}\n- from a registry: {registry}\n\
             Install mmdebstrap and debian-archive-keyring on this machine, or make a registry reachable",
            self.tag
        )))
    }

    /// Runs the program and imports what it prints.
    async fn make_from_packages(
        &self,
        client: &Client,
        script: &Path,
        progress: &dyn Progress,
    ) -> Result<(), String> {
        progress.step(&format!("making {} from Debian packages", self.tag));
        let mut child = Command::new(script)
            .arg(&self.suite)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{}: {error}", script.display()))?;
        let log = child.stderr.take();
        let failure = Arc::new(Mutex::new(None));
        let archive = archive(child, failure.clone());
        let change = format!("LABEL {LABEL_CONTENT}={}", self.hash);
        let options = CreateImageOptionsBuilder::default()
            .from_src("-")
            .repo(BASE)
            .tag(&self.suite)
            .changes(vec![change])
            .build();
        let docker = client.streaming();
        let import = async {
            let messages = docker.create_image(Some(options), Some(body_try_stream(archive)), None);
            messages.try_collect::<Vec<_>>().await
        };
        let follow = async {
            match log {
                Some(log) => follow(log, progress).await,
                None => String::new(),
            }
        };
        let (imported, log) = timeout(PATIENCE, async { tokio::join!(import, follow) })
            .await
            .map_err(|_| format!("it took longer than {} minutes", PATIENCE.as_secs() / 60))?;
        // Why the program ended says more than that the import broke off.
        if let Some(status) = failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(format!("{} {SCRIPT}: {status}{log}", self.suite));
        }
        imported.map(|_| ()).map_err(|error| reason(&error, &client.address))
    }

    /// Builds a layer on the registry's Debian.
    async fn make_from_registry(
        &self,
        client: &Client,
        network: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<(), EngineError> {
        let debian = format!("debian:{}-slim", self.suite);
        super::pull::pull(client, &debian, progress).await?;
        let dockerfile = format!("FROM {debian}{LAYER}");
        let context = Context::of("Dockerfile", &dockerfile);
        let build = Build {
            tag: &self.tag,
            content: &self.hash,
            context: &context,
            dockerfile: &dockerfile,
            network,
            settings: None,
            anew: false,
        };
        build::build(client, &build, progress).await
    }
}

/// What a program prints. Ends with an error when the program does, so that half an archive never becomes an image.
fn archive(
    mut child: Child,
    failure: Arc<Mutex<Option<ExitStatus>>>,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let output = child.stdout.take();
    stream::try_unfold(Some((child, output, failure)), |state| async move {
        const CHUNK: usize = 256 * 1024;
        let Some((mut child, output, failure)) = state else { return Ok(None) };
        let mut output = output.ok_or(io::ErrorKind::BrokenPipe)?;
        let mut chunk = Vec::with_capacity(CHUNK);
        if output.read_buf(&mut chunk).await? > 0 {
            return Ok(Some((Bytes::from(chunk), Some((child, Some(output), failure)))));
        }
        let status = child.wait().await?;
        if status.success() {
            return Ok(None);
        }
        *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(status);
        Err(io::Error::other(format!("the program ended with {status}")))
    })
}

/// Tells a program's log as it comes; gives its last lines, ready to be shown.
async fn follow(log: impl tokio::io::AsyncRead + Unpin, progress: &dyn Progress) -> String {
    let mut lines = BufReader::new(log).split(b'\n');
    let mut tail = VecDeque::new();
    while let Ok(Some(line)) = lines.next_segment().await {
        let line = shorten(&String::from_utf8_lossy(&line));
        if line.is_empty() {
            continue;
        }
        tracing::debug!("base/build: {line}");
        // What mmdebstrap does with its own files and hooks says nothing to people.
        if let Some(step) = line.strip_prefix("I: ").filter(|step| !step.contains(['/', '\''])) {
            progress.step(&format!("base: {step}"));
        }
        tail.push_back(format!("\n    {line}"));
        if tail.len() > TAIL_LINES {
            tail.pop_front();
        }
    }
    tail.into_iter().collect()
}
