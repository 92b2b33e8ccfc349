"""Themes: what records are sorted under, in the order the coordinator wants."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import func, select
from sqlmodel import col

from portal.activity import actions as activity
from portal.db import Session, Table
from portal.networks.actions import administer
from portal.networks.models import Membership, Theme, ThemeForm
from portal.networks.queries import themes
from portal.networks.wrong import Wrong
from portal.web import NotFound, _l, check_version, held_in


class MoveForm(Table):
    direction: Literal["up", "down"]


async def theme(session: Session, by: Membership, theme_id: int) -> Theme:
    """A theme of the member's network, in use or retired; else NotFound."""
    found = (await session.scalars(select(Theme).where(col(Theme.id) == theme_id, col(Theme.network_id) == by.network_id))).first()
    if found is None:
        raise NotFound
    return found


async def retired_themes(session: Session, network_id: int) -> Sequence[Theme]:
    found = select(Theme).where(col(Theme.network_id) == network_id, col(Theme.retired).is_(True)).order_by(Theme.name)
    return (await session.scalars(found)).all()


async def add_theme(session: Session, *, by: Membership, form: ThemeForm) -> Theme:
    """A new theme, last in the order. Wrong if the name is taken."""
    await administer(session, by)
    await _check_name(session, by, form.name)
    added = Theme(network_id=by.network_id, name=form.name, position=await _last_position(session, by) + 1)
    session.add(added)
    await session.flush()
    activity.record(session, verb="theme.added", by=by, theme=added.id, name=added.name)
    return added


async def rename_theme(session: Session, theme: Theme, *, by: Membership, form: ThemeForm, version: str = "") -> None:
    """The same theme by another name, on everything that is sorted under it. Changed if it has another one than in `version`."""
    await administer(session, by)
    await session.refresh(theme, ["name"])
    check_version(version, held_in(theme, ThemeForm))
    await _check_name(session, by, form.name, but=theme.id)
    theme.name = form.name
    activity.record(session, verb="theme.changed", by=by, theme=theme.id, name=theme.name)
    await session.flush()


async def move_theme(session: Session, theme: Theme, *, by: Membership, direction: Literal["up", "down"]) -> None:
    """One step up or down; at the end of the list nothing happens."""
    await administer(session, by)
    ordered = list(await themes(session, by.network_id))
    if theme not in ordered:
        raise NotFound
    place = ordered.index(theme)
    new_place = max(0, min(len(ordered) - 1, place + (-1 if direction == "up" else 1)))
    ordered.insert(new_place, ordered.pop(place))
    for position, each in enumerate(ordered):
        each.position = position
    if new_place != place:
        activity.record(session, verb="theme.moved", by=by, theme=theme.id, name=theme.name)


async def retire_theme(session: Session, theme: Theme, *, by: Membership) -> None:
    """Nothing new is sorted under the theme; what is there stays there."""
    await administer(session, by)
    if not theme.retired:
        theme.retired = True
        activity.record(session, verb="theme.retired", by=by, theme=theme.id, name=theme.name)


async def restore_theme(session: Session, theme: Theme, *, by: Membership) -> None:
    """A retired theme is used again, last in the order."""
    await administer(session, by)
    if theme.retired:
        theme.position = await _last_position(session, by) + 1
        theme.retired = False
        activity.record(session, verb="theme.restored", by=by, theme=theme.id, name=theme.name)


async def _last_position(session: Session, by: Membership) -> int:
    return await session.scalar(select(func.coalesce(func.max(Theme.position), -1)).where(col(Theme.network_id) == by.network_id)) or 0


async def _check_name(session: Session, by: Membership, name: str, *, but: int | None = None) -> None:
    same = func.lower(col(Theme.name)) == name.lower()
    taken = (await session.scalars(select(Theme).where(same, col(Theme.network_id) == by.network_id, col(Theme.id) != (but or 0)))).first()
    if taken is not None and taken.retired:
        raise Wrong("name", _l("Ett vilande tema heter så. Ta det i bruk igen i stället."))
    if taken is not None:
        raise Wrong("name", _l("Det finns redan ett tema som heter så."))
