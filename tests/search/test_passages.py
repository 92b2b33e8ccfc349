"""What hangs on a record is found by those who may read it there, and by nobody else: texts,
decisions, action items, corrections, files."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from sqlalchemy import text

from portal.comments.models import Comment
from portal.db import Session
from portal.drafting import actions as drafting
from portal.drafting.models import SectionForm
from portal.drafting.queries import text_of
from portal.files.models import Attachment
from portal.meetings import action_items, agenda, documents, minutes
from portal.meetings.agenda import decide
from portal.meetings.models import AgendaForm, Meeting
from portal.meetings.queries import agenda as items_of
from portal.meetings.record_models import ActionForm, AmendmentForm, DecisionForm
from portal.moderation.actions import hide, redact, restore
from portal.moderation.models import Reason, ReasonForm
from portal.networks.models import Membership
from portal.records import passages
from portal.records.actions import share, unshare
from portal.records.models import Record
from portal.terms import LONGEST
from tests.authz.world import make_picture
from tests.factories import Cast
from tests.making import circulated, make_action, make_comment, make_finding, make_locked, make_meeting

# What was written, and what somebody types who remembers it otherwise.
WRITTEN = "Samrådet om de nya förslagen togs upp på seminarierna i städerna."
TYPED = ("samråd", "samråden", "förslaget", "seminariet", "seminarium", "stad", "stadens", "samr", "nya förslag")


async def write(session: Session, meeting: Meeting, by: Membership, body: str) -> None:
    view = await text_of(session, by, meeting.record, "notes")
    assert view is not None
    section = view.sections[0]
    await drafting.save(session, section, view, by=by, form=SectionForm(heading=section.heading, body=body, version=section.version))
    await session.commit()


async def in_notes(session: Session, cast: Cast, words: str) -> Record:
    meeting = await make_meeting(session, cast.coordinator)
    await write(session, meeting, cast.coordinator, words)
    return meeting.record


async def decided(session: Session, cast: Cast, words: str) -> Record:
    meeting = await make_meeting(session, cast.coordinator)
    item = (await items_of(session, meeting))[0]
    await decide(session, meeting, item, by=cast.coordinator, form=DecisionForm(decision=words))
    await session.commit()
    return meeting.record


async def asked_for(session: Session, cast: Cast, words: str) -> Record:
    meeting = await make_meeting(session, cast.coordinator)
    await make_action(session, meeting, by=cast.coordinator, owner=cast.contact, what=words)
    return meeting.record


async def corrected(session: Session, cast: Cast, words: str) -> Record:
    meeting = await make_meeting(session, cast.coordinator)
    await circulated(session, cast, meeting)
    await make_locked(session, meeting, (cast.contact, cast.coordinator))
    await minutes.amend(session, meeting, by=cast.coordinator, form=AmendmentForm(body=words))
    await session.commit()
    return meeting.record


async def a_file(session: Session, record: Record, by: Membership, words: str, name: str = "underlag_2026.pdf") -> Attachment:
    """As files.keep leaves it: not posted yet."""
    file = make_picture(record, by)
    file.name = name
    session.add(file)
    await session.flush()
    await passages.keep(session, record.id, "attachment_id", file.id, heading=file.name, also="underlag 2026 pdf", words=words)
    return file


async def commented(session: Session, cast: Cast, words: str, by: Membership | None = None) -> tuple[Record, Comment, Attachment]:
    record = await make_finding(session, cast.contact)
    comment = await make_comment(session, record, by or cast.contact, "Se bilagan.")
    file = await a_file(session, record, cast.contact, words)
    file.comment_id, file.posted_at = comment.id, comment.created_at
    await session.commit()
    return record, comment, file


async def attached(session: Session, cast: Cast, words: str) -> Record:
    return (await commented(session, cast, words))[0]


async def as_document(session: Session, cast: Cast, words: str) -> Record:
    meeting = await make_meeting(session, cast.coordinator)
    await documents.add(session, meeting, await a_file(session, meeting.record, cast.contact, words), by=cast.contact)
    await session.commit()
    return meeting.record


KINDS = (in_notes, decided, asked_for, corrected, attached, as_document)
Makes = Callable[[Session, Cast, str], Awaitable[Record]]


async def count(someone, typed: str, network: str = "granby") -> int:
    answer = await someone.get(f"/{network}/search?q={typed.replace(' ', '+')}")
    assert answer.status_code == 200
    return int(answer.text.split('<p role="status">')[1].split(" resultat")[0])


@pytest.mark.parametrize("makes", KINDS)
async def test_it_is_found_in_every_form_by_members_and_by_a_guest_only_while_it_is_shared(
    makes: Makes, cast: Cast, session: Session, browser
):
    record = await makes(session, cast, WRITTEN)
    reader, guest, outsider = [await browser(each) for each in (cast.reader, cast.guest, cast.outsider)]
    assert {typed: await count(reader, typed) for typed in TYPED} == dict.fromkeys(TYPED, 1)
    shown = (await reader.get("/granby/search?q=samråden")).text
    assert "<mark>Samrådet</mark> om de nya" in shown
    assert (await count(reader, "samråd bostad"), await count(guest, "samråd"), await count(outsider, "samråd", "vitby")) == (0, 0, 0)
    await share(session, record, by=cast.coordinator, guest=cast.guest)
    await session.commit()
    assert await count(guest, "samråd") == 1
    await unshare(session, record, by=cast.coordinator, guest=cast.guest)
    await session.commit()
    assert await count(guest, "samråd") == 0


@pytest.mark.parametrize("makes", KINDS)
@pytest.mark.parametrize("audience", ["author", "unit"])
async def test_it_goes_with_its_record_and_not_further(makes: Makes, audience: str, cast: Cast, session: Session, browser):
    record = await makes(session, cast, WRITTEN)
    head, reader = await browser(cast.head), await browser(cast.reader)
    assert (await count(head, "samråd"), await count(reader, "samråd")) == (1, 1)
    record.audience, record.owner_unit_id = audience, cast.housing.id
    await session.commit()
    assert (await count(head, "samråd"), await count(reader, "samråd")) == (1 if audience == "unit" else 0, 0)


async def test_words_that_are_changed_are_found_and_those_before_them_are_not(cast: Cast, session: Session, browser):
    ingela = await browser(cast.coordinator)
    meeting = await make_meeting(session, cast.coordinator)
    item = (await items_of(session, meeting))[0]
    action = await make_action(session, meeting, by=cast.coordinator, owner=cast.contact, what="Kontakta länsstyrelsen")
    await write(session, meeting, cast.coordinator, "Avfallsplanen bordlades.")
    await decide(session, meeting, item, by=cast.coordinator, form=DecisionForm(decision="Avfallsplanen återremitteras."))
    await session.commit()
    assert (await count(ingela, "avfallsplan"), await count(ingela, "länsstyrelse")) == (2, 1)
    notes, action = (
        (await text_of(session, cast.coordinator, meeting.record, "notes")).text,
        await action_items.one(session, cast.coordinator, action.id),
    )
    changed = ActionForm(what="Ring regionen", owner_id=cast.contact.id)
    await action_items.change(session, action, notes, by=cast.coordinator, form=changed)
    await write(session, meeting, cast.coordinator, "Energiplanen bordlades.")
    await agenda.change(session, meeting, item, by=cast.coordinator, form=AgendaForm(title="Taxonomin"))
    await decide(session, meeting, item, by=cast.coordinator, form=DecisionForm(decision=""))
    await session.commit()
    assert {typed: await count(ingela, typed) for typed in ("avfallsplan", "länsstyrelse", "region", "energiplan", "taxonomi")} == {
        "avfallsplan": 0, "länsstyrelse": 0, "region": 1, "energiplan": 1, "taxonomi": 1,
    }  # fmt: skip
    await action_items.remove(session, action, notes, by=cast.coordinator)
    await session.commit()
    assert await count(ingela, "region") == 0


async def test_a_meeting_whose_notes_are_written_is_still_found_by_its_place_and_purpose(cast: Cast, session: Session, browser):
    ingela = await browser(cast.coordinator)
    meeting = await make_meeting(session, cast.coordinator, place="Svanen", purpose="Inför valet.")
    await write(session, meeting, cast.coordinator, "Avfallsplanen bordlades.")
    assert [await count(ingela, typed) for typed in ("svanen", "valet", "avfallsplanen")] == [1, 1, 1]


async def test_a_file_is_found_by_its_name_and_leads_to_its_page(cast: Cast, session: Session, browser):
    _record, _comment, file = await commented(session, cast, WRITTEN)
    maja = await browser(cast.contact)
    assert [await count(maja, typed) for typed in ("underlag", "underlag 2026", "underlag_2026.pdf", "underl")] == [1] * 4
    shown = (await maja.get("/granby/search?q=underlag")).text
    assert f'href="/granby/files/{file.id}"><mark>underlag' in shown


async def test_a_file_is_found_once_it_is_posted_and_hides_with_its_comment(cast: Cast, session: Session, browser):
    record, comment, _file = await commented(session, cast, WRITTEN)
    waiting = await a_file(session, record, cast.contact, WRITTEN)
    await session.commit()
    maja, ingela = await browser(cast.contact), await browser(cast.coordinator)
    assert (waiting.posted_at, await count(maja, "samråd")) == (None, 1)
    await hide(session, comment, record, by=cast.coordinator, form=ReasonForm(reason=Reason.insult))
    await session.commit()
    assert (await count(maja, "samråd"), await count(ingela, "samråd")) == (0, 0)
    await restore(session, comment, record, by=cast.coordinator)
    await session.commit()
    assert await count(maja, "samråd") == 1
    comment.held_at = comment.created_at
    await session.commit()
    assert await count(maja, "samråd") == 0


async def test_the_file_of_a_redacted_comment_stands_nowhere(cast: Cast, session: Session):
    record, comment, _file = await commented(session, cast, WRITTEN)
    stands = text("SELECT count(*) FROM passage WHERE words LIKE '%Samrådet%' OR search @@ portal_query('samråd')")
    assert await session.scalar(stands) == 1
    await redact(session, comment, record, by=cast.coordinator, form=ReasonForm(reason=Reason.personal_data))
    await session.commit()
    assert await session.scalar(stands) == 0


async def test_of_a_document_the_newest_version_is_found_until_it_is_taken_away(cast: Cast, session: Session, browser):
    maja, meeting = await browser(cast.contact), await make_meeting(session, cast.coordinator)
    document = await documents.add(session, meeting, await a_file(session, meeting.record, cast.contact, WRITTEN), by=cast.contact)
    await documents.renew(
        session, meeting, document, await a_file(session, meeting.record, cast.contact, f"{WRITTEN} Allt är nytt."), by=cast.contact
    )
    await session.commit()
    assert (await count(maja, "samråd"), await count(maja, "samråd allt nytt")) == (1, 1)
    found = await documents.one(session, meeting, document.id)
    await session.refresh(found, ["versions"])
    await documents.remove(session, meeting, found, by=cast.coordinator)
    await session.commit()
    assert await count(maja, "samråd") == 0


async def test_of_more_words_than_are_looked_for_the_first_are_and_it_says_so(cast: Cast, session: Session, browser):
    maja = await browser(cast.contact)
    await in_notes(session, cast, "avfall " * 60)
    shown = (await maja.get(f"/granby/search?q={'avfall+' * 28}avfallshierarkier")).text
    assert ("De första orden söks" in shown, "1 resultat" in shown) == (True, True)
    assert "De första orden söks" not in (await maja.get(f"/granby/search?q={'avfall+' * 20}")).text


async def test_rare_letters_in_long_compounds_are_found_as_far_as_the_database_takes_them(cast: Cast, session: Session, browser):
    letters = "".join(map(chr, range(0x10428, 0x10450)))  # four bytes each; every compound counts whole and in parts, and in two languages
    long = " ".join(
        f"{letters[n % 40 :]}{letters[n // 40 % 40 :]}arna-{letters[n // 3 % 40 :]}{letters[n % 37 :]}erna" for n in range(2000)
    )
    record, _comment, file = await commented(session, cast, WRITTEN)
    await passages.keep(session, record.id, "attachment_id", file.id, heading=file.name, words=f"{WRITTEN} {long}")
    await session.commit()
    assert len(long) > LONGEST
    assert await count(await browser(cast.contact), "samråd") == 1


async def test_what_was_said_of_a_picture_is_forgotten_when_it_is_decoration_after_all(cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    file = await a_file(session, record, cast.contact, "Karlssons trädgård", name="bild.png")
    file.alt = "Karlssons trädgård"
    await session.commit()
    said = {"body": "Se bilden.", "key": str(uuid4()), "file": [file.id], "alt": [file.alt], "decorative": [file.id]}
    assert (await maja.post(f"/granby/records/{record.id}/comments", said)).status_code == 303
    assert [await count(maja, typed) for typed in ("bild.png", "trädgård")] == [1, 0]
