"""`portal sources import`: recorded answers of a source, read as if they had just come."""

import argparse
import asyncio
from pathlib import Path

from portal import database, keeper
from portal.commands.visits import visit
from portal.config import Misconfigured, Settings
from portal.sources.actions import import_have_your_say
from portal.sources.answer import Foreign
from portal.web.language import use_locale


def have_your_say(settings: Settings, arguments: argparse.Namespace) -> None:
    """Each file is taken whole or not at all; the first that cannot be taken ends the errand."""
    use_locale("en")
    keeper.prepare(settings)
    with database.visited(settings) as url:
        for path in arguments.files:
            print(f"{path}: {asyncio.run(_take(url, path))}", flush=True)


async def _take(url: str, path: Path) -> str:
    try:
        payload = path.read_bytes()
        async with visit(url) as session:
            return str(await import_have_your_say(session, payload))
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read ({error.strerror}).") from None
    except Foreign as reason:
        raise Misconfigured(f"{path} changes nothing: {reason}") from None
