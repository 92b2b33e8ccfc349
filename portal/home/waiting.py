"""Väntar på dig: what a member should act on, each with a date where there is one."""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import contains_eager
from sqlmodel import col

from portal import clock
from portal.accounts.models import KeptForm
from portal.clock import STOCKHOLM
from portal.comments import mentions
from portal.consultations.models import Triage
from portal.consultations.queries import Filter, consultations
from portal.db import Session
from portal.drafting.models import CoAuthor, DraftText, Section, SectionDraft
from portal.findings.models import Fate, Finding
from portal.findings.queries import own_draft
from portal.meetings import action_items, proposals
from portal.meetings.models import Attendance, Meeting, State
from portal.meetings.queries import concerns
from portal.meetings.record_models import Minutes
from portal.moderation import queries as moderation
from portal.moderation.models import Verb
from portal.moderation.words import TOLD
from portal.networks.models import Membership
from portal.networks.queries import directory
from portal.records.models import Audience, Record
from portal.records.queries import readable
from portal.web import _, ngettext
from portal.year.queries import drafts


@dataclass(frozen=True)
class Task:
    """Something to do: where, why and by when (`until`: what happens then, where that is not plain). The path stands below the network's
    unless it is `everywhere` the same."""

    icon: str
    title: str
    path: str
    why: str
    due: datetime | None = None
    until: str = ""
    everywhere: bool = False


async def at_home(session: Session, membership: Membership) -> list[Task]:
    """What waits for this person: her late texts, whatever network they were for, and then what the network waits for."""
    return [*await _late(session, membership), *await tasks(session, membership)]


async def _late(session: Session, membership: Membership) -> list[Task]:
    """What she sent when her sign-in had ended, until she sends it again or throws it away."""
    late = select(func.count(), func.max(KeptForm.id)).where(col(KeptForm.person_id) == membership.person_id, col(KeptForm.sent_at).is_(None))
    count, newest = (await session.execute(late)).one()
    if not count:
        return []
    title = ngettext("%(n)d text hann inte skickas", "%(n)d texter hann inte skickas", count) % {"n": count}
    path = f"/kept/{newest}" if count == 1 else "/me#unsent"
    return [Task("pencil", title, path, _("Du hade loggats ut när du skickade: skicka igen, eller släng"), everywhere=True)]


async def tasks(session: Session, membership: Membership) -> list[Task]:
    """What waits for this member, what is due first on top; for a guest what is about her own words and where she is named."""
    found = [*await notes(session, membership), *await _named(session, membership)]
    if membership.is_guest:
        return found
    found += [*await _to_moderate(session, membership), *await _answers(session, membership)]
    found += [*await _asked(session, membership), *await _begun(session, membership)]
    found += [*await _promised(session, membership), *await _to_approve(session, membership)]
    if membership.can("registry:set"):
        found += await _to_register(session, membership)
    if membership.can("minutes:write"):
        found += await _adrift(session, membership)
    if membership.can("meeting:plan"):
        found += await _to_publish(session, membership)
    if membership.can("consultation:triage"):
        found += [*await _to_assess(session, membership), *await _notes(session, membership), *await _vacant(session, membership)]
    if membership.can("network:administer"):
        found += _unreachable(membership)
    return sorted(found, key=lambda task: (task.due is None, task.due or clock.now()))


def told(count: int) -> str:
    """How much waits, as the bell says it."""
    if not count:
        return _("Inget väntar på dig")
    return ngettext("%(n)d sak väntar på dig", "%(n)d saker väntar på dig", count) % {"n": count}


async def notes(session: Session, membership: Membership) -> list[Task]:
    """What was done with something of mine in a thread, until I have read why."""
    return [
        Task("shield", str(TOLD[Verb(each.verb)].name), f"/rulings/{each.id}", _("Läs varför: %(title)s", title=each.record.heading))
        for each in await moderation.notices(session, membership)
    ]


async def _to_moderate(session: Session, membership: Membership) -> list[Task]:
    found, count = [], await moderation.waiting(session, membership)
    if count.reported:
        title = ngettext("%(n)d anmäld kommentar", "%(n)d anmälda kommentarer", count.reported) % {"n": count.reported}
        found.append(Task("flag", title, "/moderation", _("Dölj eller låt stå kvar")))
    if count.held:
        title = ngettext("%(n)d kommentar väntar", "%(n)d kommentarer väntar", count.held) % {"n": count.held}
        found.append(Task("hourglass", title, "/moderation", _("Godkänn det som gäster har skrivit")))
    return found


def _unreachable(membership: Membership) -> list[Task]:
    """The contact page, where the accessibility statement sends people, does not say how to reach the network."""
    if membership.network.contact.strip():
        return []
    return [Task("mail", _("Kontaktsidan säger inte hur man når nätverket"), "/administer/settings#f-contact", _("Skriv en adress eller ett telefonnummer"))]


async def _named(session: Session, membership: Membership) -> list[Task]:
    """Comments that name me and that I have not seen."""
    return [
        Task(
            "at-sign",
            _("%(name)s nämnde dig i %(title)s", name=each.author, title=each.record.heading),
            f"/comments/{each.comment_id}",
            _("Läs och svara i tråden"),
        )
        for each in await mentions.waiting(session, membership)
    ]


async def _answers(session: Session, membership: Membership) -> list[Task]:
    """Summoned meetings that are for me and without an answer of mine."""
    answered = exists().where(
        col(Attendance.meeting_id) == col(Meeting.record_id), col(Attendance.membership_id) == membership.id, col(Attendance.answer).is_not(None)
    )
    wanted = select(Meeting).join(Meeting.record).options(contains_eager(Meeting.record))  # type: ignore[arg-type]
    wanted = wanted.where(readable(membership), concerns(membership), col(Meeting.state) == State.summoned, col(Meeting.ends_at) > clock.now(), ~answered)
    return [
        Task("calendar-days", _("Kommer du? %(meeting)s", meeting=each.record.heading), each.record.path, _("Svara på kallelsen"), each.starts_at)
        for each in (await session.scalars(wanted)).unique()
    ]


async def _asked(session: Session, membership: Membership) -> list[Task]:
    """Open answers that my unit is asked to write in."""
    if membership.unit_id is None or not membership.can("draft:write_asked"):
        return []
    asked = select(col(DraftText.record_id)).join(CoAuthor, col(CoAuthor.text_id) == col(DraftText.id))
    ours = set(await session.scalars(asked.where(col(CoAuthor.unit_id) == membership.unit_id, col(DraftText.locked_at).is_(None))))
    rows = await consultations(session, membership, Filter(triage=Triage.answering, state="open")) if ours else []
    return [
        Task("messages-square", record.heading, record.path, _("Skriv i vårt svar"), row.window.closes_at if row.window else None, _("stänger"))
        for row in rows
        if (record := row.consultation.record).id in ours
    ]


async def _begun(session: Session, membership: Membership) -> list[Task]:
    """What I began to write and have not sent."""
    found = []
    draft = await own_draft(session, membership) if membership.can("finding:create") else None
    if draft is not None:
        found.append(Task("radar", draft.record.heading or _("Spaning utan rubrik"), "/findings/new", _("Ditt utkast till spaning")))
    wanted = (
        select(col(Section.id), col(Section.heading), Record)
        .join(SectionDraft, col(SectionDraft.section_id) == col(Section.id))
        .join(DraftText, col(DraftText.id) == col(Section.text_id))
        .join(Record, col(Record.id) == col(DraftText.record_id))
        .where(col(SectionDraft.person_id) == membership.person_id, col(DraftText.locked_at).is_(None), readable(membership))
    )
    for section_id, heading, record in await session.execute(wanted):
        found.append(Task("pencil", f"{heading}: {record.heading}", f"/sections/{section_id}/edit", _("Text som du inte har sparat i avsnittet")))
    return found


async def _promised(session: Session, membership: Membership) -> list[Task]:
    """Action items of mine that are open; a day lasts until its end."""
    return [
        Task("list-todo", each.what, f"{each.source.path}#actions", _("Åtgärdspunkt från %(meeting)s", meeting=each.source.heading), _end(each.due_on))
        for each in await action_items.listed(session, membership, mine=True)
    ]


async def _adrift(session: Session, membership: Membership) -> list[Task]:
    """Open action items of those who have left, until somebody else has them."""
    left = await action_items.listed(session, membership, left=True)
    if not left:
        return []
    title = ngettext("%(n)d åtgärdspunkt hos någon som har slutat", "%(n)d åtgärdspunkter hos någon som har slutat", len(left)) % {"n": len(left)}
    path = f"/actions/{left[0].id}" if len(left) == 1 else "/actions?show=left"
    return [Task("user-x", title, path, _("Lämna över till någon annan"), _end(left[0].due_on), _("den första ska vara klar") if len(left) > 1 else "")]


def _end(day: date | None) -> datetime | None:
    return datetime.combine(day, time(23, 59), STOCKHOLM) if day else None


async def _to_approve(session: Session, membership: Membership) -> list[Task]:
    """Notes that I am to approve and have not."""
    mine = select(col(Membership.id)).where(col(Membership.person_id) == membership.person_id)
    wanted = select(Record, col(Minutes.respond_by)).join(Minutes, col(Minutes.meeting_id) == col(Record.id)).where(readable(membership))
    wanted = wanted.where(col(Minutes.locked_at).is_(None), col(Minutes.adjusted_at).is_(None), col(Minutes.adjuster_id).in_(mine))
    return [
        Task("clipboard-check", record.heading, f"{record.path}#notes-title", _("Du är justerare: läs och godkänn anteckningarna"), _end(day))
        for record, day in await session.execute(wanted.order_by(col(Minutes.respond_by)))
    ]


async def _to_register(session: Session, membership: Membership) -> list[Task]:
    """Finished notes that nobody has decided about: a number, or none."""
    wanted = select(Record).join(Minutes, col(Minutes.meeting_id) == col(Record.id)).where(readable(membership))
    wanted = wanted.where(col(Minutes.locked_at).is_not(None), col(Minutes.registered_at).is_(None)).order_by(col(Record.id))
    return [
        Task("stamp", record.heading, f"{record.path}/minutes/registration", _("Diarienummer, eller registreras inte"))
        for record in await session.scalars(wanted)
    ]


async def _to_assess(session: Session, membership: Membership) -> list[Task]:
    rows = await consultations(session, membership, Filter(triage=Triage.to_assess))
    found = []
    if rows:
        title = ngettext("%(n)d samråd att bedöma", "%(n)d samråd att bedöma", len(rows)) % {"n": len(rows)}
        first = rows[0].window.closes_at if rows[0].window else None
        until = _("det första stänger") if len(rows) > 1 else _("stänger")
        found.append(Task("messages-square", title, f"/consultations?triage={Triage.to_assess}", _("Svara, bevaka eller inte aktuellt"), first, until))
    new = select(func.count()).select_from(Finding).join(Record, col(Record.id) == col(Finding.record_id))
    proposed = await proposals.count_waiting(session, membership.network_id)
    if proposed:
        title = ngettext("%(n)d förslag till dagordningen", "%(n)d förslag till dagordningen", proposed) % {"n": proposed}
        found.append(Task("lightbulb", title, "/meetings/proposals", _("Ta in, eller svara varför inte")))
    count = await session.scalar(new.where(readable(membership), col(Record.audience) != Audience.author, col(Finding.fate) == Fate.new)) or 0
    if count:
        title = ngettext("%(n)d spaning att bedöma", "%(n)d spaningar att bedöma", count) % {"n": count}
        found.append(Task("radar", title, f"/findings?fate={Fate.new}", _("Bevaka, ta vidare eller arkivera")))
    return found


async def _notes(session: Session, membership: Membership) -> list[Task]:
    """Meetings that have been but are not finished."""
    over = or_(col(Meeting.state) == State.held, (col(Meeting.state) == State.summoned) & (col(Meeting.ends_at) < clock.now()))
    wanted = select(Meeting).join(Meeting.record).options(contains_eager(Meeting.record)).where(readable(membership), over)  # type: ignore[arg-type]
    return [
        Task("calendar-days", each.record.heading, each.record.path, _("Anteckningarna väntar på att färdigställas"))
        for each in (await session.scalars(wanted.order_by(col(Meeting.starts_at)))).unique()
    ]


async def _to_publish(session: Session, membership: Membership) -> list[Task]:
    """Plans of years that nobody else sees yet."""
    return [
        Task(
            "calendar-range",
            _("Årsplanen %(year)s är ett utkast", year=year),
            f"/meetings/plan?year={year}",
            ngettext("En vald dag: publicera när planen är klar", "%(num)d valda dagar: publicera när planen är klar", count) % {"num": count},
        )
        for year, count in await drafts(session, membership)
    ]


async def _vacant(session: Session, membership: Membership) -> list[Task]:
    names = [desk.unit.name for desk in await directory(session, membership.network_id) if desk.is_vacant]
    if not names:
        return []
    title = ngettext("%(n)d enhet saknar kontaktperson", "%(n)d enheter saknar kontaktperson", len(names)) % {"n": len(names)}
    return [Task("users", title, "/members", ", ".join(names[:4]))]
