"""Every write that keeps a thread in order. Nobody rewrites another's words here: they are shown, hidden, or gone for good."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock
from portal.accounts import limits
from portal.accounts.actions import forget_forms
from portal.activity import actions as activity
from portal.comments import conclusions, mentions
from portal.comments.actions import forget_drafts, lock_row, note_change, publish
from portal.comments.models import Comment, CommentVersion, Removal, Thread
from portal.comments.queries import may_comment
from portal.db import Session
from portal.files import actions as files
from portal.live import append, forget, signal
from portal.moderation.models import Notice, ReasonForm, Report, Verb
from portal.moderation.queries import may_report
from portal.moderation.rulings import reopen, rule, settle
from portal.networks.models import Membership
from portal.networks.queries import authorise, hold
from portal.records.models import Record
from portal.web import Conflict, Forbidden, _l


async def report(session: Session, comment: Comment, record: Record, *, by: Membership, form: ReasonForm) -> None:
    """Ask the coordinators to look at a comment. The same person twice about the same words is one report."""
    await hold(session, by)
    await session.refresh(comment, ["version", "hidden_at", "redacted_at"], with_for_update={"read": True})
    if not may_report(comment, by):
        raise Forbidden
    lately = (col(Report.person_id) == by.person_id) & (col(Report.at) > clock.now() - timedelta(hours=1))
    limits.refuse(session, await session.scalar(select(func.count()).where(lately)) or 0, most=20, seconds=3600)
    given = {"comment_id": comment.id, "person_id": by.person_id, "version": comment.version}
    row = insert(Report).values(**given, reason=form.reason, words=form.words, at=clock.now())
    made = await session.scalar(row.on_conflict_do_nothing(index_elements=list(given)).returning(col(Report.id)))
    if made is not None:
        # The reporter's words stay with the report, which can lose them again; the log never can.
        await rule(session, Verb.reported, record, by=by, comment=comment, form=ReasonForm.model_construct(reason=form.reason, words=""))


async def leave(session: Session, comment: Comment, record: Record, *, by: Membership) -> None:
    """The reports lead to nothing: the comment stays as it is."""
    await _begin(session, record, by=by, permission="comment:hide")
    if await session.scalar(select(col(Report.id)).where(col(Report.comment_id) == comment.id, col(Report.ruling_id).is_(None)).limit(1)):
        await settle(session, comment, await rule(session, Verb.left, record, by=by, comment=comment))


async def hide(session: Session, comment: Comment, record: Record, *, by: Membership, form: ReasonForm) -> None:
    """Take the words out of sight for everyone, with a reason. Nothing is deleted."""
    row = await _begin(session, record, by=by, permission="comment:hide")
    await session.refresh(comment)
    if comment.is_hidden or comment.is_redacted:
        raise Conflict(_l("Kommentaren är redan dold eller borttagen."))
    comment.hidden_at, comment.hidden_by_id = clock.now(), by.person_id
    comment.hidden_reason, comment.hidden_words = form.reason, form.words
    await conclusions.drop(session, comment, record, row, by=by)
    await note_change(session, comment, record, row, by=by, kind="comment.hidden", reason=form.reason)
    await settle(session, comment, await rule(session, Verb.hidden, record, by=by, comment=comment, form=form))


async def restore(session: Session, comment: Comment, record: Record, *, by: Membership, undo: bool = False) -> None:
    """Show a hidden comment again. One that was held waits again; with `undo` the reports that led to its hiding are open again, too."""
    row = await _begin(session, record, by=by, permission="comment:hide")
    await session.refresh(comment)
    if comment.is_redacted:
        raise Conflict(_l("Kommentarens text är borttagen och kan inte visas igen."))
    if not comment.is_hidden:
        return
    comment.hidden_at = comment.hidden_by_id = comment.hidden_reason = None
    comment.hidden_words = ""
    await note_change(session, comment, record, row, by=by, kind="comment.restored")
    reopened: dict[str, Any] = {"reopened": True} if undo and await reopen(session, comment) else {}
    await rule(session, Verb.restored, record, by=by, comment=comment, **reopened)


async def approve(session: Session, comment: Comment, record: Record, *, by: Membership, version: int) -> None:
    """Let a comment that waits into the thread, as something its author has just said."""
    row = await _begin(session, record, by=by, permission="comment:hide")
    await session.refresh(comment)
    if not comment.is_held:
        return
    if comment.is_hidden or comment.is_redacted or comment.version != version:
        raise Conflict(_l("Kommentaren har ändrats medan du läste den. Läs den igen."))
    author = await session.get_one(Membership, comment.membership_id)
    await publish(session, comment, record, row, by=author)
    await rule(session, Verb.approved, record, by=by, comment=comment)


async def redact(session: Session, comment: Comment, record: Record, *, by: Membership, form: ReasonForm) -> None:
    """Remove the words for good: body, versions, names, drafts, late forms, files, search, what reports say, and what processes keep of
    pages. That there was a comment stays."""
    row = await _begin(session, record, by=by, permission="comment:redact")
    await session.refresh(comment)
    if comment.is_redacted:
        raise Conflict(_l("Kommentarens text är redan borttagen."))
    comment.body = comment.html = comment.hidden_words = ""
    comment.fingerprint = b""  # a short text can be guessed from its hash
    comment.redacted_at, comment.redacted_reason = clock.now(), form.reason
    await session.execute(delete(CommentVersion).where(col(CommentVersion.comment_id) == comment.id))
    await session.execute(update(Report).where(col(Report.comment_id) == comment.id).values(words=""))
    await mentions.forget(session, comment.id)
    await forget_drafts(session, record, person_id=comment.author_id)
    await forget_forms(session, path=f"/{by.network.slug}/comments/{comment.id}", person_id=comment.author_id, key=str(comment.key))
    await files.erase(session, comment_id=comment.id)
    await forget(session, record.network_id)
    await conclusions.drop(session, comment, record, row, by=by)
    await note_change(session, comment, record, row, by=by, kind="comment.redacted", reason=form.reason)
    await settle(session, comment, await rule(session, Verb.redacted, record, by=by, comment=comment, form=form))


async def lock(session: Session, record: Record, *, by: Membership, locked: bool) -> None:
    """Close the thread for new comments, or open it again."""
    row = await _begin(session, record, by=by, permission="thread:lock")
    if (row.locked_at is not None) == locked:
        return
    row.locked_at, row.locked_by_id = (clock.now(), by.person_id) if locked else (None, None)
    verb = Verb.locked if locked else Verb.unlocked
    await append(session, row.stream_id, kind=verb, ref=record.id, actor_id=by.person_id)
    activity.record(session, verb=verb.value, by=by, record=record)
    await rule(session, verb, record, by=by)


async def remove(session: Session, record: Record, *, by: Membership, member: Membership, form: ReasonForm) -> None:
    """Let a member read but no longer write in one thread."""
    await _begin(session, record, by=by, permission="thread:lock")
    if member.can("thread:lock") or not may_comment(member):
        raise Forbidden(_l("Den som leder nätverket, eller ändå bara läser, kan inte stängas av från en tråd."))
    given = {"record_id": record.id, "person_id": member.person_id}
    row = insert(Removal).values(**given, reason=form.reason, words=form.words, removed_by_id=by.person_id, at=clock.now())
    if await session.scalar(row.on_conflict_do_nothing().returning(col(Removal.person_id))) is not None:
        await rule(session, Verb.removed, record, by=by, concerns=member.person_id, form=form)
        await signal(session, by.network_id, f"thread-{record.id}")


async def readmit(session: Session, record: Record, *, by: Membership, person_id: int) -> None:
    """Let a removed member write in the thread again."""
    await _begin(session, record, by=by, permission="thread:lock")
    gone = delete(Removal).where(col(Removal.record_id) == record.id, col(Removal.person_id) == person_id)
    if await session.scalar(gone.returning(col(Removal.person_id))) is not None:
        await rule(session, Verb.readmitted, record, by=by, concerns=person_id)
        await signal(session, by.network_id, f"thread-{record.id}")


async def acknowledge(session: Session, notice: Notice, *, by: Membership) -> None:
    """It has been read, and no longer waits on Home."""
    await hold(session, by)
    notice.read_at = notice.read_at or clock.now()


async def _begin(session: Session, record: Record, *, by: Membership, permission: str) -> Thread:
    """Who may, as the role is in this moment; and the thread, as nobody else can change it before the commit."""
    await authorise(session, by, permission)
    return await lock_row(session, record)
