"""A thread's conclusion taken into the record's text: a paragraph at the end of a section, with the way back to the comment."""

from typing import Any

from sqlalchemy import Text, cast, func, or_, select
from sqlmodel import col

from portal import clock, words
from portal.comments import markdown
from portal.comments.models import Comment
from portal.db import Session
from portal.drafting import actions, document
from portal.drafting.models import LONGEST, DraftText, Section, SectionForm, SectionVersion
from portal.drafting.queries import TextView
from portal.networks.models import Membership
from portal.web import Refused, _l


async def take_in(session: Session, section: Section, view: TextView, comment: Comment, *, by: Membership) -> bool:
    """Put the comment's words at the end of the section; False if they stand there already."""
    address = f"/{by.network.slug}/comments/{comment.id}"
    if any(f"{end})" in document.to_markdown(section.body) for end in _ends(comment)):
        return False
    try:
        await actions.save(session, section, view, by=by, form=_with(section, paragraph(comment, address)))
    except actions.SectionChanged as changed:  # somebody saved meanwhile, and the section is held now: it goes after her words
        await actions.save(session, changed.section, view, by=by, form=_with(changed.section, paragraph(comment, address)))
    return True


async def taken_into(session: Session, comment: Comment) -> list[str]:
    """The headings of the sections into which the comment's words have been taken, now or in an earlier version."""
    link = or_(*(func.strpos(cast(col(SectionVersion.body), Text), f'{end}"') > 0 for end in _ends(comment)))
    wanted = select(col(Section.heading), col(Section.position)).distinct().join(DraftText, col(DraftText.id) == col(Section.text_id))
    wanted = wanted.join(SectionVersion, col(SectionVersion.section_id) == col(Section.id)).where(
        col(DraftText.record_id) == comment.record_id, link
    )
    return [row.heading for row in await session.execute(wanted.order_by(col(Section.position)))]


def _ends(comment: Comment) -> tuple[str, str]:
    """How the address of a comment that was taken in ends: the lasting one, and the place on the record's page that it was at first."""
    return f"/comments/{comment.id}", f"#c{comment.id}"


def _with(section: Section, added: dict[str, Any]) -> SectionForm:
    body = document.to_markdown({"type": "doc", "content": [*section.body["content"], added]})
    if len(body) > LONGEST:
        raise Refused(_l("Texten är för stor. Dela den i flera avsnitt."), status=422)
    return SectionForm(heading=section.heading, body=body, version=section.version)


def paragraph(comment: Comment, address: str) -> dict[str, Any]:
    """The comment's words without their form, then who wrote them and when, as a link to the comment."""
    content: list[dict[str, Any]] = []
    for line in markdown.plain(comment.body).split("\n"):
        content += [{"type": "hardBreak"}, {"type": "text", "text": line}]
    day = words.date_long(clock.local(comment.created_at), "sv")  # part of the text, which is Swedish
    signed = {"type": "text", "text": f"{comment.author.name}, {day}", "marks": [{"type": "link", "attrs": {"href": address}}]}
    return {"type": "paragraph", "content": [*content[1:], {"type": "text", "text": " ("}, signed, {"type": "text", "text": ")"}]}
