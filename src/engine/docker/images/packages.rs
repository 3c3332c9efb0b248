//! An image with packages on top of another: a layer whose Dockerfile is made here.
//!
//! Names are arguments of programs and never a part of a shell's text. Where packages come from is the business of the image's own
//! settings (for Debian's) and of this server's environment (for the others'): no address is written into an image.

use std::{collections::HashMap, env, fs};

use super::{context::Context, repository};
use crate::engine::{Image, Packages};

/// Where the scripts stand while the image is built.
const FOLDER: &str = "/tmp/polyground-packages";

/// What installs each kind of packages.
const SCRIPTS: [(&str, &str); 4] = [
    ("common.sh", include_str!("packages/common.sh")),
    ("apt.sh", include_str!("packages/apt.sh")),
    ("pip.sh", include_str!("packages/pip.sh")),
    ("npm.sh", include_str!("packages/npm.sh")),
];

/// What programs need to find packages of npm.
const NPM_SETTINGS: &str = include_str!("packages/npm.dockerfile");

/// Settings of this server's environment that say where packages come from. They are known to the build, not to the image's programs.
const SETTINGS: [&str; 5] = [
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "PIP_DEFAULT_TIMEOUT",
    "NPM_CONFIG_REGISTRY",
];

/// Settings of this server's environment that name a file with the certificates of those places; the first that is there counts.
const CERTIFICATES: [&str; 3] = ["PIP_CERT", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];

/// The most bytes of such a file.
const MAX_CERTIFICATES: u64 = 2 << 20;

/// An image with packages.
pub(super) struct Layer {
    pub(super) tag: String,
    pub(super) hash: String,
    pub(super) context: Context,
    pub(super) dockerfile: String,
    /// Settings of the build.
    pub(super) settings: HashMap<String, String>,
}

impl Layer {
    /// The packages of the runtime `id` over an image that is there and called `name`.
    pub(super) fn over(id: &str, name: &str, image: &Image, packages: &Packages) -> Self {
        let settings =
            |name: &&str| Some(((*name).to_owned(), env::var(name).ok().filter(|it| !it.is_empty())?));
        let settings = SETTINGS.iter().filter_map(settings).collect();
        Self::new(id, name, image, packages, settings, certificates())
    }

    fn new(
        id: &str,
        name: &str,
        image: &Image,
        packages: &Packages,
        settings: HashMap<String, String>,
        certificates: Option<String>,
    ) -> Self {
        let kinds = [("apt", &packages.apt), ("pip", &packages.pip), ("npm", &packages.npm)];
        let wanted = kinds.map(|(kind, names)| [&[kind.to_owned()], names.as_slice()].concat().join(" "));
        let mut context = Context::default();
        for (script, text) in SCRIPTS {
            context.add(&format!("packages/{script}"), text);
        }
        // What it is made of, and not how it is brought here.
        let hash = context
            .hash(&[std::slice::from_ref(&image.id), &wanted[..], &[NPM_SETTINGS.to_owned()]].concat());
        if let Some(certificates) = certificates {
            context.add("packages/certificates.pem", &certificates);
        }
        let mut dockerfile = format!("FROM {name}\nUSER root\nCOPY packages {FOLDER}\n");
        let mut names: Vec<_> = settings.keys().collect();
        names.sort();
        names.into_iter().for_each(|name| dockerfile.push_str(&format!("ARG {name}\n")));
        for (kind, names) in kinds.into_iter().filter(|(_, names)| !names.is_empty()) {
            let command = ["/bin/sh".to_owned(), format!("{FOLDER}/{kind}.sh")];
            let command: Vec<&str> = command.iter().chain(names).map(String::as_str).collect();
            dockerfile.push_str(&format!("RUN {}\n", serde_json::json!(command)));
            if kind == "npm" {
                dockerfile.push_str(NPM_SETTINGS);
            }
        }
        dockerfile.push_str(&format!("RUN {}\n", serde_json::json!(["/bin/rm", "-rf", FOLDER])));
        context.add("Dockerfile", &dockerfile);
        Self { tag: format!("{}:{hash}", repository(id)), hash, context, dockerfile, settings }
    }
}

fn certificates() -> Option<String> {
    let files = CERTIFICATES.iter().filter_map(env::var_os);
    files.into_iter().find_map(|file| {
        let is_small =
            fs::metadata(&file).is_ok_and(|found| found.is_file() && found.len() <= MAX_CERTIFICATES);
        if is_small { fs::read_to_string(&file).ok() } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(
        packages: &Packages,
        image: &str,
        settings: &[(&str, &str)],
        certificates: Option<&str>,
    ) -> Layer {
        let settings =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let image = Image { id: image.into(), size_bytes: None };
        Layer::new("x-1", "polyground/x-1:1", &image, packages, settings, certificates.map(Into::into))
    }

    fn packages() -> Packages {
        Packages {
            apt: vec!["jq".into()],
            pip: vec!["numpy>=2,<3".into(), "six".into()],
            npm: vec!["@a/b@^1".into()],
        }
    }

    #[test]
    fn names_are_arguments_and_addresses_are_nowhere() {
        let layer =
            layer(&packages(), "sha256:1", &[("PIP_INDEX_URL", "http://user:secret@mirror/")], Some("PEM"));
        insta::assert_snapshot!(layer.dockerfile, @r#"
        FROM polyground/x-1:1
        USER root
        COPY packages /tmp/polyground-packages
        ARG PIP_INDEX_URL
        RUN ["/bin/sh","/tmp/polyground-packages/apt.sh","jq"]
        RUN ["/bin/sh","/tmp/polyground-packages/pip.sh","numpy>=2,<3","six"]
        RUN ["/bin/sh","/tmp/polyground-packages/npm.sh","@a/b@^1"]
        ENV NODE_PATH=/usr/local/lib/node_modules
        RUN ["/bin/rm","-rf","/tmp/polyground-packages"]
        "#);
        assert_eq!(layer.settings["PIP_INDEX_URL"], "http://user:secret@mirror/");
        assert_eq!(layer.context.text("packages/certificates.pem").as_deref(), Some("PEM"));
    }

    #[test]
    fn the_same_packages_over_the_same_image_have_the_same_name() {
        let tag = |packages: &Packages, image| layer(packages, image, &[], None).tag;
        let first = tag(&packages(), "sha256:1");
        assert_eq!(first, layer(&packages(), "sha256:1", &[("PIP_INDEX_URL", "http://x/")], Some("PEM")).tag);
        assert_ne!(first, tag(&packages(), "sha256:2"));
        let moved = Packages { apt: vec!["jq".into(), "six".into()], ..packages() };
        assert_ne!(first, tag(&moved, "sha256:1"));
    }
}
