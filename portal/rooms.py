"""The list of rooms: their routers, their places in the menu, and what live and jobs ask of them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from litestar import Router
from sqlalchemy import select
from sqlmodel import col

from portal import clock, jobs, mail
from portal.accounts import queries as accounts
from portal.accounts.actions import RENAMED
from portal.accounts.address import MOVED
from portal.accounts.models import Person, SignedIn
from portal.accounts.routes import router as accounts_router
from portal.calendar import day_notices
from portal.calendar import notices as calendar_notices
from portal.calendar.administration import router as feeds_router
from portal.calendar.queries import subscribers
from portal.calendar.routes import router as calendar_router
from portal.calendar.serving import router as calendar_public
from portal.comments import frames, markup, telling
from portal.comments.actions import forget_all_drafts
from portal.comments.posting import TELL
from portal.comments.queries import may_read_words_of, readable_streams, writable_streams
from portal.comments.routes import router as comments_router
from portal.comments.thread_routes import router as thread_router
from portal.config import Settings
from portal.consultations.by_hand_routes import router as by_hand_router
from portal.consultations.routes import router as consultations_router
from portal.db import Session, Sessions, readings_of
from portal.drafting import frames as text_frames
from portal.drafting import writers
from portal.drafting.actions import forget_unsaved
from portal.drafting.actions import hand_over as hand_over_texts
from portal.drafting.conclusions import taken_into
from portal.drafting.desk import Desk
from portal.drafting.routes import router as drafting_router
from portal.files import words as file_words
from portal.files.queries import WORDS_OF
from portal.files.routes import router as files_router
from portal.findings.actions import forget_drafts
from portal.findings.actions import hand_over as hand_over_findings
from portal.findings.routes import router as findings_router
from portal.funding.routes import router as funding_router
from portal.home import weekly
from portal.home.routes import router as home_router
from portal.live import Doors, Happened, Hub, Viewer
from portal.mail import mailbox
from portal.meetings import letters as meeting_letters
from portal.meetings import minutes_letters, reminders, replies
from portal.meetings.action_items import hand_over as hand_over_actions
from portal.meetings.action_routes import router as actions_router
from portal.meetings.agenda import hand_over as hand_over_agenda
from portal.meetings.agenda_routes import router as agenda_router
from portal.meetings.answer_routes import public as answers_router
from portal.meetings.changes import HEARERS
from portal.meetings.document_routes import router as documents_router
from portal.meetings.group_routes import router as groups_router
from portal.meetings.invitations import FEED_READERS
from portal.meetings.minutes import hand_over as hand_over_adjusting
from portal.meetings.paper_routes import router as papers_router
from portal.meetings.proposal_routes import router as proposals_router
from portal.meetings.proposals import hand_over as hand_over_proposals
from portal.meetings.record_routes import router as meeting_record_router
from portal.meetings.room_routes import router as room_router
from portal.meetings.routes import router as meetings_router
from portal.meetings.series import FORESIGHT
from portal.meetings.series_routes import router as series_router
from portal.meetings.summons import take_out
from portal.moderation import letters as moderation_letters
from portal.moderation.queries import TAKEN_INTO, waiting_count
from portal.moderation.routes import router as moderation_router
from portal.networks import endings
from portal.networks.access import Role, grants
from portal.networks.closing import FORGOTTEN
from portal.networks.groups import hand_over as hand_over_groups
from portal.networks.handover import HANDOVERS, LEAVING
from portal.networks.log import TITLES
from portal.networks.members import note_move, note_rename
from portal.networks.models import Membership
from portal.networks.queries import COUNTS, memberships_of, names_beside
from portal.networks.routes import ROUTERS as NETWORK_ROUTERS
from portal.notifications import KINDS, bounces
from portal.notifications import delivery as post_room
from portal.notifications.routes import administration as mailings_router
from portal.notifications.routes import public as mail_router
from portal.public.routes import router as public_router
from portal.records import deadlines
from portal.records.queries import titles
from portal.records.routes import router as records_router
from portal.search.routes import router as search_router
from portal.sharing import Readings
from portal.sources.calendars import refreshing
from portal.sources.calendars.routes import router as calendars_router
from portal.styleguide.routes import router as styleguide_router
from portal.web import Frame, Place, _, current_locale
from portal.year.days import is_holiday
from portal.year.plan_routes import router as plan_router
from portal.year.planner import foresee
from portal.year.routes import router as year_router

ROUTERS: list[Router] = [
    accounts_router,
    public_router,
    *NETWORK_ROUTERS,
    records_router,
    files_router,
    comments_router,
    moderation_router,
    thread_router,
    drafting_router,
    findings_router,
    meetings_router,
    agenda_router,
    groups_router,
    series_router,
    answers_router,
    year_router,
    plan_router,
    meeting_record_router,
    actions_router,
    papers_router,
    proposals_router,
    calendars_router,
    room_router,
    documents_router,
    consultations_router,
    by_hand_router,
    funding_router,
    calendar_router,
    feeds_router,
    calendar_public,
    mailings_router,
    mail_router,
    search_router,
    home_router,
    styleguide_router,
]
TITLES.append(titles)
FORESIGHT.append(foresee)
reminders.FREE.append(is_holiday)
COUNTS["moderation"] = waiting_count
HANDOVERS.extend(
    (hand_over_texts, hand_over_findings, hand_over_agenda, hand_over_actions, hand_over_adjusting, hand_over_groups, hand_over_proposals)
)
LEAVING.append(take_out)
FORGOTTEN.extend((forget_all_drafts, forget_unsaved, forget_drafts))
WORDS_OF.append(may_read_words_of)
TAKEN_INTO.append(taken_into)
accounts.NAMES_BESIDE.append(names_beside)
RENAMED.append(note_rename)
MOVED.append(note_move)
HEARERS.append(calendar_notices.tell_late)
deadlines.HEARERS.append(day_notices.tell_late)
FEED_READERS.append(subscribers)
mail.RECEIVERS.update({replies.KIND: replies.receive, bounces.KIND: bounces.receive})
KINDS.update(
    meeting_letters.LETTERS
    | minutes_letters.LETTERS
    | calendar_notices.LETTERS
    | day_notices.LETTERS
    | telling.LETTERS
    | moderation_letters.LETTERS
    | weekly.LETTERS
)


def places(membership: Membership, path: str, counts: Mapping[str, int]) -> tuple[Place, ...]:
    """The menu: a place is in it when its room exists and this member may enter it."""
    base = f"/{membership.network.slug}"
    here = next((key for key, _label, tail, *_ in _rooms(membership.role, current_locale()) if _is_here(path, base, tail)), "")
    return _places(membership.role, current_locale(), base, here, tuple(counts.items()))


@lru_cache(maxsize=1_024)
def _places(role: str, locale: str, base: str, here: str, counts: tuple[tuple[str, int], ...]) -> tuple[Place, ...]:
    count = dict(counts)
    return tuple(
        Place(key, label, base + tail, icon, group, count.get(key, 0), key == here)
        for key, label, tail, icon, group in _rooms(role, locale)
    )


@lru_cache
def _rooms(role: str, locale: str) -> Sequence[tuple[str, str, str, str, str]]:
    """Key, name, address, icon and group of the rooms that this role enters, in the language that is spoken now, `locale`."""
    is_member = role != Role.guest
    wanted = [
        ("home", _("Hem"), "", "house", "main", True),
        ("meetings", _("Träffar"), "/meetings", "calendar-days", "main", True),
        ("findings", _("Spaningar"), "/findings", "radar", "main", True),
        ("consultations", _("Samråd"), "/consultations", "messages-square", "main", True),
        ("calls", _("Utlysningar"), "/calls", "hand-coins", "main", True),
        ("calendar", _("Kalender"), "/calendar", "calendar-sync", "more", is_member),
        ("members", _("Medlemmar"), "/members", "users", "more", is_member),
        ("moderation", _("Moderering"), "/moderation", "shield", "more", grants(role, "comment:hide")),
        ("administer", _("Administrera"), "/administer", "settings-2", "more", grants(role, "network:administer")),
    ]
    return [room for *room, allowed in wanted if allowed]  # type: ignore[misc]


# Pages that have an address of their own, and the place they belong to.
WITHIN = {"/actions": "/meetings"}


def _is_here(path: str, base: str, tail: str) -> bool:
    inside = path.removeprefix(base)
    first = "/" + inside.strip("/").partition("/")[0] if inside else ""
    return WITHIN.get(first, first) == tail


def doors(frame: Frame, readings: Readings) -> Doors:
    """What live asks: who is it, what may she read, does she still belong here, what does an event look like."""

    async def authenticate(session: Session, cookies: Mapping[str, str]) -> Viewer | None:
        device = await accounts.device(session, cookies.get(frame.cookie("sid"), ""))
        return Viewer(device.person_id, device.id, current_locale(), device.person.name) if device else None

    def forget() -> None:
        markup.forget()
        readings.forget()

    return Doors(authenticate, _may_read, _networks, _alive, _render, _may_write, _may_name, forget)


async def _may_read(session: Session, viewer: Viewer, streams: Sequence[int]) -> set[int]:
    return await _readable(session, await memberships_of(session, viewer.person_id), streams)


async def _readable(session: Session, memberships: Sequence[Membership], streams: Sequence[int]) -> set[int]:
    threads = await readable_streams(session, memberships, streams)
    others = [each for each in streams if each not in threads]
    return threads | (await writers.readable_streams(session, memberships, others) if others else set())


async def _may_name(session: Session, viewer: Viewer, streams: Sequence[int]) -> set[int]:
    """Who belongs to a network is for its members: guests of it are told how many are there."""
    memberships = await memberships_of(session, viewer.person_id)
    members = [each for each in memberships if each.can("directory:read")]
    return set(streams) if len(members) == len(memberships) else await _readable(session, members, streams)


async def _may_write(session: Session, viewer: Viewer, streams: Sequence[int]) -> set[int]:
    memberships = await memberships_of(session, viewer.person_id)
    texts = await writers.writable_streams(session, memberships, streams)
    others = [each for each in streams if each not in texts]
    return texts | (await writable_streams(session, memberships, others) if others else set())


async def _render(session: Session, stream_id: int, events: Sequence[Happened], locale: str) -> Sequence[dict[str, Any] | None]:
    """A stream is either a text's or a thread's."""
    if events[0].kind.startswith("text."):
        return text_frames.render(events)
    return await frames.render(session, stream_id, events, locale)


async def _networks(session: Session, viewer: Viewer) -> set[int]:
    return {membership.network_id for membership in await memberships_of(session, viewer.person_id)}


async def _alive(session: Session, devices: Sequence[int]) -> set[int]:
    wanted = select(col(SignedIn.id)).join(Person, col(Person.id) == col(SignedIn.person_id))
    wanted = wanted.where(col(SignedIn.id).in_(devices), col(SignedIn.ended_at).is_(None), col(SignedIn.expires_at) > clock.now())
    return set(await session.scalars(wanted.where(col(Person.closed_at).is_(None))))


def hub(database_url: str, sessions: Sessions, frame: Frame) -> Hub:
    return Hub(database_url, sessions, doors(frame, readings_of(sessions)), Desk(sessions))


def handlers(settings: Settings, sessions: Sessions, frame: Frame) -> dict[str, jobs.Handler]:
    """Who does which job. Raises Misconfigured for a mail server or a mailbox that cannot be used."""
    if settings.imap_url:
        mailbox.checked(settings)
    room = post_room.PostRoom(settings, sessions, frame.sign)
    ours = {TELL: partial(telling.tell_of, sessions), weekly.JOB: partial(weekly.post, sessions)}
    ours[endings.JOB] = partial(endings.end, sessions)
    ours[reminders.JOB] = partial(reminders.post, sessions)
    ours[file_words.JOB] = partial(file_words.read, sessions, settings.file_folder)
    ours[mailbox.JOB] = partial(mailbox.read, settings, sessions, frame.sign)
    ours[refreshing.JOB] = partial(refreshing.refresh, sessions, settings.networks_inside)
    return mail.handlers(settings, sessions) | post_room.handlers(room) | ours


def worker(database_url: str, settings: Settings, sessions: Sessions, frame: Frame) -> jobs.Worker:
    return jobs.Worker(database_url, handlers(settings, sessions, frame), one_by_one={file_words.JOB})
