"""P24: each letter at most once, never to somebody without rights, whatever the mail server does and whoever is killed."""

import asyncio
import random
from collections import Counter

import pytest
from sqlalchemy import text

from portal.mail import delivery as mail
from portal.meetings import actions as meetings
from portal.notifications import delivery
from tests.factories import Cast, make_member
from tests.making import make_meeting
from tests.post.conftest import House

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

MANY = 40
REPLIES = ["250 OK", "250 OK", "250 OK", "451 later", "452 full", "550 no such person", "554 no"]


def twice(house: House) -> dict[str, int]:
    """Which Message-IDs have come more than once."""
    return {name: number for name, number in Counter(str(each["Message-ID"]) for each in house.office.letters).items() if number > 1}


async def summon_many(house: House, cast: Cast, session) -> list[int]:
    """A summons to forty more members; the numbers of those who will not belong to the network when it leaves."""
    people = [(await make_member(session, cast.network, f"N{n} Persson", "reader")).person_id for n in range(MANY)]
    meeting = await make_meeting(session, cast.coordinator)
    await meetings.summon(session, meeting, by=cast.coordinator)
    await session.commit()
    gone = people[::8]
    await house.execute(f"UPDATE membership SET ends_on = current_date - 1 WHERE person_id IN ({', '.join(map(str, gone))})")
    return gone


async def through_a_storm(house: House, cast: Cast, session, *, kills: int = 3) -> list[int]:
    """The mail server refuses, forgets and hangs up; workers are killed right after DATA. Gives who has lost the right to read."""
    gone = await summon_many(house, cast, session)
    chance = random.Random(24)
    house.office.answers = {command: [chance.choice(REPLIES) for _ in range(200)] for command in ("RCPT", "DATA")}
    for _kill in range(kills):
        house.office.slow, house.office.reached = {"ANSWER": asyncio.Event()}, asyncio.Queue()
        clerk = await house.clerk()
        async with asyncio.timeout(30):
            await house.office.reached.get()
        await house.kill(clerk)
        house.office.slow["ANSWER"].set()
    house.office.slow = {}
    house.office.answers = {command: replies[:60] for command, replies in house.office.answers.items()}
    house.office.cut_after_data = True
    clerk = await house.clerk()
    async with asyncio.timeout(30):
        while await house.scalar("SELECT count(*) FROM mail_out WHERE state = 'unknown'") < 5:
            await asyncio.sleep(0.05)
    await house.kill(clerk)
    house.office.cut_after_data = False
    await house.everything()
    return gone


async def test_in_a_storm_nobody_gets_a_letter_twice_and_nobody_without_rights(house: House, cast: Cast, session):
    gone = await through_a_storm(house, cast, session)
    states = Counter((await house.states()).values())
    assert twice(house) == {}
    assert sum(states.values()) == MANY + 7
    assert set(states) <= {"sent", "failed", "unknown", "withdrawn"}
    assert min(states["sent"], states["failed"], states["unknown"]) > 0
    addresses = await addresses_of(house, gone)
    assert len(addresses) == len(gone) > 3
    assert addresses & set(house.subjects) == set()
    # What is called sent has come, and what is called refused has not.
    came = {str(each["Message-ID"]).strip("<>").partition("@")[0] for each in house.office.letters}
    assert await message_ids(house, "sent") <= came
    assert await message_ids(house, "failed") & came == set()


async def addresses_of(house: House, people: list[int]) -> set[str]:
    async with house.sessions() as session:
        return set(await session.scalars(text(f"SELECT email FROM person WHERE id IN ({', '.join(map(str, people))})")))


async def message_ids(house: House, state: str) -> set[str]:
    async with house.sessions() as session:
        return set(await session.scalars(text("SELECT message_id FROM mail_out WHERE state = :state"), {"state": state}))


async def kill_after_data(house: House, cast: Cast, session) -> None:
    """The mail server has the letters, and who sent them dies before it is told so."""
    meeting = await make_meeting(session, cast.coordinator)
    await meetings.summon(session, meeting, by=cast.coordinator)
    await session.commit()
    house.office.slow = {"ANSWER": asyncio.Event()}
    clerk = await house.clerk()
    async with asyncio.timeout(30):
        await house.office.reached.get()
    await house.kill(clerk)
    house.office.slow.pop("ANSWER").set()
    await house.everything()


async def test_a_worker_killed_after_data_leaves_letters_that_are_unknown_and_not_sent_again(house: House, cast: Cast, session):
    await kill_after_data(house, cast, session)
    states = Counter((await house.states()).values())
    assert (states["unknown"] >= 1, states["unknown"] + states["sent"]) == (True, 7)
    assert states["sent"] < len(house.office.letters) <= 7
    assert await house.scalar("SELECT count(*) FROM invited") == 7  # whatever arrived: changes follow it
    assert twice(house) == {}


def send_again_what_was_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found on its way is taken for something that has not left."""
    as_usual = mail._begin

    async def begin(sessions, posting) -> int:
        async with sessions() as session:
            await session.execute(
                text("UPDATE mail_out SET state = 'queued' WHERE message_id = :m AND state = 'sending'"), {"m": posting.message_id}
            )
            await session.commit()
        return await as_usual(sessions, posting)

    monkeypatch.setattr(mail, "_begin", begin)


async def test_a_mutant_that_sends_again_what_was_cut_off_is_found_out(house: House, cast: Cast, session, monkeypatch):
    send_again_what_was_cut_off(monkeypatch)
    await kill_after_data(house, cast, session)
    assert len(twice(house)) > 0


async def close_to_others_before_it_leaves(house: House, cast: Cast, session) -> set[str]:
    """A summons, and then a record that Maja's unit alone may read; who got a letter and should not have."""
    meeting = await make_meeting(session, cast.coordinator)
    await meetings.summon(session, meeting, by=cast.coordinator)
    await session.commit()
    await house.execute(f"UPDATE record SET audience = 'unit', owner_unit_id = {cast.school.id} WHERE id = {meeting.record_id}")
    await house.everything()
    return set(house.subjects) - {cast.coordinator.person.email, cast.contact.person.email}


async def test_a_mutant_that_does_not_ask_for_rights_again_is_found_out(house: House, cast: Cast, session, monkeypatch):
    async def as_when_told(_session, _member, _told) -> bool:
        return True

    assert await close_to_others_before_it_leaves(house, cast, session) == set()
    monkeypatch.setattr(delivery, "_may_hear", as_when_told)
    assert len(await close_to_others_before_it_leaves(house, cast, session)) == 5
