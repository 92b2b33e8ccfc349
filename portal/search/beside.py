"""What is found beside the records: what waits to come onto an agenda, and what one has begun to write in a thread or a text oneself."""

from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import defer
from sqlmodel import col

from portal.comments import markdown
from portal.comments.models import CommentDraft
from portal.db import Session
from portal.drafting.models import DraftText, Section, SectionDraft
from portal.meetings.agenda_models import Proposal
from portal.networks.models import Membership
from portal.reading import rows
from portal.records.models import Record
from portal.records.queries import readable
from portal.search.excerpts import Wanted
from portal.terms import eased, folded

MOST_DRAFTS, MOST_CHARACTERS = 20, 30_000  # of somebody's own: they are looked through when she searches
HOLD = """
    SELECT n FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS own(folded, said, n)
    WHERE (to_tsvector('swedish', folded) || to_tsvector('english', portal_clean(said))) @@ portal_query($3) ORDER BY n
"""


@dataclass(frozen=True)
class Beside:
    """`what` is one of "proposal", "comment" and "section"; `path` stands below the network's,
    `about` is the title of the record it is for."""

    what: str
    title: Markup
    path: str
    excerpt: Markup
    at: datetime
    about: str = ""


@dataclass(frozen=True)
class Begun:
    """What somebody has begun to write, as she has written it."""

    what: str
    title: str
    path: str
    body: str
    at: datetime
    about: str


async def beside(session: Session, membership: Membership, typed: str, wanted: Wanted, *, kind: str | None) -> list[Beside]:
    """Proposals, the newest first, and then drafts. A proposal is for a meeting, a draft is of the kind that its record is of."""
    found = await _drafts(session, membership, typed, wanted, kind=kind)
    if membership.is_guest or kind not in (None, "meeting"):
        return found
    return [*await _proposals(session, membership, typed, wanted), *found]


async def _proposals(session: Session, membership: Membership, typed: str, wanted: Wanted) -> list[Beside]:
    waiting = select(Proposal).where(
        col(Proposal.network_id) == membership.network_id,
        col(Proposal.fate).is_(None),
        col(Proposal.search).op("@@")(func.portal_query(typed)),
    )
    return [
        Beside("proposal", wanted.marked(each.title), "/meetings/proposals", wanted.excerpt(each.why), each.at)
        for each in await session.scalars(waiting.order_by(col(Proposal.id).desc()))
    ]


async def _drafts(session: Session, membership: Membership, typed: str, wanted: Wanted, *, kind: str | None) -> list[Beside]:
    begun = [*await _in_threads(session, membership, kind), *await _in_texts(session, membership, kind)]
    looked_at, left = [], MOST_CHARACTERS
    for each in sorted(begun, key=lambda one: one.at, reverse=True)[:MOST_DRAFTS]:
        looked_at.append(replace(each, body=each.body[:left]))
        left -= len(looked_at[-1].body)
    said = [eased(f"{each.title} {each.body}") for each in looked_at]
    holding = await rows(session, HOLD, [await folded(session, each) for each in said], said, typed) if said else []
    return [_shown(looked_at[row["n"] - 1], wanted) for row in holding]


def _shown(draft: Begun, wanted: Wanted) -> Beside:
    return Beside(draft.what, wanted.marked(draft.title), draft.path, wanted.excerpt(draft.body), draft.at, draft.about)


async def _in_threads(session: Session, membership: Membership, kind: str | None) -> list[Begun]:
    mine = select(CommentDraft, Record).options(defer(Record.search)).join(Record, col(Record.id) == col(CommentDraft.record_id))  # type: ignore[arg-type]
    mine = mine.where(col(CommentDraft.person_id) == membership.person_id, *_of(membership, kind))
    return [
        Begun("comment", "", _path(draft, record), markdown.plain(draft.body), draft.saved_at, record.heading)
        for draft, record in await session.execute(mine.order_by(col(CommentDraft.saved_at).desc()).limit(MOST_DRAFTS))
    ]


def _path(draft: CommentDraft, record: Record) -> str:
    """Where one goes on with it: a comment that is being changed has a page of its own."""
    if draft.parent_id < 0:
        return f"/comments/{-draft.parent_id}/edit"
    return f"{record.path}?reply={draft.parent_id}#write" if draft.parent_id else f"{record.path}?end=1#write"


async def _in_texts(session: Session, membership: Membership, kind: str | None) -> list[Begun]:
    mine = select(SectionDraft, col(Section.heading), Record).options(defer(Record.search))  # type: ignore[arg-type]
    mine = mine.join(Section, col(Section.id) == col(SectionDraft.section_id)).join(DraftText, col(DraftText.id) == col(Section.text_id))
    mine = mine.join(Record, col(Record.id) == col(DraftText.record_id)).where(col(DraftText.locked_at).is_(None))
    mine = mine.where(col(SectionDraft.person_id) == membership.person_id, *_of(membership, kind))
    return [
        Begun("section", heading, f"/sections/{draft.section_id}/edit", draft.body, draft.saved_at, record.heading)
        for draft, heading, record in await session.execute(mine.order_by(col(SectionDraft.saved_at).desc()).limit(MOST_DRAFTS))
    ]


def _of(membership: Membership, kind: str | None) -> list[ColumnElement[bool]]:
    """In a query of Record: those that the member reads, of one kind or any."""
    return [readable(membership)] if kind is None else [readable(membership), col(Record.kind) == kind]
