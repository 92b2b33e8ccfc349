"""Two write in one section at the same time: each sees the other, and what is called saved is stored."""

from portal.drafting import document
from tests.drafting.editor import until


async def test_two_write_in_one_section_and_see_each_other(cast, session, notes, edits):
    ingela, maja = await edits(cast.coordinator), await edits(cast.contact)
    ingela.type("Ingela ")
    await until(lambda: maja.words == "Ingela ")
    maja.type("Maja")
    await until(lambda: ingela.words == "Ingela Maja")
    await ingela.saved()
    await maja.saved()

    async def shown() -> str:
        await session.refresh(notes.section)
        return document.to_text(notes.section.body)

    async def is_shown() -> bool:
        return await shown() == "Ingela Maja"

    import asyncio
    async with asyncio.timeout(10):
        while not await is_shown():
            await asyncio.sleep(0.1)
    assert notes.section.updated_by_id == cast.contact.person_id
