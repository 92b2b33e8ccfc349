"""The socket's corpus of bad inputs, row by row: each gets its answer, and a reader beside it notices nothing."""

import asyncio
import json
import logging
import zlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.live.client import Client, numbers
from tests.live.history import History
from tests.live.node import Node
from tests.live.raw import Raw, frame, request, text

Connect = Callable[..., Coroutine[Any, Any, Client]]
STREAM = 10**9  # nobody's


def wish(**fields: Any) -> bytes:
    return text(json.dumps(fields))


@dataclass
class Case:
    """What is sent on an open socket, and what comes of it: error reasons in order, then the closing code if there is one."""

    row: str
    name: str
    sent: list[bytes]
    reasons: list[str] = field(default_factory=list)
    code: int | None = None

    def __str__(self) -> str:
        return f"{self.row} {self.name}"


SQUEEZED = zlib.compressobj(wbits=-15)
ZEROS = SQUEEZED.compress(bytes(15_000_000)) + SQUEEZED.flush(zlib.Z_SYNC_FLUSH)
CASES = [
    Case("W01", "not JSON", [text("hej")], ["not_json"]),
    Case("W01", "empty", [text("")], ["not_json"]),
    Case("W01", "binary", [frame(2, b'{"t":"ping"}')], ["binary"]),
    Case("W01", "NaN", [text('{"t":"hello","network":NaN}')], ["not_json"]),
    Case("W01", "duplicate keys", [text('{"t":"ping","t":"hello"}')], ["not_json"]),
    Case("W01", "three within a minute", [text("hej"), text(""), text("[")], ["not_json"] * 3, 4400),
    Case("W02", "depth 50,000", [text("[" * 50_000)], ["not_json"]),
    Case("W02", "depth of a valid frame", [text('{"t":"ping","x":' + "[" * 20_000 + "]" * 20_000 + "}")], ["not_json"]),
    Case("W03", "65 kB", [frame(1, b"x" * 65_537)], code=1009),
    Case("W03", "16 MiB", [b"\x81\xff" + (16 * 2**20).to_bytes(8, "big") + b"mask"], code=1009),
    Case("W03", "17 MiB", [b"\x81\xff" + (17 * 2**20).to_bytes(8, "big") + b"mask"], code=1009),
    Case("W04", "15 MB of zeros, compressed", [frame(1, ZEROS, reserved=0x40)], code=1002),
    Case("W05", "not UTF-8", [frame(1, b"\xff\xfe")], code=1007),
    Case("W05", "unmasked", [frame(1, b"{}", masked=False)], code=1002),
    Case("W05", "reserved opcode", [frame(3, b"{}")], code=1002),
    Case("W05", "reserved bit", [frame(1, b"{}", reserved=0x20)], code=1002),
    Case("W05", "long control frame", [frame(9, b"x" * 126)], code=1002),
    Case("W05", "stray continuation", [frame(0, b"{}")], code=1002),
    Case("W05", "close with 1005", [frame(8, (1005).to_bytes(2, "big"))], code=1002),
    Case("W05", "close with one byte", [frame(8, b"\x03")], code=1002),
    Case("W06", "10,000 pieces of one byte", [frame(1, b"{", fin=False), *[frame(0, b" ", fin=False)] * 10_000], code=1009),
    Case("W07", "1,000 frames at once", [wish(t="ping")] * 1000, code=4429),
    Case("W08", "1,000 pings at once", [frame(9, b"x")] * 1000, code=4429),
    Case("W15", "a path for a stream", [wish(t="subscribe", stream="../")], ["bad_stream"]),
    Case("W15", "a name of 10 kB", [wish(t="subscribe", stream="x" * 10_000)], ["bad_stream"]),
    Case("W15", "streams that are none", [wish(t="subscribe", stream=STREAM + n) for n in range(3)], ["not_readable"] * 3),
    Case("W15", "a thousand streams", [wish(t="subscribe", stream=STREAM + n) for n in range(1000)], code=4429),
    Case("W16", "unknown type", [wish(t="admin")], ["unknown_type"]),
    Case("W16", "no type", [wish(stream=1)], ["unknown_type"]),
    Case("W16", "a list for a number", [wish(t="subscribe", stream=[1])], ["bad_stream"]),
    Case("W16", "a number for a cursor", [wish(t="subscribe", stream=STREAM, cursor=7)], ["bad_cursor"]),
    Case("W17", "publish", [wish(t="publish", stream=STREAM, html="<b>hej</b>", author_id=2)], ["unknown_type"]),
    Case("W17", "an event of one's own", [wish(t="event", stream=STREAM, seq=1, actor=2)], ["unknown_type"]),
    Case("W18", "a negative cursor of a foreign stream", [wish(t="subscribe", stream=STREAM, cursor="e1.-5")], ["not_readable"]),
    Case("W18", "10 kB of cursor", [wish(t="subscribe", stream=STREAM, cursor="e" * 10_000)], ["not_readable"]),
]


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_an_open_socket_answers(case: Case, node: Node, connect: Connect, history: History, caplog: pytest.LogCaptureFixture) -> None:
    stream = await history.new()
    beside = await connect(person=1)
    await beside.subscribe(stream)
    peer = await Raw.accepted(node.port)
    await peer.send(*case.sent)
    reasons, code = await heard(peer, len(case.reasons), ends=case.code is not None)

    assert code == case.code
    if case.reasons:
        assert reasons == case.reasons
    await history.write(stream)
    assert numbers(await beside.events(1, within=20)) == [1]
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    peer.cut()


async def heard(peer: Raw, errors: int, *, ends: bool) -> tuple[list[str], int | None]:
    """The reasons of the errors, and the code of the end or, where there should be none, proof that the socket lives."""
    reasons: list[str] = []
    if not ends:
        async with asyncio.timeout(20):
            while len(reasons) < errors:
                reasons.append(json.loads((await peer.next())[1])["reason"])
            await peer.send(wish(t="ping", ref="still"))
            while json.loads((await peer.next())[1]) != {"t": "pong", "ref": "still"}:
                pass
        return reasons, None
    async with asyncio.timeout(10):
        while True:
            opcode, data = await peer.next()
            if opcode == 8:
                return reasons, int.from_bytes(data[:2], "big") if data else 1005
            if opcode == 1 and "reason" in (said := json.loads(data)):
                reasons.append(said["reason"])


HANDSHAKES: list[tuple[str, str, dict[str, Any], set[int]]] = [
    ("W12", "evil", {"Origin": "https://evil.example"}, {403}),
    ("W12", "null", {"Origin": "null"}, {403}),
    ("W12", "absent", {"Origin": None}, {403}),
    ("W12", "good.example.evil", {"Origin": "http://127.0.0.1.evil"}, {403}),
    ("W12", "goodXexample", {"Origin": "http://127x0.0.1"}, {403}),
    ("W12", "port 444", {"Origin": "http://127.0.0.1:444"}, {403}),
    ("W13", "not ASCII", {"Sec_WebSocket_Protocol": "å"}, {400}),
    ("W13", "8 kB", {"Sec_WebSocket_Protocol": "x" * 8000}, {101, 400}),
    ("W13", "100 values", {"Sec_WebSocket_Protocol": ", ".join(f"p{n}" for n in range(100))}, {101, 400}),
    ("W14", "version 8", {"Sec_WebSocket_Version": "8"}, {400, 426}),
    ("W14", "no key", {"Sec_WebSocket_Key": None}, {400}),
    ("W14", "a key of 15 bytes", {"Sec_WebSocket_Key": "MTIzNDU2Nzg5MDEyMzQ1"}, {400}),
    ("W17", "another's cookie, made up", {"Cookie": "who=2; device=99"}, {401}),
]


@pytest.mark.parametrize(("row", "name", "changed", "statuses"), HANDSHAKES, ids=[f"{row} {name}" for row, name, *_ in HANDSHAKES])
async def test_a_handshake_gets_its_status(
    row: str, name: str, changed: dict[str, Any], statuses: set[int], node: Node, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    peer = await Raw.connect(node.port)
    assert await peer.shake_hands(node.port, **changed) in statuses
    peer.cut()
    page = await connect()
    await page.say("ping", ref=row)
    assert await page.hear() == {"t": "pong", "ref": row}
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_w14_an_upgrade_on_an_ordinary_page_is_no_socket(node: Node, connect: Connect) -> None:
    peer = await Raw.connect(node.port)
    peer.writer.write(request(node.port).replace(b"GET /live ", b"GET /page "))
    assert await peer.status() in (400, 403, 404, 405, 426)
    peer.cut()
    assert (await connect()).connection.close_code is None


async def test_w15_the_same_stream_twice_is_one(connect: Connect, history: History) -> None:
    stream = await history.new()
    page = await connect()
    assert [(await page.subscribe(stream))["t"] for _ in range(2)] == ["subscribed", "subscribed"]
    await history.write(stream)
    assert numbers(await page.events(1)) == [1]
    assert await page.hears_nothing(0.3)


async def test_w11_half_open_handshakes_do_not_keep_others_out(node: Node, connect: Connect, history: History) -> None:
    """Their ten seconds are the proxy's to count; what is promised here is that the others get in and hear at once."""
    stream = await history.new()
    half = [await Raw.connect(node.port) for _ in range(400)]
    for peer in half:
        peer.writer.write(request(node.port)[:60])
    page = await connect()
    await page.subscribe(stream)
    await history.write(stream)
    assert numbers(await page.events(1, within=20)) == [1]
    for peer in half:
        peer.cut()


@pytest.mark.parametrize("way", ["RST", "FIN"])
async def test_w20_whoever_is_cut_off_goes_on_without_a_gap(way: str, node: Node, connect: Connect, history: History) -> None:
    stream = await history.new()
    page = await connect()
    answer = await page.subscribe(stream)
    await history.write_many(stream, 3)
    seen = numbers(await page.events(3))
    if way == "RST":
        page.cut()
    else:
        page.connection.transport.close()
    await history.write_many(stream, 700)
    again = await connect()
    await again.subscribe(stream, f"{answer['cursor'].partition('.')[0]}.{seen[-1]}")
    assert seen + numbers(await again.events(700)) == list(range(1, 704))
