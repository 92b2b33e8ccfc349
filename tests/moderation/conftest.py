"""A thread with something in it to rule over, and the small things that every test of moderation asks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal.comments.models import Comment
from portal.db import Session
from portal.live.models import Event
from portal.moderation.models import Ruling
from portal.networks.models import Membership
from portal.records.actions import share
from portal.records.models import Record
from tests.browser import Browser
from tests.factories import Cast
from tests.making import make_comment, make_finding

Enter = Callable[[Membership], Awaitable[Browser]]
NUMBER = "070-555 01 99"


@dataclass
class Talk:
    """Tomas has written a phone number in the thread of Maja's finding, and Bengt has answered him."""

    cast: Cast
    record: Record
    comment: Comment
    answer: Comment

    @property
    def page(self) -> str:
        return f"/granby{self.record.path}"

    def of(self, deed: str) -> str:
        return f"/granby/comments/{self.comment.id}/{deed}"


@pytest.fixture
async def talk(cast: Cast, session: Session) -> Talk:
    record = await make_finding(session, cast.contact)
    comment = await make_comment(session, record, cast.deputy, f"Ring Fredriksdotter på {NUMBER}")
    answer = await make_comment(session, record, cast.head, "Det gör jag.", parent_id=comment.id)
    await share(session, record, by=cast.coordinator, guest=cast.guest)
    await session.commit()
    return Talk(cast, record, comment, answer)


async def rulings(session: Session) -> list[Ruling]:
    """The log, the oldest first."""
    return list(await session.scalars(select(Ruling).order_by(col(Ruling.id)).execution_options(populate_existing=True)))


async def verbs(session: Session) -> list[str]:
    return [each.verb for each in await rulings(session)]


async def events(session: Session, comment: Comment) -> list[str]:
    """What the thread's stream has said about the comment."""
    wanted = select(col(Event.kind)).where(col(Event.ref) == comment.id, col(Event.kind).startswith("comment."))
    return list(await session.scalars(wanted.order_by(col(Event.seq))))
