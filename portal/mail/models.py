"""What became of each message."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from portal.db import Table, instant

STATES = ("queued", "sending", "sent", "kept", "failed", "unknown", "withdrawn", "bounced")
ARRIVED = ("sent", "kept")


class MailOut(Table, table=True):
    """What became of each message. `unknown`: the connection broke while it was handed over; it is not sent again.
    `withdrawn`: in the moment it would have left there was nothing to say to this person any more."""

    __tablename__ = "mail_out"
    __table_args__ = (CheckConstraint(f"state IN {STATES}", name="state"),)

    message_id: str = Field(primary_key=True)
    to: str
    subject: str
    state: str = "queued"
    created_at: datetime = instant(index=True)
    tries: int = 0
    error: str | None = None
