"""Letters about comments: to who is named in one, and to who has written where it answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, union_all
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal import clock, jobs, notifications
from portal.accounts.models import Person
from portal.comments import markdown
from portal.comments.models import Comment, CommentMention, Following, Level, Reading
from portal.comments.posting import PAUSE, TELL
from portal.db import Session, Sessions, unit_of_work
from portal.mail import MailOut
from portal.networks.models import Membership
from portal.notifications import Draft, Kind, Link, Quote
from portal.notifications.models import Comments, Mailing, Notification
from portal.notifications.queries import comments_wanted
from portal.records.models import Record
from portal.web import _, _l

COMMENT = "comment"
LONGEST_QUOTE = 400
NOT_READ = ("withdrawn", "failed", "bounced")


async def ask(session: Session, comment: Comment) -> None:
    """Find out, in a while, who is to be told of the comment."""
    await jobs.enqueue(session, TELL, {"comment": comment.id, "at": clock.now().isoformat()}, pause=PAUSE)


async def tell_of(sessions: Sessions, payload: dict[str, Any]) -> None:
    """The job: write to those whom the comment concerns and who have not read it since it was said."""
    async with unit_of_work(sessions) as session:
        found = await session.execute(
            select(Comment, Record).join(Record, col(Record.id) == col(Comment.record_id)).where(col(Comment.id) == payload["comment"])
        )
        row = found.first()
        if row is None or not _is_said(row.Comment):
            return
        comment, record = row
        wanted = select(col(Person.id)).where(
            col(Person.id).in_(_concerned(comment)),
            _wants(comment, record.network_id, since=datetime.fromisoformat(payload["at"])),
            or_(_named(comment), ~_told_already(comment)),
        )
        people = (await session.scalars(wanted)).all()
        await notifications.tell(
            session,
            COMMENT,
            event=f"comment:{comment.id}",
            people=people,
            network_id=record.network_id,
            record=record,
            ref=comment.id,
            by=comment.author_id,
        )


def _is_said(comment: Comment) -> bool:
    return not (comment.is_held or comment.is_hidden or comment.is_redacted)


def _concerned(comment: Comment) -> Any:
    """Whoever may have to do with the comment."""
    named = select(col(CommentMention.person_id)).where(col(CommentMention.comment_id) == comment.id)
    return union_all(named, select(col(Comment.author_id)).where(_in_exchange(comment)))


def _in_exchange(comment: Comment) -> ColumnElement[bool]:
    """Where-clause on Comment: what the comment answers, and what others have answered there before."""
    if comment.parent_id is None:
        return false()
    exchange = or_(col(Comment.id) == comment.parent_id, col(Comment.parent_id) == comment.parent_id)
    return and_(exchange, col(Comment.held_at).is_(None), col(Comment.seq) < comment.seq)


def _named(comment: Comment) -> ColumnElement[bool]:
    return exists().where(col(CommentMention.comment_id) == comment.id, col(CommentMention.person_id) == col(Person.id))


def _wants(comment: Comment, network_id: int, *, since: datetime) -> ColumnElement[bool]:
    """Where-clause on Person: the comment is another's, names her or answers in a thread she follows, and she has not read it."""
    me = col(Person.id)
    mine = (col(Following.record_id) == comment.record_id) & (col(Following.person_id) == me)
    level = func.coalesce(select(col(Following.level)).where(mine).scalar_subquery(), Level.all.value)
    answered = exists().where(_in_exchange(comment), col(Comment.author_id) == me)
    read = exists().where(col(Reading.record_id) == comment.record_id, col(Reading.person_id) == me, col(Reading.read_at) >= since)
    concerned = or_(and_(_named(comment), level != Level.off.value), and_(answered, level == Level.all.value))
    return and_(me != comment.author_id, concerned, ~read, comments_wanted(me, network_id) == Comments.now.value)


def _told_already(comment: Comment) -> ColumnElement[bool]:
    """Where-clause on Person: a letter about the thread has gone to her that she has not come to read. One is enough for answers."""
    me = col(Person.id)
    read_at = (
        select(col(Reading.read_at)).where(col(Reading.record_id) == comment.record_id, col(Reading.person_id) == me).scalar_subquery()
    )
    lost = exists().where(col(MailOut.message_id) == col(Notification.message_id), col(MailOut.state).in_(NOT_READ))
    earlier = (col(Mailing.record_id) == comment.record_id, col(Mailing.kind) == COMMENT, col(Mailing.ref) != comment.id)
    unread = or_(read_at.is_(None), col(Mailing.made_at) > read_at)
    return exists().where(col(Notification.mailing_id) == col(Mailing.id), col(Notification.person_id) == me, *earlier, unread, ~lost)


async def letter(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    """Who has said what to her; None when it is hidden now, read already, or no longer for her."""
    comment = await session.get(Comment, mailing.ref, options=[joinedload(Comment.author)])  # type: ignore[arg-type]
    if comment is None or not _is_said(comment):
        return None
    this = select(_named(comment)).where(col(Person.id) == membership.person_id, _wants(comment, mailing.network_id, since=mailing.made_at))
    named = await session.scalar(this)
    if named is None:
        return None
    title = (await session.get_one(Record, comment.record_id)).heading
    given = {"name": comment.author.name, "title": title}
    said = (
        _("%(name)s nämner dig i tråden om %(title)s:", **given)
        if named
        else _("%(name)s svarar där du har skrivit, i tråden om %(title)s:", **given)
    )
    subject = _("Du är nämnd: %(title)s", title=title) if named else _("Svar till dig: %(title)s", title=title)
    return Draft(subject, [said, Quote(markdown.excerpt(comment.body, LONGEST_QUOTE)), Link(_("Läs och svara"), f"/comments/{comment.id}")])


LETTERS = {COMMENT: Kind(_l("Kommentar"), letter)}
