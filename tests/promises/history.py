"""What writers tried and were told, what readers saw, and what stands in the database: six counts, which must all be 0."""

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field

from sqlalchemy import text

from portal.db import Session

COMMENTS = text("SELECT body, id FROM comment ORDER BY id")
EVENTS = text("SELECT stream_id, seq, ref FROM live_event WHERE seq > :after ORDER BY stream_id, seq")


@dataclass(frozen=True)
class Seen:
    """An event as a reader got it; `subscription` counts how often she has subscribed."""

    subscription: int
    stream: int
    seq: int
    ref: int


@dataclass
class History:
    """Words are unique: they name an attempt, however often it is repeated."""

    attempted: set[str] = field(default_factory=set)
    acknowledged: dict[str, int] = field(default_factory=dict)
    seen: dict[str, list[Seen]] = field(default_factory=lambda: defaultdict(list))
    began: dict[tuple[str, int], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """`lost`: acknowledged and not there. `doubled`: there, or seen by one reader, more than once. `unexpected`: there or seen,
    though nobody wrote it. `disorder`: a reader's numbers do not rise. `gap`: a reader missed a number after the one she began
    with. `diverged`: two readers saw different events under one number."""

    lost: int
    doubled: int
    unexpected: int
    disorder: int
    gap: int
    diverged: int

    @property
    def broken(self) -> dict[str, int]:
        """The counts that are not 0."""
        return {name: count for name, count in asdict(self).items() if count}


async def judge(session: Session, history: History, *, after: int = 0) -> Verdict:
    """Nobody has asked for events up to number `after`."""
    stored: dict[str, list[int]] = defaultdict(list)
    for body, number in await session.execute(COMMENTS):
        stored[body].append(number)
    logged = {(stream, seq): ref for stream, seq, ref in await session.execute(EVENTS, {"after": after})}
    heads = dict(sorted(logged))
    seen = [each for events in history.seen.values() for each in events]
    return Verdict(
        lost=sum(number not in stored[words] for words, number in history.acknowledged.items()),
        doubled=sum(len(numbers) - 1 for numbers in stored.values() if len(numbers) > 1) + sum(map(_twice, history.seen.values())),
        unexpected=len({words for words in stored if stored[words]} - history.attempted)
        + sum(logged.get((each.stream, each.seq)) != each.ref for each in seen),
        disorder=sum(map(_falls, history.seen.values())),
        gap=sum(_missed(history.seen[reader], stream, first, heads.get(stream, 0)) for (reader, stream), first in history.began.items()),
        diverged=_diverged(seen),
    )


def _twice(events: list[Seen]) -> int:
    return sum(count - 1 for count in Counter((each.stream, each.seq) for each in events).values())


def _falls(events: list[Seen]) -> int:
    last: dict[int, int] = {}
    falls = 0
    for each in events:
        falls += each.seq <= last.get(each.stream, 0)
        last[each.stream] = each.seq
    return falls


def _missed(events: list[Seen], stream: int, first: int, head: int) -> int:
    return len(set(range(first + 1, head + 1)) - {each.seq for each in events if each.stream == stream})


def _diverged(seen: list[Seen]) -> int:
    refs: dict[tuple[int, int], set[int]] = defaultdict(set)
    for each in seen:
        refs[each.stream, each.seq].add(each.ref)
    return sum(len(each) > 1 for each in refs.values())
