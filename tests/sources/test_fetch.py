"""The one way out: what is asked for, what is taken of the answer, and where nobody can make the portal go."""

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator
from ipaddress import ip_address, ip_network

import pytest

from portal import fetch as way_out
from portal.fetch import Answer, Unreachable, Validators, fetch, is_open, post
from tests.elsewhere import Elsewhere, elsewhere, head

HERE = [ip_network("127.0.0.1/32")]
GATE = "Adressen leder till ett nät som portalen inte får läsa från."


@pytest.fixture
async def place() -> AsyncIterator[Elsewhere]:
    async with elsewhere() as opened:
        yield opened


async def refusal(url: str, *, inside: list = HERE) -> str:
    with pytest.raises(Unreachable) as refused:
        await fetch(url, inside=inside)
    return refused.value.message_sv


async def test_a_form_goes_to_the_address_itself_and_to_no_network_of_ours(place: Elsewhere):
    place.answers |= {
        "/token": head(400, body=b"{}"),
        "/hop": head(302, f"Location: {place.address}/token"),
        "/large": head(200, body=b"x" * (way_out.LARGEST + 1)),
    }
    assert await post(f"{place.address}/token", {"secret": "å&b"}, inside=HERE) == (400, b"{}")
    [asked] = place.asked
    assert asked.startswith("POST /token HTTP/1.1")
    assert "Content-Length: 17" in asked
    assert (await post(f"{place.address}/hop", {}, inside=HERE))[0] == 302
    assert len(place.asked) == 2
    for url, inside, said in (
        (f"{place.address}/token", [], GATE),
        (f"{place.address}/large", HERE, way_out.TOO_LARGE),
        ("ftp://x", HERE, way_out.NOT_AN_ADDRESS),
    ):
        with pytest.raises(Unreachable) as refused:
            await post(url, {}, inside=inside)
        assert refused.value.message_sv == said
    assert len(place.asked) == 3


async def test_what_is_there_comes_with_what_it_said_about_itself(place: Elsewhere):
    place.answers["/a.ics?key=1"] = head(200, 'ETag: "v1"', "Last-Modified: Tue, 24 Nov 2026 10:00:00 GMT", body=b"BEGIN:VCALENDAR")
    answer = await fetch(f"{place.address}/a.ics?key=1#part", inside=HERE)
    assert answer == Answer(b"BEGIN:VCALENDAR", Validators('"v1"', "Tue, 24 Nov 2026 10:00:00 GMT"))
    [asked] = place.asked
    assert f"Host: 127.0.0.1:{place.port}" in asked
    assert "Cookie" not in asked


async def test_what_is_known_is_not_sent_again(place: Elsewhere):
    place.answers["/a.ics"] = head(304)
    known = Validators('"v1"', "Tue, 24 Nov 2026 10:00:00 GMT")
    assert await fetch(f"{place.address}/a.ics", known=known, inside=HERE) == Answer(None, known)
    assert 'If-None-Match: "v1"' in place.asked[0]
    assert "If-Modified-Since: Tue, 24 Nov 2026 10:00:00 GMT" in place.asked[0]
    assert await refusal(f"{place.address}/a.ics") == way_out.OTHER_STATUS  # unchanged since what?


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://localhost./", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/",
        "http://127.1/", "http://0/", "http://127。0。0。1/", "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data", "http://100.64.0.1/", "http://224.0.0.1/", "http://255.255.255.255/",
        "https://8.8.8.8:22/", "http://8.8.8.8:5432/", "http://8.8.8.8:6379/", "https://8.8.8.8:25/",
    ],
)  # fmt: skip
async def test_the_portals_own_network_and_odd_ports_are_out_of_reach(url: str):
    assert await refusal(url, inside=[]) in (GATE, way_out.UNKNOWN_HOST, way_out.NOT_AN_ADDRESS)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://a.se/",
        "ftp://a.se/",
        "https://",
        "https://user@exempel.se/",
        "https://a b.se/",
        "kalender",
        "http://[::1]/",
    ],
)
async def test_what_is_no_web_address_is_not_asked_for(url: str):
    assert await refusal(url, inside=[]) in (way_out.NOT_AN_ADDRESS, GATE)


@pytest.mark.parametrize(
    ("address", "open_to_us"),
    [
        ("8.8.8.8", True), ("2001:4860:4860::8888", True), ("2a00:801::1", True),
        ("::1", False), ("::", False), ("::ffff:169.254.169.254", False), ("::ffff:0:a9fe:a9fe", False), ("::169.254.169.254", False),
        ("64:ff9b::a9fe:a9fe", False), ("2002:a9fe:a9fe::1", False), ("2001::1", False), ("2001:db8::1", False), ("fe80::1", False),
        ("fec0::1", False), ("fd00::1", False), ("ff02::1", False), ("100.64.0.1", False), ("198.18.0.1", False), ("203.0.113.9", False),
    ],
)  # fmt: skip
def test_only_addresses_of_the_open_internet_are_connected_to(address: str, open_to_us: bool):
    assert is_open(ip_address(address)) is open_to_us


async def test_a_name_that_leads_inside_is_refused_and_one_that_leads_both_ways_is_asked_outside_alone(place: Elsewhere, monkeypatch):
    """A name server may say anything, and something else the next moment: what was looked at is what is connected to."""
    said: list[str] = []

    async def lookup(host: str, port: int, **_given: object) -> list:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in said]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", lookup, raising=False)
    said[:] = ["10.0.0.5"]
    assert await refusal("http://kalender.exempel.se/") == GATE
    place.answers["/a.ics"] = head(200, body=b"x")
    said[:] = ["10.0.0.5", "127.0.0.1"]
    assert (await fetch(f"http://kalender.exempel.se:{place.port}/a.ics", inside=HERE)).content == b"x"


@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/", "http://169.254.169.254/", "http://[::1]/", "file:///etc/passwd", "gopher://127.0.0.1/", "//10.0.0.1/x"]
)
async def test_every_hop_is_looked_at_anew(target: str, place: Elsewhere):
    place.answers["/a"] = head(302, f"Location: {target}")
    assert await refusal(f"{place.address}/a") in (GATE, way_out.NOT_AN_ADDRESS)


async def test_three_hops_are_followed_and_no_more(place: Elsewhere):
    place.answers |= {f"/{n}": head(302, f"Location: /{n + 1}") for n in range(4)} | {
        "/3": head(200, body=b"framme"),
        "/loop": head(301, "Location: /loop"),
    }
    assert (await fetch(f"{place.address}/0", inside=HERE)).content == b"framme"
    assert await refusal(f"{place.address}/loop") == way_out.TOO_MANY_HOPS
    assert len(place.asked) == 8


@pytest.mark.parametrize(
    ("status", "sentence"),
    [*way_out.REFUSED.items(), (500, way_out.OTHER_STATUS), (503, way_out.OTHER_STATUS), (204, way_out.OTHER_STATUS)],
)
async def test_a_status_is_a_sentence(status: int, sentence: str, place: Elsewhere):
    place.answers["/a"] = head(status, "Retry-After: 31536000")
    assert await refusal(f"{place.address}/a") == sentence


async def test_a_packed_answer_is_unpacked_once_and_never_beyond_the_limit(place: Elsewhere):
    place.answers["/small"] = head(200, "Content-Encoding: gzip", body=gzip.compress(b"liten"))
    place.answers["/bomb"] = head(200, "Content-Encoding: gzip", body=gzip.compress(bytes(60 * 1024 * 1024)))
    place.answers["/twice"] = head(200, "Content-Encoding: gzip", body=gzip.compress(gzip.compress(b"liten")))
    place.answers["/other"] = head(200, "Content-Encoding: br", body=b"x")
    place.answers["/cut"] = head(200, "Content-Encoding: gzip", body=gzip.compress(b"liten")[:-6])
    place.answers["/none"] = head(200, "Content-Encoding: gzip", body=b"ingenting packat")
    assert (await fetch(f"{place.address}/small", inside=HERE)).content == b"liten"
    assert zlib.decompress((await fetch(f"{place.address}/twice", inside=HERE)).content, 31) == b"liten"
    place.answers["/more"] = head(200, "Content-Encoding: gzip", body=gzip.compress(b"liten") + b"x")
    empty = zlib.compressobj(wbits=31)
    packed = [empty.compress(b"liten"), b"\x00\x00\x00\xff\xff" * (way_out.LARGEST // 5 + 1), empty.flush()]  # blocks with nothing in them
    place.answers["/air"] = head(200, "Content-Encoding: gzip", body=b"".join(packed))
    assert await refusal(f"{place.address}/more") == way_out.BROKEN
    assert await refusal(f"{place.address}/air") == way_out.TOO_LARGE
    assert await refusal(f"{place.address}/bomb") == way_out.TOO_LARGE
    assert {await refusal(f"{place.address}/{name}") for name in ("other", "cut", "none")} == {way_out.BROKEN}


async def test_more_than_five_megabytes_are_not_taken(place: Elsewhere):
    async def without_end(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(bytes(65536))
            await writer.drain()

    place.answers["/a"] = without_end
    assert await refusal(f"{place.address}/a") == way_out.TOO_LARGE


async def test_the_whole_has_a_time_limit_however_steadily_it_drips(place: Elsewhere, monkeypatch):
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    monkeypatch.setattr(way_out, "PATIENCE", 0.3)
    place.answers["/a"] = drip
    assert await refusal(f"{place.address}/a") == way_out.TOO_SLOW


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\x00\xff\xfe",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"x" * 200_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
    ],
)
async def test_what_is_no_answer_is_a_sentence(said: bytes, place: Elsewhere):
    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()

    place.answers["/a"] = say
    assert await refusal(f"{place.address}/a") in (way_out.BROKEN, way_out.NO_ANSWER)


async def test_who_speaks_no_tls_is_not_read_without_it():
    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head(200, body=b"x"))
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await refusal(f"https://127.0.0.1:{port}/") in (way_out.NOT_TRUSTED, way_out.NO_ANSWER)


async def test_nobody_there_is_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert await refusal(f"http://127.0.0.1:{port}/") == way_out.NO_ANSWER
