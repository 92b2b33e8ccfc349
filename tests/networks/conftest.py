"""A network with something of everything to administer, and the mail that its invitations send."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock, mail
from portal.accounts.models import Person
from portal.accounts.queries import hash_of
from portal.activity.models import Activity
from portal.config import Settings
from portal.db import Session
from portal.networks.board_models import Board, BoardMeeting
from portal.networks.models import Invitation, Membership, Theme, Unit
from portal.networks.queries import WHOLE
from tests.browser import Browser
from tests.factories import Cast, make_member, make_unit

TOKEN = "a-token-that-the-mail-alone-would-know"

Enter = Callable[[Membership], Awaitable[Browser]]
LinkTo = Callable[..., Awaitable[str]]


@dataclass
class Town:
    """The cast's network with boards, dates, a waiting invitation, and units in every state."""

    cast: Cast
    vacant: Unit
    closed: Unit
    retired: Theme
    board: Board
    bare_board: Board
    meeting: BoardMeeting
    invitation: Invitation
    leaving: Membership

    @property
    def numbers(self) -> dict[str, int]:
        return {
            "vacant": self.vacant.id,
            "closed": self.closed.id,
            "theme": self.cast.themes[1].id,
            "retired": self.retired.id,
            "board": self.board.id,
            "bare_board": self.bare_board.id,
            "meeting": self.meeting.id,
            "invitation": self.invitation.id,
            "leaving": self.leaving.id,
            "contact": self.cast.contact.id,
            "deputy": self.cast.deputy.id,
            "reader": self.cast.reader.id,
            "school": self.cast.school.id,
        }


@pytest.fixture
async def town(session: Session, cast: Cast) -> Town:
    network = cast.network
    vacant = await make_unit(session, network, "Kultur")
    closed = await make_unit(session, network, "Gamla kontoret")
    closed.closed_on = date(2025, 6, 30)
    retired = Theme(network_id=network.id, name="Värderingar", position=9, retired=True)
    board, bare_board = Board(network_id=network.id, name="Kommunstyrelsen"), Board(network_id=network.id, name="Miljönämnden")
    session.add_all([retired, board, bare_board])
    await session.flush()
    meeting = BoardMeeting(board_id=board.id, meets_on=date(2099, 2, 10), cutoff_on=date(2099, 1, 25))
    invitation = make_invitation(cast, token=TOKEN)
    session.add_all([meeting, invitation])
    leaving = await make_member(session, network, "Lars Lund", "reader", ends_on=date(2098, 12, 31))
    await session.commit()
    return Town(cast, vacant, closed, retired, board, bare_board, meeting, invitation, leaving)


def make_invitation(cast: Cast, *, token: str, email: str = "nils.ny@example.se", name: str = "Nils Ny", **given: Any) -> Invitation:
    """A waiting invitation of the coordinator's, as a reader unless `given` says otherwise; add it to a session."""
    values: dict[str, Any] = {
        "network_id": cast.network.id,
        "invited_by_id": cast.coordinator.person_id,
        "name": name,
        "email": email,
        "role": "reader",
        "token_hash": hash_of(token),
        "created_at": clock.now(),
        "expires_at": clock.now() + timedelta(days=14),
    }
    return Invitation(**values | given)


@pytest.fixture
def fresh_email() -> str:
    """An address that no other test has mailed."""
    return f"nyckel.{secrets.token_hex(6)}@example.se"


@pytest.fixture
def link_to(settings: Settings) -> LinkTo:
    """`await link_to(email)`: the path of the link in the newest mail to the address, once `number` have come."""

    async def newest(email: str, *, number: int = 1) -> str:
        for _moment in range(400):
            came = [each for each in mail.kept(settings.mail_folder) if each.to == email]
            if len(came) >= number:
                found = re.search(r"http://127\.0\.0\.1:8000(/invitations/\S+)", came[0].text)
                assert found, came[0].text
                return found[1]
            await asyncio.sleep(0.025)
        raise AssertionError(f"{number} mails to {email} were expected, {len(came)} came")

    return newest


async def deeds(session: Session, cast: Cast) -> list[str]:
    """The verbs of the network's log, the oldest first."""
    wanted = select(col(Activity.verb)).where(col(Activity.network_id) == cast.network.id).order_by(col(Activity.id))
    return list(await session.scalars(wanted))


async def memberships_of(session: Session, email: str) -> list[Membership]:
    """Every membership of who has the address, lasting or not, the oldest first."""
    wanted = select(Membership).join(Person, col(Person.id) == col(Membership.person_id)).where(col(Person.email) == email)
    anew = wanted.options(*WHOLE).order_by(col(Membership.id)).execution_options(populate_existing=True)
    return list(await session.scalars(anew))
