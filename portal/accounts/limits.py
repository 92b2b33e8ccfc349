"""How often something may be tried: counted in the database, so that all processes count together."""

from datetime import timedelta

from sqlalchemy import delete, func, select, text
from sqlmodel import col

from portal import clock
from portal.accounts.models import Attempt
from portal.db import Session
from portal.web.errors import TooMany

KEPT = timedelta(days=1)
MOST_HERE = 10_000
LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:bucket, 7))")
COUNT = text(
    """
    INSERT INTO attempt (bucket, at) SELECT CAST(:bucket AS varchar), :now FROM generate_series(1, CAST(:weight AS int))
    WHERE (SELECT count(*) FROM attempt WHERE bucket = CAST(:bucket AS varchar) AND at > :since) < :most RETURNING id
    """
)

_here: dict[str, tuple[int, int]] = {}


async def count(session: Session, bucket: str, *, most: int, seconds: int, weight: int = 1) -> None:
    """Count one try, or `weight` of them, against `bucket`; TooMany if `most` tries lie within the last `seconds` already."""
    await session.execute(LOCK, {"bucket": bucket})
    moment = clock.now()
    given = {"bucket": bucket, "now": moment, "since": moment - timedelta(seconds=seconds), "most": allowed(session, most), "weight": weight}
    if (await session.execute(COUNT, given)).first() is None:
        raise TooMany(seconds)


def count_here(bucket: str, *, most: int, seconds: int) -> None:
    """As `count`, but in the memory of this process and by whole spans of `seconds`: for what is read by programs all day. `most` is
    what is `allowed`."""
    span = int(clock.now().timestamp()) // seconds
    if len(_here) >= MOST_HERE:
        _here.clear()
    begun, tries = _here.get(bucket, (span, 0))
    _here[bucket] = span, (tries if begun == span else 0) + 1
    if _here[bucket][1] > most:
        raise TooMany(seconds)


async def check(session: Session, bucket: str, *, most: int, seconds: int) -> None:
    """TooMany if `bucket` is full; counts nothing (for limits that count failures alone)."""
    since = clock.now() - timedelta(seconds=seconds)
    tries = await session.scalar(select(func.count()).where(col(Attempt.bucket) == bucket, col(Attempt.at) > since))
    refuse(session, tries or 0, most=most, seconds=seconds)


def refuse(session: Session, tries: int, *, most: int, seconds: int) -> None:
    """TooMany if there have been `most` tries already."""
    if tries >= allowed(session, most):
        raise TooMany(seconds)


def allowed(session: Session, most: int) -> int:
    """How many tries `most` means here: PORTAL_LIMITS, which the session carries, multiplies it."""
    return most * int(session.info.get("limits", 1))


async def sweep(session: Session) -> None:
    """Forget tries that no limit looks at any more."""
    await session.execute(delete(Attempt).where(col(Attempt.at) < clock.now() - KEPT))
