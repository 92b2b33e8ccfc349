"""What processes tell each other by notification, past every log: heard by those who listen at that moment, and kept nowhere."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from portal.db import Sessions

LARGEST = 7900  # bytes; PostgreSQL takes less than 8,000

SAY = text("SELECT pg_notify('portal_live', payload) FROM unnest(CAST(:payloads AS text[])) AS payload")


def whisper(kind: str, stream: int, said: Mapping[str, Any]) -> str:
    """As `Hub` hears it: of which kind, about which stream."""
    return f"{kind}:{stream}:{json.dumps(said, ensure_ascii=False, separators=(',', ':'))}"


def fits(payload: str) -> bool:
    return len(payload.encode()) <= LARGEST


async def say(sessions: Sessions, payloads: Sequence[str]) -> None:
    """To every process; `sessions` for reading will do: what one notifies goes out with the statement."""
    async with sessions() as session:
        await session.execute(SAY, {"payloads": list(payloads)})
