"""An IMAP server on loopback, as much of one as the portal asks for (RFC 3501); constructed, and no mail program's."""

import asyncio
from base64 import b64decode
from contextlib import suppress


class Mailbox:
    """One folder of messages; `seen` are the numbers of those that are read."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.seen: set[int] = set()
        self.asked: list[str] = []
        self.logins: list[bytes] = []
        self.refuses = False
        self.token = b""
        self.babbles = b""  # said again and again, and nothing else, to who asks for a message
        self.port = 0
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"imap://kallelse:%C3%A5%20%22@127.0.0.1:{self.port}/Svar"

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK constructed\r\n")
        while line := await reader.readline():
            tag, _space, command = line.decode("latin-1").strip().partition(" ")
            self.asked.append(command)
            if command == "AUTHENTICATE XOAUTH2":
                writer.write(b"+ \r\n")
                self.logins.append(b64decode(await reader.readline()))
                if not self.logins[-1].endswith(b"auth=Bearer " + self.token + b"\x01\x01"):
                    writer.write(b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n")  # its error, which is answered by nothing
                    assert await reader.readline() == b"\r\n"
                    writer.write(f"{tag} NO AUTHENTICATE failed.\r\n".encode())
                    continue
            if command == "AUTHENTICATE PLAIN":
                writer.write(b"+ \r\n")
                self.logins.append(b64decode(await reader.readline()))
            if self.babbles and "BODY" in command:
                with suppress(ConnectionError):
                    while not writer.is_closing():
                        writer.write(self.babbles)
                        await writer.drain()
                        await asyncio.sleep(0.01)
                break
            writer.write(self._answer(command) + f"{tag} {'NO' if self.refuses else 'OK'} done\r\n".encode())
            await writer.drain()
            if command == "LOGOUT":
                break
        writer.close()

    def _answer(self, command: str) -> bytes:
        words = command.split()
        if words[0] == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"
        if words[0] == "SELECT":
            return f"* {len(self.messages)} EXISTS\r\n".encode()
        if words[:2] == ["UID", "SEARCH"]:
            return f"* SEARCH {' '.join(str(n) for n in range(1, len(self.messages) + 1) if n not in self.seen)}\r\n".encode()
        if words[:2] == ["UID", "STORE"]:
            numbers = {int(number) for number in words[2].split(",")}
            self.seen = self.seen - numbers if words[3].startswith("-") else self.seen | numbers
        if words[:2] == ["UID", "FETCH"]:
            content = self.messages[int(words[2]) - 1]
            if "SIZE" in command:
                return f"* {words[2]} FETCH (UID {words[2]} RFC822.SIZE {len(content)})\r\n".encode()
            return f"* {words[2]} FETCH (UID {words[2]} BODY[] {{{len(content)}}}\r\n".encode() + content + b")\r\n"
        return b""
