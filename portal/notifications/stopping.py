"""The link at the foot of a letter that stops others of its kind, without a sign-in (RFC 8058)."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

from portal.db import Session
from portal.notifications import actions
from portal.notifications.models import Mailing
from portal.web import NotFound

TOKEN = re.compile(r"([1-9][0-9]{0,17})\.([rl])([1-9][0-9]{0,17})\.([0-9a-f]{40})")
Sign = Callable[[str], str]


@dataclass(frozen=True)
class Stop:
    """Who wants to hear no more of what: a record ("r"), or a network's weekly letter ("l")."""

    person_id: int
    kind: str
    number: int

    @property
    def about_record(self) -> bool:
        return self.kind == "r"


def path(sign: Sign, person_id: int, mailing: Mailing) -> str:
    """The link's path; nobody can make one for anybody else."""
    what = f"r{mailing.record_id}" if mailing.record_id else f"l{mailing.network_id}"
    return f"/mail/stop/{person_id}.{what}.{_mark(sign, f'{person_id}.{what}')}"


def read(sign: Sign, token: str) -> Stop:
    """What the link stops; NotFound for one that the portal has not made."""
    parts = TOKEN.fullmatch(token)
    if parts is None or not hmac.compare_digest(parts[4], _mark(sign, f"{parts[1]}.{parts[2]}{parts[3]}")):
        raise NotFound
    return Stop(int(parts[1]), parts[2], int(parts[3]))


async def carry_out(session: Session, stop: Stop) -> None:
    """Twice is as good as once."""
    if stop.about_record:
        await actions.silence(session, person_id=stop.person_id, record_id=stop.number)
    else:
        await actions.stop_letter(session, person_id=stop.person_id, network_id=stop.number)


def _mark(sign: Sign, what: str) -> str:
    return sign(f"stop:{what}")[:40]
