"""Reads of the post room: what has become of mailings, and what somebody wants to hear."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, ScalarSelect, SQLColumnExpression, exists, func, or_, select
from sqlmodel import col

from portal import clock
from portal.accounts.models import Person
from portal.db import Session
from portal.mail import ARRIVED, MailOut
from portal.networks.models import Membership
from portal.notifications.letters import KINDS
from portal.notifications.models import Comments, MailChoice, Mailing, Notification, Silence
from portal.web import NotFound

SHOWN = 30
REMEMBERED = timedelta(days=90)  # what became of a letter, as long as mail remembers it
LOST = ("failed", "unknown", "bounced")


@dataclass(frozen=True)
class Progress:
    """How far a mailing has come: of `people` so many letters have left, were no longer needed, or have got stuck."""

    mailing: Mailing
    people: int
    left: int
    needless: int
    stuck: int

    @property
    def waiting(self) -> int:
        return self.people - self.left - self.needless - self.stuck


@dataclass(frozen=True)
class Undelivered:
    """A letter that has not arrived, or of which nobody knows whether it has."""

    message_id: str
    mailing: Mailing
    person: Person
    state: str
    error: str

    @property
    def may_go_again(self) -> bool:
        """The mail server has said that it does not have it."""
        return self.state == "failed"


async def mailings(session: Session, network_id: int) -> list[Progress]:
    """The network's mailings of the time of which it is known what became of each letter, the latest first."""
    listed = [name for name, kind in KINDS.items() if kind.listed]
    counts = [func.count().filter(col(MailOut.state).in_(states)) for states in (ARRIVED, ["withdrawn"], LOST)]
    wanted = (
        select(Mailing, func.count(), *counts)
        .join(Notification, col(Notification.mailing_id) == col(Mailing.id))
        .outerjoin(MailOut, col(MailOut.message_id) == col(Notification.message_id))
        .where(col(Mailing.network_id) == network_id, col(Mailing.kind).in_(listed), col(Mailing.made_at) > clock.now() - REMEMBERED)
        .group_by(col(Mailing.id))
        .order_by(col(Mailing.id).desc())
        .limit(SHOWN)
    )
    return [Progress(mailing, *counts) for mailing, *counts in await session.execute(wanted)]


async def undelivered(session: Session, network_id: int, *, limit: int = 200) -> list[Undelivered]:
    """Letters of the network that have got stuck, the latest first."""
    return await _stuck(session, col(Mailing.network_id) == network_id, limit=limit)


async def undelivered_to(session: Session, by: Membership, mailing_id: int, person_id: int) -> Undelivered:
    """One of them; else NotFound."""
    this = (col(Notification.mailing_id) == mailing_id) & (col(Notification.person_id) == person_id)
    found = await _stuck(session, this & (col(Mailing.network_id) == by.network_id), limit=1)
    if not found:
        raise NotFound
    return found[0]


async def _stuck(session: Session, which: ColumnElement[bool], *, limit: int) -> list[Undelivered]:
    wanted = (
        select(col(Notification.message_id), Mailing, Person, col(MailOut.state), func.coalesce(col(MailOut.error), ""))
        .join(Mailing, col(Mailing.id) == col(Notification.mailing_id))
        .join(Person, col(Person.id) == col(Notification.person_id))
        .join(MailOut, col(MailOut.message_id) == col(Notification.message_id))
        .where(which, col(MailOut.state).in_(LOST))
        .order_by(col(Mailing.id).desc(), col(Person.id))
        .limit(limit)
    )
    return [Undelivered(*row) for row in await session.execute(wanted)]


async def choice(session: Session, membership: Membership) -> MailChoice:
    """What the member has chosen, or what holds for who has chosen nothing."""
    person_id, network_id = membership.person_id, membership.network_id
    known = await session.get(MailChoice, (person_id, network_id), populate_existing=True)
    return known or MailChoice(person_id=person_id, network_id=network_id)


def comments_wanted(person_id: SQLColumnExpression[int], network_id: int) -> ColumnElement[str]:
    """In a query of people: when each hears of comments that name or answer her."""
    mine = (col(MailChoice.person_id) == person_id) & (col(MailChoice.network_id) == network_id)
    chosen: ScalarSelect[str] = select(col(MailChoice.comments)).where(mine).scalar_subquery()
    return func.coalesce(chosen, Comments.now.value)


async def without_letter(session: Session, network_id: int) -> set[int]:
    """Who has said no to the network's weekly letter."""
    wanted = select(col(MailChoice.person_id)).where(col(MailChoice.network_id) == network_id, col(MailChoice.letter).is_(False))
    return set(await session.scalars(wanted))


async def told_later(session: Session, mailing: Mailing, person_id: int) -> bool:
    """Whether the person is told by a later mailing whose event is named as this one's, up to the last colon."""
    same = col(Mailing.event).startswith(f"{mailing.event.rpartition(':')[0]}:", autoescape=True)
    later = select(col(Mailing.id)).join(Notification, col(Notification.mailing_id) == col(Mailing.id))
    later = later.where(
        col(Mailing.network_id) == mailing.network_id, same, col(Mailing.id) > mailing.id, col(Notification.person_id) == person_id
    )
    return await session.scalar(later.limit(1)) is not None


def hears(kind: str, person_id: SQLColumnExpression[int], record_id: int) -> ColumnElement[bool]:
    """Where-clause: letters of the kind about the record reach this person, who has not said that she wants none, or is told despite it."""
    hushed = exists().where(col(Silence.person_id) == person_id, col(Silence.record_id) == record_id)
    known = KINDS.get(kind)
    return or_(~hushed, known.despite(person_id, record_id)) if known and known.despite else ~hushed


async def silenced(session: Session, person_id: int) -> Sequence[int]:
    """The records of which the person wants to hear nothing, the latest first."""
    wanted = select(col(Silence.record_id)).where(col(Silence.person_id) == person_id)
    return (await session.scalars(wanted.order_by(col(Silence.at).desc()))).all()


def records_of(progress: Sequence[Progress], letters: Sequence[Undelivered]) -> set[int]:
    """The records that mailings and letters are about."""
    mailings = [each.mailing for each in progress] + [each.mailing for each in letters]
    return {each.record_id for each in mailings if each.record_id is not None}
