"""The portal made wrong on purpose, one way for each promise: a promise's test must turn red on its mutant."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import pytest
from litestar.types import Receive, Scope, Send
from pycrdt import Doc
from sqlalchemy import Connection, text

from portal import db, ical
from portal.commands import backups
from portal.comments import actions, posting, threads
from portal.comments import frames as comment_frames
from portal.db import Session
from portal.drafting import crdt, documents
from portal.drafting.checker import Checker, Verdict
from portal.drafting.models import Section, SectionDocument
from portal.findings import routes as findings
from portal.live import frames as live_frames
from portal.live import hub, log, protocol, reading, streams
from portal.live.doors import Happened
from portal.live.watch import Watch
from portal.meetings import actions as meetings
from portal.meetings.models import Meeting
from portal.web.work import UnitOfWork

LATE = 0.05


def acknowledge_before_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """P01. The answer goes out when it is made, and the commit follows a moment later."""

    async def hasty(self: UnitOfWork, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        async with self.sessions() as session:
            scope["state"]["session"] = session
            await session.execute(text("SELECT 1"))  # what is posted belongs to a transaction now
            await self.app(scope, receive, send)
            await asyncio.sleep(LATE)
            await session.commit()

    monkeypatch.setattr(UnitOfWork, "__call__", hasty)


def acknowledge_before_it_is_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """P01. The database says that it has committed when it has not written that down."""
    as_usual = db._connect

    async def connect(*given: Any, server_settings: dict[str, str], **named: Any) -> Any:
        return await as_usual(*given, server_settings={**server_settings, "synchronous_commit": "off"}, **named)

    monkeypatch.setattr(db, "_connect", connect)


ONCE = "ALTER TABLE comment DROP CONSTRAINT uq_comment_author_id_key"


def forget_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """P02. Nobody looks whether a key has been there before. The table has to let it stand twice, besides (`ONCE`)."""
    forgetful = posting._POST.replace("AND key = :key", "AND key = :key AND false").replace("ON CONFLICT (author_id, key) DO NOTHING", "")
    monkeypatch.setattr(posting, "_POST", forgetful)
    monkeypatch.setattr(actions, "posting", posting.Posting)


def keep_the_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """P05. A restore leaves the epoch as it was, so that cursors from before it are as good as any."""
    as_usual = backups.renew

    def renew(connection: Connection) -> None:
        before = connection.scalar(text("SELECT epoch FROM live_epoch"))
        as_usual(connection)
        connection.execute(text("UPDATE live_epoch SET epoch = :epoch"), {"epoch": before})

    monkeypatch.setattr(backups, "renew", renew)


def put_events_in_the_order_of_their_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    """P03. Events are sent in the order of the moments that they bear, which the clocks of several processes wrote, and not by number."""
    as_usual = reading.newer

    async def newer(session: Session, cursors: Mapping[int, int], most: int) -> dict[int, list[Happened]]:
        await asyncio.sleep(0.2)  # so that there are several
        found = await as_usual(session, cursors, most)
        return {stream: sorted(events, key=lambda event: event.at) for stream, events in found.items()}

    monkeypatch.setattr(reading, "newer", newer)


NUMBERS = 'CREATE SEQUENCE "number_{stream}"'
DRAWN = (
    ("FOR UPDATE OF thread", ""),
    (" FOR UPDATE OF live_stream", ""),
    (
        "live_stream.last_seq + CASE WHEN CAST(:held AS boolean) THEN 0 ELSE 1 END AS seq",
        f"nextval('number_' || live_stream.id) AS seq, pg_sleep({10 * LATE} * random())",
    ),
    ("SET last_seq = said.seq", "SET last_seq = greatest(last_seq, said.seq)"),
)


def draw_numbers_from_a_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    """P04. An event's number is drawn from a sequence (`NUMBERS`) before anything is held, so that a higher one may be there to be read
    before it: what is newer than the last one read is not all that has come."""
    statement = posting._POST
    for held, drawn in DRAWN:
        assert held in statement
        statement = statement.replace(held, drawn)
    monkeypatch.setattr(posting, "_POST", statement)
    monkeypatch.setattr(actions, "posting", posting.Posting)


def send_the_last_page_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """P04. Whoever has missed more than 40 events gets the last 40, and nobody says that there were more."""
    as_usual = reading.newer

    async def newer(session: Session, cursors: Mapping[int, int], most: int) -> dict[int, list[Happened]]:
        found = await as_usual(session, cursors, 10_000)
        return {stream: events[-40:] for stream, events in found.items()}

    def never_mind(self: streams.Streams, subscription: Any, feed: Any) -> None:
        subscription.seq = feed.cursor

    async def catch_up(self: streams.Streams, subscription: Any, feed: Any) -> None:
        async with self._reads() as session:
            events = (await newer(session, {feed.stream_id: subscription.seq}, 40)).get(feed.stream_id, [])
        ready = await self._frames(self._reads, feed.stream_id, events, subscription.reader.viewer.locale)
        await self._hand_over(subscription, events, ready)
        never_mind(self, subscription, feed)
        feed.join(subscription)

    monkeypatch.setattr(streams.Streams, "_catch_up", catch_up)


def take_any_number_for_a_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """P05."""

    def position(cursor: str | None, epoch: str, head: int) -> int | None:
        digits = "".join(each for each in cursor or "" if each.isdigit())
        return min(int(digits or "0"), head)

    monkeypatch.setattr(live_frames, "position", position)


def leave_a_field_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """P06. An event does not say what its comment answers."""
    as_usual = comment_frames._frame

    def frame(*given: Any) -> dict[str, Any]:
        return {name: value for name, value in as_usual(*given).items() if name != "parent"}

    monkeypatch.setattr(comment_frames, "_frame", frame)


def read_the_cursor_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """P06. A page says that it stands where the stream ends when it is finished, and not where it ended when it was begun."""
    as_usual = threads.thread

    async def thread(session: Session, *given: Any, **named: Any) -> Any:
        view = await as_usual(session, *given, **named)
        head = await session.scalar(text("SELECT last_seq FROM live_stream WHERE id = :stream"), {"stream": view.stream_id})
        view.cursor = f"{view.cursor.rpartition('.')[0]}.{head}"
        return view

    monkeypatch.setattr(findings, "thread", thread)


def write_in_two_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """P07. The comment first, its event in a second transaction."""
    as_usual = actions.post

    async def post(session: Session, *given: Any, **named: Any) -> Any:
        await session.execute(text("SELECT 1"))
        comment = await as_usual(session, *given, **named)
        taken = "DELETE FROM live_event WHERE ref = :ref AND kind = 'comment.posted' RETURNING stream_id, actor_id"
        event = (await session.execute(text(taken), {"ref": comment.id})).one_or_none()
        if event is None:
            return comment
        await session.execute(text("UPDATE live_stream SET last_seq = last_seq - 1 WHERE id = :stream"), {"stream": event.stream_id})
        await session.commit()
        await asyncio.sleep(LATE)
        await log.append(session, event.stream_id, kind="comment.posted", ref=comment.id, actor_id=event.actor_id)
        return comment

    monkeypatch.setattr(actions, "post", post)


def wait_for_locks_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """P10. Whoever asks for what somebody holds waits for it."""
    monkeypatch.setattr(db, "LONGEST_LOCK", 0)
    monkeypatch.setattr(db, "LONGEST_STATEMENT", 0)


def keep_what_was_lent(monkeypatch: pytest.MonkeyPatch) -> None:
    """P10. A request that fails keeps its connection for a while, in the middle of its transaction."""

    async def slow_to_return(self: UnitOfWork, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        async with self.sessions() as session:
            scope["state"]["session"] = session
            await self.app(scope, receive, send)
            await asyncio.sleep(3)

    monkeypatch.setattr(UnitOfWork, "__call__", slow_to_return)


def trust_the_bell_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """P11. Nothing is read that was not rung for."""
    monkeypatch.setattr(hub.Hub, "_hears", lambda self: None)

    async def never(self: hub.Hub) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(hub.Hub, "_look_round", never)


def wait_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """P12. Whatever a reader does not take is kept for him."""
    monkeypatch.setattr(protocol.PortalWebSocketProtocol, "is_behind", lambda self, waiting: False)


def leave_the_dead_to_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """P12. No TCP_USER_TIMEOUT: the system tries for as long as it does by itself."""
    monkeypatch.setattr(protocol, "DEAD_PEER_MS", 0)


def wait_for_the_look_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """P14. Nobody looks again at once, whatever is said of somebody's access."""
    monkeypatch.setattr(Watch, "ask", lambda self, person_id: None)
    monkeypatch.setattr(Watch, "ask_all", lambda self: None)


def look_only_at_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """P14. Who has come in stays in."""

    async def never(self: Watch) -> None:
        return

    monkeypatch.setattr(Watch, "look_round", never)
    wait_for_the_look_round(monkeypatch)


def write_hours_without_their_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """P17. A feed says what the clock on the wall shows, and not which wall."""
    monkeypatch.setattr(ical, "_moment", lambda moment, zone: moment.astimezone(zone).replace(tzinfo=None))
    monkeypatch.setattr(ical, "_lines", ical._lines.__wrapped__)  # what is made wrong is not kept


def order_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """P18. Events come in the order of the moments that the portal's clock gave them."""
    as_usual = reading.newer

    async def newer(session: Session, cursors: Mapping[int, int], most: int) -> dict[int, list[Happened]]:
        return {stream: sorted(events, key=lambda each: each.at) for stream, events in (await as_usual(session, cursors, most)).items()}

    monkeypatch.setattr(reading, "newer", newer)


def call_a_changed_meeting_by_a_new_uid(monkeypatch: pytest.MonkeyPatch) -> None:
    """P19. Whatever a calendar shows of a meeting changes, its uid changes too."""
    as_usual = meetings._raise_sequence

    def renamed(meeting: Meeting) -> None:
        as_usual(meeting)
        meeting.uid = f"{uuid4()}@portal"

    monkeypatch.setattr(meetings, "_raise_sequence", renamed)


def seed_a_text_again_whenever_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """P15. The document is made of the section's words each time, and not once."""
    as_usual = documents.begin

    async def begin(session: Session, section: Section) -> SectionDocument:
        document = await as_usual(session, section)
        document.state = crdt.merged([document.state, crdt.seeded(section.body)])
        return document

    monkeypatch.setattr(documents, "begin", begin)


def have_the_library_read_what_strangers_send(monkeypatch: pytest.MonkeyPatch) -> None:
    """P16. Changes are applied on the loop, and nobody looks at their bytes before."""

    async def apply(self: Checker, document: int, changes: Sequence[tuple[str, int]], owners: Mapping[int, int]) -> list[Verdict]:
        verdicts = []
        for update, _person in changes:
            try:
                Doc().apply_update(base64.b64decode(update))
                verdicts.append(Verdict(update))
            except BaseException:
                verdicts.append(Verdict(reason="bad_update"))
        return verdicts

    monkeypatch.setattr(Checker, "apply", apply)
