"""In front of the portal: whoever asks again for a feed that is as she has it is told so, past session, route and page.

Programs ask day and night, and nearly always for what they have. Nothing is decided here that serving.py would decide otherwise: what
cannot be answered so goes on to it.
"""

import asyncio
import logging
from typing import Any

from litestar.types import ASGIApp, Receive, Scope, Send

from portal import clock
from portal.accounts.queries import hash_of
from portal.calendar import actions, files, queries, serving
from portal.calendar.programs import program_of
from portal.calendar.queries import Polled
from portal.db import Sessions
from portal.outages import is_outage
from portal.web.errors import TooMany

log = logging.getLogger("portal.web")

PLACE = "/calendar/"


class Unchanged:
    """Answers 304 to whom it is true for; leaves everything else to `app`. `address` is the portal's own."""

    def __init__(self, app: ASGIApp, sessions: Sessions, *, address: str) -> None:
        self.app = app
        self.address = address
        self.most = serving.MOST_READINGS * int(sessions.kw["info"]["limits"])
        self.together = Together(sessions)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PLACE) and (headers := await self._unchanged(scope)):
            raw = [(name.encode(), value.encode()) for name, value in headers.items()]
            await send({"type": "http.response.start", "status": 304, "headers": raw})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await self.app(scope, receive, send)

    async def _unchanged(self, scope: Any) -> dict[str, str] | None:
        """The headers of the answer to who has the feed; None when she has not, or somebody else should look at it."""
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        token = serving.token_in(scope["path"].removeprefix(PLACE))
        has_some = "if-none-match" in given or "if-modified-since" in given
        if not (token and has_some) or scope["method"] != "GET" or serving.is_only_looked_at(scope, given):
            return None
        feed = await self.together.polled(token)
        made = files.kept(feed, address=self.address) if feed else None
        program = program_of(given.get("user-agent", ""))
        if feed is None or made is None or feed.tag != made.tag or not actions.is_noted(feed, program=program, status=304):
            return None
        headers = serving.unchanged(given, made, changed_at=feed.changed_at)
        try:
            if headers:  # else she is counted where the feed is given to her
                serving.count_reading(feed, most=self.most)
        except TooMany:
            return None
        return headers


class Together:
    """Feeds that are asked for while the database is being asked wait, and are then asked for in one statement."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._waiting: list[tuple[bytes, asyncio.Future[dict[str, object] | None]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def polled(self, token: str) -> Polled | None:
        """The feed of a secret address as it is after this was called; None if there is none, or no telling."""
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append((hash_of(token), answer))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        known = await answer
        return Polled(**known, day=clock.today()) if known else None

    async def _ask(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, []
            try:
                async with self._sessions() as session:
                    known = await queries.working(session, {token_hash for token_hash, _answer in asked})
            except Exception as failure:  # the portal asks again, and has a page for it
                known = {}
                if not is_outage(failure):
                    log.exception("feeds could not be asked for together")
            for token_hash, answer in asked:
                if not answer.done():
                    answer.set_result(known.get(token_hash))
        self._asking = None
