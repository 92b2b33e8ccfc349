"""A guest sees what is shared with her and nothing else: not a word, not a count, not a number of it."""

import re
from urllib.parse import urljoin

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock, rooms
from portal.accounts.queries import hash_of
from portal.calendar.models import Feed
from portal.comments.models import Thread
from portal.live import Viewer
from portal.networks.models import Membership
from tests.authz.rows import ROWS
from tests.authz.world import WORDS, Goods, World
from tests.browser import Browser

TOKEN = "gastens-egen-adress-som-ingen-borde-ha-fatt-0"
LINK = re.compile(r'(?:href|hx-get)="(/granby[^"#]*|\?[^"#]*)')
# Drawn by a process of its own, which takes long, and packed, so that no word would be found in it; those of the rows are tried.
PDF = re.compile(r"/papers/(?:agenda|notes)\b")


async def every_page(browser: Browser, more: set[str]) -> dict[str, httpx.Response]:
    """Every page that links lead to from home, and those that are tried besides."""
    waiting, seen = {"/granby", *more}, dict[str, httpx.Response]()
    while waiting:
        path = waiting.pop()
        seen[path] = await browser.get(path)
        links = {urljoin(path, found.replace("&amp;", "&")) for found in LINK.findall(seen[path].text)}
        waiting |= {link for link in links if not PDF.search(link)} - seen.keys()
        assert len(seen) < 400
    return seen


async def test_no_page_holds_a_word_of_what_is_not_shared(world: World):
    tried = {
        f"/granby{row.path}".format(**goods.numbers) for row in ROWS if row.method == "GET" for goods in (world.shared, world.unshared)
    }
    tried |= {f"/granby/search?q={word[:6]}" for word in WORDS}
    pages = await every_page(world.browsers["guest"], tried)
    found = {(path, word) for path, answer in pages.items() for word in WORDS if word in answer.text}
    assert found == set()
    opened = [path for path, answer in pages.items() if answer.status_code == 200]
    assert len(opened) > 15
    assert any("Solkatten" in pages[path].text for path in opened)
    read = [(await world.browsers["reader"].get(path)).text for path in sorted(tried) if "/findings/" in path or "s/" in path]
    assert {word for word in WORDS for page in read if word in page} == set(WORDS)


async def test_a_calendar_feed_that_a_guest_should_not_have_is_empty(world: World):
    world.sessions.add(Feed(membership_id=world.cast.guest.id, name="gammal", token_hash=hash_of(TOKEN), created_at=clock.now()))
    await world.sessions.commit()
    answer = await world.browsers["anonymous"].get(f"/calendar/{TOKEN}.ics")
    assert answer.status_code == 200
    assert "VEVENT" not in answer.text


@pytest.mark.parametrize("role", ["guest", "reader", "outsider", "former"])
async def test_the_socket_asks_the_same_question(role: str, world: World):
    people = world.cast.everyone
    person_id = people[role].person_id if role in people else await former_person_id(world)
    streams = {name: await streams_of(world, goods) for name, goods in (("shared", world.shared), ("unshared", world.unshared))}
    everything = streams["shared"] | streams["unshared"]
    allowed = await rooms._may_read(world.sessions, Viewer(person_id, 1, "sv"), sorted(everything))
    assert allowed == {"guest": streams["shared"], "reader": everything}.get(role, set())
    assert len(streams["unshared"]) >= 3


async def former_person_id(world: World) -> int:
    wanted = select(col(Membership.person_id)).where(
        col(Membership.network_id) == world.cast.network.id, col(Membership.ends_on).is_not(None)
    )
    return (await world.sessions.scalars(wanted)).one()


async def streams_of(world: World, goods: Goods) -> set[int]:
    records = [each.id for each in goods.records]
    return set(await world.sessions.scalars(select(col(Thread.stream_id)).where(col(Thread.record_id).in_(records))))
