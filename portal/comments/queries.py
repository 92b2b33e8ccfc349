"""Reads of threads. Whoever may read the record may read its thread; hidden words are for author and moderators."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from markupsafe import Markup
from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal.comments import following
from portal.comments.markup import Named, Seat, Shown, markup
from portal.comments.models import Comment, CommentVersion, Level, Removal, Thread
from portal.comments.voices import Voices, voices
from portal.db import Session
from portal.files import queries as files
from portal.files.models import Attached, Attachment
from portal.networks.models import Membership, Unit
from portal.reading import rows
from portal.records.models import Record
from portal.records.queries import readable
from portal.web import NotFound

SHOWN = 50
LAST = 2**31 - 1
WITH_AUTHOR = (
    joinedload(Comment.author),  # type: ignore[arg-type]
    joinedload(Comment.membership).joinedload(Membership.unit),  # type: ignore[arg-type]
)


SHOWN_COMMENT = """
    SELECT c.id, c.parent_id, c.seq, c.author_id, person.name, unit.name AS unit, c.html, c.created_at, c.edited_at,
        c.hidden_at, c.hidden_reason, c.hidden_words, c.held_at, c.redacted_at, c.redacted_reason,
        (SELECT json_agg(json_build_array(id, name, kind, size, alt, width, height) ORDER BY id) FROM attachment WHERE comment_id = c.id) AS files
    FROM {comments} AS c
    JOIN person ON person.id = c.author_id
    JOIN membership ON membership.id = c.membership_id
    LEFT JOIN unit ON unit.id = membership.unit_id
"""
BY_ID = SHOWN_COMMENT.format(comments="comment") + "WHERE c.id = ANY($1)"
EXCHANGES = f"""
    WITH top AS (
        SELECT * FROM comment WHERE record_id = $1 AND parent_id IS NULL AND seq < $2 AND (held_at IS NULL OR author_id = coalesce($4, author_id))
        ORDER BY seq DESC FETCH FIRST $3 ROWS WITH TIES
    ),
    shown AS (SELECT * FROM top UNION ALL SELECT reply.* FROM top JOIN comment AS reply ON reply.parent_id = top.id)
    {SHOWN_COMMENT.format(comments="shown")}
    WHERE c.held_at IS NULL OR c.author_id = coalesce($4, c.author_id)
    ORDER BY c.seq, c.id
"""
HEAD = """
    SELECT thread.stream_id, thread.locked_at, thread.comments, live_epoch.epoch, live_stream.last_seq,
        answered.id AS reply_id, person.name AS reply_name, comment_draft.body AS draft, comment_draft.saved_at,
        thread_removal.reason AS removal_reason, thread_removal.words AS removal_words,
        (SELECT count(*) FROM comment WHERE record_id = $1 AND held_at IS NOT NULL AND hidden_at IS NULL AND redacted_at IS NULL) AS held,
        (SELECT count(*) FROM attachment WHERE record_id = $1 AND network_id = $4 AND uploader_id = $5 AND posted_at IS NULL) AS unposted,
        conclusion.comment_id AS concluded, reading.read_at, reading.before_at, live_event.at AS said_at, following.level,
        following.level IS NULL AND (
            EXISTS (SELECT FROM record WHERE id = $1 AND created_by_id = $3)
            OR EXISTS (SELECT FROM comment WHERE record_id = $1 AND author_id = $3)
            OR EXISTS (SELECT FROM comment_mention JOIN comment ON comment.id = comment_id WHERE record_id = $1 AND person_id = $3)
        ) AS concerned
    FROM live_epoch, thread
    JOIN live_stream ON live_stream.id = thread.stream_id
    LEFT JOIN comment AS answered ON answered.id = $2 AND answered.record_id = thread.record_id AND answered.held_at IS NULL
    LEFT JOIN person ON person.id = answered.author_id
    LEFT JOIN comment_draft ON comment_draft.record_id = thread.record_id AND comment_draft.person_id = $3
        AND comment_draft.parent_id = coalesce(answered.id, 0)
    LEFT JOIN conclusion ON conclusion.record_id = thread.record_id
    LEFT JOIN reading ON reading.record_id = thread.record_id AND reading.person_id = $3
    LEFT JOIN following ON following.record_id = thread.record_id AND following.person_id = $3
    LEFT JOIN live_event ON live_event.stream_id = thread.stream_id AND live_event.seq = live_stream.last_seq
    LEFT JOIN thread_removal ON thread_removal.record_id = thread.record_id AND thread_removal.person_id = $3
    WHERE thread.record_id = $1
"""


@dataclass
class Exchange:
    """A comment with the replies below it, as markup."""

    comment: Shown
    markup: Markup


class Draft(NamedTuple):
    """What the viewer has begun to write here."""

    body: str
    saved_at: datetime


class Answered(NamedTuple):
    """The comment that the viewer is replying to."""

    id: int
    author: Named


class Removed(NamedTuple):
    """Why the viewer may not write here."""

    reason: str
    words: str


@dataclass
class ThreadView:
    """A thread as one member sees it now; `cursor` is where the live stream goes on."""

    record_id: int
    stream_id: int
    cursor: str
    is_locked: bool
    exchanges: list[Exchange]
    count: int
    earlier: int | None
    may_write: bool
    may_hide: bool
    may_lock: bool
    draft: Draft | None
    unposted: Sequence[Attachment] = ()
    may_attach: bool = False
    replying_to: Answered | None = None
    removal: Removed | None = None
    held: int = 0
    new_since: datetime | None = None
    level: Level = Level.mentions
    voices: Voices = field(default_factory=Voices)
    conclusion: Shown | None = None
    may_conclude: bool = False


def may_comment(membership: Membership) -> bool:
    """Members write; guests do where the network lets them, in what they can see."""
    if membership.is_guest:
        return membership.network.guests_comment and membership.can("comment:create_shared")
    return membership.can("comment:create")


def must_wait(membership: Membership) -> bool:
    """Whether what this member writes is held until a coordinator has approved it."""
    return membership.is_guest and membership.network.guests_wait


def visible(membership: Membership) -> ColumnElement[bool]:
    """Where-clause on Comment: what is held exists for its author and for those who approve it, and for nobody else."""
    if membership.can("comment:hide"):
        return true()
    return or_(col(Comment.held_at).is_(None), col(Comment.author_id) == membership.person_id)


def sees_held(membership: Membership) -> int | None:
    """Whose held comments this member sees, as in `visible`: None is everybody's."""
    return None if membership.can("comment:hide") else membership.person_id


async def thread(
    session: Session, membership: Membership, record: Record, *, before: int | None = None, reply_to: int | None = None, asked: Sequence[Unit] = (), seen: bool = True
) -> ThreadView:
    """The last exchanges of the record's thread, or those before stream number `before`. `asked` are the units to speak in it.

    With `seen` the member has it before her now, and what is in it is new to her no longer on her next visit.
    """
    # The head is read first: what comes later is delivered again, which is harmless.
    found = await rows(session, HEAD, record.id, reply_to, membership.person_id, record.network_id, membership.id)
    if not found:
        raise NotFound
    head = found[0]
    exchanges, earlier = await _exchanges(session, membership, record.id, before)
    concluded = head["concluded"]
    if seen:
        await following.note_reading(session, membership, record, read_at=head["read_at"], said_at=head["said_at"])
    is_open = head["locked_at"] is None
    return ThreadView(
        record_id=record.id,
        stream_id=head["stream_id"],
        cursor=f"{head['epoch']}.{head['last_seq']}",
        is_locked=not is_open,
        exchanges=exchanges,
        count=head["comments"],
        earlier=earlier,
        may_write=is_open and head["removal_reason"] is None and may_comment(membership),
        may_hide=membership.can("comment:hide"),
        may_lock=membership.can("thread:lock"),
        draft=Draft(head["draft"], head["saved_at"]) if head["saved_at"] else None,
        removal=Removed(head["removal_reason"], head["removal_words"]) if head["removal_reason"] else None,
        held=head["held"],
        unposted=await files.waiting(session, membership, record) if head["unposted"] else (),
        may_attach=membership.can("file:attach"),
        replying_to=Answered(head["reply_id"], Named(head["reply_name"])) if head["reply_id"] else None,
        new_since=following.new_since(head["read_at"], head["before_at"]) or membership.before_at,
        level=_level(head, asked=membership.unit_id in {unit.id for unit in asked}),
        voices=await voices(session, record, asked),
        conclusion=(await comments_by_id(session, [concluded]))[concluded] if concluded else None,
        may_conclude=membership.can("thread:conclude"),
    )


def _level(head: Any, *, asked: bool) -> Level:
    """What the viewer hears of the thread: her choice, else as following.level_of says for lists."""
    return Level(head["level"] or (Level.all if head["concerned"] or asked else Level.mentions))


async def _exchanges(session: Session, membership: Membership, record_id: int, before: int | None) -> tuple[list[Exchange], int | None]:
    """The exchanges, and the stream number to ask `before` if there is anything earlier."""
    base, me = f"/{membership.network.slug}", membership.person_id
    found: dict[int, Exchange] = {}
    for each in await rows(session, EXCHANGES, record_id, LAST if before is None else min(before, LAST), SHOWN + 1, sees_held(membership)):
        comment = _shown(each)
        html = markup(comment, base=base, me=me)
        if comment.parent_id is None:
            found[comment.id] = Exchange(comment, html)
        else:
            found[comment.parent_id].markup += html
    exchanges = list(found.values())
    if len(exchanges) <= SHOWN:
        return exchanges, None
    first = exchanges[-SHOWN].comment.seq  # what is held has the number of what was said before it, and stays with that
    return [each for each in exchanges if each.comment.seq >= first], first


def _shown(row: Any) -> Shown:
    number, parent_id, seq, author_id, name, unit, *rest, files = row.values()
    seat = Seat(Named(unit) if unit is not None else None)
    return Shown(number, parent_id, seq, author_id, Named(name), seat, *rest, _attached(files))  # type: ignore[call-arg]


def _attached(files: list[list[Any]] | None) -> tuple[Attached, ...]:
    return tuple(Attached(*each) for each in files) if files else ()


async def comment(session: Session, membership: Membership, comment_id: int) -> tuple[Comment, Record]:
    """A comment in a thread that this member may read, with its record; else NotFound."""
    found = await session.execute(
        select(Comment, Record)
        .options(*WITH_AUTHOR)
        .join(Record, col(Record.id) == col(Comment.record_id))
        .where(col(Comment.id) == comment_id, readable(membership), visible(membership))
    )
    row = found.unique().first()
    if row is None:
        raise NotFound
    return row[0], row[1]


async def comments_by_id(session: Session, ids: Sequence[int]) -> dict[int, Shown]:
    """Comments as they are shown, for the frames of a stream."""
    return {each["id"]: _shown(each) for each in await rows(session, BY_ID, ids)}


async def versions(session: Session, comment: Comment) -> Sequence[CommentVersion]:
    """What the comment said before, the oldest first."""
    wanted = select(CommentVersion).where(col(CommentVersion.comment_id) == comment.id).order_by(col(CommentVersion.version))
    return (await session.scalars(wanted)).all()


def may_read_words(comment: Comment, membership: Membership) -> bool:
    """Hidden words stay readable for their author and for those who moderate or register."""
    return not comment.is_hidden or comment.author_id == membership.person_id or membership.can("comment:read_hidden")


async def may_read_words_of(session: Session, membership: Membership, comment_id: int) -> bool:
    """The same for a comment by its number, in a record that the member may read."""
    comment = (await session.scalars(select(Comment).where(col(Comment.id) == comment_id, visible(membership)))).first()
    return comment is not None and not comment.is_redacted and may_read_words(comment, membership)


async def readable_streams(session: Session, memberships: Sequence[Membership], stream_ids: Sequence[int]) -> set[int]:
    """Which of these streams are threads of records that one of the memberships may read."""
    allowed: set[int] = set()
    for membership in memberships:
        found = await session.scalars(
            select(col(Thread.stream_id))
            .join(Record, col(Record.id) == col(Thread.record_id))
            .where(col(Thread.stream_id).in_(stream_ids), readable(membership))
        )
        allowed |= set(found)
    return allowed


async def writable_streams(session: Session, memberships: Sequence[Membership], stream_ids: Sequence[int]) -> set[int]:
    """Which of them are threads that one of the memberships may write in now: open ones, from which nobody has removed her."""
    writers = [each for each in memberships if may_comment(each)]
    removed = exists().where(col(Removal.record_id) == col(Thread.record_id), col(Removal.person_id).in_({each.person_id for each in writers}))
    closed = select(col(Thread.stream_id)).where(col(Thread.stream_id).in_(stream_ids), or_(col(Thread.locked_at).is_not(None), removed))
    return await readable_streams(session, writers, stream_ids) - set(await session.scalars(closed))
