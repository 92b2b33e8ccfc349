"""Writes that every record has in common: entering the register, changing, indexing, sharing."""

from sqlalchemy import delete, inspect, select, text
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.db import Session, Table
from portal.live import access_changed, signal
from portal.networks.models import Membership, Theme
from portal.networks.queries import authorise
from portal.networks.wrong import Wrong
from portal.records.models import Audience, Handling, Record, RecordLink, RecordTheme, Share
from portal.terms import cut, eased, folded
from portal.web import NotFound, _l


async def register(session: Session, *, by: Membership, kind: str, title: str, folder: str, audience: str = Audience.network) -> Record:
    """Enter a new record. Its page becomes /{network}/{folder}/{id}."""
    moment = clock.now()
    record = Record(
        network_id=by.network_id,
        kind=kind,
        title=title,
        path="",
        audience=audience,
        owner_unit_id=by.unit_id,
        created_by_id=by.person_id,
        created_at=moment,
        updated_by_id=by.person_id,
        updated_at=moment,
    )
    session.add(record)
    await session.flush()
    record.path = f"/{folder}/{record.id}"
    await session.flush()
    return record


async def lock(session: Session, record: Record, row: Table | None = None, *, share: bool = False) -> None:
    """How a change of a record begins: others who change it wait until the commit, and it is read as it is now.

    `row` is what a room keeps of the record, read anew as well. With `share` only changes wait, not others who share.
    """
    columns = ["title", "title_en", "audience", "handling", "owner_unit_id", "created_by_id", "updated_at", "version"]
    await session.refresh(record, columns, with_for_update={"read": True} if share else {"key_share": True})
    if row is not None:
        await session.refresh(row, list(inspect(type(row)).column_attrs.keys()))


def touch(record: Record, *, by: Membership, title: str | None = None) -> None:
    """Note that the record has changed; its version rises."""
    if title is not None:
        record.title = title
    record.version += 1
    record.updated_by_id = by.person_id
    record.updated_at = clock.now()


# What people call a record, in Swedish and English: whoever types that finds it, after those that have the word in their title.
CALLED = {"finding": "spaning finding", "meeting": "träff möte meeting", "consultation": "samråd consultation", "call": "utlysning call"}
_INDEX = """
    UPDATE record SET search = setweight(to_tsvector('swedish', :folded_title) || to_tsvector('english', portal_clean(:title)), 'A')
        || setweight(to_tsvector('swedish', :folded) || to_tsvector('english', portal_clean(:body)), 'B')
        || setweight(portal_terms(:called), 'D')
    WHERE id = :id
"""


async def index(session: Session, record: Record, *, body: str) -> None:
    """Make title and description findable (Swedish and English, see search/swedish.py), and the record by what it is; what hangs on it is
    in passages.py."""
    body = eased(cut(body))
    given = {"id": record.id, "title": record.title, "body": body, "called": CALLED.get(record.kind, "")}
    given |= {"folded_title": await folded(session, record.title), "folded": await folded(session, body)}
    await session.flush()
    await session.execute(text(_INDEX), given)


async def check_themes(session: Session, by: Membership, theme_ids: list[int]) -> None:
    """Wrong if one of the themes is none of the network's."""
    ours = set(await session.scalars(select(col(Theme.id)).where(col(Theme.network_id) == by.network_id)))
    if not ours.issuperset(theme_ids):
        raise Wrong("themes", _l("Välj bland nätverkets teman."))


async def set_themes(session: Session, record: Record, theme_ids: list[int]) -> None:
    """Sort the record under these themes of its own network; others are left aside."""
    await session.execute(delete(RecordTheme).where(col(RecordTheme.record_id) == record.id))
    found = await session.scalars(select(col(Theme.id)).where(col(Theme.id).in_(theme_ids), col(Theme.network_id) == record.network_id))
    session.add_all(RecordTheme(record_id=record.id, theme_id=theme_id) for theme_id in found)
    await session.flush()


async def link(session: Session, *, origin: Record, target: Record, kind: str = "origin") -> None:
    """Keep the trail from `origin` to `target`."""
    session.add(RecordLink(from_id=origin.id, to_id=target.id, kind=kind, created_at=clock.now()))


async def share(session: Session, record: Record, *, by: Membership, guest: Membership) -> None:
    """Show the record to a guest of the same network."""
    await authorise(session, by, "record:share")
    await lock(session, record)
    if guest.network_id != record.network_id or not guest.is_guest:
        raise NotFound
    known = await session.scalar(select(col(Share.id)).where(col(Share.record_id) == record.id, col(Share.membership_id) == guest.id))
    if known is None:
        session.add(Share(record_id=record.id, membership_id=guest.id, shared_by_id=by.person_id, created_at=clock.now()))
        activity.record(session, verb="record.shared", by=by, record=record, guest=guest.id)


async def unshare(session: Session, record: Record, *, by: Membership, guest: Membership) -> None:
    """Stop showing the record to a guest; his open pages lose it at once."""
    await authorise(session, by, "record:share")
    await session.execute(delete(Share).where(col(Share.record_id) == record.id, col(Share.membership_id) == guest.id))
    activity.record(session, verb="record.unshared", by=by, record=record, guest=guest.id)
    await access_changed(session, guest.person_id)


async def finalise(session: Session, record: Record, *, by: Membership) -> None:
    """From working material to a finished document."""
    record.handling = Handling.finalised
    touch(record, by=by)
    activity.record(session, verb="record.finalised", by=by, record=record)
    await signal(session, record.network_id, f"record:{record.id}")
