"""An editor of a shared text over a real socket, written from portal/live/PROTOCOL.md: what it
types and hears, through breaks of every kind."""

import asyncio
import base64
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from pycrdt import Doc, XmlElement, XmlFragment, XmlText, merge_updates
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from portal.drafting.crdt import str_of

Fetch = Callable[[], Awaitable[dict[str, Any]]]
AWAY = (OSError, ConnectionClosed, InvalidHandshake, TimeoutError)
LIVES = "live's"
SEND_EVERY = 0.06
LARGEST_PART = 200_000


class Editor:
    """`async with Editor(…) as editor`: `fetch` gives the document as the portal does, `doc` is what stands here."""

    def __init__(self, port: int, cookie: str, fetch: Fetch, *, origin: str) -> None:
        self.address = f"ws://127.0.0.1:{port}/live"
        self.headers = {"Cookie": cookie, "Origin": origin}
        self.fetch = fetch
        self.doc: Doc[Any] = Doc()
        self.doc["body"] = self.root = XmlFragment()
        self.unsaved: dict[int, bytes] = {}
        self.refused: dict[int, str] = {}
        self.frames: list[dict[str, Any]] = []
        self.resyncs = 0
        self.connection: ClientConnection | None = None
        self.online = asyncio.Event()
        self.wanted = True
        self._ref = 0
        self._waiting: list[bytes] = []
        self._sender: asyncio.TimerHandle | None = None
        self._relayed: list[str] = []
        self._passed_on = 0
        self._observer = self.doc.observe(self._changed)

    async def __aenter__(self) -> "Editor":
        await self._load()
        self._task = asyncio.create_task(self._run())
        await asyncio.wait_for(self.online.wait(), 20)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled() and (failure := self._task.exception()):
            raise failure

    # What a person does

    def type(self, words: str, *, at: int | None = None, paragraph: int = 0) -> None:
        """Put words into a paragraph, at the end unless told before which letter."""
        text = self._text(paragraph)
        text.insert(len(text) if at is None else len(str_of(text)[:at].encode()), words)

    def delete(self, first: int, last: int, *, paragraph: int = 0) -> None:
        """Take away the letters from `first` to `last`."""
        text = self._text(paragraph)
        start = len(str_of(text)[:first].encode())
        del text[start : start + len(str_of(text)[first:last].encode())]

    def do_something(self, chance: random.Random) -> str:
        """A random edit; the word that was put in, if one was."""
        number = len(self.root.children)
        paragraph = chance.randrange(number)
        length = len(str_of(self._text(paragraph)))
        match chance.random():
            case roll if roll < 0.12:
                self.add_paragraph(word := f"<{chance.randrange(10**9)}>", at=chance.randint(0, number))
                return word
            case roll if roll < 0.3 and length > 3:
                first = chance.randrange(length)
                self.delete(first, min(length, first + chance.randint(1, 3)), paragraph=paragraph)
                return ""
            case _:
                self.type(word := f"[å{chance.randrange(10**9)}]", at=chance.randint(0, length), paragraph=paragraph)
                return word

    @property
    def cursors(self) -> list[dict[str, Any]]:
        """What was heard of cursors, in the order in which it came."""
        return [each for frame in self.frames if frame["t"] == "cursors" for each in frame["cursors"]]

    def add_paragraph(self, words: str, *, at: int | None = None) -> None:
        with self.doc.transaction():
            element = XmlElement("paragraph")
            self.root.children.insert(len(self.root.children) if at is None else at, element)
            text = XmlText()
            element.children.append(text)
            text.insert(0, words)

    def _text(self, paragraph: int) -> XmlText:
        element: Any = self.root.children[paragraph]
        if not len(element.children):
            element.children.append(XmlText())
        return element.children[0]  # type: ignore[no-any-return]

    @property
    def words(self) -> str:
        """The text, a line for each paragraph."""
        return "\n".join("".join(str_of(text) for text in each.children) for each in self.root.children)

    # The wire

    def _changed(self, event: Any) -> None:
        if event.transaction.origin == LIVES:
            return
        self._waiting.append(bytes(event.update))
        if self._sender is None:
            self._sender = asyncio.get_running_loop().call_later(SEND_EVERY, self._send_waiting)

    def _send_waiting(self) -> None:
        self._sender = None
        if self.connection is not None and self._waiting:
            self._ref += 1
            self.unsaved[self._ref] = merge_updates(*self._waiting)
            self._waiting = []
            self._send(self._ref, self.unsaved[self._ref])

    def _send(self, ref: int, update: bytes) -> None:
        if self.connection is not None:
            words = base64.b64encode(update).decode()
            parts = [words[at : at + LARGEST_PART] for at in range(0, len(words), LARGEST_PART)] or [""]
            for part in parts[:-1]:
                self.say(t="edit", stream=self.stream, update=part, more=True, ref=ref)
            self.say(t="edit", stream=self.stream, update=parts[-1], ref=ref)

    def send(self, update: bytes) -> int:
        """A change that was not made here; its number."""
        self._ref += 1
        self._send(self._ref, update)
        return self._ref

    def say(self, **frame: Any) -> None:
        connection = self.connection
        if connection is not None:
            text = json.dumps(frame, separators=(",", ":"))
            self._sending = asyncio.ensure_future(self._sent_after(getattr(self, "_sending", None), connection, text))

    async def _sent_after(self, before: "asyncio.Future[None] | None", connection: ClientConnection, text: str) -> None:
        if before is not None:
            await asyncio.wait({before})
        with suppress(ConnectionClosed):
            await connection.send(text)

    async def _load(self) -> None:
        given = await self.fetch()
        self.stream, self.cursor = given["stream"], given["cursor"]
        self._apply(base64.b64decode(given["state"]))

    def _apply(self, update: bytes) -> None:
        with self.doc.transaction(origin=LIVES):
            self.doc.apply_update(update)

    async def _run(self) -> None:
        while True:
            if self.wanted:
                with suppress(*AWAY):
                    async with connect(
                        self.address, additional_headers=self.headers, compression=None, max_size=None, proxy=None, ping_interval=None
                    ) as connection:
                        await self._converse(connection)
                self.connection = None
                self.online.clear()
            await asyncio.sleep(random.uniform(0.02, 0.1))

    async def _converse(self, connection: ClientConnection) -> None:
        await connection.send(json.dumps({"t": "subscribe", "stream": self.stream, "cursor": self.cursor, "presence": True}))
        async for message in connection:
            frame = json.loads(message)
            self.frames.append(frame)
            match frame["t"]:
                case "subscribed":
                    self.cursor = frame["cursor"]
                    self.connection = connection
                    self._send_again()
                    self.online.set()
                case "resync":
                    self.resyncs += 1
                    await self._load()
                    self.connection = connection
                    self._send_again()
                    self.online.set()
                case "event":
                    self.cursor = f"{self.cursor.rpartition('.')[0]}.{frame['seq']}"
                    self._relayed = [each for each in self._relayed if each not in frame.get("updates", ())]
                    self._take(frame)
                case "edit":
                    self._relayed += frame["updates"]
                    self._take(frame)
                case "saved":
                    for ref in [each for each in self.unsaved if each <= frame["ref"] and each not in self.refused]:
                        del self.unsaved[ref]
                case "unsaved" if frame["reason"] == "missing" and frame["ref"] in {*self.unsaved, self._passed_on}:
                    self._send_whole(frame["ref"])
                case "unsaved":
                    self.refused[frame["ref"]] = frame["reason"]

    def _take(self, frame: dict[str, Any]) -> None:
        for each in frame.get("updates", ()):
            self._apply(base64.b64decode(each))

    def _send_again(self) -> None:
        """What is not stored yet: others' changes that were only shown, then one's own."""
        if self._relayed:
            self._passed_on = self._ref = self._ref + 1
            self._send(self._ref, merge_updates(*map(base64.b64decode, self._relayed)))
        self._waiting = [*self.unsaved.values(), *self._waiting]
        self.unsaved.clear()
        self._send_waiting()

    def _send_whole(self, ref: int) -> None:
        """A change built upon what others wrote and a portal that died had not stored: the whole document brings it."""
        self.unsaved.pop(ref, None)
        self._ref += 1
        self.unsaved[self._ref] = self.doc.get_update()
        self._send(self._ref, self.unsaved[self._ref])

    # Faults, and waiting

    def cut(self) -> None:
        """The connection breaks without a word."""
        if self.connection is not None:
            self.connection.transport.abort()

    async def away(self) -> None:
        """No contact until `back`."""
        self.wanted = False
        self.cut()
        while self.connection is not None:
            await asyncio.sleep(0.01)

    async def back(self) -> None:
        self.wanted = True
        await asyncio.wait_for(self.online.wait(), 30)

    async def saved(self, within: float = 60) -> None:
        await until(lambda: not self.unsaved and not self._waiting, within)


async def until(true: Callable[[], bool], within: float = 60) -> None:
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.01)
