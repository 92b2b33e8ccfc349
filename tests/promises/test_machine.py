"""Whatever people do, in whatever order: a machine posts, repeats, edits, hides, changes roles, leaves, comes back, does not read,
restarts the portal and puts back what it was."""

import asyncio
import os
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portal.networks.access import Role
from tests.postgres import Server
from tests.promises import mutants
from tests.promises.history import History, judge
from tests.promises.household import House
from tests.promises.reader import Reader, all_have
from tests.promises.stage import NUMBER, Stage

WRITERS = (1, 2, 3)
ONLOOKER = 4
READS = (Role.contact, Role.reader)
ROLES = (Role.contact, Role.reader, Role.guest, None)
ENDED, NOT_READABLE = 4403, 4404
TOO_SLOW = 4409
PATIENCE = 20.0


@dataclass
class Comment:
    """What the machine expects of one."""

    author: int
    body: str
    key: str
    version: int = 1
    hidden: bool = False


@dataclass
class Known:
    """What the machine expects to stand in the database; a member is a contact person unless her role is said."""

    comments: dict[int, Comment] = field(default_factory=dict)
    roles: dict[int, Role | None] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)

    def role(self, member: int) -> Role | None:
        return self.roles.get(member, Role.contact)


@dataclass
class Window:
    """An open page: whose it is, what stood on it when it was made, and what it hears since."""

    member: int
    reader: Reader
    made_with: Sequence[int]
    following: Any = None
    heard: int = 0


class Machine(RuleBasedStateMachine):
    house: House

    comments = Bundle("comments")
    windows = Bundle("windows")

    def __init__(self) -> None:
        super().__init__()
        self.known = Known()
        self.kept: tuple[Path, Known] | None = None
        self.done: set[str] = set()
        self.arrivals = count()
        self.history = History()
        self.open: dict[str, Window] = {}

    @initialize(ends=st.sampled_from(("restart", "restore")))
    def a_new_thread(self, ends: str) -> None:
        """The portal is restarted in one example or put back in another, once: each takes as long as forty other steps."""
        self.house.turn += 1
        self.done.add(ends)
        self.number = self.house.turn
        self.record, self.stream = self.house.stage.records[0], self.house.stage.streams[0]
        comments, heads = self.house.do(self.house.state(0))
        self.before = max((row.id for row in comments), default=0)
        self.first = max((row.last_seq for row in heads if row.id == self.stream), default=0)

    # What people say

    @rule(target=comments, member=st.sampled_from(WRITERS))
    def post(self, member: int) -> int:
        words, key = f"{self.number}: {member} säger {len(self.history.attempted)}", str(uuid4())
        answer = self.house.do(self.house.send(member, f"/records/{self.record}/comments", {"body": words, "key": key}))
        if (role := self.known.role(member)) is not Role.contact:
            assert answer.status_code == (403 if role is Role.reader else 404)
            return 0
        found = NUMBER.search(answer.text)
        assert (answer.status_code, found is not None) == (201, True), answer.text
        assert found is not None
        number = int(found[1])
        self.known.comments[number] = Comment(member, words, key)
        self._acknowledge(number, words)
        return number

    def _acknowledge(self, number: int, words: str) -> None:
        self.history.attempted.add(words)
        self.known.acknowledged[words] = number

    @rule(comment=comments, other=st.booleans())
    def repeat(self, comment: int, other: bool) -> None:
        known = self.known.comments.get(comment)
        if known is None or self.known.role(known.author) is not Role.contact or known.version > 1:
            return
        form = {"body": known.body + (" och mer" if other else ""), "key": known.key}
        answer = self.house.do(self.house.send(known.author, f"/records/{self.record}/comments", form))
        assert answer.status_code == (409 if other else 201)
        if not other:
            assert f'data-comment="{comment}"' in answer.text

    @rule(comment=comments, member=st.sampled_from(WRITERS))
    def edit(self, comment: int, member: int) -> None:
        if (known := self.known.comments.get(comment)) is None:
            return
        words = f"{known.body}, version {known.version + 1}"
        answer = self.house.do(self.house.send(member, f"/comments/{comment}", {"body": words, "version": str(known.version)}))
        if self.known.role(member) not in READS:
            assert answer.status_code == 404
        elif member != known.author or known.hidden or self.known.role(member) is Role.reader:
            assert answer.status_code == 403
        else:
            assert answer.status_code == 303
            self.known.acknowledged.pop(known.body)
            known.body, known.version = words, known.version + 1
            self._acknowledge(comment, words)

    @rule(comment=comments)
    def hide_or_restore(self, comment: int) -> None:
        if (known := self.known.comments.get(comment)) is None:
            return
        deed, form = ("restoration", {}) if known.hidden else ("hiding", {"reason": "off_topic", "words": ""})
        assert self.house.do(self.house.send(0, f"/comments/{comment}/{deed}", form)).status_code == 303
        known.hidden = not known.hidden

    # Who may

    @rule(member=st.sampled_from(WRITERS), role=st.sampled_from(ROLES))
    def change_role(self, member: int, role: Role | None) -> None:
        """Who may not read any more is sent away and hears nothing until she may again."""
        before = self.known.role(member)
        theirs = [each for each in self.open.values() if each.member == member]
        for window in theirs:
            self._has_all(window) if before in READS else self._has_heard_nothing(window)
            window.reader.ended.clear()
            window.reader.refused.clear()
        self.house.do(self.house.seat(member, role))
        self.known.roles[member] = role
        for window in theirs:
            if before in READS and role not in READS:
                self.house.do(_is_sent_away(window.reader))
                window.heard = len(self.history.seen[window.reader.name])
            elif before not in READS and role in READS:
                self._follow(window)

    def _has_heard_nothing(self, window: Window) -> None:
        assert len(self.history.seen[window.reader.name]) == window.heard

    # Who reads

    @rule(target=windows, member=st.sampled_from((ONLOOKER, *WRITERS)))
    def open_a_page(self, member: int) -> str:
        if self.known.role(member) not in READS:
            member = ONLOOKER
        cursor, shown = self.house.do(self.house.page(member, self.record))
        return self._open(member, cursor, shown)

    def _open(self, member: int, cursor: str, shown: Sequence[int]) -> str:
        name = f"{self.number}: window {next(self.arrivals)}"
        house = self.house
        reader = Reader(name, house.stage.tokens[member], [house.portal.port], self.history, {self.stream: cursor})
        self.open[name] = Window(member, reader, shown)
        self._follow(self.open[name])
        return name

    def _follow(self, window: Window) -> None:
        if window.following is not None:
            window.following.cancel()
        window.following = asyncio.run_coroutine_threadsafe(window.reader.follow(), self.house.loop)

    @rule(name=windows)
    def reconnect(self, name: str) -> None:
        if name in self.open:
            self._follow(self.open[name])

    @rule(name=consumes(windows))
    def look_and_go(self, name: str) -> None:
        if name in self.open:
            self._shows_what_a_new_page_does(self.open[name])
            self._close(name)

    def _close(self, name: str) -> None:
        self.open.pop(name).following.cancel()
        self.history.began.pop((name, self.stream))

    @precondition(lambda self: "stall" not in self.done)
    @rule(target=windows)
    def stop_reading(self) -> str:
        """Once in each example: somebody is sent away since she takes nothing, and goes on from the number she has."""
        self.done.add("stall")
        cursor, shown = self.house.do(self.house.page(ONLOOKER, self.record))
        epoch, _dot, first = cursor.rpartition(".")
        code, got = self.house.do(self.house.stall(ONLOOKER, self.stream, cursor))
        assert (code, got) == (TOO_SLOW, list(range(int(first) + 1, int(first) + 1 + len(got))))
        return self._open(ONLOOKER, f"{epoch}.{got[-1]}", shown)

    # What happens to the portal

    @precondition(lambda self: "restart" not in self.done)
    @rule()
    def restart(self) -> None:
        self.done.add("restart")
        self.house.restart()

    @precondition(lambda self: self.kept is None and "restore" not in self.done)
    @rule()
    def back_up(self) -> None:
        self.kept = self.house.back_up(), deepcopy(self.known)

    @precondition(lambda self: self.kept is not None and "restore" not in self.done)
    @rule()
    def put_back(self) -> None:
        """What has been said since the backup is gone, also from the pages of those who have heard it."""
        assert self.kept is not None
        self.done.add("restore")
        source, self.known = self.kept
        self.house.restore(source)
        self.history.seen.clear()
        for name, window in list(self.open.items()):
            if self.known.role(window.member) not in READS:
                self._close(name)
                continue
            window.reader.sid = self.house.stage.tokens[window.member]
            window.reader.posted.clear()
            resyncs = window.reader.resyncs
            self._follow(window)
            self.house.do(_is_told_to_look_again(window.reader, resyncs))
            cursor, window.made_with = self.house.do(self.house.page(window.member, self.record))
            assert window.reader.cursors[self.stream] == cursor
            self.history.began[name, self.stream] = int(cursor.rpartition(".")[2])

    # What holds

    def _has_all(self, window: Window) -> None:
        heads = {row.id: row.last_seq for row in self.house.do(self.house.state(self.before))[1]}
        assert self.house.do(all_have([window.reader], heads, within=PATIENCE)), window.reader.name

    def _shows_what_a_new_page_does(self, window: Window) -> None:
        if self.known.role(window.member) not in READS:
            self._has_heard_nothing(window)
            return
        self._has_all(window)
        _cursor, fresh = self.house.do(self.house.page(window.member, self.record))
        shown = {*window.made_with, *window.reader.posted}
        assert sorted(number for number in shown if number >= min(fresh, default=0)) == sorted(fresh)

    @invariant()
    def the_database_holds_what_was_acknowledged_and_numbers_have_no_holes(self) -> None:
        rows, heads = self.house.do(self.house.state(self.before))
        expected = [(number, each.body, each.version, each.hidden) for number, each in sorted(self.known.comments.items())]
        assert [tuple(row) for row in rows] == expected
        assert all(row.last_seq == row.events for row in heads)

    def teardown(self) -> None:
        for window in self.open.values():
            self._shows_what_a_new_page_does(window)
        for name, window in list(self.open.items()):
            if self.known.role(window.member) not in READS:
                self._close(name)
            else:
                window.following.cancel()
        for member, role in self.known.roles.items():
            if role is not Role.contact:
                self.house.do(self.house.seat(member, Role.contact))
        self.history.acknowledged = self.known.acknowledged

        async def verdict() -> dict[str, int]:
            async with self.house.sessions() as session:
                return (await judge(session, self.history, after=self.first)).broken

        assert {name: count for name, count in self.house.do(verdict()).items() if name != "unexpected"} == {}


async def _is_sent_away(reader: Reader) -> None:
    """Or is not let in, where she was just coming back after a restart."""
    async with asyncio.timeout(PATIENCE):
        while ENDED not in reader.ended and NOT_READABLE not in reader.refused:
            await asyncio.sleep(0.01)


async def _is_told_to_look_again(reader: Reader, before: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while reader.resyncs == before:
            await asyncio.sleep(0.01)


@pytest.fixture
def house(server: Server, furnished: tuple[str, Stage], tmp_path: Path) -> Any:
    house = House(server.create_database("machine", furnished[0]), furnished[1], tmp_path)
    yield house
    house.portal.stop()
    house.do(house.close())
    server.drop_database("machine")


def has_to_look_again_after_a_restore(house: House, *, within: float) -> bool:
    """Whether that is said to somebody who has heard what is gone, when just as much has been said since."""

    def say(words: str) -> None:
        assert house.do(house.send(1, f"/records/{house.stage.records[0]}/comments", {"body": words, "key": str(uuid4())})).is_success

    stream, kept = house.stage.streams[0], house.back_up()
    say("Det här går förlorat.")
    cursor, _shown = house.do(house.page(ONLOOKER, house.stage.records[0]))
    reader = Reader("onlooker", house.stage.tokens[ONLOOKER], [house.portal.port], History(), {stream: cursor})
    house.restore(kept)
    reader.sid = house.stage.tokens[ONLOOKER]
    say("Det här sägs i stället.")
    following = asyncio.run_coroutine_threadsafe(reader.follow(), house.loop)

    async def settles() -> None:
        async with asyncio.timeout(within):
            while not reader.resyncs and not reader.taken:
                await asyncio.sleep(0.01)

    house.do(settles())
    following.cancel()
    return reader.resyncs > 0


def test_an_epoch_that_outlives_a_restore_is_found_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert has_to_look_again_after_a_restore(house, within=PATIENCE)
    mutants.keep_the_epoch(monkeypatch)
    assert not has_to_look_again_after_a_restore(house, within=PATIENCE)


# A shorter way to a failure is not worth the minutes. `make machine` takes the long one, with another seed each time.
GIVEN = {"deadline": None, "suppress_health_check": list(HealthCheck), "phases": [Phase.generate]}
settings.register_profile("promises", max_examples=20, stateful_step_count=30, derandomize=True, database=None, **GIVEN)
settings.register_profile("nightly", max_examples=200, stateful_step_count=50, derandomize=False, print_blob=True, **GIVEN)
PROFILE = os.environ.get("MACHINE", "promises")


@pytest.mark.timeout(7200 if PROFILE == "nightly" else 300)
def test_the_machine_holds_whatever_is_done(house: House) -> None:
    class Here(Machine):
        pass

    Here.house = house
    run_state_machine_as_test(Here, settings=settings.get_profile(PROFILE))  # type: ignore[no-untyped-call]
