"""Findings of the last year, the oldest first."""

from portal.demo.content.recent_findings import RECENT
from portal.demo.shapes import Decided, Spotted
from portal.findings.models import Fate

EARLIER = (
    Spotted(
        key="erasmus",
        by="maja",
        ago=224,
        at="10.12",
        title="Erasmus+ ackreditering ger säkrare pengar till skolutbyten",
        url="https://erasmus-plus.ec.europa.eu/",
        happens=(
            "Skolor som är ackrediterade i Erasmus+ söker inte nya projekt varje år, utan får en summa att planera med. "
            "Ackrediteringen gäller hela programperioden och kan omfatta flera skolor tillsammans. Två grannkommuner har redan gjort så."
        ),
        means=(
            "I dag skriver varje gymnasieskola sin egen ansökan, och hälften orkar inte. En gemensam ackreditering för Bildning sparar "
            "kanske tre veckors arbete om året. Det kräver att en person håller ihop det, och den personen har vi inte utsett."
        ),
        themes=("Unga", "Globalisering"),
        decided=Decided(Fate.used, 204, "9.40", "Bildning utser en samordnare och söker ackreditering i höst."),
    ),
    Spotted(
        key="passport",
        by="pelle",
        ago=212,
        at="14.35",
        title="Lokala företag behöver svar om digitala produktpass",
        url="https://eur-lex.europa.eu/eli/reg/2024/1781/oj",
        happens=(
            "Ekodesignförordningen inför digitala produktpass, en vara i taget. Den som säljer ska kunna visa vad varan är gjord av, "
            "hur den lagas och hur den återvinns. Möbler, textil och stål kommer bland de första."
        ),
        means=(
            "Fem av våra tillverkande företag har frågat mig, och jag har inga svar. För kommunen betyder det också att vi kan ställa "
            "krav i upphandlingar som går att kontrollera. Vi borde ordna en frukost i ämnet."
        ),
        themes=("Näringsliv", "Teknik"),
        decided=Decided(Fate.watched, 199, "11.05", "Vi följer vilka varor som kommer först och ordnar en företagsfrukost."),
        shared=("said", 64, "9.15"),
    ),
    Spotted(
        key="twins",
        by="hanna",
        ago=203,
        at="8.50",
        title="Allt fler kommuner testar digitala tvillingar för skyfall",
        happens=(
            "En digital tvilling är en modell av staden där man kan låta det regna. Flera svenska kommuner provar nu sådana modeller "
            "för att se var vattnet tar vägen, och delar dem mellan planerare, va-ingenjörer och räddningstjänst."
        ),
        means=(
            "Vi byter ledningsnät ändå. En gemensam modell med grannkommunen kan sänka kostnaden, och då får räddningstjänsten "
            "samma karta som vi. Frågan är vem som äger modellen när projektet är slut."
        ),
        themes=("Klimat", "Teknik"),
        decided=Decided(Fate.watched, 188, "13.20", "Hanna och Emil tar upp frågan med grannkommunen."),
    ),
    Spotted(
        key="language",
        by="sirkka",
        ago=196,
        at="13.05",
        title="Grannlandets språkpraktik för vårdpersonal",
        happens=(
            "I flera finska kommuner får nyanställd vårdpersonal sex veckors praktik med en språkmentor vid sidan om. "
            "Mentorn är en kollega på samma avdelning och får två timmar i veckan för uppdraget. Färre slutar under första året."
        ),
        means=(
            "Hos oss slutar nästan var fjärde nyanställd i hemtjänsten inom ett år, och språket är ett vanligt skäl. Modellen kostar "
            "mindre än att rekrytera en gång till. Jag kan ordna ett samtal med en enhetschef i Vasa."
        ),
        themes=("Demografi",),
        decided=Decided(Fate.used, 166, "10.30", "Vård och omsorg provar med fyra mentorer under våren."),
    ),
    Spotted(
        key="culture",
        by="anders",
        ago=187,
        at="15.10",
        title="Europas kulturhuvudstäder visar vad en liten ort kan göra",
        url="https://culture.ec.europa.eu/policies/culture-in-cities-and-regions/european-capitals-of-culture",
        happens=(
            "Flera av de senaste kulturhuvudstäderna är mindre än Granköping. De byggde inga nya hus, utan öppnade tomma lokaler "
            "och lät föreningar stå för programmet."
        ),
        means=(
            "Vi har fyra tomma skyltfönster på Storgatan. Det vore roligt att prova i liten skala, men någon måste ta hand om nycklarna."
        ),
        themes=("Värderingar",),
        decided=Decided(Fate.archived, 150, "14.45", "Bra idé, men ingen har tid i år. Kan tas fram igen."),
    ),
    Spotted(
        key="efficiency",
        by="olof",
        ago=175,
        at="9.25",
        title="Energieffektivisering: offentliga byggnader ska gå före",
        url="https://eur-lex.europa.eu/eli/dir/2023/1791/oj",
        happens=(
            "Energieffektiviseringsdirektivet säger att offentlig sektor ska minska sin energianvändning varje år och renovera en "
            "viss andel av sina byggnader. Hur målet delas mellan stat, regioner och kommuner avgörs nationellt."
        ),
        means=(
            "Skolorna och idrottshallarna är våra största hus. Bolaget har redan mätvärden timme för timme för de flesta av dem, så "
            "vi kan börja där det gör mest nytta. Utan siffror blir det gissningar i investeringsplanen."
        ),
        themes=("Klimat",),
        decided=Decided(Fate.used, 148, "9.15", "Tekniska och Vitsjö Energi tar fram en lista över de tio hus som drar mest."),
    ),
    Spotted(
        key="budget",
        by="ingela",
        ago=163,
        at="11.15",
        title="EU:s nya långtidsbudget slår ihop fonderna",
        url="https://www.centralsweden.se/nu-ar-skrs-skrift-pa-gang-inom-eu-hosten-2025-publicerad",
        happens=(
            "Kommissionen vill att fjorton program blir en enda fond från 2028. Varje land ska skriva en partnerskapsplan i stället "
            "för dagens många program. Regionerna behöver inte vara med när planen skrivs, och det är det som oroar."
        ),
        means=(
            "De pengar vi har haft störst nytta av, regionalfonden och socialfonden, finns inte kvar under sina namn. Vi behöver säga "
            "vad vi vill medan planen skrivs, helst tillsammans med grannkommunerna. Efteråt är det för sent."
        ),
        themes=("Globalisering", "Näringsliv"),
        decided=Decided(Fate.used, 94, "8.40", "Blev ett inspel till regionen och en remiss som vi bevakar."),
    ),
    Spotted(
        key="rentals",
        by="tomas",
        ago=152,
        at="13.45",
        title="Register för korttidsuthyrning: då ser vi vad som hyrs ut",
        url="https://eur-lex.europa.eu/eli/reg/2024/1028/oj",
        happens=(
            "En EU-förordning gör att plattformar för korttidsuthyrning ska lämna uppgifter om varje bostad de hyr ut. Myndigheter "
            "kan få uppgifterna varje månad, men bara om landet har ett register."
        ),
        means=(
            "I dag vet Granbo inte hur många av våra lägenheter som hyrs ut till turister. Vi får veta det av grannar som klagar. "
            "Med uppgifter varje månad kan vi se om det är ett problem eller bara ett rykte."
        ),
        themes=("Näringsliv", "Teknik"),
        decided=Decided(Fate.used, 19, "9.50", "Tas vidare i samrådet om överkomliga bostäder."),
    ),
    Spotted(
        key="ai",
        by="maja",
        ago=141,
        at="10.05",
        title="AI-förordningen stegvis i kraft: vad använder skolan redan?",
        url="https://eur-lex.europa.eu/eli/reg/2024/1689/oj",
        happens=(
            "AI-förordningen börjar gälla i steg. System som avgör vem som kommer in på en utbildning eller som bedömer prov räknas "
            "som högrisk. Den som använder dem ska veta hur de fungerar, och personalen ska ha tillräcklig kunskap."
        ),
        means=(
            "Ingen vet vilka verktyg våra skolor använder. Några lärare rättar med hjälp av AI, andra har förbjudit det i klassrummet. "
            "Första steget är en lista, och den kan vi göra utan jurister. Samma fråga finns säkert i hemtjänsten."
        ),
        themes=("Teknik", "Unga"),
        decided=Decided(Fate.watched, 127, "13.00", "Alla förvaltningar listar sina verktyg till nästa träff."),
    ),
    Spotted(
        key="train",
        by="rut",
        ago=133,
        at="16.05",
        title="Unga vill resa med tåg på skolutbyten",
        url="https://youth.europa.eu/discovereu_sv",
        happens=(
            "Elever som ska till vår vänort i Frankrike har själva räknat på tåg: 31 timmar, två byten och halva priset om man bokar "
            "i tid. EU delar ut tågkort till artonåringar, och Erasmus+ ger extra bidrag till den som reser grönt."
        ),
        means=(
            "Resan blir en del av utbytet. Men två lärare måste vara borta ett dygn till, och det måste någon betala. Föreningen kan "
            "ordna boende i Hamburg hos vänner."
        ),
        themes=("Värderingar", "Unga", "Klimat"),
        decided=Decided(Fate.used, 92, "9.05", "Bildning provar tåg på nästa resa till vänorten."),
    ),
)

REGIONAL = (
    Spotted(
        key="regional ports",
        by="kerstin",
        ago=57,
        at="9.35",
        title="Interreg öppnar för små projekt utan medfinansiering i förskott",
        url="https://interreg.eu/",
        happens=(
            "Flera Interreg-program provar klumpsummor för små projekt. Då redovisar man resultat i stället för kvitton, "
            "och en del av pengarna betalas ut vid start."
        ),
        means="Norrby har tackat nej två gånger för att de inte kan ligga ute med pengar. Nu kan de vara med.",
        themes=("Globalisering",),
        decided=Decided(Fate.watched, 44, "10.10"),
    ),
    Spotted(
        key="regional office",
        by="regional ingela",
        ago=7,
        at="14.40",
        title="Regionens Brysselkontor söker exempel på gränslösa vårdyrken",
        happens=(
            "Kontoret samlar exempel på hur yrkesbevis från andra länder godkänns i praktiken, och visar dem för Kommissionen i vår. "
            "Ett exempel är en halv sida."
        ),
        means="Granköping kan bidra med undersköterskorna. Har Vitsjö och Norrby något eget, eller skriver vi ett tillsammans?",
        themes=("Demografi",),
    ),
)

DRAFT = Spotted(
    key="draft",
    by="maja",
    ago=11,
    at="15.52",
    title="Skolmaten och EU:s nya regler om upphandling av livsmedel",
    happens="Kommissionen vill göra det lättare att väga in närhet och miljö när det offentliga köper mat. Det rör också skolköken, där",
    means="",
    themes=("Unga",),
)

ALL = EARLIER + RECENT
