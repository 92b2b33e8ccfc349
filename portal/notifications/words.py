"""Why a letter has not arrived, in words."""

from portal.notifications.queries import Undelivered
from portal.web import _

SAID_BY_SERVER = {"SMTPRecipientRefused", "SMTPSenderRefused", "SMTPDataError"}
LONGEST_ANSWER = 200
RESTORED = "Restored"  # the portal was put back from a backup while the letter waited


def why(letter: Undelivered) -> str:
    """What happened to it, for somebody who can ring its reader."""
    kind, _sign, answer = letter.error.partition(": ")
    if letter.error == RESTORED:
        return _("Portalen återställdes från en säkerhetskopia. Mejlet kan ha kommit fram förut, och skickas därför inte igen.")
    if letter.state == "unknown":
        return _("Förbindelsen bröts medan mejlet lämnades över. Det kan ha kommit fram, och skickas därför inte igen.")
    if letter.state == "bounced" and letter.error:
        return _("Mejlet kom tillbaka: %(answer)s", answer=letter.error[:LONGEST_ANSWER])
    if letter.state == "bounced":
        return _("Mejlet kom tillbaka.")
    if kind == "SMTPRecipientRefused":
        return _("Mottagarens adress togs inte emot: %(answer)s", answer=answer[:LONGEST_ANSWER])
    if kind in SAID_BY_SERVER:
        return _("E-postservern tog inte emot mejlet: %(answer)s", answer=answer[:LONGEST_ANSWER])
    if kind == "NotWritten":
        return _("Mejlet gick inte att skriva. Säg till den som driver portalen.")
    return _("E-postservern gick inte att nå, trots många försök.")
