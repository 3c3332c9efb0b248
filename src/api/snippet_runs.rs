//! `/api/v1/snippets/{id}/runs`: a saved program is run again.

use std::sync::Arc;

use poem_openapi::{OpenApi, param::Path, payload::Json};

use super::{
    Tag,
    allowed::{Allowed, RunSnippet as Operation},
    answers::answers,
    body::JsonBody,
    compare,
    problem::Problem,
    runs::{StartRun, report},
    wire::{
        run::Run,
        snippet_run::{RunSnippet, SnippetRun},
    },
};
use crate::{
    access::Grant,
    run::{self, LimitsAsked, Purpose, SourceFile, Stdin, WarmStart},
    store::{Program, Store},
};

/// The operations that run snippets.
pub(crate) struct SnippetRunsApi {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) start: StartRun,
}

#[OpenApi]
impl SnippetRunsApi {
    /// Run a snippet again
    ///
    /// On the version that it asks for, or on another one: does it still give what was recorded with it? `comparison` says so.
    ///
    /// Hanging up cancels the run.
    #[oai(
        path = "/api/v1/snippets/:id/runs",
        method = "post",
        operation_id = "runSnippet",
        tag = "Tag::Snippets"
    )]
    async fn create(
        &self,
        allowed: Allowed<Operation>,
        /// The snippet's id.
        id: Path<String>,
        body: JsonBody<RunSnippet>,
    ) -> RunAnswer {
        match self.run(allowed.grant, &id.0, body.0).await {
            Ok(run) => RunAnswer::Ok(Json(run)),
            Err(problem) => problem.into(),
        }
    }
}

impl SnippetRunsApi {
    async fn run(&self, grant: Grant, id: &str, asked: RunSnippet) -> Result<SnippetRun, Problem> {
        let mut program = self.store.find(id).await?.draft.program;
        // One that an earlier server saved in another form counts as none.
        let recorded: Option<Run> = program.run.take().and_then(|run| serde_json::from_value(run).ok());
        let events = (self.start)(grant, request(program, asked.version))?;
        let run = report(events).await?;
        let comparison = compare::compare(recorded.as_ref(), &run);
        Ok(SnippetRun { run, comparison })
    }
}

/// A saved program as it is asked for.
fn request(program: Program, version: Option<String>) -> run::RunRequest {
    let files = program.files.into_iter();
    run::RunRequest {
        language: program.language,
        version: version.filter(|version| !version.is_empty()).or(program.version),
        files: files.map(|file| SourceFile { name: file.name, content: file.content.into() }).collect(),
        stdin: Stdin::Whole(program.stdin.into()),
        args: program.args,
        env: Vec::new(),
        limits: LimitsAsked::default(),
        ceilings: LimitsAsked::default(),
        purpose: Purpose::Run,
        warm: WarmStart::IfStarted,
        interactive: None,
    }
}

answers! {
    RunAnswer {
        /// The run is over.
        #[oai(status = 200)]
        Ok(Json<SnippetRun>),
    }
    /// The body is not JSON, or cannot be read.
    400 BadRequest,
    /// There is no such snippet, or no longer.
    404 NotFound,
    /// The body did not arrive in time.
    408 Timeout,
    /// The body is too large.
    413 TooLarge,
    /// The body is not `application/json`, or is compressed.
    415 UnsupportedMediaType,
    /// A field is wrong, or the snippet's language or version is not here any more: `known` says what is.
    422 Unprocessable,
    /// As many programs run and wait as may, of all callers or of this one.
    429 TooMany "Retry-After",
    /// The server's fault. Its log has more under the request id.
    500 Internal,
    /// The runtime, the database or the server cannot serve it now.
    503 Unavailable "Retry-After",
    else Internal
}
