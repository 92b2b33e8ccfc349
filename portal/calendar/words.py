"""The words for what a feed shows, when it reminds, and what reads it."""

from collections.abc import Sequence

from portal.calendar.models import GROUP, Alarm, Scope, group_in
from portal.calendar.programs import Program
from portal.networks.group_models import WorkingGroup
from portal.web import _, _l

SCOPES = {
    Scope.meetings: _l("Alla träffar"),
    Scope.mine: _l("Mina träffar: de jag är kallad till eller har svarat ja eller kanske på"),
    Scope.deadlines: _l("Sista dagar: i de samråd som nätverket svarar på eller bevakar, i utlysningar, och för det du själv har att göra"),
    Scope.everything: _l("Allt: alla träffar och sista dagar"),
}
BRIEFLY = {
    Scope.meetings: _l("Alla träffar"),
    Scope.mine: _l("Mina träffar"),
    Scope.deadlines: _l("Sista dagar"),
    Scope.everything: _l("Allt"),
}
ALARMS = {
    Alarm.none: _l("Ingen påminnelse"),
    Alarm.day: _l("En dag före"),
    Alarm.hour: _l("En timme före"),
}
PROGRAMS = {
    Program.outlook: "Outlook",
    Program.google: _l("Google Kalender"),
    Program.apple: _l("Apple Kalender"),
    Program.thunderbird: "Thunderbird",
    Program.other: _l("Ett annat program"),
}
WITH_GROUPS = _l("Alla träffar, också arbetsgruppernas")
PATIENCE = {
    Program.outlook: _l("Outlook läser om efter ungefär tre timmar, ibland ett dygn."),
    Program.google: _l("Google läser om efter 8 till 24 timmar."),
    Program.apple: _l("Apple läser om så ofta som du har ställt in, oftast en gång om dagen."),
    Program.thunderbird: _l("Thunderbird läser om varje halvtimme när det är öppet."),
    Program.other: _l("Vi vet inte hur ofta programmet läser om."),
}


def choices(groups: Sequence[WorkingGroup]) -> list[tuple[str, object]]:
    """What a feed can show in a network with these working groups, with the words for it."""
    found: list[tuple[str, object]] = [(scope.value, said) for scope, said in SCOPES.items()]
    if groups:
        found[0] = (Scope.meetings.value, WITH_GROUPS)
    return found + [(f"{GROUP}{each.id}", _("Bara arbetsgruppen %(group)s", group=each.name)) for each in groups]


def briefly(scope: str, groups: Sequence[WorkingGroup]) -> object:
    """What a feed shows, in a few words; `groups` are all of the network's."""
    number = group_in(scope)
    if number is None:
        return BRIEFLY[Scope(scope)]
    return _("Arbetsgruppen %(group)s", group=next((each.name for each in groups if each.id == number), "–"))
