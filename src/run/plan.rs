//! A checked request for one runtime, as the stages that a cell will be told.

use std::{sync::Arc, time::Duration};

use polyground_protocol::{Begin, Collect, StageLimits, StageSpec, WarmCall, WarmCommand};

use super::{
    Interactive, InteractiveLimits, Purpose, Rejection, RunRequest, RuntimeRef, SourceFile, Stdin, WarmStart,
    check,
};
use crate::runtime::{ARTIFACT_FOLDER, Limits, Runtime, StageTemplate, expand, expand_warm};

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
    /// How its caller talks to the program.
    pub(super) interaction: Option<PlannedInteraction>,
    /// Whether processes that could not be started before it are started now.
    insists: bool,
}

/// How the caller of an interactive program talks to it.
#[derive(Debug)]
pub(super) struct PlannedInteraction {
    pub(super) with: Interactive,
    /// How long there may be no input and no output.
    pub(super) idle: Duration,
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
    /// Checks a request and plans its stages for a runtime. `version` is the runtime's exact one; `bounds` are those of
    /// interactive programs.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub(crate) fn new(
        runtime: Arc<Runtime>,
        version: &str,
        request: RunRequest,
        bounds: &InteractiveLimits,
    ) -> Result<Self, Rejection> {
        check::files(&request.files)?;
        check::args(&request.args)?;
        check::env(&request.env)?;
        let names: Vec<&str> = request.files.iter().map(|file| file.name.as_str()).collect();
        let mut warm = if request.warm == WarmStart::Never { Vec::new() } else { Waiting::of(&runtime) };
        let on_terminal = request.interactive.as_ref().is_some_and(|with| with.terminal.is_some());
        if on_terminal {
            // Processes that wait have pipes.
            warm.retain(|waiting| waiting.stage != StageName::Run);
        }
        let planner = Planner { runtime: &runtime, files: &names, warm };
        let mut stages: Vec<_> = match request.purpose {
            Purpose::Run => {
                let ceilings = match &request.interactive {
                    Some(_) => bounds.of_run(&runtime.run.limits, on_terminal),
                    None => runtime.run.limits,
                };
                let limits = check::bounds(&request, &ceilings)?;
                let compile = runtime
                    .compile
                    .as_ref()
                    .map(|template| planner.stage(StageName::Compile, template, None, &[], template.limits));
                let run =
                    planner.stage(StageName::Run, &runtime.run, Some(&request.args), &request.env, limits);
                compile.into_iter().chain([run]).collect()
            }
            Purpose::Format if request.interactive.is_some() => {
                return Err(Rejection::Field {
                    field: "stage".into(),
                    detail: "`stage` is `format`, which is not interactive".into(),
                });
            }
            Purpose::Format => {
                let template = runtime.format.as_ref().ok_or_else(|| Rejection::Field {
                    field: "stage".into(),
                    detail: format!("`stage` is `format`, but {} has no formatter", runtime.name),
                })?;
                let limits = check::bounds(&request, &template.limits)?;
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
        if let Some(last) = stages.last_mut() {
            last.spec.collect.clone_from(&collect);
        }
        let interaction = request.interactive.map(|with| PlannedInteraction { with, idle: bounds.idle });
        let (files, stdin) = (request.files, request.stdin);
        let insists = request.warm == WarmStart::Always;
        Ok(Self { runtime, reference, files, stages, stdin, collect, interaction, insists })
    }

    /// Its first frame: the processes that wait for its stages.
    pub(super) fn begin(&self) -> Begin {
        let calls = self.stages.iter().filter_map(|stage| stage.spec.warm.as_ref());
        Begin { warm: calls.map(|call| call.index).collect(), insists: self.insists }
    }

    /// Plans to ask a runtime for its version.
    pub(crate) fn detect(runtime: Arc<Runtime>) -> Self {
        let spec = StageSpec {
            argv: runtime.detect.command.clone(),
            env: runtime.run.env.clone(),
            limits: stage_limits(&runtime.run.limits),
            warm: None,
            terminal: None,
            collect: None,
        };
        let memory_bytes = runtime.run.limits.memory_bytes;
        let stages = vec![PlannedStage { name: StageName::Detect, spec, memory_bytes }];
        let reference = reference(&runtime, &runtime.line);
        let stdin = Stdin::Whole(bytes::Bytes::new());
        let files = Vec::new();
        Self { runtime, reference, files, stages, stdin, collect: None, interaction: None, insists: false }
    }
}

/// A process that waits in each cell of a runtime.
struct Waiting {
    stage: StageName,
    /// Whether it has been told the main file's name already.
    names_main: bool,
    command: WarmCommand,
}

impl Waiting {
    /// Those of a runtime, in the order of their stages.
    fn of(runtime: &Runtime) -> Vec<Self> {
        let stages = [(StageName::Compile, runtime.compile.as_ref()), (StageName::Run, Some(&runtime.run))];
        let waiting = |(stage, template): (StageName, Option<&StageTemplate>)| {
            let template = template?;
            let (argv, names_main) = expand_warm(template, &runtime.editor.file)?;
            let (env, limits) = (template.env.clone(), stage_limits(&template.limits));
            Some(Self { stage, names_main, command: WarmCommand { argv, env, limits } })
        };
        stages.into_iter().filter_map(waiting).collect()
    }
}

/// What a runtime's cells start before it is needed, in the order of the stages.
pub fn warm_commands(runtime: &Runtime) -> Vec<WarmCommand> {
    Waiting::of(runtime).into_iter().map(|waiting| waiting.command).collect()
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
    warm: Vec<Waiting>,
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
        let has_env = !env.is_empty();
        let env = template.env.iter().chain(env).cloned().collect();
        let warm = self.warm_call(name, template, args.unwrap_or_default(), has_env, &argv);
        let spec =
            StageSpec { argv, env, limits: stage_limits(&limits), warm, terminal: None, collect: None };
        PlannedStage { name, spec, memory_bytes: limits.memory_bytes }
    }

    /// The process that waits for this stage, where there is one that can take it: its environment is what it started with.
    fn warm_call(
        &self,
        name: StageName,
        template: &StageTemplate,
        args: &[String],
        has_env: bool,
        command: &[String],
    ) -> Option<WarmCall> {
        let index = self.warm.iter().position(|waiting| waiting.stage == name)?;
        let waiting = &self.warm[index];
        let main = self.files.first().copied().unwrap_or_default();
        let fits = !has_env
            && (args.is_empty() || template.warm_args)
            && (!waiting.names_main || main == self.runtime.editor.file);
        let line = serde_json::json!({"main": main, "files": self.files, "args": args, "command": command});
        fits.then(|| WarmCall { index: u32::try_from(index).unwrap_or(u32::MAX), line: line.to_string() })
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
