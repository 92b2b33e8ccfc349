"""Scenario 2: one press summons everybody, and somebody answers from her mail without signing in."""

import asyncio
import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP

import httpx
from playwright.async_api import expect

from portal import clock
from portal.mail import KeptMail, kept
from tests.journeys.deeds import NETWORK, SOON, is_live
from tests.journeys.examining import examine, prepare
from tests.journeys.house import House
from tests.journeys.visitor import Visit, Visitor

TITLE = "Träff om vägarna till Bryssel"
OPEN = "Höra med grannkommunen om LIFE och tillskottsvattnet"  # since the latest meeting
MAJA = "maja.lindqvist@grankoping.example"


async def test_a_summons_brings_answers_back_to_the_page_that_it_was_sent_from(visit: Visit, house: House) -> None:
    ingela = await visit("Ingela Rask")
    await plan(ingela)
    first = ingela.page.locator("ol.agenda > li").first
    await expect(first).to_contain_text("Föregående träff")
    await expect(first).to_contain_text(re.compile(f"Öppna åtgärdspunkter.*{OPEN}"))
    await ingela.page.get_by_text("Lägg till punkt").click()
    for item in ("Utlysningar i vår", "Svar till kommissionen", "Övrigt"):
        await ingela.page.get_by_label("Punkt", exact=True).fill(item)
        await ingela.page.get_by_role("button", name="Lägg till").click()
        await expect(ingela.page.locator("ol.agenda")).to_contain_text(item)
    await ingela.page.get_by_role("button", name="Skicka kallelse").click()
    said = await ingela.page.get_by_text("Kallelsen är på väg till").inner_text()
    letters = await arrived(house, number=int(re.findall(r"\d+", said)[0]))
    assert len({each.to for each in letters}) == len(letters)
    (hers,) = [each for each in letters if each.to == MAJA]
    assert re.search(r"1\. .*Föregående träff\n2\. .*Utlysningar i vår\n3\. Svar till kommissionen\n4\. Övrigt", hers.text)
    assert calendars(house, hers) == ["text/calendar", "application/ics"]

    for letter in letters:
        (file,) = [each for each in letter.links if each.endswith(".ics")]
        found = httpx.get(file)
        assert (found.status_code, TITLE in found.text.replace("\r\n ", "")) == (200, True)
        assert {each.rpartition("=")[2] for each in letter.links if "?answer=" in each} == {"yes", "maybe", "no"}

    await is_live(ingela.page)
    tally = ingela.page.locator("#tally")
    await expect(tally).to_contain_text("0 kan inte")
    (link,) = [each for each in hers.links if each.endswith("?answer=no")]
    for _filter in range(3):
        assert httpx.get(link).status_code == 200
    stranger = await visit()
    await prepare(stranger)
    problems = await examine(stranger, link.removeprefix(stranger.address))
    assert {where: found for where, found in problems.items() if found} == {}
    await stranger.context.clear_cookies()
    await stranger.page.goto(link)
    await expect(stranger.page.get_by_role("heading", name="Svara: Kan inte?")).to_be_visible()
    offer = stranger.page.get_by_role("link", name="Utse ersättare")
    await expect(offer).to_be_visible()
    await ingela.page.reload()
    await is_live(ingela.page)
    await expect(tally).to_contain_text("0 kan inte")
    await stranger.page.get_by_role("button", name="Kan inte").click()
    await expect(stranger.page.get_by_role("heading", name="Du har svarat: Kan inte.")).to_be_visible()
    await expect(tally).to_contain_text("1 kan inte", timeout=SOON)
    await offer.click()
    await expect(stranger.page.get_by_text("Logga in, så kommer du till sidan som du ville till.")).to_be_visible()

    await ingela.page.get_by_role("link", name="Se utskicken").click()
    await expect(ingela.page.get_by_role("listitem").filter(has_text=TITLE)).to_contain_text(f"{len(letters)} av {len(letters)} skickade")


async def plan(visitor: Visitor) -> None:
    await visitor.open(f"{NETWORK}/meetings/new")
    await visitor.page.get_by_label("Rubrik").fill(TITLE)
    await visitor.page.get_by_label("Dag", exact=True).fill((clock.today() + timedelta(days=40)).isoformat())
    await visitor.page.get_by_label("Plats").fill("Tranan")
    await visitor.page.get_by_role("button", name="Planera träffen").click()
    await expect(visitor.page.get_by_role("heading", name=TITLE, level=1)).to_be_visible()


async def arrived(house: House, *, number: int) -> list[KeptMail]:
    """The letters about the meeting, when all are there."""
    async with asyncio.timeout(30):
        while True:
            found = [each for each in await asyncio.to_thread(kept, house.data / "mail") if TITLE in each.subject]
            if len(found) == number:
                return found
            await asyncio.sleep(0.1)


def calendars(house: House, letter: KeptMail) -> list[str]:
    """The parts of the letter that are for calendars."""
    for file in (house.data / "mail").glob("*.eml"):
        made = message_from_bytes(file.read_bytes(), policy=SMTP)
        if made["To"] == letter.to and TITLE in str(made["Subject"]):
            return [each.get_content_type() for each in made.walk() if "cal" in each.get_content_type() or "ics" in each.get_content_type()]
    return []
