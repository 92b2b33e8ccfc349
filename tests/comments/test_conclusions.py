"""What a thread came to: marked by the coordinator, live for all, and taken into the record's text."""

from uuid import uuid4

from sqlalchemy import select
from sqlmodel import col

from portal.app import Portal
from portal.comments import frames
from portal.comments.actions import edit
from portal.comments.models import Comment, Conclusion, EditForm, Thread
from portal.comments.queries import comment as comment_of
from portal.consultations.actions import ask_units, triage
from portal.consultations.models import Triage, TriageForm
from portal.db import Session
from portal.drafting import actions as drafting
from portal.drafting import document
from portal.drafting.conclusions import take_in
from portal.drafting.models import DraftText, Section, SectionForm
from portal.drafting.queries import text_of
from portal.live import reading
from portal.records.models import Record
from tests.browser import Browser
from tests.factories import Cast
from tests.making import make_consultation, make_finding, make_meeting


async def write(browser: Browser, record: Record, body: str) -> int:
    answer = await browser.post(f"/granby/records/{record.id}/comments", {"body": body, "key": str(uuid4())})
    return int(answer.headers["location"].rpartition("#c")[2])


def top(page: str) -> str:
    """What stands on top of the thread: nothing while it is not shown."""
    part = page.split("data-conclusion ")[1].split("</section>")[0]
    return "" if part.split(">")[0].endswith("hidden") else part


async def told(portal: Portal, session: Session, record: Record, locale: str = "sv") -> list[tuple[str, dict]]:
    """Every event of the record's stream, as it would be sent now."""
    stream = (await session.scalars(select(col(Thread.stream_id)).where(col(Thread.record_id) == record.id))).one()
    events = (await reading.newer(session, {stream: 0}, 100))[stream]
    sent = await frames.render(session, stream, events, locale)
    return [(event.kind, frame) for event, frame in zip(events, sent, strict=True)]


async def test_the_coordinator_marks_a_comment_and_everyone_reads_it_on_top(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja, ingela, sirkka = [await browser(each) for each in (cast.contact, cast.coordinator, cast.reader)]
    first, second = await write(maja, record, "Vi väntar."), await write(maja, record, "Vi **svarar** i mars.")
    assert top((await sirkka.get(f"/granby{record.path}")).text) == ""
    await ingela.post(f"/granby/comments/{second}/conclusion")
    shown = top((await sirkka.get(f"/granby{record.path}")).text)
    assert "Vi <strong>svarar</strong> i mars." in shown
    assert f'href="/granby/comments/{second}"' in shown
    await ingela.post(f"/granby/comments/{first}/conclusion")
    assert "Vi väntar." in top((await sirkka.get(f"/granby{record.path}")).text)
    await ingela.post(f"/granby/comments/{second}/conclusion/removal")
    assert "Vi väntar." in top((await sirkka.get(f"/granby{record.path}")).text)
    await ingela.post(f"/granby/comments/{first}/conclusion/removal")
    assert top((await sirkka.get(f"/granby{record.path}")).text) == ""


async def test_frames_tell_which_comment_is_the_conclusion_now(cast: Cast, portal: Portal, session, browser):
    record = await make_finding(session, cast.contact)
    maja, ingela = await browser(cast.contact), await browser(cast.coordinator)
    number = await write(maja, record, "Vi svarar.")
    await ingela.post(f"/granby/comments/{number}/conclusion")
    (posted, comment), (drawn, conclusion) = await told(portal, session, record)
    assert (posted, drawn) == ("comment.posted", "conclusion.drawn")
    assert conclusion["concluded"] == comment["concluded"] == number
    assert "Vi svarar." in conclusion["conclusion"]
    assert "Conclusion" in (await told(portal, session, record, "en"))[1][1]["conclusion"]
    stored = await session.get(Comment, number, populate_existing=True)
    await edit(session, stored, record, by=cast.contact, form=EditForm(body="Vi svarar i mars.", version=1))
    await session.commit()
    kind, edited = (await told(portal, session, record))[-1]
    assert (kind, edited["concluded"], "Vi svarar i mars." in edited["conclusion"]) == ("comment.edited", number, True)
    await ingela.post(f"/granby/comments/{number}/conclusion/removal")
    frames_now = await told(portal, session, record)
    assert [frame.get("concluded", "-") for _kind, frame in frames_now] == ["-", None, "-", None]
    assert {"html", "locked"} & frames_now[-1][1].keys() == set()


async def test_a_hidden_comment_loses_the_mark_for_good(cast: Cast, portal: Portal, session, browser):
    record = await make_finding(session, cast.contact)
    maja, ingela = await browser(cast.contact), await browser(cast.coordinator)
    number = await write(maja, record, "Ring 070-123 45 67")
    await ingela.post(f"/granby/comments/{number}/conclusion")
    assert "070-123" in top((await maja.get(f"/granby{record.path}")).text)
    await ingela.post(f"/granby/comments/{number}/hiding", {"reason": "personal_data"})
    assert top((await maja.get(f"/granby{record.path}")).text) == ""
    assert "070-123" not in str(await told(portal, session, record))
    assert [kind for kind, _frame in await told(portal, session, record)][2:] == ["conclusion.withdrawn", "comment.hidden"]
    refused = await ingela.post(f"/granby/comments/{number}/conclusion")
    assert refused.status_code == 403
    await ingela.post(f"/granby/comments/{number}/restoration")
    assert top((await maja.get(f"/granby{record.path}")).text) == ""
    assert (await session.scalars(select(Conclusion))).all() == []


async def test_the_conclusion_goes_into_the_section_of_the_answer_that_is_chosen(cast: Cast, session, browser):
    consultation = await make_consultation(session, cast.coordinator)
    await triage(session, consultation, by=cast.coordinator, form=TriageForm(triage=Triage.answering))
    await ask_units(session, consultation, by=cast.coordinator, unit_ids=[cast.school.id])
    await session.commit()
    record = consultation.record
    ingela, maja, tomas = [await browser(each) for each in (cast.coordinator, cast.contact, cast.deputy)]
    number = await write(maja, record, "Taket räcker inte.\n\n- Höj det\n- [eller](https://exempel.se) *sänk*")
    text = (await session.scalars(select(DraftText))).one()
    sections = (await session.scalars(select(Section).order_by(col(Section.position)))).all()
    put = f"/granby/texts/{text.id}/conclusion"
    assert (await ingela.post(put, {"section": str(sections[1].id)})).status_code == 404
    await ingela.post(f"/granby/comments/{number}/conclusion")
    assert "Lägg till i texten" in top((await maja.get(f"/granby{record.path}")).text)
    assert "Lägg till i texten" not in top((await tomas.get(f"/granby{record.path}")).text)
    assert (await tomas.post(put, {"section": str(sections[1].id)})).status_code == 403
    answer = await maja.post(put, {"section": str(sections[1].id)})
    assert answer.headers["location"] == f"/granby{record.path}#s{sections[1].id}"
    again = await ingela.post(put, {"section": str(sections[1].id)})
    assert "Slutsatsen står redan i avsnittet ”Våra synpunkter”." in (await ingela.get(again.headers["location"])).text
    bodies = [
        each.body
        for each in await session.scalars(select(Section).order_by(col(Section.position)).execution_options(populate_existing=True))
    ]
    assert (bodies[0], bodies[2]) == (document.empty(), document.empty())
    html = document.to_html(bodies[1])
    assert html.startswith("<p>Taket räcker inte.<br>\nHöj det<br>\neller sänk (<a href=")
    assert f'href="/granby/comments/{number}"' in html
    assert html.count("Maja Lindqvist, den ") == 1


async def test_the_conclusion_goes_into_the_notes_of_a_meeting(cast: Cast, session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    ingela = await browser(cast.coordinator)
    number = await write(ingela, meeting.record, "Nästa träff blir i Vitsjö.")
    await ingela.post(f"/granby/comments/{number}/conclusion")
    view = await text_of(session, cast.coordinator, meeting.record, "notes")
    await ingela.post(f"/granby/texts/{view.text.id}/conclusion", {"section": str(view.sections[0].id)})
    shown = (await ingela.get(f"/granby/texts/{view.text.id}")).text
    assert "Nästa träff blir i Vitsjö." in shown
    asked = (await ingela.get(f"/granby/comments/{number}/redaction")).text
    assert view.sections[0].heading in asked.partition("tidigare versioner:")[2]


async def test_a_conclusion_taken_in_after_somebody_saved_stands_after_her_words(cast: Cast, portal: Portal, session, browser):
    consultation = await make_consultation(session, cast.coordinator)
    await triage(session, consultation, by=cast.coordinator, form=TriageForm(triage=Triage.answering))
    await session.commit()
    ingela = await browser(cast.coordinator)
    number = await write(ingela, consultation.record, "Slutsatsen.")
    comment, _record = await comment_of(session, cast.coordinator, number)
    view = await text_of(session, cast.coordinator, consultation.record, "answer")
    stale = view.sections[0]
    async with portal.sessions() as other:
        theirs = await text_of(other, cast.coordinator, consultation.record, "answer")
        form = SectionForm(heading=stale.heading, body="Hennes ord.", version=1)
        await drafting.save(other, theirs.sections[0], theirs, by=cast.coordinator, form=form)
        await other.commit()
    assert await take_in(session, stale, view, comment, by=cast.coordinator)
    await session.commit()
    assert document.to_text(stale.body).startswith("Hennes ord.\nSlutsatsen. (")
    assert stale.version == 3
