"""The answer on affordable housing, half written: three sections by several hands."""

from portal.demo.shapes import Written

WELCOME = (
    "Granköpings kommun välkomnar att EU lyfter bostadsfrågan, men bostadsförsörjning är en **lokal fråga**. Vi vill inte se "
    "detaljerade krav på hur kommunen planerar.\n\nEU kan göra mest nytta genom att\n\n"
    "- ge kommuner och bolag uppgifter om korttidsuthyrning,\n- låna ut billigt också till små bolag som går samman,\n"
    "- räkna med det som ligger under marken när hus ska få stöd."
)
PLANNING = (
    "### Planering\n\nKommunen planerar var det ska byggas och vet bäst hur läget är på orten. Vi har planlagt mark för 600 bostäder. "
    "Det som fattas är inte planer utan pengar till det som måste finnas runt husen: ledningar, vägar och förskolor."
)
PLANNING_SHORTER = PLANNING.replace("planerar var det ska byggas och ", "")
STAFF = (
    "### Personal som inte får bostad\n\nI hemvården tackar var sjätte sökande nej, och bostaden är det vanligaste skälet. "
    "Företagen i kommunen säger samma sak."
)
RENTALS = (
    "### Korttidsuthyrning\n\nGranbo AB har 2 300 lägenheter och 1 140 sökande i kö. Bolaget har i dag inga uppgifter om hur många "
    "lägenheter som hyrs ut för korta tider. Uppgifter om uthyrda lägenheter behöver nå kommunen varje månad. Då kan bolaget planera, "
    "och då vet vi om det är ett problem."
)
RENTALS_SHORTER = (
    "### Korttidsuthyrning\n\nGranbo AB har 2 300 lägenheter och 1 140 sökande i kö, men inga uppgifter om hur många lägenheter som "
    "hyrs ut för korta tider. Uppgifterna behöver nå kommunen varje månad. Då kan bolaget planera, och då vet vi om det är ett problem."
)
PIPES = "Nya bostäder kräver också ledningar i marken, och sådant stöd saknas helt i frågorna."
PROPOSALS = (
    "1. Låt kommunen själv säga om orten är pressad, med några få gemensamma mått.\n"
    "2. Nämn lokaler i bottenvåningen. Utan dem försvinner föreningarnas mötesplats."
)

ANSWER = (
    Written(0, "ingela", 16, "10.30", WELCOME.partition(" Vi vill inte se")[0]),
    Written(1, "hanna", 15, "15.45", PLANNING),
    Written(1, "ingela", 13, "9.20", f"{PLANNING}\n\n{STAFF}"),
    Written(1, "tomas", 9, "10.05", f"{PLANNING}\n\n{STAFF}\n\n{RENTALS}"),
    Written(0, "ingela", 8, "9.10", WELCOME.replace("vill inte se", "avstyrker")),
    Written(1, "ingela", 8, "9.35", f"{PLANNING}\n\n{STAFF}\n\n{RENTALS}\n\n{PIPES}"),
    Written(0, "ingela", 8, "13.35", WELCOME),
    Written(2, "hanna", 11, "16.15", f"{PROPOSALS}\n\n*Här fattas lånen. Tomas?*"),
    Written(1, "karin", 4, "14.05", f"{PLANNING_SHORTER}\n\n{STAFF}\n\n{RENTALS_SHORTER}\n\n{PIPES}"),
    Written(
        2,
        "tomas",
        9,
        "16.10",
        f"{PROPOSALS}\n3. Låt bolag från flera kommuner söka lån tillsammans. Gränsen i dag är för hög för ett bolag med",
        kept=True,
    ),
)
