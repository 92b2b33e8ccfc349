"""What reasons and rulings are called, and the sentences that tell them."""

from markupsafe import Markup, escape

from portal.activity.sentences import Deed
from portal.moderation.models import Reason, Verb
from portal.web import _, _l

REASONS = {
    Reason.personal_data: _l("Personuppgifter"),
    Reason.insult: _l("Kränkande"),
    Reason.off_topic: _l("Hör inte hit"),
    Reason.secrecy: _l("Sekretess"),
    Reason.other: _l("Annat skäl"),
}
VERBS = {
    Verb.reported: Deed(_l("Kommentar anmäld"), _l("%(who)s anmälde en kommentar av %(whose)s i %(what)s")),
    Verb.left: Deed(_l("Anmälan utan åtgärd"), _l("%(who)s lät en anmäld kommentar av %(whose)s stå kvar i %(what)s")),
    Verb.hidden: Deed(_l("Kommentar dold"), _l("%(who)s dolde en kommentar av %(whose)s i %(what)s")),
    Verb.restored: Deed(_l("Kommentar visad igen"), _l("%(who)s visade en kommentar av %(whose)s i %(what)s igen")),
    Verb.approved: Deed(_l("Kommentar godkänd"), _l("%(who)s godkände en kommentar av %(whose)s i %(what)s")),
    Verb.redacted: Deed(_l("Text borttagen"), _l("%(who)s tog bort texten i en kommentar av %(whose)s i %(what)s")),
    Verb.locked: Deed(_l("Tråd låst"), _l("%(who)s låste tråden i %(what)s")),
    Verb.unlocked: Deed(_l("Tråd öppnad"), _l("%(who)s öppnade tråden i %(what)s")),
    Verb.removed: Deed(_l("Avstängd från tråd"), _l("%(who)s stängde av %(whose)s från att skriva i %(what)s")),
    Verb.readmitted: Deed(_l("Får skriva igen"), _l("%(who)s lät %(whose)s skriva i %(what)s igen")),
}
# To the person herself: what has happened, and what it leaves behind.
TOLD = {
    Verb.hidden: Deed(
        _l("Din kommentar är dold"),
        _l("De andra ser att kommentaren är dold och varför, men inte vad du skrev. Du kan läsa den, och den kan visas igen."),
    ),
    Verb.restored: Deed(_l("Din kommentar visas igen"), _l("Alla som läser tråden ser den som du skrev den.")),
    Verb.approved: Deed(_l("Din kommentar är godkänd"), _l("Alla som läser tråden ser den.")),
    Verb.redacted: Deed(
        _l("Texten i din kommentar är borttagen"), _l("Den går inte att få tillbaka. Att du skrev en kommentar, och när, står kvar.")
    ),
    Verb.removed: Deed(_l("Du kan inte skriva i en tråd"), _l("Du kan läsa tråden som förut. Det du har skrivit står kvar.")),
    Verb.readmitted: Deed(_l("Du kan skriva i tråden igen"), _l("Tråden är öppen för dig som förut.")),
}


def tell(verb: str, *, who: str, whose: str, what: str | Markup) -> Markup:
    """The ruling as a sentence; names are escaped."""
    return escape(str(VERBS[Verb(verb)].sentence)) % {"who": who, "whose": whose, "what": what or _("något som inte längre visas")}
