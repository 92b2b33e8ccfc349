"""Findings: five fields, a kept draft, a warning about doubles, a list with filters, and who may do what."""



def fields(cast, **given):
    return {"title": "Nya avloppsdirektivet", "source_url": "https://example.eu/a", "happens": "Mer rening.", "means": "Norrbyn berörs.", "themes": [cast.themes[0].id], **given}


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
