"""Writing together, beside a bare relay that stores nothing: `python -m bench.together [--editors N …] [--seconds N]`.

Everybody types five letters a second in a paragraph of her own; from when a letter is due until each of the others has its change, and
until its writer is told that it is saved. The changes are made beforehand and not applied where they arrive: this is the server's share.
At last, how long a text takes whose stored changes come to 5 MiB: to be read, and to be opened for whoever writes in it."""

import argparse
import asyncio
import base64
import itertools
import re
import time
from dataclasses import dataclass, field
from typing import Any

import psutil
import uvloop
from pycrdt import Doc, XmlElement, XmlFragment, XmlText
from sqlalchemy import select

from bench import stage as stages
from bench.crowd import Crowd, Reader
from bench.live import cpu_seconds, server
from bench.load import HEAD, Measured
from bench.stage import Stage
from portal.accounts import actions as accounts
from portal.db import engine_for, sessions_for
from portal.drafting import actions, crdt, document, guarded
from portal.drafting.checker import SCHEMA
from portal.drafting.models import DraftText, Section
from portal.ground import migrate
from portal.networks.access import Role
from tests.factories import make_member, make_network
from tests.making import make_meeting

EDITORS = [2, 10, 50]
SAVED_WITHIN = 1000.0  # milliseconds
REPLAYED = 5 << 20
LETTERS_A_SECOND = 5
CHANGE = re.compile(rb'"([A-Za-z0-9+/=]{12,})"')
SAVED = re.compile(rb'"t":"saved".*"ref":(\d+)')


@dataclass
class Desk:
    """Where they write: who may (each with her sign-in), the stream and the document they begin with."""

    tokens: list[str]
    stream: int
    state: bytes


@dataclass
class Writers(Crowd):
    """`changes`: when each was to go out; `sent`: the same of each writer's numbers that are not saved yet; `saved`: after how many
    milliseconds a writer was told that it is stored; `spent`: milliseconds of processor for each change, of the portal and of the worker
    that checks."""

    changes: dict[bytes, float] = field(default_factory=dict)
    sent: dict[Reader, dict[int, float]] = field(default_factory=dict)
    saved: list[float] = field(default_factory=list)
    spent: tuple[float, float] = (0.0, 0.0)

    def heard(self, reader: Reader, payload: bytes, moment: float) -> None:
        if payload.startswith(b'{"t":"edit"'):
            self.seen += [(moment - self.changes[each]) * 1000 for each in CHANGE.findall(payload)]
        elif found := SAVED.search(payload):
            waiting = self.sent[reader]
            for ref in [each for each in waiting if each <= int(found[1])]:  # with a number all before it are saved
                self.saved.append((moment - waiting.pop(ref)) * 1000)
        elif payload.startswith(b'{"t":"subscribed"'):
            self.subscribed += 1


async def furnish(url: str) -> Desk:
    await migrate.upgrade(url)
    engine = engine_for(url)
    async with sessions_for(engine, limits=10**9)() as session:
        network = await make_network(session, slug="together", name="Tillsammans")
        coordinator = await make_member(session, network, "Ingela Rask", Role.coordinator)
        members = [await make_member(session, network, f"Skribent{n} Mätare", Role.contact) for n in range(max(EDITORS))]
        meeting = await make_meeting(session, coordinator)
        text = (await session.scalars(select(DraftText).where(DraftText.record_id == meeting.record.id))).one()  # type: ignore[arg-type]
        await actions.ask(session, text, memberships=[each.id for each in members])
        section = (await session.scalars(select(Section).where(Section.text_id == text.id))).all()[0]  # type: ignore[arg-type]
        opened = await actions.open_document(session, section, text, by=coordinator)
        someone = accounts.Visitor(browser="bench", address="127.0.0.1", agent="bench")
        tokens = [(await accounts.start(session, person=each.person, trusted=True, visitor=someone))[1] for each in members]
        await session.commit()
    await engine.dispose()
    return Desk(tokens, opened.stream, opened.state)


def typed(state: bytes, letters: int) -> list[str]:
    """A new paragraph, and then a letter at a time in it."""
    doc: Doc[Any] = Doc()
    doc["body"] = root = XmlFragment()
    doc.apply_update(state)
    updates: list[str] = []
    observer = doc.observe(lambda event: updates.append(base64.b64encode(event.update).decode()))
    with doc.transaction():
        root.children.append(paragraph := XmlElement("paragraph"))
        paragraph.children.append(words := XmlText())
    for number in range(letters):
        words.insert(number, "abcdefghij klmnopqrst"[number % 21])
    doc.unobserve(observer)
    return updates


def used(pid: int) -> tuple[float, float]:
    """Seconds of processor that the process has used, and those that it has begun."""
    return cpu_seconds(pid), sum(cpu_seconds(each.pid) for each in psutil.Process(pid).children(recursive=True))


async def write(port: int, path: str, desk: Desk, editors: int, seconds: float, pid: int) -> Writers:
    """What came of it; everybody is there before the first letter."""
    crowd = Writers(port, path)
    is_bare = path == "/"
    wish = [] if is_bare else [{"t": "subscribe", "stream": desk.stream, "cursor": None}]
    for token in desk.tokens[:editors]:
        await crowd.gather([f"sid={token}"], wish)
        reader = crowd.readers[-1]
        reader._take = lambda opcode, payload, moment, reader=reader: opcode == 1 and crowd.heard(reader, payload, moment)  # type: ignore[method-assign]
    await asyncio.sleep(0.5)
    letters = int(seconds * LETTERS_A_SECOND)
    scripts = [typed(desk.state, letters) for _editor in range(editors)]

    def say(number: int, nth: int, due: float) -> None:
        update = scripts[number][nth]
        reader = crowd.readers[number]
        crowd.changes[update.encode()] = crowd.sent.setdefault(reader, {})[nth + 1] = due
        reader.say(1, f'{{"t":"edit","stream":{desk.stream},"update":"{update}","ref":{nth + 1}}}'.encode())

    for number in range(editors):  # the first change has the document opened, and is not counted
        say(number, 0, time.perf_counter())
    await crowd.until(lambda: is_bare or len(crowd.saved) >= editors, within=60.0)
    await asyncio.sleep(1.0)
    for kept in (crowd.changes, crowd.seen, crowd.saved):
        kept.clear()
    before = used(pid)
    start, pace = time.perf_counter() + 0.2, 1 / LETTERS_A_SECOND
    steps = sorted(
        (start + (nth + number / editors) * pace, number, nth) for number, nth in itertools.product(range(editors), range(1, letters + 1))
    )
    for due, number, nth in steps:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        say(number, nth, due)
    await crowd.until(lambda: is_bare or len(crowd.saved) >= len(steps), within=5.0)
    crowd.spent = tuple((now - then) * 1000 / len(steps) for now, then in zip(used(pid), before, strict=True))  # type: ignore[assignment]
    await asyncio.sleep(0.2)
    return crowd


def long_log() -> list[bytes]:
    """A state and the changes after it, a letter each, in paragraphs of 400 of which sixty stay: 5 MiB."""
    doc: Doc[Any] = Doc()
    doc["body"] = root = XmlFragment()
    doc.apply_update(seed := crdt.seeded(document.empty()))
    log = [seed]
    observer = doc.observe(lambda event: log.append(event.update))
    size = 0
    while size < REPLAYED:
        first = len(log)
        if len(root.children) > 60:
            del root.children[0]
        with doc.transaction():
            root.children.append(paragraph := XmlElement("paragraph"))
            paragraph.children.append(words := XmlText())
        for place in range(400):
            words.insert(place, "abcdefghij klmnopqrst"[place % 21])
        size += sum(map(len, log[first:]))
    doc.unobserve(observer)
    return log


def replay() -> None:
    """On the generator's core, with nobody else there."""
    log = long_log()
    ways = (("read", crdt.body_of), ("opened to be written in", lambda states: guarded.Document(states, guarded.Schema(SCHEMA))))
    for name, way in ways:
        took = []
        for _time in range(3):
            began = time.perf_counter()
            way(log)
            took.append((time.perf_counter() - began) * 1000)
        print(Measured(f"a log of 5 MiB, {name}", times=took, note=f"{len(log)} changes").row())
        print(f"a log of 5 MiB, {name}: {min(took) / 1000:.2f} s (target 1 s at most)", flush=True)


async def measure(stage: Stage, seconds: float) -> None:
    desk = await furnish(stage.url)
    print(HEAD, flush=True)
    shown: dict[tuple[str, int], Measured] = {}
    with stages.portal(stage) as process:
        for editors in EDITORS:
            crowd = await write(stage.port, "/live", desk, editors, seconds, process.pid)
            note = f"{len(crowd.seen)} of {len(crowd.changes) * (editors - 1)} seen; {crowd.spent[0]:.2f} + {crowd.spent[1]:.2f} ms of processor a change"
            shown["portal", editors] = Measured(f"{editors} editors, change seen by the others", times=crowd.seen, note=note)
            print(shown["portal", editors].row())
            soon = sum(each <= SAVED_WITHIN for each in crowd.saved)
            note = f"{len(crowd.saved)} of {len(crowd.changes)}; {soon} within 1 s (target: all)"
            print(Measured(f"{editors} editors, told that it is saved", times=crowd.saved, note=note).row(), flush=True)
            await crowd.leave()
    port = stages.free_port()
    with server("bench.broadcast", port=port) as process:
        for editors in EDITORS:
            crowd = await write(port, "/", desk, editors, seconds, process.pid)
            note = f"{crowd.spent[0]:.2f} ms of processor a change"
            shown["limit", editors] = Measured(f"limit: bare relay in memory, {editors} editors", times=crowd.seen, note=note)
            print(shown["limit", editors].row(), flush=True)
            await crowd.leave()
    for editors in EDITORS:
        ratio = shown["portal", editors].at(99) / shown["limit", editors].at(99)
        print(f"{editors} editors: p99 {ratio:.1f} times the bare relay's (target 3 at most)")


def run(stage: Stage, *, seconds: float = 5.0) -> None:
    print("writing together …", flush=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(measure(stage, seconds))
    replay()


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.together", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long they type")
    parser.add_argument("--editors", type=int, nargs="+", default=EDITORS, help="how many write at once")
    given = parser.parse_args()
    EDITORS[:] = given.editors
    with stages.database() as url:
        run(Stage(url, stages.free_port(), stages.free_port()), seconds=given.seconds)


if __name__ == "__main__":
    main()
