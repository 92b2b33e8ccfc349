"""Changes to shared texts, looked at before anybody else sees them. A program of its own with little memory: strangers may have made them.

It reads one JSON object a line and answers each with one, in their order. `{"schema": …}` comes first (`checker.SCHEMA`). Then `{"open": 7,
"states": […]}` takes a document in, `{"apply": 7, "changes": [[update, person], …], "owners": [[client, person], …]}` changes it, and
`{"close": 7}` lets it go. The answer to changes is `{"words": […]}`, one for each: `{"update": "…"}`, the change as it is kept (null:
nothing was new), with `"begins": client` where a client writes for the first time; or `{"refused": reason}`, and the document is as if it
had not come. `{"undo": base, "log": [[update, is_marked], …]}` is answered by `{"change": …}`, which undoes the marked ones (null: there is
nothing to undo). Bytes are Base64."""

import base64
import json
import resource
import sys
from collections.abc import Callable, Iterator
from typing import Any

from portal.drafting.crdt import undone
from portal.drafting.guarded import Change, Document, Schema, Word
from portal.drafting.updates import RefusedError

MEMORY = 512 << 20


def answers(schema: dict[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Who answers the questions, with the documents that are open."""
    may = Schema(schema)
    documents: dict[int, Document] = {}

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        if "open" in asked:
            documents[asked["open"]] = Document([base64.b64decode(each) for each in asked["states"]], may)
        elif "close" in asked:
            documents.pop(asked["close"], None)
        elif "undo" in asked:
            change = undone(base64.b64decode(asked["undo"]), [(base64.b64decode(update), is_marked) for update, is_marked in asked["log"]])
            return {"change": None if change is None else base64.b64encode(change).decode()}
        elif asked["apply"] not in documents:
            return {"refused": "closed"}
        else:
            changes = [Change(_bytes(update), person) for update, person in asked["changes"]]
            return {"words": [_word(each) for each in documents[asked["apply"]].take(changes, dict(asked["owners"]))]}
        return {}

    return answer


def _bytes(words: str) -> bytes:
    """What is not Base64 is no update either."""
    try:
        return base64.b64decode(words, validate=True)
    except ValueError:
        return b""


def _word(word: Word) -> dict[str, Any]:
    if word.reason:
        return {"refused": word.reason, **({"failure": word.failure} if word.failure else {})}
    kept = None if word.kept is None else base64.b64encode(word.kept).decode()
    return {"update": kept, **({"begins": word.begins} if word.begins else {})}


def answered(asked: Iterator[str]) -> Iterator[dict[str, Any]]:
    answer = answers(json.loads(next(asked))["schema"])
    for line in asked:
        try:
            yield answer(json.loads(line))
        except RefusedError as reason:
            yield {"refused": str(reason)}
        except KeyboardInterrupt:
            return
        except BaseException as failure:  # what the library panics with is no Exception
            yield {"refused": "bad_update", "failure": type(failure).__name__}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for answer in answered(iter(sys.stdin.readline, "")):
        print(json.dumps(answer), flush=True)
