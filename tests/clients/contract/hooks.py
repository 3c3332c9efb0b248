"""What schemathesis cannot guess: ids and edit tokens of snippets that are there, languages, and an operator's key.

Generated requests that follow the description, and that come on their own, get those of a snippet that was saved a moment before, so that
what is done with snippets is done for real. In chains of requests ids come from the answers before; their tokens are added here. Every
few programs to run are ones that can be run. What operators do is done to runtimes that nobody else needs.
At the end it is written which operations were answered how often with what: `scripts/test-clients` reads it.
"""

import atexit
import json
import os
import threading
from collections import Counter, defaultdict
from pathlib import Path

import requests
import schemathesis

SNIPPETS = f"{os.environ['POLYGROUND_URL']}/api/v1/snippets"
FILES = [
    {"name": "main.sh", "content": "echo saved\n"},
    {"name": "data.bin", "content": "/wA=", "encoding": "base64"},
]
PROGRAM = {"language": "bash", "files": [{"name": "main.sh", "content": "echo run\n"}]}
RUNS = {"createRun", "streamRun"}
RUNS_DONE = 4  # one in so many: each costs a program
# `scripts/test-clients` has these runtimes. One that is disabled is not rebuilt.
ADMIN = {"rebuildRuntime": "bash-rebuilt", "enableRuntime": "bash-parked", "disableRuntime": "bash-parked"}
NEEDED = {"bash-5.2", "python-3.13"}
ADMIN_KEY = os.environ["CONTRACT_ADMIN_KEY"]
ON_SNIPPETS = {"getSnippet", "getSnippetFile", "forkSnippet", "getSnippetHistory", "runSnippet"}

lock = threading.Lock()
tokens: dict[str, str] = {}
answers: defaultdict[str, Counter[int]] = defaultdict(Counter)
turns: Counter[str] = Counter()


def save() -> tuple[str, str]:
    answer = requests.post(SNIPPETS, json={"language": "bash", "files": FILES}, timeout=60)
    answer.raise_for_status()
    saved = answer.json()
    return saved["id"], saved["edit_token"]


def operation_id(case: schemathesis.Case) -> str:
    return case.operation.definition.raw["operationId"]


def is_free(case: schemathesis.Case) -> bool:
    """Whether it follows the description and belongs to no chain."""
    meta = case.meta
    return meta is not None and meta.generation.mode.is_positive and meta.phase.name.value != "stateful"


@schemathesis.auth(refresh_interval=None).apply_to(operation_id="deleteSnippet")
class EditToken:
    def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> tuple[str, str] | None:
        if is_free(case):
            return save()
        there = case.path_parameters.get("id")
        with lock:
            token = tokens.get(there) if isinstance(there, str) else None
        return (there, token) if token else None

    def set(self, case: schemathesis.Case, data: tuple[str, str], context: schemathesis.AuthContext) -> None:
        case.path_parameters["id"], token = data
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.auth(refresh_interval=None).apply_to(operation_id=list(ADMIN))
class OperatorsKey:
    def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> str:
        return ADMIN_KEY

    def set(self, case: schemathesis.Case, data: str, context: schemathesis.AuthContext) -> None:
        case.headers["X-API-Key"] = data
        # Chains of requests find the runtimes in the listing.
        if is_free(case) or case.path_parameters.get("id") in NEEDED:
            case.path_parameters["id"] = ADMIN[operation_id(case)]


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, object]) -> None:
    operation = operation_id(case)
    if not is_free(case):
        return
    with lock:
        turn = turns[operation]
        turns[operation] += 1
    if operation in RUNS and turn % RUNS_DONE == 0:
        case.body = PROGRAM
    if operation not in ON_SNIPPETS:
        return
    case.path_parameters["id"], _ = save()
    if operation == "getSnippetFile":
        case.path_parameters["file"] = FILES[turn % len(FILES)]["name"]
    if operation == "runSnippet":
        case.body = {}
    if operation == "forkSnippet":
        case.body = {"language": "bash", "files": FILES}


@schemathesis.hook
def after_call(context: schemathesis.HookContext, case: schemathesis.Case, response: schemathesis.Response) -> None:
    operation = operation_id(case)
    with lock:
        answers[operation][response.status_code] += 1
        if response.status_code == 201:
            saved = response.json()
            if "edit_token" in saved:
                tokens[saved["id"]] = saved["edit_token"]


@atexit.register
def write_answers() -> None:
    Path(os.environ["CONTRACT_ANSWERS"]).write_text(json.dumps(answers))
