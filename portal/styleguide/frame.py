"""The frame around pages and the door, with a network to show."""

from typing import Any

from portal.accounts.models import Person
from portal.public.queries import DemoPerson
from portal.web import Form, Place, _
from portal.web.menu import Home
from portal.web.pieces import own


def samples() -> dict[str, Any]:
    """What ui/_side.html, _top.html and _bottom.html show, and accounts/_door.html."""
    network, other = (
        Home(number, name, "", place)
        for number, name, place in ((1, "EU-nätverket", "Granköpings kommun"), (2, "Regionalt EU-nätverk", "Region Grankust"))
    )
    return {
        "demo": True,
        "network": network,
        "networks": (network, other),
        "person": Person(id=2, name="Maja Lindqvist"),
        "my_name": own("Maja Lindqvist"),
        "my_initials": own("ML"),
        "chosen_theme": "auto",
        "here_again": own(""),
        "places": _places(),
        "people": [
            DemoPerson(Person(id=1, name="Ingela Rask"), _("EU-samordnare"), ""),
            DemoPerson(Person(id=2, name="Maja Lindqvist"), _("Kontaktperson"), "Bildning"),
            DemoPerson(Person(id=3, name="Said Karimi"), _("Gäst"), "Vitsjö Bygg AB"),
        ],
        "wrong": Form(values={"email": "maja.lindqvist"}, errors={"email": _("Skriv en e-postadress.")}),
    }


def _places() -> tuple[Place, ...]:
    return (
        Place("home", _("Hem"), "", "house", count=3),
        Place("meetings", _("Träffar"), "", "calendar-days"),
        Place("findings", _("Spaningar"), "", "radar"),
        Place("consultations", _("Samråd"), "", "messages-square"),
        Place("calls", _("Utlysningar"), "", "hand-coins"),
        Place("members", _("Medlemmar"), "", "users", "more", current=True),
        Place("moderation", _("Moderering"), "", "shield", "more", 1),
    )
