"""Two of everything in one network, one set shared with the guest and one not; and a browser for everyone who might knock."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.accounts import actions as accounts
from portal.accounts import limits
from portal.accounts.models import Person
from portal.accounts.queries import hash_of
from portal.app import Portal
from portal.calendar.models import Feed
from portal.comments.actions import edit
from portal.comments.conclusions import draw
from portal.comments.models import EditForm
from portal.consultations.actions import ask_units, triage
from portal.consultations.models import FeedbackWindow, Triage, TriageForm
from portal.db import Session
from portal.drafting.models import DraftText, Section
from portal.files import store
from portal.files.models import Attachment
from portal.meetings import answers
from portal.meetings.actions import hold
from portal.meetings.agenda import add
from portal.meetings.agenda_models import ProposalForm
from portal.meetings.documents import add as add_document
from portal.meetings.models import AgendaForm, AgendaItem
from portal.meetings.proposals import propose
from portal.meetings.queries import agenda
from portal.meetings.record_models import VisitorForm
from portal.meetings.room import welcome
from portal.meetings.series import meetings_of
from portal.moderation.actions import hide
from portal.moderation.models import Reason, ReasonForm, Ruling
from portal.networks import boards
from portal.networks.access import Role
from portal.networks.board_models import BoardForm, BoardMeetingForm
from portal.networks.groups import end as end_group
from portal.networks.groups import places
from portal.networks.invitations import invite
from portal.networks.models import InvitationForm, Membership, UnitForm
from portal.networks.units import add_unit
from portal.records.actions import share
from portal.records.models import Record
from portal.sources.calendars.models import ForeignCalendar
from portal.year.models import Reminder
from tests.browser import Browser
from tests.conftest import BASE_URL
from tests.corpus.forms import TOKEN
from tests.factories import Cast, make_cast, make_member
from tests.making import (
    make_action,
    make_call,
    make_circulated,
    make_comment,
    make_consultation,
    make_correction,
    make_finding,
    make_group,
    make_locked,
    make_meeting,
    make_planned,
    make_series,
    make_waiting,
)

MEMBERS = tuple(role.value for role in Role if role != Role.guest)
SIGNED_IN = (*MEMBERS, "guest", "outsider", "former")
ROLES = (*SIGNED_IN, "closed", "anonymous")
SHA256 = "0" * 64
CALLED = 2027
WORDS = ("Kvarnbäcksutredningen", "Svartåleden", "Granitbrottet", "Lommarängen", "Tofsvipan", "Järvstigen", "Ollonborren")


@dataclass
class Goods:
    """Rows to ask for by number, and the records they belong to."""

    records: list[Record] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)


@dataclass
class World:
    cast: Cast
    shared: Goods
    unshared: Goods
    browsers: dict[str, Browser]
    sessions: Session


async def make_goods(session: Session, cast: Cast, words: tuple[str, ...], *, shared: bool) -> Goods:
    """A finding, meetings in every state and a consultation that is answered, with comments; `words` stand in all of them."""
    coordinator, contact = cast.coordinator, cast.contact
    finding = await make_finding(session, contact, title=f"Om {words[0]}", happens=f"Det gäller {words[1]}.", means=f"Samt {words[2]}.")
    spare, quiet = [await make_finding(session, contact, title=f"{title} om {words[0]}") for title in ("Mer", "Tyst")]
    meeting = await make_meeting(session, coordinator, title=f"Träff om {words[0]}", place=words[1], purpose=words[2])
    groups = [
        await make_group(session, coordinator, f"{name} {words[n]} {shared}", contact, cast.reader, purpose=words[3])
        for n, name in enumerate(("Grupp", "Avslutas", "Avslutad"))
    ]
    await end_group(session, groups[2], by=coordinator)
    group = await make_meeting(session, coordinator, title=f"I gruppen {words[4]}", group=groups[0])
    led = await make_group(session, coordinator, f"Leds {words[4]} {shared}", lead=cast.head)
    theirs, also_theirs = [await make_meeting(session, coordinator, title=f"Leds {words[4]}", group=led) for _meeting in range(2)]
    series = [await make_series(session, coordinator, title=f"Serie {words[5]}") for _series in range(2)]
    of_series = [each for one in series for each in await meetings_of(session, coordinator, one)]
    more = [await make_meeting(session, coordinator, title=f"{name} {words[3]}") for name in ("Kallas", "Hålls", "Hållen", "Ställs in")]
    await hold(session, more[2], by=coordinator)
    gone = await add(session, meeting, by=coordinator, form=AgendaForm(title=f"Punkt om {words[4]}"))
    visitor = await welcome(session, more[2], by=coordinator, form=VisitorForm(name=f"Eva {words[2]}"))
    proposed = [await propose(session, by=contact, form=ProposalForm(title=f"Punkt {n} om {words[0]}", why=words[1])) for n in range(3)]
    reviewed, locked = [await make_circulated(session, cast, f"{name} {words[5]}") for name in ("Justeras", "Justerad")]
    actions = [
        await make_action(session, reviewed, by=coordinator, owner=contact, what=f"{what} {words[6]}") for what in ("Ringa om", "Glömma")
    ]
    reviewed_section, correction = await make_correction(session, reviewed, by=contact, body=f"Det gällde {words[4]}.")
    await make_locked(session, locked, (contact, coordinator))
    consultation = await make_consultation(session, coordinator, title=f"Samråd om {words[0]}", summary_sv=words[5])
    await triage(session, consultation, by=coordinator, form=TriageForm(triage=Triage.answering, reason=words[6]))
    await ask_units(session, consultation, by=coordinator, unit_ids=[cast.school.id])
    call = await make_call(session, contact, f"Utlysning om {words[0]}", programme=words[3], gives=words[5])
    comment = await make_comment(session, finding, contact, f"Vi minns {words[3]}.")
    await edit(session, comment, finding, by=contact, form=EditForm(body=f"Vi minns nog {words[4]}.", version=1))
    to_redact = await make_comment(session, finding, contact, f"Ring om {words[5]}.")
    to_hide = await make_comment(session, finding, contact, f"Sagt mer om {words[6]}.")
    blamed = await make_comment(session, spare, contact, f"Sagt om {words[6]}.")
    await hide(session, blamed, spare, by=coordinator, form=ReasonForm(reason=Reason.insult))
    waits = await make_waiting(session, finding, by=cast.guest, body=f"En gäst om {words[2]}.")
    ruling = (await session.scalars(select(Ruling).where(col(Ruling.comment_id) == blamed.id))).one()
    answer = await make_comment(session, consultation.record, contact, f"Slutsats om {words[5]}.")
    await draw(session, answer, consultation.record, by=coordinator)
    feeds = [
        Feed(membership_id=contact.id, name=name, token_hash=uuid4().bytes * 2, created_at=clock.now()) for name in ("ett", "två", "tre")
    ]
    session.add_all(feeds)
    await session.flush()
    picture, waiting = [make_picture(finding, contact) for _file in range(2)]
    picture.comment_id, picture.posted_at = comment.id, clock.now()
    paper = make_picture(more[2].record, contact)
    session.add_all((picture, waiting, paper))
    await session.flush()
    planned, unplanned = [await make_planned(session, coordinator, day) for day in (date(2031, 4, 2), date(2031, 4, 3 + shared))]
    await make_planned(session, coordinator, date(2033, 4, 2))
    reminder = Reminder(network_id=coordinator.network_id, day=date(2031, 5, 9), title=f"Minns {words[4]}" if shared else "Europadagen")
    session.add(reminder)
    calendars = [
        ForeignCalendar(
            network_id=coordinator.network_id, name=f"Kalender om {words[2]}", url=f"https://{uuid4()}.invalid/", added_at=clock.now()
        )
        for _calendar in range(4)
    ]
    calendars[1].ended_at = calendars[3].ended_at = clock.now()
    session.add_all(calendars)
    document = await add_document(session, more[2], paper, by=contact)
    text = (await session.scalars(select(DraftText).where(col(DraftText.record_id) == consultation.record_id))).one()
    sections = (await session.scalars(select(Section).where(col(Section.text_id) == text.id).order_by(col(Section.id)))).all()
    item = (
        await session.scalars(select(AgendaItem).where(col(AgendaItem.meeting_id) == meeting.record_id).order_by(col(AgendaItem.id)))
    ).first()
    assert item is not None
    goods = Goods(
        [
            finding,
            spare,
            quiet,
            meeting.record,
            consultation.record,
            call.record,
            *(each.record for each in (*more, group, theirs, also_theirs, *of_series, reviewed, locked)),
        ]
    )
    goods.numbers = {
        "finding": finding.id,
        "spare": spare.id,
        "quiet": quiet.id,
        "meeting": meeting.record_id,
        "to_summon": more[0].record_id,
        "to_hold": more[1].record_id,
        "held": more[2].record_id,
        "to_cancel": more[3].record_id,
        **dict(zip(("proposal", "unwanted", "regretted"), [each.id for each in proposed], strict=True)),
        "visitor": visitor.id,
        "document": document.id,
        "reviewed": reviewed.record_id,
        "reviewed_section": reviewed_section.id,
        "reviewed_item": (await agenda(session, reviewed))[0].id,
        "correction": correction.id,
        "locked": locked.record_id,
        "action": actions[0].id,
        "mistaken": actions[1].id,
        "item": item.id,
        "gone": gone.id,
        "consultation": consultation.record_id,
        "window": await session.scalar(
            select(col(FeedbackWindow.id)).where(col(FeedbackWindow.initiative_id) == consultation.initiative_id)
        ),
        "call": call.record_id,
        "text": text.id,
        "section": sections[0].id,
        "next_section": sections[1].id,
        "version": 1,
        "comment": comment.id,
        "to_redact": to_redact.id,
        "to_hide": to_hide.id,
        "waits": waits.id,
        "ruling": ruling.id,
        "picture": picture.id,
        "called": CALLED,
        "waiting": waiting.id,
        "planned": planned.id,
        "unplanned": unplanned.id,
        "reminder": reminder.id,
        "other_calendar": calendars[0].id,
        "old_calendar": calendars[1].id,
        "to_stop": calendars[2].id,
        "to_forget": calendars[3].id,
        "feed": feeds[0].id,
        "old_feed": feeds[1].id,
        "to_renew": feeds[2].id,
        "series": series[0].id,
        "in_spare_series": of_series[-1].record_id,
        "in_series": of_series[0].record_id,
        "group": groups[0].id,
        "to_end": groups[1].id,
        "ended": groups[2].id,
        "place": (await places(session, [groups[0].id]))[groups[0].id][0].id,
        "group_meeting": group.record_id,
        "led_group": led.id,
        "led": theirs.record_id,
        "also_led": also_theirs.record_id,
        "led_item": (await agenda(session, theirs))[0].id,
        "head": cast.head.id,
        "guest": cast.guest.id,
        "contact": cast.contact.id,
        "contact_person": cast.contact.person_id,
        "school": cast.school.id,
        "network": cast.network.id,
    }
    if shared:
        for record in goods.records:
            await share(session, record, by=coordinator, guest=cast.guest)
    await session.commit()
    return goods


def make_picture(record: Record, by: Membership) -> Attachment:
    given = {"network_id": record.network_id, "record_id": record.id, "uploader_id": by.id, "created_at": clock.now()}
    return Attachment(name=str(CALLED), kind="png", size=4, sha256=SHA256, width=2, height=2, alt="Karta", **given)


@contextmanager
def unhindered() -> Iterator[None]:
    """A module sends more than a thousand forms from one sign-in, which nobody does."""
    with pytest.MonkeyPatch.context() as patch:
        for most in ("MOST_WRITES", "MOST_DEAR_READS"):
            patch.setattr(limits, most, 10**6)
        yield


@asynccontextmanager
async def opened(portal: Portal, session: Session) -> AsyncIterator[World]:
    """The world, with everyone's browser open."""
    cast = await make_cast(session)
    cast.network.guests_comment = True
    store_pictures(portal)
    yesterday = clock.today() - timedelta(days=1)
    former = await make_member(session, cast.network, "Fanny Förr", Role.contact, unit=cast.school, ends_on=yesterday)
    closed = await make_member(session, cast.network, "Stina Stängd", Role.contact, unit=cast.school)
    people = cast.everyone | {"former": former, "closed": closed}
    async with AsyncExitStack() as stack:
        browsers = {name: await enter(stack, portal, session, people.get(name)) for name in ROLES}
        person = await session.get(Person, closed.person_id)
        assert person is not None
        person.closed_at = clock.now()
        await session.commit()
        shared = await make_goods(session, cast, ("Solkatten",) * 7, shared=True)
        unshared = await make_goods(session, cast, WORDS, shared=False)
        await furnish(session, cast, shared.numbers)
        shared.numbers["answers"] = answers.path(
            portal.litestar.state.frame.sign, cast.contact.person_id, shared.numbers["meeting"]
        ).rpartition("/")[2]
        yield World(cast, shared, unshared, browsers, session)


async def furnish(session: Session, cast: Cast, numbers: dict[str, int]) -> None:
    """What the administration room works with, and an invitation that waits under a known address."""
    board = await boards.add_board(session, by=cast.coordinator, form=BoardForm(name="Bildningsnämnden"))
    day = clock.today() + timedelta(days=30)
    await boards.enter_dates(session, board, by=cast.coordinator, meetings=[BoardMeetingForm(meets_on=day, cutoff_on=day)])
    form = InvitationForm(name="Nora Nyss", email="nora@example.se", role=Role.contact, unit_id=cast.school.id)
    invitation = await invite(session, by=cast.coordinator, form=form, address=BASE_URL)
    invitation.token_hash = hash_of(TOKEN)
    unit = await add_unit(session, by=cast.coordinator, form=UnitForm(name="Tomma huset"))
    date = (await boards.meetings_of(session, board))[0]
    numbers |= {"theme": cast.themes[0].id, "board": board.id, "date": date.id, "invitation": invitation.id, "empty_unit": unit.id}
    numbers |= {"deputy": cast.deputy.id}
    await session.commit()


def store_pictures(portal: Portal) -> None:
    for place in (store.place, store.small_place):
        path = place(portal.litestar.state.settings.file_folder, SHA256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"bild")


async def enter(stack: AsyncExitStack, portal: Portal, session: Session, member: Membership | None) -> Browser:
    """A browser with the member signed in, or with nobody."""
    client = await stack.enter_async_context(httpx.AsyncClient(transport=httpx.ASGITransport(portal.asgi), base_url=BASE_URL))
    if member is not None:
        visitor = accounts.Visitor(browser="test", address="127.0.0.1", agent="test")
        _device, token = await accounts.start(session, person=member.person, trusted=True, visitor=visitor)
        await session.commit()
        client.cookies.set("sid", token)
    return Browser(client, portal)
