"""Corpus M wherever people write and wherever it is read: forms, drafts, pages, frames of the
socket, search, letters and the calendar's feed."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit
from uuid import uuid4

import icalendar
import pytest
from sqlalchemy import func, select
from sqlmodel import col

from portal.comments import frames, markdown
from portal.comments.models import Comment, Thread
from portal.drafting.models import DraftText, Section
from portal.live.models import Event
from portal.meetings.models import AgendaItem
from portal.notifications import letters
from portal.notifications.letters import Facts, Link, Quote, Row, Rows
from tests.authz.rows import FINDING, MEETING, WINDOW, filled
from tests.authz.world import World
from tests.browser import Browser
from tests.conftest import BASE_URL
from tests.corpus.answers import decent

# A text that is tried everywhere, and the hosts that it may lead to.
SAMPLES: dict[str, tuple[str, set[str]]] = {
    "M01 what runs": (
        '<script>pwned=1</script><img src=x onerror="pwned=1"><svg onload=pwned=1></svg><iframe srcdoc="<b>"></iframe>',
        set(),
    ),
    "M01 what changes the page": (
        "<form action=//evil.example><style>*{color:red}</style><base href=//evil.example><meta http-equiv=refresh content=0>",
        set(),
    ),
    "M02 links that run": ("[a](javascript:pwned=1) [b](JaVaScRiPt:x) [c](&#106;avascript:x) [d](vbscript:x) [e](data:text/html,x)", set()),
    "M03 links without a scheme": (r"[a](//evil.example) [b](\\evil.example) [c](/\evil.example) <//evil.example>", set()),
    "M04 a picture": ("![x](https://tracker.example/1.gif)", {"tracker.example"}),
    "M05 other schemes": ("[a](ssh://evil.example) [b](sms:112) [c](tel:112) [d](magnet:?x) [e](webcal://evil.example)", set()),
    "M06 taken names": ('<a id="csrf" name="body" class="btn">x</a><img name="cookie"><form id="write"></form>', set()),
    "M07 maths": ('<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=pwned=1&gt;">', set()),
    "M07 noscript": ('<noscript><p title="</noscript><img src=x onerror=pwned=1>"></noscript><template><s>x</template>', set()),
    "M07 drawing": ('<svg></p><foreignObject><p><style><a id="</style><img src=1 onerror=pwned=1>"></style></p></svg>', set()),
    "M11 another host": ("[https://bank.example](https://evil.example/x)", {"evil.example"}),
    "M14 templates": ("{{7*7}} {% include 'layout.html' %} {# bort #} ${7*7} %(title)s {0} {{ config }}", set()),
}
LEADING = ("href", "src", "action", "formaction", "poster", "data", "xlink:href")
NEVER = {"iframe", "base", "object", "embed", "style", "math", "mtext", "mglyph", "foreignobject"}
TYPED = {"title", "alt", "value", "content", "placeholder", "aria-label"}


class Page(HTMLParser):
    """What a browser would build of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words += data

    def faults(self, hosts: set[str]) -> list[str]:
        """What runs, leads elsewhere than to `hosts`, fetches from elsewhere, or takes a name of the page's own."""
        ids = [given["id"] for _tag, given in self.elements if "id" in given]
        found = [f"#{each} twice" for each in set(ids) if ids.count(each) > 1]
        for tag, given in self.elements:
            found += [tag] if tag in NEVER or (tag == "meta" and "http-equiv" in given) else []
            found += [f"{tag} {name}" for name in given if name.startswith("on") or name == "srcdoc"]
            found += [f"{tag} {name}={given[name]}" for name in LEADING if name in given and not _is_ours(tag, given[name], hosts)]
            found += [
                f"{tag} {name}"
                for name, value in given.items()
                if "pwned" in value and not (name in TYPED or name.startswith("data-") or _brings_along(name, value))
            ]
            found += [f"{tag} is named"] if tag in ("a", "img") and ("name" in given or given.get("id") == "csrf") else []
            found += (
                ["script in the page"]
                if tag == "script" and not given.get("src", "").startswith("/static/") and "json" not in given.get("type", "")
                else []
            )
        return found


def _brings_along(name: str, address: str) -> bool:
    """A way within the portal may bring words to a form, as they are written in addresses."""
    path, _, query = address.partition("?")
    return name == "href" and path.startswith("/") and "pwned" not in path and not set(query) & set("<>\"' ")


def _is_ours(tag: str, address: str, hosts: set[str]) -> bool:
    parts = urlsplit(address)
    if parts.scheme == "webcal":  # the calendar's own address, as calendar programs want it
        return parts.netloc == urlsplit(BASE_URL).netloc
    if "\\" in address or parts.scheme not in ("", "http", "https", "mailto") or (parts.netloc and not parts.scheme):
        return False
    return parts.netloc in ({""} | ({urlsplit(BASE_URL).netloc} | hosts if tag == "a" else set()))


@pytest.fixture(scope="module")
async def said(world: World) -> dict[str, dict[str, int]]:
    """Each sample written into every form that takes words; by its name the numbers of what it stands in."""
    return {name: await write(world, sample) for name, (sample, _hosts) in SAMPLES.items()}


async def write(world: World, sample: str) -> dict[str, int]:
    maja, ingela, tomas = (world.browsers[role] for role in ("contact", "coordinator", "deputy"))
    known = world.shared.numbers | {"theme": world.cast.themes[0].id}
    body = f"Provtext\n\n{sample}"
    finding = await made(maja, "/findings", filled(FINDING, known) | {"title": sample, "happens": body, "means": body})
    comment = await made(maja, f"/records/{finding}/comments", {"body": body, "key": str(uuid4())})
    await made(maja, f"/comments/{comment}", {"body": f"Ändrad {body}", "version": "1"})
    for role in (maja, tomas):
        assert (await role.post(f"/granby/records/{finding}/draft", {"body": body})).status_code == 204
    await made(tomas, f"/comments/{comment}/report", {"reason": "insult", "words": sample})
    await made(ingela, f"/comments/{comment}/conclusion", {})
    meeting = await made(ingela, "/meetings", filled(MEETING, known) | {"title": sample, "place": sample, "purpose": body})
    await made(ingela, f"/meetings/{meeting}/agenda", {"title": sample, "presenter": sample[:100]})
    consultation = await made(ingela, "/consultations", filled(WINDOW, known) | {"title_sv": sample, "summary_sv": body})
    await made(ingela, f"/consultations/{consultation}/triage", {"triage": "answering", "reason": sample})
    text = await newest(world, select(func.max(DraftText.id)).where(col(DraftText.record_id) == consultation))
    await made(ingela, f"/texts/{text}/sections", {"heading": sample})
    section = await newest(world, select(func.max(Section.id)).where(col(Section.text_id) == text))
    await made(ingela, f"/sections/{section}", {"heading": sample, "body": body, "version": "1"})
    item = await newest(world, select(func.max(AgendaItem.id)).where(col(AgendaItem.meeting_id) == meeting))
    return {
        "finding": finding,
        "comment": comment,
        "meeting": meeting,
        "item": item,
        "consultation": consultation,
        "text": text,
        "section": section,
    }


async def made(browser: Browser, path: str, data: dict[str, str]) -> int:
    """Post a form that is accepted; the last number of where it leads."""
    answer = await browser.post(f"/granby{path}", data)
    assert (path, answer.status_code) == (path, 303)
    return int(re.findall(r"\d+", answer.headers["location"])[-1])


async def newest(world: World, query: object) -> int:
    found = await world.sessions.scalar(query)  # type: ignore[call-overload]
    await world.sessions.commit()
    assert found is not None
    return int(found)


OWN = (
    "/findings/{finding}",
    "/comments/{comment}/versions",
    "/meetings/{meeting}",
    "/consultations/{consultation}",
    "/texts/{text}",
    "/sections/{section}/versions",
)
PLACES = {
    "deputy": (*OWN, "/comments/{comment}/report", "/records/{finding}/history"),
    "contact": ("/findings/{finding}", "/findings/{finding}/edit", "/comments/{comment}/edit"),
    "coordinator": (
        *OWN,
        "/comments/{comment}/hiding",
        "/sections/{section}/edit",
        "/meetings/{meeting}/edit",
        "/meetings/{meeting}/agenda/{item}",
        "/meetings/{meeting}/cancellation",
    ),
}
ROOMS = ("", "/waiting", "/findings", "/meetings", "/consultations", "/calendar", "/search?q=Provtext", "/moderation", "/moderation/log")
SUBSCRIBING = {"outlook.office.com", "calendar.google.com"}  # which the page of a new calendar link offers to subscribe with
HOSTS = {host for _sample, hosts in SAMPLES.values() for host in hosts}


@pytest.mark.parametrize("name", SAMPLES)
async def test_it_is_shown_as_words_wherever_it_is_read(name: str, said: dict[str, dict[str, int]], world: World):
    sample, hosts = SAMPLES[name]
    for role, places in PLACES.items():
        for place in places:
            path = f"/granby{place}".format(**said[name])
            answer = await world.browsers[role].get(path)
            page = Page(answer.text)
            assert (path, answer.status_code, decent(answer), page.faults(hosts)) == (path, 200, True, [])
            shown = page.words + " ".join(given.get("value", "") for _tag, given in page.elements)
            assert (path, sample in shown or place.endswith(("/history", "/versions", "/report", "/hiding"))) == (path, True)


@pytest.mark.parametrize("place", ROOMS)
@pytest.mark.usefixtures("said")
async def test_lists_and_search_show_all_of_them_as_words(place: str, world: World):
    for role in ("coordinator", "contact"):
        answer = await world.browsers[role].get(f"/granby{place}")
        assert answer.status_code == 200 or (role == "contact" and "/moderation" in place)
        assert (place, role, decent(answer), Page(answer.text).faults(HOSTS)) == (place, role, True, [])


@pytest.mark.parametrize("name", SAMPLES)
async def test_a_frame_of_the_socket_holds_the_same_words(name: str, said: dict[str, dict[str, int]], world: World):
    sample, hosts = SAMPLES[name]
    thread = await world.sessions.get_one(Thread, said[name]["finding"])
    events = (await world.sessions.scalars(select(Event).where(col(Event.stream_id) == thread.stream_id).order_by(col(Event.seq)))).all()
    shown = await frames.render(world.sessions, thread.stream_id, events, "sv")
    await world.sessions.commit()
    assert {event.kind for event in events} >= {"comment.posted", "comment.edited", "conclusion.drawn"}
    for frame in shown:
        pages = [Page(str(frame[part])) for part in ("html", "conclusion") if frame.get(part)]
        assert [page.faults(hosts) for page in pages] == [[]] * len(pages)
        for page in pages:
            assert "".join(markdown.plain(sample).split()) in "".join(page.words.split())
    assert any("html" in frame for frame in shown)


async def test_m11_the_host_a_link_leads_to_stands_next_to_it(said: dict[str, dict[str, int]], world: World):
    numbers = said["M11 another host"]
    for path in ("/findings/{finding}", "/comments/{comment}/versions", "/texts/{text}", "/consultations/{consultation}"):
        assert "https://bank.example</a> (evil.example)" in (await world.browsers["deputy"].get(f"/granby{path}".format(**numbers))).text


@pytest.mark.parametrize("name", SAMPLES)
def test_a_letter_holds_the_same_words(name: str):
    """Whatever a room puts into a letter; see portal/notifications/letters.py for all that it can be made of."""
    sample, _hosts = SAMPLES[name]
    quote = Quote(markdown.excerpt(sample, 400))
    parts = [
        sample,
        quote,
        Facts([sample, sample]),
        Rows(sample, [Row(sample, "/granby/findings/1", sample)]),
        Link(sample, "/granby/findings/1"),
    ]
    page = Page(letters.html(sample, parts, [Link("Välj mejl", f"{BASE_URL}/me/mail")], address=BASE_URL))
    assert page.faults(set()) == []
    assert page.words.count(sample) >= 6
    assert letters.plain(parts, [], address=BASE_URL).count(sample) >= 6


async def test_the_calendars_feed_holds_them_as_text(said: dict[str, dict[str, int]], world: World):
    shown = await world.browsers["contact"].post("/granby/calendar/feeds", {"name": SAMPLES["M01 what runs"][0][:60]})
    assert Page(shown.text).faults(HOSTS | SUBSCRIBING) == []
    (path,) = re.findall(r"http://127\.0\.0\.1:8000(/calendar/[\w-]+\.ics)", shown.text)
    feed = icalendar.Calendar.from_ical((await world.browsers["anonymous"].get(path)).content)
    titles = {str(event["SUMMARY"]) for event in feed.walk("VEVENT")}
    assert all(any(sample in title for title in titles) for sample, _hosts in SAMPLES.values())


LINE = "a" * 1_000_000
TABLE = "|a" * 1_000 + "|\n" + "|-" * 1_000 + "|\n" + ("|a" * 1_000 + "|\n") * 1_000
TOO_MUCH = {"M15 a line of a million letters": LINE, "M10 a table of a thousand by a thousand": TABLE}
DEEP = {
    "M08 quotes in quotes": "> " * 9_900,
    "M08 lists in lists": "- " * 9_900,
    "M09 brackets": "[" * 19_000,
    "M09 stars": "*a_ " * 4_900,
    "M10 a table's line": "|" * 19_000,
}


@pytest.mark.parametrize("case", [*TOO_MUCH, *DEEP])
async def test_what_is_too_much_is_refused_wherever_it_is_written(case: str, said: dict[str, dict[str, int]], world: World):
    """By its size everywhere, by what it would cost in comments; kept while one writes, as it has not been read yet."""
    maja, ingela, numbers = world.browsers["contact"], world.browsers["coordinator"], said["M04 a picture"]
    body = (TOO_MUCH | DEEP)[case]
    version = (await world.sessions.get_one(Comment, numbers["comment"], populate_existing=True)).version
    await world.sessions.commit()
    forms = {"/records/{finding}/comments": {"key": str(uuid4())}, "/comments/{comment}": {"version": str(version)}}
    if case in TOO_MUCH:
        forms |= {
            "/records/{finding}/draft": {},
            "/sections/{section}": {"heading": "Rubrik", "version": "2"},
            "/sections/{section}/draft": {"version": "2"},
        }
    for path, data in forms.items():
        answer = await (maja if path == "/comments/{comment}" else ingela).post(f"/granby{path}".format(**numbers), data | {"body": body})
        assert (path, answer.status_code, decent(answer)) in [(path, 413, True), (path, 422, True)]
        assert answer.status_code == 413 or path.endswith("/draft") or body[:200].replace(">", "&gt;") in answer.text
