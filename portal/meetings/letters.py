"""Letters about meetings: the summons, a change, a cancellation, a reminder. Each says what holds when it leaves."""

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal import clock
from portal.accounts.models import Person
from portal.db import Session
from portal.mail import MailOut
from portal.meetings import answers
from portal.meetings.invitations import enclosed, is_invited, not_arrived, withdrawn
from portal.meetings.models import Answer, Meeting, State
from portal.meetings.queries import agenda, attendance
from portal.meetings.timetable import timetable
from portal.networks.models import Membership, Network
from portal.notifications import Draft, Facts, Kind, Link, Links, Part, Seal, Sealed, Steps
from portal.notifications.models import Mailing, Notification
from portal.notifications.queries import told_later
from portal.web import _, _l, current_locale
from portal.words import clock_time, span, weekday_date

SUMMONED, CHANGED, CANCELLED, REMINDED = "meeting.summoned", "meeting.changed", "meeting.cancelled", "meeting.reminded"
WITHDRAWN = "meeting.withdrawn"


def is_ahead() -> ColumnElement[bool]:
    """Where-clause on Mailing: members are summoned to the meeting, and it has not begun."""
    summoned = (col(Meeting.state) == State.summoned, col(Meeting.starts_at) > clock.now())
    return exists().where(col(Meeting.record_id) == col(Mailing.record_id), *summoned)


async def summons(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    """None when the meeting has been cancelled or held meanwhile."""
    meeting = await _meeting(session, mailing)
    if meeting is None or meeting.state != State.summoned:
        return None
    return Draft(
        _("Kallelse: %(title)s", title=meeting.record.heading),
        await _invitation(session, membership, meeting, _welcome(meeting)),
        await enclosed(session, membership, meeting),
    )


async def change(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    """None when a later letter tells her. Who follows by feed is told of a late change alone: here,
    though another that is not late came after."""
    meeting = await _meeting(session, mailing)
    if meeting is None or meeting.state != State.summoned or await told_later(session, mailing, membership.person_id):
        return None
    return Draft(
        _("Träffen är ändrad: %(title)s", title=meeting.record.heading),
        await _invitation(session, membership, meeting, _("Träffen är ändrad. Det här gäller nu:")),
        await enclosed(session, membership, meeting),
    )


async def cancellation(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    meeting = await _meeting(session, mailing)
    if meeting is None or meeting.state != State.cancelled:
        return None
    parts: list[Part] = [_("Träffen blir inte av."), facts(meeting), meeting.cancel_reason, Link(_("Läs mer"), meeting.record.path)]
    return Draft(_("Inställd träff: %(title)s", title=meeting.record.heading), parts, await enclosed(session, membership, meeting))


async def returned(session: Session, told: Notification) -> None:
    """A letter with an invitation, a change of it or its cancellation has come back or was refused. Nothing follows where a later one is
    in her calendar or may yet be."""
    mailing = told.mailing
    others = select(col(Mailing.id)).join(Notification, col(Notification.mailing_id) == col(Mailing.id))
    others = others.outerjoin(MailOut, col(MailOut.message_id) == col(Notification.message_id))
    others = others.where(
        func.coalesce(col(MailOut.state), "queued").not_in(("failed", "bounced", "withdrawn")), col(Mailing.id) != mailing.id
    )
    others = others.where(col(Mailing.record_id) == mailing.record_id, col(Mailing.kind).in_((SUMMONED, CHANGED)))
    latest = await session.scalar(others.where(col(Notification.person_id) == told.person_id).order_by(col(Mailing.id).desc()).limit(1))
    if mailing.record_id is not None and (latest is None or latest < mailing.id):
        await not_arrived(session, mailing.record_id, told.person_id, has_earlier=latest is not None)


async def reminder(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    """None when it has begun or will not be, and to who has said meanwhile that she does not come."""
    meeting = await _meeting(session, mailing)
    if meeting is None or meeting.state != State.summoned or meeting.starts_at <= clock.now():
        return None
    mine = await attendance(session, membership, meeting)
    if mine and mine.answer == Answer.no:
        return None
    return Draft(
        _("Påminnelse: %(title)s", title=meeting.record.heading),
        await _invitation(session, membership, meeting, _soon(meeting)),
    )


async def withdrawal(session: Session, person: Person, mailing: Mailing) -> Draft | None:
    """The meeting leaves the calendar of somebody who may not know of it any more: of what holds now she reads only what she was sent,
    which was the meeting at the sequence `ref`. None when it is over."""
    meeting = await _meeting(session, mailing)
    if meeting is None or mailing.ref is None or meeting.ends_at <= clock.now():
        return None
    network = await session.get_one(Network, mailing.network_id)
    known = [facts(meeting)] if meeting.sequence == mailing.ref else []
    parts: list[Part] = [_("Du är inte längre kallad till träffen, så den tas bort ur din kalender."), *known]
    subject = _("Borttagen ur din kalender: en träff i %(network)s", network=network.name)
    return Draft(subject, parts, withdrawn(person, network, meeting, sequence=mailing.ref))


async def withdrawal_to_member(session: Session, membership: Membership, mailing: Mailing) -> Draft | None:
    """She has come back meanwhile. Her invitation is withdrawn all the same, and her feed shows the meeting."""
    return await withdrawal(session, membership.person, mailing)


def _welcome(meeting: Meeting) -> str:
    if meeting.group is not None:
        return _("Välkommen till arbetsgruppens träff: %(group)s.", group=meeting.group.name)
    return _("Välkommen till nätverkets träff.")


def _soon(meeting: Meeting) -> str:
    if meeting.group is not None:
        return _("Snart är det träff i arbetsgruppen %(group)s.", group=meeting.group.name)
    return _("Snart är det träff i nätverket.")


async def _meeting(session: Session, mailing: Mailing) -> Meeting | None:
    return await session.get(Meeting, mailing.record_id, options=[joinedload(Meeting.record), joinedload(Meeting.group)])  # type: ignore[arg-type]


async def _invitation(session: Session, membership: Membership, meeting: Meeting, opening: str) -> list[Part | Sealed]:
    mine = await attendance(session, membership, meeting)
    parts: list[Part | Sealed] = [opening, facts(meeting), meeting.purpose, *await _agenda(session, meeting)]
    if mine and mine.answer:
        parts.append(_("Du har svarat: %(answer)s. Svara igen om det inte stämmer längre.", answer=answers.WORDS[Answer(mine.answer)]))
    else:
        parts.append(_("Kommer du? Du behöver inte logga in för att svara."))
    return [
        *parts,
        _answers(membership.person_id, meeting.record_id),
        _file(membership.person_id, meeting.record_id),
        Link(_("Läs dagordningen i portalen"), meeting.record.path),
    ]


def _answers(person_id: int, meeting_id: int) -> Sealed:
    """Three links; what they lead to asks once more."""
    words = {answer: str(word) for answer, word in answers.WORDS.items()}

    def sealed(seal: Seal) -> Links:
        path = seal.settings.address + answers.path(seal.sign, person_id, meeting_id)
        return Links([Link(word, f"{path}?answer={answer}") for answer, word in words.items()])

    return sealed


def _file(person_id: int, meeting_id: int) -> Sealed:
    """For who reads mail where no calendar is: the file that is enclosed as an invitation stays there."""
    word = _("Hämta träffen som kalenderfil (.ics)")
    return lambda seal: Link(word, f"{seal.settings.address}{answers.path(seal.sign, person_id, meeting_id)}/calendar.ics")


async def _agenda(session: Session, meeting: Meeting) -> list[Part]:
    """With the time of day when each item begins, as far as those before it have a length."""
    items = await agenda(session, meeting)
    begins = timetable(meeting, items).begins
    lines = [f"{clock_time(begins[item.id], current_locale())} {item.title}" if item.id in begins else item.title for item in items]
    return [Steps(_("Dagordning"), lines)] if lines else []


def facts(meeting: Meeting) -> Facts:
    """What, when, where."""
    locale = current_locale()
    when = f"{weekday_date(meeting.starts_at, locale)} {span(meeting.starts_at, meeting.ends_at, locale)}"
    return Facts([each for each in (meeting.record.heading, when, meeting.place, meeting.online_url) if each])


LETTERS = {
    SUMMONED: Kind(_l("Kallelse"), summons, listed=True, returned=returned, stands=is_ahead),
    CHANGED: Kind(_l("Träffen är ändrad"), change, listed=True, despite=is_invited, returned=returned),
    CANCELLED: Kind(_l("Inställd träff"), cancellation, listed=True, despite=is_invited, returned=returned),
    REMINDED: Kind(_l("Påminnelse"), reminder, listed=True),
    WITHDRAWN: Kind(_l("Träffen är borttagen"), withdrawal_to_member, despite=is_invited, farewell=withdrawal),
}
