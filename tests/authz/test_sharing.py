"""What sharing changes for a guest, and what it does not: lists and counts before and after, comments, an end of it."""

import re

from portal import clock
from portal.db import Session
from tests.authz.world import WORDS, World, make_goods
from tests.factories import Cast
from tests.making import make_finding

LISTS = (
    "",
    "/findings",
    "/meetings",
    "/consultations",
    "/calls",
    "/search?q=om",
    "/search?q=Kvarnbäck",
    "/findings?fate=new",
    "/consultations?triage=answering",
)


async def test_lists_counts_and_news_do_not_change_with_what_is_not_shared(cast: Cast, session: Session, browser):
    await make_goods(session, cast, ("Solkatten",) * 7, shared=True)
    guest = await browser(cast.guest)
    await guest.get("/granby")
    with clock.fixed(clock.now()):
        before = {path: exact((await guest.get(f"/granby{path}")).text) for path in LISTS}
        await make_goods(session, cast, WORDS, shared=False)
        after = {path: exact((await guest.get(f"/granby{path}")).text) for path in LISTS}
    assert after == before


def exact(page: str) -> str:
    return re.sub(r"[0-9a-f]{64}|[0-9a-f-]{36}|<code>[0-9a-f]{8}</code>", "*", page)


async def test_where_guests_do_not_comment_they_are_refused_and_see_no_form(cast: Cast, session: Session, browser):
    goods = await make_goods(session, cast, ("Solkatten",) * 7, shared=True)
    guest = await browser(cast.guest)
    for tail, data in (("comments", {"body": "Hej", "key": "6f0f6a30-33f5-4f10-8a3c-6f0c4c9e8f11"}), ("draft", {"body": "Hej"})):
        assert (await guest.post(f"/granby/records/{goods.numbers['finding']}/{tail}", data)).status_code == 403
    assert '/comments"' not in (await guest.get(f"/granby/findings/{goods.numbers['finding']}")).text


async def test_what_is_no_longer_shared_is_gone_at_once(own_world: World):
    goods = own_world.shared
    guest, ingela = own_world.browsers["guest"], own_world.browsers["coordinator"]
    number = goods.numbers["finding"]
    assert (await guest.get(f"/granby/findings/{number}")).status_code == 200
    await ingela.post(f"/granby/records/{number}/shares/{own_world.cast.guest.id}/ending")
    for path in (f"/findings/{number}", f"/comments/{goods.numbers['comment']}/versions"):
        assert (path, (await guest.get(f"/granby{path}")).status_code) == (path, 404)
    assert "Vi minns" not in (await guest.get("/granby/search?q=minns")).text


async def test_sharing_reaches_guests_of_the_same_network_alone(cast: Cast, session: Session, browser):
    record = await make_finding(session, cast.contact)
    ingela = await browser(cast.coordinator)
    for member in (cast.outsider, cast.reader):
        assert (await ingela.post(f"/granby/records/{record.id}/shares", {"guest": str(member.id)})).status_code == 404
