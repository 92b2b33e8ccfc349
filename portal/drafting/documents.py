"""The document behind a section that several write in at once: begun once, changed by whoever writes, and shown as the section's body."""

import asyncio
import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal.db import Session
from portal.drafting import crdt
from portal.drafting.document import to_text
from portal.drafting.models import DraftText, Section, SectionDocument, SectionVersion
from portal.drafting.nodes import Node
from portal.live import append, create_stream
from portal.records import passages

CHANGED, LOCKED = "text.changed", "text.locked"
QUIET = timedelta(minutes=10)
FOLDED_AFTER = 50
KEPT_IN_LOG = 2000
LARGEST_LOG = 16 << 20  # of what is kept; the last changes stay however large they are

NEWER = text(
    "SELECT seq, data->'updates' AS updates, data->'by' AS people, actor_id, at FROM live_event"
    " WHERE stream_id = :stream AND seq > :seq AND seq <= :until ORDER BY seq"
)
LAST = 2**63 - 1
WRITTEN = text(
    "SELECT at, coalesce(data->'by', jsonb_build_array(actor_id)) AS people FROM live_event"
    " WHERE stream_id = :stream AND seq > :seq AND kind = 'text.changed' ORDER BY seq"
)
TOO_MUCH = text(
    "SELECT max(seq) FROM (SELECT seq, sum(pg_column_size(data)) OVER (ORDER BY seq DESC) AS size FROM live_event"
    " WHERE stream_id = :stream AND seq > :seq) AS kept WHERE size > :most"
)
FORGET = text("DELETE FROM live_event WHERE stream_id = :stream AND seq <= :seq")


@dataclass
class Change:
    """An entry of the log: the updates that came with it, whose each is, who made the last of them, and when."""

    seq: int
    updates: list[bytes]
    people: list[int]
    actor_id: int | None
    at: datetime


async def begin(session: Session, section: Section) -> SectionDocument:
    """The section's document, made from its body if there is none. The section is held, so there is one for good."""
    known = await session.get(SectionDocument, section.id, with_for_update=True, populate_existing=True)
    if known is not None:
        return known
    document = SectionDocument(
        section_id=section.id,
        stream_id=await create_stream(session),
        mark=secrets.token_hex(8),
        state=(seed := crdt.seeded(section.body)),
        base=seed,
    )
    session.add(document)
    await session.flush()
    return document


async def changes(session: Session, stream_id: int, after: int, until: int = LAST) -> list[Change]:
    """What stands in the log after one number and up to another."""
    found = await session.execute(NEWER, {"stream": stream_id, "seq": after, "until": until})
    return [
        Change(
            row.seq,
            [base64.b64decode(each) for each in row.updates or ()],
            row.people or [row.actor_id] * len(row.updates or ()),
            row.actor_id,
            row.at,
        )
        for row in found
    ]


async def written(session: Session, document: SectionDocument) -> list[tuple[datetime, list[int]]]:
    """When something was written and by whom, as far as the log goes back, the oldest first;
    without what was written, which may be much."""
    found = await session.execute(WRITTEN, {"stream": document.stream_id, "seq": document.base_seq})
    return [(row.at, row.people) for row in found]


def states(document: SectionDocument, newer: list[Change]) -> list[bytes]:
    """All that the document is made of."""
    return [document.state, *(update for each in newer for update in each.updates)]


async def write(session: Session, section: Section, body: Node, *, by_id: int) -> None:
    """Have the document say what the body says, as a change like any other. The section is held and shows all that its document says."""
    document = await session.get(SectionDocument, section.id, with_for_update=True, populate_existing=True)
    if document is None:
        return
    newer = await changes(session, document.stream_id, document.seq)
    change = await asyncio.to_thread(crdt.change_to, states(document, newer), body)
    if change is not None:
        seq = await log(session, document.stream_id, section.id, [(base64.b64encode(change).decode(), by_id)])
        if seq == 1 + (newer[-1].seq if newer else document.seq):  # else somebody's change came in between, which is still to be shown
            document.shown = seq


async def log(session: Session, stream_id: int, section_id: int, updates: Sequence[tuple[str, int]]) -> int:
    """Changes that have been checked, in Base64, each with the person whose it is, as the stream's next event; its number."""
    data = {"updates": [update for update, _person in updates], "by": [person for _update, person in updates]}
    return await append(session, stream_id, kind=CHANGED, ref=section_id, actor_id=updates[-1][1], data=data)


async def settle(session: Session, section: Section) -> bool:
    """Have the section, which is held, show what its document says now; whether it says something new.

    What it said before is kept as a version if nobody had touched it for a while."""
    document = await session.get(SectionDocument, section.id, with_for_update=True, populate_existing=True)
    if document is None:
        return False
    newer = await changes(session, document.stream_id, document.seq)
    fresh = [each for each in newer if each.seq > document.shown]
    if not fresh:
        return False
    body = await asyncio.to_thread(crdt.body_of, states(document, newer))
    document.shown = newer[-1].seq
    if len(newer) >= FOLDED_AFTER:
        await _fold(session, document, newer)
    if body == section.body:
        return False
    first, last = fresh[0], fresh[-1]
    if first.at - section.updated_at >= QUIET:
        await keep(session, section)
    section.body = body
    section.version += 1
    section.updated_by_id, section.updated_at = last.actor_id or section.updated_by_id, last.at
    await make_findable(session, section)
    return True


async def make_findable(session: Session, section: Section) -> None:
    """Have the section found by what it says now."""
    record_id = (await session.scalars(select(col(DraftText.record_id)).where(col(DraftText.id) == section.text_id))).one()
    await passages.keep(session, record_id, "section_id", section.id, heading=section.heading, words=to_text(section.body))


async def _fold(session: Session, document: SectionDocument, newer: list[Change]) -> None:
    """The changes become part of the state. The latest stay in the log besides, for whoever comes back from a break."""
    document.state = await asyncio.to_thread(crdt.merged, states(document, newer))
    document.seq = newer[-1].seq
    forgotten = await changes(session, document.stream_id, document.base_seq, await _forgotten_until(session, document))
    if forgotten:
        document.base = await asyncio.to_thread(crdt.merged, [document.base, *(update for each in forgotten for update in each.updates)])
        document.base_seq = forgotten[-1].seq
        await session.execute(FORGET, {"stream": document.stream_id, "seq": document.base_seq})


async def _forgotten_until(session: Session, document: SectionDocument) -> int:
    """Up to which change the log is too long, or too large."""
    too_much = await session.scalar(TOO_MUCH, {"stream": document.stream_id, "seq": document.base_seq, "most": LARGEST_LOG})
    return max(document.seq - KEPT_IN_LOG, min(too_much or 0, document.seq - FOLDED_AFTER))


async def keep(session: Session, section: Section, *, name: str | None = None) -> None:
    """Keep the section as it is now as a version; one that is kept already gets the name."""
    values: dict[str, Any] = {
        "section_id": section.id,
        "version": section.version,
        "heading": section.heading,
        "body": section.body,
        "author_id": section.updated_by_id,
        "at": section.updated_at,
        "name": name,
    }
    kept = insert(SectionVersion).values(**values)
    key = ["section_id", "version"]
    await session.execute(
        kept.on_conflict_do_update(index_elements=key, set_={"name": name}) if name else kept.on_conflict_do_nothing(index_elements=key)
    )
