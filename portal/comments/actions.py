"""Every write in a thread by its writers: post, edit, keep a draft. What coordinators do stands in moderation/."""

import hashlib
from datetime import timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock
from portal.accounts import limits
from portal.activity import actions as activity
from portal.comments import markdown
from portal.comments.models import Comment, CommentDraft, CommentForm, CommentVersion, EditForm, Removal, Thread
from portal.comments.queries import may_comment, must_wait
from portal.db import Session
from portal.live import append, create_stream, head, signal
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
    row = await lock_row(session, record)
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
    await may_write_in(session, record, by=by)
    await _not_too_many(session, by)
    comment = await _insert(session, record, by=by, form=form, fingerprint=fingerprint)
    await _forget_draft(session, by, record, form.parent_id or 0)
    if must_wait(by):
        await _hold_back(session, comment, row, by=by)
    else:
        await publish(session, comment, record, row, by=by)
    return comment


async def may_write_in(session: Session, record: Record, *, by: Membership) -> None:
    """Forbidden for who has been removed from the thread; asked under the lock of its row, which a removal takes too."""
    if await session.get(Removal, (record.id, by.person_id), populate_existing=True) is not None:
        raise Forbidden(_l("Du kan läsa men inte skriva i den här tråden. Texten finns kvar här."))


async def publish(session: Session, comment: Comment, record: Record, row: Thread, *, by: Membership) -> None:
    """Give the comment its number in the stream, as something that `by` has just said."""
    comment.held_at = None
    comment.seq = await append(session, row.stream_id, kind="comment.posted", ref=comment.id, actor_id=by.person_id)
    await index(session, comment)
    activity.record(session, verb="comment.posted", by=by, record=record, comment=comment.id)
    await signal(session, by.network_id, "activity")


async def _hold_back(session: Session, comment: Comment, row: Thread, *, by: Membership) -> None:
    """Until it is approved the comment stands after what its author had before her, in no stream, search or count."""
    comment.held_at = clock.now()
    comment.seq = int((await head(session, row.stream_id)).rpartition(".")[2])
    await session.flush()
    await signal(session, by.network_id, "moderation")


async def _not_too_many(session: Session, by: Membership) -> None:
    lately = (col(Comment.author_id) == by.person_id) & (col(Comment.created_at) > clock.now() - timedelta(minutes=1))
    count = await session.scalar(select(func.count()).select_from(Comment).where(lately))
    limits.refuse(session, count or 0, most=20, seconds=60)


async def _insert(session: Session, record: Record, *, by: Membership, form: CommentForm, fingerprint: bytes) -> Comment:
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
    if parent is None or parent.record_id != record.id or parent.is_held:
        raise NotFound
    if parent.is_hidden or parent.is_redacted:
        raise Forbidden(_l("Kommentaren är dold och går inte att svara på."))
    return parent.parent_id or parent.id


async def edit(session: Session, comment: Comment, record: Record, *, by: Membership, form: EditForm) -> None:
    """The author's new words; the old ones are kept as a version that readers may see."""
    if comment.author_id != by.person_id:
        raise Forbidden(_l("Bara den som skrev kommentaren kan ändra den."))
    row = await lock_row(session, record)
    await may_write_in(session, record, by=by)
    await session.refresh(comment)
    if row.locked_at is not None or comment.is_hidden or comment.is_redacted:
        raise Forbidden(_l("Tråden är låst eller kommentaren dold. Texten finns kvar här."))
    if must_wait(by) and not comment.is_held:
        raise Forbidden(_l("Kommentaren är godkänd som den står. Skriv en ny kommentar i stället."))
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
    await note_change(session, comment, record, row, by=by, kind="comment.edited")


async def note_change(session: Session, comment: Comment, record: Record, row: Thread, *, by: Membership, kind: str, **data: str) -> None:
    """Tell all who read the thread that the comment is another now; of one that waits there is nobody to tell."""
    await session.flush()
    await index(session, comment)
    if comment.is_held:
        return
    await append(session, row.stream_id, kind=kind, ref=comment.id, actor_id=by.person_id)
    activity.record(session, verb=kind, by=by, record=record, comment=comment.id, **data)


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


async def lock_row(session: Session, record: Record) -> Thread:
    """The thread, as nobody else can change it before the commit."""
    row = await session.get(Thread, record.id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row


async def _by_key(session: Session, by: Membership, form: CommentForm) -> Comment | None:
    found = await session.scalars(select(Comment).where(col(Comment.author_id) == by.person_id, col(Comment.key) == form.key))
    return found.first()


def _fingerprint(record: Record, form: CommentForm) -> bytes:
    return hashlib.sha256(f"{record.id}:{form.parent_id}:{form.body}".encode()).digest()


async def index(session: Session, comment: Comment) -> None:
    """Hidden words are not found, nor those that wait: their vector is empty."""
    words = "" if comment.is_hidden or comment.is_held else markdown.plain(comment.body)
    await session.execute(text("UPDATE comment SET search = portal_terms(:words) WHERE id = :id"), {"words": words, "id": comment.id})
