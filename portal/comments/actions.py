"""Every write in a thread by its writers: post, edit, keep a draft. What coordinators do stands in moderation/."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock
from portal.accounts import limits
from portal.activity import actions as activity
from portal.comments import markdown, mentions, telling
from portal.comments.markup import Shown
from portal.comments.models import Comment, CommentDraft, CommentForm, CommentVersion, EditForm, Removal, Thread
from portal.comments.posting import Posting, posting
from portal.comments.queries import comments_by_id, may_comment, must_wait
from portal.db import Session
from portal.files import actions as files
from portal.files.models import Attachment
from portal.live import append, create_stream, signal
from portal.networks.models import Membership
from portal.networks.queries import hold
from portal.networks.wrong import Wrong
from portal.records import queries as records
from portal.records.models import Record
from portal.records.queries import as_reader, reader
from portal.terms import eased, folded
from portal.web import Forbidden, NotFound, Refused, _l
from portal.web.errors import Changed, TooMany
from portal.web.once import Reused

MOST_POSTS, POSTS_WITHIN = 20, timedelta(minutes=1)
REMOVED = _l("Du kan läsa men inte skriva i den här tråden. Texten finns kvar här.")
KNOWN = _l("Den här kommentaren har redan skickats, med en annan text. Skickar du texten igen blir den en ny kommentar.")
TOO_COMPLEX = _l("Texten är för invecklad: använd färre citat, listor eller länkar i varandra.")


async def open_thread(session: Session, record: Record) -> None:
    """Give a new record its thread."""
    session.add(Thread(record_id=record.id, stream_id=await create_stream(session)))
    await session.flush()


async def post(session: Session, record_id: int, *, by: Membership, form: CommentForm) -> Shown:
    """Add a comment to the record's thread. The same key again gives the stored comment; with other words, Reused.

    A comment without names and files is one statement, durable when this returns; else the session has begun a transaction.
    """
    named = await mentions.named(session, record_id, form.body, by=by)
    html, words = _read_or_none(form.body, mentions.names(named))
    fingerprint, moment = _fingerprint(record_id, form), clock.now()
    given = _asked(session, record_id, by=by, form=form) | {
        "now": moment,
        "lately": moment - POSTS_WITHIN,
        "fingerprint": fingerprint,
        "html": html,
    }
    given |= {"words": "", "folded": ""} if must_wait(by) else {"words": words, "folded": await folded(session, words)}
    attached = await _attached(session, record_id, by=by, form=form) if form.file else []
    if session.new or session.dirty or session.deleted:  # also with nothing to write a flush takes a thirtieth of the whole post
        await session.flush()
    row = await _posted(session, posting(reader(by), bool(named) or form.parent_id is not None), given)
    _refuse(row, fingerprint, by=by)
    if row["word"] == "known":
        return (await comments_by_id(session, [row["known_id"]]))[row["known_id"]]
    files.post(attached, comment_id=row["id"])
    await mentions.tell(session, row["id"], named, by=by)
    return Shown(
        id=row["id"],
        parent_id=row["parent_id"],
        seq=row["seq"],
        author_id=by.person_id,
        name=by.person.name,
        unit=by.unit.name if by.unit is not None else None,
        html=html or "",
        created_at=moment,
        held_at=moment if must_wait(by) else None,
        files=tuple(each.shown for each in attached) or None,
    )


def _asked(session: Session, record_id: int, *, by: Membership, form: CommentForm) -> dict[str, Any]:
    """What the posting statement wants to know of the writer and her form."""
    return {
        **as_reader(by),
        "record": record_id,
        "member": by.id,
        "role": by.role,
        "author": by.person_id,
        "network": by.network_id,
        "today": clock.today(),
        "most": limits.allowed(session, MOST_POSTS),
        "may": may_comment(by),
        "held": must_wait(by),
        "answered": form.parent_id,
        "key": form.key,
        "body": form.body,
    }


async def _attached(session: Session, record_id: int, *, by: Membership, form: CommentForm) -> Sequence[Attachment]:
    """The files that go with the comment; none when it has been sent before, and they are with it already."""
    try:
        return await files.choose(session, await records.get(session, by, record_id), by=by, form=form)
    except Wrong:
        known = select(col(Comment.id)).where(col(Comment.author_id) == by.person_id, col(Comment.key) == form.key)
        if await session.scalar(known) is None:
            raise
        return []


async def _posted(session: Session, statement: Posting, given: dict[str, Any]) -> Any:
    """The ruling, and the comment if it was posted. Its key may have been sent twice at once: then the first one is found now."""
    while True:
        row = await statement.row(session, **given)
        if row is None or row["word"] != "posted" or row["id"] is not None:
            return row


def _refuse(row: Any, fingerprint: bytes, *, by: Membership) -> None:
    if row is None or row["word"] == "answers nothing":
        raise NotFound
    if row["word"] == "known" and row["fingerprint"] != fingerprint:
        raise Reused(f"/{by.network.slug}/comments/{row['known_id']}", KNOWN)
    if row["word"] == "locked":
        raise Forbidden(_l("Tråden är låst. Texten finns kvar här."))
    if row["word"] == "not allowed":
        raise Forbidden
    if row["word"] == "removed":
        raise Forbidden(REMOVED)
    if row["word"] == "too many":
        raise TooMany(int(POSTS_WITHIN.total_seconds()))
    if row["word"] == "answers hidden":
        raise Forbidden(_l("Kommentaren är dold och går inte att svara på."))
    if row["word"] == "too complex":
        raise Refused(TOO_COMPLEX, status=422)


def _read_or_none(body: str, names: Collection[str]) -> tuple[str | None, str]:
    """The comment as safe HTML and as plain words for search; None when it is too complex to be
    either. Of the `names` those stand out that it addresses."""
    try:
        html, words = markdown.read(body, names)
    except markdown.TooComplex:
        return None, ""
    return html, eased(words)


async def may_write_in(session: Session, record: Record, *, by: Membership) -> None:
    """Forbidden for who has been removed from the thread; asked under the lock of its row, which a removal takes too."""
    if await session.get(Removal, (record.id, by.person_id), populate_existing=True) is not None:
        raise Forbidden(REMOVED)


async def publish(session: Session, comment: Comment, record: Record, row: Thread, *, by: Membership) -> None:
    """Give a comment that was held its number in the stream, as something that `by` has just said."""
    comment.held_at = None
    comment.seq = await append(session, row.stream_id, kind="comment.posted", ref=comment.id, actor_id=by.person_id)
    row.comments += 1
    await index(session, comment)
    await mentions.tell_again(session, comment)
    await telling.ask(session, comment)
    activity.record(session, verb="comment.posted", by=by, record=record, comment=comment.id)
    await signal(session, by.network_id, "activity")


def rendered(body: str) -> str:
    """The comment as safe HTML; Refused when it is too complex to be one."""
    try:
        return markdown.render(body)
    except markdown.TooComplex:
        raise Refused(TOO_COMPLEX, status=422) from None


async def edit(session: Session, comment: Comment, record: Record, *, by: Membership, form: EditForm) -> None:
    """The author's new words; the old ones are kept as a version that readers may see. Changed if
    she has changed them elsewhere meanwhile."""
    refuse_edit(comment, by=by)
    await hold(session, by)
    row = await lock_row(session, record)
    await may_write_in(session, record, by=by)
    await session.refresh(comment)
    if row.locked_at is not None or comment.is_hidden or comment.is_redacted:
        raise Forbidden(_l("Tråden är låst eller kommentaren dold. Texten finns kvar här."))
    refuse_edit(comment, by=by)
    if form.version != comment.version:
        raise Changed({"body": comment.body})
    session.add(
        CommentVersion(
            comment_id=comment.id, version=comment.version, body=comment.body, html=comment.html, at=comment.edited_at or comment.created_at
        )
    )
    comment.body, comment.html = form.body, rendered(form.body)
    comment.version += 1
    comment.edited_at = clock.now()
    await _forget_draft(session, by, record, -comment.id)
    await mentions.note(session, comment, by=by)
    await note_change(session, comment, record, row, by=by, kind="comment.edited")


def refuse_edit(comment: Comment, *, by: Membership) -> None:
    """Forbidden for anyone but its author while she may write here, and for her once a coordinator
    has removed it or approved it as it stands."""
    if comment.is_redacted:
        raise Forbidden(_l("Texten är borttagen för gott och går inte att ändra."))
    if comment.author_id != by.person_id:
        raise Forbidden(_l("Bara den som skrev kommentaren kan ändra den."))
    if not may_comment(by):
        raise Forbidden
    if must_wait(by) and not comment.is_held:
        raise Forbidden(_l("Kommentaren är godkänd som den står. Skriv en ny kommentar i stället."))


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
    await hold(session, by)
    if not body:
        await _forget_draft(session, by, record, parent_id)
        return
    answered = (col(Comment.id) == parent_id, col(Comment.record_id) == record.id, col(Comment.held_at).is_(None))
    if parent_id and await session.scalar(select(col(Comment.id)).where(*answered)) is None:  # as many drafts as there are comments
        raise NotFound
    await _keep(session, by, record, parent_id, body)


async def keep_edit(session: Session, comment: Comment, record: Record, *, by: Membership, body: str) -> None:
    """Keep what its author is making of the comment; what it says already, or nothing, forgets it."""
    refuse_edit(comment, by=by)
    await hold(session, by)
    await session.refresh(
        comment, ["redacted_at"], with_for_update={"read": True}
    )  # a page that is open still must not bring back what is removed
    refuse_edit(comment, by=by)
    if not body or body == comment.body:
        await _forget_draft(session, by, record, -comment.id)
    else:
        await _keep(session, by, record, -comment.id, body)


async def _keep(session: Session, by: Membership, record: Record, parent_id: int, body: str) -> None:
    kept = {"body": body, "saved_at": clock.now()}
    key = {"person_id": by.person_id, "record_id": record.id, "parent_id": parent_id}
    await session.execute(insert(CommentDraft).values(**key, **kept).on_conflict_do_update(index_elements=list(key), set_=kept))


async def forget_drafts(session: Session, record: Record, *, person_id: int) -> None:
    """Whatever the person has begun to write in the record's thread."""
    await session.execute(delete(CommentDraft).where(col(CommentDraft.person_id) == person_id, col(CommentDraft.record_id) == record.id))


async def forget_all_drafts(session: Session, person_id: int) -> None:
    """Whatever the person has begun to write in any thread."""
    await session.execute(delete(CommentDraft).where(col(CommentDraft.person_id) == person_id))


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


def _fingerprint(record_id: int, form: CommentForm) -> bytes:
    attached = f":{form.file}" if form.file else ""
    return hashlib.sha256(f"{record_id}:{form.parent_id}:{form.body}{attached}".encode()).digest()


async def index(session: Session, comment: Comment) -> None:
    """Hidden words are not found, nor those that wait: their vector is empty."""
    words = "" if comment.is_hidden or comment.is_held else eased(markdown.plain(comment.body))
    await session.execute(text("UPDATE comment SET search = portal_terms(:words) WHERE id = :id"), {"words": words, "id": comment.id})
