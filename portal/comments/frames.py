"""What a thread's stream sends: each comment as it is now, rendered once for all who read in one language."""

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment
from sqlalchemy import select
from sqlmodel import col

from portal.comments.models import Thread
from portal.comments.queries import comments_by_id
from portal.db import Session
from portal.files.queries import of_comments
from portal.networks.models import Network
from portal.records.models import Record
from portal.web.language import use_locale


async def render(session: Session, environment: Environment, stream_id: int, events: Sequence[Any], locale: str) -> list[dict[str, Any]]:
    """For each event (kind, ref) its frame's own fields: the comment's markup, or whether the thread is locked."""
    row = (
        await session.execute(
            select(col(Network.slug), col(Thread.locked_at))
            .join(Record, col(Record.network_id) == col(Network.id))
            .join(Thread, col(Thread.record_id) == col(Record.id))
            .where(col(Thread.stream_id) == stream_id)
        )
    ).one()
    comments = await comments_by_id(session, [event.ref for event in events if event.kind.startswith("comment.")])
    files = await of_comments(session, list(comments))
    use_locale(locale)
    template = environment.get_template("comments/_comment.html")
    frames: list[dict[str, Any]] = []
    for event in events:
        comment = comments.get(event.ref) if event.kind.startswith("comment.") else None
        if comment is None:
            frames.append({"locked": row.locked_at is not None})
            continue
        html = template.render(comment=comment, base=f"/{row.slug}", me=None, files=files)
        frames.append({"id": comment.id, "parent": comment.parent_id, "author": comment.author_id, "name": comment.author.name, "html": html})
    return frames
