"""The liveliest thread: the answer on affordable housing."""

from portal.demo.shapes import Say, Talk
from portal.moderation.models import Reason

QUEUE = (
    "Nu har jag skrivit om korttidsuthyrning i avsnitt 2. Läs gärna med kritiska ögon. Särskilt siffran om kön: "
    "**{number} sökande** förra månaden."
)

HOUSING = Talk(
    "housing",
    (
        Say(
            "ingela",
            18,
            "9.25",
            "Kommissionen frågar vad som gör bostäder för dyra och vad EU kan göra åt det. Två tider gäller: enkäten stänger först, och "
            "inbjudan att lämna synpunkter fem dagar senare. Jag föreslår att vi **svarar på båda** med samma text.\n\n"
            "Granbo AB och Samhällsbyggnad är tillfrågade. Alla andra får gärna tycka till här.",
        ),
        Say(
            "tomas",
            18,
            "10.40",
            "Bra. Jag erkänner att jag fick läsa enkäten två gånger. Är det bolaget eller kommunen som svarar?",
            name="who answers",
        ),
        Say(
            "ingela",
            18,
            "10.52",
            "Kommunen svarar. Granbo bidrar med siffror och exempel, så slipper ni kunna EU-orden. Dem tar jag.",
            to="who answers",
        ),
        Say("tomas", 18, "11.03", "Då andas jag ut. Siffror har vi.", to="who answers"),
        Say(
            "hanna",
            17,
            "8.35",
            "Min första tanke: bostadsförsörjning är en lokal fråga. Det måste stå tidigt i svaret, annars blir det bara en önskelista.",
            name="local",
        ),
        Say(
            "sirkka",
            17,
            "9.14",
            "Vi har samma fråga inom hemvården. Undersköterskor tackar nej till jobb för att de inte hittar någonstans att bo. "
            "Kan vi svara gemensamt?",
            name="together",
        ),
        Say(
            "ingela",
            17,
            "9.31",
            "Ja. Skriv två meningar, så lägger jag in dem i avsnitt 2 så att synpunkten kommer med.",
            to="together",
        ),
        Say(
            "sirkka",
            16,
            "13.20",
            "Här är de:\n\n> I hemvården tackar var sjätte sökande nej, och bostaden är det vanligaste skälet.\n\n"
            "Det blev bara en mening, men den räcker.",
            to="together",
        ),
        Say(
            "pelle",
            16,
            "14.02",
            "Samma sak hos företagen. Tre av dem som jag besökte i förra veckan hyr hus åt sin egen personal, och det är inte det de helst "
            "gör om dagarna.",
        ),
        Say(
            "hanna",
            15,
            "9.05",
            "> Granbo bidrar med siffror och exempel\n\nEn siffra som jag gärna vill ha: hur många lägenheter hyrs ut för korta tider?",
            name="how many",
        ),
        Say(
            "karin",
            15,
            "10.26",
            "Tomas är ledig i dag, så jag svarar i hans ställe: vi vet inte. Och det är just det som är problemet. Bolaget har inga "
            "sådana uppgifter alls.",
            to="how many",
        ),
        Say("hanna", 15, "10.41", "Då har vi vår viktigaste mening.", to="how many"),
        Say(
            "said",
            14,
            "11.15",
            "Tack för att jag får vara med. För oss som bygger är det två saker som kostar: väntan på besked och att kraven är olika i "
            "varje kommun. Betongen kommer först på tredje plats.",
            name="builder",
        ),
        Say(
            "pelle",
            14,
            "11.40",
            "Kan du säga ungefär vad väntan kostar på ett vanligt flerbostadshus?",
            to="builder",
        ),
        Say(
            "said",
            14,
            "12.06",
            "Ring vår platschef på kvarteret Tallen, han har siffrorna i huvudet. Han är hemma med ryggskott den här veckan men svarar på "
            "sitt privata nummer, 070-174 06 35.",
            name="number",
            to="builder",
            hidden=Reason.personal_data,
        ),
        Say(
            "ingela",
            14,
            "12.58",
            "Jag dolde ett inlägg, eftersom det hade privata uppgifter om någon som inte är med här. Said, mejla mig gärna i stället, så "
            "hör jag av mig till honom.",
            to="builder",
        ),
        Say("said", 14, "13.22", "Självklart, det tänkte jag inte på. Mejlet är skickat.", to="builder"),
        Say(
            "zainab",
            12,
            "15.10",
            "En fråga från sidan: säger enkäten något om lokaler i bottenvåningen? När huset byggs utan dem försvinner föreningarnas "
            "mötesplats.",
            name="ground floor",
        ),
        Say(
            "hanna",
            12,
            "15.34",
            "Inte med ett ord. Jag tar med det under *Förslag till ändringar*.",
            to="ground floor",
        ),
        Say("tomas", 9, "10.17", QUEUE.format(number="1 410"), name="queue", corrected=QUEUE.format(number="1 140")),
        Say(
            "bengt",
            9,
            "16.22",
            "Läst i telefonen mellan två möten: bra text. Men hus ska ha vatten också. Stöd till ledningarna i marken nämns ingenstans. "
            "En mening räcker.",
            name="pipes",
        ),
        Say("ingela", 8, "9.38", "Den meningen är nu din, Bengt. Den står sist i avsnitt 2.", to="pipes"),
        Say(
            "hanna",
            8,
            "13.05",
            "> Vi avstyrker detaljerade krav\n\nSka vi avstyrka redan nu? Det finns ju inget förslag, bara frågor.",
            name="reject",
        ),
        Say(
            "ingela",
            8,
            "13.30",
            "Rätt. Man kan inte avstyrka en fråga. Jag skriver ”vill inte se” tills det finns ett förslag att vara emot.",
            to="reject",
        ),
        Say(
            "karin",
            4,
            "9.40",
            "Ledningen har läst och säger ja. De har en enda önskan: att sammanfattningen får plats på en sida.",
        ),
        Say(
            "karin",
            4,
            "14.12",
            "Jag kortade två stycken i avsnitt 2. Säg till om något viktigt försvann.",
            name="shorter",
        ),
        Say("sirkka", 3, "10.05", "Ingenting försvann, det blev bättre. Hemvården är kvar, och det är jag glad för.", to="shorter"),
        Say(
            "ingela",
            2,
            "15.20",
            "Då återstår förslagen. På träffen går vi igenom helheten. Enkäten stänger en söndag, så **jag skickar senast fredagen före**.",
        ),
    ),
    concluded=("local", 3, "11.10"),
)
