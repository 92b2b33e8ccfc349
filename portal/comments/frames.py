"""What a thread's stream sends: each comment as it is now, rendered once for all who read in one language."""

from collections.abc import Sequence
from typing import Any

from portal.comments.markup import Shown, conclusion_markup, markup
from portal.comments.queries import comments_by_id
from portal.db import Session
from portal.reading import rows
from portal.web.language import use_locale

THREAD = """
    SELECT network.slug, thread.locked_at, conclusion.comment_id AS concluded
    FROM thread JOIN record ON record.id = thread.record_id JOIN network ON network.id = record.network_id
    LEFT JOIN conclusion ON conclusion.record_id = thread.record_id
    WHERE thread.stream_id = $1
"""


async def render(session: Session, stream_id: int, events: Sequence[Any], locale: str) -> list[dict[str, Any]]:
    """For each event (kind, ref) its frame's own fields: the comment's markup, the conclusion, or whether the thread is locked."""
    (thread,) = await rows(session, THREAD, stream_id)
    wanted = {event.ref for event in events if event.kind.startswith("comment.")} | {thread["concluded"]}
    comments = await comments_by_id(session, [each for each in wanted if each is not None])
    use_locale(locale)
    concluded = comments.get(thread["concluded"])
    lock = {"locked": thread["locked_at"] is not None}
    return [_frame(event, comments.get(event.ref), concluded, f"/{thread['slug']}") or lock for event in events]


def _frame(event: Any, comment: Shown | None, concluded: Shown | None, base: str) -> dict[str, Any]:
    """What the event shows of a comment or of the conclusion; nothing if it is about neither."""
    if event.kind.startswith("conclusion."):
        return _conclusion(concluded, base)
    if comment is None or not event.kind.startswith("comment."):
        return {}
    (html,) = markup([comment], base=base)
    shown = {"id": comment.id, "parent": comment.parent_id, "author": comment.author_id, "name": comment.name, "html": html}
    return shown | (_conclusion(concluded, base) if concluded is not None and concluded.id == comment.id else {})


def _conclusion(comment: Shown | None, base: str) -> dict[str, Any]:
    """Which comment is the conclusion now, and how that is shown on top of the thread; nothing where there is none."""
    if comment is None:
        return {"concluded": None, "conclusion": ""}
    return {"concluded": comment.id, "conclusion": conclusion_markup(comment, base=base)}
