"""Documents of a meeting: uploaded without a script, kept with every version, part of what is approved."""

import re

from sqlalchemy import select, text
from sqlmodel import col

from portal.db import Session
from portal.files import actions as files
from portal.files.models import Attachment
from portal.meetings.agenda_models import DocumentVersion, MeetingDocument
from portal.meetings.models import AgendaItem
from portal.records.actions import share
from tests.browser import Browser
from tests.factories import Cast
from tests.files.made import EXE, HTML, PDF, office, picture
from tests.making import make_circulated, make_locked, make_meeting


async def upload(browser: Browser, path: str, name: str = "underlag.pdf", content: bytes = PDF, about: object = ""):
    return await browser.client.post(
        path, data={"about": str(about)}, files={"file": (name, content)}, headers={"x-csrf-token": browser.csrf}
    )


async def test_a_document_has_versions_and_each_can_be_fetched(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    item = (await session.scalars(select(AgendaItem).order_by(col(AgendaItem.position)))).first()
    maja, ingela, page = await browser(cast.contact), await browser(cast.coordinator), f"/granby{meeting.record.path}"
    assert (await upload(maja, f"{page}/documents", about=item.id)).status_code == 303
    document = (await session.scalars(select(MeetingDocument))).one()
    word = office("docx")
    assert (await upload(ingela, f"{page}/documents/{document.id}/versions", "underlag ny.docx", word)).status_code == 303
    shown = (await maja.get(f"{page}/documents")).text
    links = re.findall(r'href="(/granby/files/\d+/[^"]+)" download', shown)
    assert [(await maja.get(link)).content for link in links] == [word, PDF]
    assert "Tidigare versioner" in shown
    assert "underlag ny.docx" in (await maja.get(page)).text
    assert (await session.execute(select(col(DocumentVersion.number)).order_by(col(DocumentVersion.number)))).scalars().all() == [1, 2]


async def test_who_reads_the_meeting_reads_its_documents_and_nobody_else(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    maja, guest, outsider = [await browser(each) for each in (cast.contact, cast.guest, cast.outsider)]
    await upload(maja, f"/granby{meeting.record.path}/documents")
    file = (await session.scalars(select(Attachment))).one()
    address = f"/granby/files/{file.id}/{file.name}"
    assert [(await each.get(address)).status_code for each in (guest, outsider)] == [404, 404]
    await share(session, meeting.record, by=cast.coordinator, guest=cast.guest)
    await session.commit()
    assert (await guest.get(address)).content == PDF
    before = len((await session.scalars(select(MeetingDocument))).all())
    for role in ("reader", "registrar", "admin", "guest", "outsider"):
        answer = await upload(await browser(cast.everyone[role]), f"/granby{meeting.record.path}/documents")
        assert (role, answer.status_code) == (role, 404 if role == "outsider" else 403)
    assert len((await session.scalars(select(MeetingDocument))).all()) == before


async def test_what_cannot_be_kept_is_said_on_the_page(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    maja, page = await browser(cast.contact), f"/granby{meeting.record.path}/documents"
    for name, content, sentence in (
        ("a.exe", EXE, "Filtypen"),
        ("a.html", HTML, "Webbsidor"),
        ("a.png", picture(), "Beskriv bilden"),
        ("a.pdf", b"", "Filen är tom"),
    ):
        refused = await upload(maja, page, name, content)
        assert (name, refused.status_code in (415, 422), sentence in refused.text) == (name, True, True)
    for about in ("999999", "x"):
        refused = await upload(maja, page, about=about)
        assert (about, refused.status_code, "Punkten finns inte längre" in refused.text) == (about, 422, True)
    two = await maja.client.post(page, files=[("file", ("a.pdf", PDF)), ("file", ("b.pdf", PDF))], headers={"x-csrf-token": maja.csrf})
    assert (two.status_code, "en fil i taget" in two.text) == (422, True)
    assert (await maja.client.post(page, files={"file": ("a.pdf", PDF)}, headers={"x-csrf-token": "x"})).status_code == 403
    assert (await session.scalars(select(MeetingDocument))).all() == []


async def test_a_picture_is_kept_with_what_it_shows_in_words(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    maja, page = await browser(cast.contact), f"/granby{meeting.record.path}"

    async def post(alt: str):
        form = {"data": {"alt": alt}, "files": {"file": ("karta.png", picture())}, "headers": {"x-csrf-token": maja.csrf}}
        return await maja.client.post(f"{page}/documents", **form)

    assert [(await post(alt)).status_code for alt in ("   ", "x" * 501, "<b>Kartan</b> över Norrby")] == [422, 422, 303]
    file = (await session.scalars(select(Attachment))).one()
    assert (file.alt, file.posted_at is not None) == ("<b>Kartan</b> över Norrby", True)
    listed, agenda, shown = [(await maja.get(path)).text for path in (f"{page}/documents", page, f"/granby/files/{file.id}")]
    assert "&lt;b&gt;Kartan&lt;/b&gt; över Norrby" in listed
    assert f'href="/granby/files/{file.id}"' in agenda
    assert 'alt="&lt;b&gt;Kartan&lt;/b&gt; över Norrby"' in shown


async def test_a_new_version_takes_an_approval_away_and_locked_notes_keep_their_documents(cast: Cast, session: Session, browser):
    meeting = await make_circulated(session, cast, "Justeras")
    maja, ingela, page = await browser(cast.contact), await browser(cast.coordinator), f"/granby{meeting.record.path}"
    await upload(maja, f"{page}/documents")
    document = (await session.scalars(select(MeetingDocument))).one()
    read = re.search(r'name="mark" value="([0-9a-f]{64})"', (await maja.get(page)).text)[1]
    await upload(maja, f"{page}/documents/{document.id}/versions", "underlag.docx", office("docx"))
    assert (await maja.post(f"{page}/minutes/approval", {"mark": read})).status_code == 409
    await make_locked(session, meeting, (cast.contact, cast.coordinator))
    assert "underlag.docx (version 2)" in (await maja.get(f"{page}/papers/notes")).text
    assert (await upload(ingela, f"{page}/documents")).status_code == 409
    assert (await ingela.post(f"{page}/documents/{document.id}/removal")).status_code == 409


async def test_what_was_said_of_a_file_that_is_refused_still_stands_in_the_form(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    item = (await session.scalars(select(AgendaItem).order_by(col(AgendaItem.position).desc()))).first()
    maja, page = await browser(cast.contact), f"/granby{meeting.record.path}/documents"
    data, file = {"about": str(item.id), "alt": "Karta över <älven>"}, {"file": ("a.exe", EXE)}
    refused = await maja.client.post(page, data=data, files=file, headers={"x-csrf-token": maja.csrf})
    assert refused.status_code == 415
    assert f'<option value="{item.id}" selected>' in refused.text
    assert 'value="Karta över &lt;älven&gt;"' in refused.text
    assert " selected>" not in (await maja.get(page)).text.partition("Lägg till dokument")[2].partition("</form>")[0]


async def test_a_document_is_taken_away_by_whoever_brought_it_or_leads(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    maja, tomas, page = await browser(cast.contact), await browser(cast.deputy), f"/granby{meeting.record.path}"
    await upload(maja, f"{page}/documents")
    document = (await session.scalars(select(MeetingDocument))).one()
    assert (await tomas.post(f"{page}/documents/{document.id}/removal")).status_code == 403
    assert (await maja.post(f"{page}/documents/{document.id}/removal")).status_code == 303
    assert "underlag.pdf" not in (await tomas.get(page)).text


async def test_to_a_document_that_was_taken_away_nothing_is_added(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    maja, ingela, page = await browser(cast.contact), await browser(cast.coordinator), f"/granby{meeting.record.path}"
    await upload(maja, f"{page}/documents")
    document = (await session.scalars(select(MeetingDocument))).one()
    await ingela.post(f"{page}/documents/{document.id}/removal")
    late = await upload(maja, f"{page}/documents/{document.id}/versions", "nyare.pdf")
    assert (late.status_code, "Dokumentet har tagits bort" in late.text) == (409, True)
    assert [each.number for each in await session.scalars(select(DocumentVersion))] == [1]


async def test_an_item_that_is_taken_off_while_its_document_comes_is_told_of(cast: Cast, session: Session, browser, monkeypatch):
    meeting = await make_meeting(session, cast.coordinator)
    maja, ingela, page = await browser(cast.contact), await browser(cast.coordinator), f"/granby{meeting.record.path}"
    item = (await session.scalars(select(AgendaItem).order_by(col(AgendaItem.position)))).all()[1]
    keep = files.keep

    async def later(*given, **named):
        kept = await keep(*given, **named)
        assert (await ingela.post(f"{page}/agenda/{item.id}/removal")).status_code == 303
        return kept

    monkeypatch.setattr(files, "keep", later)  # the bytes have come, and the document is not begun
    late = await upload(maja, f"{page}/documents", about=item.id)
    assert (late.status_code, "Punkten finns inte längre" in late.text) == (409, True)
    assert (await session.scalars(select(MeetingDocument))).all() == []


async def test_who_adds_a_version_cannot_take_the_document_away(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    maja, tomas, page = await browser(cast.contact), await browser(cast.deputy), f"/granby{meeting.record.path}"
    await upload(maja, f"{page}/documents")
    document = (await session.scalars(select(MeetingDocument))).one()
    removal = f"{page}/documents/{document.id}/removal"
    assert (await upload(tomas, f"{page}/documents/{document.id}/versions", "nyare.pdf")).status_code == 303
    assert [removal in (await each.get(f"{page}/documents")).text for each in (tomas, maja)] == [False, True]
    assert [(await each.post(removal)).status_code for each in (tomas, maja)] == [403, 303]


async def test_what_was_taken_away_takes_no_place(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    maja, page = await browser(cast.contact), f"/granby{meeting.record.path}/documents"
    filled = "INSERT INTO meeting_document (meeting_id, removed_at) SELECT :meeting, now() FROM generate_series(1, 60)"
    await session.execute(text(filled), {"meeting": meeting.record_id})
    await session.commit()
    assert (await upload(maja, page)).status_code == 303
    await session.execute(text(filled.replace("now()", "null").replace("60", "59")), {"meeting": meeting.record_id})
    await session.commit()
    full = await upload(maja, page)
    assert (full.status_code, "redan 60 dokument" in full.text) == (409, True)
    assert ("Det går inte nu" in full.text, "Någon hann före" in full.text) == (True, False)
