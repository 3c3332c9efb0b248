//! Folders and files: the image's, the overlays, the names of a program's files.

use std::path::{Component, Path};

use super::super::problem::quoted;
use super::super::tree::Node;
use super::{Report, at};

/// Folders that a sandbox makes itself.
const OF_SANDBOX: [&str; 7] = ["/box", "/build", "/tmp", "/home/user", "/dev", "/proc", "/sys"];
/// Bytes of a file's name, as Linux has it.
const NAME_BYTES: usize = 255;

pub(super) fn check(report: &mut Report<'_>, root: &Node, folder: &Path) {
    image(report, root, folder);
    overlay(report, root);
    if let Some(node) = at(root, &["editor", "file"]) {
        file_name(report, node.text().unwrap_or_default(), node);
    }
}

/// Checks the name of a program's file, which stands at `node`.
pub(super) fn file_name(report: &mut Report<'_>, name: &str, node: &Node) {
    let wrong = if name.contains('\\') {
        "put `/` between folders"
    } else if name.chars().any(char::is_control) {
        "leave out control characters"
    } else if name.split('/').any(|part| matches!(part, "" | "." | "..")) {
        "write a path relative to the program's folder, without `.` and `..`"
    } else if name.split('/').any(|part| part.len() > NAME_BYTES) {
        "each part has at most 255 bytes"
    } else {
        return;
    };
    // An absolute or empty one does not match the schema's pattern and is reported there.
    if !name.is_empty() && !name.starts_with('/') {
        report.add(node.span, format!("{} is not a file name", quoted(name))).help = Some(wrong.to_owned());
    }
}

fn image(report: &mut Report<'_>, root: &Node, folder: &Path) {
    let Some(image) = root.entry("image") else { return };
    let value = &image.value;
    let help = "write `build: .` for the Dockerfile in this folder, or `ref: …` for any OCI image";
    match (value.entry("build"), value.entry("ref")) {
        (Some(_), Some(reference)) => {
            let message = "an image has `build` or `ref`, not both";
            report.add(reference.key_span, message).help = Some("remove one of them".to_owned());
        }
        (None, None) if value.text().is_none() => {
            report.add(image.key_span, "`image` needs `build` or `ref`").help = Some(help.to_owned());
        }
        _ => {}
    }
    if let Some(node) = value.get("build")
        && let Some(build) = node.text().filter(|build| !build.trim().is_empty())
        && let Err((message, help)) = build_folder(folder, build)
    {
        report.add(node.span, message).help = Some(help.to_owned());
    }
}

/// What is wrong with the folder to build from, and what to do.
fn build_folder(folder: &Path, build: &str) -> Result<(), (String, &'static str)> {
    let inside =
        Path::new(build).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let path = folder.join(build);
    let real = |path: &Path| path.canonicalize().ok();
    let help =
        "an image is built from the runtime's own folder or one in it; shared parts belong into a base image";
    if !inside {
        return Err((format!("{} leads out of the runtime's folder", quoted(build)), help));
    }
    if !path.is_dir() {
        return Err((format!("there is no folder {}", quoted(build)), "`.` is the definition's own folder"));
    }
    if let (Some(path), Some(folder)) = (real(&path), real(folder))
        && !path.starts_with(folder)
    {
        return Err((format!("{} is a link out of the runtime's folder", quoted(build)), help));
    }
    if !path.join("Dockerfile").is_file() {
        let place = if build == "." { "the runtime's folder".to_owned() } else { quoted(build) };
        return Err((format!("{place} has no Dockerfile"), "add one, or name an image with `ref`"));
    }
    Ok(())
}

fn overlay(report: &mut Report<'_>, root: &Node) {
    let mut seen: Vec<&str> = Vec::new();
    for node in root.get("overlay").into_iter().flat_map(Node::items) {
        let Some(folder) = node.text().filter(|folder| folder.starts_with('/')) else { continue };
        let whole =
            Path::new(folder).components().filter(|part| matches!(part, Component::Normal(_))).count();
        let strange =
            folder.split('/').skip(1).any(|part| matches!(part, "." | "..")) || folder.contains('\0');
        let reserved = OF_SANDBOX.iter().find(|own| Path::new(folder).starts_with(own));
        if strange {
            report.add(node.span, format!("{} is not a plain path", quoted(folder))).help =
                Some("write it without `.` and `..`".to_owned());
        } else if whole == 0 {
            report.add(node.span, "the whole file system cannot be an overlay").help =
                Some("name the folders that the programs write to".to_owned());
        } else if let Some(own) = reserved {
            report.add(node.span, format!("{} is made by the sandbox itself", quoted(own))).help =
                Some("it is writable without an overlay, or never: remove it".to_owned());
        } else if seen.contains(&folder) {
            report.add(node.span, format!("the overlay {} is written twice", quoted(folder)));
        }
        seen.push(folder);
    }
}
