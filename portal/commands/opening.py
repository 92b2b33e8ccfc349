"""`portal serve` and `portal run` once the database server answers: the schema, what is in it, and the serving processes."""

import asyncio
import socket
from contextlib import suppress

from portal.commands import showing, workers, working
from portal.commands.serving import open_doors
from portal.config import Settings
from portal.ground import migrate


def open_portal(settings: Settings, url: str, listening: socket.socket, *, has_demo: bool) -> None:
    """Serve on `listening` until a signal comes."""
    asyncio.run(migrate.upgrade(url))
    furnish = showing.prepare if has_demo else showing.require
    furnish(settings, url)
    words = asyncio.run(showing.welcome(settings, url))
    open_doors(settings, listening)
    if settings.workers == 1:
        working.serve(settings, url, listening, words)
    else:
        with suppress(KeyboardInterrupt):
            workers.keep(settings.workers, url, listening, words)
