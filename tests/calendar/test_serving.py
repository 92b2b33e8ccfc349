"""A feed over HTTP: what is asked for and nothing else decides, and no answer lies (rows A49 to A53 of the matrix of rights)."""

import asyncio
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest
from sqlalchemy import select

from portal import clock
from portal.calendar.actions import note_content
from portal.calendar.models import Feed
from portal.calendar.programs import Program
from portal.calendar.queries import polled
from portal.calendar.serving import asks_for_gzip
from tests.calendar.reading import address_for, address_in, events_at
from tests.counting import counting
from tests.factories import Cast, make_member
from tests.making import change_meeting, make_meeting

UNPACKED = {"accept-encoding": "identity"}


async def test_packed_only_for_who_asks_and_each_form_has_a_validator_of_its_own(cast: Cast, session, browser, visitor):
    made = await make_meeting(session, cast.coordinator)
    path = await address_for(browser, cast.contact)
    plain, packed = [await visitor.get(path, headers={"accept-encoding": coding}) for coding in ("identity", "gzip")]
    assert ("content-encoding" in plain.headers, packed.headers["content-encoding"]) == (False, "gzip")
    assert plain.content == packed.content  # which httpx has unpacked
    assert int(packed.headers["content-length"]) < len(plain.content) == int(plain.headers["content-length"])
    assert {plain.headers["vary"], packed.headers["vary"]} == {"Accept-Encoding"}
    tags = plain.headers["etag"], packed.headers["etag"]
    assert tags[0] != tags[1]
    assert not [tag for tag in tags if tag.startswith("W/")]
    asked = [("identity", tags[0]), ("identity", tags[1]), ("gzip", tags[0]), ("gzip", tags[1]), ("gzip", f'"x", {tags[1]}'), ("gzip", "*")]
    answers = [await visitor.get(path, headers={"accept-encoding": coding, "if-none-match": tag}) for coding, tag in asked]
    assert [each.status_code for each in answers] == [304, 200, 200, 304, 304, 304]
    assert {each.content for each in answers if each.status_code == 304} == {b""}
    await change_meeting(session, cast.coordinator, made.record_id, place="Storken")
    answers = [
        await visitor.get(path, headers={"accept-encoding": coding, "if-none-match": ", ".join(tags)}) for coding in ("identity", "gzip")
    ]
    assert [(each.status_code, each.headers["etag"] in tags) for each in answers] == [(200, False), (200, False)]


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True), ("gzip, deflate, br", True), ("br;q=1.0, GZIP;q=0.8", True), ("x-gzip", True), ("gzip;q=1", True),
        ("", False), ("identity", False), ("*", False), ("gzip;q=0", False), ("gzip; q=0.000", False), ("br, deflate", False), ("gzipped", False),
    ],
)  # fmt: skip
def test_who_asks_for_gzip(accepted: str, packed: bool):
    assert asks_for_gzip(accepted) is packed


async def test_who_knows_dates_only_is_told_unchanged_only_while_it_is_so(cast: Cast, session, browser, visitor):
    made = await make_meeting(session, cast.coordinator)
    other = await make_meeting(session, cast.coordinator, title="En till")
    path = await address_for(browser, cast.contact)
    begun = clock.now()

    async def ask(seconds: float, since: str = "", **more: str) -> tuple[int, str | None]:
        with clock.fixed(begun + timedelta(seconds=seconds)):
            answer = await visitor.get(path, headers=({"if-modified-since": since} if since else {}) | more)
        return answer.status_code, answer.headers.get("last-modified")

    assert await ask(0) == (200, None)  # so fresh a date would be later than the answer's own
    _status, first = await ask(10)
    assert (first or "").endswith(" GMT")
    assert await ask(20, first) == (304, first)
    await change_meeting(session, cast.coordinator, made.record_id, place="Storken")
    assert await ask(30, first) == (200, None)
    await change_meeting(session, cast.coordinator, made.record_id, place="Tranan")  # and back, in the same second
    assert await ask(30, first) == (200, None)
    status, second = await ask(40, first)
    assert status == 200
    assert second
    assert parsedate_to_datetime(second) - parsedate_to_datetime(first) == timedelta(seconds=31)
    assert await ask(50, second) == (304, second)
    await _remove(session, other)  # what is left is older than what is gone
    status, third = await ask(10, second)  # and the clock has been set back
    assert (status, third) == (200, None)
    status, third = await ask(60, second)
    assert status == 200
    assert third
    assert parsedate_to_datetime(third) - parsedate_to_datetime(second) == timedelta(seconds=1)
    assert (await ask(70, third, **{"if-none-match": '"old"'}))[0] == 200  # the tag decides alone when it is there
    assert (await ask(70, "Fri, 01 Jan 2038 00:00:00 GMT"))[0] == 200  # a date that we have never sent


async def _remove(session, meeting) -> None:
    meeting = await session.merge(meeting)
    meeting.starts_at, meeting.ends_at = (each - timedelta(days=1000) for each in (meeting.starts_at, meeting.ends_at))  # as if gone
    await session.commit()


async def test_two_requests_that_see_different_feeds_at_once_never_share_a_date(cast: Cast, session, browser, portal):
    path = await address_for(browser, cast.contact)
    token = path.removeprefix("/calendar/").removesuffix(".ics")

    async def ask(tag: str):
        async with portal.sessions() as own:
            moment = await note_content(own, await polled(own, token, Program.other), tag=tag)
            await own.commit()
        return tag, moment

    known = dict(await asyncio.gather(*(ask(f'"{number}"') for number in range(8))))
    assert len(set(known.values())) == 8
    feed = (await session.scalars(select(Feed))).one()
    assert feed.changed_at == max(known.values()) == known[feed.tag]


async def test_head_is_get_without_a_body(cast: Cast, session, browser, visitor):
    await make_meeting(session, cast.coordinator)
    path = await address_for(browser, cast.contact)
    head, got = await visitor.client.head(path, headers=UNPACKED), await visitor.get(path, headers=UNPACKED)
    assert head.status_code == got.status_code == 200
    assert dict(head.headers) == dict(got.headers)
    unchanged = await visitor.client.head(path, headers={**UNPACKED, "if-none-match": got.headers["etag"]})
    assert unchanged.status_code == 304


async def test_a_feed_is_served_to_whoever_has_the_address_whatever_else_she_sends(cast: Cast, session, browser, visitor):
    await make_meeting(session, cast.coordinator)
    path = await address_for(browser, cast.contact)
    usual = await visitor.get(path, headers=UNPACKED)
    for odd in (
        {"authorization": "Basic Zm9vOmJhcg=="}, {"authorization": "Bearer x"}, {"cookie": "sid=x; browser=y; language=en"}, {"accept": "text/html"},
        {"accept-language": "en"}, {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"user-agent": "\xff'\";--"}, {"range": "bytes=0-9"},
    ):  # fmt: skip
        answer = await visitor.client.get(path, headers=UNPACKED | {name: value.encode("latin-1") for name, value in odd.items()})
        assert (answer.status_code, answer.content, dict(answer.headers)) == (200, usual.content, dict(usual.headers)), odd
    assert usual.headers["content-type"] == "text/calendar; charset=utf-8"
    assert usual.headers["cache-control"] == "private, no-cache"
    assert {"set-cookie", "content-disposition", "location"}.isdisjoint(usual.headers)
    assert (await visitor.get(f"{path}?x=1", headers=UNPACKED)).content == usual.content


async def test_a49_a_feed_shows_what_its_owner_may_see_now(cast: Cast, session, browser, visitor):
    await make_meeting(session, cast.coordinator)
    path = await address_for(browser, cast.contact)
    tag = (await visitor.get(path)).headers["etag"]
    cast.contact.ends_on = clock.today() - timedelta(days=1)
    session.add(cast.contact)
    await session.commit()
    left = await visitor.get(path, headers={"if-none-match": tag})
    assert (left.status_code, b"VEVENT" in left.content) == (200, False)
    cast.contact.person.closed_at = clock.now()
    session.add(cast.contact.person)
    await session.commit()
    assert (await visitor.get(path)).status_code == 404


async def test_a_feed_outlasts_the_seat_that_it_was_made_from_while_its_maker_has_another(cast: Cast, session, browser, visitor):
    """Who answers for two units, or is named deputy once more, is still a member."""
    await make_meeting(session, cast.coordinator, title="Träff")
    path = await address_for(browser, cast.contact)
    answers = [set(await events_at(visitor, path))]
    other = await make_member(session, cast.network, "Maja", "reader", unit=cast.housing, person=cast.contact.person)
    cast.contact.ends_on = clock.today() - timedelta(days=1)
    await session.commit()
    answers.append(set(await events_at(visitor, path)))
    assert "Outlook på jobbet" in (await (await browser(other)).get("/granby/calendar")).text
    other.ends_on = clock.today() - timedelta(days=1)
    await session.commit()
    answers.append(set(await events_at(visitor, path)))
    assert answers == [{"Träff"}, {"Träff"}, set()]


async def test_a50_an_ended_address_is_as_unknown_as_any_and_never_unchanged(cast: Cast, session, browser, visitor):
    await make_meeting(session, cast.coordinator)
    path = await address_for(browser, cast.contact)
    first = await visitor.get(path)
    known = {"if-none-match": first.headers["etag"], "if-modified-since": "Thu, 26 Nov 2026 05:00:00 GMT"}
    feed = (await session.scalars(select(Feed))).one()
    maja = await browser(cast.contact)
    renewed = address_in(await maja.post(f"/granby/calendar/feeds/{feed.id}/renewal"))
    token = path[10:-4]
    odd = (
        f"/calendar/{'A' * 43}.ics",
        f"/calendar/{token}",
        f"/calendar/{token.swapcase()}.ics",
        f"/calendar/{token[:-1]}.ics",
        f"/calendar/{token}.ics.ics",
        "/calendar/.ics",
    )
    answers = [await visitor.get(each, headers=known) for each in (path, *odd)]
    answers += [await visitor.client.get(path, headers={"if-none-match": "*"}), await visitor.client.head(path)]
    assert {(each.status_code, tuple(sorted(each.headers.items()))) for each in answers} == {
        (404, tuple(sorted(answers[0].headers.items())))
    }
    assert {each.content for each in answers[:-1]} == {b"404"}
    assert (await visitor.get(renewed)).status_code == 200


async def test_who_tries_many_addresses_is_soon_told_no_more_and_a_feed_is_read_from_there_all_the_same(cast: Cast, browser, portal):
    path = await address_for(browser, cast.contact)
    token = path[10:-4]
    bit_off = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]

    async def ask(address: str, where: str, **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(portal.asgi, client=(address, 1)), base_url="http://127.0.0.1:8000"
        ) as program:
            return await program.get(where, headers={name.replace("_", "-"): value for name, value in headers.items()})

    with clock.fixed(clock.now().replace(minute=1)):
        tried = [await ask("192.0.2.7", f"/calendar/{number:043}.ics") for number in range(98)]
        tried += [await ask("192.0.2.7", f"/calendar/{each}.ics", if_none_match="*") for each in (bit_off, token.swapcase())]
        assert {(each.status_code, each.content, tuple(sorted(each.headers.items()))) for each in tried} == {
            (404, b"404", tuple(sorted(tried[0].headers.items())))
        }
        odd = (f"/calendar/{bit_off}.ics", f"/calendar/{'B' * 43}.ics?x=1", "/calendar/public/nowhere.ics", "/calendar/x")
        refused = [await ask("192.0.2.7", each, if_none_match="*", referer=f"http://127.0.0.1:8000{path}") for each in odd]
        assert {(each.status_code, each.content, 480 < int(each.headers["retry-after"]) <= 540) for each in refused} == {
            (429, b"429", True)
        }
        assert len({tuple(sorted(each.headers.items())) for each in refused}) == 1
        assert [(await ask("192.0.2.7", path)).status_code for _again in range(2)] == [200, 200]
        assert (await ask("192.0.2.8", f"/calendar/{bit_off}.ics")).status_code == 404
    with clock.fixed(clock.now() + timedelta(minutes=20)):
        assert (await ask("192.0.2.7", f"/calendar/{bit_off}.ics")).status_code == 404


async def test_a51_the_address_has_no_network_in_it_and_opens_nothing_under_another(cast: Cast, browser, visitor):
    token = (await address_for(browser, cast.contact)).removeprefix("/calendar/")
    olle = await browser(cast.outsider)
    for path in (f"/vitby/calendar/{token}", f"/granby/calendar/{token}", f"/calendar/public/{token}", f"/calendar/vitby/{token}"):
        assert (path, (await olle.get(path)).status_code) == (path, 404)


async def test_a53_a_feeds_token_signs_nobody_in(cast: Cast, browser, visitor):
    token = (await address_for(browser, cast.contact))[10:-4]
    visitor.client.cookies.set("sid", token)
    for path in ("/granby", "/granby/calendar", "/me"):
        answer = await visitor.get(path, headers={"authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.headers["location"][:9]) == (303, "/sign-in?")


async def test_a55_an_address_is_shown_once(cast: Cast, browser):
    maja = await browser(cast.contact)
    token = (await address_for(browser, cast.contact))[10:-4]
    pages = [(await maja.get(path)).text for path in ("/granby/calendar", "/granby")]
    assert not [page for page in pages if token in page]


async def test_unchanged_is_one_statement_and_nothing_is_drawn_anew(cast: Cast, session, browser, visitor, portal):
    await make_meeting(session, cast.coordinator)
    for scope in ("meetings", "mine", "deadlines", "everything"):
        path = await address_for(browser, cast.contact, scope=scope)
        tag = (await visitor.get(path)).headers["etag"]
        await visitor.get(path, headers={"if-none-match": tag})  # that it got 304 is noted
        async with counting(portal) as seen:
            answer = await visitor.get(path, headers={"if-none-match": tag})
        assert (answer.status_code, len(seen)) == (304, 1), seen


async def test_a_feed_that_has_changed_asks_whose_and_which_and_is_noted_once(cast: Cast, session, browser, visitor, portal):
    made = await make_meeting(session, cast.coordinator)
    path = await address_for(browser, cast.contact)
    await visitor.get(path)
    await change_meeting(session, cast.coordinator, made.record_id, place="Storken")
    async with counting(portal) as seen:
        assert (await visitor.get(path)).status_code == 200
    assert sorted(each.split()[0] for each in seen) == ["SELECT", "SELECT", "SELECT", "UPDATE"], seen
