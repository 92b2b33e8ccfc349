"""A form that was opened before somebody else saved: both texts are shown, and nothing is overwritten unseen."""

import asyncio
import re
from datetime import date

import pytest
from markupsafe import escape
from sqlalchemy import func, select
from sqlmodel import col

from portal.db import Session
from portal.drafting.models import CoAuthor
from portal.meetings.models import AgendaItem, Attendance
from portal.networks.board_models import BoardForm
from portal.networks.boards import add_board
from tests.authz.rows import CALL, FINDING, MEETING, filled
from tests.browser import Browser
from tests.corpus.answers import decent
from tests.corpus.forms import TYPED
from tests.factories import Cast
from tests.making import make_call, make_consultation, make_finding, make_meeting, make_planned
from tests.written import written

SETTINGS = {"name": "Granby nätverk", "municipality": "Granby kommun", "meetings_least": "4", "meetings_most": "6"}
# Where the form stands, where it is sent, what it holds, and which of its texts two people change.
CHANGING = [
    ("/findings/{finding}/edit", "/findings/{finding}", FINDING, "means"),
    ("/findings/{finding}/edit", "/findings/{finding}", FINDING, "title"),
    ("/meetings/{meeting}/edit", "/meetings/{meeting}", MEETING, "purpose"),
    ("/meetings/{meeting}/agenda/{item}", "/meetings/{meeting}/agenda/{item}", {"title": "Övrigt"}, "presenter"),
    ("/meetings/plan?year=2031", "/meetings/plan", {"year": "2031", "title": "Träff"}, "place"),
    ("/meetings/plan/days/{planned}", "/meetings/plan/days/{planned}", {"title": "Träff", "starts": "09:00", "ends": "10:00"}, "place"),
    ("/findings/{finding}", "/findings/{finding}/fate", {"fate": "watched"}, "reason"),
    ("/consultations/{consultation}", "/consultations/{consultation}/triage", {"triage": "watching"}, "reason"),
    ("/consultations/{consultation}/edit", "/consultations/{consultation}", {"title_sv": "Remiss"}, "summary_sv"),
    ("/calls/{call}/edit", "/calls/{call}", CALL, "gives"),
    ("/administer/settings", "/administer/settings", SETTINGS, "purpose"),
    ("/administer/units/{school}", "/administer/units/{school}", {"kind": "department"}, "name"),
    ("/administer/themes/{theme}", "/administer/themes/{theme}", {}, "name"),
    ("/administer/boards/{board}", "/administer/boards/{board}", {}, "name"),
    ("/administer/members/{contact}", "/administer/members/{contact}", {"role": "contact", "unit_id": "{school}"}, "title"),
]
NAMES = [f"{path} {name}" for _page, path, _data, name in CHANGING]


@pytest.fixture
async def numbers(cast: Cast, session: Session) -> dict[str, int]:
    finding, meeting = await make_finding(session, cast.contact), await make_meeting(session, cast.coordinator)
    consultation = await make_consultation(session, cast.coordinator)
    item = await session.scalar(select(func.min(AgendaItem.id)).where(col(AgendaItem.meeting_id) == meeting.record_id))
    given = {"finding": finding.id, "meeting": meeting.record_id, "consultation": consultation.record_id, "contact": cast.contact.id}
    board = await add_board(session, by=cast.coordinator, form=BoardForm(name="Barnnämnden"))
    await session.commit()
    given |= {"board": board.id}
    planned = await make_planned(session, cast.coordinator, date(2031, 4, 2))
    await session.commit()
    given |= {"planned": planned.id}
    given |= {"call": (await make_call(session, cast.contact)).record_id}
    return given | {"theme": cast.themes[0].id, "school": cast.school.id, "item": item or 0}


def version_in(page: str, action: str) -> str:
    """The version that the page's form for `action` carries."""
    found = re.search(rf'action="{action}"(?:(?!</form>).)*?name="version" value="([0-9a-f]+)"', page, re.DOTALL)
    assert found, page
    return found[1]


async def opened(browser: Browser, page: str, action: str) -> dict[str, str]:
    return {"version": version_in((await browser.get(page)).text, action)}


@pytest.mark.parametrize(("page", "path", "data", "name"), CHANGING, ids=NAMES)
async def test_f18_who_saves_second_sees_both_texts(page, path, data, name, cast: Cast, session: Session, numbers, browser):
    ingela, page, action = await browser(cast.coordinator), f"/granby{page.format(**numbers)}", f"/granby{path.format(**numbers)}"
    version = await opened(ingela, page, action)
    form = filled(data, numbers) | version
    assert (await ingela.post(action, form | {name: "Först av allt."})).status_code == 303
    before = await written(session)
    late = await ingela.post(action, form | {name: TYPED})
    assert (late.status_code, decent(late)) == (409, True)
    assert "Någon annan har ändrat detta" in late.text
    assert re.search(r"<blockquote>\s*Först av allt\.\s*</blockquote>", late.text)
    assert str(escape(TYPED)) in late.text
    assert await written(session) == before
    again = form | {name: TYPED}
    if 'name="version"' in late.text:  # the form itself is shown again, and now it knows what is stored
        again |= {"version": version_in(late.text, action)}
        assert again["version"] != version["version"]
    else:
        again.pop("version")
    assert (await ingela.post(action, again)).status_code == 303
    assert str(escape(TYPED)) in (await ingela.get(page)).text or name == "reason"


@pytest.mark.parametrize(("page", "path", "data", "name"), CHANGING[:4:3], ids=NAMES[:4:3])
async def test_of_two_who_save_at_once_one_is_told(page, path, data, name, cast: Cast, session: Session, numbers, browser):
    ingela, page, action = await browser(cast.coordinator), f"/granby{page.format(**numbers)}", f"/granby{path.format(**numbers)}"
    form = filled(data, numbers) | await opened(ingela, page, action)
    answers = await asyncio.gather(*(ingela.post(action, form | {name: text}) for text in ("Den ena.", "Den andra.")))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    late = next(answer for answer in answers if answer.status_code == 409)
    assert ("Den ena." in late.text, "Den andra." in late.text) == (True, True)


async def test_what_is_the_same_is_not_said(cast: Cast, session: Session, numbers, browser):
    """Only where the two differ stands what is stored, by the words of the choice and not by its number."""
    ingela, action = await browser(cast.coordinator), f"/granby/findings/{numbers['finding']}"
    form = filled(FINDING, numbers) | await opened(ingela, f"{action}/edit", action)
    await ingela.post(action, form | {"themes": str(cast.themes[1].id)})
    late = await ingela.post(action, form)
    assert re.findall(r"<blockquote>(.*?)</blockquote>", late.text) == ["Teknik"]


async def test_what_others_decide_about_it_is_no_change_of_its_words(cast: Cast, session: Session, numbers, browser):
    maja, ingela, action = await browser(cast.contact), await browser(cast.coordinator), f"/granby/findings/{numbers['finding']}"
    form = filled(FINDING, numbers) | await opened(maja, f"{action}/edit", action)
    assert (await ingela.post(f"{action}/fate", {"fate": "watched"})).status_code == 303
    assert (await maja.post(action, form)).status_code == 303


async def test_a_version_that_is_none_is_refused(cast: Cast, session: Session, numbers, browser):
    maja, action = await browser(cast.contact), f"/granby/findings/{numbers['finding']}"
    before = await written(session)
    for version in ("x", "\x00", "0" * 5000, "<script>", "1"):
        answer = await maja.post(action, filled(FINDING, numbers) | {"version": version, "happens": TYPED})
        assert (answer.status_code, decent(answer), TYPED in answer.text) == (409, True, True)
    assert await written(session) == before


def as_it_stands(page: str, action: str, box: str) -> dict[str, list[str]]:
    """What a browser sends of the page's form for `action`, untouched: its boxes and the hidden fields beside them."""
    form = re.search(rf'action="{action}".*?</form>', page, re.DOTALL)
    assert form, page
    ticked = re.findall(rf'name="{box}" value="(\d+)" checked', form[0])
    return {box: ticked, "shown": re.findall(r'name="shown" value="(\d+)"', form[0])}


async def test_two_who_tick_boxes_change_only_what_each_has_ticked(cast: Cast, session: Session, browser):
    """Who is there: two windows on one held meeting, and a tap in the room meanwhile."""
    meeting = await make_meeting(session, cast.coordinator)
    page, ingela = f"/granby{meeting.record.path}", await browser(cast.coordinator)
    await ingela.post(f"{page}/holding")
    await ingela.post(f"{page}/attendance", {"present": [cast.contact.id, cast.reader.id]})
    one = as_it_stands((await ingela.get(page)).text, f"{page}/attendance", "present")
    assert sorted(one["present"]) == sorted(one["shown"]) == sorted(map(str, (cast.contact.id, cast.reader.id)))
    await ingela.post(f"{page}/room/presence", {"membership_id": str(cast.deputy.id), "present": "true"})
    await ingela.post(f"{page}/attendance", one | {"present": [*one["present"], cast.head.id]})
    await ingela.post(f"{page}/attendance", one | {"present": [cast.contact.id, cast.registrar.id]})
    there = select(col(Attendance.membership_id)).where(col(Attendance.present))
    assert set(await session.scalars(there)) == {cast.contact.id, cast.deputy.id, cast.head.id, cast.registrar.id}
    absent = select(col(Attendance.membership_id)).where(~col(Attendance.present))
    assert set(await session.scalars(absent)) == {cast.coordinator.id, cast.reader.id, cast.admin.id}


async def test_two_who_choose_units_change_only_what_each_has_chosen(cast: Cast, session: Session, browser):
    consultation = await make_consultation(session, cast.coordinator)
    page, ingela = f"/granby{consultation.record.path}", await browser(cast.coordinator)
    await ingela.post(f"{page}/triage", {"triage": "answering"})
    await ingela.post(f"{page}/units", {"unit": [cast.school.id]})
    one = as_it_stands((await ingela.get(f"{page}/units")).text, f"{page}/units", "unit")
    assert one == {"unit": [str(cast.school.id)], "shown": [str(cast.school.id)]}
    await ingela.post(f"{page}/units", one | {"unit": [cast.school.id, cast.housing.id]})
    await ingela.post(f"{page}/units", one | {"unit": []})
    assert (await session.scalars(select(col(CoAuthor.unit_id)))).all() == [cast.housing.id]
