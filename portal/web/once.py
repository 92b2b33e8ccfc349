"""A form is done once: its page draws a key (`once`), which is kept with where the answer led, in the transaction of what was done.

The same form sent again, by a double click or after an outage that swallowed the answer, is answered as the first was.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request
from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, col

from portal import clock
from portal.db import Session, Table, instant, reference
from portal.web.errors import Conflict, Refused
from portal.web.language import _l

FIELD = "once"
KEPT = timedelta(days=7)
LONGEST = 45  # of a UUID in its longest writing


class FormKey(Table, table=True):
    """`mark` is a hash of what was sent; `path` and `said` are what the answer led to and said."""

    __tablename__ = "form_key"

    person_id: int = reference("person.id", primary_key=True, ondelete="CASCADE")
    key: UUID = Field(primary_key=True)
    mark: bytes
    path: str = ""
    said: str | None = None
    at: datetime = instant(index=True)


class Repeated(Refused):
    """The form has been done already; its answer was a way to `path`, with a word about what happened."""

    status = 303

    def __init__(self, path: str, said: str | None) -> None:
        super().__init__()
        self.path, self.said = path, said


class Reused(Conflict):
    """The form has been done already, with other words; what became of it stands at `path`."""

    message = _l("Formuläret har redan skickats en gång, med ett annat innehåll. Skickar du det igen blir det en till.")

    def __init__(self, path: str, message: object | None = None) -> None:
        super().__init__(message)
        self.path = path


@dataclass(frozen=True)
class Held:
    """The key of the form that is being done, until its answer is known."""

    person_id: int
    key: UUID


async def hold(request: "Request[Any, Any, Any]", fields: Mapping[str, Sequence[Any]]) -> None:
    """Called when a form was read and nothing is wrong with it. Repeated or Reused if it has been done; while it is being done, waits."""
    state = request.scope["state"]
    person = state.get("person")
    if FIELD not in fields or person is None or FIELD in state:
        return
    session: Session = state["session"]
    held = Held(person.id, _key(fields[FIELD]))
    mark = _mark(request.url.path, fields)
    values = {"person_id": held.person_id, "key": held.key, "mark": mark, "path": "", "at": clock.now()}
    made = await session.execute(insert(FormKey).values(values).on_conflict_do_nothing().returning(col(FormKey.key)))
    if made.first() is not None:
        state[FIELD] = held
        return
    known = await session.get(FormKey, (held.person_id, held.key))
    if known is None:
        raise Conflict
    if known.mark == mark:
        raise Repeated(known.path, known.said)
    if "version" not in fields:  # a form with a version may be sent again from the same page; the version tells what changed
        raise Reused(known.path)


def _key(given: Sequence[Any]) -> UUID:
    try:
        return UUID(given[0]) if len(given) == 1 and len(given[0]) <= LONGEST else UUID("")
    except (ValueError, TypeError, AttributeError):
        raise Refused(_l("Formuläret gick inte att läsa. Läs om sidan och försök igen."), status=422) from None


def _mark(path: str, fields: Mapping[str, Sequence[Any]]) -> bytes:
    sent = [(name, [value for value in values if isinstance(value, str)]) for name, values in sorted(fields.items())]
    told = repr((path, [each for each in sent if each[0] not in (FIELD, "csrf")]))
    return hashlib.sha256(told.encode(errors="surrogatepass")).digest()


async def settle(session: Session, state: Mapping[str, Any], answer: Any) -> None:
    """Before the commit: keep where the answer (the start of an ASGI response) leads. A form that is shown again has not been done."""
    held: Held | None = state.get(FIELD)
    if held is None:
        return
    this = (col(FormKey.person_id) == held.person_id, col(FormKey.key) == held.key)
    path = next((value.decode("latin-1") for name, value in answer["headers"] if name == b"location"), "")
    if answer["status"] == 303 and path:
        await session.execute(update(FormKey).where(*this).values(path=path, said=state.get("said")))
    else:
        await session.execute(delete(FormKey).where(*this))


async def sweep(session: Session) -> None:
    """Forget the keys of forms that nobody sends again."""
    await session.execute(delete(FormKey).where(col(FormKey.at) < clock.now() - KEPT))
