"""Findings of the last half year, the oldest first. What is newest has not been assessed."""

from portal.demo.shapes import Decided, Spotted
from portal.findings.models import Fate

RECENT = (
    Spotted(
        key="packaging",
        by="bengt",
        ago=117,
        at="12.50",
        title="Förpackningsförordningen ändrar sopsorteringen",
        url="https://eur-lex.europa.eu/eli/reg/2025/40/oj",
        happens=(
            "Nya EU-regler om förpackningar ersätter det gamla direktivet. Märkningen blir lika i hela EU, engångsförpackningar på "
            "serveringar begränsas, och pantsystem blir obligatoriska för fler varor."
        ),
        means=(
            "Våra miljöstationer är dekaler och färger som ingen annan har. När märkningen blir gemensam måste allt bytas ändå, så vi "
            "väntar med de nya kärlen. Skolkök och äldreboenden behöver se över sina engångslådor."
        ),
        themes=("Klimat",),
        decided=Decided(Fate.watched, 95, "10.50", "Emil bevakar märkningen. Inga nya dekaler köps in så länge."),
    ),
    Spotted(
        key="panels",
        by="zainab",
        ago=104,
        at="9.55",
        title="Medborgarpaneler i EU: så lottas deltagarna",
        url="https://citizens.ec.europa.eu/",
        happens=(
            "Kommissionen lottar fram 150 personer från hela EU som under tre helger tar ställning till en fråga. En tredjedel är "
            "under 26 år. Den som lottas får resa, hotell och ersättning, så det är inte bara de vanliga som kommer."
        ),
        means=(
            "Till våra medborgardialoger kommer ungefär samma tjugo personer. Att lotta tio av dem vore billigt att prova i samtalet "
            "om det nya badhuset. Det kräver att vi ringer upp folk, inte att vi köper ett system."
        ),
        themes=("Värderingar", "Unga"),
        decided=Decided(Fate.archived, 63, "15.30", "Provas i badhusdialogen utan att nätverket behöver göra mer."),
    ),
    Spotted(
        key="nature",
        by="hanna",
        ago=96,
        at="14.15",
        title="Naturrestaurering: kommunens grönytor räknas",
        url="https://eur-lex.europa.eu/eli/reg/2024/1991/oj",
        happens=(
            "Naturrestaureringsförordningen säger att städernas grönytor och träd inte får minska, och att de sedan ska öka. Varje "
            "land ska lämna en plan för hur det ska gå till. Den svenska planen kommer på remiss."
        ),
        means=(
            "Vi har ingen siffra på hur mycket grönt vi har i tätorten. Bygger vi på ängen vid stationen måste det bli grönare någon "
            "annanstans. Översiktsplanen är rätt plats att säga var."
        ),
        themes=("Klimat",),
        decided=Decided(Fate.used, 60, "10.20", "Vi bevakar remissen om den nationella planen."),
    ),
    Spotted(
        key="care",
        by="sirkka",
        ago=85,
        at="11.40",
        title="Långvarig vård i EU: fler hemma, färre händer",
        happens=(
            "Alla EU-länder får fler äldre och färre som arbetar i omsorgen. Nederländska kommuner låter kvarteret sköta det enkla, "
            "som handling och promenader, så att personalen hinner med det som kräver utbildning."
        ),
        means=(
            "Vi behöver 60 nya medarbetare på fem år bara för att stå stilla. Om föreningslivet kan ta en del av det enkla behöver "
            "någon leda det. Är det ens vårt, eller är det Kultur och fritids?"
        ),
        themes=("Demografi",),
        decided=Decided(Fate.watched, 52, "9.20", "Sirkka och Zainab ser vad föreningarna redan gör."),
    ),
    Spotted(
        key="sewage",
        by="emil",
        ago=74,
        at="9.45",
        title="Nya avloppsdirektivet: mer rening och fler prover",
        url="https://eur-lex.europa.eu/eli/dir/2024/3019/oj",
        happens=(
            "Det nya avloppsdirektivet ställer högre krav på rening av kväve, fosfor och läkemedelsrester. Fler och mindre orter "
            "omfattas än förut, och proverna ska tas oftare. Läkemedels- och kosmetikaföretag ska betala en del av kostnaden."
        ),
        means=(
            "Reningsverket i Norrbyn berörs. Det måste upp i investeringsplanen, även om kraven kommer i steg. Tillskottsvattnet är "
            "vårt största problem redan i dag: när det regnar renar vi mest regn."
        ),
        themes=("Klimat",),
        decided=Decided(Fate.watched, 55, "13.10", "Tas upp i investeringsplanen. Vi följer hur de svenska reglerna skrivs."),
    ),
    Spotted(
        key="stores",
        by="pelle",
        ago=62,
        at="13.25",
        title="Beredskapslager: så gör finska kommuner",
        happens=(
            "Finska kommuner har avtal med lokala handlare som håller ett extra lager av mat, bränsle och blöjor. Lagret roterar med "
            "den vanliga försäljningen, så ingenting blir gammalt. EU:s beredskapsstrategi pekar på samma sätt att tänka."
        ),
        means=(
            "Billigare än ett eget lager, och handlarna i Norrbyn får en anledning att finnas kvar. Räddningstjänsten borde vara med, "
            "men de har ingen kontaktperson i nätverket."
        ),
        themes=("Beredskap", "Globalisering"),
        decided=Decided(Fate.watched, 33, "9.00", "Pelle talar med två handlare. Vi behöver få med Räddningstjänsten."),
    ),
    Spotted(
        key="cyber",
        by="olof",
        ago=49,
        at="8.55",
        title="NIS2: även små energibolag omfattas",
        url="https://eur-lex.europa.eu/eli/dir/2022/2555/oj",
        happens=(
            "NIS2-direktivet gäller många fler verksamheter än det förra. Energi, vatten och avfall räknas som viktiga eller "
            "väsentliga. Ledningen ska själv gå utbildning, och allvarliga händelser ska rapporteras inom ett dygn."
        ),
        means=(
            "Bolagets styrelse har inte hört talas om sitt eget ansvar. Tekniska är i samma läge med vattnet. Vi kan gå utbildningen "
            "tillsammans och dela på kostnaden."
        ),
        themes=("Teknik", "Beredskap"),
        decided=Decided(Fate.used, 30, "11.10", "Gemensam utbildning för Tekniska och bolagen är beställd."),
    ),
    Spotted(
        key="loans",
        by="tomas",
        ago=38,
        at="10.50",
        title="Billigare lån från EIB för att bygga hyresrätter",
        url="https://www.eib.org/en/",
        happens=(
            "Europeiska investeringsbanken vill låna ut mer till bostäder som vanligt folk har råd med. Lånen är långa och billiga, "
            "men projekten måste vara stora. I Tyskland går små bolag ihop för att komma över gränsen."
        ),
        means=(
            "Vår plan för kvarteret Tallen är för liten ensam. Tillsammans med bolagen i Vitsjö och Norrby kan den räcka. Jag förstår "
            "inte villkoren själv och behöver hjälp av ekonomi."
        ),
        themes=("Näringsliv",),
    ),
    Spotted(
        key="youth",
        by="zainab",
        ago=27,
        at="14.00",
        title="Ny EU-strategi för unga efter 2027",
        url="https://have-your-say.ec.europa.eu/initiatives/16252",
        happens=(
            "Kommissionen börjar arbeta med nästa ungdomsstrategi och vill höra hur unga får vara med och bestämma. Frågorna handlar "
            "om psykisk hälsa, bostad, första jobbet och tilliten till demokratin."
        ),
        means=(
            "Ungdomsrådet kan svara själva, med oss som stöd. Det är lättare att få dem att vilja om vi visar vad som hände med det "
            "förra svaret. Det kunde jag inte hitta."
        ),
        themes=("Unga", "Värderingar"),
    ),
    Spotted(
        key="pay",
        by="ingela",
        ago=20,
        at="15.20",
        title="Lönetransparens: platsannonsen ska säga lönen",
        url="https://eur-lex.europa.eu/eli/dir/2023/970/oj",
        happens=(
            "Lönetransparensdirektivet ger den som söker jobb rätt att få veta lön eller löneläge före intervjun. Anställda får fråga "
            "vad andra i likvärdigt arbete tjänar i snitt, och arbetsgivaren ska kunna förklara skillnader."
        ),
        means=(
            "HR har börjat, men bolagen har egna avtal och egna system. Chefer behöver kunna svara på en fråga som de hittills har "
            "kunnat låta bli att svara på. Bra ämne för chefsdagen."
        ),
        themes=("Värderingar",),
    ),
    Spotted(
        key="buildings",
        by="karin",
        ago=11,
        at="9.15",
        title="Byggnadsdirektivet: de sämsta husen först",
        url="https://eur-lex.europa.eu/eli/dir/2024/1275/oj",
        happens=(
            "Direktivet om byggnaders energiprestanda säger att de hus som drar mest ska renoveras först. Nya offentliga byggnader "
            "ska klara sig utan utsläpp på plats, och solceller ska byggas där det går."
        ),
        means=(
            "Granbo har 340 lägenheter från 1960-talet som hamnar i den sämsta gruppen. Renoverar vi stammarna ändå kan vi ta väggarna "
            "samtidigt. Hyresgästerna kommer att fråga vad det gör med hyran, och det måste vi veta först."
        ),
        themes=("Klimat",),
    ),
    Spotted(
        key="tampere",
        by="bengt",
        ago=6,
        at="16.10",
        title="Tammerfors sorterar sopor med kamera",
        happens=(
            "På anläggningen i Tammerfors läser kameror av påsarnas färg och sorterar dem efteråt. Hushållen har en tunna i stället "
            "för fyra. De tar emot studiebesök varannan torsdag och visar också vad som inte fungerade."
        ),
        means=(
            "Våra sopbilar kör tre vändor till samma hus. Innan vi köper nya bilar vill jag se det här på plats. Någon som vill följa "
            "med? Vi ryms fyra i bilen till båten."
        ),
        themes=("Klimat", "Teknik"),
    ),
    Spotted(
        key="cerv",
        by="pelle",
        ago=4,
        at="10.25",
        title="CERV: nya pengar till möten mellan vänorter",
        url="https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/programmes/cerv2027",
        happens=(
            "Programmet CERV ger en klumpsumma till vänortsmöten, beroende på hur många som kommer och från hur många länder. Minst "
            "50 deltagare ska vara med, och minst 25 av dem ska komma från utlandet."
        ),
        means=(
            "Vänortsföreningen fyller år nästa sommar och har ändå tänkt bjuda in. Med 25 gäster når vi gränsen. Ansökan är kort, men "
            "alla parter måste vara registrerade hos Kommissionen, och det tar några veckor."
        ),
        themes=("Globalisering", "Värderingar"),
    ),
)
