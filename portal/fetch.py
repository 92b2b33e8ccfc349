"""The one guarded way out for HTTP: addresses, bytes, time and redirects are limited, and only what was checked is connected to.

Whoever gives us an address must not make the portal talk to its own network (server-side request forgery). A name is resolved
here, every address of it is held against what the internet's hosts may have, and the connection goes to that very address; so
neither odd spellings (0x7f.1), nor names that lead inside, nor names that change between question and call get through.
"""

import asyncio
import logging
import socket
import ssl
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlencode, urljoin

import certifi
import httpcore

from portal.fields import _l
from portal.links import ascii_host, web_address

LARGEST = 5 * 1024 * 1024
PATIENCE = 15.0
MOST_REDIRECTS = 3
PORTS = {"https": 443, "http": 80}
PROGRAM = "Portal (+calendar and source reader)"
REDIRECTS = {301, 302, 303, 307, 308}
# What the IANA registries of special-purpose addresses (RFC 6890) keep from the open internet. Python's own `is_global` lets some through.
NOT_IPV4 = [
    ip_network(each)
    for each in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
]  # fmt: skip
GLOBAL_IPV6 = ip_network("2000::/3")
NOT_IPV6 = [ip_network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]

Network = IPv4Network | IPv6Network
log = logging.getLogger("portal.fetch")


class Unreachable(Exception):
    """Nothing was fetched. `message_sv` is one sentence in the catalogue."""

    def __init__(self, message_sv: str) -> None:
        super().__init__(message_sv)
        self.message_sv = message_sv


BLOCKED = _l("Adressen leder till ett nät som portalen inte får läsa från.")
NOT_AN_ADDRESS = _l("Det är ingen webbadress som börjar med https://.")
UNKNOWN_HOST = _l("Servern finns inte, eller så är namnet felstavat.")
NO_ANSWER = _l("Servern svarade inte.")
TOO_SLOW = _l("Servern svarade för långsamt.")
TOO_LARGE = _l("Svaret var större än 5 MB.")
NOT_TRUSTED = _l("Serverns certifikat går inte att lita på.")
TOO_MANY_HOPS = _l("Adressen skickar vidare för många gånger.")
BROKEN = _l("Serverns svar gick inte att läsa.")
REFUSED = {
    401: _l("Adressen kräver inloggning. Be om en länk som går att läsa utan."),
    403: _l("Servern säger nej. Be om en länk som går att läsa utan inloggning."),
    404: _l("Det finns ingenting på adressen."),
    410: _l("Adressen har upphört."),
    429: _l("Servern ber oss att vänta. Vi försöker igen senare."),
}
OTHER_STATUS = _l("Servern svarade med ett fel. Vi försöker igen senare.")


@dataclass(frozen=True)
class Validators:
    """What an earlier answer said about itself, as it was sent: to ask whether anything is new."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class Answer:
    """`content` is None when nothing has changed since the answer that the validators are of."""

    content: bytes | None
    validators: Validators


async def fetch(url: str, *, known: Validators = Validators(), inside: Sequence[Network] = ()) -> Answer:
    """What is at an http, https or webcal address. Unreachable with one sentence, whatever happens.

    `inside` are networks of our own that may be read from besides the internet, at any port.
    """
    with _told():
        async with asyncio.timeout(PATIENCE):
            return await _follow(url, known, inside)


async def post(url: str, fields: Mapping[str, str], *, inside: Sequence[Network] = ()) -> tuple[int, bytes]:
    """Send a form to an address; status and body of the answer, whatever they say. Unreachable as `fetch`; never sent on elsewhere."""
    headers: dict[bytes | str, bytes | str] = {
        "Accept": "application/json",
        "User-Agent": PROGRAM,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    content = urlencode(fields).encode()
    with _told():
        async with asyncio.timeout(PATIENCE), _pool(inside) as pool:
            asked = pool.stream(
                "POST", address(url).encode("ascii", "strict"), headers=headers | {"Content-Length": str(len(content))}, content=content
            )
            async with asked as response:
                return response.status, await _read(response, "")


@contextmanager
def _told() -> Iterator[None]:
    """Whatever goes wrong on the way is Unreachable with its sentence."""
    try:
        yield
    except TimeoutError:
        raise Unreachable(TOO_SLOW) from None
    except ssl.SSLError:
        raise Unreachable(NOT_TRUSTED) from None
    except httpcore.ConnectError as failure:
        raise Unreachable(NOT_TRUSTED if "CERTIFICATE" in str(failure).upper() else NO_ANSWER) from None
    except (httpcore.NetworkError, httpcore.TimeoutException, OSError):
        raise Unreachable(NO_ANSWER) from None
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, zlib.error, ValueError):
        raise Unreachable(BROKEN) from None


def _pool(inside: Sequence[Network]) -> httpcore.AsyncConnectionPool:
    return httpcore.AsyncConnectionPool(
        ssl_context=ssl.create_default_context(cafile=certifi.where()), network_backend=_Guarded(inside), max_connections=1
    )


async def _follow(url: str, known: Validators, inside: Sequence[Network]) -> Answer:
    async with _pool(inside) as pool:
        for _hop in range(MOST_REDIRECTS + 1):
            url = address(url)
            answer = await _ask(pool, url, known)
            if isinstance(answer, Answer):
                return answer
            if url.startswith("https:") and not urljoin(url, answer).startswith("https:"):
                raise Unreachable(BLOCKED)
            url = urljoin(url, answer)
    raise Unreachable(TOO_MANY_HOPS)


def address(url: str) -> str:
    """The address in ASCII, as it can be asked for; else Unreachable. webcal: is what calendar programs call https."""
    if url.lower().startswith(("webcal://", "webcals://")):
        url = f"https://{url.partition('://')[2]}"
    parts = web_address(url)
    host = ascii_host(parts.hostname or "") if parts else None
    if parts is None or host is None or parts.username is not None:
        raise Unreachable(NOT_AN_ADDRESS)
    return parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host, fragment="").geturl()


async def _ask(pool: httpcore.AsyncConnectionPool, url: str, known: Validators) -> Answer | str:
    """The answer, or where it sends us."""
    headers: dict[bytes | str, bytes | str] = {"Accept": "text/calendar, */*;q=0.5", "Accept-Encoding": "gzip", "User-Agent": PROGRAM}
    headers |= {"If-None-Match": known.etag} if known.etag else {}
    headers |= {"If-Modified-Since": known.last_modified} if known.last_modified else {}
    async with pool.stream("GET", url.encode("ascii", "strict"), headers=headers) as response:
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        if response.status == 304 and known != Validators():
            return Answer(None, known)
        if response.status in REDIRECTS and told.get("location"):
            return told["location"]
        if response.status != 200:
            raise Unreachable(REFUSED.get(response.status, OTHER_STATUS))
        content = await _read(response, told.get("content-encoding", ""))
    return Answer(content, Validators(_header(told.get("etag")), _header(told.get("last-modified"))))


def _header(value: str | None) -> str:
    """Only what can be sent back as it came, and is not too long to keep."""
    return value if value is not None and len(value) <= 200 and value.isprintable() and value.isascii() else ""


async def _read(response: httpcore.Response, encoding: str) -> bytes:
    """The body, unpacked once, and never more of it than we take, packed or unpacked; nothing may come after its end."""
    if encoding not in ("", "identity", "gzip"):
        raise Unreachable(BROKEN)
    unpacker = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    content, came = bytearray(), 0
    async for piece in response.aiter_stream():
        came += len(piece)
        content += unpacker.decompress(piece, LARGEST + 1 - len(content)) if unpacker else piece
        if max(came, len(content)) > LARGEST or (unpacker and unpacker.unconsumed_tail):
            raise Unreachable(TOO_LARGE)
        if unpacker and unpacker.unused_data:
            raise Unreachable(BROKEN)
    if unpacker and not unpacker.eof:
        raise Unreachable(BROKEN)
    return bytes(content)


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to addresses that may be connected to, and to none that it has not looked at."""

    def __init__(self, inside: Sequence[Network]) -> None:
        self._inside = inside
        self._wires = httpcore.AnyIOBackend()

    async def connect_tcp(  # the backend's own signature
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        allowed = [each for each in await _resolve(host, port) if self._may(each, port)]
        if not allowed:
            log.warning("refused to read from %s: its address is not one of the internet's", ascii(host)[:100])
            raise Unreachable(BLOCKED)
        failure: Exception = OSError()
        for address in allowed:
            try:
                return await self._wires.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except httpcore.ConnectError as failed:
                failure = failed
        raise failure

    def _may(self, address: IPv4Address | IPv6Address, port: int) -> bool:
        return any(address in network for network in self._inside) or (port in PORTS.values() and is_open(address))


async def _resolve(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise Unreachable(UNKNOWN_HOST) from None
    return list(dict.fromkeys(ip_address(str(each[4][0]).partition("%")[0]) for each in found))


def is_open(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is an address that a host of the internet has for itself."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_IPV4)
    return address in GLOBAL_IPV6 and not any(address in network for network in NOT_IPV6)
