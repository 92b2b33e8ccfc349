"""The networks, their units and their people."""

from portal.demo.shapes import House, Player
from portal.networks.access import Role
from portal.networks.models import UnitKind

GRANKOPING = House(
    slug="grankoping",
    name="Nätverket för internationellt arbete",
    municipality="Granköpings kommun",
    founded=262,
    purpose=(
        "Kontaktpersoner från förvaltningar och bolag träffas fem gånger om året. Vi spanar efter det som kommer från EU och "
        "omvärlden, svarar på samråd som rör oss och hjälps åt att hitta pengar till det vi ändå behöver göra."
    ),
    contact=(
        "EU-samordnare Ingela Rask\nKommunledningskontoret, Stora torget 1, Granköping\nTelefon 070-174 06 10\n"
        "ingela.rask@grankoping.example"
    ),
    guests_comment=True,
    more_themes=("Beredskap",),
    units=(
        ("Bildning", UnitKind.department),
        ("Samhällsbyggnad", UnitKind.department),
        ("Tekniska", UnitKind.department),
        ("Vård och omsorg", UnitKind.department),
        ("Kultur och fritid", UnitKind.department),
        ("Näringsliv", UnitKind.department),
        ("Granbo AB", UnitKind.municipal_company),
        ("Vitsjö Energi AB", UnitKind.municipal_company),
        ("Granköpings vänortsförening", UnitKind.association),
        ("Vitsjö Bygg AB", UnitKind.business),
        ("Räddningstjänsten", UnitKind.department),
    ),
    players=(
        Player("ingela", "Ingela Rask", Role.coordinator, title="utvecklingsstrateg", email="ingela.rask@grankoping.example", seen=2),
        Player(
            "maja",
            "Maja Lindqvist",
            Role.contact,
            "Bildning",
            "utvecklingsledare",
            "maja.lindqvist@grankoping.example",
            joined=258,
            seen=11,
        ),
        Player("tomas", "Tomas Ekvall", Role.contact, "Granbo AB", "vd-assistent", "tomas.ekvall@granbo.example", joined=258, seen=9),
        Player("bengt", "Bengt Sjöholm", Role.head, "Tekniska", "teknisk chef", "bengt.sjoholm@grankoping.example", joined=257, seen=6),
        Player(
            "yvonne", "Yvonne Adell", Role.registrar, title="nämndsekreterare", email="yvonne.adell@grankoping.example", joined=257, seen=38
        ),
        Player(
            "sirkka",
            "Sirkka Laine",
            Role.contact,
            "Vård och omsorg",
            "verksamhetsutvecklare",
            "sirkka.laine@grankoping.example",
            joined=257,
            seen=3,
        ),
        Player(
            "pelle", "Pelle Öhrn", Role.contact, "Näringsliv", "näringslivsutvecklare", "pelle.ohrn@grankoping.example", joined=256, seen=5
        ),
        Player(
            "hanna",
            "Hanna Viklund",
            Role.contact,
            "Samhällsbyggnad",
            "översiktsplanerare",
            "hanna.viklund@grankoping.example",
            joined=256,
            seen=6,
        ),
        Player("emil", "Emil Norling", Role.contact, "Tekniska", "va-ingenjör", "emil.norling@grankoping.example", joined=256, seen=4),
        Player(
            "anders",
            "Anders Frid",
            Role.contact,
            "Kultur och fritid",
            "fritidschef",
            "anders.frid@grankoping.example",
            joined=255,
            left=121,
            seen=122,
        ),
        Player(
            "olof",
            "Olof Brännström",
            Role.contact,
            "Vitsjö Energi AB",
            "energirådgivare",
            "olof.brannstrom@vitsjoenergi.example",
            joined=254,
            seen=13,
        ),
        Player(
            "rut", "Rut Melin", Role.contact, "Granköpings vänortsförening", "ordförande", "rut.melin@vanort.example", joined=249, seen=16
        ),
        Player(
            "gunnel",
            "Gunnel Hedberg",
            Role.reader,
            title="ledamot i kommunstyrelsen",
            email="gunnel.hedberg@grankoping.example",
            joined=240,
            seen=24,
        ),
        Player(
            "henrik",
            "Henrik Mattsson",
            Role.admin,
            title="systemförvaltare",
            email="henrik.mattsson@grankoping.example",
            joined=240,
            seen=30,
        ),
        Player(
            "zainab",
            "Zainab Warsame",
            Role.contact,
            "Kultur och fritid",
            "kulturutvecklare",
            "zainab.warsame@grankoping.example",
            joined=119,
            seen=8,
        ),
        Player("said", "Said Karimi", Role.guest, "Vitsjö Bygg AB", "projektchef", "said.karimi@vitsjobygg.example", joined=66, seen=10),
        Player(
            "karin",
            "Karin Lövgren",
            Role.deputy,
            "Granbo AB",
            "hållbarhetssamordnare",
            "karin.lovgren@granbo.example",
            joined=22,
            stands_in_for=58,
            seen=4,
        ),
    ),
)

REGIONAL = House(
    slug="vitsjo",
    name="Regionalt EU-nätverk",
    municipality="Granköping, Vitsjö och Norrby",
    founded=246,
    purpose="Tre kommuner delar bevakning och svarar gemensamt när det är klokare än var för sig. Vi ses två gånger per termin.",
    contact="Kerstin Dahl, Vitsjö kommun\nkerstin.dahl@vitsjo.example",
    units=(
        ("Granköpings kommun", UnitKind.other),
        ("Vitsjö kommun", UnitKind.other),
        ("Norrby kommun", UnitKind.other),
    ),
    players=(
        Player("kerstin", "Kerstin Dahl", Role.coordinator, title="strateg i Vitsjö kommun", email="kerstin.dahl@vitsjo.example", seen=4),
        Player(
            "regional ingela", "Ingela Rask", Role.contact, "Granköpings kommun", "utvecklingsstrateg", joined=244, seen=9, same="ingela"
        ),
        Player("regional maja", "Maja Lindqvist", Role.deputy, "Granköpings kommun", "skolfrågor", joined=243, seen=40, same="maja"),
    ),
)

HOUSES = (GRANKOPING, REGIONAL)
