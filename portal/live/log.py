"""Appending to a stream, and ringing the bell: all in the caller's own transaction."""

import json
from typing import Any

from sqlalchemy import text

from portal import clock
from portal.db import Session

CHANNEL = "portal_live"

APPEND = text(
    """
    WITH head AS (UPDATE live_stream SET last_seq = last_seq + 1 WHERE id = :stream RETURNING last_seq),
    logged AS (
        INSERT INTO live_event (stream_id, seq, kind, ref, actor_id, at, data)
        SELECT :stream, last_seq, :kind, :ref, :actor, :at, CAST(:data AS jsonb) FROM head RETURNING seq
    )
    SELECT seq, pg_notify('portal_live', 'e:' || CAST(:stream AS text)) FROM logged
    """
)
CREATE = text("INSERT INTO live_stream DEFAULT VALUES RETURNING id")
HEAD = text("SELECT epoch, last_seq FROM live_epoch, live_stream WHERE live_stream.id = :stream")
NOTIFY = text("SELECT pg_notify('portal_live', :payload)")


async def create_stream(session: Session) -> int:
    """A new empty stream; its number."""
    return int((await session.execute(CREATE)).scalar_one())


async def append(
    session: Session,
    stream_id: int,
    *,
    kind: str,
    ref: int,
    actor_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> int:
    """Log an event under the stream's row lock and ring the bell; the event's number. A rollback leaves no trace."""
    given = {
        "stream": stream_id,
        "kind": kind,
        "ref": ref,
        "actor": actor_id,
        "at": clock.now(),
        "data": None if data is None else json.dumps(data),
    }
    return int((await session.execute(APPEND, given)).one().seq)


async def signal(session: Session, network_id: int, what: str) -> None:
    """Tell the network's open pages, with the commit, that `what` has changed."""
    await session.execute(NOTIFY, {"payload": f"s:{network_id}:{what}"})


async def access_changed(session: Session, person_id: int) -> None:
    """Have every process look again, with the commit, at what this person may see."""
    await session.execute(NOTIFY, {"payload": f"a:{person_id}"})


async def forget(session: Session, network_id: int) -> None:
    """Have every process forget, with the commit, what it keeps of words that have been rendered: some of them are gone for good."""
    await session.execute(NOTIFY, {"payload": f"f:{network_id}"})


async def head(session: Session, stream_id: int) -> str:
    """The stream's cursor now: epoch and last number."""
    row = (await session.execute(HEAD, {"stream": stream_id})).one()
    return f"{row.epoch}.{row.last_seq}"
