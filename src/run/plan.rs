//! A checked request for one runtime, as the stages that a cell will be told.

use std::sync::Arc;

use polyground_protocol::{Collect, StageLimits, StageSpec};

use super::{Purpose, Rejection, RunRequest, RuntimeRef, SourceFile, Stdin, check};
use crate::runtime::{ARTIFACT_FOLDER, Limits, Runtime, StageTemplate, expand};

/// Open files of each process of a program (SECURITY.md §4.3).
const OPEN_FILES: u32 = 256;

/// Everything about a run that is known before it has a cell.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(super) runtime: Arc<Runtime>,
    pub(super) reference: RuntimeRef,
    pub(super) files: Vec<SourceFile>,
    pub(super) stages: Vec<PlannedStage>,
    pub(super) stdin: Stdin,
    /// Which files come back, where any may.
    pub(super) collect: Option<Collect>,
}

/// One stage of a plan.
#[derive(Debug, Clone)]
pub(super) struct PlannedStage {
    pub(super) name: StageName,
    pub(super) spec: StageSpec,
    /// The cell's bound on memory while it runs.
    pub(super) memory_bytes: u64,
}

/// The stages there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StageName {
    Compile,
    Run,
    Format,
    /// Of the server's own: asks a runtime for its version.
    Detect,
}

impl StageName {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Compile => "compile",
            Self::Run => "run",
            Self::Format => "format",
            Self::Detect => "detect",
        }
    }
}

impl Plan {
    /// Checks a request and plans its stages for a runtime. `version` is the runtime's exact one.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub(crate) fn new(runtime: Arc<Runtime>, version: &str, request: RunRequest) -> Result<Self, Rejection> {
        check::files(&request.files)?;
        check::args(&request.args)?;
        check::env(&request.env)?;
        let names: Vec<&str> = request.files.iter().map(|file| file.name.as_str()).collect();
        let planner = Planner { runtime: &runtime, files: &names };
        let stages = match request.purpose {
            Purpose::Run => {
                let limits = check::limits(&request.limits, &runtime.run.limits)?;
                let compile = runtime
                    .compile
                    .as_ref()
                    .map(|template| planner.stage(StageName::Compile, template, None, &[], template.limits));
                let run =
                    planner.stage(StageName::Run, &runtime.run, Some(&request.args), &request.env, limits);
                compile.into_iter().chain([run]).collect()
            }
            Purpose::Format => {
                let template = runtime.format.as_ref().ok_or_else(|| Rejection::Field {
                    field: "stage".into(),
                    detail: format!("`stage` is `format`, but {} has no formatter", runtime.name),
                })?;
                let limits = check::limits(&request.limits, &template.limits)?;
                vec![planner.stage(StageName::Format, template, None, &request.env, limits)]
            }
        };
        let reference = reference(&runtime, version);
        let lets_out = runtime.artifacts.as_ref().filter(|_| request.purpose == Purpose::Run);
        let collect = lets_out.map(|artifacts| Collect {
            folder: ARTIFACT_FOLDER.into(),
            extensions: artifacts.extensions.clone(),
            max_files: artifacts.max_files,
            max_bytes: artifacts.max_bytes,
        });
        Ok(Self { runtime, reference, files: request.files, stages, stdin: request.stdin, collect })
    }

    /// Plans to ask a runtime for its version.
    pub(crate) fn detect(runtime: Arc<Runtime>) -> Self {
        let spec = StageSpec {
            argv: runtime.detect.command.clone(),
            env: runtime.run.env.clone(),
            limits: stage_limits(&runtime.run.limits),
        };
        let memory_bytes = runtime.run.limits.memory_bytes;
        let stages = vec![PlannedStage { name: StageName::Detect, spec, memory_bytes }];
        let reference = reference(&runtime, &runtime.line);
        let stdin = Stdin::Whole(bytes::Bytes::new());
        Self { runtime, reference, files: Vec::new(), stages, stdin, collect: None }
    }
}

fn reference(runtime: &Runtime, version: &str) -> RuntimeRef {
    RuntimeRef {
        id: runtime.id.clone(),
        language: runtime.language.clone(),
        version: version.to_owned(),
        name: runtime.name.clone(),
    }
}

struct Planner<'a> {
    runtime: &'a Runtime,
    files: &'a [&'a str],
}

impl Planner<'_> {
    fn stage(
        &self,
        name: StageName,
        template: &StageTemplate,
        args: Option<&[String]>,
        env: &[(String, String)],
        limits: Limits,
    ) -> PlannedStage {
        let argv = expand(template, &self.runtime.extensions, self.files, args);
        let env = template.env.iter().chain(env).cloned().collect();
        let spec = StageSpec { argv, env, limits: stage_limits(&limits) };
        PlannedStage { name, spec, memory_bytes: limits.memory_bytes }
    }
}

fn stage_limits(limits: &Limits) -> StageLimits {
    StageLimits {
        wall_ms: limits.wall_ms,
        cpu_ms: limits.cpu_ms,
        data_bytes: None,
        processes: limits.processes,
        output_bytes: limits.output_bytes,
        file_bytes: limits.file_bytes,
        open_files: OPEN_FILES,
    }
}
