//! The client that progenitor makes, against the server at `POLYGROUND_URL`.

use futures_util::StreamExt;
use types::{File, NewSnippet, Outcome, RunEvent, RunRequest, Visibility};

#[allow(clippy::all, missing_docs, unreachable_pub)]
mod generated {
    progenitor::generate_api!(spec = "../../../openapi/openapi.json", interface = Builder);
}
use generated::{Client, Error, types};

type Tested = Result<(), Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Tested {
    let client = Client::new(&std::env::var("POLYGROUND_URL")?);
    let file = File { name: "main.py".into(), content: "print(6 * 7)".into(), encoding: None };
    let program: RunRequest =
        RunRequest::builder().language("python").files(vec![file.clone()]).try_into()?;

    let run = client.create_run().body(program.clone()).send().await?.into_inner();
    assert_eq!(run.outcome, Outcome::Succeeded);
    assert_eq!(run.stages.last().map(|stage| stage.stdout.as_str()), Some("42\n"));

    let mut stream = client.stream_run().body(program.clone()).send().await?.into_inner();
    let mut bytes = Vec::new();
    while let Some(piece) = stream.next().await {
        bytes.extend_from_slice(&piece?);
    }
    let data = std::str::from_utf8(&bytes)?.lines().filter_map(|line| line.strip_prefix("data: "));
    let events: Vec<RunEvent> = data.map(serde_json::from_str).collect::<Result<_, _>>()?;
    let written = events.iter().filter_map(|event| match event {
        RunEvent::Stdout(output) => Some(output.text.as_str()),
        _ => None,
    });
    assert_eq!(written.collect::<String>(), "42\n");
    assert!(matches!(events.last(), Some(RunEvent::Run(run)) if run.outcome == Outcome::Succeeded));

    let draft = NewSnippet::builder().language("python").files(vec![file]).title("progenitor".to_owned());
    let mut draft: NewSnippet = draft.visibility(Visibility::Public).try_into()?;
    let saved = client.create_snippet().body(draft.clone()).send().await?.into_inner();
    let read = client.get_snippet().id(&saved.id).send().await?.into_inner();
    assert_eq!(read.title, "progenitor");
    draft.title = None;
    let fork = client.fork_snippet().id(&saved.id).body(draft).send().await?.into_inner();
    let forked = client.get_snippet().id(&fork.id).send().await?.into_inner();
    assert_eq!(forked.parent, Some(saved.id));

    let refused = client.create_run().body(RunRequest { language: "pyton".into(), ..program }).send().await;
    let Err(Error::ErrorResponse(refused)) = refused else { panic!("{refused:?}") };
    assert_eq!(refused.status(), 422);
    let mut bytes = Vec::new();
    let mut body = refused.into_inner();
    while let Some(piece) = body.next().await {
        bytes.extend_from_slice(&piece?);
    }
    let problem: types::Problem = serde_json::from_slice(&bytes)?;
    assert_eq!(problem.type_, "/problems/unknown-language");
    Ok(())
}
