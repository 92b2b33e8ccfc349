"""What is sent twice is done once: a double click without a script, or an answer that was lost on its way."""

import asyncio
import re
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlmodel import col

from portal.activity.models import Activity
from portal.calendar.models import Feed
from portal.db import Session
from portal.findings.models import Finding
from portal.networks.models import Membership
from portal.web.once import KEPT, FormKey, sweep
from tests.authz.rows import CALL, FINDING, MEETING, WINDOW, filled
from tests.browser import Browser
from tests.corpus.answers import decent
from tests.corpus.forms import TYPED
from tests.factories import Cast
from tests.making import make_consultation, make_meeting

DATES = {"starts_on": "2031-03-04", "ends_on": "2031-04-04"}
# Where the form stands, where it is sent, what it holds, and the table that gets one row.
MAKING = [
    ("/findings/new", "/findings", FINDING, "finding"),
    ("/meetings/new", "/meetings", MEETING, "meeting"),
    ("/meetings/{meeting}", "/meetings/{meeting}/agenda", {"title": "Övrigt"}, "agenda_item"),
    ("/calls/new", "/calls", CALL, "watched_call"),
    ("/consultations/new", "/consultations", {"title_sv": "Remiss", **WINDOW}, "consultation"),
    ("/consultations/{consultation}/windows/new", "/consultations/{consultation}/windows", WINDOW, "feedback_window"),
    ("/administer/units", "/administer/units", {"name": "Hamnen"}, "unit"),
    ("/administer/themes", "/administer/themes", {"name": "Hav"}, "theme"),
    ("/administer/boards", "/administer/boards", {"name": "Byggnadsnämnden"}, "board"),
    ("/administer/invitations/new", "/administer/invitations", {"name": "Nils", "email": "n@example.se", "role": "reader"}, "invitation"),
    ("/members/deputies/new", "/members/deputies", {"unit_id": "{school}", "name": "Ulla", "email": "u@example.se", **DATES}, "invitation"),
]


@pytest.fixture
async def numbers(cast: Cast, session: Session) -> dict[str, int]:
    meeting, consultation = await make_meeting(session, cast.coordinator), await make_consultation(session, cast.coordinator)
    return {"meeting": meeting.record_id, "consultation": consultation.record_id, "theme": cast.themes[0].id, "school": cast.school.id}


def key_in(page: str, action: str) -> str:
    """The key that the page's form for `action` carries."""
    found = re.search(rf'action="{action}"(?:(?!</form>).)*?name="once" value="([0-9a-f-]{{36}})"', page, re.DOTALL)
    assert found, page
    return found[1]


async def rows(session: Session, table: str) -> int:
    return await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0


@pytest.mark.parametrize(("page", "path", "data", "table"), MAKING, ids=[f"{page} {table}" for page, _path, _data, table in MAKING])
async def test_f08_a_form_that_is_sent_again_makes_one(page, path, data, table, cast: Cast, session: Session, numbers, browser):
    ingela, before = await browser(cast.coordinator), await rows(session, table)
    action = f"/granby{path.format(**numbers)}"
    shown = await ingela.get(f"/granby{page.format(**numbers)}")
    form = filled(data, numbers) | {"once": key_in(shown.text, action)}
    answers = [*await asyncio.gather(*(ingela.post(action, form) for _each in range(3))), await ingela.post(action, form)]
    assert {(answer.status_code, answer.headers.get("location")) for answer in answers} == {(303, answers[0].headers["location"])}
    assert await rows(session, table) == before + 1
    told = (await ingela.get(answers[-1].headers["location"])).text
    assert 'class="flash' in told or 'role="status"' in told
    assert "?" not in answers[0].headers["location"]
    assert await rows(session, "form_key") == 1
    again = key_in((await ingela.get(f"/granby{page.format(**numbers)}")).text, action)
    assert again != form["once"]


async def published(session: Session) -> int:
    return await session.scalar(select(func.count()).where(col(Finding.published_at).is_not(None))) or 0


@pytest.mark.parametrize("begun", [False, True], ids=["at once", "after a draft"])
async def test_a_finding_that_is_published_twice_at_once_is_one(begun: bool, cast: Cast, session: Session, numbers, browser):
    maja, form = await browser(cast.contact), filled(FINDING, numbers)
    if begun:
        await maja.post("/granby/findings/draft", {"title": "Titel"})
    for key in (str(uuid4()), None):
        before, sent = await published(session), form | ({"once": key} if key else {})
        answers = await asyncio.gather(*(maja.post("/granby/findings", sent) for _each in range(3)))
        assert [answer.status_code for answer in answers] == [303] * 3
        made = 1 if key else 3  # without a key nothing says that these are one
        assert len({answer.headers["location"] for answer in answers}) == made
        assert await published(session) == before + made
    assert await rows(session, "finding") == await published(session)


async def test_f09_a_key_is_of_one_person_and_one_text(cast: Cast, session: Session, numbers, browser):
    maja, tomas = await browser(cast.contact), await browser(cast.deputy)
    form = filled(FINDING, numbers) | {"once": str(uuid4())}
    first = await maja.post("/granby/findings", form)
    assert (await tomas.post("/granby/findings", form)).headers["location"] != first.headers["location"]
    other = await maja.post("/granby/findings", form | {"happens": TYPED})
    assert (other.status_code, decent(other), TYPED in other.text) == (409, True, True)
    assert f'href="{first.headers["location"]}"' in other.text
    assert form["once"] not in other.text  # sent from here it is another one
    assert await published(session) == 2


async def test_a_refused_form_may_be_sent_again_with_its_key(cast: Cast, session: Session, numbers, browser):
    ingela, form = await browser(cast.coordinator), {"name": cast.school.name, "once": str(uuid4())}
    assert (await ingela.post("/granby/administer/units", form)).status_code == 422  # the name is taken, which only the database knows
    assert await rows(session, "form_key") == 0
    assert (await ingela.post("/granby/administer/units", form | {"name": "Hamnen"})).status_code == 303


@pytest.mark.parametrize("key", ["", "x", "\x00", "0" * 5000, "{}"])
async def test_a_key_that_is_none_is_refused(key: str, cast: Cast, session: Session, numbers, browser):
    answer = await (await browser(cast.contact)).post("/granby/findings", filled(FINDING, numbers) | {"once": key, "happens": TYPED})
    assert (answer.status_code, decent(answer), TYPED in answer.text) == (422, True, True)
    assert await published(session) == 0


async def one_link(browser: Browser, session: Session, member: Membership, path: str, form: dict[str, str]) -> set[str]:
    """The addresses that the answers show, when the form is sent three times at once and once more."""
    answers = [*await asyncio.gather(*(browser.post(path, form) for _each in range(3))), await browser.post(path, form)]
    assert [answer.status_code for answer in answers] == [200] * 4
    return {found for answer in answers for found in re.findall(r'id="feed-address" readonly value="([^"]+)"', answer.text)}


async def test_a_calendar_link_that_is_asked_for_twice_is_one(cast: Cast, session: Session, browser, visitor: Browser):
    maja = await browser(cast.contact)
    key = key_in((await maja.get("/granby/calendar")).text, "/granby/calendar/feeds")
    (made,) = await one_link(maja, session, cast.contact, "/granby/calendar/feeds", {"name": "Telefonen", "once": key})
    (feed,) = (await session.scalars(select(Feed))).all()
    (renewed,) = await one_link(maja, session, cast.contact, f"/granby/calendar/feeds/{feed.id}/renewal", {"once": str(uuid4())})
    assert renewed != made
    living = await session.scalars(select(Feed).where(col(Feed.revoked_at).is_(None)))
    assert len(living.all()) == 1
    statuses = [(await visitor.get(address.removeprefix("http://127.0.0.1:8000"))).status_code for address in (made, renewed)]
    assert statuses == [404, 200]
    assert await session.scalar(select(func.count()).where(col(Activity.verb) == "feed.made")) == 2


async def test_keys_are_forgotten_after_a_week(cast: Cast, session: Session, numbers, browser):
    maja = await browser(cast.contact)
    await maja.post("/granby/findings", filled(FINDING, numbers) | {"once": str(uuid4())})
    await sweep(session)
    (kept,) = (await session.scalars(select(FormKey))).all()
    kept.at -= KEPT
    await session.flush()
    await sweep(session)
    assert await rows(session, "form_key") == 0
