"""What is said on a socket, in both directions: JSON texts and ready WebSocket frames. See PROTOCOL.md. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from websockets.frames import Frame, Opcode

from portal.live.doors import Happened

LARGEST_NUMBER = 2**63 - 1
LARGEST_CLIENT = 2**53 - 1
LONGEST_REF = 64
LONGEST_PLACE = 400

SESSION_ENDED = 4401
MEMBERSHIP_ENDED = 4403
NOT_READABLE = 4404
BAD_FRAME = 4400
NOTHING_WANTED = 4408
TOO_SLOW = 4409
TOO_MANY_FRAMES = 4429
TOO_MANY_STREAMS = 4430
RESTARTING = 1012
TRY_LATER = 1013

Ref = str | int | None

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class UnreadableError(Exception):
    """A frame that makes no sense; `reason` is a stable code, `ref` what the frame called itself."""

    def __init__(self, reason: str, ref: Ref = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.ref = ref


@dataclass(frozen=True, slots=True)
class Hello:
    """Wants the network's signals; `age` is how many seconds ago the page was made or last heard anything."""

    network: int
    age: float | None
    ref: Ref


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Wants the stream from a cursor on; with `presence`, to be seen there and to see who else is."""

    stream: int
    cursor: str | None
    presence: bool
    ref: Ref


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    stream: int
    ref: Ref


@dataclass(frozen=True, slots=True)
class Writing:
    """Is writing in the stream, or (`on` is false) has stopped."""

    stream: int
    on: bool
    ref: Ref


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a shared text (a Yjs update in Base64), or with `more` a part of one; `ref` is the page's own number for it."""

    stream: int
    update: str
    more: bool
    ref: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the page's Yjs client has its cursor in a shared text: from `anchor` to `head`, or nowhere."""

    stream: int
    client: int
    anchor: dict[str, Any] | None
    head: dict[str, Any] | None
    ref: Ref


@dataclass(frozen=True, slots=True)
class Ping:
    ref: Ref


Wish = Hello | Subscribe | Unsubscribe | Writing | Edit | Cursor | Ping


def parse(raw: str | None) -> Wish:
    """What the browser asks for. Raises UnreadableError for whatever is not a flat JSON object of a known kind."""
    given = _object(raw)
    ref = given.get("ref")
    if not (ref is None or (isinstance(ref, str) and len(ref) <= LONGEST_REF) or _is_number(ref)):
        raise UnreadableError("bad_ref")
    match given.get("t"):
        case "hello":
            return Hello(_number(given, "network", ref), _age(given.get("age"), ref), ref)
        case "subscribe":
            return Subscribe(_number(given, "stream", ref), _cursor(given.get("cursor"), ref), _truth(given, "presence", False, ref), ref)
        case "unsubscribe":
            return Unsubscribe(_number(given, "stream", ref), ref)
        case "writing":
            return Writing(_number(given, "stream", ref), _truth(given, "on", True, ref), ref)
        case "edit":
            return Edit(
                _number(given, "stream", ref), _update(given, ref), _truth(given, "more", False, ref), _number({"ref": ref}, "ref", None)
            )
        case "cursor":
            stream, client = _number(given, "stream", ref), _number(given, "client", ref)
            if client > LARGEST_CLIENT:
                raise UnreadableError("bad_client", ref)
            return Cursor(stream, client, _place(given, "anchor", ref), _place(given, "head", ref), ref)
        case "ping":
            return Ping(ref)
        case _:
            raise UnreadableError("unknown_type", ref)


def _object(raw: str | None) -> dict[str, Any]:
    if raw is None:
        raise UnreadableError("binary")
    try:
        given = _DECODE(raw)
    except (ValueError, RecursionError):
        raise UnreadableError("not_json") from None
    if not isinstance(given, dict):
        raise UnreadableError("not_an_object")
    return given


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _value in pairs}) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_DECODE = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant).decode


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 < value <= LARGEST_NUMBER


def _number(given: dict[str, Any], name: str, ref: Ref) -> int:
    if not _is_number(given.get(name)):
        raise UnreadableError(f"bad_{name}", ref)
    return int(given[name])


def _truth(given: dict[str, Any], name: str, default: bool, ref: Ref) -> bool:
    value = given.get(name, default)
    if not isinstance(value, bool):
        raise UnreadableError(f"bad_{name}", ref)
    return value


def _update(given: dict[str, Any], ref: Ref) -> str:
    value = given.get("update")
    if not isinstance(value, str) or not value.isascii():
        raise UnreadableError("bad_update", ref)
    return value


def _place(given: dict[str, Any], name: str, ref: Ref) -> dict[str, Any] | None:
    """A relative position as Yjs writes it, or None. It is said again to pages and processes, so it
    has no infinity and no half characters."""
    value = given.get(name)
    try:
        is_small = len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode()) <= LONGEST_PLACE
    except (ValueError, RecursionError):
        raise UnreadableError(f"bad_{name}", ref) from None
    if value is not None and not (isinstance(value, dict) and is_small):
        raise UnreadableError(f"bad_{name}", ref)
    return value


def _age(value: Any, ref: Ref) -> float | None:
    if value is None:
        return None
    if type(value) not in (int, float) or not isfinite(value) or value < 0:
        raise UnreadableError("bad_age", ref)
    return float(value)


def _cursor(value: Any, ref: Ref) -> str | None:
    if value is not None and not isinstance(value, str):
        raise UnreadableError("bad_cursor", ref)
    return value


def position(cursor: str | None, epoch: str, head: int) -> int | None:
    """The number a cursor stands for, the head when there is none; None if it is no place in this history of the stream."""
    if cursor is None:
        return head
    of_epoch, dot, number = cursor.rpartition(".")
    if not dot or of_epoch != epoch or not 0 < len(number) <= 19 or not (number.isascii() and number.isdigit()):
        return None
    at = int(number)
    return at if str(at) == number and at <= head else None


def frame(**fields: Any) -> bytes:
    """A server's text frame, ready for the transport of every reader."""
    return _ready(_ENCODE(fields).encode("utf-8", "backslashreplace"))


def _ready(text: bytes) -> bytes:
    return Frame(Opcode.TEXT, text).serialize(mask=False)


def event(stream: int, happened: Happened, rendered: dict[str, Any] | None) -> bytes:
    """The event's frame; one that shows nothing still has its number, so that nobody sees a gap."""
    place = {"t": "event", "stream": stream, "seq": happened.seq}
    if rendered is None:
        return frame(**place, void=True)
    return frame(**{**rendered, **place, "kind": happened.kind, "ref": happened.ref})


def subscribed(stream: int, epoch: str, at: int, head: int) -> bytes:
    return frame(t="subscribed", stream=stream, cursor=f"{epoch}.{at}", head=head)


def resync(stream: int, epoch: str, at: int, **more: Any) -> bytes:
    return frame(t="resync", stream=stream, cursor=f"{epoch}.{at}", **more)


def presence(stream: int, people: Sequence[tuple[int, str]], more: int, writing: Sequence[int]) -> bytes:
    return frame(t="presence", stream=stream, here=[{"id": person, "name": name} for person, name in people], more=more, writing=writing)


def edit(stream: int, updates: Sequence[str]) -> bytes:
    return frame(t="edit", stream=stream, updates=updates)


def saved(stream: int, ref: int) -> bytes:
    """Fifty who write together are told in one breath: so it is written without the encoder."""
    return _ready(b'{"t":"saved","stream":%d,"ref":%d}' % (stream, ref))


def unsaved(stream: int, ref: Ref, reason: str) -> bytes:
    return frame(t="unsaved", stream=stream, ref=ref, reason=reason)


def cursor(wish: Cursor, person: int, name: str) -> dict[str, Any]:
    return {"client": wish.client, "id": person, "name": name, "anchor": wish.anchor, "head": wish.head}


def unnamed(cursor: Mapping[str, Any]) -> dict[str, Any]:
    """The cursor for somebody who may not learn whose it is."""
    return {**cursor, "id": 0, "name": ""} if "id" in cursor else dict(cursor)


def no_cursor(client: int) -> dict[str, Any]:
    return {"client": client, "anchor": None, "head": None}


def cursors(stream: int, moved: Iterable[dict[str, Any]]) -> bytes:
    return frame(t="cursors", stream=stream, cursors=list(moved))


def signal(network: int, what: str) -> bytes:
    return frame(t="signal", network=network, what=what)


def error(code: int, reason: str, ref: Ref = None, **more: Any) -> bytes:
    return frame(t="error", code=code, reason=reason, ref=ref, **more)
