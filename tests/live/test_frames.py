"""What a socket may say: a bad frame gets an error, and only who goes on and on is shut out."""

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from portal.live import socket as route
from tests.live.client import Client, numbers
from tests.live.history import EPOCH, History
from tests.live.node import House, Node
from tests.live.raw import Raw, frame, text

Connect = Callable[..., Coroutine[Any, Any, Client]]

BAD = [
    ("", "not_json"), ("hej", "not_json"), ("{", "not_json"), ('{"t":"ping"} ', None), ('{"t":"ping"}x', "not_json"), ("[]", "not_an_object"),
    ("null", "not_an_object"), ('"ping"', "not_an_object"), ('{"t":"ping","t":"ping"}', "not_json"), ('{"t":NaN}', "not_json"),
    ('{"t":"hello","network":1,"age":Infinity}', "not_json"), ('{"t":"hello","network":1,"age":1e999}', "bad_age"),
    ('{"t":"hello","network":1,"age":-1}', "bad_age"), ('{"t":"hello","network":1,"age":"1"}', "bad_age"), ('{"t":"hello"}', "bad_network"),
    ("[" * 50_000, "not_json"), ('{"a":' * 10_000, "not_json"), ("9" * 5000, "not_json"), ('{"t":"subscribe"}', "bad_stream"),
    ('{"t":"subscribe","stream":"../"}', "bad_stream"), ('{"t":"subscribe","stream":"7"}', "bad_stream"),
    ('{"t":"subscribe","stream":true}', "bad_stream"), ('{"t":"subscribe","stream":7.0}', "bad_stream"), ('{"t":"subscribe","stream":0}', "bad_stream"),
    ('{"t":"subscribe","stream":-7}', "bad_stream"), ('{"t":"subscribe","stream":99999999999999999999}', "bad_stream"),
    ('{"t":"subscribe","stream":[1]}', "bad_stream"), ('{"t":"subscribe","stream":1,"cursor":5}', "bad_cursor"),
    ('{"t":"unsubscribe"}', "bad_stream"), ('{"t":"publish","stream":1}', "unknown_type"), ('{"t":["ping"]}', "unknown_type"),
    ('{"t":"cursor","stream":1,"client":1,"anchor":{"tname":"\\ud800"}}', "bad_anchor"),
    ('{"t":"cursor","stream":1,"client":1,"head":{"assoc":-1e999}}', "bad_head"),
    ('{"t":"ping","ref":{}}', "bad_ref"), ('{"t":"ping","ref":"' + "x" * 65 + '"}', "bad_ref"), ("{}", "unknown_type"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "reason"), BAD, ids=[str(number) for number in range(len(BAD))])
async def test_a_bad_frame_is_answered_and_the_socket_stays(connect: Connect, raw: str, reason: str | None) -> None:
    page = await connect()
    await page.connection.send(raw)
    answer = await page.hear()
    await page.say("ping", ref=7)

    assert answer == ({"t": "error", "code": 4400, "reason": reason, "ref": None} if reason else {"t": "pong", "ref": None})
    assert await page.hear() == {"t": "pong", "ref": 7}


async def test_binary_is_a_bad_frame_and_the_error_names_the_frame(connect: Connect) -> None:
    page = await connect()
    await page.connection.send(b'{"t":"ping"}')
    assert (await page.hear())["reason"] == "binary"
    await page.say("publish", ref="abc")
    assert await page.hear() == {"t": "error", "code": 4400, "reason": "unknown_type", "ref": "abc"}


async def test_f05_a_name_with_half_a_character_comes_back_unharmed(connect: Connect) -> None:
    page = await connect()
    await page.connection.send('{"t":"ping","ref":"\\ud800"}')
    assert (await page.hear())["t"] == "pong"


async def test_the_third_bad_frame_within_a_minute_closes(connect: Connect) -> None:
    page = await connect()
    for _ in range(2):
        await page.connection.send("no")
        await page.hear()
    await page.say("ping")
    assert (await page.hear())["t"] == "pong"

    await page.connection.send("no")

    assert (await page.closed())[0] == 4400


async def test_bad_frames_far_apart_do_not_add_up(connect: Connect, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.live.reader.MINUTE", 0.2)
    page = await connect()
    for _ in range(4):
        await page.connection.send("no")
        assert (await page.hear())["t"] == "error"
        await asyncio.sleep(0.15)


async def test_what_one_may_not_read_is_as_if_it_were_not(connect: Connect, history: History) -> None:
    foreign = await history.new(readers=(2,))
    page = await connect()
    answers = [await page.subscribe(stream) for stream in (foreign, 10**9)]

    assert answers == [{"t": "error", "code": 4404, "reason": "not_readable", "ref": None, "stream": stream} for stream in (foreign, 10**9)]
    await history.write(foreign)
    assert await page.hears_nothing(0.3)


async def test_w15_fifty_streams_are_the_most(connect: Connect, history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.live.protocol.BURST", 200.0)
    streams = [await history.new() for _ in range(51)]
    page = await connect()
    for stream in streams[:50]:
        assert (await page.subscribe(stream))["t"] == "subscribed"
    assert (await page.subscribe(streams[50]))["code"] == 4430
    assert (await page.subscribe(streams[0]))["t"] == "subscribed"

    await page.say("unsubscribe", stream=streams[0])

    assert (await page.subscribe(streams[50]))["t"] == "subscribed"


async def test_w09_who_asks_for_nothing_is_closed(
    connect: Connect, history: History, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "WISH_WITHIN", 0.5)
    silent, pinging, refused, hears, reads = [await connect() for _ in range(5)]
    await pinging.say("ping")
    await refused.subscribe(10**9)
    await hears.say("hello", network=house.network, age=0)
    await reads.subscribe(await history.new())

    for page in (silent, pinging, refused):
        assert (await page.closed())[0] == 4408
    for page in (hears, reads):
        await page.say("ping")
        assert "error" not in {(await page.hear())["t"] for _ in range(1)}
        assert page.connection.close_code is None


async def test_an_answer_that_takes_long_is_not_held_against_who_asked(
    connect: Connect, history: History, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "WISH_WITHIN", 0.5)
    as_usual = node.hub.doors.may_read

    async def slow(*given: Any) -> set[int]:
        await asyncio.sleep(1)
        return await as_usual(*given)

    node.replace_door(may_read=slow)
    page = await connect()
    assert (await page.subscribe(await history.new()))["t"] == "subscribed"
    assert page.connection.close_code is None


async def test_w07_a_flood_of_frames_is_shut_out_and_others_notice_nothing(connect: Connect, node: Node, history: History) -> None:
    stream = await history.new()
    other = await connect()
    await other.subscribe(stream)
    peer = await Raw.accepted(node.port)
    await peer.send(*[text('{"t":"ping"}')] * 1000)

    assert await peer.closed() == 4429
    await history.write(stream)
    assert numbers(await other.events(1)) == [1]


async def test_forty_frames_at_once_are_fine(connect: Connect) -> None:
    page = await connect()
    for _ in range(40):
        await page.say("ping")
    assert [(await page.hear())["t"] for _ in range(40)] == ["pong"] * 40


@pytest.mark.parametrize("opcode", [9, 10])
async def test_w08_a_flood_of_control_frames_is_shut_out(node: Node, opcode: int) -> None:
    peer = await Raw.accepted(node.port)
    await peer.send(*[frame(opcode, b"x")] * 1000)
    assert await peer.closed() == 4429


WRONG = {
    "not UTF-8": ([frame(1, b"\xff\xfe")], 1007),
    "unmasked": ([frame(1, b"{}", masked=False)], 1002),
    "reserved opcode": ([frame(3, b"{}")], 1002),
    "reserved bit": ([frame(1, b"{}", reserved=0x40)], 1002),
    "long control frame": ([frame(9, b"x" * 126)], 1002),
    "control frame in pieces": ([frame(9, b"x", fin=False)], 1002),
    "stray continuation": ([frame(0, b"{}")], 1002),
    "a message within a message": ([frame(1, b"{", fin=False), frame(1, b"}")], 1002),
    "65 kB": ([frame(1, b"x" * 65_537)], 1009),
    "65 kB in two": ([frame(1, b"x" * 40_000, fin=False), frame(0, b"x" * 40_000)], 1009),
    "16 MiB, announced": ([b"\x81\xff" + (16 * 2**20).to_bytes(8, "big") + b"abcd"], 1009),
    "endless fragments": ([frame(1, b"{", fin=False), *[frame(0, b" ", fin=False)] * 10_000], 1009),
    "a close code nobody may send": ([frame(8, (1005).to_bytes(2, "big"))], 1002),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_no_websocket_closes_and_is_no_error_of_ours(node: Node, caplog: pytest.LogCaptureFixture, name: str) -> None:
    sent, code = WRONG[name]
    peer = await Raw.accepted(node.port)
    await peer.send(*sent)

    assert await peer.closed() == code
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_the_largest_frame_is_64_kib_also_where_the_server_is_set_to_more(
    open_node: Callable[..., Node],
) -> None:
    node = open_node(max_frame=2**20)
    peer = await Raw.accepted(node.port)
    await peer.send(text(json.dumps({"t": "ping", "x": "x" * 65_000})))
    assert (await peer.next())[0] == 1
    await peer.send(text(json.dumps({"t": "ping", "x": "x" * 66_000})))
    assert await peer.closed() == 1009


async def test_w06_a_message_that_never_ends_is_not_waited_for(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.live.protocol.LONGEST_MESSAGE_TIME", 0.3)
    peer = await Raw.accepted(node.port)
    await peer.send(frame(1, b'{"t":', fin=False))
    assert await peer.closed(2) == 1008


async def test_a_frame_in_a_few_pieces_is_read(node: Node) -> None:
    peer = await Raw.accepted(node.port)
    await peer.send(frame(1, b'{"t":', fin=False), frame(0, b'"pi', fin=False), frame(0, b'ng"}'))
    assert await peer.next() == (1, b'{"t":"pong","ref":null}')


async def test_a_reset_in_the_middle_of_catching_up_hurts_nobody(
    node: Node, connect: Connect, history: History, caplog: pytest.LogCaptureFixture
) -> None:
    stream = await history.new()
    await history.write_many(stream, 600, silently=True)
    for _ in range(5):
        peer = await Raw.accepted(node.port)
        await peer.send(text(json.dumps({"t": "subscribe", "stream": stream, "cursor": f"{EPOCH}.0"})))
        await peer.next()
        peer.cut()
    page = await connect()
    await page.subscribe(stream, f"{EPOCH}.0")

    assert numbers(await page.events(600)) == list(range(1, 601))
    async with asyncio.timeout(20):
        while node.open_sockets > 1:
            await asyncio.sleep(0.05)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
