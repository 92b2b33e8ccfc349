"""Every write of the post room: telling, trying again, stopping."""

from collections.abc import Collection
from datetime import UTC, timedelta

from sqlalchemy import Text, and_, cast, delete, exists, false, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import col

from portal import clock, jobs, mail
from portal.accounts.models import Person
from portal.activity import actions as activity
from portal.db import Session
from portal.networks.models import Membership, Network
from portal.networks.queries import authorise
from portal.notifications.letters import KINDS
from portal.notifications.models import ChoiceForm, MailChoice, Mailing, Notification, Silence
from portal.notifications.queries import REMEMBERED, Undelivered, hears
from portal.records.models import Record
from portal.web import Conflict, _l

JOB = "notification"
# Codes and invitations (priority 0) wait for nobody.
AT_ONCE, GATHERED = -1, -2
STAMP = "%Y%m%d%H%M%S"


async def tell(
    session: Session,
    kind: str,
    *,
    event: str,
    people: Collection[int],
    network_id: int,
    act: bool = True,
    record: Record | None = None,
    ref: int | None = None,
    by: int | None = None,
    pause: timedelta | None = None,
) -> int:
    """Write to these people when `session` has committed, each in her own language and once about `event`; how many are told now.

    What a letter of the `kind` says is worked out in the moment it leaves, and only if its reader may still read `record`. Left
    out are those who have no address or want to hear nothing of the record. What is not to `act` on waits behind all other mail."""
    record_id = record.id if record else None
    mailing = Mailing(network_id=network_id, kind=kind, event=event, act=act, record_id=record_id, ref=ref, by_id=by, made_at=clock.now())
    mailing_id = await _mailing(session, mailing)
    told = (await session.scalars(_addressed(mailing, mailing_id, people))).all()
    payloads = [{"mailing": mailing_id, "person": each} for each in told]
    await jobs.enqueue_all(session, JOB, payloads, pause=pause, priority=AT_ONCE if act else GATHERED)
    known = KINDS.get(kind)
    if not told and not (known and known.stands):
        await session.execute(
            delete(Mailing).where(col(Mailing.id) == mailing_id, ~exists().where(col(Notification.mailing_id) == mailing_id))
        )
    return len(told)


async def untell(session: Session, kind: str, *, record_id: int, person_id: int) -> None:
    """What the person has been told of this kind about the record holds no longer: the next time she is told anew."""
    about = select(col(Mailing.id)).where(col(Mailing.kind) == kind, col(Mailing.record_id) == record_id)
    await session.execute(delete(Notification).where(col(Notification.person_id) == person_id, col(Notification.mailing_id).in_(about)))


async def _mailing(session: Session, mailing: Mailing) -> int:
    """The number of the event's mailing, an earlier one's if there is one."""
    row = insert(Mailing).values(mailing.model_dump(exclude={"id"}))
    known = row.on_conflict_do_update(index_elements=["network_id", "event"], set_={"event": mailing.event})
    return (await session.execute(known.returning(col(Mailing.id)))).scalar_one()


def _addressed(mailing: Mailing, mailing_id: int, people: Collection[int]) -> ReturningInsert[int]:
    """Puts in those among the people who can be told and are not yet; gives their numbers."""
    stamp = f".{mailing.made_at.astimezone(UTC):{STAMP}}"  # numbers come again in a database that was restored, and a Message-ID must not
    message_id = literal(f"{mailing_id}.") + cast(col(Person.id), Text) + literal(stamp)
    wanted = select(literal(mailing_id), col(Person.id), message_id).where(
        col(Person.id).in_(people), col(Person.email).is_not(None), col(Person.closed_at).is_(None)
    )
    if mailing.record_id is not None:
        wanted = wanted.where(hears(mailing.kind, col(Person.id), mailing.record_id))
    put = insert(Notification).from_select(["mailing_id", "person_id", "message_id"], wanted.order_by(col(Person.id)))
    return put.on_conflict_do_nothing().returning(col(Notification.person_id))


async def send_again(session: Session, letter: Undelivered, *, by: Membership) -> None:
    """Try anew to send a letter that the mail server has refused. Conflict for any other: it may have arrived."""
    await authorise(session, by, "network:administer")
    if not await mail.put_back(session, letter.message_id):
        raise Conflict(_l("Mejlet är redan på väg, eller så kan det ha kommit fram."))
    await jobs.enqueue(session, JOB, {"mailing": letter.mailing.id, "person": letter.person.id})
    activity.record(session, verb="letter.sent_again", by=by, name=letter.person.name)


async def silence(session: Session, *, person_id: int, record_id: int) -> None:
    """No more letters about the record. Whoever is gone, or it, wants none either."""
    there = select(col(Person.id), col(Record.id), literal(clock.now())).join(Record, col(Record.id) == record_id)
    there = there.where(col(Person.id) == person_id)
    await session.execute(insert(Silence).from_select(["person_id", "record_id", "at"], there).on_conflict_do_nothing())


async def unsilence(session: Session, *, person_id: int, record_id: int) -> None:
    """Letters about the record again."""
    await session.execute(delete(Silence).where(col(Silence.person_id) == person_id, col(Silence.record_id) == record_id))


async def stop_letter(session: Session, *, person_id: int, network_id: int) -> None:
    """No more weekly letters from the network. Whoever is gone, or it, sends or wants none either."""
    if await session.get(Person, person_id) is not None and await session.get(Network, network_id) is not None:
        await _choose(session, person_id=person_id, network_id=network_id, letter=False)


async def choose(session: Session, *, by: Membership, form: ChoiceForm) -> None:
    """From now on this is what `by` is mailed from the network."""
    chosen = {"comments": form.comments.value, "calendar": form.calendar.value, "letter": form.letter}
    await _choose(session, person_id=by.person_id, network_id=by.network_id, **chosen)


async def _choose(session: Session, *, person_id: int, network_id: int, **chosen: str | bool) -> None:
    row = insert(MailChoice).values(MailChoice(person_id=person_id, network_id=network_id).model_dump() | chosen)
    await session.execute(row.on_conflict_do_update(index_elements=["person_id", "network_id"], set_=chosen))


async def sweep(session: Session) -> None:
    """Forget, after as long as mail remembers, who was told what; but not of what others may still be told."""
    standing = [and_(col(Mailing.kind) == name, kind.stands()) for name, kind in KINDS.items() if kind.stands]
    await session.execute(delete(Mailing).where(col(Mailing.made_at) < clock.now() - REMEMBERED, ~or_(false(), *standing)))
