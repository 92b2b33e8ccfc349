"""Putting a message in the queue, in the transaction of whoever has something to say."""

import secrets

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal import clock, jobs
from portal.db import Session
from portal.mail.letters import Posting, one_line, whole
from portal.mail.models import MailOut


async def send(
    session: Session,
    *,
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
    locale: str = "sv",
    message_id: str | None = None,
) -> bool:
    """Mail one person when `session` has committed. False, and no mail, if this `message_id` was used before.

    `message_id` is what stands before the @ of the Message-ID; name the occasion and the recipient in it to mail no one
    twice about the same thing. Raises ValueError for anything but one plain address in `to`."""
    posting = Posting(secrets.token_hex(16) if message_id is None else message_id, to, clock.now())
    row = {"message_id": posting.message_id, "to": posting.to, "subject": one_line(subject)}
    added = await session.execute(
        insert(MailOut).values(**row, created_at=posting.at).on_conflict_do_nothing().returning(col(MailOut.message_id))
    )
    if added.first() is None:
        return False
    body = {"text": whole(text), "html": whole(html) if html else None, "locale": locale, "at": posting.at.isoformat()}
    return await jobs.enqueue(session, "mail", row | body)


async def put_back(session: Session, message_id: str) -> bool:
    """Let a message that the server has refused wait anew; False for one in any other state. Whoever calls adds its job."""
    back = update(MailOut).where(col(MailOut.message_id) == message_id, col(MailOut.state) == "failed")
    moved = await session.execute(back.values(state="queued", tries=0, error=None).returning(col(MailOut.message_id)))
    return moved.first() is not None


async def bounce(session: Session, message_id: str, *, said: str) -> bool:
    """The message has come back, and that is what a mail server `said`; False for one that has not left, or had come back before."""
    left = update(MailOut).where(col(MailOut.message_id) == message_id, col(MailOut.state).in_(("sending", "sent", "unknown")))
    moved = await session.execute(left.values(state="bounced", error=one_line(said)).returning(col(MailOut.message_id)))
    return moved.first() is not None


async def withdraw(session: Session, message_id: str) -> None:
    """There is nobody to send the message to any more."""
    row = insert(MailOut).values(message_id=message_id, to="", subject="", state="withdrawn", created_at=clock.now())
    waits = row.on_conflict_do_update(index_elements=["message_id"], set_={"state": "withdrawn"}, where=col(MailOut.state) == "queued")
    await session.execute(waits)
