"""A meeting with notes, and editors of one of their sections at the portal's real socket."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from portal.drafting import actions, showing
from portal.drafting.models import DraftText, Section, SectionDocument
from portal.networks.models import Membership
from portal.records.models import Record
from tests.browser import Browser
from tests.conftest import BASE_URL
from tests.drafting.editor import Editor
from tests.factories import Cast
from tests.making import make_meeting


@dataclass
class Notes:
    """Notes with an empty section that coordinator and contact write in."""

    record: Record
    text: DraftText
    section: Section

    @property
    def document(self) -> str:
        return f"/granby/sections/{self.section.id}/document"


@pytest.fixture(autouse=True)
def _shown_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits two seconds for a section to show what has been written."""
    monkeypatch.setattr(showing, "SHOWN_WITHIN", 0.05)


@pytest.fixture
async def notes(cast: Cast, session) -> Notes:
    meeting = await make_meeting(session, cast.coordinator)
    text = (await session.scalars(select(DraftText).where(DraftText.record_id == meeting.record.id))).one()
    section = (await session.scalars(select(Section).where(Section.text_id == text.id).order_by(Section.position))).first()
    await actions.ask(session, text, memberships=[cast.contact.id])
    await session.commit()
    return Notes(meeting.record, text, section)


Opens = Callable[..., Awaitable[Editor]]


@pytest.fixture
async def edits(notes: Notes, port: int, browser) -> AsyncIterator[Opens]:
    """`await edits(cast.contact)`: this member's editor of the section, or of another one, from the portal's own page."""
    async with AsyncExitStack() as stack:

        async def opened(member: Membership, section: Section | None = None) -> Editor:
            page: Browser = await browser(member)
            address = f"/granby/sections/{(section or notes.section).id}/document"

            async def fetch() -> dict:
                answer = await page.post(address)
                if answer.status_code != 200:
                    raise ConnectionError(answer.text)
                return answer.json()

            cookie = f"sid={page.client.cookies['sid']}"
            return await stack.enter_async_context(Editor(port, cookie, fetch, origin=BASE_URL))

        yield opened


async def document_of(session, notes: Notes) -> SectionDocument:
    return (await session.scalars(select(SectionDocument).where(SectionDocument.section_id == notes.section.id))).one()
