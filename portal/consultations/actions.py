"""Every write of consultations: register, triage, add a window, begin the joint answer, ask units."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.comments.actions import open_thread
from portal.consultations.models import Consultation, ConsultationForm, FeedbackWindow, Initiative, Triage, TriageForm, WindowForm
from portal.db import Session
from portal.drafting import actions as drafting
from portal.drafting.queries import text_of
from portal.live import signal
from portal.networks.models import Membership
from portal.networks.queries import authorise, units
from portal.records import actions as records
from portal.web import Refused, _, _l
from portal.web.errors import Changed

# Part of the text, which is Swedish whatever language the page is shown in.
SECTIONS = ("Sammanfattning", "Våra synpunkter", "Förslag till ändringar")


async def register(session: Session, *, by: Membership, form: ConsultationForm) -> Consultation:
    """An initiative typed by hand, with its first window and this network's consultation."""
    await authorise(session, by, "consultation:create")
    initiative = Initiative(
        title_sv=form.title_sv,
        title_en=form.title_en,
        summary_sv=form.summary_sv,
        url=form.url,
        topics=form.topics,
        created_at=clock.now(),
    )
    session.add(initiative)
    await session.flush()
    session.add(_window(initiative, form, number=1))
    return await enter(session, initiative, by=by)


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


async def add_window(session: Session, consultation: Consultation, *, by: Membership, form: WindowForm) -> None:
    """One more period for feedback on an initiative that was registered by hand."""
    await authorise(session, by, "consultation:create")
    await records.lock(session, consultation.record)
    if consultation.initiative.key is not None:
        raise Refused(_l("Datumen kommer från källan och ändras där."), status=409)
    known = select(func.count()).where(col(FeedbackWindow.initiative_id) == consultation.initiative_id)
    session.add(_window(consultation.initiative, form, number=(await session.scalar(known) or 0) + 1))
    activity.record(session, verb="consultation.changed", by=by, record=consultation.record)
    await signal(session, by.network_id, "consultations")


def _window(initiative: Initiative, form: WindowForm, *, number: int) -> FeedbackWindow:
    return FeedbackWindow(
        initiative_id=initiative.id,
        key=f"{form.stage}:{number}",
        stage=form.stage,
        opens_at=form.opens_at,
        closes_at=form.closes_at,
        tz=form.zone,
        published_text=form.closes_on.isoformat(),
        source_status="" if form.opens_on else "OPEN",
    )


async def ask_units(session: Session, consultation: Consultation, *, by: Membership, unit_ids: Sequence[int]) -> None:
    """Make exactly these units of the network co-authors of the answer."""
    await authorise(session, by, "consultation:triage")
    await records.lock(session, consultation.record, consultation)
    view = await text_of(session, by, consultation.record, "answer")
    if view is None:
        raise Refused(_("Välj först att vi svarar."), status=409)
    ours = {unit.id for unit in await units(session, by.network_id)}
    await drafting.unask(session, view.text, units=[each for each in ours if each not in unit_ids])
    await drafting.ask(session, view.text, units=[each for each in unit_ids if each in ours])
    activity.record(session, verb="consultation.units_asked", by=by, record=consultation.record, count=len(unit_ids))
    await signal(session, by.network_id, f"text-{view.text.id}")
