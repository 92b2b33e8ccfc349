"""One connected socket: what it follows, and the way to it."""

from dataclasses import dataclass, field
from typing import Any

from portal.live import frames
from portal.live.doors import Viewer
from portal.live.protocol import PortalWebSocketProtocol

MOST_BAD_FRAMES = 3
MINUTE = 60.0


@dataclass(slots=True, eq=False)
class Subscription:
    """A reader's wish for a stream; `seq` is the last number sent. It is over once another or nothing stands in its place.

    `ref` is what she asked with, `is_given` whether she has been found to have the right to it, `sees_names` whether she may learn who else
    is here, `told` is what was last said of that, `writing_seen` when and at which count of alarms the right to write was last seen.
    `client` is the page's Yjs client in a shared text, once it has shown its cursor, and `cursor` what shows it to others; `part` is the
    number of a change that comes in several frames, with its beginning, or None once it is refused."""

    reader: "Reader"
    stream_id: int
    seq: int = 0
    is_given: bool = False
    ref: frames.Ref = None
    sees_names: bool = False
    told: bytes | None = None
    writing_seen: tuple[float, int] | None = None
    client: int | None = None
    cursor: dict[str, Any] | None = None
    part: tuple[frames.Ref, str | None] = (None, None)

    @property
    def is_wanted(self) -> bool:
        return self.reader.subscriptions.get(self.stream_id) is self and self.reader.protocol.is_open


@dataclass(slots=True, eq=False)
class Reader:
    """`has_lost` says that access to something ended and that nothing has been given since."""

    protocol: PortalWebSocketProtocol
    viewer: Viewer
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    networks: set[int] = field(default_factory=set)
    misread: list[float] = field(default_factory=list)
    has_lost: bool = False

    @property
    def wants_nothing(self) -> bool:
        return not self.subscriptions and not self.networks

    def send(self, data: bytes, count: int = 1) -> None:
        """Hand ready frames to the transport; a reader too far behind is cut and comes back from its number."""
        if not self.protocol.write_frame(data, count):
            self.protocol.leave(frames.TOO_SLOW, "resync")

    def misread_at(self, moment: float) -> None:
        """Count a frame that made no sense; the third within a minute closes the socket."""
        self.misread = [each for each in self.misread if each > moment - MINUTE] + [moment]
        if len(self.misread) >= MOST_BAD_FRAMES:
            self.protocol.leave(frames.BAD_FRAME, "bad frames")
