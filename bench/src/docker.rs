//! What a server is compared with: the same commands in a container of the same image, started there by a small C loop,
//! by `docker exec`, and in a new container by `docker run`. The two are Docker's command line, as scripts use it.

use std::{
    collections::BTreeMap,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use crate::program::{Program, Stage};

/// The user, the folders, the environment and the bounds of a cell, as far as they matter for speed: a shell that finds `LANG` reads a
/// dozen files of that locale. Folders have an owner: some OCI
/// runtimes keep the mode of the image's folder and ignore the one asked for.
const OPTIONS: [&str; 14] = [
    "--network=none",
    "--user=65532:65532",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--read-only",
    "--log-driver=none",
    "--env=HOME=/home/user",
    "--env=LANG=C.UTF-8",
    "--tmpfs=/box:rw,exec,mode=1777,uid=65532,gid=65532",
    "--tmpfs=/build:rw,exec,mode=1777,uid=65532,gid=65532",
    "--tmpfs=/tmp:rw,exec,mode=1777,uid=65532,gid=65532",
    "--tmpfs=/home/user:rw,exec,mode=1777,uid=65532,gid=65532",
    "--workdir=/box",
    "--entrypoint=sh",
];

/// Where a container has what does not belong to the program.
const LOOP: &str = "tmp/native-loop";
const STDIN: &str = "tmp/stdin";
const EXPECTED: &str = "tmp/expected";

/// A container that runs and waits. Dropping it removes it.
pub(crate) struct Container {
    id: String,
}

impl Container {
    pub(crate) fn start(image: &str) -> anyhow::Result<Self> {
        let mut command = docker(&["run", "--detach", "--rm", "--init"]);
        command.args(OPTIONS).args([image, "-c", "exec sleep 7200"]);
        let id = text(command.output()?)?.trim().to_owned();
        Ok(Self { id })
    }

    /// Puts a program there, in place of an earlier one.
    pub(crate) fn load(&self, program: &Program, native_loop: &Path) -> anyhow::Result<()> {
        let mut files = archive(program)?;
        add(&mut files, EXPECTED, program.expected.as_bytes())?;
        add(&mut files, LOOP, &std::fs::read(native_loop)?)?;
        let script = "rm -rf /box/* /build/* && tar -xmf - -C /";
        let mut command = docker(&["exec", "-i", &self.id, "sh", "-c", script]);
        with_input(&mut command, &files.into_inner()?)?;
        Ok(())
    }

    /// `docker exec`, on its command line. Gives the program's stdout and how long that took.
    pub(crate) fn exec(&self, stages: &[Stage]) -> anyhow::Result<(String, Duration)> {
        // What was built before must not spare this start work.
        text(docker(&["exec", &self.id, "sh", "-c", "rm -rf /build/*"]).output()?)?;
        let mut command = docker(&["exec", &self.id, "sh", "-c", &script(stages)]);
        let begun = Instant::now();
        let output = command.stdin(Stdio::null()).output()?;
        Ok((text(output)?, begun.elapsed()))
    }

    /// Starts the program this often in turn inside. Gives the milliseconds of each.
    pub(crate) fn native(&self, stages: &[Stage], count: usize) -> anyhow::Result<Vec<f64>> {
        let said = self.native_loop(&["latency", &count.to_string()], stages)?;
        let micros = said.lines().map(str::parse::<f64>);
        Ok(micros.collect::<Result<Vec<_>, _>>()?.into_iter().map(|micros| micros / 1000.0).collect())
    }

    /// Starts the program by this many clients at once inside. Gives how many ended each second.
    pub(crate) fn native_load(
        &self,
        stages: &[Stage],
        clients: usize,
        time: Duration,
    ) -> anyhow::Result<f64> {
        let arguments = ["load", &clients.to_string(), &time.as_secs_f64().to_string()];
        let said = self.native_loop(&arguments, stages)?;
        let (count, seconds) = said.trim().split_once(' ').context("two numbers")?;
        Ok(count.parse::<f64>()? / seconds.parse::<f64>()?)
    }

    fn native_loop(&self, arguments: &[&str], stages: &[Stage]) -> anyhow::Result<String> {
        let mut command = docker(&["exec", &self.id, &format!("/{LOOP}")]);
        command.args(arguments).args([format!("/{STDIN}"), format!("/{EXPECTED}")]);
        for stage in stages {
            command.arg("--stage");
            for (name, value) in &stage.env {
                command.arg("-e").arg(format!("{name}={value}"));
            }
            command.args(&stage.command);
        }
        text(command.stdin(Stdio::null()).output()?)
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = docker(&["rm", "--force", &self.id]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// `docker run`, on its command line, with the program as an archive on stdin: no shared files are needed.
pub(crate) fn run(image: &str, program: &Program, stages: &[Stage]) -> anyhow::Result<(String, Duration)> {
    let files = archive(program)?.into_inner()?;
    let script = format!("tar -xmf - -C / && {}", script(stages));
    let mut command = docker(&["run", "--rm", "--interactive"]);
    command.args(OPTIONS).args([image, "-c", &script]);
    let begun = Instant::now();
    let said = with_input(&mut command, &files)?;
    Ok((said, begun.elapsed()))
}

/// The image of each runtime of this server, as its cells have it.
pub(crate) fn images(server: u32) -> anyhow::Result<BTreeMap<String, String>> {
    let cells = cells(server)?;
    Ok(cells.into_iter().map(|cell| (cell.runtime, cell.image)).collect())
}

/// Removes the images whose names are like this.
pub(crate) fn remove_images(like: &str) -> anyhow::Result<()> {
    let found = text(docker(&["images", "--format", "{{.Repository}}:{{.Tag}}", like]).output()?)?;
    let names: Vec<_> = found.lines().collect();
    if !names.is_empty() {
        text(docker(&["rmi"]).args(names).output()?)?;
    }
    Ok(())
}

/// One container of a server.
pub(crate) struct CellContainer {
    pub(crate) name: String,
    pub(crate) runtime: String,
    image: String,
}

/// The containers of this server.
pub(crate) fn cells(server: u32) -> anyhow::Result<Vec<CellContainer>> {
    let format = "{{.Label \"polyground\"}}\t{{.Names}}\t{{.Label \"polyground.runtime\"}}\t{{.Image}}";
    let said =
        text(docker(&["ps", "--no-trunc", "--filter", "label=polyground", "--format", format]).output()?)?;
    let of_server = format!("-{server}-");
    let cells = said.lines().filter_map(|line| {
        let mut fields = line.split('\t').map(str::to_owned);
        let (instance, name) = (fields.next()?, fields.next()?);
        let cell = CellContainer { name, runtime: fields.next()?, image: fields.next()? };
        instance.contains(&of_server).then_some(cell)
    });
    Ok(cells.collect())
}

/// The memory that each of these containers uses, in bytes, without what the kernel would give back.
pub(crate) fn memory(names: &[String]) -> anyhow::Result<BTreeMap<String, f64>> {
    let mut command = docker(&["stats", "--no-stream", "--format", "{{.Name}}\t{{.MemUsage}}"]);
    let said = text(command.args(names).output()?)?;
    let used = said.lines().filter_map(|line| {
        let (name, usage) = line.split_once('\t')?;
        let (used, _) = usage.split_once(" / ")?;
        let digits = used.find(|c: char| c.is_ascii_alphabetic())?;
        let unit = match &used[digits..] {
            "B" => 1.0,
            "KiB" => 1024.0,
            "MiB" => 1_048_576.0,
            "GiB" => 1_073_741_824.0,
            _ => return None,
        };
        Some((name.to_owned(), used[..digits].parse::<f64>().ok()? * unit))
    });
    Ok(used.collect())
}

/// What Docker calls itself.
pub(crate) fn version() -> anyhow::Result<String> {
    let format = "{{.Server.Version}}, command line {{.Client.Version}}";
    Ok(text(docker(&["version", "--format", format]).output()?)?.trim().to_owned())
}

fn docker(arguments: &[&str]) -> Command {
    let mut command = Command::new("docker");
    command.args(arguments);
    command
}

fn with_input(command: &mut Command, input: &[u8]) -> anyhow::Result<String> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    child.stdin.take().context("no stdin")?.write_all(input)?;
    text(child.wait_with_output()?)
}

fn text(output: Output) -> anyhow::Result<String> {
    if !output.status.success() {
        bail!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The stages as a shell runs them: each only after the one before it has succeeded.
fn script(stages: &[Stage]) -> String {
    let last = stages.len().saturating_sub(1);
    let stage = |(index, stage): (usize, &Stage)| {
        let env = stage.env.iter().map(|(name, value)| format!("{name}={}", quoted(value)));
        let words = env.chain(stage.command.iter().map(|word| quoted(word)));
        let end = if index == last { format!(" < /{STDIN}") } else { " > /dev/null".into() };
        words.collect::<Vec<_>>().join(" ") + &end
    };
    stages.iter().enumerate().map(stage).collect::<Vec<_>>().join(" && ")
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn archive(program: &Program) -> anyhow::Result<tar::Builder<Vec<u8>>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in &program.files {
        add(&mut archive, &format!("box/{name}"), content.as_bytes())?;
    }
    add(&mut archive, STDIN, program.stdin.as_bytes())?;
    Ok(archive)
}

fn add(archive: &mut tar::Builder<Vec<u8>>, name: &str, content: &[u8]) -> anyhow::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o755);
    Ok(archive.append_data(&mut header, name, content)?)
}
