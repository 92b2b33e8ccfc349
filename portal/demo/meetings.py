"""Meetings are planned, summoned, answered and held, and their notes written."""

from datetime import date, time, timedelta

from portal.demo import days
from portal.demo.shapes import Gathering, Point
from portal.demo.stage import Stage
from portal.drafting import actions as drafting
from portal.drafting.models import SectionForm
from portal.meetings import actions, agenda, answers
from portal.meetings.models import AgendaForm, Answer, MeetingForm

NOTED_EVERY = timedelta(minutes=8)


def day_of(stage: Stage, gathering: Gathering) -> date:
    return days.meeting_day(stage.today, gathering.offset)


def put_meeting(stage: Stage, gathering: Gathering) -> None:
    """The meeting from the first plan to the finished notes, as far as it has come."""
    day = day_of(stage, gathering)
    before = min(day, stage.today)
    stage.put(stage.ago(gathering.planned, "10.15", since=before), _plan, gathering)
    if gathering.summoned is not None:
        stage.put(stage.ago(gathering.summoned, "9.30", since=before), _summon, gathering)
    for member, answer, ago, at in gathering.answers:
        stage.put(stage.ago(ago, at, since=before), _answer, gathering.key, member, answer)
    if gathering.present is not None:
        stage.put(days.moment(day, gathering.ends), _hold, gathering)
        morning = days.moment(days.working(day, 1), "10.20")
        for number, point in enumerate(gathering.points):
            stage.put(morning + number * NOTED_EVERY, _note, gathering, number, point)
    if gathering.finalised is not None:
        stage.put(days.moment(days.working(day, gathering.finalised), "14.05"), _finalise, gathering)


async def _plan(stage: Stage, gathering: Gathering) -> None:
    by = stage.members[gathering.by]
    form = MeetingForm(
        title=gathering.title,
        day=day_of(stage, gathering),
        starts=_clock(gathering.starts),
        ends=_clock(gathering.ends),
        place=gathering.place,
        online_url=gathering.online_url,
        purpose=gathering.purpose,
    )
    meeting = stage.meetings[gathering.key] = await actions.plan(stage.session, by=by, form=form)
    for point in gathering.points:
        item = AgendaForm(title=point.title, minutes=point.minutes, presenter=point.presenter)
        await agenda.add(stage.session, meeting, by=by, form=item)


def _clock(at: str) -> time:
    hour, _, minute = at.partition(".")
    return time(int(hour), int(minute))


async def _summon(stage: Stage, gathering: Gathering) -> None:
    await actions.summon(stage.session, stage.meetings[gathering.key], by=stage.members[gathering.by])


async def _answer(stage: Stage, key: str, member: str, answer: str) -> None:
    await answers.answer(stage.session, stage.meetings[key], by=stage.members[member], answer=Answer(answer))


async def _hold(stage: Stage, gathering: Gathering) -> None:
    by, meeting = stage.members[gathering.by], stage.meetings[gathering.key]
    await actions.hold(stage.session, meeting, by=by)
    present = {stage.members[key].id for key in gathering.present or ()}
    await actions.record_presence(stage.session, meeting, by=by, present=present)
    if gathering.note_taker is not None:
        view = await stage.text(gathering.key, "notes", by=by)
        await drafting.ask(stage.session, view.text, memberships=[stage.members[gathering.note_taker].id])


async def _note(stage: Stage, gathering: Gathering, number: int, point: Point) -> None:
    if point.notes:
        view = await stage.text(gathering.key, "notes", by=stage.members[gathering.by])
        section = view.sections[number]
        form = SectionForm(heading=section.heading, body=point.notes, version=section.version)
        await drafting.save(stage.session, section, view, by=stage.members[point.by], form=form)


async def _finalise(stage: Stage, gathering: Gathering) -> None:
    await actions.finalise(stage.session, stage.meetings[gathering.key], by=stage.members[gathering.by])
