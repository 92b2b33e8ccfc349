"""Deeds in words: what a verb is called in a list of choices, and the sentence that tells it."""

from dataclasses import dataclass

from markupsafe import Markup, escape

from portal.web import _, _l


@dataclass(frozen=True)
class Deed:
    """`name` stands in lists; `sentence` says %(who)s did it to %(what)s."""

    name: object
    sentence: object


DEEDS: dict[str, Deed] = {
    "finding.published": Deed(_l("Spaning delad"), _l("%(who)s delade spaningen %(what)s")),
    "finding.edited": Deed(_l("Spaning ändrad"), _l("%(who)s ändrade spaningen %(what)s")),
    "finding.triaged": Deed(_l("Spaning bedömd"), _l("%(who)s bedömde spaningen %(what)s")),
    "meeting.planned": Deed(_l("Träff planerad"), _l("%(who)s planerade träffen %(what)s")),
    "meeting.changed": Deed(_l("Träff ändrad"), _l("%(who)s ändrade träffen %(what)s")),
    "meeting.summoned": Deed(_l("Kallelse skickad"), _l("%(who)s skickade kallelse till %(what)s")),
    "meeting.held": Deed(_l("Träff hållen"), _l("%(who)s noterade att %(what)s har hållits")),
    "meeting.cancelled": Deed(_l("Träff inställd"), _l("%(who)s ställde in träffen %(what)s")),
    "agenda.changed": Deed(_l("Dagordning ändrad"), _l("%(who)s ändrade dagordningen för %(what)s")),
    "attendance.recorded": Deed(_l("Närvaro noterad"), _l("%(who)s noterade närvaron på %(what)s")),
    "minutes.finalised": Deed(_l("Anteckningar färdigställda"), _l("%(who)s färdigställde anteckningarna från %(what)s")),
    "year.published": Deed(_l("Årsplan publicerad"), _l("%(who)s publicerade årsplanen %(what)s")),
    "agenda.proposed": Deed(_l("Punkt föreslagen"), _l("%(who)s föreslog en punkt till dagordningen")),
    "agenda.proposal_ruled": Deed(_l("Förslag till dagordningen besvarat"), _l("%(who)s besvarade ett förslag till dagordningen")),
    "minutes.circulated": Deed(_l("Anteckningar på justering"), _l("%(who)s skickade anteckningarna från %(what)s på justering")),
    "minutes.approved": Deed(_l("Anteckningar godkända"), _l("%(who)s godkände anteckningarna från %(what)s")),
    "minutes.registered": Deed(_l("Anteckningar registrerade"), _l("%(who)s registrerade anteckningarna från %(what)s")),
    "minutes.left_unregistered": Deed(
        _l("Anteckningar registreras inte"), _l("%(who)s beslutade att anteckningarna från %(what)s inte registreras")
    ),
    "minutes.amended": Deed(_l("Anteckningar rättade"), _l("%(who)s rättade anteckningarna från %(what)s i efterhand")),
    "correction.proposed": Deed(_l("Ändring föreslagen"), _l("%(who)s föreslog en ändring i anteckningarna från %(what)s")),
    "correction.ruled": Deed(_l("Ändringsförslag besvarat"), _l("%(who)s besvarade ett ändringsförslag till anteckningarna från %(what)s")),
    "decision.noted": Deed(_l("Beslut noterat"), _l("%(who)s noterade ett beslut från %(what)s")),
    "visitor.noted": Deed(_l("Besökare noterad"), _l("%(who)s noterade besökare på %(what)s")),
    "document.added": Deed(_l("Dokument tillagt"), _l("%(who)s lade till ett dokument till %(what)s")),
    "document.removed": Deed(_l("Dokument borttaget"), _l("%(who)s tog bort ett dokument från %(what)s")),
    "action.given": Deed(_l("Åtgärdspunkt tillagd"), _l("%(who)s lade till en åtgärdspunkt från %(what)s")),
    "action.changed": Deed(_l("Åtgärdspunkt ändrad"), _l("%(who)s ändrade en åtgärdspunkt från %(what)s")),
    "action.closed": Deed(_l("Åtgärdspunkt klar"), _l("%(who)s blev klar med en åtgärdspunkt från %(what)s")),
    "action.reopened": Deed(_l("Åtgärdspunkt öppnad igen"), _l("%(who)s öppnade en åtgärdspunkt från %(what)s igen")),
    "action.removed": Deed(_l("Åtgärdspunkt borttagen"), _l("%(who)s tog bort en åtgärdspunkt från %(what)s")),
    "calendar.added": Deed(_l("Annan kalender tillagd"), _l("%(who)s lade till kalendern %(what)s")),
    "calendar.ended": Deed(_l("Annan kalender avslutad"), _l("%(who)s slutade läsa kalendern %(what)s")),
    "calendar.renewed": Deed(_l("Annan kalender återupptagen"), _l("%(who)s började läsa kalendern %(what)s igen")),
    "consultation.registered": Deed(_l("Samråd tillagt"), _l("%(who)s lade till samrådet %(what)s")),
    "consultation.triaged": Deed(_l("Samråd bedömt"), _l("%(who)s tog ställning till samrådet %(what)s")),
    "consultation.changed": Deed(_l("Samråd ändrat"), _l("%(who)s ändrade samrådet %(what)s")),
    "consultation.units_asked": Deed(_l("Enheter tillfrågade"), _l("%(who)s bad enheter om underlag till %(what)s")),
    "call.registered": Deed(_l("Utlysning tillagd"), _l("%(who)s lade till utlysningen %(what)s")),
    "call.changed": Deed(_l("Utlysning ändrad"), _l("%(who)s ändrade utlysningen %(what)s")),
    "section.edited": Deed(_l("Text ändrad"), _l("%(who)s skrev i %(what)s")),
    "comment.posted": Deed(_l("Kommentar skriven"), _l("%(who)s kommenterade %(what)s")),
    "comment.edited": Deed(_l("Kommentar ändrad"), _l("%(who)s ändrade sin kommentar till %(what)s")),
    "comment.hidden": Deed(_l("Kommentar dold"), _l("%(who)s dolde en kommentar till %(what)s")),
    "comment.restored": Deed(_l("Kommentar visad igen"), _l("%(who)s visade en dold kommentar till %(what)s igen")),
    "comment.redacted": Deed(_l("Kommentarens text borttagen"), _l("%(who)s tog bort texten i en kommentar till %(what)s")),
    "thread.locked": Deed(_l("Tråd låst"), _l("%(who)s låste tråden till %(what)s")),
    "thread.unlocked": Deed(_l("Tråd öppnad"), _l("%(who)s öppnade tråden till %(what)s")),
    "file.infected": Deed(_l("Fil stoppad av virusskydd"), _l("%(who)s försökte bifoga en smittad fil till %(what)s")),
    "conclusion.drawn": Deed(_l("Slutsats markerad"), _l("%(who)s markerade slutsatsen i tråden till %(what)s")),
    "conclusion.withdrawn": Deed(_l("Slutsats borttagen"), _l("%(who)s tog bort slutsatsen i tråden till %(what)s")),
    "record.shared": Deed(_l("Delat med gäst"), _l("%(who)s delade %(what)s med en gäst")),
    "record.unshared": Deed(_l("Delning avslutad"), _l("%(who)s slutade dela %(what)s med en gäst")),
    "record.finalised": Deed(_l("Handling färdigställd"), _l("%(who)s färdigställde %(what)s")),
    "member.invited": Deed(_l("Inbjudan skickad"), _l("%(who)s bjöd in %(what)s")),
    "invitation.renewed": Deed(_l("Inbjudan skickad igen"), _l("%(who)s skickade inbjudan till %(what)s igen")),
    "invitation.withdrawn": Deed(_l("Inbjudan tillbakadragen"), _l("%(who)s drog tillbaka inbjudan till %(what)s")),
    "member.joined": Deed(_l("Ny medlem"), _l("%(who)s gick med i nätverket")),
    "member.left": Deed(_l("Medlem lämnade"), _l("%(who)s lämnade nätverket")),
    "member.ended": Deed(_l("Medlemskap avslutat"), _l("%(who)s avslutade medlemskapet för %(what)s")),
    "member.changed": Deed(_l("Uppdrag ändrat"), _l("%(who)s ändrade uppdraget för %(what)s")),
    "member.renamed": Deed(_l("Nytt namn"), _l("%(who)s hette tidigare %(what)s")),
    "member.ending": Deed(_l("Sista dag satt"), _l("%(who)s satte en sista dag för %(what)s")),
    "member.staying": Deed(_l("Avslut tillbakataget"), _l("%(who)s tog tillbaka avslutet för %(what)s")),
    "member.moved": Deed(_l("Ny e-postadress"), _l("%(who)s bytte e-postadress")),
    "deputy.named": Deed(_l("Ersättare utsedd"), _l("%(who)s utsåg %(what)s till ersättare")),
    "deputy.ended": Deed(_l("Ersättare avslutad"), _l("%(who)s avslutade %(what)s som ersättare")),
    "feed.made": Deed(_l("Kalenderlänk skapad"), _l("%(who)s skapade en kalenderlänk")),
    "feed.changed": Deed(_l("Kalenderlänk ändrad"), _l("%(who)s ändrade en kalenderlänk")),
    "feed.ended": Deed(_l("Kalenderlänk avslutad"), _l("%(who)s avslutade en kalenderlänk")),
    "feed.ended_for": Deed(_l("Kalenderlänk avslutad för någon"), _l("%(who)s avslutade en kalenderlänk för %(what)s")),
    "unit.added": Deed(_l("Enhet tillagd"), _l("%(who)s lade till enheten %(what)s")),
    "unit.changed": Deed(_l("Enhet ändrad"), _l("%(who)s ändrade enheten %(what)s")),
    "unit.closed": Deed(_l("Enhet stängd"), _l("%(who)s stängde enheten %(what)s")),
    "unit.reopened": Deed(_l("Enhet öppnad igen"), _l("%(who)s öppnade enheten %(what)s igen")),
    "group.added": Deed(_l("Arbetsgrupp tillagd"), _l("%(who)s lade till arbetsgruppen %(what)s")),
    "group.changed": Deed(_l("Arbetsgrupp ändrad"), _l("%(who)s ändrade arbetsgruppen %(what)s")),
    "group.ended": Deed(_l("Arbetsgrupp avslutad"), _l("%(who)s avslutade arbetsgruppen %(what)s")),
    "group.reopened": Deed(_l("Arbetsgrupp öppnad igen"), _l("%(who)s öppnade arbetsgruppen %(what)s igen")),
    "group.joined": Deed(_l("Ny i en arbetsgrupp"), _l("%(who)s tog in någon i arbetsgruppen %(what)s")),
    "group.left": Deed(_l("Borta från en arbetsgrupp"), _l("%(who)s tog bort någon från arbetsgruppen %(what)s")),
    "series.planned": Deed(_l("Serie planerad"), _l("%(who)s planerade serien %(what)s")),
    "series.changed": Deed(_l("Serie ändrad"), _l("%(who)s ändrade resten av serien %(what)s")),
    "series.cancelled": Deed(_l("Serie inställd"), _l("%(who)s ställde in resten av serien %(what)s")),
    "theme.added": Deed(_l("Tema tillagt"), _l("%(who)s lade till temat %(what)s")),
    "theme.changed": Deed(_l("Tema omdöpt"), _l("%(who)s döpte om ett tema till %(what)s")),
    "theme.moved": Deed(_l("Tema flyttat"), _l("%(who)s flyttade temat %(what)s i ordningen")),
    "theme.retired": Deed(_l("Tema vilande"), _l("%(who)s lät temat %(what)s vila")),
    "theme.restored": Deed(_l("Tema i bruk igen"), _l("%(who)s tog temat %(what)s i bruk igen")),
    "board.added": Deed(_l("Nämnd tillagd"), _l("%(who)s lade till %(what)s")),
    "board.changed": Deed(_l("Nämnd omdöpt"), _l("%(who)s döpte om en nämnd till %(what)s")),
    "board.removed": Deed(_l("Nämnd borttagen"), _l("%(who)s tog bort %(what)s")),
    "board.dates_entered": Deed(_l("Nämnddatum införda"), _l("%(who)s förde in sammanträden för %(what)s")),
    "board.date_removed": Deed(_l("Nämnddatum borttaget"), _l("%(who)s tog bort ett sammanträde för %(what)s")),
    "letter.sent_again": Deed(_l("Mejl skickat igen"), _l("%(who)s skickade ett mejl till %(what)s igen")),
    "network.founded": Deed(_l("Nätverket startat"), _l("%(who)s startade nätverket")),
    "network.changed": Deed(_l("Inställningar ändrade"), _l("%(who)s ändrade nätverkets inställningar")),
    "moderation.exported": Deed(_l("Modereringsloggen hämtad"), _l("%(who)s hämtade modereringsloggen")),
    "source.imported": Deed(_l("Källa inläst"), _l("%(who)s läste in nya samråd")),
}
OTHER = Deed(_l("Annan händelse"), _l("%(who)s ändrade %(what)s"))


def name(verb: str) -> str:
    """What the deed is called in a list of choices."""
    return str(DEEDS.get(verb, OTHER).name)


def tell(verb: str, *, who: str | Markup, what: str | Markup = "") -> Markup:
    """The deed as a sentence. `who` and `what` are names, or markup such as a link; names are escaped."""
    sentence = str(DEEDS.get(verb, OTHER).sentence)
    return escape(sentence) % {"who": who or _("Portalen"), "what": what or _("något som inte längre visas")}
