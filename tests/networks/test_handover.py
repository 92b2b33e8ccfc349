"""What is open with a leaving member goes to her successor: drafts, texts to write, notes to take, items to present."""

from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from portal.comments.models import CommentDraft
from portal.consultations.actions import ask_units, triage
from portal.consultations.models import Triage, TriageForm
from portal.db import Session
from portal.drafting.models import DraftText, Section, SectionDraft
from portal.meetings import minutes, minutes_document
from portal.meetings.agenda import add
from portal.meetings.agenda_models import Proposal
from portal.meetings.models import AgendaForm, AgendaItem, Attendance, Meeting
from portal.meetings.record_models import ApprovalForm, Minutes
from portal.networks.models import Membership
from portal.records.models import Record
from tests.factories import Cast, make_member
from tests.making import make_circulated, make_consultation, make_finding, make_meeting
from tests.networks.conftest import Enter

DRAFT = {"title": "Ofärdig tanke", "happens": "Något händer."}


@pytest.fixture
async def successor(cast: Cast, session: Session) -> Membership:
    vera = await make_member(session, cast.network, "Vera Vik", "contact", unit=cast.school)
    await session.commit()
    return vera


@pytest.fixture
async def elsewhere(cast: Cast, session: Session) -> Membership:
    sven = await make_member(session, cast.network, "Sven Sund", "contact", unit=cast.housing)
    await session.commit()
    return sven


async def replace(cast: Cast, browser: Enter, successor: Membership) -> str:
    """The coordinator lets `successor` take over from the contact person; what the page says then."""
    ingela = await browser(cast.coordinator)
    ending = await ingela.post(f"/granby/administer/members/{cast.contact.id}/ending", {"successor_id": str(successor.id)})
    assert ending.status_code == 303
    return (await ingela.get("/granby/administer/members")).text


async def first_section(session: Session, record: Record, purpose: str) -> Section:
    wanted = select(Section).join(DraftText, col(DraftText.id) == col(Section.text_id))
    wanted = wanted.where(col(DraftText.record_id) == record.id, col(DraftText.purpose) == purpose).order_by(col(Section.id))
    section = (await session.scalars(wanted)).first()
    assert section is not None
    return section


async def make_answer(session: Session, cast: Cast) -> Record:
    """A consultation whose answer the schools are asked to write in."""
    consultation = await make_consultation(session, cast.coordinator)
    await triage(session, consultation, by=cast.coordinator, form=TriageForm(triage=Triage.answering))
    await ask_units(session, consultation, by=cast.coordinator, unit_ids=[cast.school.id])
    await session.commit()
    return consultation.record


async def test_a_finding_that_was_begun_is_the_successors_to_publish(
    cast: Cast, browser: Enter, session: Session, successor: Membership
) -> None:
    published = await make_finding(session, cast.contact)
    maja, vera = await browser(cast.contact), await browser(successor)
    await maja.post("/granby/findings/draft", DRAFT)
    assert "Ofärdig tanke" not in (await vera.get("/granby/findings/new")).text
    assert "En sak gick över till Vera Vik." in await replace(cast, browser, successor)
    assert "Ofärdig tanke" in (await vera.get("/granby/findings/new")).text
    await session.refresh(published)
    assert published.created_by_id == cast.contact.person_id


async def test_a_section_that_was_begun_goes_on_and_what_the_successor_writes_herself_stays(
    cast: Cast, browser: Enter, session: Session, successor: Membership
) -> None:
    record = await make_answer(session, cast)
    section = await first_section(session, record, "answer")
    maja, vera = await browser(cast.contact), await browser(successor)
    edit, other = f"/granby/sections/{section.id}", section.id + 1
    await maja.post(f"{edit}/draft", {"body": "Majas början.", "version": "1"})
    await maja.post(f"/granby/sections/{other}/draft", {"body": "Majas andra.", "version": "1"})
    await vera.post(f"/granby/sections/{other}/draft", {"body": "Veras egna.", "version": "1"})
    assert "En sak gick över till Vera Vik." in await replace(cast, browser, successor)
    assert "Majas början." in (await vera.get(f"{edit}/edit")).text
    assert "Veras egna." in (await vera.get(f"/granby/sections/{other}/edit")).text
    kept = {(each.person_id, each.body) for each in await session.scalars(select(SectionDraft))}
    assert kept == {(successor.person_id, "Majas början."), (successor.person_id, "Veras egna."), (cast.contact.person_id, "Majas andra.")}


async def test_a_successor_from_another_unit_writes_where_the_leaving_members_unit_was_asked(
    cast: Cast, browser: Enter, session: Session, elsewhere: Membership
) -> None:
    section = await first_section(session, await make_answer(session, cast), "answer")
    sven = await browser(elsewhere)
    assert (await sven.get(f"/granby/sections/{section.id}/edit")).status_code == 403
    assert "En sak gick över till Sven Sund." in await replace(cast, browser, elsewhere)
    assert (await sven.get(f"/granby/sections/{section.id}/edit")).status_code == 200


async def test_notes_and_items_of_coming_meetings_go_over_and_those_of_past_ones_stay(
    cast: Cast, browser: Enter, session: Session, successor: Membership
) -> None:
    coming, past = [await make_meeting(session, cast.coordinator, title=title) for title in ("Nästa", "Förra")]
    for meeting in (coming, past):
        await add(session, meeting, by=cast.coordinator, form=AgendaForm(title="Läget", presenter="Maja Lindqvist"))
    await session.commit()
    ingela, vera = await browser(cast.coordinator), await browser(successor)
    await ingela.post(f"/granby{coming.record.path}/note-takers", {"member": str(cast.contact.id)})
    await ingela.post(f"/granby{past.record.path}/holding")
    notes = await first_section(session, coming.record, "notes")
    assert (await vera.get(f"/granby/sections/{notes.id}/edit")).status_code == 403
    assert "2 saker gick över till Vera Vik." in await replace(cast, browser, successor)
    assert (await vera.get(f"/granby/sections/{notes.id}/edit")).status_code == 200
    assert await presenters(session, coming) == ["Vera Vik"]
    assert await presenters(session, past) == ["Maja Lindqvist"]


async def test_notes_to_approve_go_to_a_successor_who_was_there_and_else_the_coordinator_is_asked_for_another(
    cast: Cast, browser: Enter, session: Session, successor: Membership
) -> None:
    both, alone, approved = [
        await make_circulated(session, cast, title) for title in ("Båda var med", "Vera var inte med", "Redan godkänd")
    ]
    hers = col(Attendance.meeting_id).in_([both.record_id, approved.record_id]), col(Attendance.membership_id) == successor.id
    await session.execute(update(Attendance).where(*hers).values(present=True))
    await session.commit()
    content = await minutes_document.content(session, approved, cast.network)
    await minutes.approve(session, approved, by=cast.contact, form=ApprovalForm(mark=minutes_document.mark(content)))
    await session.commit()
    assert "En sak gick över till Vera Vik." in await replace(cast, browser, successor)
    wanted = select(col(Minutes.meeting_id), col(Minutes.adjuster_id))
    after = {both.record_id: successor.id, alone.record_id: cast.contact.id, approved.record_id: cast.contact.id}
    assert {each.meeting_id: each.adjuster_id for each in await session.execute(wanted)} == after
    vera, ingela = await browser(successor), await browser(cast.coordinator)
    assert "Godkänn anteckningarna" in (await vera.get(f"/granby{both.record.path}")).text
    assert "som inte längre är medlem" not in (await ingela.get(f"/granby{both.record.path}")).text
    assert "som inte längre är medlem" not in (await ingela.get(f"/granby{approved.record.path}")).text
    there = f"/granby{alone.record.path}"
    assert "Godkänn anteckningarna" not in (await vera.get(there)).text
    assert "Maja Lindqvist <b>– som inte längre är medlem." in (await ingela.get(there)).text


async def presenters(session: Session, meeting: Meeting) -> list[str]:
    wanted = select(col(AgendaItem.presenter)).where(col(AgendaItem.meeting_id) == meeting.record_id, col(AgendaItem.title) == "Läget")
    return list(await session.scalars(wanted))


async def test_a_comment_that_was_begun_is_nobody_elses_words(cast: Cast, browser: Enter, session: Session, successor: Membership) -> None:
    record = await make_finding(session, cast.contact)
    maja = await browser(cast.contact)
    await maja.post(f"/granby/records/{record.id}/draft", {"body": "Jag tänkte", "key": str(uuid4())})
    await replace(cast, browser, successor)
    assert list(await session.scalars(select(col(CommentDraft.person_id)))) == [cast.contact.person_id]


async def test_what_was_proposed_for_an_agenda_and_waits_is_the_successors(
    cast: Cast, browser: Enter, session: Session, successor: Membership
) -> None:
    maja, vera = await browser(cast.contact), await browser(successor)
    for title in ("Elbilar", "Skolmat"):
        await maja.post("/granby/meetings/proposals", {"title": title})
    taken, waits = (await session.scalars(select(col(Proposal.id)).order_by(col(Proposal.id)))).all()
    await (await browser(cast.coordinator)).post(f"/granby/meetings/proposals/{taken}/declining", {"word": "Inte nu."})
    assert "En sak gick över till Vera Vik." in await replace(cast, browser, successor)
    wanted = select(col(Proposal.id), col(Proposal.by_id))
    assert {each.id: each.by_id for each in await session.execute(wanted)} == {taken: cast.contact.id, waits: successor.id}
    assert (await vera.post(f"/granby/meetings/proposals/{waits}/withdrawal")).status_code == 303
