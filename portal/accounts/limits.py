"""How often something may be tried: counted in the database, so that all processes count together."""

from datetime import timedelta

from sqlalchemy import delete, func, select, text
from sqlmodel import col

from portal import clock
from portal.accounts.models import Attempt
from portal.db import Session
from portal.web.errors import TooMany

KEPT = timedelta(days=1)


async def count(session: Session, bucket: str, *, most: int, seconds: int, weight: int = 1) -> None:
    """Count one try, or `weight` of them, against `bucket`; TooMany if `most` tries lie within the last `seconds` already."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:bucket, 7))"), {"bucket": bucket})
    await check(session, bucket, most=most, seconds=seconds)
    session.add_all(Attempt(bucket=bucket, at=clock.now()) for _ in range(weight))
    await session.flush()


async def check(session: Session, bucket: str, *, most: int, seconds: int) -> None:
    """TooMany if `bucket` is full; counts nothing (for limits that count failures alone)."""
    since = clock.now() - timedelta(seconds=seconds)
    tries = await session.scalar(select(func.count()).where(col(Attempt.bucket) == bucket, col(Attempt.at) > since))
    refuse(session, tries or 0, most=most, seconds=seconds)


def refuse(session: Session, tries: int, *, most: int, seconds: int) -> None:
    """TooMany if there have been `most` tries; PORTAL_LIMITS, which the session carries, multiplies it."""
    if tries >= most * session.info.get("limits", 1):
        raise TooMany(seconds)


async def sweep(session: Session) -> None:
    """Forget tries that no limit looks at any more."""
    await session.execute(delete(Attempt).where(col(Attempt.at) < clock.now() - KEPT))
