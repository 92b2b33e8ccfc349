"""The one realtime primitive: streams that are gapless logs, and signals. PROTOCOL.md says what goes over the socket."""

from portal.live.doors import Doors, Edited, Happened, Texts, Viewer
from portal.live.hub import Hub
from portal.live.log import access_changed, append, create_stream, forget, head, signal
from portal.live.socket import live_route

__all__ = [
    "Doors",
    "Edited",
    "Happened",
    "Hub",
    "Texts",
    "Viewer",
    "access_changed",
    "append",
    "create_stream",
    "forget",
    "head",
    "live_route",
    "signal",
]
