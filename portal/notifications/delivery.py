"""A letter leaves: who may read what, and what it says, is asked in the transaction that lets it go."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal import jobs, mail
from portal.config import Settings
from portal.db import Session, Sessions, unit_of_work
from portal.networks.models import Membership, Network
from portal.networks.queries import memberships_of
from portal.notifications import bounces, letters, stopping
from portal.notifications.actions import JOB, STAMP
from portal.notifications.letters import KINDS, Draft, Link, Seal
from portal.notifications.models import Notification
from portal.notifications.queries import choice, hears
from portal.records.models import Record
from portal.records.queries import readable
from portal.web import _, speaking


@dataclass(frozen=True)
class PostRoom:
    """What letters are sent with. `sign` is the frame's: links to stop letters carry its mark."""

    settings: Settings
    sessions: Sessions
    sign: Callable[[str], str]


def handlers(room: PostRoom) -> dict[str, jobs.Handler]:
    """What the worker calls."""
    return {JOB: partial(deliver, room)}


async def deliver(room: PostRoom, payload: Mapping[str, Any]) -> None:
    """Send one person's letter, at most once. Raises TemporaryError when it should be tried again."""
    async with unit_of_work(room.sessions) as session:
        told = await _told(session, payload)
        if told is None:
            return
        if told.person.email is None:
            await mail.withdraw(session, told.message_id)
            return
    returns_to = mail.address_about(room.settings, room.sign, bounces.about(told.message_id))
    posting = mail.Posting(told.message_id, told.person.email, _told_at(told), returns_to)
    lost = partial(bounces.heed, message_id=told.message_id)
    await mail.hand_in(room.settings, room.sessions, posting, partial(_write, room, payload), lost=lost)


def _told_at(told: Notification) -> datetime:
    """When she was told, which stands in the name of her message: who comes long after a summons is not written to as of then."""
    stamp = datetime.strptime(told.message_id.rpartition(".")[2], STAMP).replace(tzinfo=UTC)
    return max(stamp, told.mailing.made_at)  # which is the same moment for most, and exact


async def _told(session: Session, payload: Mapping[str, Any]) -> Notification | None:
    whole = (joinedload(Notification.mailing), joinedload(Notification.person))  # type: ignore[arg-type]
    return await session.get(Notification, (payload["mailing"], payload["person"]), options=whole)


async def _write(room: PostRoom, payload: Mapping[str, Any], session: Session) -> mail.Letter | None:
    """The letter as it is right now, or None: its reader has left, may not read it, wants it no more, or there is nothing to say."""
    told = await _told(session, payload)
    if told is None:
        return None
    member = next((each for each in await memberships_of(session, told.person_id) if each.network_id == told.mailing.network_id), None)
    with speaking(told.person.locale):
        draft = await _draft(session, member, told)
        network = await session.get_one(Network, told.mailing.network_id)
        return _letter(room, network, told, draft) if draft is not None else None


async def _draft(session: Session, member: Membership | None, told: Notification) -> Draft | None:
    kind = KINDS[told.mailing.kind]
    if member is not None and await _may_hear(session, member, told):
        return await kind.write(session, member, told.mailing)
    return await kind.farewell(session, told.person, told.mailing) if kind.farewell else None


async def _may_hear(session: Session, member: Membership, told: Notification) -> bool:
    """Her rights first, then what she wants to hear nothing of, and of what is gathered whether she wants the weekly letter."""
    record_id = told.mailing.record_id
    if record_id is not None:
        may_hear = select(col(Record.id)).where(col(Record.id) == record_id, readable(member))
        if await session.scalar(may_hear.where(hears(told.mailing.kind, literal(told.person_id), record_id))) is None:
            return False
    return told.mailing.act or (await choice(session, member)).letter


def _letter(room: PostRoom, network: Network, told: Notification, draft: Draft) -> mail.Letter:
    address = room.settings.address
    stop = f"{address}{stopping.path(room.sign, told.person_id, told.mailing)}"
    seal = Seal(room.settings, room.sign)
    parts = [_("Hej %(name)s!", name=told.person.name), *(part(seal) if callable(part) else part for part in draft.parts)]
    about = _("Inga fler mejl om det här") if told.mailing.record_id else _("Inget mer veckobrev")
    foot = [Link(about, stop), Link(_("Välj vilka mejl du får"), f"{address}/me/mail")]
    base = f"{address}/{network.slug}"
    return mail.Letter(
        subject=draft.subject,
        text=letters.plain(parts, foot, address=base),
        html=letters.html(draft.subject, parts, foot, address=base),
        locale=told.person.locale,
        thread=f"record.{told.mailing.record_id}" if told.mailing.record_id else None,
        calendar=draft.calendar(seal) if draft.calendar else None,
        headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )
