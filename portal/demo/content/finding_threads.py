"""Threads about findings of the last year."""

from portal.demo.shapes import Say, Talk

FINDINGS = (
    Talk(
        "erasmus",
        (
            Say(
                "anders", 223, "8.45", "Kan kulturskolan vara med i samma ackreditering, eller är det bara gymnasiet?", name="music school"
            ),
            Say(
                "maja",
                223,
                "9.10",
                "Bara skolor, tyvärr. Men det finns en egen del för ungdomsutbyten. Jag visar dig i morgon.",
                to="music school",
            ),
        ),
    ),
    Talk(
        "passport",
        (
            Say("olof", 210, "10.12", "Gäller det laddstolpar också? Vi ska köpa tjugo nya."),
            Say(
                "said",
                63,
                "13.40",
                "För oss som köper stål och fönster är passet bra: i dag får jag ringa tre leverantörer för att få veta vad som är i. Men "
                "den minsta snickaren hinner aldrig fylla i något sådant.",
                name="carpenter",
            ),
            Say(
                "pelle",
                63,
                "14.05",
                "Precis därför tror jag på en gemensam frukost. Kommer du och berättar?",
                to="carpenter",
            ),
            Say("said", 62, "7.48", "Om det finns frallor kommer jag.", to="carpenter"),
            Say(
                "pelle",
                9,
                "11.30",
                "Frukosten blir av. Elva företag har anmält sig, två av dem för första gången till något som har EU i rubriken.",
            ),
        ),
    ),
    Talk(
        "twins",
        (
            Say(
                "emil",
                202,
                "9.30",
                "Vi har redan höjddata och ledningskarta. Det som fattas är någon som kan få dem att prata med varandra.",
            ),
            Say("bengt", 201, "16.15", "Och ett avtal om vem som betalar år två. Det är där sådant här brukar dö."),
        ),
    ),
    Talk(
        "language",
        (
            Say(
                "maja",
                195,
                "10.02",
                "Lärarna i sfi skulle gärna vara med. De ser samma elever på kvällen som ni har på dagen.",
                name="school",
            ),
            Say("sirkka", 195, "10.40", "Så bra! Då kan mentorn och läraren använda samma ordlista.", to="school"),
            Say("sirkka", 96, "13.15", "Läget efter ett halvår: alla fyra med mentor är kvar. Av de elva utan mentor har tre slutat."),
        ),
    ),
    Talk(
        "budget",
        (
            Say("pelle", 162, "13.20", "Fjorton program blir ett. Blir det enklare för oss, eller bara för Kommissionen?"),
            Say("maja", 161, "9.05", "Erasmus+ är kvar för sig självt, om jag förstår rätt. Skönt för skolan."),
            Say(
                "ingela",
                161,
                "9.45",
                "Det stämmer. Erasmus+ och forskningen ligger utanför. Regionalfonden och socialfonden går in i den nya.",
            ),
        ),
    ),
    Talk(
        "ai",
        (
            Say(
                "sirkka",
                141,
                "13.10",
                "Samma här. I hemtjänsten föreslår planeringssystemet vem som ska till vem. Är det AI eller bara ett schema?",
                name="schedule",
            ),
            Say("maja", 141, "13.32", "Bra fråga. Vet leverantören?", to="schedule"),
            Say("sirkka", 140, "8.20", "Leverantören sa ”både och”. Sedan bytte de ämne.", to="schedule"),
            Say(
                "emil",
                140,
                "9.15",
                "Vi har en pump som lär sig när det ska regna. Den avgör inte någons framtid, men den vet mer än jag.",
            ),
            Say(
                "anders",
                139,
                "11.05",
                "Badhuset fick ett erbjudande om kameror som ser om någon är på väg att drunkna. Det måste vara högrisk?",
                name="pool",
            ),
            Say(
                "ingela",
                139,
                "11.30",
                "Troligen inte, men kameror på badande är en fråga för dataskyddsombudet *innan* någon köper något.",
                to="pool",
            ),
            Say("anders", 139, "11.34", "Uppfattat. Badvakterna får behålla jobbet.", to="pool"),
            Say(
                "tomas",
                138,
                "14.50",
                "Hos oss sorterar ett program felanmälningar. Det började med att läsa ordet ”vatten” som bråttom. Sedan dess är allt bråttom.",
            ),
            Say(
                "hanna",
                137,
                "9.00",
                "> Första steget är en lista, och den kan vi göra utan jurister.\n\nHåller med. Tre kolumner räcker: vad heter det, vad gör det, "
                "och vem blir ledsen om det gör fel.",
                name="columns",
            ),
            Say("maja", 137, "9.20", "Den tredje kolumnen tar jag rakt av.", to="columns"),
            Say("sirkka", 92, "15.40", "Vår lista är klar: nitton verktyg. Jag trodde att det skulle bli fyra."),
            Say("maja", 91, "8.15", "Bildning är på trettioett, och då har två skolor inte svarat."),
            Say(
                "zainab",
                8,
                "10.30",
                "Biblioteket fick frågan av en åttondeklassare: ”Får man be datorn läsa boken åt en?” Jag skickade henne till hyllan, men "
                "frågan är god.",
            ),
            Say(
                "emil",
                4,
                "13.02",
                "Nu finns det en gratis utbildning på två timmar, från Digg. Jag gick den på tåget och förstod det mesta.",
                name="training",
            ),
            Say("zainab", 3, "8.05", "Tack! Den går vi hela biblioteket på måndag, med fika.", to="training"),
        ),
    ),
    Talk(
        "train",
        (
            Say(
                "maja",
                133,
                "16.40",
                "Jag älskar det här. Men två dygn till utan vikarie är ingen liten sak för en rektor.",
                name="substitute",
            ),
            Say(
                "rut",
                132,
                "9.30",
                "Föreningen kan betala den ena läraren. Vi har sparat till en buss som ingen längre vill åka.",
                to="substitute",
            ),
            Say("pelle", 132, "10.15", "31 timmar? Jag flög dit på tre."),
            Say("rut", 132, "10.31", "Och vad såg du på vägen?"),
            Say(
                "bengt",
                131,
                "12.10",
                "Nu börjar vi prata om flygplatsen igen, och den frågan är större än en skolresa. På kommunens egen parkering …",
            ),
            Say(
                "ingela",
                131,
                "13.00",
                "Det blev ett ja: Bildning provar tåg på nästa resa. Jag **låser tråden** här, så att diskussionen om flyg får en egen plats. "
                "Skriv en ny spaning om den som vill.",
            ),
        ),
        locked=(131, "13.02"),
    ),
)
