"""Every write in a thread: post, edit, hide, restore, lock, keep a draft."""

import hashlib
from datetime import timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock
from portal.accounts import limits
from portal.activity import actions as activity
from portal.comments import conclusions, markdown, mentions
from portal.comments.models import Comment, CommentDraft, CommentForm, CommentVersion, EditForm, HideForm, Thread
from portal.comments.queries import may_comment
from portal.db import Session
from portal.live import append, create_stream, signal
from portal.networks.models import Membership
from portal.networks.queries import hold
from portal.records.models import Record
from portal.web import Conflict, Forbidden, NotFound, Refused, _l


async def open_thread(session: Session, record: Record) -> None:
    """Give a new record its thread."""
    session.add(Thread(record_id=record.id, stream_id=await create_stream(session)))
    await session.flush()


async def post(session: Session, record: Record, *, by: Membership, form: CommentForm) -> Comment:
    """Add a comment to the record's thread. The same key again gives the stored comment; with other words, Conflict.

    The thread's row is locked, so what decides (the lock, the key, the number) cannot change before the commit.
    """
    await hold(session, by)
    row = await _locked_row(session, record)
    fingerprint = _fingerprint(record, form)
    known = await _by_key(session, by, form)
    if known is not None:
        if known.fingerprint != fingerprint:
            raise Conflict(_l("Den här kommentaren har redan skickats, med en annan text."))
        return known
    if row.locked_at is not None:
        raise Forbidden(_l("Tråden är låst. Texten finns kvar här."))
    if not may_comment(by):
        raise Forbidden
    await _not_too_many(session, by)
    comment = await _insert(session, record, row, by=by, form=form, fingerprint=fingerprint)
    await mentions.note(session, record, comment, by=by)
    await _forget_draft(session, by, record, form.parent_id or 0)
    activity.record(session, verb="comment.posted", by=by, record=record, comment=comment.id)
    await signal(session, by.network_id, "activity")
    return comment


async def _not_too_many(session: Session, by: Membership) -> None:
    lately = (col(Comment.author_id) == by.person_id) & (col(Comment.created_at) > clock.now() - timedelta(minutes=1))
    count = await session.scalar(select(func.count()).select_from(Comment).where(lately))
    limits.refuse(session, count or 0, most=20, seconds=60)


async def _insert(session: Session, record: Record, row: Thread, *, by: Membership, form: CommentForm, fingerprint: bytes) -> Comment:
    comment = Comment(
        record_id=record.id,
        parent_id=await _top(session, record, form.parent_id),
        seq=0,
        author_id=by.person_id,
        membership_id=by.id,
        key=form.key,
        fingerprint=fingerprint,
        body=form.body,
        html=rendered(form.body),
        created_at=clock.now(),
    )
    session.add(comment)
    await session.flush()
    comment.seq = await append(session, row.stream_id, kind="comment.posted", ref=comment.id, actor_id=by.person_id)
    await _index(session, comment)
    return comment


def rendered(body: str) -> str:
    """The comment as safe HTML; Refused when it is too complex to be one."""
    try:
        return markdown.render(body)
    except markdown.TooComplex:
        raise Refused(_l("Texten är för invecklad: använd färre citat, listor eller länkar i varandra."), status=422) from None


async def _top(session: Session, record: Record, parent_id: int | None) -> int | None:
    """Replies go one level deep: a reply to a reply belongs to the comment above."""
    if parent_id is None:
        return None
    parent = await session.get(Comment, parent_id)
    if parent is None or parent.record_id != record.id:
        raise NotFound
    if parent.is_hidden:
        raise Forbidden(_l("Kommentaren är dold och går inte att svara på."))
    return parent.parent_id or parent.id


async def edit(session: Session, comment: Comment, record: Record, *, by: Membership, form: EditForm) -> None:
    """The author's new words; the old ones are kept as a version that readers may see."""
    if comment.author_id != by.person_id:
        raise Forbidden(_l("Bara den som skrev kommentaren kan ändra den."))
    row = await _locked_row(session, record)
    await session.refresh(comment)
    if row.locked_at is not None or comment.is_hidden:
        raise Forbidden(_l("Tråden är låst eller kommentaren dold. Texten finns kvar här."))
    if form.version != comment.version:
        raise Conflict(_l("Kommentaren har ändrats på ett annat ställe. Läs den först."))
    session.add(
        CommentVersion(
            comment_id=comment.id, version=comment.version, body=comment.body, html=comment.html, at=comment.edited_at or comment.created_at
        )
    )
    comment.body, comment.html = form.body, rendered(form.body)
    comment.version += 1
    comment.edited_at = clock.now()
    await mentions.note(session, record, comment, by=by)
    await _changed(session, comment, record, row, by=by, kind="comment.edited")


async def hide(session: Session, comment: Comment, record: Record, *, by: Membership, form: HideForm) -> None:
    """Take the words out of sight for everyone, with a reason. Nothing is deleted."""
    if not by.can("comment:hide"):
        raise Forbidden
    row = await _locked_row(session, record)
    comment.hidden_at, comment.hidden_by_id = clock.now(), by.person_id
    comment.hidden_reason, comment.hidden_words = form.reason, form.words
    await conclusions.drop(session, comment, record, row, by=by)
    await _changed(session, comment, record, row, by=by, kind="comment.hidden", reason=form.reason)


async def restore(session: Session, comment: Comment, record: Record, *, by: Membership) -> None:
    """Show a hidden comment again."""
    if not by.can("comment:hide"):
        raise Forbidden
    row = await _locked_row(session, record)
    comment.hidden_at = comment.hidden_by_id = comment.hidden_reason = None
    comment.hidden_words = ""
    await _changed(session, comment, record, row, by=by, kind="comment.restored")


async def _changed(session: Session, comment: Comment, record: Record, row: Thread, *, by: Membership, kind: str, **data: str) -> None:
    await session.flush()
    await _index(session, comment)
    await append(session, row.stream_id, kind=kind, ref=comment.id, actor_id=by.person_id)
    activity.record(session, verb=kind, by=by, record=record, comment=comment.id, **data)


async def lock(session: Session, record: Record, *, by: Membership, locked: bool) -> None:
    """Close the thread for new comments, or open it again."""
    if not by.can("thread:lock"):
        raise Forbidden
    row = await _locked_row(session, record)
    if (row.locked_at is not None) == locked:
        return
    row.locked_at, row.locked_by_id = (clock.now(), by.person_id) if locked else (None, None)
    kind = "thread.locked" if locked else "thread.unlocked"
    await append(session, row.stream_id, kind=kind, ref=record.id, actor_id=by.person_id)
    activity.record(session, verb=kind, by=by, record=record)


async def keep_draft(session: Session, record: Record, *, by: Membership, body: str, parent_id: int = 0) -> None:
    """Keep what is being written; an empty text forgets it."""
    if not body:
        await _forget_draft(session, by, record, parent_id)
        return
    kept = {"body": body, "saved_at": clock.now()}
    key = {"person_id": by.person_id, "record_id": record.id, "parent_id": parent_id}
    await session.execute(insert(CommentDraft).values(**key, **kept).on_conflict_do_update(index_elements=list(key), set_=kept))


async def _forget_draft(session: Session, by: Membership, record: Record, parent_id: int) -> None:
    await session.execute(
        delete(CommentDraft).where(
            col(CommentDraft.person_id) == by.person_id, col(CommentDraft.record_id) == record.id, col(CommentDraft.parent_id) == parent_id
        )
    )


async def _locked_row(session: Session, record: Record) -> Thread:
    row = await session.get(Thread, record.id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row


async def _by_key(session: Session, by: Membership, form: CommentForm) -> Comment | None:
    found = await session.scalars(select(Comment).where(col(Comment.author_id) == by.person_id, col(Comment.key) == form.key))
    return found.first()


def _fingerprint(record: Record, form: CommentForm) -> bytes:
    return hashlib.sha256(f"{record.id}:{form.parent_id}:{form.body}".encode()).digest()


async def _index(session: Session, comment: Comment) -> None:
    """Hidden words are not found: their vector is empty."""
    words = "" if comment.is_hidden else markdown.plain(comment.body)
    await session.execute(text("UPDATE comment SET search = portal_terms(:words) WHERE id = :id"), {"words": words, "id": comment.id})
