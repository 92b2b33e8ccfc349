"""The matrix's rows for shared texts, A82 to A85 and A87: who reads, who writes, and what ends it,
with the world's people at the real socket."""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from portal.drafting import actions
from portal.drafting.models import DraftText, Section, SectionDocument
from portal.networks.access import Role
from portal.networks.members import change_seat
from portal.networks.models import MemberForm
from tests.authz.world import MEMBERS, ROLES, Goods, World
from tests.conftest import BASE_URL
from tests.live.client import Client

AUTHORS = ("coordinator", "contact")
WITH_A_SOCKET = [role for role in ROLES if role not in ("anonymous", "closed")]


@pytest.fixture
async def opens(world: World, port: int) -> AsyncIterator[Callable[[str], Awaitable[Client]]]:
    opened: list[Client] = []

    async def socket(role: str) -> Client:
        own = "; ".join(f"{name}={value}" for name, value in world.browsers[role].client.cookies.items())
        opened.append(await Client.connect(port, origin=BASE_URL, cookie=own))
        return opened[-1]

    yield socket
    for each in opened:
        each.cut()


async def stream_of(world: World, goods: Goods) -> int:
    """The stream of the answer's first section, begun by its coordinator."""
    answer = await world.browsers["coordinator"].post(f"/granby/sections/{goods.numbers['section']}/document")
    assert answer.status_code == 200
    return int(answer.json()["stream"])


async def verdict(page: Client, stream: int) -> str:
    """What becomes of a paragraph that is sent to the stream."""
    doc: Doc[Any] = Doc()
    doc["body"] = root = XmlFragment()
    root.children.append(paragraph := XmlElement("paragraph"))
    paragraph.children.append(XmlText("Ett ord."))
    update = base64.b64encode(doc.get_update()).decode()
    await page.connection.send(json.dumps({"t": "edit", "stream": stream, "update": update, "ref": 1}, separators=(",", ":")))
    while (frame := await page.hear())["t"] not in ("saved", "unsaved"):
        pass
    return str(frame.get("reason", "saved"))


@pytest.mark.parametrize("role", WITH_A_SOCKET)
@pytest.mark.parametrize("shared", [True, False])
async def test_a82_a_text_is_read_live_by_whoever_may_read_its_record(role: str, shared: bool, world: World, opens: Any) -> None:
    stream = await stream_of(world, world.shared if shared else world.unshared)
    answer = await (await opens(role)).subscribe(stream)
    may = role in MEMBERS or (role == "guest" and shared)
    assert (answer["t"], answer.get("reason")) == (("subscribed", None) if may else ("error", "not_readable"))


@pytest.mark.parametrize("role", WITH_A_SOCKET)
async def test_a83_authors_alone_write(role: str, world: World, opens: Any) -> None:
    stream = await stream_of(world, world.shared)
    page = await opens(role)
    await page.subscribe(stream)
    reads = role in (*MEMBERS, "guest")
    assert await verdict(page, stream) == ("saved" if role in AUTHORS else "may_not_write" if reads else "not_present")


async def test_a83_who_is_made_a_reader_is_refused_with_her_next_change(world: World, opens: Any) -> None:
    stream, contact = await stream_of(world, world.unshared), world.cast.contact
    page = await opens("contact")
    await page.subscribe(stream)
    assert await verdict(page, stream) == "saved"
    await change_seat(world.sessions, contact, by=world.cast.coordinator, form=MemberForm(role=Role.reader, unit_id=contact.unit_id))
    await world.sessions.commit()
    assert await verdict(page, stream) == "may_not_write"
    await change_seat(world.sessions, contact, by=world.cast.coordinator, form=MemberForm(role=Role.contact, unit_id=contact.unit_id))
    await world.sessions.commit()


async def test_a85_a_stream_that_is_no_text_or_not_joined_takes_nothing(world: World, opens: Any) -> None:
    joined, other = await stream_of(world, world.shared), await stream_of(world, world.unshared)
    page = await opens("contact")
    await page.subscribe(joined)
    assert await verdict(page, other) == "not_present"
    thread = (await world.browsers["contact"].get(f"/granby/findings/{world.shared.numbers['finding']}")).text
    stream = int(thread.partition('data-stream="')[2].partition('"')[0])
    assert (await page.subscribe(stream))["t"] == "subscribed"
    assert await verdict(page, stream) == "no_text"


async def test_a87_versions_are_for_whoever_may_read(world: World) -> None:
    path = f"/granby/sections/{world.unshared.numbers['section']}/versions"
    answers = {role: (await world.browsers[role].get(path)).status_code for role in WITH_A_SOCKET}
    assert answers == {role: 200 if role in MEMBERS else 404 for role in WITH_A_SOCKET}


async def test_a84_a_locked_text_takes_nothing_from_anybody(world: World, opens: Any) -> None:
    stream = await stream_of(world, world.unshared)
    section = await world.sessions.get(Section, world.unshared.numbers["section"])
    pages = {role: await opens(role) for role in AUTHORS}
    for page in pages.values():
        await page.subscribe(stream)
        assert await verdict(page, stream) == "saved"
    text = await world.sessions.get(DraftText, section.text_id)
    await actions.lock(world.sessions, text)
    await world.sessions.commit()
    for page in pages.values():
        assert await verdict(page, stream) in ("locked", "may_not_write")
    for role in AUTHORS:
        answer = await world.browsers[role].post(f"/granby/sections/{section.id}/document")
        assert answer.status_code == 403
    document = await world.sessions.get(SectionDocument, section.id)
    assert document.stream_id == stream
    text.locked_at = None  # as it was, for whichever test comes next
    await world.sessions.commit()
