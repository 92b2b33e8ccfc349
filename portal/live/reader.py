"""Who is connected here: one reader for each open socket."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.db import Session
from portal.live.protocol import PortalWebSocketProtocol, encoded

MOST_WAITING = 1024 * 1024


@dataclass(frozen=True)
class Viewer:
    """Who reads: the person, the sign-in she came with and the language of the page."""

    person_id: int
    device_id: int
    locale: str


@dataclass(frozen=True)
class Happened:
    """An event of a stream, as it is handed to the renderer."""

    seq: int
    kind: str
    ref: int


@dataclass(frozen=True)
class Doors:
    """What live asks of the rooms above.

    `authenticate` gives the viewer of these cookies, `may_read` the streams among the given that the viewer may read now,
    `networks` the networks whose signals she gets, `alive` the device ids that may still act, and `render` for each event
    of one stream the frame's own fields, in one language for all readers.
    """

    authenticate: Callable[[Session, Mapping[str, str]], Awaitable[Viewer | None]]
    may_read: Callable[[Session, Viewer, Sequence[int]], Awaitable[set[int]]]
    networks: Callable[[Session, Viewer], Awaitable[set[int]]]
    alive: Callable[[Session, Sequence[int]], Awaitable[set[int]]]
    render: Callable[[Session, int, Sequence[Happened], str], Awaitable[list[dict[str, Any]]]]


@dataclass(eq=False)
class Reader:
    """A socket, what it follows, and how far it has got in each stream."""

    viewer: Viewer
    socket: PortalWebSocketProtocol
    streams: dict[int, int] = field(default_factory=dict)
    networks: set[int] = field(default_factory=set)

    def write(self, frame: bytes) -> None:
        """Hand over a ready frame; a reader that does not keep up is cut and comes back from its own number."""
        self.socket.write_frame(frame)
        if self.socket.waiting_bytes > MOST_WAITING:
            self.socket.cut(4409, "too slow: resync")

    def say(self, **message: Any) -> None:
        self.write(encoded(json.dumps(message, ensure_ascii=False)))
