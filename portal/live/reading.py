"""Reads of the log, and the short sessions that sockets read with."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from portal.db import Session, Sessions
from portal.live.doors import Happened
from portal.reading import rows

UNREACHABLE = (
    OSError,
    TimeoutError,
    DBAPIError,
    PoolExhausted,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

NEWER = """
    SELECT e.stream_id, e.seq, e.kind, e.ref, e.actor_id, e.at, e.data
    FROM unnest($1::bigint[], $2::bigint[]) AS known(id, seq)
    CROSS JOIN LATERAL (
        SELECT * FROM live_event WHERE stream_id = known.id AND live_event.seq > known.seq ORDER BY live_event.seq LIMIT $3
    ) AS e
    ORDER BY e.stream_id, e.seq
"""
EPOCH = text("SELECT epoch FROM live_epoch")
FIRST_EPOCH = text("INSERT INTO live_epoch (id, epoch) VALUES (1, :epoch) ON CONFLICT DO NOTHING")
HEADS = "SELECT epoch, live_stream.id, last_seq FROM live_epoch LEFT JOIN live_stream ON live_stream.id = ANY($1::bigint[])"


class Reads:
    """Short sessions for what sockets ask for: only a few at once, since pages need the pool as well."""

    def __init__(self, sessions: Sessions, *, at_once: int = 4) -> None:
        self._sessions = sessions
        self._few = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Session]:
        async with self._few, self._sessions() as session:
            yield session


async def newer(session: Session, cursors: Mapping[int, int], most: int) -> dict[int, list[Happened]]:
    """For each stream its events after the given number, in order, at most `most` of each."""
    found: dict[int, list[Happened]] = {}
    for stream, *event in map(tuple, await rows(session, NEWER, list(cursors), list(cursors.values()), most)):
        found.setdefault(stream, []).append(Happened(*event))
    return found


async def heads(session: Session, streams: Collection[int]) -> tuple[str, dict[int, int]]:
    """The epoch, and the last number of each of the streams that exist."""
    found = await rows(session, HEADS, list(streams))
    return found[0]["epoch"], {each["id"]: each["last_seq"] for each in found if each["id"] is not None}


async def begin(session: Session) -> None:
    """See to it that the database's history has a name."""
    await session.execute(FIRST_EPOCH, {"epoch": secrets.token_hex(8)})
    await session.commit()
