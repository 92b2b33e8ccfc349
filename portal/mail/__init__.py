"""One way out for mail: a job in the request's transaction, then SMTP, at most once; without SMTP a file in the data folder. One way in.

A message is ready when it is queued (`send`), or is written in the moment it leaves (`hand_in`: what notifications/ sends).
"""

from portal.mail.actions import bounce, put_back, send, withdraw
from portal.mail.addresses import About, address_about
from portal.mail.delivery import Writer, hand_in, handlers
from portal.mail.incoming import RECEIVERS, Incoming, Outcome, receive
from portal.mail.kept import KeptMail, kept
from portal.mail.letters import CalendarPart, Letter, Posting
from portal.mail.models import ARRIVED, MailOut

__all__ = [
    "ARRIVED",
    "RECEIVERS",
    "About",
    "CalendarPart",
    "Incoming",
    "KeptMail",
    "Letter",
    "MailOut",
    "Outcome",
    "Posting",
    "Writer",
    "address_about",
    "bounce",
    "hand_in",
    "handlers",
    "kept",
    "put_back",
    "receive",
    "send",
    "withdraw",
]
