//! What of this machine a program may see, and whether it has what a runtime needs.

use std::{fs, path::Path};

use sha2::{Digest, Sha256};

use crate::engine::Image;

/// Where programs, and the check of what is there, look for commands.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A folder that every machine has and no program sees: sandboxes' roots are built over it.
pub(super) const MOUNT_POINT: &str = "/tmp";

/// Folders that hold toolchains.
const FOLDERS: &[&str] = &["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/// Files and folders of `/etc` that toolchains need, by the beginning of their names. Nothing that tells of users' secrets.
const ETC: &[&str] = &[
    "alternatives",
    "group",
    "host.conf",
    "hostname",
    "hosts",
    "java-",
    "ld.so.c",
    "locale",
    "localtime",
    "mime.types",
    "mono",
    "nsswitch.conf",
    "passwd",
    "profile",
    "protocols",
    "python",
    "resolv.conf",
    "services",
    "timezone",
];

/// Of the above, those that must be whole names: others would begin with them (`passwd-`, `group-`).
const WHOLE: &[&str] =
    &["group", "hostname", "hosts", "passwd", "profile", "resolv.conf", "services", "protocols"];

/// The paths that a program sees.
pub(super) fn view() -> Vec<String> {
    let mut paths: Vec<String> = FOLDERS.iter().map(ToString::to_string).collect();
    let mut etc: Vec<String> = fs::read_dir("/etc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| {
            if WHOLE.iter().any(|whole| name.starts_with(whole)) {
                WHOLE.contains(&name.as_str())
            } else {
                ETC.iter().any(|beginning| name.starts_with(beginning))
            }
        })
        .map(|name| format!("/etc/{name}"))
        .collect();
    etc.sort();
    paths.extend(etc);
    paths
}

/// Whether this machine has all of these commands where programs would find them.
pub(super) fn check(commands: &[String]) -> Result<Image, String> {
    let mut hash = Sha256::new();
    let mut missing = Vec::new();
    for command in commands {
        match find(command) {
            // The file behind the name tells one version of a toolchain from the next.
            Some(file) => hash.update(format!("{command} {file}\n")),
            None => missing.push(format!("`{command}`")),
        }
    }
    if missing.is_empty() {
        let digest: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        return Ok(Image { id: format!("host:{digest}"), size_bytes: None });
    }
    Err(format!("this machine has no {}; install it, or use the docker engine", missing.join(", no ")))
}

/// The file that a command's name leads to, with its size and time of change.
fn find(command: &str) -> Option<String> {
    PATH.split(':').find_map(|folder| {
        let file = fs::canonicalize(Path::new(folder).join(command)).ok()?;
        let metadata = fs::metadata(&file).ok()?;
        let changed = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
        metadata.is_file().then(|| format!("{} {} {changed}", file.display(), metadata.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_command_is_named() {
        let error = check(&["sh".into(), "no-such-command".into()]).unwrap_err();
        assert!(error.contains("`no-such-command`") && !error.contains("`sh`"), "{error}");
    }

    #[test]
    fn the_same_commands_are_the_same_image() {
        let image = check(&["sh".into()]).unwrap();
        assert_eq!(Ok(image), check(&["sh".into()]));
    }

    #[test]
    fn programs_see_no_secrets_of_etc() {
        let view = view();
        assert!(view.contains(&"/usr".to_owned()) && view.contains(&"/etc/passwd".to_owned()));
        for secret in
            ["/etc", "/etc/shadow", "/etc/passwd-", "/etc/ssh", "/etc/ssl", "/etc/sudoers", "/root", "/home"]
        {
            assert!(!view.contains(&secret.to_owned()), "{secret}");
        }
    }
}
