"""Networks are founded, people join and leave, and the boards' year is entered."""

from collections.abc import Container, Iterator
from datetime import date, datetime, timedelta

from portal.accounts.actions import add_person
from portal.accounts.models import Person
from portal.activity import actions as activity
from portal.demo import days
from portal.demo.shapes import House, Player
from portal.demo.stage import Stage
from portal.networks import boards
from portal.networks.access import Role
from portal.networks.actions import change_settings, found_network, seat
from portal.networks.board_models import BoardForm, BoardMeetingForm
from portal.networks.members import end_membership
from portal.networks.models import Membership, NetworkForm, ThemeForm, UnitForm
from portal.networks.queries import themes
from portal.networks.themes import add_theme
from portal.networks.units import add_unit

# Month by month: when each board meets (which weekday of the month) and how many days before that it wants its papers.
BOARDS = (
    ("Kommunstyrelsens arbetsutskott (KSAU)", range(1, 13), 1, 2, 8),
    ("Kommunstyrelsen (KS)", range(1, 13), 2, 3, 14),
    ("Kommunfullmäktige (KF)", (2, 4, 6, 9, 11), 0, 4, 21),
)
MONTHS_BACK, MONTHS_ON = 2, 12


def put_network(stage: Stage, house: House) -> None:
    """The network and everybody in it, at their moments."""
    coordinator, *others = house.players
    stage.put(stage.ago(house.founded, "9.10"), _found, house, coordinator)
    for number, player in enumerate(others):
        stage.put(stage.ago(player.joined, f"{9 + number % 6}.{10 + number * 3}"), _join, house, coordinator, player)
        if player.left is not None:
            stage.put(stage.ago(player.left, "15.40"), _leave, coordinator, player)


def put_boards(stage: Stage, by: str) -> None:
    stage.put(stage.ago(58, "14.20"), _enter_boards, by)


async def _found(stage: Stage, house: House, player: Player) -> None:
    by = await found_network(
        stage.session,
        name=house.name,
        slug=house.slug,
        municipality=house.municipality,
        coordinator_name=player.name,
        coordinator_email=player.email,
    )
    by.title = player.title
    stage.members[player.key] = by
    given = {"purpose": house.purpose, "contact": house.contact, "guests_comment": house.guests_comment}
    form = NetworkForm.model_validate({"name": house.name, "municipality": house.municipality, **given})
    await change_settings(stage.session, by=by, form=form)
    for name, kind in house.units:
        unit = await add_unit(stage.session, by=by, form=UnitForm(name=name, kind=kind))
        stage.units[by.network_id, name] = unit.id
    for name in house.more_themes:
        await add_theme(stage.session, by=by, form=ThemeForm(name=name))
    for theme in await themes(stage.session, by.network_id):
        stage.themes[by.network_id, theme.name] = theme.id


async def _join(stage: Stage, house: House, coordinator: Player, player: Player) -> None:
    by = stage.members[coordinator.key]
    unit_id = stage.units[by.network_id, player.unit] if player.unit else None
    last = stage.today + timedelta(days=player.stands_in_for) if player.stands_in_for else None
    person = await _person(stage, player)
    member = await seat(stage.session, by.network, person, role=player.role, unit_id=unit_id, title=player.title, ends_on=last)
    stage.members[player.key] = member
    if player.role == Role.deputy:
        activity.record(stage.session, verb="deputy.named", by=by, member=member.id, unit=unit_id, name=player.unit)
    else:
        activity.record(stage.session, verb="member.joined", by=member, member=member.id)


async def _person(stage: Stage, player: Player) -> Person:
    if player.same is not None:
        return stage.members[player.same].person
    return await add_person(stage.session, name=player.name, email=player.email)


async def _leave(stage: Stage, coordinator: Player, player: Player) -> None:
    await end_membership(stage.session, stage.members[player.key], by=stage.members[coordinator.key])


async def _enter_boards(stage: Stage, by: str) -> None:
    member = stage.members[by]
    for name, dates in board_dates(stage.today):
        board = await boards.add_board(stage.session, by=member, form=BoardForm(name=name))
        await boards.enter_dates(stage.session, board, by=member, meetings=dates)


def board_dates(today: date) -> Iterator[tuple[str, list[BoardMeetingForm]]]:
    """Each board with its meetings in the year around `today`."""
    for name, months, weekday, number, papers in BOARDS:
        yield name, [_board_meeting(day, papers) for day in _board_days(today, months, weekday, number)]


def _board_days(today: date, months: Container[int], weekday: int, number: int) -> Iterator[date]:
    """None in July, and a week later where there is a holiday."""
    for ahead in range(-MONTHS_BACK, MONTHS_ON + 1):
        year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        if month + 1 in months and month + 1 != days.JULY:
            day = days.nth_weekday(year, month + 1, weekday, number)
            yield day if days.is_working_day(day) else day + timedelta(days=7)


def _board_meeting(day: date, papers: int) -> BoardMeetingForm:
    cutoff = day - timedelta(days=papers)
    return BoardMeetingForm(meets_on=day, cutoff_on=cutoff if days.is_working_day(cutoff) else days.working(cutoff, -1))


def note_visits(stage: Stage, house: House) -> None:
    """When everybody was here last, so that there is news for each of them."""
    for player in house.players:
        _note_visit(stage.members[player.key], stage.ago(player.seen, "16.30"))


def _note_visit(member: Membership, moment: datetime) -> None:
    member.seen_at = member.before_at = moment
