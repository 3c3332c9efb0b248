//! The cell's own seccomp profile by itself. In a sandbox each call meets the sandbox's filters too, so that what a program is told there
//! does not show whether the outer ones would hold: here are containers that have nothing else.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
    time::Duration,
};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::server::{eventually, repository};

/// What `kernel-surface.py` is told, by the profile or for want of capabilities.
const KERNEL_SURFACE: &str = "\
bpf map: EPERM
bpf program: EPERM
perf_event_open: EPERM
userfaultfd: EPERM
userfaultfd for user faults: EPERM
io_uring_setup: EPERM
io_uring_enter: EPERM
io_uring_register: EPERM
fanotify_init: EPERM
kexec_load: EPERM
kexec_file_load: refused
init_module: EPERM
finit_module: EPERM
delete_module: EPERM
vmsplice: BREACH, gave 0
memfd_secret: EPERM
iopl: refused
ioperm: refused
lookup_dcookie: refused
vhangup: EPERM
quotactl: EPERM
quotactl_fd: refused
acct: EPERM
swapon: EPERM
swapoff: EPERM
reboot: EPERM
syslog: EPERM
syslog size: EPERM
migrate_pages: EPERM
move_pages: EPERM
done
filters: 1
";

/// Families that the profile closes, whatever modules this machine's kernel has: those from 40 on and that of the kernel's crypto.
const CLOSED_FAMILIES: [u32; 12] = [38, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50];

/// What of these `sockets.cpp` names.
const CLOSED_BY_NAME: [&str; 3] = ["AF_ALG: EPERM", "AF_VSOCK: EPERM", "AF_XDP: EPERM"];

/// How long until some server has a cell of a runtime, whose image is used here.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |mode: &'static str| {
        Trial::test(format!("outer_seccomp::{mode}"), move || {
            kernel_surface(mode)?;
            sockets(mode)
        })
    };
    ["nested", "single-use"].map(trial).into()
}

/// The profile as cells of this mode get it.
fn profile(mode: &str) -> Result<tempfile::NamedTempFile, Failed> {
    let text = fs::read_to_string(repository().join("src/engine/docker/seccomp.json"))?;
    let mut profile: Value = serde_json::from_str(&text)?;
    let entries = profile["syscalls"].as_array_mut().ok_or("no entries")?;
    let before = entries.len();
    if mode == "single-use" {
        entries.retain(|entry| entry["comment"] != "polyground: nested sandboxes");
        assert_eq!(entries.len() + 1, before, "the entry of nested sandboxes has another name");
    }
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(profile.to_string().as_bytes())?;
    Ok(file)
}

/// The image of a runtime, of which some server has cells.
fn image(runtime: &str) -> Result<String, Failed> {
    let filter = format!("label=polyground.runtime={runtime}");
    let mut image = String::new();
    eventually(PATIENCE, || {
        let output =
            Command::new("docker").args(["ps", "--filter", &filter, "--format", "{{.Image}}"]).output();
        let text =
            output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        image = text.lines().next().unwrap_or_default().to_owned();
        !image.is_empty()
    });
    if image.is_empty() { Err(format!("no cell of {runtime}").into()) } else { Ok(image) }
}

/// What a command says in a container of an image, as a user without capabilities, under a profile only.
fn said(image: &str, profile: &str, command: &[&str], stdin: &str) -> Result<String, Failed> {
    let mut docker = Command::new("docker");
    docker.args(["run", "--rm", "--interactive", "--network", "none", "--user", "99999:99999"]);
    docker.args(["--cap-drop", "ALL", "--security-opt", "no-new-privileges"]);
    docker.args(["--security-opt", &format!("seccomp={profile}"), "--tmpfs", "/tmp:exec,mode=1777"]);
    docker.args(["--workdir", "/tmp", "--memory", "512m", "--pids-limit", "64", image]).args(command);
    docker.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = docker.spawn()?;
    child.stdin.take().ok_or("no stdin")?.write_all(stdin.as_bytes())?;
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    Err(format!("{:?}: {}", output.status, String::from_utf8_lossy(&output.stderr)).into())
}

fn source(name: &str) -> Result<String, Failed> {
    Ok(fs::read_to_string(repository().join("tests/hostile/isolation").join(name))?)
}

fn kernel_surface(mode: &str) -> Result<(), Failed> {
    let image = image("python-3.13")?;
    // One file: the helper first, and nothing of a sandbox's folders.
    let program = source("kernel-surface.py")?.replace("from probe import absent, refused\n", "");
    let program = program.replace("/box/main.py", "/etc/passwd");
    let status = "print('filters:', *[line.split()[1] for line in open('/proc/self/status') if line.startswith('Seccomp_filters')])\n";
    let program = format!("{}\n{program}\n{status}", source("probe.py")?);
    let profile = profile(mode)?;
    let path = profile.path().display().to_string();
    let under_ours = said(&image, &path, &["python3", "-"], &program)?;
    assert_eq!(under_ours, KERNEL_SURFACE, "{mode}");
    let under_none = said(&image, "unconfined", &["python3", "-"], &program)?;
    assert_ne!(under_none, under_ours, "the program is told the same without any profile");
    Ok(())
}

fn sockets(mode: &str) -> Result<(), Failed> {
    let image = image("cpp-14")?;
    let command = ["sh", "-c", "cat >s.cpp && g++ -std=c++20 -o s s.cpp && ./s"];
    let profile = profile(mode)?;
    let path = profile.path().display().to_string();
    let text = said(&image, &path, &command, &source("sockets.cpp")?)?;
    let opens = |family: &&u32| text.lines().any(|line| line.starts_with(&format!("family {family} ")));
    let open: Vec<_> = CLOSED_FAMILIES.iter().filter(opens).collect();
    assert!(open.is_empty(), "{mode}: families {open:?} open:\n{text}");
    for line in CLOSED_BY_NAME.iter().chain(&["family 1 opens", "family 2 opens", "done"]) {
        assert!(text.lines().any(|said| said == *line), "{mode}: {line:?} is missing:\n{text}");
    }
    assert!(!text.contains("upper bits"), "{mode}:\n{text}");
    // Without a profile the kernel itself answers for the family of its crypto: opened, or not known.
    let under_none = said(&image, "unconfined", &command, &source("sockets.cpp")?)?;
    assert!(!under_none.contains(CLOSED_BY_NAME[0]), "refused without any profile, too:\n{under_none}");
    Ok(())
}
