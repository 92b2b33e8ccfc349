"""What a page asks of the database does not grow with what stands on it."""

from uuid import uuid4

import pytest

from portal.app import Portal
from portal.comments.actions import post
from portal.comments.models import CommentForm
from portal.db import Session
from portal.records.models import Record
from portal.terms import folded
from tests.browser import Browser
from tests.counting import counting
from tests.factories import Cast
from tests.making import make_call, make_comment, make_consultation, make_finding, make_group, make_meeting


async def add(session: Session, cast: Cast) -> tuple[Record, Record, Record, Record]:
    """One more of everything: a finding with a comment and its answer, a meeting, one of a working group, a consultation, a call."""
    finding = await make_finding(session, cast.contact)
    group = await make_group(session, cast.coordinator, str(uuid4()), cast.contact, cast.head)
    await make_meeting(session, cast.coordinator, group=group)
    meeting = await make_meeting(session, cast.coordinator)
    consultation = await make_consultation(session, cast.coordinator)
    await comment(session, cast, finding)
    call = await make_call(session, cast.contact)
    return finding, meeting.record, consultation.record, call.record


async def comment(session: Session, cast: Cast, record: Record) -> None:
    asked = await post(session, record.id, by=cast.contact, form=CommentForm(body="Vem tar det?", key=uuid4()))
    await post(session, record.id, by=cast.deputy, form=CommentForm(body="Jag.", key=uuid4(), parent_id=asked.id))
    await session.commit()


async def statements(portal: Portal, browser: Browser, path: str) -> list[str]:
    await browser.get(path)  # what is done once in a while (a device is seen, a visit begins) is done here
    async with counting(portal) as seen:
        answer = await browser.get(path)
    assert answer.status_code == 200
    assert seen
    return seen


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/findings",
        "/meetings",
        "/meetings/year",
        "/meetings/groups",
        "/meetings/plan",
        "/meetings/calendars",
        "/consultations",
        "/calls",
        "/members",
        "/calendar",
        "/search?q=avloppsdirektivet",
    ],
)
async def test_a_list_with_three_rows_costs_what_one_row_costs(path: str, cast: Cast, portal: Portal, session, browser):
    ingela = await browser(cast.coordinator)
    await add(session, cast)
    one = await statements(portal, ingela, f"/granby{path}")
    await add(session, cast)
    await add(session, cast)
    three = await statements(portal, ingela, f"/granby{path}")
    assert len(three) == len(one)


@pytest.mark.parametrize("number", [0, 1, 2, 3], ids=["finding", "meeting", "consultation", "call"])
async def test_a_record_with_three_exchanges_costs_what_one_costs(number: int, cast: Cast, portal: Portal, session, browser):
    ingela = await browser(cast.coordinator)
    record = (await add(session, cast))[number]
    await comment(session, cast, record)
    one = await statements(portal, ingela, f"/granby{record.path}")
    await comment(session, cast, record)
    await comment(session, cast, record)
    three = await statements(portal, ingela, f"/granby{record.path}")
    assert len(three) == len(one)


async def test_a_findings_page_asks_three_times_who_what_and_which_thread(cast: Cast, portal: Portal, session, browser):
    maja, ingela = await browser(cast.contact), await browser(cast.coordinator)
    finding, *_others = await add(session, cast)
    seen = await statements(portal, maja, f"/granby{finding.path}")
    assert len(seen) == 3
    assert len(await statements(portal, ingela, f"/granby{finding.path}")) == 4  # and what waits for her in the queue
    for statement, wanted in zip(seen, ("FROM signed_in", "FROM finding", "FROM live_epoch, thread"), strict=True):
        assert wanted in statement


@pytest.mark.parametrize("answers", [False, True], ids=["a comment", "an answer, which is told to whom it answers"])
async def test_posting_asks_twice_who_and_the_post_itself(answers: bool, cast: Cast, portal: Portal, session, browser):
    maja = await browser(cast.contact)
    record = await make_finding(session, cast.contact)
    form = {"body": "Vi har samma fråga.", "key": str(uuid4())}
    if answers:
        form["parent_id"] = str((await make_comment(session, record, cast.deputy, "Vem?")).id)
        await session.commit()
    await maja.get(f"/granby{record.path}")
    await folded(session, form["body"])  # words that nobody has written since the start are asked for
    async with counting(portal) as seen:
        answer = await maja.post(f"/granby/records/{record.id}/comments", form, headers={"x-fragment": "1"})
    assert answer.status_code == 201
    assert len(seen) == 2
