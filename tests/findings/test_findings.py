"""Findings: five fields, a kept draft, a warning about doubles, a list with filters, and who may do what."""

import re
from html import escape, unescape

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.networks.models import Theme
from portal.records.models import Record
from tests.making import make_finding


def fields(cast, **given):
    return {
        "title": "Nya avloppsdirektivet",
        "source_url": "https://example.eu/a",
        "happens": "Mer rening.",
        "means": "Norrbyn berörs.",
        "themes": [cast.themes[0].id],
        **given,
    }


async def test_a_contact_person_publishes_a_finding_and_everyone_reads_it(cast, browser):
    maja = await browser(cast.contact)
    form = await maja.get("/granby/findings/new")
    assert form.status_code == 200
    published = await maja.post("/granby/findings", fields(cast))
    assert published.status_code == 303
    for member in (cast.contact, cast.coordinator, cast.reader, cast.head, cast.registrar):
        shown = await (await browser(member)).get(published.headers["location"])
        assert shown.status_code == 200
        assert "Norrbyn berörs." in shown.text
    listed = await maja.get("/granby/findings")
    assert "Nya avloppsdirektivet" in listed.text


async def test_what_somebody_is_still_writing_is_hers_alone(cast, session, browser):
    maja, ingela, yvonne = [await browser(member) for member in (cast.contact, cast.coordinator, cast.registrar)]
    assert (await maja.post("/granby/findings/draft", fields(cast, title="Ofärdig tanke"))).status_code == 204
    (record,) = await session.scalars(select(Record))
    assert "Ofärdig tanke" in (await maja.get("/granby/findings/new")).text
    for path in (record.path, f"{record.path}/edit"):
        assert (await maja.get(f"/granby{path}")).headers["location"] == "/granby/findings/new"
    for other in (ingela, yvonne):
        for path in (record.path, f"{record.path}/edit", f"/records/{record.id}/history", f"/records/{record.id}/shares"):
            assert (await other.get(f"/granby{path}")).status_code == 404
        assert (await other.post(f"/granby{record.path}", fields(cast, title="Andras ord"))).status_code == 404
        for page in ("/granby", "/granby/findings", "/granby/search?q=Ofärdig", "/granby/findings/new"):
            assert "Ofärdig tanke" not in (await other.get(page)).text.replace('value="Ofärdig"', "")
    await session.refresh(record)
    assert (record.title, record.version) == ("Ofärdig tanke", 2)


async def test_an_own_draft_is_published_and_not_edited(cast, session, browser):
    maja = await browser(cast.contact)
    await maja.post("/granby/findings/draft", fields(cast))
    (record,) = await session.scalars(select(Record))
    assert (await maja.post(f"/granby{record.path}", fields(cast, title="Förbi formuläret"))).status_code == 403
    assert (await maja.post("/granby/findings", fields(cast))).headers["location"] == f"/granby{record.path}"
    assert (await maja.post(f"/granby{record.path}", fields(cast, title="Nu rättad"))).status_code == 303
    await session.refresh(record)
    assert record.title == "Nu rättad"


async def test_only_a_new_finding_is_said_to_be_saved_as_it_is_written(cast, session, browser):
    maja = await browser(cast.contact)
    assert "sparas medan du skriver" in (await maja.get("/granby/findings/new")).text
    record = await make_finding(session, cast.contact)
    edited = (await maja.get(f"/granby{record.path}/edit")).text
    assert "Ändra spaning" in edited
    assert "sparas medan du skriver" not in edited


async def test_a_theme_of_another_network_is_a_mistake_beside_the_field(cast, session, browser):
    foreign = Theme(network_id=cast.outsider.network_id, name="Vitbys tema", position=1)
    session.add(foreign)
    await session.commit()
    maja = await browser(cast.contact)
    refused = await maja.post("/granby/findings", fields(cast, themes=[cast.themes[0].id, foreign.id]))
    assert refused.status_code == 422
    assert refused.text.count("Välj bland nätverkets teman.") == 2  # in the summary and by the field
    assert "Norrbyn berörs." in refused.text
    assert (await session.scalars(select(Record))).all() == []
    path = (await maja.post("/granby/findings", fields(cast))).headers["location"]
    assert (await maja.post(path, fields(cast, title="Ändrad", themes=[foreign.id]))).status_code == 422
    record = await session.scalar(select(Record).options(selectinload(Record.themes)))
    assert (record.title, [theme.id for theme in record.themes]) == ("Nya avloppsdirektivet", [cast.themes[0].id])


async def test_the_next_step_is_to_assess_it_or_to_propose_it_for_an_agenda(cast, session, browser):
    finding = await make_finding(session, cast.contact)
    page = f"/granby/findings/{finding.id}"
    shown = {
        role: (await (await browser(cast.everyone[role])).get(page)).text.partition('class="col facts"')[2]
        for role in ("contact", "coordinator", "reader")
    }
    first = {
        role: re.search(r'class="btn primary".*?</(?:a|button)>', text.partition('class="col talk"')[0], re.DOTALL)
        for role, text in shown.items()
    }
    assert {role: bool(found) for role, found in first.items()} == {"contact": True, "coordinator": True, "reader": False}
    assert "Ta vidare" in first["coordinator"][0]
    assert "Föreslå till dagordningen" in first["contact"][0]
    way = unescape(re.search(r'href="([^"]+)"', first["contact"][0])[1])
    assert f'value="{escape(finding.title)}"' in (await (await browser(cast.contact)).get(way)).text
