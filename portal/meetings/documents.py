"""Documents of a meeting and of its items, with all their versions."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.db import Session
from portal.files.models import Attachment
from portal.live import signal
from portal.meetings import rights
from portal.meetings.agenda_models import DocumentVersion, MeetingDocument
from portal.meetings.models import AgendaItem, Meeting, State
from portal.networks.models import Membership
from portal.networks.queries import authorise
from portal.records import actions as records
from portal.web import Conflict, Forbidden, NotFound, _l

MOST = 60
LOCKED = _l("Anteckningarna är färdigställda, och bilagorna med dem.")
REMOVED = _l("Dokumentet har tagits bort. Lägg till filen som ett nytt dokument.")
NO_ITEM = _l("Punkten finns inte längre på dagordningen. Välj en annan, och sedan filen igen.")
VERSIONS = (
    selectinload(MeetingDocument.versions)  # type: ignore[arg-type]
    .joinedload(DocumentVersion.attachment)  # type: ignore[arg-type]
    .joinedload(Attachment.uploader)  # type: ignore[arg-type]
    .joinedload(Membership.person)  # type: ignore[arg-type]
)


async def of_meeting(session: Session, meeting: Meeting) -> Sequence[MeetingDocument]:
    """Those that were not taken away, in the order in which they came, each with its versions, the newest first."""
    wanted = select(MeetingDocument).options(VERSIONS).where(col(MeetingDocument.meeting_id) == meeting.record_id)
    return (await session.scalars(wanted.where(col(MeetingDocument.removed_at).is_(None)).order_by(col(MeetingDocument.id)))).all()


async def one(session: Session, meeting: Meeting, number: int) -> MeetingDocument:
    found = await session.get(MeetingDocument, number, options=[VERSIONS])
    if found is None or found.meeting_id != meeting.record_id:
        raise NotFound
    return found


async def require_open(session: Session, meeting: Meeting, *, by: Membership) -> None:
    """Forbidden or Conflict before any byte is read."""
    await authorise(session, by, "file:attach")
    if meeting.state in (State.finalised, State.cancelled):
        raise Conflict(LOCKED)


async def add(session: Session, meeting: Meeting, file: Attachment, *, by: Membership, item: AgendaItem | None = None) -> MeetingDocument:
    """The uploaded file is a document of the meeting, or of its item."""
    await _begin(session, meeting, by=by)
    if item is not None and await session.get(AgendaItem, item.id, populate_existing=True) is None:
        raise Conflict(NO_ITEM)
    present = (col(MeetingDocument.meeting_id) == meeting.record_id) & col(MeetingDocument.removed_at).is_(None)
    if (await session.scalar(select(func.count()).select_from(MeetingDocument).where(present)) or 0) >= MOST:
        raise Conflict(_l("Träffen har redan 60 dokument."))
    document = MeetingDocument(meeting_id=meeting.record_id, item_id=item.id if item else None)
    session.add(document)
    await session.flush()
    await _post(session, meeting, document, file, number=1, by=by)
    return document


async def renew(session: Session, meeting: Meeting, document: MeetingDocument, file: Attachment, *, by: Membership) -> None:
    """The uploaded file is the document's newest version; the earlier ones stay."""
    await _begin(session, meeting, by=by)
    await session.refresh(document, ["removed_at"])
    if document.removed_at is not None:
        raise Conflict(REMOVED)
    latest = select(func.max(DocumentVersion.number)).where(col(DocumentVersion.document_id) == document.id)
    await _post(session, meeting, document, file, number=(await session.scalar(latest) or 0) + 1, by=by)


async def remove(session: Session, meeting: Meeting, document: MeetingDocument, *, by: Membership) -> None:
    """List it no more. For who has uploaded its first version, and who plans the meeting."""
    is_planner = await rights.holds(session, by, "meeting:plan", meeting)
    await records.lock(session, meeting.record, meeting)
    if not (is_planner or document.first.attachment.uploader_id == by.id):
        raise Forbidden
    if meeting.state == State.finalised:
        raise Conflict(LOCKED)
    if document.removed_at is None:
        document.removed_at, document.removed_by_id = clock.now(), by.person_id
        activity.record(session, verb="document.removed", by=by, record=meeting.record, document=document.id)
        await signal(session, by.network_id, "meetings")


async def _begin(session: Session, meeting: Meeting, *, by: Membership) -> None:
    await authorise(session, by, "file:attach")
    await records.lock(session, meeting.record, meeting)
    if meeting.state in (State.finalised, State.cancelled):
        raise Conflict(LOCKED)


async def _post(session: Session, meeting: Meeting, document: MeetingDocument, file: Attachment, *, number: int, by: Membership) -> None:
    file.posted_at = clock.now()
    session.add(DocumentVersion(document_id=document.id, number=number, attachment_id=file.id))
    await session.flush()
    activity.record(session, verb="document.added", by=by, record=meeting.record, document=document.id, version=number)
    await signal(session, by.network_id, "meetings")
