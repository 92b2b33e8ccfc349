"""A closing day that is moved at the last moment is mailed, once, to whose program may read of it too late, and to nobody else."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.consultations.actions import triage
from portal.consultations.by_hand import change_window
from portal.consultations.models import Consultation, TriageForm, WindowForm
from portal.consultations.queries import consultation as read_consultation
from portal.funding.actions import edit
from portal.funding.models import CallForm
from portal.meetings import action_items, minutes_document
from portal.meetings.record_models import ActionForm
from portal.networks.models import Membership
from portal.sources.actions import import_have_your_say
from portal.sources.have_your_say import Initiative, Window
from tests.calendar.noticing import NOON, TODAY, told
from tests.calendar.noticing import subscribe as subscribe_to
from tests.factories import Cast
from tests.making import make_action, make_call, make_consultation, make_meeting


@pytest.fixture(autouse=True)
def noon():
    with clock.fixed(NOON):
        yield


subscribe = partial(subscribe_to, scope="deadlines")


def notices(*members: Membership) -> list[tuple[str, int]]:
    return [("calendar.day_moved", each) for each in sorted(member.person_id for member in members)]


def answer_of(closes: datetime, title: str = "Vattenlagen") -> Initiative:
    window = Window(key="1", stage="public_consultation", opens_at=None, closes_at=closes, published_text="", source_status="OPEN")
    texts = dict.fromkeys(("reference", "title_en", "summary_sv", "summary_en", "act_type", "status", "url", "lead_dg"), "")
    given = {"topics": (), "published_at": None, "changed_at": None, "documents": (), "detailed": False}
    return Initiative(key="hys:1", title_sv=title, windows=(window,), **texts, **given)


async def test_a_consultation_whose_source_moves_its_last_day(cast: Cast, session):
    days = [NOON + timedelta(days=days) for days in (1, 30, 40, 1)]
    await subscribe(session, cast.contact, "google", "outlook")
    await subscribe(session, cast.contact, "google", scope="everything")
    await subscribe(session, cast.head, "thunderbird")
    await subscribe(session, cast.deputy, "google", scope="meetings")
    await subscribe(session, cast.reader, "google", read_at=NOON - timedelta(days=31))
    await subscribe(session, cast.outsider, "google")
    await import_have_your_say(session, [answer_of(days[0])])
    await session.commit()
    await import_have_your_say(session, [answer_of(NOON + timedelta(hours=20))])
    await session.commit()
    assert await told(session) == []  # nobody deals with it yet
    number = (await session.scalars(select(col(Consultation.record_id)).where(col(Consultation.network_id) == cast.network.id))).one()
    consultation = await read_consultation(session, cast.coordinator, number)
    await triage(session, consultation, by=cast.coordinator, form=TriageForm(triage="watching"))
    await session.commit()
    seen = []
    for closes, title in (
        (days[1], "Vattenlagen"),
        (days[1], "Vattenlagen"),
        (days[1], "Lagen om vatten"),
        (days[2], "Lagen om vatten"),
        (days[3], "Lagen om vatten"),
    ):
        before = await told(session)
        await import_have_your_say(session, [answer_of(closes, title)])
        await session.commit()
        seen.append((await told(session))[len(before) :])
    # Away from tomorrow; the same once more; another title; far from now; and near again.
    assert seen == [notices(cast.contact), [], [], [], notices(cast.contact)]


async def test_a_call_whose_last_day_is_moved_by_hand_is_told_to_all_but_who_moved_it(cast: Cast, session):
    for member in (cast.contact, cast.head, cast.coordinator):
        await subscribe(session, member, "google")
    watched = await make_call(session, cast.contact, closes_on=TODAY + timedelta(days=20))
    for day, expected in ((TODAY, notices(cast.head, cast.coordinator)), (TODAY, [])):
        before = await told(session)
        given = {name: value for name, value in watched.values().items() if value not in ("", None)} | {"closes_on": day}
        await edit(session, watched, by=cast.contact, form=CallForm.model_validate(given))
        await session.commit()
        assert (await told(session))[len(before) :] == expected


async def test_a_consultation_whose_last_day_is_moved_by_hand_is_told_to_all_but_who_moved_it(cast: Cast, session):
    for member in (cast.contact, cast.head, cast.coordinator):
        await subscribe(session, member, "google")
    made = await make_consultation(session, cast.coordinator, closes_on=TODAY + timedelta(days=20))
    await triage(session, made, by=cast.coordinator, form=TriageForm(triage="watching"))
    await session.commit()
    consultation = await read_consultation(session, cast.coordinator, made.record_id)
    [window] = consultation.initiative.windows
    for day, expected in ((TODAY, notices(cast.contact, cast.head)), (TODAY, [])):
        before = await told(session)
        given = {name: value for name, value in window.values().items() if value} | {"closes_on": day}
        await change_window(session, consultation, window, by=cast.coordinator, form=WindowForm.model_validate(given))
        await session.commit()
        assert (await told(session))[len(before) :] == expected


async def test_a_task_whose_day_is_moved_is_told_to_its_owner_alone(cast: Cast, session):
    meeting = await make_meeting(session, cast.coordinator)
    for member in (cast.contact, cast.head, cast.coordinator):
        await subscribe(session, member, "google")
    await make_action(session, meeting, by=cast.coordinator, owner=cast.contact, what="Ringa", due_on=TODAY + timedelta(days=9))
    await make_action(session, meeting, by=cast.coordinator, owner=cast.coordinator, what="Skriva", due_on=TODAY)
    notes = await minutes_document.notes_text(session, meeting)
    items = {owner.id: (await action_items.listed(session, owner, mine=True))[0] for owner in (cast.contact, cast.coordinator)}
    assert notes is not None
    seen = []
    for owner, day, what in (
        (cast.contact, TODAY, "Ringa"),
        (cast.contact, TODAY, "Ringa dem"),
        (cast.contact, None, "Ringa dem"),
        (cast.coordinator, TODAY + timedelta(days=1), "Skriva"),
    ):
        before = await told(session)
        await action_items.change(
            session, items[owner.id], notes, by=cast.coordinator, form=ActionForm(what=what, owner_id=owner.id, due_on=day)
        )
        await session.commit()
        seen.append((await told(session))[len(before) :])
    assert seen == [notices(cast.contact), [], [], []]
