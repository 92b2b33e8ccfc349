"""The input that went to the region, section by section."""

from portal.demo.shapes import Written

SUMMARY = (
    "Granköpings kommun vill att kommunerna är med när Sveriges partnerskapsplan skrivs, att små projekt får klumpsummor och att "
    "en del av pengarna betalas ut i förskott."
)
EXPERIENCE = (
    "Vi har haft nytta av regionalfonden tre gånger på tio år. Varje gång var det ett litet projekt med stor verkan:\n\n"
    "- kompetens för 40 tillverkande företag,\n- cykelväg till industriområdet,\n- gemensam yrkesutbildning med Vitsjö.\n\n"
    "Inget av dem hade blivit av i ett nationellt program där vi tävlar med storstäderna."
)
PROPOSALS = (
    "1. Kommuner och regioner ska vara med i arbetet med planen, inte bara få den på remiss.\n"
    "2. Projekt under 200 000 euro ska redovisa resultat i stället för kvitton.\n"
    "3. Minst 30 procent ska betalas ut när projektet startar."
)

SENT = (
    Written(0, "ingela", 90, "13.30", SUMMARY),
    Written(1, "pelle", 88, "10.20", EXPERIENCE),
    Written(1, "ingela", 84, "9.05", f"{EXPERIENCE} Därför behövs en regional nivå också efter 2027."),
    Written(2, "pelle", 83, "14.40", PROPOSALS),
)
