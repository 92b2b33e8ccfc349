"""The weekly letter: what is new, gathered, on Monday mornings; on Thursdays too when a meeting is near. In July it is silent."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import exists, func, select
from sqlmodel import col

from portal import clock, jobs, notifications, words
from portal.activity import sentences
from portal.clock import STOCKHOLM
from portal.db import Session, Sessions, unit_of_work
from portal.home import news, waiting
from portal.home.news import News
from portal.home.task import Task
from portal.mail import ARRIVED, MailOut
from portal.meetings import letters as meetings
from portal.meetings import proposals
from portal.meetings.agenda_models import Fate
from portal.meetings.models import Meeting, State
from portal.meetings.proposals import Ruled
from portal.meetings.queries import next_meeting
from portal.meetings.timetable import days_of
from portal.networks.models import Membership, Network
from portal.networks.queries import members
from portal.notifications import Draft, Kind, Link, Row, Rows
from portal.notifications.models import Comments, Mailing, Notification
from portal.notifications.queries import choice, silenced, without_letter
from portal.records.models import Record
from portal.web import _, _l, current_locale, ngettext

JOB = "letters"
LETTER = "letter"
MORNING = time(6, 30)
MONDAY, THURSDAY, JULY = 0, 3, 7
NEAR, IN_SIGHT = timedelta(days=7), timedelta(days=14)
TOO_LATE = timedelta(days=2)
LONGEST = timedelta(days=45)  # so that August's first letter tells of all July


def next_morning(now: datetime) -> datetime:
    """The first Monday or Thursday morning after `now`, by a Swedish clock."""
    day = clock.local(now).date()
    mornings = (datetime.combine(day + timedelta(days=n), MORNING, STOCKHOLM) for n in range(8))
    return next(each for each in mornings if each > now and each.weekday() in (MONDAY, THURSDAY))


async def plan(session: Session) -> None:
    """See that the next morning's letters have a job. It waits in the database, however often the portal stops meanwhile."""
    now = clock.now()
    morning = next_morning(now)
    await jobs.enqueue(session, JOB, {"morning": morning.isoformat()}, key=f"{JOB}.{morning:%Y%m%d}", pause=morning - now)


async def post(sessions: Sessions, payload: dict[str, Any]) -> None:
    """The job: a letter to everyone who may have one, network by network. A second time it finds that all have been told."""
    morning = datetime.fromisoformat(payload["morning"]).astimezone(STOCKHOLM)
    if morning.month == JULY or clock.now() - morning > TOO_LATE:
        return
    async with unit_of_work(sessions) as session:
        networks = (await session.scalars(select(col(Network.id)).order_by(col(Network.id)))).all()
    for network_id in networks:
        async with unit_of_work(sessions) as session:
            if morning.weekday() == MONDAY or await _meets_soon(session, network_id, morning):
                await _tell(session, network_id, morning)


async def _meets_soon(session: Session, network_id: int, morning: datetime) -> bool:
    of_network = exists().where(
        col(Meeting.record_id) == col(Record.id),
        col(Record.network_id) == network_id,
        col(Meeting.group_id).is_(None),
        col(Meeting.state).in_((State.planned, State.summoned)),
        col(Meeting.starts_at).between(morning, morning + NEAR),
    )
    return bool(await session.scalar(select(of_network)))


async def _tell(session: Session, network_id: int, morning: datetime) -> None:
    wanting = {each.person_id for each in await members(session, network_id)} - await without_letter(session, network_id)
    await notifications.tell(session, LETTER, event=f"{LETTER}:{morning:%Y-%m-%d}", people=wanting, network_id=network_id, act=False)


async def letter(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    """What is new since the last one, or since she was here, in what she may read: for a guest what
    is shared with her. None when nothing is."""
    since = await _told_until(session, membership, mailing)
    rulings = await proposals.ruled(session, membership, after=since, until=mailing.made_at)
    silent = set(await silenced(session, membership.person_id))
    fresh = await news.news(session, membership, after=max(since, membership.seen_at or since))
    fresh = [each for each in fresh if each.record.id not in silent]
    tasks = await waiting.tasks(session, membership)
    if (await choice(session, membership)).comments == Comments.never:
        fresh = [each for each in fresh if each.verb != "comment.posted"]
        tasks = [each for each in tasks if not each.path.startswith("/comments/")]
    if not fresh and not rulings:
        return None
    parts = [
        await _meeting(session, membership),
        _tasks(tasks),
        _rulings(rulings),
        _news(fresh, await days_of(session, [each.record for each in fresh])),
    ]
    week = words.week(clock.local(mailing.made_at), current_locale())
    subject = _("Nytt i %(network)s, %(week)s", network=membership.network.name, week=week)
    return Draft(subject, [each for each in parts if each] + [Link(_("Till %(network)s", network=membership.network.name), "")])


async def _told_until(session: Session, membership: Membership, mailing: Mailing) -> datetime:
    """What had come by then stood in the last letter that reached her; what is older than LONGEST is no news."""
    last = await session.scalar(
        select(func.max(Mailing.made_at))
        .join(Notification, col(Notification.mailing_id) == col(Mailing.id))
        .join(MailOut, col(MailOut.message_id) == col(Notification.message_id))
        .where(col(Mailing.network_id) == membership.network_id, col(Mailing.kind) == LETTER, col(Mailing.id) != mailing.id)
        .where(col(Notification.person_id) == membership.person_id, col(MailOut.state).in_(ARRIVED))
    )
    return max(filter(None, (last, mailing.made_at - LONGEST)))


async def _meeting(session: Session, membership: Membership) -> Rows | None:
    meeting = await next_meeting(session, membership)
    if meeting is None or meeting.starts_at > clock.now() + IN_SIGHT:
        return None
    title, *facts = meetings.facts(meeting).lines
    return Rows(_("Nästa träff"), [Row(title, meeting.record.path, ", ".join(facts))])


def _tasks(tasks: Sequence[Task]) -> Rows | None:
    rows = [Row(each.title, each.path, " – ".join([each.why, *([_due(each.due)] if each.due else [])])) for each in tasks]
    return Rows(_("Väntar på dig"), rows) if rows else None


def _due(moment: datetime) -> str:
    return words.due(moment, clock.now(), current_locale())


def _rulings(rulings: Sequence[Ruled]) -> Rows | None:
    """What she has proposed herself, and nobody else is told the fate of: it stands here though she has been on the start page since."""
    return Rows(_("Dina förslag"), [_ruling(each) for each in rulings]) if rulings else None


def _ruling(ruled: Ruled) -> Row:
    proposal, meeting = ruled.proposal, ruled.meeting
    if proposal.fate == Fate.declined:
        return Row(proposal.title, "/meetings/proposals", _("Togs inte in: %(word)s", word=proposal.word))
    if meeting is None:
        return Row(proposal.title, "/meetings/proposals", _("Togs in"))
    return Row(proposal.title, meeting.path, _("Står på dagordningen för %(meeting)s", meeting=meeting.heading))


def _news(fresh: Sequence[News], meets: Mapping[int, datetime]) -> Rows | None:
    """`meets` tells when those of the records that are meetings begin: those of a series share one title."""
    if not fresh:
        return None
    return Rows(_("Nytt"), [Row(_with_day(each.record, meets.get(each.record.id)), each.record.path, _happened(each)) for each in fresh])


def _with_day(record: Record, starts_at: datetime | None) -> str:
    return f"{record.heading}, {words.near_date(starts_at, clock.now(), current_locale())}" if starts_at else record.heading


def _happened(new: News) -> str:
    who = new.who or _("Portalen")
    if new.comments:
        count = ngettext("%(num)d kommentar", "%(num)d kommentarer", new.comments) % {"num": new.comments}
        return _("%(count)s, senast av %(name)s", count=count, name=who)
    return f"{sentences.name(new.verb)}, {who}"


LETTERS = {LETTER: Kind(_l("Veckobrev"), letter, listed=True)}
