"""`portal demo`, and what `run` and `serve` make of the database that they find."""

import argparse
import asyncio
import secrets
import shutil
import sys
from datetime import datetime, timedelta

from sqlalchemy import exists, select, text, update
from sqlmodel import col

from portal import clock, database, demo, keeper, migrate
from portal.accounts.models import Person
from portal.accounts.queries import demo_mark
from portal.commands.visits import visit
from portal.config import Misconfigured, Settings
from portal.db import Session, Sessions
from portal.live.models import Epoch
from portal.networks.models import Membership, Unit
from portal.tables import metadata

STALE = timedelta(days=30)
ONLY_THE_DEMO = "PORTAL_SECRET is missing: only the demo runs without one (32 characters or more)."
OFFER = "The demo was loaded {days} days ago, so its dates have passed. Load it anew, and lose what has been done in it? [y/N] "


def load(settings: Settings, arguments: argparse.Namespace) -> None:
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


async def welcome(settings: Settings, sessions: Sessions) -> str:
    """What is said when the portal takes requests: its address, and for the demo who one can be."""
    lines = ["", f"The portal is at {settings.address} (Ctrl-C stops it)."]
    async with sessions() as session:
        if settings.secret is None and await demo_mark(session):
            lines += ["", f"This is the demo. At {settings.address}/sign-in you can be any of:"]
            lines += [f"  {name:<22} {role:<12} {unit or ''}".rstrip() for name, role, unit in await _cast(session)]
        elif await _is_empty(session):
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
        return mark.loaded_at if mark else None, await _is_empty(session)


async def _load(settings: Settings, url: str, *, reset: bool) -> None:
    async with visit(url) as session:
        if reset and await demo_mark(session):
            await _clear(session)
        if not await _is_empty(session):
            raise Misconfigured("The demo goes into an empty database only, and there are people in this one.")
        await demo.load(session)
    if reset:
        for folder in (settings.mail_folder, settings.file_folder):
            shutil.rmtree(folder)
        keeper.prepare(settings)


async def _clear(session: Session) -> None:
    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables if table.name != Epoch.__tablename__)
    await session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    await session.execute(update(Epoch).values(epoch=secrets.token_hex(8)))


async def _is_empty(session: Session) -> bool:
    return not await session.scalar(select(exists().where(col(Person.id).is_not(None))))


async def _cast(session: Session) -> list[tuple[str, str, str | None]]:
    found = await session.execute(
        select(col(Person.name), col(Membership.role), col(Unit.name))
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .outerjoin(Unit, col(Unit.id) == col(Membership.unit_id))
        .where(col(Person.closed_at).is_(None), col(Membership.ends_on).is_(None))
        .order_by(col(Membership.id))
    )
    return [(name, role, unit) for name, role, unit in found]
