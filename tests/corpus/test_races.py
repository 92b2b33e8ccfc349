"""Two things at once: leaving while one posts, and one post that arrives sixteen times."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlmodel import col

from portal import clock
from portal.activity.models import Activity
from portal.app import Portal
from portal.comments.models import Comment
from portal.db import Session
from portal.networks.access import Role
from portal.notifications.models import Notification
from tests.factories import Cast, make_member
from tests.making import make_finding, make_meeting

TIMES = 20
# Counted anew as soon as the removal is answered, and once more when everything is: the difference came too late.
POSTED = text("SELECT count(*) FROM comment WHERE record_id = :record AND author_id = :author")


async def test_nothing_is_posted_after_a_member_is_out(cast: Cast, session: Session, browser, portal: Portal):
    record = await make_finding(session, cast.contact)
    ingela, late, kept = await browser(cast.coordinator), [], 0
    for n in range(TIMES):
        leaving = await make_member(session, cast.network, f"Lotta{n} Lämnar", Role.contact)
        lotta = await browser(leaving)
        ending = f"/granby/administer/members/{leaving.id}/ending"

        async def post_on(page=lotta) -> list[int]:
            forms = [{"body": f"Kommentar {each}", "key": str(uuid4())} for each in range(6)]
            return [(await page.post(f"/granby/records/{record.id}/comments", form)).status_code for form in forms]

        async def remove(path=ending, author=leaving.person_id, pause=n) -> tuple[int, int]:
            await asyncio.sleep(pause * 0.004)
            status = (await ingela.post(path)).status_code
            async with portal.sessions() as fresh:
                return status, await fresh.scalar(POSTED, {"record": record.id, "author": author}) or 0

        statuses, (removed, seen) = await asyncio.gather(post_on(), remove())
        assert removed == 303
        written = await session.scalar(POSTED, {"record": record.id, "author": leaving.person_id})
        late += [written - seen] if written != seen else []
        kept += statuses.count(303)
        assert set(statuses) <= {303, 404}
        assert statuses.count(303) == written
        assert 404 in statuses or statuses.count(303) == len(statuses)
    assert late == []
    assert kept > 0


async def test_f08_sixteen_posts_of_one_comment_are_one(cast: Cast, session: Session, browser):
    record = await make_finding(session, cast.contact)
    maja, form = await browser(cast.contact), {"body": "En gång räcker.", "key": str(uuid4())}
    answers = await asyncio.gather(*(maja.post(f"/granby/records/{record.id}/comments", form) for _each in range(16)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await session.scalar(select(func.count()).select_from(Comment)) == 1


@pytest.mark.parametrize(
    ("before", "change", "letters"),
    [([], "summons", 7), (["summons"], "cancellation", 14), (["summons"], "holding", 7)],
    ids=lambda value: str(value),
)
async def test_of_three_who_change_a_meeting_at_once_one_does(before, change, letters, cast: Cast, session: Session, browser):
    meeting, data = await make_meeting(session, cast.coordinator), {"reason": "Snöstorm"}
    ingelas = [await browser(cast.coordinator) for _each in range(3)]
    for earlier in before:
        assert (await ingelas[0].post(f"/granby{meeting.record.path}/{earlier}")).status_code == 303
    answers = await asyncio.gather(*(ingela.post(f"/granby{meeting.record.path}/{change}", data) for ingela in ingelas))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409]
    assert all(" är redan " in answer.text for answer in answers if answer.status_code == 409)
    assert await session.scalar(select(func.count()).select_from(Notification)) == letters
    verb = {"summons": "summoned", "cancellation": "cancelled", "holding": "held"}[change]
    done = select(func.count()).where(col(Activity.verb) == f"meeting.{verb}")
    assert await session.scalar(done) == 1


async def test_a_deputy_whose_days_are_over_posts_no_more(cast: Cast, session: Session, browser):
    record = await make_finding(session, cast.contact)
    tomas = await browser(cast.deputy)
    cast.deputy.ends_on = clock.today() - timedelta(days=1)
    await session.commit()
    answer = await tomas.post(f"/granby/records/{record.id}/comments", {"body": "För sent.", "key": str(uuid4())})
    assert (answer.status_code, "För sent." in answer.text) == (404, False)
    assert await session.scalar(select(func.count()).where(col(Comment.record_id) == record.id)) == 0
