"""The unit of work: one transaction a request, committed before the first byte of the answer leaves.

A generator dependency will not do: Litestar leaves it open when another dependency refuses the request.
"""

from typing import Any

from litestar import Request
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from portal.db import Session, Sessions
from portal.outages import is_outage
from portal.web import once
from portal.web.refusals import show_failure


class UnitOfWork:
    """Gives each request a session; an answer commits it, a refusal or a crash rolls it back."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self.app = app
        self.sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        async with self.sessions() as session:
            scope["state"]["session"] = session
            if scope.get("method") == "GET":
                session.stand_still()
            lost: list[Exception] = []

            async def finish_then_send(message: Message) -> None:
                if message["type"] == "http.response.start" and not lost:
                    await finish(message)
                await send(message)

            async def finish(message: Message) -> None:
                if scope["state"].get("failed"):
                    await undo()
                    return
                if not session.has_begun:
                    return  # whoever only reads by portal.reading has nothing to commit
                try:
                    await once.settle(session, scope["state"], message)
                    await session.commit()
                except Exception as failure:
                    lost.append(failure)
                    raise

            async def undo() -> None:
                try:
                    await session.rollback()
                except Exception as failure:
                    if not is_outage(failure):  # a connection that is gone has taken its transaction along
                        raise

            try:
                await self.app(scope, receive, finish_then_send)
            except Exception:
                if not lost:
                    raise
                await _answer(lost[0], scope, receive, send)


async def _answer(failure: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    request: Request[Any, Any, Any] = Request(scope, receive=receive)  # type: ignore[arg-type]
    response = await show_failure(request, failure)
    await response.to_asgi_response(app=None, request=request)(scope, receive, send)


async def provide_session(request: Request[Any, Any, Any]) -> Session:
    """Dependency `session`: the request's transaction. Nobody commits but the request; reading.Statement alone may write without one."""
    session: Session = request.scope["state"]["session"]
    return session
