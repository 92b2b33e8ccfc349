"""Consultations: one that is being answered, three to assess, two that we watch, one that is done, one that is not for us."""

from portal.consultations.models import Stage, Triage
from portal.demo.content.housing_answer import ANSWER
from portal.demo.content.regional_answer import SENT
from portal.demo.shapes import Asked, Window
from portal.periods import Zone

ALL = (
    Asked(
        key="region",
        by="ingela",
        ago=92,
        at="9.15",
        title="Regionens position om sammanhållningspolitiken",
        url="https://www.centralsweden.se/",
        summary=(
            "Regionen skriver en position om sammanhållningspolitiken efter 2027 och vill ha kommunernas synpunkter, gärna i punktform. "
            "Positionen lämnas till regeringen och till Kommissionen."
        ),
        topics=("REGIO", "BUDGET"),
        windows=(Window(Stage.regional_input, 93, -112, Zone.stockholm),),
        triage=Triage.answering,
        triaged=(92, "9.40"),
        units=("Näringsliv",),
        answer=SENT,
        sent=(80, "15.10"),
        came_from="budget",
    ),
    Asked(
        key="invoices",
        by="ingela",
        ago=70,
        at="10.30",
        title="Elektronisk fakturering: översyn av EU:s regler",
        title_en="Electronic invoicing – revision of EU rules",
        url="https://have-your-say.ec.europa.eu/initiatives/14792",
        summary="Kommissionen vill veta hur elektroniska fakturor till det offentliga fungerar, och om en gemensam standard ska bli tvingande.",
        topics=("SINGMARK", "DIGITAL"),
        windows=(Window(Stage.public_consultation, 74, -40),),
        triage=Triage.not_relevant,
        triaged=(69, "8.45"),
        reason="Vi tar redan bara emot e-fakturor i det format som föreslås. Ekonomi följer frågan.",
    ),
    Asked(
        key="nature plan",
        by="ingela",
        ago=60,
        at="10.35",
        title="Förordningen om naturrestaurering: nationell plan",
        url="https://www.regeringen.se/remisser/",
        summary=(
            "Förslag till hur Sverige ska nå målen i EU:s naturrestaureringsförordning. För kommunerna handlar det mest om grönytor och "
            "träd i tätorter, våtmarker och vandringshinder i vattendrag."
        ),
        topics=("ENV", "CLIMA"),
        windows=(Window(Stage.national_remiss, 62, 34, Zone.stockholm),),
        triage=Triage.watching,
        triaged=(59, "13.40"),
        reason="Länsstyrelsen samlar kommunernas siffror. Hanna följer vad som sägs om tätorter.",
        came_from="nature",
    ),
    Asked(
        key="plan",
        by="ingela",
        ago=33,
        at="9.10",
        title="Förslag till partnerskapsplan inom EU:s långtidsbudget 2028–2034",
        url="https://www.regeringen.se/remisser/",
        summary=(
            "Regeringens förslag till hur Sverige ska använda den nya gemensamma fonden. Planen ersätter dagens program för "
            "regionalfonden, socialfonden och landsbygden. Remissinstanserna ska särskilt säga vad de tycker om kommunernas roll."
        ),
        topics=("BUDGET", "REGIO"),
        windows=(Window(Stage.national_remiss, 35, 66, Zone.stockholm),),
        triage=Triage.watching,
        triaged=(32, "10.05"),
        reason="Regionalt EU-nätverk skriver ett gemensamt svar. Vi lämnar exempel dit i stället för att svara själva.",
        came_from="budget",
    ),
    Asked(
        key="housing",
        by="ingela",
        ago=19,
        at="10.05",
        title="Rättsakt om överkomliga bostäder",
        title_en="Affordable Housing Act",
        url="https://housing.ec.europa.eu/",
        summary=(
            "Kommissionen förbereder en rättsakt om bostäder som människor har råd med. Den frågar hur man känner igen orter där "
            "bostadsmarknaden är pressad, hur korttidsuthyrning påverkar priserna och vad som hindrar att fler hus byggs.\n"
            "En enkät för den som har siffror stänger först. Inbjudan att lämna synpunkter är öppen fem dagar till."
        ),
        topics=("REGIO", "SINGMARK", "EMPL"),
        windows=(
            Window(Stage.public_consultation, 22, 12, on_a_sunday=True),
            Window(Stage.call_for_evidence, 22, 12, on_a_sunday=True, days_later=5),
        ),
        triage=Triage.answering,
        triaged=(18, "9.10"),
        units=("Granbo AB", "Samhällsbyggnad"),
        answer=ANSWER,
        came_from="rentals",
        shared_with="said",
    ),
    Asked(
        key="procurement",
        by="ingela",
        ago=5,
        at="8.40",
        title="Översyn av upphandlingsdirektiven",
        title_en="Revision of the public procurement directives",
        url="https://have-your-say.ec.europa.eu/",
        summary=(
            "Kommissionen har lämnat förslag som ska göra offentlig upphandling enklare och ge mer plats åt kvalitet, miljö och europeiska "
            "varor. Synpunkter under åtta veckor skickas vidare till parlamentet och rådet."
        ),
        topics=("SINGMARK", "BUSINESS"),
        windows=(Window(Stage.adopted_proposal, 7, 46),),
    ),
    Asked(
        key="youth strategy",
        by="ingela",
        ago=4,
        at="9.25",
        title="EU:s ungdomsstrategi efter 2027",
        title_en="EU Youth Strategy post-2027",
        url="https://have-your-say.ec.europa.eu/initiatives/16252",
        summary=(
            "Nuvarande ungdomsstrategi löper ut. Kommissionen vill veta vad nästa ska handla om och hur unga själva ska vara med. "
            "Enkäten finns på svenska och går att fylla i på en kvart."
        ),
        topics=("YOUTH", "EAC"),
        windows=(Window(Stage.public_consultation, 9, 53),),
        came_from="youth",
    ),
    Asked(
        key="energy",
        by="ingela",
        ago=3,
        at="13.15",
        title="Ramverk för energieffektivitet det kommande årtiondet",
        title_en="Energy efficiency framework for the decade ahead",
        url="https://have-your-say.ec.europa.eu/initiatives/17452",
        summary=(
            "Kommissionen ser över reglerna om energieffektivitet efter 2030 och frågar vad som har fungerat för offentliga byggnader, "
            "fjärrvärme och hushåll med små marginaler."
        ),
        topics=("ENER", "CLIMA"),
        windows=(Window(Stage.call_for_evidence, 6, 22),),
    ),
)
