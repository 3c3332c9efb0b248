"""The client that openapi-python-client makes, against the server at POLYGROUND_URL."""

import json
import os

from generated import Client
from generated.api.runs import create_run, stream_run
from generated.api.snippets import create_snippet, fork_snippet, get_snippet
from generated.models import (
    File,
    NewSnippet,
    Outcome,
    Problem,
    Run,
    RunEventRun,
    RunEventStdout,
    RunRequest,
    SavedSnippet,
    Snippet,
    Visibility,
)

PROGRAM = [File(name="main.py", content="print(6 * 7)")]


def test_runs(client: Client) -> Run:
    run = create_run.sync(client=client, body=RunRequest(language="python", files=PROGRAM))
    assert isinstance(run, Run), run
    assert run.outcome == Outcome.SUCCEEDED
    assert run.stages[-1].stdout == "42\n"
    return run


def test_streams(client: Client) -> None:
    # The generated functions know no event streams: the request is theirs, the reading is httpx's.
    kwargs = stream_run._get_kwargs(body=RunRequest(language="python", files=PROGRAM))
    with client.get_httpx_client().stream(**kwargs) as answer:
        assert answer.status_code == 200
        events = [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line.startswith("data: ")]
    written = [RunEventStdout.from_dict(event) for event in events if event["type"] == "stdout"]
    assert "".join(event.text for event in written) == "42\n"
    assert RunEventRun.from_dict(events[-1]).outcome == Outcome.SUCCEEDED


def test_snippets(client: Client, run: Run) -> None:
    draft = NewSnippet(language="python", files=PROGRAM, title="openapi-python-client", run=run, visibility=Visibility.PUBLIC)
    saved = create_snippet.sync(client=client, body=draft, idempotency_key=os.urandom(8).hex())
    assert isinstance(saved, SavedSnippet), saved
    read = get_snippet.sync(client=client, id=saved.id)
    assert isinstance(read, Snippet), read
    assert read.title == "openapi-python-client"
    fork = fork_snippet.sync(client=client, id=saved.id, body=NewSnippet(language="python", files=PROGRAM))
    assert isinstance(fork, SavedSnippet), fork
    forked = get_snippet.sync(client=client, id=fork.id)
    assert isinstance(forked, Snippet), forked
    assert forked.parent == saved.id


def test_problems(client: Client) -> None:
    refused = create_run.sync(client=client, body=RunRequest(language="pyton", files=PROGRAM))
    assert isinstance(refused, Problem), refused
    assert refused.type_ == "/problems/unknown-language"
    assert refused.status == 422


def main() -> None:
    with Client(base_url=os.environ["POLYGROUND_URL"]) as client:
        run = test_runs(client)
        test_streams(client)
        test_snippets(client, run)
        test_problems(client)


main()
