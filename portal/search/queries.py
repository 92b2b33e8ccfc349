"""One search over everything that one may read: Swedish inflections, prefixes, and help with typing errors.

Records, comments and passages (portal/records/passages.py) are folded once, when they are written (`terms.py`)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, exists, func, literal_column, not_, null, or_, select, text, union_all
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased, defer
from sqlmodel import col

from portal.characters import searchable
from portal.comments import markdown
from portal.comments.models import Comment
from portal.db import Session
from portal.files.models import Attachment
from portal.meetings.agenda_models import DocumentVersion, MeetingDocument
from portal.networks.models import Membership
from portal.records.models import Passage, Record
from portal.records.queries import readable
from portal.search.beside import Beside, beside
from portal.search.directory import Guess, Named, Place, found_in, listed, nearly
from portal.search.excerpts import Wanted

SHOWN = 20
LONGEST = 200
LIKE_ENOUGH = 0.35
MOST_GUESSES = 5
BESIDE_TITLES = 0.5  # what a word in a thread, a text or a file weighs beside one in a title or a description
NONE = cast(null(), BigInteger)
SAID: ColumnElement[Any] = literal_column("'{a,b}'::\"char\"[]")  # a record's title and description, and not what it is
SOURCES = ("section_id", "item_id", "action_id", "amendment_id", "attachment_id")


@dataclass(frozen=True)
class Hit:
    """A record, or what was found within it: a `comment`, or a `passage` of its texts, decisions,
    action items and files. `excerpt` is of that."""

    record: Record
    excerpt: Markup
    at: datetime
    comment: Comment | None = None
    passage: Passage | None = None
    heading: Markup = Markup("")

    @property
    def path(self) -> str:
        """Where it stands, below the network's address."""
        if self.comment is not None:
            return f"/comments/{self.comment.id}"
        if self.passage is None:
            return self.record.path
        if self.passage.attachment_id is not None:
            return f"/files/{self.passage.attachment_id}"
        anchors = {"section_id": f"s{self.passage.section_id}", "item_id": "agenda", "action_id": "actions"}
        return f"{self.record.path}#{anchors.get(self.kind, 'agenda')}"

    @property
    def kind(self) -> str:
        """Whose words they are: the source of the passage, else "comment" or "record"."""
        if self.passage is not None:
            return next(name for name in SOURCES if getattr(self.passage, name) is not None)
        return "record" if self.comment is None else "comment"


@dataclass(frozen=True)
class Found:
    """`places` of the directory and what is `beside` the records stand before the first hits, and the `count` is of all; `more` hits come
    after these. `guesses` look like what was typed, when nothing was found."""

    hits: Sequence[Hit] = ()
    beside: Sequence[Beside] = ()
    count: int = 0
    more: bool = False
    guesses: Sequence[Guess] = ()
    places: Sequence[Place] = ()


def shortened(typed: str) -> str:
    """The first whole words of what was typed, as many as are looked for."""
    words = searchable(typed)
    return words if len(words) <= LONGEST else words[:LONGEST].rpartition(" ")[0] or words[:LONGEST]


async def search(session: Session, membership: Membership, typed: str, *, kind: str | None = None, offset: int = 0) -> Found:
    """Best first. `typed` is a person's words: any characters, of which `shortened` are looked at."""
    words = shortened(typed)
    if not words.strip():
        return Found()
    await session.execute(text("SET LOCAL statement_timeout = '2s'"))
    seen = [readable(membership)]
    if kind:
        seen.append(col(Record.kind) == kind)
    found = union_all(*_places(words, seen)).subquery()
    stems = select(func.tsvector_to_array(func.portal_terms(words))).scalar_subquery()
    count, lexemes = (await session.execute(select(select(func.count()).select_from(found).scalar_subquery(), stems))).one()
    rows = await session.execute(
        select(Record, Comment, Passage)
        .options(defer(Record.search), defer(Comment.search), defer(Passage.search))  # type: ignore[arg-type]
        .join(found, found.c.id == col(Record.id))
        .join(Comment, col(Comment.id) == found.c.comment_id, isouter=True)
        .join(Passage, col(Passage.id) == found.c.passage_id, isouter=True)
        .order_by(found.c.rank.desc(), col(Record.updated_at).desc(), found.c.comment_id, found.c.passage_id)
        .offset(offset)
        .limit(SHOWN)
    )
    wanted = Wanted(words, lexemes)
    hits = await asyncio.to_thread(_hits, rows.all(), wanted)
    others = await beside(session, membership, words, wanted, kind=kind)
    named = await listed(session, membership) if kind is None else []
    places = await found_in(session, named, words, wanted)
    guesses = () if count or others or places else await _guesses(session, membership, seen, named, words.strip())
    first = (others, places) if offset == 0 else ((), ())
    return Found(hits, first[0], count + len(others) + len(places), offset + SHOWN < count, guesses, first[1])


def _places(words: str, seen: Sequence[ColumnElement[bool]]) -> list[Select[Any]]:
    """Queries for what holds the words, of records that are `seen`, each with its rank. A record's sections are one place, the best of
    them, and none when the record itself is found by what it says."""
    query = select(func.portal_query(words).label("q")).cte("typed")

    def holds(search: Any) -> ColumnElement[bool]:
        return search.op("@@", is_comparison=True)(query.c.q)

    def place(search: Any, comment_id: Any = NONE, passage_id: Any = NONE, weight: float = BESIDE_TITLES) -> Select[Any]:
        rank = (func.ts_rank(search, query.c.q) * weight).label("rank")
        return select(col(Record.id).label("id"), comment_id.label("comment_id"), passage_id.label("passage_id"), rank).select_from(Record)

    in_records = place(Record.search, weight=1.0).join(query, holds(Record.search)).where(*seen)
    in_comments = place(Comment.search, comment_id=col(Comment.id)).join(Comment, col(Comment.record_id) == col(Record.id))
    in_comments = in_comments.join(query, holds(Comment.search)).where(*seen, *_shown(Comment))
    in_passages = (
        place(Passage.search, passage_id=col(Passage.id))
        .join(Passage, col(Passage.record_id) == col(Record.id))
        .join(query, holds(Passage.search))
    )
    is_section = col(Passage.section_id).is_not(None)
    in_sections = in_passages.where(*seen, is_section, not_(func.coalesce(holds(func.ts_filter(Record.search, SAID)), False)))
    in_sections = in_sections.ext(distinct_on(col(Record.id))).order_by(col(Record.id), text("rank DESC"), col(Passage.id))
    best = in_sections.subquery()
    others = in_passages.where(*seen, not_(is_section), or_(col(Passage.attachment_id).is_(None), _is_shown_file()))
    return [in_records, in_comments, select(best), others]


def _shown(comment: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Neither hidden nor waiting for approval."""
    return col(comment.hidden_at).is_(None), col(comment.held_at).is_(None)


def _is_shown_file() -> ColumnElement[bool]:
    """In a query of Passage: the file goes with a comment that is shown, or is the newest version of a document that is listed."""
    posted, later = aliased(Comment), aliased(DocumentVersion)
    in_comment = and_(col(posted.id) == col(Attachment.comment_id), *_shown(posted))
    is_renewed = exists().where(col(later.document_id) == col(DocumentVersion.document_id), col(later.number) > col(DocumentVersion.number))
    is_listed = and_(col(MeetingDocument.id) == col(DocumentVersion.document_id), col(MeetingDocument.removed_at).is_(None))
    in_document = exists().where(col(DocumentVersion.attachment_id) == col(Attachment.id), is_listed, not_(is_renewed))
    of_passage = col(Attachment.id) == col(Passage.attachment_id)
    return exists().where(of_passage, or_(exists().where(in_comment), in_document)).correlate(Passage)


def _hits(rows: Sequence[Any], wanted: Wanted) -> list[Hit]:
    return [_hit(record, comment, passage, wanted) for record, comment, passage in rows]


def _hit(record: Record, comment: Comment | None, passage: Passage | None, wanted: Wanted) -> Hit:
    if comment is not None:
        return Hit(record, wanted.excerpt(markdown.plain(comment.body)), comment.created_at, comment=comment)
    if passage is not None:
        return Hit(record, wanted.excerpt(passage.words), passage.at, passage=passage, heading=wanted.marked(passage.heading))
    return Hit(record, wanted.marked(record.heading), record.updated_at)


async def _guesses(session: Session, membership: Membership, seen: Sequence[object], named: list[Named], words: str) -> Sequence[Guess]:
    """Records whose title, in either language, is spelled much like what was typed, and names that are; the likest first."""
    likeness = func.greatest(*(func.word_similarity(words.lower(), func.lower(title)) for title in (Record.title, Record.title_en)))
    wanted = select(Record, likeness).where(*seen, or_(likeness > LIKE_ENOUGH))  # type: ignore[arg-type]
    titled = await session.execute(wanted.order_by(likeness.desc()).limit(MOST_GUESSES))
    guesses = [Guess(alike, record.heading, record.path) for record, alike in titled]
    guesses += await nearly(session, membership, named, words, least=LIKE_ENOUGH, most=MOST_GUESSES)
    return sorted(guesses, key=lambda each: each.likeness, reverse=True)[:MOST_GUESSES]
