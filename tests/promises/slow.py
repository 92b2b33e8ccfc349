"""Somebody who follows and stops reading: nothing takes what is sent to him any more, not even his kernel."""

import json
from collections.abc import Mapping

from tests.live.raw import Raw, text

TEXT = 1


async def stalled(port: int, sid: str, cursors: Mapping[int, str | None]) -> Raw:
    """Subscribed to each stream from its cursor on, or from now on, and deaf from then on. `cut()` ends him."""
    peer = await Raw.connect(port, receive_buffer=4096)
    assert await peer.shake_hands(port, Cookie=f"sid={sid}") == 101
    for stream, cursor in cursors.items():
        await peer.send(text(json.dumps({"t": "subscribe", "stream": stream, "cursor": cursor})))
        while (frame := await peer.next())[0] != TEXT:  # a ping, of which nobody takes notice
            pass
        assert json.loads(frame[1])["t"] == "subscribed"
    peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
    return peer
