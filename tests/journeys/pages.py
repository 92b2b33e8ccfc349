"""Every page there is for somebody: found by following the links, one page of each kind."""

import re
from html import unescape
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext

HREF = re.compile(r"""<a\b[^>]*?\shref="([^"#]+)""")
NUMBER = re.compile(r"\d+")
VALUE = re.compile(r"=[^&]*")

# Its links are samples that lead nowhere.
SAMPLES = "/styleguide"
# Everybody's letters lie here, with links to what their readers alone may see; those that stop them, and that answer, are for whoever has
# them.
LETTERS, FOR_WHOEVER = "/dev/mail", re.compile(r"(/mail/stop|/answers)/[\w.]+")
# Pages that no link leads to.
UNLINKED = (SAMPLES, LETTERS, "/sign-in/code", "/me/address/code", "/grankoping/nothing", "/grankoping/search?q=samråd")
# Records look different in different states, so `records` of each are taken; of everything else the first.
RECORDS = re.compile(r"/\w+/(?:findings|meetings|consultations|calls)/N")
# Tools that stand on every comment, since all readers get the same markup; the page shows them to those who may use them.
FOR_SOME = re.compile(r"/\w+/comments/N/(?:conclusion|edit|hiding|report|versions)")


async def pages(context: BrowserContext, address: str, *, records: int) -> dict[str, str]:
    """Path and markup of all pages that the one who is signed in there can come to, in the order of their kinds."""
    found: dict[str, dict[str, str]] = {}
    files: set[str] = set()
    waiting = [("no page", path) for path in ("/", *UNLINKED)]
    while waiting:
        origin, path = waiting.pop(0)
        kind = kind_of(path)
        if kind in files or path in found.setdefault(kind, {}) or len(found[kind]) >= (records if RECORDS.fullmatch(kind) else 1):
            continue
        answer = await context.request.get(f"{address}{path}")
        if answer.status == 403 and FOR_SOME.fullmatch(kind):
            continue
        assert answer.status == (404 if path.endswith("/nothing") else 200), f"{origin} leads to {path}, and that answers {answer.status}"
        if answer.headers.get("content-disposition", "").startswith("attachment"):
            files.add(kind)  # a file to fetch is no page
            continue
        found[kind][path] = await answer.text()
        links = _links(found[kind][path], answer.url, address) if path != SAMPLES else []
        waiting += [(path, each) for each in links if path != LETTERS or FOR_WHOEVER.fullmatch(each.partition("?")[0])]
    return {path: markup for kind in sorted(found) for path, markup in found[kind].items()}


def kind_of(path: str) -> str:
    """What is the same for all pages of a kind: numbers and the values of filters do not count."""
    return VALUE.sub("=", NUMBER.sub("N", FOR_WHOEVER.sub(r"\1/N", path)))


def _links(page: str, url: str, address: str) -> list[str]:
    here = urlsplit(url).path
    paths = [unescape(each) for each in HREF.findall(page)]
    paths = [each if not each.startswith("?") else here + each for each in paths]
    return [each.removeprefix(address).removesuffix("?") for each in paths if each.startswith(("/", address)) and not each.startswith("//")]
