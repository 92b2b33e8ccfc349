"""Letters that come back: what a mail server says of one that it could not deliver (RFC 3464), some minutes or days later."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlmodel import col

from portal import mail
from portal.db import Session
from portal.mail import About, Incoming, Outcome
from portal.notifications.letters import KINDS
from portal.notifications.models import Notification

KIND = "b"  # of the address that a letter returns to: about the three numbers of its Message-ID
LONGEST = 500


def about(message_id: str) -> About:
    return About(KIND, tuple(int(number) for number in message_id.split(".")))


async def receive(session: Session, incoming: Incoming) -> Outcome:
    """Mark the letter as bounced, where the coordinator sees it, and have its kind do what follows."""
    recipients = [recipient for report in incoming.reports for recipient in report if recipient.get("action")]
    if not recipients:
        return Outcome.irrelevant
    failed = next((each for each in recipients if each["action"].strip().lower() == "failed"), None)
    if failed is None:
        return Outcome.known
    said = " ".join(_said(failed.get("status", ""), failed.get("diagnostic-code", "")))[:LONGEST]
    message_id = ".".join(map(str, incoming.about.numbers))
    if not await mail.bounce(session, message_id, said=said):
        return Outcome.known
    await heed(session, message_id)
    return Outcome.counted


async def heed(session: Session, message_id: str) -> None:
    """Have the letter's kind do what follows, now that it has not arrived."""
    told = select(Notification).where(col(Notification.message_id) == message_id).options(joinedload(Notification.mailing))  # type: ignore[arg-type]
    letter = await session.scalar(told)
    kind = KINDS.get(letter.mailing.kind) if letter else None  # it may be of a kind that there was once
    if letter and kind and kind.returned:
        await kind.returned(session, letter)


def _said(status: str, diagnostic: str) -> Iterator[str]:
    """The server's answer in its own words, which begin with the status as a rule; "smtp;" is not among them."""
    words = diagnostic.partition(";")[2].strip() or diagnostic.strip()
    if status.strip() not in words:
        yield status.strip()
    yield words
