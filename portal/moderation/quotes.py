"""Who has quoted a comment: a quote copies words, and they stay where they are when the comment's own are removed."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlmodel import col

from portal.comments import markdown
from portal.comments.markdown import TooComplex
from portal.comments.models import Comment, CommentVersion
from portal.comments.queries import WITH_AUTHOR, visible
from portal.db import Session
from portal.networks.models import Membership
from portal.records.models import Record
from portal.records.queries import readable

QUOTED = re.compile(r"^[ \t]*(?:>[ \t]*)+(?:\*\*[^*\n]+:\*\*)?(.*)$", re.MULTILINE)  # without the name above it
SHORTEST = 4  # letters of a quoted line that is looked for
TELLING = 12  # of one that others would hardly write


@dataclass(frozen=True)
class Quoting:
    """A comment that quotes, now or in an earlier version."""

    comment: Comment
    record: Record


async def quoting(session: Session, membership: Membership, comment: Comment) -> list[Quoting]:
    """Comments of the network with words of this one in a quote, as far as the member may read them, the oldest first.

    A line in a quote is from it if it stands in any version of the comment, or holds a whole line of one.
    """
    said = [comment.body, *await _earlier(session, comment)]
    wanted = (
        select(Comment, Record, col(CommentVersion.body))
        .options(*WITH_AUTHOR)
        .join(Record, col(Record.id) == col(Comment.record_id))
        .join(CommentVersion, col(CommentVersion.comment_id) == col(Comment.id), isouter=True)
        .where(col(Record.network_id) == membership.network_id, readable(membership), visible(membership))
        .where(col(Comment.id) != comment.id, col(Comment.created_at) >= comment.created_at, col(Comment.redacted_at).is_(None))
        .where(or_(col(Comment.body).contains(">"), col(CommentVersion.body).contains(">")))
        .order_by(col(Comment.id), col(CommentVersion.version))
    )
    found: dict[int, Quoting] = {}
    bodies: dict[int, set[str]] = {}
    for each, record, earlier in (await session.execute(wanted)).unique():
        found.setdefault(each.id, Quoting(each, record))
        bodies.setdefault(each.id, set()).update({each.body, earlier or ""})
    ours = await asyncio.to_thread(_quote, bodies, said)
    return [found[number] for number in ours]


async def _earlier(session: Session, comment: Comment) -> Sequence[str]:
    return (await session.scalars(select(col(CommentVersion.body)).where(col(CommentVersion.comment_id) == comment.id))).all()


def _quote(bodies: dict[int, set[str]], said: list[str]) -> list[int]:
    """Those of the numbered bodies that quote what was said; a hostile one takes some tenths of a second."""
    versions = [_lines(body) for body in dict.fromkeys(said)]
    return [number for number, written in bodies.items() if any(_is_from(_quoted(body), versions) for body in written)]


def _is_from(quoted: list[str], said: list[list[str]]) -> bool:
    together = "\n".join(quoted)
    for lines in said:
        whole = " ".join(lines)
        if any(line in whole for line in quoted) or any(len(each) >= TELLING and each in together for each in lines):
            return True
    return False


def _quoted(body: str) -> list[str]:
    return [line for quoted in QUOTED.findall(body) for line in _lines(quoted)]


def _lines(body: str) -> list[str]:
    """The words of each line, without form, and without the sign that a quote ends with where it was too long."""
    try:
        told = markdown.plain(body)
    except TooComplex:  # a part of a comment may be what a whole one may not
        told = body
    lines = [" ".join(line.casefold().split()).removesuffix(" …") for line in re.split(r"\n+", told)]
    return [line for line in lines if len(line) >= SHORTEST]
