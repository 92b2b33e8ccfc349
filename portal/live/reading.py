"""Reads of the log, and the short sessions that sockets read with."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import DateTime, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from portal.db import Session, Sessions
from portal.live.doors import Happened

UNREACHABLE = (
    OSError,
    TimeoutError,
    DBAPIError,
    PoolExhausted,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

NEWER = text(
    """
    SELECT e.stream_id, e.seq, e.kind, e.ref, e.actor_id, e.at, e.data
    FROM unnest(CAST(:ids AS bigint[]), CAST(:seqs AS bigint[])) AS known(id, seq)
    CROSS JOIN LATERAL (
        SELECT * FROM live_event WHERE stream_id = known.id AND live_event.seq > known.seq ORDER BY live_event.seq LIMIT :most
    ) AS e
    ORDER BY e.stream_id, e.seq
    """
).columns(at=DateTime(timezone=True), data=JSONB)
EPOCH = text("SELECT epoch FROM live_epoch")
FIRST_EPOCH = text("INSERT INTO live_epoch (id, epoch) VALUES (1, :epoch) ON CONFLICT DO NOTHING")
HEADS = text("SELECT epoch, live_stream.id, last_seq FROM live_epoch LEFT JOIN live_stream ON live_stream.id = ANY(CAST(:ids AS bigint[]))")


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
    rows = await session.execute(NEWER, {"ids": list(cursors), "seqs": list(cursors.values()), "most": most})
    found: dict[int, list[Happened]] = {}
    for row in rows:
        happened = Happened(row.seq, row.kind, row.ref, row.actor_id, row.at, row.data)
        found.setdefault(row.stream_id, []).append(happened)
    return found


async def heads(session: Session, streams: Collection[int]) -> tuple[str, dict[int, int]]:
    """The epoch, and the last number of each of the streams that exist."""
    rows = (await session.execute(HEADS, {"ids": list(streams)})).all()
    return str(rows[0].epoch), {row.id: row.last_seq for row in rows if row.id is not None}


async def begin(session: Session) -> None:
    """See to it that the database's history has a name."""
    await session.execute(FIRST_EPOCH, {"epoch": secrets.token_hex(8)})
    await session.commit()
