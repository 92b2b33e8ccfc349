"""Agenda and notes on paper: tagged PDF, Word and HTML; what people wrote stays words; a year's notes in one file."""

import io
import re
from datetime import timedelta
from typing import Any

import docx
import pikepdf
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.db import Session
from portal.drafting.models import Section
from portal.meetings.actions import cancel
from portal.meetings.agenda import add, decide
from portal.meetings.models import AgendaForm, CancelForm, Meeting
from portal.meetings.queries import agenda
from portal.meetings.record_models import DecisionForm
from portal.papers import make
from portal.records.actions import share
from tests.factories import Cast
from tests.making import make_action, make_circulated, make_locked, make_meeting

HOSTILE = '#read("/etc/passwd") *b* $x$ <script>alert(1)</script> \\u{41} // [x] 😀 漢字 مرحبا'
BODY = f"Vi sa **ja**.\n\n1. Först\n2. Sedan\n\n- {HOSTILE}\n\n> Citat\n\n[länk](/granby/meetings/1)"


async def noted(session: Session, browser, cast: Cast, title: str = f"Träff {HOSTILE}") -> Meeting:
    """Notes on correction with everything in them that a paper shows."""
    meeting = await make_circulated(session, cast, title)
    section = (await session.scalars(select(Section).order_by(col(Section.id)))).first()
    ingela = await browser(cast.coordinator)
    assert (
        await ingela.post(f"/granby/sections/{section.id}", {"heading": section.heading, "body": BODY, "version": 1})
    ).status_code == 303
    item = (await agenda(session, meeting))[0]
    await decide(session, meeting, item, by=cast.coordinator, form=DecisionForm(decision=f"Bifalles.\n{HOSTILE}"))
    await make_action(
        session, meeting, by=cast.coordinator, owner=cast.contact, what=f"Ringa {HOSTILE}", due_on=clock.today() + timedelta(days=5)
    )
    return meeting


def tags(node: Any) -> list[str]:
    """The kinds of the tag tree, in reading order."""
    if isinstance(node, pikepdf.Array):
        return [each for child in node for each in tags(child)]
    if not isinstance(node, pikepdf.Dictionary):
        return []
    own = [str(node.S)] if "/S" in node else []
    return own + (tags(node.K) if "/K" in node else [])


async def test_the_pdf_is_tagged_and_has_its_language_and_title(cast: Cast, session: Session, browser):
    meeting = await noted(session, browser, cast)
    await make_locked(session, meeting, (cast.contact, cast.coordinator))
    maja = await browser(cast.contact)
    answer = await maja.get(f"/granby{meeting.record.path}/papers/notes?as=pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"].startswith("attachment;")
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert str(pdf.Root.Lang) == "sv"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as about:
            assert about["pdfuaid:part"] == "1"
            assert about["dc:title"].startswith('Träff #read("/etc/passwd")')
        found = tags(pdf.Root.StructTreeRoot)
    assert found[:3] == ["/Document", "/H1", "/P"]
    assert {"/H2", "/Table", "/TH", "/TD", "/L", "/LI", "/BlockQuote", "/Link", "/Strong"} <= set(found)
    assert found.count("/H1") == 1
    assert found.count("/H2") == 5  # who was there, two items, other actions, who approved


async def test_word_has_headings_lists_and_a_table_and_begins_each_list_anew(cast: Cast, session: Session, browser):
    meeting = await noted(session, browser, cast)
    answer = await (await browser(cast.contact)).get(f"/granby{meeting.record.path}/papers/notes?as=docx")
    document = docx.Document(io.BytesIO(answer.content))
    written = [(each.style.name, each.text) for each in document.paragraphs]
    assert ("Heading 1", meeting.record.title) in written
    assert ("Heading 2", "1. Föregående träff") in written
    assert ("List Number", "Först") in written
    assert any(style == "List Bullet" and said.startswith('#read("/etc/passwd") b $x$ <script>') for style, said in written)
    assert ("Quote", "Citat") in written
    assert ("Normal", "Handling: Arbetsmaterial") in written
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == [
        ["Namn", "Enhet", "Roll"],
        ["Maja Lindqvist", "Bildning", "Kontaktperson"],
        ["Ingela Rask", "", "EU-samordnare"],
    ]
    assert document.core_properties.language == "sv"
    links = [each.target_ref for each in document.part.rels.values() if each.is_external]
    assert links == ["http://127.0.0.1:8000/granby/meetings/1"]


async def test_html_stands_on_its_own_and_runs_nothing(cast: Cast, session: Session, browser):
    meeting = await noted(session, browser, cast)
    maja = await browser(cast.contact)
    answer = await maja.get(f"/granby{meeting.record.path}/papers/notes?as=html")
    assert '<html lang="sv">' in answer.text
    assert "<script" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "<strong>ja</strong>" in answer.text
    shown = (await maja.get(f"/granby{meeting.record.path}/papers")).text
    assert "&lt;script&gt;alert(1)" in shown
    assert "Bifalles.<br>" in shown


async def test_the_agenda_alone_has_times_goals_and_what_is_open_but_no_notes(cast: Cast, session: Session, browser):
    earlier = await make_meeting(session, cast.coordinator, "Förra", day=clock.today() - timedelta(days=30))
    await make_action(session, earlier, by=cast.coordinator, owner=cast.contact, what="Ringa regionen")
    meeting = await make_meeting(session, cast.coordinator, "Nästa")
    await decide(session, meeting, (await agenda(session, meeting))[0], by=cast.coordinator, form=DecisionForm(decision="Bifalles"))
    await session.commit()
    agenda_alone = (await (await browser(cast.reader)).get(f"/granby{meeting.record.path}/papers/agenda")).text
    assert "Ringa regionen – Maja Lindqvist (Bildning)" in agenda_alone
    assert re.search(r'>1. Föregående träff</td><td data-label="Minuter">15</td>', agenda_alone)
    assert "Bifalles" not in agenda_alone
    assert "Bifalles" in (await (await browser(cast.reader)).get(f"/granby{meeting.record.path}/papers/notes")).text


async def test_the_papers_of_a_meeting_that_is_off_say_so_and_why(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    maja = await browser(cast.contact)
    for variant in ("agenda", "notes"):
        assert "inställd" not in (await maja.get(f"/granby{meeting.record.path}/papers/{variant}?as=html")).text
    await cancel(session, meeting, by=cast.coordinator, form=CancelForm(reason="Storm väntas"))
    await session.commit()
    for variant in ("agenda", "notes"):
        shown = (await maja.get(f"/granby{meeting.record.path}/papers/{variant}?as=html")).text
        assert re.search(r"Träffen är inställd.*Storm väntas", shown, re.DOTALL), variant


async def test_what_an_item_is_for_is_not_taken_for_what_was_decided(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator, "Nästa")
    await add(session, meeting, by=cast.coordinator, form=AgendaForm(title="Svaret", goal="decide", presenter="Maja"))
    await session.commit()
    notes = (await (await browser(cast.reader)).get(f"/granby{meeting.record.path}/papers/notes")).text
    assert "<p>Mål: beslut. Föredragande: Maja</p>" in notes
    assert "Beslut" not in notes


async def test_what_is_locked_is_printed_as_it_was_approved_with_what_was_corrected_since(cast: Cast, session: Session, browser):
    meeting = await noted(session, browser, cast, "Låst")
    await make_locked(session, meeting, (cast.contact, cast.coordinator))
    ingela, yvonne, page = await browser(cast.coordinator), await browser(cast.registrar), f"/granby{meeting.record.path}"
    await ingela.post(f"{page}/amendments", {"body": "Det var Sirkka, inte Maja."})
    await yvonne.post(f"{page}/minutes/registration", {"registry_no": "KS 2026/117"})
    cast.contact.person.name = "Före detta"
    session.add(cast.contact.person)
    await session.commit()
    printed = (await yvonne.get(f"{page}/papers/notes")).text
    for said in ("Registrerad", "KS 2026/117", "Det var Sirkka, inte Maja.", ">Maja Lindqvist</td>", "Maja Lindqvist, justerare"):
        assert said in printed, said
    assert printed.index("Det var Sirkka") < printed.index("Vi sa")
    assert "Före detta" not in printed


async def test_a_years_notes_are_one_file_of_what_one_may_read(cast: Cast, session: Session, browser):
    for title in ("Första", "Andra"):
        await make_circulated(session, cast, title)
    await make_meeting(session, cast.coordinator, "Inte hållen")
    year = (clock.today() + timedelta(days=14)).year
    maja = await browser(cast.contact)
    whole = (await maja.get(f"/granby/meetings/papers?year={year}")).text
    assert re.findall(r"<h([12])>([^<]+)", whole)[:3] == [("1", f"Anteckningar {year}, Granby nätverk"), ("2", "Första"), ("2", "Andra")]
    assert "Inte hållen" not in whole
    pdf = await maja.get(f"/granby/meetings/papers?year={year}&as=pdf")
    with pikepdf.open(io.BytesIO(pdf.content)) as opened:
        assert tags(opened.Root.StructTreeRoot).count("/H2") == 2
    for wrong in ("year=1999", f"year={year - 1}", f"year={year}&as=exe", "year=2098"):
        assert (wrong, (await maja.get(f"/granby/meetings/papers?{wrong}")).status_code) == (wrong, 404)
    assert (await (await browser(cast.guest)).get(f"/granby/meetings/papers?year={year}")).status_code == 404


async def test_what_no_font_can_write_becomes_a_box_and_the_paper_says_so():
    said = "Saknas: □."
    told = {"title": "T", "author": "N", "lang": "sv", "foot": "N", "missing": said}
    await make(told | {"elements": [{"type": "heading", "level": 1, "text": "".join(map(chr, range(0x4E00, 0x4E40)))}]}, "pdf")
    everything = "".join(chr(n) for n in range(0x21, 0x2FFFF, 97) if not 0xD800 <= n <= 0xDFFF)
    made = await make(told | {"elements": [{"type": "heading", "level": 1, "text": everything}]}, "pdf")
    assert made.startswith(b"%PDF-")


async def test_a_guest_reads_the_notes_and_not_who_was_there(cast: Cast, session: Session, browser):
    for approvers in ((), (cast.contact, cast.coordinator)):
        meeting = await make_circulated(session, cast, "Delad")
        await make_locked(session, meeting, approvers)
        await share(session, meeting.record, by=cast.coordinator, guest=cast.guest)
        await session.commit()
        page = f"/granby{meeting.record.path}/papers"
        paths = (page, f"{page}/notes?as=html", f"/granby/meetings/papers?as=html&year={meeting.starts_at.year}")
        for path in paths:
            read, guest = [(await (await browser(each)).get(path)).text for each in (cast.reader, cast.guest)]
            assert [("Närvarande" in each, "Spaningar att bedöma" in each) for each in (read, guest)] == [(True, True), (False, True)], path
