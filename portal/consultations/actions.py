"""What a network does with an initiative: enters it, assesses it, begins the joint answer, asks units."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.comments.actions import open_thread
from portal.consultations.models import Consultation, Initiative, Triage, TriageForm
from portal.consultations.queries import dealing_with
from portal.db import Session
from portal.drafting import actions as drafting
from portal.drafting.queries import text_of
from portal.live import signal
from portal.networks.models import Membership
from portal.networks.queries import authorise, units
from portal.records import actions as records
from portal.records import deadlines
from portal.records.deadlines import Moved
from portal.records.models import Record
from portal.web import Refused, _, _l
from portal.web.errors import Changed

# Part of the text, which is Swedish whatever language the page is shown in.
SECTIONS = ("Sammanfattning", "Våra synpunkter", "Förslag till ändringar")


async def enter(session: Session, initiative: Initiative, *, by: Membership) -> Consultation:
    """This network's consultation on a shared initiative, to be assessed."""
    record = await records.register(session, by=by, kind="consultation", title=initiative.title_sv, folder="consultations")
    record.title_en, record.owner_unit_id = initiative.title_en, None
    consultation = Consultation(record_id=record.id, network_id=by.network_id, initiative_id=initiative.id)
    consultation.record, consultation.initiative = record, initiative
    session.add(consultation)
    await session.flush()
    await open_thread(session, record)
    await records.index(session, record, body=words_of(initiative))
    activity.record(session, verb="consultation.registered", by=by, record=record)
    await signal(session, by.network_id, "consultations")
    return consultation


def words_of(initiative: Initiative) -> str:
    """What of the initiative is searched besides the title."""
    return "\n".join((initiative.title_en, initiative.summary_sv, initiative.summary_en, initiative.reference))


async def retitle(session: Session, initiative: Initiative) -> None:
    """The register follows the initiative: titles and search of every network's consultation."""
    found = await session.scalars(
        select(Record)
        .join(Consultation, col(Consultation.record_id) == col(Record.id))
        .where(col(Consultation.initiative_id) == initiative.id)
    )
    for record in found:
        record.title, record.title_en = initiative.title_sv, initiative.title_en
        await records.index(session, record, body=words_of(initiative))


async def tell_moved(
    session: Session, initiative: Initiative, before: Mapping[int, datetime | None], *, by: Membership | None = None
) -> None:
    """The networks that deal with the initiative hear of each last day that is another than `before`, by its window's number."""
    moved = [(each, was) for each in initiative.windows if (was := before.get(each.id)) and each.closes_at and each.closes_at != was]
    for consultation in await dealing_with(session, initiative.id) if moved else ():
        for window, was in moved:
            if window.closes_at is not None:
                change = Moved(
                    name=consultation.closing(window),
                    sequence=window.sequence,
                    before=was,
                    after=window.closes_at,
                    by_id=by.person_id if by else None,
                )
                await deadlines.spread(session, consultation.record, change)


async def triage(session: Session, consultation: Consultation, *, by: Membership, form: TriageForm, version: str = "") -> None:
    """Svara, bevaka, or inte aktuellt with a reason; to answer begins the joint draft. Changed if it was assessed since `version`."""
    await authorise(session, by, "consultation:triage")
    await records.lock(session, consultation.record, consultation)
    if version and version != consultation.version:
        raise Changed({"reason": consultation.reason})
    if form.triage == Triage.not_relevant and not form.reason:
        raise Refused(_l("Skriv varför samrådet inte är aktuellt."), status=422)
    consultation.triage, consultation.reason, consultation.triaged_at = form.triage, form.reason, clock.now()
    records.touch(consultation.record, by=by)
    if form.triage == Triage.answering and await text_of(session, by, consultation.record, "answer") is None:
        await drafting.begin(session, consultation.record, by=by, purpose="answer", headings=SECTIONS)
    activity.record(session, verb="consultation.triaged", by=by, record=consultation.record, triage=form.triage)
    await signal(session, by.network_id, "consultations")


async def ask_units(
    session: Session, consultation: Consultation, *, by: Membership, unit_ids: Collection[int], shown: Collection[int] = frozenset()
) -> None:
    """Make these units of the network co-authors of the answer, and no more those of `shown`, which were so when `by` began to choose;
    what others have chosen since stays."""
    await authorise(session, by, "consultation:triage")
    await records.lock(session, consultation.record, consultation)
    view = await text_of(session, by, consultation.record, "answer")
    if view is None:
        raise Refused(_("Välj först att vi svarar."), status=409)
    ours = {unit.id for unit in await units(session, by.network_id)}
    await drafting.unask(session, view.text, units=[each for each in shown if each in ours and each not in unit_ids])
    await drafting.ask(session, view.text, units=[each for each in unit_ids if each in ours and each not in shown])
    activity.record(session, verb="consultation.units_asked", by=by, record=consultation.record, count=len(unit_ids))
    await signal(session, by.network_id, f"text-{view.text.id}")
