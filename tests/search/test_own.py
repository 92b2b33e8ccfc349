"""What one seeks is found: a record by what it is, one's own drafts by oneself alone, and what waits to come onto an agenda."""

from sqlalchemy import select

from portal.db import Session
from portal.drafting.queries import text_of
from portal.meetings.agenda_models import Proposal
from portal.records.actions import CALLED
from portal.search.routes import KINDS
from tests.factories import Cast
from tests.making import make_comment, make_consultation, make_finding, make_meeting
from tests.search.test_passages import count

WORD = "Näktergalsutredningen"
TYPED = "näktergalsutredning"


def test_every_kind_that_search_offers_has_words_to_be_found_by():
    assert KINDS.keys() == CALLED.keys()


async def test_a_record_is_found_by_what_it_is_after_those_that_say_so_in_their_title(cast: Cast, session: Session, browser):
    maja = await browser(cast.contact)
    for title in ("Bostäder", "Samråd om avlopp", "Energi"):
        await make_consultation(session, cast.coordinator, title)
    finding = await make_finding(session, cast.contact, "Avfall")
    await make_meeting(session, cast.coordinator, "Hösten")
    typed = ("samråd", "samråden", "consultations", "spaning", "findings", "träffar", "möte", "meeting", "samråd energi", "avlopp spaning")
    assert (
        {each: await count(maja, each) for each in typed}
        == {
            "samråd": 3,
            "samråden": 3,
            "consultations": 3,
            "spaning": 2,
            "findings": 1,
            "träffar": 2,
            "möte": 1,
            "meeting": 1,
            "samråd energi": 1,
            "avlopp spaning": 0,
        }
    )  # fmt: skip; a meeting is found by what it is, and so is the section of its notes that says "Föregående träff", or "Spaningar att bedöma"
    first = (await maja.get("/granby/search?q=samråd")).text.split('<ol class="hits">')[1]
    assert first.index("<mark>Samråd</mark> om avlopp") < first.index("Bostäder")
    assert f'href="/granby{finding.path}"' in (await maja.get("/granby/search?q=spaning")).text


async def test_a_draft_of_a_finding_is_found_by_its_writer_as_it_stands_and_by_nobody_else(cast: Cast, session: Session, browser):
    people = {role: await browser(getattr(cast, role)) for role in ("contact", "coordinator", "head", "reader", "guest", "admin")}
    maja = people["contact"]
    await maja.post("/granby/findings/draft", {"title": "", "happens": WORD})
    assert {role: await count(each, TYPED) for role, each in people.items()} == dict.fromkeys(people, 0) | {"contact": 1}
    shown = (await maja.get(f"/granby/search?q={TYPED}")).text
    assert ("Spaning utan rubrik" in shown, "ditt utkast" in shown) == (True, True)
    await maja.post("/granby/findings/draft", {"title": "Något annat", "happens": "Avfallsplanen"})
    assert (await count(maja, TYPED), await count(maja, "avfallsplan")) == (0, 1)
    await maja.post("/granby/findings/draft/discarding")
    assert await count(maja, "avfallsplan") == 0


async def test_what_one_has_begun_to_write_in_threads_and_texts_leads_back_to_it(cast: Cast, session: Session, browser):
    people = {role: await browser(getattr(cast, role)) for role in ("contact", "coordinator", "reader", "guest")}
    maja, record = people["contact"], await make_finding(session, cast.contact, "Avfall")
    asked = await make_comment(session, record, cast.coordinator, "Vad tror ni?")
    meeting = await make_meeting(session, cast.coordinator)
    notes = await text_of(session, cast.coordinator, meeting.record, "notes")
    assert notes is not None
    section = notes.sections[0].id
    await session.commit()
    for parent in ("", str(asked.id)):
        await maja.post(f"/granby/records/{record.id}/draft", {"body": f"Läs **{WORD}**.", "parent_id": parent})
    kept = await people["coordinator"].post(f"/granby/sections/{section}/draft", {"body": f"Om {WORD}.", "version": "1"})
    assert kept.status_code < 300
    assert {role: await count(each, TYPED) for role, each in people.items()} == {"contact": 2, "coordinator": 1, "reader": 0, "guest": 0}
    shown = (await maja.get(f"/granby/search?q={TYPED}&kind=finding")).text
    assert [f'href="/granby{record.path}?{tail}#write"' in shown for tail in ("end=1", f"reply={asked.id}")] == [True, True]
    assert f"Läs <mark>{WORD}</mark>" in shown
    assert f'href="/granby/sections/{section}/edit"' in (await people["coordinator"].get(f"/granby/search?q={TYPED}")).text
    assert "0 resultat" in (await maja.get(f"/granby/search?q={TYPED}&kind=meeting")).text


async def test_what_waits_to_come_onto_an_agenda_is_found_by_members_until_it_is_answered(cast: Cast, session: Session, browser):
    people = {role: await browser(getattr(cast, role)) for role in ("contact", "reader", "guest")}
    maja = people["contact"]
    outsider = await browser(cast.outsider)
    await maja.post("/granby/meetings/proposals", {"title": "Taxonomin", "why": f"{WORD} är klar."})
    assert {role: await count(each, TYPED) for role, each in people.items()} == {"contact": 1, "reader": 1, "guest": 0}
    assert await count(outsider, TYPED, "vitby") == 0
    shown = (await maja.get(f"/granby/search?q={TYPED}&kind=meeting")).text
    assert ('href="/granby/meetings/proposals">Taxonomin' in shown, f"<mark>{WORD}</mark> är klar." in shown) == (True, True)
    assert "0 resultat" in (await maja.get(f"/granby/search?q={TYPED}&kind=finding")).text
    [proposal] = await session.scalars(select(Proposal))
    assert (await maja.post(f"/granby/meetings/proposals/{proposal.id}/withdrawal")).status_code == 303
    assert await count(maja, TYPED) == 0
