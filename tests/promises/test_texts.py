"""P15: texts that several write in converge and survive, whatever breaks: five editors, partitions, and a portal that is killed. And of P16
that a change that is made to hurt holds up nobody (what else it may not do: tests/drafting/test_hostile.py)."""

import asyncio
import random
import time
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from portal.drafting import actions, crdt, document, documents
from portal.drafting.models import DraftText, Section, SectionDocument
from portal.networks.models import Membership
from portal.networks.queries import WHOLE
from tests.drafting.editor import Editor, until
from tests.drafting.test_hostile import BOMBS
from tests.making import make_meeting
from tests.promises import mutants
from tests.promises.conftest import Theatre
from tests.promises.stage import signed_in, token_of_forms

EDITORS, EDITS = 5, 200
HEAVIEST = ["8080807f01", "808080800101"]
LONGEST_HOLD = 0.05
WORDS = "Vi välkomnar förslaget."


async def section_for(theatre: Theatre) -> int:
    """The number of an empty section that the first five members write in."""
    async with theatre.sessions() as session:
        coordinator = (await session.scalars(select(Membership).options(*WHOLE).where(Membership.id == theatre.stage.memberships[0]))).one()
        meeting = await make_meeting(session, coordinator)
        text = (await session.scalars(select(DraftText).where(DraftText.record_id == meeting.record.id))).one()
        await actions.ask(session, text, memberships=theatre.stage.memberships[1:EDITORS])
        section = (await session.scalars(select(Section).where(Section.text_id == text.id))).first()
        await session.commit()
        assert section is not None
        return section.id


def editor(theatre: Theatre, port: int, number: int, section: int) -> Editor:
    sid = theatre.stage.tokens[number]

    async def fetch() -> dict[str, Any]:
        async with signed_in(sid) as client:
            while True:
                try:
                    answer = await client.post(
                        f"http://127.0.0.1:{port}/granby/sections/{section}/document", data={"csrf": token_of_forms(sid)}
                    )
                    if answer.status_code == 200:
                        return answer.json()
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)

    return Editor(port, f"sid={sid}", fetch, origin=f"http://127.0.0.1:{port}")


async def writes(editor: Editor, chance: random.Random, edits: int = EDITS) -> None:
    for number in range(edits):
        editor.do_something(chance)
        await asyncio.sleep(chance.uniform(0, 0.03))
        if number % 50 == 20:
            await editor.away()
        if number % 50 == 35:
            await editor.back()


async def test_p15_five_editors_converge_through_partitions_and_a_kill(theatre: Theatre) -> None:
    section, chance = await section_for(theatre), random.Random(15)
    portal = theatre.mortal()
    await portal.begin()
    async with AsyncExitStack() as stack:
        editors = [await stack.enter_async_context(editor(theatre, portal.port, number, section)) for number in range(EDITORS)]
        writing = [asyncio.create_task(writes(each, random.Random(chance.random()))) for each in editors]
        await asyncio.sleep(2)
        await portal.end()
        await portal.begin()
        await asyncio.gather(*writing)
        for each in editors:
            await each.back()
            await each.saved(within=60)
        await until(lambda: len({each.words for each in editors}) == 1, 60)
        assert [each.refused for each in editors] == [{}] * EDITORS

        async with theatre.sessions() as session:
            stored = (await session.scalars(select(SectionDocument).where(SectionDocument.section_id == section))).one()
            newer = await documents.changes(session, stored.stream_id, stored.seq)
            replayed = crdt.body_of(documents.states(stored, newer))
            kept = await session.get(Section, section, with_for_update=True)
            await documents.settle(session, kept)
            await session.commit()
        assert (
            document.to_text(replayed)
            == document.to_text(kept.body)
            == "\n".join(line for line in editors[0].words.split("\n") if line.strip())
        )
        late = await stack.enter_async_context(editor(theatre, portal.port, 0, section))
        assert late.words == editors[0].words


async def test_p15_editors_at_two_portals_write_one_text(theatre: Theatre) -> None:
    """Each portal learns from the log what the other has stored, also where a change builds upon it."""
    section, chance = await section_for(theatre), random.Random(2)
    ports = [theatre.portal().port for _portal in range(2)]
    async with AsyncExitStack() as stack:
        editors = [await stack.enter_async_context(editor(theatre, ports[number % 2], number, section)) for number in range(4)]
        await asyncio.gather(*(writes(each, random.Random(chance.random()), 40) for each in editors))
        for each in editors:
            await each.back()
            await each.saved()
        await until(lambda: len({each.words for each in editors}) == 1)
        assert [each.refused for each in editors] == [{}] * 4
        async with theatre.sessions() as session:
            stored = (await session.scalars(select(SectionDocument).where(SectionDocument.section_id == section))).one()
            newer = await documents.changes(session, stored.stream_id, stored.seq)
        assert document.to_text(crdt.body_of(documents.states(stored, newer))) == "\n".join(
            line for line in editors[0].words.split("\n") if line.strip()
        )


async def read_again(theatre: Theatre) -> tuple[int, int]:
    """How often WORDS stand in a text as they were written, and as somebody finds it who opens it afterwards."""
    section, portal = await section_for(theatre), theatre.portal()
    async with editor(theatre, portal.port, 0, section) as first:
        first.type(WORDS)
        await first.saved()
        async with theatre.sessions() as session:
            kept = await session.get(Section, section, with_for_update=True)
            assert kept is not None
            await documents.settle(session, kept)
            await session.commit()
        async with editor(theatre, portal.port, 1, section) as late:
            return first.words.count(WORDS), late.words.count(WORDS)


async def test_p15_who_opens_a_text_finds_it_once(theatre: Theatre) -> None:
    assert await read_again(theatre) == (1, 1)


async def test_p15_a_text_that_is_seeded_again_is_found_out(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.seed_a_text_again_whenever_it_is_opened(monkeypatch)
    assert await read_again(theatre) == (1, 2)


async def held(theatre: Theatre, bombs: list[str]) -> float:
    """For how many seconds of processor a change that is made to hurt has the portal's loop, all its work beside that included.

    Seconds of the loop's own thread, not of the clock: what else the machine does meanwhile does
    not count. No stall is longer than this."""
    section, portal = await section_for(theatre), theatre.portal()
    spent = time.pthread_getcpuclockid(portal._thread.ident or 0)
    longest = 0.0
    async with editor(theatre, portal.port, 0, section) as author:
        author.type("Ett ord.")
        await author.saved()
        for bomb in bombs:
            before = time.clock_gettime(spent)
            ref = author.send(bytes.fromhex(bomb))
            await until(lambda ref=ref: ref in author.refused)  # type: ignore[misc]
            longest = max(longest, time.clock_gettime(spent) - before)
    return longest


async def test_p16_a_change_that_is_made_to_hurt_holds_up_nobody(theatre: Theatre) -> None:
    assert await held(theatre, [*HEAVIEST, *BOMBS]) < LONGEST_HOLD


async def test_p16_a_change_that_is_applied_on_the_loop_is_found_out(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.have_the_library_read_what_strangers_send(monkeypatch)
    assert await held(theatre, HEAVIEST) > 2 * LONGEST_HOLD
