"""A record's thread as one member sees it on a page: a part of its exchanges, and what stands around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from portal import clock
from portal.comments import following
from portal.comments.following import Unseen
from portal.comments.markup import Shown, markup
from portal.comments.models import Comment, Level
from portal.comments.queries import comments_by_id, may_comment, must_wait, sees_held, shown
from portal.comments.statements import LAST, MY_HEAD, NTH, ROOM, SHOWN, THREAD
from portal.comments.views import Answered, Draft, Exchange, Removed, ThreadView
from portal.comments.voices import voices
from portal.db import Session
from portal.files import queries as files
from portal.networks.models import Membership, Unit
from portal.reading import rows
from portal.records.models import Record
from portal.web import NotFound, current_locale
from portal.web.compiling import Ready
from portal.web.forms import number_in


@dataclass(frozen=True)
class Spot:
    """Where in a thread one looks, by stream numbers: the exchanges `before` or `after` one, or `around` one.

    `reply_to` is the comment that is answered, 0 none; not said it is what one wrote last, if that is not sent.

    With `end` at the thread's end. With nothing of this where one left off: at the first exchange one has not read, else at the end.
    """

    before: int | None = None
    after: int | None = None
    around: int | None = None
    reply_to: int | None = None
    end: int | None = None


def spot_in(query: Mapping[str, str]) -> Spot:
    """The spot that a record page's address asks for."""
    return Spot(*(number_in(query, name) for name in ("before", "after", "around", "reply", "end")))


class Told(NamedTuple):
    """What a thread's page shows to all: of its head what is in ROOM, and the comments below it, with their exchanges as they were made in
    each language that they were asked for in (and year, which decides whether a date says its own)."""

    room: dict[str, Any]
    comments: list[Shown]
    made: dict[tuple[str, int], list[Exchange]]

    def exchanges(self, base: str) -> list[Exchange]:
        spoken = current_locale(), clock.today().year
        if spoken not in self.made:
            self.made[spoken] = _grouped(self.comments, markup(self.comments, base=base))
        return self.made[spoken]

    @property
    def size(self) -> int:
        """What this takes with its exchanges (bytes, about): the markup around the words of a
        comment is 2 KB, and all stands there three times."""
        return 3 * sum(len(each.html) + 2_000 for each in self.comments)


def _grouped(comments: Sequence[Shown], parts: Sequence[Ready]) -> list[Exchange]:
    found: dict[int, Exchange] = {}
    for comment, html in zip(comments, parts, strict=True):
        if comment.parent_id is None:
            found[comment.id] = Exchange([comment], [html])
        else:
            found[comment.parent_id].comments.append(comment)
            found[comment.parent_id].parts.append(html)
    return list(found.values())


class Part(NamedTuple):
    """Some of a thread's exchanges, and the stream numbers to ask `before` and `after` if there are others."""

    exchanges: list[Exchange]
    earlier: int | None
    later: int | None


async def thread(
    session: Session, membership: Membership, record: Record,
    *, at: Spot = Spot(), asked: Sequence[Unit] = (), seen: bool = True, is_over: bool = False,
) -> ThreadView:  # fmt: skip
    """The exchanges of the record's thread at that spot, by itself the last ones. `asked` are the units to speak in it, unless what it is
    about `is_over`: then nobody is waited for.

    With `seen` the member has it before her now, and what is in it is new to her no longer on her next visit.
    """
    head, part, new_since = await _read(session, membership, record, at)
    concluded = head["concluded"]
    unseen = await _unseen(session, membership, record, head, part, new_since)
    if seen:
        await _note(session, membership, record, head, part, unseen)
    return ThreadView(
        record_id=record.id,
        stream_id=head["stream_id"],
        cursor=f"{head['epoch']}.{head['last_seq']}",
        is_locked=head["locked_at"] is not None,
        exchanges=part.exchanges,
        count=head["comments"],
        earlier=part.earlier,
        later=part.later,
        may_comment=may_comment(membership),
        may_hide=membership.can("comment:hide"),
        may_lock=membership.can("thread:lock"),
        draft=Draft(head["draft"], head["saved_at"]) if head["saved_at"] else None,
        removal=Removed(head["removal_reason"], head["removal_words"]) if head["removal_reason"] else None,
        held=head["held"],
        unposted=await files.waiting(session, membership, record) if head["unposted"] else (),
        may_attach=membership.can("file:attach"),
        replying_to=Answered(head["reply_id"], head["reply_name"]) if head["reply_id"] else None,
        new_since=new_since,
        level=_level(head, asked=membership.unit_id in {unit.id for unit in asked}),
        voices=await voices(session, record, asked),
        conclusion=(await comments_by_id(session, [concluded]))[concluded] if concluded else None,
        may_conclude=membership.can("thread:conclude"),
        must_wait=must_wait(membership),
        is_over=is_over,
        reader_id=membership.person_id,
        unseen=unseen,
    )


async def _note(session: Session, membership: Membership, record: Record, head: Any, part: Part, unseen: Unseen | None) -> None:
    """The member has this part before her now: all of the thread that she has not read, but for what is `unseen`."""
    if unseen is None:
        await following.note_reading(session, membership, record, read_at=head["read_at"], said_at=head["said_at"])
    else:
        here = [each.id for exchange in part.exchanges for each in exchange.comments]
        await following.note_part(session, membership, record, unseen=unseen, comments=here)


async def _read(session: Session, membership: Membership, record: Record, at: Spot) -> tuple[Any, Part, datetime | None]:
    """The thread's head, what is shown at the spot, and since when things are new to the member."""
    before = await _end(session, record.id, at)
    head, exchanges = await _exchanges(session, membership, record, at, before)
    new_since = following.new_since(head["read_at"], head["before_at"]) or membership.before_at
    part = _part(exchanges, before)
    if at == Spot() and part.earlier and new_since and _has_news(head, new_since):
        # Something new may stand further up: the member has left off there, or it answers what is old.
        first = await following.first_new(session, membership, record, new_since)
        if first is not None and first <= part.exchanges[0].comment.seq:
            return await _read(session, membership, record, Spot(around=first))
    return head, part, new_since


async def _unseen(
    session: Session, membership: Membership, record: Record, head: Any, part: Part, new_since: datetime | None
) -> Unseen | None:
    """What the member has not read of the thread and that part does not hold."""
    since = head["read_at"] or new_since
    if since is None or not (part.earlier or part.later) or not _has_news(head, since):
        return None
    first, end = part.exchanges[0].comment.seq if part.earlier else 0, part.later + 1 if part.later else LAST
    return await following.unseen(session, membership, record, since, first=first, end=end)


def _has_news(head: Any, since: datetime) -> bool:
    return head["said_at"] is None or head["said_at"] > since


def _level(head: Any, *, asked: bool) -> Level:
    """What the viewer hears of the thread: her choice, else as following.level_of says for lists."""
    return Level(head["level"] or (Level.all if head["concerned"] or asked else Level.mentions))


def _part(exchanges: list[Exchange], before: int | None) -> Part:
    """Those of the exchanges found `before` a stream number that are shown; None is the end of the thread."""
    later = exchanges[-1].comment.seq if before is not None and exchanges else None
    if len(exchanges) <= SHOWN:
        return Part(exchanges, None, later)
    start = len(exchanges) - SHOWN
    first = exchanges[start].comment.seq
    while (
        start and exchanges[start - 1].comment.seq == first
    ):  # what is held has the number of what was said before it, and stays with that
        start -= 1
    return Part(exchanges[start:], first, later)


async def _end(session: Session, record_id: int, at: Spot) -> int | None:
    """The stream number before which the exchanges at the spot end; None is the end of the thread."""
    if at.around is not None:
        return await _nth_after(session, record_id, at.around - 1, SHOWN // 2)
    if at.after is not None:
        return await _nth_after(session, record_id, at.after, SHOWN)
    return at.before


async def _nth_after(session: Session, record_id: int, seq: int, count: int) -> int | None:
    found = await rows(session, NTH, record_id, min(seq, LAST), count)
    return found[0]["seq"] if found else None


async def _exchanges(session: Session, membership: Membership, record: Record, at: Spot, before: int | None) -> tuple[Any, list[Exchange]]:
    """The thread's head, and the exchanges that end before a stream number, one more than is shown if there is one; else NotFound."""
    head, told = await _told(session, membership, record, at, LAST if before is None else before)
    me = membership.person_id
    return head, [each.to(me) if me in each.authors else each for each in told.exchanges(f"/{membership.network.slug}")]


async def _told(session: Session, membership: Membership, record: Record, at: Spot, before: int) -> tuple[Any, Told]:
    """The thread's head as this member sees it, and the comments before a stream number, in one statement; else NotFound.

    Who opens it at the same moment as others, or when it is known to be as it was, asks for her own head alone, and is shown what one of
    them was: unless something is held, or was not let in, which is not for everybody."""
    asked = record.id, at.reply_to, membership.person_id, record.network_id, membership.id
    mine: Any = None

    async def read() -> tuple[Any, Told]:
        head, *comments = await rows(session, THREAD, *asked, before, sees_held(membership)) or (None,)
        if head is None:
            raise NotFound
        return head, Told({name: head[name] for name in ROOM}, [shown(each) for each in comments], {})

    async def read_for_all() -> Told:
        nonlocal mine
        mine, told = await read()
        return told

    if session.has_begun:  # it may have written what others are not to see yet
        return await read()
    key = THREAD, record.id, before
    told: Told | None = session.known(key)
    if told is None:
        told = await session.readings.shared(key, read_for_all, session.let_go)
        session.keep(key, told, told.room["as_of"], size=told.size)
    if mine is not None:
        return mine, told
    head = next(iter(await MY_HEAD.rows(session, *asked)), None)
    if head is None or head["has_held"] or told.room["has_held"]:
        return await read()
    return {**head, **told.room}, told


async def spot_of(session: Session, comment: Comment) -> Spot:
    """Where in its thread the comment is to be seen; the thread's end if it stands among the last."""
    top = await session.get_one(Comment, comment.parent_id) if comment.parent_id else comment
    is_far = await _nth_after(session, top.record_id, top.seq - 1, SHOWN) is not None
    return Spot(around=top.seq) if is_far else Spot(end=1)
