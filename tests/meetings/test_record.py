"""Notes become a record: on correction, approved by two, locked, registered, and corrected in sight of all."""

import asyncio
import re
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlmodel import col

from portal import clock
from portal.activity.models import Activity
from portal.db import Session
from portal.drafting.models import Section
from portal.meetings import corrections
from portal.meetings.models import Meeting, State
from portal.meetings.record_models import Amendment, Correction, Minutes
from portal.networks.models import Membership
from portal.notifications.models import Mailing, Notification
from portal.records.actions import share
from portal.records.models import Record
from tests.browser import Browser
from tests.factories import Cast, make_member
from tests.making import make_meeting
from tests.written import written

TEXT = "Vi var **tre** som lovade att återkomma."


async def held(
    session: Session, browser, cast: Cast, *, present: tuple[str, ...] = ("coordinator", "contact", "deputy", "reader")
) -> tuple[Meeting, str]:
    """A meeting that has been held, with notes in its first section and these people there; and its page."""
    meeting = await make_meeting(session, cast.coordinator)
    page, ingela = f"/granby{meeting.record.path}", await browser(cast.coordinator)
    section = await first_section(session)
    await ingela.post(f"/granby/sections/{section.id}", {"heading": section.heading, "body": TEXT, "version": 1})
    assert (await ingela.post(f"{page}/holding")).status_code == 303
    await ingela.post(f"{page}/attendance", {"present": [str(cast.everyone[role].id) for role in present]})
    return meeting, page


async def first_section(session: Session) -> Section:
    section = (await session.scalars(select(Section).order_by(col(Section.id)).execution_options(populate_existing=True))).first()
    assert section is not None
    return section


async def circulated(session: Session, browser, cast: Cast, adjuster: Membership | None = None) -> tuple[Meeting, str]:
    meeting, page = await held(session, browser, cast)
    assert (
        await (await browser(cast.coordinator)).post(f"{page}/minutes/circulation", sending(adjuster or cast.contact))
    ).status_code == 303
    return meeting, page


def sending(adjuster: Membership) -> dict[str, str]:
    return {"respond_by": (clock.today() + timedelta(days=7)).isoformat(), "adjuster_id": str(adjuster.id)}


async def mark(someone: Browser, page: str) -> dict[str, str]:
    found = re.search(r'name="mark" value="([0-9a-f]{64})"', (await someone.get(page)).text)
    assert found is not None
    return {"mark": found[1]}


async def approve(someone: Browser, page: str) -> int:
    return (await someone.post(f"{page}/minutes/approval", await mark(someone, page))).status_code


async def way(session: Session) -> Minutes:
    return (await session.scalars(select(Minutes).execution_options(populate_existing=True))).one()


async def test_from_held_to_registered(cast: Cast, session: Session, browser):
    meeting, page = await held(session, browser, cast)
    ingela, maja, yvonne = [await browser(each) for each in (cast.coordinator, cast.contact, cast.registrar)]
    assert "Skicka på justering" in (await ingela.get(page)).text
    await ingela.post(f"{page}/minutes/circulation", sending(cast.contact))
    told = set(await session.scalars(select(col(Notification.person_id)).join(Mailing).where(col(Mailing.kind) == "minutes.circulated")))
    assert told == {cast.contact.person_id, cast.deputy.person_id, cast.reader.person_id}
    shown = (await maja.get(page)).text
    assert "På justering till och med" in shown
    assert "Arbetsmaterial" in shown
    assert await approve(maja, page) == 303
    assert (await session.get_one(Meeting, meeting.record_id, populate_existing=True)).state == State.held
    assert await approve(ingela, page) == 303
    shown = (await maja.get(page)).text
    assert "Färdigställd" in shown
    assert "Texten är låst." in shown
    document = (await way(session)).document
    assert document is not None
    assert [each["name"] for each in document["present"]] == ["Maja Lindqvist", "Tomas Ekvall", "Ingela Rask", "Sirkka Laine"]
    assert document["items"][0]["notes"][0]["content"][1] == {"type": "text", "text": "tre", "marks": [{"type": "bold"}]}
    assert document["approval"]["adjuster"] == "Maja Lindqvist"
    assert (await yvonne.post(f"{page}/minutes/registration", {"registry_no": "KS 2026/117"})).status_code == 303
    shown = (await maja.get(page)).text
    assert "Registrerad" in shown
    assert "KS 2026/117" in shown


async def test_not_registered_is_a_decision_with_a_reason_and_may_be_changed(cast: Cast, session: Session, browser):
    _meeting, page = await locked(session, browser, cast)
    yvonne = await browser(cast.registrar)
    for wrong in ({}, {"registry_no": "KS 1", "unregistered_reason": "Nej"}):
        assert (await yvonne.post(f"{page}/minutes/registration", wrong)).status_code == 422
    await yvonne.post(f"{page}/minutes/registration", {"unregistered_reason": "Bereder inget ärende"})
    shown = (await yvonne.get(page)).text
    assert "Registreras inte: Bereder inget ärende" in re.sub(r"\s+", " ", shown)
    assert "Färdigställd" in shown
    await yvonne.post(f"{page}/minutes/registration", {"registry_no": "KS 2026/9"})
    assert (await session.scalars(select(Record.handling))).all() == ["registered"]


async def locked(session: Session, browser, cast: Cast) -> tuple[Meeting, str]:
    meeting, page = await circulated(session, browser, cast)
    assert [await approve(await browser(each), page) for each in (cast.contact, cast.coordinator)] == [303, 303]
    return meeting, page


async def test_only_the_coordinator_sends_rules_and_amends(cast: Cast, session: Session, browser):
    _meeting, page = await circulated(session, browser, cast)
    others = {role: await browser(each) for role, each in cast.everyone.items() if role != "coordinator"}
    maja = others["contact"]
    section = await first_section(session)
    form = {"section_id": str(section.id), "version": "2", "body": "Vi var fyra som lovade att återkomma."}
    assert (await maja.post(f"{page}/corrections", form)).status_code == 303
    correction = (await session.scalars(select(Correction))).one()
    before = await written(session)
    for path, data in {
        "minutes/circulation": sending(cast.deputy),
        f"corrections/{correction.id}/ruling": {"outcome": "taken"},
        "amendments": {"body": "Fel datum."},
    }.items():
        answers = {role: (await someone.post(f"{page}/{path}", data)).status_code for role, someone in others.items()}
        assert (path, answers) == (path, {role: 404 if role in ("guest", "outsider") else 403 for role in others})
    assert await written(session) == before


async def test_who_was_not_there_proposes_nothing_and_approves_nothing(cast: Cast, session: Session, browser):
    _meeting, page = await circulated(session, browser, cast)
    seen, section = await mark(await browser(cast.contact), page), await first_section(session)
    before = await written(session)
    for role in ("head", "registrar", "admin"):
        someone = await browser(cast.everyone[role])
        form = {"section_id": str(section.id), "version": "2", "body": "Jag vet bättre."}
        assert (role, (await someone.get(f"{page}/sections/{section.id}/correction")).status_code) == (role, 403)
        assert (role, (await someone.post(f"{page}/corrections", form)).status_code) == (role, 403)
        assert (role, (await someone.post(f"{page}/minutes/approval", seen)).status_code) == (role, 403)
    tomas = await browser(cast.deputy)  # there, but not the one who approves
    assert (await tomas.post(f"{page}/minutes/approval", seen)).status_code == 403
    after = await written(session)
    assert {name for name in after if after[name] != before[name]} == {"signed_in"}


async def test_an_adjuster_who_is_a_guest_now_or_was_not_there_after_all_approves_nothing(cast: Cast, session: Session, browser):
    meeting, page = await circulated(session, browser, cast)
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    await ingela.post(f"{page}/attendance", {"shown": str(cast.contact.id)})
    assert 'name="mark"' not in (await maja.get(page)).text
    assert (await maja.post(f"{page}/minutes/approval", await mark(ingela, page))).status_code == 403
    await ingela.post(f"{page}/attendance", {"present": str(cast.contact.id)})
    seen = await mark(maja, page)
    await session.execute(update(Membership).where(col(Membership.id) == cast.contact.id).values(role="guest"))
    guest = await session.get_one(Membership, cast.contact.id, populate_existing=True)
    await share(session, await session.get_one(Record, meeting.record_id), by=cast.coordinator, guest=guest)
    await session.commit()
    assert 'name="mark"' not in (await maja.get(page)).text
    assert (await maja.post(f"{page}/minutes/approval", seen)).status_code == 403
    assert (await session.get_one(Minutes, meeting.record_id, populate_existing=True)).adjusted_at is None


async def test_a_reader_who_was_there_may_correct_what_is_said_of_her(cast: Cast, session: Session, browser):
    _meeting, page = await circulated(session, browser, cast)
    section, sirkka = await first_section(session), await browser(cast.reader)
    assert TEXT in (await sirkka.get(f"{page}/sections/{section.id}/correction")).text
    form = {"section_id": str(section.id), "version": "2", "body": TEXT, "reason": "Jag lovade ingenting."}
    assert (await sirkka.post(f"{page}/corrections", form | {"reason": ""})).status_code == 422
    assert (await sirkka.post(f"{page}/corrections", form)).status_code == 303
    assert "Jag lovade ingenting." in (await sirkka.get(page)).text


async def test_a_correction_is_taken_in_or_not_and_both_leave_a_trace(cast: Cast, session: Session, browser):
    _meeting, page = await circulated(session, browser, cast)
    ingela, maja, tomas = [await browser(each) for each in (cast.coordinator, cast.contact, cast.deputy)]
    section = await first_section(session)
    for someone, body in ((maja, "Vi var **fyra** som lovade att återkomma."), (tomas, "Vi var **fem** som lovade att återkomma.")):
        await someone.post(f"{page}/corrections", {"section_id": str(section.id), "version": "2", "body": body})
    first, second = (await session.scalars(select(Correction).order_by(col(Correction.id)))).all()
    assert (await ingela.post(f"{page}/corrections/{first.id}/ruling", {"outcome": "taken"})).status_code == 303
    assert (await first_section(session)).version == 3
    late = await ingela.post(f"{page}/corrections/{second.id}/ruling", {"outcome": "taken"})
    assert (late.status_code, "har ändrats sedan förslaget skrevs" in late.text) == (409, True)
    assert (await ingela.post(f"{page}/corrections/{second.id}/ruling", {"outcome": "declined"})).status_code == 422
    await ingela.post(f"{page}/corrections/{second.id}/ruling", {"outcome": "declined", "word": "Ni var fyra."})
    again = await ingela.post(f"{page}/corrections/{second.id}/ruling", {"outcome": "written_in"})
    assert (again.status_code, "redan besvarat" in again.text) == (409, True)
    shown = (await tomas.get(page)).text
    assert "Infört" in shown
    assert "Ni var fyra." in shown
    assert "fem" in shown


async def test_nobody_approves_while_a_correction_waits_for_its_answer_which_it_could_not_get_afterwards(
    cast: Cast, session: Session, browser
):
    _meeting, page = await circulated(session, browser, cast)
    ingela, maja, section = await browser(cast.coordinator), await browser(cast.contact), await first_section(session)
    seen = await mark(ingela, page)
    await maja.post(f"{page}/corrections", {"section_id": str(section.id), "version": "2", "body": "Vi var fyra."})
    for each in (maja, ingela):
        refused = await each.post(f"{page}/minutes/approval", seen)
        assert (refused.status_code, "Ett ändringsförslag väntar på svar." in refused.text) == (409, True)
        shown = (await each.get(page)).text
        assert ("Ett ändringsförslag väntar på svar innan" in shown, f"{page}/minutes/approval" in shown) == (True, False)
    correction = (await session.scalars(select(Correction))).one()
    await ingela.post(f"{page}/corrections/{correction.id}/ruling", {"outcome": "declined", "word": "Ni var tre."})
    assert [await approve(each, page) for each in (maja, ingela)] == [303, 303]
    assert (await way(session)).is_locked


async def test_so_many_proposals_of_one_person_wait_and_no_more(cast: Cast, session: Session, browser, monkeypatch):
    monkeypatch.setattr(corrections, "MOST_OPEN", 2)
    _meeting, page = await circulated(session, browser, cast)
    ingela, maja, tomas, section = (
        *[await browser(each) for each in (cast.coordinator, cast.contact, cast.deputy)],
        await first_section(session),
    )

    async def proposed(someone: Browser, body: str) -> int:
        return (await someone.post(f"{page}/corrections", {"section_id": str(section.id), "version": "2", "body": body})).status_code

    assert [await proposed(maja, f"Vi var {number}.") for number in range(2)] == [303, 303]
    refused = await maja.post(f"{page}/corrections", {"section_id": str(section.id), "version": "2", "body": "Vi var många."})
    assert (refused.status_code, "väntar på svar" in refused.text, "Vi var många." in refused.text) == (422, True, True)
    assert await proposed(tomas, "Vi var två.") == 303
    first = (await session.scalars(select(col(Correction.id)).order_by(col(Correction.id)))).first()
    await ingela.post(f"{page}/corrections/{first}/ruling", {"outcome": "declined", "word": "Nej."})
    assert await proposed(maja, "Vi var tre.") == 303


async def test_a_proposal_is_about_the_words_that_were_read(cast: Cast, session: Session, browser):
    _meeting, page = await circulated(session, browser, cast)
    ingela, maja, section = await browser(cast.coordinator), await browser(cast.contact), await first_section(session)
    form = {"section_id": str(section.id), "version": str(section.version), "body": "Vi var **fyra**."}
    await ingela.post(f"/granby/sections/{section.id}", {"heading": section.heading, "body": "Vi var sju.", "version": section.version})
    for stale in (form, form | {"version": "99"}):
        late = await maja.post(f"{page}/corrections", stale)
        assert (late.status_code, "Vi var sju." in late.text, "Vi var **fyra**." in late.text) == (409, True, True)
    assert not (await session.scalars(select(Correction))).all()
    now = re.search(r'name="version" value="(\d+)"', late.text)
    assert now is not None
    assert (await maja.post(f"{page}/corrections", form | {"version": now[1]})).status_code == 303
    assert (await session.scalars(select(col(Correction.before)))).one() == "Vi var sju."


async def test_an_approval_holds_for_the_text_that_was_read(cast: Cast, session: Session, browser):
    meeting, page = await circulated(session, browser, cast)
    ingela, maja, section = await browser(cast.coordinator), await browser(cast.contact), await first_section(session)
    read = await mark(maja, page)
    assert (await maja.post(f"{page}/minutes/approval", read)).status_code == 303
    await ingela.post(f"/granby/sections/{section.id}", {"heading": section.heading, "body": "Något helt annat.", "version": 2})
    assert await approve(ingela, page) == 303
    assert (await session.get_one(Meeting, meeting.record_id, populate_existing=True)).state == State.held
    assert "texten har ändrats sedan dess" in (await maja.get(page)).text
    stale = await maja.post(f"{page}/minutes/approval", read)
    assert (stale.status_code, "Läs den en gång till" in stale.text) == (409, True)
    assert await approve(maja, page) == 303
    assert (await session.get_one(Meeting, meeting.record_id, populate_existing=True)).state == State.finalised


async def test_a_heading_of_the_notes_is_a_word_of_them_like_any_other_and_stands_on_every_paper(cast: Cast, session: Session, browser):
    _meeting, page = await circulated(session, browser, cast)
    ingela, maja, section = await browser(cast.coordinator), await browser(cast.contact), await first_section(session)
    assert await approve(maja, page) == 303
    await ingela.post(f"/granby/sections/{section.id}/heading", {"heading": "Vad vi lovade"})
    assert "men texten har ändrats sedan dess" in (await maja.get(page)).text
    assert await approve(ingela, page) == 303
    assert (await way(session)).is_locked is False
    assert await approve(maja, page) == 303
    assert (await way(session)).is_locked is True
    for paper in (f"{page}/papers", f"{page}/papers/notes?as=html"):
        shown = (await maja.get(paper)).text
        assert ("1. Vad vi lovade</h2>" in shown, "1. Föregående träff</h2>" in shown) == (True, False), paper
    assert "1. Föregående träff" in (await maja.get(f"{page}/papers?of=agenda")).text


async def test_nobody_approves_alone(cast: Cast, session: Session, browser):
    meeting, page = await held(session, browser, cast)
    ingela = await browser(cast.coordinator)
    for day in ("2020-01-01", "2099-01-01", "", "i morgon"):
        assert (await ingela.post(f"{page}/minutes/circulation", sending(cast.contact) | {"respond_by": day})).status_code == 422
    own = await ingela.post(f"{page}/minutes/circulation", sending(cast.coordinator))
    absent = await ingela.post(f"{page}/minutes/circulation", sending(cast.head))
    for refused in (own, absent):
        assert (refused.status_code, "bland dem som var med" in refused.text) == (422, True)
    second = await make_member(session, cast.network, "Siv Andersson", "coordinator")
    await session.commit()
    await ingela.post(f"{page}/attendance", {"present": [str(each.id) for each in (cast.coordinator, second)]})
    await ingela.post(f"{page}/minutes/circulation", sending(second))
    siv = await browser(second)
    assert [await approve(siv, page), (await session.get_one(Meeting, meeting.record_id, populate_existing=True)).state] == [303, "held"]
    assert await approve(ingela, page) == 303


async def test_sent_once_more_the_approvals_are_gone(cast: Cast, session: Session, browser):
    _meeting, page = await circulated(session, browser, cast)
    ingela, maja, tomas = [await browser(each) for each in (cast.coordinator, cast.contact, cast.deputy)]
    await approve(maja, page)
    await ingela.post(f"{page}/minutes/circulation", sending(cast.deputy))
    assert await approve(ingela, page) == 303
    minutes = await way(session)
    assert (minutes.round, minutes.adjusted_at, minutes.locked_at) == (2, None, None)
    assert "Godkänn anteckningarna" not in (await maja.get(page)).text
    assert await approve(tomas, page) == 303
    assert (await way(session)).locked_at is not None


async def test_before_its_time_nothing_goes(cast: Cast, session: Session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    page, ingela, yvonne = f"/granby{meeting.record.path}", await browser(cast.coordinator), await browser(cast.registrar)
    assert (await ingela.post(f"{page}/minutes/circulation", sending(cast.contact))).status_code == 409
    assert (await ingela.post(f"{page}/minutes/approval", {"mark": "0" * 64})).status_code == 409
    assert (await yvonne.post(f"{page}/minutes/registration", {"registry_no": "KS 1"})).status_code == 409
    assert (await ingela.post(f"{page}/amendments", {"body": "Fel."})).status_code == 409


async def test_what_is_locked_is_locked_and_a_later_correction_stands_above_it(cast: Cast, session: Session, browser):
    _meeting, page = await locked(session, browser, cast)
    ingela, maja, section = await browser(cast.coordinator), await browser(cast.contact), await first_section(session)
    form = {"heading": "x", "body": "Efteråt", "version": "2"}
    assert (await ingela.post(f"/granby/sections/{section.id}", form)).status_code == 403
    assert (await ingela.post(f"{page}/attendance", {"present": [str(cast.head.id)]})).status_code == 409
    assert (await ingela.post(f"{page}/agenda", {"title": "Efteråt"})).status_code == 409
    assert (await ingela.post(f"{page}/minutes/circulation", sending(cast.contact))).status_code == 409
    assert (await maja.post(f"{page}/corrections", {"section_id": str(section.id), "version": "2", "body": "x"})).status_code == 409
    before = (await way(session)).document
    assert (await ingela.post(f"{page}/amendments", {"body": "Träffen var på Tranan, inte Svanen."})).status_code == 303
    shown = (await maja.get(page)).text
    assert shown.index("Träffen var på Tranan") < shown.index("tre")
    assert shown.index("Rättelse") < shown.index("Träffen var på Tranan")
    assert (await way(session)).document == before
    assert (await session.scalars(select(Amendment.by_name))).all() == ["Ingela Rask"]


async def test_names_stay_in_the_record_when_their_people_are_gone(cast: Cast, session: Session, browser):
    _meeting, page = await locked(session, browser, cast)
    cast.contact.person.name = "Före detta medlem"
    session.add(cast.contact.person)
    await session.commit()
    assert "<dd>Maja Lindqvist<small>justerare," in (await (await browser(cast.head)).get(page)).text
    document = (await way(session)).document
    assert document is not None
    assert "Maja Lindqvist" in {each["name"] for each in document["present"]}


async def test_two_who_approve_at_once_lock_the_text_once(cast: Cast, session: Session, browser):
    _meeting, page = await circulated(session, browser, cast)
    people = [await browser(each) for each in (cast.contact, cast.coordinator)]
    marks = [await mark(each, page) for each in people]
    answers = await asyncio.gather(*(each.post(f"{page}/minutes/approval", seen) for each, seen in zip(people, marks, strict=True)))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert (await way(session)).locked_at is not None
    assert await session.scalar(select(func.count()).where(col(Activity.verb) == "minutes.finalised")) == 1


async def test_an_approval_and_a_last_word_at_once_never_lock_what_was_not_read(cast: Cast, session: Session, browser):
    """Whoever comes first: either the word is refused, or the approval is."""
    for number in range(4):
        meeting = await make_meeting(session, cast.coordinator, f"Träff {number}")
        page, ingela, maja = f"/granby{meeting.record.path}", await browser(cast.coordinator), await browser(cast.contact)
        await ingela.post(f"{page}/holding")
        await ingela.post(f"{page}/attendance", {"present": [str(cast.contact.id), str(cast.coordinator.id)]})
        await ingela.post(f"{page}/minutes/circulation", sending(cast.contact))
        await approve(maja, page)
        section = (await session.scalars(select(Section).order_by(col(Section.id).desc()))).first()
        seen, form = await mark(ingela, page), {"heading": section.heading, "body": "Ett sista ord.", "version": 1}
        said, wrote = await asyncio.gather(
            ingela.post(f"{page}/minutes/approval", seen), ingela.post(f"/granby/sections/{section.id}", form)
        )
        assert (said.status_code, wrote.status_code) in {(303, 403), (409, 303)}
