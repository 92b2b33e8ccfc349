"""Following a thread: what is stored, what holds without a choice, and what Home makes of it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from portal import clock
from portal.comments.models import Comment, Following, Reading
from portal.comments.threads import thread
from portal.consultations.actions import ask_units, triage
from portal.consultations.models import Triage, TriageForm
from portal.db import Session
from portal.networks.models import Membership
from portal.records.models import Record
from tests.browser import Browser
from tests.factories import Cast
from tests.making import make_consultation, make_finding, make_meeting


async def write(browser: Browser, record: Record, body: str = "Ett ord.") -> None:
    await browser.post(f"/granby/records/{record.id}/comments", {"body": body, "key": str(uuid4())})


def shown_level(page: str) -> str:
    return " ".join(page.split("Följ:")[1].split("</summary>")[0].split())


def news(page: str) -> str:
    return page.split('id="news"')[1].split("</section>")[0]


async def visit_before(session: Session, member: Membership, ago: timedelta = timedelta(hours=2)) -> None:
    """The member was here before, this long ago."""
    moment = clock.now() - ago
    await session.execute(update(Membership).where(col(Membership.id) == member.id).values(seen_at=moment, before_at=moment))
    await session.commit()


async def test_those_who_own_write_or_are_named_follow_all_and_others_mentions(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja, ingela, tomas, bengt = [await browser(each) for each in (cast.contact, cast.coordinator, cast.deputy, cast.head)]
    await write(ingela, record, "@Tomas Ekvall?")
    levels = [shown_level((await each.get(f"/granby{record.path}")).text) for each in (maja, ingela, tomas, bengt)]
    assert levels == ["allt", "allt", "allt", "när jag nämns"]
    assert await session.scalar(select(func.count()).select_from(Following)) == 0


async def test_a_choice_is_kept_and_can_be_changed(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja = await browser(cast.contact)
    for level, word in (("off", "inget"), ("mentions", "när jag nämns"), ("all", "allt")):
        answer = await maja.post(f"/granby/records/{record.id}/following", {"level": level})
        assert answer.headers["location"] == f"/granby{record.path}#thread"
        assert shown_level((await maja.get(f"/granby{record.path}")).text) == word
    assert (await maja.post(f"/granby/records/{record.id}/following", {"level": "loud"})).status_code == 422
    kept = (await session.scalars(select(Following))).one()
    assert (kept.person_id, kept.record_id, kept.level) == (cast.contact.person_id, record.id, "all")


async def test_news_begin_with_unread_comments_of_threads_that_are_followed(cast: Cast, session, browser):
    followed, other = await make_finding(session, cast.contact, title="Följd"), await make_finding(session, cast.coordinator, title="Annan")
    await visit_before(session, cast.contact)
    tomas, maja = await browser(cast.deputy), await browser(cast.contact)
    await write(tomas, followed)
    await write(tomas, followed)
    await write(tomas, other)
    page = news((await maja.get("/granby")).text)
    assert page.index("Följd") < page.index("2 kommentarer") < page.index("Annan") < page.index("1 kommentar<")
    await maja.get(f"/granby{followed.path}")
    assert "Följd" not in news((await maja.get("/granby")).text)
    await write(tomas, followed)
    page = news((await maja.get("/granby")).text)
    assert page.index("Följd") < page.index("1 kommentar<") < page.index("Annan")


async def test_unread_comments_of_a_followed_thread_outlast_a_visit_to_the_network(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact, title="Följd")
    tomas, maja = await browser(cast.deputy), await browser(cast.contact)
    await maja.get(f"/granby{record.path}")
    await session.execute(update(Reading).values(read_at=clock.now() - timedelta(days=9)))
    await write(tomas, record)
    await session.execute(update(Comment).values(created_at=clock.now() - timedelta(days=5)))
    await visit_before(session, cast.contact)
    assert "Följd" in news((await maja.get("/granby")).text)


async def test_a_thread_set_to_nothing_is_in_no_news_and_waits_for_nobody(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact, title="Tystad")
    await session.execute(update(Record).values(created_at=clock.now() - timedelta(days=9)))
    await visit_before(session, cast.contact)
    tomas, maja = await browser(cast.deputy), await browser(cast.contact)
    await write(tomas, record, "@Maja Lindqvist")
    assert "Tystad" in news((await maja.get("/granby")).text)
    await maja.post(f"/granby/records/{record.id}/following", {"level": "off"})
    page = (await maja.get("/granby")).text
    assert "Tystad" not in news(page)
    assert "nämnde dig" not in page


async def test_nothing_that_is_merely_new_of_a_record_set_to_nothing_is_told_and_what_waits_there_does(cast: Cast, session, browser):
    meeting = await make_meeting(session, cast.coordinator, title="Tystad träff")
    await visit_before(session, cast.contact)
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    await ingela.post(f"/granby{meeting.record.path}/summons")
    page = (await maja.get("/granby")).text
    assert "Tystad träff" in news(page)
    waits = page.split('id="waiting"')[1].split("</section>")[0]
    assert "Tystad träff" in waits
    await maja.post(f"/granby/records/{meeting.record_id}/following", {"level": "off"})
    page = (await maja.get("/granby")).text
    assert "Tystad träff" not in news(page)
    assert page.split('id="waiting"')[1].split("</section>")[0] == waits
    assert "Tystad träff" in news((await (await browser(cast.deputy)).get("/granby")).text)


async def test_asked_units_follow_the_consultation_and_the_head_says_who_has_not_spoken(cast: Cast, session, browser):
    consultation = await make_consultation(session, cast.coordinator)
    await triage(session, consultation, by=cast.coordinator, form=TriageForm(triage=Triage.answering))
    await session.commit()
    path = f"/granby{consultation.record.path}"
    maja, tomas, sirkka = [await browser(each) for each in (cast.contact, cast.deputy, cast.reader)]
    page = (await maja.get(path)).text
    assert "yttrat sig" not in page
    assert shown_level(page) == "när jag nämns"
    await ask_units(session, consultation, by=cast.coordinator, unit_ids=[cast.school.id, cast.housing.id])
    await session.commit()
    assert "Har inte yttrat sig: Bildning, Granby Bostäder AB" in (await sirkka.get(path)).text
    assert [shown_level((await each.get(path)).text) for each in (maja, tomas, sirkka)] == ["allt", "allt", "när jag nämns"]
    await write(tomas, consultation.record)
    page = (await sirkka.get(path)).text
    assert "Har yttrat sig: Granby Bostäder AB" in page
    assert "Har inte yttrat sig: Bildning<" in page
    ingela, comment = await browser(cast.coordinator), (await session.scalars(select(Comment))).one()
    await ingela.post(f"/granby/comments/{comment.id}/hiding", {"reason": "off_topic"})
    assert "Har inte yttrat sig: Bildning, Granby Bostäder AB" in (await sirkka.get(path)).text


@pytest.mark.parametrize(("ago", "is_written"), [(timedelta(seconds=20), False), (timedelta(minutes=2), True)])
async def test_reading_is_written_anew_after_a_minute_only(ago: timedelta, is_written: bool, cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja = await browser(cast.contact)
    await maja.get(f"/granby{record.path}")
    moment = clock.now() - ago
    await session.execute(update(Reading).values(read_at=moment))
    await session.commit()
    await maja.get(f"/granby{record.path}")
    known = (await session.scalars(select(Reading).execution_options(populate_existing=True))).one()
    assert (known.read_at != moment) is is_written


async def test_what_is_new_is_told_for_each_thread_and_throughout_a_visit(cast: Cast, session):
    one, two = await make_finding(session, cast.contact), await make_finding(session, cast.contact, title="Två")
    assert (await thread(session, cast.contact, one)).new_since == cast.contact.before_at
    yesterday = clock.now() - timedelta(days=1)
    await session.execute(update(Reading).values(read_at=yesterday))
    assert (await thread(session, cast.contact, one)).new_since == yesterday
    assert (await thread(session, cast.contact, one)).new_since == yesterday
    assert (await thread(session, cast.contact, two)).new_since == cast.contact.before_at


async def test_a_name_that_is_edited_out_waits_no_longer_and_the_others_do(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja, tomas, bengt = [await browser(each) for each in (cast.contact, cast.deputy, cast.head)]
    await write(maja, record, "@Tomas Ekvall och @Bengt Sjöholm?")
    assert "nämnde dig" in (await tomas.get("/granby")).text
    number = await session.scalar(select(col(Comment.id)))
    await maja.post(f"/granby/comments/{number}", {"body": "Bara @Bengt Sjöholm.", "version": "1"})
    assert "nämnde dig" not in (await tomas.get("/granby")).text
    assert "nämnde dig" in (await bengt.get("/granby")).text


async def test_what_has_come_into_the_open_page_has_been_read_when_the_page_says_so(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja, tomas = await browser(cast.contact), await browser(cast.deputy)
    await tomas.get(f"/granby{record.path}")
    await write(maja, record, "@Tomas Ekvall?")
    assert "nämnde dig" in (await tomas.get("/granby")).text
    assert (await tomas.post(f"/granby/records/{record.id}/reading")).status_code == 204
    assert "nämnde dig" not in (await tomas.get("/granby")).text
