"""What a page shows and what it has heard since are together what a page shows that is opened now (P06), whatever happens and
whenever it was opened. The page is the portal's own, in a real browser; nothing here knows how it takes an event."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from difflib import ndiff
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlmodel import col

from portal.comments import actions, conclusions, queries, threads
from portal.comments.models import Comment, CommentForm, EditForm
from portal.db import Session
from portal.moderation import actions as moderation
from portal.moderation.models import Reason, ReasonForm
from portal.networks.models import Membership
from portal.records.models import Record
from tests.journeys import chromium
from tests.making import make_waiting
from tests.promises import mutants
from tests.promises.conftest import Theatre
from tests.promises.stage import signed_in

pytestmark = pytest.mark.journey

READER, PATIENCE, SOON = 19, 15_000, 1_500
WHY = ReasonForm(reason=Reason.off_topic, words="Hör hemma i en annan tråd")
# The thread without what is one visit's own: what is marked as new in it, who is here, what has been announced.
SHOWN = """
  const plain = (html) => html.replace(/\\s+/g, " ").replace(/ fresh(?=[ "])/g, "").replace(/> </g, "><");
  const shown = (page) => {
    const thread = page.querySelector("[data-thread]");
    return JSON.stringify({
      comments: [...thread.querySelectorAll("[data-exchange]")].map((each) => plain(each.outerHTML)),
      conclusion: plain(thread.querySelector("[data-conclusion]").outerHTML),
      voices: plain(thread.querySelector(".voices")?.outerHTML ?? ""),
      empty: Boolean(thread.querySelector(".empty[data-empty]")),
      count: plain(thread.querySelector("[data-count]").textContent),
      locked: !thread.querySelector("[data-locked]").hidden,
      writes: thread.classList.contains("may-write"),
    }, null, 1);
  };
"""
HERE = f"() => {{ {SHOWN} document.querySelector('[data-show-new]').click(); return shown(document); }}"
THERE = f"(html) => {{ {SHOWN} return shown(new DOMParser().parseFromString(html, 'text/html')); }}"


@pytest.fixture(scope="module")
async def chrome() -> AsyncIterator[Browser]:
    async with chromium.running() as opened:
        yield opened


@dataclass
class Room:
    """One thread with its record, and a browser that somebody is signed in with who only reads."""

    theatre: Theatre
    browser: Browser
    origin: str
    record: int

    @property
    def path(self) -> str:
        return f"{self.origin}/granby/findings/{self.record}"

    @property
    def sid(self) -> str:
        return self.theatre.stage.tokens[READER]

    async def opened(self) -> Page:
        """A page that follows the thread."""
        context = await self.browser.new_context(**chromium.a_swede())
        await context.add_cookies([{"name": "sid", "value": self.sid, "url": self.origin}])
        page = await context.new_page()
        await page.goto(self.path)
        return page

    async def fresh(self, page: Page) -> str:
        """What one sees who opens the thread now."""
        async with signed_in(self.sid) as client:
            return str(await page.evaluate(THERE, (await client.get(self.path)).text))

    async def differs(self, page: Page, *, within: int = PATIENCE) -> list[str]:
        """The lines that the page shows and should not, and those that it should, if it does not come to that in time (ms)."""
        fresh = (await self.fresh(page)).splitlines()
        here: list[str] = []
        for _ in range(within // 50):
            here = (await page.evaluate(HERE)).splitlines()
            if here == fresh:
                return []
            await asyncio.sleep(0.05)
        return [line for line in ndiff(here, fresh) if line[0] in "+-"]


@pytest.fixture
async def room(theatre: Theatre, chrome: Browser) -> AsyncIterator[Room]:
    yield Room(theatre, chrome, theatre.portal().origin, theatre.stage.records[0])
    for context in chrome.contexts:
        await context.close()


@dataclass
class Hands:
    """What people do in the thread, in one transaction."""

    session: Session
    record: Record
    coordinator: Membership
    contact: Membership
    guest: Membership

    async def said(self, body: str) -> Comment:
        number = (await self.session.scalars(select(col(Comment.id)).where(col(Comment.body) == body))).one()
        return (await queries.comment(self.session, self.coordinator, number))[0]

    async def post(self, body: str, parent: str | None = None) -> None:
        above = (await self.said(parent)).id if parent else None
        await actions.post(self.session, self.record.id, by=self.contact, form=CommentForm(body=body, key=uuid4(), parent_id=above))

    async def edit(self, body: str, words: str) -> None:
        comment = await self.said(body)
        await actions.edit(self.session, comment, self.record, by=self.contact, form=EditForm(body=words, version=comment.version))

    async def hide(self, body: str) -> None:
        await moderation.hide(self.session, await self.said(body), self.record, by=self.coordinator, form=WHY)

    async def restore(self, body: str) -> None:
        await moderation.restore(self.session, await self.said(body), self.record, by=self.coordinator)

    async def redact(self, body: str) -> None:
        await moderation.redact(self.session, await self.said(body), self.record, by=self.coordinator, form=WHY)

    async def approve(self, body: str) -> None:
        waiting = await make_waiting(self.session, self.record, self.guest, body)
        await moderation.approve(self.session, waiting, self.record, by=self.coordinator, version=1)

    async def lock(self, locked: bool) -> None:
        await moderation.lock(self.session, self.record, by=self.coordinator, locked=locked)

    async def conclude(self, body: str) -> None:
        await conclusions.draw(self.session, await self.said(body), self.record, by=self.coordinator)

    async def withdraw(self, body: str) -> None:
        await conclusions.withdraw(self.session, await self.said(body), self.record, by=self.coordinator)


Deed = Callable[[Hands], Awaitable[None]]
DEEDS: dict[str, Deed] = {
    "a comment": lambda hands: hands.post("Först"),
    "another": lambda hands: hands.post("Sedan"),
    "a reply": lambda hands: hands.post("Svar", "Först"),
    "an edit": lambda hands: hands.edit("Sedan", "Sedan dess"),
    "a conclusion": lambda hands: hands.conclude("Sedan dess"),
    "an edit of the conclusion": lambda hands: hands.edit("Sedan dess", "Sist"),
    "hidden": lambda hands: hands.hide("Först"),
    "restored": lambda hands: hands.restore("Först"),
    "no conclusion": lambda hands: hands.withdraw("Sist"),
    "a guest's, approved": lambda hands: hands.approve("Hej från en gäst."),
    "redacted": lambda hands: hands.redact("Svar"),
    "locked": lambda hands: hands.lock(True),
    "unlocked": lambda hands: hands.lock(False),
}


async def do(room: Room, *deeds: Deed) -> None:
    stage = room.theatre.stage
    async with room.theatre.sessions() as session:
        members = [
            (await session.scalars(select(Membership).where(col(Membership.id) == number).options(selectinload("*")))).one()
            for number in (stage.memberships[0], stage.memberships[1], stage.guest)
        ]
        hands = Hands(session, await session.get_one(Record, room.record), *members)
        for deed in deeds:
            await deed(hands)
            await session.commit()


async def first_difference(room: Room, *, within: int = PATIENCE) -> str | None:
    """The first deed after which a page that is open from the beginning does not come to show what a new one does."""
    page = await room.opened()
    for name, deed in DEEDS.items():
        await do(room, deed)
        if await room.differs(page, within=within):
            return name
    return None


async def test_whatever_happens_an_open_page_comes_to_show_what_a_new_one_does(room: Room) -> None:
    assert await first_difference(room) is None


async def test_a_field_left_out_is_found_out(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.leave_a_field_out(monkeypatch)
    assert await first_difference(room, within=SOON) == "a reply"


async def while_it_was_made(room: Room, monkeypatch: pytest.MonkeyPatch, *, within: int = PATIENCE) -> list[str]:
    """A page that was made slowly: comments, a reply, an edit and a hiding came when its thread had been read."""
    await do(room, DEEDS["a comment"], DEEDS["another"])
    as_usual, half_done, go_on = threads._exchanges, asyncio.Event(), asyncio.Event()
    here = asyncio.get_running_loop()

    async def slowly(*given: Any) -> Any:
        found = await as_usual(*given)
        here.call_soon_threadsafe(half_done.set)
        while not go_on.is_set():
            await asyncio.sleep(0.01)
        return found

    monkeypatch.setattr(threads, "_exchanges", slowly)
    opening = asyncio.create_task(room.opened())
    await half_done.wait()
    await do(room, lambda hands: hands.post("Tredje"), lambda hands: hands.post("Svar", "Först"), lambda hands: hands.edit("Sedan", "Nu"))
    await do(room, lambda hands: hands.hide("Nu"))
    go_on.set()
    return await room.differs(await opening, within=within)


async def test_what_comes_while_a_page_is_made_is_on_it_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await while_it_was_made(room, monkeypatch) == []


async def test_a_cursor_that_is_read_last_is_found_out(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    mutants.read_the_cursor_last(monkeypatch)
    assert await while_it_was_made(room, monkeypatch, within=SOON) != []
