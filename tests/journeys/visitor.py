"""People at their browsers, with everything that goes wrong in them written down."""

import re
from collections.abc import Awaitable, Callable
from html import unescape
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebError, expect

from tests.journeys import chromium

PATIENCE = 15_000
NO_SOCKET = r"WebSocket connection to .* failed|net::ERR_\w+ \(.*/live\)"
NETWORK = rf"net::ERR_|{NO_SOCKET}|Failed to fetch"
TOKEN = re.compile(r'name="csrf" value="(\w+)"')
PERSON = re.compile(r'<button name="person" value="(\d+)">.*?<b>([^<]+)</b>', re.DOTALL)


class Visitor:
    """`page` is her window. Console errors, exceptions and requests to elsewhere end the test unless `expects` names them."""

    def __init__(self, context: BrowserContext, page: Page, address: str) -> None:
        self.context = context
        self.page = page
        self.address = address
        self._wrong: list[str] = []
        self._expected: list[str] = []
        context.on("console", self._heard)
        context.on("weberror", self._failed)
        context.on("request", self._asked)

    def expects(self, *patterns: str) -> None:
        """What belongs to this journey: an HTTP status that Chromium reports as an error, a cut line."""
        self._expected += patterns

    def expects_status(self, *statuses: int) -> None:
        self.expects(*(rf"responded with a status of {status}\b" for status in statuses))

    @property
    def wrong(self) -> list[str]:
        """What went wrong and was not expected."""
        return [each for each in self._wrong if not any(re.search(pattern, each) for pattern in self._expected)]

    async def open(self, path: str) -> None:
        await self.page.goto(f"{self.address}{path}")

    async def sign_in(self, name: str, *, on_the_way_to: str = "") -> None:
        """With one click, as one of the demo's people."""
        await self.open(f"/sign-in?next={on_the_way_to or '/'}")
        await self.page.get_by_role("button", name=name).click()
        await expect(self.page.get_by_text(f"Din meny, {name}")).to_be_attached()

    async def enter(self, name: str, *, on_the_way_to: str = "") -> None:
        """Signed in as one of the demo's people, and there, or nowhere yet. The door is not shown, nor a page that nobody looks at."""
        door = await (await self.context.request.get(f"{self.address}/sign-in")).text()
        person = next(number for number, each in PERSON.findall(door) if unescape(each) == name)
        form = {"csrf": TOKEN.findall(door)[0], "person": person}
        entered = await self.context.request.post(f"{self.address}/demo/sign-in", form=form, max_redirects=0)
        assert entered.status == 303
        if on_the_way_to:
            await self.open(on_the_way_to)
            await expect(self.page.get_by_text(f"Din meny, {name}")).to_be_attached()

    async def new_window(self) -> Page:
        """Another tab of the same browser becomes her window."""
        self.page = await self.context.new_page()
        return self.page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._wrong.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _failed(self, error: WebError) -> None:
        self._wrong.append(f"exception: {error.error}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.address}/", "data:", "blob:")):
            self._wrong.append(f"request to elsewhere: {request.url}")


Visit = Callable[..., Awaitable[Visitor]]


class Visits:
    """Everybody who comes to one portal during a journey."""

    def __init__(self, window: Browser, address: str) -> None:
        self._window = window
        self._address = address
        self._visitors: list[Visitor] = []

    async def arrive(self, name: str | None = None, *, on_the_way_to: str = "", **context: Any) -> Visitor:
        opened = await self._window.new_context(**chromium.a_swede(**context))
        opened.set_default_timeout(PATIENCE)
        visitor = Visitor(opened, await opened.new_page(), self._address)
        self._visitors.append(visitor)
        if name is not None:
            # A door that is only a means is not looked at; without JavaScript it is tried each time.
            enter = visitor.enter if context.get("java_script_enabled", True) else visitor.sign_in
            await enter(name, on_the_way_to=on_the_way_to)
        return visitor

    async def leave(self) -> None:
        """Everybody goes home; nothing unexpected may have happened to anybody."""
        for visitor in self._visitors:
            await visitor.context.close()
        wrong = [problem for visitor in self._visitors for problem in visitor.wrong]
        assert wrong == [], wrong
