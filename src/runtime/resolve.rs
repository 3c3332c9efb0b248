//! From the definition as written to the runtime as used. What can be wrong was checked before.

use std::path::Path;

use indexmap::IndexMap;
use regex::Regex;

use super::definition::{
    ArtifactsWritten, Definition, ImageWritten, PackagesWritten, PoolWritten, SampleWritten, StageWritten,
};
use super::load::Image;
use super::{
    Artifacts, Detect, Editor, ImageSpec, Packages, PoolSize, Runtime, Sample, StageTemplate, limits,
};

/// Cells when the definition does not say.
const POOL: PoolSize = PoolSize { min: 1, max: 4 };

/// Files that come back when the definition does not say how many.
const ARTIFACT_FILES: u32 = 16;

/// Bytes that come back when the definition does not say how many.
const ARTIFACT_BYTES: u64 = 4 << 20;

/// The runtime that `written` describes.
///
/// # Errors
/// What the checks let through and should not have, in a sentence.
pub(super) fn resolve(
    written: Definition,
    folder: &Path,
    image: &Image<'_>,
    id: String,
    digest: String,
) -> Result<Runtime, String> {
    let compile = written.compile.as_ref().map(|stage| stage_template(&written, stage));
    let run = stage_template(&written, &written.run);
    let format = written.format.as_ref().map(|stage| stage_template(&written, stage));
    Ok(Runtime {
        id,
        language: written.language,
        line: written.version,
        aliases: written.aliases,
        name: written.name,
        extensions: written.extensions,
        editor: Editor {
            mode: written.editor.mode,
            file: written.editor.file,
            template: written.editor.template,
        },
        folder: folder.to_owned(),
        image: image_spec(written.image, image.folder)?,
        image_of: image.of.to_owned(),
        packages: packages(written.packages),
        host_requires: written.host.map(|host| host.requires),
        detect: Detect { command: written.detect.command, pattern: regex(&written.detect.pattern)? },
        compile,
        run,
        format,
        overlay: written.overlay,
        artifacts: written.artifacts.map(artifacts),
        out_of_memory: written.out_of_memory.as_deref().map(regex).transpose()?,
        diagnostics: written.diagnostics,
        pool: pool(written.pool),
        samples: written.samples.into_iter().map(sample).collect::<Result<_, _>>()?,
        digest,
    })
}

fn stage_template(definition: &Definition, stage: &StageWritten) -> StageTemplate {
    let mut env = definition.env.clone();
    env.extend(stage.env.clone());
    StageTemplate {
        command: stage.command.clone(),
        warm: stage.warm.clone(),
        warm_args: stage.warm_args.unwrap_or(true),
        env: pairs(env),
        limits: limits::of_stage(&definition.limits, &stage.limits),
    }
}

fn artifacts(written: ArtifactsWritten) -> Artifacts {
    Artifacts {
        extensions: written.extensions.iter().map(|ending| ending.to_ascii_lowercase()).collect(),
        max_files: written.files.unwrap_or(ARTIFACT_FILES),
        max_bytes: written.bytes.map_or(ARTIFACT_BYTES, |size| size.0),
    }
}

fn image_spec(written: ImageWritten, folder: &Path) -> Result<ImageSpec, String> {
    match (written.build, written.reference) {
        (Some(build), None) => Ok(ImageSpec::Build(folder.join(build).components().collect())),
        (None, Some(reference)) => Ok(ImageSpec::Reference(reference)),
        (Some(_), Some(_)) | (None, None) => {
            Err("an image needs exactly one of `build` and `ref`".to_owned())
        }
    }
}

fn packages(written: PackagesWritten) -> Packages {
    Packages { apt: written.apt, pip: written.pip, npm: written.npm }
}

fn pool(PoolWritten { min, max }: PoolWritten) -> PoolSize {
    let size = PoolSize { min: min.unwrap_or(POOL.min), max: max.unwrap_or(POOL.max) };
    match (min, max) {
        (None, Some(_)) => PoolSize { min: size.min.min(size.max), ..size },
        (Some(_), None) => PoolSize { max: size.max.max(size.min), ..size },
        (Some(_), Some(_)) | (None, None) => size,
    }
}

fn sample(written: SampleWritten) -> Result<Sample, String> {
    Ok(Sample {
        name: written.name,
        files: pairs(written.files),
        stdin: written.stdin,
        args: written.args,
        env: pairs(written.env),
        stdout: written.stdout,
        stderr: written.stderr.as_deref().map(regex).transpose()?,
        exit_code: written.exit_code,
        outcome: written.outcome,
    })
}

fn pairs(map: IndexMap<String, String>) -> Vec<(String, String)> {
    map.into_iter().collect()
}

fn regex(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|error| error.to_string())
}
