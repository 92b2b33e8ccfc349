"""Väntar på dig: what a member should act on, each with a date where there is one."""

from sqlalchemy import func, select
from sqlmodel import col

from portal import clock
from portal.accounts.models import KeptForm
from portal.comments import mentions
from portal.consultations.models import Triage
from portal.consultations.queries import Filter, consultations
from portal.db import Session
from portal.drafting.models import CoAuthor, DraftText, Section, SectionDraft
from portal.findings.models import Fate, Finding
from portal.findings.queries import own_draft
from portal.home import meeting_tasks
from portal.home.task import Task
from portal.meetings import proposals
from portal.moderation import queries as moderation
from portal.moderation.models import Verb
from portal.moderation.words import TOLD
from portal.networks.models import Membership
from portal.networks.queries import directory
from portal.records.models import Audience, Record
from portal.records.queries import readable
from portal.web import _, ngettext


async def at_home(session: Session, membership: Membership) -> list[Task]:
    """What waits for this person: her late texts, whatever network they were for, and then what the network waits for."""
    return [*await _late(session, membership), *await tasks(session, membership)]


async def _late(session: Session, membership: Membership) -> list[Task]:
    """What she sent when her sign-in had ended, until she sends it again or throws it away."""
    late = select(func.count(), func.max(KeptForm.id)).where(
        col(KeptForm.person_id) == membership.person_id, col(KeptForm.sent_at).is_(None)
    )
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
    found += [*await _to_moderate(session, membership), *await meeting_tasks.to_answer(session, membership)]
    found += [*await _asked(session, membership), *await _begun(session, membership)]
    found += [*await meeting_tasks.promised(session, membership), *await meeting_tasks.to_approve(session, membership)]
    if membership.can("registry:set"):
        found += await meeting_tasks.to_register(session, membership)
    if membership.can("minutes:write"):
        found += await meeting_tasks.adrift(session, membership)
    if membership.can("meeting:plan"):
        found += await meeting_tasks.to_publish(session, membership)
    if membership.can("consultation:triage"):
        found += [
            *await _to_assess(session, membership),
            *await meeting_tasks.unfinished(session, membership),
            *await _vacant(session, membership),
        ]
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
    return [
        Task(
            "mail",
            _("Kontaktsidan säger inte hur man når nätverket"),
            "/administer/settings#f-contact",
            _("Skriv en adress eller ett telefonnummer"),
        )
    ]


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


async def _asked(session: Session, membership: Membership) -> list[Task]:
    """Open answers that my unit is asked to write in."""
    if membership.unit_id is None or not membership.can("draft:write_asked"):
        return []
    asked = select(col(DraftText.record_id)).join(CoAuthor, col(CoAuthor.text_id) == col(DraftText.id))
    ours = set(await session.scalars(asked.where(col(CoAuthor.unit_id) == membership.unit_id, col(DraftText.locked_at).is_(None))))
    rows = await consultations(session, membership, Filter(triage=Triage.answering, state="open")) if ours else []
    return [
        Task(
            "messages-square",
            record.heading,
            record.path,
            _("Skriv i vårt svar"),
            row.window.closes_at if row.window else None,
            _("stänger"),
        )
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
        found.append(
            Task("pencil", f"{heading}: {record.heading}", f"/sections/{section_id}/edit", _("Text som du inte har sparat i avsnittet"))
        )
    return found


async def _to_assess(session: Session, membership: Membership) -> list[Task]:
    rows = await consultations(session, membership, Filter(triage=Triage.to_assess))
    found = []
    if rows:
        title = ngettext("%(n)d samråd att bedöma", "%(n)d samråd att bedöma", len(rows)) % {"n": len(rows)}
        first = rows[0].window.closes_at if rows[0].window else None
        until = _("det första stänger") if len(rows) > 1 else _("stänger")
        found.append(
            Task(
                "messages-square", title, f"/consultations?triage={Triage.to_assess}", _("Svara, bevaka eller inte aktuellt"), first, until
            )
        )
    new = select(func.count()).select_from(Finding).join(Record, col(Record.id) == col(Finding.record_id))
    proposed = await proposals.count_waiting(session, membership.network_id)
    if proposed:
        title = ngettext("%(n)d förslag till dagordningen", "%(n)d förslag till dagordningen", proposed) % {"n": proposed}
        found.append(Task("lightbulb", title, "/meetings/proposals", _("Ta in, eller svara varför inte")))
    count = (
        await session.scalar(new.where(readable(membership), col(Record.audience) != Audience.author, col(Finding.fate) == Fate.new)) or 0
    )
    if count:
        title = ngettext("%(n)d spaning att bedöma", "%(n)d spaningar att bedöma", count) % {"n": count}
        found.append(Task("radar", title, f"/findings?fate={Fate.new}", _("Bevaka, ta vidare eller arkivera")))
    return found


async def _vacant(session: Session, membership: Membership) -> list[Task]:
    names = [desk.unit.name for desk in await directory(session, membership.network_id) if desk.is_vacant]
    if not names:
        return []
    title = ngettext("%(n)d enhet saknar kontaktperson", "%(n)d enheter saknar kontaktperson", len(names)) % {"n": len(names)}
    return [Task("users", title, "/members", ", ".join(names[:4]))]
