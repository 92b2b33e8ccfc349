"""Who gets a socket at all: nobody from another site, nobody unknown, nobody with fifty already."""

import socket
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import httpx
import pytest
from litestar import Litestar
from websockets.exceptions import InvalidStatus

from portal.live import live_route
from portal.live.origin import is_own_page
from portal.live.protocol import DEAD_PEER_MS, PortalWebSocketProtocol
from tests.live.client import Client
from tests.live.node import House, Node
from tests.live.raw import Raw

Connect = Callable[..., Coroutine[Any, Any, Client]]

FOREIGN = [
    "https://evil.example", "null", "", "http://evil.example:{port}", "http://127.0.0.1:{port}.evil.example", "http://127.0.0.1.evil.example:{port}",
    "http://127x0.0.1:{port}", "http://127.0.0.1:444", "http://127.0.0.1", "https://127.0.0.1:{port}", "HTTP://127.0.0.1:{port}",
    "http://127.0.0.1:{port}/", "http://127.0.0.1:{port}/live", "http://evil@127.0.0.1:{port}", "http://127.0.0.1:{port}, https://evil.example",
    "http://localhost:{port}", "http://[::1]:{port}", "ws://127.0.0.1:{port}", "http://2130706433:{port}", "http://127.1:{port}", "file://",
]  # fmt: skip


async def status_of(connecting: Awaitable[Client]) -> int:
    with pytest.raises(InvalidStatus) as refusal:
        await connecting
    return int(refusal.value.response.status_code)


@pytest.mark.parametrize("origin", FOREIGN)
async def test_w12_another_sites_page_is_refused_before_the_upgrade(connect: Connect, node: Node, origin: str) -> None:
    assert await status_of(connect(origin=origin.format(port=node.port))) == 403


async def test_a_request_without_origin_or_with_two_is_refused(connect: Connect, node: Node) -> None:
    assert await status_of(connect(origin=None)) == 403
    peer = await Raw.connect(node.port)
    assert await peer.shake_hands(node.port, extra=[f"Origin: http://127.0.0.1:{node.port}"]) == 400


async def test_on_loopback_the_page_may_be_served_under_any_loopback_name(node: Node) -> None:
    name = f"localhost:{node.port}"
    assert await (await Raw.connect(node.port)).shake_hands(node.port, Host=name, Origin=f"http://{name}") == 101
    evil = f"evil.example:{node.port}"
    assert await (await Raw.connect(node.port)).shake_hands(node.port, Host=evil, Origin=f"http://{evil}") == 403


@pytest.mark.parametrize(
    ("origin", "host", "own", "answer"),
    [
        ("https://good.example", "good.example", "https://good.example", True),
        ("https://good.example", "inner:8000", "https://good.example", True),
        ("http://good.example", "good.example", "https://good.example", False),
        ("https://good.example:444", "good.example:444", "https://good.example", False),
        ("https://good.example:443", "good.example", "https://good.example", False),
        ("https://goodXexample", "good.example", "https://good.example", False),
        ("https://good.example.evil", "good.example.evil", "https://good.example", False),
        ("https://Good.example", "good.example", "https://good.example", False),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "https://good.example", False),
        ("http://localhost:9000", "localhost:9000", "http://127.0.0.1:8000", True),
        ("http://[::1]:8000", "[::1]:8000", "http://127.0.0.1:8000", True),
        ("http://localhost:9000", "localhost:9001", "http://127.0.0.1:8000", False),
        ("http://[::1", "[::1", "http://127.0.0.1:8000", False),
        ("http://a@localhost:8000", "a@localhost:8000", "http://127.0.0.1:8000", False),
    ],
)
def test_whose_page_it_is(origin: str, host: str, own: str, answer: bool) -> None:
    assert is_own_page([origin.encode()], [host.encode()], own) is answer


async def test_nobody_unknown_gets_a_socket(connect: Connect, house: House) -> None:
    assert (await connect(device=2)).connection.response is not None
    house.devices.discard(2)
    assert await status_of(connect(device=2)) == 401


async def test_plain_requests_are_told_whether_the_sign_in_still_holds(node: Node) -> None:
    async with httpx.AsyncClient(base_url=node.origin) as browser:
        assert (await browser.get("/live")).status_code == 401
        answer = await browser.get("/live", headers={"cookie": "who=1; device=1"})
        assert (answer.status_code, answer.content) == (204, b"")
        assert (await browser.get("/live", headers={"cookie": "who=1; device=99"})).status_code == 401


async def test_w10_a_person_has_fifty_sockets_at_most(connect: Connect) -> None:
    pages = [await connect() for _ in range(50)]
    assert await status_of(connect()) == 429
    assert (await connect(person=2)).connection.response is not None

    await pages[0].connection.close()

    assert (await connect()).connection.response is not None


async def test_w04_compression_is_not_agreed_to(connect: Connect) -> None:
    page = await connect(compression="deflate")
    assert page.connection.response is not None
    assert "Sec-WebSocket-Extensions" not in page.connection.response.headers


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Sec_WebSocket_Version": "8"}, 400),
        ({"Sec_WebSocket_Key": None}, 400),
        ({"Sec_WebSocket_Key": "dG9vIHNob3J0"}, 400),
        ({"Sec_WebSocket_Protocol": "å"}, 400),
        ({"Sec_WebSocket_Protocol": "x" * 8000}, 101),
        ({"Sec_WebSocket_Protocol": ", ".join(f"p{n}" for n in range(100))}, 101),
    ],
)
async def test_odd_handshakes_are_answered_and_hurt_nobody(node: Node, connect: Connect, changed: dict[str, Any], status: int) -> None:
    peer = await Raw.connect(node.port)
    assert await peer.shake_hands(node.port, **changed) == status
    peer.cut()
    page = await connect()
    await page.say("ping", ref=1)
    assert await page.hear() == {"t": "pong", "ref": 1}


async def test_under_another_server_it_says_what_is_wrong(node: Node, caplog: pytest.LogCaptureFixture) -> None:
    app = Litestar([live_route(node.hub, node.origin)], openapi_config=None, logging_config=None)
    scope: Any = {
        "type": "websocket", "path": "/live", "raw_path": b"/live", "query_string": b"", "scheme": "ws", "subprotocols": [], "extensions": {},
        "headers": [(b"host", b"x"), (b"origin", node.origin.encode()), (b"cookie", b"who=1; device=1")], "state": {},
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await node.call(app(scope, receive, send))
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert "ws=PortalWebSocketProtocol" in caplog.text


async def test_a_peer_that_answers_nothing_is_given_up_by_the_system(connect: Connect, node: Node) -> None:
    """P12: without it a line that is cut without a word is kept for a quarter of an hour."""
    await connect()
    (protocol,) = [each for each in node.server.server_state.connections if isinstance(each, PortalWebSocketProtocol)]
    accepted = protocol.transport.get_extra_info("socket")
    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == DEAD_PEER_MS
