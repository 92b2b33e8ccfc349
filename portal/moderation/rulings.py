"""The log of rulings: writing one down with a note to whom it concerns, and reading it with the names of today."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from markupsafe import Markup
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import contains_eager
from sqlmodel import col

from portal import clock, notifications, words
from portal.accounts.models import Person
from portal.comments.models import Comment, CommentVersion
from portal.comments.queries import visible
from portal.db import Session, Sessions
from portal.live import signal
from portal.moderation.letters import RULING
from portal.moderation.models import LogFilter, Notice, ReasonForm, Report, Ruling, Verb
from portal.moderation.words import TOLD, tell
from portal.networks.models import Membership
from portal.records.models import Record
from portal.records.queries import readable

PAGE, BLOCK = 50, 500
PAUSE = timedelta(minutes=2)
FIRST_DAY, LAST_DAY = date(1, 1, 2), date.max - timedelta(days=1)  # in every time zone


async def rule(
    session: Session,
    verb: Verb,
    record: Record,
    *,
    by: Membership,
    comment: Comment | None = None,
    concerns: int | None = None,
    form: ReasonForm | None = None,
    **data: Any,
) -> Ruling:
    """Write the ruling down, and tell the author of the comment, or the person it `concerns`, unless that is `by` herself."""
    ruling = Ruling(
        at=clock.now(),
        network_id=record.network_id,
        record_id=record.id,
        comment_id=comment.id if comment else None,
        concerns_id=comment.author_id if comment else concerns,
        actor_id=by.person_id,
        verb=verb,
        reason=form.reason if form else None,
        words=form.words if form else "",
        data=data,
    )
    session.add(ruling)
    await session.flush()
    if verb in TOLD and ruling.concerns_id is not None and ruling.concerns_id != by.person_id:
        await _tell(session, ruling, record, ruling.concerns_id)
    await signal(session, record.network_id, "moderation")
    return ruling


async def _tell(session: Session, ruling: Ruling, record: Record, person_id: int) -> None:
    """One unread note for each comment or thread: the latest. It is mailed if it is still unread when there has been time to undo it."""
    same = select(col(Ruling.id)).where(
        col(Ruling.record_id) == ruling.record_id,
        col(Ruling.concerns_id) == person_id,
        col(Ruling.comment_id).is_not_distinct_from(ruling.comment_id),
    )
    older = delete(Notice).where(col(Notice.person_id) == person_id, col(Notice.read_at).is_(None), col(Notice.ruling_id).in_(same))
    await session.execute(older.execution_options(synchronize_session=False))
    session.add(Notice(ruling_id=ruling.id, person_id=person_id))
    await session.flush()
    await notifications.tell(
        session,
        RULING,
        event=f"ruling:{ruling.id}",
        people=[person_id],
        network_id=ruling.network_id,
        record=record,
        ref=ruling.id,
        by=ruling.actor_id,
        pause=PAUSE,
    )


async def settle(session: Session, comment: Comment, ruling: Ruling) -> None:
    """The open reports of the comment have led to this ruling."""
    open_ones = update(Report).where(col(Report.comment_id) == comment.id, col(Report.ruling_id).is_(None))
    await session.execute(open_ones.values(ruling_id=ruling.id).execution_options(synchronize_session=False))


async def reopen(session: Session, comment: Comment) -> bool:
    """The reports that led to the comment's latest hiding wait for a ruling again; whether there were any."""
    hiding = select(func.max(Ruling.id)).where(col(Ruling.comment_id) == comment.id, col(Ruling.verb) == Verb.hidden).scalar_subquery()
    settled = update(Report).where(col(Report.comment_id) == comment.id, col(Report.ruling_id) == hiding)
    found = await session.scalars(settled.values(ruling_id=None).returning(col(Report.id)).execution_options(synchronize_session=False))
    return bool(found.all())


@dataclass(frozen=True)
class Log:
    """Rulings in their order or against it, with what their ids are called; `older` is the `before` of the next page. What the comments
    `said` when they were ruled over is by the rulings' ids."""

    rulings: Sequence[Ruling]
    people: Mapping[int, str]
    older: int | None = None
    said: Mapping[int, str] = field(default_factory=dict)

    def told(self, ruling: Ruling, base: str) -> Markup:
        """The ruling as a sentence, with links below `base`."""
        anchor = f"#c{ruling.comment_id}" if ruling.comment_id else ""
        title = Markup('<a href="{}">{}</a>').format(f"{base}{ruling.record.path}{anchor}", ruling.record.heading)
        return tell(ruling.verb, who=self.name(ruling.actor_id), whose=self.name(ruling.concerns_id), what=title)

    def name(self, person_id: int | None) -> str:
        return self.people.get(person_id or 0, "")


async def read_log(session: Session, by: Membership, wanted: LogFilter, *, before: int | None = None) -> Log:
    """A page of the rulings in records that `by` may read, older than `before`."""
    asked = _narrowed(by, wanted)
    if before is not None:
        asked = asked.where(col(Ruling.id) < before)
    found = (await session.scalars(asked.order_by(col(Ruling.id).desc()).limit(PAGE + 1))).unique().all()
    shown = found[:PAGE]
    return Log(shown, await _names(session, shown), shown[-1].id if len(found) > len(shown) else None)


async def extent(session: Session, by: Membership, wanted: LogFilter) -> tuple[int, int]:
    """How many rulings the filter lets through, and the number of the last one."""
    row = (await session.execute(_narrowed(by, wanted).with_only_columns(func.count(), func.coalesce(func.max(Ruling.id), 0)))).one()
    return row[0], row[1]


async def blocks(sessions: Sessions, by: Membership, wanted: LogFilter, *, last: int) -> AsyncIterator[Log]:
    """The rulings up to number `last`, the oldest first, with the words they are about. Each block is read by itself: who fetches slowly
    holds no connection."""
    after, is_more = 0, True
    while is_more:
        asked = _narrowed(by, wanted).where(col(Ruling.id) > after, col(Ruling.id) <= last).order_by(col(Ruling.id))
        async with sessions() as session:
            found = (await session.scalars(asked.limit(BLOCK))).unique().all()
            names, said = await _names(session, found), await _said(session, by, found)
        yield Log(found, names, said=said)
        is_more = len(found) == BLOCK
        after = found[-1].id if found else last


async def _names(session: Session, rulings: Sequence[Ruling]) -> dict[int, str]:
    people = {each.actor_id for each in rulings} | {each.concerns_id for each in rulings}
    found = await session.execute(select(col(Person.id), col(Person.name)).where(col(Person.id).in_(people)))
    return dict(found.all())


async def _said(session: Session, by: Membership, rulings: Sequence[Ruling]) -> dict[int, str]:
    """What each ruling's comment said in that moment, as far as `by` may read it: nothing of what has been removed for good."""
    asked = select(col(Comment.id), col(Comment.body), func.coalesce(col(Comment.edited_at), col(Comment.created_at)))
    asked = asked.where(col(Comment.id).in_({each.comment_id for each in rulings}), col(Comment.redacted_at).is_(None), visible(by))
    if not by.can("comment:read_hidden"):
        asked = asked.where(col(Comment.hidden_at).is_(None))
    now = (await session.execute(asked)).all()
    earlier = select(col(CommentVersion.comment_id), col(CommentVersion.body), col(CommentVersion.at))
    before = (await session.execute(earlier.where(col(CommentVersion.comment_id).in_({row[0] for row in now})))).all()
    spoken: dict[int, list[tuple[datetime, str]]] = {}
    for number, body, at in (*before, *now):
        spoken.setdefault(number, []).append((at, body))
    return {each.id: _at(each.at, spoken[each.comment_id]) for each in rulings if each.comment_id in spoken}


def _at(moment: datetime, spoken: list[tuple[datetime, str]]) -> str:
    """The last that was said before the moment; the first, where the clock has gone back meanwhile."""
    before = [each for each in spoken if each[0] <= moment]
    return max(before)[1] if before else min(spoken)[1]


def _narrowed(by: Membership, wanted: LogFilter) -> Any:
    asked = select(Ruling).join(Ruling.record).options(contains_eager(Ruling.record)).where(readable(by))  # type: ignore[arg-type]
    if not by.can("comment:hide"):  # who has reported is for those who moderate alone
        asked = asked.where(col(Ruling.verb) != Verb.reported)
    if wanted.kind is not None:
        asked = asked.where(col(Ruling.verb) == wanted.kind)
    if wanted.person is not None:
        asked = asked.where(or_(col(Ruling.actor_id) == wanted.person, col(Ruling.concerns_id) == wanted.person))
    if wanted.record is not None:
        asked = asked.where(col(Ruling.record_id) == wanted.record)
    if wanted.since is not None:
        asked = asked.where(col(Ruling.at) >= _midnight(max(wanted.since, FIRST_DAY)))
    if wanted.until is not None:
        asked = asked.where(col(Ruling.at) < _midnight(min(wanted.until, LAST_DAY) + timedelta(days=1)))
    return asked


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.STOCKHOLM)


async def choices(session: Session, by: Membership) -> tuple[list[Person], list[Record]]:
    """The people and the records that the log is about, in the order of their names."""
    rulings = _narrowed(by, LogFilter()).with_only_columns(col(Ruling.actor_id), col(Ruling.concerns_id), col(Ruling.record_id))
    rows = (await session.execute(rulings.distinct())).all()
    people = await session.scalars(select(Person).where(col(Person.id).in_({each for row in rows for each in row[:2]})))
    records = await session.scalars(select(Record).where(col(Record.id).in_({row[2] for row in rows}), readable(by)))
    return (
        sorted(people.all(), key=lambda person: words.sort_key(person.name)),
        sorted(records.all(), key=lambda record: words.sort_key(record.heading)),
    )
