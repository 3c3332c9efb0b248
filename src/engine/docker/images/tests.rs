//! Images against a real engine.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use bollard::query_parameters::RemoveImageOptionsBuilder;
use tempfile::TempDir;

use super::*;
use crate::engine::NoProgress;

/// Remembers what it is told.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Progress for Heard {
    fn step(&self, message: &str) {
        self.0.lock().unwrap().push(message.to_owned());
    }
    fn advance(&self, done: u64, total: u64) {
        self.0.lock().unwrap().push(format!("{done}/{total}"));
    }
}

/// A folder of runtimes with one runtime, whose images are removed at the end.
struct Place {
    runtimes: TempDir,
    images: Images,
    id: String,
    suite: String,
}

impl Place {
    async fn new() -> Self {
        let client = Client::connect(&["unix:///var/run/docker.sock".into()]).await.unwrap();
        let random = uuid::Uuid::now_v7().simple().to_string();
        let runtimes = tempfile::tempdir().unwrap();
        let place = Self {
            runtimes,
            images: Images::new(client, None),
            id: format!("test-{random}"),
            suite: format!("t{random}"),
        };
        fs::create_dir(place.folder()).unwrap();
        place
    }

    fn folder(&self) -> PathBuf {
        self.runtimes.path().join(&self.id)
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.folder().join(file), text).unwrap();
    }

    /// A program that makes the base: not Debian, but quick.
    fn base(&self, script: &str) {
        let base = self.runtimes.path().join("base");
        fs::create_dir_all(&base).unwrap();
        let script_file = base.join("build");
        fs::write(&script_file, format!("#!/bin/sh\nset -eu\n{script}\n")).unwrap();
        fs::set_permissions(&script_file, PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn request(&self) -> ImageRequest {
        ImageRequest::new(&self.id, ImageSource::Build(self.folder()))
    }

    async fn prepare(&self) -> Result<Image, String> {
        let prepared = self.images.prepare(&self.request(), false, Arc::new(NoProgress)).await;
        prepared.map_err(|error| error.to_string())
    }

    async fn state(&self) -> ImageState {
        self.images.state(&self.request()).await.unwrap()
    }

    async fn clean(&self) {
        let mut tags: Vec<_> = self.images.of_runtime(&self.id).await.unwrap();
        let mut names: Vec<String> = tags.drain(..).flat_map(|image| image.repo_tags).collect();
        names.push(format!("polyground/base:{}", self.suite));
        for name in names {
            let options = RemoveImageOptionsBuilder::default().force(true).build();
            let _ = self.images.client.docker().remove_image(&name, Some(options), None).await;
        }
    }
}

const TINY_BASE: &str = r#"echo "I: making $1" >&2
folder=$(mktemp -d); mkdir "$folder/box"; tar -C "$folder" -c box; rm -r "$folder""#;

#[tokio::test]
async fn docker_an_image_is_built_with_its_base_once_and_again_when_its_folder_changes() {
    let place = Place::new().await;
    place.base(TINY_BASE);
    place.write("Dockerfile", &format!("FROM polyground/base:{}\nCOPY tool /tool\n", place.suite));
    place.write("tool", "1");
    assert_eq!(place.state().await, ImageState::Missing);
    let heard = Arc::new(Heard::default());
    let first = place.images.prepare(&place.request(), false, heard.clone()).await.unwrap();
    assert!(first.id.starts_with("sha256:"), "{first:?}");
    let told = heard.0.lock().unwrap().join("\n").replace(&place.suite, "SUITE");
    insta::assert_snapshot!(told.lines().filter(|l| !l.contains("LABEL")).collect::<Vec<_>>().join("\n"), @r"
    waiting for its turn
    waiting for polyground/base:SUITE
    making polyground/base:SUITE from Debian packages
    base: making SUITE
    step 1 of 3: FROM polyground/base:SUITE
    0/3
    step 2 of 3: COPY tool /tool
    1/3
    2/3
    3/3
    ");
    assert_eq!(place.state().await, ImageState::Current(first.clone()));
    assert_eq!(place.prepare().await.unwrap(), first, "nothing to do");

    place.write("tool", "2");
    assert_eq!(place.state().await, ImageState::Outdated(first.clone()));
    let (one, other) = tokio::join!(place.prepare(), place.prepare());
    let second = one.unwrap();
    assert_eq!(other.unwrap(), second, "both callers get the one that was built");
    assert_ne!(first, second);

    place.base(&format!("{TINY_BASE} # changed"));
    assert!(matches!(place.state().await, ImageState::Outdated(_)), "it stands on an older base");
    place.prepare().await.unwrap();
    let removed = place.images.remove_others(&place.id, &["polyground/none:0".to_owned()]).await.unwrap();
    assert_eq!(removed.len(), 3, "{removed:?}");
    place.clean().await;
}

#[tokio::test]
async fn docker_a_failing_build_shows_where_and_why() {
    let place = Place::new().await;
    place.base(TINY_BASE);
    place.write("Dockerfile", &format!("# x\nFROM polyground/base:{}\n\nCOPY nothing /x\n", place.suite));
    let text = place.prepare().await.unwrap_err();
    assert!(text.contains("failed at step 2 of 3 (Dockerfile line 4): COPY nothing /x"), "{text}");
    assert_eq!(place.state().await, ImageState::Missing);
    place.clean().await;
}

#[tokio::test]
async fn docker_a_base_that_can_be_had_in_no_way_tells_both_and_what_to_install() {
    let place = Place::new().await;
    // Half an archive, then the end: it must not become an image.
    place.base(r#"head -c 100000 /dev/zero; echo "base/build: no debootstrap here" >&2; exit 1"#);
    place.write("Dockerfile", &format!("FROM polyground/base:{}\n", place.suite));
    let text = place.prepare().await.unwrap_err();
    for part in [
        "exit status: 1",
        "no debootstrap here",
        "from a registry: ",
        "cannot be pulled: ",
        "Install mmdebstrap",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    let base = format!("polyground/base:{}", place.suite);
    assert_eq!(place.images.find(&base).await.unwrap(), None);
    place.clean().await;
}

#[tokio::test]
async fn docker_a_reference_that_cannot_be_pulled_is_told_in_one_line() {
    let place = Place::new().await;
    let reference = format!("localhost:1/polyground/{}@sha256:{}", place.id, "0".repeat(64));
    let request = ImageRequest::new(&place.id, ImageSource::Reference(reference.clone()));
    assert_eq!(place.images.state(&request).await.unwrap(), ImageState::Missing);
    let text = place.images.prepare(&request, false, Arc::new(NoProgress)).await.unwrap_err().to_string();
    assert!(text.starts_with(&format!("{reference} cannot be pulled: ")), "{text}");
    assert!(text.ends_with("; is the registry reachable?") && !text.contains('\n'), "{text}");
}

#[tokio::test]
async fn docker_a_folder_without_a_dockerfile_is_told() {
    let place = Place::new().await;
    let text = place.prepare().await.unwrap_err();
    assert!(text.ends_with("holds no Dockerfile to build the image from"), "{text}");
}
