"""Requests that no browser of ours would send: sizes, encodings, kinds of content, other people's sites, odd headers."""

import asyncio
from contextlib import suppress
from time import thread_time
from typing import Any

import httpx
import pytest

from portal.files.store import INCOMING
from portal.web import arriving
from tests.authz.world import World
from tests.browser import Browser
from tests.corpus.answers import decent
from tests.corpus.forms import TYPED
from tests.written import written

FORM = "application/x-www-form-urlencoded"
PADDING = b"x" * (2 * 1024 * 1024)
BIG = "x" * (10 * 1024 * 1024)
LONGEST = 0.25  # s of the loop's processor for a request, its sending and its page included
PAGES = (
    "/granby",
    "/granby/findings",
    "/granby/findings/new",
    "/granby/meetings",
    "/granby/consultations",
    "/granby/calls",
    "/granby/search",
    "/granby/calendar",
)


def parts(*bodies: bytes, boundary: str = "grans", end: bool = True) -> bytes:
    """A multipart body of ready-made parts."""
    return b"".join(b"--" + boundary.encode() + b"\r\n" + each + b"\r\n" for each in bodies) + (
        f"--{boundary}--\r\n".encode() if end else b""
    )


def part(name: str, value: bytes, kind: str = "") -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"'.encode()
    return head + (f"\r\nContent-Type: {kind}".encode() if kind else b"") + b"\r\n\r\n" + value


MULTIPART = "multipart/form-data; boundary=grans"
CSRF = "CSRF"


def odd_bodies(csrf: str) -> dict[str, tuple[str | None, bytes, int]]:
    """name → content type, body, status."""
    token = part("csrf", csrf.encode())
    form = f"csrf={csrf}&"
    return {
        "F06 latin-1": (FORM, f"{form}title=".encode() + "åäö".encode("latin-1"), 400),
        "F06 percent-encoded invalid utf-8": (FORM, f"{form}title=%ff%fe".encode(), 400),
        "F05 a lone surrogate": (FORM, f"{form}title=%ed%a0%80".encode(), 400),
        "F05 a lone surrogate in a part": (MULTIPART, parts(token, part("title", b"\xed\xa0\x80")), 400),
        "F05 a lone surrogate as json": ("application/json", b'{"title": "\\ud800"}', 415),
        "F14 401 fields": (FORM, (form + "&".join(f"f{n}=1" for n in range(400))).encode(), 413),
        "F14 500 fields": (FORM, (form + "&".join(f"f{n}=1" for n in range(500))).encode(), 413),
        "F14 500 parts": (MULTIPART, parts(token, *(part(f"f{n}", b"1") for n in range(500))), 413),
        "F14 1,001 parts": (MULTIPART, parts(token, *(part(f"f{n}", b"1") for n in range(1001))), 413),
        "10 MB of form": (FORM, f"{form}happens={BIG}".encode(), 413),
        "10 MB in a part": (MULTIPART, parts(token, part("happens", BIG.encode())), 413),
        "10 MB of file": (MULTIPART, parts(token, part('happens"; filename="a.txt', BIG.encode())), 413),
        "F17 json": ("application/json", b'{"title": "a"}', 415),
        "F17 json as text": ("text/plain", b'{"title": "a"}', 415),
        "F17 xml": ("text/xml", b"<title>a</title>", 415),
        "F15 no boundary": ("multipart/form-data", parts(token), 400),
        "F15 an empty boundary": ('multipart/form-data; boundary=""', parts(token), 400),
        "F15 a boundary that is not there": ("multipart/form-data; boundary=annan", parts(token), 400),
        "F15 a boundary of 10 kB": (f"multipart/form-data; boundary={'b' * 10_000}", parts(token, boundary="b" * 10_000), 422),
        "F16 2 MB before the first boundary": (MULTIPART, b"x" * (2 << 20) + b"\r\n" + parts(token), 413),
        "F16 2 MB after the last boundary": (MULTIPART, parts(token) + b"x" * (2 << 20), 413),
        "F16 half a MB before the first boundary": (MULTIPART, b"x" * (1 << 19) + b"\r\n" + parts(token), 422),
        "F16 half a MB after the last boundary": (MULTIPART, parts(token) + b"x" * (1 << 19), 422),
        "F15 a boundary inside a value": (MULTIPART, parts(token, part("title", b"a\r\n--grans--\r\nb")), 422),
        "F17 json as a part": (MULTIPART, b'{"title": "a"}', 400),
        "F17 a form as json": ("application/json", f"{form}title=a".encode(), 415),
        "F17 a form without a kind": (None, f"{form}title=a".encode(), 415),
        "a body that is cut off": (MULTIPART, parts(token, end=False), 400),
        "a part without a name": (MULTIPART, parts(token, b"Content-Disposition: form-data\r\n\r\nx"), 422),
        "a part without a heading": (MULTIPART, parts(token, b"\r\n\r\nx"), 400),
        "F06 a part in latin-1": (MULTIPART, parts(token, part("title", "åäö".encode("latin-1"))), 400),
        "a part of an unknown charset": (MULTIPART, parts(token, part("title", b"x", "text/plain; charset=klingon")), 400),
        "a part in utf-16": (MULTIPART, parts(token, part("title", b"x", "text/plain; charset=utf-16")), 400),
        "a file where a text should be": (MULTIPART, parts(token, part('title"; filename="a.txt', b"x")), 422),
        "nothing": (FORM, b"", 403),
        "no token": (FORM, b"title=a", 403),
        "bad percent signs": (FORM, f"{form}title=%zz%".encode(), 422),
    }


@pytest.mark.parametrize("case", odd_bodies(""))
async def test_a_body_that_cannot_be_read_is_refused(case: str, world: World):
    browser = world.browsers["coordinator"]
    kind, body, status = odd_bodies(browser.csrf)[case]
    before, spent = await written(world.sessions), thread_time()
    answer = await browser.client.post("/granby/findings", content=body, headers={"content-type": kind} if kind else {})
    spent = thread_time() - spent
    assert decent(answer)
    assert (answer.status_code, spent < LONGEST) == (status, True), f"{spent:.3f} s of processor"
    assert await written(world.sessions) == before


@pytest.mark.parametrize("where", ["before", "after"])
async def test_f16_padding_around_an_upload_is_no_file(where: str, world: World):
    """Files may be larger than forms, and come by a reader of their own."""
    browser, before = world.browsers["coordinator"], await written(world.sessions)
    form = parts(part("csrf", browser.csrf.encode()), part("title", b"x"))
    body = PADDING + b"\r\n" + form if where == "before" else form + PADDING
    path = f"/granby/records/{world.shared.numbers['finding']}/files"
    answer = await browser.client.post(path, content=body, headers={"content-type": MULTIPART})
    assert (answer.status_code, decent(answer)) == (422, True)
    assert await written(world.sessions) == before


async def test_a_body_that_never_ends_is_cut_off(world: World):
    sent = 0

    async def endless():
        nonlocal sent
        for _chunk in range(1000):
            sent += 64 * 1024
            yield b"x" * 64 * 1024

    answer = await world.browsers["coordinator"].client.post("/granby/findings", content=endless(), headers={"content-type": FORM})
    assert decent(answer)
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/granby/findings", "/granby/records/{finding}/files"])
async def test_u01_a_body_that_stalls_or_drips_is_cut_off(path: str, world: World, port: int, monkeypatch: pytest.MonkeyPatch):
    """A clear word, the line closed, and nothing is held or kept. (That an upload holds no
    connection while it comes: tests/files/test_faults.py.)"""
    monkeypatch.setattr(arriving, "LONGEST_PAUSE", 0.5)
    browser, before = world.browsers["coordinator"], await written(world.sessions)
    head = (
        f"POST {path.format(**world.shared.numbers)} HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nCookie: sid={browser.client.cookies['sid']}\r\n"
        f"X-CSRF-Token: {browser.csrf}\r\nContent-Type: {MULTIPART}\r\nContent-Length: 2000\r\n\r\n"
    )

    async def send(drips: float) -> tuple[bytes, bytes]:
        """The answer's first line, and the rest, which is lost to whoever still sends when the line is closed."""
        reader, line = await asyncio.open_connection("127.0.0.1", port)
        line.write(head.encode() + parts(part('file"; filename="svar.pdf', b"%PDF"), end=False))
        first, rest = asyncio.create_task(reader.readline()), b""
        while drips and not first.done():
            line.write(b"x")
            await asyncio.sleep(drips)
        with suppress(ConnectionResetError):
            rest = await first and await reader.read()
        line.close()
        return first.result()[:13], rest

    pool = browser.portal.sessions.kw["bind"].pool
    lent = pool.checkedout()
    async with asyncio.timeout(20):
        (stalled, said), (dripped, _rest) = await asyncio.gather(send(0), send(0.05))
        assert (stalled, b"kom aldrig fram" in said, dripped) == (b"HTTP/1.1 408 ", True, b"HTTP/1.1 408 ")
        while pool.checkedout() > lent:
            await asyncio.sleep(0.01)
    assert list((browser.portal.litestar.state.settings.file_folder / INCOMING).glob("*")) == []
    assert await written(world.sessions) == before


CROSS_SITE: dict[str, dict[str, str]] = {
    "another site": {"sec-fetch-site": "cross-site"},
    "a sister site": {"sec-fetch-site": "same-site"},
    "a foreign origin": {"origin": "https://evil.example"},
    "an origin that begins like ours": {"origin": "http://127.0.0.1:8000.evil.example"},
    "ours over https": {"origin": "https://127.0.0.1:8000"},
    "an origin in bytes": {"origin": "http://å"},
}


@pytest.mark.parametrize(
    "path", ["/granby/findings", "/granby/findings/{finding}/fate", "/granby/records/{finding}/comments", "/granby/calendar/feeds"]
)
async def test_what_another_site_sends_changes_nothing(path: str, world: World):
    browser, data = world.browsers["coordinator"], {"happens": TYPED, "body": TYPED, "name": "a", "fate": "used"}
    path, before = path.format(**world.shared.numbers), await written(world.sessions)
    for case, headers in CROSS_SITE.items():
        answer = await browser.post(path, data, headers={name: value.encode() for name, value in headers.items()})
        assert (case, answer.status_code, decent(answer)) == (case, 403, True)
    for token in ("", "0" * 64, world.browsers["contact"].csrf, "å" * 64, "\x00"):
        answer = await browser.post(path, {**data, "csrf": token})
        assert (answer.status_code, decent(answer), TYPED in answer.text) == (403, True, True)
    assert await written(world.sessions) == before


ODD_HEADERS: dict[str, list[tuple[str, str]]] = {
    "a cookie of 20 kB": [("cookie", "sid=" + "x" * 20_000)],
    "two sign-ins": [("cookie", "sid=aaaaaaaaaaaaaaaaaaaaaaaaa; sid=bbbbbbbbbbbbbbbbbbbbbbbbb")],
    "a quoted sign-in": [("cookie", 'sid="a\\"b"')],
    "a sign-in in bytes": [("cookie", "sid=åäö; browser=åäö; flash=å.ä; language=å")],
    "a forged word": [("cookie", "flash=Imx1cmFkIg.0123456789abcdef0123456789abcdef")],
    "a flash that is no flash": [("cookie", "flash=.; theme=<script>")],
    "broken cookies": [("cookie", "=;;; ,=; a=\x01; sid")],
    "languages of 10 kB": [("accept-language", "sv-SE;q=NaN," * 1000)],
    "a language that is a path": [("accept-language", "../../etc/passwd")],
    "a tag of 10 kB": [("if-none-match", '"' + "x" * 10_000 + '"')],
    "many ranges": [("range", "bytes=" + "0-," * 1000)],
    "another method in a header": [("x-http-method-override", "DELETE"), ("x-method-override", "POST")],
    "forwarded from elsewhere": [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "javascript"),
        ("x-forwarded-for", "1.1.1.1," * 50),
    ],
    "a date that is none": [("if-modified-since", "i går")],
    "a body on a get": [("content-type", "multipart/form-data"), ("content-length", "5")],
}


async def fetch(browser: Browser, path: str, headers: list[tuple[str, str]], method: str = "GET", **given: Any) -> httpx.Response:
    """Send exactly these headers, twice the same one if so be it, with the browser's own cookies unless they name some."""
    own = (
        []
        if any(name == "cookie" for name, _value in headers)
        else [("cookie", "; ".join(f"{k}={v}" for k, v in browser.client.cookies.items()))]
    )
    raw = [(name.encode(), value.encode()) for name, value in (*own, *headers)]
    request = httpx.Request(method, f"http://127.0.0.1:8000{path}", headers=raw, **given)
    return await httpx.AsyncClient(transport=browser.client._transport).send(request)


@pytest.mark.parametrize("case", ODD_HEADERS)
async def test_odd_headers_are_left_aside(case: str, world: World):
    browser, headers = world.browsers["contact"], ODD_HEADERS[case]
    for path in ("/granby/findings", "/sign-in", "/nowhere", "/calendar/" + "x" * 43 + ".ics"):
        answer = await fetch(browser, path, headers)
        assert decent(answer, public=path.startswith("/calendar"))
        assert "evil.example" not in answer.text
        assert "evil.example" not in answer.headers.get("location", "")
        signed_in = not any(name == "cookie" for name, _value in headers)
        if path == "/granby/findings":
            assert answer.status_code == (200 if signed_in else 303)


@pytest.mark.parametrize(
    "hosts",
    [
        ("127.0.0.1:8000", "evil.example"),
        ("127.0.0.1:8000/../x?y",),
        ("a b",),
        ("127.0.0.1:port",),
        ("å.se",),
        ("127.0.0.1:8000:1",),
        ("[::1",),
    ],
    ids=str,
)
async def test_a_host_that_is_none_is_refused(hosts: tuple[str, ...], world: World):
    for path in ("/granby/findings", "/nowhere"):
        answer = await fetch(world.browsers["contact"], path, [("host", host) for host in hosts])
        assert (path, answer.status_code, decent(answer)) == (path, 400, True)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1",
        "127.0.0.1:8001",
        "127.0.0.1.evil.example:8000",
        "xlocalhost:8000",
        "10.0.0.7:8000",
        "",
    ],
)
async def test_another_host_is_not_answered_but_probes_are(host: str, world: World):
    browser = world.browsers["contact"]
    for path in ("/", "/granby/findings", "/nowhere", "/static/app.css"):
        answer = await fetch(browser, path, [("host", host)])
        assert (path, answer.status_code, decent(answer)) == (path, 421, True)
        assert "Portalen har en annan adress" in answer.text
        assert "set-cookie" not in answer.headers
    for path in ("/health/live", "/health/ready"):
        assert (await fetch(browser, path, [("host", host)])).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST:8000", "[::1]:8000"])
async def test_this_machine_is_known_by_all_its_names(host: str, world: World):
    assert (await fetch(world.browsers["contact"], "/granby/findings", [("host", host)])).status_code == 200


async def test_a_head_is_a_get_without_what_it_shows(world: World):
    for role, path, status in (("contact", "/granby/findings", 200), ("anonymous", "/granby/findings", 303), ("contact", "/vitby", 404)):
        answer = await world.browsers[role].client.head(path)
        assert (path, answer.status_code, decent(answer)) == (path, status, True)


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "CONNECT"])
async def test_other_methods_are_refused(method: str, world: World):
    before = await written(world.sessions)
    for path in ("/granby/findings", "/granby/findings/{finding}", "/granby", "/"):
        answer = await world.browsers["coordinator"].client.request(method, path.format(**world.shared.numbers))
        assert (path, answer.status_code, decent(answer)) == (path, 405, True)
    assert await written(world.sessions) == before


async def test_a_get_changes_nothing_where_a_post_would(world: World):
    before = await written(world.sessions)
    for path in ("/meetings/{meeting}/summons", "/records/{finding}/lock", "/sections/{section}/draft", "/findings/{finding}/fate"):
        answer = await world.browsers["coordinator"].get(
            f"/granby{path}".format(**world.shared.numbers), params={"_method": "POST", "fate": "used"}
        )
        assert (path, answer.status_code, decent(answer)) == (path, 405, True)
    assert await written(world.sessions) == before


QUERIES = {
    "10 kB": "q=" + "x" * 10_000,
    "5,000 parameters": "&".join(f"p{n}=1" for n in range(5_000)),
    "the same twice": "theme=1&theme=2&before=1&before=2&q=a&q=b",
    "bad percent signs": "q=%zz%&theme=%",
    "invalid utf-8": "q=%ff%fe&source_url=%ff&triage=%ff",
    "a lone surrogate": "q=%ed%a0%80&source_url=http://%ed%a0%80.se/%ed%a0%80&title=%ed%a0%80",
    "nul": "q=%00&source_url=%00&theme=%00&title=%00&topic=%00",
    "huge numbers": "theme=99999999999999999999&unit=999999999999999999&before=9223372036854775807&offset=9223372036854775807&reply=999999999999999999",
    "numbers that are none": "theme=-1&unit=1e3&before=+1&offset=-5&limit=0",
    "operators": "q=a+%26+b+%7C+%3A*+((+!+'+\\+%25_&sort=author.password&filter[role]=x",
    "a regular expression": "q=((a%2B)%2B)%2B%24" + "a" * 150,
    "markup": "q=<script>alert(1)</script>{{7*7}}&source_url=javascript:alert(1)&title=<img src=x onerror=alert(1)>",
    "a link that is none": "source_url=http://[::1&themes=x",
    "brackets": "a[]=1&a[b][c]=2&=&&;",
}


@pytest.mark.parametrize("case", QUERIES)
async def test_any_query_gets_a_page(case: str, world: World):
    browser = world.browsers["coordinator"]
    for path in (*PAGES, *(f"/granby/{room}s/{world.shared.numbers[room]}" for room in ("finding", "meeting", "consultation", "call"))):
        answer = await fetch(browser, f"{path}?{QUERIES[case]}", [])
        assert decent(answer)
        assert (path, answer.status_code) == (path, 200)
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert len(answer.content) < 3_000_000


# Pages that tell when a filter is none, or that there is nothing to find: an answer in words, whatever is asked.
TOLD = (
    "/administer/log",
    "/moderation/log",
    "/administer/invitations/new",
    "/members/deputies/new",
    "/members/suggest",
    "/records/{finding}/history",
)
NAMES = ("verb", "person", "before", "unit_id", "role", "q", "actor", "reason", "record", "since", "until")
VALUES = ("%00", "9223372036854775808", "99999999999999999999", "-1", "%ff", "%ed%a0%80", "0001-01-01", "x" * 5000)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value[:20])
async def test_a_filter_that_is_none_is_no_crash(value: str, world: World):
    for path in TOLD:
        for query in ("&".join(f"{name}={value}" for name in NAMES), *(f"{name}={value}" for name in NAMES[:3])):
            answer = await fetch(world.browsers["coordinator"], f"/granby{path}?{query}".format(**world.shared.numbers), [])
            assert decent(answer)
            assert (path, query[:40], answer.status_code in (200, 404, 422)) == (path, query[:40], True)
