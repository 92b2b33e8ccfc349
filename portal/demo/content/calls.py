"""Calls: two that are open, one to come, one that closed a while ago."""

from datetime import time

from portal.demo.shapes import Offered
from portal.periods import Zone

ALL = (
    Offered(
        key="call for the young",
        by="pelle",
        ago=88,
        at="10.20",
        title="Programområde B: unga till arbete",
        programme="ESF+",
        url="https://www.esf.se/vara-fonder/",
        gives=(
            "Projekt som hjälper unga mellan 15 och 29 år närmare arbete eller studier. Kommuner, regioner och föreningar kan söka.\n\n"
            "Stödet betalas ut i efterhand. Medfinansieringen är 33 procent, och får vara arbetstid."
        ),
        opens=-90,
        closes=-46,
        hour=time(15),
        zone=Zone.stockholm,
    ),
    Offered(
        key="call for energy",
        by="olof",
        ago=24,
        at="14.05",
        title="Energirådgivning nära hushållen",
        title_en="Clean Energy Transition: one-stop shops for home renovation",
        programme="LIFE",
        url="https://cinea.ec.europa.eu/programmes/life_en",
        gives="Kommunala energi- och klimatrådgivare som går ihop över gränser. EU betalar upp till 95 procent av kostnaden.",
        opens=-30,
        closes=41,
        hour=time(17),
    ),
    Offered(
        key="call for twins",
        by="rut",
        ago=18,
        at="9.30",
        title="Vänortsmöten nästa år",
        title_en="Town twinning",
        programme="CERV",
        url="https://eacea.ec.europa.eu/grants/2021-2027/citizens-equality-rights-and-values-cerv_en",
        gives=(
            "Möten mellan människor från vänorter: minst 50 deltagare, varav 25 från andra länder. Stödet är ett fast belopp "
            "som beror på hur många som kommer.\n\nTre av våra vänorter har redan frågat om vi vill söka tillsammans."
        ),
        opens=-20,
        closes=19,
        hour=time(17),
    ),
    Offered(
        key="call for schools",
        by="maja",
        ago=14,
        at="15.40",
        title="Ackreditering för skolan",
        title_en="Erasmus accreditation in school education",
        programme="Erasmus+",
        url="https://www.uhr.se/internationella-mojligheter/",
        gives="Den som är ackrediterad får pengar till elevers och lärares utbyten varje år utan att söka på nytt.",
        opens=28,
        closes=96,
        hour=time(12),
    ),
)
