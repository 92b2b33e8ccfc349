"""What live asks of the rooms above it. The app hands these functions in; live knows no tables but its own."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from portal.db import Session


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who sits behind a socket: the person, the sign-in she came with, the language of the page, and her name for presence."""

    person_id: int
    device_id: int
    locale: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a stream, as it is handed to the renderer: what happened to what. It carries no text, but for a shared text's changes."""

    seq: int
    kind: str
    ref: int
    actor_id: int | None
    at: datetime
    data: dict[str, Any] | None


@dataclass(frozen=True, slots=True, eq=False)
class Edited:
    """A change of a shared text that somebody sends from a `page`: a Yjs update in Base64, not looked at yet.

    `saved` says that it is stored, and all before it that came from this page and were not refused; `refused` says why it is not. The rest
    concerns everybody of this process in the stream: `owners` tells whose the Yjs clients are that have a cursor, `show` shows changes that
    have been looked at, to each what others have made; `startle` makes everybody begin anew: what they were shown does not hold."""

    stream_id: int
    person_id: int
    update: str
    page: object
    saved: Callable[[], None]
    refused: Callable[[str], None]
    owners: Callable[[], dict[int, int]]
    show: Callable[[Sequence[tuple["Edited", str]]], None]
    startle: Callable[[], None]


class Texts(Protocol):
    """The room of shared texts, as live knows it."""

    async def edit(self, edited: Edited) -> None:
        """Look at the change, and store it soon. Returns when it has been looked at."""

    def writes_as(self, stream_id: int, client: int) -> int | None:
        """The person who began to write as this Yjs client, if that is known."""

    def expect(self, stream_id: int) -> None:
        """Somebody is about to write in the stream."""

    async def run(self) -> None:
        """What has to be done now and then, until cancelled."""

    async def stop(self) -> None:
        """Store what is left."""


Rendered = Sequence[dict[str, Any] | None]


@dataclass(frozen=True)
class Doors:
    """Each gets a short session of its own, which is closed when it returns, and must not commit.

    `authenticate` gives the viewer of these cookies. `may_read`: the streams among the given that the person may read now.
    `networks`: the networks whose signals she gets now. `alive`: the device ids that may still act. `render`: for each event of
    one stream the fields of its frame in one language, with its subject as it is *now* and nothing in it that somebody in the
    stream's audience may not read; None for an event that shows nothing. `may_write`: those of the streams that she may write in.
    `may_name`: those of the streams she may read in which she may learn who else is there. `forget` drops what is kept of rendered words.
    """

    authenticate: Callable[[Session, Mapping[str, str]], Awaitable[Viewer | None]]
    may_read: Callable[[Session, Viewer, Sequence[int]], Awaitable[set[int]]]
    networks: Callable[[Session, Viewer], Awaitable[set[int]]]
    alive: Callable[[Session, Sequence[int]], Awaitable[set[int]]]
    render: Callable[[Session, int, Sequence[Happened], str], Awaitable[Rendered]]
    may_write: Callable[[Session, Viewer, Sequence[int]], Awaitable[set[int]]]
    may_name: Callable[[Session, Viewer, Sequence[int]], Awaitable[set[int]]]
    forget: Callable[[], None]
