"""P16 and rows W21 to W24: changes and cursors that somebody has made up. They get their answer, the document is as before, and
whoever writes beside them notices nothing."""

import asyncio
import base64
import json
import random
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psutil
import pytest
from pycrdt import Doc, XmlElement, XmlFragment, XmlText

from portal.drafting import actions, crdt, desk, document, documents, showing
from portal.drafting.checker import Checker
from portal.drafting.models import SectionDocument
from portal.drafting.queries import sections
from portal.live import cursors
from portal.live.cursors import shortened
from tests.conftest import BASE_URL
from tests.drafting.conftest import Notes, document_of
from tests.drafting.editor import Editor, until
from tests.drafting.test_together import stored
from tests.factories import Cast
from tests.live.client import Client

BOMBS = [
    "8080807f01",
    "01ffffffff0f0100",
    "0101808080800800",
    "0101010004010462ffffffff07",
    "ff",
    "",
    "00",
    "000001",
    "01010100000180808080",
]
WITHIN = 20.0


class Stranger:
    """An author's socket, used by hand."""

    def __init__(self, client: Client, stream: int) -> None:
        self.client, self.stream, self.ref = client, stream, 0

    async def send(self, **frame: Any) -> None:
        await self.client.connection.send(json.dumps(frame, separators=(",", ":")))

    async def change(self, *updates: bytes | str) -> str:
        """The server's word on the last of them: "saved", or the reason why not."""
        return (await self.changes(*updates))[-1]

    async def changes(self, *updates: bytes | str) -> list[str]:
        """The server's word on each."""
        first = self.ref + 1
        for update in updates:
            self.ref += 1
            words = update if isinstance(update, str) else base64.b64encode(update).decode()
            await self.send(t="edit", stream=self.stream, update=words, ref=self.ref)
        said: dict[int, str] = {}
        async with asyncio.timeout(WITHIN):
            while len(said) < len(updates):
                answer = await self.client.hear(within=WITHIN)
                if answer["t"] == "unsaved":
                    said[answer["ref"]] = answer["reason"]
                elif answer["t"] == "saved":
                    said |= {ref: "saved" for ref in range(first, answer["ref"] + 1) if ref not in said}
        return [said[ref] for ref in range(first, self.ref + 1)]

    async def point(self, **fields: Any) -> dict[str, Any] | None:
        """The answer, or None where there is none."""
        await self.send(t="cursor", stream=self.stream, **{"client": 7, "anchor": None, "head": None, "ref": "c", **fields})
        await self.client.say("ping", ref="after")
        answer = None
        while (heard := await self.client.hear())["t"] != "pong":
            answer = heard if heard["t"] == "error" else answer
        return answer


@pytest.fixture
async def strangers(notes: Notes, port: int, browser, cast: Cast):
    opened: list[Client] = []

    async def stranger(stream: int, member: Any = None) -> Stranger:
        page = await browser(member or cast.contact)
        client = await Client.connect(port, origin=BASE_URL, cookie=f"sid={page.client.cookies['sid']}")
        opened.append(client)
        await client.say("subscribe", stream=stream, cursor=None, presence=True)
        while (await client.hear())["t"] != "subscribed":
            pass
        return Stranger(client, stream)

    yield stranger
    for each in opened:
        each.cut()


def changed(editor: Editor, change: Callable[[XmlFragment], None]) -> bytes:
    """The update of a change to a copy of the editor's document, made with no regard for what may stand where."""
    return change_of(editor.doc.get_update(), change)


def change_of(state: bytes, change: Callable[[XmlFragment], None]) -> bytes:
    doc: Doc[Any] = Doc()
    doc["body"] = root = XmlFragment()
    doc.apply_update(state)
    updates: list[bytes] = []
    observer = doc.observe(lambda event: updates.append(bytes(event.update)))
    with doc.transaction():
        change(root)
    doc.unobserve(observer)
    return updates[0]


def deep(root: XmlFragment) -> None:
    inner: Any = root
    for _each in range(30):
        inner.children.append(quote := XmlElement("blockquote"))
        inner = quote


def words(root: XmlFragment) -> XmlText:
    return root.children[0].children[0]


FOREIGN: dict[str, Callable[[XmlFragment], None]] = {
    "a script": lambda root: root.children.append(XmlElement("script")),
    "an item without a list": lambda root: root.children.append(XmlElement("listItem")),
    "words outside of paragraphs": lambda root: root.children.append(XmlText("x")),
    "a paragraph in a paragraph": lambda root: root.children[0].children.append(XmlElement("paragraph")),
    "an attribute": lambda root: root.children[0].attributes.__setitem__("onclick", "alert(1)"),
    "a heading without a rank": lambda root: root.children.append(XmlElement("heading", contents=[XmlText("x")])),
    "a heading that loses its rank": lambda root: root.children[1].attributes.__delitem__("level"),
    "an element named text": lambda root: root.children[0].children.append(XmlElement("text")),
    "a document in a document": lambda root: root.children.append(XmlElement("doc")),
    "a heading of the first rank": lambda root: root.children[1].attributes.__setitem__("level", 1),
    "a link that acts": lambda root: words(root).insert(0, "x", {"link": {"href": "javascript:alert(1)"}}),
    "a link that does more": lambda root: words(root).insert(0, "x", {"link": {"href": "https://a.se", "onclick": "alert(1)"}}),
    "a mark of its own": lambda root: words(root).insert(0, "x", {"blink": {}}),
    "a thing among words": lambda root: words(root).insert_embed(0, {"image": "https://evil.example/x.png"}),
    "thirty quotes in one another": deep,
}


@pytest.fixture
async def ingela(edits, cast: Cast) -> Editor:
    """Who writes beside the strangers, in a text with a paragraph and a heading."""
    editor = await edits(cast.coordinator)
    editor.type("Vi välkomnar förslaget.")
    with editor.doc.transaction():
        editor.root.children.append(heading := XmlElement("heading"))
        heading.attributes["level"] = 3
        heading.children.append(XmlText("Rubrik"))
    await editor.saved()
    return editor


async def goes_on(ingela: Editor, session, notes: Notes) -> None:
    """She writes, it is saved, and the log says what she sees."""
    ingela.type(".", at=0)
    await ingela.saved(WITHIN)
    assert await stored(session, notes) == ingela.words
    await session.commit()


async def test_w21_a_varint_bomb_is_refused_before_anything_reads_it(cast: Cast, session, notes, ingela, strangers, portal):
    stranger = await strangers(ingela.stream)
    worker = psutil.Process(portal.hub._texts._checking._checker._process.pid)
    before = worker.memory_info().rss
    assert await stranger.changes(*map(bytes.fromhex, BOMBS)) == ["bad_update"] * len(BOMBS)
    assert worker.is_running()
    assert worker.memory_info().rss - before < 8 << 20
    await goes_on(ingela, session, notes)


async def test_w22_what_the_editor_does_not_write_is_refused(session, notes, ingela, strangers):
    stranger = await strangers(ingela.stream)
    before = ingela.doc.get_update()
    answers = await stranger.changes(*(changed(ingela, change) for change in FOREIGN.values()))
    assert dict(zip(FOREIGN, answers, strict=True)) == dict.fromkeys(FOREIGN, "bad_update")
    assert ingela.doc.get_update() == before
    await goes_on(ingela, session, notes)


async def test_w22_a_change_to_another_document_fits_nowhere(session, notes, ingela, strangers):
    stranger = await strangers(ingela.stream)
    other: Doc[Any] = Doc()
    other["body"] = root = XmlFragment()
    root.children.append(paragraph := XmlElement("paragraph"))
    paragraph.children.append(text := XmlText("annan"))
    updates: list[bytes] = []
    _kept = other.observe(lambda event: updates.append(bytes(event.update)))
    text.insert(5, " text")
    assert await stranger.change(updates[0]) == "missing"
    other_root: Doc[Any] = Doc()
    other_root["elsewhere"] = beside = XmlFragment()
    beside.children.append(XmlElement("paragraph"))
    assert await stranger.change(other_root.get_update()) == "bad_update"
    assert await stranger.change("ingen Base64!") == "bad_update"
    await goes_on(ingela, session, notes)


async def test_w23_controls_are_stripped_and_a_text_has_a_size(session, notes, ingela, strangers):
    stranger = await strangers(ingela.stream)
    assert await stranger.change(changed(ingela, lambda root: words(root).insert(0, "a\x00b\x07c\u202ed"))) == "saved"
    await until(lambda: "a\x00b" in ingela.words)
    await is_shown(session, notes, "abcd")
    sizes: list[str] = []
    for _each in range(12):
        sizes.append(await stranger.change(changed(ingela, lambda root: words(root).insert(0, "x" * 150_000))))
        if sizes[-1] != "saved":
            break
        await until(lambda: len(ingela.words) > 150_000 * sizes.count("saved"))
    assert sizes[-1] == "too_large"
    assert len(sizes) == 2
    ingela.delete(0, 150_000)
    await ingela.saved()
    assert ingela.refused == {}
    assert (await document_of(session, notes)).mark


async def test_a_section_that_cannot_be_shown_keeps_no_other_waiting(cast: Cast, session, notes, portal, monkeypatch):
    bad, good = (await sections(session, notes.text.id))[:2]
    for section, change in (
        (bad, lambda root: root.children.append(XmlElement("heading", contents=[XmlText("x")]))),
        (good, said("Ett ord.")),
    ):
        opened = await actions.open_document(session, section, notes.text, by=cast.coordinator)
        update = base64.b64encode(change_of(opened.state, change)).decode()
        await documents.log(session, opened.stream, section.id, [(update, cast.coordinator.person_id)])
    await session.commit()
    monkeypatch.setattr(showing, "SWEPT_EVERY", 0.01)
    sweeping = asyncio.create_task(desk.Desk(portal.sessions).run())
    await is_shown(session, replace(notes, section=good), "Ett ord.")
    assert not sweeping.done()
    sweeping.cancel()


def said(line: str) -> Callable[[XmlFragment], None]:
    return lambda root: root.children.append(XmlElement("paragraph", contents=[XmlText(line)]))


async def is_shown(session, notes: Notes, beginning: str) -> None:
    async with asyncio.timeout(WITHIN):
        while True:
            await session.commit()
            await session.refresh(notes.section)
            if document.to_text(notes.section.body).startswith(beginning):
                return
            await asyncio.sleep(0.05)


async def test_w23_a_frame_over_256_kib_closes_its_own_socket_alone(session, notes, ingela, strangers):
    stranger = await strangers(ingela.stream)
    await stranger.send(t="edit", stream=ingela.stream, ref=1, update="A" * 262_144)
    assert (await stranger.client.closed())[0] == 1009
    other = await strangers(ingela.stream)
    await other.send(stream=ingela.stream, ref=1, update="A" * 65_536, t="edit")  # not as an edit begins
    assert (await other.client.closed())[0] == 1009
    await goes_on(ingela, session, notes)


async def test_w24_a_cursor_has_the_servers_name_and_its_own_client(cast: Cast, notes, ingela, edits, strangers):
    stranger = await strangers(ingela.stream)
    place = {"type": {"client": 1, "clock": 2}, "assoc": 0}
    assert await stranger.point(anchor=place, head=place, name="<b>Statsministern</b>") is None
    await until(lambda: bool(ingela.cursors))
    seen = ingela.cursors[0]
    assert (seen["client"], seen["id"], seen["name"]) == (7, cast.contact.person_id, cast.contact.person.name)
    assert (await stranger.point(client=8, anchor=place))["reason"] == "not_yours"
    other = await strangers(ingela.stream, cast.coordinator)
    assert (await other.point(client=7, anchor=place))["reason"] == "not_yours"
    assert (await other.point(client=2**53, anchor=place))["reason"] == "bad_client"
    assert (await other.point(client=9, anchor={"x": "y" * 500}))["reason"] == "bad_anchor"
    stranger.client.cut()
    await until(lambda: ingela.cursors[-1]["anchor"] is None)
    assert shortened("å" * 40) == "å" * 32


async def test_w24_a_cursor_that_moves_on_and_on_is_told_now_and_then_where_it_stands_then(notes, ingela, strangers):
    stranger, loop = await strangers(ingela.stream), asyncio.get_running_loop()
    begun, places = loop.time(), [{"type": {"client": 1, "clock": number}, "assoc": 0} for number in range(60)]
    for place in places:
        await stranger.send(t="cursor", stream=ingela.stream, client=7, anchor=place, head=place)
    await until(lambda: bool(ingela.cursors) and ingela.cursors[-1]["anchor"] == places[-1])
    assert len(ingela.cursors) <= 2 + (loop.time() - begun) / cursors.ONCE_IN


async def test_w24_nobody_writes_in_the_name_of_anothers_client(notes, ingela, session, strangers):
    stranger = await strangers(ingela.stream)
    ingela.say(t="cursor", stream=ingela.stream, client=ingela.doc.client_id, anchor=None, head=None)
    await ingela.saved()
    forged: Doc[Any] = Doc(client_id=ingela.doc.client_id)
    forged["body"] = root = XmlFragment()
    forged.apply_update(ingela.doc.get_update())
    updates: list[bytes] = []
    _kept = forged.observe(lambda event: updates.append(bytes(event.update)))
    words(root).insert(0, "Jag, Ingela, avgår. ")
    async with asyncio.timeout(WITHIN):
        while ingela.doc.client_id not in [each["client"] for each in (await stranger.client.hear()).get("cursors", ())]:
            pass
    assert await stranger.change(updates[0]) == "not_yours"
    await goes_on(ingela, session, notes)


async def test_w24_nobody_takes_a_client_that_has_written_before_its_cursor_is_shown(notes, ingela, session, strangers):
    stranger = await strangers(ingela.stream)
    assert (await stranger.point(client=ingela.doc.client_id))["reason"] == "not_yours"
    forged: Doc[Any] = Doc(client_id=ingela.doc.client_id)
    forged["body"] = root = XmlFragment()
    forged.apply_update(ingela.doc.get_update())
    updates: list[bytes] = []
    _kept = forged.observe(lambda event: updates.append(bytes(event.update)))
    words(root).insert(0, "Jag, Ingela, avgår. ")
    assert await stranger.change(updates[0]) == "not_yours"
    ingela.say(t="cursor", stream=ingela.stream, client=ingela.doc.client_id, anchor=None, head=None)
    await goes_on(ingela, session, notes)
    assert not any(each["t"] == "error" for each in ingela.frames)


async def test_w24_ten_thousand_cursors_are_too_many_frames(notes, ingela, session, strangers):
    stranger = await strangers(ingela.stream)
    for client in range(200):
        await stranger.send(t="cursor", stream=ingela.stream, client=client + 1, anchor=None, head=None)
    assert (await stranger.client.closed())[0] == 4429
    await goes_on(ingela, session, notes)


def mutated(update: bytes, chance: random.Random) -> bytes:
    """A change with something wrong in it."""
    if not update:
        return chance.randbytes(5)
    match chance.randrange(5):
        case 0:
            return update[: chance.randrange(len(update))]
        case 1:
            at = chance.randrange(len(update))
            return update[:at] + bytes([update[at] ^ (1 << chance.randrange(8))]) + update[at + 1 :]
        case 2:
            at = chance.randrange(len(update))
            return update[:at] + bytes.fromhex(chance.choice(BOMBS)) + update[at:]
        case 3:
            return chance.randbytes(chance.randint(1, 60))
        case _:
            first, last = sorted(chance.choices(range(len(update)), k=2))
            return update[:first] + update[last:] + chance.randbytes(2)


async def test_p16_five_hundred_bad_changes_hurt_nobody(cast: Cast, session, notes, ingela, strangers, portal):
    """What is refused leaves the log as it was; what is taken, since it could have been written, is what everybody sees."""
    chance, verdicts = random.Random(16), []
    worker = psutil.Process(portal.hub._texts._checking._checker._process.pid)
    good: list[Callable[[XmlFragment], None]] = [
        lambda root: words(root).insert(0, "ord "),
        lambda root: words(root).format(0, 2, {"bold": {}}),
        lambda root: root.children.append(XmlElement("paragraph")),
        lambda root: words(root).__delitem__(slice(0, 1)),
    ]
    before = ingela.doc.get_update()
    for _socket in range(10):
        stranger = await strangers(ingela.stream)
        verdicts += await stranger.changes(*(mutated(change_of(before, chance.choice(good)), chance) for _each in range(50)))
        ingela.type("!", at=0)
        await ingela.saved(WITHIN)
    assert set(verdicts) <= {"saved", "bad_update", "missing"}
    assert verdicts.count("saved") < 100
    assert len(verdicts) == 500
    assert worker.is_running()
    assert worker.memory_info().rss < 256 << 20
    assert ingela.refused == {}
    await goes_on_converging(ingela, session, notes)
    assert (await session.get(SectionDocument, notes.section.id)).mark


async def goes_on_converging(ingela: Editor, session, notes: Notes) -> None:
    """What the log says is what she sees, in normal form."""
    ingela.type("?", at=0)
    await ingela.saved(WITHIN)
    seen = document.normal(
        {"content": [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in ingela.words.split("\n") if line]}
    )
    assert await stored(session, notes) == document.to_text(seen)


async def test_what_a_worker_ends_at_twice_is_refused_and_the_others_go_on(notes, ingela, session, strangers, portal, monkeypatch):
    """No change that does so is known: one that looks like any is made to."""
    stranger = await strangers(ingela.stream)
    checker = portal.hub._texts._checking._checker
    deadly, as_usual, ends = changed(ingela, lambda root: words(root).insert(0, "Ajöss.")), checker.apply, []

    async def apply(document: int, changes: Any, owners: Any) -> Any:
        if base64.b64encode(deadly).decode() in [update for update, _person in changes]:
            ends.append(checker._process.pid)
            checker._process.kill()
        return await as_usual(document, changes, owners)

    monkeypatch.setattr(checker, "apply", apply)
    assert await stranger.change(deadly) == "bad_update"
    assert len(set(ends)) == 2
    await goes_on(ingela, session, notes)


async def test_a_text_that_silences_the_worker_does_not_keep_another_waiting(
    cast: Cast, session, notes, ingela, edits, strangers, monkeypatch
):
    """The worker is stopped as it begins to look at one change."""
    maja = await edits(cast.contact, (await sections(session, notes.text.id))[1])
    stranger = await strangers(ingela.stream)
    deadly, as_usual, silenced = base64.b64encode(changed(ingela, lambda root: words(root).insert(0, "Ajöss."))).decode(), Checker.apply, []

    async def apply(checker: Checker, document: int, changes: Any, owners: Any) -> Any:
        if deadly in [update for update, _person in changes]:
            checker._process.send_signal(signal.SIGSTOP)
            silenced.append(checker._process.pid)
        return await as_usual(checker, document, changes, owners)

    monkeypatch.setattr(Checker, "apply", apply)
    refused = asyncio.create_task(stranger.change(deadly))
    for turn in (1, 2):
        await until(lambda turn=turn: len(silenced) == turn)
        maja.type(f"Jag skriver på {turn}.")
        await maja.saved(WITHIN)
        assert not refused.done()
    assert await refused == "bad_update"
    await goes_on(ingela, session, notes)


async def test_what_came_together_with_a_change_that_ends_the_worker_is_known_to_the_next_one(
    cast: Cast, session, notes, ingela, strangers, portal, monkeypatch
):
    hers, anothers, thirds = [await strangers(ingela.stream, each) for each in (cast.coordinator, cast.contact, cast.contact)]
    checker, sheet = portal.hub._texts._checking._checker, portal.hub._texts._sheets[ingela.stream]
    state, as_usual = ingela.doc.get_update(), checker.apply
    good, deadly, other = [changed(ingela, lambda root, said=said: words(root).insert(0, said)) for said in ("Kvar. ", "Ajöss.", "Också. ")]
    after = change_of(crdt.merged([state, good]), lambda root: words(root).insert(3, "!"))

    async def apply(document: int, changes: Any, owners: Any) -> Any:
        if base64.b64encode(deadly).decode() in [update for update, _person in changes]:
            checker._process.kill()
        return await as_usual(document, changes, owners)

    monkeypatch.setattr(checker, "apply", apply)
    await ingela.away()  # else she would bring the others' words again
    async with asyncio.TaskGroup() as both, sheet.checking:
        said = []
        for each, update in ((hers, good), (anothers, deadly), (thirds, other)):
            said.append(both.create_task(each.change(update)))
            await until(lambda: len(sheet.coming) == len(said))
    assert [each.result() for each in said] == ["saved", "bad_update", "saved"]
    assert await hers.change(after) == "saved"
    kept = await stored(session, notes)
    assert ("Kva!r. " in kept, "Också. " in kept) == (True, True)


async def test_who_wrote_beside_one_who_lost_the_right_while_the_database_went_away_is_told_so(
    cast: Cast, notes, ingela, session, strangers, portal, monkeypatch
):
    """Neither saved nor refused would be lost without a word."""
    hers, anothers = await strangers(ingela.stream, cast.coordinator), await strangers(ingela.stream)
    checking = portal.hub._texts._checking
    as_usual, aways = checking._open, []
    assert [await each.change(changed(ingela, lambda root: words(root).insert(0, "Först. "))) for each in (hers, anothers)] == [
        "saved",
        "saved",
    ]

    async def away(sheet: Any) -> None:
        if aways:
            return await as_usual(sheet)
        aways.append(sheet.stream_id)
        raise ConnectionError

    gone, kept = [changed(ingela, lambda root, said=said: words(root).insert(0, said)) for said in ("Efter. ", "Kvar. ")]
    await actions.unask(session, notes.text, memberships=[cast.contact.id])
    monkeypatch.setattr(checking, "_open", away)
    async with asyncio.TaskGroup() as both:
        written = [both.create_task(each.change(update)) for each, update in ((anothers, gone), (hers, kept))]
        await until(lambda: "Efter. " in ingela.words and "Kvar. " in ingela.words)
        await session.commit()
    assert ([each.result() for each in written], aways) == (["may_not_write", "later"], [ingela.stream])
    assert await hers.change(kept) == "saved"
