"""Web addresses that people write: what is one, whether a text may lead there, and whether two are the same."""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

import idna

from portal.characters import EDGE, UNWANTED

LONGEST_LINK = 2000
HOST = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*", re.IGNORECASE)
HOST_IN_TEXT = re.compile(r"((?:[\w-]+\.)+[^\W\d_][\w-]+)(?:[/?#:]\S*)?")
DOTS = str.maketrans("。｡․", "...") | dict.fromkeys(map(ord, EDGE.replace(" ", "").replace("\n", "")), "")
NOT_IN_LINK = re.compile(r'[\s\x00-\x1f\x7f-\x9f\\<>"`{}|^]')
TRACKING = re.compile(r"utm_.*|(fb|g|dcl|ms)clid|mc_[ce]id|_hs(enc|mi)|igshid|wt\.mc_id|pk_(campaign|kwd)", re.IGNORECASE)
LONGEST_LINK_TEXT = 200


def may_link(url: str) -> bool:
    """Whether a text may link there: a web address, an e-mail address or a path of the portal."""
    if not is_printable(url) or len(url) > LONGEST_LINK:
        return False
    return web_address(url) is not None or is_own_path(url) or (url.startswith("mailto:") and "@" in url)


def is_own_path(url: str) -> bool:
    """A path of this portal: browsers read // and /\\ as the beginning of another host."""
    return url.startswith("/") and not url.lower().startswith(("//", "/\\", "/%5c"))


def is_printable(url: str) -> bool:
    """Without blanks, controls, what reorders text, and what no address holds."""
    return not (NOT_IN_LINK.search(url) or UNWANTED.search(url))


def web_address(url: str) -> SplitResult | None:
    """The parts of a web address, or None if it is not one: the standard library raises for bad ports and brackets."""
    try:
        parts = urlsplit(url)
        userinfo, _ = parts.username is not None, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or userinfo or ascii_host(parts.hostname or "") is None:
        return None
    return parts


def ascii_host(host: str) -> str | None:
    """The host in lower case and IDNA, or None if it cannot be one."""
    if len(host) > 253:
        return None
    try:
        ascii_host = host.lower() if host.isascii() and "xn--" not in host.lower() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return None
    return ascii_host if len(ascii_host) <= 253 and HOST.fullmatch(ascii_host) else None


def other_host(words: str, href: str) -> str:
    """The host a link leads to, where its words name another one (or are so long that nobody sees
    what they name): to be shown with them. Else ""."""
    address = web_address(href)
    host = address.hostname if address else href.partition("?")[0].rpartition("@")[2] if href.startswith("mailto:") else ""
    target = (ascii_host(host or "") or "").removeprefix("www.")
    return target if target and (len(words) > LONGEST_LINK_TEXT or any(each != target for each in _hosts_in(words))) else ""


def _hosts_in(words: str) -> Iterator[str]:
    for found in HOST_IN_TEXT.findall(unicodedata.normalize("NFKC", words).translate(DOTS)):
        yield (ascii_host(found) or found).removeprefix("www.")


def canonical_link(url: str) -> str:
    """One key for every way of writing the same address, to find duplicates; never to be followed."""
    parts = web_address(url)
    if parts is None:
        return url
    host = (ascii_host(parts.hostname or "") or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    path = quote(unquote(parts.path).rstrip("/"), safe="/:@!$&'()*+,;=~")
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not TRACKING.fullmatch(pair[0])]
    return f"https://{host}{port}{path}" + ("?" + urlencode(sorted(query)) if query else "")
