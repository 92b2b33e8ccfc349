"""The matrix's rows for the socket, A72 to A81, with the world's people at the portal's real socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from portal import clock
from portal.accounts import actions as accounts
from portal.comments.models import Thread
from portal.live import access_changed, append, head
from portal.moderation.actions import lock, remove
from portal.moderation.models import Reason, ReasonForm
from portal.networks.access import Role
from portal.networks.members import change_seat, end_membership
from portal.networks.models import MemberForm, Membership
from portal.records.actions import share, unshare
from tests.authz.world import MEMBERS, ROLES, Goods, World
from tests.conftest import BASE_URL
from tests.factories import make_member
from tests.live.client import Client, numbers

REFUSED_BEFORE = {"anonymous": 401, "closed": 401}
WITHIN = 1.0
VISITOR = accounts.Visitor(browser="test", address="127.0.0.1", agent="test")


@pytest.fixture
async def opens(world: World, port: int) -> AsyncIterator[Callable[..., Awaitable[Client]]]:
    """`await opens("guest")`: this person's socket, from the portal's own page unless an origin is given."""
    opened: list[Client] = []

    async def socket(role: str, origin: str | None = BASE_URL, cookie: str = "") -> Client:
        own = "; ".join(f"{name}={value}" for name, value in world.browsers[role].client.cookies.items())
        opened.append(await Client.connect(port, origin=origin, cookie=cookie or own))
        return opened[-1]

    yield socket
    for each in opened:
        each.cut()


async def status_of(opening: Awaitable[Client]) -> int:
    try:
        await opening
    except InvalidStatus as refusal:
        return int(refusal.response.status_code)
    return 101


async def streams(world: World, goods: Goods) -> list[int]:
    found = [await world.sessions.get(Thread, record.id) for record in goods.records]
    return [each.stream_id for each in found if each is not None]


def may_read(role: str, *, shared: bool) -> bool:
    return role in MEMBERS or (role == "guest" and shared)


@pytest.mark.parametrize("role", ROLES)
async def test_a72_who_is_signed_in_may_connect(role: str, opens: Any) -> None:
    assert await status_of(opens(role)) == REFUSED_BEFORE.get(role, 101)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
async def test_a73_nobody_connects_from_another_sites_page(role: str, origin: str | None, opens: Any) -> None:
    assert await status_of(opens(role, origin)) == 403


@pytest.mark.parametrize("role", [role for role in ROLES if role not in REFUSED_BEFORE])
@pytest.mark.parametrize("shared", [True, False])
async def test_a74_one_subscribes_to_what_one_may_read_and_to_the_rest_as_to_nothing(
    role: str, shared: bool, world: World, opens: Any
) -> None:
    page = await opens(role)
    answers = [await page.subscribe(each) for each in await streams(world, world.shared if shared else world.unshared)]
    nothing = await page.subscribe(10**9)

    assert len(answers) >= 3
    assert nothing == {"t": "error", "code": 4404, "reason": "not_readable", "ref": None, "stream": 10**9}
    if may_read(role, shared=shared):
        assert {answer["t"] for answer in answers} == {"subscribed"}
    else:
        assert [{**answer, "stream": 0} for answer in answers] == [{**nothing, "stream": 0}] * len(answers)


async def test_a75_there_is_no_other_way_to_name_a_stream(world: World, opens: Any) -> None:
    """Neither by the record's number, path or kind, nor with another frame."""
    page = await opens("guest")
    [stream, *_] = await streams(world, world.unshared)
    for given in ({"stream": str(stream)}, {"stream": [stream]}):
        await page.say("subscribe", **given)
        assert (await page.hear())["reason"] == "bad_stream"
    page = await opens("guest")
    await page.say("hello", network=world.cast.outsider.network_id)
    assert (await page.hear())["code"] == 4404
    for kind in ("follow", "thread"):
        await page.say(kind, stream=stream)
        assert (await page.hear())["reason"] == "unknown_type"


async def writes(world: World, stream: int) -> None:
    """An event that everybody who may read the stream must get."""
    await append(world.sessions, stream, kind="thread.unlocked", ref=1)
    await world.sessions.commit()


async def commit(world: World) -> float:
    await world.sessions.commit()
    return monotonic()


async def comes_back(world: World, member: Membership, role: Role) -> None:
    member.ends_on, member.role = None, role.value
    await world.sessions.flush()
    await access_changed(world.sessions, member.person_id)
    await world.sessions.commit()


async def test_a76_and_a79_who_is_removed_hears_no_more_and_goes_on_where_she_was_when_she_is_back(world: World, opens: Any) -> None:
    [stream, *_] = await streams(world, world.unshared)
    leaving, staying = await opens("deputy"), await opens("reader")
    cursor = (await leaving.subscribe(stream))["cursor"]
    await staying.subscribe(stream)
    await writes(world, stream)
    [seen] = await leaving.events(1)
    await staying.events(1)

    await end_membership(world.sessions, world.cast.deputy, by=world.cast.coordinator)
    at = await commit(world)
    assert (await leaving.closed(WITHIN))[0] == 4403
    assert monotonic() - at < WITHIN
    await writes(world, stream)
    [missed] = await staying.events(1)
    old = f"{cursor.rpartition('.')[0]}.{seen['seq']}"
    outside = await opens("deputy")
    assert (await outside.subscribe(stream, old))["code"] == 4404

    await comes_back(world, world.cast.deputy, Role.deputy)
    again = await opens("deputy")
    assert (await again.subscribe(stream, old))["t"] == "subscribed"
    assert numbers(await again.events(1)) == [missed["seq"]]


async def test_a76_a_guest_from_whom_a_record_is_taken_loses_its_thread_and_keeps_the_others(world: World, opens: Any) -> None:
    [record, *_], [stream, other, *_] = world.shared.records, await streams(world, world.shared)
    page = await opens("guest")
    for each in (stream, other):
        assert (await page.subscribe(each))["t"] == "subscribed"

    await unshare(world.sessions, record, by=world.cast.coordinator, guest=world.cast.guest)
    at = await commit(world)
    answer = await page.hear(WITHIN)
    assert (answer["code"], answer["reason"], answer["stream"]) == (4403, "access_ended", stream)
    assert monotonic() - at < WITHIN
    await writes(world, stream)
    await writes(world, other)
    assert (await page.hear())["stream"] == other

    await share(world.sessions, record, by=world.cast.coordinator, guest=world.cast.guest)
    await world.sessions.commit()
    assert (await page.subscribe(stream))["t"] == "subscribed"


@pytest.mark.parametrize("way", ["this device", "every device", "a new password elsewhere", "the account"])
async def test_a77_a_sign_in_that_ends_takes_its_sockets_along(way: str, world: World, opens: Any) -> None:
    [stream, *_] = await streams(world, world.unshared)
    person = (await make_member(world.sessions, world.cast.network, f"Nils-{way.replace(' ', '-')} Ny", Role.contact)).person
    device, token = await accounts.start(world.sessions, person=person, trusted=True, visitor=VISITOR)
    kept, _token = await accounts.start(world.sessions, person=person, trusted=True, visitor=VISITOR)
    await world.sessions.commit()
    page, beside = await opens("contact", cookie=f"sid={token}"), await opens("reader")
    for each in (page, beside):
        assert (await each.subscribe(stream))["t"] == "subscribed"

    if way == "this device":
        await accounts.end(world.sessions, person=person, device_id=device.id)
    elif way == "every device":
        await accounts.end(world.sessions, person=person)
    elif way == "a new password elsewhere":
        await accounts.set_password(world.sessions, person=person, password="ett riktigt långt lösenord", keep=kept.id)
    else:
        person.closed_at = clock.now()
        await world.sessions.flush()
        await access_changed(world.sessions, person.id)
    at = await commit(world)

    assert (await page.closed(WITHIN))[0] == 4401
    assert monotonic() - at < WITHIN
    assert await status_of(opens("contact", cookie=f"sid={token}")) == 401
    await writes(world, stream)
    assert len(await beside.events(1)) == 1


async def test_a78_who_is_made_a_reader_is_refused_with_her_next_frame(world: World, opens: Any) -> None:
    [stream, *_] = await streams(world, world.unshared)
    page = await opens("contact")
    await takes_part(page, stream)
    await page.say("writing", stream=stream)
    await page.say("ping", ref="allowed")
    assert await until(page, "pong") == {"t": "pong", "ref": "allowed"}

    await change_seat(
        world.sessions, world.cast.contact, by=world.cast.coordinator, form=MemberForm(role=Role.reader, unit_id=world.cast.contact.unit_id)
    )
    await world.sessions.commit()
    await asyncio.sleep(0.5)
    await page.say("writing", stream=stream, ref="w")
    assert await until(page, "error") == {"t": "error", "code": 4403, "reason": "may_not_write", "ref": "w"}
    await comes_back(world, world.cast.contact, Role.contact)


async def test_a80_anothers_cursor_opens_nothing(world: World, opens: Any) -> None:
    """A cursor is a place, no key: for who may read it is a place like any, for the others there is nothing."""
    [stream, *_] = await streams(world, world.unshared)
    await writes(world, stream)
    cursor = await head(world.sessions, stream)
    for role in ("guest", "outsider", "former"):
        page = await opens(role)
        assert (await page.subscribe(stream, cursor))["code"] == 4404
        await writes(world, stream)
        assert await page.hears_nothing(0.2)
    page = await opens("reader")
    assert (await page.subscribe(stream, cursor))["t"] == "subscribed"
    assert len(await page.events(3)) == 3


@pytest.mark.parametrize("role", [role for role in ROLES if role not in REFUSED_BEFORE])
async def test_a81_names_are_for_those_who_may_read(role: str, world: World, opens: Any) -> None:
    [stream, *_] = await streams(world, world.unshared)
    there = await opens("coordinator")
    await takes_part(there, stream)
    page = await opens(role)
    await page.say("subscribe", stream=stream, cursor=None, presence=True)
    answer = await page.hear()

    if role in MEMBERS:
        assert answer["t"] == "subscribed"
        frame = await until(page, "presence")
        assert world.cast.coordinator.person.name in {each["name"] for each in frame["here"]}
    else:
        assert answer["code"] == 4404
        await page.say("writing", stream=stream)
        assert (await page.hear())["reason"] == "not_present"
        assert await page.hears_nothing(0.5)


async def test_a81_a_reader_of_the_network_and_a_guest_are_not_seen_writing(world: World, opens: Any) -> None:
    [stream, *_] = await streams(world, world.shared)
    for role, may in (("reader", False), ("guest", True), ("contact", True)):
        page = await opens(role)
        await takes_part(page, stream)
        await page.say("writing", stream=stream, ref=role)
        await page.say("ping", ref=role)
        heard = [await page.hear()]
        while heard[-1]["t"] != "pong":
            heard.append(await page.hear())
        assert ("may_not_write" in [frame.get("reason") for frame in heard]) is not may, role


async def test_who_is_stopped_from_a_thread_and_everybody_in_a_locked_one_is_not_seen_writing(world: World, opens: Any) -> None:
    threads, cast = await streams(world, world.unshared), world.cast
    stopped, locked, *_ = world.unshared.records
    await remove(world.sessions, stopped, by=cast.coordinator, member=cast.contact, form=ReasonForm(reason=Reason.insult))
    await lock(world.sessions, locked, by=cast.coordinator, locked=True)
    await world.sessions.commit()
    for role, answers in (("contact", ["may_not_write", "may_not_write"]), ("deputy", [None, "may_not_write"])):
        page = await opens(role)
        for stream, answer in zip(threads, answers, strict=False):
            await takes_part(page, stream)
            await page.say("writing", stream=stream)
            await page.say("ping")
            heard = [await page.hear()]
            while heard[-1]["t"] != "pong":
                heard.append(await page.hear())
            assert next((frame["reason"] for frame in heard if frame["t"] == "error"), None) == answer, role


async def takes_part(page: Client, stream: int) -> None:
    await page.say("subscribe", stream=stream, cursor=None, presence=True)
    await until(page, "subscribed")


async def until(page: Client, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while (frame := await page.hear())["t"] != kind:
            pass
    return frame
