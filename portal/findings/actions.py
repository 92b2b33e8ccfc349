"""Every write of findings: keep a draft, publish, edit, decide a fate."""

from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.comments.actions import open_thread
from portal.db import Session, lock_name
from portal.findings.models import DraftForm, FateForm, Finding, FindingForm
from portal.findings.queries import drafts_of, own_draft
from portal.live import signal
from portal.networks.models import Membership
from portal.networks.queries import authorise, hold
from portal.records import actions as records
from portal.records.models import Audience, Record
from portal.web import Forbidden, check_version
from portal.web.errors import Changed


async def keep_draft(session: Session, *, by: Membership, form: DraftForm) -> Finding:
    """Keep what is being written; the same draft until it is published."""
    finding = await _draft(session, by=by, title=form.title)
    finding.take(source_url=form.source_url, happens=form.happens, means=form.means)
    records.touch(finding.record, by=by, title=form.title)
    await records.set_themes(session, finding.record, form.themes)
    await _index(session, finding)
    return finding


async def publish(session: Session, *, by: Membership, form: FindingForm) -> Finding:
    """Show the finding to the network, with a thread of its own."""
    await records.check_themes(session, by, form.themes)
    finding = await _draft(session, by=by, title=form.title)
    finding.take(source_url=form.source_url, happens=form.happens, means=form.means)
    finding.published_at = clock.now()
    finding.record.audience = Audience.network
    finding.record.created_at = clock.now()
    records.touch(finding.record, by=by, title=form.title)
    await records.set_themes(session, finding.record, form.themes)
    await open_thread(session, finding.record)
    await _index(session, finding)
    activity.record(session, verb="finding.published", by=by, record=finding.record)
    await signal(session, by.network_id, "findings")
    return finding


async def edit(session: Session, finding: Finding, *, by: Membership, form: FindingForm, version: str = "") -> None:
    """New words by the author or the coordinator. Changed if they are no longer those of `version`."""
    await hold(session, by)
    await records.lock(session, finding.record, finding)
    if not may_edit(finding, by):
        raise Forbidden
    await session.refresh(finding.record, ["themes"])
    check_version(version, finding.values())
    await records.check_themes(session, by, form.themes)
    finding.take(source_url=form.source_url, happens=form.happens, means=form.means)
    records.touch(finding.record, by=by, title=form.title)
    await records.set_themes(session, finding.record, form.themes)
    await _index(session, finding)
    activity.record(session, verb="finding.edited", by=by, record=finding.record)
    await signal(session, by.network_id, "findings")


async def decide(session: Session, finding: Finding, *, by: Membership, form: FateForm, version: str = "") -> None:
    """What becomes of the finding, with a reason in the log. Changed if something else was decided since `version`."""
    await authorise(session, by, "finding:triage")
    await records.lock(session, finding.record, finding)
    if version and version != finding.version:
        raise Changed({"reason": finding.fate_reason})
    finding.fate, finding.fate_reason = form.fate, form.reason
    records.touch(finding.record, by=by)
    activity.record(session, verb="finding.triaged", by=by, record=finding.record, fate=form.fate)
    await signal(session, by.network_id, "findings")


async def discard(session: Session, *, by: Membership) -> None:
    """Throw away one's own unpublished draft."""
    await hold(session, by)
    await lock_name(session, f"draft:{by.network_id}:{by.person_id}")
    finding = await own_draft(session, by)
    if finding is not None:
        await _throw_away(session, finding)


async def forget_drafts(session: Session, person_id: int) -> None:
    """Whatever the person has begun and not published, in any network."""
    for finding in await drafts_of(session, person_id):
        await _throw_away(session, finding)


async def _throw_away(session: Session, finding: Finding) -> None:
    record = finding.record
    await session.delete(finding)
    await session.flush()
    await session.delete(record)


async def hand_over(session: Session, leaving: Membership, successor: Membership, by: Membership) -> int:
    """What `leaving` had begun to write for her unit is the successor's to publish or throw away; how many drafts."""
    drafts = await session.scalars(
        select(Record)
        .join(Finding, col(Finding.record_id) == col(Record.id))
        .where(col(Record.network_id) == leaving.network_id, col(Record.created_by_id) == leaving.person_id)
        .where(col(Record.owner_unit_id).is_not_distinct_from(leaving.unit_id), col(Finding.published_at).is_(None))
    )
    found = drafts.all()
    for record in found:
        record.created_by_id, record.owner_unit_id = successor.person_id, successor.unit_id
    return len(found)


def may_edit(finding: Finding, by: Membership) -> bool:
    """The author's, and the coordinator's. A draft has no edits: it goes on in the form of a new finding."""
    if finding.is_draft:
        return False
    return by.can("finding:edit") or (by.can("finding:create") and finding.record.created_by_id == by.person_id)


async def _draft(session: Session, *, by: Membership, title: str) -> Finding:
    await authorise(session, by, "finding:create")
    await lock_name(session, f"draft:{by.network_id}:{by.person_id}")
    finding = await own_draft(session, by)
    if finding is None:
        record = await records.register(session, by=by, kind="finding", title=title, folder="findings", audience=Audience.author)
        finding = Finding(record_id=record.id)
        finding.record = record
        session.add(finding)
        await session.flush()
    return finding


async def _index(session: Session, finding: Finding) -> None:
    await records.index(session, finding.record, body=f"{finding.happens}\n{finding.means}")
