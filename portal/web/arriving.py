"""A body that does not come to its end: what stalls or drips is cut off, so that no request waits without end."""

import asyncio
from typing import Any

from litestar.types import Receive

from portal.web.errors import Refused
from portal.web.language import _l

LONGEST_PAUSE = 30.0  # s until the next piece
SLOWEST = 1024.0  # bytes/s of the whole, once the first pause is over


class Stalled(Refused):
    """RFC 9110, 15.5.9. The connection is closed with it: what may still come belongs to no request."""

    status = 408
    message = _l("Det som skickades kom aldrig fram i sin helhet. Kontrollera din uppkoppling och försök igen.")


def arriving(receive: Receive) -> Receive:
    """`receive`, which raises Stalled where the body's next piece does not come in time; once it is whole, nothing is asked of it."""
    loop = asyncio.get_running_loop()
    began, size, is_whole = loop.time(), 0, False

    async def received() -> Any:
        nonlocal size, is_whole
        if is_whole:
            return await receive()
        now = loop.time()
        try:
            async with asyncio.timeout_at(min(now + LONGEST_PAUSE, began + LONGEST_PAUSE + size / SLOWEST)):
                message: Any = await receive()
        except TimeoutError:
            raise Stalled from None
        size += len(message.get("body", b""))
        is_whole = not message.get("more_body")
        return message

    return received
