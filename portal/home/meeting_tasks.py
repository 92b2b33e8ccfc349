"""What waits for a member from meetings: from the year's plan to notes that nobody has registered."""

from datetime import date, datetime, time

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import contains_eager
from sqlmodel import col

from portal import clock
from portal.clock import STOCKHOLM
from portal.db import Session
from portal.home.task import Task
from portal.meetings import action_items
from portal.meetings.models import Attendance, Meeting, State
from portal.meetings.queries import concerns
from portal.meetings.record_models import Correction, Minutes
from portal.networks.models import Membership
from portal.records.models import Record
from portal.records.queries import readable
from portal.web import _, ngettext
from portal.year.queries import drafts


async def to_answer(session: Session, membership: Membership) -> list[Task]:
    """Summoned meetings that are for me and without an answer of mine."""
    answered = exists().where(
        col(Attendance.meeting_id) == col(Meeting.record_id),
        col(Attendance.membership_id) == membership.id,
        col(Attendance.answer).is_not(None),
    )
    wanted = select(Meeting).join(Meeting.record).options(contains_eager(Meeting.record))  # type: ignore[arg-type]
    wanted = wanted.where(
        readable(membership), concerns(membership), col(Meeting.state) == State.summoned, col(Meeting.ends_at) > clock.now(), ~answered
    )
    return [
        Task(
            "calendar-days",
            _("Kommer du? %(meeting)s", meeting=each.record.heading),
            each.record.path,
            _("Svara på kallelsen"),
            each.starts_at,
        )
        for each in (await session.scalars(wanted)).unique()
    ]


async def to_publish(session: Session, membership: Membership) -> list[Task]:
    """Plans of years that nobody else sees yet."""
    return [
        Task(
            "calendar-range",
            _("Årsplanen %(year)s är ett utkast", year=year),
            f"/meetings/plan?year={year}",
            ngettext("En vald dag: publicera när planen är klar", "%(num)d valda dagar: publicera när planen är klar", count)
            % {"num": count},
        )
        for year, count in await drafts(session, membership)
    ]


async def unfinished(session: Session, membership: Membership) -> list[Task]:
    """Meetings that have been but are not finished; where proposed corrections wait for an answer, nobody can approve the notes before."""
    over = or_(col(Meeting.state) == State.held, (col(Meeting.state) == State.summoned) & (col(Meeting.ends_at) < clock.now()))
    unanswered = select(func.count()).where(col(Correction.meeting_id) == col(Meeting.record_id), col(Correction.outcome).is_(None))
    wanted = select(Record, unanswered.scalar_subquery()).join(Meeting, col(Meeting.record_id) == col(Record.id))
    return [
        Task("calendar-days", record.heading, record.path, _answers_wanted(count))
        for record, count in await session.execute(
            wanted.where(readable(membership), over).order_by(col(Meeting.starts_at), col(Record.id))
        )
    ]


def _answers_wanted(count: int) -> str:
    if not count:
        return _("Anteckningarna väntar på att färdigställas")
    return ngettext("Besvara %(n)d ändringsförslag", "Besvara %(n)d ändringsförslag", count) % {"n": count}


async def to_approve(session: Session, membership: Membership) -> list[Task]:
    """Notes that I am to approve and have not."""
    mine = select(col(Membership.id)).where(col(Membership.person_id) == membership.person_id)
    wanted = select(Record, col(Minutes.respond_by)).join(Minutes, col(Minutes.meeting_id) == col(Record.id)).where(readable(membership))
    wanted = wanted.where(col(Minutes.locked_at).is_(None), col(Minutes.adjusted_at).is_(None), col(Minutes.adjuster_id).in_(mine))
    return [
        Task(
            "clipboard-check", record.heading, f"{record.path}#notes-title", _("Du är justerare: läs och godkänn anteckningarna"), _end(day)
        )
        for record, day in await session.execute(wanted.order_by(col(Minutes.respond_by)))
    ]


async def to_register(session: Session, membership: Membership) -> list[Task]:
    """Finished notes that nobody has decided about: a number, or none."""
    wanted = select(Record).join(Minutes, col(Minutes.meeting_id) == col(Record.id)).where(readable(membership))
    wanted = wanted.where(col(Minutes.locked_at).is_not(None), col(Minutes.registered_at).is_(None)).order_by(col(Record.id))
    return [
        Task("stamp", record.heading, f"{record.path}/minutes/registration", _("Diarienummer, eller registreras inte"))
        for record in await session.scalars(wanted)
    ]


async def promised(session: Session, membership: Membership) -> list[Task]:
    """Action items of mine that are open; a day lasts until its end."""
    return [
        Task(
            "list-todo",
            each.what,
            f"{each.source.path}#actions",
            _("Åtgärdspunkt från %(meeting)s", meeting=each.source.heading),
            _end(each.due_on),
        )
        for each in await action_items.listed(session, membership, mine=True)
    ]


async def adrift(session: Session, membership: Membership) -> list[Task]:
    """Open action items of those who have left, until somebody else has them."""
    left = await action_items.listed(session, membership, left=True)
    if not left:
        return []
    title = ngettext("%(n)d åtgärdspunkt hos någon som har slutat", "%(n)d åtgärdspunkter hos någon som har slutat", len(left)) % {
        "n": len(left)
    }
    path = f"/actions/{left[0].id}" if len(left) == 1 else "/actions?show=left"
    return [
        Task(
            "user-x",
            title,
            path,
            _("Lämna över till någon annan"),
            _end(left[0].due_on),
            _("den första ska vara klar") if len(left) > 1 else "",
        )
    ]


def _end(day: date | None) -> datetime | None:
    return datetime.combine(day, time(23, 59), STOCKHOLM) if day else None
