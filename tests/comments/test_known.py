"""A thread that many have open while nothing changes is read once: what does change is on
everybody's next page, and what is one's own on nobody else's."""

import re
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from portal import sharing
from portal.comments.models import Comment
from portal.comments.statements import LAST, THREAD
from portal.comments.threads import Spot, thread
from portal.db import AS_OF, Session, sessions_for
from portal.reading import rows
from portal.records.models import Record
from tests.browser import Browser
from tests.factories import Cast
from tests.making import make_comment, make_finding

MOMENT = "1:1:"


class Room(NamedTuple):
    """A thread that Maja (contact) and Per (head) have read so often that it is known."""

    cast: Cast
    record: Record
    said: Comment
    maja: Browser
    per: Browser

    @property
    def path(self) -> str:
        return f"/granby{self.record.path}"

    async def seen(self) -> tuple[str, str]:
        return (await self.maja.get(self.path)).text, (await self.per.get(self.path)).text


@pytest.fixture
async def room(cast: Cast, session: Session, browser: Any) -> Room:
    record = await make_finding(session, cast.contact)
    await make_comment(session, record, cast.contact, "Jag börjar.")
    said = await make_comment(session, record, cast.deputy, "Vem tar det?")
    await session.commit()
    room = Room(cast, record, said, await browser(cast.contact), await browser(cast.head))
    for _ in range(3):
        assert all("Vem tar det?" in page and "Jag börjar." in page for page in await room.seen())
    return room


# What is done in the database, and what Maja and Per then see and do not see.
DEEDS = {
    "hidden": ("UPDATE comment SET hidden_at = now(), hidden_reason = 'other' WHERE id = :said", "", "Vem tar det?"),
    "edited": ("UPDATE comment SET html = '<p>Vem tar dem?</p>' WHERE id = :said", "Vem tar dem?", "Vem tar det?"),
    "held": ("UPDATE comment SET held_at = now() WHERE id = :said", "", "Vem tar det?"),
    "its author's name": ("UPDATE person SET name = 'Tove Ny' WHERE id = :author", "Tove Ny", ""),
    "its author's unit": ("UPDATE unit SET name = 'Nya nämnden' WHERE id = :unit", "Nya nämnden", ""),
    "locked": ("UPDATE thread SET locked_at = now() WHERE record_id = :record", "", "data-locked tabindex=\"-1\" hidden"),
    "the record's title": ("UPDATE record SET title = 'Gamla direktivet' WHERE id = :record", "Gamla direktivet", "Nya avloppsdirektivet"),
    "decided": ("UPDATE finding SET fate = 'archived' WHERE record_id = :record", "Arkiverad", "Att bedöma"),
}  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS)
async def test_what_has_changed_is_on_the_next_page_of_everybody(deed: str, room: Room, session: Session):
    statement, shown, gone = DEEDS[deed]
    given = {"said": room.said.id, "author": room.said.author_id, "unit": room.cast.deputy.unit_id, "record": room.record.id}
    await session.execute(text(statement), {name: value for name, value in given.items() if f":{name}" in statement})
    await session.commit()
    for page in await room.seen():
        assert shown in page
        assert not gone or gone not in page


async def put(session: Session, statement: str, **given: Any) -> None:
    await session.execute(text(statement), given)
    await session.commit()


async def test_who_is_no_longer_a_member_sees_nothing_and_the_other_all(room: Room, session: Session):
    await put(session, "UPDATE membership SET ends_on = starts_on - 1 WHERE id = :id", id=room.cast.head.id)
    assert (await room.per.get(room.path)).status_code == 404
    assert "Vem tar det?" in (await room.maja.get(room.path)).text


async def test_a_record_that_became_another_units_is_gone_for_the_rest(room: Room, session: Session):
    await put(session, "UPDATE record SET audience = 'author' WHERE id = :id", id=room.record.id)
    assert (await room.per.get(room.path)).status_code == 404
    assert (await room.maja.get(room.path)).status_code == 200


async def test_who_has_another_role_may_do_what_that_allows(room: Room, session: Session):
    assert all('id="write"' in page for page in await room.seen())
    await put(session, "UPDATE membership SET role = 'reader' WHERE id = :id", id=room.cast.head.id)
    assert ['id="write"' in page for page in await room.seen()] == [True, False]
    await put(session, "UPDATE membership SET role = 'coordinator' WHERE id = :id", id=room.cast.head.id)
    assert ["may-hide" in page for page in await room.seen()] == [False, True]


async def test_a_sign_in_that_has_ended_opens_nothing(room: Room, session: Session):
    await put(session, "UPDATE signed_in SET ended_at = now() WHERE person_id = :id", id=room.cast.head.person_id)
    answer = await room.per.get(room.path)
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in")
    assert (await room.maja.get(room.path)).status_code == 200


async def test_what_one_has_begun_to_write_is_hers_alone(room: Room):
    await room.per.post(f"/granby/records/{room.record.id}/draft", {"body": "Halva min tanke"})
    for _ in range(2):
        assert ["Halva min tanke" in page for page in await room.seen()] == [False, True]
    await room.per.post(f"/granby/records/{room.record.id}/draft", {"body": ""})
    assert ["Halva min tanke" in page for page in await room.seen()] == [False, False]


async def test_each_is_shown_her_own_comments_as_hers(room: Room, session: Session):
    await make_comment(session, room.record, room.cast.head, "Jag tar det.")
    await session.commit()
    mine = re.compile(r'class="comment mine.*?<div[^>]*>(.*?)</div>', re.DOTALL)
    for _ in range(2):
        maja, per = [" ".join(mine.findall(page)) for page in await room.seen()]
        assert ("Jag börjar." in maja, "Jag tar det." in maja) == (True, False)
        assert ("Jag börjar." in per, "Jag tar det." in per) == (False, True)


async def test_who_may_no_longer_write_there_is_told_so_and_nobody_else(room: Room, session: Session):
    statement = "INSERT INTO thread_removal VALUES (:record, :person, 'other', 'Nu räcker det', :by, now())"
    await put(session, statement, record=room.record.id, person=room.cast.head.person_id, by=room.cast.coordinator.person_id)
    for _ in range(2):
        assert ["Nu räcker det" in page for page in await room.seen()] == [False, True]


async def test_everybody_reads_it_in_her_own_language(room: Room):
    for _ in range(2):
        english = (await room.per.get(room.path, headers={"cookie": f"language=en; sid={room.per.client.cookies['sid']}"})).text
        assert ("Reply" in english, "Svara" in english) == (True, False)
        swedish = (await room.maja.get(room.path)).text
        assert ("Reply" in swedish, "Svara" in swedish) == (False, True)


@pytest.fixture
async def standing(engines: Any) -> AsyncIterator[Session]:
    """A session at one moment, whatever others write meanwhile, and with readings of its own."""
    async with sessions_for(engines(1))() as session:
        await rows(session, "SELECT 1")
        session.stand_still()
        session.sync_session.info[AS_OF] = MOMENT
        yield session


def kept(session: Session) -> Any:
    """What is known of the thread."""
    return next((found for (what, *_key), found in session.readings._known.items() if what is THREAD), None)


async def test_what_is_known_is_shown_and_nothing_of_who_read_it(room: Room, standing: Session):
    """One has read the thread, the other asks for her own head alone."""
    whole = await thread(standing, room.cast.contact, room.record, at=Spot(end=1), seen=False)
    told = kept(standing)
    assert set(told.room) == {
        "stream_id",
        "locked_at",
        "comments",
        "epoch",
        "last_seq",
        "held",
        "has_held",
        "concluded",
        "said_at",
        "as_of",
    }
    standing.readings.keep((THREAD, room.record.id, LAST), told._replace(comments=told.comments[:1], made={}), MOMENT)
    part = await thread(standing, room.cast.head, room.record, at=Spot(end=1), seen=False)
    assert [(len(each.exchanges), each.reader_id) for each in (whole, part)] == [
        (2, room.cast.contact.person_id),
        (1, room.cast.head.person_id),
    ]


async def test_a_thread_takes_as_much_of_the_room_as_its_words_do(
    room: Room, session: Session, standing: Session, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sharing, "MOST_KEPT", 4 * sharing.ROWS)
    await thread(standing, room.cast.contact, room.record, seen=False)
    assert kept(standing) is not None
    standing.readings.forget()
    await put(session, "UPDATE comment SET html = repeat('långt ', 4000) WHERE record_id = :id", id=room.record.id)
    assert len((await thread(standing, room.cast.contact, room.record, seen=False)).exchanges) == 2
    assert kept(standing) is None
