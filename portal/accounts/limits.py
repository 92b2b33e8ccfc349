"""How often something may be tried: counted in the database, so that all processes count together."""

from datetime import timedelta
from typing import Any

from litestar import Request
from sqlalchemy import delete, func, select, text
from sqlmodel import col

from portal import clock
from portal.accounts.models import Attempt, SignedIn
from portal.db import Session
from portal.web.errors import TooMany

KEPT = timedelta(days=1)
# Of one sign-in in five minutes: far more than anybody does (a page that is written in is saved every few seconds), far less than a
# program that has got hold of her cookie would.
MOST_WRITES, MOST_DEAR_READS, SPAN = 600, 120, 300
SAFE = {"GET", "HEAD", "OPTIONS"}
MOST_HERE = 10_000
LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:bucket, 7))")
COUNT = text(
    """
    INSERT INTO attempt (bucket, at) SELECT CAST(:bucket AS varchar), :now FROM generate_series(1, CAST(:weight AS int))
    WHERE (SELECT count(*) FROM attempt WHERE bucket = CAST(:bucket AS varchar) AND at > :since) < :most RETURNING id
    """
)

# When each bucket's span is over, and how many tries lie within it.
_here: dict[str, tuple[int, int]] = {}


async def count(session: Session, bucket: str, *, most: int, seconds: int, weight: int = 1) -> None:
    """Count one try, or `weight` of them, against `bucket`; TooMany if `most` tries lie within the last `seconds` already."""
    await session.execute(LOCK, {"bucket": bucket})
    moment = clock.now()
    given = {
        "bucket": bucket,
        "now": moment,
        "since": moment - timedelta(seconds=seconds),
        "most": allowed(session, most),
        "weight": weight,
    }
    if (await session.execute(COUNT, given)).first() is None:
        raise TooMany(seconds)


def count_here(bucket: str, *, most: int, seconds: int) -> None:
    """As `count`, but in the memory of this process and by whole spans of `seconds`: for what is read by programs all day. `most` is
    what is `allowed`."""
    now = int(clock.now().timestamp())
    ends = now - now % seconds + seconds
    if len(_here) >= MOST_HERE and bucket not in _here:
        _make_room(now)
    until, tries = _here.get(bucket, (ends, 0))
    tries = tries + 1 if until == ends else 1
    _here[bucket] = ends, tries
    if tries > most:
        raise TooMany(ends - now)


def _make_room(now: int) -> None:
    """What is over is forgotten, and else the half that was tried least: a thousand strangers take nobody's limit away."""
    for bucket in [each for each, (ends, _tries) in _here.items() if ends <= now]:
        del _here[bucket]
    if len(_here) >= MOST_HERE:
        for bucket in sorted(_here, key=lambda each: _here[each][1])[: MOST_HERE // 2]:
            del _here[bucket]


def hold_back(request: Request[Any, Any, Any], session: Session, signed_in: SignedIn) -> None:
    """TooMany for a sign-in that writes, or asks for what is dear to make (routes that say `opt={"dear": True}`: searching, papers), more
    than people do. Whatever finer limits a room has come besides. Counted by each process for itself, so that it costs nothing."""
    holder = signed_in.token_hash.hex()
    if request.method not in SAFE:
        count_here(f"writes:{holder}", most=allowed(session, MOST_WRITES), seconds=SPAN)
    elif request.route_handler.opt.get("dear"):
        count_here(f"dear reads:{holder}", most=allowed(session, MOST_DEAR_READS), seconds=SPAN)


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
