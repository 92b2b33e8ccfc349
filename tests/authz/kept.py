"""The world, made once in a test process and put back for every module: a second of statements would else be three of our own code."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

import httpx
from sqlalchemy import Integer

from portal.app import Portal
from portal.db import Session
from portal.tables import metadata
from tests.authz.world import World, opened, store_pictures, unhindered
from tests.browser import Browser
from tests.conftest import BASE_URL, at_once, empty, part
from tests.factories import Cast

FILLED = [name for name in metadata.tables if name != "live_epoch"]
KEPT = "CREATE SCHEMA kept; " + "".join(f'CREATE TABLE kept."{name}" AS TABLE "{name}"; ' for name in FILLED)
NUMBERED = [name for name in FILLED if (key := metadata.tables[name].c.get("id")) is not None and isinstance(key.type, Integer)]
# Loading the demo has numbers begin anew: those of the world are taken.
TAKEN = "".join(
    f"SELECT setval(numbers, greatest(nextval(numbers), (SELECT max(id) FROM kept.\"{name}\"))) FROM pg_get_serial_sequence('\"{name}\"', 'id') AS numbers; "
    for name in NUMBERED
)
# Everybody was here just now: of who was not for ten minutes it is noted when she comes.
PUT_BACK = "".join(
    [
        "SET LOCAL session_replication_role = replica; ",
        *(f'INSERT INTO "{name}" TABLE kept."{name}"; ' for name in FILLED),
        TAKEN,
        "UPDATE signed_in SET seen_at = now()",
    ]
)
VACUUM = "VACUUM " + ", ".join(f'"{name}"' for name in FILLED)


@dataclass
class Kept:
    """The world as it was when it was made, its rows in a schema beside; whoever opens it gets objects and browsers of her own."""

    portal: Portal
    world: World
    cookies: dict[str, dict[str, str]]

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[World]:
        store_pictures(self.portal)
        async with self.portal.sessions() as session, AsyncExitStack() as stack:
            stack.enter_context(unhindered())
            await at_once(session, PUT_BACK)
            browsers = {}
            for role, cookies in self.cookies.items():
                client = httpx.AsyncClient(transport=httpx.ASGITransport(self.portal.asgi), base_url=BASE_URL, cookies=cookies)
                browsers[role] = Browser(await stack.enter_async_context(client), self.portal)
            goods = [
                replace(each, records=await again(session, each.records), numbers=dict(each.numbers))
                for each in (self.world.shared, self.world.unshared)
            ]
            cast = {each.name: await again(session, getattr(self.world.cast, each.name)) for each in fields(Cast)}
            await session.commit()
            yield World(Cast(**cast), *goods, browsers, session)
        await leave(self.portal)


async def again(session: Session, known: Any) -> Any:
    """The same rows as objects of this session, without asking the database."""
    if isinstance(known, list):
        return [await session.merge(each, load=False) for each in known]
    return await session.merge(known, load=False)


_made: list[Kept] = []


async def kept_world(portal: Portal) -> Kept:
    """The one of this test process, made when it is wanted first; the database is empty before and after."""
    if not _made:
        async with portal.sessions() as session, opened(portal, session) as world:
            await at_once(session, KEPT)
            _made.append(Kept(portal, world, {role: dict(browser.client.cookies) for role, browser in world.browsers.items()}))
        await leave(portal)
    return _made[0]


async def leave(portal: Portal) -> None:
    """The database is empty, and has no room taken by what was there: whoever reads whole tables would go through it."""
    await part(portal)
    async with portal.sessions() as session:
        await empty(session)
        await at_once(session, VACUUM)
