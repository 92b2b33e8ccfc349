"""`portal demo`, and what `run` and `serve` make of the database that they find."""

import argparse
import asyncio
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path

from portal import clock
from portal.accounts.queries import demo_mark
from portal.commands.visits import visit
from portal.config import Misconfigured, Settings
from portal.ground import database, keeper, migrate
from portal.public.queries import demo_people, is_empty

STALE = timedelta(days=30)
ONLY_THE_DEMO = "PORTAL_SECRET is missing: only the demo runs without one (32 characters or more)."
OFFER = "The demo was loaded {days} days ago, so its dates have passed. Load it anew, and lose what has been done in it? [y/N] "


def load(settings: Settings, arguments: argparse.Namespace) -> None:
    """The demo into an empty database; with --reset anew into one that holds it."""
    keeper.prepare(settings)
    with database.opened(settings) as url:
        asyncio.run(migrate.upgrade(url))
        asyncio.run(_load(settings, url, reset=arguments.reset))
    print("The demo is loaded: start the portal with make run.")


def prepare(settings: Settings, url: str) -> None:
    """For `run`: the demo goes into an empty database of a portal without a secret, and is renewed on request."""
    loaded_at, empty = asyncio.run(_state(url))
    if settings.secret is None and empty:
        print("Loading the demo …", flush=True)
        asyncio.run(_load(settings, url, reset=False))
    elif settings.secret is None and loaded_at is None:
        raise Misconfigured(ONLY_THE_DEMO)
    elif settings.secret is None and loaded_at is not None and clock.now() - loaded_at > STALE and _wants_renewal(loaded_at):
        asyncio.run(_load(settings, url, reset=True))


def require(settings: Settings, url: str) -> None:
    """For `serve`: without a secret only the demo is shown."""
    loaded_at, _ = asyncio.run(_state(url))
    if settings.secret is None and loaded_at is None:
        raise Misconfigured(ONLY_THE_DEMO)


async def welcome(settings: Settings, url: str) -> str:
    """What is said when the portal takes requests: its address, and for the demo who one can be."""
    lines = ["", f"The portal is at {settings.address} (Ctrl-C stops it)."]
    async with visit(url) as session:
        if settings.secret is None and await demo_mark(session):
            lines += ["", f"This is the demo. At {settings.address}/sign-in you can be any of:"]
            lines += [f"  {each.person.name:<20}  {each.role}, {each.place}".rstrip(", ") for each in await demo_people(session)]
        elif await is_empty(session):
            lines.append("There is no network yet: make the first with `portal init`.")
    return "\n".join([*lines, ""])


def _wants_renewal(loaded_at: datetime) -> bool:
    days = (clock.now() - loaded_at).days
    if not sys.stdin.isatty():
        print(f"The demo was loaded {days} days ago: `portal demo --reset` loads it anew, dated from today.")
        return False
    return input(OFFER.format(days=days)).strip().lower() in ("y", "yes")


async def _state(url: str) -> tuple[datetime | None, bool]:
    """When the demo was loaded, if it was, and whether nobody has been entered."""
    async with visit(url) as session:
        mark = await demo_mark(session)
        return mark.loaded_at if mark else None, await is_empty(session)


async def _load(settings: Settings, url: str, *, reset: bool) -> None:
    async with visit(url) as session:
        if reset and await demo_mark(session) is not None:
            for folder in (settings.mail_folder, settings.file_folder):
                _empty(folder)
        from portal.demo import loader  # noqa: PLC0415 (a quarter of the portal's code, and seldom asked for)

        await (loader.reset if reset else loader.load)(session, files=settings.file_folder)


def _empty(folder: Path) -> None:
    for each in list(folder.iterdir()):
        shutil.rmtree(each) if each.is_dir() else each.unlink()
