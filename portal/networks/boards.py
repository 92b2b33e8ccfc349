"""Boards and the dates that rule their year: when they meet, and the last day to hand in papers (stopptid)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import col

from portal.activity import actions as activity
from portal.db import Session
from portal.networks.actions import administer
from portal.networks.board_models import Board, BoardForm, BoardMeeting, BoardMeetingForm
from portal.networks.dates import read_dates
from portal.networks.models import Membership
from portal.networks.wrong import Wrong
from portal.web import Conflict, NotFound, _l, check_version, held_in


async def board(session: Session, by: Membership, board_id: int) -> Board:
    """A board of the member's network; else NotFound."""
    found = (await session.scalars(select(Board).where(col(Board.id) == board_id, col(Board.network_id) == by.network_id))).first()
    if found is None:
        raise NotFound
    return found


async def meetings_of(session: Session, board: Board) -> Sequence[BoardMeeting]:
    """The board's meetings, the earliest first."""
    return (
        await session.scalars(select(BoardMeeting).where(col(BoardMeeting.board_id) == board.id).order_by(col(BoardMeeting.meets_on)))
    ).all()


async def board_meeting(session: Session, board: Board, meeting_id: int) -> BoardMeeting:
    """One of the board's meetings; else NotFound."""
    wanted = select(BoardMeeting).where(col(BoardMeeting.id) == meeting_id, col(BoardMeeting.board_id) == board.id)
    found = (await session.scalars(wanted)).first()
    if found is None:
        raise NotFound
    return found


async def add_board(session: Session, *, by: Membership, form: BoardForm) -> Board:
    """A new board without dates. Wrong if the name is taken."""
    await administer(session, by)
    await _check_name(session, by, form.name)
    added = Board(network_id=by.network_id, name=form.name)
    session.add(added)
    await session.flush()
    activity.record(session, verb="board.added", by=by, board=added.id, name=added.name)
    return added


async def rename_board(session: Session, board: Board, *, by: Membership, form: BoardForm, version: str = "") -> None:
    """Another name for the board. Changed if it has another one than in `version`."""
    await administer(session, by)
    if await session.get(Board, board.id, populate_existing=True) is None:
        raise NotFound
    check_version(version, held_in(board, BoardForm))
    await _check_name(session, by, form.name, but=board.id)
    board.name = form.name
    activity.record(session, verb="board.changed", by=by, board=board.id, name=board.name)
    await session.flush()


async def remove_board(session: Session, board: Board, *, by: Membership) -> None:
    """Take away a board that was made by mistake. Conflict while it has dates."""
    await administer(session, by)
    if await session.get(Board, board.id, populate_existing=True) is None:
        raise NotFound
    if await meetings_of(session, board):
        raise Conflict(_l("Nämnden har datum. Ta bort dem först."))
    activity.record(session, verb="board.removed", by=by, board=board.id, name=board.name)
    await session.delete(board)
    await session.flush()


@dataclass(frozen=True)
class Entered:
    """What a list of dates did: how many were new, and how many got another last day."""

    added: int
    changed: int


async def enter_dates(session: Session, board: Board, *, by: Membership, meetings: Sequence[BoardMeetingForm]) -> Entered:
    """Enter meetings with their last days; a day that is known already gets the new last day."""
    await administer(session, by)
    known = {each.meets_on: each for each in await meetings_of(session, board)}
    new = [each for each in meetings if each.meets_on not in known]
    moved = [each for each in meetings if each.meets_on in known and known[each.meets_on].cutoff_on != each.cutoff_on]
    session.add_all(BoardMeeting(board_id=board.id, meets_on=each.meets_on, cutoff_on=each.cutoff_on) for each in new)
    for each in moved:
        known[each.meets_on].cutoff_on = each.cutoff_on
    if new or moved:
        activity.record(session, verb="board.dates_entered", by=by, board=board.id, name=board.name, added=len(new), changed=len(moved))
    await session.flush()
    return Entered(len(new), len(moved))


async def enter_list(session: Session, board: Board, *, by: Membership, text: str) -> Entered:
    """Enter a pasted list or the text of a CSV file (see dates.py), all of it or nothing; Wrong names the lines."""
    dates = read_dates(text)
    if dates.wrong:
        raise Wrong("dates", dates.complaint)
    return await enter_dates(session, board, by=by, meetings=dates.meetings)


async def remove_date(session: Session, board: Board, meeting: BoardMeeting, *, by: Membership) -> None:
    await administer(session, by)
    if await session.get(BoardMeeting, meeting.id, populate_existing=True) is None:
        raise NotFound
    activity.record(session, verb="board.date_removed", by=by, board=board.id, name=board.name, day=meeting.meets_on.isoformat())
    await session.delete(meeting)
    await session.flush()


async def _check_name(session: Session, by: Membership, name: str, *, but: int | None = None) -> None:
    same = func.lower(col(Board.name)) == name.lower()
    if (
        await session.scalar(select(col(Board.id)).where(same, col(Board.network_id) == by.network_id, col(Board.id) != (but or 0)))
        is not None
    ):
        raise Wrong("name", _l("Det finns redan en nämnd som heter så."))
