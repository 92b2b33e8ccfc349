"""`portal sources import`: recorded answers of a source, read as if they had just come."""

import argparse
import asyncio
from pathlib import Path

from portal.commands.visits import visit
from portal.config import Misconfigured, Settings
from portal.ground import database, keeper, migrate
from portal.sources.actions import Imported, import_have_your_say
from portal.sources.answer import Foreign
from portal.sources.have_your_say import Initiative, read
from portal.web.language import gettext, use_locale


def have_your_say(settings: Settings, arguments: argparse.Namespace) -> None:
    """All files are taken over, or none when one of them is broken or foreign."""
    use_locale("en")
    initiatives = [initiative for path in arguments.files for initiative in _read(path)]
    keeper.prepare(settings)
    with database.visited(settings) as url:
        asyncio.run(migrate.upgrade(url))
        done = asyncio.run(_take_over(url, initiatives))
    print(f"Initiatives: {done.new} new, {done.changed} changed, {done.same} as before. Consultations made: {done.consultations}.")


def _read(path: Path) -> list[Initiative]:
    try:
        return list(read(path.read_bytes()))
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read ({error.strerror}); nothing was changed.") from None
    except Foreign as reason:
        raise Misconfigured(
            f"{path} cannot be taken over, and nothing was changed: {gettext(reason.message_sv)} {reason.where}".rstrip()
        ) from None


async def _take_over(url: str, initiatives: list[Initiative]) -> Imported:
    async with visit(url) as session:
        return await import_have_your_say(session, initiatives)
