"""Meetings are planned, summoned, answered and held, and their notes written."""

from datetime import date, time, timedelta

from portal import clock
from portal.demo import days
from portal.demo.shapes import Errand, Gathering, Point
from portal.demo.stage import Stage
from portal.drafting import actions as drafting
from portal.drafting import document
from portal.drafting.models import SectionForm
from portal.meetings import action_items, actions, agenda, answers, corrections, minutes, minutes_document, queries
from portal.meetings.models import AgendaForm, Answer, Goal, MeetingForm
from portal.meetings.record_models import ActionForm, ApprovalForm, CirculationForm, CorrectionForm, DecisionForm
from portal.web import speaking

REVIEW = timedelta(days=10)
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
            for errand in point.errands:
                stage.put(morning + number * NOTED_EVERY, _give, gathering, number, errand, day)
                if errand.done is not None:
                    stage.put(days.moment(days.working(day, errand.done), "15.10"), _finish, gathering, errand)
    if gathering.circulated is not None:
        stage.put(days.moment(days.working(day, gathering.circulated), "9.15"), _circulate, gathering)
        if gathering.correction is not None:
            stage.put(days.moment(days.working(day, gathering.circulated), "15.40"), _correct, gathering, *gathering.correction)
    if gathering.finalised is not None:
        stage.put(days.moment(days.working(day, gathering.finalised), "13.20"), _approve, gathering, gathering.adjuster)
        stage.put(days.moment(days.working(day, gathering.finalised), "14.05"), _approve, gathering, gathering.by)


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
        goal = Goal(point.goal) if point.goal else None
        item = AgendaForm(title=point.title, minutes=point.minutes, presenter=point.presenter, goal=goal)
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

    if point.decision:
        item = (await queries.agenda(stage.session, stage.meetings[gathering.key]))[number]
        noted = DecisionForm(decision=point.decision)
        await agenda.decide(stage.session, stage.meetings[gathering.key], item, by=stage.members[point.by], form=noted)


async def _give(stage: Stage, gathering: Gathering, number: int, errand: Errand, day: date) -> None:
    meeting, by = stage.meetings[gathering.key], stage.members[gathering.by]
    item = (await queries.agenda(stage.session, meeting))[number]
    due = days.working(day, errand.due) if errand.due else None
    form = ActionForm(what=errand.what, owner_id=stage.members[errand.owner].id, due_on=due, item_id=item.id)
    view = await stage.text(gathering.key, "notes", by=by)
    await action_items.add(stage.session, meeting, view.text, by=by, form=form)


async def _finish(stage: Stage, gathering: Gathering, errand: Errand) -> None:
    given = await action_items.of_meeting(stage.session, stage.meetings[gathering.key])
    action = await action_items.one(stage.session, stage.members[errand.owner], next(each.id for each in given if each.what == errand.what))
    await action_items.close(stage.session, action, by=stage.members[errand.owner])


async def _correct(stage: Stage, gathering: Gathering, who: str, number: int, reason: str) -> None:
    by = stage.members[who]
    view = await stage.text(gathering.key, "notes", by=by)
    section = view.sections[number]
    body = document.to_markdown(section.body).replace("tre bolag", "fyra bolag")
    form = CorrectionForm(section_id=section.id, version=section.version, body=body, reason=reason)
    await corrections.propose(stage.session, stage.meetings[gathering.key], view, by=by, form=form)


async def _circulate(stage: Stage, gathering: Gathering) -> None:
    form = CirculationForm(respond_by=clock.today() + REVIEW, adjuster_id=stage.members[gathering.adjuster].id)
    await minutes.circulate(stage.session, stage.meetings[gathering.key], by=stage.members[gathering.by], form=form)


async def _approve(stage: Stage, gathering: Gathering, who: str) -> None:
    by, meeting = stage.members[who], stage.meetings[gathering.key]
    with speaking(by.network.language):
        mark = minutes_document.mark(await minutes_document.content(stage.session, meeting, by.network))
    await minutes.approve(stage.session, meeting, by=by, form=ApprovalForm(mark=mark))
