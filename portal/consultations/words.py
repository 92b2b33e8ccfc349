"""The words for stages, triage and the Commission's topics."""

from portal.consultations.models import Stage, Triage
from portal.web import _l

STAGES = {
    Stage.planned: _l("Planerat"),
    Stage.call_for_evidence: _l("Inbjudan att lämna synpunkter"),
    Stage.public_consultation: _l("Offentligt samråd"),
    Stage.draft_act: _l("Utkast till akt"),
    Stage.adopted_proposal: _l("Synpunkter på antaget förslag"),
    Stage.national_remiss: _l("Remiss"),
    Stage.regional_input: _l("Inspel till regionalt nätverk"),
}
TRIAGE = {
    Triage.to_assess: _l("Att bedöma"),
    Triage.answering: _l("Vi svarar"),
    Triage.watching: _l("Vi bevakar"),
    Triage.not_relevant: _l("Inte aktuellt"),
}
# When the time to answer is over, a word says what was done; UNFINISHED where the answer was never finalised.
TRIAGE_AFTERWARDS = {
    Triage.to_assess: _l("Inte bedömt"),
    Triage.answering: _l("Vi svarade"),
    Triage.watching: _l("Vi bevakade"),
    Triage.not_relevant: _l("Inte aktuellt"),
}
UNFINISHED = _l("Svaret är inte färdigställt")
WINDOW = {"open": _l("Öppet"), "upcoming": _l("Öppnar senare"), "closed": _l("Stängt")}
TOPICS = {
    "AGRI": _l("Jordbruk"),
    "FINANCE": _l("Finansmarknad"),
    "BORDERS": _l("Gränser"),
    "BUDGET": _l("EU:s budget"),
    "BUSINESS": _l("Företag och industri"),
    "CLIMA": _l("Klimat"),
    "COMP": _l("Konkurrens"),
    "CONSUM": _l("Konsumenter"),
    "CULT": _l("Kultur"),
    "CUSTOMS": _l("Tull"),
    "DIGITAL": _l("Digitalt"),
    "ECFIN": _l("Ekonomi"),
    "EAC": _l("Utbildning"),
    "EMPL": _l("Arbete och sociala frågor"),
    "ENER": _l("Energi"),
    "ENV": _l("Miljö"),
    "ENLARG": _l("Utvidgning"),
    "NEIGHBOUR": _l("Grannländer"),
    "FOOD": _l("Livsmedel"),
    "FOREIGN": _l("Utrikes"),
    "FRAUD": _l("Bedrägeri"),
    "HOME": _l("Inrikes säkerhet"),
    "HUMAN": _l("Humanitärt bistånd"),
    "INST": _l("EU:s institutioner"),
    "INTDEV": _l("Utvecklingssamarbete"),
    "JUST": _l("Rättsliga frågor"),
    "MARE": _l("Hav och fiske"),
    "ASYL": _l("Migration och asyl"),
    "HEALTH": _l("Hälsa"),
    "REGIO": _l("Regionalpolitik"),
    "RESEARCH": _l("Forskning"),
    "SINGMARK": _l("Inre marknaden"),
    "SPORT": _l("Idrott"),
    "STAT": _l("Statistik"),
    "TAX": _l("Skatter"),
    "TRADE": _l("Handel"),
    "TRANSPORT": _l("Transport"),
    "YOUTH": _l("Unga"),
}
