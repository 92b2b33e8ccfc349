"""Consultations are registered and assessed; where we answer, units are asked and the answer grows version by version."""

from datetime import date, timedelta

from portal.consultations import actions, by_hand, queries
from portal.consultations.models import ConsultationForm, TriageForm, WindowForm
from portal.demo import days
from portal.demo.shapes import Asked, Window, Written
from portal.demo.stage import Stage
from portal.drafting import actions as drafting
from portal.drafting.models import SectionForm
from portal.periods import Zone
from portal.records import actions as records


def put_consultation(stage: Stage, asked: Asked) -> None:
    """The consultation from being registered to where it stands today."""
    stage.put(stage.ago(asked.ago, asked.at), _register, asked)
    if asked.triage is not None:
        stage.put(stage.ago(*asked.triaged), _triage, asked)
    for written in asked.answer:
        stage.put(stage.ago(written.ago, written.at), _write, asked, written)
    if asked.sent is not None:
        stage.put(stage.ago(*asked.sent), _send, asked)


def put_entry(stage: Stage, key: str, of: str, *, by: str, ago: int, at: str) -> None:
    """Another network's consultation on an initiative that is there already."""
    stage.put(stage.ago(ago, at), _enter, key, of, by)


async def _register(stage: Stage, asked: Asked) -> None:
    by = stage.members[asked.by]
    first, *others = [window_of(stage.today, window) for window in asked.windows]
    form = ConsultationForm.model_validate(
        {
            "title_sv": asked.title,
            "title_en": asked.title_en,
            "url": asked.url,
            "summary_sv": asked.summary,
            "topics": list(asked.topics),
            **first.model_dump(),
        }
    )
    made = stage.consultations[asked.key] = await by_hand.register(stage.session, by=by, form=form)
    if others:
        await queries.consultation(stage.session, by, made.record_id)  # which reads the windows that there are
    for other in others:
        await by_hand.add_window(stage.session, made, by=by, form=other)
    if asked.came_from is not None:
        await records.link(stage.session, origin=stage.record(asked.came_from), target=made.record)
    if asked.shared_with is not None:
        await records.share(stage.session, made.record, by=by, guest=stage.members[asked.shared_with])


def window_of(today: date, window: Window) -> WindowForm:
    """The window with its dates, as the coordinator types them."""
    closes = today + timedelta(days=window.closes)
    if window.on_a_sunday:
        closes = days.next_sunday(closes)
    elif window.zone == Zone.stockholm and not days.is_working_day(closes):
        closes = days.working(closes, 1)
    return WindowForm(
        stage=window.stage,
        opens_on=days.working(today, -window.opens),
        closes_on=closes + timedelta(days=window.days_later),
        zone=window.zone,
    )


async def _triage(stage: Stage, asked: Asked) -> None:
    by, consultation = stage.members[asked.by], stage.consultations[asked.key]
    form = TriageForm.model_validate({"triage": asked.triage, "reason": asked.reason})
    await actions.triage(stage.session, consultation, by=by, form=form)
    if asked.units:
        await actions.ask_units(stage.session, consultation, by=by, unit_ids=stage.unit_ids(by, asked.units))


async def _write(stage: Stage, asked: Asked, written: Written) -> None:
    by = stage.members[written.by]
    view = await stage.text(asked.key, "answer", by=by)
    section = view.sections[written.section]
    if written.kept:
        await drafting.keep_draft(stage.session, section, by=by, body=written.body, version=section.version)
    else:
        form = SectionForm(heading=section.heading, body=written.body, version=section.version)
        await drafting.save(stage.session, section, view, by=by, form=form)


async def _send(stage: Stage, asked: Asked) -> None:
    """The answer is on its way: its text is locked, and the record a finished document."""
    by = stage.members[asked.by]
    view = await stage.text(asked.key, "answer", by=by)
    await drafting.lock(stage.session, view.text)
    await records.finalise(stage.session, view.record, by=by)


async def _enter(stage: Stage, key: str, of: str, by: str) -> None:
    initiative = stage.consultations[of].initiative
    stage.consultations[key] = await actions.enter(stage.session, initiative, by=stage.members[by])
