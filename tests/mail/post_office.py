"""An SMTP server on loopback that can be told to misbehave."""

import asyncio
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class PostOffice:
    """Keeps what it receives. `answers` maps MAIL, RCPT or DATA to the replies that come before the good one.

    A command in `slow` is told in `reached` and answered when its event is set; "ANSWER" is DATA once the letter has been taken."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.envelopes: list[tuple[str | None, list[str]]] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.answers: dict[str, list[str]] = {}
        self.cut_after_data = False
        self.slow: dict[str, asyncio.Event] = {}
        self.reached: asyncio.Queue[str] = asyncio.Queue()
        self.port = 0
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"smtp://clerk:%C3%A5%40%3A@127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Listen; after closing, on the same port again."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._answer_call, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        for event in self.slow.values():
            event.set()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await self._reply("MAIL")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await self._reply("RCPT")

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = await self._reply("DATA")
        content = envelope.content
        if reply.startswith("250") and isinstance(content, bytes):
            made: Any = message_from_bytes(content.replace(b"\r\n", b"\n"), policy=WIRE)
            self.letters.append(made)
            self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        await self._pause("ANSWER")
        if self.cut_after_data:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return reply

    async def _pause(self, command: str) -> None:
        if command in self.slow:
            self.reached.put_nowait(command)
            await self.slow[command].wait()

    async def _reply(self, command: str) -> str:
        await self._pause(command)
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else "250 OK"

    def _answer_call(self) -> SMTP:
        return SMTP(self, authenticator=self._authenticate, auth_require_tls=False, auth_required=True)

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == "å@:".encode(), handled=False)
