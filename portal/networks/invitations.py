"""Invitations: a link in a mail makes one person a member of one network, once, within two weeks."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from portal import clock, mail
from portal.accounts import limits
from portal.accounts.models import Person
from portal.accounts.queries import hash_of, person_by_email
from portal.activity import actions as activity
from portal.db import Session
from portal.live import access_changed
from portal.networks import words
from portal.networks.access import may_appoint
from portal.networks.actions import administer, lock_network_of, person_at, seat
from portal.networks.models import Invitation, InvitationForm, InviteForm, Membership, Network, Unit
from portal.networks.queries import waiting_invitations
from portal.networks.units import open_unit
from portal.networks.wrong import Wrong
from portal.web import Conflict, Forbidden, NotFound, _, _l, current_locale, speaking

LASTS = timedelta(days=14)
MOST_AN_HOUR = 200


async def invite(session: Session, *, by: Membership, form: InviteForm, address: str) -> Invitation:
    """Mail an invitation with a link below `address`. Wrong if the person is in the unit or has an invitation waiting."""
    await administer(session, by)
    if not may_appoint(by.role, form.role):
        raise Forbidden
    await open_unit(session, by, form.unit_id)
    await check_is_new(session, by=by, form=form)
    return await send(session, by=by, form=form, address=address)


async def check_is_new(session: Session, *, by: Membership, form: InvitationForm) -> None:
    """Wrong if the address belongs to somebody of the same unit, or an invitation to it waits already."""
    here = (col(Membership.network_id) == by.network_id, col(Membership.unit_id).is_not_distinct_from(form.unit_id))
    still = col(Membership.ends_on).is_(None) | (col(Membership.ends_on) >= clock.today())
    person = await person_by_email(session, form.email)
    if person and await session.scalar(select(col(Membership.id)).where(*here, col(Membership.person_id) == person.id, still).limit(1)):
        raise Wrong("email", _l("Personen är redan med. Ändra uppdraget på medlemmens egen sida."))
    if any(each.email == form.email.lower() for each in await waiting_invitations(session, by.network_id)):
        raise Wrong("email", _l("En inbjudan till adressen väntar redan på svar."))


async def send(session: Session, *, by: Membership, form: InvitationForm, address: str, **period: Any) -> Invitation:
    """Write the invitation down and mail its link. Whoever calls has asked whether `by` may."""
    await limits.count(session, f"invite:{by.person_id}", most=MOST_AN_HOUR, seconds=3600)
    values: dict[str, Any] = {**form.model_dump(), "email": form.email.lower(), "role": form.role.value, **period}
    made: dict[str, Any] = {"network_id": by.network_id, "invited_by_id": by.person_id, "created_at": clock.now()}
    invitation = Invitation(**values, **made, token_hash=b"", expires_at=clock.now() + LASTS)
    token = _new_token(invitation)
    session.add(invitation)
    await session.flush()
    activity.record(session, verb="member.invited", by=by, invitation=invitation.id, role=invitation.role, unit=invitation.unit_id)
    await _mail(session, invitation, by=by, link=f"{address}/invitations/{token}")
    return invitation


async def renew(session: Session, invitation: Invitation, *, by: Membership, address: str) -> None:
    """Mail a new link that lasts two more weeks; the old one is dead."""
    await administer(session, by)
    await _check_waits(session, invitation, by=by)
    if invitation.ends_on is not None and invitation.ends_on < clock.today():
        raise Conflict(_l("Dagarna som inbjudan gällde har redan varit."))
    await open_unit(session, by, invitation.unit_id)
    await limits.count(session, f"invite:{by.person_id}", most=MOST_AN_HOUR, seconds=3600)
    token = _new_token(invitation)
    invitation.expires_at = clock.now() + LASTS
    activity.record(session, verb="invitation.renewed", by=by, invitation=invitation.id)
    await session.flush()
    await _mail(session, invitation, by=by, link=f"{address}/invitations/{token}")


async def withdraw(session: Session, invitation: Invitation, *, by: Membership) -> None:
    """The link is dead from this moment."""
    await administer(session, by)
    await _check_waits(session, invitation, by=by)
    invitation.withdrawn_at = clock.now()
    activity.record(session, verb="invitation.withdrawn", by=by, invitation=invitation.id)
    await session.flush()


@dataclass
class _Invited:
    """Somebody who answers for an invitation to herself, in a network that she need not belong to."""

    person_id: int
    network_id: int


async def withdraw_all(session: Session, person: Person) -> None:
    """No link that was mailed to the person's address is good any more. Their networks are held first, as `hold_invitation` does."""
    waits = (col(Invitation.email) == person.email, col(Invitation.accepted_at).is_(None), col(Invitation.withdrawn_at).is_(None))
    networks = await session.scalars(select(col(Invitation.network_id)).where(*waits).distinct().order_by(col(Invitation.network_id)))
    for network_id in networks.all():
        await lock_network_of(session, network_id)
    for each in (await session.scalars(select(Invitation).where(*waits).order_by(col(Invitation.id)))).all():
        each.withdrawn_at = clock.now()
        activity.record(session, verb="invitation.withdrawn", by=_Invited(person.id, each.network_id), invitation=each.id)


async def _check_waits(session: Session, invitation: Invitation, *, by: Membership) -> None:
    await session.refresh(invitation, ["accepted_at", "withdrawn_at"])
    if not may_appoint(by.role, invitation.role):
        raise Forbidden
    if invitation.accepted_at is not None or invitation.withdrawn_at is not None:
        raise Conflict(_l("Inbjudan är redan besvarad eller tillbakadragen."))


def _new_token(invitation: Invitation) -> str:
    token = secrets.token_urlsafe(32)
    invitation.token_hash = hash_of(token)
    return token


async def _mail(session: Session, invitation: Invitation, *, by: Membership, link: str) -> None:
    """In the invited person's own language, or the network's for somebody new; never in the inviter's."""
    person = await person_by_email(session, invitation.email)
    locale = person.locale if person else by.network.language
    with speaking(locale):
        subject = _("Inbjudan till %(network)s", network=by.network.name)
        text = _letter(invitation, by=by, link=link)
    await mail.send(session, to=invitation.email, subject=subject, text=text, locale=locale)


def _letter(invitation: Invitation, *, by: Membership, link: str) -> str:
    return _(
        "Hej %(name)s!\n\n%(inviter)s bjuder in dig till %(network)s (%(municipality)s) som %(role)s.\n\n"
        "Öppna länken för att gå med. Den gäller i 14 dagar och bara för dig:\n%(link)s\n\n"
        "Väntade du dig inte det här kan du låta bli att svara.",
        name=invitation.name,
        inviter=by.person.name,
        network=by.network.name,
        municipality=by.network.municipality,
        role=words.role_inside(invitation.role, by.network),
        link=link,
    )


async def invitation_for(session: Session, token: str) -> tuple[Invitation, Network, Unit | None]:
    """The invitation that `token` still opens, with its network and unit; NotFound for every other token alike."""
    if not 20 <= len(token) <= 100 or not token.isascii():
        raise NotFound
    wanted = select(Invitation).where(
        col(Invitation.token_hash) == hash_of(token),
        col(Invitation.accepted_at).is_(None),
        col(Invitation.withdrawn_at).is_(None),
        col(Invitation.expires_at) > clock.now(),
        col(Invitation.ends_on).is_(None) | (col(Invitation.ends_on) >= clock.today()),
    )
    invitation = (await session.scalars(wanted.execution_options(populate_existing=True))).first()
    if invitation is None:
        raise NotFound
    network = await session.get_one(Network, invitation.network_id)
    unit = await session.get(Unit, invitation.unit_id) if invitation.unit_id else None
    return invitation, network, unit


async def hold_invitation(session: Session, token: str) -> tuple[Invitation, Network, Unit | None]:
    """As `invitation_for`, and until the commit nobody else can accept it or change its network."""
    _invitation, network, _unit = await invitation_for(session, token)
    await lock_network_of(session, network.id)
    return await invitation_for(session, token)


async def accept(session: Session, invitation: Invitation, network: Network, *, name: str) -> Membership:
    """Make the invited person a member; `name` is what a person new to the portal is called. The invitation is held."""
    person = await person_at(session, email=invitation.email, name=name or invitation.name, locale=current_locale())
    membership = await _seat_of(session, invitation, network, person)
    invitation.accepted_at = clock.now()
    activity.record(session, verb="member.joined", by=membership, invitation=invitation.id, member=membership.id)
    await access_changed(session, person.id)
    return membership


async def _seat_of(session: Session, invitation: Invitation, network: Network, person: Person) -> Membership:
    first = max(invitation.starts_on or clock.today(), clock.today())
    return await seat(
        session,
        network,
        person,
        role=invitation.role,
        unit_id=invitation.unit_id,
        title=invitation.title,
        starts_on=first,
        ends_on=invitation.ends_on,
    )


async def invitation_of(session: Session, by: Membership, invitation_id: int) -> Invitation:
    """An invitation to the member's network, in any state; else NotFound."""
    wanted = select(Invitation).where(col(Invitation.id) == invitation_id, col(Invitation.network_id) == by.network_id)
    invitation = (await session.scalars(wanted)).first()
    if invitation is None:
        raise NotFound
    return invitation


async def unanswered(session: Session, network_id: int) -> Sequence[Invitation]:
    """Invitations that wait or have run out, the latest first."""
    wanted = select(Invitation).where(
        col(Invitation.network_id) == network_id, col(Invitation.accepted_at).is_(None), col(Invitation.withdrawn_at).is_(None)
    )
    return (await session.scalars(wanted.order_by(col(Invitation.id).desc()).limit(200))).all()
