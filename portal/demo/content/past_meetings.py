"""Meetings that have been, with their notes; those of the latest are not finished."""

from portal.demo.shapes import Errand, Gathering, Point

START = Gathering(
    key="start meeting",
    by="ingela",
    offset=-255,
    title="Nätverksträff: Så vill vi arbeta i år",
    place="Rum Tranan, kommunhuset",
    purpose="Årets första träff. Vi bestämmer hur vi delar spaningar, vem som svarar på samråd och när vi ses.",
    starts="13.00",
    ends="15.00",
    planned=34,
    points=(
        Point(
            "Välkomna, och vem är vem",
            20,
            "Ingela Rask",
            "Rut Melin från vänortsföreningen är ny i nätverket. Räddningstjänsten har ännu ingen kontaktperson; Ingela frågar igen.",
        ),
        Point(
            "Så delar vi spaningar",
            30,
            "Maja Lindqvist",
            "En spaning ska gå att skriva på två minuter: vad händer, och vad betyder det för oss. Den behöver inte vara färdigtänkt.\n\n"
            "- Alla delar minst en spaning i kvartalet.\n- Ingela bedömer inför varje träff.\n- Det som är bra nog blir något: ett svar, "
            "ett projekt eller en punkt i en plan.",
            by="maja",
        ),
        Point(
            "Vem svarar på samråd?",
            30,
            "Ingela Rask",
            "Kommunen svarar som kommun. Förvaltningar och bolag bidrar med siffror och exempel. Hinner vi inte till kommunstyrelsen "
            "skickar vi inspel till regionen i stället.",
        ),
        Point(
            "Datum för året",
            20,
            "Ingela Rask",
            "Torsdagar passar sämst för Vård och omsorg.",
            goal="decide",
            decision="Nätverket ses fem gånger i år, ingen i juli.",
            errands=(Errand("Fråga Räddningstjänsten igen om en kontaktperson", "ingela", 60),),
        ),
    ),
    answers=(
        ("maja", "yes", 11, "8.20"),
        ("hanna", "yes", 11, "9.10"),
        ("anders", "yes", 9, "10.42"),
        ("sirkka", "yes", 8, "15.05"),
        ("tomas", "no", 6, "11.30"),
    ),
    present=("ingela", "maja", "hanna", "anders", "sirkka", "pelle", "bengt", "rut", "gunnel"),
    note_taker="maja",
    circulated=2,
    adjuster="hanna",
    finalised=5,
)

BUDGET = Gathering(
    key="budget meeting",
    by="ingela",
    offset=-150,
    title="Nätverksträff: Vad händer med EU-budgeten?",
    place="Rum Tranan, kommunhuset",
    online_url="https://mote.grankoping.example/natverket",
    purpose="Fonderna slås ihop från 2028. Vi går igenom vad det betyder för oss och vad vi vill säga till regionen.",
    points=(
        Point(
            "Föregående träff",
            10,
            "Ingela Rask",
            "Anteckningarna lades till handlingarna. Räddningstjänsten har inte svarat. Ingela ringer i stället för att mejla.",
        ),
        Point(
            "Laget runt, två minuter var",
            30,
            "Alla",
            "- **Bildning:** ansökan om ackreditering i Erasmus+ är halvvägs.\n- **Granbo:** har fått frågor om korttidsuthyrning.\n"
            "- **Tekniska:** mäter tillskottsvatten i Norrbyn i sommar.\n- **Vård och omsorg:** fyra språkmentorer har börjat.",
            by="maja",
        ),
        Point(
            "EU:s långtidsbudget på en kvart",
            40,
            "Ingela Rask",
            "Fjorton program blir en fond. Sverige ska skriva en partnerskapsplan, och det är inte sagt att kommunerna får vara med. "
            "Nätverket vill att vi säger vår mening tidigt.\n\n"
            "> Det är lättare att flytta en stolpe innan den är grävd.\n\nCitatet är Bengts och får stå kvar.",
        ),
        Point(
            "Vad vill vi säga till regionen?",
            40,
            "Pelle Öhrn",
            "1. Kommunerna ska vara med när planen skrivs.\n2. Små projekt behöver klumpsummor i stället för kvitton.\n"
            "3. Pengarna måste komma innan räkningarna gör det.\n\nPelle och Ingela skriver inspelet. Alla får läsa i en vecka.",
        ),
        Point(
            "Åtgärdspunkter",
            15,
            "Ingela Rask",
            errands=(
                Errand("Skriva inspelet till regionen och låta alla läsa det", "pelle", 15, 12),
                Errand("Lista de tio byggnader som drar mest energi", "olof", 30, 41),
                Errand("Fråga rektorerna om tågresor till vänorten", "maja", 30, 33),
            ),
        ),
    ),
    answers=(
        ("pelle", "yes", 11, "9.41"),
        ("maja", "yes", 10, "7.52"),
        ("tomas", "yes", 9, "13.10"),
        ("bengt", "maybe", 8, "17.20"),
        ("olof", "yes", 7, "10.00"),
        ("gunnel", "yes", 5, "18.45"),
    ),
    present=("ingela", "maja", "tomas", "bengt", "sirkka", "pelle", "hanna", "emil", "olof", "gunnel"),
    note_taker="maja",
    circulated=2,
    adjuster="tomas",
    finalised=7,
)

CALLS = Gathering(
    key="calls meeting",
    by="ingela",
    offset=-49,
    title="Nätverksträff: Utlysningar mot våra behov",
    place="Granbo AB, Verkstadsgatan 4",
    online_url="https://mote.grankoping.example/natverket",
    purpose="Vi börjar i behoven och letar pengar sedan, inte tvärtom. Granbo bjuder på fika och visar kvarteret Tallen.",
    points=(
        Point(
            "Föregående träff",
            10,
            "Ingela Rask",
            "Inspelet till regionen är inskickat. Olofs lista är klar: simhallen toppar, som väntat. Tåg till vänorten blir av på "
            "nästa resa. Räddningstjänsten saknas fortfarande.",
        ),
        Point(
            "Behov som söker pengar",
            45,
            "Maja Lindqvist",
            "Tre behov lades på bordet:\n\n1. Fler yrkeselever ska våga åka på praktik utomlands (Bildning).\n"
            "2. Minska tillskottsvattnet i Norrbyn (Tekniska).\n3. Lokala företag behöver hjälp med digitala produktpass (Näringsliv).",
            by="maja",
        ),
        Point(
            "Utlysningar i höst och vår",
            40,
            "Ingela Rask",
            "Erasmus+ passar det första behovet, och Bildning söker. LIFE är för stort för oss ensamma när det gäller vattnet; Emil hör "
            "med grannkommunen. För produktpassen hittade vi ingenting. **Att inget passade är också ett svar**, och det skriver vi ner.",
        ),
        Point(
            "Rundvandring i kvarteret Tallen",
            30,
            "Tomas Ekvall",
            "Tomas visade var de nya husen ska stå. Fråga att ta med: kan lån från EIB användas om tre bolag går ihop?",
            errands=(Errand("Fråga regionens EU-kontor om lån från EIB till flera bolag", "tomas", 40),),
        ),
        Point(
            "Åtgärdspunkter",
            15,
            "Ingela Rask",
            errands=(
                Errand("Ansökan till Erasmus+ för yrkeselever, första utkast", "maja", 45),
                Errand("Höra med grannkommunen om LIFE och tillskottsvattnet", "emil", 25),
                Errand("Berätta för företagarna vad vi hittade om produktpass", "zainab", 20, 18),
            ),
        ),
        Point("Nästa träff", 5, "Ingela Rask"),
    ),
    answers=(
        ("hanna", "yes", 11, "9.35"),
        ("zainab", "yes", 11, "10.12"),
        ("maja", "yes", 10, "8.01"),
        ("rut", "yes", 9, "19.20"),
        ("bengt", "no", 7, "16.30"),
        ("sirkka", "maybe", 6, "12.44"),
    ),
    present=("ingela", "maja", "tomas", "hanna", "zainab", "pelle", "emil", "rut", "olof"),
    note_taker="maja",
    circulated=30,
    adjuster="tomas",
    correction=("tomas", 3, "Det är fyra bolag, inte tre: vattenbolaget är med."),
)

PAST = (START, BUDGET, CALLS)
