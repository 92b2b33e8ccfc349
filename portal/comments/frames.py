"""What a thread's stream sends: each comment as it is now, rendered once for all who read in one language."""

from collections.abc import Sequence
from typing import Any

from portal.comments.markup import markup
from portal.comments.queries import comments_by_id
from portal.db import Session
from portal.reading import rows
from portal.web.language import use_locale

THREAD = """
    SELECT network.slug, thread.locked_at
    FROM thread JOIN record ON record.id = thread.record_id JOIN network ON network.id = record.network_id
    WHERE thread.stream_id = $1
"""


async def render(session: Session, stream_id: int, events: Sequence[Any], locale: str) -> list[dict[str, Any]]:
    """For each event (kind, ref) its frame's own fields: the comment's markup, or whether the thread is locked."""
    (thread,) = await rows(session, THREAD, stream_id)
    comments = await comments_by_id(session, [event.ref for event in events if event.kind.startswith("comment.")])
    use_locale(locale)
    frames: list[dict[str, Any]] = []
    for event in events:
        comment = comments.get(event.ref) if event.kind.startswith("comment.") else None
        if comment is None:
            frames.append({"locked": thread["locked_at"] is not None})
            continue
        html = markup(comment, base=f"/{thread['slug']}")
        frames.append({"id": comment.id, "parent": comment.parent_id, "author": comment.author_id, "name": comment.author.name, "html": html})
    return frames
