"""Threads about what is newest, and about meetings and consultations."""

from functools import partial

from portal.demo import papers
from portal.demo.shapes import Paper, Reported, Say, Talk
from portal.moderation.models import Reason

RAIN = Paper(
    "regn-i-avloppet.png",
    partial(papers.bars, "Regn i det vi renar", (("Torra dagar", 18), ("Regniga dagar", 62))),
    alt="Två staplar: torra dagar är 18 procent av det vi renar regn, regniga dagar 62 procent.",
)
QUESTIONS = Paper(
    "fragor-till-elevraden.odt",
    partial(
        papers.letter,
        "Frågor till elevråden",
        (
            "1. Vad vill du att EU gör mer av för unga?",
            "2. Har du rest, studerat eller arbetat i ett annat land?",
            "3. Vad hindrar dig från att göra det?",
        ),
    ),
)

CALLS = (
    Talk(
        "call for twins",
        (
            Say("ingela", 15, "8.50", "Bra att du såg den, Rut. Vilka har frågat?", name="who asked"),
            Say("rut", 14, "18.20", "Kuressaare, Hajnówka och Bad Segeberg. De vill alla komma i september.", to="who asked"),
            Say(
                "zainab",
                12,
                "13.10",
                "September är bra för oss: då öppnar kulturhuset. 25 från andra länder är inget problem med tre orter, men femtio totalt "
                "kräver att skolan är med.",
                name="autumn",
            ),
            Say(
                "ingela", 11, "9.35", "Jag tar upp det med Maja. Sista dag att söka är före nästa träff, så vi bestämmer här.", to="autumn"
            ),
        ),
    ),
)

RECENT = (
    Talk(
        "sewage",
        (
            Say(
                "bengt",
                74,
                "16.30",
                "Det här är fyrtio miljoner om vi har otur. Emil, räkna på Norrbyn först, det verket är äldst.",
                name="forty",
            ),
            Say("emil", 73, "8.25", "Jag har börjat. Med otur blir det mer.", to="forty"),
            Say(
                "pelle",
                73,
                "10.10",
                "Läkemedelsföretagen ska betala en del, står det. Hur kommer de pengarna till oss?",
                name="who pays",
            ),
            Say(
                "emil",
                72,
                "9.05",
                "Genom en organisation som inte finns ännu, enligt regler som inte är skrivna ännu. Jag räknar inte med dem i budgeten.",
                to="who pays",
            ),
            Say("olof", 70, "11.20", "Slammet, då? Vi tar gärna emot det till biogasen om halterna är bra."),
            Say(
                "hanna",
                54,
                "13.50",
                "> Tillskottsvattnet är vårt största problem redan i dag\n\nI detaljplanen för ängen vid stationen kan vi kräva att regnet tas om "
                "hand på tomten. Det är gratis för er och nästan gratis för dem.",
            ),
            Say(
                "emil",
                9,
                "14.20",
                "Mätningarna från sommaren är klara. När det regnar är 62 procent av det vi renar regn.",
                name="rain",
                paper=RAIN,
            ),
            Say(
                "bengt", 8, "16.55", "62! Då är det inte reningsverket som är för litet, då är det ledningarna som är för otäta.", to="rain"
            ),
            Say("emil", 7, "8.10", "Just så. Och ledningar går att söka pengar för. Jag hör med grannkommunen om LIFE.", to="rain"),
            Say("pelle", 5, "9.35", "62 procent är en siffra som jag kan berätta på ett frukostmöte. Tack för den."),
            Say(
                "bengt",
                3,
                "15.40",
                "Lena på Norrbyn vet var rören läcker. Hon är sjukskriven till nästa vecka, men ring henne hemma så länge.",
                name="at home",
                reported=Reported("maja", Reason.personal_data, "Att Lena är sjuk är hennes sak och behöver inte stå här."),
            ),
        ),
    ),
    Talk(
        "stores",
        (
            Say("zainab", 61, "9.00", "Bygdegårdarna har stora förråd som står tomma. Ska jag fråga?", name="halls"),
            Say("pelle", 61, "9.22", "Ja tack. Norrbyn först.", to="halls"),
        ),
    ),
    Talk(
        "cyber",
        (
            Say(
                "emil", 48, "10.40", "Rapportera inom ett dygn betyder att någon måste svara i telefon på julafton. Det är den svåra biten."
            ),
            Say("bengt", 47, "15.30", "Vi delar jouren med er i bolaget. Den som ändå är vaken för vattnet kan vara vaken för det här."),
        ),
    ),
    Talk(
        "loans",
        (
            Say("karin", 20, "13.45", "Ekonomi säger att gränsen är 25 miljoner euro. Tre bolag ihop kommer till 31.", name="limit"),
            Say(
                "tomas",
                19,
                "8.40",
                "Då är det värt ett samtal med Vitsjö och Norrby. Ingela, kan det tas i det regionala nätverket?",
                to="limit",
            ),
            Say("ingela", 19, "9.55", "Ja, jag tar upp det på nästa regionträff.", to="limit"),
        ),
    ),
    Talk(
        "pay",
        (Say("tomas", 19, "15.05", "Bolagen är alltså med? Då behöver vi börja nu. Vi har tre olika lönesystem och en pärm."),),
    ),
    Talk(
        "buildings",
        (
            Say("olof", 10, "9.20", "Vi har mätvärden på alla 340. Jag kan visa vilka trappuppgångar som läcker mest.", name="stairs"),
            Say("karin", 10, "10.02", "Gärna! Kan du komma på tisdag?", to="stairs"),
            Say(
                "sirkka",
                6,
                "11.50",
                "Många av våra brukare bor där. Säg till i god tid före en renovering, så hinner vi planera hemtjänsten.",
            ),
        ),
    ),
    Talk(
        "tampere",
        (
            Say("emil", 5, "8.02", "Jag följer med om jag får köra."),
            Say("sirkka", 5, "9.18", "Behöver ni tolk? Jag kan både språket och vilken korv man ska beställa.", name="interpreter"),
            Say("bengt", 4, "17.05", "Du är med. Då är vi tre, och en plats är kvar.", to="interpreter"),
            Say("olof", 1, "9.25", "Den platsen tar jag, om det går att se ugnen också.", to="interpreter"),
        ),
    ),
    Talk(
        "cerv",
        (
            Say(
                "rut",
                3,
                "18.10",
                "Äntligen något med vårt namn på! Styrelsen träffas på måndag. Hur gör man för att registrera föreningen?",
                name="register",
            ),
            Say("ingela", 2, "8.50", "Det tar en halvtimme om man är två. Kom förbi mig, så gör vi det tillsammans.", to="register"),
            Say(
                "rut",
                1,
                "14.30",
                "Belleville-sur-Orne svarade redan samma kväll: en gymnasieklass kommer gärna. Det ger oss 18 av de 25. "
                "@Ingela Rask, räcker det att vi är två föreningar, eller måste vi vara tre?",
            ),
        ),
    ),
    Talk(
        "youth",
        (
            Say("maja", 26, "8.10", "Elevråden vill säkert vara med. Hur lång är enkäten?", name="how long"),
            Say(
                "zainab",
                26,
                "9.02",
                "Fjorton frågor. Tolv går att svara på utan att vara statsvetare. Här är de på svenska.",
                to="how long",
                paper=QUESTIONS,
            ),
            Say(
                "zainab",
                1,
                "13.40",
                "Ungdomsrådet har läst frågorna och vill svara själva. De började med att stryka ordet *ungdomar* överallt.",
            ),
        ),
    ),
    Talk(
        "plan",
        (
            Say("pelle", 31, "10.40", "Varför svarar vi inte själva? Det är ju våra pengar."),
            Say(
                "ingela",
                31,
                "11.10",
                "Tre kommuner som säger samma sak i en text läses. Tre texter som säger nästan samma sak räknas. Men allt vi har skickas med "
                "som bilaga.",
            ),
            Say("olof", 12, "9.48", "Ta med laddstolparna längs kustvägen som exempel. De finns bara för att tre kommuner gick ihop."),
        ),
    ),
    Talk(
        "procurement",
        (
            Say("bengt", 4, "16.40", "Om det blir enklare att köpa på kvalitet svarar jag gärna själv. På min fritid."),
            Say("sirkka", 3, "8.22", "Maten på äldreboendena också. Kocken i Norrbyn har väntat på det här i tolv år."),
        ),
    ),
    Talk(
        "housing meeting",
        (
            Say("olof", 3, "13.18", "Jag kan tyvärr inte komma, vi har revision. Jag lämnar mina synpunkter i tråden om bostäder."),
            Say("zainab", 2, "9.50", "Kan vi lägga till tio minuter om vänortsjubileet? CERV-spaningen passar precis.", name="jubilee"),
            Say("ingela", 2, "10.40", "Vi tar det under *Laget runt*, så får du och Rut fyra minuter tillsammans.", to="jubilee"),
        ),
    ),
    Talk(
        "calls meeting",
        (
            Say(
                "rut",
                -1,
                "19.05",
                "Tack för fikat, Granbo. Och för att ni sa *att inget passade är också ett svar*. Det var skönt att höra.",
            ),
            Say("maja", -2, "8.35", "Jag har skrivit under punkt 2. Säg till om jag hörde fel om vattnet."),
            Say("emil", -2, "9.40", "Rätt hört. Men skriv *tillskottsvatten*, annars tror folk att Norrbyn har för lite vatten."),
        ),
        since="calls meeting",
    ),
    Talk(
        "budget meeting",
        (
            Say("bengt", -2, "16.20", "Ska stolpen verkligen stå i anteckningarna?", name="post"),
            Say("ingela", -2, "16.31", "Ja.", to="post"),
        ),
        since="budget meeting",
    ),
)
