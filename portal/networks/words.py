"""The network's own words for roles and kinds of unit."""

from portal.networks.access import Role
from portal.networks.models import Network, UnitKind
from portal.web import _, _l

ROLES = {
    Role.contact: _l("Kontaktperson"),
    Role.deputy: _l("Ersättare"),
    Role.head: _l("Chef"),
    Role.reader: _l("Läsare"),
    Role.registrar: _l("Registrator"),
    Role.guest: _l("Gäst"),
    Role.admin: _l("Systemadministratör"),
}
KINDS = {
    UnitKind.municipal_company: _l("Kommunalt bolag"),
    UnitKind.business: _l("Företag"),
    UnitKind.association: _l("Förening"),
    UnitKind.other: _l("Annat"),
}
MAY = {
    Role.coordinator: _l("Leder nätverket och får göra allt."),
    Role.contact: _l("Svarar för en enhet. Läser, delar spaningar, kommenterar och skriver sin enhets del av utkasten."),
    Role.deputy: _l("Som kontaktperson, i någons ställe."),
    Role.head: _l("Som kontaktperson, och leder sin enhet."),
    Role.reader: _l("Läser allt i nätverket men skriver inte."),
    Role.registrar: _l("Läser allt och sätter diarienummer."),
    Role.guest: _l("Ser bara det som delas med gästen."),
    Role.admin: _l("Sköter medlemmar och inställningar, men leder inte arbetet."),
}
# What networks usually call these; a word of their own stands as they wrote it, in every language.
USUAL_WORDS = (_l("förvaltning"), _l("sektor"), _l("kontor"), _l("EU-samordnare"), _l("EU-strateg"), _l("internationell strateg"))


def role(code: str, network: Network) -> str:
    """The role in the reader's language; the coordinator is called what the network calls her."""
    return _(network.word_coordinator) if code == Role.coordinator else str(ROLES[Role(code)])


def role_inside(code: str, network: Network) -> str:
    """The role as it stands within a sentence."""
    return _(network.word_coordinator) if code == Role.coordinator else str(ROLES[Role(code)]).lower()


def kind(code: str, network: Network) -> str:
    """The kind of unit; a department is called what the network calls it."""
    if code == UnitKind.department:
        word = _(network.word_department)
        return word[:1].upper() + word[1:]
    return str(KINDS[UnitKind(code)])


def may(code: str) -> str:
    """What the role may do, in one sentence."""
    return str(MAY[Role(code)])
