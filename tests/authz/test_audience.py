"""What is written for one's own unit, and drafts that are one's own alone."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal.db import Session
from portal.records.models import Audience, Record
from tests.authz.test_sharing import exact
from tests.factories import Cast
from tests.making import make_finding

SECRET = "Näktergalsutredningen"
LISTS = ("", "/findings", "/search?q=Näktergal", f"/search?q={SECRET}", "/findings/new", "/members")
OTHERS = ("contact", "deputy", "head", "reader", "registrar", "guest", "admin")


@pytest.mark.parametrize("role", [*OTHERS, "coordinator"])
async def test_a_unit_reads_its_own_and_the_coordinator_all(role: str, cast: Cast, session: Session, browser):
    record = await make_finding(session, cast.contact, title=SECRET, happens=SECRET)
    record.audience = Audience.unit
    await session.commit()
    someone, may = await browser(cast.everyone[role]), role in ("contact", "coordinator")
    assert (await someone.get(f"/granby/findings/{record.id}")).status_code == (200 if may else 404)
    for path in ("/granby/findings", "/granby/search?q=Näktergal"):
        assert (SECRET in (await someone.get(path)).text) is may, path
    assert SECRET not in (await someone.get("/granby")).text or may


async def test_anothers_draft_stands_in_no_list_count_search_or_news(cast: Cast, session: Session, browser):
    people = {role: await browser(cast.everyone[role]) for role in (*OTHERS, "coordinator", "outsider") if role != "contact"}
    where = {role: "vitby" if role == "outsider" else "granby" for role in people}
    for role, someone in people.items():
        await someone.get(f"/{where[role]}")
    before = {role: [exact((await each.get(f"/{where[role]}{path}")).text) for path in LISTS] for role, each in people.items()}
    maja = await browser(cast.contact)
    draft = {"title": SECRET, "happens": SECRET, "source_url": "https://exempel.se/naktergal"}
    assert (await maja.post("/granby/findings/draft", draft)).status_code == 204
    assert SECRET in (await maja.get("/granby/findings/new")).text
    after = {role: [exact((await each.get(f"/{where[role]}{path}")).text) for path in LISTS] for role, each in people.items()}
    assert after == before
    number = (await session.scalars(select(col(Record.id)).where(col(Record.title) == SECRET))).one()
    seen = {
        role: (await each.get(f"/{where[role]}/findings/{number}")).status_code for role, each in people.items() if role != "coordinator"
    }
    assert seen == dict.fromkeys(seen, 404)
    for role, each in people.items():
        twins = await each.get(f"/{where[role]}/findings/new", params={"source_url": draft["source_url"]})
        assert SECRET not in twins.text, role


async def test_anothers_draft_cannot_be_shared_with_a_guest(cast: Cast, session: Session, browser):
    maja, ingela, pelle = [await browser(each) for each in (cast.contact, cast.coordinator, cast.guest)]
    await maja.post("/granby/findings/draft", {"title": SECRET})
    number = (await session.scalars(select(col(Record.id)))).one()
    await ingela.post(f"/granby/records/{number}/shares", {"guest": str(cast.guest.id)})
    assert (await pelle.get(f"/granby/findings/{number}")).status_code == 404
    assert SECRET not in (await pelle.get("/granby/search?q=Näktergal")).text
