"""One search over every record, comment and joint text that one may read: Swedish inflections, prefixes, and help with typing errors.

Records and comments are folded once, when they are written (`terms.py`). Joint texts change with every keystroke, so they are read as they
stand: the beginnings of all typed words, in one section. A network has some hundred sections."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape
from sqlalchemy import BigInteger, ColumnElement, Select, Text, cast, false, func, not_, null, or_, select, text, union_all
from sqlalchemy import literal as value
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlmodel import col

from portal.comments.models import Comment
from portal.db import Session
from portal.drafting import document
from portal.drafting.models import DraftText, Section
from portal.networks.models import Membership
from portal.records.models import Audience, Record
from portal.records.queries import readable
from portal.search.swedish import searchable

SHOWN = 20
LONGEST = 200
AROUND = 110
LIKE_ENOUGH = 0.35
NONE = cast(null(), BigInteger)
TEXTS_WITHIN = cast("$.**.text", JSONPATH)


@dataclass(frozen=True)
class Hit:
    """A record, or a comment (`comment_id`) or section of its texts (`heading`), with the words around what was found."""

    record: Record
    comment_id: int | None
    excerpt: Markup
    at: datetime
    heading: str = ""


@dataclass(frozen=True)
class Found:
    """`guesses` are titles that look like what was typed, when nothing was found."""

    hits: list[Hit]
    count: int
    guesses: Sequence[Record]


async def search(session: Session, membership: Membership, typed: str, *, kind: str | None = None, offset: int = 0) -> Found:
    """Best first. `typed` is a person's words: any characters, at most 200 are looked at."""
    words = searchable(typed)[:LONGEST].strip()
    if not words:
        return Found([], 0, [])
    await session.execute(text("SET LOCAL statement_timeout = '2s'"))
    query = select(func.portal_query(words).label("q")).cte("typed")
    seen = [readable(membership), col(Record.audience) != Audience.author]
    if kind:
        seen.append(col(Record.kind) == kind)
    in_records = (
        select(col(Record.id), NONE.label("comment_id"), NONE.label("section_id"), func.ts_rank(Record.search, query.c.q).label("rank"))
        .join(query, col(Record.search).op("@@")(query.c.q))
        .where(*seen)
    )
    in_comments = (
        select(
            col(Record.id),
            col(Comment.id).label("comment_id"),
            NONE.label("section_id"),
            (func.ts_rank(Comment.search, query.c.q) * 0.5).label("rank"),
        )
        .join(Comment, col(Comment.record_id) == col(Record.id))
        .join(query, col(Comment.search).op("@@")(query.c.q))
        .where(*seen, col(Comment.hidden_at).is_(None), col(Comment.held_at).is_(None))
    )
    in_texts = _in_texts(words, seen).join(query, not_(col(Record.search).op("@@", is_comparison=True)(query.c.q)))
    everything = union_all(in_records, in_comments, in_texts).subquery()
    count = await session.scalar(select(func.count()).select_from(everything)) or 0
    rows = await session.execute(
        select(Record, Comment, Section)
        .join(everything, everything.c.id == col(Record.id))
        .join(Comment, col(Comment.id) == everything.c.comment_id, isouter=True)
        .join(Section, col(Section.id) == everything.c.section_id, isouter=True)
        .order_by(everything.c.rank.desc(), col(Record.updated_at).desc(), everything.c.comment_id)
        .offset(offset)
        .limit(SHOWN)
    )
    hits = [_hit(record, comment, section, words) for record, comment, section in rows]
    return Found(hits, count, [] if count else await _guesses(session, seen, words))


def _in_texts(words: str, seen: Sequence[ColumnElement[bool]]) -> Select[Any, Any, Any, Any]:
    """For each record the first section of its texts that has words beginning as all the typed ones do."""
    spoken = func.concat_ws(" ", col(Section.heading), cast(func.jsonb_path_query_array(col(Section.body), TEXTS_WITHIN), Text))
    found: list[ColumnElement[bool]] = [spoken.op("~*", is_comparison=True)(rf"\m{stem}") for stem in _stems(words)]
    return (
        select(
            col(Record.id),
            NONE.label("comment_id"),
            func.min(col(Section.id)).label("section_id"),
            value(0.01).label("rank"),
        )
        .join(DraftText, col(DraftText.record_id) == col(Record.id))
        .join(Section, col(Section.text_id) == col(DraftText.id))
        .where(*seen, *(found or [false()]))
        .group_by(col(Record.id))
    )


def _hit(record: Record, comment: Comment | None, section: Section | None, words: str) -> Hit:
    if section is not None:
        return Hit(record, None, marked(_around(f"{section.heading}: {document.to_text(section.body)}", words), words), section.updated_at, section.heading)
    if comment is None:
        return Hit(record, None, marked(record.heading, words), record.updated_at)
    return Hit(record, comment.id, marked(_around(comment.body, words), words), comment.created_at)


async def _guesses(session: Session, seen: Sequence[object], words: str) -> Sequence[Record]:
    """Records whose title, in either language, is spelled much like what was typed."""
    likeness = func.greatest(*(func.word_similarity(words.lower(), func.lower(title)) for title in (Record.title, Record.title_en)))
    wanted = select(Record).where(*seen, or_(likeness > LIKE_ENOUGH))  # type: ignore[arg-type]
    return (await session.scalars(wanted.order_by(likeness.desc()).limit(5))).all()


def _around(body: str, words: str) -> str:
    """The part of a long text where one of the words stands."""
    flat = " ".join(body.split())
    found = _pattern(words).search(flat)
    start = max(0, (found.start() if found else 0) - AROUND)
    part = flat[start : start + 2 * AROUND]
    return f"{'… ' if start else ''}{part}{' …' if start + 2 * AROUND < len(flat) else ''}"


def marked(text: str, words: str) -> Markup:
    """The text with the beginnings of the typed words marked."""
    parts = _pattern(words).split(text)
    return Markup("").join(Markup("<mark>{}</mark>").format(part) if n % 2 else escape(part) for n, part in enumerate(parts))


def _pattern(words: str) -> re.Pattern[str]:
    """Words that begin as one of the typed ones does, less a Swedish ending."""
    stems = _stems(words)
    return re.compile(rf"(\b(?:{'|'.join(stems)})\w*)" if stems else r"(?!)()", re.IGNORECASE)


def _stems(words: str) -> list[str]:
    return sorted({re.escape(word[: max(3, len(word) - 2)]) for word in re.findall(r"\w{2,}", words)})
