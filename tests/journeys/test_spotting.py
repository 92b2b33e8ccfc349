"""Scenario 4: a finding in two minutes."""

import re

from playwright.async_api import expect

from tests.journeys.deeds import NETWORK, fill_finding, share_finding
from tests.journeys.house import House
from tests.journeys.visitor import Visit, Visitor
from tests.postgres import Server

SAVED = re.compile(r"^Sparat \d\d\.\d\d$")


async def test_two_clicks_and_five_fields_make_a_finding_that_the_others_see(visit: Visit) -> None:
    maja, ingela = await visit("Maja Lindqvist", on_the_way_to="/"), await visit("Ingela Rask")
    await ingela.open(f"{NETWORK}/findings")
    await maja.page.get_by_role("link", name="Ny spaning").first.click()
    fields = maja.page.locator("main form[data-autosave]").locator("input:not([type=hidden]):not([type=checkbox]), textarea, fieldset")
    await expect(fields).to_have_count(5)
    await fill_finding(maja.page, "Elbussar i glesbygd", link="https://example.eu/elbussar")
    await maja.page.get_by_role("button", name="Publicera").click()

    await expect(maja.page.get_by_role("heading", name="Elbussar i glesbygd", level=1)).to_be_visible()
    await expect(maja.page.get_by_text("Spaningen är publicerad. Tack!")).to_be_visible()
    await expect(maja.page.get_by_role("link", name="example.eu")).to_have_attribute("href", "https://example.eu/elbussar")
    row = ingela.page.get_by_role("listitem").filter(has_text="Elbussar i glesbygd")
    await expect(row).to_contain_text("Maja Lindqvist · Bildning")
    await expect(row).to_contain_text("Teknik")
    await expect(row).to_contain_text("Att bedöma")


async def test_a_link_that_somebody_has_shared_already_is_named_while_one_writes(visit: Visit) -> None:
    tomas, maja = await visit("Tomas Ekvall"), await visit("Maja Lindqvist")
    await share_finding(tomas, "Korttidsuthyrning får ett register", link="https://www.example.eu/register?utm_source=brev")
    await maja.open(f"{NETWORK}/findings/new")
    await maja.page.get_by_label("Rubrik").fill("Samma sak med andra ord")
    await maja.page.get_by_label("Länk till källan").fill("https://example.eu/register/")
    await maja.page.keyboard.press("Tab")
    warning = maja.page.get_by_role("status").filter(has_text="Länken finns redan i en tidigare spaning:")
    await expect(warning.get_by_role("link", name="Korttidsuthyrning får ett register")).to_be_visible()
    await expect(warning).to_contain_text("Tomas Ekvall")
    await maja.page.get_by_label("Länk till källan").fill("https://example.eu/annat")
    await maja.page.keyboard.press("Tab")
    await expect(warning).to_have_count(0)
    await expect(maja.page.get_by_text(SAVED)).to_be_visible()
    await _discard(maja)


async def test_what_is_begun_survives_a_closed_tab(visit: Visit) -> None:
    pelle = await visit("Pelle Öhrn")
    await _begin(pelle, "Påbörjad på bussen")
    await pelle.page.close()
    await pelle.new_window()
    await pelle.open(f"{NETWORK}/findings/new")
    await expect(pelle.page.get_by_text("Här är det du började skriva.")).to_be_visible()
    await expect(pelle.page.get_by_label("Rubrik")).to_have_value("Påbörjad på bussen")
    await expect(pelle.page.get_by_label("Vad händer?")).to_have_value("Kommissionen föreslår nya regler.")
    await expect(pelle.page.get_by_label("Teknik")).to_be_checked()
    await _discard(pelle)


async def test_what_is_written_survives_a_sign_in_that_ends_in_the_middle(visit: Visit, server: Server, house: House) -> None:
    hanna = await visit("Hanna Viklund")
    await _begin(hanna, "Skriven över lunchen")
    await _end_all_devices(server, house, "Hanna Viklund")
    hanna.expects_status(401)
    await hanna.page.get_by_label("Vad betyder det för oss?").fill("Det sista skrev jag efter lunchen.")
    await expect(hanna.page.get_by_text("Inte sparat. Texten finns kvar här på sidan.")).to_be_visible()

    await hanna.page.get_by_role("button", name="Publicera").click()
    await expect(hanna.page.get_by_text("Det du skrev finns kvar.")).to_be_visible()
    await hanna.page.get_by_role("link", name="Logga in").click()
    await hanna.page.get_by_role("button", name="Hanna Viklund").click()
    await expect(hanna.page.get_by_role("heading", name="Din text finns kvar")).to_be_visible()
    await expect(hanna.page.get_by_text("Det sista skrev jag efter lunchen.")).to_be_visible()
    await hanna.page.get_by_role("button", name="Skicka nu").click()
    await expect(hanna.page.get_by_role("heading", name="Skriven över lunchen", level=1)).to_be_visible()
    await expect(hanna.page.get_by_text("Det sista skrev jag efter lunchen.")).to_be_visible()


async def test_a_comment_survives_a_sign_in_that_ends_in_the_middle(visit: Visit, server: Server, house: House) -> None:
    sirkka = await visit("Sirkka Laine")
    path = await share_finding(sirkka, "Vårdpersonal över gränsen")
    await sirkka.page.get_by_label("Skriv en kommentar").fill("Detta skrev jag färdigt")
    await _end_all_devices(server, house, "Sirkka Laine")
    sirkka.expects_status(401)
    await sirkka.page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(sirkka.page.get_by_text("Det du skrev finns kvar.")).to_be_visible()
    await sirkka.page.get_by_role("link", name="Logga in").click()
    await sirkka.page.get_by_role("button", name="Sirkka Laine").click()
    await sirkka.page.get_by_role("button", name="Skicka nu").click()
    await expect(sirkka.page.locator("article.comment").filter(has_text="Detta skrev jag färdigt")).to_have_count(1)
    assert sirkka.page.url.removeprefix(sirkka.address).startswith(path)


async def _begin(visitor: Visitor, title: str) -> None:
    await visitor.open(f"{NETWORK}/findings/new")
    await fill_finding(visitor.page, title)
    await expect(visitor.page.get_by_text(SAVED)).to_be_visible()


async def _discard(visitor: Visitor) -> None:
    await visitor.page.goto(f"{visitor.address}{NETWORK}/findings/new")
    await visitor.page.get_by_role("button", name="Släng utkastet").click()
    await expect(visitor.page.get_by_role("button", name="Släng utkastet")).to_have_count(0)


async def _end_all_devices(server: Server, house: House, name: str) -> None:
    ending = f"UPDATE signed_in SET ended_at = now() WHERE person_id = (SELECT id FROM person WHERE name = '{name}')"
    await server.aexecute(ending, database="journeys")
