"""Having what hangs on a record found by its words: the same folding as for titles and comments, in the transaction that changes them."""

from datetime import datetime
from typing import Literal

from sqlalchemy import text

from portal import clock
from portal.db import Session
from portal.terms import cut, eased, folded

Source = Literal["section_id", "item_id", "action_id", "amendment_id", "attachment_id"]

# A heading weighs as a description does, the words as a comment's.
_KEEP = """
    INSERT INTO passage (record_id, {source}, heading, words, at, search)
    VALUES (:record, :ref, :heading, CAST(:words AS text), :at,
        setweight(to_tsvector('swedish', :folded_heading) || to_tsvector('english', portal_clean(:named)), 'B')
        || to_tsvector('swedish', :folded) || to_tsvector('english', portal_clean(:said)))
    ON CONFLICT ({source}) DO UPDATE SET heading = excluded.heading, words = excluded.words, at = excluded.at, search = excluded.search
"""


async def keep(
    session: Session, record_id: int, source: Source, ref: int, *, words: str, heading: str = "", also: str = "", at: datetime | None = None
) -> None:
    """Have row `ref` of the source found by these words from now on, and by no earlier ones. Who may read them, search asks.

    `also` is the heading in other words, such as a file's name without its marks; `at` when they were written, unless that is now."""
    words, named = cut(words), f"{heading} {also}".strip()
    said = eased(words)
    given = {"record": record_id, "ref": ref, "heading": heading, "words": words, "said": said, "at": at or clock.now(), "named": named}
    given |= {"folded": await folded(session, said), "folded_heading": await folded(session, named)}
    await session.flush()
    await session.execute(text(_KEEP.format(source=source)), given)


async def forget(session: Session, source: Source, ref: int) -> None:
    """Row `ref` of the source has no words any more."""
    await session.execute(text(f"DELETE FROM passage WHERE {source} = :ref"), {"ref": ref})
