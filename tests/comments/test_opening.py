"""Many open a thread at the same moment: it is read for several at once, and each sees what she would see alone."""

import asyncio
import re

import pytest

from portal.db import Session
from portal.moderation.actions import hide
from portal.moderation.models import Reason, ReasonForm
from portal.records.actions import share
from portal.records.models import Record
from tests.browser import Browser
from tests.factories import Cast
from tests.making import make_comment, make_finding, make_waiting

ROUNDS = 4
OWN = re.compile(r'class="comment mine[^"]*" id="c(\d+)"')
KEY = re.compile(r'name="key" value="[0-9a-f-]{36}"')
SAID = re.compile(r'<div class="words">.*?</div>')


def seen(page: str) -> tuple[list[str], list[str], str]:
    """Whose comments are one's own, what is said, and how many wait."""
    thread = page.split('id="thread"')[1]
    return OWN.findall(thread), SAID.findall(thread), thread.split("data-cursor=")[1].split()[0]


@pytest.fixture
async def record(cast: Cast, session: Session) -> Record:
    record = await make_finding(session, cast.contact)
    for member, words in (
        (cast.contact, "Maja frågar"),
        (cast.deputy, "Tomas svarar"),
        (cast.head, "Bengt vet mer"),
        (cast.coordinator, "Tack"),
    ):
        await make_comment(session, record, member, words)
    await share(session, record, by=cast.coordinator, guest=cast.guest)
    await session.commit()
    return record


async def everybody(cast: Cast, browser) -> dict[str, Browser]:
    return {name: await browser(getattr(cast, name)) for name in ("coordinator", "contact", "deputy", "guest")}


async def alone_and_together(people: dict[str, Browser], path: str) -> tuple[dict, list[tuple[str, tuple]]]:
    alone = {name: seen((await each.get(path)).text) for name, each in people.items()}
    names = list(people) * ROUNDS
    pages = await asyncio.gather(*(people[name].get(path) for name in names))
    return alone, [(name, seen(page.text)) for name, page in zip(names, pages, strict=True)]


async def test_everybody_has_her_own_marks(cast: Cast, session: Session, browser, record: Record):
    alone, together = await alone_and_together(await everybody(cast, browser), f"/granby{record.path}")
    assert [len(alone[name][0]) for name in ("coordinator", "contact", "deputy", "guest")] == [1, 1, 1, 0]
    assert len({tuple(own) for own, _said, _cursor in alone.values()}) == 4
    for name, found in together:
        assert (name, found) == (name, alone[name])


async def test_nobody_is_taken_for_somebody_else(cast: Cast, session: Session, browser, record: Record):
    """Every page as a whole, but for the keys of its forms, which are new each time."""
    people = await everybody(cast, browser)
    for name, each in people.items():
        await each.post(f"/granby/records/{record.id}/draft", {"body": f"Utkast av {name}", "parent_id": ""})
    path = f"/granby{record.path}"
    alone = {name: KEY.sub("", (await each.get(path)).text) for name, each in people.items()}
    assert [f"Utkast av {name}" in page for name, page in alone.items()] == [True] * 3 + [False]  # the guest writes nothing here
    strangers = await browser(cast.outsider), await browser(cast.reader)
    names = list(people) * ROUNDS
    asked = [people[name].get(path) for name in names]
    pages = await asyncio.gather(*asked[::2], *(each.get(path) for each in strangers * ROUNDS), *asked[1::2])
    for name, page in zip(names[::2] + names[1::2], pages[: len(names) // 2] + pages[-len(names) // 2 :], strict=True):
        assert KEY.sub("", page.text) == alone[name]
    between = pages[len(names) // 2 : -len(names) // 2]
    assert [page.status_code for page in between] == [404, 200] * ROUNDS
    assert not [page for page in between if "Utkast av" in page.text]


async def test_what_is_held_is_its_authors_and_the_coordinators_alone(cast: Cast, session: Session, browser, record: Record):
    await make_waiting(session, record, cast.guest, "Ring mig hemma")
    await session.commit()
    alone, together = await alone_and_together(await everybody(cast, browser), f"/granby{record.path}")
    assert {name: "Ring mig hemma" in "".join(said) for name, (_own, said, _cursor) in alone.items()} == {
        "coordinator": True,
        "contact": False,
        "deputy": False,
        "guest": True,
    }
    for name, found in together:
        assert (name, found) == (name, alone[name])


async def test_nor_does_anybody_else_see_what_was_not_let_in(cast: Cast, session: Session, browser, record: Record):
    waiting = await make_waiting(session, record, cast.guest, "Ring mig hemma")
    await hide(session, waiting, record, by=cast.coordinator, form=ReasonForm(reason=Reason.personal_data, words="Så skriver vi inte"))
    await session.commit()
    people = await everybody(cast, browser)
    path = f"/granby{record.path}"
    names = list(people) * ROUNDS
    pages = await asyncio.gather(*(people[name].get(path) for name in names))
    for name, page in zip(names, pages, strict=True):
        assert (name, "Så skriver vi inte" in page.text) == (name, name in ("coordinator", "guest"))


async def test_what_is_hidden_is_hidden_from_who_comes_after_that_however_many_are_reading(
    cast: Cast, session: Session, browser, record: Record
):
    people = await everybody(cast, browser)
    path = f"/granby{record.path}"
    hidden = await make_comment(session, record, cast.head, "Hemligt telefonnummer")
    await session.commit()
    readers = [asyncio.create_task(each.get(path)) for each in people.values() for _ in range(ROUNDS)]
    await hide(session, hidden, record, by=cast.coordinator, form=ReasonForm(reason=Reason.personal_data, words=""))
    await session.commit()
    pages = await asyncio.gather(*(each.get(path) for each in people.values() for _ in range(ROUNDS)))
    assert [page.status_code for page in await asyncio.gather(*readers)] == [200] * len(readers)
    assert not [page for page in pages if "Hemligt telefonnummer" in page.text]
