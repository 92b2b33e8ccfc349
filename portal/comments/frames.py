"""What a thread's stream sends: each comment as it is now, rendered once for all who read in one language."""

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment
from sqlalchemy import select
from sqlmodel import col

from portal.comments.conclusions import conclusion
from portal.comments.models import Comment, Thread
from portal.comments.queries import comments_by_id
from portal.db import Session
from portal.networks.models import Network
from portal.records.models import Record
from portal.web.language import use_locale


async def render(session: Session, environment: Environment, stream_id: int, events: Sequence[Any], locale: str) -> list[dict[str, Any]]:
    """For each event (kind, ref) its frame's own fields: the comment's markup, the conclusion, or whether the thread is locked."""
    row = (
        await session.execute(
            select(col(Network.slug), col(Thread.locked_at), col(Thread.record_id))
            .join(Record, col(Record.network_id) == col(Network.id))
            .join(Thread, col(Thread.record_id) == col(Record.id))
            .where(col(Thread.stream_id) == stream_id)
        )
    ).one()
    comments = await comments_by_id(session, [event.ref for event in events if event.kind.startswith("comment.")])
    concluded = await conclusion(session, row.record_id)
    use_locale(locale)
    lock = {"locked": row.locked_at is not None}
    return [_frame(environment, event, comments.get(event.ref), concluded, f"/{row.slug}") or lock for event in events]


def _frame(environment: Environment, event: Any, comment: Comment | None, concluded: Comment | None, base: str) -> dict[str, Any]:
    """What the event shows of a comment or of the conclusion; nothing if it is about neither."""
    if event.kind.startswith("conclusion."):
        return _conclusion(environment, concluded)
    if comment is None or not event.kind.startswith("comment."):
        return {}
    html = environment.get_template("comments/_comment.html").render(comment=comment, base=base, me=None)
    shown = {"id": comment.id, "parent": comment.parent_id, "author": comment.author_id, "name": comment.author.name, "html": html}
    return shown | (_conclusion(environment, concluded) if concluded is not None and concluded.id == comment.id else {})


def _conclusion(environment: Environment, comment: Comment | None) -> dict[str, Any]:
    """Which comment is the conclusion now, and how that is shown on top of the thread; nothing where there is none."""
    if comment is None:
        return {"concluded": None, "conclusion": ""}
    return {"concluded": comment.id, "conclusion": environment.get_template("comments/_conclusion.html").render(comment=comment)}
