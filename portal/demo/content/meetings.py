"""Meetings in the rhythm of a year: three that have been, one that everybody is summoned to, one that is planned."""

from portal.demo.content.past_meetings import PAST
from portal.demo.shapes import Gathering, Point

COMING = (
    Gathering(
        key="housing meeting",
        by="ingela",
        offset=16,
        title="Nätverksträff: Bostäder, upphandling och året som gick",
        place="Rum Tranan, kommunhuset",
        online_url="https://mote.grankoping.example/natverket",
        purpose=(
            "Vi går igenom vårt svar om bostäder, bedömer spaningarna och bestämmer vad vi vill säga om upphandling. "
            "Läs svaret i förväg. Det tar tio minuter."
        ),
        planned=28,
        summoned=6,
        points=(
            Point("Föregående träff", 10, "Ingela Rask"),
            Point("Laget runt, två minuter var", 30, "Alla"),
            Point("Spaningar att bedöma", 30, "Ingela Rask"),
            Point("Samråd om bostäder: vårt svar", 40, "Tomas Ekvall och Hanna Viklund"),
            Point("Upphandlingsdirektiven: ska vi svara?", 20, "Ingela Rask"),
            Point("Datum för nästa år", 10, "Ingela Rask"),
        ),
        answers=(
            ("hanna", "yes", 6, "9.42"),
            ("pelle", "yes", 6, "10.05"),
            ("sirkka", "yes", 5, "12.20"),
            ("bengt", "maybe", 5, "16.48"),
            ("zainab", "yes", 4, "8.31"),
            ("olof", "no", 3, "13.15"),
            ("ingela", "yes", 3, "9.05"),
            ("karin", "yes", 2, "14.25"),
            ("emil", "yes", 4, "7.58"),
        ),
    ),
    Gathering(
        key="trend meeting",
        by="ingela",
        offset=80,
        title="Nätverksträff: Trender inför verksamhetsplanen",
        place="Rum Tranan, kommunhuset",
        purpose="Vi lägger ihop årets spaningar till några få trender som förvaltningar och bolag kan ta med i sina planer.",
        planned=7,
        summoned=None,
        points=(
            Point("Föregående träff", 10, "Ingela Rask"),
            Point("Årets spaningar blir trender", 60, "Alla, i grupper"),
            Point("Vad tar vi med i verksamhetsplanen?", 45, "Bengt Sjöholm"),
        ),
    ),
    Gathering(
        key="regional meeting",
        by="kerstin",
        offset=26,
        title="Regionträff: Vad säger vi tillsammans om partnerskapsplanen?",
        place="Vitsjö stadshus, sal Lommen",
        purpose="Tre kommuner, en gemensam text på två sidor. Ta med ett exempel var på något som EU-pengar gjorde möjligt.",
        starts="9.30",
        ends="12.00",
        planned=14,
        summoned=8,
        points=(
            Point("Tre exempel från tre kommuner", 45, "En från varje kommun"),
            Point("Gemensam text", 60, "Kerstin Dahl"),
        ),
        answers=(("kerstin", "yes", 8, "9.35"),),
    ),
)

ALL = PAST + COMING
