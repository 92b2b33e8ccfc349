"""P15: texts that several write in converge and survive, whatever breaks: five editors, partitions, and a portal that is killed."""

import asyncio
import random
from contextlib import AsyncExitStack
from typing import Any

import httpx
from sqlalchemy import select

from portal.drafting import actions, crdt, document, documents
from portal.drafting.models import DraftText, Section, SectionDocument
from portal.networks.models import Membership
from portal.networks.queries import WHOLE
from tests.drafting.editor import Editor, until
from tests.making import make_meeting
from tests.promises.conftest import Theatre
from tests.promises.stage import signed_in, token_of_forms

EDITORS, EDITS = 5, 200


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
                    answer = await client.post(f"http://127.0.0.1:{port}/granby/sections/{section}/document", data={"csrf": token_of_forms(sid)})
                    if answer.status_code == 200:
                        return answer.json()
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)

    return Editor(port, f"sid={sid}", fetch, origin=f"http://127.0.0.1:{port}")


async def writes(editor: Editor, chance: random.Random) -> None:
    for number in range(EDITS):
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
        assert document.to_text(replayed) == document.to_text(kept.body) == "\n".join(line for line in editors[0].words.split("\n") if line.strip())
        late = await stack.enter_async_context(editor(theatre, portal.port, 0, section))
        assert late.words == editors[0].words
